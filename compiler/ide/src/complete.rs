//! What may be written at a place.
//!
//! A letter is put where the cursor stands and the file is read with it, so that there is a line, and a part of it, also where
//! nothing is written yet or the rest of the file is broken. What stands there is told by what was learned of the line.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalogue::Catalogue;
use diagnostics::Report;
use model::Model;
use model::thing::Detail;
use resolve::heard::Takes;
use source::{FileId, Span};
use syntax::document::{Document, Node};
use syntax::token::TokenKind;

use crate::learned::Learned;
use crate::snapshot::Snapshot;
use crate::tree::{self, Cursor, Slot};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A declared name.
    Name,
    /// The word of a kind.
    Kind,
    /// The word of a fact or a declaration.
    Word,
    /// A property, with its `=`.
    Property,
    /// A capability.
    Capability,
    /// One of the words that a place takes, or another value.
    Value,
    /// A selector.
    Selector,
    /// An action of the provider.
    Action,
    /// A file.
    File,
}

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// What it is.
    pub sort: Sort,
    /// What is shown, and found by what is typed.
    pub label: String,
    /// What it is, in a few words.
    pub detail: String,
    /// What is written.
    pub text: String,
}

/// Everything that may be written at a place.
#[derive(Clone, Debug)]
pub struct Completion {
    /// What it replaces: what is there of the word already.
    pub replaces: Span,
    /// What may be written, in order.
    pub items: Vec<Item>,
}

/// The letters that stand at the cursor while the file is read.
const HERE: &str = "zz";

/// A text in quotes, a word, or nothing.
struct Place {
    document: Document,
    /// Where the cursor is in that document.
    at: u32,
    replaces: Span,
    is_quoted: bool,
}

/// What may be written at a place; nothing inside a comment.
#[must_use]
pub fn complete(snapshot: &Snapshot, language: &Learned, file: FileId, offset: u32) -> Option<Completion> {
    let place = place(snapshot.document(file)?, offset)?;
    let cursor = tree::cursor(&place.document, place.at);
    let line = cursor.line()?;
    let mut cx = Offers {
        snapshot,
        language,
        own: snapshot.learned(),
        is_quoted: place.is_quoted,
        items: BTreeSet::new(),
    };
    let path = cursor.path();
    match &cursor.slot {
        Slot::Word => cx.words(&cursor),
        Slot::PropertyName => cx.properties(&path),
        Slot::Argument(_) | Slot::Property(_) => {
            for takes in cx.values(&path, &cursor.slot) {
                cx.value(&takes, &cursor.lines);
            }
            if matches!(cursor.slot, Slot::Argument(_)) && !place.is_quoted {
                cx.properties(&path);
            }
            // `trust A` wants its arrow.
            let has_arrow = line.arguments().any(|value| value.literal() == "->");
            if matches!(&*line.name(), "trust" | "never") && !has_arrow && cursor.slot != Slot::Argument(0) {
                cx.push(
                    Sort::Value,
                    "->",
                    "who acts stands before it, what is reached behind",
                );
            }
        }
        Slot::Gap => return None,
    }
    Some(Completion {
        replaces: place.replaces,
        items: cx.items.into_iter().collect(),
    })
}

fn is_in(lines: &[Node<'_>]) -> bool {
    lines.len() == 2 && lines.first().is_some_and(|line| line.name() == "in")
}

/// Reads the file with letters at the cursor.
fn place(document: &Document, offset: u32) -> Option<Place> {
    let text = document.text();
    let file = document.file();
    let before = text.get(..offset as usize)?;
    let tokens = document.tokens();
    let token = tokens
        .iter()
        .find(|token| token.start < offset && offset <= token.end);
    let quotes = token.filter(|token| {
        let is_text = matches!(token.kind, TokenKind::Quoted | TokenKind::Escaped);
        is_text && offset < token.end
    });
    if let Some(token) = quotes {
        // Inside a text nothing has to be put there.
        return Some(Place {
            document: document.clone(),
            at: offset,
            replaces: Span::new(file, token.start + 1, token.end - 1),
            is_quoted: true,
        });
    }
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    // A quote that is not closed yet takes the rest of its line.
    let open = unclosed(text.get(line..offset as usize)?).map(|at| line + at);
    let mut read = String::with_capacity(text.len() + HERE.len() + 1);
    read.push_str(before);
    read.push_str(HERE);
    let after = text.get(offset as usize..)?;
    let mut replaces_to = offset;
    if open.is_some() {
        read.push('"');
        let rest = after.find(['\n', '\r']).unwrap_or(after.len());
        read.push_str(after.get(rest..)?);
    } else {
        read.push_str(after);
        if let Some(token) = token.filter(|token| token.end > offset) {
            replaces_to = token.end;
        }
    }
    let read: Arc<str> = read.into();
    let reading = syntax::parse(file, read, &syntax::Limits::STANDARD, &mut Report::default());
    let at = offset + 1;
    let here = reading
        .tokens()
        .iter()
        .find(|token| token.start < at && at < token.end)?;
    let is_quoted = open.is_some();
    let start = if is_quoted { here.start + 1 } else { here.start };
    Some(Place {
        replaces: Span::new(file, start.min(offset), replaces_to),
        document: reading,
        at,
        is_quoted,
    })
}

/// Where a quote opens on a line that it does not close on; comments are not looked into.
fn unclosed(line: &str) -> Option<usize> {
    let mut open = None;
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match (open, letter) {
            (Some(_), '\\') => drop(letters.next()),
            (Some(_), '"') => open = None,
            (None, '"') => open = Some(at),
            (None, '/') if letters.peek().is_some_and(|(_, next)| *next == '/') => return None,
            (Some(_) | None, _) => {}
        }
    }
    open
}

