//! The levels of a search: the order of keys, and for each key its values cut into cells.
//!
//! Example: one term asks for `a` or `b`, another for `b` or `c`. The cells are `a`, `b`, `c`, and all other values. No term
//! admits one value of a cell and refuses another, so one value of each cell is enough to try.

use super::budget::{Budget, TooLarge};
use super::open::{Asked, without};
use crate::values::Values;

/// A set of terms, by place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bits(Box<[u64]>);

impl Bits {
    pub(super) fn none(size: usize) -> Bits {
        Bits(vec![0; size.div_ceil(64)].into())
    }

    pub(super) fn all(size: usize) -> Bits {
        let mut all = Bits::none(size);
        (0..size).for_each(|at| all.insert(at));
        all
    }

    pub(super) fn insert(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    fn remove(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word &= !(1 << (at % 64));
        }
    }

    pub(super) fn and(&self, other: &Bits) -> Bits {
        Bits(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    pub(super) fn meets(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// Whether some member is of all three.
    pub(super) fn meets_both(&self, one: &Bits, other: &Bits) -> bool {
        let words = self.0.iter().zip(&one.0).zip(&other.0);
        words.into_iter().any(|((a, b), c)| a & b & c != 0)
    }

    pub(super) fn is_subset(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// A digest that tells most different sets apart quickly. Equal digests are compared in full.
    pub(super) fn digest(&self) -> u64 {
        let mix =
            |digest: u64, word: &u64| (digest.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
        self.0.iter().fold(0, mix)
    }

    /// How many machine words a set has: an operation on sets takes so long.
    pub(super) fn width(&self) -> usize {
        self.0.len()
    }
}

/// One key, as a step of the search.
pub(super) struct Level {
    /// Which key, by its place in `Asked::keys`.
    pub(super) at: usize,
    /// The terms that name it.
    pub(super) users: Bits,
    /// The terms of which it is the last key.
    pub(super) ends: Bits,
    /// Disjoint cells. Their union is what the inner conjunction has. Beside each are the terms that it does not rule out:
    /// those that admit it, and those that do not name the key.
    pub(super) cells: Vec<(Values, Bits)>,
}

/// So many cells can be cut by a set of values in the time that one node takes.
const CUTS_A_NODE: usize = 8;

/// The levels of a search.
pub(super) fn levels(asked: &Asked<'_>, budget: &mut Budget) -> Result<Vec<Level>, TooLarge> {
    let terms = asked.terms.len();
    let order = order(asked);
    let mut levels = Vec::with_capacity(order.len());
    let mut seen = Bits::none(terms);
    // From the last key to the first: where a term is met first on this way is its last key.
    for at in order.into_iter().rev() {
        let mut users = Bits::none(terms);
        let mut ends = Bits::none(terms);
        let mut sets: Vec<(&Values, usize)> = Vec::new();
        for (place, values) in literals(asked, at) {
            users.insert(place);
            if !seen.meets(&one(place, terms)) {
                ends.insert(place);
                seen.insert(place);
            }
            sets.push((values, place));
        }
        sets.sort_unstable();
        let cells = cut(asked, at, &sets, terms, budget)?;
        levels.push(Level {
            at,
            users,
            ends,
            cells,
        });
    }
    levels.reverse();
    Ok(levels)
}

fn one(at: usize, size: usize) -> Bits {
    let mut one = Bits::none(size);
    one.insert(at);
    one
}

/// The terms that name a key, by their place, with the values that they admit.
fn literals<'q>(asked: &'q Asked<'_>, at: usize) -> impl Iterator<Item = (usize, &'q Values)> {
    let users = asked.keys.get(at).into_iter().flat_map(|asking| &asking.users);
    users.filter_map(move |user| {
        let term = asked.terms.get(*user)?;
        term.iter()
            .find(|(key, _)| *key == at)
            .map(|(_, values)| (*user, *values))
    })
}

/// The cells into which the sets of values of the terms cut the values of a key. The sets are sorted.
fn cut(
    asked: &Asked<'_>,
    at: usize,
    sets: &[(&Values, usize)],
    terms: usize,
    budget: &mut Budget,
) -> Result<Vec<(Values, Bits)>, TooLarge> {
    let Some(asking) = asked.keys.get(at) else {
        return Ok(Vec::new());
    };
    let mut others = Bits::all(terms);
    sets.iter().for_each(|(_, place)| others.remove(*place));
    let mut cells = vec![(asking.whole(), others)];
    for same in sets.chunk_by(|(a, _), (b, _)| a == b) {
        let Some((values, _)) = same.first() else { continue };
        budget.search(cells.len() / CUTS_A_NODE)?;
        let mut next = Vec::with_capacity(cells.len() + 1);
        for (cell, admitting) in cells {
            let Some(inside) = cell.and(values).filter(|inside| !inside.is_nothing()) else {
                next.push((cell, admitting));
                continue;
            };
            let beside = without(&cell, &inside);
            if !beside.is_nothing() {
                next.push((beside, admitting.clone()));
            }
            let mut admitting = admitting;
            same.iter().for_each(|(_, place)| admitting.insert(*place));
            next.push((inside, admitting));
        }
        cells = next;
    }
    Ok(cells)
}

/// The keys in the order in which the search goes through them. The keys of one term stand together as far as possible,
/// which keeps the number of states small.
///
/// Of the terms that were begun, the one with the fewest keys to come is finished next.
fn order(asked: &Asked<'_>) -> Vec<usize> {
    let mut order = Vec::new();
    let mut is_placed = vec![false; asked.keys.len()];
    let mut to_come: Vec<usize> = asked.terms.iter().map(Vec::len).collect();
    let mut begun = vec![false; asked.terms.len()];
    loop {
        let places = to_come.iter().zip(&begun).enumerate();
        let next = places
            .filter(|(_, (count, _))| **count > 0)
            .min_by_key(|(place, (count, begun))| (!**begun, **count, *place));
        let Some((place, _)) = next else { break };
        let term = asked.terms.get(place);
        for (at, _) in term.into_iter().flatten() {
            if is_placed.get(*at) != Some(&false) {
                continue;
            }
            if let Some(slot) = is_placed.get_mut(*at) {
                *slot = true;
            }
            order.push(*at);
            for (place, _) in literals(asked, *at) {
                if let (Some(count), Some(begun)) = (to_come.get_mut(place), begun.get_mut(place)) {
                    *count -= 1;
                    *begun = true;
                }
            }
        }
    }
    order
}
