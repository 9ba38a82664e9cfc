//! What each code point is to KDL, and the scan for those that no document may hold.

use diagnostics::{Code, Diagnostic, Severity};

use crate::fault::Faults;

pub(crate) static DISALLOWED_CHARACTER: Code = Code {
    name: "disallowed-character",
    severity: Severity::Error,
    summary: "a code point that no KDL document may hold",
    docs: include_str!("pages/disallowed_character.md"),
};

pub(crate) static INVISIBLE_CHARACTER: Code = Code {
    name: "invisible-character",
    severity: Severity::Error,
    summary: "a word holds a character that cannot be seen",
    docs: include_str!("pages/invisible_character.md"),
};

/// Goes on a word.
pub(crate) const WORD: u8 = 1;
/// May begin white space or a newline of several bytes, or a code point that cannot be seen.
pub(crate) const LEAD: u8 = 2;
/// A comma: goes on a word, and is worth a remark.
pub(crate) const COMMA: u8 = 4;
/// `/`, `[`, `]`, `#`: not part of a word, but what people write in one.
pub(crate) const WISH: u8 = 8;

/// What a byte does to a word that is being read; 0 ends it.
pub(crate) static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [WORD; 256];
    let mut byte = 0_u8;
    let mut rest: &mut [u8] = &mut table;
    while let [class, after @ ..] = rest {
        *class = match byte {
            b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | b' ' => 0,
            b'(' | b')' | b'{' | b'}' | b';' | b'"' | b'\\' | b'=' => 0,
            b'/' | b'[' | b']' | b'#' => WORD | WISH,
            b',' => WORD | COMMA,
            // U+0085, U+00A0, U+00AD; U+1680, U+180E; U+2000 and on; U+3000; U+FEFF.
            0xc2 | 0xe1 | 0xe2 | 0xe3 | 0xef => WORD | LEAD,
            _ => WORD,
        };
        byte = byte.wrapping_add(1);
        rest = after;
    }
    table
}

/// The class of a byte.
pub(crate) fn class(byte: u8) -> u8 {
    CLASS.get(byte as usize).copied().unwrap_or(0)
}

/// The byte at a place; 0 past the end.
pub(crate) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The length of the newline at a place; 0 if there is none.
pub(crate) fn newline(bytes: &[u8], at: usize) -> usize {
    match byte(bytes, at) {
        b'\r' if byte(bytes, at + 1) == b'\n' => 2,
        b'\n' | b'\r' | 0x0b | 0x0c => 1,
        0xc2 if byte(bytes, at + 1) == 0x85 => 2,
        0xe2 if byte(bytes, at + 1) == 0x80 && matches!(byte(bytes, at + 2), 0xa8 | 0xa9) => 3,
        _ => 0,
    }
}

/// The length of the white space at a place, newlines apart; 0 if there is none.
pub(crate) fn space(bytes: &[u8], at: usize) -> usize {
    match byte(bytes, at) {
        b' ' | b'\t' => 1,
        0xc2 if byte(bytes, at + 1) == 0xa0 => 2,
        lead @ (0xe1..=0xe3) => match (lead, byte(bytes, at + 1), byte(bytes, at + 2)) {
            (0xe1, 0x9a, 0x80)
            | (0xe2, 0x80, 0x80..=0x8a | 0xaf)
            | (0xe2, 0x81, 0x9f)
            | (0xe3, 0x80, 0x80) => 3,
            _ => 0,
        },
        _ => 0,
    }
}

/// Whether a text is white space only, newlines apart.
pub(crate) fn is_blank(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = space(bytes, at);
        if length == 0 {
            return false;
        }
        at += length;
    }
    true
}

/// The place of the first newline at or after `at`, or the end.
pub(crate) fn line_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        let class = class(byte(bytes, at));
        if (class == 0 || class & LEAD != 0) && newline(bytes, at) > 0 {
            break;
        }
        at += 1;
    }
    at
}

/// A code point that shows nothing and is no white space of KDL.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The first code point of a bare word that shows nothing, with its place in the word.
pub(crate) fn invisible(word: &str) -> Option<(usize, char)> {
    word.char_indices()
        .find(|(_, character)| is_invisible(*character))
}

/// The bytes that are looked at together, in a form that becomes vector instructions.
const CHUNK: usize = 64;

/// Reports every code point that no document may hold, wherever it stands: comments included.
///
/// - Source: <https://kdl.dev/spec/#name-disallowed-literal-code-poi>
pub(crate) fn scan(text: &str, faults: &mut Faults<'_>) {
    let bytes = text.as_bytes();
    for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
        let suspect = chunk.iter().fold(false, |suspect, byte| {
            let control = *byte < 0x20 && byte.wrapping_sub(9) > 4;
            suspect | control | (*byte == 0x7f) | (*byte == 0xe2) | (*byte == 0xef)
        });
        if !suspect {
            continue;
        }
        for offset in 0..chunk.len() {
            let at = index * CHUNK + offset;
            if let Some(length) = disallowed(bytes, at) {
                report(text, at, length, faults);
                if faults.full() {
                    return;
                }
            }
        }
    }
}

fn disallowed(bytes: &[u8], at: usize) -> Option<usize> {
    match byte(bytes, at) {
        0x00..=0x08 | 0x0e..=0x1f | 0x7f => Some(1),
        0xe2 => match (byte(bytes, at + 1), byte(bytes, at + 2)) {
            (0x80, 0x8e | 0x8f | 0xaa..=0xae) | (0x81, 0xa6..=0xa9) => Some(3),
            _ => None,
        },
        0xef if at > 0 && byte(bytes, at + 1) == 0xbb && byte(bytes, at + 2) == 0xbf => Some(3),
        _ => None,
    }
}

fn report(text: &str, at: usize, length: usize, faults: &mut Faults<'_>) {
    let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else {
        return;
    };
    let code = u32::from(character);
    let what = match code {
        0xfeff => "a byte order mark",
        0..=0x7f => "a control character",
        _ => "a control character for the direction of text",
    };
    let span = faults.span(at, at + length);
    faults.error(span, |span| {
        Diagnostic::new(
            &DISALLOWED_CHARACTER,
            span,
            format!("{what}, U+{code:04X}, may not stand in a document"),
        )
        .note("what people see would not be what is compiled")
        .help(format!(
            "delete it; in a quoted string it can be written `\\u{{{code:x}}}`"
        ))
    });
}
