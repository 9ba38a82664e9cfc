//! Text to tokens, one at a time, with what lies before each.

use diagnostics::{Code, Diagnostic, Severity};

use crate::character::{byte, class, line_end, newline, space};
use crate::fault::Faults;
use crate::token::TokenKind;
use crate::{string, word};

pub(crate) static UNCLOSED_COMMENT: Code = Code {
    name: "unclosed-comment",
    severity: Severity::Error,
    summary: "a comment is not closed",
    docs: include_str!("pages/unclosed_comment.md"),
};

/// A token and the trivia before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lexed {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// White space, a comment or a line continuation stands before it.
    pub(crate) spaced: bool,
    /// A newline that ends a node stands before it.
    pub(crate) on_new_line: bool,
}

/// A reading position. It only moves forward.
pub(crate) struct Lexer<'a> {
    pub(crate) text: &'a str,
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
    /// Something was not closed, and took the rest of the text.
    pub(crate) is_swallowed: bool,
    /// Where strings begin that are not closed on their line.
    pub(crate) unclosed: Vec<usize>,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        Self {
            text,
            bytes: text.as_bytes(),
            at,
            is_swallowed: false,
            unclosed: Vec::new(),
        }
    }

    pub(crate) fn peek(&self, ahead: usize) -> u8 {
        byte(self.bytes, self.at + ahead)
    }

    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end.min(self.text.len())).unwrap_or("")
    }

    /// The next token.
    pub(crate) fn next(&mut self, faults: &mut Faults<'_>) -> Lexed {
        let (spaced, on_new_line) = self.trivia(faults);
        let start = self.at;
        let kind = self.token(faults);
        Lexed {
            kind,
            start,
            end: self.at,
            spaced,
            on_new_line,
        }
    }

    fn token(&mut self, faults: &mut Faults<'_>) -> TokenKind {
        if self.at >= self.bytes.len() {
            return TokenKind::End;
        }
        let single = match self.peek(0) {
            b'{' if word::begins_with_placeholder(self) => {
                return word::with_placeholder(self, self.at, faults);
            }
            b'{' => TokenKind::OpenBlock,
            b'}' => TokenKind::CloseBlock,
            b'(' => TokenKind::OpenAnnotation,
            b')' => TokenKind::CloseAnnotation,
            b'=' => TokenKind::Equals,
            b';' => TokenKind::Semicolon,
            // A line continuation would have been trivia.
            b'\\' => TokenKind::Junk,
            b'"' => return string::quoted(self, faults),
            b'#' => return word::hash(self, faults),
            b'/' if self.peek(1) == b'-' => {
                self.at += 2;
                return TokenKind::Slashdash;
            }
            _ => return word::word(self, faults),
        };
        self.at += 1;
        single
    }

    /// Passes white space, comments, newlines and line continuations; says which there were.
    fn trivia(&mut self, faults: &mut Faults<'_>) -> (bool, bool) {
        let (mut spaced, mut on_new_line) = (false, false);
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b' ' | b'\t' => {
                    self.at += 1;
                    spaced = true;
                }
                b'\n' => {
                    self.at += 1;
                    on_new_line = true;
                }
                b'/' if self.peek(1) == b'/' => {
                    // A comment ends the node even where the text ends with it.
                    self.at = line_end(self.bytes, self.at);
                    on_new_line = true;
                }
                b'/' if self.peek(1) == b'*' => {
                    self.block_comment(faults);
                    spaced = true;
                }
                b'\\' => {
                    if !self.continuation(faults) {
                        break;
                    }
                    spaced = true;
                }
                first
                    if class(first) & (crate::character::WORD | crate::character::LEAD)
                        == crate::character::WORD =>
                {
                    break;
                }
                _ => {
                    let length = newline(self.bytes, self.at);
                    let blank = space(self.bytes, self.at);
                    if length + blank == 0 {
                        break;
                    }
                    self.at += length + blank;
                    on_new_line |= length > 0;
                    spaced |= blank > 0;
                }
            }
        }
        (spaced, on_new_line)
    }

    /// Passes a comment between `/*` and `*/`; comments nest.
    fn block_comment(&mut self, faults: &mut Faults<'_>) {
        let start = self.at;
        let mut depth = 1_usize;
        self.at += 2;
        while depth > 0 {
            let rest = self.bytes.get(self.at..).unwrap_or(&[]);
            let Some(found) = memchr::memchr2(b'*', b'/', rest) else {
                self.at = self.bytes.len();
                self.is_swallowed = true;
                let span = faults.span(start, start + 2);
                faults.error(span, |span| {
                    Diagnostic::new(
                        &UNCLOSED_COMMENT,
                        span,
                        "the comment that opens here is not closed",
                    )
                    .note("everything after it is taken for comment")
                    .help("close it with `*/`; a path such as `raw/*` is written in quotes")
                });
                return;
            };
            self.at += found;
            match (self.peek(0), self.peek(1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                }
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
    }

    /// Passes a `\` and the newline that it takes away; stays put if none follows.
    fn continuation(&mut self, faults: &mut Faults<'_>) -> bool {
        let start = self.at;
        self.at += 1;
        loop {
            if self.at >= self.bytes.len() {
                return true;
            }
            let length = newline(self.bytes, self.at);
            if length > 0 {
                self.at += length;
                return true;
            }
            let blank = space(self.bytes, self.at);
            if blank > 0 {
                self.at += blank;
                continue;
            }
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => self.block_comment(faults),
                (b'/', b'/') => self.at = line_end(self.bytes, self.at),
                _ => {
                    self.at = start;
                    return false;
                }
            }
        }
    }
}
