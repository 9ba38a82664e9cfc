//! The faults that the graph finds: what a spec says and no layer could enforce exactly.

use diagnostics::{Code, Severity};

/// Every code of this crate.
pub static CODES: &[&Code] = &[
    &ACROSS_ACCOUNTS,
    &ACROSS_REGIONS,
    &SHARED_CLIENT_ID,
    &NO_IDENTITY,
    &NO_PATH,
    &NO_PLACE,
    &NO_COMMON_PORT,
    &FEDERATION_WITHOUT_SUBJECT,
    &MISSING_CELL,
    &MISSING_TRUST,
    &NOT_LOWERED,
    &SAME_ADDRESS,
    &SAME_IDENTITY,
    &UNKNOWN_CLAIM,
    &UNENFORCEABLE_ADDRESS,
    &UNENFORCEABLE_CONDITION,
    &UNKNOWN_OPERATOR,
    &VOID_SAME,
    &VOID_SELF,
];

/// See its page.
pub(crate) static SAME_ADDRESS: Code = Code {
    name: "same-address",
    severity: Severity::Error,
    summary: "two things have one name in the cloud",
    docs: include_str!("same_address.md"),
};

/// See its page.
pub(crate) static SAME_IDENTITY: Code = Code {
    name: "same-identity",
    severity: Severity::Error,
    summary: "two subjects are one to the provider",
    docs: include_str!("same_identity.md"),
};

/// See its page.
pub(crate) static UNKNOWN_CLAIM: Code = Code {
    name: "unknown-claim",
    severity: Severity::Error,
    summary: "a claim that the provider's token service does not compare",
    docs: include_str!("unknown_claim.md"),
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
pub(crate) static MISSING_CELL: Code = Code {
    name: "missing-cell",
    severity: Severity::Error,
    summary: "an account does not say the cell of a service that is reached through one",
    docs: include_str!("missing_cell.md"),
};

/// See its page.
pub(crate) static NO_COMMON_PORT: Code = Code {
    name: "missing-port",
    severity: Severity::Error,
    summary: "a device speaks none of the ports of a service",
    docs: include_str!("missing_port.md"),
};

/// See its page.
pub(crate) static VOID_SAME: Code = Code {
    name: "void-same",
    severity: Severity::Error,
    summary: "a `same` that compares nothing",
    docs: include_str!("void_same.md"),
};

/// See its page.
pub(crate) static VOID_SELF: Code = Code {
    name: "void-self",
    severity: Severity::Note,
    summary: "a trust to connect that joins each device with itself only",
    docs: include_str!("void_self.md"),
};

/// See its page.
pub(crate) static FEDERATION_WITHOUT_SUBJECT: Code = Code {
    name: "missing-subject",
    severity: Severity::Error,
    summary: "an identity provider says no more than that it is somebody",
    docs: include_str!("missing_subject.md"),
};

/// See its page.
pub(crate) static ACROSS_REGIONS: Code = Code {
    name: "across-regions",
    severity: Severity::Error,
    summary: "a store is encrypted under a key of another region",
    docs: include_str!("across_regions.md"),
};

pub(crate) static SHARED_CLIENT_ID: Code = Code {
    name: "shared-client-id",
    severity: Severity::Error,
    summary: "two that could connect to the broker under one name",
    docs: include_str!("shared_client_id.md"),
};

/// See its page.
pub(crate) static ACROSS_ACCOUNTS: Code = Code {
    name: "across-accounts",
    severity: Severity::Error,
    summary: "somebody of another account reaches what answers its own account only",
    docs: include_str!("across_accounts.md"),
};
