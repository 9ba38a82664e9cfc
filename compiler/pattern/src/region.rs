//! Sets of contexts: canonical ordered decision diagrams over keys.
//!
//! A node decides by the value of one key; its edges are disjoint, cover the domain, and lead to different regions of
//! later keys. A node with one edge is left out. So equal regions are equal values. A key used with two types counts as
//! two keys here, which keeps every operation total; `mixed` finds such a key, and whoever decides anything refuses it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::key::Key;
use crate::values::{Type, Value, Values};
use crate::words::Words;

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
        let mut at: BTreeMap<Region, usize> = BTreeMap::new();
        for (values, target) in edges {
            if values.is_nothing() {
                continue;
            }
            if let Some(slot) = at.get(&target).and_then(|at| merged.get_mut(*at)) {
                slot.0 = union(&slot.0, &values);
            } else {
                at.insert(target.clone(), merged.len());
                merged.push((values, target));
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

    fn same(&self, other: &Region) -> bool {
        match (&self.0, &other.0) {
            (Form::Nothing, Form::Nothing) | (Form::Everything, Form::Everything) => true,
            (Form::Node(a), Form::Node(b)) => Arc::ptr_eq(a, b),
            (Form::Nothing | Form::Everything | Form::Node(_), _) => false,
        }
    }

    /// The contexts of both.
    #[must_use]
    pub fn and(&self, other: &Region) -> Region {
        apply(self, other, Operation::And, &mut BTreeMap::new())
    }

    /// The contexts of either.
    #[must_use]
    pub fn or(&self, other: &Region) -> Region {
        apply(self, other, Operation::Or, &mut BTreeMap::new())
    }

    /// The contexts of this that are not of `other`.
    #[must_use]
    pub fn minus(&self, other: &Region) -> Region {
        apply(self, other, Operation::Minus, &mut BTreeMap::new())
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

    /// The keys on which membership depends, each with its type.
    pub fn keys(&self) -> BTreeSet<(Key, Type)> {
        let mut keys = BTreeSet::new();
        self.each_node(&mut BTreeSet::new(), &mut |node| {
            keys.insert((node.key.clone(), node.of));
        });
        keys
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
        if !seen.insert(Arc::as_ptr(node).addr()) {
            return;
        }
        visit(node);
        for (_, target) in &node.edges {
            target.each_node(seen, visit);
        }
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

#[derive(Clone, Copy)]
enum Operation {
    And,
    Or,
    Minus,
}

/// Results of one operation so far, by the addresses of its operands, which outlive it.
type Memo = BTreeMap<(usize, usize), Region>;

fn apply(left: &Region, right: &Region, operation: Operation, memo: &mut Memo) -> Region {
    let same = left.same(right);
    match operation {
        Operation::And if same || right.is_everything() || left.is_nothing() => return left.clone(),
        Operation::And if left.is_everything() || right.is_nothing() => return right.clone(),
        Operation::Or if same || right.is_nothing() || left.is_everything() => return left.clone(),
        Operation::Or if left.is_nothing() || right.is_everything() => return right.clone(),
        Operation::Minus if same || left.is_nothing() || right.is_everything() => return Region::nothing(),
        Operation::Minus if right.is_nothing() => return left.clone(),
        Operation::And | Operation::Or | Operation::Minus => {}
    }
    let place = (left.address(), right.address());
    if let Some(known) = memo.get(&place) {
        return known.clone();
    }
    let result = match fork(left, right) {
        None => return Region::nothing(),
        Some(Fork::Left(node)) => {
            let edges = node
                .edges
                .iter()
                .map(|(values, target)| (values.clone(), apply(target, right, operation, memo)));
            let edges = edges.collect();
            Region::node(&node.key, node.of, edges)
        }
        Some(Fork::Right(node)) => {
            let edges = node
                .edges
                .iter()
                .map(|(values, target)| (values.clone(), apply(left, target, operation, memo)));
            let edges = edges.collect();
            Region::node(&node.key, node.of, edges)
        }
        Some(Fork::Both(a, b)) => {
            let mut edges = Vec::with_capacity(a.edges.len() + b.edges.len());
            for (values_left, target_left) in &a.edges {
                for (values_right, target_right) in &b.edges {
                    let values = intersection(values_left, values_right);
                    if !values.is_nothing() {
                        edges.push((values, apply(target_left, target_right, operation, memo)));
                    }
                }
            }
            Region::node(&a.key, a.of, edges)
        }
    };
    memo.insert(place, result.clone());
    result
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
                intersection(values_left, values_right).is_nothing()
                    || subset(target_left, target_right, proved)
            })
        }),
    };
    if holds {
        proved.insert(place);
    }
    holds
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

/// Of one key and type, so that there always is a union.
fn union(left: &Values, right: &Values) -> Values {
    left.or(right).unwrap_or_else(|| left.clone())
}

/// Of one key and type, so that there always is an intersection.
fn intersection(left: &Values, right: &Values) -> Values {
    left.and(right)
        .unwrap_or_else(|| Values::nothing(left.value_type()))
}

impl PartialEq for Region {
    fn eq(&self, other: &Region) -> bool {
        match (&self.0, &other.0) {
            (Form::Node(a), Form::Node(b)) => {
                Arc::ptr_eq(a, b)
                    || (a.digest == b.digest && a.of == b.of && a.key == b.key && a.edges == b.edges)
            }
            (Form::Nothing | Form::Everything | Form::Node(_), _) => self.same(other),
        }
    }
}

impl Eq for Region {}

impl PartialOrd for Region {
    fn partial_cmp(&self, other: &Region) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Region {
    fn cmp(&self, other: &Region) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Node(a), Form::Node(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (Form::Node(a), Form::Node(b)) => a.order(b).then_with(|| a.edges.cmp(&b.edges)),
            (Form::Nothing | Form::Everything | Form::Node(_), _) => {
                // The constants first; two nodes are dealt with above.
                self.address().min(2).cmp(&other.address().min(2))
            }
        }
    }
}

impl Hash for Region {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Form::Nothing => state.write_u64(0),
            Form::Everything => state.write_u64(1),
            Form::Node(node) => state.write_u64(node.digest),
        }
    }
}

/// FNV-1a: only to tell different regions apart quickly, equal digests being compared in full.
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Nothing => return f.write_str("never"),
            Form::Everything => return f.write_str("always"),
            Form::Node(_) => {}
        }
        for (index, cube) in self.cubes().iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            let terms: Vec<String> = cube
                .iter()
                .map(|(key, values)| format!("{key}: {values}"))
                .collect();
            f.write_str(&terms.join(" and "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("any context");
        }
        for (index, (key, value)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            match value {
                Some(value) => write!(f, "{key} = {value}")?,
                None => write!(f, "{key} absent")?,
            }
        }
        Ok(())
    }
}
