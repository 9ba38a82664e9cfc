//! Unions as lists of terms against truth tables and against diagrams; and what they cost.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(
    clippy::disallowed_methods,
    reason = "that an answer comes within a second is a promise"
)]

use std::time::{Duration, Instant};

use crate::alphabet::contexts::*;
use pattern::boxes::{self, Rectangle};
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::union::{self, Budget, TooLarge, Union};
use pattern::values::Values;
use pattern::word::Word;
use pattern::words::Words;
use proptest::prelude::*;

fn budget() -> Budget {
    Budget::of_guard()
}

fn formulas() -> impl Strategy<Value = Vec<Formula>> {
    prop::collection::vec(formula(), 0..6)
}

fn regions(formulas: &[Formula]) -> Vec<Region> {
    formulas.iter().map(Formula::region).collect()
}

/// One of three words, or none, for each of some keys: a union of such terms often has everything.
fn asks() -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::btree_map(0usize..5, 1u8..15, 0..4).prop_map(|asks| asks.into_iter().collect())
}

fn key(at: usize) -> Key {
    Key::new(&format!("key{at}"))
}

fn words(mask: u8) -> Values {
    let words = ["u", "v", "w"].iter().enumerate();
    let words: Vec<Word> = words
        .filter(|(at, _)| mask >> at & 1 == 1)
        .map(|(_, word)| Word::text(word).unwrap())
        .collect();
    let values = Values::text(Words::from_words(&words));
    // The last bit is everything else.
    if mask >> 3 & 1 == 1 {
        let rest = ["u", "v", "w"].map(|word| Word::text(word).unwrap());
        values.or(&Values::text(Words::from_words(&rest)).not()).unwrap()
    } else {
        values
    }
}

fn term(asks: &[(usize, u8)]) -> Region {
    Region::conjunction(asks.iter().map(|(at, mask)| (key(*at), words(*mask))))
}

/// The cells of five keys that no term above tells apart.
fn has(asks: &[(usize, u8)], cell: [u8; 5]) -> bool {
    asks.iter()
        .all(|(at, mask)| cell.get(*at).is_some_and(|bit| mask >> bit & 1 == 1))
}

fn cells() -> impl Iterator<Item = [u8; 5]> {
    (0u32..1 << 10).map(|code| [0, 2, 4, 6, 8].map(|shift| u8::try_from(code >> shift & 3).unwrap()))
}

/// A region of one list that the other lacks is one that brute force and diagrams find too.
fn check(left: &[Region], right: &[Region]) -> Result<(), TestCaseError> {
    let (l, r) = (Union::of(left.to_vec()), Union::of(right.to_vec()));
    let diagram = |regions: &[Region]| Region::any_of(regions.iter().cloned());
    let beyond = diagram(left).minus(&diagram(right));
    let found = l.lacking(&r, &mut budget()).unwrap();
    prop_assert_eq!(found.is_none(), beyond.is_nothing());
    if let Some(open) = &found {
        prop_assert!(
            !open.is_nothing() && open.is_subset(&beyond),
            "{:?} in {:?}",
            open,
            beyond
        );
        prop_assert_eq!(open.cubes().len(), 1);
    }
    let mut turned: Vec<Region> = right.to_vec();
    turned.reverse();
    prop_assert_eq!(&l.lacking(&Union::of(turned), &mut budget()).unwrap(), &found);
    let outer: Vec<&Region> = right.iter().collect();
    for term in left {
        let is_within = union::is_within(term, &outer, &mut budget()).unwrap();
        prop_assert_eq!(is_within, term.is_subset(&diagram(right)));
    }
    prop_assert_eq!(
        l.is_same(&r, &mut budget()).unwrap(),
        diagram(left) == diagram(right)
    );
    prop_assert_eq!(l.meets(&r), diagram(left).meets(&diagram(right)));
    prop_assert_eq!(diagram(l.and(&r).terms()), diagram(left).and(&diagram(right)));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lists_of_terms_are_answered_like_diagrams(left in formulas(), right in formulas()) {
        check(&regions(&left), &regions(&right))?;
    }

    #[test]
    fn a_list_has_the_contexts_of_its_terms(formulas in formulas()) {
        let union = Union::of(regions(&formulas));
        for context in contexts() {
            prop_assert_eq!(union.contains(&context), formulas.iter().any(|formula| formula.has(&context)));
        }
    }

    #[test]
    fn terms_that_cover_together_are_found_by_listing_cells(inner in asks(), outer in prop::collection::vec(asks(), 0..40)) {
        let terms: Vec<Region> = outer.iter().map(|asks| term(asks)).collect();
        check(&[term(&inner)], &terms)?;
        let outer_refs: Vec<&Region> = terms.iter().collect();
        let covered = cells().all(|cell| !has(&inner, cell) || outer.iter().any(|asks| has(asks, cell)));
        prop_assert_eq!(union::is_within(&term(&inner), &outer_refs, &mut budget()).unwrap(), covered);
    }
}

