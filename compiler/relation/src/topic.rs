//! Topics by levels: where a `*` of a policy stands for one level, since a filter says `+`.
//!
//! IAM has no wildcard for one level. So what is received by `a/+/b` is emitted as `a/*/b`, and is exact only together with
//! the filter. Source: <https://docs.aws.amazon.com/iot/latest/developerguide/pub-sub-policy.html>

use pattern::pattern::{Part, Pattern};

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

/// Whether a pattern is one of topics with a wildcard.
#[must_use]
pub fn has_inner_wildcard(pattern: &Pattern) -> bool {
    !pattern.is_literal() && topic(pattern).is_some()
}

/// Whether all filters that could bring what is received say `+` where it has `*`.
#[must_use]
pub fn only_by_level(received: &Pattern, filters: &[Pattern]) -> bool {
    let Some(topic) = topic(received) else {
        return false;
    };
    let mut found = false;
    for filter in filters {
        let text = filter.display(&|_| "{}".to_owned());
        let Some((_, path)) = text.split_once(":topicfilter/") else {
            return false;
        };
        // A filter with a wildcard of the policy may be any, `#` among them.
        if path.contains('*') || path.contains('?') || path.contains('#') {
            let stem = path.split(['*', '?', '#']).next().unwrap_or("");
            let own = topic.split('*').next().unwrap_or("");
            if stem.starts_with(own) || own.starts_with(stem) {
                return false;
            }
            continue;
        }
        let levels: Vec<&str> = path
            .split('/')
            .map(|level| if level == "+" { "*" } else { level })
            .collect();
        found |= levels.join("/") == topic;
    }
    found
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
    fn a_filter_that_is_wider_brings_all() {
        let filter = |path: &str| Pattern::glob(&format!("arn:aws:iot:r:1:topicfilter/{path}")).unwrap();
        assert!(only_by_level(&pattern("dt/*/b"), &[filter("dt/+/b")]));
        assert!(!only_by_level(
            &pattern("dt/*/b"),
            &[filter("dt/+/b"), filter("dt/*")]
        ));
        assert!(!only_by_level(&pattern("dt/*/b"), &[]));
        assert!(only_by_level(
            &pattern("dt/*/b"),
            &[filter("dt/+/b"), filter("ev/*")]
        ));
    }
}
