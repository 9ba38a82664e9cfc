//! Networks, sites and segments.

use arena::{Id, Name};
use source::Span;

use crate::project::{AccountId, TeamId};
use crate::value::Block;

/// The id of a network.
pub type NetworkId = Id<Network>;
/// The id of a site.
pub type SiteId = Id<Site>;
/// The id of a segment.
pub type SegmentId = Id<Segment>;

/// `network NAME cidr=… account=… { … }`: a VPC.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// IPv4 block.
    pub cidr: Block,
    /// IPv6 block; closed if absent.
    pub cidr6: Option<Block>,
    /// The account that holds it.
    pub account: AccountId,
    /// Zone letters in order, at least one: `a b`. Empty for an existing network (its subnets are named instead).
    pub zones: Vec<Name>,
    /// How many equal parts a segment is carved into: the smallest power of two that is at least the zones, or `of=`.
    pub carve: u32,
    /// The id of an existing VPC, which is never changed.
    pub existing: Option<(Name, Span)>,
    /// Private endpoints that it has already, by service.
    pub endpoints: Vec<ExistingEndpoint>,
    /// Its segments, in order of what they say.
    pub segments: Vec<SegmentId>,
    /// Owner.
    pub owner: Option<TeamId>,
    /// The name it had before, for `moved`.
    pub renamed_from: Option<Name>,
}

/// `endpoint SERVICE { existing "vpce-…"; wears "sg-…" }`: a private endpoint that is never created or changed.
#[derive(Clone, Debug)]
pub struct ExistingEndpoint {
    /// The service: `s3`, `iot.data`.
    pub service: Name,
    /// The provider's id.
    pub existing: (Name, Span),
    /// The group that it wears.
    pub wears: (Name, Span),
    /// Where it is declared.
    pub span: Span,
}

/// `site NAME cidr=… { … }`: on premises.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// IPv4 block.
    pub cidr: Block,
    /// IPv6 block.
    pub cidr6: Option<Block>,
    /// Attachments to networks.
    pub connects: Vec<Connects>,
    /// Its public addresses.
    pub leaves_by: Vec<(Block, Span)>,
    /// Its segments, in order of what they say.
    pub segments: Vec<SegmentId>,
    /// Owner.
    pub owner: Option<TeamId>,
}

/// `connects NETWORK via=… { existing "…" }`: an attachment, never created.
#[derive(Clone, Debug)]
pub struct Connects {
    /// The network.
    pub network: NetworkId,
    /// How: `vpn`, `direct-connect`, `transit`.
    pub via: Name,
    /// The provider's id of the attachment (a virtual private gateway, for example).
    pub existing: Name,
    /// Where it is declared.
    pub span: Span,
}

/// What a segment may reach by route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exposure {
    /// A route to and from the internet.
    Public,
    /// Leaves by address translation only, where a flow needs it.
    Private,
    /// No route out at all.
    Isolated,
}

/// Where a segment lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within {
    /// In a network.
    Network(NetworkId),
    /// In a site.
    Site(SiteId),
}

/// `segment NAME cidr=… level=… { … }`: the unit of microsegmentation.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// Network or site.
    pub within: Within,
    /// IPv4 block, inside its network's.
    pub cidr: Block,
    /// IPv6 block.
    pub cidr6: Option<Block>,
    /// A number for promises.
    pub level: Option<u32>,
    /// Public, private or isolated.
    pub exposure: Exposure,
    /// Where the exposure is said.
    pub exposure_span: Option<Span>,
    /// Whether private endpoints to the provider's services live here.
    pub endpoints: Option<Span>,
    /// `endpoints accept=takes-over-name`, in a network that exists: everybody there is led to our endpoints.
    pub takes_over_name: Option<Span>,
    /// Ids of existing subnets; empty if they are created.
    pub existing: Vec<(Name, Span)>,
    /// Owner.
    pub owner: Option<TeamId>,
    /// Tags of this declaration.
    pub tags: Vec<(Name, Name)>,
}
