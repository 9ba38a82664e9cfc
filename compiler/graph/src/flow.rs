//! Flows: endpoint × endpoint × ports.

use arena::Id;
use model::thing::ThingId;
use model::value::{Block, Ports};

use crate::Word;
use crate::access::{PairsId, RegionId};
use crate::reason::ReasonId;

/// A logical end of a flow. Gateways, endpoints and addresses of the means are not ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// A placed thing: a workload, a class, a balancer, a database; or an external with addresses.
    Thing(ThingId),
    /// A service of the provider, by its endpoint name (`s3`, `iot.data`), a word of the graph.
    Service(Word),
    /// Addresses that a trust names as the source of people.
    Addresses(Id<Vec<Block>>),
    /// Every address.
    Internet,
}

/// Whether a flow may leave private paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Networks, attachments and private endpoints only.
    Private,
    /// One end is on the public internet.
    Public,
}

/// One flow: the opener sends to these ports, and replies come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// Who opens.
    pub from: Endpoint,
    /// Who listens.
    pub to: Endpoint,
    /// On which protocol and ports.
    pub ports: Id<Vec<Ports>>,
    /// By which paths.
    pub reach: Reach,
    /// Which members meet.
    pub pairs: PairsId,
    /// When.
    pub when: RegionId,
    /// Why. Takes no part in equality.
    pub because: ReasonId,
}
