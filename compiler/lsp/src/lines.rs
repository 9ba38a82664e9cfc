//! Places of the protocol: lines, and columns in the units that the client asked for.

use gen_lsp_types::{Position, Range};
use source::Span;

/// In what a client counts columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what every client speaks.
    Utf16,
    /// Code points.
    Utf32,
}

/// A text and where its lines begin.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<u32>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    /// Looks for the lines of a text. A line ends with `\n`, `\r\n` or `\r`, as the protocol has it.
    #[must_use]
    pub fn of(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes
            .iter()
            .enumerate()
            .filter(|(at, byte)| **byte == b'\n' || (**byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')));
        let starts = std::iter::once(0)
            .chain(ends.map(|(at, _)| at as u32 + 1))
            .collect();
        Self {
            text,
            starts,
            encoding,
        }
    }

    /// The place of a byte; the end of the text for what lies behind it.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self
            .starts
            .partition_point(|start| *start as usize <= offset)
            .saturating_sub(1);
        let start = self.starts.get(line).map_or(0, |start| *start as usize);
        let before = self.text.get(start..offset).unwrap_or("");
        Position {
            line: line as u32,
            character: self.width(before),
        }
    }

    fn width(&self, text: &str) -> u32 {
        let width = match self.encoding {
            Encoding::Utf8 => text.len(),
            Encoding::Utf16 => text.encode_utf16().count(),
            Encoding::Utf32 => text.chars().count(),
        };
        width as u32
    }

    /// The byte of a place; one behind the end of its line is that end, one behind the last line the end of the text.
    #[must_use]
    pub fn offset(&self, position: Position) -> u32 {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).map(|start| *start as usize) else {
            return self.text.len() as u32;
        };
        let end = self
            .starts
            .get(line + 1)
            .map_or(self.text.len(), |next| *next as usize);
        let line = self.text.get(start..end).unwrap_or("");
        let line = line.trim_end_matches(['\n', '\r']);
        let mut left = position.character as usize;
        for (at, letter) in line.char_indices() {
            let width = match self.encoding {
                Encoding::Utf8 => letter.len_utf8(),
                Encoding::Utf16 => letter.len_utf16(),
                Encoding::Utf32 => 1,
            };
            // A place inside a letter is its beginning.
            if left < width {
                return (start + at) as u32;
            }
            left -= width;
        }
        (start + line.len()) as u32
    }

    /// The range of a span.
    #[must_use]
    pub fn range(&self, span: Span) -> Range {
        self.between(span.start, span.end)
    }

    /// The range between two bytes.
    #[must_use]
    pub fn between(&self, start: u32, end: u32) -> Range {
        Range {
            start: self.position(start),
            end: self.position(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_are_counted_as_the_client_counts() {
        let text = "aé\r\n𝄞b\rc\n";
        for (encoding, place) in [
            (Encoding::Utf8, at(1, 4)),
            (Encoding::Utf16, at(1, 2)),
            (Encoding::Utf32, at(1, 1)),
        ] {
            let lines = Lines::of(text, encoding);
            assert_eq!(lines.position(9), place, "{encoding:?}");
            assert_eq!(lines.offset(place), 9, "{encoding:?}");
            assert_eq!(lines.position(11), at(2, 0));
            assert_eq!(lines.position(99), at(3, 0));
        }
    }

    #[test]
    fn places_outside_the_text_are_clamped() {
        let lines = Lines::of("ab\r\n𝄞", Encoding::Utf16);
        assert_eq!(lines.offset(at(0, 99)), 2);
        assert_eq!(lines.offset(at(7, 0)), 8);
        // Between the two units of one letter.
        assert_eq!(lines.offset(at(1, 1)), 4);
    }

    #[test]
    fn every_byte_comes_back() {
        let text = "project p\n\n  ünï 𝄞 x\r\nlast";
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::of(text, encoding);
            for (at, letter) in text.char_indices().filter(|(_, letter)| !letter.is_control()) {
                assert_eq!(
                    lines.offset(lines.position(at as u32)),
                    at as u32,
                    "{letter} {encoding:?}"
                );
            }
        }
    }
}
