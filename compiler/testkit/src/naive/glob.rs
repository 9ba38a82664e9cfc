//! Patterns as texts in which some places are open, and words that lie in two of them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use crate::enumerate::text::ANY_ONE;
use crate::label::letter::{self, Letter};

/// One place of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// This character.
    Plain(char),
    /// Any one character.
    One,
    /// Any run, also none.
    Any,
    /// One whole level of a topic: a run without `/`, also none, as the broker has it.
    Level,
    /// Nothing: a value that is not there.
    Never,
}

/// A pattern.
pub type Glob = Vec<Place>;

/// A text without open places.
#[must_use]
pub fn plain(text: &str) -> Glob {
    text.chars().map(Place::Plain).collect()
}

/// The pattern of a kind's template, filled.
#[must_use]
pub fn of_template(filled: &[Option<char>]) -> Glob {
    filled
        .iter()
        .map(|letter| match letter {
            None => Place::Any,
            Some(ANY_ONE) => Place::One,
            Some(c) => Place::Plain(*c),
        })
        .collect()
}

/// The pattern of a statement.
#[must_use]
pub fn of_letters(letters: &[Letter]) -> Glob {
    letters
        .iter()
        .map(|letter| match letter {
            Letter::Plain(c) => Place::Plain(*c),
            Letter::Any => Place::Any,
            Letter::One => Place::One,
            Letter::Value(_) => Place::Never,
        })
        .collect()
}

/// The letters of a word.
#[must_use]
pub fn word(text: &str) -> Vec<Letter> {
    text.chars().map(Letter::Plain).collect()
}

/// Whether a word lies in a pattern.
#[must_use]
pub fn holds(pattern: &[Place], text: &str) -> bool {
    meet(pattern, &plain(text)).is_some()
}

/// A shortest word that lies in both patterns.
#[must_use]
pub fn meet(one: &[Place], other: &[Place]) -> Option<String> {
    // Where both say characters there is one way on: names of resources begin alike.
    let pairs = one.iter().zip(other);
    let same = pairs
        .take_while(|(a, b)| a == b && matches!(a, Place::Plain(_)))
        .count();
    if let (Some(Place::Plain(a)), Some(Place::Plain(b))) = (one.get(same), other.get(same))
        && a != b
    {
        return None;
    }
    if let (Some(Place::Plain(a)), Some(Place::Plain(b))) = (one.last(), other.last())
        && a != b
    {
        return None;
    }
    let mut from: Reached = BTreeMap::new();
    let start = (same, same, false, false);
    from.insert(start, None);
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        let (i, j, inside_one, inside_other) = at;
        if i == one.len() && j == other.len() {
            let begin = one.iter().take(same).filter_map(|place| match place {
                Place::Plain(c) => Some(*c),
                Place::One | Place::Any | Place::Level | Place::Never => None,
            });
            return Some(begin.chain(spelt(&from, at)).collect());
        }
        let mut next = Vec::new();
        // A run may end without a character.
        if ends(one.get(i)) {
            next.push(((i + 1, j, false, inside_other), None));
        }
        if ends(other.get(j)) {
            next.push(((i, j + 1, inside_one, false), None));
        }
        for c in candidates(one.get(i), other.get(j)) {
            if let (Some((di, one)), Some((dj, other))) = (takes(one.get(i), c), takes(other.get(j), c)) {
                next.push(((i + di, j + dj, one, other), Some(c)));
            }
        }
        for (to, c) in next {
            if let Entry::Vacant(vacant) = from.entry(to) {
                vacant.insert(Some((at, c)));
                queue.push_back(to);
            }
        }
    }
    None
}

/// Whether a place may be left without a character.
fn ends(place: Option<&Place>) -> bool {
    match place {
        Some(Place::Any | Place::Level) => true,
        Some(Place::Plain(_) | Place::One | Place::Never) | None => false,
    }
}

/// How far a place moves with a character, and whether it is then inside a run.
fn takes(place: Option<&Place>, c: char) -> Option<(usize, bool)> {
    match place? {
        Place::Plain(own) => (*own == c).then_some((1, false)),
        Place::One => Some((1, false)),
        Place::Any => Some((0, true)),
        Place::Level => (c != '/').then_some((0, true)),
        Place::Never => None,
    }
}

fn candidates(one: Option<&Place>, other: Option<&Place>) -> Vec<char> {
    let said: Vec<char> = [one, other]
        .into_iter()
        .filter_map(|place| match place {
            Some(Place::Plain(c)) => Some(*c),
            _ => None,
        })
        .collect();
    if said.is_empty() {
        vec![letter::FRESH]
    } else {
        said
    }
}

/// Places of both patterns, and whether each is inside a run.
type State = (usize, usize, bool, bool);
/// From where each is reached, and by which character.
type Reached = BTreeMap<State, Option<(State, Option<char>)>>;

fn spelt(from: &Reached, end: State) -> Vec<char> {
    let mut out: Vec<char> = Vec::new();
    let mut at = end;
    while let Some(Some((before, c))) = from.get(&at) {
        out.extend(c);
        at = *before;
    }
    out.reverse();
    out
}

/// Words of a pattern: its runs empty, short, and across a separator.
#[must_use]
pub fn words(pattern: &[Place]) -> Vec<String> {
    if pattern.contains(&Place::Never) {
        return Vec::new();
    }
    let fresh = letter::FRESH.to_string();
    let mut out: Vec<String> = ["", "~", "~/~"]
        .iter()
        .map(|run| {
            pattern
                .iter()
                .map(|place| match place {
                    Place::Plain(c) => c.to_string(),
                    Place::One | Place::Level => fresh.clone(),
                    Place::Any => (*run).to_owned(),
                    Place::Never => String::new(),
                })
                .collect()
        })
        .collect();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Glob {
        text.chars()
            .map(|c| match c {
                '*' => Place::Any,
                '?' => Place::One,
                '+' => Place::Level,
                c => Place::Plain(c),
            })
            .collect()
    }

    #[test]
    fn words_of_two_patterns_are_found() {
        let meets = |one: &str, other: &str| meet(&read(one), &read(other));
        assert_eq!(meets("a/*", "a/b").as_deref(), Some("a/b"));
        assert_eq!(meets("a/+/c", "a/b/*").as_deref(), Some("a/b/c"));
        assert_eq!(meets("*x", "y*").as_deref(), Some("yx"));
        assert_eq!(meets("a/+/c", "a//c").as_deref(), Some("a//c"));
        assert_eq!(meets("a/+", "a/b/c"), None);
        assert_eq!(meets("a/?", "a/"), None);
        assert_eq!(meets("ab*", "aa*"), None);
    }
}
