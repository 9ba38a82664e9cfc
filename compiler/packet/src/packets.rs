//! The manager: makes sets of packets and answers questions about them.

use std::collections::BTreeMap;

use crate::diagram::{Diagram, Edge, Operation, Question, Set};
use crate::geometry::DIMENSIONS;
use crate::{Box, Count, Dimension, Family, Order, Packet, Range, Unanswered};

/// The budget of [`Packets::new`], in edges of 20 bytes: 640 MB at worst.
pub const EDGES_MAX: usize = 32_000_000;

/// The sets of packets of one address family and one task.
///
/// Nothing is freed before the manager is: make one for a task, and drop it.
pub struct Packets {
    family: Family,
    dimensions: [Dimension; DIMENSIONS],
    diagram: Diagram,
}

impl Packets {
    /// A manager that decides ports first, with the usual budget.
    #[must_use]
    pub fn new(family: Family) -> Packets {
        Packets::with_budget(family, Order::PortsFirst, EDGES_MAX)
    }

    /// A manager with another order of dimensions, or another budget of edges.
    #[must_use]
    pub fn with_budget(family: Family, order: Order, edges_max: usize) -> Packets {
        let dimensions = order.dimensions();
        let diagram = Diagram::new(dimensions.map(|dimension| dimension.top(family)), edges_max);
        Packets {
            family,
            dimensions,
            diagram,
        }
    }

