//! Sets of rectangles `Pattern × Region`: inclusion of unions of them, with witnesses.
//!
//! Example: a statement allows `raw/*` from network 1, another allows `raw/*` with MFA. Do the two have all that a trust
//! needs on `raw/in/*`? Both patterns cover `raw/in/*`. So the answer is that of the conditions alone.
//!
//! This holds always, and here is why. Take one word of a glob, with a fresh symbol for each `*` and a fresh scalar for each
//! `?`. Fresh means that no pattern of the other side names it. A glob that covers this word covers every word of the first
//! glob: only a `*` covers the symbols, and only `*` and `?` cover the scalars. So a glob lies in a union of globs only if it
//! lies in one of them.
//!
//! It follows that a rectangle lies in a union of rectangles exactly if its region lies in the union of some regions: those of
//! the rectangles whose pattern covers its own. There is nothing to search among words. The regions are compared by `union`,
//! within its budget.

use std::fmt;
use std::ops::ControlFlow;

use crate::field;
use crate::key::Key;
use crate::pattern::Pattern;
use crate::region::{Context, Region};
use crate::union::{self, Budget, TooLarge};
use crate::values::Type;
use crate::word::{Letter, Word};

/// A pattern and the contexts in which it holds.
pub type Rectangle = (Pattern, Region);

/// A point of one side that the other lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// A word of the pattern.
    pub word: Word,
    /// A context of the region.
    pub context: Context,
    /// The index of a rectangle that has this point.
    pub of: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDecided {
    /// A key is used with two types.
    MixedTypes(Key),
    /// The conditions meet in more ways than the budget has nodes.
    TooLarge,
}

impl From<TooLarge> for NotDecided {
    fn from(TooLarge: TooLarge) -> NotDecided {
        NotDecided::TooLarge
    }
}

impl fmt::Display for NotDecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotDecided::MixedTypes(key) => write!(f, "`{key}` is used with two types"),
            NotDecided::TooLarge => TooLarge.fmt(f),
        }
    }
}

/// A point of `inner` that no rectangle of `outer` has, or `None` if there is none.
pub fn covers(
    outer: &[Rectangle],
    inner: &Rectangle,
    budget: &mut Budget,
) -> Result<Option<Witness>, NotDecided> {
    Cover::of(outer)?.covers(std::slice::from_ref(inner), budget)
}

/// A point that some rectangle of `left` has and none of `right`, or `None` if there is none.
pub fn difference(
    left: &[Rectangle],
    right: &[Rectangle],
    budget: &mut Budget,
) -> Result<Option<Witness>, NotDecided> {
    Cover::of(right)?.covers(left, budget)
}

/// The indices of the rectangles that the others together contain, each taken by itself.
///
/// Of two equal rectangles each is contained in the other, and both are listed.
pub fn redundant(set: &[Rectangle], budget: &mut Budget) -> Result<Vec<usize>, NotDecided> {
    let cover = Cover::of(set)?;
    let mut idle = Vec::new();
    for (at, member) in set.iter().enumerate() {
        if cover.is_contained(member, &|other| other == at, budget)? {
            idle.push(at);
        }
    }
    Ok(idle)
}

/// The indices of the rectangles that can be taken out one after the other, from the last on, each contained in those
/// that are left: what remains has every point of the set, and none of it too much.
pub fn removable(set: &[Rectangle], budget: &mut Budget) -> Result<Vec<usize>, NotDecided> {
    let cover = Cover::of(set)?;
    let mut is_out = vec![false; set.len()];
    let mut removable = Vec::new();
    for (at, member) in set.iter().enumerate().rev() {
        let is_gone = |other: usize| other == at || is_out.get(other) == Some(&true);
        if cover.is_contained(member, &is_gone, budget)? {
            removable.push(at);
            if let Some(slot) = is_out.get_mut(at) {
                *slot = true;
            }
        }
    }
    Ok(removable)
}

