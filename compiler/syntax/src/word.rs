//! What stands without quotes: bare strings, numbers and keywords, and the traps among them.

use diagnostics::{Code, Diagnostic, Safety, Severity};
use source::Span;

use crate::character::{
    COMMA, INVISIBLE_CHARACTER, LEAD, WISH, WORD, byte, class, invisible, newline, space,
};
use crate::fault::{Faults, clip, instead, offer_quotes};
use crate::lexer::Lexer;
use crate::number::{self, MALFORMED_NUMBER};
use crate::quote;
use crate::string;
use crate::token::TokenKind;

pub(crate) static UNQUOTED_VALUE: Code = Code {
    name: "unquoted-value",
    severity: Severity::Error,
    summary: "a value that must stand in quotes",
    docs: include_str!("pages/unquoted_value.md"),
};

pub(crate) static UNQUOTED_URL: Code = Code {
    name: "unquoted-url",
    severity: Severity::Error,
    summary: "a URL without quotes, whose `//` begins a comment",
    docs: include_str!("pages/unquoted_url.md"),
};

pub(crate) static OUTDATED_KDL: Code = Code {
    name: "outdated-kdl",
    severity: Severity::Error,
    summary: "a spelling of KDL 1",
    docs: include_str!("pages/outdated_kdl.md"),
};

pub(crate) static UNKNOWN_KEYWORD: Code = Code {
    name: "unknown-keyword",
    severity: Severity::Error,
    summary: "a word after `#` that is no keyword",
    docs: include_str!("pages/unknown_keyword.md"),
};

pub(crate) static STRAY_COMMA: Code = Code {
    name: "stray-comma",
    severity: Severity::Error,
    summary: "a comma between arguments",
    docs: include_str!("pages/stray_comma.md"),
};

/// Reads from a byte that begins a word on.
pub(crate) fn word(lexer: &mut Lexer<'_>, faults: &mut Faults<'_>) -> TokenKind {
    let start = lexer.at;
    let seen = pass(lexer);
    if lexer.peek(0) == b'{' && placeholder(lexer, lexer.at) > 0 {
        return with_placeholder(lexer, start, faults);
    }
    let text = lexer.slice(start, lexer.at);
    if lexer.peek(0) == b'"' && text.trim_end_matches('#') == "r" {
        return legacy_raw(lexer, text.len() - 1, faults);
    }
    if seen & WISH != 0 {
        report_unquoted(text, start, faults);
        return TokenKind::Malformed;
    }
    if text.ends_with(':') && lexer.peek(0) == b'/' && lexer.peek(1) == b'/' {
        report_url(lexer, start, faults);
    }
    if number::begins_number(text.as_bytes()) {
        return number::classify(text.as_bytes()).unwrap_or_else(|| {
            report_unquoted(text, start, faults);
            TokenKind::Malformed
        });
    }
    if let Some(kind) = outdated_keyword(text) {
        let sort = match kind {
            TokenKind::KeywordNumber => "number",
            _ => "word",
        };
        faults.error(faults.span(start, lexer.at), |span| {
            Diagnostic::new(
                &OUTDATED_KDL,
                span,
                format!("the {sort} `{text}` is written `#{text}`"),
            )
            .help(format!("write `#{text}`, or `\"{text}\"` if text is meant"))
            // The word is read as the keyword already.
            .fix(
                format!("write `#{text}`"),
                Safety::Safe,
                instead(span, format!("#{text}")),
            )
        });
        return kind;
    }
    if seen & COMMA != 0 {
        report_comma(text, start, faults);
        return TokenKind::Malformed;
    }
    if quote::is_quoted(lexer, start, faults) {
        return TokenKind::Malformed;
    }
    if seen & LEAD != 0 || !text.is_ascii() {
        report_invisible(text, start, faults);
    }
    TokenKind::Bare
}

