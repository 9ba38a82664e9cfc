//! Codes of the targets.

use diagnostics::{Code, Severity};

/// Every code of this crate.
pub static CODES: &[&Code] = &[
    &NEEDS_IDENTIFIER,
    &UNKNOWN_TARGET,
    &crate::device_bundles::UNQUOTABLE_TEXT,
    &crate::terraform::fault::UNESCAPABLE_TEXT,
    &crate::terraform::fault::UNSUPPORTED_BY_TARGET,
];

/// A value that the provider assigns, in a file that cannot refer to it.
pub(crate) static NEEDS_IDENTIFIER: Code = Code {
    name: "needs-identifier",
    severity: Severity::Error,
    summary: "a file needs a value that the provider assigns, and the project does not know it",
    docs: include_str!("pages/needs_identifier.md"),
};

/// No target has this name.
pub(crate) static UNKNOWN_TARGET: Code = Code {
    name: "unknown-target",
    severity: Severity::Error,
    summary: "there is no such target",
    docs: include_str!("pages/unknown_target.md"),
};
