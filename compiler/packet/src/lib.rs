//! Sets of packets: a hash-consed interval decision diagram.
//!
//! A set is held in canonical form, so two sets are equal exactly when their ids are. One
//! [`Packets`] holds the sets of one address family and one task (a network's groups, a table of NACLs, a
//! proof); ids of one are meaningless in another, and are never written anywhere.
//!
//! What cannot be answered within the budget is refused as [`Unanswered`]: there is no approximation.

pub mod cidr;
pub mod protocol;

mod count;
mod diagram;
mod family;
mod geometry;
mod packets;
mod rules;
mod unanswered;

pub use count::Count;
pub use diagram::Set;
pub use family::Family;
pub use geometry::{Box, Dimension, Order, Packet, Range};
pub use packets::{EDGES_MAX, Packets};
pub use rules::{Action, BLOCKERS_MAX, Dead, Rule};
pub use unanswered::Unanswered;
