//! Replays witnesses: the ordinary evaluation of one concrete request or packet, on both sides.
//!
//! Plain on purpose: letter by letter, statement by statement, access by access, and without the algebra by which a
//! witness was found. So a fault of the algebra cannot confirm itself: what does not replay is not shown.

pub(crate) mod packet;
pub(crate) mod request;

use std::net::IpAddr;

use pattern::address::Block;
use pattern::pattern::{Part, Pattern};
use pattern::region::{Context, Region};
use pattern::values::{Present, Value, Values};
use pattern::word::{Letter, Word};
use pattern::words::Words;

use crate::witness::Sort;

/// Whether a witness tells the spec and the bytes apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replay {
    /// It does.
    Confirmed,
    /// It does not: whatever found it is wrong.
    Refuted,
}

impl Replay {
    pub(crate) fn of(differs: bool) -> Self {
        if differs { Self::Confirmed } else { Self::Refuted }
    }

    /// Of what passes a guard or not, and is needed or not.
    pub(crate) fn of_passing(sort: Sort, passes: bool, is_needed: bool) -> Self {
        Self::of(match sort {
            Sort::Exceeds => passes && !is_needed,
            Sort::FallsShort => !passes && is_needed,
            Sort::Setting | Sort::Idle | Sort::Unread | Sort::NotDecided | Sort::Quota | Sort::Promise => {
                false
            }
        })
    }
}

