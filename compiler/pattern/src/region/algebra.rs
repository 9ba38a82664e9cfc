//! Union, intersection, difference, inclusion and projection of regions.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::key::Key;
use crate::region::{Form, Node, Region};
use crate::values::{Value, Values};
use crate::words::Words;

impl Region {
    /// The contexts of both.
    #[must_use]
    pub fn and(&self, other: &Region) -> Region {
        apply(self, other, Operation::And)
    }

    /// The contexts of either.
    #[must_use]
    pub fn or(&self, other: &Region) -> Region {
        apply(self, other, Operation::Or)
    }

    /// The contexts of this that are not of `other`.
    #[must_use]
    pub fn minus(&self, other: &Region) -> Region {
        apply(self, other, Operation::Minus)
    }

    /// Every context that is not a member.
    #[must_use]
    pub fn not(&self) -> Region {
        Region::everything().minus(self)
    }

    /// The union of many regions.
    pub fn any_of(regions: impl IntoIterator<Item = Region>) -> Region {
        let mut level: Vec<Region> = regions
            .into_iter()
            .filter(|region| !region.is_nothing())
            .collect();
        // Pairwise, so that no diagram is walked once per region.
        while level.len() > 1 {
            let pairs = level.chunks(2).map(|pair| match pair {
                [a, b] => a.or(b),
                [a, ..] => a.clone(),
                [] => Region::nothing(),
            });
            level = pairs.collect();
        }
        level.pop().unwrap_or(Region::nothing())
    }

    /// Whether every context of this is one of `other`.
    pub fn is_subset(&self, other: &Region) -> bool {
        subset(self, other, &mut BTreeSet::new())
    }

    /// Whether some context is of both.
    pub fn meets(&self, other: &Region) -> bool {
        !self.and(other).is_nothing()
    }

    /// The contexts that some value of `key` makes members: what a guard sees that does not know the key.
    #[must_use]
    pub fn forget(&self, key: &Key) -> Region {
        self.rebuild(key, &mut BTreeMap::new(), &|node| {
            Region::any_of(node.edges.iter().map(|(_, target)| target.clone()))
        })
    }

    /// The contexts that are members once `key` has this value, or is *absent*.
    #[must_use]
    pub fn restrict(&self, key: &Key, value: Option<&Value>) -> Region {
        self.rebuild(key, &mut BTreeMap::new(), &|node| node.follow(value).clone())
    }

    fn rebuild(
        &self,
        key: &Key,
        done: &mut BTreeMap<usize, Region>,
        replace: &dyn Fn(&Node) -> Region,
    ) -> Region {
        let Form::Node(node) = &self.0 else {
            return self.clone();
        };
        match node.key.cmp(key) {
            Ordering::Greater => return self.clone(),
            // Below may be the same key with another type.
            Ordering::Equal => return replace(node).rebuild(key, &mut BTreeMap::new(), replace),
            Ordering::Less => {}
        }
        if let Some(known) = done.get(&Arc::as_ptr(node).addr()) {
            return known.clone();
        }
        let edges = node
            .edges
            .iter()
            .map(|(values, target)| (values.clone(), target.rebuild(key, done, replace)));
        let edges = edges.collect();
        let region = Region::node(&node.key, node.of, edges);
        done.insert(Arc::as_ptr(node).addr(), region.clone());
        region
    }

    /// The region with each set of words replaced as `map` says; `None` if `map` gives none, or two edges then overlap.
    pub fn map_words(&self, map: &mut dyn FnMut(&Words) -> Option<Words>) -> Option<Region> {
        let Form::Node(node) = &self.0 else {
            return Some(self.clone());
        };
        let mut out = Region::nothing();
        let mut left = Values::everything(node.of);
        for (values, target) in &node.edges {
            let target = target.map_words(map)?;
            let mapped = values.map_words(map)?;
            if !mapped.is_subset(&left)? {
                return None;
            }
            left = left.minus(&mapped)?;
            out = out.or(&Region::only(node.key.clone(), mapped).and(&target));
        }
        left.is_nothing().then_some(out)
    }
}

#[derive(Clone, Copy)]
enum Operation {
    And,
    Or,
    Minus,
}

/// Results of one operation so far, by the addresses of its operands, which outlive it.
type Memo = BTreeMap<(usize, usize), Region>;

fn apply(left: &Region, right: &Region, operation: Operation) -> Region {
    plain(left, right, operation).unwrap_or_else(|| combined(left, right, operation, &mut Memo::new()))
}

