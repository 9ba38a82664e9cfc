//! Promises and tests: each is asked once, of what the bytes grant.

mod chain;
mod gain;
mod isolate;
mod limit;
mod never;
pub mod question;
mod say;
mod test;

use checks::Findings;
use diagnostics::{Code, Severity};
use graph::reason::Residual;
use model::promise::Rule;

use crate::reach::layers::Layers;
use crate::reach::{Decided, Relation};

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

/// Asks every promise and every test, and looks for gains.
#[must_use]
pub fn ask(relation: &Relation<'_>) -> Answers {
    let mut answers = Answers::default();
    let model = relation.sets.model;
    let (mut chains, mut everything) = (None, None);
    for (id, promise) in model.promises.iter() {
        let decided = match &promise.rule {
            Rule::Never { .. } => never::ask(relation, promise, &mut chains, &mut answers.findings),
            Rule::Isolate { classes } => isolate::ask(relation, promise, classes, &mut answers.findings),
            Rule::Limit { .. } => limit::ask(relation, promise, &mut everything, &mut answers.findings),
            // What it asks for is declared, not granted.
            Rule::Require { .. } => continue,
        };
        answers
            .promises
            .push((id, Verdict::of(decided), decided.declared));
    }
    gain::ask(relation, &mut answers);
    test::ask(relation, &mut answers);
    answers
}
