//! Inclusion of one glob in a union of globs, weighed: breadth first over sets of positions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::matching::Token;
use crate::pattern::Pattern;
use crate::word::{Letter, Word};

/// Positions of all patterns in one row of bits, the searched one first.
type Positions = Box<[u64]>;

/// All patterns end to end; each has a bit per token and one for its end.
struct Machine {
    tokens: Vec<Option<Token>>,
    ends: Vec<usize>,
    /// A scalar and a symbol that no pattern names: they stand for all the others.
    fresh: [Letter; 2],
}

impl Machine {
    fn new(patterns: &[&Pattern]) -> Machine {
        let (mut tokens, mut ends, mut known) = (Vec::new(), Vec::new(), BTreeSet::new());
        for pattern in patterns {
            for token in pattern.tokens() {
                if let Token::Letter(letter) = token {
                    known.insert(letter);
                }
                tokens.push(Some(token));
            }
            ends.push(tokens.len());
            tokens.push(None);
        }
        let readable = "xyzabcdefghijklmnopqrstuvw0123456789".chars();
        let mut scalars = readable.chain('\u{A1}'..'\u{F0000}').map(Letter::Scalar);
        let mut symbols = (0..=u32::MAX).rev().map(Letter::Symbol);
        // Patterns that name every letter there is do not fit into memory.
        let scalar = scalars
            .find(|letter| !known.contains(letter))
            .unwrap_or(Letter::Scalar('\0'));
        let symbol = symbols
            .find(|letter| !known.contains(letter))
            .unwrap_or(Letter::Symbol(0));
        Machine {
            tokens,
            ends,
            fresh: [scalar, symbol],
        }
    }

    /// The letters that lead to different places: those that a position asks for, and one of each sort for all others.
    fn letters(&self, here: &Positions) -> Vec<Letter> {
        let mut asked = BTreeSet::new();
        each(here, |at| {
            if let Some(Some(Token::Letter(letter))) = self.tokens.get(at) {
                asked.insert(*letter);
            }
        });
        let [scalar, symbol] = self.fresh;
        std::iter::once(scalar)
            .chain(asked)
            .chain(std::iter::once(symbol))
            .collect()
    }

    fn add(&self, positions: &mut Positions, at: usize) {
        set(positions, at);
        // No star follows a star in a pattern.
        if self.tokens.get(at) == Some(&Some(Token::Any)) {
            set(positions, at + 1);
        }
    }

    fn step(&self, from: &Positions, letter: Letter) -> Positions {
        let mut to = vec![0; from.len()].into_boxed_slice();
        each(from, |at| match self.tokens.get(at).copied().flatten() {
            Some(Token::Any) => self.add(&mut to, at),
            Some(Token::One) if matches!(letter, Letter::Scalar(_)) => self.add(&mut to, at + 1),
            Some(Token::Letter(wanted)) if wanted == letter => self.add(&mut to, at + 1),
            Some(Token::One | Token::Letter(_)) | None => {}
        });
        to
    }
}

fn each(positions: &Positions, mut visit: impl FnMut(usize)) {
    for (block, bits) in positions.iter().enumerate() {
        let mut bits = *bits;
        while bits != 0 {
            visit(block * 64 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

fn set(positions: &mut Positions, at: usize) {
    if let Some(block) = positions.get_mut(at / 64) {
        *block |= 1 << (at % 64);
    }
}

fn has(positions: &Positions, at: usize) -> bool {
    positions
        .get(at / 64)
        .is_some_and(|block| block >> (at % 64) & 1 == 1)
}

/// The states searched before giving up, if the patterns are short.
const STATES_MAX: usize = 20_000;
/// The blocks of 64 positions that all states may take.
const BLOCKS_MAX: usize = 1 << 22;

/// A shortest word of `inner` for which `enough`, told which of `outer` cover it, says no. The number of states past which it gives up, as `Err`.
pub(crate) fn lacking(
    inner: &Pattern,
    outer: &[&Pattern],
    mut enough: impl FnMut(&[usize]) -> bool,
) -> Result<Option<Word>, usize> {
    let patterns: Vec<&Pattern> = std::iter::once(inner).chain(outer.iter().copied()).collect();
    let machine = Machine::new(&patterns);
    let inner_end = machine.ends.first().copied().unwrap_or_default();
    let blocks = machine.tokens.len().div_ceil(64);
    let states_max = STATES_MAX.min(BLOCKS_MAX / blocks.max(1));
    let mut start: Positions = vec![0; blocks].into();
    machine.add(&mut start, 0);
    for end in machine.ends.iter().take(outer.len()) {
        machine.add(&mut start, end + 1);
    }
    let mut verdicts: BTreeMap<Vec<usize>, bool> = BTreeMap::new();
    let mut states: Vec<(Positions, usize, Option<Letter>)> = vec![(start.clone(), 0, None)];
    let mut known = BTreeSet::from([start]);
    let mut queue = VecDeque::from([0]);
    while let Some(at) = queue.pop_front() {
        let Some((here, _, _)) = states.get(at) else { break };
        let here = here.clone();
        if has(&here, inner_end) {
            let covering: Vec<usize> = machine
                .ends
                .iter()
                .skip(1)
                .enumerate()
                .filter_map(|(index, end)| has(&here, *end).then_some(index))
                .collect();
            let fine = match verdicts.get(&covering) {
                Some(known) => *known,
                None => {
                    let verdict = enough(&covering);
                    verdicts.insert(covering, verdict);
                    verdict
                }
            };
            if !fine {
                return Ok(Word::of(spell(&states, at)));
            }
        }
        for letter in machine.letters(&here) {
            let next = machine.step(&here, letter);
            // Without a position of `inner` nothing is left to cover.
            if !(0..=inner_end).any(|position| has(&next, position)) || known.contains(&next) {
                continue;
            }
            if states.len() >= states_max {
                return Err(states_max);
            }
            known.insert(next.clone());
            queue.push_back(states.len());
            states.push((next, at, Some(letter)));
        }
    }
    Ok(None)
}

fn spell(states: &[(Positions, usize, Option<Letter>)], mut at: usize) -> Vec<Letter> {
    let mut letters = Vec::new();
    while let Some((_, from, Some(letter))) = states.get(at) {
        letters.push(*letter);
        at = *from;
    }
    letters.reverse();
    letters
}
