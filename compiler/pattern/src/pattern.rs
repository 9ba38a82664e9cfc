//! Globs over letters, with exact inclusion and intersection.

use std::fmt;
use std::sync::Arc;

use crate::matching::{Token, Tokens, glob_covers, shortest_common};
use crate::word::{self, Letter, Word};

/// A glob. Patterns that cover the same words are equal values.
///
/// `*` covers any run of letters. `?` covers one scalar value and never a symbol or variable.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(Arc<str>);

/// One part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text that stands for itself; a `*` or `?` in it is a character, and is a part of its own.
    Text(&'a str),
    /// A symbol.
    Symbol(u32),
    /// A variable.
    Variable(u32),
    /// `*`.
    Any,
    /// `?`.
    One,
}

impl Pattern {
    /// The pattern that covers exactly this text; `None` if it holds a code point of planes 15 or 16.
    pub fn literal(text: &str) -> Option<Pattern> {
        if word::is_packed(text) {
            return Some(Pattern(text.into()));
        }
        let mut builder = Builder::new();
        builder.text(text);
        builder.finish()
    }

    /// The pattern of a text in which `*` and `?` are wildcards; `None` if it holds a code point of planes 15 or 16.
    pub fn glob(text: &str) -> Option<Pattern> {
        if word::has_private(text) {
            return None;
        }
        if !text.contains("**") {
            return Some(Pattern(text.into()));
        }
        let mut packed = String::with_capacity(text.len());
        for c in text.chars() {
            if c != '*' || !packed.ends_with('*') {
                packed.push(c);
            }
        }
        Some(Pattern(packed.into()))
    }

    /// `*`: covers every word.
    pub fn everything() -> Pattern {
        Pattern("*".into())
    }

    /// Whether this is `*`.
    pub fn is_everything(&self) -> bool {
        &*self.0 == "*"
    }

    /// The pattern that covers exactly `word`.
    pub fn exactly(word: &Word) -> Pattern {
        Pattern(Arc::clone(word.packed()))
    }

    /// The pattern that covers every word that starts with `word`.
    pub fn below(word: &Word) -> Pattern {
        Pattern([word.packed(), "*"].concat().into())
    }

    pub(crate) fn packed(&self) -> &Arc<str> {
        &self.0
    }

