//! Operations: two edge lists walked side by side.
//!
//! The walk recurses from level to level, so it is never deeper than there are dimensions.

use super::Set;
use super::store::{Diagram, Edge, Node};
use crate::Unanswered;
use crate::geometry::DIMENSIONS;

/// An operation that makes a set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Union,
    Intersection,
    Difference,
}

/// A question about two sets, answered without making one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Is every packet of the left in the right?
    Within,
    /// Is no packet in both?
    Apart,
}

/// Where a walk stands in one of its two operands.
#[derive(Clone, Copy)]
struct Cursor {
    at: u32,
    end: u32,
    /// The operand itself if it does not decide this level: one edge to the top.
    whole: Option<Set>,
}

impl Operation {
    const fn key(self) -> u32 {
        match self {
            Operation::Union => 0,
            Operation::Intersection => 1,
            Operation::Difference => 2,
        }
    }

    /// The outcome where it needs no walk.
    fn outcome(self, left: Set, right: Set) -> Option<Set> {
        match self {
            Operation::Union if left == right || right == Set::EMPTY => Some(left),
            Operation::Union if left == Set::EMPTY => Some(right),
            Operation::Intersection if left == right || right == Set::FULL => Some(left),
            Operation::Intersection if left == Set::FULL => Some(right),
            Operation::Difference if left == right => Some(Set::EMPTY),
            Operation::Difference if right == Set::EMPTY => Some(left),
            Operation::Union | Operation::Intersection | Operation::Difference => {
                self.forced_by_left(left).or_else(|| self.forced_by_right(right))
            }
        }
    }

    /// The outcome whatever the right side is.
    fn forced_by_left(self, left: Set) -> Option<Set> {
        match self {
            Operation::Union => (left == Set::FULL).then_some(Set::FULL),
            Operation::Intersection | Operation::Difference => (left == Set::EMPTY).then_some(Set::EMPTY),
        }
    }

    /// The outcome whatever the left side is.
    fn forced_by_right(self, right: Set) -> Option<Set> {
        match self {
            Operation::Union => (right == Set::FULL).then_some(Set::FULL),
            Operation::Intersection => (right == Set::EMPTY).then_some(Set::EMPTY),
            Operation::Difference => (right == Set::FULL).then_some(Set::EMPTY),
        }
    }

    fn ordered(self, left: Set, right: Set) -> (Set, Set) {
        match self {
            Operation::Union | Operation::Intersection => (left.min(right), left.max(right)),
            Operation::Difference => (left, right),
        }
    }
}

impl Question {
    const fn key(self) -> u32 {
        match self {
            Question::Within => 3,
            Question::Apart => 4,
        }
    }

    fn is_yes_by_left(self, left: Set) -> bool {
        match self {
            Question::Within | Question::Apart => left == Set::EMPTY,
        }
    }

    fn is_yes_by_right(self, right: Set) -> bool {
        match self {
            Question::Within => right == Set::FULL,
            Question::Apart => right == Set::EMPTY,
        }
    }

    /// The answer where it needs no walk. Every set but the empty one has a packet: that is canonicity.
    fn answer(self, left: Set, right: Set) -> Option<bool> {
        if self.is_yes_by_left(left) || self.is_yes_by_right(right) {
            return Some(true);
        }
        match self {
            Question::Within if left == right => Some(true),
            Question::Within if left == Set::FULL || right == Set::EMPTY => Some(false),
            Question::Apart if left == right || left == Set::FULL || right == Set::FULL => Some(false),
            Question::Within | Question::Apart => None,
        }
    }

    fn ordered(self, left: Set, right: Set) -> (Set, Set) {
        match self {
            Question::Apart => (left.min(right), left.max(right)),
            Question::Within => (left, right),
        }
    }
}

impl Diagram {
    /// The outcome of an operation. After an error the diagram is as good as before.
    pub fn apply(&mut self, operation: Operation, left: Set, right: Set) -> Result<Set, Unanswered> {
        let outcome = self.combine(operation, left, right);
        if outcome.is_err() {
            self.scratch.clear();
        }
        outcome
    }

