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
    Cover::of(outer)?.covers(std::slice::from_ref(inner))
}

/// A point that some rectangle of `left` has and none of `right`, or `None` if there is none.
pub fn difference(left: &[Rectangle], right: &[Rectangle]) -> Result<Option<Witness>, NotDecided> {
    Cover::of(right)?.covers(left)
}

/// The indices of the rectangles that the others together contain, each taken by itself.
///
/// Of two equal rectangles each is contained in the other, and both are listed.
pub fn redundant(set: &[Rectangle]) -> Result<Vec<usize>, NotDecided> {
    let cover = Cover::of(set)?;
    let mut found = idle::idle_in_fragment(set);
    for (index, (pattern, region)) in set.iter().enumerate() {
        if found.contains(&index) || !(stem(pattern).is_none() || cover.others_meet(pattern)) {
            continue;
        }
        if cover.point_lacking(pattern, region, Some(index))?.is_none() {
            found.insert(index);
        }
    }
    Ok(found.into_iter().collect())
}

/// The keys seen so far, to find one of two types.
#[derive(Clone, Default)]
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

/// A set of rectangles, indexed for many questions about what it covers.
pub struct Cover<'a> {
    set: &'a [Rectangle],
    types: Types,
    /// Of the literals and prefixes.
    field: Field<Region>,
    /// All rectangles, sorted.
    all: Vec<Entry<'a>>,
    /// The rectangles that are neither literal nor prefix, sorted.
    others: Vec<Entry<'a>>,
}

/// The stem of a rectangle's pattern, the pattern, and the index of the rectangle.
type Entry<'a> = (&'a str, &'a Pattern, usize);

impl<'a> Cover<'a> {
    /// The index of a set.
    pub fn of(set: &'a [Rectangle]) -> Result<Cover<'a>, NotDecided> {
        let mut types = Types::default();
        types.add(set)?;
        let mut all: Vec<Entry<'_>> = set
            .iter()
            .enumerate()
            .map(|(at, (pattern, _))| (pattern.stem(), pattern, at))
            .collect();
        all.sort_unstable();
        let others = all
            .iter()
            .filter(|(_, pattern, _)| stem(pattern).is_none())
            .copied()
            .collect();
        Ok(Cover {
            set,
            types,
            field: field_of(set.iter()),
            all,
            others,
        })
    }

    /// A point that some rectangle of `left` has and none of this set, or `None` if there is none.
    pub fn covers(&self, left: &[Rectangle]) -> Result<Option<Witness>, NotDecided> {
        self.types.clone().add(left)?;
        if let [(pattern, region)] = left {
            let point = self.point_lacking(pattern, region, None)?;
            return Ok(point.map(|(word, context)| Witness { word, context, of: 0 }));
        }
        let fragment = left.iter().filter(|(pattern, _)| stem(pattern).is_some());
        let Some((word, context)) = lacking(&field_of(fragment), &self.field) else {
            // The fragment is covered. What remains are the other globs.
            let others = left
                .iter()
                .enumerate()
                .filter(|(_, (pattern, _))| stem(pattern).is_none());
            return self.first_lacking(others);
        };
        if self.others.is_empty() {
            let has = |(pattern, region): &Rectangle| pattern.matches(&word) && region.contains(&context);
            let of = left.iter().position(has).unwrap_or_default();
            return Ok(Some(Witness { word, context, of }));
        }
        self.first_lacking(left.iter().enumerate())
    }

    /// The rectangles of an index that meet a pattern.
    fn meeting<'b>(
        &'b self,
        index: &'b [Entry<'a>],
        pattern: &'b Pattern,
    ) -> impl Iterator<Item = usize> + 'b {
        let wanted = pattern.stem();
        let run = move |stem: &str, whole: bool| {
            let start = index.partition_point(|(other, _, _)| *other < stem);
            let rest = index.get(start..).unwrap_or_default();
            let fits = |other: &str| {
                if whole {
                    other == stem
                } else {
                    other.starts_with(stem)
                }
            };
            let length = rest.partition_point(|(other, _, _)| fits(other));
            rest.get(..length).unwrap_or_default()
        };
        let above = field::prefixes(wanted).flat_map(move |prefix| run(prefix, true));
        let meets = move |entry: &&Entry<'a>| pattern.meets(entry.1).is_some();
        above
            .chain(run(wanted, false))
            .filter(meets)
            .map(|(_, _, at)| *at)
    }

    /// The rectangles with this very pattern.
    fn equal(&self, pattern: &Pattern) -> impl Iterator<Item = usize> + '_ {
        let wanted = (pattern.stem(), pattern);
        let start = self
            .all
            .partition_point(|(stem, other, _)| (*stem, *other) < wanted);
        let rest = self.all.get(start..).unwrap_or_default();
        let length = rest.partition_point(|(stem, other, _)| (*stem, *other) == wanted);
        rest.get(..length)
            .unwrap_or_default()
            .iter()
            .map(|(_, _, at)| *at)
    }

    /// The union of the regions of these rectangles.
    fn regions(&self, of: impl Iterator<Item = usize>) -> Region {
        Region::any_of(
            of.filter_map(|at| self.set.get(at))
                .map(|(_, region)| region.clone()),
        )
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
        let counts = |at: &usize| Some(*at) != except;
        if region.is_subset(&self.regions(self.equal(pattern).filter(counts))) {
            return Ok(None);
        }
        // The function of all literals and prefixes serves only if none of them is left out.
        let left_out = except.and_then(|at| self.set.get(at));
        let whole = left_out.is_none_or(|(pattern, _)| stem(pattern).is_none());
        if whole && self.fragment_covers(pattern, region) {
            return Ok(None);
        }
        let members: Vec<(usize, &Rectangle)> = self
            .meeting(&self.all, pattern)
            .filter(counts)
            .filter_map(|at| self.set.get(at).map(|member| (at, member)))
            .collect();
        let (covering, meeting): (Vec<_>, Vec<_>) = members
            .into_iter()
            .partition(|(_, (other, _))| other.covers(pattern));
        let open = region.minus(&self.regions(covering.into_iter().map(|(at, _)| at)));
        let meeting: Vec<(usize, &Pattern)> = meeting
            .into_iter()
            .filter(|(_, (_, region))| region.meets(&open))
            .map(|(at, (pattern, _))| (at, pattern))
            .collect();
        if meeting.is_empty() {
            // Every word is like every other.
            return Ok(open.sample().map(|context| (pattern.sample(), context)));
        }
        let patterns: Vec<&Pattern> = meeting.iter().map(|(_, pattern)| *pattern).collect();
        let rest = |places: &[usize]| {
            let members = places.iter().filter_map(|place| meeting.get(*place));
            open.minus(&self.regions(members.map(|(at, _)| *at)))
        };
        let found = automaton::lacking(pattern, &patterns, |places| rest(places).is_nothing());
        let word = found.map_err(|states_max| NotDecided::TooManyStates {
            pattern: pattern.clone(),
            states_max,
        })?;
        let Some(word) = word else { return Ok(None) };
        let has = patterns
            .iter()
            .enumerate()
            .filter_map(|(place, other)| other.matches(&word).then_some(place));
        Ok(rest(&has.collect::<Vec<_>>())
            .sample()
            .map(|context| (word, context)))
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