/// Moves to the end of a word; gives all classes that were seen.
///
/// A word goes on over `/`, `[`, `]` and `#`, where it is none, so that one mistake gives one diagnostic.
fn pass(lexer: &mut Lexer<'_>) -> u8 {
    let mut seen = 0;
    while lexer.at < lexer.bytes.len() {
        let first = lexer.peek(0);
        let class = class(first);
        if class & WORD == 0 {
            break;
        }
        if class & LEAD != 0 && newline(lexer.bytes, lexer.at) + space(lexer.bytes, lexer.at) > 0 {
            break;
        }
        // A comment or a slashdash; but in what is a path already, `/*` is a part of it.
        if first == b'/' && seen & WISH == 0 && matches!(lexer.peek(1), b'/' | b'*' | b'-') {
            break;
        }
        seen |= class;
        lexer.at += 1;
    }
    seen
}

/// The length of `{word}` at a place; 0 if something else stands there.
pub(crate) fn placeholder(lexer: &Lexer<'_>, start: usize) -> usize {
    let mut at = start + 1;
    while class(byte(lexer.bytes, at)) & (WORD | LEAD) == WORD && at < lexer.bytes.len() {
        at += 1;
    }
    let is_one = at > start + 1 && byte(lexer.bytes, start) == b'{' && byte(lexer.bytes, at) == b'}';
    if is_one { at + 1 - start } else { 0 }
}

/// Whether a `{word}` at a place is the beginning of a text rather than a block: the text goes on right behind it.
pub(crate) fn begins_with_placeholder(lexer: &Lexer<'_>) -> bool {
    let length = placeholder(lexer, lexer.at);
    let next = lexer.peek(length);
    let is_comment = next == b'/' && matches!(lexer.peek(length + 1), b'/' | b'*' | b'-');
    length > 0 && class(next) & (WORD | LEAD) == WORD && !is_comment && lexer.at + length < lexer.bytes.len()
}

/// Passes a word with a placeholder in it, which KDL would take for a block, and reports it.
pub(crate) fn with_placeholder(lexer: &mut Lexer<'_>, start: usize, faults: &mut Faults<'_>) -> TokenKind {
    loop {
        let before = lexer.at;
        lexer.at += placeholder(lexer, lexer.at);
        pass(lexer);
        if lexer.at == before {
            break;
        }
    }
    let whole = lexer.slice(start, lexer.at);
    let text = clip(whole);
    faults.error(faults.span(start, lexer.at), |span| {
        let diagnostic = Diagnostic::new(
            &UNQUOTED_VALUE,
            span,
            format!("`{text}` must be quoted: it holds a placeholder"),
        )
        .help(format!("write `\"{text}\"`"));
        offer_quotes(diagnostic, span, whole)
    });
    TokenKind::Malformed
}

/// Reads from a `#` on: a raw string, a keyword, or neither.
pub(crate) fn hash(lexer: &mut Lexer<'_>, faults: &mut Faults<'_>) -> TokenKind {
    let start = lexer.at;
    while lexer.peek(0) == b'#' {
        lexer.at += 1;
    }
    if lexer.peek(0) == b'"' {
        return string::raw(lexer, lexer.at - start, faults);
    }
    pass(lexer);
    let text = lexer.slice(start, lexer.at);
    match text {
        "#true" => return TokenKind::True,
        "#false" => return TokenKind::False,
        "#null" => return TokenKind::Null,
        "#inf" | "#-inf" | "#nan" => return TokenKind::KeywordNumber,
        _ => {}
    }
    // Followed by a space it is a comment elsewhere, wherever it stands.
    let is_comment = text.trim_start_matches('#').is_empty();
    let before = lexer.text.get(..start).unwrap_or_default();
    let is_first = before
        .rsplit(['\n', '\r'])
        .next()
        .is_some_and(|line| line.trim().is_empty());
    faults.error(faults.span(start, lexer.at), |span| {
        let text = clip(text);
        let lower = text.to_ascii_lowercase();
        let diagnostic = Diagnostic::new(&UNKNOWN_KEYWORD, span, format!("`{text}` is no keyword"));
        if is_comment {
            // Behind something on its line, it may have been meant to end before the line does.
            let safety = if is_first { Safety::Safe } else { Safety::Unsafe };
            return Diagnostic::new(&UNKNOWN_KEYWORD, span, "`#` begins no comment")
                .help("a comment begins with `//`, or stands between `/*` and `*/`")
                .fix("write `//`", safety, instead(span, "//"));
        }
        let spelled = |diagnostic: Diagnostic, word: &str| {
            let title = format!("write `{word}`");
            diagnostic
                .help(title.clone())
                .fix(title, Safety::Safe, instead(span, word))
        };
        match lower.as_str() {
            "#true" | "#false" | "#null" | "#inf" | "#-inf" | "#nan" => spelled(diagnostic, &lower),
            "#yes" | "#on" => spelled(diagnostic, "#true"),
            "#no" | "#off" => spelled(diagnostic, "#false"),
            _ => diagnostic.help(format!("write `\"{text}\"` if text is meant")),
        }
    });
    TokenKind::Malformed
}