/// Whether a glob matches a word: `*` any run, `?` one character, anything else itself.
pub(crate) fn glob(pattern: &Pattern, word: &Word) -> bool {
    // `reached[n]`: the parts so far can end before letter n.
    let letters: Vec<Letter> = word.letters().collect();
    let mut reached = vec![false; letters.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    let step = |reached: &[bool], fits: &dyn Fn(Letter) -> bool| -> Vec<bool> {
        let moved = letters.iter().zip(reached);
        std::iter::once(false)
            .chain(moved.map(|(letter, was)| *was && fits(*letter)))
            .collect()
    };
    for part in pattern.parts() {
        match part {
            Part::Any => {
                let mut open = false;
                for here in &mut reached {
                    open |= *here;
                    *here = open;
                }
            }
            Part::One => reached = step(&reached, &|letter| matches!(letter, Letter::Scalar(_))),
            Part::Symbol(id) => reached = step(&reached, &|letter| letter == Letter::Symbol(id)),
            Part::Variable(id) => reached = step(&reached, &|letter| letter == Letter::Variable(id)),
            Part::Text(text) => {
                for own in text.chars() {
                    reached = step(&reached, &|letter| letter == Letter::Scalar(own));
                }
            }
        }
    }
    reached.last().copied().unwrap_or(false)
}

/// Whether a condition holds of a context. A key that the context does not name is absent.
pub(crate) fn holds(when: &Region, context: &Context) -> bool {
    when.cubes().iter().any(|cube| {
        cube.iter().all(|(key, values)| {
            let value = context.0.get(key).and_then(Option::as_ref);
            admits(values, value)
        })
    })
}

fn admits(values: &Values, value: Option<&Value>) -> bool {
    let Some(value) = value else {
        return values.has_absent();
    };
    match (values.present(), value) {
        (Present::Text(words), Value::Text(word)) => has_word(words, word),
        (Present::Number(ranges), Value::Number(own)) | (Present::Date(ranges), Value::Date(own)) => ranges
            .as_slice()
            .iter()
            .any(|(first, last)| first <= own && own <= last),
        (Present::Address(addresses), Value::Address(own)) => {
            addresses.blocks().iter().any(|block| has_address(*block, *own))
        }
        (Present::Flag(flags), Value::Flag(own)) => (*own && flags.yes) || (!*own && flags.no),
        (
            Present::Text(_) | Present::Number(_) | Present::Date(_) | Present::Address(_) | Present::Flag(_),
            _,
        ) => false,
    }
}

/// Texts are a list of globs, or all but those of a list.
fn has_word(words: &Words, word: &Word) -> bool {
    let any = |patterns: Vec<Pattern>| patterns.iter().any(|pattern| glob(pattern, word));
    match (words.patterns(), words.not().patterns()) {
        (Some(patterns), _) => any(patterns),
        (None, Some(patterns)) => !any(patterns),
        (None, None) => words.contains(word),
    }
}

fn has_address(block: Block, address: IpAddr) -> bool {
    let (first, own, width, prefix_bits) = match (block, address) {
        (Block::V4 { first, prefix_bits }, IpAddr::V4(own)) => {
            (u128::from(first), u128::from(own.to_bits()), 32, prefix_bits)
        }
        (Block::V6 { first, prefix_bits }, IpAddr::V6(own)) => (first, own.to_bits(), 128, prefix_bits),
        (Block::V4 { .. }, IpAddr::V6(_)) | (Block::V6 { .. }, IpAddr::V4(_)) => return false,
    };
    let free: u32 = width - u32::from(prefix_bits);
    first.checked_shr(free) == own.checked_shr(free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pattern::key::Key;

    #[test]
    fn a_glob_matches_letter_by_letter() {
        let word = |text: &str| Word::text(text).unwrap();
        for (pattern, text, fits) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("a?c", "ac", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*b*b*", "abab", true),
            ("*b*b*", "ab", false),
        ] {
            let glob_of = Pattern::glob(pattern).unwrap();
            assert_eq!(glob(&glob_of, &word(text)), fits, "{pattern} {text}");
            assert_eq!(glob_of.matches(&word(text)), fits, "{pattern} {text}");
        }
        let mixed = Word::of([Letter::Scalar('a'), Letter::Symbol(3)]).unwrap();
        assert!(glob(&Pattern::glob("a*").unwrap(), &mixed));
        assert!(!glob(&Pattern::glob("a?").unwrap(), &mixed));
        assert!(glob(&Pattern::exactly(&mixed), &mixed));
    }

    #[test]
    fn a_packet_on_which_both_agree_is_no_witness() {
        for (sort, passes, is_needed, replay) in [
            (Sort::Exceeds, true, false, Replay::Confirmed),
            (Sort::Exceeds, true, true, Replay::Refuted),
            (Sort::Exceeds, false, false, Replay::Refuted),
            (Sort::FallsShort, false, true, Replay::Confirmed),
            (Sort::FallsShort, false, false, Replay::Refuted),
            (Sort::FallsShort, true, true, Replay::Refuted),
        ] {
            assert_eq!(
                Replay::of_passing(sort, passes, is_needed),
                replay,
                "{sort:?} {passes} {is_needed}"
            );
        }
    }

    #[test]
    fn a_condition_holds_key_by_key() {
        let key = Key::new("aws:SecureTransport");
        let with = |value: Option<Value>| Context([(key.clone(), value)].into());
        let yes = Region::only(key.clone(), Values::flag(true));
        assert!(holds(&yes, &with(Some(Value::Flag(true)))));
        assert!(!holds(&yes, &with(Some(Value::Flag(false)))));
        assert!(!holds(&yes, &Context::default()));
        assert!(holds(&yes.not(), &Context::default()));
        assert!(holds(&Region::everything(), &Context::default()));
        assert!(!holds(&Region::nothing(), &Context::default()));

        let from = Key::new("aws:SourceIp");
        let block = Block::parse("10.0.0.0/8").unwrap();
        let inside = Region::only(from.clone(), Values::addresses([block]));
        let at = |text: &str| Context([(from.clone(), Some(Value::Address(text.parse().unwrap())))].into());
        assert!(holds(&inside, &at("10.255.0.1")));
        assert!(!holds(&inside, &at("11.0.0.1")));
        assert!(!holds(&inside, &at("::a00:1")));
        let everywhere = Region::only(
            from.clone(),
            Values::addresses([Block::parse("0.0.0.0/0").unwrap()]),
        );
        assert!(holds(&everywhere, &at("11.0.0.1")));

        let name = Key::new("aws:PrincipalArn");
        let words = Values::text(Words::from_patterns(&[Pattern::glob("a*").unwrap()]).unwrap());
        let named =
            |text: &str| Context([(name.clone(), Some(Value::Text(Word::text(text).unwrap())))].into());
        let begins = Region::only(name.clone(), words);
        assert!(holds(&begins, &named("ab")));
        assert!(!holds(&begins, &named("b")));
        assert!(holds(&begins.not(), &named("b")));
    }
}
