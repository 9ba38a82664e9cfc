//! Device classes and topic rules.

use std::collections::BTreeSet;

use model::fleet::Fleet;
use model::value::{Block, Ports};

use super::Because;
use super::document::Document;

/// A device class.
#[derive(Clone, Debug)]
pub struct Class {
    /// Declared name: CLASS in paths.
    pub name: String,
    /// Its name in the cloud: thing type, IoT policy.
    pub physical: String,
    /// Declared name of the account; `None` for a class without cloud identity.
    pub account: Option<String>,
    /// Index into `Deployment::stacks`, likewise.
    pub stack: Option<usize>,
    /// Terraform label.
    pub label: String,
    /// Label before a renaming.
    pub renamed_from: Option<String>,
    /// `expresslink`, `embedded`, `linux`, `network`; empty if not said.
    pub hardware: String,
    /// Searchable attributes of its thing type, at most three.
    pub attributes: Vec<String>,
    /// Attributes that its policies name: each thing needs them, with the values of its row.
    pub named: Vec<String>,
    /// Its members in the registry of things; `None` if no policy speaks of them.
    pub registry: Option<Registry>,
    /// Members: count and the inventory's digest.
    pub members: u64,
    /// SHA-256 of the inventory in hexadecimal; empty without a file.
    pub inventory_digest: String,
    /// Identities as declared.
    pub identities: Vec<Identity>,
    /// The documents of its IoT policy, packed under the quota: the first is named `physical`, further ones `physical-2` …
    pub policies: Vec<Document>,
    /// Services that it speaks to.
    pub endpoints: Vec<ServiceUse>,
    /// The host firewalls: one for all members, or one for each segment or member. None for a class without.
    pub firewalls: Vec<Firewall>,
    /// What remains, in sentences for people.
    pub residuals: Vec<String>,
    /// Why it exists.
    pub because: Because,
}

/// The things of a class.
#[derive(Clone, Debug)]
pub struct Registry {
    /// Their names, and of the columns those that policies name, in order of `Class::named`.
    pub things: Fleet,
    /// Their rows in order of name: the order of an inventory means nothing.
    pub order: Vec<u32>,
    /// Whether there are too many for a state: then what a bulk registration takes is written.
    pub is_bulk: bool,
}

/// One identity of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `x509`, `roles-anywhere`, `dot1x`, `ssh-host`.
    pub word: String,
    /// Declared name of the authority.
    pub ca: Option<String>,
    /// `secure-element`, `tpm`, `pkcs11`, `file`.
    pub key: Option<String>,
    /// Renewal in seconds.
    pub rotate_seconds: Option<u64>,
    /// Further properties, `secret://` references as written.
    pub more: Vec<(String, String)>,
}

/// A service that a class speaks to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceUse {
    /// What for: `mqtt`, `https`.
    pub protocol: String,
    /// The service (`iot.data`).
    pub service: String,
    /// Ports, preferred first.
    pub ports: Vec<u16>,
    /// Region.
    pub region: String,
}

/// Whose hosts a firewall guards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guards {
    /// All of the class.
    Class,
    /// Those that live in a segment, by its declared name.
    Segment(String),
    /// One, by its name.
    Member(String),
}

/// A host firewall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firewall {
    /// Whose hosts it guards.
    pub guards: Guards,
    /// What opens a connection and is accepted, disjoint, sorted.
    pub accepts: Vec<Accept>,
    /// Whether the hosts have addresses of IPv6, and so need its router and neighbour messages.
    pub six: bool,
    /// What is said on the own link to get an address, or to give one.
    pub leases: BTreeSet<Lease>,
    /// Containers whose packets are the host's own, sorted.
    pub containers: Vec<Containers>,
}

/// Which side of DHCP a host is, in which family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lease {
    /// It asks for an address of IPv4.
    Client4,
    /// It gives addresses of IPv4.
    Server4,
    /// It asks for an address of IPv6.
    Client6,
    /// It gives addresses of IPv6.
    Server6,
}

/// Addresses behind a bridge of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Containers {
    /// The name of the bridge.
    pub interface: String,
    /// Their addresses.
    pub block: Block,
    /// Why.
    pub because: Because,
}

/// One accepted set of packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// Out of the host if true.
    pub egress: bool,
    /// Destination ports.
    pub ports: Ports,
    /// The other side.
    pub peer: Block,
    /// Why.
    pub because: Because,
}

/// A topic rule.
#[derive(Clone, Debug)]
pub struct TopicRule {
    /// Declared name.
    pub name: String,
    /// Its name in the cloud.
    pub physical: String,
    /// Its address, as the graph has it.
    pub address: String,
    /// Declared name of the account.
    pub account: String,
    /// Index into `Deployment::stacks`.
    pub stack: usize,
    /// Label.
    pub label: String,
    /// MQTT filters that it selects from; a rule of the provider has exactly one.
    pub filter: String,
    /// Index into `Identity::roles`.
    pub role: usize,
    /// Where it delivers.
    pub actions: Vec<RuleAction>,
    /// Where it delivers what failed.
    pub errors: Option<RuleAction>,
    /// Why.
    pub because: Because,
}

/// One delivery of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleAction {
    /// Into a stream, by its name, with this partition key.
    Stream {
        /// The stream's name.
        name: String,
        /// A substitution template.
        partition_key: String,
    },
    /// Into a log group, by its name.
    LogGroup {
        /// The group's name.
        name: String,
    },
    /// Into a bucket, by name, under this object key.
    Bucket {
        /// The bucket's name.
        name: String,
        /// A substitution template.
        key: String,
    },
    /// Into a queue, by its URL's queue name.
    Queue {
        /// The queue's name.
        name: String,
    },
    /// To a function, by ARN.
    Function {
        /// The function's ARN.
        arn: String,
    },
    /// Into a time series.
    TimeSeries {
        /// Database.
        database: String,
        /// Table.
        table: String,
    },
}
