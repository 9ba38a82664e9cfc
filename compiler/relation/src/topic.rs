//! Topics by levels: where a `*` of a policy stands for one level, since a filter says `+`.
//!
//! IAM has no wildcard for one level. So what is received by `a/+/b` is emitted as `a/*/b`, and is exact only together with
//! the filter. Source: <https://docs.aws.amazon.com/iot/latest/developerguide/pub-sub-policy.html>

use graph::question::overlap::of_any_member;
use pattern::pattern::{Builder, Part, Pattern};

/// One level of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Level {
    Text(String),
    /// Any one level.
    One,
    /// Any levels, none included.
    Rest,
}

/// Whether two sets of topics have no topic in common, by their levels. False where levels do not tell.
#[must_use]
pub fn are_apart((left, left_single): (&Pattern, bool), (right, right_single): (&Pattern, bool)) -> bool {
    if !left_single && !right_single {
        return false;
    }
    let (Some(left), Some(right)) = (levels(left, left_single), levels(right, right_single)) else {
        return false;
    };
    let mut at = 0;
    loop {
        match (left.get(at), right.get(at)) {
            (None, None) => return false,
            (Some(Level::Rest), Some(_)) | (Some(_), Some(Level::Rest)) => return false,
            (Some(_), None) | (None, Some(_)) => return true,
            (Some(Level::Text(a)), Some(Level::Text(b))) if a != b => return true,
            (Some(_), Some(_)) => at += 1,
        }
    }
}

/// Whether levels leave each topic of the inner pattern in the outer one, of which each `*` may be one level.
#[must_use]
pub fn holds((outer, outer_single): (&Pattern, bool), (inner, inner_single): (&Pattern, bool)) -> bool {
    if !outer_single || topic(outer).is_none() {
        return true;
    }
    let (Some(outer), Some(inner)) = (levels(outer, outer_single), levels(inner, inner_single)) else {
        return false;
    };
    let is_held = |pair: (&Level, &Level)| match pair {
        (Level::One, Level::Text(_) | Level::One) => true,
        (Level::Text(a), Level::Text(b)) => a == b,
        (_, _) => false,
    };
    outer.len() == inner.len() && outer.iter().zip(&inner).all(is_held)
}

/// Whether a pattern is one of topics with a wildcard.
#[must_use]
pub fn has_inner_wildcard(pattern: &Pattern) -> bool {
    !pattern.is_literal() && topic(pattern).is_some()
}

/// What is received by each of the filters that bring something of it, and whether its `*` are one level.
///
/// Kept whole where a filter may be several, or brings what is not received.
#[must_use]
pub fn by_filter(received: &Pattern, filters: &[Pattern]) -> Vec<(Pattern, bool)> {
    let mut split = Vec::new();
    for filter in filters {
        let Some((topics, single)) = topics_of(filter) else {
            // Which filter it is may be open; how it begins is not.
            if begin_alike(filter, received) {
                return vec![(received.clone(), false)];
            }
            continue;
        };
        if of_any_member(&topics).meets(&of_any_member(received)).is_none() {
            continue;
        }
        if !received.covers(&topics) {
            return vec![(received.clone(), false)];
        }
        split.push((topics, single));
    }
    if split.is_empty() {
        split.push((received.clone(), false));
    }
    split.sort();
    split.dedup();
    split
}

/// Whether a filter that a policy leaves open may begin as a topic does.
fn begin_alike(filter: &Pattern, received: &Pattern) -> bool {
    let text = filter.display(&|_| "*".to_owned());
    let Some((_, path)) = text.split_once(":topicfilter/") else {
        return true;
    };
    let received = received.display(&|_| "*".to_owned());
    let topic = received.split_once(":topic/").map_or("", |(_, path)| path);
    let stem = |path: &str| path.split(['*', '?', '+', '#']).next().unwrap_or("").to_owned();
    let (own, other) = (stem(path), stem(topic));
    own.starts_with(&other) || other.starts_with(&own)
}

