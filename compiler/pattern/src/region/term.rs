//! Regions as conjunctions: the paths of a diagram, and the diagram of one path.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use crate::key::Key;
use crate::region::{Form, Region};
use crate::values::{Type, Values};

/// What a conjunction asks of one key: never nothing, never everything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Literal<'a> {
    pub(crate) key: &'a Key,
    pub(crate) of: Type,
    pub(crate) values: &'a Values,
}

impl Literal<'_> {
    /// Which key comes first; one key with two types is two.
    pub(crate) fn order(&self, other: &Literal<'_>) -> Ordering {
        (self.key, self.of).cmp(&(other.key, other.of))
    }
}

impl Region {
    /// The contexts in which each key has one of its values. A key may be named once with each type.
    pub fn conjunction(literals: impl IntoIterator<Item = (Key, Values)>) -> Region {
        let mut literals: Vec<(Key, Values)> = literals
            .into_iter()
            .filter(|(_, values)| !values.is_everything())
            .collect();
        literals.sort_by(|(a, left), (b, right)| (a, left.value_type()).cmp(&(b, right.value_type())));
        // From the last key up, so that each node is made once.
        literals
            .into_iter()
            .rev()
            .fold(Region::everything(), |below, (key, values)| {
                let (of, rest) = (values.value_type(), values.not());
                Region::node(&key, of, vec![(values, below), (rest, Region::nothing())])
            })
    }

    /// Visits disjoint conjunctions with this union, in order, each sorted by key, until one breaks.
    pub(crate) fn each_term<'a, B>(
        &'a self,
        path: &mut Vec<Literal<'a>>,
        visit: &mut dyn FnMut(&[Literal<'a>]) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        match &self.0 {
            Form::Nothing => ControlFlow::Continue(()),
            Form::Everything => visit(path),
            Form::Node(node) => node.edges.iter().try_for_each(|(values, target)| {
                path.push(Literal {
                    key: &node.key,
                    of: node.of,
                    values,
                });
                let next = target.each_term(path, visit);
                path.pop();
                next
            }),
        }
    }
}
