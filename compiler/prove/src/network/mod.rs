//! The network layer: groups, ACLs, routes, endpoints, host firewalls.

use checks::Checked;
use read::facts::Facts;

use crate::verified::Statement;
use crate::witness::Refusal;

/// Proves the network layer of one target.
pub(crate) fn prove(_checked: &Checked<'_>, _facts: &Facts, _statement: &mut Statement) -> Vec<Refusal> {
    Vec::new()
}
