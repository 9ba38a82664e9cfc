//! Inclusion of unions of globs by the dense automata of `regex-automata`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::collections::{BTreeSet, VecDeque};

use pattern::word::Letter;
use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;

use crate::alphabet::{Piece, SYMBOL, VARIABLE};

/// The union of globs as a regular expression in which capital letters are the letters that `?` does not cover.
fn automaton(globs: &[Vec<Piece>]) -> dense::DFA<Vec<u32>> {
    let one = |piece: &Piece| match piece {
        Piece::Any => "(?s-u:[\\x00-\\x7F])*".to_owned(),
        Piece::One => "(?-u:[\\x00-\\x40\\x5B-\\x7F])".to_owned(),
        Piece::Letter(Letter::Scalar(c)) => c.to_string(),
        Piece::Letter(SYMBOL) => "S".to_owned(),
        Piece::Letter(VARIABLE) => "V".to_owned(),
        Piece::Letter(other) => panic!("{other:?} has no capital"),
    };
    let terms: Vec<String> = globs.iter().map(|glob| glob.iter().map(one).collect()).collect();
    // No glob at all is the empty union: a class without members.
    let expression = if terms.is_empty() {
        "[a&&b]".to_owned()
    } else {
        terms.join("|")
    };
    dense::Builder::new()
        .configure(dense::Config::new().start_kind(StartKind::Anchored))
        .build(&format!("^(?:{expression})$"))
        .unwrap()
}

/// Whether every word of `inner` is one of the union of `outer`.
pub fn includes(outer: &[Vec<Piece>], inner: &[Piece]) -> bool {
    let (inner, outer) = (automaton(&[inner.to_vec()]), automaton(outer));
    let config = start::Config::new().anchored(Anchored::Yes);
    let start = (
        inner.start_state(&config).unwrap(),
        outer.start_state(&config).unwrap(),
    );
    let mut seen = BTreeSet::from([start]);
    let mut queue = VecDeque::from([start]);
    let ends = |dfa: &dense::DFA<Vec<u32>>, state: StateID| dfa.is_match_state(dfa.next_eoi_state(state));
    while let Some((a, b)) = queue.pop_front() {
        if ends(&inner, a) && !ends(&outer, b) {
            return false;
        }
        for byte in 0..0x80 {
            let next = (inner.next_state(a, byte), outer.next_state(b, byte));
            if !inner.is_dead_state(next.0) && seen.insert(next) {
                queue.push_back(next);
            }
        }
    }
    true
}
