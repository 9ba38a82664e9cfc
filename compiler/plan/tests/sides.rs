//! Two specs in memory, and the plan from one to the other.
#![expect(clippy::unwrap_used, reason = "a test may fail where something is not there")]

use std::collections::BTreeMap;

use plan::spec::Spec;
use plan::told::Plan;
use plan::{After, Before, Options};
use testkit::golden::Tree;
use testkit::project::{self, Depth, Outcome};

/// Whether the old spec is there, or its output alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Old {
    Spec,
    Output,
}

/// What comes of the files of a project without environments.
pub fn compiled(files: &Tree) -> Outcome {
    project::compile(files, Depth::Proof).remove(0)
}

pub fn spec(outcome: &Outcome) -> Spec<'_> {
    let analysis = &outcome.analysis;
    Spec {
        model: &analysis.model,
        graph: &analysis.graph,
        sources: &analysis.sources,
    }
}

fn lines(outcome: &Outcome) -> BTreeMap<String, Vec<String>> {
    let bundle = outcome.built.as_ref().unwrap().verified.bundle();
    let sources = &outcome.analysis.sources;
    let files = bundle.iter();
    let files = files.map(|(path, file)| {
        let lines = file.because.iter().map(|span| sources.place(*span));
        (path.to_owned(), lines.collect())
    });
    files.collect()
}

/// The plan between two specs that are both proved.
pub fn between(old: &Outcome, new: &Outcome, known: Old) -> Plan {
    let (before, after) = (old.built.as_ref().unwrap(), new.built.as_ref().unwrap());
    let files = plan::files(before.verified.bundle(), after.verified.bundle());
    let (theirs, ours) = (lines(old), lines(new));
    plan::plan(
        &Before {
            facts: &before.facts,
            spec: (known == Old::Spec).then(|| spec(old)),
            lines: &theirs,
        },
        &After {
            facts: &after.facts,
            spec: spec(new),
            lines: &ours,
        },
        files,
        Options {
            all_chains: false,
            ending: false,
        },
    )
}
