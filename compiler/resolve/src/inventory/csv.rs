//! Comma-separated rows, strictly: a quote stands around a whole cell, and is doubled within.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc4180>. Readers disagree about everything else, so everything else is an error.

use std::borrow::Cow;

/// Rows of a text, one after the other.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

/// Why a row cannot be read; reading stops there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) line: u32,
    pub(super) message: &'static str,
}

impl<'a> Rows<'a> {
    /// The rows of a text that begins on this line.
    pub(super) fn new(text: &'a str, line: u32) -> Self {
        Self { text, at: 0, line }
    }

    /// Reads the next row that is not blank into `cells`; its line, or `None` at the end.
    pub(super) fn next(&mut self, cells: &mut Vec<Cow<'a, str>>) -> Result<Option<u32>, Broken> {
        cells.clear();
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                None => return Ok(None),
                Some(b'\n') => {
                    self.at += 1;
                    self.line += 1;
                }
                Some(b'\r') if bytes.get(self.at + 1) == Some(&b'\n') => self.at += 1,
                Some(_) => break,
            }
        }
        let line = self.line;
        loop {
            let quoted = bytes.get(self.at) == Some(&b'"');
            let cell = if quoted { self.quoted()? } else { self.plain()? };
            cells.push(cell);
            match bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b'\r') if bytes.get(self.at + 1) == Some(&b'\n') => {
                    self.at += 2;
                    self.line += 1;
                    return Ok(Some(line));
                }
                Some(b'\n') => {
                    self.at += 1;
                    self.line += 1;
                    return Ok(Some(line));
                }
                None => return Ok(Some(line)),
                Some(_) => return Err(self.broken("something stands behind the closing quote of a cell")),
            }
        }
    }

    fn plain(&mut self) -> Result<Cow<'a, str>, Broken> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let mut length = rest.len();
        for (offset, byte) in rest.iter().enumerate() {
            match byte {
                b',' | b'\n' => {
                    length = offset;
                    break;
                }
                b'"' => return Err(self.broken("a quote stands in the middle of a cell")),
                _ => {}
            }
        }
        if rest.get(length) != Some(&b',') && length > 0 && rest.get(length - 1) == Some(&b'\r') {
            // At the end of a line, or of the file.
            length -= 1;
            if rest.get(length + 1).is_none() {
                return Err(self.broken("a carriage return stands alone"));
            }
        }
        self.at = start + length;
        Ok(Cow::Borrowed(self.text.get(start..self.at).unwrap_or_default()))
    }

    fn quoted(&mut self) -> Result<Cow<'a, str>, Broken> {
        let opened = self.line;
        self.at += 1;
        let mut decoded: Option<String> = None;
        let mut start = self.at;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| matches!(byte, b'"' | b'\n')) else {
                return Err(Broken {
                    line: opened,
                    message: "a quoted cell is not closed",
                });
            };
            let is_newline = rest.get(length) == Some(&b'\n');
            self.at += length + 1;
            if is_newline {
                self.line += 1;
                continue;
            }
            let piece = self.text.get(start..self.at - 1).unwrap_or_default();
            if rest.get(length + 1) == Some(&b'"') {
                let text = decoded.get_or_insert_default();
                text.push_str(piece);
                text.push('"');
                self.at += 1;
                start = self.at;
                continue;
            }
            return Ok(match decoded {
                None => Cow::Borrowed(piece),
                Some(mut text) => {
                    text.push_str(piece);
                    Cow::Owned(text)
                }
            });
        }
    }

    fn broken(&self, message: &'static str) -> Broken {
        Broken {
            line: self.line,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<(u32, Vec<String>)>, Broken> {
        let mut rows = Rows::new(text, 1);
        let mut cells = Vec::new();
        let mut found = Vec::new();
        while let Some(line) = rows.next(&mut cells)? {
            found.push((line, cells.iter().map(|cell| cell.to_string()).collect()));
        }
        Ok(found)
    }

    #[test]
    fn rows_and_quotes_are_read() {
        let text = "name,asset\r\na,\"stand 1, bearing \"\"A\"\"\"\n\nb,\"two\nlines\"\nc,";
        let rows = all(text).unwrap();
        let lines: Vec<u32> = rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 4, 6]);
        assert_eq!(rows[1].1, ["a", "stand 1, bearing \"A\""]);
        assert_eq!(rows[2].1, ["b", "two\nlines"]);
        assert_eq!(rows[3].1, ["c", ""]);
    }

    #[test]
    fn what_readers_disagree_about_is_an_error() {
        for text in ["a,b\"c", "a,\"b\"c", "a,\"b", "a\r"] {
            assert!(all(text).is_err(), "{text:?}");
        }
    }
}
