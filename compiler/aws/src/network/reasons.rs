//! A few reasons of something that may serve very many entries of the graph.

use graph::reason::ReasonId;

/// How many reasons something keeps: enough for people, and a bound for what a whole network shares.
const KEPT: usize = 8;

/// The least few reasons, ascending: they do not depend on the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Reasons(Vec<ReasonId>);

impl Reasons {
    pub(super) fn add(&mut self, reason: ReasonId) {
        if let Err(at) = self.0.binary_search(&reason)
            && at < KEPT
        {
            self.0.insert(at, reason);
            self.0.truncate(KEPT);
        }
    }

    pub(super) fn absorb(&mut self, other: &Reasons) {
        for reason in &other.0 {
            self.add(*reason);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = ReasonId> + '_ {
        self.0.iter().copied()
    }
}
