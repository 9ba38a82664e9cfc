//! Promises and tests: each is asked once, of what the bytes grant.

pub mod chain;
mod gain;
mod isolate;
mod limit;
mod never;
pub mod question;
mod say;
mod test;
mod waived;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use checks::Findings;
use diagnostics::{Code, Severity};
use graph::reason::Residual;
use model::promise::{Promise, Rule, Selector};
use rayon::prelude::*;
use source::Span;

use crate::reach::layers::Layers;
use crate::reach::{Decided, Relation};
use crate::sets::Subjects;

macro_rules! code {
    ($name:ident, $text:literal, $summary:literal, $page:literal) => {
        pub(crate) static $name: Code = Code {
            name: $text,
            severity: Severity::Error,
            summary: $summary,
            docs: include_str!($page),
        };
    };
}

code!(
    BROKEN_NEVER,
    "broken-never",
    "what a promise forbids is possible",
    "../pages/never.md"
);
code!(
    BROKEN_ISOLATE,
    "broken-isolate",
    "a device reaches what belongs to another",
    "../pages/isolate.md"
);
code!(
    BROKEN_LIMIT,
    "broken-limit",
    "a subject reaches more than its limit",
    "../pages/limit.md"
);
code!(
    BROKEN_TEST,
    "broken-test",
    "a test of the spec does not hold",
    "../pages/test.md"
);
code!(
    UNDECIDED,
    "undecided-promise",
    "whether a promise or a test holds cannot be decided within the budget",
    "../pages/undecided.md"
);
code!(
    SHARED_ADDRESS,
    "shared-address",
    "a connection is admitted that nothing declares, since two actors share addresses",
    "../pages/shared_address.md"
);

/// Every code of this crate.
pub static CODES: &[&Code] = &[
    &BROKEN_NEVER,
    &BROKEN_ISOLATE,
    &BROKEN_LIMIT,
    &BROKEN_TEST,
    &UNDECIDED,
    &SHARED_ADDRESS,
];

/// How a promise or a test was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// From guards that were read.
    Read,
    /// In part from declarations: some layer is in no selected target.
    Declared,
    /// Not at all: it would take too long.
    NotDecided,
}

impl Verdict {
    pub(crate) fn of(decided: Decided) -> Self {
        if decided.undecided {
            Self::NotDecided
        } else if !decided.declared.is_empty() {
            Self::Declared
        } else {
            Self::Read
        }
    }
}

/// What was asked, and how it was answered.
#[derive(Debug, Default)]
pub struct Answers {
    /// What is wrong.
    pub findings: Findings,
    /// For each promise but `require`, with the layers that are taken as declared.
    pub promises: Vec<(model::promise::PromiseId, Verdict, Layers)>,
    /// For each line of a test.
    pub tests: Vec<Verdict>,
    /// Gains that trusts accept.
    pub residuals: Vec<Residual>,
}

/// What several promises need: made when the first of them asks.
#[derive(Default)]
struct Shared<'r, 'a> {
    chains: OnceLock<chain::Chains<'r, 'a>>,
    everything: OnceLock<limit::Everything>,
    subjects: Mutex<BTreeMap<Who, Arc<Subjects>>>,
}

/// Who is meant, and who is taken out.
type Who = (Vec<Selector>, Vec<Selector>);

impl Shared<'_, '_> {
    /// Who some selectors mean, worked out once for promises that say the same.
    fn subjects(
        &self,
        relation: &Relation<'_>,
        meant: &[(Selector, Span)],
        except: &[(Selector, Span)],
    ) -> Arc<Subjects> {
        let only = |list: &[(Selector, Span)]| list.iter().map(|(selector, _)| *selector).collect();
        let key: Who = (only(meant), only(except));
        let mut known = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known
            .entry(key)
            .or_insert_with(|| Arc::new(relation.sets.subjects(meant, except)));
        Arc::clone(found)
    }
}

/// Asks every promise and every test, and looks for gains.
#[must_use]
pub fn ask(relation: &Relation<'_>) -> Answers {
    let mut answers = Answers::default();
    let model = relation.sets.model;
    // What it asks for is declared, not granted.
    let is_asked = |promise: &Promise| !matches!(promise.rule, Rule::Require { .. });
    let asked: Vec<_> = model
        .promises
        .iter()
        .filter(|(_, promise)| is_asked(promise))
        .collect();
    let shared = Shared::default();
    if !asked.is_empty() {
        rayon::join(|| relation.requests(), || relation.sets.all_meanings());
    }
    let answered: Vec<(Decided, Findings)> = asked
        .par_iter()
        .map(|(_, promise)| {
            let mut findings = Findings::default();
            let decided = match &promise.rule {
                Rule::Never { .. } => never::ask(relation, promise, &shared, &mut findings),
                Rule::Isolate { classes } => isolate::ask(relation, promise, classes, &mut findings),
                Rule::Limit { .. } => limit::ask(relation, promise, &shared, &mut findings),
                Rule::Require { .. } => Decided::default(),
            };
            (decided, findings)
        })
        .collect();
    for ((id, _), (decided, findings)) in asked.iter().zip(answered) {
        answers
            .promises
            .push((*id, Verdict::of(decided), decided.declared));
        answers.findings.append(findings);
    }
    gain::ask(relation, &mut answers);
    test::ask(relation, &mut answers);
    answers
}
