//! Sets of words against lists of words.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use crate::alphabet::*;
use pattern::pattern::Pattern;
use pattern::word::{Letter, Word};
use pattern::words::Words;
use proptest::prelude::*;

/// A set as a formula over simple patterns.
#[derive(Clone, Debug)]
enum Formula {
    Pattern(Vec<Piece>),
    Not(Box<Formula>),
    And(Box<Formula>, Box<Formula>),
    Or(Box<Formula>, Box<Formula>),
    Minus(Box<Formula>, Box<Formula>),
}

impl Formula {
    fn has(&self, word: &[Letter]) -> bool {
        match self {
            Formula::Pattern(pieces) => naive(pieces, word),
            Formula::Not(a) => !a.has(word),
            Formula::And(a, b) => a.has(word) && b.has(word),
            Formula::Or(a, b) => a.has(word) || b.has(word),
            Formula::Minus(a, b) => a.has(word) && !b.has(word),
        }
    }

    fn words(&self) -> Words {
        match self {
            Formula::Pattern(pieces) => Words::of(&build(pieces)).unwrap(),
            Formula::Not(a) => a.words().not(),
            Formula::And(a, b) => a.words().and(&b.words()),
            Formula::Or(a, b) => a.words().or(&b.words()),
            Formula::Minus(a, b) => a.words().minus(&b.words()),
        }
    }
}

fn formula() -> impl Strategy<Value = Formula> {
    let leaf = simple(2).prop_map(Formula::Pattern);
    leaf.prop_recursive(4, 16, 2, |inner| {
        let two = || (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            inner.clone().prop_map(|a| Formula::Not(Box::new(a))),
            two().prop_map(|(a, b)| Formula::And(a, b)),
            two().prop_map(|(a, b)| Formula::Or(a, b)),
            two().prop_map(|(a, b)| Formula::Minus(a, b)),
        ]
    })
}

