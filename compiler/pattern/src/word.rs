//! Letters and words, and how they are packed into a string.
//!
//! A code point is packed as itself. A symbol or variable takes three private-use code points (head, middle, low), a
//! literal `*` or `?` takes one, so that `*` and `?` are free to be wildcards in a packed pattern. The four ranges are
//! disjoint: a packed letter is found only where a letter starts, and plain string search is exact.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// One letter of the alphabet. A letter equals only itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Letter {
    /// A Unicode scalar value outside planes 15 and 16.
    Scalar(char),
    /// A value that the provider assigns at deploy time.
    Symbol(u32),
    /// The name or an attribute of the acting member of a fleet.
    Variable(u32),
}

const SYMBOL_HEAD: u32 = 0xF_0000;
const VARIABLE_HEAD: u32 = 0xF_0400;
const MIDDLE: u32 = 0xF_1000;
const LOW: u32 = 0xF_1800;
const TAIL_BITS: u32 = 11;
const TAIL_MASK: u32 = (1 << TAIL_BITS) - 1;
/// A `*` that stands for itself.
pub(crate) const STAR: char = '\u{F2000}';
/// A `?` that stands for itself.
pub(crate) const QUESTION: char = '\u{F2001}';
const PRIVATE_FIRST: char = '\u{F0000}';

/// Whether a packed code point stands for one scalar value, so that `?` covers it.
pub(crate) fn is_scalar(packed: char) -> bool {
    packed < PRIVATE_FIRST || packed == STAR || packed == QUESTION
}

/// Appends the packed form of user text; false, with nothing appended, if the text holds a code point of planes 15 or 16.
pub(crate) fn pack_text(into: &mut String, text: &str) -> bool {
    if has_private(text) {
        return false;
    }
    if is_wild(text) {
        into.extend(text.chars().map(pack_scalar));
    } else {
        into.push_str(text);
    }
    true
}

/// Where the first `*` or `?` is that is not packed.
pub(crate) fn first_wild(text: &str) -> Option<usize> {
    memchr::memchr2(b'*', b'?', text.as_bytes())
}

/// Whether there is a `*` or `?` that is not packed.
pub(crate) fn is_wild(text: &str) -> bool {
    first_wild(text).is_some()
}

/// Whether a text is its own packed form.
pub(crate) fn is_packed(text: &str) -> bool {
    !is_wild(text) && !has_private(text)
}

/// A packed text from where the first symbol or variable may be; empty if there is none. Most texts are ASCII.
pub(crate) fn from_unknown(packed: &str) -> &str {
    if packed.is_ascii() {
        return "";
    }
    let plain = packed.bytes().take_while(u8::is_ascii).count();
    packed.get(plain..).unwrap_or_default()
}

/// Whether a packed text holds a symbol or a variable.
pub(crate) fn has_unknown(packed: &str) -> bool {
    !from_unknown(packed).chars().all(is_scalar)
}

/// Whether a text has a code point of planes 15 or 16.
pub(crate) fn has_private(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(|c| c >= PRIVATE_FIRST)
}

fn pack_scalar(c: char) -> char {
    match c {
        '*' => STAR,
        '?' => QUESTION,
        other => other,
    }
}

fn unpack_scalar(c: char) -> char {
    match c {
        STAR => '*',
        QUESTION => '?',
        other => other,
    }
}

/// Appends the packed form of one letter. The caller vouches that a scalar is outside planes 15 and 16.
pub(crate) fn pack(into: &mut String, letter: Letter) {
    let (head, id) = match letter {
        Letter::Scalar(c) => {
            into.push(pack_scalar(c));
            return;
        }
        Letter::Symbol(id) => (SYMBOL_HEAD, id),
        Letter::Variable(id) => (VARIABLE_HEAD, id),
    };
    let parts = [
        head + (id >> (2 * TAIL_BITS)),
        MIDDLE + ((id >> TAIL_BITS) & TAIL_MASK),
        LOW + (id & TAIL_MASK),
    ];
    into.extend(parts.into_iter().filter_map(char::from_u32));
}

/// The letters of a packed word in order.
#[derive(Clone, Debug)]
pub struct Letters<'a> {
    rest: std::str::Chars<'a>,
}

impl<'a> Letters<'a> {
    pub(crate) fn of(packed: &'a str) -> Letters<'a> {
        Letters { rest: packed.chars() }
    }

    /// What has not been read yet, packed.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest.as_str()
    }
}

