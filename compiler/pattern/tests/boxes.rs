//! Unions of rectangles against lists of points, and of globs against the automata of another author.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use crate::alphabet::second_opinion;
use crate::alphabet::*;
use pattern::boxes::{self, Cover, NotDecided, Rectangle, Witness};
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::{Context, Region};
use pattern::union::Budget;
use pattern::values::{Type, Value, Values};
use pattern::word::Letter;
use proptest::prelude::*;

/// A rectangle as a test writes it.
type Naive = (Vec<Piece>, Region);

fn region() -> impl Strategy<Value = Region> {
    let number = |ranges: [(i64, i64); 1]| Region::only(Key::new("n"), Values::numbers(ranges));
    let flag = || Region::only(Key::new("f"), Values::flag(true));
    prop::sample::select(vec![
        Region::everything(),
        Region::everything(),
        number([(0, 1)]),
        number([(1, 2)]),
        number([(0, 1)]).not(),
        flag(),
        flag().not(),
        flag().and(&number([(0, 0)])),
        flag().or(&number([(2, 2)])),
        Region::nothing(),
    ])
}

fn contexts() -> Vec<Context> {
    let numbers = [None, Some(0), Some(1), Some(2), Some(3)].map(|number| number.map(Value::Number));
    let flags = [None, Some(true), Some(false)].map(|flag| flag.map(Value::Flag));
    let with = |number: &Option<Value>| {
        let number = number.clone();
        flags
            .clone()
            .map(|flag| Context([(Key::new("n"), number.clone()), (Key::new("f"), flag)].into()))
    };
    numbers.iter().flat_map(with).collect()
}

fn set(patterns: impl Strategy<Value = Vec<Piece>>) -> impl Strategy<Value = Vec<Naive>> {
    prop::collection::vec((patterns, region()), 0..5)
}

fn mixed() -> impl Strategy<Value = Vec<Naive>> {
    set(prop_oneof![2 => simple(2), 1 => glob(3)])
}

fn built(set: &[Naive]) -> Vec<Rectangle> {
    set.iter()
        .map(|(pieces, region)| (build(pieces), region.clone()))
        .collect()
}

fn has(set: &[Naive], word: &[Letter], context: &Context) -> bool {
    set.iter()
        .any(|(pieces, region)| region.contains(context) && naive(pieces, word))
}

/// Some point of `left` that is not of `right`, among the words up to a length.
fn brute(left: &[Naive], right: &[Naive], length_max: usize) -> bool {
    words(&ALL, length_max).iter().any(|word| {
        contexts()
            .iter()
            .any(|context| has(left, word, context) && !has(right, word, context))
    })
}

