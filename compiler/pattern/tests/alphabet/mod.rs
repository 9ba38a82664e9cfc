//! A small alphabet with naive definitions to hold the algebra to: globs by recursion, sets by listing words.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

pub mod contexts;
pub mod second_opinion;

use pattern::pattern::{Builder, Pattern};
use pattern::word::{Letter, Word};
use proptest::prelude::*;

/// One position of a glob as a test writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    Letter(Letter),
    Any,
    One,
}

pub const A: Letter = Letter::Scalar('a');
pub const B: Letter = Letter::Scalar('b');
/// No glob of the tests names it.
pub const FRESH: Letter = Letter::Scalar('c');
pub const SYMBOL: Letter = Letter::Symbol(70_000);
pub const FRESH_SYMBOL: Letter = Letter::Symbol(4_000_000_000);
pub const VARIABLE: Letter = Letter::Variable(70_000);

pub const NAMED: [Letter; 4] = [A, B, SYMBOL, VARIABLE];
pub const ALL: [Letter; 6] = [A, B, FRESH, SYMBOL, FRESH_SYMBOL, VARIABLE];

/// All words over some letters up to a length, the shortest first.
pub fn words(letters: &[Letter], length_max: usize) -> Vec<Vec<Letter>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..length_max {
        let to = all.len();
        for at in from..to {
            for letter in letters {
                let mut word = all[at].clone();
                word.push(*letter);
                all.push(word);
            }
        }
        from = to;
    }
    all
}

pub fn word(letters: &[Letter]) -> Word {
    Word::of(letters.iter().copied()).unwrap()
}

/// What a glob covers, by definition.
pub fn naive(glob: &[Piece], word: &[Letter]) -> bool {
    match (glob, word) {
        ([], []) => true,
        ([], _) => false,
        ([Piece::Any, rest @ ..], _) => (0..=word.len()).any(|run| naive(rest, &word[run..])),
        ([Piece::One, rest @ ..], [Letter::Scalar(_), after @ ..]) => naive(rest, after),
        ([Piece::Letter(a), rest @ ..], [b, after @ ..]) => a == b && naive(rest, after),
        ([Piece::One | Piece::Letter(_), ..], _) => false,
    }
}

pub fn build(glob: &[Piece]) -> Pattern {
    let mut builder = Builder::new();
    for piece in glob {
        match piece {
            Piece::Any => builder.any(),
            Piece::One => builder.one(),
            Piece::Letter(Letter::Scalar(c)) => builder.text(c.encode_utf8(&mut [0; 4])),
            Piece::Letter(Letter::Symbol(id)) => builder.symbol(*id),
            Piece::Letter(Letter::Variable(id)) => builder.variable(*id),
        };
    }
    builder.finish().unwrap()
}

pub fn letter() -> impl Strategy<Value = Letter> {
    prop::sample::select(NAMED.to_vec())
}

pub fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        4 => letter().prop_map(Piece::Letter),
        2 => Just(Piece::Any),
        1 => Just(Piece::One),
    ]
}

pub fn glob(length_max: usize) -> impl Strategy<Value = Vec<Piece>> {
    prop::collection::vec(piece(), 0..=length_max)
}

/// A literal, or a literal and a final `*`.
pub fn simple(length_max: usize) -> impl Strategy<Value = Vec<Piece>> {
    (prop::collection::vec(letter(), 0..=length_max), any::<bool>()).prop_map(|(letters, prefix)| {
        let mut pieces: Vec<Piece> = letters.into_iter().map(Piece::Letter).collect();
        if prefix {
            pieces.push(Piece::Any);
        }
        pieces
    })
}
