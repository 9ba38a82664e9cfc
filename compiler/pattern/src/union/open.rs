//! Finds what of one conjunction no other conjunction has: the first two steps, before a search is needed.
//!
//! Words of this folder: the *inner* conjunction is the one that is asked about. The *terms* are the others. A term is
//! *apart* from the inner one if they share no context, *around* it if it has all of it, and *across* it otherwise. A
//! context that no term has leaves the inner conjunction *open*.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::budget::{Budget, TooLarge};
use super::search::search;
use crate::key::Key;
use crate::region::Region;
use crate::region::term::Literal;
use crate::values::{Type, Values};

/// So many terms can be looked at, and so many literals sorted, in the time that one node takes. Lists of thousands of terms
/// therefore take of the budget too.
const TERMS_A_NODE: usize = 128;
const LITERALS_A_NODE: usize = 32;

/// A part of the inner conjunction of which no term has anything. `region` makes it as wide as it can be.
pub(super) struct Open<'a> {
    asked: Asked<'a>,
    /// By key: the values that were chosen; `None` where no choice was needed, so that all of the inner conjunction's do.
    chosen: Vec<Option<Values>>,
}

/// The inner conjunction, and the terms across it: those that have some of it but not all.
pub(super) struct Asked<'a> {
    /// The keys that anybody names, sorted.
    pub(super) keys: Vec<Asking<'a>>,
    /// What each term asks: the place of a key in `keys`, and the values that the term admits there. What holds for all of
    /// the inner conjunction is left out: it tells no contexts apart.
    pub(super) terms: Vec<Vec<(usize, &'a Values)>>,
}

/// One key, and who asks something of it.
pub(super) struct Asking<'a> {
    pub(super) key: &'a Key,
    pub(super) of: Type,
    /// The values of the inner conjunction; every one if it does not name the key.
    pub(super) inner: Option<&'a Values>,
    /// The terms that name the key.
    pub(super) users: Vec<usize>,
}

impl Asking<'_> {
    /// The values of the inner conjunction.
    pub(super) fn whole(&self) -> Values {
        self.inner
            .map_or_else(|| Values::everything(self.of), Values::clone)
    }

    fn has_absent(&self) -> bool {
        self.inner.is_none_or(Values::has_absent)
    }
}

/// How a term lies to the inner conjunction.
enum Lies {
    /// They share no context.
    Apart,
    /// The term has all of it.
    Around,
    /// The term has some of it.
    Across,
}

