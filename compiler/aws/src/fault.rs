//! Codes of names, documents and stacks.

use diagnostics::{Code, Severity};

/// Codes of this crate apart from those of networks and stores.
pub(crate) static CODES: &[&Code] = &[
    &CIRCULAR_STACKS,
    &FIREWALL_TOO_LARGE,
    &INEXPRESSIBLE_ACCESS,
    &INEXPRESSIBLE_CONDITION,
    &POLICY_TOO_LONG,
    &SEVERAL_FILTERS,
    &TOO_MANY_SUBSCRIPTIONS,
    &TOPIC_TOO_DEEP,
    &TOPIC_TOO_LONG,
    &UNASSUMABLE_ROLE,
    &UNHONOURED_POLICY,
    &UNREGISTRABLE_ATTRIBUTE,
    &UNSUPPORTED_CHARACTER,
    &UNSUPPORTED_DELIVERY,
    &UNSUPPORTED_NAME,
    &UNSUPPORTED_TAG,
];

/// Stacks that need each other.
pub(crate) static CIRCULAR_STACKS: Code = Code {
    name: "circular-stacks",
    severity: Severity::Error,
    summary: "two stacks each need the other to be applied first",
    docs: include_str!("pages/circular_stacks.md"),
};

/// A host firewall with too many elements.
pub(crate) static FIREWALL_TOO_LARGE: Code = Code {
    name: "firewall-too-large",
    severity: Severity::Error,
    summary: "a host firewall would have too many elements to load",
    docs: include_str!("pages/firewall_too_large.md"),
};

/// An access that no policy can say.
pub(crate) static INEXPRESSIBLE_ACCESS: Code = Code {
    name: "inexpressible-access",
    severity: Severity::Error,
    summary: "an access that no policy of the provider says exactly",
    docs: include_str!("pages/inexpressible_access.md"),
};

/// A policy that the service of its resource passes over.
pub(crate) static UNHONOURED_POLICY: Code = Code {
    name: "unhonoured-policy",
    severity: Severity::Error,
    summary: "the service of a resource passes over what its policy would have to say",
    docs: include_str!("pages/unhonoured_policy.md"),
};

/// A condition that no operator says.
pub(crate) static INEXPRESSIBLE_CONDITION: Code = Code {
    name: "inexpressible-condition",
    severity: Severity::Error,
    summary: "a condition that no operator of the provider says exactly",
    docs: include_str!("pages/inexpressible_condition.md"),
};

/// A document above its quota.
pub(crate) static POLICY_TOO_LONG: Code = Code {
    name: "policy-too-long",
    severity: Severity::Error,
    summary: "a policy is longer than the provider takes",
    docs: include_str!("pages/policy_too_long.md"),
};

/// A role that nothing can become.
pub(crate) static UNASSUMABLE_ROLE: Code = Code {
    name: "unassumable-role",
    severity: Severity::Error,
    summary: "nothing can become this actor, so its role cannot be made",
    docs: include_str!("pages/unassumable_role.md"),
};

/// A character that documents do not take.
pub(crate) static UNSUPPORTED_CHARACTER: Code = Code {
    name: "unsupported-character",
    severity: Severity::Error,
    summary: "a policy document would hold a character that the provider does not take",
    docs: include_str!("pages/unsupported_character.md"),
};

/// A rule that does not select from exactly one filter.
pub(crate) static SEVERAL_FILTERS: Code = Code {
    name: "several-filters",
    severity: Severity::Error,
    summary: "a topic rule does not select from exactly one filter",
    docs: include_str!("pages/several_filters.md"),
};

/// A rule that writes where rules cannot.
pub(crate) static UNSUPPORTED_DELIVERY: Code = Code {
    name: "unsupported-delivery",
    severity: Severity::Error,
    summary: "a topic rule is to deliver where it cannot",
    docs: include_str!("pages/unsupported_delivery.md"),
};

/// A name that the provider does not take.
pub(crate) static UNSUPPORTED_NAME: Code = Code {
    name: "unsupported-name",
    severity: Severity::Error,
    summary: "a name in the cloud that the provider does not take",
    docs: include_str!("pages/unsupported_name.md"),
};

/// A tag that the provider does not take.
pub(crate) static UNSUPPORTED_TAG: Code = Code {
    name: "unsupported-tag",
    severity: Severity::Error,
    summary: "a tag that some service of the provider does not take",
    docs: include_str!("pages/unsupported_tag.md"),
};

/// A topic with too many levels.
pub(crate) static TOPIC_TOO_DEEP: Code = Code {
    name: "topic-too-deep",
    severity: Severity::Error,
    summary: "the path of a topic has more slashes than the broker takes",
    docs: include_str!("pages/topic_too_deep.md"),
};

/// A topic that is too long for the broker.
pub(crate) static TOPIC_TOO_LONG: Code = Code {
    name: "topic-too-long",
    severity: Severity::Error,
    summary: "a topic has more bytes than the broker takes",
    docs: include_str!("pages/topic_too_long.md"),
};

/// An attribute that no thing could have.
pub(crate) static UNREGISTRABLE_ATTRIBUTE: Code = Code {
    name: "unregistrable-attribute",
    severity: Severity::Error,
    summary: "a policy names an attribute that the registry of things does not take",
    docs: include_str!("pages/unregistrable_attribute.md"),
};

/// A device that needs more than one connection.
pub(crate) static TOO_MANY_SUBSCRIPTIONS: Code = Code {
    name: "too-many-subscriptions",
    severity: Severity::Error,
    summary: "a device may subscribe to more than its connection takes",
    docs: include_str!("pages/too_many_subscriptions.md"),
};
