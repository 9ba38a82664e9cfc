//! What a check sees, and the key to the next floor.

use diagnostics::{Code, Report};
use graph::TrustGraph;
use model::Model;

/// What a check sees. It changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The resolved spec.
    pub model: &'a Model,
    /// What it means.
    pub graph: &'a TrustGraph,
}

/// One check: a constant record in its own file.
#[derive(Debug)]
pub struct Check {
    /// The fault that it finds.
    pub code: &'static Code,
    /// The release that brought it.
    pub since: &'static str,
    /// Reads and reports.
    pub run: fn(&Context<'_>, &mut Report),
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
/// `None` if the report holds an error, from here or from a floor above.
pub fn run<'a>(cx: &Context<'a>, selection: Selection<'_>, report: &mut Report) -> Option<Checked<'a>> {
    for check in crate::ALL {
        let selected = match selection {
            Selection::All => true,
            Selection::Only(name) => check.code.name == name,
        };
        if selected {
            (check.run)(cx, report);
        }
    }
    (!report.has_errors()).then_some(Checked { model: cx.model, graph: cx.graph })
}
