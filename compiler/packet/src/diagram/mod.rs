//! The diagram: nodes that are unique, and the operations on them.
//!
//! A node stands on a level and has edges (inclusive upper bound, child) that partition its whole domain; the
//! last bound is the top of the domain, so no step ever needs `bound + 1` at the top. Neighbouring edges lead to
//! different children; a node has two edges or more; levels may be skipped. Hence one set, one id.

mod apply;
mod memo;
mod store;

pub(crate) use apply::{Operation, Question};
pub(crate) use store::{Diagram, Edge};

/// A set of packets of one [`Packets`](crate::Packets). Equal sets have equal ids there.
///
/// The number depends on the order in which sets were made, and must never reach any output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set(u32);

impl Set {
    /// No packet.
    pub const EMPTY: Set = Set(0);

    /// Every packet of the family.
    pub const FULL: Set = Set(1);

    /// Whether no packet is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == Set::EMPTY.0
    }
}
