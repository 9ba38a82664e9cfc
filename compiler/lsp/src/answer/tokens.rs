//! Semantic tokens.

/// The types of tokens, in the order of their numbers.
pub const TYPES: &[&str] = &[
    "keyword",
    "type",
    "property",
    "variable",
    "class",
    "namespace",
    "function",
    "string",
    "number",
    "operator",
    "comment",
    "parameter",
    "enumMember",
];
/// The modifiers, in the order of their bits.
pub const MODIFIERS: &[&str] = &["declaration", "defaultLibrary"];
