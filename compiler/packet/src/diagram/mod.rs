//! The diagram: nodes that are unique, and the operations on them.
//!
//! A level is one dimension of a packet, for example the port. A node stands on a level. Its edges cut the values of this
//! dimension into ranges: each edge has the last value of its range, and the node that decides what follows. Example: a node on
//! the level of ports with the edges (442, nothing), (443, everything), (65535, nothing) is port 443.
//!
//! Three rules make one set have one id. Neighbouring edges lead to different children. A node has two edges or more; where it
//! would have one, the level is skipped. And no node is stored twice. The last edge always ends at the highest value, so no step
//! has to count beyond it.

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
