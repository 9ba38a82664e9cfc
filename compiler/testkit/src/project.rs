//! Whole projects in memory, compiled as the command compiles them: for goldens and for the examples of pages.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use catalogue::limits::Limits;
use checks::Selection;
use diagnostics::Report;
use driver::environments::Environments;
use driver::{Analysis, Built, Options};
use model::value::Date;
use source::{Origin, Sources, Span};

use crate::golden::Tree;

/// The day of every golden case.
pub const AS_OF: &str = "2026-07-01";

/// The project line that stands before an example that has none.
pub const PROJECT: &str = "project docs edition=\"2026\" {\n    \
    account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }\n}\n";

/// How far down a project goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth<'a> {
    /// What it means, and this check alone.
    Check(&'a str),
    /// Everything but writing, the proof included.
    Proof,
}

/// What came of one environment.
#[derive(Debug)]
pub struct Outcome {
    /// Its name, if the project has environments.
    pub environment: Option<String>,
    /// What was found, sorted.
    pub report: Report,
    /// What the spec means.
    pub analysis: Analysis,
    /// The verified build; `None` after an error, or where none was asked for.
    pub built: Option<Built>,
}

/// Compiles the files of a project, each environment alone.
///
/// - Shape: KDL files are the spec; of the others, those that it names are read.
/// - What is not UTF-8 is replaced: the edge refuses it before.
#[must_use]
pub fn compile(files: &Tree, depth: Depth<'_>) -> Vec<Outcome> {
    let mut sources = Sources::default();
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".kdl")) {
        sources.add(path, String::from_utf8_lossy(bytes).into_owned(), Origin::Project);
    }
    let mut syntax = Report::default();
    let spec = driver::parse(sources, &mut syntax);
    let mut inputs: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    for need in spec.needs() {
        if let Some(bytes) = files.get(&need.path) {
            inputs.insert(need.path, Arc::from(bytes.as_slice()));
        }
    }
    let declared = spec.environments();
    let environments: Vec<Option<String>> = if declared.is_empty() {
        vec![None]
    } else {
        declared.into_iter().map(Some).collect()
    };
    let as_of = Date::parse(AS_OF).unwrap_or(Date(0));
    let mut known = Environments::default();
    let outcome = |environment: Option<String>| {
        let options = Options {
            environment: environment.as_deref(),
            as_of,
            library: shelf::stdlib(),
            files: &inputs,
            targets: &[],
        };
        let mut report = syntax.clone();
        let analysis = driver::analyse(&spec, &options, &mut report);
        if let Some(name) = &environment {
            known.ask(name, &analysis, &mut report);
        }
        let built = match depth {
            Depth::Check(code) => {
                let _ = driver::check(&analysis, Selection::Only(code), &mut report);
                None
            }
            Depth::Proof => driver::check(&analysis, Selection::All, &mut report)
                .and_then(|checked| driver::build(&checked, &options, Limits::embedded(), &mut report)),
        };
        report.sort();
        Outcome {
            environment,
            report,
            analysis,
            built,
        }
    };
    environments.into_iter().map(outcome).collect()
}

/// The files of an output folder, but for the index of what was written, which is no part of the output.
#[must_use]
pub fn written(folder: &std::path::Path) -> Tree {
    let mut tree = crate::golden::tree(folder);
    // Each environment has its own.
    tree.retain(|path, _| !format!("/{path}").contains("/.leastwise/") || path.contains(".leastwise/stage"));
    tree
}

/// A report as text: `line:column code: message`, then labels, notes and help, each on its line.
///
/// Places in another file than `main` bear its path.
#[must_use]
pub fn shown(outcome: &Outcome, main: &str) -> String {
    let sources = &outcome.analysis.sources;
    let place = |span: Span| {
        let at = sources.line_column(span);
        match sources.get(span.file) {
            Some(file) if *file.path != *main => format!("{}:{}:{}", file.path, at.line, at.column),
            Some(_) | None => format!("{}:{}", at.line, at.column),
        }
    };
    let mut text = String::new();
    for diagnostic in outcome.report.diagnostics() {
        let at = diagnostic.span.map_or_else(|| "-".to_owned(), place);
        let _ = writeln!(text, "{at} {}: {}", diagnostic.code.name, diagnostic.message);
        for label in &diagnostic.labels {
            let _ = writeln!(text, "    {}: {}", place(label.span), label.text);
        }
        for note in &diagnostic.notes {
            let _ = writeln!(text, "    note: {note}");
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(text, "    help: {help}");
        }
    }
    text
}

/// The project of one text. One without a `project` line gets [`PROJECT`] in a file beside it, and an owner.
///
/// Gives the files, and the path of the one that holds the text.
#[must_use]
pub fn of_text(text: &str) -> (Tree, &'static str) {
    let says = |wanted: &[&str]| {
        text.lines().any(|line| {
            line.split_whitespace()
                .take(wanted.len())
                .eq(wanted.iter().copied())
        })
    };
    if says(&["project"]) {
        return (
            Tree::from([("leastwise.kdl".to_owned(), text.as_bytes().to_vec())]),
            "leastwise.kdl",
        );
    }
    let team = if says(&["team", "docs"]) {
        ""
    } else {
        "team docs\n"
    };
    // Order never matters: behind the text it moves none of its lines.
    let owner = if says(&["owner"]) { "" } else { "owner docs\n" };
    let files = [
        ("leastwise.kdl", format!("{PROJECT}{team}")),
        ("case.kdl", format!("{text}\n{owner}")),
    ];
    (
        files
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text.into_bytes()))
            .collect(),
        "case.kdl",
    )
}
