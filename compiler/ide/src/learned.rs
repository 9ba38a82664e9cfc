//! What each line of the language takes, learned from what the resolver asked of lines that are there.
//!
//! There is no table of facts and words here. The examples of the language's own page and of the pages of codes, one
//! declaration of each kind of the library, and the project itself are resolved, and what was asked of each line is kept by the path of its words:
//! `bucket/encrypted` takes the property `key`, whose value is the name of a `key`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diagnostics::Report;
use driver::Options;
use model::Model;
use model::kind::{PropertySort, PropertyType, Takes as Values};
use model::value::{Date, Value};
use resolve::Library;
use resolve::heard::{Heard, Place, Taken, Takes};
use source::{FileId, Origin, Sources};
use syntax::document::Document;

use crate::tree::{self, Slot, values};

/// The page whose examples show every line of the language: a test compiles them.
const PAGE: &str = include_str!("../../../docs/language.md");

/// Lines that no page shows.
const FURTHER: &str = include_str!("further.kdl");

/// So many lines of one path are looked at: they all take the same.
const LINES_MAX: usize = 64;

/// Arguments from this one on take the same.
const ARGUMENTS_MAX: usize = 3;

/// What lines take, by the path of their words.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    /// The words with which a line at the top begins.
    pub words: BTreeSet<String>,
    /// The facts of a block.
    pub facts: BTreeMap<String, BTreeSet<String>>,
    /// The properties of a line.
    properties: BTreeMap<String, BTreeSet<String>>,
    values: BTreeMap<(String, Slot), BTreeSet<Takes>>,
}

/// What was asked, by place.
struct Asked<'h> {
    facts: Vec<&'h Taken>,
    properties: Vec<&'h Taken>,
    places: Vec<&'h Place>,
}

impl<'h> Asked<'h> {
    fn of(heard: &'h Heard) -> Self {
        let mut asked = Self {
            facts: heard.facts.iter().collect(),
            properties: heard.properties.iter().collect(),
            places: heard.places.iter().collect(),
        };
        asked.facts.sort_by_key(|taken| taken.head);
        asked.properties.sort_by_key(|taken| taken.head);
        asked.places.sort_by_key(|place| place.at);
        asked
    }
}

impl Learned {
    /// What the language takes, whatever a project says. It takes some tenths of a second.
    #[must_use]
    pub fn of_language(library: &Library) -> Self {
        let mut learned = Self::default();
        let codes = driver::codes::all();
        let pages = std::iter::once(PAGE).chain(codes.iter().map(|code| code.docs));
        let mut before = String::new();
        let mut examples = Vec::new();
        for page in pages {
            examples.extend(self::examples(page, &mut before));
        }
        let files: BTreeMap<String, Arc<[u8]>> = examples
            .iter()
            .filter_map(|example| match example {
                Example::File(path, text) => Some((path.clone(), Arc::from(text.as_bytes()))),
                Example::Spec(_) => None,
            })
            .collect();
        for example in &examples {
            if let Example::Spec(text) = example {
                learned.resolve(text, library, &files);
            }
        }
        learned.resolve(&of_each_kind(library), library, &files);
        learned.resolve(FURTHER, library, &files);
        learned
    }

    fn resolve(&mut self, text: &str, library: &Library, files: &BTreeMap<String, Arc<[u8]>>) {
        let mut sources = Sources::default();
        sources.add("leastwise.kdl", text, Origin::Project);
        let spec = driver::parse(sources, &mut Report::default());
        let environment = spec.environments().into_iter().next();
        let options = Options {
            environment: environment.as_deref(),
            as_of: Date(0),
            library,
            files,
            targets: &[],
        };
        let (analysis, heard) = driver::listen(&spec, &options, &mut Report::default());
        self.add(spec.documents(), &heard);
        self.add_kinds(&analysis.model);
    }

    /// Learns from the lines of a project.
    pub fn add(&mut self, documents: &[(FileId, Document)], heard: &Heard) {
        let asked = Asked::of(heard);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (_, document) in documents {
            tree::walk(document, &mut |lines| {
                let path = tree::path(lines);
                let count = seen.entry(path.clone()).or_default();
                *count += 1;
                if *count <= LINES_MAX
                    && let Some(node) = lines.last()
                {
                    self.line(path, *node, &asked);
                }
            });
        }
        self.words.extend(heard.words.iter().cloned());
    }

    fn line(&mut self, path: String, node: syntax::document::Node<'_>, asked: &Asked<'_>) {
        let head = node.head_span();
        let (facts, properties) = (of_head(&asked.facts, head), of_head(&asked.properties, head));
        if let Some(words) = facts {
            self.facts.entry(path.clone()).or_default().extend(words);
        }
        if let Some(words) = properties {
            self.properties.entry(path.clone()).or_default().extend(words);
        }
        for (slot, value) in values(node) {
            let first = asked.places.partition_point(|place| place.at < value.span());
            let here = asked.places.get(first..).unwrap_or(&[]);
            for place in here.iter().take_while(|place| place.at == value.span()) {
                let key = (path.clone(), limited(slot.clone()));
                self.values.entry(key).or_default().insert(place.takes.clone());
            }
        }
    }

