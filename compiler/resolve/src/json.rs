//! The little JSON that inputs beside the spec are written in: objects of strings. Anything else is an error.
//!
//! Duplicate keys are left to the caller, who knows what they would mean.

use std::borrow::Cow;

/// A text that is being read, and how far.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The line of the place that was reached, from 1.
    pub(crate) fn line(&self) -> usize {
        let before = self.text.as_bytes().get(..self.at).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    fn peek(&mut self) -> Option<u8> {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.text.as_bytes().get(self.at) {
            debug_assert!(byte.is_ascii());
            self.at += 1;
        }
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Whether nothing but space is left.
    pub(crate) fn is_done(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Reads `{ "key": …, … }`; `member` reads what stands behind the colon.
    pub(crate) fn object(
        &mut self,
        mut member: impl FnMut(Cow<'a, str>, &mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        if !self.take(b'{') {
            return Err("an object `{ … }` is expected".into());
        }
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let key = self.string()?;
            if !self.take(b':') {
                return Err("a `:` is expected behind a key".into());
            }
            member(key, self)?;
            if self.take(b'}') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err("a `,` or a `}` is expected".into());
            }
        }
    }

    /// Reads a string.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, String> {
        if !self.take(b'"') {
            return Err(
                "a string in double quotes is expected; a number or a flag is written as a string, too"
                    .into(),
            );
        }
        let start = self.at;
        let mut decoded: Option<String> = None;
        let mut copied = start;
        loop {
            let Some(byte) = self.text.as_bytes().get(self.at).copied() else {
                return Err("a string is not closed".into());
            };
            match byte {
                b'"' => {
                    let tail = self.text.get(copied..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(match decoded {
                        None => Cow::Borrowed(tail),
                        Some(mut text) => {
                            text.push_str(tail);
                            Cow::Owned(text)
                        }
                    });
                }
                b'\\' => {
                    let head = self.text.get(copied..self.at).unwrap_or_default();
                    let letter = self.escape()?;
                    let text = decoded.get_or_insert_default();
                    text.push_str(head);
                    text.push(letter);
                    copied = self.at;
                }
                0..=0x1f => return Err("a control character stands in a string".into()),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let letter = self.text.as_bytes().get(self.at + 1).copied();
        self.at += 2;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.unit()?;
                let scalar = if (0xd800..0xdc00).contains(&high) {
                    let paired = self.text.get(self.at..self.at + 2) == Some("\\u");
                    self.at += 2;
                    let low = if paired { self.unit()? } else { 0 };
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err("half of a surrogate pair stands in a string".into());
                    }
                    0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                } else {
                    high
                };
                return char::from_u32(scalar)
                    .ok_or_else(|| "half of a surrogate pair stands in a string".into());
            }
            Some(_) | None => return Err("an unknown escape stands in a string".into()),
        })
    }

    fn unit(&mut self) -> Result<u32, String> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        self.at += 4;
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        unit.ok_or_else(|| "four hexadecimal digits are expected behind `\\u`".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
        let mut found = Vec::new();
        let mut cursor = Cursor::new(text);
        cursor.object(|key, cursor| {
            found.push((key.into_owned(), cursor.string()?.into_owned()));
            Ok(())
        })?;
        if cursor.is_done() {
            Ok(found)
        } else {
            Err("more".into())
        }
    }

    #[test]
    fn objects_of_strings_are_read() {
        assert_eq!(pairs("{}"), Ok(vec![]));
        let read = pairs(r#" { "a" : "x\n\u00e9\ud83d\ude00" , "b":"" } "#).unwrap();
        assert_eq!(read, [("a".into(), "x\né😀".into()), ("b".into(), String::new())]);
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in [
            "",
            "[]",
            "{",
            "{\"a\"}",
            "{\"a\":1}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"b\",}",
            "{}{}",
            "{\"a\":\"\\u12é\"}",
        ] {
            assert!(pairs(text).is_err(), "{text}");
        }
    }
}
