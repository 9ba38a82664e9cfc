//! Nothing from a spec reaches a terminal as a command to it.

/// Text with escape sequences, controls, bidirectional and invisible characters made visible: `\u{1b}`.
#[must_use]
pub(crate) fn sanitise(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmless(character) {
            clean.push(character);
        } else {
            clean.extend(character.escape_unicode());
        }
    }
    clean
}

/// The same, one character for one byte of it: spans of the source stay where they are.
#[must_use]
pub(crate) fn mask(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmless(character) {
            clean.push(character);
        } else {
            clean.extend(std::iter::repeat_n('?', character.len_utf8()));
        }
    }
    clean
}

fn is_harmless(character: char) -> bool {
    match character {
        '\n' | '\t' => true,
        // Controls, and what reorders or hides text: UAX 9 explicit formatting, zero-width characters, BOM, tags.
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => false,
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{61c}' => false,
        '\u{e0000}'..='\u{e0fff}' => false,
        _ => true,
    }
}

/// The same in ASCII, for terminals that show nothing else.
pub(crate) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '…' => out.push_str("..."),
            '→' => out.push_str("->"),
            _ if letter.is_ascii() => out.push(letter),
            _ => out.extend(letter.escape_unicode()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_reordering_are_shown_not_done() {
        assert_eq!(sanitise("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(sanitise("x\u{202e}y\u{0}"), "x\\u{202e}y\\u{0}");
        assert_eq!(sanitise("Prüfstand\n"), "Prüfstand\n");
        let text = "a\u{202e}b\u{7}";
        assert_eq!(mask(text).len(), text.len());
    }
}
