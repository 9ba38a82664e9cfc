//! How a name may be spelled, and what it looks like when it is not.

use source::Span;

use crate::cx::Cx;
use crate::line::Arg;
use diagnostics::{Code, Diagnostic, Severity};

pub(crate) static BAD_NAME: Code = Code {
    name: "bad-name",
    severity: Severity::Error,
    summary: "a name has a character that names do not have",
    docs: include_str!("pages/bad_name.md"),
};

pub(crate) static RESERVED_NAME: Code = Code {
    name: "reserved-name",
    severity: Severity::Error,
    summary: "a declaration takes a word of the language as its name",
    docs: include_str!("pages/reserved_name.md"),
};

/// Names that mean something wherever a name may stand.
pub(crate) const RESERVED: &[&str] = &[
    "lambda", "ecs", "ec2", "eks", "onprem", "ci", "iot-ota", "internet", "aws",
];

/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// Whether the text is a name: ASCII letters, digits, `-` and `_`.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.len() <= NAME_BYTES_MAX && text.bytes().all(fits)
}

/// Whether people cannot see the character, or it changes the order in which they see others.
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// The ASCII letter that people take the character for.
/// Source: the confusables of <https://www.unicode.org/reports/tr39/>, Cyrillic, Greek and full-width letters.
fn look_alike(letter: char) -> Option<char> {
    let code = u32::from(letter);
    if (0xff01..=0xff5e).contains(&code) {
        return char::from_u32(code - 0xfee0);
    }
    const PAIRS: &[(&str, char)] = &[
        ("аα", 'a'),
        ("ЬЪ", 'b'),
        ("сϲ", 'c'),
        ("ԁ", 'd'),
        ("еҽ", 'e'),
        ("ɡ", 'g'),
        ("һ", 'h'),
        ("іιı", 'i'),
        ("јϳ", 'j'),
        ("κк", 'k'),
        ("ӏ", 'l'),
        ("м", 'm'),
        ("пη", 'n'),
        ("оοօ", 'o'),
        ("рρ", 'p'),
        ("ԛ", 'q'),
        ("г", 'r'),
        ("ѕ", 's'),
        ("тτ", 't'),
        ("υս", 'u'),
        ("νѵ", 'v'),
        ("ԝω", 'w'),
        ("хχ", 'x'),
        ("уγ", 'y'),
        ("ᴢ", 'z'),
        ("АΑ", 'A'),
        ("ВΒ", 'B'),
        ("СϹ", 'C'),
        ("ЕΕ", 'E'),
        ("НΗ", 'H'),
        ("ІΙ", 'I'),
        ("Ј", 'J'),
        ("КΚ", 'K'),
        ("МΜ", 'M'),
        ("Ν", 'N'),
        ("ОΟ", 'O'),
        ("РΡ", 'P'),
        ("Ѕ", 'S'),
        ("ТΤ", 'T'),
        ("ХΧ", 'X'),
        ("ҮΥ", 'Y'),
        ("Ζ", 'Z'),
        ("‐‑‒–—−", '-'),
        ("∕⁄", '/'),
        ("․", '.'),
        ("：", ':'),
    ];
    PAIRS
        .iter()
        .find(|(letters, _)| letters.contains(letter))
        .map(|(_, ascii)| *ascii)
}

/// Reads an argument as a new name; reports what is wrong with it, and gives it back all the same.
pub(crate) fn check_name(cx: &mut Cx<'_, '_>, arg: &Arg<'_>) {
    if !arg.is_text() {
        // A number was reported where it was read.
        return;
    }
    check_text(cx, &arg.text, arg.span);
    if RESERVED.contains(&&*arg.text) {
        cx.push(
            Diagnostic::new(
                &RESERVED_NAME,
                arg.span,
                format!("`{}` is a word of the language", arg.text),
            )
            .help("choose another name"),
        );
    }
}

pub(crate) fn check_text(cx: &mut Cx<'_, '_>, text: &str, span: Span) {
    if is_name(text) {
        return;
    }
    if text.is_empty() || text.len() > NAME_BYTES_MAX {
        let message = format!("a name has 1 to {NAME_BYTES_MAX} characters, not {}", text.len());
        cx.push(Diagnostic::new(&BAD_NAME, span, message));
        return;
    }
    let wrong = text
        .chars()
        .find(|letter| !letter.is_ascii() || !is_name(letter.encode_utf8(&mut [0; 4])));
    let letter = wrong.unwrap_or('?');
    let shown: String = text
        .chars()
        .flat_map(|letter| if is_invisible(letter) { None } else { Some(letter) })
        .collect();
    let which = if letter == ' ' {
        "a space".to_owned()
    } else if letter.is_ascii_graphic() {
        format!("`{letter}`")
    } else {
        format!("the character U+{:04X}", u32::from(letter))
    };
    let mut diagnostic = Diagnostic::new(&BAD_NAME, span, format!("the name `{shown}` has {which}"))
        .note("a name has ASCII letters, digits, `-` and `_`");
    if is_invisible(letter) {
        diagnostic = diagnostic.help("people cannot see it: delete it");
    } else if let Some(ascii) = look_alike(letter) {
        diagnostic = diagnostic.help(format!("it looks like `{ascii}`: type that instead"));
    } else {
        let offered: String = text
            .chars()
            .map(|letter| {
                if letter.is_ascii_alphanumeric() || letter == '_' {
                    letter
                } else {
                    '-'
                }
            })
            .collect();
        let offered = offered.trim_matches('-');
        if is_name(offered) {
            diagnostic = diagnostic.help(format!("write `{offered}`"));
        }
    }
    cx.push(diagnostic);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert!(is_name("p1_ingest-2") && is_name("1"));
        for text in ["", "a.b", "a:b", "../x", "a b", "é", "$(x)", "a\u{200b}"] {
            assert!(!is_name(text), "{text}");
        }
    }

    #[test]
    fn look_alikes_are_named() {
        assert_eq!(look_alike('а'), Some('a'));
        assert_eq!(look_alike('Ａ'), Some('A'));
        assert_eq!(look_alike('é'), None);
        assert!(is_invisible('\u{202e}') && is_invisible('\u{200d}') && !is_invisible('a'));
    }
}
