//! One state of a project, as an editor asks about it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use diagnostics::Report;
use driver::{Analysis, Spec};
use model::value::Date;
use resolve::heard::{Heard, Use};
use source::{FileId, Span};
use syntax::document::Document;

use crate::learned::Learned;
use crate::outline::{self, Sort};

/// What the spec means in one environment.
#[derive(Debug)]
pub struct View {
    /// The environment; `None` for a project without any.
    pub environment: Option<String>,
    /// What it means.
    pub analysis: Analysis,
    /// What was asked of its text.
    pub heard: Heard,
    /// What was found down to the graph.
    pub report: Report,
}

/// A line with a first argument, which may be a name.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// The first argument.
    pub name: Span,
    /// What the line declares, if it declares something.
    pub sort: Option<Sort>,
}

/// A project at one moment. It never changes: after an edit there is another one.
#[derive(Debug)]
pub struct Snapshot {
    /// The files and their trees.
    pub spec: Arc<Spec>,
    /// What it means, in each environment; one at least.
    pub views: Vec<View>,
    /// Files beside the spec that it may name, relative to the project.
    pub others: Vec<String>,
    /// Files of the standard library, `std/…` without the ending.
    pub library_files: Vec<String>,
    /// The day.
    pub today: Date,
    declarations: OnceLock<BTreeMap<Span, Declaration>>,
    uses: OnceLock<Vec<Use>>,
    learned: OnceLock<Learned>,
}

impl Snapshot {
    /// A state of a project.
    #[must_use]
    pub fn new(
        spec: Arc<Spec>,
        views: Vec<View>,
        others: Vec<String>,
        library_files: Vec<String>,
        today: Date,
    ) -> Self {
        Self {
            spec,
            views,
            others,
            library_files,
            today,
            declarations: OnceLock::new(),
            uses: OnceLock::new(),
            learned: OnceLock::new(),
        }
    }

    /// The tree of a file of the project.
    #[must_use]
    pub fn document(&self, file: FileId) -> Option<&Document> {
        let (own, document) = self.spec.documents().get(file.0 as usize)?;
        (*own == file).then_some(document)
    }

    /// The text of a span of the project.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.spec.sources.text(span)
    }

    /// Whether a file is one of the project's, and none of the library's.
    #[must_use]
    pub fn is_ours(&self, file: FileId) -> bool {
        (file.0 as usize) < self.spec.documents().len()
    }

    /// What the lines of the project take, as far as they are there.
    pub fn learned(&self) -> &Learned {
        self.learned.get_or_init(|| {
            let mut learned = Learned::default();
            for view in &self.views {
                learned.add(self.spec.documents(), &view.heard);
                learned.add_kinds(&view.analysis.model);
            }
            learned
        })
    }

    /// Every line of the project that has a first argument, by its head.
    pub fn declarations(&self) -> &BTreeMap<Span, Declaration> {
        self.declarations.get_or_init(|| {
            let mut found = BTreeMap::new();
            for (_, document) in self.spec.documents() {
                crate::tree::walk(document, &mut |lines| {
                    let Some(line) = lines.last() else { return };
                    let Some(name) = line.argument(0) else { return };
                    let outer = lines.iter().rev().nth(1).map(|outer| outer.name());
                    let declaration = Declaration {
                        name: name.span(),
                        sort: outline::sort(&line.name(), outer.as_deref()),
                    };
                    found.insert(line.head_span(), declaration);
                });
            }
            found
        })
    }

    /// Every place of the project that names a declaration, by its declared name, in any environment, in order of place.
    pub fn uses(&self) -> &[Use] {
        self.uses.get_or_init(|| {
            // Parts and kinds are known by their lines: their name is the first argument.
            let names = self.declarations();
            let heard = self.views.iter().flat_map(|view| &view.heard.uses);
            let ours = heard.filter(|one| self.is_ours(one.at.file));
            let mut uses: Vec<Use> = ours
                .map(|one| Use {
                    at: one.at,
                    declared: names.get(&one.declared).map_or(one.declared, |line| line.name),
                })
                .collect();
            uses.sort_unstable();
            uses.dedup();
            uses
        })
    }
}
