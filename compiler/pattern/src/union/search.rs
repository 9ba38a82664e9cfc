//! The search for a context that no term has: a walk down a diagram that is made on the way.
//!
//! A state is a level and the terms that admit all that was chosen so far; it is looked into once. Of the cells of a key
//! only those are followed that leave a smallest set of terms: what fewer terms have all of, more have all of too.

use std::collections::BTreeMap;

use super::budget::{Budget, TooLarge};
use super::cells::{Bits, Level, levels};
use super::open::Asked;
use crate::values::Values;

/// Operations on machine words that take as long as making a node.
const WORDS_A_NODE: usize = 4_096;

/// Terms that admit all that was chosen, at the first level that some of them name.
#[derive(PartialEq, Eq)]
struct State {
    level: usize,
    admitting: Bits,
}

/// A state on the way from the top.
struct Stop<'l> {
    state: State,
    /// Where to go from here; the best one last.
    ways: Vec<Way<'l>>,
    /// The cell by which the next stop is reached.
    taken: Option<&'l Values>,
}

/// One cell, and the terms that then are left.
struct Way<'l> {
    cell: &'l Values,
    admitting: Bits,
}

/// States from which every context is in some term, by digest.
#[derive(Default)]
struct Closed(BTreeMap<u64, Vec<State>>);

impl Closed {
    fn contains(&self, state: &State) -> bool {
        let alike = self.0.get(&state.admitting.digest());
        alike.is_some_and(|states| states.contains(state))
    }

    fn insert(&mut self, state: State) {
        self.0.entry(state.admitting.digest()).or_default().push(state);
    }
}

/// The cells of a context of the inner conjunction that is in no term, by key; `None` if there is none.
pub(super) fn search(
    asked: &Asked<'_>,
    budget: &mut Budget,
) -> Result<Option<Vec<Option<Values>>>, TooLarge> {
    let levels = levels(asked, budget)?;
    let mut closed = Closed::default();
    let mut path: Vec<Stop<'_>> = Vec::new();
    let mut next = Some(state(&levels, 0, Bits::all(asked.terms.len())));
    // The first way down is no diagram yet: it is as long as there are keys.
    let mut is_forked = false;
    loop {
        if let Some(state) = next.take() {
            let Some(level) = levels.get(state.level) else {
                return Ok(None);
            };
            let ways = ways(level, &state.admitting);
            is_forked |= ways.len() > 1;
            if is_forked {
                let words = level
                    .cells
                    .len()
                    .saturating_add(ways.len().saturating_mul(ways.len()));
                budget.search(1 + words.saturating_mul(state.admitting.width()) / WORDS_A_NODE)?;
            }
            path.push(Stop {
                state,
                ways,
                taken: None,
            });
        }
        let Some(stop) = path.last_mut() else {
            return Ok(None);
        };
        let Some(way) = stop.ways.pop() else {
            if let Some(stop) = path.pop() {
                closed.insert(stop.state);
            }
            continue;
        };
        stop.taken = Some(way.cell);
        if way.admitting.is_empty() {
            let mut chosen = vec![None; asked.keys.len()];
            for stop in &path {
                let slot = levels
                    .get(stop.state.level)
                    .and_then(|level| chosen.get_mut(level.at));
                if let Some(slot) = slot {
                    *slot = stop.taken.cloned();
                }
            }
            return Ok(Some(chosen));
        }
        let below = state(&levels, stop.state.level + 1, way.admitting);
        next = (!closed.contains(&below)).then_some(below);
    }
}

/// The first level from this one on that some of the terms name: each of them has a key to come.
fn state(levels: &[Level], from: usize, admitting: Bits) -> State {
    let rest = levels.iter().enumerate().skip(from);
    let mut named = rest.filter(|(_, level)| level.users.meets(&admitting));
    let level = named.next().map_or(levels.len(), |(level, _)| level);
    State { level, admitting }
}

/// The smallest sets of terms that a cell leaves, but for cells that a term has all of.
fn ways<'l>(level: &'l Level, admitting: &Bits) -> Vec<Way<'l>> {
    let mut all: Vec<Way<'l>> = Vec::new();
    for (cell, of_cell) in &level.cells {
        if !admitting.meets_both(of_cell, &level.ends) {
            let admitting = admitting.and(of_cell);
            all.push(Way { cell, admitting });
        }
    }
    // Stable, so that of equal sets the first cell is taken.
    all.sort_by_cached_key(|way| (way.admitting.count(), way.admitting.clone()));
    all.dedup_by(|later, earlier| later.admitting == earlier.admitting);
    let mut smallest: Vec<Way<'l>> = Vec::with_capacity(all.len());
    for way in all {
        if !smallest
            .iter()
            .any(|less| less.admitting.is_subset(&way.admitting))
        {
            smallest.push(way);
        }
    }
    smallest.reverse();
    smallest
}
