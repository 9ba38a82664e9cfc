//! Quoted, raw and multi-line strings: where they end, and what they say.

use std::borrow::Cow;

use diagnostics::{Code, Diagnostic, Safety, Severity};

use crate::character::{byte, is_blank, line_end, newline, space};
use crate::fault::{Faults, clip, instead};
use crate::lexer::Lexer;
use crate::token::TokenKind;

pub(crate) static UNCLOSED_STRING: Code = Code {
    name: "unclosed-string",
    severity: Severity::Error,
    summary: "a string is not closed",
    docs: include_str!("pages/unclosed_string.md"),
};

pub(crate) static INVALID_ESCAPE: Code = Code {
    name: "invalid-escape",
    severity: Severity::Error,
    summary: "an escape that KDL does not have",
    docs: include_str!("pages/invalid_escape.md"),
};

pub(crate) static MALFORMED_STRING: Code = Code {
    name: "malformed-string",
    severity: Severity::Error,
    summary: "a multi-line string that is not laid out as one",
    docs: include_str!("pages/malformed_string.md"),
};

/// The longest `\u{…}`: six digits.
const UNICODE_DIGITS_MAX: usize = 6;

/// Reads a string from its first quote on.
pub(crate) fn quoted(lexer: &mut Lexer<'_>, faults: &mut Faults<'_>) -> TokenKind {
    if lexer.peek(1) == b'"' && lexer.peek(2) == b'"' {
        return multi_line(lexer, None, faults);
    }
    let start = lexer.at;
    let mut kind = TokenKind::Quoted;
    lexer.at += 1;
    while lexer.at < lexer.bytes.len() {
        match lexer.peek(0) {
            b'"' => {
                lexer.at += 1;
                return kind;
            }
            b'\\' => {
                kind = TokenKind::Escaped;
                pass_escape(lexer, faults);
            }
            b'\n' | b'\r' | 0x0b | 0x0c => break,
            0xc2 | 0xe2 if newline(lexer.bytes, lexer.at) > 0 => break,
            _ => lexer.at += 1,
        }
    }
    unclosed(lexer, start, faults);
    TokenKind::Malformed
}

/// Reads a raw string from its first quote on; `hashes` stand before it.
pub(crate) fn raw(lexer: &mut Lexer<'_>, hashes: usize, faults: &mut Faults<'_>) -> TokenKind {
    if lexer.peek(1) == b'"' && lexer.peek(2) == b'"' {
        return multi_line(lexer, Some(hashes), faults);
    }
    let start = lexer.at;
    lexer.at += 1;
    while lexer.at < lexer.bytes.len() {
        match lexer.peek(0) {
            b'"' => {
                let found = count_hashes(lexer, lexer.at + 1, hashes);
                lexer.at += 1 + found;
                if found == hashes {
                    return TokenKind::Raw;
                }
            }
            b'\n' | b'\r' | 0x0b | 0x0c => break,
            0xc2 | 0xe2 if newline(lexer.bytes, lexer.at) > 0 => break,
            _ => lexer.at += 1,
        }
    }
    unclosed(lexer, start - hashes, faults);
    TokenKind::Malformed
}

fn unclosed(lexer: &mut Lexer<'_>, start: usize, faults: &mut Faults<'_>) {
    lexer.unclosed.push(start);
    let at_end = lexer.at >= lexer.bytes.len();
    faults.error(faults.span(start, lexer.at), |span| {
        let diagnostic = Diagnostic::new(&UNCLOSED_STRING, span, "the string is not closed on its line");
        if at_end {
            return diagnostic.help("close it with the quote, and as many `#`, that it was opened with");
        }
        diagnostic.help(
            "close it, or open and close it with `\"\"\"` on lines of their own to let it have several lines",
        )
    });
}

/// How many `#` stand at a place, up to a number.
fn count_hashes(lexer: &Lexer<'_>, at: usize, max: usize) -> usize {
    (0..max)
        .take_while(|offset| byte(lexer.bytes, at + offset) == b'#')
        .count()
}

