//! Globs against naive definitions and against the automata of another author.

use crate::alphabet::second_opinion;
use crate::alphabet::*;
use pattern::pattern::{Builder, Part, Pattern};
use pattern::word::{Letter, Word};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_glob_matches_what_its_definition_says(pieces in glob(5)) {
        let glob = build(&pieces);
        for letters in words(&NAMED, 4) {
            prop_assert_eq!(glob.matches(&word(&letters)), naive(&pieces, &letters), "{:?} {:?}", glob, letters);
        }
    }

    #[test]
    fn a_glob_covers_another_if_it_has_all_its_words(outer in glob(4), inner in glob(4)) {
        // A counterexample, if there is one, has at most a letter per piece, given the fresh letters.
        let expected = words(&ALL, 4).iter().all(|letters| !naive(&inner, letters) || naive(&outer, letters));
        prop_assert_eq!(build(&outer).covers(&build(&inner)), expected);
    }

    #[test]
    fn another_author_agrees_on_inclusion(outer in glob(9), inner in glob(9)) {
        prop_assert_eq!(build(&outer).covers(&build(&inner)), second_opinion::includes(&[outer], &inner));
    }

    #[test]
    fn widening_a_glob_covers_it(pieces in glob(9), at in 0usize..9) {
        let mut wide = pieces.clone();
        if let Some(piece) = wide.get_mut(at) {
            *piece = Piece::Any;
        }
        prop_assert!(build(&wide).covers(&build(&pieces)));
        prop_assert!(second_opinion::includes(&[wide], &pieces));
    }

    #[test]
    fn globs_of_equal_language_are_equal_values(left in glob(5), right in glob(5)) {
        let (l, r) = (build(&left), build(&right));
        prop_assert_eq!(l == r, l.covers(&r) && r.covers(&l));
    }

    #[test]
    fn globs_meet_in_a_shortest_word(left in glob(4), right in glob(4)) {
        let shortest = words(&ALL, 4).into_iter().find(|letters| naive(&left, letters) && naive(&right, letters));
        match build(&left).meets(&build(&right)) {
            Some(found) => {
                let letters: Vec<Letter> = found.letters().collect();
                prop_assert!(naive(&left, &letters) && naive(&right, &letters), "{:?}", found);
                prop_assert!(shortest.is_none_or(|shortest| shortest.len() >= letters.len()));
            }
            // A shortest common word has at most a letter per piece of both.
            None => prop_assert!(words(&NAMED, 5).iter().all(|w| !(naive(&left, w) && naive(&right, w)))),
        }
        prop_assert_eq!(build(&left).meets(&build(&right)).is_some(), build(&right).meets(&build(&left)).is_some());
    }

    #[test]
    fn a_sample_is_a_member(pieces in glob(6)) {
        let letters: Vec<Letter> = build(&pieces).sample().letters().collect();
        prop_assert!(naive(&pieces, &letters));
    }

    #[test]
    fn concatenating_is_building_in_one_go(left in glob(5), right in glob(5)) {
        let whole: Vec<Piece> = left.iter().chain(&right).copied().collect();
        prop_assert_eq!(build(&left).concat(&build(&right)), build(&whole));
    }

    #[test]
    fn parts_build_the_same_pattern(pieces in glob(7)) {
        let pattern = build(&pieces);
        let mut builder = Builder::new();
        for part in pattern.parts() {
            match part {
                Part::Text(text) => builder.text(text),
                Part::Symbol(id) => builder.symbol(id),
                Part::Variable(id) => builder.variable(id),
                Part::Any => builder.any(),
                Part::One => builder.one(),
            };
        }
        prop_assert_eq!(builder.finish().unwrap(), pattern);
    }

    #[test]
    fn letters_survive_packing(ids in prop::collection::vec(any::<u32>(), 0..5)) {
        let letters: Vec<Letter> =
            ids.iter().flat_map(|id| [Letter::Symbol(*id), Letter::Scalar('*'), Letter::Variable(*id)]).collect();
        prop_assert_eq!(word(&letters).letters().collect::<Vec<_>>(), letters);
    }
}