/// The keyword that a bare word was in KDL 1, or looks like.
fn outdated_keyword(word: &str) -> Option<TokenKind> {
    match word {
        "true" => Some(TokenKind::True),
        "false" => Some(TokenKind::False),
        "null" => Some(TokenKind::Null),
        "inf" | "-inf" | "nan" => Some(TokenKind::KeywordNumber),
        _ => None,
    }
}

/// Passes the rest of `r"…"` or `r#"…"#`, the raw strings of KDL 1, and reports it.
fn legacy_raw(lexer: &mut Lexer<'_>, hashes: usize, faults: &mut Faults<'_>) -> TokenKind {
    let start = lexer.at - hashes - 1;
    if string::raw(lexer, hashes, faults) == TokenKind::Malformed {
        return TokenKind::Malformed;
    }
    let text = lexer.slice(start + 1, lexer.at);
    faults.error(faults.span(start, lexer.at), |span| {
        let spelled = if hashes == 0 {
            format!("#{text}#")
        } else {
            text.to_owned()
        };
        let title = format!("write `{}`", clip(&spelled));
        Diagnostic::new(&OUTDATED_KDL, span, "a raw string is written without `r`")
            .help(match hashes {
                0 => format!("write `#{}#`", clip(text)),
                _ => title.clone(),
            })
            .fix(title, Safety::Safe, instead(span, spelled))
    });
    TokenKind::Malformed
}

fn report_url(lexer: &Lexer<'_>, start: usize, faults: &mut Faults<'_>) {
    let mut end = lexer.at;
    while end < lexer.bytes.len() && class(byte(lexer.bytes, end)) & WORD != 0 {
        end += 1;
    }
    let whole = String::from_utf8_lossy(lexer.bytes.get(start..end).unwrap_or(&[]));
    let text = clip(&whole);
    faults.trap(faults.span(start, end), |span| {
        let diagnostic = Diagnostic::new(
            &UNQUOTED_URL,
            span,
            format!("`{text}` must be quoted: its `//` begins a comment"),
        )
        .help(format!("write `\"{text}\"`"));
        offer_quotes(diagnostic, span, &whole)
    });
}

fn report_comma(text: &str, start: usize, faults: &mut Faults<'_>) {
    let words: Vec<&str> = text.split(',').filter(|word| !word.is_empty()).collect();
    let end = start + text.len();
    let shown = clip(text);
    faults.trap(faults.span(start, end), |span| match words.as_slice() {
        [] => Diagnostic::new(&STRAY_COMMA, span, format!("`{shown}` separates nothing"))
            .help("delete it: arguments are separated by spaces")
            // A space, so that what stands around it is not joined.
            .fix("delete the comma", Safety::Safe, instead(span, " ")),
        words => {
            let diagnostic = Diagnostic::new(
                &STRAY_COMMA,
                span,
                format!("`{shown}` holds a comma, which separates nothing"),
            )
            .help(format!(
                "write `{}`: arguments are separated by spaces; if the comma is text, quote it",
                clip(&words.join(" "))
            ));
            without_last_comma(diagnostic, span, text)
        }
    });
}

/// Offers to delete a comma behind a word. One inside it may be text.
fn without_last_comma(diagnostic: Diagnostic, span: Span, text: &str) -> Diagnostic {
    match text.strip_suffix(',') {
        Some(word) if !word.contains(',') => {
            diagnostic.fix("delete the comma", Safety::Safe, instead(span, word))
        }
        _ => diagnostic,
    }
}