/// The topics that a filter brings, `*` for what it says by `+` and `#`, and whether each stands for one level.
/// `None` where the policy leaves open which filter it is.
fn topics_of(filter: &Pattern) -> Option<(Pattern, bool)> {
    let mut topics = Builder::new();
    let (mut is_first, mut singles, mut rests) = (true, false, false);
    for part in filter.parts() {
        match part {
            Part::Text(text) => {
                let own;
                let text = if is_first {
                    let (head, path) = text.split_once(":topicfilter/")?;
                    own = format!("{head}:topic/{path}");
                    own.as_str()
                } else {
                    text
                };
                let mut pieces = text.split_inclusive(['+', '#']);
                for piece in &mut pieces {
                    let plain = piece.trim_end_matches(['+', '#']);
                    topics.text(plain);
                    if plain.len() < piece.len() {
                        topics.any();
                        singles |= piece.ends_with('+');
                        rests |= piece.ends_with('#');
                    }
                }
            }
            Part::Variable(id) => {
                topics.variable(id);
            }
            Part::Symbol(id) => {
                topics.symbol(id);
            }
            Part::Any | Part::One => return None,
        }
        is_first = false;
    }
    Some((topics.finish()?, singles && !rests))
}

/// The path of a topic's address, letters as `{}`.
fn topic(pattern: &Pattern) -> Option<String> {
    let text = pattern.display(&|_| "{}".to_owned());
    text.split_once(":topic/").map(|(_, path)| path.to_owned())
}

fn levels(pattern: &Pattern, single: bool) -> Option<Vec<Level>> {
    // A letter is a whole level, or levels do not tell.
    let letter = "\u{1}";
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::Text(own) => text.push_str(own),
            Part::Symbol(_) | Part::Variable(_) => text.push_str(letter),
            Part::Any => text.push('\u{2}'),
            Part::One => return None,
        }
    }
    let (_, path) = text.split_once(":topic/")?;
    let all: Vec<&str> = path.split('/').collect();
    let last = all.len().saturating_sub(1);
    let mut levels = Vec::with_capacity(all.len());
    for (at, level) in all.into_iter().enumerate() {
        levels.push(match level {
            "\u{1}" => Level::One,
            "\u{2}" if single => Level::One,
            "\u{2}" if at == last => Level::Rest,
            // Some other wildcard may hold separators.
            level if level.contains('\u{2}') => return None,
            level if level.contains(letter) => Level::One,
            level => Level::Text(level.to_owned()),
        });
    }
    Some(levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(path: &str) -> Pattern {
        Pattern::glob(&format!("arn:aws:iot:r:1:topic/{path}")).unwrap()
    }

    #[test]
    fn a_level_holds_no_separator() {
        let plus = pattern("dt/*/b");
        assert!(are_apart((&pattern("dt/a/x/b"), false), (&plus, true)));
        assert!(are_apart((&pattern("dt/a/x/*"), false), (&plus, true)));
        assert!(!are_apart((&pattern("dt/a/b"), false), (&plus, true)));
        assert!(!are_apart((&pattern("dt/*"), false), (&plus, true)));
        assert!(!are_apart((&pattern("dt/a/x/b"), false), (&plus, false)));
        assert!(are_apart((&pattern("a/b/c"), false), (&pattern("a/*"), true)));
    }

    #[test]
    fn one_level_holds_no_two() {
        let plus = pattern("a/*");
        assert!(holds((&plus, true), (&pattern("a/b"), false)));
        assert!(holds((&plus, true), (&plus, true)));
        assert!(!holds((&plus, true), (&pattern("a/b/c"), false)));
        assert!(!holds((&plus, true), (&plus, false)));
        assert!(holds((&plus, false), (&pattern("a/b/c"), false)));
    }

    #[test]
    fn each_filter_brings_its_own() {
        let filter = |path: &str| Pattern::glob(&format!("arn:aws:iot:r:1:topicfilter/{path}")).unwrap();
        let by = |path: &str, filters: &[&str]| {
            let filters: Vec<Pattern> = filters.iter().map(|path| filter(path)).collect();
            by_filter(&pattern(path), &filters)
        };
        assert_eq!(by("dt/*/b", &["dt/+/b"]), [(pattern("dt/*/b"), true)]);
        // A literal filter that the statement of a wider one took in.
        assert_eq!(
            by("a/*", &["a/+", "a/b/c"]),
            [(pattern("a/*"), true), (pattern("a/b/c"), false)]
        );
        assert_eq!(by("a/*", &["a/+/c/#"]), [(pattern("a/*/c/*"), false)]);
        // A filter that the policy leaves open may be any.
        assert_eq!(by("dt/*/b", &["dt/+/b", "dt/*"]), [(pattern("dt/*/b"), false)]);
        assert_eq!(by("dt/*/b", &[]), [(pattern("dt/*/b"), false)]);
        assert_eq!(by("dt/*/b", &["dt/+/b", "ev/+"]), [(pattern("dt/*/b"), true)]);
    }
}
