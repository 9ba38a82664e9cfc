//! Equality, order and digest of regions; nodes that are one and the same are not looked into.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::region::{Form, Region};

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
