//! What every part of this floor works on: the model that grows, the scope, the report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arena::{Arena, Name, Names};
use diagnostics::{Diagnostic, Report};
use model::fleet::FleetId;
use model::kind::KindId;
use model::project::{Project, TeamId};
use model::thing::ThingId;
use model::value::Date;
use model::{Fact, Model};
use source::{FileId, Span};

use crate::heard::Heard;
use crate::inventory::Rows;
use crate::names::Scope;
use crate::near::Near;

/// `owner` and `expires` at the top level of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Defaults {
    pub(crate) owner: Option<TeamId>,
    pub(crate) expires: Option<(Date, Span)>,
}

/// An attribute of a class that a text of the spec uses, with the place that does.
pub(crate) type Uses = BTreeMap<(ThingId, Name), Span>;

/// The state of one resolution.
pub(crate) struct Cx<'a, 'r> {
    pub(crate) report: &'r mut Report,
    pub(crate) near: Near,
    pub(crate) model: Model,
    pub(crate) scope: Scope<'a>,
    pub(crate) environment: Option<&'a str>,
    pub(crate) inventories: &'a BTreeMap<String, Arc<[u8]>>,
    /// Per file, what it says for all its declarations.
    pub(crate) defaults: BTreeMap<FileId, Defaults>,
    /// The `apply` lines that led here, outermost first.
    pub(crate) applied: Vec<Span>,
    /// The parameters of the profile whose lines are read.
    pub(crate) parameters: Vec<Box<str>>,
    /// Names that are declared in blocks of other environments only, with these.
    pub(crate) only_in: BTreeMap<Box<str>, Vec<String>>,
    /// What wants the value that is being read, for a parameter of a profile.
    pub(crate) wanted_by: Option<Span>,
    pub(crate) library_files: BTreeSet<FileId>,
    /// Kinds by their word.
    pub(crate) kinds: BTreeMap<Box<str>, KindId>,
    /// Attributes that texts use: their values must not hold separators.
    pub(crate) uses: Uses,
    /// Attributes that `same` compares: likewise, but one that is empty equals nothing and stands nowhere.
    pub(crate) compared: Uses,
    /// The fleet of each class.
    pub(crate) fleets: BTreeMap<ThingId, FleetId>,
    /// Members by name, one table for each fleet.
    pub(crate) rows: BTreeMap<FleetId, Rows>,
    /// What is asked of the text, if somebody edits it.
    pub(crate) heard: Option<Box<Heard>>,
}

impl<'a, 'r> Cx<'a, 'r> {
    pub(crate) fn new(
        environment: Option<&'a str>,
        as_of: Date,
        inventories: &'a BTreeMap<String, Arc<[u8]>>,
        report: &'r mut Report,
    ) -> Self {
        let mut names = Names::default();
        let project = Project {
            name: names.intern(""),
            span: Span::new(FileId(0), 0, 0),
            environment: environment.map(|environment| names.intern(environment)),
            default_account: None,
            tags: Vec::new(),
            data_classes: Vec::new(),
            targets: Vec::new(),
            identifiers: Vec::new(),
            as_of,
        };
        Self {
            report,
            near: Near::default(),
            model: Model {
                names,
                project,
                accounts: Arena::default(),
                teams: Arena::default(),
                authorities: Arena::default(),
                providers: Arena::default(),
                networks: Arena::default(),
                sites: Arena::default(),
                segments: Arena::default(),
                things: Arena::default(),
                parts: Arena::default(),
                fleets: Arena::default(),
                kinds: Arena::default(),
                trusts: Arena::default(),
                promises: Arena::default(),
                waivers: Arena::default(),
                tests: Arena::default(),
                baselines: Arena::default(),
                facts: Arena::default(),
                unused: Vec::new(),
            },
            scope: Scope::default(),
            environment,
            inventories,
            defaults: BTreeMap::new(),
            applied: Vec::new(),
            parameters: Vec::new(),
            only_in: BTreeMap::new(),
            wanted_by: None,
            library_files: BTreeSet::new(),
            kinds: BTreeMap::new(),
            uses: BTreeMap::new(),
            compared: BTreeMap::new(),
            fleets: BTreeMap::new(),
            rows: BTreeMap::new(),
            heard: None,
        }
    }

    /// Adds a diagnostic; inside a profile it shows the `apply` lines, too.
    pub(crate) fn push(&mut self, mut diagnostic: Diagnostic) {
        if let Some(span) = self.wanted_by {
            diagnostic = diagnostic.label(span, "the parameter that wants it");
        }
        for applied in self.applied.iter().rev() {
            diagnostic = diagnostic.label(*applied, "applied here");
        }
        // What stands in a profile is right or wrong for every line that applies it: which one to mend is not certain.
        if !self.applied.is_empty() || self.wanted_by.is_some() {
            diagnostic.fixes.clear();
        }
        one_line(&mut diagnostic.message);
        diagnostic
            .labels
            .iter_mut()
            .for_each(|label| one_line(&mut label.text));
        diagnostic.notes.iter_mut().for_each(one_line);
        diagnostic.help.iter_mut().for_each(one_line);
        self.report.push(diagnostic);
    }

    pub(crate) fn intern(&mut self, text: &str) -> Name {
        self.model.names.intern(text)
    }

    pub(crate) fn text_of(&self, name: Name) -> &str {
        self.model.names.text(name)
    }

    /// Whether a segment has this name.
    pub(crate) fn is_segment(&self, name: &str) -> bool {
        let found = self.scope.names.get(name);
        found.is_some_and(|found| matches!(found.target, crate::names::Target::Segment(_)))
    }

    /// Whether things of a kind may say a property.
    pub(crate) fn is_property(&self, kind: &str, property: &str) -> bool {
        let kind = self.kinds.get(kind).and_then(|kind| self.model.kinds.get(*kind));
        let mut own = kind.into_iter().flat_map(|kind| &kind.words.properties);
        own.any(|known| self.text_of(known.name) == property)
    }

    /// Notes that something emitted may have this line as its reason.
    pub(crate) fn fact(&mut self, span: Span) {
        self.model.facts.push(Fact { span });
    }

    /// What a file says for all its declarations.
    pub(crate) fn file_defaults(&self, file: FileId) -> Defaults {
        self.defaults.get(&file).copied().unwrap_or_default()
    }
}

/// A name or a value may hold line breaks: what is shown of it stays on one line, and shows what nobody would see.
fn one_line(text: &mut String) {
    let odd = |letter: char| letter.is_control() || crate::spelling::is_invisible(letter);
    if text.chars().any(odd) {
        let shown = text.chars().flat_map(|letter| {
            let (plain, escaped) = if odd(letter) {
                (None, Some(letter.escape_unicode()))
            } else {
                (Some(letter), None)
            };
            plain.into_iter().chain(escaped.into_iter().flatten())
        });
        *text = shown.collect();
    }
}
