//! Topics by levels: where a `*` of a policy stands for one level, since a filter says `+`.
//!
//! IAM has no wildcard for one level. So what is received by `a/+/b` is emitted as `a/*/b`, and is exact only together with
//! the filter. Source: <https://docs.aws.amazon.com/iot/latest/developerguide/pub-sub-policy.html>

use graph::question::overlap::of_any_member;
use pattern::pattern::{Builder, Part, Pattern};

use crate::filter::{Common, Shared, common};

/// What a `*` of a pattern of topics stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stars {
    /// Any text, separators among it, as IAM has it.
    #[default]
    Any,
    /// Each for one level: the filter has `+` only.
    Levels,
    /// The last for any levels, each before it for one: the filter ends in `#`.
    LevelsAndRest,
}

/// One level of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Level {
    Text(String),
    /// Somebody's name or attribute.
    Letter,
    /// Any one level: `+`.
    One,
    /// Any levels, none included.
    Rest,
}

/// Whether two sets of topics have no topic in common, by their levels. False where levels do not tell.
#[must_use]
pub fn are_apart((left, left_stars): (&Pattern, Stars), (right, right_stars): (&Pattern, Stars)) -> bool {
    if left_stars == Stars::Any && right_stars == Stars::Any {
        return false;
    }
    let (Some(left), Some(right)) = (levels(left, left_stars), levels(right, right_stars)) else {
        return false;
    };
    let mut at = 0;
    loop {
        match (left.get(at), right.get(at)) {
            (None, None) => return false,
            // The provider's own topics begin with `$`, and a wildcard in the first place brings none of them.
            (Some(Level::One), Some(Level::Text(text))) | (Some(Level::Text(text)), Some(Level::One))
                if at == 0 && text.starts_with('$') =>
            {
                return true;
            }
            (Some(Level::Rest), Some(_)) | (Some(_), Some(Level::Rest)) => return false,
            (Some(_), None) | (None, Some(_)) => return true,
            (Some(Level::Text(a)), Some(Level::Text(b))) if a != b => return true,
            (Some(_), Some(_)) => at += 1,
        }
    }
}

/// Whether levels leave each topic of the inner pattern in the outer one, of which each `*` may be one level.
#[must_use]
pub fn holds((outer, outer_stars): (&Pattern, Stars), (inner, inner_stars): (&Pattern, Stars)) -> bool {
    if outer_stars == Stars::Any || topic(outer).is_none() {
        return true;
    }
    let (Some(outer), Some(inner)) = (levels(outer, outer_stars), levels(inner, inner_stars)) else {
        return false;
    };
    for (at, level) in outer.iter().enumerate() {
        let is_held = match (level, inner.get(at)) {
            (Level::Rest, Some(_)) => return true,
            (Level::One | Level::Letter, Some(Level::One | Level::Letter)) => true,
            (Level::One | Level::Letter, Some(Level::Text(text))) => at > 0 || !text.starts_with('$'),
            (Level::Text(a), Some(Level::Text(b))) => a == b,
            (_, _) => false,
        };
        if !is_held {
            return false;
        }
    }
    outer.len() == inner.len()
}

/// Whether a pattern is one of topics with a wildcard.
#[must_use]
pub fn has_inner_wildcard(pattern: &Pattern) -> bool {
    !pattern.is_literal() && topic(pattern).is_some()
}

/// What is received by each of the filters that bring something of it, and what its `*` stand for.
///
/// Kept whole where a filter may be several, or levels do not tell what it brings of it.
#[must_use]
pub(crate) fn by_filter(received: &Pattern, filters: &[Pattern]) -> Vec<Shared> {
    let whole = || Shared::of_all(received.clone(), Stars::Any);
    let mut split = Vec::new();
    for filter in filters {
        let Some((topics, stars)) = brought(filter) else {
            // Which filter it is may be open; how it begins is not.
            if begin_alike(filter, received) {
                return vec![whole()];
            }
            continue;
        };
        if of_any_member(&topics).meets(&of_any_member(received)).is_none() {
            continue;
        }
        if received.covers(&topics) {
            split.push(Shared::of_all(topics, stars));
            continue;
        }
        // What brings all that is received, brings it whole.
        if stars == Stars::Any && topics.covers(received) {
            return vec![whole()];
        }
        match common(received, (&topics, stars)) {
            Common::Nothing => {}
            Common::These(shared) => split.push(shared),
            Common::Untold => return vec![whole()],
        }
    }
    if split.is_empty() {
        split.push(whole());
    }
    split.sort();
    split.dedup();
    split
}

