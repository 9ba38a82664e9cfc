//! The search for a context that no term has.
//!
//! It goes through the keys one after another, and chooses one cell of each. Some terms do not admit the cell and drop out.
//! If none is left, a context is found. A *state* is a level (which key comes next) and the set of terms that are left. Two
//! ways that lead to one state have the same end, so each state is looked into once.
//!
//! Not every cell has to be tried. Example: one cell leaves the terms {1, 2}, another leaves {1, 2, 3}. If {1, 2} together
//! have every context, then {1, 2, 3} have it as well. So of two cells where one leaves a subset of the other, only that one
//! is followed.

use std::collections::BTreeMap;

use super::budget::{Budget, TooLarge};
use super::cells::{Bits, Level, levels};
use super::open::Asked;
use crate::values::Values;

/// So many operations on machine words take as long as making one node.
const WORDS_A_NODE: usize = 4_096;

/// The terms that admit all that was chosen so far, and the next level whose key one of them names.
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

/// States that were searched without finding a context: from there, every context is in some term. Kept by digest.
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

/// Searches a context of the inner conjunction that is in no term. Gives its cells by key; `None` if there is no such context.
pub(super) fn search(
    asked: &Asked<'_>,
    budget: &mut Budget,
) -> Result<Option<Vec<Option<Values>>>, TooLarge> {
    let levels = levels(asked, budget)?;
    let mut closed = Closed::default();
    let mut path: Vec<Stop<'_>> = Vec::new();
    let mut next = Some(state(&levels, 0, Bits::all(asked.terms.len())));
    // As long as there is only one way to go, the walk is no longer than there are keys, and costs nothing of the budget.
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

/// A state at the first level, from this one on, whose key some of the terms name. There is one: each term that is left
/// has a key to come, since a cell in which a term's last key holds is never followed.
fn state(levels: &[Level], from: usize, admitting: Bits) -> State {
    let rest = levels.iter().enumerate().skip(from);
    let mut named = rest.filter(|(_, level)| level.users.meets(&admitting));
    let level = named.next().map_or(levels.len(), |(level, _)| level);
    State { level, admitting }
}

/// The cells that are worth following from a state, the best one last.
///
/// Left out are cells that some term has all of (it is the term's last key, and the term admits the cell), and cells that
/// leave more terms than another cell does.
fn ways<'l>(level: &'l Level, admitting: &Bits) -> Vec<Way<'l>> {
    let mut all: Vec<Way<'l>> = Vec::new();
    for (cell, of_cell) in &level.cells {
        if !admitting.meets_both(of_cell, &level.ends) {
            let admitting = admitting.and(of_cell);
            all.push(Way { cell, admitting });
        }
    }
    // The sort is stable, so that of two cells that leave equal sets the first is taken.
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
