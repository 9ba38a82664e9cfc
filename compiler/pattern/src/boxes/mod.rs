//! Sets of rectangles `Pattern × Region`: inclusion of unions, with witnesses.
//!
//! Rectangles whose pattern is a literal or a prefix become one function from words to regions, and two such functions
//! are compared in one walk. Other globs are decided against the few rectangles that they meet, by automaton and within
//! a budget; past it the answer is `not decided`.

mod idle;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::automaton;
use crate::field::{self, Build, Field};
use crate::key::Key;
use crate::pattern::Pattern;
use crate::region::{Context, Region};
use crate::values::Type;
use crate::word::Word;
use crate::words::stem;

/// A pattern and the contexts in which it holds.
pub type Rectangle = (Pattern, Region);

/// The states that an automaton may have before the answer is `not decided`.
const STATES_MAX: usize = 20_000;

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
    /// Deciding the pattern would take more states than the budget allows.
    TooManyStates {
        /// The pattern to be covered.
        pattern: Pattern,
        /// The budget.
        states_max: usize,
    },
}

impl fmt::Display for NotDecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotDecided::MixedTypes(key) => write!(f, "`{key}` is used with two types"),
            NotDecided::TooManyStates { pattern, states_max } => {
                write!(
                    f,
                    "whether `{pattern}` is covered takes more than {states_max} states to decide"
                )
            }
        }
    }
}

/// A point of `inner` that no rectangle of `outer` has, or `None` if there is none.
pub fn covers(outer: &[Rectangle], inner: &Rectangle) -> Result<Option<Witness>, NotDecided> {
    difference(std::slice::from_ref(inner), outer)
}

/// A point that some rectangle of `left` has and none of `right`, or `None` if there is none.
pub fn difference(left: &[Rectangle], right: &[Rectangle]) -> Result<Option<Witness>, NotDecided> {
    let mut types = Types::default();
    types.add(left)?;
    types.add(right)?;
    let right = Cover::index(right);
    let fragment = left.iter().filter(|(pattern, _)| stem(pattern).is_some());
    let Some(point) = lacking(&field_of(fragment), &right.field) else {
        // The fragment is covered. What remains are the other globs.
        let others = left
            .iter()
            .enumerate()
            .filter(|(_, (pattern, _))| stem(pattern).is_none());
        return right.first_lacking(others);
    };
    if right.others.is_empty() {
        let has = |(pattern, region): &Rectangle| pattern.matches(&point.0) && region.contains(&point.1);
        let of = left.iter().position(has).unwrap_or_default();
        return Ok(Some(Witness {
            word: point.0,
            context: point.1,
            of,
        }));
    }
    right.first_lacking(left.iter().enumerate())
}

/// The indices of the rectangles that the others together contain, each taken by itself.
///
/// Of two equal rectangles each is contained in the other, and both are listed.
pub fn redundant(set: &[Rectangle]) -> Result<Vec<usize>, NotDecided> {
    let mut types = Types::default();
    types.add(set)?;
    let cover = Cover::index(set);
    let mut idle = idle::idle_in_fragment(set);
    for (index, (pattern, region)) in set.iter().enumerate() {
        if idle.contains(&index) || !(stem(pattern).is_none() || cover.others_meet(pattern)) {
            continue;
        }
        if cover.point_lacking(pattern, region, Some(index))?.is_none() {
            idle.insert(index);
        }
    }
    Ok(idle.into_iter().collect())
}

/// The keys seen so far, to find one of two types.
#[derive(Default)]
struct Types {
    of: BTreeMap<Key, Type>,
    last: Option<Region>,
}

impl Types {
    fn add(&mut self, set: &[Rectangle]) -> Result<(), NotDecided> {
        for (_, region) in set {
            if region.is_everything() || self.last.as_ref() == Some(region) {
                continue;
            }
            for (key, of) in region.keys() {
                if *self.of.entry(key.clone()).or_insert(of) != of {
                    return Err(NotDecided::MixedTypes(key));
                }
            }
            self.last = Some(region.clone());
        }
        Ok(())
    }
}

/// The regions of literal and prefix rectangles as a function of the word; other patterns are left out.
fn field_of<'a>(set: impl Iterator<Item = &'a Rectangle>) -> Field<Region> {
    let mut stems: Vec<(Arc<str>, bool, &Region)> = set
        .filter_map(|(pattern, region)| stem(pattern).map(|(stem, prefix)| (stem, prefix, region)))
        .collect();
    stems.sort_by(|a, b| a.0.cmp(&b.0));
    let mut build = Build::new(Region::nothing(), stems.len());
    for group in stems.chunk_by(|a, b| a.0 == b.0) {
        let Some((stem, _, _)) = group.first() else {
            continue;
        };
        let own = |prefix: bool| {
            Region::any_of(
                group
                    .iter()
                    .filter(|member| member.1 == prefix)
                    .map(|member| member.2.clone()),
            )
        };
        let below = build.inherited(stem).or(&own(true));
        build.push(stem, below.or(&own(false)), below);
    }
    build.finish()
}

/// A point at which `left` exceeds `right`.
fn lacking(left: &Field<Region>, right: &Field<Region>) -> Option<(Word, Context)> {
    if !left.outside().is_subset(right.outside()) {
        return fresh_point("", left, right);
    }
    let walked = left.walk(right, |stem, exact, below| {
        if !exact.0.is_subset(exact.1) {
            let context = exact.0.minus(exact.1).sample();
            return ControlFlow::Break(context.map(|context| (Word::from_packed(Arc::clone(stem)), context)));
        }
        if !below.0.is_subset(below.1) {
            return ControlFlow::Break(fresh_point(stem, left, right));
        }
        ControlFlow::Continue(())
    });
    walked.break_value().flatten()
}

