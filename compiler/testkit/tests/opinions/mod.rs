//! What a build says to claims of a spec, and what is said by looking.

pub mod open;
pub mod seen;

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Severity};
use testkit::golden::Tree;
use testkit::mutate::specimen;
use testkit::naive::world::World;
use testkit::naive::{draw, promise, question};
use testkit::project::{self, Depth, Outcome};

/// What a promise or a question of a test is, by line and column.
pub type Place = (usize, usize);

/// The bytes of the targets whose guards are read here.
pub fn bytes(files: &Tree, environment: Option<&str>) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let targets = ["aws-iam", "security-groups", "device-bundles"];
    specimen::emitted(files, environment, &targets, |_, files| {
        files
            .into_iter()
            .map(|(path, (_, bytes))| (path, bytes))
            .collect()
    })
}

/// Which promises and questions do not hold.
pub fn looked_at(files: &Tree, outcome: &Outcome) -> Result<BTreeMap<Place, bool>, String> {
    let bytes = bytes(files, outcome.environment.as_deref())?;
    let model = &outcome.analysis.model;
    let world = World::new(model, &bytes)?;
    let sources = &outcome.analysis.sources;
    let place = |span| {
        let at = sources.line_column(span);
        (at.line, at.column)
    };
    let mut out = BTreeMap::new();
    for (_, stated) in model.promises.iter() {
        if let Some(holds) = promise::holds(&world, &stated.rule) {
            out.insert(place(stated.span), holds);
        }
    }
    for (_, test) in model.tests.iter() {
        for case in &test.cases {
            for asked in &case.questions {
                out.insert(place(asked.span), question::holds(&world, case, asked));
            }
        }
    }
    Ok(out)
}

pub const BROKEN: [&str; 4] = ["broken-never", "broken-isolate", "broken-limit", "broken-test"];

/// Which promises and questions a build says are broken.
pub fn built(outcome: &Outcome) -> BTreeSet<Place> {
    let found = outcome.report.diagnostics().iter();
    found
        .filter(|found| BROKEN.contains(&found.code.name))
        .filter_map(|found| found.span)
        .map(|span| {
            let at = outcome.analysis.sources.line_column(span);
            (at.line, at.column)
        })
        .collect()
}

/// What a build says of claims: each by its text, with the message and the notes.
pub fn told(files: &Tree, outcome: &Outcome) -> BTreeSet<(String, String, Vec<String>)> {
    let found = outcome.report.diagnostics().iter();
    found
        .filter(|found| found.code.severity == Severity::Error)
        .map(|found| {
            let place = found.span.map(|span| outcome.analysis.sources.line_column(span));
            let text = place.map_or(String::new(), |at| claim(files, (at.line, at.column)));
            (text, found.message.clone(), found.notes.clone())
        })
        .collect()
}

/// How often something was answered, held and was broken.
pub type Counts = BTreeMap<&'static str, (usize, usize)>;

/// What a claim uses, by its text from its place on.
pub fn sorts(text: &str) -> Vec<&'static str> {
    let has = |word: &str| text.contains(word);
    let mut out = Vec::new();
    if text.starts_with("never") {
        out.push("never");
        for (word, sort) in [
            ("allow ", "never, allow"),
            ("through ", "never, through"),
            ("differ ", "never, differ"),
            ("except ", "never, except"),
            ("besides ", "never, besides"),
        ] {
            if has(word) {
                out.push(sort);
            }
        }
    } else if text.starts_with("isolate") {
        out.push("isolate");
    } else if text.starts_with("limit") {
        out.push("limit");
    } else {
        out.push(if text.starts_with("cannot") {
            "cannot"
        } else {
            "can"
        });
        for (word, sort) in [(" device=", "test, device"), (" under=", "test, under")] {
            if has(word) {
                out.push(sort);
            }
        }
    }
    out
}

/// The text of a claim: its line, or its question.
pub fn claim(files: &Tree, (line, column): Place) -> String {
    let text = files
        .get("leastwise.kdl")
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .unwrap_or_default();
    let line = text.lines().nth(line - 1).unwrap_or_default();
    let rest = line.get(column - 1..).unwrap_or_default();
    if line.starts_with("test") {
        rest.split([';', '}'])
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    } else {
        rest.to_owned()
    }
}

/// Claims on which the two differ, with what is said by looking.
pub fn differences(files: &Tree) -> Option<Vec<(String, bool)>> {
    let outcomes = project::compile(files, Depth::Proof);
    let outcome = outcomes.first()?;
    let is_other =
        |found: &Diagnostic| found.code.severity == Severity::Error && !BROKEN.contains(&found.code.name);
    if outcome.report.diagnostics().iter().any(is_other) {
        return None;
    }
    let answers = looked_at(files, outcome).ok()?;
    let broken = built(outcome);
    let differ = answers
        .iter()
        .filter(|(place, holds)| **holds == broken.contains(place));
    Some(
        differ
            .map(|(place, holds)| (claim(files, *place), *holds))
            .collect(),
    )
}

/// The same difference with as little beside it as goes.
pub fn smallest(spec: &draw::Drawn, text: &str) -> String {
    let has = |spec: &draw::Drawn| {
        differences(&spec.project()).is_some_and(|found| found.iter().any(|(claim, _)| claim == text))
    };
    let mut spec = spec.clone();
    for _ in 0..2 {
        let mut at = 0;
        while at < spec.declarations.len() + spec.claims.len() {
            let mut less = spec.clone();
            match at.checked_sub(less.declarations.len()) {
                None => drop(less.declarations.remove(at)),
                Some(at) => drop(less.claims.remove(at)),
            }
            if has(&less) {
                spec = less;
            } else {
                at += 1;
            }
        }
    }
    let outcomes = project::compile(&spec.project(), Depth::Proof);
    let said = outcomes
        .iter()
        .map(|outcome| project::shown(outcome, "leastwise.kdl"))
        .collect::<String>();
    let said: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("broken") || line.contains("witness"))
        .collect();
    let lines = spec.declarations.iter().chain(&spec.claims).map(String::as_str);
    let rows = spec
        .files
        .iter()
        .map(|(path, text)| format!("{path}: {}", text.replace('\n', " ")));
    let lines: Vec<String> = lines
        .map(str::to_owned)
        .chain(rows)
        .chain(said.into_iter().map(str::to_owned))
        .collect();
    lines.join("\n        ")
}