fn confirmed(witness: &Witness, left: &[Naive], right: &[Naive]) -> bool {
    let letters: Vec<Letter> = witness.word.letters().collect();
    has(&left[witness.of..=witness.of], &letters, &witness.context) && !has(right, &letters, &witness.context)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn literals_and_prefixes_are_decided(left in set(simple(2)), right in set(simple(2))) {
        let found = boxes::difference(&built(&left), &built(&right), &mut Budget::of_guard()).unwrap();
        prop_assert_eq!(found.is_some(), brute(&left, &right, 3));
        prop_assert!(found.is_none_or(|witness| confirmed(&witness, &left, &right)));
    }

    #[test]
    fn other_globs_are_decided_too(left in mixed(), right in mixed()) {
        match boxes::difference(&built(&left), &built(&right), &mut Budget::of_guard()).unwrap() {
            Some(witness) => prop_assert!(confirmed(&witness, &left, &right), "{:?}", witness),
            None => prop_assert!(!brute(&left, &right, 4)),
        }
    }

    #[test]
    fn a_large_set_is_answered_like_a_small_one(left in mixed(), right in mixed()) {
        let (l, r) = (built(&left), built(&right));
        let many: Vec<Rectangle> = r.iter().cycle().take(20 * r.len()).cloned().collect();
        let (small, large) = (Cover::of(&r).unwrap(), Cover::of(&many).unwrap());
        for inner in &l {
            let inner = std::slice::from_ref(inner);
            prop_assert_eq!(small.covers(inner, &mut Budget::of_guard()).unwrap(), large.covers(inner, &mut Budget::of_guard()).unwrap());
        }
    }

    #[test]
    fn one_question_is_answered_like_the_whole(left in mixed(), right in mixed()) {
        let (l, r) = (built(&left), built(&right));
        let one_by_one = l.iter().any(|inner| boxes::covers(&r, inner, &mut Budget::of_guard()).unwrap().is_some());
        prop_assert_eq!(boxes::difference(&l, &r, &mut Budget::of_guard()).unwrap().is_some(), one_by_one);
        let cover = Cover::of(&r).unwrap();
        for (at, inner) in l.iter().enumerate() {
            if let Some(witness) = cover.covers(std::slice::from_ref(inner), &mut Budget::of_guard()).unwrap() {
                prop_assert!(confirmed(&witness, &left[at..=at], &right));
            }
        }
    }

    #[test]
    fn another_author_agrees_on_unions(inner in glob(6), outer in prop::collection::vec(glob(6), 0..5)) {
        let everywhere = |pieces: &Vec<Piece>| (build(pieces), Region::everything());
        let rectangles: Vec<Rectangle> = outer.iter().map(everywhere).collect();
        let found = boxes::covers(&rectangles, &everywhere(&inner), &mut Budget::of_guard()).unwrap();
        prop_assert_eq!(found.is_none(), second_opinion::includes(&outer, &inner));
    }

    #[test]
    fn no_parts_cover_a_glob_that_none_covers_alone(pieces in glob(5), at in 0usize..5) {
        // The empty run, a first scalar, a first symbol, a last variable: other symbols are always left.
        let Some(star) = pieces.iter().position(|piece| *piece == Piece::Any) else { return Ok(()) };
        let with = |middle: &[Piece]| -> Vec<Piece> {
            pieces[..star].iter().chain(middle).chain(&pieces[star + 1..]).copied().collect()
        };
        let mut parts = vec![with(&[]), with(&[Piece::One, Piece::Any]), with(&[Piece::Letter(SYMBOL), Piece::Any])];
        parts.push(with(&[Piece::Any, Piece::Letter(VARIABLE)]));
        parts.rotate_left(at % 4);
        let everywhere = |pieces: &Vec<Piece>| (build(pieces), Region::everything());
        let rectangles: Vec<Rectangle> = parts.iter().map(everywhere).collect();
        let found = boxes::covers(&rectangles, &everywhere(&pieces), &mut Budget::of_guard()).unwrap();
        prop_assert_eq!(found.is_none(), second_opinion::includes(&parts, &pieces));
    }

    #[test]
    fn what_is_redundant_is_contained_in_the_rest(set in mixed()) {
        let rectangles = built(&set);
        let found = boxes::redundant(&rectangles, &mut Budget::of_guard()).unwrap();
        for at in 0..set.len() {
            let mut rest = rectangles.clone();
            let one = rest.remove(at);
            prop_assert_eq!(found.contains(&at), boxes::covers(&rest, &one, &mut Budget::of_guard()).unwrap().is_none(), "{}", at);
        }
    }

    #[test]
    fn what_is_removable_leaves_the_whole_and_nothing_idle(set in mixed()) {
        let rectangles = built(&set);
        let mut rest = rectangles.clone();
        for at in boxes::removable(&rectangles, &mut Budget::of_guard()).unwrap() {
            let last = boxes::redundant(&rest, &mut Budget::of_guard()).unwrap().into_iter().max();
            prop_assert_eq!(last, Some(at));
            rest.remove(at);
        }
        prop_assert_eq!(boxes::redundant(&rest, &mut Budget::of_guard()), Ok(Vec::new()));
        prop_assert_eq!(boxes::difference(&rectangles, &rest, &mut Budget::of_guard()), Ok(None));
    }

    #[test]
    fn redundant_simple_rectangles_are_found_by_listing_points(set in set(simple(2))) {
        let found = boxes::redundant(&built(&set), &mut Budget::of_guard()).unwrap();
        for at in 0..set.len() {
            let mut rest = set.clone();
            let one = rest.remove(at);
            prop_assert_eq!(found.contains(&at), !brute(&[one], &rest, 3));
        }
    }
}

