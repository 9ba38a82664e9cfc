//! The faults that the graph finds: what a spec says and no layer could enforce exactly.

use diagnostics::{Code, Severity};

/// Every code of this crate.
pub static CODES: &[&Code] = &[
    &ACROSS_ACCOUNTS,
    &EMPTY_ATTRIBUTE,
    &MISSING_EXTERNAL_ID,
    &NO_IDENTITY,
    &NO_PATH,
    &NO_PLACE,
    &NO_COMMON_PORT,
    &MISSING_SOURCE,
    &MISSING_STEWARD,
    &FEDERATION_WITHOUT_SUBJECT,
    &MISSING_TRUST,
    &NOT_LOWERED,
    &SAME_ADDRESS,
    &UNKNOWN_ATTRIBUTE,
    &UNENFORCEABLE_ADDRESS,
    &UNENFORCEABLE_CONDITION,
    &UNKNOWN_OPERATOR,
    &VOID_NARROWING,
    &VOID_SAME,
];

/// See its page.
pub(crate) static SAME_ADDRESS: Code = Code {
    name: "same-address",
    severity: Severity::Error,
    summary: "two things have one name in the cloud",
    docs: include_str!("same_address.md"),
};

/// See its page.
pub(crate) static UNKNOWN_OPERATOR: Code = Code {
    name: "unknown-operator",
    severity: Severity::Error,
    summary: "a kind's condition cannot be stated exactly",
    docs: include_str!("unknown_operator.md"),
};

/// See its page.
pub(crate) static UNENFORCEABLE_CONDITION: Code = Code {
    name: "unenforceable-condition",
    severity: Severity::Error,
    summary: "a condition that no layer can enforce for this subject",
    docs: include_str!("unenforceable_condition.md"),
};

/// See its page.
pub(crate) static UNENFORCEABLE_ADDRESS: Code = Code {
    name: "unenforceable-address",
    severity: Severity::Error,
    summary: "an address that no layer decides by",
    docs: include_str!("unenforceable_address.md"),
};

/// See its page.
pub(crate) static NOT_LOWERED: Code = Code {
    name: "not-emitted-yet",
    severity: Severity::Error,
    summary: "a trust of a sort that is not emitted yet",
    docs: include_str!("not_emitted_yet.md"),
};

/// See its page.
pub(crate) static MISSING_TRUST: Code = Code {
    name: "missing-trust",
    severity: Severity::Error,
    summary: "a declaration needs a trust that nobody gives",
    docs: include_str!("missing_trust.md"),
};

/// See its page.
pub(crate) static MISSING_STEWARD: Code = Code {
    name: "missing-steward",
    severity: Severity::Error,
    summary: "a key in an account without a steward",
    docs: include_str!("missing_steward.md"),
};

/// See its page.
pub(crate) static NO_IDENTITY: Code = Code {
    name: "missing-identity",
    severity: Severity::Error,
    summary: "a subject that no service of the provider could know",
    docs: include_str!("missing_identity.md"),
};

/// See its page.
pub(crate) static NO_PLACE: Code = Code {
    name: "missing-place",
    severity: Severity::Error,
    summary: "an end of a connection that is nowhere",
    docs: include_str!("missing_place.md"),
};

/// See its page.
pub(crate) static NO_PATH: Code = Code {
    name: "missing-path",
    severity: Severity::Error,
    summary: "no path between the ends of a trust",
    docs: include_str!("missing_path.md"),
};

/// See its page.
pub(crate) static NO_COMMON_PORT: Code = Code {
    name: "missing-port",
    severity: Severity::Error,
    summary: "a device speaks none of the ports of a service",
    docs: include_str!("missing_port.md"),
};

/// See its page.
pub(crate) static MISSING_SOURCE: Code = Code {
    name: "missing-source",
    severity: Severity::Error,
    summary: "people reach a listener from nowhere said",
    docs: include_str!("missing_source.md"),
};

/// See its page.
pub(crate) static VOID_SAME: Code = Code {
    name: "void-same",
    severity: Severity::Error,
    summary: "a `same` that compares nothing",
    docs: include_str!("void_same.md"),
};

/// See its page.
pub(crate) static EMPTY_ATTRIBUTE: Code = Code {
    name: "empty-attribute",
    severity: Severity::Error,
    summary: "rows without the attribute that `same` compares",
    docs: include_str!("empty_attribute.md"),
};

/// See its page.
pub(crate) static UNKNOWN_ATTRIBUTE: Code = Code {
    name: "undeclared-attribute",
    severity: Severity::Error,
    summary: "an attribute that one side does not have",
    docs: include_str!("undeclared_attribute.md"),
};

/// See its page.
pub(crate) static VOID_NARROWING: Code = Code {
    name: "void-narrowing",
    severity: Severity::Error,
    summary: "a narrowing of what has no parts",
    docs: include_str!("void_narrowing.md"),
};

/// See its page.
pub(crate) static FEDERATION_WITHOUT_SUBJECT: Code = Code {
    name: "missing-subject",
    severity: Severity::Error,
    summary: "an identity provider says no more than that it is somebody",
    docs: include_str!("missing_subject.md"),
};

/// See its page.
pub(crate) static MISSING_EXTERNAL_ID: Code = Code {
    name: "missing-external-id",
    severity: Severity::Error,
    summary: "an external may act here without an external id",
    docs: include_str!("missing_external_id.md"),
};

/// See its page.
pub(crate) static ACROSS_ACCOUNTS: Code = Code {
    name: "across-accounts",
    severity: Severity::Error,
    summary: "a device or rule reaches a topic of another account",
    docs: include_str!("across_accounts.md"),
};
