//! A plan as a list of sections, whatever it is then written as.

mod around;
pub mod html;
pub mod human;
mod item;
pub mod markdown;

use std::collections::{BTreeMap, BTreeSet};

use crate::told::risk::Risk;
use crate::told::{Change, Kind, Plan, SOON_DAYS, rank};
use around::{besides, chains, narrowing};
use item::{accesses, reason_line};

/// How many names of a list a person reads.
const NAMES_MAX: usize = 5;

/// Something besides the spec that is not what it was: a change of access may come from it.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// `stdlib`, `catalogue` …, or the path of a file that the spec names.
    pub input: &'a str,
    /// Its digest before; `None` if it was not there.
    pub before: Option<&'a str>,
    /// And now.
    pub after: Option<&'a str>,
}

/// The plan of one environment, or of a project without any.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Its name.
    pub environment: Option<&'a str>,
    /// What changes there.
    pub plan: &'a Plan,
}

/// Everything that is told.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    /// What changed besides the spec.
    pub inputs: &'a [Input<'a>],
    /// Whether the spec is what it was: then all comes from the inputs.
    pub is_same_spec: bool,
    /// By environment.
    pub parts: &'a [Part<'a>],
    /// Whether the provider's actions and resources are told.
    pub actions: bool,
}

/// Some items under one heading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) items: Vec<Item>,
    /// Whether a reader has to see it without asking.
    pub(crate) is_open: bool,
}

/// One thing that is told, of one or several accesses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Item {
    /// `+ gained`; empty for what is no access.
    pub(crate) sign: String,
    pub(crate) head: String,
    pub(crate) risks: Vec<&'static str>,
    /// Was, is, reasons, actions: a line each.
    pub(crate) notes: Vec<String>,
    /// Of what sort, for the count of those that are not shown.
    pub(crate) sort: &'static str,
    /// How many it stands for.
    pub(crate) count: usize,
}

impl Part<'_> {
    /// What is told, in order.
    pub(crate) fn sections(&self, actions: bool) -> Vec<Section> {
        let plan = self.plan;
        let mut sections: Vec<Section> = Vec::new();
        let mut by_rank: BTreeMap<u8, Vec<&Change>> = BTreeMap::new();
        for change in &plan.changes {
            by_rank.entry(rank(change).0).or_default().push(change);
        }
        for (rank, changes) in by_rank {
            let risk = Risk::ALL.into_iter().find(|risk| risk.rank() == rank);
            let title = match risk {
                Some(risk) => format!("risk: {}", risk.word()),
                None => match rank {
                    100 => "gained and widened".to_owned(),
                    101 => "narrowed and lost".to_owned(),
                    _ => "moved and renamed".to_owned(),
                },
            };
            sections.push(Section {
                title,
                items: accesses(&changes, actions),
                is_open: risk.is_some(),
            });
        }
        let follows_from_access = !plan.changes.is_empty() && !actions;
        sections.extend(chains(plan));
        if !plan.narrowing.is_empty() {
            let looser = plan.narrowing.iter().filter(|one| !one.looser.is_empty()).count();
            let items = if follows_from_access {
                vec![counted(
                    format!(
                        "{}; {looser} may let more through; `--actions` shows them",
                        several(plan.narrowing.len(), "document", "documents")
                    ),
                    plan.narrowing.len(),
                )]
            } else {
                plan.narrowing.iter().map(narrowing).collect()
            };
            sections.push(section("documents that only narrow", items));
        }
        sections.extend(besides(&plan.beside, follows_from_access));
        if !plan.ending.is_empty() {
            let items = plan.ending.iter().map(|(subject, object, reason)| Item {
                head: format!("{subject} -> {object}"),
                notes: vec![reason_line(reason)],
                sort: "ending",
                count: 1,
                ..Item::default()
            });
            sections.push(section(&format!("ends within {SOON_DAYS} days"), items.collect()));
        }
        sections
    }

    /// `3 gained, 1 lost; 1 public`.
    pub(crate) fn summary(&self) -> String {
        let plan = self.plan;
        let kinds = Kind::ALL.into_iter().filter_map(|kind| {
            let count = plan.count(kind);
            (count > 0).then(|| format!("{count} {}", kind.word()))
        });
        let kinds: Vec<String> = kinds.collect();
        let risks: Vec<String> = risks(plan)
            .into_iter()
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        match (kinds.is_empty(), risks.is_empty()) {
            (true, _) if plan.is_same_access() => "no access and no flow changes, but files do".to_owned(),
            (true, _) => "no access changes, but what stands around it does".to_owned(),
            (false, true) => kinds.join(", "),
            (false, false) => format!("{}; at risk: {}", kinds.join(", "), risks.join(", ")),
        }
    }

    /// What takes effect late.
    pub(crate) fn footnotes(&self) -> Vec<String> {
        let late = self.plan.late.iter();
        late.map(|one| format!("late: {} ({} {})", one.sentence, one.count, one.sort))
            .collect()
    }

    /// How many files differ.
    pub(crate) fn files(&self) -> String {
        let files = &self.plan.files;
        format!(
            "files: {} created, {} updated, {} deleted",
            files.created.len(),
            files.updated.len(),
            files.deleted.len()
        )
    }

    /// Paths that differ, each with what happens to it.
    pub(crate) fn paths(&self) -> Vec<String> {
        let files = &self.plan.files;
        let all = [
            ("create", &files.created),
            ("update", &files.updated),
            ("delete", &files.deleted),
        ];
        let all = all.into_iter();
        all.flat_map(|(verb, list)| list.iter().map(move |path| format!("{verb} {path}")))
            .collect()
    }
}

/// How many changes bear each risk.
pub(crate) fn risks(plan: &Plan) -> Vec<(&'static str, usize)> {
    let counts = Risk::ALL.into_iter().map(|risk| {
        let with = plan.changes.iter().filter(|change| change.risks.contains(&risk));
        (risk.word(), with.count())
    });
    counts.filter(|(_, count)| *count > 0).collect()
}

fn section(title: &str, items: Vec<Item>) -> Section {
    Section {
        title: title.to_owned(),
        items,
        is_open: false,
    }
}

fn counted(head: String, count: usize) -> Item {
    Item {
        head,
        sort: "documents",
        count,
        ..Item::default()
    }
}

pub(crate) fn several(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Some names, and how many more.
fn names(all: &BTreeSet<&str>) -> String {
    let mut shown: Vec<&str> = all.iter().copied().take(NAMES_MAX).collect();
    let more = all.len().saturating_sub(NAMES_MAX).to_string();
    let more = format!("{more} more");
    if all.len() > NAMES_MAX {
        shown.push(&more);
    }
    shown.join(", ")
}
