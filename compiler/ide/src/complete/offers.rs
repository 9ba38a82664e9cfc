//! What a place takes, as items: words, properties, values.

use std::collections::BTreeSet;

use catalogue::Catalogue;
use model::Model;
use resolve::heard::Takes;
use syntax::document::Node;

use super::{Item, Sort};
use crate::learned::Learned;
use crate::snapshot::Snapshot;
use crate::tree::{Cursor, Slot};

/// What may be written at a place, as it is gathered.
pub(super) struct Offers<'s> {
    pub(super) snapshot: &'s Snapshot,
    pub(super) language: &'s Learned,
    pub(super) own: &'s Learned,
    pub(super) is_quoted: bool,
    pub(super) items: BTreeSet<Item>,
}

impl Offers<'_> {
    pub(super) fn push(&mut self, sort: Sort, label: &str, detail: &str) {
        let text = if self.is_quoted || is_bare(label) {
            label.to_owned()
        } else {
            format!("\"{label}\"")
        };
        self.items.insert(Item {
            sort,
            label: label.to_owned(),
            detail: detail.to_owned(),
            text,
        });
    }

    /// Words with which a line may begin.
    pub(super) fn words(&mut self, cursor: &Cursor<'_>) {
        let is_in = is_in(&cursor.lines);
        if cursor.lines.len() == 1 || is_in {
            let words: BTreeSet<&String> = self.own.words.iter().chain(&self.language.words).collect();
            for word in words {
                if is_in && resolve::NEVER_IN.contains(&word.as_str()) {
                    continue;
                }
                if is_language(word) {
                    self.push(Sort::Word, word, "declaration");
                } else {
                    self.push(Sort::Kind, word, "kind");
                }
            }
            return;
        }
        let path = cursor.outer_path();
        let detail = format!("fact of `{}`", path.rsplit('/').next().unwrap_or(&path));
        // What was asked of this very block; where it was not read, what others like it were asked.
        let head = cursor.lines.iter().rev().nth(1).map(|outer| outer.head_span());
        let heard = self.snapshot.views.iter().flat_map(|view| &view.heard.facts);
        let here = heard.filter(|taken| {
            head.is_some_and(|head| taken.head.file == head.file && taken.head.start == head.start)
        });
        let mut words: BTreeSet<String> = here.flat_map(|taken| taken.words.iter().cloned()).collect();
        if words.is_empty() {
            let facts = [&self.own.facts, &self.language.facts];
            words = facts
                .iter()
                .filter_map(|facts| facts.get(&path))
                .flatten()
                .cloned()
                .collect();
        }
        for word in words {
            self.push(Sort::Word, &word, &detail);
        }
    }

    pub(super) fn properties(&mut self, path: &str) {
        let all = [self.own, self.language].into_iter();
        let words: BTreeSet<String> = all.flat_map(|one| one.properties_of(path)).cloned().collect();
        for word in words {
            self.items.insert(Item {
                sort: Sort::Property,
                label: format!("{word}="),
                detail: "property".to_owned(),
                text: format!("{word}="),
            });
        }
    }

    pub(super) fn values(&self, path: &str, slot: &Slot) -> BTreeSet<Takes> {
        let own = self.own.values(path, slot).into_iter();
        own.chain(self.language.values(path, slot)).cloned().collect()
    }

    pub(super) fn value(&mut self, takes: &Takes, lines: &[Node<'_>]) {
        match takes {
            Takes::Name(what) => self.names(what),
            Takes::End => self.ends(),
            Takes::Selector => {
                self.ends();
                self.selectors();
            }
            Takes::Kind => self.kinds(""),
            Takes::Capability => self.capabilities(lines),
            Takes::Words(words) => {
                for word in words {
                    self.push(Sort::Value, word, "");
                }
            }
            Takes::Region => {
                for region in resolve::REGIONS {
                    self.push(Sort::Value, region, "region");
                }
            }
            Takes::Action => self.actions(lines),
            Takes::LibraryFile => {
                for file in &self.snapshot.library_files {
                    // Kinds need no `use`.
                    if !file.starts_with("std/aws/") {
                        self.push(Sort::File, file, "standard library");
                    }
                }
            }
            Takes::File => {
                for file in &self.snapshot.others {
                    self.push(Sort::File, file, "file of the project");
                }
            }
            Takes::Flag => {
                for word in ["#true", "#false"] {
                    self.push(Sort::Value, word, "flag");
                }
            }
            Takes::Date => {
                let year = self.snapshot.today.0 + 365;
                self.push(
                    Sort::Value,
                    &model::value::Date(year).to_string(),
                    "a year from now",
                );
            }
            Takes::Duration => {
                for word in ["1h", "12h", "30d", "90d", "365d"] {
                    self.push(Sort::Value, word, "duration");
                }
            }
        }
    }

    pub(super) fn kinds(&mut self, prefix: &str) {
        let words: BTreeSet<&String> = self.own.words.iter().chain(&self.language.words).collect();
        for word in words {
            let is_actor = matches!(word.as_str(), "workload" | "device" | "people" | "external");
            if is_actor || !is_language(word) {
                self.push(Sort::Kind, &format!("{prefix}{word}"), "kind");
            }
        }
    }

    /// The capabilities of what the line names; of everything, if it names nothing yet.
    fn capabilities(&mut self, lines: &[Node<'_>]) {
        let rule = lines
            .iter()
            .rev()
            .find(|line| matches!(&*line.name(), "trust" | "never" | "can" | "cannot"));
        let mut named: BTreeSet<String> = BTreeSet::new();
        if let Some(rule) = rule {
            let is_question = matches!(&*rule.name(), "can" | "cannot");
            let objects = rule
                .arguments()
                .skip_while(|value| !is_question && value.literal() != "->")
                .skip(1);
            named.extend(objects.filter_map(|value| value.as_str().map(|text| text.into_owned())));
        }
        let mut found: BTreeSet<(String, String)> = BTreeSet::new();
        for view in &self.snapshot.views {
            let model = &view.analysis.model;
            let kinds = kinds_of(model, &named);
            for (id, kind) in model.kinds.iter() {
                if !kinds.is_empty() && !kinds.contains(&id) {
                    continue;
                }
                let word = model.names.text(kind.name);
                for capability in &kind.words.capabilities {
                    found.insert((
                        model.names.text(capability.name).to_owned(),
                        format!("capability of `{word}`"),
                    ));
                }
            }
        }
        for (name, detail) in found {
            self.push(Sort::Capability, &name, &detail);
        }
    }

    /// Actions of the services that the kind around the place is about; of all, if it names none.
    fn actions(&mut self, lines: &[Node<'_>]) {
        let catalogue = Catalogue::embedded();
        let service = lines
            .first()
            .and_then(|kind| kind.property("service"))
            .and_then(|service| service.as_str().map(|text| text.into_owned()));
        for one in catalogue.services() {
            if service.as_deref().is_some_and(|service| service != one.prefix) {
                continue;
            }
            for action in catalogue.actions(one) {
                let levels: Vec<String> = action.levels().map(|level| format!("{level:?}")).collect();
                self.push(Sort::Action, action.name(), &levels.join(", "));
            }
        }
    }
}

fn is_in(lines: &[Node<'_>]) -> bool {
    lines.len() == 2 && lines.first().is_some_and(|line| line.name() == "in")
}

fn is_language(word: &str) -> bool {
    resolve::WORDS.contains(&word)
}

/// Whether a text is a word of KDL as it stands.
fn is_bare(text: &str) -> bool {
    if matches!(text, "#true" | "#false" | "->" | "*") {
        return true;
    }
    let first = text.chars().next();
    let is_word = first.is_some_and(|letter| letter.is_ascii_alphabetic());
    is_word
        && !matches!(text, "true" | "false" | "null" | "inf" | "nan")
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':'))
}

/// The kinds of what names and selectors mean.
fn kinds_of(model: &Model, named: &BTreeSet<String>) -> BTreeSet<model::kind::KindId> {
    let mut kinds = BTreeSet::new();
    for name in named {
        if let Some(word) = name.strip_prefix("kind:") {
            let of_word = model
                .kinds
                .iter()
                .filter(|(_, kind)| model.names.text(kind.name) == word);
            kinds.extend(of_word.map(|(id, _)| id));
            continue;
        }
        let (head, part) = match name.split_once('.') {
            Some((head, part)) => (head, Some(part)),
            None => (name.as_str(), None),
        };
        let things = model
            .things
            .iter()
            .filter(|(_, thing)| model.names.text(thing.name) == head);
        for (_, thing) in things {
            match part {
                None => drop(kinds.insert(thing.kind)),
                Some(part) => {
                    let parts = thing.parts.iter().filter_map(|id| model.parts.get(*id));
                    let own = parts.filter(|one| model.names.text(one.name) == part);
                    kinds.extend(own.map(|one| one.kind));
                }
            }
        }
    }
    kinds
}
