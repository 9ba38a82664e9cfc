//! Signs that look like quotes and quote nothing: those of text processors, and the plain ones of other languages.

use diagnostics::{Code, Diagnostic, Severity};

use crate::fault::{Faults, clip, offer_quotes};
use crate::lexer::Lexer;

pub(crate) static TYPOGRAPHIC_QUOTE: Code = Code {
    name: "typographic-quote",
    severity: Severity::Error,
    summary: "a quote that quotes nothing",
    docs: include_str!("pages/typographic_quote.md"),
};

/// Reports such a sign in the word that was passed, and passes what it seems to quote; whether there is one.
pub(crate) fn is_quoted(lexer: &mut Lexer<'_>, start: usize, faults: &mut Faults<'_>) -> bool {
    let text = lexer.slice(start, lexer.at);
    let Some(quote) = quote(text) else {
        return false;
    };
    // As far as the quote that closes it, on the same line.
    let is_close = |letter: char| closes(quote, letter);
    if text.starts_with(quote)
        && !text
            .get(quote.len_utf8()..)
            .unwrap_or_default()
            .contains(is_close)
    {
        let rest = lexer.text.get(lexer.at..).unwrap_or_default();
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        if let Some((at, close)) = line.char_indices().find(|(_, letter)| is_close(*letter)) {
            lexer.at += at + close.len_utf8();
        }
    }
    report_quote(lexer.slice(start, lexer.at), quote, start, faults);
    true
}

/// Quotes of text processors, which quote nothing here.
fn is_quote(letter: char) -> bool {
    matches!(
        letter,
        '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}' | '\u{ff02}'
    )
}

/// The quote of a word that nothing here is quoted by: one of text processors, or a plain one of other languages at its beginning.
fn quote(text: &str) -> Option<char> {
    match text.chars().next() {
        Some(first @ ('\'' | '`')) => Some(first),
        _ if text.is_ascii() => None,
        _ => text.chars().find(|letter| is_quote(*letter)),
    }
}

fn closes(quote: char, letter: char) -> bool {
    letter == quote || (!quote.is_ascii() && is_quote(letter))
}

fn report_quote(text: &str, quote: char, start: usize, faults: &mut Faults<'_>) {
    let is_quote = |letter: char| closes(quote, letter);
    let whole = text.trim_matches(is_quote);
    let inner = clip(whole);
    // Only what begins and ends with one is plainly quoted.
    let is_quoted = text.starts_with(is_quote) && text.ends_with(is_quote) && text.chars().count() > 1;
    let note = match quote {
        '\'' | '`' => "a text stands in double quotes; without them this sign is a part of it",
        _ => "a text processor puts such quotes in place of plain ones",
    };
    faults.error(faults.span(start, start + text.len()), |span| {
        let diagnostic = Diagnostic::new(&TYPOGRAPHIC_QUOTE, span, format!("`{quote}` quotes nothing"))
            .note(note)
            .help(format!("write plain quotes: `\"{inner}\"`"));
        match is_quoted && !whole.contains(is_quote) {
            true => offer_quotes(diagnostic, span, whole),
            false => diagnostic,
        }
    });
}
