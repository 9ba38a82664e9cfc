//! A document: tokens, nodes and entries in flat arrays, reached through small copyable handles.

use std::borrow::Cow;
use std::sync::Arc;

use source::{FileId, Span};

use crate::token::{Token, TokenKind};
use crate::{number, string};

/// In place of a token's index: there is none.
pub(crate) const NONE: u32 = u32::MAX;

/// One file, read. There is one for any text, with what could be understood of it.
///
/// - Shape: nodes in the order of their names in the text, each followed by all that is in its blocks.
/// - Cost: cloning copies the arrays and shares the text.
#[derive(Clone, Debug)]
pub struct Document {
    pub(crate) file: FileId,
    pub(crate) text: Arc<str>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) nodes: Vec<NodeData>,
    pub(crate) entries: Vec<EntryData>,
    pub(crate) is_well_formed: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeData {
    /// Token of the name.
    pub(crate) name: u32,
    /// Token of the annotation's string, or `NONE`.
    pub(crate) annotation: u32,
    pub(crate) entries_start: u32,
    pub(crate) entries_end: u32,
    /// The node after everything in this one.
    pub(crate) subtree_end: u32,
    /// The byte after its last entry.
    pub(crate) head_end: u32,
    /// The byte after its last block, or after its head.
    pub(crate) end: u32,
    pub(crate) is_commented: bool,
    pub(crate) has_block: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryData {
    /// Token of a property's name; `NONE` for an argument.
    pub(crate) name: u32,
    /// Token of the annotation's string, or `NONE`.
    pub(crate) annotation: u32,
    /// Token of the value.
    pub(crate) value: u32,
    pub(crate) is_commented: bool,
}

impl Document {
    /// The document of a file that was not looked at.
    pub(crate) fn unread(file: FileId) -> Self {
        Self {
            file,
            text: "".into(),
            tokens: Vec::new(),
            nodes: Vec::new(),
            entries: Vec::new(),
            is_well_formed: false,
        }
    }

    /// The file that it was read from.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its tokens, in order; what lies between them is white space and comments.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Whether the text was KDL v2. Traps that only our language refuses, such as a property given twice, do not count.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        self.is_well_formed
    }

    /// The nodes at the top level. What a `/-` takes out is not there.
    #[must_use]
    pub fn nodes(&self) -> Nodes<'_> {
        Nodes {
            document: self,
            next: 0,
            end: self.nodes.len() as u32,
        }
    }

    pub(crate) fn token(&self, index: u32) -> Option<&Token> {
        self.tokens.get(index as usize)
    }

    pub(crate) fn token_text(&self, index: u32) -> &str {
        self.token(index)
            .and_then(|token| self.text.get(token.start as usize..token.end as usize))
            .unwrap_or("")
    }

    fn token_value(&self, index: u32) -> Cow<'_, str> {
        let kind = self.token(index).map_or(TokenKind::Junk, |token| token.kind);
        string::value(kind, self.token_text(index))
    }

    fn token_span(&self, index: u32) -> Span {
        self.token(index).map_or(Span::new(self.file, 0, 0), |token| {
            Span::new(self.file, token.start, token.end)
        })
    }

    fn annotation(&self, index: u32) -> Option<Annotation<'_>> {
        (index != NONE).then(|| Annotation {
            text: self.token_value(index),
            span: self.token_span(index),
        })
    }
}

/// Nodes beside each other, in order.
#[derive(Clone, Copy, Debug)]
pub struct Nodes<'t> {
    document: &'t Document,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Nodes<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        while self.next < self.end {
            let index = self.next;
            let data = self.document.nodes.get(index as usize)?;
            self.next = data.subtree_end;
            if !data.is_commented {
                return Some(Node {
                    document: self.document,
                    index,
                    data,
                });
            }
        }
        None
    }
}

/// A type annotation, `(text)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation<'t> {
    /// What it says.
    pub text: Cow<'t, str>,
    /// Where, without the parentheses.
    pub span: Span,
}

/// A node: its name, its entries, and its block.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    document: &'t Document,
    index: u32,
    data: &'t NodeData,
}