/// The result where no node has to be looked into: equal regions are equal values.
fn plain(left: &Region, right: &Region, operation: Operation) -> Option<Region> {
    let same = left == right;
    Some(match operation {
        Operation::And if same || right.is_everything() || left.is_nothing() => left.clone(),
        Operation::And if left.is_everything() || right.is_nothing() => right.clone(),
        Operation::Or if same || right.is_nothing() || left.is_everything() => left.clone(),
        Operation::Or if left.is_nothing() || right.is_everything() => right.clone(),
        Operation::Minus if same || left.is_nothing() || right.is_everything() => Region::nothing(),
        Operation::Minus if right.is_nothing() => left.clone(),
        Operation::And if are_apart(left, right) => Region::nothing(),
        Operation::Minus if are_apart(left, right) => left.clone(),
        Operation::And | Operation::Or | Operation::Minus => return None,
    })
}

/// Whether one key shows that no context is of both; false if that takes more than a look.
fn are_apart(left: &Region, right: &Region) -> bool {
    let (Form::Node(a), Form::Node(b)) = (&left.0, &right.0) else {
        return false;
    };
    a.order(b).is_eq() && open(a).all(|left| open(b).all(|right| !left.meets(right)))
}

/// The values of the node's key by which something is reached.
fn open(node: &Node) -> impl Iterator<Item = &Values> {
    let edges = node.edges.iter().filter(|(_, target)| !target.is_nothing());
    edges.map(|(values, _)| values)
}

/// The result below the first nodes, of which the memory has those that come up again.
fn below(left: &Region, right: &Region, operation: Operation, memo: &mut Memo) -> Region {
    if let Some(plain) = plain(left, right, operation) {
        return plain;
    }
    let place = (left.address(), right.address());
    if let Some(known) = memo.get(&place) {
        return known.clone();
    }
    let result = combined(left, right, operation, memo);
    memo.insert(place, result.clone());
    result
}

fn combined(left: &Region, right: &Region, operation: Operation, memo: &mut Memo) -> Region {
    match fork(left, right) {
        None => Region::nothing(),
        Some(Fork::Left(node)) => {
            let edges = node
                .edges
                .iter()
                .map(|(values, target)| (values.clone(), below(target, right, operation, memo)));
            let edges = edges.collect();
            Region::node(&node.key, node.of, edges)
        }
        Some(Fork::Right(node)) => {
            let edges = node
                .edges
                .iter()
                .map(|(values, target)| (values.clone(), below(left, target, operation, memo)));
            let edges = edges.collect();
            Region::node(&node.key, node.of, edges)
        }
        Some(Fork::Both(a, b)) => {
            let mut edges = Vec::with_capacity(a.edges.len() + b.edges.len());
            for (values_left, target_left) in &a.edges {
                for (values_right, target_right) in &b.edges {
                    let values = intersection(values_left, values_right);
                    if !values.is_nothing() {
                        edges.push((values, below(target_left, target_right, operation, memo)));
                    }
                }
            }
            Region::node(&a.key, a.of, edges)
        }
    }
}

/// Which side decides first.
enum Fork<'a> {
    Left(&'a Node),
    Right(&'a Node),
    Both(&'a Node, &'a Node),
}

/// `None` if neither side is a node.
fn fork<'a>(left: &'a Region, right: &'a Region) -> Option<Fork<'a>> {
    Some(match (&left.0, &right.0) {
        (Form::Node(a), Form::Node(b)) => match a.order(b) {
            Ordering::Less => Fork::Left(a),
            Ordering::Greater => Fork::Right(b),
            Ordering::Equal => Fork::Both(a, b),
        },
        (Form::Node(a), Form::Nothing | Form::Everything) => Fork::Left(a),
        (Form::Nothing | Form::Everything, Form::Node(b)) => Fork::Right(b),
        (Form::Nothing | Form::Everything, Form::Nothing | Form::Everything) => return None,
    })
}

fn subset(left: &Region, right: &Region, proved: &mut BTreeSet<(usize, usize)>) -> bool {
    if left.same(right) || left.is_nothing() || right.is_everything() {
        return true;
    }
    if left.is_everything() || right.is_nothing() {
        // A canonical region that is not the constant differs from it.
        return false;
    }
    let place = (left.address(), right.address());
    if proved.contains(&place) {
        return true;
    }
    let holds = match fork(left, right) {
        None => false,
        Some(Fork::Left(node)) => node.edges.iter().all(|(_, target)| subset(target, right, proved)),
        Some(Fork::Right(node)) => node.edges.iter().all(|(_, target)| subset(left, target, proved)),
        Some(Fork::Both(a, b)) => a.edges.iter().all(|(values_left, target_left)| {
            b.edges.iter().all(|(values_right, target_right)| {
                !values_left.meets(values_right) || subset(target_left, target_right, proved)
            })
        }),
    };
    if holds {
        proved.insert(place);
    }
    holds
}

/// Of one key and type, so that there always is a union.
pub(super) fn union(left: &Values, right: &Values) -> Values {
    left.or(right).unwrap_or_else(|| left.clone())
}

/// Of one key and type, so that there always is an intersection.
fn intersection(left: &Values, right: &Values) -> Values {
    left.and(right)
        .unwrap_or_else(|| Values::nothing(left.value_type()))
}
