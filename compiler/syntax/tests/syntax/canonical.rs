//! A document as the official suite writes it: comments gone, numbers in decimal, the last of two properties.

use std::fmt::Write;

use diagnostics::Report;
use source::FileId;
use syntax::Limits;
use syntax::document::{Document, Entry, Node, Value, ValueKind};
use syntax::token::TokenKind;

/// Reads with the limits of the command line.
pub fn parse(text: &str) -> (Document, Report) {
    let mut report = Report::default();
    let document = syntax::parse(FileId(0), text, &Limits::STANDARD, &mut report);
    (document, report)
}

/// The canonical text of a whole document.
pub fn print(document: &Document) -> String {
    let mut out = String::new();
    // Our own stack, for the same reason as in the reader.
    let mut stack = vec![document.nodes()];
    while let Some(nodes) = stack.last_mut() {
        match nodes.next() {
            Some(node) => {
                indent(stack.len() - 1, &mut out);
                head(node, &mut out);
                if node.children().next().is_some() {
                    out.push_str(" {\n");
                    stack.push(node.children());
                } else {
                    out.push('\n');
                }
            }
            None => {
                stack.pop();
                if !stack.is_empty() {
                    indent(stack.len() - 1, &mut out);
                    out.push_str("}\n");
                }
            }
        }
    }
    if out.is_empty() {
        out.push('\n');
    }
    out
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("    ", depth));
}

fn head(node: Node<'_>, out: &mut String) {
    if let Some(annotation) = node.annotation() {
        let _ = write!(out, "({})", string(&annotation.text));
    }
    out.push_str(&string(&node.name()));
    let entries: Vec<_> = node.entries().collect();
    for (index, entry) in entries.iter().enumerate() {
        match entry {
            Entry::Argument(value) => {
                let _ = write!(out, " {}", print_value(*value));
            }
            Entry::Property(property) => {
                let is_last = !entries[index + 1..]
                    .iter()
                    .any(|later| matches!(later, Entry::Property(later) if later.name == property.name));
                if is_last {
                    let _ = write!(out, " {}={}", string(&property.name), print_value(property.value));
                }
            }
        }
    }
}

fn print_value(value: Value<'_>) -> String {
    let annotation = value.annotation().map_or(String::new(), |annotation| {
        format!("({})", string(&annotation.text))
    });
    let text = match value.kind() {
        ValueKind::String => string(&value.as_str().unwrap()),
        ValueKind::Bool => format!("#{}", value.as_bool().unwrap()),
        ValueKind::Null => "#null".to_owned(),
        ValueKind::Number => number(value),
    };
    annotation + &text
}

fn number(value: Value<'_>) -> String {
    let literal = value.number_text().unwrap();
    match value.token_kind() {
        TokenKind::KeywordNumber => format!("#{}", literal.trim_start_matches('#')),
        TokenKind::Float => float(literal.replace('_', "").parse().unwrap()),
        _ => value
            .as_integer()
            .map_or(literal.to_owned(), |integer| integer.to_string()),
    }
}

/// A float as the suite and the `kdl` crate write it.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        "#nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 {
            "#inf".to_owned()
        } else {
            "#-inf".to_owned()
        }
    } else {
        format!("{value:?}")
    }
}

/// A string without quotes where it may go without.
pub fn string(text: &str) -> String {
    if is_bare(text) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\u{0}'..'\u{20}' | '\u{7f}' => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Written from the specification's grammar, apart from the reader.
fn is_bare(text: &str) -> bool {
    if matches!(text, "" | "true" | "false" | "null" | "inf" | "-inf" | "nan") {
        return false;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let begins = unsigned.strip_prefix('.').unwrap_or(unsigned);
    if begins.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    text.chars().all(|character| {
        !character.is_whitespace()
            && !character.is_ascii_control()
            && !"\\/(){};[]\"#=".contains(character)
            && !('\u{200e}'..='\u{200f}').contains(&character)
            && !('\u{202a}'..='\u{202e}').contains(&character)
            && !('\u{2066}'..='\u{2069}').contains(&character)
            && character != '\u{feff}'
    })
}