impl<'t> Node<'t> {
    /// Its name, decoded.
    #[must_use]
    pub fn name(self) -> Cow<'t, str> {
        self.document.token_value(self.data.name)
    }

    /// Where its name stands.
    #[must_use]
    pub fn name_span(self) -> Span {
        self.document.token_span(self.data.name)
    }

    /// Where it stands: annotation, name, entries and blocks.
    #[must_use]
    pub fn span(self) -> Span {
        Span {
            end: self.data.end,
            ..self.head_span()
        }
    }

    /// Where it stands without its blocks.
    #[must_use]
    pub fn head_span(self) -> Span {
        let start = match self.data.annotation {
            NONE => self.name_span().start,
            // Invariant: the parenthesis is the token before the annotation's string.
            annotation => self.document.token_span(annotation - 1).start,
        };
        Span::new(self.document.file, start, self.data.head_end)
    }

    /// Its type annotation.
    #[must_use]
    pub fn annotation(self) -> Option<Annotation<'t>> {
        self.document.annotation(self.data.annotation)
    }

    /// Its arguments and properties in the order of the text.
    pub fn entries(self) -> impl Iterator<Item = Entry<'t>> + Clone {
        let range = self.data.entries_start as usize..self.data.entries_end as usize;
        let entries = self.document.entries.get(range).unwrap_or(&[]);
        entries
            .iter()
            .filter(|entry| !entry.is_commented)
            .map(move |entry| {
                let value = Value {
                    document: self.document,
                    token: entry.value,
                    annotation: entry.annotation,
                };
                match entry.name {
                    NONE => Entry::Argument(value),
                    name => Entry::Property(Property {
                        name: self.document.token_value(name),
                        name_span: self.document.token_span(name),
                        value,
                    }),
                }
            })
    }

    /// Its arguments, in order.
    pub fn arguments(self) -> impl Iterator<Item = Value<'t>> + Clone {
        self.entries().filter_map(|entry| match entry {
            Entry::Argument(value) => Some(value),
            Entry::Property(_) => None,
        })
    }

    /// The argument at a place, from 0.
    #[must_use]
    pub fn argument(self, index: usize) -> Option<Value<'t>> {
        self.arguments().nth(index)
    }

    /// Its properties in the order of the text. One that is given twice was reported, and is here twice.
    pub fn properties(self) -> impl Iterator<Item = Property<'t>> + Clone {
        self.entries().filter_map(|entry| match entry {
            Entry::Argument(_) => None,
            Entry::Property(property) => Some(property),
        })
    }

    /// The value of a property; the last one, as KDL has it, where it was reported as given twice.
    #[must_use]
    pub fn property(self, name: &str) -> Option<Value<'t>> {
        self.properties()
            .filter(|property| property.name == name)
            .last()
            .map(|property| property.value)
    }

    /// The nodes in its block; none if it has no block.
    #[must_use]
    pub fn children(self) -> Nodes<'t> {
        Nodes {
            document: self.document,
            next: self.index + 1,
            end: self.data.subtree_end,
        }
    }

    /// Whether it has a block, be it empty.
    #[must_use]
    pub fn has_children_block(self) -> bool {
        self.data.has_block
    }

    /// Whether it is a name and nothing else.
    #[must_use]
    pub fn is_bare(self) -> bool {
        !self.data.has_block && self.data.annotation == NONE && self.entries().next().is_none()
    }
}

/// An argument or a property.
#[derive(Clone, Debug)]
pub enum Entry<'t> {
    /// A value alone.
    Argument(Value<'t>),
    /// A value with a name.
    Property(Property<'t>),
}

/// A property: `name=value`.
#[derive(Clone, Debug)]
pub struct Property<'t> {
    /// Its name, decoded.
    pub name: Cow<'t, str>,
    /// Where its name stands.
    pub name_span: Span,
    /// Its value.
    pub value: Value<'t>,
}

impl Property<'_> {
    /// Where it stands, name and value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.name_span.to(self.value.span())
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Text. Also what was reported as no value at all, with the text as written.
    String,
    /// A number.
    Number,
    /// `#true` or `#false`.
    Bool,
    /// `#null`.
    Null,
}

/// The value of an argument or a property.
#[derive(Clone, Copy, Debug)]
pub struct Value<'t> {
    document: &'t Document,
    token: u32,
    annotation: u32,
}

impl<'t> Value<'t> {
    /// Where it stands, without its annotation.
    #[must_use]
    pub fn span(self) -> Span {
        self.document.token_span(self.token)
    }

    /// It as written: with quotes, escapes, underscores and leading zeros.
    #[must_use]
    pub fn literal(self) -> &'t str {
        self.document.token_text(self.token)
    }

    /// Its type annotation.
    #[must_use]
    pub fn annotation(self) -> Option<Annotation<'t>> {
        self.document.annotation(self.annotation)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> ValueKind {
        match self.token_kind() {
            TokenKind::True | TokenKind::False => ValueKind::Bool,
            TokenKind::Null => ValueKind::Null,
            kind if kind.is_number() => ValueKind::Number,
            _ => ValueKind::String,
        }
    }

    /// Its text, if it is a string.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'t, str>> {
        (self.kind() == ValueKind::String).then(|| self.document.token_value(self.token))
    }

    /// It as written, if it is a number.
    #[must_use]
    pub fn number_text(self) -> Option<&'t str> {
        (self.kind() == ValueKind::Number).then(|| self.literal())
    }

    /// Its worth, if it is an integer that fits.
    #[must_use]
    pub fn as_integer(self) -> Option<i128> {
        number::integer(self.token_kind(), self.literal())
    }

    /// Its worth, if it is an integer from 0 on that fits.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        self.as_integer().and_then(|value| u64::try_from(value).ok())
    }

    /// Whether it is true, if it is a boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.token_kind() {
            TokenKind::True => Some(true),
            TokenKind::False => Some(false),
            _ => None,
        }
    }

    /// Whether it is a string without quotes.
    #[must_use]
    pub fn is_bare_identifier(self) -> bool {
        self.token_kind() == TokenKind::Bare
    }

    /// Whether it was reported as no value: nothing more need be said about it.
    #[must_use]
    pub fn is_malformed(self) -> bool {
        self.token_kind() == TokenKind::Malformed
    }

    /// The kind of its token: which spelling was used.
    #[must_use]
    pub fn token_kind(self) -> TokenKind {
        self.document
            .token(self.token)
            .map_or(TokenKind::Junk, |token| token.kind)
    }
}
