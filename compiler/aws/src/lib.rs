//! Every decision that the provider needs: documents packed under quotas, groups, routes, templates.
//!
//! `aws` chooses, `targets` print. A decision that the provider could refuse (a name, a charset) is refused here.

mod context;
pub mod deployment;
mod device;
mod document;
mod fault;
mod grant;
mod identity;
mod lower;
mod name;
mod network;
mod quota;
mod stack;
mod store;

pub use lower::lower;

use diagnostics::Code;

/// Every code of this crate, in order of the files that raise them.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    [fault::CODES, network::CODES, store::CODES].into_iter().flatten().copied()
}