    /// The address family.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// How many edges are held, against the budget. Says nothing of any set.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.diagram.edge_count()
    }

    /// How many nodes are held. Says nothing of any set.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.diagram.node_count()
    }

    /// The packets in a box.
    pub fn boxed(&mut self, region: &Box) -> Result<Set, Unanswered> {
        let mut inside = Set::FULL;
        for (level, (dimension, top)) in self
            .dimensions
            .into_iter()
            .zip(self.diagram.tops)
            .enumerate()
            .rev()
        {
            let range = region.range(dimension);
            if range.last() > top {
                return Err(Unanswered::OutsideDomain);
            }
            let start = self.diagram.scratch.len();
            if let Some(below) = range.first().checked_sub(1) {
                self.diagram.push(
                    start,
                    Edge {
                        bound: below,
                        child: Set::EMPTY,
                    },
                );
            }
            self.diagram.push(
                start,
                Edge {
                    bound: range.last(),
                    child: inside,
                },
            );
            if range.last() < top {
                self.diagram.push(
                    start,
                    Edge {
                        bound: top,
                        child: Set::EMPTY,
                    },
                );
            }
            inside = self.settled(level as u8, start)?;
        }
        Ok(inside)
    }

    /// The packets in at least one of the boxes.
    pub fn boxed_all(&mut self, regions: &[Box]) -> Result<Set, Unanswered> {
        // Neighbours first: their unions stay small. The outcome does not depend on the order.
        let mut regions = regions.to_vec();
        regions.sort_unstable_by_key(|region| self.dimensions.map(|dimension| region.range(dimension)));
        regions.dedup();
        let mut sets = Vec::with_capacity(regions.len());
        for region in &regions {
            sets.push(self.boxed(region)?);
        }
        self.balanced_union(sets)
    }

    /// The packets in either.
    pub fn union(&mut self, left: Set, right: Set) -> Result<Set, Unanswered> {
        self.diagram.apply(Operation::Union, left, right)
    }

    /// The packets in at least one of the sets.
    pub fn union_all(&mut self, sets: &[Set]) -> Result<Set, Unanswered> {
        let mut sets = sets.to_vec();
        sets.sort_unstable();
        sets.dedup();
        self.balanced_union(sets)
    }

    /// The packets in both.
    pub fn intersection(&mut self, left: Set, right: Set) -> Result<Set, Unanswered> {
        self.diagram.apply(Operation::Intersection, left, right)
    }

    /// The packets in the left set and not in the right one.
    pub fn difference(&mut self, left: Set, right: Set) -> Result<Set, Unanswered> {
        self.diagram.apply(Operation::Difference, left, right)
    }

    /// The packets of the family that are not in the set.
    pub fn complement(&mut self, set: Set) -> Result<Set, Unanswered> {
        self.difference(Set::FULL, set)
    }

    /// Whether every packet of the left set is in the right one. Makes no set.
    pub fn is_subset(&mut self, left: Set, right: Set) -> Result<bool, Unanswered> {
        self.diagram.ask(Question::Within, left, right)
    }

    /// Whether no packet is in both. Makes no set.
    pub fn is_disjoint(&mut self, left: Set, right: Set) -> Result<bool, Unanswered> {
        self.diagram.ask(Question::Apart, left, right)
    }

    /// The packets that get into the set by changing their value in this dimension: "for some value".
    pub fn exists(&mut self, set: Set, dimension: Dimension) -> Result<Set, Unanswered> {
        let mut seen = BTreeMap::new();
        self.forget(set, dimension, &mut seen)
    }

    /// The packets that stay in the set whatever their value in this dimension: "for every value".
    pub fn for_all(&mut self, set: Set, dimension: Dimension) -> Result<Set, Unanswered> {
        let outside = self.complement(set)?;
        let some_outside = self.exists(outside, dimension)?;
        self.complement(some_outside)
    }

    /// Whether the packet is in the set.
    pub fn contains(&self, set: Set, packet: Packet) -> Result<bool, Unanswered> {
        let mut set = set;
        while let Some(node) = self.diagram.node(set)? {
            let value = self.dimension(node.level)?;
            let at = self.diagram.seek(node.start, node.end, packet.at(value));
            if at >= node.end {
                return Err(Unanswered::OutsideDomain);
            }
            set = self.diagram.edge(at)?.child;
        }
        Ok(set == Set::FULL)
    }

    /// The least packet of the set, in the order of the diagram; `None` if the set is empty.
    pub fn witness(&self, set: Set) -> Result<Option<Packet>, Unanswered> {
        let mut packet = Packet::ZERO;
        let mut set = set;
        while let Some(node) = self.diagram.node(set)? {
            let mut first = 0;
            for edge in self.diagram.edges(node) {
                set = edge.child;
                if !set.is_empty() {
                    break;
                }
                first = edge.bound.saturating_add(1);
            }
            let dimension = self.dimension(node.level)?;
            packet = packet.with(dimension, first).ok_or(Unanswered::ForeignSet)?;
        }
        Ok((set == Set::FULL).then_some(packet))
    }

    /// The number of packets in the set, exactly.
    pub fn count(&self, set: Set) -> Result<Count, Unanswered> {
        let mut seen = BTreeMap::new();
        let (level, count) = self.count_below(set, &mut seen)?;
        Ok(self.widened(count, 0, level))
    }

    /// The set as disjoint boxes in ascending order; `None` if there are more than `boxes_max`.
    ///
    /// The same set gives the same boxes, whatever else the manager holds.
    pub fn boxes(&self, set: Set, boxes_max: usize) -> Result<Option<Vec<Box>>, Unanswered> {
        let mut boxes = Vec::new();
        let mut open = vec![(set, Box::any(self.family))];
        while let Some((set, region)) = open.pop() {
            if set == Set::FULL {
                if boxes.len() == boxes_max {
                    return Ok(None);
                }
                boxes.push(region);
                continue;
            }
            let Some(node) = self.diagram.node(set)? else {
                continue;
            };
            let dimension = self.dimension(node.level)?;
            let mut first = 0;
            for edge in self.diagram.edges(node) {
                if let Some(range) = Range::new(first, edge.bound).filter(|_| !edge.child.is_empty()) {
                    open.push((edge.child, region.with(dimension, range)));
                }
                first = edge.bound.saturating_add(1);
            }
        }
        boxes.sort_unstable();
        Ok(Some(boxes))
    }

    fn balanced_union(&mut self, mut sets: Vec<Set>) -> Result<Set, Unanswered> {
        while sets.len() > 1 {
            let mut halved = Vec::with_capacity(sets.len().div_ceil(2));
            let mut pairs = sets.into_iter();
            while let Some(left) = pairs.next() {
                halved.push(match pairs.next() {
                    Some(right) => self.union(left, right)?,
                    None => left,
                });
            }
            sets = halved;
        }
        Ok(sets.pop().unwrap_or(Set::EMPTY))
    }

    fn forget(
        &mut self,
        set: Set,
        dimension: Dimension,
        seen: &mut BTreeMap<Set, Set>,
    ) -> Result<Set, Unanswered> {
        let Some(node) = self.diagram.node(set)? else {
            return Ok(set);
        };
        if let Some(known) = seen.get(&set) {
            return Ok(*known);
        }
        let here = self.dimension(node.level)?;
        let edges: Vec<Edge> = self.diagram.edges(node).collect();
        let outcome = if here == dimension {
            let children: Vec<Set> = edges.iter().map(|edge| edge.child).collect();
            self.union_all(&children)?
        } else {
            let mut children = Vec::with_capacity(edges.len());
            for edge in &edges {
                children.push(self.forget(edge.child, dimension, seen)?);
            }
            let start = self.diagram.scratch.len();
            for (edge, child) in edges.iter().zip(children) {
                self.diagram.push(
                    start,
                    Edge {
                        bound: edge.bound,
                        child,
                    },
                );
            }
            self.settled(node.level, start)?
        };
        seen.insert(set, outcome);
        Ok(outcome)
    }

    /// The level of a set, and its packets counted over the dimensions from that level on.
    fn count_below(&self, set: Set, seen: &mut BTreeMap<Set, Count>) -> Result<(usize, Count), Unanswered> {
        let Some(node) = self.diagram.node(set)? else {
            return Ok((
                DIMENSIONS,
                if set == Set::FULL { Count::ONE } else { Count::ZERO },
            ));
        };
        let level = usize::from(node.level);
        if let Some(known) = seen.get(&set) {
            return Ok((level, *known));
        }
        let mut total = Count::ZERO;
        let mut first = 0;
        for edge in self.diagram.edges(node) {
            let (below, count) = self.count_below(edge.child, seen)?;
            let each = self.widened(count, level + 1, below);
            total = total.plus(each.for_each_to(edge.bound.saturating_sub(first)));
            first = edge.bound.saturating_add(1);
        }
        seen.insert(set, total);
        Ok((level, total))
    }

    /// The count over the levels `from..to` as well, which the set does not decide.
    fn widened(&self, mut count: Count, from: usize, to: usize) -> Count {
        for top in self.diagram.tops.iter().take(to).skip(from) {
            count = count.for_each_to(*top);
        }
        count
    }

    fn dimension(&self, level: u8) -> Result<Dimension, Unanswered> {
        self.dimensions
            .get(usize::from(level))
            .copied()
            .ok_or(Unanswered::ForeignSet)
    }

    fn settled(&mut self, level: u8, start: usize) -> Result<Set, Unanswered> {
        let outcome = self.diagram.intern(level, start);
        if outcome.is_err() {
            self.diagram.scratch.clear();
        }
        outcome
    }
}