/// Passes an escape in a quoted string, and reports one that KDL does not have.
fn pass_escape(lexer: &mut Lexer<'_>, faults: &mut Faults<'_>) {
    let start = lexer.at;
    match escape(lexer.text, start) {
        Escape::Character(_, length) | Escape::Nothing(length) => lexer.at += length,
        Escape::Invalid(length) => {
            lexer.at += length;
            let text = clip(lexer.slice(start, lexer.at));
            let help = match lexer.slice(start, lexer.at) {
                "\\/" => "write `/`".to_owned(),
                "\\'" => "write `'`".to_owned(),
                escape if escape.starts_with("\\u") => {
                    "write `\\u{…}` with one to six hexadecimal digits of a Unicode scalar value".to_owned()
                }
                _ => format!("write `\\{text}` for a backslash, or a raw string, `#\"…\"#`"),
            };
            let plain = match lexer.slice(start, lexer.at) {
                "\\/" => Some("/"),
                "\\'" => Some("'"),
                _ => None,
            };
            faults.error(faults.span(start, lexer.at), |span| {
                let diagnostic =
                    Diagnostic::new(&INVALID_ESCAPE, span, format!("`{text}` is no escape")).help(help);
                match plain {
                    Some(plain) => {
                        diagnostic.fix(format!("write `{plain}`"), Safety::Safe, instead(span, plain))
                    }
                    None => diagnostic,
                }
            });
        }
    }
}

/// What stands at a backslash, with its length in bytes.
enum Escape {
    Character(char, usize),
    /// White space that is taken out.
    Nothing(usize),
    Invalid(usize),
}

fn escape(text: &str, at: usize) -> Escape {
    let bytes = text.as_bytes();
    let character = match byte(bytes, at + 1) {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'\\' => '\\',
        b'"' => '"',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b's' => ' ',
        b'u' => return unicode_escape(text, at),
        _ => {
            let blank = white_space(bytes, at + 1);
            if blank > 0 {
                return Escape::Nothing(1 + blank);
            }
            let after = text
                .get(at + 1..)
                .and_then(|rest| rest.chars().next())
                .map_or(0, char::len_utf8);
            return Escape::Invalid(1 + after);
        }
    };
    Escape::Character(character, 2)
}

/// The length of white space and newlines at a place.
fn white_space(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    loop {
        let length = newline(bytes, at) + space(bytes, at);
        if length == 0 {
            return at - start;
        }
        at += length;
    }
}

fn unicode_escape(text: &str, at: usize) -> Escape {
    let bytes = text.as_bytes();
    if byte(bytes, at + 2) != b'{' {
        return Escape::Invalid(2);
    }
    let first = at + 3;
    let digits = (0..=UNICODE_DIGITS_MAX)
        .take_while(|offset| byte(bytes, first + offset).is_ascii_hexdigit())
        .count();
    if byte(bytes, first + digits) != b'}' {
        return Escape::Invalid(3 + digits);
    }
    let length = 4 + digits;
    let character = match digits {
        1..=UNICODE_DIGITS_MAX => text
            .get(first..first + digits)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32),
        _ => None,
    };
    character.map_or(Escape::Invalid(length), |character| {
        Escape::Character(character, length)
    })
}