fn fresh_point(stem: &str, left: &Field<Region>, right: &Field<Region>) -> Option<(Word, Context)> {
    let (below_left, below_right) = (left.get_below(stem), right.get_below(stem));
    let word = field::fresh(stem, |word| {
        left.get(word) == below_left && right.get(word) == below_right
    });
    Some((word, below_left.minus(below_right).sample()?))
}

/// Rectangles that cover, indexed.
struct Cover<'a> {
    set: &'a [Rectangle],
    /// Of the literals and prefixes.
    field: Field<Region>,
    /// All rectangles by stem.
    by_stem: Vec<(&'a str, usize)>,
    /// The rectangles that are neither literal nor prefix, by stem.
    others: Vec<(&'a str, usize)>,
}

impl<'a> Cover<'a> {
    fn index(set: &'a [Rectangle]) -> Cover<'a> {
        let mut by_stem: Vec<(&str, usize)> = set
            .iter()
            .enumerate()
            .map(|(index, (pattern, _))| (pattern.stem(), index))
            .collect();
        by_stem.sort_unstable();
        let other = |index: usize| set.get(index).is_some_and(|(pattern, _)| stem(pattern).is_none());
        let others = by_stem
            .iter()
            .filter(|(_, index)| other(*index))
            .copied()
            .collect();
        Cover {
            set,
            field: field_of(set.iter()),
            by_stem,
            others,
        }
    }

    /// The rectangles of an index that meet a pattern.
    fn meeting<'b>(
        &'b self,
        index: &'b [(&'a str, usize)],
        pattern: &'b Pattern,
    ) -> impl Iterator<Item = usize> + 'b {
        let wanted = pattern.stem();
        let run = move |stem: &str, whole: bool| {
            let start = index.partition_point(|(other, _)| *other < stem);
            let rest = index.get(start..).unwrap_or_default();
            let length = rest.partition_point(|(other, _)| {
                if whole {
                    *other == stem
                } else {
                    other.starts_with(stem)
                }
            });
            rest.get(..length).unwrap_or_default()
        };
        let above = field::prefixes(wanted).flat_map(move |prefix| run(prefix, true));
        above.chain(run(wanted, false)).map(|(_, at)| *at).filter(|at| {
            self.set
                .get(*at)
                .is_some_and(|(other, _)| pattern.meets(other).is_some())
        })
    }

    fn others_meet(&self, pattern: &Pattern) -> bool {
        !self.others.is_empty() && self.meeting(&self.others, pattern).next().is_some()
    }

    fn first_lacking<'b>(
        &self,
        members: impl Iterator<Item = (usize, &'b Rectangle)>,
    ) -> Result<Option<Witness>, NotDecided> {
        for (of, (pattern, region)) in members {
            if let Some((word, context)) = self.point_lacking(pattern, region, None)? {
                return Ok(Some(Witness { word, context, of }));
            }
        }
        Ok(None)
    }

    /// A point of a rectangle that no other has, but for the rectangle `except`.
    fn point_lacking(
        &self,
        pattern: &Pattern,
        region: &Region,
        except: Option<usize>,
    ) -> Result<Option<(Word, Context)>, NotDecided> {
        if region.is_nothing() {
            return Ok(None);
        }
        // The function of all literals and prefixes serves only if none of them is left out.
        let whole = except.is_none_or(|at| {
            self.set
                .get(at)
                .is_none_or(|(pattern, _)| stem(pattern).is_none())
        });
        if whole && self.fragment_covers(pattern, region) {
            return Ok(None);
        }
        let members: Vec<&Rectangle> = self
            .meeting(&self.by_stem, pattern)
            .filter(|at| Some(*at) != except)
            .filter_map(|at| self.set.get(at))
            .filter(|(_, other)| other.meets(region))
            .collect();
        let covering = members.iter().filter(|(other, _)| other.covers(pattern));
        let whole = Region::any_of(covering.map(|(_, region)| region.clone()));
        if region.is_subset(&whole) {
            return Ok(None);
        }
        let patterns: Vec<&Pattern> = members.iter().map(|(pattern, _)| pattern).collect();
        let union = |indices: &[usize]| {
            Region::any_of(
                indices
                    .iter()
                    .filter_map(|at| members.get(*at))
                    .map(|(_, region)| region.clone()),
            )
        };
        let found = automaton::lacking(pattern, &patterns, STATES_MAX, |at| region.is_subset(&union(at)));
        let word = found.map_err(|states_max| NotDecided::TooManyStates {
            pattern: pattern.clone(),
            states_max,
        })?;
        let Some(word) = word else { return Ok(None) };
        let has: Vec<usize> = patterns
            .iter()
            .enumerate()
            .filter_map(|(at, other)| other.matches(&word).then_some(at))
            .collect();
        Ok(region.minus(&union(&has)).sample().map(|context| (word, context)))
    }

    /// Whether the literals and prefixes alone cover a rectangle. For a glob with wildcards inside, sufficient only.
    fn fragment_covers(&self, pattern: &Pattern, region: &Region) -> bool {
        let start = pattern.stem();
        if pattern.is_literal() {
            return region.is_subset(self.field.get(start));
        }
        region.is_subset(self.field.get(start))
            && region.is_subset(self.field.get_below(start))
            && self
                .field
                .range(start)
                .iter()
                .all(|mark| region.is_subset(&mark.exact) && region.is_subset(&mark.below))
    }
}
