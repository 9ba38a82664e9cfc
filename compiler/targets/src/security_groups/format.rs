//! The formats of `network.json` and `groups.json`, version 1.

use serde::Serialize;

/// `network.json`.
#[derive(Serialize)]
pub(super) struct Place<'a> {
    pub(super) format: &'static str,
    pub(super) project: &'a str,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) vpc: Vpc<'a>,
}

/// How the script finds the network.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Vpc<'a> {
    Id { id: &'a str },
    Named { cidr: String, name: &'a str },
}

/// `groups.json`.
#[derive(Serialize)]
pub(super) struct Groups<'a> {
    pub(super) groups: Vec<Group<'a>>,
}

/// A group with both directions, each of which may be empty.
#[derive(Serialize)]
pub(super) struct Group<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) ingress: Vec<Permission<'a>>,
    pub(super) egress: Vec<Permission<'a>>,
}

/// The provider's `IpPermission` with one peer.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Permission<'a> {
    pub(super) ip_protocol: Protocol,
    pub(super) from_port: i32,
    pub(super) to_port: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id_group_pairs: Option<[GroupPair<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ip_ranges: Option<[Range<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv6_ranges: Option<[Range6<'a>; 1]>,
}

/// A name where the provider has one, else a number as text.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Protocol {
    Name(&'static str),
    Number(String),
}

/// A group by name, which the script looks up, or one that is not listed, by its id.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupPair<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group_id: Option<&'a str>,
    pub(super) description: &'a str,
}

/// IPv4 addresses.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Range<'a> {
    pub(super) cidr_ip: String,
    pub(super) description: &'a str,
}

/// IPv6 addresses.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Range6<'a> {
    pub(super) cidr_ipv6: String,
    pub(super) description: &'a str,
}
