//! How much work one guard may take.
//!
//! Some questions about conditions take exponential time. With a budget the answer comes within a second, whatever is asked. If
//! the budget does not suffice, the answer is *not decided*, and the build is refused.

use std::collections::BTreeMap;
use std::fmt;

use crate::region::Region;

/// Nodes of diagrams that one guard may take.
pub const NODES_MAX: u32 = 100_000;

/// What is left for the questions of one guard.
///
/// A question that one term decides by itself is free. Lists of thousands of terms take of the budget, and so does every
/// search. The same question is paid for once.
#[derive(Clone, Debug)]
pub struct Budget {
    left: u32,
    /// Nodes that searches took so far.
    searched: u32,
    /// Whether some question took more than was left.
    is_spent: bool,
    /// Answers that were paid for, by the region and the sorted terms that were asked about.
    pub(super) known: BTreeMap<(Region, Vec<Region>), Option<Region>>,
}

/// The conditions meet in more ways than the budget has nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl Budget {
    /// The budget of a guard.
    pub fn of_guard() -> Budget {
        Budget::of(NODES_MAX)
    }

    /// A budget of so many nodes.
    pub fn of(nodes: u32) -> Budget {
        Budget {
            left: nodes,
            searched: 0,
            is_spent: false,
            known: BTreeMap::new(),
        }
    }

    /// Nodes that are left.
    pub fn left(&self) -> u32 {
        self.left
    }

    /// Whether the budget did not suffice once. From then on no question of this guard is answered.
    pub(super) fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// Nodes that searches took so far. If a question raised this number, its answer is worth keeping.
    pub(super) fn searched(&self) -> u32 {
        self.searched
    }

    /// Takes nodes for a search, and counts them as such.
    pub(super) fn search(&mut self, nodes: usize) -> Result<(), TooLarge> {
        let before = self.left;
        let result = self.spend(nodes);
        self.searched = self.searched.saturating_add(before - self.left);
        result
    }

    /// Takes so many nodes; refused, and the budget spent, if fewer are left.
    pub(super) fn spend(&mut self, nodes: usize) -> Result<(), TooLarge> {
        let left = u32::try_from(nodes)
            .ok()
            .and_then(|nodes| self.left.checked_sub(nodes));
        self.left = left.unwrap_or(0);
        self.is_spent |= left.is_none();
        left.map(|_| ()).ok_or(TooLarge)
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the conditions meet in too many ways to be compared")
    }
}
