//! What a build proved: the key to the way out. Only `prove` makes one.

use std::collections::BTreeMap;

use bundle::Bundle;
use graph::reason::Residual;
use source::Span;

/// A bundle, and the statement about it that holds.
#[derive(Debug)]
pub struct Verified {
    bundle: Bundle,
    statement: Statement,
}

/// What was proved, word by word as `docs/proof.md` defines the words.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// One entry for each clause and target.
    pub clauses: Vec<Clause>,
    /// What is assumed, each with its data.
    pub assumptions: Vec<Assumption>,
    /// Conditions that were declared and that no layer enforces, accepted by name.
    pub residuals: Vec<Residual>,
    /// Sizes against limits: the ten tightest of each limit.
    pub headroom: Vec<Headroom>,
    /// Guards that may permit more than their share of the intent, each with its reason; the other guards close the difference.
    pub coarse: Vec<Coarse>,
    /// Flows of which no claimed guard sees either end.
    pub not_claimed: Vec<String>,
    /// What the provider cannot block.
    pub holes: Vec<&'static str>,
    /// How each promise was answered, in source order.
    pub promises: Vec<Promised>,
}

impl Statement {
    /// Adds what was proved of another target.
    pub(crate) fn append(&mut self, other: Self) {
        self.clauses.extend(other.clauses);
        self.assumptions.extend(other.assumptions);
        self.residuals.extend(other.residuals);
        self.headroom.extend(other.headroom);
        self.coarse.extend(other.coarse);
        self.not_claimed.extend(other.not_claimed);
        self.promises.extend(other.promises);
        for hole in other.holes {
            if !self.holes.contains(&hole) {
                self.holes.push(hole);
            }
        }
    }
}

/// A promise that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// Its head line.
    pub span: Span,
    /// `never`, `isolate` or `limit`.
    pub word: &'static str,
    /// By which a waiver takes it.
    pub name: Option<String>,
    /// Whether all that answers it was read from the bytes.
    pub is_read: bool,
    /// Otherwise the layers that are taken as declared.
    pub layers: Vec<&'static str>,
}

/// One clause of the theorem, for one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// 1 guards, 2 composition, 3 usable, 4 settings, 5 nothing idle, 6 targets agree, 7 promises, 8 quotas.
    pub number: u8,
    /// The target; empty for a clause about all of them.
    pub target: &'static str,
    /// How far it holds.
    pub status: Status,
    /// What was counted, by name: `guards`, `accesses`, `statements` …
    pub counts: BTreeMap<&'static str, u64>,
}

/// How far a clause holds for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// For everything.
    Exact,
    /// For the guards that the target claims, and no further.
    GuardsOnly,
    /// The target claims nothing of the kind.
    NotClaimed,
}

/// An assumption of the theorem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assumption {
    /// `A1` ….
    pub id: &'static str,
    /// What is assumed, one sentence.
    pub sentence: &'static str,
    /// To what it applies here, sorted.
    pub data: Vec<String>,
}

/// A size against its limit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Headroom {
    /// The limit's id.
    pub limit: String,
    /// Of what.
    pub of: String,
    /// How much is used, in the limit's unit.
    pub used: u64,
    /// How much there is.
    pub most: u64,
}

/// A guard that may permit more than its share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coarse {
    /// Its address.
    pub guard: String,
    /// Why it is on the list.
    pub why: &'static str,
}

impl Verified {
    pub(crate) fn new(bundle: Bundle, statement: Statement) -> Self {
        Self { bundle, statement }
    }

    /// The files, exactly as they were read and proved.
    #[must_use]
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// What was proved about them.
    #[must_use]
    pub fn statement(&self) -> &Statement {
        &self.statement
    }
}
