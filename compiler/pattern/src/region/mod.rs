//! Sets of contexts: canonical ordered decision diagrams over keys.
//!
//! A node decides by the value of one key; its edges are disjoint, cover the domain, and lead to different regions of
//! later keys. A node with one edge is left out. So equal regions are equal values. A key used with two types counts as
//! two keys here, which keeps every operation total; `mixed` finds such a key, and whoever decides anything refuses it.

mod algebra;
mod display;
mod order;
pub(crate) mod term;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::key::Key;
use crate::region::algebra::union;
use crate::region::order::Fnv;
use crate::values::{Type, Value, Values};

/// A set of contexts.
#[derive(Clone)]
pub struct Region(Form);

#[derive(Clone)]
enum Form {
    Nothing,
    Everything,
    Node(Arc<Node>),
}

struct Node {
    key: Key,
    of: Type,
    /// Sorted; at least two.
    edges: Box<[(Values, Region)]>,
    /// Of all the above, so that comparing different regions is quick.
    digest: u64,
}

/// What a request says about each key that matters: a value, or *absent* as `None`. A key left out is *absent*.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Context(pub BTreeMap<Key, Option<Value>>);

impl Region {
    /// Every context.
    pub const fn everything() -> Region {
        Region(Form::Everything)
    }

    /// No context.
    pub const fn nothing() -> Region {
        Region(Form::Nothing)
    }

    /// The contexts in which `key` has one of `values`.
    pub fn only(key: Key, values: Values) -> Region {
        if values.is_everything() {
            return Region::everything();
        }
        if values.is_nothing() {
            return Region::nothing();
        }
        let of = values.value_type();
        let rest = values.not();
        Region::node(
            &key,
            of,
            vec![(values, Region::everything()), (rest, Region::nothing())],
        )
    }

    /// Merges edges of equal target, drops empty ones, and a node that decides nothing.
    fn node(key: &Key, of: Type, edges: Vec<(Values, Region)>) -> Region {
        let mut merged: Vec<(Values, Region)> = Vec::with_capacity(edges.len());
        for (values, target) in edges {
            if values.is_nothing() {
                continue;
            }
            // Few targets differ, and their digests tell them apart.
            match merged.iter_mut().find(|(_, known)| *known == target) {
                Some(slot) => slot.0 = union(&slot.0, &values),
                None => merged.push((values, target)),
            }
        }
        if merged.len() == 1
            && let Some((_, target)) = merged.pop()
        {
            return target;
        }
        merged.sort_unstable();
        let mut digest = Fnv::new();
        (key, of, &merged).hash(&mut digest);
        let node = Node {
            key: key.clone(),
            of,
            edges: merged.into(),
            digest: digest.finish(),
        };
        Region(Form::Node(Arc::new(node)))
    }

    /// Whether there is no context.
    pub fn is_nothing(&self) -> bool {
        matches!(self.0, Form::Nothing)
    }

    /// Whether every context is a member.
    pub fn is_everything(&self) -> bool {
        matches!(self.0, Form::Everything)
    }

    fn is_constant(&self) -> bool {
        self.is_nothing() || self.is_everything()
    }

    fn same(&self, other: &Region) -> bool {
        match (&self.0, &other.0) {
            (Form::Nothing, Form::Nothing) | (Form::Everything, Form::Everything) => true,
            (Form::Node(a), Form::Node(b)) => Arc::ptr_eq(a, b),
            (Form::Nothing | Form::Everything | Form::Node(_), _) => false,
        }
    }

    /// Visits the keys on which membership depends, each with its type, some more than once.
    pub(crate) fn each_key(&self, visit: &mut dyn FnMut(&Key, Type)) {
        self.each_node(&mut BTreeSet::new(), &mut |node| visit(&node.key, node.of));
    }

    /// Whether a symbol or a variable is in some value.
    pub fn has_unknown(&self) -> bool {
        let mut found = false;
        self.each_node(&mut BTreeSet::new(), &mut |node| {
            found |= node.edges.iter().any(|(values, _)| values.has_unknown());
        });
        found
    }

