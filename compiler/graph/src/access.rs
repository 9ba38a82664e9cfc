//! Accesses: principal × action × resource × condition.

use arena::Id;
use model::actor::ProviderId;
use model::project::AccountId;
use model::thing::{PartId, ThingId};
use pattern::pattern::Pattern;
use pattern::region::Region;

use crate::Word;
use crate::reason::ReasonId;

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// A workload, through its role.
    Workload(ThingId),
    /// Each member of a device class, as itself, through its certificate.
    Class(ThingId),
    /// People of a provider's group, through their role.
    People(ThingId),
    /// A resource that acts, through its role (a topic rule).
    Acting(ThingId),
    /// An external, through the role of ours that it may assume; for `become`, the foreign principal itself.
    External(ThingId),
    /// A service of the provider (`lambda.amazonaws.com`), a word of the graph.
    Service(Word),
    /// An identity provider's federation, as it stands in this account.
    Federation(ProviderId, AccountId),
    /// The account's steward.
    Steward(AccountId),
    /// Everybody.
    Anyone,
}

/// What is acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A declared thing, or a part of its name space (`raw/vib/*`).
    Thing(ThingId),
    /// A local topic.
    Part(PartId),
    /// The role or session of an actor: to act on it is to become it (`sts:AssumeRole` …, `iot:Connect` as a client).
    Identity(ThingId),
    /// The provider's own, without a resource (`timestream:DescribeEndpoints` on `*`).
    Unscoped,
}

/// Which members of two fleets meet in an access or a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pairs {
    /// Every member of the one with every member of the other; also where neither is a fleet.
    All,
    /// Each with itself: variables in `within` are the acting member's own.
    Own,
    /// Each with every other of the same class (`others`).
    Others,
    /// Those with equal, non-empty values of these attributes, sorted.
    Equal(Vec<Word>),
}

/// The id of a member relation.
pub type PairsId = Id<Pairs>;
/// The id of a resource pattern.
pub type PatternId = Id<Pattern>;
/// The id of a condition.
pub type RegionId = Id<Region>;

/// One access. The order of the fields is the order of sorting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Access {
    /// Who.
    pub principal: Principal,
    /// The provider's action in canonical spelling, a word of the graph.
    pub action: Word,
    /// On what.
    pub resource: Resource,
    /// The whole resource name as the provider sees it, narrowed as the trust says; `*` if the action has no resource.
    /// Variables are the acting member's own if `pairs` is `Own`, else those of the family member that is reached.
    pub within: PatternId,
    /// Which members meet.
    pub pairs: PairsId,
    /// When, as far as some layer enforces it. Without the restrictions of baselines.
    pub when: RegionId,
    /// Why. Takes no part in equality of graphs.
    pub because: ReasonId,
}

/// On whose side an access is granted, in which documents: a decision of lowering, which the proof checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// In the documents of who acts.
    pub caller: bool,
    /// In the document of what is reached, or of the role that is become.
    pub reached: bool,
}

/// A baseline's narrowing of every access to one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Restriction {
    /// The thing.
    pub resource: ThingId,
    /// What must hold besides (`aws:SecureTransport` true).
    pub when: RegionId,
    /// The baseline's line.
    pub because: ReasonId,
}
