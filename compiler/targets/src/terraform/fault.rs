//! Codes of this target.

use diagnostics::{Code, Severity};

/// A text that cannot be escaped.
pub(crate) static UNESCAPABLE_TEXT: Code = Code {
    name: "unescapable-text",
    severity: Severity::Error,
    summary: "a text that no template of Terraform says exactly",
    docs: include_str!("unescapable_text.md"),
};

/// Something that Terraform cannot say.
pub(crate) static UNSUPPORTED_BY_TARGET: Code = Code {
    name: "unsupported-by-target",
    severity: Severity::Error,
    summary: "a target cannot express something that the spec asks for",
    docs: include_str!("unsupported_by_target.md"),
};
