//! What lies between two tokens, piece by piece.

use crate::character::{byte, line_end, newline};

/// A piece of trivia that a formatter keeps. White space is what is between the pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// A comment up to the end of its line.
    Line(&'t str),
    /// A comment between `/*` and `*/`.
    Block(&'t str),
    /// A newline.
    Newline,
    /// A `\` at the end of a line.
    Continuation,
}

/// The pieces of a text that holds no token.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = newline(bytes, at);
        if length > 0 {
            pieces.push(Piece::Newline);
            at += length;
            continue;
        }
        let end = match (byte(bytes, at), byte(bytes, at + 1)) {
            (b'/', b'/') => line_end(bytes, at),
            (b'/', b'*') => block_end(bytes, at),
            (b'\\', _) => {
                pieces.push(Piece::Continuation);
                at + 1
            }
            _ => {
                at += 1;
                continue;
            }
        };
        let comment = text.get(at..end).unwrap_or("");
        if comment.starts_with("//") {
            pieces.push(Piece::Line(comment.trim_end()));
        } else if comment.starts_with("/*") {
            pieces.push(Piece::Block(comment));
        }
        at = end;
    }
    pieces
}

fn block_end(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while at < bytes.len() {
        match (byte(bytes, at), byte(bytes, at + 1)) {
            (b'/', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b'/') => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trivia_falls_into_its_pieces() {
        assert_eq!(
            pieces(" /* a /* b */ */ \\ // c \n\r\n// d"),
            [
                Piece::Block("/* a /* b */ */"),
                Piece::Continuation,
                Piece::Line("// c"),
                Piece::Newline,
                Piece::Newline,
                Piece::Line("// d"),
            ]
        );
    }
}
