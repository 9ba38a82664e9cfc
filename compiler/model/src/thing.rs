//! Things: what acts, what is reached, and their parts.

use arena::{Id, Name};
use source::Span;

use crate::actor::{Class, External, People, Workload};
use crate::kind::KindId;
use crate::place::SegmentId;
use crate::project::{AccountId, Physical, TeamId};
use crate::template::Template;
use crate::value::{Ports, Property};

/// The id of a thing.
pub type ThingId = Id<Thing>;
/// The id of a part.
pub type PartId = Id<Part>;

/// A declaration that acts or is reached.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Its name, unique in the project.
    pub name: Name,
    /// The head line.
    pub span: Span,
    /// Its kind; `workload`, `device`, `people` and `external` are kinds too.
    pub kind: KindId,
    /// The account that holds it; `None` for what has none (an external, a device without cloud).
    pub account: Option<AccountId>,
    /// Its segment, for a kind that has a place (`balancer segment=web`). Actors say theirs in `detail`.
    pub segment: Option<SegmentId>,
    /// Its name in the cloud.
    pub physical: Physical,
    /// The name it had before.
    pub renamed_from: Option<(Name, Span)>,
    /// Owner, its own or its file's.
    pub owner: Option<TeamId>,
    /// Teams that may be granted access without owning it.
    pub open_to: Vec<TeamId>,
    /// Tags of this declaration.
    pub tags: Vec<(Name, Name)>,
    /// The class of what it holds.
    pub data_class: Option<(Name, Span)>,
    /// Named, not created.
    pub existing: Option<Existing>,
    /// One member for each device of this class (`of=CLASS`).
    pub family: Option<ThingId>,
    /// Facts that its kind defines, in the order of the kind.
    pub properties: Vec<Property>,
    /// Its parts: listeners, then topics, each in order of what they say.
    pub parts: Vec<PartId>,
    /// What is particular to its word.
    pub detail: Detail,
}

impl Thing {
    /// What exists of a workload is its role alone: what it says of that.
    #[must_use]
    pub fn existing_role(&self) -> Option<Existing> {
        self.existing
            .filter(|_| matches!(self.detail, Detail::Workload(_)))
    }

    /// Its name in the cloud. Whatever a workload has besides its role bears its declared name.
    #[must_use]
    pub fn called(&self) -> Name {
        let existing = self.existing.filter(|_| self.existing_role().is_none());
        existing.map_or(self.physical.name, |existing| existing.name)
    }
}

/// Whose policy an existing thing has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyOf {
    /// Its owner's: what only he can write is a request to him.
    Theirs,
    /// Ours: we write its whole resource policy.
    Ours,
    /// Of a role: its owner's, and beside it a document of ours.
    Added,
}

/// `existing "…"` and `policy ours|theirs|added`.
#[derive(Clone, Copy, Debug)]
pub struct Existing {
    /// What it is called in the cloud (a name, an id or an ARN, as the kind has it).
    pub name: Name,
    /// Where.
    pub span: Span,
    /// Whose policy it has.
    pub policy: PolicyOf,
    /// `wears "sg-…"`: the group by which rules know it.
    pub wears: Option<(Name, Span)>,
}

impl Existing {
    /// Whether we write its whole resource policy.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.policy == PolicyOf::Ours
    }
}

/// What is particular to a word.
#[derive(Clone, Debug)]
pub enum Detail {
    /// `workload`
    Workload(Workload),
    /// `device`
    Class(Class),
    /// `people`
    People(People),
    /// `external`
    External(External),
    /// Any other kind; one with `acts` may be a subject.
    Resource,
}

/// A thing inside a thing, reached as `NAME.PART`.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name in the whole.
    pub name: Name,
    /// The whole.
    pub of: ThingId,
    /// Where it is declared.
    pub span: Span,
    /// The kind `listener` or `local-topic`.
    pub kind: KindId,
    /// What it is.
    pub detail: PartDetail,
}

/// What a part is.
#[derive(Clone, Debug)]
pub enum PartDetail {
    /// `listens NAME tcp=… tls=…`
    Listener(Listener),
    /// `topic NAME of=CLASS { on LISTENER; path … }`
    LocalTopic(LocalTopic),
}

/// A port that is listened on.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Protocol and ports, ascending, disjoint.
    pub ports: Vec<Ports>,
    /// `tls=required` true, `tls=none` false, silent `None`.
    pub tls: Option<(bool, Span)>,
    /// `login=PROVIDER accept=idp-assignment`.
    pub login: Option<Login>,
    /// Further properties, for a resource's listener (`certificate`).
    pub more: Vec<(Name, Name)>,
    /// `health path="/up" expect="200-399"`: how a balancer in front of it asks whether it is well.
    pub health: Option<Health>,
}

/// How a balancer asks whether what is behind it is well.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// What it asks for; the root if nothing is said.
    pub path: Option<Name>,
    /// The codes of a good answer, `200-399`; 200 if nothing is said.
    pub expect: Option<Name>,
    /// Where.
    pub span: Span,
}

/// A login at an identity provider in front of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    /// The provider.
    pub provider: crate::actor::ProviderId,
    /// Whether the provider's assignment of people is accepted as the limit.
    pub accept_assignment: bool,
    /// Where.
    pub span: Span,
}

/// A topic on a device's own broker.
#[derive(Clone, Debug)]
pub struct LocalTopic {
    /// The listener of the broker.
    pub on: PartId,
    /// Its path.
    pub path: Template,
    /// The class whose members have one each.
    pub family: Option<ThingId>,
}
