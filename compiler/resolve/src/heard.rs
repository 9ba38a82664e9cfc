//! What was asked of the text while it was resolved, for whoever edits it: what each place takes, and what it names.
//!
//! An editor needs the answers that the resolver works out on the way: which declaration a name refers to, which facts and
//! properties a line takes, which words stand in a place. They are noted where they are asked for, so that nothing of it
//! is known twice. Nobody listens while a spec is checked or compiled, and then nothing is noted.

use std::borrow::Cow;

use source::Span;

use crate::cx::Cx;

/// A place of the text that names a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The whole value, quotes, selector word (`segment:`) and part (`.opcua`) included.
    pub at: Span,
    /// The declared name; for a part, its line.
    pub declared: Span,
}

/// What a place takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Takes {
    /// A declared name: `segment`, `account`, `team`, `profile`, `thing`, or the word of a kind.
    Name(Cow<'static, str>),
    /// A thing, a part, an account or `internet`.
    End,
    /// An end, or a selector.
    Selector,
    /// The word of a kind.
    Kind,
    /// A capability of what the line names.
    Capability,
    /// One of these words.
    Words(Vec<String>),
    /// A region of the provider.
    Region,
    /// An action of the provider.
    Action,
    /// A file of the standard library, `std/…`.
    LibraryFile,
    /// A file beside the spec.
    File,
    /// `#true` or `#false`.
    Flag,
    /// A date.
    Date,
    /// A duration.
    Duration,
}

/// A place, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The value that stands there.
    pub at: Span,
    /// What might.
    pub takes: Takes,
}

/// What a line takes besides its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// The head line.
    pub head: Span,
    /// The words: of facts for a block, of properties for a line.
    pub words: Vec<String>,
}

/// Everything that was asked, in the order of asking.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Which places name which declarations.
    pub uses: Vec<Use>,
    /// What places take.
    pub places: Vec<Place>,
    /// The facts that blocks take.
    pub facts: Vec<Taken>,
    /// The properties that lines take.
    pub properties: Vec<Taken>,
    /// The words with which a line at the top may begin.
    pub words: Vec<String>,
}

impl Cx<'_, '_> {
    /// Notes that a place names a declaration.
    pub(crate) fn hear_use(&mut self, at: Span, declared: Span) {
        if let Some(heard) = &mut self.heard {
            heard.uses.push(Use { at, declared });
        }
    }

    /// Notes what a place takes.
    pub(crate) fn hear(&mut self, at: Span, takes: impl FnOnce() -> Takes) {
        if let Some(heard) = &mut self.heard {
            heard.places.push(Place { at, takes: takes() });
        }
    }

    /// Notes that a place takes a declared name of a sort.
    pub(crate) fn hear_name(&mut self, at: Span, what: &str) {
        self.hear(at, || Takes::Name(Cow::Owned(what.to_owned())));
    }

    /// Notes that a place takes one of these words.
    pub(crate) fn hear_words<'w>(&mut self, at: Span, words: impl Iterator<Item = &'w str>) {
        self.hear(at, || Takes::Words(words.map(str::to_owned).collect()));
    }

    /// Notes that a place takes the word of a kind, and which one it names.
    pub(crate) fn hear_kind(&mut self, text: &str, at: Span) {
        if self.heard.is_none() {
            return;
        }
        self.hear(at, || Takes::Kind);
        let declared = self
            .kinds
            .get(text)
            .and_then(|kind| self.model.kinds.get(*kind))
            .map(|kind| kind.span);
        if let Some(declared) = declared {
            self.hear_use(at, declared);
        }
    }
}