/// Whether a filter brings some topic of another one; letters are any text. True where a policy leaves open which it is.
#[must_use]
pub fn brings(filter: &Pattern, asked: &Pattern) -> bool {
    let (Some((own, own_stars)), Some((asked, stars))) = (brought(filter), brought(asked)) else {
        return true;
    };
    of_any_member(&own).meets(&of_any_member(&asked)).is_some()
        && !are_apart((&own, own_stars), (&asked, stars))
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

/// The topics that a filter brings, `*` for what it says by `+` and `#`, and what each stands for. `None` where the policy leaves open which filter it is.
#[must_use]
pub fn brought(filter: &Pattern) -> Option<(Pattern, Stars)> {
    let mut topics = Builder::new();
    let (mut is_first, mut singles, mut rests) = (true, false, false);
    let mut parts = filter.parts().peekable();
    while let Some(part) = parts.next() {
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
            // Whatever filter begins so, it brings no more than all that begins so.
            Part::Any if parts.peek().is_none() => {
                topics.any();
                rests = true;
            }
            Part::Any | Part::One => return None,
        }
        is_first = false;
    }
    let stars = match (singles, rests) {
        (true, true) => Stars::LevelsAndRest,
        (true, false) => Stars::Levels,
        (false, _) => Stars::Any,
    };
    Some((topics.finish()?, stars))
}

/// Where the provider keeps what is sent to a device's own topics, and tells others of it: the service of one thing. Of the
/// entry in the registry, every service of the thing.
///
/// `…:topic/$aws/things/T/shadow/update` → `…:topic/$aws/things/T/shadow/*`; `…:thing/T` → `…:topic/$aws/things/T/*`.
/// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/reserved-topics.html>
#[must_use]
pub fn kept(pattern: &Pattern) -> Option<Pattern> {
    let mut builder = Builder::new();
    // Levels behind `$aws/things/`, or behind `thing/`, that are still to come.
    let mut left: Option<usize> = None;
    for part in pattern.parts() {
        let text = match part {
            Part::Text(text) => text,
            Part::Variable(id) => {
                builder.variable(id);
                continue;
            }
            Part::Symbol(id) => {
                builder.symbol(id);
                continue;
            }
            Part::Any | Part::One if left.is_some() => {
                return builder.any().finish();
            }
            Part::Any | Part::One => return None,
        };
        let rest = match left {
            Some(_) => text,
            None => {
                let topics = text
                    .split_once(":topic/$aws/things/")
                    .map(|(head, rest)| (head, rest, 2));
                let things = text.split_once(":thing/").map(|(head, rest)| (head, rest, 1));
                let (head, rest, levels) = topics.or(things)?;
                builder.text(head).text(":topic/$aws/things/");
                left = Some(levels);
                rest
            }
        };
        for piece in rest.split_inclusive('/') {
            builder.text(piece);
            if piece.ends_with('/') {
                left = left.and_then(|left| left.checked_sub(1));
                if left == Some(0) {
                    return builder.any().finish();
                }
            }
        }
    }
    // The entry itself: its name ends here.
    (left == Some(1))
        .then(|| builder.text("/").any().finish())
        .flatten()
}

/// The path of a topic's address, letters as `{}`.
fn topic(pattern: &Pattern) -> Option<String> {
    let text = pattern.display(&|_| "{}".to_owned());
    text.split_once(":topic/").map(|(_, path)| path.to_owned())
}