/// Sets of at most so many rectangles are gone through one by one: an index would cost more than it saves.
const FEW: usize = 8;

/// Nodes for trying whether a word that is pleasant to read makes a witness.
const NODES_A_WORD: u32 = 1_000;

/// A set of rectangles, indexed for many questions about what it covers.
pub struct Cover<'a> {
    set: &'a [Rectangle],
    types: Types,
    /// Sorted by stem; none if the set is small.
    groups: Vec<Group<'a>>,
}

/// The rectangles whose patterns have one literal before their first wildcard.
struct Group<'a> {
    stem: &'a str,
    /// The group of the longest stem that is a proper prefix of this one.
    up: Option<usize>,
    /// Where they are in the set, in order of the pattern.
    members: Vec<usize>,
}

impl<'a> Cover<'a> {
    /// The index of a set.
    pub fn of(set: &'a [Rectangle]) -> Result<Cover<'a>, NotDecided> {
        let mut types = Types::default();
        types.add(set)?;
        if set.len() <= FEW {
            let groups = Vec::new();
            return Ok(Cover { set, types, groups });
        }
        let mut sorted: Vec<(&str, &Pattern, usize)> = set
            .iter()
            .enumerate()
            .map(|(at, (pattern, _))| (pattern.stem(), pattern, at))
            .collect();
        sorted.sort_unstable();
        let mut groups: Vec<Group<'_>> = Vec::with_capacity(sorted.len());
        let mut open: Vec<(usize, &str)> = Vec::new();
        for run in sorted.chunk_by(|a, b| a.0 == b.0) {
            let Some((stem, _, _)) = run.first() else { continue };
            while open.last().is_some_and(|(_, above)| !stem.starts_with(above)) {
                open.pop();
            }
            let up = open.last().map(|(at, _)| *at);
            open.push((groups.len(), stem));
            groups.push(Group {
                stem,
                up,
                members: run.iter().map(|(_, _, at)| *at).collect(),
            });
        }
        Ok(Cover { set, types, groups })
    }

    /// A point that some rectangle of `left` has and none of this set, or `None` if there is none.
    pub fn covers(&self, left: &[Rectangle], budget: &mut Budget) -> Result<Option<Witness>, NotDecided> {
        self.types.clone().add(left)?;
        for (of, inner) in left.iter().enumerate() {
            let Some(covering) = self.covering(inner, &|_| false) else {
                continue;
            };
            let open = union::lacking(&inner.1, &covering, budget)?;
            if let Some((word, context)) = open.and_then(|open| self.point(inner, &open)) {
                return Ok(Some(Witness { word, context, of }));
            }
        }
        Ok(None)
    }

    /// Whether the rectangles of this set, without those that are left out, have all of one.
    fn is_contained(
        &self,
        inner: &Rectangle,
        is_out: &dyn Fn(usize) -> bool,
        budget: &mut Budget,
    ) -> Result<bool, NotDecided> {
        match self.covering(inner, is_out) {
            None => Ok(true),
            Some(covering) => Ok(union::is_within(&inner.1, &covering, budget)?),
        }
    }

    /// The contexts of all rectangles whose patterns cover one's own, without those that are left out; `None` if one of
    /// them has every context of it.
    fn covering(
        &self,
        (pattern, region): &Rectangle,
        is_out: &dyn Fn(usize) -> bool,
    ) -> Option<Vec<&'a Region>> {
        let mut covering: Vec<&Region> = Vec::new();
        let found = self.each_near(pattern, &mut |at, (other, held)| {
            if is_out(at) || !other.covers(pattern) {
                return ControlFlow::Continue(());
            }
            // Mostly one holds the very same contexts, and nothing has to be taken out of anything.
            if held.is_everything() || held == region {
                return ControlFlow::Break(());
            }
            covering.push(held);
            ControlFlow::Continue(())
        });
        found.is_continue().then_some(covering)
    }

