//! Every decision that the provider needs: documents packed under quotas, groups, routes, templates.
//!
//! `aws` chooses, `targets` print. A decision that the provider could refuse (a name, a charset) is refused here.

mod addresses;
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
mod tag;

pub use lower::lower;

use diagnostics::Code;

/// How many codes there are.
const CODES_LEN: usize = fault::CODES.len() + network::CODES.len() + store::CODES.len();

/// Every code of this crate.
pub static CODES: &[&Code] = &joined();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: an index out of range fails the build"
)]
const fn joined() -> [&'static Code; CODES_LEN] {
    let mut codes = [&diagnostics::COMPILER_BUG; CODES_LEN];
    let parts = [fault::CODES, network::CODES, store::CODES];
    let (mut part, mut to) = (0, 0);
    while part < parts.len() {
        let mut from = 0;
        while from < parts[part].len() {
            codes[to] = parts[part][from];
            from += 1;
            to += 1;
        }
        part += 1;
    }
    codes
}