fn levels(pattern: &Pattern, stars: Stars) -> Option<Vec<Level>> {
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
            "\u{1}" => Level::Letter,
            "\u{2}" if at == last && stars != Stars::Levels => Level::Rest,
            "\u{2}" if stars != Stars::Any => Level::One,
            // Some other wildcard may hold separators: of what goes on from there, it is only told that it does.
            level if level.contains('\u{2}') && stars == Stars::Any => {
                levels.push(Level::Rest);
                break;
            }
            level if level.contains('\u{2}') => return None,
            level if level.contains(letter) => Level::Letter,
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
        assert!(are_apart(
            (&pattern("dt/a/x/*b"), Stars::Any),
            (&plus, Stars::Levels)
        ));
        assert!(!are_apart(
            (&pattern("dt/*b"), Stars::Any),
            (&plus, Stars::Levels)
        ));
        assert!(are_apart(
            (&pattern("dt/a/x/b"), Stars::Any),
            (&plus, Stars::Levels)
        ));
        assert!(are_apart(
            (&pattern("dt/a/x/*"), Stars::Any),
            (&plus, Stars::Levels)
        ));
        assert!(!are_apart(
            (&pattern("dt/a/b"), Stars::Any),
            (&plus, Stars::Levels)
        ));
        assert!(!are_apart((&pattern("dt/*"), Stars::Any), (&plus, Stars::Levels)));
        assert!(!are_apart(
            (&pattern("dt/a/x/b"), Stars::Any),
            (&plus, Stars::Any)
        ));
        assert!(are_apart(
            (&pattern("a/b/c"), Stars::Any),
            (&pattern("a/*"), Stars::Levels)
        ));
    }

    #[test]
    fn levels_before_the_rest() {
        let mixed = pattern("*/a/*");
        let mixed = (&mixed, Stars::LevelsAndRest);
        assert!(are_apart((&pattern("a/s1/a/*"), Stars::Any), mixed));
        assert!(!are_apart((&pattern("s1/a/b/c"), Stars::Any), mixed));
        assert!(are_apart((&pattern("$aws/a/b"), Stars::Any), mixed));
        assert!(holds(mixed, (&pattern("s1/a/b/c"), Stars::Any)));
        assert!(!holds(mixed, (&pattern("s1/s2/a/b"), Stars::Any)));
        assert!(!holds(mixed, (&pattern("$aws/a/b"), Stars::Any)));
    }

    #[test]
    fn one_level_holds_no_two() {
        let plus = pattern("a/*");
        assert!(holds((&plus, Stars::Levels), (&pattern("a/b"), Stars::Any)));
        assert!(holds((&plus, Stars::Levels), (&plus, Stars::Levels)));
        assert!(!holds((&plus, Stars::Levels), (&pattern("a/b/c"), Stars::Any)));
        assert!(!holds((&plus, Stars::Levels), (&plus, Stars::Any)));
        assert!(holds((&plus, Stars::Any), (&pattern("a/b/c"), Stars::Any)));
    }

    #[test]
    fn what_the_provider_keeps_is_of_one_service_of_one_thing() {
        let of = |text: &str| {
            let kept = kept(&Pattern::glob(&format!("arn:aws:iot:r:1:{text}")).unwrap());
            kept.map(|kept| kept.to_string())
        };
        let topics = |path: &str| Some(format!("arn:aws:iot:r:1:topic/$aws/things/{path}"));
        assert_eq!(of("topic/$aws/things/t/shadow/update"), topics("t/shadow/*"));
        assert_eq!(of("topic/$aws/things/t/jobs/*"), topics("t/jobs/*"));
        assert_eq!(of("topic/$aws/things/t/*"), topics("t/*"));
        assert_eq!(of("topic/$aws/things/*"), topics("*"));
        assert_eq!(of("thing/t"), topics("t/*"));
        assert_eq!(of("topic/dt/t/shadow/x"), None);
    }

    #[test]
    fn each_filter_brings_its_own() {
        let filter = |path: &str| Pattern::glob(&format!("arn:aws:iot:r:1:topicfilter/{path}")).unwrap();
        let by = |path: &str, filters: &[&str]| {
            let filters: Vec<Pattern> = filters.iter().map(|path| filter(path)).collect();
            let shared = by_filter(&pattern(path), &filters);
            let pairs = shared.into_iter().map(|shared| (shared.topics, shared.stars));
            pairs.collect::<Vec<_>>()
        };
        assert_eq!(by("dt/*/b", &["dt/+/b"]), [(pattern("dt/*/b"), Stars::Levels)]);
        // A literal filter that the statement of a wider one took in.
        assert_eq!(
            by("a/*", &["a/+", "a/b/c"]),
            [(pattern("a/*"), Stars::Levels), (pattern("a/b/c"), Stars::Any)]
        );
        assert_eq!(
            by("a/*", &["a/+/c/#"]),
            [(pattern("a/*/c/*"), Stars::LevelsAndRest)]
        );
        // A filter that the policy leaves open may be any.
        assert_eq!(
            by("dt/*/b", &["dt/+/b", "dt/*"]),
            [(pattern("dt/*/b"), Stars::Any)]
        );
        assert_eq!(by("dt/*/b", &[]), [(pattern("dt/*/b"), Stars::Any)]);
        assert_eq!(
            by("dt/*/b", &["dt/+/b", "ev/+"]),
            [(pattern("dt/*/b"), Stars::Levels)]
        );
    }
}