/// Reads a multi-line string from its first quote on; `hashes` if it is raw.
fn multi_line(lexer: &mut Lexer<'_>, hashes: Option<usize>, faults: &mut Faults<'_>) -> TokenKind {
    let start = lexer.at - hashes.unwrap_or(0);
    lexer.at += 3;
    let body = lexer.at;
    if newline(lexer.bytes, body) == 0 {
        return one_line(lexer, start, hashes, faults);
    }
    let Some(body_end) = find_end(lexer, hashes, faults) else {
        lexer.at = lexer.bytes.len();
        lexer.is_swallowed = true;
        faults.error(faults.span(start, body), |span| {
            Diagnostic::new(
                &UNCLOSED_STRING,
                span,
                "the multi-line string that opens here is not closed",
            )
            .note("everything after it is taken for its text")
            .help("close it with `\"\"\"`, and as many `#` as it was opened with, on a line of its own")
        });
        return TokenKind::Malformed;
    };
    let text = lexer.slice(body, body_end);
    match dedent(text, hashes.is_some()) {
        Ok(_) => {}
        Err(Layout::LastLine) => {
            faults.error(faults.span(body_end, lexer.at), |span| {
                Diagnostic::new(
                    &MALFORMED_STRING,
                    span,
                    "the quotes that close a multi-line string stand on a line of their own",
                )
                .help("put a newline before them; the white space before them is taken off every line")
            });
        }
        Err(Layout::Indent(offset)) => {
            let (from, to) = match offset {
                Some(offset) => (body + offset, line_end(lexer.bytes, body + offset).min(body_end)),
                None => (start, body),
            };
            faults.error(faults.span(from, to), |span| {
                Diagnostic::new(
                    &MALFORMED_STRING,
                    span,
                    "a line is indented otherwise than the quotes that close its string",
                )
                .note("every line begins with exactly the white space that stands before the closing quotes")
                .help("indent the line as far, with the same tabs and spaces")
            });
        }
    }
    if hashes.is_some() {
        TokenKind::RawMultiLine
    } else {
        TokenKind::MultiLine
    }
}

/// Recovers from `"""` that no newline follows: at most the line is lost.
fn one_line(
    lexer: &mut Lexer<'_>,
    start: usize,
    hashes: Option<usize>,
    faults: &mut Faults<'_>,
) -> TokenKind {
    let count = hashes.unwrap_or(0);
    while lexer.at < lexer.bytes.len() && newline(lexer.bytes, lexer.at) == 0 {
        let is_closing = lexer.peek(0) == b'"' && lexer.peek(1) == b'"' && lexer.peek(2) == b'"';
        if is_closing && count_hashes(lexer, lexer.at + 3, count) == count {
            lexer.at += 3 + count;
            break;
        }
        lexer.at += 1;
    }
    faults.error(faults.span(start, lexer.at), |span| {
        Diagnostic::new(
            &MALFORMED_STRING,
            span,
            "`\"\"\"` opens a multi-line string and is followed by a newline",
        )
        .help("use one quote on either side for a string of one line")
    });
    TokenKind::Malformed
}

/// Moves behind the closing quotes; gives the end of the text before them.
fn find_end(lexer: &mut Lexer<'_>, hashes: Option<usize>, faults: &mut Faults<'_>) -> Option<usize> {
    loop {
        let rest = lexer.bytes.get(lexer.at..)?;
        lexer.at += match hashes {
            None => memchr::memchr2(b'"', b'\\', rest)?,
            Some(_) => memchr::memchr(b'"', rest)?,
        };
        if lexer.peek(0) == b'\\' {
            pass_escape(lexer, faults);
            continue;
        }
        let count = hashes.unwrap_or(0);
        if lexer.peek(1) == b'"' && lexer.peek(2) == b'"' && count_hashes(lexer, lexer.at + 3, count) == count
        {
            let end = lexer.at;
            lexer.at += 3 + count;
            return Some(end);
        }
        lexer.at += 1;
    }
}

/// What is wrong with the layout of a multi-line string.
enum Layout {
    /// Its last line has more than white space.
    LastLine,
    /// The line at this offset lacks the white space of the last one; unknown if white space was escaped before it.
    Indent(Option<usize>),
}

/// Takes the white space of the last line off every line.
///
/// - Shape: the text between the quotes, first newline included, to the value; escapes of white space are resolved
///   before it, the others after it.
fn dedent(body: &str, is_raw: bool) -> Result<String, Layout> {
    let joined = if is_raw {
        Cow::Borrowed(body)
    } else {
        join_escaped_lines(body)
    };
    let bytes = joined.as_bytes();
    let mut last = 0;
    let mut starts = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = line_end(bytes, at);
        let length = newline(bytes, end);
        if length == 0 {
            break;
        }
        starts.push((last, end));
        at = end + length;
        last = at;
    }
    let prefix = joined.get(last..).unwrap_or("");
    if starts.is_empty() || !is_blank(prefix) {
        return Err(Layout::LastLine);
    }
    let mut value = String::with_capacity(joined.len());
    // The first line is what stands between the opening quotes and their newline: nothing.
    for (index, (start, end)) in starts.into_iter().skip(1).enumerate() {
        if index > 0 {
            value.push('\n');
        }
        let line = joined.get(start..end).unwrap_or("");
        match line.strip_prefix(prefix) {
            _ if is_blank(line) => {}
            Some(text) if is_raw => value.push_str(text),
            Some(text) => unescape(text, &mut value),
            None => {
                return Err(Layout::Indent(
                    matches!(joined, Cow::Borrowed(_)).then_some(start),
                ));
            }
        }
    }
    Ok(value)
}

