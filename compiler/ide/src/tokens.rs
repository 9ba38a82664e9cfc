//! What each word of a text is, for colours.

use std::collections::BTreeMap;

use resolve::heard::Takes;
use source::{FileId, Span};
use syntax::document::{Document, Value};
use syntax::token::TokenKind;

use crate::learned::Learned;
use crate::outline::{Sort, sort};
use crate::snapshot::Snapshot;
use crate::tree;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// The word of a declaration of the language.
    Keyword,
    /// The word of a kind.
    Kind,
    /// The word of a fact, the name of a property.
    Fact,
    /// The name of what is reached, or of anything else.
    Name,
    /// The name of who acts.
    Actor,
    /// The name of a place: an account, a segment.
    Place,
    /// A capability, an action.
    Capability,
    /// A text.
    Text,
    /// A number.
    Number,
    /// `->`.
    Operator,
    /// A comment.
    Comment,
    /// `$parameter`.
    Parameter,
    /// A word of a closed set; `#true`.
    Word,
}

/// A word and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coloured {
    /// Where.
    pub span: Span,
    /// What.
    pub colour: Colour,
    /// Whether it is declared here.
    pub is_declared: bool,
}

/// What each word of a file is, in order. A text over several lines is one word.
#[must_use]
pub fn tokens(snapshot: &Snapshot, file: FileId) -> Vec<Coloured> {
    let Some(document) = snapshot.document(file) else {
        return Vec::new();
    };
    let mut found: BTreeMap<Span, Coloured> = BTreeMap::new();
    let mut push = |span: Span, colour: Colour, is_declared: bool| {
        found.insert(
            span,
            Coloured {
                span,
                colour,
                is_declared,
            },
        );
    };
    let values = Values::of(snapshot, file);
    tree::walk(document, &mut |lines| {
        let Some(line) = lines.last() else { return };
        let is_top =
            lines.len() == 1 || (lines.len() == 2 && lines.first().is_some_and(|first| first.name() == "in"));
        let is_language = resolve::WORDS.contains(&&*line.name());
        push(
            line.name_span(),
            match (is_top, is_language) {
                (true, true) => Colour::Keyword,
                (true, false) => Colour::Kind,
                (false, _) => Colour::Fact,
            },
            false,
        );
        let outer = lines.iter().rev().nth(1).map(|outer| outer.name());
        let declared = crate::names::declares(lines)
            .then(|| sort(&line.name(), outer.as_deref()))
            .flatten();
        for (slot, value) in tree::values(*line) {
            let is_declared = slot == tree::Slot::Argument(0) && declared.is_some();
            let colour = match declared.filter(|_| is_declared) {
                Some(sort) => of_sort(sort),
                None => values.colour(&tree::path(lines), &slot, value),
            };
            push(value.span(), colour, is_declared);
        }
        for property in line.properties() {
            push(property.name_span, Colour::Fact, false);
        }
    });
    comments(document, &mut |span| push(span, Colour::Comment, false));
    found.into_values().collect()
}

/// What is known of the values of a file.
struct Values<'s> {
    takes: BTreeMap<Span, Vec<&'s Takes>>,
    named: BTreeMap<Span, Sort>,
    learned: &'s Learned,
}

impl<'s> Values<'s> {
    fn of(snapshot: &'s Snapshot, file: FileId) -> Self {
        let mut takes: BTreeMap<Span, Vec<&'s Takes>> = BTreeMap::new();
        for place in snapshot.views.iter().flat_map(|view| &view.heard.places) {
            if place.at.file == file {
                takes.entry(place.at).or_default().push(&place.takes);
            }
        }
        let declarations = snapshot.declarations().values();
        let sorts: BTreeMap<Span, Sort> = declarations
            .filter_map(|line| Some((line.name, line.sort?)))
            .collect();
        let mut named = BTreeMap::new();
        for one in snapshot.uses().iter().filter(|one| one.at.file == file) {
            if let Some(sort) = sorts.get(&one.declared) {
                named.entry(one.at).or_insert(*sort);
            }
        }
        Self {
            takes,
            named,
            learned: snapshot.learned(),
        }
    }

    fn colour(&self, path: &str, slot: &tree::Slot, value: Value<'_>) -> Colour {
        let (span, kind, literal) = (value.span(), value.token_kind(), value.literal());
        if literal == "->" {
            return Colour::Operator;
        }
        if literal.starts_with('$') {
            return Colour::Parameter;
        }
        if let Some(sort) = self.named.get(&span) {
            return of_sort(*sort);
        }
        if kind.is_number() {
            return Colour::Number;
        }
        if matches!(kind, TokenKind::True | TokenKind::False | TokenKind::Null) {
            return Colour::Word;
        }
        // A line that was not read, in a trust that is broken, is taken for one of its like.
        let takes = match self.takes.get(&span) {
            Some(here) => here.clone(),
            None => self.learned.values(path, slot),
        };
        for takes in takes {
            match takes {
                Takes::Capability | Takes::Action => return Colour::Capability,
                Takes::Kind => return Colour::Kind,
                Takes::Words(words) if words.iter().any(|word| word == literal) => return Colour::Word,
                Takes::Name(_)
                | Takes::End
                | Takes::Selector
                | Takes::Words(_)
                | Takes::Region
                | Takes::LibraryFile
                | Takes::File
                | Takes::Flag
                | Takes::Date
                | Takes::Duration => {}
            }
        }
        Colour::Text
    }
}

fn of_sort(sort: Sort) -> Colour {
    match sort {
        Sort::Actor => Colour::Actor,
        Sort::Place | Sort::Project => Colour::Place,
        Sort::Kind => Colour::Kind,
        Sort::Test => Colour::Text,
        Sort::Thing | Sort::Part | Sort::Trust | Sort::Promise | Sort::Profile | Sort::Other => Colour::Name,
    }
}

/// Every comment of a document: what lies between tokens and is no white space.
fn comments(document: &Document, take: &mut dyn FnMut(Span)) {
    let text = document.text();
    let ends = document
        .tokens()
        .iter()
        .map(|token| token.start)
        .chain([text.len() as u32]);
    let mut start = 0;
    let mut starts = document.tokens().iter().map(|token| token.end);
    for end in ends {
        let mut at = start as usize;
        let gap_end = end as usize;
        while let Some(gap) = text.get(at..gap_end) {
            let Some(slash) = gap.find("/*").into_iter().chain(gap.find("//")).min() else {
                break;
            };
            let from = at + slash;
            let rest = text.get(from..gap_end).unwrap_or("");
            let length = if rest.starts_with("//") {
                rest.find(['\n', '\r']).unwrap_or(rest.len())
            } else {
                block(rest)
            };
            take(Span::new(document.file(), from as u32, (from + length) as u32));
            at = from + length.max(2);
        }
        start = starts.next().unwrap_or(end);
    }
}

/// The length of a comment between `/*` and `*/`, which nest.
fn block(text: &str) -> usize {
    let mut depth = 0_usize;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}
