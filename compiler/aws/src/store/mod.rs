//! Stores: what a kind's means create.

use diagnostics::{Code, Report};

use crate::context::Context;
use crate::deployment::store::Store;

/// Codes of stores.
pub(crate) static CODES: &[&Code] = &[];

/// Stores, sorted by account and declared name.
pub(crate) fn lower(_cx: &Context<'_>, _report: &mut Report) -> Vec<Store> {
    Vec::new()
}
