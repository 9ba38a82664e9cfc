//! Codes of stores.

use diagnostics::{Code, Severity};

/// Codes of stores.
pub(crate) static CODES: &[&Code] = &[
    &AMBIGUOUS_FORWARD,
    &MEMBER_MEANS,
    &MISSING_CERTIFICATE,
    &MISSING_SEGMENT,
    &SINGLE_ZONE,
    &UNADMINISTERED_KEY,
    &UNEVEN_DURATION,
    &UNFINDABLE_REFERENCE,
    &UNSAID_PROPERTY,
    &UNSUPPORTED_LISTENER,
    &UNSUPPORTED_LOGIN,
];

/// A balancer with nothing, or with several things, behind it.
pub(super) static AMBIGUOUS_FORWARD: Code = Code {
    name: "ambiguous-forward",
    severity: Severity::Error,
    summary: "a balancer does not have exactly one listener behind it",
    docs: include_str!("pages/ambiguous_forward.md"),
};

/// A Terraform block that differs by device.
pub(super) static MEMBER_MEANS: Code = Code {
    name: "member-means",
    severity: Severity::Error,
    summary: "a Terraform block would have to be made once for each device",
    docs: include_str!("pages/member_means.md"),
};

/// A TLS listener without a certificate.
pub(super) static MISSING_CERTIFICATE: Code = Code {
    name: "missing-certificate",
    severity: Severity::Error,
    summary: "a balancer's listener has TLS and no certificate",
    docs: include_str!("pages/missing_certificate.md"),
};

/// Something with interfaces and no place.
pub(super) static MISSING_SEGMENT: Code = Code {
    name: "missing-segment",
    severity: Severity::Error,
    summary: "something that has interfaces in a network says no segment",
    docs: include_str!("pages/missing_segment.md"),
};

/// A balancer or a database in one zone.
pub(super) static SINGLE_ZONE: Code = Code {
    name: "single-zone",
    severity: Severity::Error,
    summary: "something that needs subnets in two zones has one",
    docs: include_str!("pages/single_zone.md"),
};

/// A duration that is no whole number of the provider's unit.
pub(super) static UNEVEN_DURATION: Code = Code {
    name: "uneven-duration",
    severity: Severity::Error,
    summary: "a duration is no whole number of the provider's unit",
    docs: include_str!("pages/uneven_duration.md"),
};

/// Something of another stack that no `data` source finds by its exact name.
pub(super) static UNFINDABLE_REFERENCE: Code = Code {
    name: "unfindable-reference",
    severity: Severity::Error,
    summary: "something of another root module cannot be found by its exact name",
    docs: include_str!("pages/unfindable_reference.md"),
};

/// A property that a block needs and nobody says.
pub(super) static UNSAID_PROPERTY: Code = Code {
    name: "unsaid-property",
    severity: Severity::Error,
    summary: "a Terraform block needs a property that the declaration does not say",
    docs: include_str!("pages/unsaid_property.md"),
};

/// A listener that a balancer or a database cannot have.
pub(super) static UNSUPPORTED_LISTENER: Code = Code {
    name: "unsupported-listener",
    severity: Severity::Error,
    summary: "a listener that a balancer or a database cannot have",
    docs: include_str!("pages/unsupported_listener.md"),
};

/// A login that a balancer cannot ask for.
pub(super) static UNSUPPORTED_LOGIN: Code = Code {
    name: "unsupported-login",
    severity: Severity::Error,
    summary: "a login that cannot be written without its secret",
    docs: include_str!("pages/unsupported_login.md"),
};

/// A key that nobody could ever change.
pub(super) static UNADMINISTERED_KEY: Code = Code {
    name: "unadministered-key",
    severity: Severity::Error,
    summary: "a key whose policy nobody may change",
    docs: include_str!("pages/unadministered_key.md"),
};
