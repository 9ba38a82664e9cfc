//! Which of many patterns meet or cover a given one, without comparing all with all.

use std::collections::BTreeMap;

use pattern::pattern::{Part, Pattern};
use pattern::word::Letter;

/// Up to so many patterns of one beginning are looked at one by one; of more, the ends are searched.
const FEW: usize = 16;

/// Patterns by their literal beginning. A pattern can only meet one whose beginning starts with its own, or the reverse; and one
/// whose literal end ends with its own, or the reverse.
#[derive(Clone, Debug)]
pub struct Patterns<T> {
    /// Sorted by stem.
    entries: Vec<(String, Bucket<T>)>,
    /// Of each entry, the entry with the longest stem that is a proper prefix of its own.
    parents: Vec<Option<usize>>,
}

/// The patterns of one beginning.
#[derive(Clone, Debug)]
struct Bucket<T> {
    /// As they came.
    items: Vec<(Pattern, T)>,
    /// Of many: their ends, read backwards and sorted, each with the position of its pattern.
    ends: Vec<(String, usize)>,
}

impl<T> Bucket<T> {
    fn new(items: Vec<(Pattern, T)>) -> Self {
        if items.len() <= FEW {
            let ends = Vec::new();
            return Self { items, ends };
        }
        let ends = items.iter().enumerate();
        let mut ends: Vec<(String, usize)> = ends
            .map(|(position, (pattern, _))| (end(pattern), position))
            .collect();
        ends.sort();
        Self { items, ends }
    }

    /// The positions of the patterns whose end, read backwards, goes on behind this one or is gone on by it; of few, all.
    fn ending(&self, back: &str) -> Vec<usize> {
        if self.items.len() <= FEW {
            return (0..self.items.len()).collect();
        }
        let first = self.ends.partition_point(|(own, _)| own.as_str() < back);
        let longer = self.ends.iter().skip(first);
        let longer = longer.take_while(|(own, _)| own.starts_with(back));
        let cuts = back.char_indices().filter_map(|(at, _)| back.get(..at));
        let shorter = cuts.flat_map(|cut| {
            let first = self.ends.partition_point(|(own, _)| own.as_str() < cut);
            self.ends
                .iter()
                .skip(first)
                .take_while(move |(own, _)| own == cut)
        });
        let mut found: Vec<usize> = longer.chain(shorter).map(|(_, position)| *position).collect();
        found.sort_unstable();
        found
    }
}

impl<T> Patterns<Vec<T>> {
    /// Sorts items of which many are about the same pattern.
    pub fn of_many(patterns: impl IntoIterator<Item = (Pattern, T)>) -> Self {
        let mut by_pattern: BTreeMap<Pattern, Vec<T>> = BTreeMap::new();
        for (pattern, item) in patterns {
            by_pattern.entry(pattern).or_default().push(item);
        }
        Self::new(by_pattern)
    }
}

impl<T> Patterns<T> {
    /// Sorts patterns by their beginning.
    pub fn new(patterns: impl IntoIterator<Item = (Pattern, T)>) -> Self {
        let patterns = patterns.into_iter();
        let mut by_stem: Vec<(String, (Pattern, T))> = patterns
            .map(|(pattern, item)| (stem(&pattern), (pattern, item)))
            .collect();
        // Those of one beginning stay in the order in which they came.
        by_stem.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut grouped: Vec<(String, Vec<(Pattern, T)>)> = Vec::new();
        for (stem, item) in by_stem {
            match grouped.last_mut() {
                Some((last, items)) if *last == stem => items.push(item),
                Some(_) | None => grouped.push((stem, vec![item])),
            }
        }
        let entries = grouped.into_iter();
        let entries: Vec<(String, Bucket<T>)> =
            entries.map(|(stem, items)| (stem, Bucket::new(items))).collect();
        let mut parents = Vec::with_capacity(entries.len());
        let mut open: Vec<usize> = Vec::new();
        for (position, (stem, _)) in entries.iter().enumerate() {
            while let Some(last) = open.last() {
                if entries
                    .get(*last)
                    .is_some_and(|(above, _)| stem.starts_with(above.as_str()))
                {
                    break;
                }
                open.pop();
            }
            parents.push(open.last().copied());
            open.push(position);
        }
        Self { entries, parents }
    }

    /// Those whose beginning is a prefix of the pattern's, and so all that could cover it.
    fn above(&self, stem: &str) -> impl Iterator<Item = &Bucket<T>> {
        let position = self.entries.partition_point(|(other, _)| other.as_str() <= stem);
        let mut next = position.checked_sub(1);
        let ancestors = std::iter::from_fn(move || {
            let here = next?;
            next = self.parents.get(here).copied().flatten();
            self.entries.get(here)
        });
        let stem = stem.to_owned();
        ancestors
            .filter(move |(other, _)| stem.starts_with(other.as_str()))
            .map(|(_, bucket)| bucket)
    }

    /// Those whose beginning goes on behind the pattern's.
    fn below(&self, stem: &str) -> impl Iterator<Item = &Bucket<T>> {
        let position = self.entries.partition_point(|(other, _)| other.as_str() <= stem);
        let below = self.entries.get(position..).unwrap_or(&[]);
        let count = below.partition_point(|(other, _)| other.starts_with(stem));
        below.iter().take(count).map(|(_, bucket)| bucket)
    }