    /// The keys on which membership depends, each with its type.
    pub fn keys(&self) -> BTreeSet<(Key, Type)> {
        let mut keys = BTreeSet::new();
        self.each_node(&mut BTreeSet::new(), &mut |node| {
            keys.insert((node.key.clone(), node.of));
        });
        keys
    }

    /// Whether some condition is about a key.
    pub fn has_key(&self, key: &Key) -> bool {
        let mut has = false;
        self.each_node(&mut BTreeSet::new(), &mut |node| has |= node.key == *key);
        has
    }

    /// A key that is used with two types.
    pub fn mixed(&self) -> Option<Key> {
        let mut last: Option<Key> = None;
        for (key, _) in self.keys() {
            if last.as_ref() == Some(&key) {
                return last;
            }
            last = Some(key);
        }
        None
    }

    fn each_node(&self, seen: &mut BTreeSet<usize>, visit: &mut dyn FnMut(&Node)) {
        let Form::Node(node) = &self.0 else { return };
        // A node that leads to no other is not worth remembering.
        let is_last = node.edges.iter().all(|(_, target)| target.is_constant());
        if !is_last && !seen.insert(Arc::as_ptr(node).addr()) {
            return;
        }
        visit(node);
        for (_, target) in &node.edges {
            target.each_node(seen, visit);
        }
    }

    /// Whether a context is a member.
    pub fn contains(&self, context: &Context) -> bool {
        let mut here = self;
        loop {
            match &here.0 {
                Form::Nothing => return false,
                Form::Everything => return true,
                Form::Node(node) => here = node.follow(context.0.get(&node.key).and_then(Option::as_ref)),
            }
        }
    }

    /// A context of this region, with a value or *absent* for each key that decides it.
    pub fn sample(&self) -> Option<Context> {
        let mut context = Context::default();
        let mut here = self;
        loop {
            match &here.0 {
                Form::Nothing => return None,
                Form::Everything => return Some(context),
                Form::Node(node) => {
                    // Every region but `Nothing` has a member. The simplest target, then a value rather than none.
                    let rank = |(values, target): &&(Values, Region)| {
                        (
                            !target.is_everything(),
                            values.sample().is_none_or(|value| value.is_none()),
                        )
                    };
                    let open = node.edges.iter().filter(|(_, target)| !target.is_nothing());
                    let (values, target) = open.min_by_key(rank)?;
                    context.0.insert(node.key.clone(), values.sample()?);
                    here = target;
                }
            }
        }
    }

    /// Disjoint conjunctions with this union, in order; each names a key at most once. Everything is one empty conjunction.
    pub fn cubes(&self) -> Vec<Vec<(Key, Values)>> {
        let mut out = Vec::new();
        self.collect_cubes(&mut Vec::new(), &mut out);
        out
    }

    fn collect_cubes(&self, path: &mut Vec<(Key, Values)>, out: &mut Vec<Vec<(Key, Values)>>) {
        match &self.0 {
            Form::Nothing => {}
            Form::Everything => out.push(path.clone()),
            Form::Node(node) => {
                for (values, target) in &node.edges {
                    path.push((node.key.clone(), values.clone()));
                    target.collect_cubes(path, out);
                    path.pop();
                }
            }
        }
    }
}

impl Node {
    fn follow(&self, value: Option<&Value>) -> &Region {
        const NOTHING: &Region = &Region::nothing();
        self.edges
            .iter()
            .find(|(values, _)| values.contains(value))
            .map_or(NOTHING, |(_, target)| target)
    }

    fn order(&self, other: &Node) -> Ordering {
        (&self.key, self.of).cmp(&(&other.key, other.of))
    }
}

impl Region {
    /// Where the node lies; 0 and 1 for the constants.
    fn address(&self) -> usize {
        match &self.0 {
            Form::Nothing => 0,
            Form::Everything => 1,
            Form::Node(node) => Arc::as_ptr(node).addr(),
        }
    }
}
