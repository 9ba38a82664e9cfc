//! A line of the spec as this floor reads it: a node whose `$parameters` are already what a profile's `apply` gave.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use source::Span;
use syntax::document::{Entry, Node, Value, ValueKind};

use crate::order;

/// What an `apply` gives to the parameters of a profile.
#[derive(Debug, Default)]
pub(crate) struct Bindings<'a> {
    pub(crate) values: BTreeMap<Cow<'a, str>, Arg<'a>>,
}

/// A value as it was written, or as an `apply` gave it.
#[derive(Clone, Debug)]
pub(crate) struct Arg<'a> {
    /// Its text; a number as written.
    pub(crate) text: Cow<'a, str>,
    /// Where it stands; for a parameter, where the profile uses it.
    pub(crate) span: Span,
    pub(crate) value: Value<'a>,
}

impl<'a> Arg<'a> {
    pub(crate) fn of(value: Value<'a>) -> Self {
        let text = value.as_str().unwrap_or_else(|| Cow::Borrowed(value.literal()));
        Self {
            text,
            span: value.span(),
            value,
        }
    }

    /// Whether it is a string.
    pub(crate) fn is_text(&self) -> bool {
        self.value.kind() == ValueKind::String
    }

    /// Whether it was reported already.
    pub(crate) fn is_malformed(&self) -> bool {
        self.value.is_malformed()
    }

    /// Whether it is this word, bare.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.value.is_bare_identifier() && self.text == word
    }
}

/// A node of the spec.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) node: Node<'a>,
    pub(crate) bindings: Option<Rc<Bindings<'a>>>,
}

impl<'a> Line<'a> {
    pub(crate) fn new(node: Node<'a>) -> Self {
        Self { node, bindings: None }
    }

    /// Its first word.
    pub(crate) fn word(&self) -> Cow<'a, str> {
        self.node.name()
    }

    /// The head line.
    pub(crate) fn head(&self) -> Span {
        self.node.head_span()
    }

    pub(crate) fn word_span(&self) -> Span {
        self.node.name_span()
    }

    /// The lines in its block, in order of what they say.
    pub(crate) fn children(&self) -> impl Iterator<Item = Line<'a>> + use<'a> {
        self.lines(order::children(self.node).into_iter())
    }

    /// The lines in its block as they are written.
    pub(crate) fn as_written(&self) -> impl Iterator<Item = Line<'a>> + use<'a> {
        self.lines(self.node.children())
    }

    fn lines<I: Iterator<Item = Node<'a>>>(&self, nodes: I) -> impl Iterator<Item = Line<'a>> + use<'a, I> {
        let bindings = self.bindings.clone();
        nodes.map(move |node| Line {
            node,
            bindings: bindings.clone(),
        })
    }

    /// Its arguments and properties.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Option<(Cow<'a, str>, Span)>, Arg<'a>)> + use<'a> {
        let bindings = self.bindings.clone();
        self.node.entries().map(move |entry| match entry {
            Entry::Argument(value) => (None, bound(bindings.as_deref(), value)),
            Entry::Property(property) => (
                Some((property.name, property.name_span)),
                bound(bindings.as_deref(), property.value),
            ),
        })
    }

    /// Its first argument.
    pub(crate) fn first(&self) -> Option<Arg<'a>> {
        self.node
            .argument(0)
            .map(|value| bound(self.bindings.as_deref(), value))
    }
}

/// `$param` is what the `apply` gave; `$param.part` is a part of it. What is not a parameter stays as it is written.
fn bound<'a>(bindings: Option<&Bindings<'a>>, value: Value<'a>) -> Arg<'a> {
    let written = Arg::of(value);
    let Some(bindings) = bindings else { return written };
    if !value.is_bare_identifier() {
        return written;
    }
    let Some(parameter) = written.text.strip_prefix('$') else {
        return written;
    };
    let (head, part) = match parameter.split_once('.') {
        Some((head, part)) => (head, Some(part)),
        None => (parameter, None),
    };
    match (bindings.values.get(head), part) {
        (None, _) => written,
        (Some(given), None) => Arg {
            span: written.span,
            ..given.clone()
        },
        (Some(given), Some(part)) => Arg {
            text: Cow::Owned(format!("{}.{part}", given.text)),
            span: written.span,
            value: given.value,
        },
    }
}