    /// What the facts of kinds take, as the kinds say it.
    pub(crate) fn add_kinds(&mut self, model: &Model) {
        for (_, kind) in model.kinds.iter() {
            let word = model.names.text(kind.name);
            for property in &kind.words.properties {
                let path = format!("{word}/{}", model.names.text(property.name));
                let Some(takes) = takes(model, property) else {
                    continue;
                };
                if let Takes::Name(kind) = &takes {
                    let kind = kind.to_string();
                    let key = (path.clone(), Slot::Property(kind.clone()));
                    self.values.entry(key).or_default().insert(takes.clone());
                    self.properties.entry(path.clone()).or_default().insert(kind);
                }
                self.values
                    .entry((path, Slot::Argument(0)))
                    .or_default()
                    .insert(takes);
            }
        }
    }

    /// What a part of a line takes. Facts that many declarations have take the same everywhere: of a fact that was not seen in
    /// this one, what others take is told.
    #[must_use]
    pub fn values(&self, path: &str, slot: &Slot) -> Vec<&Takes> {
        let own = self.of_path(path, slot);
        match path.split_once('/') {
            Some((_, fact)) if own.is_empty() && !self.properties.contains_key(path) => self
                .elsewhere(fact)
                .into_iter()
                .flat_map(|path| self.of_path(path, slot))
                .collect(),
            _ => own,
        }
    }

    /// The properties of a line, likewise.
    #[must_use]
    pub fn properties_of(&self, path: &str) -> BTreeSet<&String> {
        if let Some(own) = self.properties.get(path) {
            return own.iter().collect();
        }
        let others = path.split_once('/').map(|(_, fact)| self.elsewhere(fact));
        let others = others.into_iter().flatten();
        others
            .filter_map(|path| self.properties.get(path))
            .flatten()
            .collect()
    }

    /// Whether a line of a path was seen, here or in another declaration.
    #[must_use]
    pub fn is_shown(&self, path: &str) -> bool {
        let others = || path.split_once('/').map(|(_, fact)| self.elsewhere(fact));
        self.properties.contains_key(path) || others().is_some_and(|others| !others.is_empty())
    }

    /// Other declarations that have a fact.
    fn elsewhere(&self, fact: &str) -> Vec<&String> {
        let paths = self.properties.keys();
        paths
            .filter(|path| path.split_once('/').is_some_and(|(_, own)| own == fact))
            .collect()
    }

    fn of_path(&self, path: &str, slot: &Slot) -> Vec<&Takes> {
        let of = |slot: Slot| self.values.get(&(path.to_owned(), slot));
        let slot = limited(slot.clone());
        // A further argument takes what the one before it does, unless something else was seen.
        let found = match &slot {
            Slot::Argument(place) => (0..=*place).rev().find_map(|place| of(Slot::Argument(place))),
            Slot::Word | Slot::PropertyName | Slot::Property(_) | Slot::Gap => of(slot.clone()),
        };
        found.into_iter().flatten().collect()
    }
}

fn of_head<'h>(taken: &[&'h Taken], head: source::Span) -> Option<impl Iterator<Item = String> + use<'h>> {
    let first = taken.partition_point(|taken| taken.head < head);
    let here = taken.get(first).filter(|taken| taken.head == head)?;
    let words = &here.words;
    Some(words.iter().cloned())
}

fn limited(slot: Slot) -> Slot {
    match slot {
        Slot::Argument(place) => Slot::Argument(place.min(ARGUMENTS_MAX)),
        Slot::Word | Slot::PropertyName | Slot::Property(_) | Slot::Gap => slot,
    }
}

fn takes(model: &Model, property: &PropertyType) -> Option<Takes> {
    if let Values::OneOf(values) = &property.takes {
        let text = |value: &Value| match value {
            Value::Number(number) => Some(number.to_string()),
            Value::Name(name) | Value::Text(name) => Some(model.names.text(*name).to_owned()),
            _ => None,
        };
        let words: Vec<String> = values.iter().filter_map(text).collect();
        if !words.is_empty() {
            return Some(Takes::Words(words));
        }
    }
    Some(match property.sort {
        PropertySort::Reference => Takes::Name(model.names.text(property.kind?).to_owned().into()),
        PropertySort::Flag => Takes::Flag,
        PropertySort::Duration => Takes::Duration,
        PropertySort::Date => Takes::Date,
        PropertySort::Name
        | PropertySort::Text
        | PropertySort::Number
        | PropertySort::Cidr
        | PropertySort::Version => return None,
    })
}

/// What stands in a fence of the page.
enum Example {
    /// A project.
    Spec(String),
    /// A file beside it, by its path.
    File(String, String),
}

/// The examples of a page. The first text of the first page stands before each that declares no project.
fn examples(page: &'static str, before: &mut String) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(tag)) => open = Some((tag, String::new())),
            (Some((tag, text)), Some(_)) => {
                match tag.split_once(' ') {
                    Some(("csv", path)) => found.push(Example::File(path.to_owned(), text.clone())),
                    _ if *tag == "text" && before.is_empty() => before.clone_from(text),
                    _ if tag.starts_with("kdl") => {
                        let has_project = text.lines().any(|line| line.starts_with("project "));
                        let before = if has_project { "" } else { before.as_str() };
                        found.push(Example::Spec(format!("{before}{text}")));
                    }
                    _ => {}
                }
                open = None;
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// A project with a thing of each kind: nothing is right with it, and every fact is asked for.
fn of_each_kind(library: &Library) -> String {
    let mut text = String::from("project kinds edition=\"2026\" {}\n");
    let kinds: BTreeSet<&String> = library.files().iter().flat_map(|file| &file.kinds).collect();
    for (number, kind) in kinds.into_iter().enumerate() {
        text.push_str(&format!("{kind} of-kind-{number} {{}}\n"));
    }
    text
}
