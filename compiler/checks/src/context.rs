//! What a check sees, what it finds, and the key to the next floor.

use arena::Name;
use diagnostics::{Code, Diagnostic, Report};
use graph::TrustGraph;
use graph::question::Index;
use model::Model;
use rayon::prelude::*;

use crate::waiver;

/// What a check sees. It changes nothing.
#[derive(Debug)]
pub struct Context<'a> {
    /// The resolved spec.
    pub model: &'a Model,
    /// What it means.
    pub graph: &'a TrustGraph,
    /// What finds entries of the graph by who and by what.
    pub index: Index<'a>,
}

impl<'a> Context<'a> {
    /// Indexes the graph.
    #[must_use]
    pub fn new(model: &'a Model, graph: &'a TrustGraph) -> Self {
        Self {
            model,
            graph,
            index: Index::new(model, graph),
        }
    }

    /// The text of a name of the model.
    #[must_use]
    pub fn text(&self, name: Name) -> &'a str {
        self.model.names.text(name)
    }
}

/// What checks found.
#[derive(Debug, Default)]
pub struct Findings {
    pub(crate) list: Vec<Finding>,
}

/// One finding, and what a waiver could take it by.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) diagnostic: Diagnostic,
    /// Declared names that it is about.
    pub(crate) on: Vec<Name>,
    /// The name of the promise that is broken.
    pub(crate) promise: Option<Name>,
}

impl Findings {
    /// Adds those of another list behind these.
    pub fn append(&mut self, others: Findings) {
        self.list.extend(others.list);
    }

    /// Adds a finding about these declared names.
    pub fn push(&mut self, diagnostic: Diagnostic, on: impl IntoIterator<Item = Name>) {
        self.list.push(Finding {
            diagnostic,
            on: on.into_iter().collect(),
            promise: None,
        });
    }

    /// Adds a finding about a promise, which may have a name.
    pub fn push_promise(
        &mut self,
        diagnostic: Diagnostic,
        on: impl IntoIterator<Item = Name>,
        promise: Option<Name>,
    ) {
        self.list.push(Finding {
            diagnostic,
            on: on.into_iter().collect(),
            promise,
        });
    }
}

/// One check: a constant record in its own file.
#[derive(Debug)]
pub struct Check {
    /// The fault that it finds.
    pub code: &'static Code,
    /// The release that brought it.
    pub since: &'static str,
    /// Reads and reports.
    pub run: fn(&Context<'_>, &mut Findings),
}

/// Which checks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection<'a> {
    /// All of them.
    All,
    /// One alone, by its code (golden cases of a check run only that check).
    Only(&'a str),
}

/// A spec that no error-level check objects to: the key to lowering. Only [`run`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    model: &'a Model,
    graph: &'a TrustGraph,
}

impl<'a> Checked<'a> {
    /// The resolved spec, with its promises and tests.
    #[must_use]
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// What it means.
    #[must_use]
    pub fn graph(&self) -> &'a TrustGraph {
        self.graph
    }
}

/// Runs the selected checks, then takes out what valid waivers take.
///
/// `None` if the report holds an error, from here or from a floor above. A check does not look at what another found,
/// and none runs on a spec whose names are not resolved: it would report the consequences of what is reported already.
pub fn run<'a>(cx: &Context<'a>, selection: Selection<'_>, report: &mut Report) -> Option<Checked<'a>> {
    if report.has_errors() {
        return None;
    }
    let selected: Vec<_> = crate::ALL
        .iter()
        .filter(|check| match selection {
            Selection::All => true,
            Selection::Only(name) => check.code.name == name || waiver::is_alone(selection),
        })
        .collect();
    let found: Vec<Findings> = selected
        .par_iter()
        .map(|check| {
            let mut findings = Findings::default();
            (check.run)(cx, &mut findings);
            findings
        })
        .collect();
    let list = found.into_iter().flat_map(|findings| findings.list).collect();
    let findings = Findings { list };
    waiver::apply(cx, selection, findings, report);
    (!report.has_errors()).then_some(Checked {
        model: cx.model,
        graph: cx.graph,
    })
}