/// Takes out the white space that a backslash escapes, and leaves the other escapes as they are.
fn join_escaped_lines(body: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', body.as_bytes()).is_none() {
        return Cow::Borrowed(body);
    }
    let mut joined = String::with_capacity(body.len());
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', body.as_bytes().get(at..).unwrap_or(&[])) {
        let backslash = at + found;
        joined.push_str(body.get(at..backslash).unwrap_or(""));
        at = match escape(body, backslash) {
            Escape::Nothing(length) => backslash + length,
            Escape::Character(_, length) | Escape::Invalid(length) => {
                joined.push_str(body.get(backslash..backslash + length).unwrap_or(""));
                backslash + length
            }
        };
    }
    joined.push_str(body.get(at..).unwrap_or(""));
    Cow::Owned(joined)
}

/// Appends what a text with escapes says. An escape that KDL does not have was reported, and stays as written.
fn unescape(text: &str, value: &mut String) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', text.as_bytes().get(at..).unwrap_or(&[])) {
        let backslash = at + found;
        value.push_str(text.get(at..backslash).unwrap_or(""));
        at = backslash
            + match escape(text, backslash) {
                Escape::Character(character, length) => {
                    value.push(character);
                    length
                }
                Escape::Nothing(length) => length,
                Escape::Invalid(length) => {
                    value.push_str(text.get(backslash..backslash + length).unwrap_or(""));
                    length
                }
            };
    }
    value.push_str(text.get(at..).unwrap_or(""));
}

/// What a string token says; for a token that is no string, its text.
pub(crate) fn value(kind: TokenKind, text: &str) -> Cow<'_, str> {
    let bare = || text.trim_matches('#');
    let quoted = |quotes: usize| {
        let bare = bare();
        bare.get(quotes..bare.len().saturating_sub(quotes)).unwrap_or("")
    };
    match kind {
        TokenKind::Quoted | TokenKind::Escaped => {
            let body = text.get(1..text.len().saturating_sub(1)).unwrap_or("");
            if kind == TokenKind::Quoted {
                return Cow::Borrowed(body);
            }
            let mut value = String::with_capacity(body.len());
            unescape(body, &mut value);
            Cow::Owned(value)
        }
        TokenKind::Raw => Cow::Borrowed(quoted(1)),
        // A layout that was reported gives the text as written.
        TokenKind::MultiLine => dedent(quoted(3), false).map_or(Cow::Borrowed(quoted(3)), Cow::Owned),
        TokenKind::RawMultiLine => dedent(quoted(3), true).map_or(Cow::Borrowed(quoted(3)), Cow::Owned),
        TokenKind::Malformed => Cow::Borrowed(bare().trim_matches('"')),
        TokenKind::Bare
        | TokenKind::Integer
        | TokenKind::Float
        | TokenKind::Hexadecimal
        | TokenKind::Octal
        | TokenKind::Binary
        | TokenKind::KeywordNumber
        | TokenKind::True
        | TokenKind::False
        | TokenKind::Null
        | TokenKind::OpenBlock
        | TokenKind::CloseBlock
        | TokenKind::OpenAnnotation
        | TokenKind::CloseAnnotation
        | TokenKind::Equals
        | TokenKind::Semicolon
        | TokenKind::Slashdash
        | TokenKind::Junk
        | TokenKind::End => Cow::Borrowed(text),
    }
}
