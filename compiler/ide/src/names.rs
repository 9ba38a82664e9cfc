//! Names: what a place of the text names, where it is declared, and where else it is named.

use source::{FileId, Span};
use syntax::document::Node;

use crate::snapshot::Snapshot;
use crate::tree::{self, holds};

/// A declaration that a place names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Symbol {
    /// Its declared name.
    pub at: Span,
}

/// A place that names a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The whole value.
    pub value: Span,
    /// The name inside it; `None` where it is not spelt out (`"cell-{line}"`, `$sensor`).
    pub name: Option<Span>,
}

impl Snapshot {
    /// The declaration that a place names or is.
    #[must_use]
    pub fn symbol(&self, file: FileId, offset: u32) -> Option<Symbol> {
        if let Some(parameter) = self.parameter(file, offset) {
            return Some(parameter);
        }
        let uses = self.uses();
        let here = uses
            .iter()
            .filter(|one| one.at.file == file && holds(one.at, offset));
        let mut found: Option<(bool, u32, Symbol)> = None;
        for one in here {
            let symbol = Symbol { at: one.declared };
            let name = self.named(one.at, symbol);
            let is_exact = name.is_some_and(|name| holds(name, offset));
            let width = name.unwrap_or(one.at);
            let rank = (is_exact, u32::MAX - (width.end - width.start));
            if found.is_none_or(|(exact, narrow, _)| rank > (exact, narrow)) {
                found = Some((rank.0, rank.1, symbol));
            }
        }
        // The declared name itself may lie inside a use of something else: a word of a kind, a property.
        let declared = self.declaration_at(file, offset);
        declared.or(found.map(|(_, _, symbol)| symbol))
    }

    /// The name that is declared at a place.
    fn declaration_at(&self, file: FileId, offset: u32) -> Option<Symbol> {
        let cursor = tree::cursor(self.document(file)?, offset);
        let line = cursor.line()?;
        let at = cursor.at?;
        let is_known = self
            .uses()
            .iter()
            .any(|one| one.declared.file == file && one.declared == at);
        let is_name = line.argument(0).is_some_and(|first| first.span() == at) && declares(&cursor.lines);
        (is_known || is_name).then_some(Symbol { at })
    }

    /// The text of a name, without quotes.
    #[must_use]
    pub fn name(&self, symbol: Symbol) -> String {
        let document = self.document(symbol.at.file);
        let value = document.and_then(|document| {
            let cursor = tree::cursor(document, symbol.at.start);
            let line = cursor.line()?;
            let values = tree::values(line).map(|(_, value)| value);
            values
                .filter(|value| value.span() == symbol.at)
                .find_map(|value| value.as_str())
        });
        value.map_or_else(|| self.text(symbol.at).to_owned(), |name| name.into_owned())
    }

    /// The part of a value that spells a declaration's name out.
    #[must_use]
    pub fn named(&self, value: Span, symbol: Symbol) -> Option<Span> {
        let name = self.name(symbol);
        let text = self.text(value);
        let (inner, start) = match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(inner) => (inner, value.start + 1),
            None => (text, value.start),
        };
        let parameter = inner.strip_prefix('$');
        let mut at = 0;
        let pieces = inner.split([':', '.']).map(|piece| {
            let here = at;
            at += piece.len() as u32 + 1;
            (here, piece)
        });
        let mut found = pieces.filter(|(_, piece)| *piece == name);
        // Behind a `$` stands a parameter, whatever it is called.
        if parameter.is_some() {
            return None;
        }
        let is_part = self.is_part(symbol);
        let (here, piece) = if is_part { found.last()? } else { found.next()? };
        let start = start + here;
        Some(Span::new(value.file, start, start + piece.len() as u32))
    }

    /// Whether a declaration is a part of another one, named behind a dot.
    fn is_part(&self, symbol: Symbol) -> bool {
        let Some(document) = self.document(symbol.at.file) else {
            return false;
        };
        let lines = tree::cursor(document, symbol.at.start).lines;
        lines.len() > 1
            && lines
                .last()
                .is_some_and(|line| matches!(&*line.name(), "listens" | "topic"))
    }

    /// Every place that names a declaration, in order of place.
    #[must_use]
    pub fn references(&self, symbol: Symbol) -> Vec<Reference> {
        let mut found: Vec<Reference> = self
            .uses()
            .iter()
            .filter(|one| one.declared == symbol.at)
            .map(|one| Reference {
                value: one.at,
                name: self.named(one.at, symbol),
            })
            .collect();
        found.extend(self.of_parameter(symbol));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The `param` that a `$name` names, or that is declared here.
    fn parameter(&self, file: FileId, offset: u32) -> Option<Symbol> {
        let cursor = tree::cursor(self.document(file)?, offset);
        let profile = profile(&cursor.lines)?;
        let value = self.text(cursor.at?);
        let name = value.strip_prefix('$')?.split('.').next()?;
        let param = params(profile).find(|param| param.as_str().is_some_and(|own| own == name))?;
        Some(Symbol { at: param.span() })
    }

    /// The places inside a profile that name a parameter of it.
    fn of_parameter(&self, symbol: Symbol) -> Vec<Reference> {
        let mut found = Vec::new();
        let Some(document) = self.document(symbol.at.file) else {
            return found;
        };
        let lines = tree::cursor(document, symbol.at.start).lines;
        let Some(profile) = profile(&lines) else {
            return found;
        };
        if !params(profile).any(|param| param.span() == symbol.at) {
            return found;
        }
        let name = self.name(symbol);
        let mut open = vec![profile];
        while let Some(line) = open.pop() {
            for (_, value) in tree::values(line) {
                let text = value.literal();
                let parameter = text.strip_prefix('$').filter(|_| value.is_bare_identifier());
                if parameter.and_then(|text| text.split('.').next()) == Some(name.as_str()) {
                    let start = value.span().start + 1;
                    found.push(Reference {
                        value: value.span(),
                        name: Some(Span::new(value.span().file, start, start + name.len() as u32)),
                    });
                }
            }
            open.extend(line.children());
        }
        found
    }
}

fn profile<'t>(lines: &[Node<'t>]) -> Option<Node<'t>> {
    lines.first().copied().filter(|line| line.name() == "profile")
}

fn params<'t>(profile: Node<'t>) -> impl Iterator<Item = syntax::document::Value<'t>> {
    let lines = profile.children().filter(|line| line.name() == "param");
    lines.filter_map(|line| line.argument(0))
}

/// Whether the innermost line declares its first argument.
pub(crate) fn declares(lines: &[Node<'_>]) -> bool {
    let path = tree::path(lines);
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [word] => !matches!(
            *word,
            "use"
                | "owner"
                | "expires"
                | "in"
                | "trust"
                | "never"
                | "isolate"
                | "require"
                | "limit"
                | "waive"
                | "apply"
                | "test"
        ),
        [_, "segment" | "listens"] => true,
        ["device" | "workload", "topic"] | ["profile", "param"] => true,
        _ => false,
    }
}
