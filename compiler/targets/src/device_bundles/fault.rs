//! Codes of this target.

use diagnostics::{Code, Severity};

/// A text that no file takes as it stands.
pub(crate) static UNQUOTABLE_TEXT: Code = Code {
    name: "unquotable-text",
    severity: Severity::Error,
    summary: "a text that a file of a device bundle cannot hold as it stands",
    docs: include_str!("unquotable_text.md"),
};
