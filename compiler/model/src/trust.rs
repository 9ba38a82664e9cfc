//! Trusts.

use arena::{Id, Name};
use source::Span;

use crate::actor::IdentityWord;
use crate::project::{AccountId, TeamId};
use crate::template::Template;
use crate::thing::{PartId, ThingId};
use crate::value::{Block, Date, Duration};

/// The id of a trust.
pub type TrustId = Id<Trust>;

/// What a trust, promise or test names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A thing.
    Thing(ThingId),
    /// A part of a thing.
    Part(PartId),
    /// An account.
    Account(AccountId),
    /// Everybody, unauthenticated.
    Internet,
}

/// A named end with its place.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// What is named.
    pub end: End,
    /// Where.
    pub span: Span,
}

/// `trust SUBJECT… -> OBJECT… { … }`. Every capability exists in every object's kind.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The head line.
    pub span: Span,
    /// Who.
    pub subjects: Vec<Named>,
    /// What.
    pub objects: Vec<Named>,
    /// Which capabilities.
    pub allow: Vec<(Name, Span)>,
    /// `under` and `only`; empty means the whole object.
    pub narrow: Vec<Narrow>,
    /// `same ATTRIBUTE…`.
    pub same: Vec<(Name, Span)>,
    /// `others`.
    pub others: Option<Span>,
    /// `when { … }`.
    pub when: Vec<Condition>,
    /// `allow connect accept=segment`: whoever shares the subject's or the object's addresses is admitted too.
    pub accept_segment: Option<Span>,
    /// `with IDENTITY`.
    pub with: Option<(IdentityWord, Span)>,
    /// Why; `None` is reported by a check.
    pub because: Option<(Name, Span)>,
    /// Whose, its own or its file's.
    pub owner: Option<TeamId>,
    /// Until when, its own or its file's.
    pub expires: Option<(Date, Span)>,
    /// The `apply` line, for a trust of a profile.
    pub applied: Option<Span>,
}

/// `under "a/"` or `only "a"`.
#[derive(Clone, Debug)]
pub struct Narrow {
    /// True for `under`: everything below; false for `only`: exactly this.
    pub under: bool,
    /// As written; `{name}` and `{ATTRIBUTE}` are the subject's.
    pub path: Template,
    /// Where.
    pub span: Span,
}

/// One condition of a `when` block.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `mfa-age "1h" accept=idp-mfa`.
    MfaAge {
        /// At most.
        at_most: Duration,
        /// Whether the identity provider's word is accepted.
        accept_idp: bool,
        /// Where.
        span: Span,
    },
    /// `source CIDR…`: any of them.
    Source {
        /// The blocks.
        blocks: Vec<Block>,
        /// Where.
        span: Span,
    },
    /// `attribute NAME VALUE…`: any of the values.
    Attribute {
        /// The attribute.
        name: Name,
        /// The values.
        values: Vec<Name>,
        /// Where.
        span: Span,
    },
    /// `until DATE`: refused by the provider from the end of that day on.
    Until {
        /// The last day.
        date: Date,
        /// Where.
        span: Span,
    },
}
