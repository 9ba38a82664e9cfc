//! Equality, order and digest of regions; nodes that are one and the same are not looked into.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::region::{Form, Region};

impl PartialEq for Region {
    fn eq(&self, other: &Region) -> bool {
        equal(self, other, &mut BTreeSet::new())
    }
}

/// Nodes that many edges lead to are compared once: those found equal so far are told by where they lie.
fn equal(left: &Region, right: &Region, found: &mut BTreeSet<(usize, usize)>) -> bool {
    let (Form::Node(a), Form::Node(b)) = (&left.0, &right.0) else {
        return left.same(right);
    };
    if Arc::ptr_eq(a, b) {
        return true;
    }
    if a.digest != b.digest || a.of != b.of || a.key != b.key || a.edges.len() != b.edges.len() {
        return false;
    }
    let place = (left.address(), right.address());
    if found.contains(&place) {
        return true;
    }
    let mut edges = a.edges.iter().zip(&b.edges);
    let is_equal = edges.all(|((values_left, target_left), (values_right, target_right))| {
        values_left == values_right && equal(target_left, target_right, found)
    });
    let is_deep = a.edges.iter().any(|(_, target)| !target.is_constant());
    if is_equal && is_deep {
        found.insert(place);
    }
    is_equal
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
            // So that the comparison below goes down one way only.
            (Form::Node(_), Form::Node(_)) if self == other => Ordering::Equal,
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
pub(super) struct Fnv(u64);

impl Fnv {
    pub(super) fn new() -> Fnv {
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
