//! Formatting: the whole file, a range, and what was just typed.

use diagnostics::Edit;
use gen_lsp_types::{DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, TextEdit};
use ide::{layout, tree};
use serde_json::Value;
use source::Span;

use super::told;
use crate::convert::Cx;
use crate::lines::Lines;
use crate::parsed::Parsed;
use crate::reply::Refusal;

/// The edits that give a file its layout; none for one that is not well-formed.
///
/// # Errors
/// None of its own.
pub fn whole(cx: &Cx, parsed: &Parsed) -> Result<Value, Refusal> {
    let edits = layout::edits(parsed.document.file(), &parsed.text);
    told(edits.map(|edits| shown(&edits, &Lines::of(&parsed.text, cx.encoding()))))
}

/// Likewise, for a range.
///
/// # Errors
/// None of its own.
pub fn range(params: &DocumentRangeFormattingParams, cx: &Cx, parsed: &Parsed) -> Result<Value, Refusal> {
    let lines = Lines::of(&parsed.text, cx.encoding());
    let file = parsed.document.file();
    let span = Span::new(
        file,
        lines.offset(params.range.start),
        lines.offset(params.range.end),
    );
    let edits = layout::edits(file, &parsed.text).map(|edits| layout::within(edits, span));
    told(edits.map(|edits| shown(&edits, &lines)))
}

/// Likewise, for the declaration whose `}` was typed, or the line that was just left.
///
/// # Errors
/// None of its own.
pub fn on_type(params: &DocumentOnTypeFormattingParams, cx: &Cx, parsed: &Parsed) -> Result<Value, Refusal> {
    let lines = Lines::of(&parsed.text, cx.encoding());
    let file = parsed.document.file();
    let at = lines.offset(params.position);
    let span = if params.ch == "}" {
        // The line that the brace ends.
        let cursor = tree::cursor(&parsed.document, at);
        let closed = cursor.lines.iter().rev().find(|line| line.span().end == at);
        closed.map(|line| line.span())
    } else {
        let before = parsed.text.get(..at as usize).unwrap_or("");
        let end = before.trim_end_matches([' ', '\t']).strip_suffix('\n');
        end.map(|end| {
            let start = end.rfind('\n').map_or(0, |start| start + 1);
            Span::new(file, start as u32, end.len() as u32)
        })
    };
    let edits = layout::edits(file, &parsed.text).zip(span);
    // What stands at the cursor is not there yet: an edit that reaches it would take away what is being typed.
    let edits = edits.map(|(edits, span)| {
        let mut edits = layout::within(edits, span);
        if params.ch != "}" {
            edits.retain(|edit| edit.span.end <= at);
        }
        edits
    });
    told(edits.map(|edits| shown(&edits, &lines)))
}

/// Edits in the words of the protocol.
#[must_use]
pub fn shown(edits: &[Edit], lines: &Lines<'_>) -> Vec<TextEdit> {
    edits
        .iter()
        .map(|edit| TextEdit {
            range: lines.range(edit.span),
            new_text: edit.text.clone(),
        })
        .collect()
}
