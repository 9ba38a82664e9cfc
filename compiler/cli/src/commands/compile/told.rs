//! What a compile did, for people and for programs. The schema is `schemas/compile-v1.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use driver::Built;
use serde::Serialize;
use source::Sources;

use super::{Environment, folder_of};
use crate::output::Committed;
use crate::session::{self, Format};

/// The name of the format.
const FORMAT: &str = "leastwise-compile/1";

/// How a compile ended; a spec with findings has a report instead.
#[derive(Serialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub(crate) enum Told<'a> {
    /// Everything was proved and written.
    Written { environments: Vec<Written<'a>> },
    /// `--check`: every file is what would be written.
    Current { files: usize },
    /// `--check`: some are not.
    Stale { differences: Vec<Difference<'a>> },
    /// `--locked`: the lock would change; nothing was built.
    LockChanges { lock: &'a str },
}

/// A file that is not what would be written.
#[derive(Serialize)]
pub(crate) struct Difference<'a> {
    pub(crate) path: &'a str,
    pub(crate) why: &'a str,
}

/// What was written of one environment.
#[derive(Serialize)]
pub(crate) struct Written<'a> {
    environment: Option<&'a str>,
    folder: PathBuf,
    /// Files that were written, from the folder.
    written: &'a [String],
    unchanged: usize,
    removed: &'a [String],
    targets: BTreeSet<&'a str>,
    /// Sums over the targets.
    proved: BTreeMap<&'static str, u64>,
    assumed: Vec<&'a str>,
    /// Conditions that nobody enforces, each with the substitute that was accepted.
    accepted: BTreeSet<String>,
    requests: Vec<Request<'a>>,
    /// Files in the folders of modules that no build wrote.
    beside: &'a [String],
}

/// What the owner of something that exists has to allow; the manifest has the document.
#[derive(Serialize)]
struct Request<'a> {
    thing: &'a str,
    existing: &'a str,
}

/// What is counted, with the clause of the proof that counts it.
const COUNTED: [(&str, u8); 4] = [("guards", 1), ("statements", 1), ("settings", 4), ("sizes", 8)];

impl<'a> Written<'a> {
    /// Of an environment that was committed below `out`.
    pub(super) fn of(
        one: &'a Environment,
        out: &Path,
        committed: &'a Committed,
        beside: &'a [String],
    ) -> Self {
        let Environment { name, sources, built } = one;
        Self {
            environment: name.as_deref(),
            folder: folder_of(out, name.as_deref()),
            written: &committed.written,
            unchanged: committed.unchanged,
            removed: &committed.removed,
            targets: targets(built),
            proved: COUNTED
                .iter()
                .map(|(name, clause)| (*name, total(built, *clause, name)))
                .collect(),
            assumed: built
                .verified
                .statement()
                .assumptions
                .iter()
                .map(|one| one.id)
                .collect(),
            accepted: accepted(built, sources),
            requests: built
                .handover
                .requests
                .iter()
                .map(|one| Request {
                    thing: &one.thing,
                    existing: &one.existing,
                })
                .collect(),
            beside,
        }
    }

    /// In a few lines.
    fn show(&self) {
        let of = self
            .environment
            .map_or_else(String::new, |name| format!("{name}: "));
        println!(
            "{of}wrote {} files to {} ({} unchanged, {} removed)",
            self.written.len(),
            self.folder.display(),
            self.unchanged,
            self.removed.len()
        );
        let targets: Vec<&str> = self.targets.iter().copied().collect();
        let count = |name: &str| self.proved.get(name).copied().unwrap_or_default();
        println!(
            "{of}proved for {}: {} guards, {} statements, {} settings, {} sizes within limits",
            targets.join(", "),
            count("guards"),
            count("statements"),
            count("settings"),
            count("sizes"),
        );
        println!("{of}assumed: {}; see manifest.json", self.assumed.join(" "));
        session::tell_accepted(&self.accepted);
        for request in &self.requests {
            println!(
                "{of}request: the owner of {} ({}) has to allow what manifest.json lists",
                request.thing, request.existing
            );
        }
        if !self.beside.is_empty() {
            println!(
                "{of}in the folders of modules lie files that no build wrote ({}): see A2 in manifest.json",
                self.beside.len()
            );
        }
    }
}

/// Tells what was written.
pub(super) fn written(environments: Vec<Written<'_>>, format: Format) {
    match format {
        Format::Human => environments.iter().for_each(Written::show),
        Format::Json => print(&Told::Written { environments }),
    }
}

/// As one JSON text.
pub(crate) fn print(told: &Told<'_>) {
    #[derive(Serialize)]
    struct Whole<'a> {
        format: &'static str,
        #[serde(flatten)]
        told: &'a Told<'a>,
    }
    let whole = Whole { format: FORMAT, told };
    println!("{}", serde_json::to_string_pretty(&whole).unwrap_or_default());
}

fn targets(built: &Built) -> BTreeSet<&str> {
    let targets = built
        .verified
        .statement()
        .clauses
        .iter()
        .map(|clause| clause.target);
    targets.filter(|target| !target.is_empty()).collect()
}

fn total(built: &Built, clause: u8, name: &str) -> u64 {
    let clauses = built
        .verified
        .statement()
        .clauses
        .iter()
        .filter(|one| one.number == clause);
    clauses.filter_map(|one| one.counts.get(name)).sum()
}

fn accepted(built: &Built, sources: &Sources) -> BTreeSet<String> {
    session::accepted(&built.verified.statement().residuals, sources)
}
