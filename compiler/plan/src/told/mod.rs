//! A difference as it is told: by who and to what, in the words of the spec, with reasons and risks.

pub mod chain;
mod declared;
pub mod late;
pub(crate) mod moved;
mod narrow;
mod pair;
pub mod risk;
mod why;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Does, Piece};
use crate::letters::Letters;
use crate::rest::Beside;
use crate::spec::{Known, Reason, Spec};
use crate::{After, Before, Difference, Files, Options};

use chain::Chains;
use late::Late;
use risk::Risk;

/// Trusts that end within so many days end soon.
pub const SOON_DAYS: i32 = 30;

/// What changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What somebody gains, loses or keeps under another name, by risk, then by who and to what.
    pub changes: Vec<Change>,
    /// Documents that only narrow, and do so otherwise.
    pub narrowing: Vec<Narrowing>,
    /// What is neither access nor a rule of a group or a host, and differs.
    pub beside: Vec<Beside>,
    /// What follows from steps that follow one another.
    pub chains: Chains,
    /// What takes effect late, or not at all for what is open.
    pub late: Vec<Late>,
    /// Trusts that end soon, if they are asked for: subject, object, reason.
    pub ending: Vec<(String, String, Reason)>,
    /// Paths that differ.
    pub files: Files,
}

/// What happens to the access of one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// There was none.
    Gained,
    /// There was less.
    Widened,
    /// There was more of the one and less of the other.
    Both,
    /// There was more.
    Narrowed,
    /// There is none any more.
    Lost,
    /// The same, elsewhere.
    Moved,
    /// The same, under another name.
    Renamed,
}

/// One line of a plan: two, and what changes between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happens.
    pub kind: Kind,
    /// Who; of a thing that is moved or renamed, the thing as it was called.
    pub subject: String,
    /// To what; of a thing that is renamed, its name now; of one that is moved, nothing.
    pub object: String,
    /// Capabilities that are gained, and how they are narrowed.
    pub gains: String,
    /// Capabilities that are lost.
    pub loses: String,
    /// What there was between the two, where it is told.
    pub was: Option<String>,
    /// What there is.
    pub is: Option<String>,
    /// Requests that are permitted now.
    pub more: Vec<Request>,
    /// Requests that are not permitted any more.
    pub less: Vec<Request>,
    /// Packets that are admitted now.
    pub opened: Vec<Flow>,
    /// Packets that are not admitted any more.
    pub closed: Vec<Flow>,
    /// Why: never none, but for what is moved or renamed.
    pub reasons: Vec<Reason>,
    /// What is risky about what is gained.
    pub risks: BTreeSet<Risk>,
    /// Whether no guard that is emitted stands on the way: then no byte tells it, and questions are answered as declared.
    pub is_declared: bool,
    /// Further accesses that follow a thing that is moved: subject and object.
    pub follows: Vec<(String, String)>,
}

/// Requests of one principal under one condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The principal's address, or a name for everybody.
    pub principal: String,
    /// Actions in the provider's spelling, sorted.
    pub actions: Vec<String>,
    /// Resources, sorted.
    pub resources: Vec<String>,
    /// When; empty for always.
    pub when: String,
}

/// Packets that a group or a host admits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// The guard: a group's address or a host's class.
    pub guard: String,
    /// Out of it if true.
    pub egress: bool,
    /// The other side.
    pub peer: String,
    /// `tcp 443`, `udp 53`, `all`.
    pub ports: String,
}

/// A document that grants nothing by itself: what it lets through or refuses otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Narrowing {
    /// Of what, for people.
    pub of: String,
    /// What it stopped and lets through now.
    pub looser: Vec<Request>,
    /// What it let through and stops now.
    pub tighter: Vec<Request>,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Change {
    /// Whether somebody may do or reach what nobody might before, by what was read: moved or not.
    #[must_use]
    pub fn broadens(&self) -> bool {
        !self.more.is_empty() || !self.opened.is_empty() || self.is_declared && !self.gains.is_empty()
    }

    /// Whether somebody may not do or reach any more what he might.
    #[must_use]
    pub fn narrows(&self) -> bool {
        !self.less.is_empty() || !self.closed.is_empty() || self.is_declared && !self.loses.is_empty()
    }
}

impl Plan {
    /// Whether anything is let through that was stopped before.
    #[must_use]
    pub fn broadens(&self) -> bool {
        self.changes.iter().any(Change::broadens)
            || self.narrowing.iter().any(|one| !one.looser.is_empty())
            || self.beside.iter().any(Beside::is_looser)
    }

    /// Whether some change bears a risk.
    #[must_use]
    pub fn has(&self, risk: Risk) -> bool {
        self.changes.iter().any(|change| change.risks.contains(&risk))
    }

    /// Whether everybody, or every address, may reach something that was closed to them.
    #[must_use]
    pub fn is_public(&self) -> bool {
        let is_open = |line: &String| line.contains("public=true") || line.contains(" via igw:");
        self.has(Risk::Public) || self.beside.iter().any(|one| one.more.iter().any(is_open))
    }