    /// The parts in order. Adjacent characters form one `Text`.
    pub fn parts(&self) -> Parts<'_> {
        Parts { rest: &self.0 }
    }

    /// Whether there is no wildcard, so that exactly one word is covered.
    pub fn is_literal(&self) -> bool {
        !word::is_wild(&self.0)
    }

    /// Whether there is a `?`.
    pub fn has_one(&self) -> bool {
        self.0.contains('?')
    }

    /// Whether this is a literal followed by one final `*`.
    pub fn is_prefix(&self) -> bool {
        self.prefix().is_some()
    }

    /// The only word covered, if this is a literal.
    pub fn word(&self) -> Option<Word> {
        self.is_literal().then(|| Word::from_packed(Arc::clone(&self.0)))
    }

    /// The literal before the final `*`, if this is a prefix pattern.
    pub fn prefix(&self) -> Option<Word> {
        self.prefix_packed().map(Word::from_packed)
    }

    fn prefix_packed(&self) -> Option<&str> {
        self.0.strip_suffix('*').filter(|stem| !word::is_wild(stem))
    }

    /// The literal before the first wildcard, packed; the whole if there is none.
    pub(crate) fn stem(&self) -> &str {
        let end = word::first_wild(&self.0);
        end.and_then(|end| self.0.get(..end)).unwrap_or(&self.0)
    }

    /// The literal after the last wildcard, packed; the whole if there is none.
    fn tail(&self) -> &str {
        let start = memchr::memrchr2(b'*', b'?', self.0.as_bytes());
        start.and_then(|at| self.0.get(at + 1..)).unwrap_or(&self.0)
    }

    /// This pattern followed by another.
    pub fn concat(&self, other: &Pattern) -> Pattern {
        let mut builder = Builder::new();
        builder.pattern(self).pattern(other);
        Pattern(builder.packed.into())
    }

    /// Whether `word` is covered.
    pub fn matches(&self, word: &Word) -> bool {
        self.fits(word.packed())
    }

    /// Whether every word that `other` covers is covered. Exact.
    pub fn covers(&self, other: &Pattern) -> bool {
        // A `*` of `other` may stand for a fresh symbol, which only a `*` covers; a `*` that covers it covers every
        // run in its place. A `?` of `other` may stand for a fresh scalar, which only `?` and `*` cover. So inclusion
        // is a match of `other`, read as a word over an alphabet with these two further letters.
        self.fits(&other.0)
    }

    /// Whether a packed word, or a pattern read as one, is covered.
    fn fits(&self, other: &str) -> bool {
        let stem = self.stem();
        if stem.len() == self.0.len() {
            return other == stem;
        }
        // Most do not even start alike.
        other.starts_with(stem) && glob_covers(&self.0, other)
    }

    /// A shortest word that both cover, or `None` if they are disjoint. Exact.
    pub fn meets(&self, other: &Pattern) -> Option<Word> {
        if self.is_literal() {
            return other.covers(self).then(|| Word::from_packed(Arc::clone(&self.0)));
        }
        if other.is_literal() {
            return self
                .covers(other)
                .then(|| Word::from_packed(Arc::clone(&other.0)));
        }
        let (left, right) = (self.stem(), other.stem());
        if !left.starts_with(right) && !right.starts_with(left) {
            return None;
        }
        let (left, right) = (self.tail(), other.tail());
        if !left.ends_with(right) && !right.ends_with(left) {
            return None;
        }
        shortest_common(&self.tokens(), &other.tokens())
    }

    /// A word that is covered: `*` as the empty run, `?` as `x`.
    pub fn sample(&self) -> Word {
        if self.is_literal() {
            return Word::from_packed(Arc::clone(&self.0));
        }
        Word::from_packed(self.0.replace('*', "").replace('?', "x"))
    }

    /// A word that is covered: each `*` as this letter, or empty, and each `?` as this scalar.
    pub(crate) fn fill(&self, any: Option<Letter>, one: char) -> Word {
        let mut packed = String::with_capacity(self.0.len());
        for token in Tokens::of(&self.0) {
            match token {
                Token::Any => any.into_iter().for_each(|letter| word::pack(&mut packed, letter)),
                Token::One => word::pack(&mut packed, Letter::Scalar(one)),
                Token::Letter(letter) => word::pack(&mut packed, letter),
            }
        }
        Word::from_packed(packed)
    }

    /// Whether a letter occurs.
    pub(crate) fn names(&self, letter: Letter) -> bool {
        Tokens::of(&self.0).any(|token| token == Token::Letter(letter))
    }

    /// The pattern with each symbol and variable for which `map` gives a pattern replaced by it.
    pub fn map_letters(&self, map: &mut dyn FnMut(Letter) -> Option<Pattern>) -> Pattern {
        if !self.has_unknown() {
            return self.clone();
        }
        let mut builder = Builder::new();
        for token in Tokens::of(&self.0) {
            let replacement = match token {
                Token::Letter(letter @ (Letter::Symbol(_) | Letter::Variable(_))) => map(letter),
                Token::Letter(Letter::Scalar(_)) | Token::Any | Token::One => None,
            };
            match replacement {
                Some(pattern) => builder.pattern(&pattern),
                None => builder.token(token),
            };
        }
        Pattern(builder.packed.into())
    }

    /// What follows a literal at the start; `None` if the pattern does not start with these very letters.
    pub fn strip_prefix(&self, prefix: &Word) -> Option<Pattern> {
        self.0
            .strip_prefix(&**prefix.packed())
            .map(|rest| Pattern(rest.into()))
    }

    /// The number of characters, wildcards as one each, symbols and variables as `length` says.
    pub fn char_len(&self, length: &dyn Fn(Letter) -> usize) -> usize {
        if self.0.is_ascii() {
            return self.0.len();
        }
        Tokens::of(&self.0)
            .map(|token| match token {
                Token::Letter(letter @ (Letter::Symbol(_) | Letter::Variable(_))) => length(letter),
                Token::Letter(Letter::Scalar(_)) | Token::Any | Token::One => 1,
            })
            .sum()
    }

    /// Whether there is a symbol or a variable.
    pub fn has_unknown(&self) -> bool {
        word::has_unknown(&self.0)
    }

    /// The symbols and variables in order, each as often as it occurs.
    pub fn unknowns(&self) -> impl Iterator<Item = Letter> + '_ {
        Tokens::of(word::from_unknown(&self.0)).filter_map(|token| match token {
            Token::Letter(letter @ (Letter::Symbol(_) | Letter::Variable(_))) => Some(letter),
            Token::Letter(Letter::Scalar(_)) | Token::Any | Token::One => None,
        })
    }

    /// The pattern for people; a literal `*` or `?` as `${*}`, `${?}`, symbols and variables as `name` spells them.
    pub fn display(&self, name: &dyn Fn(Letter) -> String) -> String {
        if self.0.is_ascii() {
            return String::from(&*self.0);
        }
        let mut out = String::with_capacity(self.0.len());
        for token in Tokens::of(&self.0) {
            match token {
                Token::Any => out.push('*'),
                Token::One => out.push('?'),
                Token::Letter(Letter::Scalar('*')) => out.push_str("${*}"),
                Token::Letter(Letter::Scalar('?')) => out.push_str("${?}"),
                Token::Letter(Letter::Scalar(c)) => out.push(c),
                Token::Letter(letter @ (Letter::Symbol(_) | Letter::Variable(_))) => {
                    out.push_str(&name(letter))
                }
            }
        }
        out
    }

    pub(crate) fn tokens(&self) -> Vec<Token> {
        Tokens::of(&self.0).collect()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display(&word::spell))
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.display(&word::spell))
    }
}