struct Offers<'s> {
    snapshot: &'s Snapshot,
    language: &'s Learned,
    own: &'s Learned,
    is_quoted: bool,
    items: BTreeSet<Item>,
}

impl Offers<'_> {
    fn push(&mut self, sort: Sort, label: &str, detail: &str) {
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
    fn words(&mut self, cursor: &Cursor<'_>) {
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

    fn properties(&mut self, path: &str) {
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

    fn values(&self, path: &str, slot: &Slot) -> BTreeSet<Takes> {
        let own = self.own.values(path, slot).into_iter();
        own.chain(self.language.values(path, slot)).cloned().collect()
    }

    fn value(&mut self, takes: &Takes, lines: &[Node<'_>]) {
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

    /// Declared names of a sort.
    fn names(&mut self, what: &str) {
        for view in &self.snapshot.views {
            let model = &view.analysis.model;
            let text = |name| model.names.text(name).to_owned();
            let mut found: Vec<(String, String)> = Vec::new();
            let is_any = what == "declaration";
            let mut of = |sort: &str, names: Vec<String>| {
                if what == sort || is_any {
                    found.extend(names.into_iter().map(|name| (name, sort.to_owned())));
                }
            };
            of(
                "account",
                model.accounts.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "authority",
                model.authorities.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "provider",
                model.providers.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "network",
                model.networks.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "site",
                model.sites.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "segment",
                model.segments.iter().map(|(_, one)| text(one.name)).collect(),
            );
            match what {
                "team" => found.extend(
                    model
                        .teams
                        .iter()
                        .map(|(_, one)| (text(one.name), what.to_owned())),
                ),
                "data-class" => {
                    let classes = model.project.data_classes.iter();
                    found.extend(classes.map(|(name, _)| (text(*name), what.to_owned())));
                }
                "promise" => {
                    let names = model.promises.iter().filter_map(|(_, promise)| promise.name);
                    found.extend(names.map(|name| (text(name), what.to_owned())));
                }
                "environment" => {
                    let names = self.snapshot.spec.environments().into_iter();
                    found.extend(names.map(|name| (name, what.to_owned())));
                }
                "profile" => found.extend(self.profiles()),
                _ => {
                    for (_, thing) in model.things.iter() {
                        let kind = kind_of(model, thing.kind);
                        if what == "thing" || is_any || what == kind {
                            found.push((text(thing.name), kind));
                        }
                    }
                }
            }
            for (name, detail) in found {
                self.push(Sort::Name, &name, &detail);
            }
        }
    }

    /// The profiles that can be applied: the project's, and those of the files that it uses.
    fn profiles(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (_, document) in self.snapshot.spec.documents() {
            for node in document.nodes().filter(|node| node.name() == "profile") {
                let name = node.argument(0).and_then(|name| name.as_str());
                found.extend(name.map(|name| (name.into_owned(), "profile".to_owned())));
            }
        }
        let sources = self.snapshot.views.iter().map(|view| &view.analysis.sources);
        for (_, file) in sources.flat_map(|sources| sources.iter()) {
            if file.path.starts_with("std/profile/") {
                let names = file.text.lines().filter_map(|line| line.strip_prefix("profile "));
                let names = names.filter_map(|line| line.split_whitespace().next());
                found.extend(names.map(|name| (name.to_owned(), file.path.to_string())));
            }
        }
        found
    }

    /// What a trust or a test names.
    fn ends(&mut self) {
        for view in &self.snapshot.views {
            let model = &view.analysis.model;
            let mut found = Vec::new();
            for (_, thing) in model.things.iter() {
                let name = model.names.text(thing.name);
                let kind = kind_of(model, thing.kind);
                let acts = match thing.detail {
                    Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => {
                        "acts"
                    }
                    Detail::Resource => "is reached",
                };
                found.push((name.to_owned(), format!("{kind}, {acts}")));
                for part in thing.parts.iter().filter_map(|part| model.parts.get(*part)) {
                    let part_name = model.names.text(part.name);
                    found.push((format!("{name}.{part_name}"), kind_of(model, part.kind)));
                }
            }
            for (_, account) in model.accounts.iter() {
                found.push((model.names.text(account.name).to_owned(), "account".to_owned()));
            }
            for (name, detail) in found {
                self.push(Sort::Name, &name, &detail);
            }
        }
        self.push(Sort::Name, "internet", "everybody, unauthenticated");
    }

    fn selectors(&mut self) {
        self.push(Sort::Selector, "*", "everything");
        self.push(Sort::Selector, "aws", "the provider");
        for word in resolve::SELECTOR_WORDS {
            let before: BTreeSet<Item> = std::mem::take(&mut self.items);
            match *word {
                "kind" => self.kinds(""),
                "segment" | "site" | "network" | "account" | "data-class" => self.names(word),
                "owner" => self.names("team"),
                _ => self.push(Sort::Selector, "", ""),
            }
            let found = std::mem::replace(&mut self.items, before);
            for item in found {
                self.push(Sort::Selector, &format!("{word}:{}", item.label), "selector");
            }
        }
    }

    fn kinds(&mut self, prefix: &str) {
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

fn kind_of(model: &Model, kind: model::kind::KindId) -> String {
    let kind = model.kinds.get(kind);
    kind.map_or_else(String::new, |kind| model.names.text(kind.name).to_owned())
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