#[test]
fn a_star_in_text_is_a_character() {
    let literal = Pattern::literal("a*?").unwrap();
    assert!(literal.is_literal());
    assert!(!literal.matches(&Word::text("abc").unwrap()));
    assert!(literal.matches(&Word::text("a*?").unwrap()));
    assert!(Pattern::glob("a?*").unwrap().covers(&literal));
    assert!(!literal.covers(&Pattern::glob("a*?").unwrap()));
    assert_eq!(
        literal.parts().collect::<Vec<_>>(),
        [Part::Text("a"), Part::Text("*"), Part::Text("?")]
    );
    assert_eq!(literal.to_string(), "a${*}${?}");
    assert_eq!(literal.word().unwrap().as_text().unwrap(), "a*?");
}

#[test]
fn a_question_mark_covers_no_symbol() {
    let one = Pattern::glob("a?").unwrap();
    let mut builder = Builder::new();
    builder.text("a").symbol(7);
    let symbol = builder.finish().unwrap();
    assert!(!one.covers(&symbol));
    assert_eq!(one.meets(&symbol), None);
    assert!(Pattern::glob("a*").unwrap().covers(&symbol));
    // Not even three of them, though a symbol is packed into three code points.
    assert!(!Pattern::glob("a???").unwrap().covers(&symbol));
}

#[test]
fn private_code_points_are_refused() {
    assert_eq!(Pattern::literal("a\u{F0000}"), None);
    assert_eq!(Pattern::glob("\u{10FFFD}*"), None);
    assert_eq!(Word::text("\u{F2000}"), None);
    assert_eq!(Word::of([Letter::Scalar('\u{F1800}')]), None);
    assert!(Word::text("\u{E000}\u{EFFFD}").is_some());
}

#[test]
fn a_variable_becomes_a_name() {
    let mut builder = Builder::new();
    builder.text("things/").variable(1).text("/").symbol(2).text("*");
    let class = builder.any().finish().unwrap();
    let name = Pattern::literal("press-7").unwrap();
    let member = class.map_letters(&mut |letter| (letter == Letter::Variable(1)).then(|| name.clone()));
    assert_eq!(member.to_string(), "things/press-7/<symbol 2>${*}*");
    assert_eq!(
        class.display(&|letter| match letter {
            Letter::Variable(_) => "{device}".into(),
            Letter::Symbol(_) => "{id}".into(),
            Letter::Scalar(c) => c.into(),
        }),
        "things/{device}/{id}${*}*"
    );
    assert_eq!(
        class.unknowns().collect::<Vec<_>>(),
        [Letter::Variable(1), Letter::Symbol(2)]
    );
    assert_eq!(
        class.char_len(&|letter| if letter == Letter::Symbol(2) { 21 } else { 10 }),
        "things//**".len() + 31
    );
}

#[test]
fn mapping_keeps_the_normal_form() {
    let glob = Builder::new().any().variable(1).any().finish().unwrap();
    for replacement in ["*", ""] {
        let mapped = glob.map_letters(&mut |_| Pattern::glob(replacement));
        assert_eq!(mapped, Pattern::everything());
    }
}

#[test]
fn small_globs_that_cover_each_other_are_equal() {
    let pieces = [Piece::Letter(A), Piece::Letter(SYMBOL), Piece::Any, Piece::One];
    let mut globs = vec![Vec::new()];
    for at in 0..85 {
        for piece in pieces {
            let mut longer: Vec<Piece> = globs[at].clone();
            longer.push(piece);
            globs.push(longer);
        }
    }
    let globs: Vec<Pattern> = globs.iter().map(|pieces| build(pieces)).collect();
    for left in &globs {
        for right in &globs {
            assert_eq!(
                left == right,
                left.covers(right) && right.covers(left),
                "{left} {right}"
            );
        }
    }
}

#[test]
fn prefixes_are_known_and_stripped() {
    let pattern = Pattern::glob("arn:aws:s3:::logs/*").unwrap();
    assert!(pattern.is_prefix() && !pattern.is_literal());
    assert_eq!(pattern.prefix(), Word::text("arn:aws:s3:::logs/"));
    let rest = pattern
        .strip_prefix(&Word::text("arn:aws:s3:::").unwrap())
        .unwrap();
    assert_eq!(rest, Pattern::glob("logs/*").unwrap());
    assert_eq!(pattern.strip_prefix(&Word::text("arn:x").unwrap()), None);
    assert!(!Pattern::glob("a*b*").unwrap().is_prefix());
    assert_eq!(
        Pattern::below(&Word::text("a").unwrap()),
        Pattern::glob("a*").unwrap()
    );
    assert!(Pattern::everything().is_prefix());
}
