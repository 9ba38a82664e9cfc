//! Semantic tokens.

use gen_lsp_types::{SemanticToken, SemanticTokens};
use ide::snapshot::Snapshot;
use ide::tokens::{self, Colour};
use serde_json::Value;
use source::{FileId, Span};

use super::told;
use crate::convert::Cx;
use crate::reply::Refusal;

/// The types of tokens, in the order of their numbers: that of [`Colour`].
pub const TYPES: &[&str] = &[
    "keyword",
    "type",
    "property",
    "variable",
    "class",
    "namespace",
    "function",
    "string",
    "number",
    "operator",
    "comment",
    "parameter",
    "enumMember",
];
/// The modifiers, in the order of their bits.
pub const MODIFIERS: &[&str] = &["declaration"];

/// What each word of a file is.
///
/// # Errors
/// None of its own.
pub fn full(cx: &Cx, snapshot: &Snapshot, file: FileId) -> Result<Value, Refusal> {
    let lines = cx.lines(&snapshot.spec.sources, file);
    let mut data: Vec<SemanticToken> = Vec::new();
    let (mut line, mut column) = (0, 0);
    for token in tokens::tokens(snapshot, file) {
        for span in pieces(snapshot, token.span) {
            let range = lines.range(span);
            let is_same = range.start.line == line;
            data.push(SemanticToken {
                delta_line: range.start.line - line,
                delta_start: if is_same {
                    range.start.character - column
                } else {
                    range.start.character
                },
                length: range.end.character.saturating_sub(range.start.character),
                token_type: number(token.colour),
                token_modifiers_bitset: u32::from(token.is_declared),
            });
            (line, column) = (range.start.line, range.start.character);
        }
    }
    told(SemanticTokens {
        result_id: None,
        data,
    })
}

/// A text over several lines, line by line: few clients take it as one.
fn pieces(snapshot: &Snapshot, span: Span) -> Vec<Span> {
    let text = snapshot.text(span);
    let mut start = span.start;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end_matches(['\n', '\r']).len() as u32;
        if end > start {
            found.push(Span::new(span.file, start, end));
        }
        start += line.len() as u32;
    }
    found
}

fn number(colour: Colour) -> u32 {
    match colour {
        Colour::Keyword => 0,
        Colour::Kind => 1,
        Colour::Fact => 2,
        Colour::Name => 3,
        Colour::Actor => 4,
        Colour::Place => 5,
        Colour::Capability => 6,
        Colour::Text => 7,
        Colour::Number => 8,
        Colour::Operator => 9,
        Colour::Comment => 10,
        Colour::Parameter => 11,
        Colour::Word => 12,
    }
}