impl Iterator for Letters<'_> {
    type Item = Letter;

    fn next(&mut self) -> Option<Letter> {
        let first = self.rest.next()?;
        if is_scalar(first) {
            return Some(Letter::Scalar(unpack_scalar(first)));
        }
        let middle = self
            .rest
            .next()
            .map_or(0, |c| u32::from(c).wrapping_sub(MIDDLE) & TAIL_MASK);
        let low = self
            .rest
            .next()
            .map_or(0, |c| u32::from(c).wrapping_sub(LOW) & TAIL_MASK);
        let id = |head: u32| {
            (u32::from(first).wrapping_sub(head) << (2 * TAIL_BITS)) | (middle << TAIL_BITS) | low
        };
        if u32::from(first) < VARIABLE_HEAD {
            Some(Letter::Symbol(id(SYMBOL_HEAD)))
        } else {
            Some(Letter::Variable(id(VARIABLE_HEAD)))
        }
    }
}

/// A sequence of letters. Order is that of the packed form: any prefix of a word comes before it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(Arc<str>);

impl Word {
    /// The word of some text, each character standing for itself; `None` if it holds a code point of planes 15 or 16.
    pub fn text(text: &str) -> Option<Word> {
        if is_packed(text) {
            return Some(Word(text.into()));
        }
        let mut packed = String::with_capacity(text.len());
        pack_text(&mut packed, text).then(|| Word(packed.into()))
    }

    /// The word without letters.
    pub fn empty() -> Word {
        Word("".into())
    }

    /// The word of these letters; `None` if a scalar is of planes 15 or 16.
    pub fn of(letters: impl IntoIterator<Item = Letter>) -> Option<Word> {
        let mut packed = String::new();
        for letter in letters {
            if matches!(letter, Letter::Scalar(c) if c >= PRIVATE_FIRST) {
                return None;
            }
            pack(&mut packed, letter);
        }
        Some(Word(packed.into()))
    }

    pub(crate) fn from_packed(packed: impl Into<Arc<str>>) -> Word {
        Word(packed.into())
    }

    pub(crate) fn packed(&self) -> &Arc<str> {
        &self.0
    }

    /// The letters in order.
    pub fn letters(&self) -> Letters<'_> {
        Letters::of(&self.0)
    }

    /// Whether there is no letter.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `prefix` is a prefix of this word.
    pub fn starts_with(&self, prefix: &Word) -> bool {
        self.0.starts_with(&*prefix.0)
    }

    /// This word followed by another.
    pub fn concat(&self, other: &Word) -> Word {
        Word([&*self.0, &*other.0].concat().into())
    }

    /// The text, if there is neither symbol nor variable.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        if !has_private(&self.0) {
            return Some(Cow::Borrowed(&self.0));
        }
        self.0
            .chars()
            .map(|c| is_scalar(c).then(|| unpack_scalar(c)))
            .collect::<Option<String>>()
            .map(Cow::Owned)
    }

    /// The word for people; symbols and variables as `name` spells them.
    pub fn display(&self, name: &dyn Fn(Letter) -> String) -> String {
        if self.0.is_ascii() {
            return String::from(&*self.0);
        }
        let mut out = String::with_capacity(self.0.len());
        for letter in self.letters() {
            match letter {
                Letter::Scalar(c) => out.push(c),
                Letter::Symbol(_) | Letter::Variable(_) => out.push_str(&name(letter)),
            }
        }
        out
    }
}

/// The spelling of a symbol or variable when no names are at hand.
pub(crate) fn spell(letter: Letter) -> String {
    match letter {
        Letter::Scalar(c) => c.to_string(),
        Letter::Symbol(id) => format!("<symbol {id}>"),
        Letter::Variable(id) => format!("<variable {id}>"),
    }
}

/// A text in which symbols and variables were spelt without names, with the names that are known.
#[must_use]
pub fn named(text: &str, name: &dyn Fn(Letter) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let known = after.split_once('>').and_then(|(inside, behind)| {
            let (sort, id) = inside.split_once(' ')?;
            let id = id.parse().ok()?;
            let letter = match sort {
                "symbol" => Letter::Symbol(id),
                "variable" => Letter::Variable(id),
                _ => return None,
            };
            Some((name(letter)?, behind))
        });
        match known {
            Some((name, behind)) => {
                out.push_str(&name);
                rest = behind;
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display(&spell))
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.display(&spell))
    }
}