    /// Visits every rectangle that may cover a pattern.
    fn each_near(
        &self,
        pattern: &Pattern,
        visit: &mut dyn FnMut(usize, &'a Rectangle) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.groups.is_empty() {
            return self
                .set
                .iter()
                .enumerate()
                .try_for_each(|(at, member)| visit(at, member));
        }
        // A covering pattern says no more before its first wildcard than the covered one.
        let wanted = pattern.stem();
        let after = self.groups.partition_point(|group| group.stem <= wanted);
        let mut next = after.checked_sub(1);
        while let Some(group) = next.and_then(|at| self.groups.get(at)) {
            next = group.up;
            // The first one may lie beside; then what is above `wanted` is above it too.
            if wanted.starts_with(group.stem) {
                for at in &group.members {
                    if let Some(member) = self.set.get(*at) {
                        visit(*at, member)?;
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// A point of a rectangle that no other has, if those that cover it have none of its `open` contexts.
    fn point(&self, (pattern, region): &Rectangle, open: &Region) -> Option<(Word, Context)> {
        let context = open.sample()?;
        let meeting: Vec<&Rectangle> = self
            .set
            .iter()
            .filter(|(other, _)| other.meets(pattern).is_some())
            .collect();
        let lacking = |word: Word| {
            let matching = meeting.iter().filter(|(other, _)| other.matches(&word));
            let matching: Vec<&Region> = matching.map(|(_, region)| region).collect();
            // A word that takes long to decide is not worth it.
            let budget = &mut Budget::of(NODES_A_WORD);
            let open = union::lacking(region, &matching, budget).ok().flatten()?;
            open.sample().map(|context| (word, context))
        };
        // Words that are pleasant to read come first; the last is fresh, and lacking for certain.
        let pleasant = field::READABLE
            .chars()
            .map(|letter| pattern.fill(Some(Letter::Scalar(letter)), letter));
        let found = std::iter::once(pattern.sample())
            .chain(pleasant)
            .find_map(lacking);
        found.or_else(|| Some((self.fresh_word(pattern), context)))
    }

    /// A word of a pattern that only those cover which cover the whole pattern.
    fn fresh_word(&self, pattern: &Pattern) -> Word {
        let patterns = || {
            self.set
                .iter()
                .map(|(other, _)| other)
                .chain(std::iter::once(pattern))
        };
        let named = |letter: Letter| patterns().any(|other| other.names(letter));
        // Patterns that name every letter there is do not fit into memory.
        let scalar = ('\u{A1}'..'\u{F0000}')
            .find(|c| !named(Letter::Scalar(*c)))
            .unwrap_or('x');
        let symbol = (0..=u32::MAX)
            .rev()
            .map(Letter::Symbol)
            .find(|letter| !named(*letter));
        pattern.fill(symbol, scalar)
    }
}

/// The keys seen so far, to find one of two types.
#[derive(Clone, Default)]
struct Types {
    /// Sorted: few keys matter to one guard.
    of: Vec<(Key, Type)>,
    last: Option<Region>,
}

impl Types {
    fn add(&mut self, set: &[Rectangle]) -> Result<(), NotDecided> {
        for (_, region) in set {
            if region.is_everything() || self.last.as_ref() == Some(region) {
                continue;
            }
            let mut mixed: Option<Key> = None;
            region.each_key(
                &mut |key, of| match self.of.binary_search_by(|(known, _)| known.cmp(key)) {
                    Err(at) => self.of.insert(at, (key.clone(), of)),
                    Ok(at) if self.of.get(at).is_some_and(|(_, known)| *known == of) => {}
                    Ok(_) if mixed.as_ref().is_some_and(|known| known < key) => {}
                    Ok(_) => mixed = Some(key.clone()),
                },
            );
            if let Some(key) = mixed {
                return Err(NotDecided::MixedTypes(key));
            }
            self.last = Some(region.clone());
        }
        Ok(())
    }
}
