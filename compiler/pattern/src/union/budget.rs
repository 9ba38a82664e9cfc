//! How much work one guard may take: whatever is asked, the answer comes within a second, if only as *not decided*.

use std::collections::BTreeMap;
use std::fmt;

use crate::region::Region;

/// Nodes of diagrams that one guard may take.
pub const NODES_MAX: u32 = 100_000;

/// What is left for the questions of one guard.
///
/// Only what neither equal terms nor single terms decide takes of it. The same question is paid for once.
#[derive(Clone, Debug)]
pub struct Budget {
    left: u32,
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
            known: BTreeMap::new(),
        }
    }

    /// Nodes that are left.
    pub fn left(&self) -> u32 {
        self.left
    }

    /// Takes so many nodes; once there are too few, nothing is left for later questions either.
    pub(super) fn spend(&mut self, nodes: usize) -> Result<(), TooLarge> {
        let left = u32::try_from(nodes)
            .ok()
            .and_then(|nodes| self.left.checked_sub(nodes));
        self.left = left.unwrap_or(0);
        left.map(|_| ()).ok_or(TooLarge)
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its conditions meet in too many ways")
    }
}
