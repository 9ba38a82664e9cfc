//! How much work one guard may take: whatever is asked, the answer comes within a second, if only as *not decided*.

use std::collections::BTreeMap;
use std::fmt;

use crate::region::Region;

/// Nodes of diagrams that one guard may take.
pub const NODES_MAX: u32 = 100_000;

/// What is left for the questions of one guard.
///
/// What an equal term or a single one decides takes nothing of it; lists of thousands of terms do, and whatever needs a
/// diagram. The same question is paid for once.
#[derive(Clone, Debug)]
pub struct Budget {
    left: u32,
    /// Nodes that searches took so far.
    searched: u32,
    /// Some question took more than was left.
    is_spent: bool,
    /// Answers that were paid for, by region and sorted union.
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

    /// So many nodes.
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

    /// Whether something is left to ask with: after one question without an answer there is none to any other.
    pub(super) fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// Nodes that searches took so far: their answers are worth keeping.
    pub(super) fn searched(&self) -> u32 {
        self.searched
    }

    /// Takes nodes of a search.
    pub(super) fn search(&mut self, nodes: usize) -> Result<(), TooLarge> {
        let before = self.left;
        let result = self.spend(nodes);
        self.searched = self.searched.saturating_add(before - self.left);
        result
    }

    /// Takes so many nodes.
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
