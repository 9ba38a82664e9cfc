//! Least privilege, hygiene and promises: one file and one page for each check. Knows no provider.

mod context;
pub mod hygiene;
pub mod identity;
pub mod network;
pub mod promise;
pub mod trust;

pub use context::{Check, Checked, Context, Selection, run};

use diagnostics::Code;

/// Every check, in order of name.
pub static ALL: &[&Check] = &[];

/// Every code of this crate.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    ALL.iter().map(|check| check.code)
}