impl From<&Word> for Pattern {
    fn from(word: &Word) -> Pattern {
        Pattern::exactly(word)
    }
}

/// Puts a pattern together. `**` becomes `*`; `*?` stays, since unlike `?*` it covers a symbol and then a scalar.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    packed: String,
    refused: bool,
}

impl Builder {
    /// A builder of the empty pattern.
    pub fn new() -> Builder {
        // Most patterns are names of resources.
        const USUAL_LEN: usize = 96;
        Builder {
            packed: String::with_capacity(USUAL_LEN),
            refused: false,
        }
    }

    /// Text that stands for itself, `*` and `?` included. `finish` refuses code points of planes 15 and 16.
    pub fn text(&mut self, text: &str) -> &mut Builder {
        self.refused |= !word::pack_text(&mut self.packed, text);
        self
    }

    /// A symbol.
    pub fn symbol(&mut self, id: u32) -> &mut Builder {
        word::pack(&mut self.packed, Letter::Symbol(id));
        self
    }

    /// A variable.
    pub fn variable(&mut self, id: u32) -> &mut Builder {
        word::pack(&mut self.packed, Letter::Variable(id));
        self
    }

    /// `*`.
    pub fn any(&mut self) -> &mut Builder {
        if !self.packed.ends_with('*') {
            self.packed.push('*');
        }
        self
    }

    /// `?`.
    pub fn one(&mut self) -> &mut Builder {
        self.packed.push('?');
        self
    }

    /// A whole pattern.
    pub fn pattern(&mut self, pattern: &Pattern) -> &mut Builder {
        let open = if self.packed.ends_with('*') { "*" } else { "" };
        self.packed
            .push_str(pattern.0.strip_prefix(open).unwrap_or(&pattern.0));
        self
    }

    fn token(&mut self, token: Token) -> &mut Builder {
        match token {
            Token::Any => self.any(),
            Token::One => self.one(),
            Token::Letter(letter) => {
                word::pack(&mut self.packed, letter);
                self
            }
        }
    }

    /// The pattern, leaving the builder empty; `None` if a text held a code point of planes 15 or 16.
    pub fn finish(&mut self) -> Option<Pattern> {
        let built = std::mem::take(self);
        (!built.refused).then(|| Pattern(built.packed.into()))
    }
}

/// The parts of a pattern in order.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let special = |c: char| matches!(c, '*' | '?' | word::STAR | word::QUESTION) || !word::is_scalar(c);
        let end = if self.rest.is_ascii() {
            word::first_wild(self.rest)
        } else {
            self.rest.find(special)
        };
        let end = end.unwrap_or(self.rest.len());
        if let Some((text, rest)) = self.rest.split_at_checked(end).filter(|_| end > 0) {
            self.rest = rest;
            return Some(Part::Text(text));
        }
        let mut tokens = Tokens::of(self.rest);
        let part = match tokens.next()? {
            Token::Any => Part::Any,
            Token::One => Part::One,
            Token::Letter(Letter::Symbol(id)) => Part::Symbol(id),
            Token::Letter(Letter::Variable(id)) => Part::Variable(id),
            Token::Letter(Letter::Scalar(c)) => Part::Text(if c == '*' { "*" } else { "?" }),
        };
        self.rest = tokens.rest();
        Some(part)
    }
}
