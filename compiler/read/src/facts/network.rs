//! Networks as emitted: groups, subnets, routes, network ACLs, endpoints.
//!
//! Addresses of IPv4 stand in the low 32 bits. A document that is silent about IPv6 is read as the provider reads it.

use super::Place;

/// Everything of the network layer in one target.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Networks (VPCs) that are created, or relied on by id.
    pub networks: Vec<Vpc>,
    /// Subnets that are created, or relied on by id.
    pub subnets: Vec<Subnet>,
    /// Route tables.
    pub tables: Vec<RouteTable>,
    /// Network ACLs.
    pub acls: Vec<Acl>,
    /// Security groups.
    pub groups: Vec<Group>,
    /// Gateways: internet, egress-only, address translation, virtual private.
    pub gateways: Vec<Gateway>,
    /// What joins existing gateways to networks.
    pub attachments: Vec<Attachment>,
    /// Private endpoints to services.
    pub endpoints: Vec<ServiceEndpoint>,
    /// Zones that answer inside networks only.
    pub zones: Vec<Zone>,
    /// Names in zones.
    pub names: Vec<HostName>,
    /// Emitted things that carry groups and live in subnets (load balancers, databases), by address.
    pub interfaces: Vec<Interface>,
}

/// A block of addresses, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// IPv6 if true.
    pub six: bool,
    /// First address.
    pub first: u128,
    /// Last address.
    pub last: u128,
}

/// Protocol and inclusive ports; ICMP type × 256 + code. `any_protocol` covers all protocols and ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports {
    /// Every protocol.
    pub any_protocol: bool,
    /// IANA protocol number, 0 if any.
    pub protocol: u8,
    /// First port.
    pub first: u16,
    /// Last port.
    pub last: u16,
}

/// A VPC.
#[derive(Clone, Debug)]
pub struct Vpc {
    /// Its address.
    pub address: String,
    /// IPv4 block; `None` for an existing one.
    pub cidr: Option<Block>,
    /// IPv6 block.
    pub cidr6: Option<Block>,
    /// Whether names resolve inside (`enable_dns_support`) and hosts have names.
    pub dns: (bool, bool),
    /// Whether it is named and not created.
    pub existing: bool,
    /// Where.
    pub place: Place,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// Its address.
    pub address: String,
    /// Its network's address.
    pub network: String,
    /// Its IPv4 block; `None` for an existing one.
    pub cidr: Option<Block>,
    /// IPv6 block.
    pub cidr6: Option<Block>,
    /// Its zone (`eu-central-1a`).
    pub zone: String,
    /// Whether new interfaces get public addresses.
    pub public_addresses: bool,
    /// Whether it is named and not created.
    pub existing: bool,
    /// Where.
    pub place: Place,
}

/// A route table with the subnets that use it.
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// Its network's address.
    pub network: String,
    /// Addresses of associated subnets, sorted: they identify the table.
    pub subnets: Vec<String>,
    /// Routes besides the local one.
    pub routes: Vec<Route>,
    /// Addresses of virtual private gateways whose routes are propagated.
    pub propagating: Vec<String>,
    /// Where.
    pub place: Place,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// Destination.
    pub to: Block,
    /// Address of the gateway.
    pub via: String,
    /// Where.
    pub place: Place,
}

/// A network ACL with the subnets that use it.
#[derive(Clone, Debug)]
pub struct Acl {
    /// Its network's address.
    pub network: String,
    /// Addresses of associated subnets, sorted.
    pub subnets: Vec<String>,
    /// Entries, ascending by number in each direction; what none matches is denied.
    pub entries: Vec<AclEntry>,
    /// Where.
    pub place: Place,
}

/// One entry of an ACL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AclEntry {
    /// Out of the subnet if true.
    pub egress: bool,
    /// Its number, 1–32766; first match wins.
    pub number: u32,
    /// Allow or deny.
    pub allow: bool,
    /// Which ports (destination).
    pub ports: Ports,
    /// The other side.
    pub block: Block,
    /// Where.
    pub place: Place,
}

/// A security group. Absence of egress rules is read as the target has it: nothing in Terraform, everything for a script that does not revoke it.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its address.
    pub address: String,
    /// Its network's address.
    pub network: String,
    /// Its rules.
    pub rules: Vec<GroupRule>,
    /// Where.
    pub place: Place,
}

/// One rule of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupRule {
    /// Egress if true.
    pub egress: bool,
    /// Ports.
    pub ports: Ports,
    /// The other side.
    pub peer: Peer,
    /// Where.
    pub place: Place,
}

/// The other side of a group's rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Members of a group, by address.
    Group(String),
    /// Addresses.
    Block(Block),
    /// A provider's prefix list, by name.
    PrefixList(String),
}

/// A gateway.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// `igw:NETWORK`, `eigw:NETWORK`, `nat:SUBNET`, or the id of an existing one.
    pub address: String,
    /// Its network's address.
    pub network: String,
    /// What it is.
    pub sort: GatewaySort,
    /// Where.
    pub place: Place,
}

/// An existing virtual private gateway, joined to a network.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The network's address.
    pub network: String,
    /// The gateway's id.
    pub gateway: String,
    /// Where.
    pub place: Place,
}

/// What a gateway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GatewaySort {
    /// To and from the internet, for interfaces with a public address.
    Internet,
    /// To the internet over IPv6 only, never from it.
    EgressOnly,
    /// To the internet over IPv4 by address translation, never from it.
    Translation,
    /// To a site; existing.
    Site,
}

/// A private endpoint.
#[derive(Clone, Debug)]
pub struct ServiceEndpoint {
    /// Its address.
    pub address: String,
    /// Its network's address.
    pub network: String,
    /// The service (`s3`, `iot.data`).
    pub service: String,
    /// An interface in subnets, or a gateway in route tables.
    pub interface: bool,
    /// Addresses of its subnets, sorted.
    pub subnets: Vec<String>,
    /// Addresses of its groups, sorted.
    pub groups: Vec<String>,
    /// Whether the service's ordinary name resolves to it.
    pub private_names: bool,
    /// Where.
    pub place: Place,
}

/// A zone of names.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its address.
    pub address: String,
    /// The name at its top: as it stands, or the key of an assigned one (`iot-endpoint:ACCOUNT:REGION:TYPE#address`).
    pub name: String,
    /// Addresses of the networks in which it answers, sorted; none if it answers everybody.
    pub networks: Vec<String>,
    /// Where.
    pub place: Place,
}

/// What a name in a zone leads to.
#[derive(Clone, Debug)]
pub struct HostName {
    /// Its address.
    pub address: String,
    /// The address of its zone, or the id of an existing one.
    pub zone: String,
    /// As in [`Zone::name`].
    pub name: String,
    /// The sort of answer (`A`).
    pub sort: String,
    /// Addresses of what it leads to: an endpoint, or `points-to:TEXT`.
    pub targets: Vec<String>,
    /// Where.
    pub place: Place,
}

/// An emitted thing that carries groups.
#[derive(Clone, Debug)]
pub struct Interface {
    /// The thing's address.
    pub address: String,
    /// Addresses of its groups, sorted.
    pub groups: Vec<String>,
    /// Addresses of its subnets, sorted.
    pub subnets: Vec<String>,
    /// Whether the internet can address it.
    pub public: bool,
    /// Where.
    pub place: Place,
}