fn text(word: &str) -> Values {
    Values::text(Words::just(&Word::text(word).unwrap()))
}

fn attribute(name: &str, at: usize) -> Key {
    Key::new(&format!("aws:PrincipalTag/{name}{at}"))
}

/// Terms whose diagram doubles with each.
fn pairs(count: usize) -> Vec<Region> {
    let pair = |at| Region::conjunction([(attribute("a", at), text("v")), (attribute("b", at), text("v"))]);
    (0..count).map(pair).collect()
}

fn everywhere(regions: &[Region]) -> Vec<Rectangle> {
    regions
        .iter()
        .map(|region| (Pattern::everything(), region.clone()))
        .collect()
}

#[test]
fn many_pairs_are_told_apart_without_a_diagram() {
    let start = Instant::now();
    let pairs = everywhere(&pairs(200));
    let mut turned = pairs.clone();
    turned.reverse();
    // Only for the length of the list.
    let mut budget = Budget::of(4_000);
    assert_eq!(boxes::redundant(&pairs, &mut budget), Ok(Vec::new()));
    assert_eq!(boxes::difference(&pairs, &turned, &mut budget), Ok(None));
    let gone = turned.remove(7);
    let found = boxes::difference(&pairs, &turned, &mut budget).unwrap().unwrap();
    assert!(gone.1.contains(&found.context));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn pairs_with_both_values_are_decided_with_a_small_diagram() {
    // Whoever has a value of each `a` has one of the pairs, but only all of them together show it.
    let either = |at| [text("v"), text("w")].map(|values| (attribute("a", at), values));
    let mut terms: Vec<Region> = Vec::new();
    for at in 0..20 {
        for mine in either(at) {
            for next in either((at + 1) % 20) {
                if mine.1 != next.1 {
                    terms.push(Region::conjunction([mine.clone(), next.clone()]));
                }
            }
        }
    }
    let all = |values: &Values| Region::conjunction((0..20).map(|at| (attribute("a", at), values.clone())));
    let inner = all(&text("v").or(&text("w")).unwrap());
    let mut budget = Budget::of(500);
    let open = union::lacking(&inner, &terms.iter().collect::<Vec<_>>(), &mut budget)
        .unwrap()
        .unwrap();
    assert!(open == all(&text("v")) || open == all(&text("w")));
    terms.extend([all(&text("v")), all(&text("w"))]);
    assert!(union::is_within(&inner, &terms.iter().collect::<Vec<_>>(), &mut budget).unwrap());
}

/// Each of `pigeons` has one of so many holes; two of them have the same.
fn pigeonholes(pigeons: usize, holes: usize) -> (Region, Vec<Region>) {
    let hole = |at: usize| text(&format!("h{at}"));
    let any = (1..holes).fold(hole(0), |any, at| any.or(&hole(at)).unwrap());
    let inner = Region::conjunction((0..pigeons).map(|pigeon| (attribute("p", pigeon), any.clone())));
    let mut terms = Vec::new();
    for at in 0..holes {
        for one in 0..pigeons {
            for other in 0..one {
                terms.push(Region::conjunction([
                    (attribute("p", one), hole(at)),
                    (attribute("p", other), hole(at)),
                ]));
            }
        }
    }
    (inner, terms)
}

#[test]
fn too_many_ways_are_given_up_within_a_second() {
    let (inner, terms) = pigeonholes(6, 5);
    let outer: Vec<&Region> = terms.iter().collect();
    assert_eq!(union::is_within(&inner, &outer, &mut budget()), Ok(true));
    let (inner, terms) = pigeonholes(5, 5);
    let outer: Vec<&Region> = terms.iter().collect();
    assert_eq!(union::is_within(&inner, &outer, &mut budget()), Ok(false));

    let (inner, terms) = pigeonholes(18, 17);
    let outer: Vec<&Region> = terms.iter().collect();
    let mut budget = budget();
    let start = Instant::now();
    assert_eq!(union::is_within(&inner, &outer, &mut budget), Err(TooLarge));
    assert_eq!(budget.left(), 0);
    println!("given up after {:?}", start.elapsed());
    // Without optimisation, on a busy machine; within a second where it is used.
    assert!(start.elapsed() < Duration::from_secs(10));
    // Nothing is left for the next one.
    assert_eq!(union::lacking(&inner, &outer, &mut budget), Err(TooLarge));
}

#[test]
fn a_question_is_paid_for_once() {
    let (inner, mut terms) = pigeonholes(6, 5);
    let mut budget = budget();
    assert_eq!(
        union::is_within(&inner, &terms.iter().collect::<Vec<_>>(), &mut budget),
        Ok(true)
    );
    let left = budget.left();
    assert!(left < union::NODES_MAX);
    terms.reverse();
    assert_eq!(
        union::lacking(&inner, &terms.iter().collect::<Vec<_>>(), &mut budget),
        Ok(None)
    );
    assert_eq!(budget.left(), left);
}
