//! Networks: subnets, routes, ACLs, groups, endpoints.

use model::value::{Block, Ports};

use super::Because;
use super::document::Document;

/// A network (VPC) of one account.
#[derive(Clone, Debug)]
pub struct Network {
    /// Declared name: NETWORK in paths.
    pub name: String,
    /// Declared name of the account.
    pub account: String,
    /// Index into `Deployment::stacks`.
    pub stack: usize,
    /// Its address, as the graph has it.
    pub address: String,
    /// The id of an existing one, which is never changed.
    pub existing: Option<String>,
    /// IPv4 block.
    pub cidr: Block,
    /// IPv6 block.
    pub cidr6: Option<Block>,
    /// Its Terraform label.
    pub label: String,
    /// Label before a renaming.
    pub renamed_from: Option<String>,
    /// Subnets, sorted by segment and zone.
    pub subnets: Vec<Subnet>,
    /// Gateways that flows need.
    pub gateways: Vec<Gateway>,
    /// What joins an existing gateway to the network, which did not exist when the gateway was made.
    pub attachment: Option<Attachment>,
    /// Route tables, one for each segment and, with address translation, each zone.
    pub tables: Vec<RouteTable>,
    /// ACLs, one for each segment.
    pub acls: Vec<Acl>,
    /// Groups, sorted by name.
    pub groups: Vec<Group>,
    /// Private endpoints, sorted by service.
    pub endpoints: Vec<Endpoint>,
    /// Why it exists.
    pub because: Because,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// Declared name of the segment.
    pub segment: String,
    /// Its address, as the graph has it.
    pub address: String,
    /// The id of an existing one.
    pub existing: Option<String>,
    /// Its block (of an existing one: unknown).
    pub cidr: Option<Block>,
    /// IPv6 block.
    pub cidr6: Option<Block>,
    /// Its zone with the region (`eu-central-1a`); empty for an existing one.
    pub zone: String,
    /// Its Terraform label (`web_a`).
    pub label: String,
    /// Why.
    pub because: Because,
}

/// A gateway of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// To and from the internet.
    Internet {
        /// Label.
        label: String,
        /// Why.
        because: Because,
    },
    /// Address translation in a public subnet (index into `subnets`), with an address of its own.
    Translation {
        /// Index into `subnets`.
        subnet: usize,
        /// Label.
        label: String,
        /// Why.
        because: Because,
    },
    /// To a site; existing, named by id.
    Site {
        /// The provider's id.
        id: String,
        /// Declared name of the site.
        site: String,
        /// Why.
        because: Because,
    },
}

/// A virtual private gateway of a site, joined to a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The provider's id of the gateway.
    pub gateway: String,
    /// Why.
    pub because: Because,
}

/// A route table.
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// Label.
    pub label: String,
    /// Indices into `subnets`.
    pub subnets: Vec<usize>,
    /// Routes besides the local one.
    pub routes: Vec<Route>,
    /// Why.
    pub because: Because,
}

/// A route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Destination.
    pub to: Block,
    /// Index into `gateways`.
    pub via: usize,
    /// Label.
    pub label: String,
    /// Why.
    pub because: Because,
}

/// A network ACL.
#[derive(Clone, Debug)]
pub struct Acl {
    /// Declared name of the segment.
    pub segment: String,
    /// Label.
    pub label: String,
    /// Indices into `subnets`.
    pub subnets: Vec<usize>,
    /// Entries, each direction ascending by number, stable with gaps.
    pub entries: Vec<AclEntry>,
    /// Why.
    pub because: Because,
}

/// An allowing entry. There is no `deny`: what is not allowed is denied.
#[derive(Clone, Debug)]
pub struct AclEntry {
    /// Out of the subnet.
    pub egress: bool,
    /// Its number.
    pub number: u32,
    /// Destination ports.
    pub ports: Ports,
    /// The other side.
    pub block: Block,
    /// Why.
    pub because: Because,
}

/// A security group: the identity of one placed thing or endpoint.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its address, as the graph has it.
    pub address: String,
    /// Label.
    pub label: String,
    /// Label before a renaming.
    pub renamed_from: Option<String>,
    /// What it is for: at most 255 characters of the provider's alphabet.
    pub description: String,
    /// Rules, sorted.
    pub rules: Vec<GroupRule>,
    /// Why.
    pub because: Because,
}

/// A rule of a group: one peer.
#[derive(Clone, Debug)]
pub struct GroupRule {
    /// Egress if true.
    pub egress: bool,
    /// Ports.
    pub ports: Ports,
    /// The other side.
    pub peer: Peer,
    /// Label, from ports and peer: stable.
    pub label: String,
    /// For people: at most 255 characters of the provider's alphabet.
    pub description: String,
    /// Why.
    pub because: Because,
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Index into the network's `groups`.
    Group(usize),
    /// A group that exists, by its id.
    Worn(String),
    /// Addresses.
    Block(Block),
}

/// A private endpoint to a service.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The service (`s3`, `iot.data`).
    pub service: String,
    /// Its address, as the graph has it.
    pub address: String,
    /// Label.
    pub label: String,
    /// Indices into `subnets`.
    pub subnets: Vec<usize>,
    /// Index into `groups`.
    pub group: usize,
    /// How the service's ordinary name comes to lead to it.
    pub name: ServiceName,
    /// What may pass; `None` where the service takes no endpoint policy.
    pub policy: Option<Document>,
    /// Why.
    pub because: Because,
}

/// How a service's ordinary name comes to lead to its private endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceName {
    /// The endpoint brings the name along.
    Offered,
    /// A zone of the network holds this name.
    Hosted(String),
    /// A zone of the network holds the name that the provider assigned to the account: its `iot:` endpoint of this type.
    HostedBroker(&'static str),
}