fn report_invisible(text: &str, start: usize, faults: &mut Faults<'_>) {
    let Some((offset, character)) = invisible(text) else {
        return;
    };
    let at = start + offset;
    faults.trap(faults.span(at, at + character.len_utf8()), |span| {
        let code = u32::from(character);
        Diagnostic::new(
            &INVISIBLE_CHARACTER,
            span,
            format!("the word holds U+{code:04X}, which cannot be seen"),
        )
        .note("two words that look the same would be two")
        .help("delete it")
        // The word becomes another, which may be a name.
        .fix("delete the character", Safety::Unsafe, instead(span, ""))
    });
}

/// Reports a word that would need quotes: it begins as a number does, or holds what no bare string may hold.
fn report_unquoted(text: &str, start: usize, faults: &mut Faults<'_>) {
    let span = faults.span(start, start + text.len());
    let shown = clip(text);
    if text.starts_with('[') || text.ends_with(']') {
        faults.error(span, |span| {
            Diagnostic::new(
                &UNQUOTED_VALUE,
                span,
                format!("`{shown}` must be quoted: it holds a bracket"),
            )
            .help("a list is written as several arguments, without brackets")
        });
        return;
    }
    if text.contains(',') && !text.contains('/') {
        let words: Vec<&str> = text.split(',').filter(|word| !word.is_empty()).collect();
        faults.error(span, |span| {
            let diagnostic = Diagnostic::new(
                &STRAY_COMMA,
                span,
                format!("`{shown}` holds a comma, which separates nothing"),
            )
            .help(format!(
                "write `{}`: arguments are separated by spaces; if the comma is text, quote it",
                clip(&words.join(" "))
            ));
            without_last_comma(diagnostic, span, text)
        });
        return;
    }
    faults.error(span, |span| match shape(text) {
        Shape::Number => Diagnostic::new(&MALFORMED_NUMBER, span, format!("`{shown}` is no number"))
            .help(format!("write `\"{shown}\"` if text is meant")),
        Shape::Text(what) => {
            let message = format!("`{shown}` must be quoted: {what}");
            let diagnostic =
                Diagnostic::new(&UNQUOTED_VALUE, span, message).help(format!("write `\"{shown}\"`"));
            offer_quotes(diagnostic, span, text)
        }
    });
}

/// What somebody meant by a word that must be quoted.
enum Shape {
    Number,
    Text(&'static str),
}

fn shape(text: &str) -> Shape {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if text.contains("${") || text.contains("#{") {
        return Shape::Text("it holds a placeholder");
    }
    if let Some((address, prefix)) = text.split_once('/')
        && is_number(prefix)
        && address
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'))
    {
        return Shape::Text("it is a range of addresses");
    }
    if text.contains('/') {
        return Shape::Text("it holds a `/`");
    }
    if text.contains('#') {
        return Shape::Text("it holds a `#`");
    }
    if let Some(count) = text.strip_suffix(['s', 'm', 'h', 'd', 'w', 'y'])
        && is_number(count)
    {
        return Shape::Text("it is a duration");
    }
    if text.strip_suffix('%').is_some_and(is_number) {
        return Shape::Text("it is a percentage");
    }
    let dotted: Vec<&str> = text.split('.').collect();
    if dotted.len() == 4 && dotted.iter().copied().all(is_number) {
        return Shape::Text("it is an address");
    }
    if dotted.len() > 2 && dotted.iter().copied().all(is_number) {
        return Shape::Text("it is a version");
    }
    let dashed: Vec<&str> = text.split('-').collect();
    match dashed.as_slice() {
        [year, month, day, ..]
            if year.len() == 4
                && is_number(year)
                && is_number(month)
                && day.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            return Shape::Text("it is a date");
        }
        [from, to] if is_number(from) && is_number(to) => return Shape::Text("it is a range"),
        _ => {}
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    let is_radix = ["0x", "0o", "0b", "0X", "0O", "0B"]
        .iter()
        .any(|prefix| unsigned.starts_with(prefix));
    let is_numeric = unsigned
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'e' | b'E' | b'+' | b'-'));
    if is_radix || is_numeric {
        return Shape::Number;
    }
    Shape::Text("it begins as a number does")
}