    /// Whether somebody may come to more than was given to him: by a known way, by deciding who may do what, by commanding others.
    #[must_use]
    pub fn escalates(&self) -> bool {
        self.has(Risk::Escalation)
            || self.has(Risk::Admin)
            || self.chains.possible.iter().any(|chain| chain.controls)
    }

    /// Whether nothing changes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files == Files::default() && self.is_same_access()
    }

    /// Whether nothing changes but the bytes that say it.
    #[must_use]
    pub fn is_same_access(&self) -> bool {
        self.changes.is_empty() && self.narrowing.is_empty() && self.beside.is_empty()
    }

    /// How many changes there are of a kind.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).count()
    }
}

impl Kind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::Gained,
        Self::Widened,
        Self::Both,
        Self::Narrowed,
        Self::Lost,
        Self::Moved,
        Self::Renamed,
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Gained => "gained",
            Self::Widened => "widened",
            Self::Both => "changed",
            Self::Narrowed => "narrowed",
            Self::Lost => "lost",
            Self::Moved => "moved",
            Self::Renamed => "renamed",
        }
    }

    /// The sign before it.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Gained | Self::Widened => "+",
            Self::Both => "~",
            Self::Narrowed | Self::Lost => "-",
            Self::Moved => ">",
            Self::Renamed => "=",
        }
    }
}

/// The plan where no byte differs.
pub(crate) fn nothing(spec: Spec<'_>, options: Options) -> Plan {
    let ending = if options.ending {
        Known::new(spec, BTreeMap::new()).ending(SOON_DAYS)
    } else {
        Vec::new()
    };
    Plan {
        ending,
        ..Plan::default()
    }
}

/// What is needed to tell a difference.
pub(crate) struct Telling<'t> {
    pub(crate) before: &'t Before<'t>,
    pub(crate) after: &'t After<'t>,
    pub(crate) old: Option<&'t Known<'t>>,
    pub(crate) new: &'t Known<'t>,
    /// Old names of what is called otherwise now.
    pub(crate) renamed: &'t BTreeMap<String, String>,
    pub(crate) options: Options,
}

impl Telling<'_> {
    /// Tells a difference.
    pub(crate) fn plan(&self, difference: Difference, files: Files, letters: &Letters<'_>) -> Plan {
        let is_grant = |piece: &Piece| piece.does == Does::Grants;
        let (more, more_narrow): (Vec<Piece>, Vec<Piece>) = difference.more.into_iter().partition(is_grant);
        let (less, less_narrow): (Vec<Piece>, Vec<Piece>) = difference.less.into_iter().partition(is_grant);
        let late = late::late(&less, difference.closed.len());
        let grants = pair::Grants {
            more,
            less,
            opened: difference.opened,
            closed: difference.closed,
        };
        let mut changes = pair::changes(self, grants, letters);
        moved::gather(self, &mut changes);
        changes.extend(moved::renamed(self));
        changes.extend(declared::declared(self, &changes));
        let chains = chain::chains(self, &changes);
        changes.sort_by(|one, other| {
            let key = |change: &Change| (rank(change), change.subject.clone(), change.object.clone());
            key(one).cmp(&key(other))
        });
        Plan {
            narrowing: narrow::narrowing(self, more_narrow, less_narrow, letters),
            beside: difference.beside.into_iter().map(|one| self.named(one)).collect(),
            chains,
            late,
            ending: if self.options.ending {
                self.new.ending(SOON_DAYS)
            } else {
                Vec::new()
            },
            changes,
            files,
        }
    }

    /// The same, of what people call it.
    fn named(&self, mut one: Beside) -> Beside {
        let words = one.of.split(' ').map(|word| {
            let known = self
                .new
                .of_address(word)
                .map(|thing| self.new.name(thing).to_owned());
            let old = || {
                let old = self.old?;
                old.of_address(word).map(|thing| old.name(thing).to_owned())
            };
            known.or_else(old).unwrap_or_else(|| word.to_owned())
        });
        one.of = words.collect::<Vec<_>>().join(" ");
        one
    }

    /// The lines for which a file stands, where nothing nearer is known.
    fn of_file(&self, path: &str, was: bool) -> Vec<Reason> {
        let lines = if was { self.before.lines } else { self.after.lines };
        let lines = lines.get(path).map_or(&[][..], Vec::as_slice);
        lines
            .iter()
            .map(|line| Reason {
                line: line.clone(),
                sort: "file",
                was,
                ..Reason::default()
            })
            .collect()
    }
}

/// Where a change stands: by its worst risk, then what broadens, then what narrows.
#[must_use]
pub fn rank(change: &Change) -> (u8, Kind) {
    let worst = change.risks.iter().next().map(|risk| risk.rank());
    let plain = match change.kind {
        Kind::Gained | Kind::Widened | Kind::Both => 100,
        Kind::Narrowed | Kind::Lost => 101,
        Kind::Moved | Kind::Renamed => 102,
    };
    match (change.kind, worst) {
        (Kind::Gained | Kind::Widened | Kind::Both | Kind::Moved, Some(worst)) => (worst, Kind::Gained),
        (_, _) => (plain, Kind::Gained),
    }
}