impl<'a> Open<'a> {
    /// What of `inner` no term has; `None` if together they have all. The order of terms says nothing.
    pub(super) fn find(
        inner: &[Literal<'a>],
        terms: &[Vec<Literal<'a>>],
        budget: &mut Budget,
    ) -> Result<Option<Open<'a>>, TooLarge> {
        let mut across: Vec<&[Literal<'a>]> = Vec::new();
        for term in terms {
            match lies(term, inner) {
                Lies::Apart => {}
                Lies::Around => return Ok(None),
                Lies::Across => across.push(term),
            }
        }
        let literals: usize = across.iter().map(|term| term.len()).sum();
        budget.spend(terms.len() / TERMS_A_NODE + literals / LITERALS_A_NODE)?;
        let asked = Asked::new(inner, &across);
        let mut chosen = vec![None; asked.keys.len()];
        let rest = asked.without_avoided(&mut chosen);
        let mut rest: Vec<&[Literal<'a>]> = rest.iter().filter_map(|at| across.get(*at).copied()).collect();
        if rest.is_empty() {
            return Ok(Some(Open { asked, chosen }));
        }
        // The order of terms decides which context is found. It must not be the order in which they were written.
        rest.sort_unstable();
        rest.dedup();
        let hard = Asked::new(inner, &rest);
        let Some(cells) = search(&hard, budget)? else {
            return Ok(None);
        };
        for (asking, cell) in hard.keys.iter().zip(cells) {
            let of = |other: &Asking<'_>| (other.key, other.of).cmp(&(asking.key, asking.of));
            let slot = asked.keys.binary_search_by(of).ok();
            if let (Some(cell), Some(slot)) = (cell, slot.and_then(|at| chosen.get_mut(at))) {
                *slot = Some(cell);
            }
        }
        Ok(Some(Open { asked, chosen }))
    }

    /// The same part, made wider: each key in turn gets all the values with which the part stays open.
    ///
    /// A term stays out as long as one key keeps it apart. So a key has to go on avoiding only those terms that no other key
    /// keeps apart.
    pub(super) fn region(&self) -> Region {
        let Open { asked, chosen } = self;
        let mut chosen = chosen.clone();
        // How many keys keep each term apart.
        let mut apart: Vec<usize> = vec![0; asked.terms.len()];
        for (term, count) in asked.terms.iter().zip(&mut apart) {
            let keeps = |(at, values): &&(usize, &Values)| !admits(&chosen, *at, values);
            *count = term.iter().filter(keeps).count();
        }
        for (at, asking) in asked.keys.iter().enumerate() {
            let own = |user: &usize| -> Option<(usize, &Values)> {
                let term = asked.terms.get(*user)?;
                term.iter()
                    .find(|(key, _)| *key == at)
                    .map(|(_, values)| (*user, *values))
            };
            let kept: Vec<(usize, &Values)> = asking
                .users
                .iter()
                .filter_map(own)
                .filter(|(_, values)| !admits(&chosen, at, values))
                .collect();
            let alone = kept.iter().filter(|(user, _)| apart.get(*user) == Some(&1));
            let wide = alone.fold(asking.whole(), |left, (_, values)| without(&left, values));
            for (user, values) in &kept {
                if wide.meets(values)
                    && let Some(count) = apart.get_mut(*user)
                {
                    *count -= 1;
                }
            }
            if let Some(slot) = chosen.get_mut(at) {
                *slot = Some(wide);
            }
        }
        let literals = asked.keys.iter().zip(chosen);
        Region::conjunction(literals.filter_map(|(asking, values)| Some((asking.key.clone(), values?))))
    }
}

/// Whether some value that was chosen for a key is one of these; where nothing was chosen, one is.
fn admits(chosen: &[Option<Values>], at: usize, values: &Values) -> bool {
    let chosen = chosen.get(at).and_then(Option::as_ref);
    chosen.is_none_or(|chosen| chosen.meets(values))
}

/// The values of the left that are not of the right. Both are of one key and type, so there always is a difference.
pub(super) fn without(left: &Values, right: &Values) -> Values {
    left.minus(right).unwrap_or_else(|| left.clone())
}

/// How a term lies to the inner conjunction. The literals of both are sorted, so one walk over both lists is enough.
fn lies(term: &[Literal<'_>], inner: &[Literal<'_>]) -> Lies {
    let (mut term, mut inner) = (term.iter().peekable(), inner.iter().peekable());
    let mut is_around = true;
    while let Some(asks) = term.peek() {
        let order = inner.peek().map_or(Ordering::Less, |has| asks.order(has));
        match order {
            Ordering::Less => {
                is_around = false;
                term.next();
            }
            Ordering::Greater => {
                inner.next();
            }
            Ordering::Equal => {
                let (Some(asks), Some(has)) = (term.next(), inner.next()) else {
                    break;
                };
                if asks.values == has.values {
                    continue;
                }
                if !asks.values.meets(has.values) {
                    return Lies::Apart;
                }
                is_around = is_around && has.values.is_subset(asks.values) == Some(true);
            }
        }
    }
    if is_around { Lies::Around } else { Lies::Across }
}

impl<'a> Asked<'a> {
    fn new(inner: &[Literal<'a>], across: &[&[Literal<'a>]]) -> Asked<'a> {
        let mut places: BTreeMap<(&Key, Type), usize> = BTreeMap::new();
        let named = across.iter().flat_map(|term| term.iter()).chain(inner);
        for literal in named {
            places.insert((literal.key, literal.of), 0);
        }
        let mut keys: Vec<Asking<'a>> = Vec::with_capacity(places.len());
        for (at, ((key, of), place)) in places.iter_mut().enumerate() {
            *place = at;
            keys.push(Asking {
                key,
                of: *of,
                inner: None,
                users: Vec::new(),
            });
        }
        let place = |literal: &Literal<'a>| places.get(&(literal.key, literal.of)).copied();
        for literal in inner {
            if let Some(asking) = place(literal).and_then(|at| keys.get_mut(at)) {
                asking.inner = Some(literal.values);
            }
        }
        let mut terms = Vec::with_capacity(across.len());
        for (index, term) in across.iter().enumerate() {
            let mut own = Vec::with_capacity(term.len());
            for literal in *term {
                let Some(at) = place(literal) else { continue };
                let Some(asking) = keys.get_mut(at) else { continue };
                let holds = asking
                    .inner
                    .is_some_and(|inner| inner.is_subset(literal.values) == Some(true));
                if !holds {
                    own.push((at, literal.values));
                    asking.users.push(index);
                }
            }
            terms.push(own);
        }
        Asked { keys, terms }
    }

    /// Chooses, for each key where this is possible, a value that no remaining term admits. Gives the terms that are left.
    ///
    /// With such a value, every term that names the key drops out. This loses nothing: the terms that are left leave a context
    /// open exactly if all terms did. When a term drops out, its other keys are looked at again, since fewer terms ask there.
    fn without_avoided(&self, chosen: &mut [Option<Values>]) -> Vec<usize> {
        let mut is_left = vec![true; self.terms.len()];
        let mut again: BTreeSet<usize> = (0..self.keys.len()).collect();
        while let Some(at) = again.pop_first() {
            let Some(asking) = self.keys.get(at) else { continue };
            let users = || {
                asking
                    .users
                    .iter()
                    .copied()
                    .filter(|user| is_left.get(*user) == Some(&true))
            };
            if users().next().is_none() {
                continue;
            }
            let outside = self.outside(at, asking, users());
            if outside.is_nothing() {
                continue;
            }
            if let Some(slot) = chosen.get_mut(at) {
                *slot = Some(outside);
            }
            for user in users().collect::<Vec<_>>() {
                if let Some(slot) = is_left.get_mut(user) {
                    *slot = false;
                }
                let keys = self.terms.get(user).into_iter().flatten();
                again.extend(keys.map(|(key, _)| *key).filter(|key| *key != at));
            }
        }
        let left = is_left.iter().enumerate();
        left.filter_map(|(term, is_left)| is_left.then_some(term))
            .collect()
    }

    /// Values of the inner conjunction that no user admits. Not always all of them: one is enough for the caller.
    fn outside(&self, at: usize, asking: &Asking<'_>, users: impl Iterator<Item = usize> + Clone) -> Values {
        let of_user = |user: usize| {
            let term = self.terms.get(user)?;
            term.iter().find(|(key, _)| *key == at).map(|(_, values)| *values)
        };
        let mut admitted = users.filter_map(of_user);
        // The usual case: a request without this key, while every term asks for a value of it.
        if asking.has_absent() && !admitted.clone().any(Values::has_absent) {
            return Values::absent(asking.of);
        }
        let mut outside = asking.whole();
        while !outside.is_nothing()
            && let Some(values) = admitted.next()
        {
            outside = without(&outside, values);
        }
        outside
    }
}