    fn combine(&mut self, operation: Operation, left: Set, right: Set) -> Result<Set, Unanswered> {
        if let Some(outcome) = operation.outcome(left, right) {
            return Ok(outcome);
        }
        let (left, right) = operation.ordered(left, right);
        if let Some(outcome) = self.memo.get(operation.key(), left, right) {
            return Ok(outcome);
        }
        let (level, top, mut a, mut b) = self.cursors(left, right)?;
        let start = self.scratch.len();
        loop {
            let (x, y) = (self.under(a, top)?, self.under(b, top)?);
            let edge = if let Some(child) = operation.forced_by_left(x.child) {
                Edge {
                    bound: x.bound,
                    child,
                }
            } else if let Some(child) = operation.forced_by_right(y.child) {
                Edge {
                    bound: y.bound,
                    child,
                }
            } else {
                Edge {
                    bound: x.bound.min(y.bound),
                    child: self.combine(operation, x.child, y.child)?,
                }
            };
            self.push(start, edge);
            if edge.bound == top {
                break;
            }
            self.pass(&mut a, x.bound, edge.bound);
            self.pass(&mut b, y.bound, edge.bound);
        }
        let outcome = self.intern(level, start)?;
        self.memo.put(operation.key(), left, right, outcome);
        Ok(outcome)
    }

    /// The answer to a question; makes no node.
    pub fn ask(&mut self, question: Question, left: Set, right: Set) -> Result<bool, Unanswered> {
        if let Some(answer) = question.answer(left, right) {
            return Ok(answer);
        }
        let (left, right) = question.ordered(left, right);
        if let Some(answer) = self.memo.get(question.key(), left, right) {
            return Ok(answer == Set::FULL);
        }
        let (_, top, mut a, mut b) = self.cursors(left, right)?;
        let answer = loop {
            let (x, y) = (self.under(a, top)?, self.under(b, top)?);
            let bound = if question.is_yes_by_left(x.child) {
                x.bound
            } else if question.is_yes_by_right(y.child) {
                y.bound
            } else if self.ask(question, x.child, y.child)? {
                x.bound.min(y.bound)
            } else {
                break false;
            };
            if bound == top {
                break true;
            }
            self.pass(&mut a, x.bound, bound);
            self.pass(&mut b, y.bound, bound);
        };
        let outcome = if answer { Set::FULL } else { Set::EMPTY };
        self.memo.put(question.key(), left, right, outcome);
        Ok(answer)
    }

    /// The level on which one of the two decides first, its top, and a cursor at the start of each.
    fn cursors(&self, left: Set, right: Set) -> Result<(u8, u128, Cursor, Cursor), Unanswered> {
        let (a, b) = (self.node(left)?, self.node(right)?);
        let level_of = |node: Option<Node>| node.map_or(DIMENSIONS as u8, |node| node.level);
        let level = level_of(a).min(level_of(b));
        let cursor = |set: Set, node: Option<Node>| match node {
            Some(node) if node.level == level => Cursor {
                at: node.start,
                end: node.end,
                whole: None,
            },
            Some(_) | None => Cursor {
                at: 0,
                end: 0,
                whole: Some(set),
            },
        };
        let top = self
            .tops
            .get(usize::from(level))
            .copied()
            .ok_or(Unanswered::ForeignSet)?;
        Ok((level, top, cursor(left, a), cursor(right, b)))
    }

    fn under(&self, cursor: Cursor, top: u128) -> Result<Edge, Unanswered> {
        match cursor.whole {
            Some(child) => Ok(Edge { bound: top, child }),
            None => self.edge(cursor.at),
        }
    }

    /// Moves a cursor whose edge ends at `bound` to the edge that holds the value after `done`.
    fn pass(&self, cursor: &mut Cursor, bound: u128, done: u128) {
        if cursor.whole.is_some() || bound > done {
            return;
        }
        cursor.at += 1;
        if bound < done {
            // `done` is below the top, so the value after it exists.
            cursor.at = self.seek(cursor.at, cursor.end, done + 1);
        }
    }
}
