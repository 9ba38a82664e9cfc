//! Small changes of a text: a fact more in a block.

use diagnostics::Edit;
use source::Span;
use syntax::document::{Document, Node};

/// Adds a fact to the block of a line, or a block with it. On one line if the block is on one line.
#[must_use]
pub fn fact(document: &Document, line: Node<'_>, fact: &str) -> Edit {
    let (head, whole) = (line.head_span(), line.span());
    let insert = |at: u32, text: String| Edit {
        span: Span::new(whole.file, at, at),
        text,
    };
    let block = document
        .text()
        .get(head.end as usize..whole.end as usize)
        .unwrap_or("");
    if !line.has_children_block() || !block.ends_with('}') {
        return insert(head.end, format!(" {{ {fact} }}"));
    }
    let close = whole.end - 1;
    let Some(last) = line.children().last() else {
        // What stands between the braces is white space or a comment.
        let opens = head.end + block.find('{').map_or(0, |at| at as u32) + 1;
        let inner = document.text().get(opens as usize..close as usize).unwrap_or("");
        return if inner.trim().is_empty() {
            Edit {
                span: Span::new(whole.file, opens, close),
                text: format!(" {fact} "),
            }
        } else {
            insert(close, format!("    {fact}\n"))
        };
    };
    if block.contains('\n') {
        let start = last.span().start as usize;
        let before = document.text().get(..start).unwrap_or("");
        let indent = before.len() - before.trim_end_matches([' ', '\t']).len();
        let indent = before.get(before.len() - indent..).unwrap_or("");
        // A comment behind the last fact stays beside it.
        let end = last.span().end;
        let behind = document.text().get(end as usize..close as usize).unwrap_or("");
        match behind.find('\n') {
            Some(at) => insert(end + at as u32, format!("\n{indent}{fact}")),
            None => insert(end, format!("; {fact}")),
        }
    } else {
        insert(last.span().end, format!("; {fact}"))
    }
}