    /// Those that begin and end as one that meets this one must: few, and not all of them do.
    pub fn near<'p>(&'p self, pattern: &Pattern) -> impl Iterator<Item = &'p (Pattern, T)> + use<'p, T> {
        let (stem, back) = (stem(pattern), end(pattern));
        let buckets: Vec<&'p Bucket<T>> = self.above(&stem).chain(self.below(&stem)).collect();
        buckets.into_iter().flat_map(move |bucket| {
            let found = bucket.ending(&back).into_iter();
            found.filter_map(|position| bucket.items.get(position))
        })
    }

    /// The items of the patterns that meet this one.
    pub fn meeting<'p>(&'p self, pattern: &'p Pattern) -> impl Iterator<Item = &'p T> {
        self.near(pattern)
            .filter(|(other, _)| other.meets(pattern).is_some())
            .map(|(_, item)| item)
    }

    /// The items of the patterns whose beginning this one's goes on behind, itself included.
    pub fn before<'p>(&'p self, pattern: &Pattern) -> impl Iterator<Item = &'p T> + use<'p, T> {
        self.stems(pattern).map(|(_, item)| item)
    }

    fn stems<'p>(&'p self, pattern: &Pattern) -> impl Iterator<Item = &'p (Pattern, T)> + use<'p, T> {
        let above: Vec<&'p Bucket<T>> = self.above(&stem(pattern)).collect();
        above.into_iter().flat_map(|bucket| &bucket.items)
    }

    /// The items of the patterns that cover this one, itself included.
    pub fn covering<'p>(&'p self, pattern: &'p Pattern) -> impl Iterator<Item = &'p T> {
        self.stems(pattern)
            .filter(|(other, _)| other.covers(pattern))
            .map(|(_, item)| item)
    }
}

/// The text before the first wildcard, symbol or variable.
fn stem(pattern: &Pattern) -> String {
    let mut stem = String::new();
    for part in pattern.parts() {
        match part {
            Part::Text(text) => stem.push_str(text),
            Part::Symbol(_) | Part::Variable(_) | Part::Any | Part::One => break,
        }
    }
    stem
}

/// The text behind the last wildcard, symbol or variable, read backwards.
fn end(pattern: &Pattern) -> String {
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::Text(more) => text.push_str(more),
            Part::Symbol(_) | Part::Variable(_) | Part::Any | Part::One => text.clear(),
        }
    }
    text.chars().rev().collect()
}

/// The pattern of all members together: `*` for each variable.
#[must_use]
pub fn of_any_member(pattern: &Pattern) -> Pattern {
    let mut letters = pattern.unknowns();
    if !letters.any(|letter| matches!(letter, Letter::Variable(_))) {
        return pattern.clone();
    }
    pattern.map_letters(&mut |letter| match letter {
        Letter::Variable(_) => Some(Pattern::everything()),
        Letter::Scalar(_) | Letter::Symbol(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(globs: &[&'static str]) -> Patterns<&'static str> {
        Patterns::new(globs.iter().map(|glob| (Pattern::glob(glob).unwrap(), *glob)))
    }

    #[test]
    fn those_that_meet_and_cover_are_found_among_many() {
        let globs = [
            "raw/*",
            "raw/vib/*",
            "raw/vib",
            "raw/gw/*",
            "ra*",
            "*",
            "other",
            "raw/vib/x?y",
            "r*w",
            "r*/w",
            "raw/*b/*/w",
        ];
        let patterns = set(&globs);
        for query in [
            "raw/vib/*",
            "raw/vib",
            "*",
            "raw/*",
            "zzz",
            "raw/vib/xay",
            "r*",
            "raw",
            "raw/*w",
            "*/aw",
        ] {
            let pattern = Pattern::glob(query).unwrap();
            let mut meeting: Vec<&str> = patterns.meeting(&pattern).copied().collect();
            meeting.sort_unstable();
            let mut expected: Vec<&str> = globs
                .into_iter()
                .filter(|glob| Pattern::glob(glob).unwrap().meets(&pattern).is_some())
                .collect();
            expected.sort_unstable();
            assert_eq!(meeting, expected, "{query}");
            let mut covering: Vec<&str> = patterns.covering(&pattern).copied().collect();
            covering.sort_unstable();
            let mut expected: Vec<&str> = globs
                .into_iter()
                .filter(|glob| Pattern::glob(glob).unwrap().covers(&pattern))
                .collect();
            expected.sort_unstable();
            assert_eq!(covering, expected, "{query}");
        }
    }

    /// More of one beginning than are looked at one by one: whoever ends otherwise is not looked at.
    #[test]
    fn of_many_of_one_beginning_those_that_end_alike_are_found() {
        let globs: Vec<String> = (0..40)
            .map(|at| format!("raw/*/x{at}"))
            .chain(["raw/*".to_owned(), "raw/*4".to_owned(), "raw/*/x1/*".to_owned()])
            .collect();
        let patterns = Patterns::new(globs.iter().map(|glob| (Pattern::glob(glob).unwrap(), glob)));
        for query in [
            "raw/*/x4",
            "raw/a/x14",
            "raw/*",
            "raw/*4",
            "raw/*/x1/y",
            "*x7",
            "raw/*é",
        ] {
            let pattern = Pattern::glob(query).unwrap();
            let meeting: Vec<&&String> = patterns.meeting(&pattern).collect();
            let expected: Vec<&String> = globs
                .iter()
                .filter(|glob| Pattern::glob(glob).unwrap().meets(&pattern).is_some())
                .collect();
            assert!(meeting.into_iter().copied().eq(expected), "{query}");
        }
        assert!(patterns.near(&Pattern::glob("raw/*/x7").unwrap()).count() < 5);
    }
}
