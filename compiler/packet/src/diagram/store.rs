//! The nodes, each kept once.

use super::Set;
use super::memo::Memo;
use crate::Unanswered;
use crate::geometry::DIMENSIONS;

/// Ids below this are the two terminals.
const TERMINALS: u32 = 2;

/// The table doubles when three quarters of its slots are taken.
const SLOTS_FIRST: usize = 1 << 8;

/// An edge: values up to `bound`, from the bound of the edge before, lead to `child`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub bound: u128,
    pub child: Set,
}

/// A node: its level, and its edges as a slice of the diagram's.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    pub level: u8,
    pub start: u32,
    pub end: u32,
}

/// A slot of the unique table; id 0 (the empty set, which is no node) marks a free one.
#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    id: u32,
}

/// All nodes of one task.
pub(crate) struct Diagram {
    /// The highest value of each level.
    pub tops: [u128; DIMENSIONS],
    edges_max: usize,
    nodes: Vec<Node>,
    // Two columns rather than pairs: a pair of 16 and 4 bytes would be padded to 32.
    bounds: Vec<u128>,
    children: Vec<Set>,
    slots: Vec<Slot>,
    /// Edges of the nodes under construction, one run on top of the other.
    pub scratch: Vec<Edge>,
    pub memo: Memo,
}

impl Diagram {
    pub fn new(tops: [u128; DIMENSIONS], edges_max: usize) -> Diagram {
        Diagram {
            tops,
            // Ids and positions are 32 bits wide.
            edges_max: edges_max.min((u32::MAX - TERMINALS) as usize),
            nodes: Vec::new(),
            bounds: Vec::new(),
            children: Vec::new(),
            slots: vec![Slot { hash: 0, id: 0 }; SLOTS_FIRST],
            scratch: Vec::new(),
            memo: Memo::new(),
        }
    }

    pub fn edge_count(&self) -> usize {
        self.bounds.len()
    }

    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The node of a set; `None` for the two terminals.
    pub fn node(&self, set: Set) -> Result<Option<Node>, Unanswered> {
        match set.0.checked_sub(TERMINALS) {
            None => Ok(None),
            Some(at) => self
                .nodes
                .get(at as usize)
                .copied()
                .map(Some)
                .ok_or(Unanswered::ForeignSet),
        }
    }

    /// The edge at a position.
    pub fn edge(&self, at: u32) -> Result<Edge, Unanswered> {
        match (self.bounds.get(at as usize), self.children.get(at as usize)) {
            (Some(bound), Some(child)) => Ok(Edge {
                bound: *bound,
                child: *child,
            }),
            (Some(_) | None, Some(_) | None) => Err(Unanswered::ForeignSet),
        }
    }

    /// The edges of a node, in order.
    pub fn edges(&self, node: Node) -> impl Iterator<Item = Edge> + '_ {
        let range = node.start as usize..node.end as usize;
        let bounds = self.bounds.get(range.clone()).unwrap_or_default();
        let children = self.children.get(range).unwrap_or_default();
        bounds.iter().zip(children).map(|(bound, child)| Edge {
            bound: *bound,
            child: *child,
        })
    }

    /// The first edge of `start..end` whose bound is at least `value`.
    pub fn seek(&self, start: u32, end: u32, value: u128) -> u32 {
        let bounds = self.bounds.get(start as usize..end as usize).unwrap_or_default();
        // The edge looked for is nearly always close by.
        let mut step = 1;
        while bounds.get(step).is_some_and(|bound| *bound < value) {
            step *= 2;
        }
        let near = bounds.get(step / 2..step.min(bounds.len())).unwrap_or_default();
        start + (step / 2 + near.partition_point(|bound| *bound < value)) as u32
    }

    /// Adds an edge to the node whose run in the scratch begins at `start`.
    pub fn push(&mut self, start: usize, edge: Edge) {
        if self.scratch.len() > start
            && let Some(last) = self.scratch.last_mut()
            && last.child == edge.child
        {
            last.bound = edge.bound;
        } else {
            self.scratch.push(edge);
        }
    }

    /// Takes the run from `start` off the scratch: the one node with these edges.
    pub fn intern(&mut self, level: u8, start: usize) -> Result<Set, Unanswered> {
        let run = self.scratch.get(start..).unwrap_or_default();
        if let [only] = run {
            let child = only.child;
            self.scratch.truncate(start);
            return Ok(child);
        }
        let hash = hash(level, run);
        let mut at = hash as usize & (self.slots.len() - 1);
        while let Some(slot) = self.slots.get(at).filter(|slot| slot.id != 0) {
            if slot.hash == hash && self.is_same(Set(slot.id), level, run) {
                let found = Set(slot.id);
                self.scratch.truncate(start);
                return Ok(found);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        if self.bounds.len() + run.len() > self.edges_max {
            return Err(Unanswered::OverBudget {
                edges_max: self.edges_max,
            });
        }
        let first = self.bounds.len() as u32;
        self.bounds.extend(run.iter().map(|edge| edge.bound));
        self.children.extend(run.iter().map(|edge| edge.child));
        self.scratch.truncate(start);
        // Every node has two edges or more, so there are fewer nodes than edges: the id fits as the edges did.
        let id = TERMINALS + self.nodes.len() as u32;
        self.nodes.push(Node {
            level,
            start: first,
            end: self.bounds.len() as u32,
        });
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Slot { hash, id };
        }
        if self.nodes.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.memo.fit(self.nodes.len());
        Ok(Set(id))
    }

    fn is_same(&self, set: Set, level: u8, run: &[Edge]) -> bool {
        let Ok(Some(node)) = self.node(set) else {
            return false;
        };
        node.level == level
            && (node.end - node.start) as usize == run.len()
            && self.edges(node).zip(run).all(|(a, b)| a == *b)
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![Slot { hash: 0, id: 0 }; size]);
        for slot in old.into_iter().filter(|slot| slot.id != 0) {
            let mut at = slot.hash as usize & (size - 1);
            while self.slots.get(at).is_some_and(|slot| slot.id != 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(free) = self.slots.get_mut(at) {
                *free = slot;
            }
        }
    }
}

/// A fixed hash: the same spec takes the same steps everywhere.
fn hash(level: u8, run: &[Edge]) -> u32 {
    let mut state = mix(u64::from(level), run.len() as u64);
    for edge in run {
        state = mix(state, edge.bound as u64 ^ (edge.bound >> 64) as u64);
        state = mix(state, u64::from(edge.child.0));
    }
    (state ^ state >> 32) as u32
}

/// A multiplication folded onto itself: every bit of the input reaches the low bits of the outcome.
pub(super) fn mix(state: u64, value: u64) -> u64 {
    let wide = u128::from(state.rotate_left(23) ^ value ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93_u128;
    wide as u64 ^ (wide >> 64) as u64
}
