//! The order in which lines are read: by what they say, never by where they stand.
//!
//! Ids follow this order, and with them whatever is chosen as the first of several: a reason, a witness, a wider trust. So
//! none of it moves when somebody moves a line.
//!
//! Two things are read as written: arguments of a line, and the lines of a `terraform` block, which are lists of the provider's.

use std::borrow::Cow;
use std::cmp::Ordering;

use source::Span;
use syntax::document::{Node, Property, Value};

/// Of two places the one that a reader meets first, then the other: for messages that say `first`.
pub(crate) fn in_order_of_place(one: Span, two: Span) -> (Span, Span) {
    (one.min(two), one.max(two))
}

/// The order of two lines that stand beside each other: word, arguments, properties by name, then their blocks.
pub(crate) fn by_content(one: Node<'_>, two: Node<'_>) -> Ordering {
    one.name()
        .cmp(&two.name())
        .then_with(|| words(one.arguments()).cmp(words(two.arguments())))
        .then_with(|| properties(one).cmp(&properties(two)))
        .then_with(|| blocks(one, two))
}

fn words<'t>(values: impl Iterator<Item = Value<'t>>) -> impl Iterator<Item = &'t str> {
    values.map(Value::literal)
}

/// Names and values, by name.
fn properties<'t>(node: Node<'t>) -> Vec<(Cow<'t, str>, &'t str)> {
    let pair = |one: Property<'t>| (one.name, one.value.literal());
    let mut found: Vec<_> = node.properties().map(pair).collect();
    found.sort();
    found
}

/// Depth is bounded by the reader of the text.
fn blocks(one: Node<'_>, two: Node<'_>) -> Ordering {
    each(children(one).into_iter(), children(two).into_iter())
}

/// The order of two lists of lines: of the first two that differ, else the shorter one first.
pub(crate) fn each<'t>(
    mut left: impl Iterator<Item = Node<'t>>,
    mut right: impl Iterator<Item = Node<'t>>,
) -> Ordering {
    loop {
        match (left.next(), right.next()) {
            (Some(one), Some(two)) => match by_content(one, two) {
                Ordering::Equal => {}
                order => return order,
            },
            (None, None) => return Ordering::Equal,
            (one, two) => return one.is_some().cmp(&two.is_some()),
        }
    }
}

/// The lines of a block in the order in which they are read.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut children: Vec<Node<'_>> = node.children().collect();
    if children.len() < 2 {
        return children;
    }
    match &*node.name() {
        "terraform" => {}
        // The first address is the one that `{arn}` stands for.
        "kind" => children.sort_by(|one, two| {
            let are_addresses = one.name() == "arn" && two.name() == "arn";
            if are_addresses {
                Ordering::Equal
            } else {
                by_content(*one, *two)
            }
        }),
        _ => children.sort_by(|one, two| by_content(*one, *two)),
    }
    children
}
