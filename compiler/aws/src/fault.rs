//! Codes of names, documents and stacks.

use diagnostics::{Code, Severity};

/// Codes of this crate apart from those of networks and stores.
pub(crate) static CODES: &[&Code] = &[&CIRCULAR_STACKS];

/// Stacks that need each other.
pub(crate) static CIRCULAR_STACKS: Code = Code {
    name: "circular-stacks",
    severity: Severity::Error,
    summary: "two stacks each need the other to be applied first",
    docs: include_str!("pages/circular_stacks.md"),
};
