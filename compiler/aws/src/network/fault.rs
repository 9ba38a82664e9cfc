//! Codes of the network layer.

use diagnostics::{Code, Severity};

macro_rules! code {
    ($constant:ident, $name:literal, $summary:literal, $page:literal) => {
        pub(super) static $constant: Code = Code {
            name: $name,
            severity: Severity::Error,
            summary: $summary,
            docs: include_str!($page),
        };
    };
}

code!(
    NO_ENDPOINT_SEGMENT,
    "no-endpoint-segment",
    "a service is needed where no private endpoint may stand",
    "pages/no_endpoint_segment.md"
);
code!(
    SECOND_ENDPOINT_SEGMENT,
    "second-endpoint-segment",
    "two segments of a network hold private endpoints",
    "pages/second_endpoint_segment.md"
);
code!(
    ISOLATED_ENDPOINTS,
    "isolated-endpoints",
    "a site needs private endpoints that stand in an isolated segment",
    "pages/isolated_endpoints.md"
);
code!(
    NO_COMMON_FAMILY,
    "no-common-address-family",
    "the two ends of a flow have no address family in common",
    "pages/no_common_family.md"
);
code!(
    UNENFORCEABLE_MEMBERS,
    "unenforceable-members",
    "a group cannot tell one member of a class from another",
    "pages/unenforceable_members.md"
);
code!(
    UNCONNECTED_SOURCE,
    "unconnected-source",
    "addresses are named that have no path to the network",
    "pages/unconnected_source.md"
);
code!(
    SAME_GROUP_NAME,
    "same-group-name",
    "two groups of a network have the same name",
    "pages/same_group_name.md"
);
code!(
    BAD_GROUP_NAME,
    "bad-group-name",
    "the provider does not take the name of a group",
    "pages/bad_group_name.md"
);
code!(
    NO_PUBLIC_SEGMENT,
    "no-public-segment",
    "a private segment reaches the internet, and there is no public segment",
    "pages/no_public_segment.md"
);
code!(
    UNASSIGNABLE_IPV6,
    "unassignable-ipv6",
    "a network that is created cannot choose its IPv6 block",
    "pages/unassignable_ipv6.md"
);
code!(
    SUBNET_SIZE,
    "subnet-size",
    "a subnet is larger or smaller than the provider makes them",
    "pages/subnet_size.md"
);
code!(
    UNROUTABLE_ATTACHMENT,
    "unroutable-attachment",
    "routes cannot point at this attachment",
    "pages/unroutable_attachment.md"
);
code!(
    CROWDED_ACL,
    "crowded-acl",
    "a segment needs more entries than a network ACL holds",
    "pages/crowded_acl.md"
);

/// Codes of the network layer.
pub(crate) static CODES: &[&Code] = &[
    &BAD_GROUP_NAME,
    &CROWDED_ACL,
    &ISOLATED_ENDPOINTS,
    &NO_COMMON_FAMILY,
    &NO_ENDPOINT_SEGMENT,
    &NO_PUBLIC_SEGMENT,
    &SAME_GROUP_NAME,
    &SECOND_ENDPOINT_SEGMENT,
    &SUBNET_SIZE,
    &UNASSIGNABLE_IPV6,
    &UNCONNECTED_SOURCE,
    &UNENFORCEABLE_MEMBERS,
    &UNROUTABLE_ATTACHMENT,
];