fn everywhere(pattern: &str) -> Rectangle {
    (Pattern::glob(pattern).unwrap(), Region::everything())
}

#[test]
fn halves_cover_a_whole_only_together() {
    let when = |region: Region| (Pattern::glob("arn:*").unwrap(), region);
    let morning = Region::only(Key::new("t"), Values::dates([(i64::MIN, 11)]));
    let (early, late) = (when(morning.clone()), when(morning.not()));
    let whole = everywhere("arn:*");
    assert_eq!(
        boxes::covers(&[early.clone(), late.clone()], &whole, &mut Budget::of_guard()),
        Ok(None)
    );
    let witness = boxes::covers(std::slice::from_ref(&early), &whole, &mut Budget::of_guard())
        .unwrap()
        .unwrap();
    assert!(late.1.contains(&witness.context));
    assert_eq!(
        boxes::redundant(&[early, whole, late], &mut Budget::of_guard()),
        Ok(vec![0, 1, 2])
    );
}

#[test]
fn a_witness_is_a_fresh_word_where_names_do_not_matter() {
    let right = [
        everywhere("bucket/x"),
        everywhere("bucket/logs/*"),
        everywhere("bucket/"),
    ];
    let witness = boxes::covers(&right, &everywhere("bucket/*"), &mut Budget::of_guard())
        .unwrap()
        .unwrap();
    assert_eq!((witness.word.to_string().as_str(), witness.of), ("bucket/y", 0));
}

#[test]
fn equal_rectangles_are_both_redundant() {
    assert_eq!(
        boxes::redundant(&[everywhere("a*b"), everywhere("a*b")], &mut Budget::of_guard()),
        Ok(vec![0, 1])
    );
    assert_eq!(
        boxes::redundant(
            &[everywhere("a*"), everywhere("a*"), everywhere("c")],
            &mut Budget::of_guard()
        ),
        Ok(vec![0, 1])
    );
    let nowhere = (Pattern::everything(), Region::nothing());
    assert_eq!(boxes::redundant(&[nowhere], &mut Budget::of_guard()), Ok(vec![0]));
}

#[test]
fn a_key_of_two_types_is_not_decided() {
    let with = |values: Values| (Pattern::everything(), Region::only(Key::new("k"), values));
    let (flag, number) = (with(Values::flag(true)), with(Values::absent(Type::Number)));
    let refused = Err(NotDecided::MixedTypes(Key::new("k")));
    assert_eq!(
        boxes::difference(&[flag], &[number], &mut Budget::of_guard()),
        refused
    );
}

#[test]
fn a_glob_in_a_union_is_in_one_of_its_members() {
    // A symbol may stand first, which no `?` covers.
    let outer = ["a?", "?*a?"].map(everywhere);
    let witness = boxes::covers(&outer, &everywhere("*a?"), &mut Budget::of_guard())
        .unwrap()
        .unwrap();
    assert!(matches!(witness.word.letters().next(), Some(Letter::Symbol(_))));
    // Which of the last twenty letters are an `a` would take an automaton of a million states.
    let tail = "a????????????????????";
    let outer = [tail.to_owned(), format!("?*{tail}")].map(|glob| everywhere(&glob));
    assert!(
        boxes::covers(&outer, &everywhere(&format!("*{tail}")), &mut Budget::of_guard())
            .unwrap()
            .is_some()
    );
}
