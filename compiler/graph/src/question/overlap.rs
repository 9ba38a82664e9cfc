//! Which of many patterns meet or cover a given one, without comparing all with all.

use std::collections::BTreeMap;

use pattern::pattern::{Part, Pattern};
use pattern::word::Letter;

/// Patterns by their literal beginning. A pattern can only meet one whose beginning starts with its own, or the reverse.
#[derive(Clone, Debug)]
pub struct Patterns<T> {
    /// Sorted by stem.
    entries: Vec<(String, Vec<(Pattern, T)>)>,
    /// Of each entry, the entry with the longest stem that is a proper prefix of its own.
    parents: Vec<Option<usize>>,
}

impl<T> Patterns<T> {
    /// Sorts patterns by their beginning.
    pub fn new(patterns: impl IntoIterator<Item = (Pattern, T)>) -> Self {
        let mut by_stem: BTreeMap<String, Vec<(Pattern, T)>> = BTreeMap::new();
        for (pattern, item) in patterns {
            by_stem.entry(stem(&pattern)).or_default().push((pattern, item));
        }
        let entries: Vec<(String, Vec<(Pattern, T)>)> = by_stem.into_iter().collect();
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
    fn above(&self, stem: &str) -> impl Iterator<Item = &(Pattern, T)> {
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
            .flat_map(|(_, items)| items)
    }

    /// The items of the patterns that meet this one.
    pub fn meeting<'p>(&'p self, pattern: &'p Pattern) -> impl Iterator<Item = &'p T> {
        let stem = stem(pattern);
        let position = self.entries.partition_point(|(other, _)| *other <= stem);
        let below = self.entries.get(position..).unwrap_or(&[]);
        let count = below.partition_point(|(other, _)| other.starts_with(stem.as_str()));
        let below = below
            .get(..count)
            .unwrap_or(&[])
            .iter()
            .flat_map(|(_, items)| items);
        let above: Vec<&(Pattern, T)> = self.above(&stem).collect();
        above
            .into_iter()
            .chain(below)
            .filter(|(other, _)| other.meets(pattern).is_some())
            .map(|(_, item)| item)
    }

    /// The items of the patterns that cover this one, itself included.
    pub fn covering<'p>(&'p self, pattern: &'p Pattern) -> impl Iterator<Item = &'p T> {
        let above: Vec<&(Pattern, T)> = self.above(&stem(pattern)).collect();
        above
            .into_iter()
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

/// The pattern of all members together: `*` for each variable.
#[must_use]
pub fn of_any_member(pattern: &Pattern) -> Pattern {
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
}
