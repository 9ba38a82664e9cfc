//! Where a byte stands in a tree: the lines around it, and the part of the innermost one.

use std::borrow::Cow;

use source::Span;
use syntax::document::{Document, Entry, Node, Value};

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Its first word.
    Word,
    /// An argument, by its place among the arguments.
    Argument(usize),
    /// The name of a property.
    PropertyName,
    /// The value of a property.
    Property(String),
    /// Nothing of it: white space, a brace.
    Gap,
}

/// A byte in a tree.
#[derive(Clone, Debug)]
pub struct Cursor<'t> {
    /// The lines around it, outermost first.
    pub lines: Vec<Node<'t>>,
    /// The part of the innermost one.
    pub slot: Slot,
    /// The value or word there.
    pub at: Option<Span>,
}

impl<'t> Cursor<'t> {
    /// The innermost line.
    #[must_use]
    pub fn line(&self) -> Option<Node<'t>> {
        self.lines.last().copied()
    }

    /// The path of the innermost line.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.lines)
    }

    /// The path of the line around the innermost one; empty at the top.
    #[must_use]
    pub fn outer_path(&self) -> String {
        let (_, outer) = self.lines.split_last().unzip();
        path(outer.unwrap_or(&[]))
    }
}

/// The words of lines, one inside the other: `bucket/encrypted`. What stands in an `in` block has the path that it has outside,
/// and so has an account of the project.
#[must_use]
pub fn path(lines: &[Node<'_>]) -> String {
    let words: Vec<Cow<'_, str>> = lines.iter().map(|line| line.name()).collect();
    let inner = match words.as_slice() {
        [first, rest @ ..] if first == "in" && !rest.is_empty() => rest,
        [first, rest @ ..] if first == "project" && rest.first().is_some_and(|next| next == "account") => {
            rest
        }
        all => all,
    };
    inner.join("/")
}

/// Whether a span holds a byte; its end counts, since a cursor stands between letters.
#[must_use]
pub fn holds(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}

/// Where a byte stands.
#[must_use]
pub fn cursor(document: &Document, offset: u32) -> Cursor<'_> {
    let mut lines = Vec::new();
    let mut nodes = document.nodes();
    while let Some(node) = nodes.find(|node| holds(node.span(), offset)) {
        lines.push(node);
        nodes = node.children();
    }
    let (slot, at) = lines.last().map_or((Slot::Gap, None), |node| slot(*node, offset));
    Cursor { lines, slot, at }
}

fn slot(node: Node<'_>, offset: u32) -> (Slot, Option<Span>) {
    if holds(node.name_span(), offset) {
        return (Slot::Word, Some(node.name_span()));
    }
    let mut arguments = 0;
    for entry in node.entries() {
        match entry {
            Entry::Argument(value) => {
                if holds(value.span(), offset) {
                    return (Slot::Argument(arguments), Some(value.span()));
                }
                arguments += 1;
            }
            Entry::Property(property) => {
                if holds(property.value.span(), offset) {
                    return (
                        Slot::Property(property.name.into_owned()),
                        Some(property.value.span()),
                    );
                }
                if holds(property.name_span, offset) {
                    return (Slot::PropertyName, Some(property.name_span));
                }
            }
        }
    }
    (Slot::Gap, None)
}

/// Every line of a document with the lines around it, in order of the text.
pub fn walk<'t>(document: &'t Document, visit: &mut dyn FnMut(&[Node<'t>])) {
    let mut open = vec![document.nodes()];
    let mut lines: Vec<Node<'t>> = Vec::new();
    while let Some(nodes) = open.last_mut() {
        match nodes.next() {
            Some(node) => {
                lines.push(node);
                visit(&lines);
                open.push(node.children());
            }
            None => {
                open.pop();
                lines.pop();
            }
        }
    }
}

/// Every value of a line with its part.
pub fn values<'t>(node: Node<'t>) -> impl Iterator<Item = (Slot, Value<'t>)> {
    let mut arguments = 0;
    node.entries().map(move |entry| match entry {
        Entry::Argument(value) => {
            arguments += 1;
            (Slot::Argument(arguments - 1), value)
        }
        Entry::Property(property) => (Slot::Property(property.name.into_owned()), property.value),
    })
}
