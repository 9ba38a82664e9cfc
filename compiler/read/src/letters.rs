//! Symbols and variables: the letters of words that are no characters.
//!
//! Letters are numbered before documents are read, in order of their keys, so that the numbers depend neither on the order of
//! files nor on how many threads read them. Inside texts a symbol stands as two code points of plane 16, which no text that we read may hold.

use std::collections::BTreeSet;

use arena::Names;

use crate::documents::variables;
use crate::facts::{OfSymbols, OfVariables};
use crate::json::{self, Fold};

/// Plane 16, whose code points stand for halves of a symbol's number.
const PLANE: u32 = 0x10_0000;
const HALF_BITS: u32 = 16;
const HALF_MASK: u32 = (1 << HALF_BITS) - 1;
/// Planes 15 and 16: ours, and those of the algebra below.
const RESERVED_FIRST: char = '\u{F0000}';

/// The keys of symbols and variables, numbered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Letters {
    pub(crate) symbols: Names<OfSymbols>,
    pub(crate) variables: Names<OfVariables>,
}

/// Keys found so far.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) symbols: BTreeSet<String>,
    pub(crate) variables: BTreeSet<String>,
}

impl Found {
    /// Adds the keys of the variables in a text.
    pub(crate) fn scan(&mut self, text: &str) {
        let mut rest = text;
        // Most texts have no `$`, which is found sooner than two characters are.
        while rest.contains('$')
            && let Some((_, after)) = rest.split_once("${")
        {
            if let Some((name, _)) = after.split_once('}')
                && let Some(variable) = variables::known(name)
            {
                self.variables.insert(variable.key);
            }
            rest = after;
        }
    }

    /// Adds the keys of the variables in a JSON document: of one with escapes, in its texts as they are meant.
    pub(crate) fn scan_document(&mut self, text: &str) {
        if !text.contains('\\') {
            self.scan(text);
            return;
        }
        // What is no JSON is not read, and its variables need no number.
        if let Ok(document) = json::parse(text.as_bytes(), Fold::Exact) {
            document.each_text(&mut |text| self.scan(text));
        }
    }

    /// Adds what another one found.
    pub(crate) fn absorb(&mut self, other: Found) {
        self.symbols.extend(other.symbols);
        self.variables.extend(other.variables);
    }

    /// Numbers the keys.
    pub(crate) fn number(&self) -> Letters {
        let mut letters = Letters::default();
        for key in &self.symbols {
            letters.symbols.intern(key);
        }
        for key in &self.variables {
            letters.variables.intern(key);
        }
        letters
    }
}

impl Letters {
    pub(crate) fn symbol(&self, key: &str) -> Option<u32> {
        self.symbols
            .find(key)
            .and_then(|name| u32::try_from(name.index()).ok())
    }

    pub(crate) fn variable(&self, key: &str) -> Option<u32> {
        self.variables
            .find(key)
            .and_then(|name| u32::try_from(name.index()).ok())
    }

    /// The key of a symbol.
    pub(crate) fn symbol_key(&self, id: u32) -> &str {
        self.symbols.text(arena::Name::new(id))
    }
}

/// Whether a text holds a code point that stands for something else here.
pub(crate) fn holds_reserved(text: &str) -> bool {
    // Planes 15 and 16 start with the byte F3 (with B0 or above behind it) or F4.
    !text.is_ascii() && text.bytes().any(|byte| byte >= 0xF3) && text.chars().any(|c| c >= RESERVED_FIRST)
}

/// Whether a character is half of a symbol.
pub(crate) fn is_half(c: char) -> bool {
    u32::from(c) >= PLANE
}

/// Appends a symbol to a text.
pub(crate) fn push_symbol(into: &mut String, id: u32) {
    let halves = [PLANE + (id >> HALF_BITS), PLANE + (id & HALF_MASK)];
    into.extend(halves.into_iter().filter_map(char::from_u32));
}

/// The symbol whose halves these are.
pub(crate) fn symbol_of(first: char, second: char) -> u32 {
    let half = |c: char| u32::from(c).wrapping_sub(PLANE) & HALF_MASK;
    (half(first) << HALF_BITS) | half(second)
}

/// The first symbol of a text, and what follows it, if the text starts with one.
pub(crate) fn leading_symbol(text: &str) -> Option<(u32, &str)> {
    let mut chars = text.chars();
    let first = chars.next().filter(|c| is_half(*c))?;
    let second = chars.next()?;
    Some((symbol_of(first, second), chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_behind_an_escape_is_found() {
        let keys = |text: &str| {
            let mut found = Found::default();
            found.scan_document(text);
            found.variables
        };
        let plain = keys(r#"{"Resource":"a/${aws:PrincipalTag/line}"}"#);
        assert_eq!(plain.len(), 1);
        for escaped in [
            r#"{"Resource":"a/\u0024{aws:PrincipalTag/line}"}"#,
            r#"["a/$\u007baws:Princip\u0061lTag/line}","\n"]"#,
        ] {
            assert_eq!(keys(escaped), plain, "{escaped}");
        }
        assert!(keys(r#"{"Resource":"\u0024{"#).is_empty());
    }

    #[test]
    fn a_symbol_survives_its_text() {
        for id in [0, 1, 65_535, 65_536, u32::MAX >> 4] {
            let mut text = String::new();
            push_symbol(&mut text, id);
            text.push('x');
            assert_eq!(leading_symbol(&text), Some((id, "x")));
            assert!(holds_reserved(&text));
        }
        assert!(!holds_reserved("plain ü 😀"));
        assert!(holds_reserved("\u{F0000}"));
    }
}
