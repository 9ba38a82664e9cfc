//! Roles, federations, and the policies of resources.

use diagnostics::Report;

use crate::context::Context;
use crate::deployment::Request;
use crate::deployment::identity::Identity;
use crate::deployment::store::Store;

/// The identity layer, and what only the owners of existing things can write.
pub(crate) fn lower(_cx: &Context<'_>, _stores: &[Store], _report: &mut Report) -> (Identity, Vec<Request>) {
    (Identity::default(), Vec::new())
}
