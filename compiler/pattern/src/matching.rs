//! Matching packed globs: against a word, and against each other.

use std::collections::VecDeque;

use crate::word::{self, Letter, Letters, Word};

/// One position of a glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    Letter(Letter),
    Any,
    One,
}

/// The positions of a packed pattern.
#[derive(Clone)]
pub(crate) struct Tokens<'a> {
    letters: Letters<'a>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn of(packed: &'a str) -> Tokens<'a> {
        Tokens {
            letters: Letters::of(packed),
        }
    }

    /// What has not been read yet, packed.
    pub(crate) fn rest(&self) -> &'a str {
        self.letters.rest()
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let wild = self.letters.rest().starts_with(['*', '?']);
        Some(match self.letters.next()? {
            Letter::Scalar('*') if wild => Token::Any,
            Letter::Scalar('?') if wild => Token::One,
            letter @ (Letter::Scalar(_) | Letter::Symbol(_) | Letter::Variable(_)) => Token::Letter(letter),
        })
    }
}

/// Whether packed `glob` covers packed `word`, in which `*` and `?` may stand as letters of their own (see `covers`).
///
/// Leftmost matches of the pieces between stars are enough. A piece is found at letter boundaries only, because both
/// `?` and the first code point of a packed letter fit nothing inside a packed letter.
pub(crate) fn glob_covers(glob: &str, word: &str) -> bool {
    let Some((first, rest)) = glob.split_once('*') else {
        return strip_piece(glob, word) == Some("");
    };
    let Some(mut word) = strip_piece(first, word) else {
        return false;
    };
    let mut pieces = rest.split('*');
    let Some(last) = pieces.next_back() else {
        return true;
    };
    for piece in pieces {
        let Some(after) = find_piece(piece, word) else {
            return false;
        };
        word = after;
    }
    ends_with_piece(last, word)
}

fn letter_fits(piece: char, word: char) -> bool {
    piece == word || (piece == '?' && word != '*' && word::is_scalar(word))
}

/// What follows a piece without stars at the start of `word`.
fn strip_piece<'a>(piece: &str, word: &'a str) -> Option<&'a str> {
    if !piece.contains('?') {
        return word.strip_prefix(piece);
    }
    let mut rest = word.chars();
    for p in piece.chars() {
        if !letter_fits(p, rest.next()?) {
            return None;
        }
    }
    Some(rest.as_str())
}

fn find_piece<'a>(piece: &str, word: &'a str) -> Option<&'a str> {
    if !piece.contains('?') {
        return word.split_once(piece).map(|(_, after)| after);
    }
    let mut rest = word;
    loop {
        if let Some(after) = strip_piece(piece, rest) {
            return Some(after);
        }
        let mut chars = rest.chars();
        chars.next()?;
        rest = chars.as_str();
    }
}

fn ends_with_piece(piece: &str, word: &str) -> bool {
    if !piece.contains('?') {
        return word.ends_with(piece);
    }
    let mut rest = word.chars().rev();
    piece
        .chars()
        .rev()
        .all(|p| rest.next().is_some_and(|w| letter_fits(p, w)))
}

/// A shortest word that both token sequences cover: breadth first over pairs of positions, skipping a star being free.
pub(crate) fn shortest_common(left: &[Token], right: &[Token]) -> Option<Word> {
    #[derive(Clone, Copy)]
    struct Visit {
        from: usize,
        letter: Option<Letter>,
    }
    let width = right.len() + 1;
    let mut visits: Vec<Option<Visit>> = vec![None; (left.len() + 1) * width];
    let mut settled = vec![false; visits.len()];
    let mut queue = VecDeque::from([(
        0,
        Visit {
            from: 0,
            letter: None,
        },
    )]);
    while let Some((at, visit)) = queue.pop_front() {
        if settled.get(at).copied().unwrap_or(true) {
            continue;
        }
        if let (Some(seen), Some(slot)) = (settled.get_mut(at), visits.get_mut(at)) {
            *seen = true;
            *slot = Some(visit);
        }
        let (i, j) = (at / width, at % width);
        if i == left.len() && j == right.len() {
            let mut letters = Vec::new();
            let mut here = at;
            while here != 0 {
                let Some(Some(visit)) = visits.get(here) else {
                    break;
                };
                letters.extend(visit.letter);
                here = visit.from;
            }
            letters.reverse();
            return Word::of(letters);
        }
        let (l, r) = (left.get(i).copied(), right.get(j).copied());
        if l == Some(Token::Any) {
            queue.push_front((
                at + width,
                Visit {
                    from: at,
                    letter: None,
                },
            ));
        }
        if r == Some(Token::Any) {
            queue.push_front((
                at + 1,
                Visit {
                    from: at,
                    letter: None,
                },
            ));
        }
        let (Some(l), Some(r)) = (l, r) else { continue };
        let step = |token: Token, size: usize| if token == Token::Any { 0 } else { size };
        if let Some(letter) = common_letter(l, r) {
            let to = at + step(l, width) + step(r, 1);
            if to != at {
                queue.push_back((
                    to,
                    Visit {
                        from: at,
                        letter: Some(letter),
                    },
                ));
            }
        }
    }
    None
}

/// A letter that both tokens cover.
fn common_letter(left: Token, right: Token) -> Option<Letter> {
    match (left, right) {
        (Token::Letter(l), Token::Letter(r)) => (l == r).then_some(l),
        (Token::Letter(l), Token::Any) | (Token::Any, Token::Letter(l)) => Some(l),
        (Token::Letter(l), Token::One) | (Token::One, Token::Letter(l)) => {
            matches!(l, Letter::Scalar(_)).then_some(l)
        }
        (Token::Any | Token::One, Token::Any | Token::One) => Some(Letter::Scalar('x')),
    }
}
