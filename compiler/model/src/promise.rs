//! Promises, selectors and waivers.

use arena::{Id, Name};
use source::Span;

use crate::kind::KindId;
use crate::place::{NetworkId, SegmentId, SiteId};
use crate::project::{AccountId, TeamId};
use crate::thing::ThingId;
use crate::trust::End;
use crate::value::{Date, Duration};

/// The id of a promise.
pub type PromiseId = Id<Promise>;

/// A declared `never`, `isolate`, `require` or `limit`.
#[derive(Clone, Debug)]
pub struct Promise {
    /// The head line.
    pub span: Span,
    /// `name=…`, by which a waiver takes it.
    pub name: Option<Name>,
    /// Why.
    pub because: Option<(Name, Span)>,
    /// Whose.
    pub owner: Option<TeamId>,
    /// What it says.
    pub rule: Rule,
}

/// What a promise says.
#[derive(Clone, Debug)]
pub enum Rule {
    /// `never S -> O { … }`
    Never {
        /// Subjects.
        subjects: Vec<(Selector, Span)>,
        /// Objects.
        objects: Vec<(Selector, Span)>,
        /// Only these capabilities; empty means every access or flow.
        allow: Vec<(Name, Span)>,
        /// Only between unequal values of these attributes.
        differ: Vec<(Name, Span)>,
        /// Subjects that are taken out.
        except: Vec<(Selector, Span)>,
        /// Objects that are taken out.
        besides: Vec<(Selector, Span)>,
        /// Chains, too, whose steps are these.
        through: Option<Through>,
    },
    /// `isolate CLASS…`
    Isolate {
        /// The classes.
        classes: Vec<(ThingId, Span)>,
    },
    /// `require WORD { … }`
    Require {
        /// The word: `trust`, or a kind.
        word: Name,
        /// Where the word stands.
        word_span: Span,
        /// What every such declaration has.
        facts: Vec<RequiredFact>,
    },
    /// `limit … { objects at-most=N }`
    Limit {
        /// The subjects, each alone.
        subjects: Vec<(Selector, Span)>,
        /// The largest number of distinct objects and parts.
        at_most: u32,
        /// Where the number stands.
        span: Span,
    },
}

/// `through control data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// Steps by which the subject becomes or commands the next actor.
    pub control: bool,
    /// Steps by which it writes what the next actor reads.
    pub data: bool,
}

/// A fact that a `require` asks for.
#[derive(Clone, Debug)]
pub struct RequiredFact {
    /// Its name: `because`, `owner`, `expires`, `consent`, `mfa`, `encrypted`, or any property of the kind.
    pub name: Name,
    /// `at-most=…`, in seconds.
    pub at_most: Option<Duration>,
    /// Where.
    pub span: Span,
}

/// What a promise, a question or a `cannot` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// A name; as an object the whole holds its parts.
    End(End),
    /// `*`
    Everything,
    /// `kind:bucket`
    Kind(KindId),
    /// `segment:cell-1`
    Segment(SegmentId),
    /// `site:plant-1`
    Site(SiteId),
    /// `network:cloud`
    Network(NetworkId),
    /// `level:2`
    Level(u32),
    /// `account:plant`
    Account(AccountId),
    /// `owner:x`
    Owner(TeamId),
    /// `tag:x`
    Tag(Name),
    /// `data-class:personal`
    DataClass(Name),
    /// `aws`: every service of the provider.
    Provider,
    /// `internet`: every address that no declared place or external holds.
    Internet,
}

/// `waive NAME on=… until=… by=… { because … }`.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The head line.
    pub span: Span,
    /// A promise's name, or a built-in check's code.
    pub waived: (Name, Span),
    /// For one thing: a declared name (a segment or another place is one too).
    pub on: (Name, Span),
    /// Until when.
    pub until: (Date, Span),
    /// Who signs.
    pub by: TeamId,
    /// Why.
    pub because: Option<(Name, Span)>,
}
