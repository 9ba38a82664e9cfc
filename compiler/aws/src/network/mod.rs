//! Networks: subnets, routes, ACLs, groups, endpoints.

use diagnostics::{Code, Report};

use crate::context::Context;
use crate::deployment::network::Network;

/// Codes of the network layer.
pub(crate) static CODES: &[&Code] = &[];

/// Networks, sorted by account and name.
pub(crate) fn lower(_cx: &Context<'_>, _report: &mut Report) -> Vec<Network> {
    Vec::new()
}