/// Stems have at most two letters, so that words of three letters with fresh ones among them tell any two sets apart.
fn cells() -> Vec<Vec<Letter>> {
    words(&ALL, 3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_set_has_the_words_of_its_formula(formula in formula()) {
        let set = formula.words();
        for letters in words(&NAMED, 4).into_iter().chain(cells()) {
            prop_assert_eq!(set.contains(&word(&letters)), formula.has(&letters), "{:?} {:?}", set, letters);
        }
    }

    #[test]
    fn equal_sets_are_equal_values(left in formula(), right in formula()) {
        let equal = cells().iter().all(|w| left.has(w) == right.has(w));
        prop_assert_eq!(left.words() == right.words(), equal);
        let subset = cells().iter().all(|w| !left.has(w) || right.has(w));
        prop_assert_eq!(left.words().is_subset(&right.words()), subset);
    }

    #[test]
    fn laws_hold_as_equal_values(a in formula(), b in formula()) {
        let (a, b) = (a.words(), b.words());
        prop_assert_eq!(a.and(&b), b.and(&a));
        prop_assert_eq!(a.or(&b).not(), a.not().and(&b.not()));
        prop_assert_eq!(a.minus(&b).or(&a.and(&b)), a.clone());
        prop_assert_eq!(a.not().not(), a.clone());
        prop_assert!(a.or(&a.not()).is_all());
        prop_assert!(a.and(&a.not()).is_empty());
        prop_assert!(a.and(&b).is_subset(&a) && a.is_subset(&a.or(&b)));
        prop_assert_eq!(a.meets(&b), !a.and(&b).is_empty());
    }

    #[test]
    fn a_sample_is_a_member(formula in formula()) {
        let set = formula.words();
        match set.sample() {
            Some(found) => prop_assert!(formula.has(&found.letters().collect::<Vec<_>>())),
            None => prop_assert!(set.is_empty()),
        }
        prop_assert_eq!(set.is_empty(), cells().iter().all(|w| !formula.has(w)));
        prop_assert_eq!(set.is_all(), cells().iter().all(|w| formula.has(w)));
    }

    #[test]
    fn a_union_of_patterns_gives_them_back(patterns in prop::collection::vec(simple(3), 0..6)) {
        let built: Vec<Pattern> = patterns.iter().map(|pieces| build(pieces)).collect();
        let set = Words::from_patterns(&built).unwrap();
        let one_by_one = built.iter().fold(Words::none(), |set, p| set.or(&Words::of(p).unwrap()));
        prop_assert_eq!(&set, &one_by_one);
        let back = set.patterns().unwrap();
        prop_assert_eq!(Words::from_patterns(&back).unwrap(), set);
        // The least list: each is one of those given, and none covers another.
        for (at, pattern) in back.iter().enumerate() {
            prop_assert!(built.contains(pattern));
            prop_assert!(back.iter().enumerate().all(|(other, wide)| other == at || !wide.covers(pattern)));
        }
    }

    #[test]
    fn patterns_are_given_only_for_what_they_describe(formula in formula()) {
        let set = formula.words();
        if let Some(patterns) = set.patterns() {
            prop_assert_eq!(Words::from_patterns(&patterns).unwrap(), set);
        } else {
            // Then some prefix is in the set but for a part of it.
            prop_assert!(set.sample().is_some());
        }
    }
}

fn text(text: &str) -> Word {
    Word::text(text).unwrap()
}

#[test]
fn other_globs_are_not_sets_of_words_here() {
    assert_eq!(Words::of(&Pattern::glob("a*b").unwrap()), None);
    assert_eq!(Words::of(&Pattern::glob("a?").unwrap()), None);
    let patterns = [Pattern::glob("a*").unwrap(), Pattern::glob("a?b").unwrap()];
    assert_eq!(Words::from_patterns(&patterns), Err(1));
}

#[test]
fn a_fresh_word_is_none_of_those_named() {
    let named = Words::from_words(&[text("prod"), text("x"), text("y")]);
    assert_eq!(named.not().sample(), Some(text("z")));
    let below = Words::below(&text("a/")).minus(&Words::from_words(&[text("a/"), text("a/x")]));
    assert_eq!(below.sample(), Some(text("a/y")));
}

#[test]
fn a_sample_is_the_shortest_named_word() {
    assert_eq!(
        Words::from_words(&[text("long"), text("in")]).sample(),
        Some(text("in"))
    );
    assert_eq!(Words::just(&Word::empty()).sample(), Some(Word::empty()));
}

#[test]
fn a_hole_has_no_list_of_patterns_but_its_complement_has() {
    let hole = Words::below(&text("a")).minus(&Words::just(&text("ab")));
    assert_eq!(hole.patterns(), None);
    let not = Words::just(&text("ab")).not();
    assert_eq!(not.patterns(), None);
    assert_eq!(not.not().patterns(), Some(vec![Pattern::literal("ab").unwrap()]));
    assert_eq!(not.to_string(), "not (ab)");
    assert_eq!(Words::all().patterns(), Some(vec![Pattern::everything()]));
}

#[test]
fn letters_are_replaced_in_sets_and_in_complements() {
    let variable = Words::just(&Word::of([VARIABLE]).unwrap());
    let mut name = |letter| (letter == VARIABLE).then(|| text("press-7"));
    assert_eq!(
        variable.map_letters(&mut name),
        Some(Words::just(&text("press-7")))
    );
    assert_eq!(
        variable.not().map_letters(&mut name),
        Some(Words::just(&text("press-7")).not())
    );
    let hole = Words::below(&text("a")).minus(&Words::just(&text("ab")));
    assert_eq!(hole.map_letters(&mut name), None);
}

#[test]
fn many_words_are_one_set() {
    let words: Vec<Word> = (0..10_000)
        .rev()
        .map(|n| text(&format!("arn:aws:iam::{n:05}")))
        .collect();
    let set = Words::from_words(&words);
    assert!(words.iter().all(|word| set.contains(word)));
    assert!(!set.contains(&text("arn:aws:iam::0000")));
    assert_eq!(set.patterns().unwrap().len(), 10_000);
    assert!(set.is_subset(&Words::below(&text("arn:"))));
    assert!(set.minus(&Words::from_words(&words)).is_empty());
}
