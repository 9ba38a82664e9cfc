//! Folding, selection and links.

use gen_lsp_types::{DocumentLink, FoldingRange, FoldingRangeKind, SelectionRange, SelectionRangeParams};
use ide::outline;
use serde_json::Value;

use super::{is_file, told};
use crate::convert::Cx;
use crate::lines::Lines;
use crate::parsed::Parsed;
use crate::reply::Refusal;
use crate::uri;

/// What can be folded.
///
/// # Errors
/// None of its own.
pub fn folds(cx: &Cx, parsed: &Parsed) -> Result<Value, Refusal> {
    let lines = Lines::of(&parsed.text, cx.encoding());
    let folds = outline::folds(&parsed.document).into_iter().filter_map(|fold| {
        let range = lines.range(fold.span);
        // A `}` on a line of its own stays to be seen.
        let last = if fold.is_comment {
            range.end.line
        } else {
            range.end.line.saturating_sub(1)
        };
        (last > range.start.line).then(|| FoldingRange {
            start_line: range.start.line,
            end_line: last,
            kind: fold.is_comment.then_some(FoldingRangeKind::Comment),
            ..FoldingRange::default()
        })
    });
    told(folds.collect::<Vec<_>>())
}

/// The ranges around each place, the smallest first.
///
/// # Errors
/// None of its own.
pub fn selection(params: &SelectionRangeParams, cx: &Cx, parsed: &Parsed) -> Result<Value, Refusal> {
    let lines = Lines::of(&parsed.text, cx.encoding());
    let of = |position: &gen_lsp_types::Position| {
        let spans = outline::around(&parsed.document, lines.offset(*position));
        let mut outer: Option<Box<SelectionRange>> = None;
        for span in spans.into_iter().rev() {
            outer = Some(Box::new(SelectionRange {
                range: lines.range(span),
                parent: outer,
            }));
        }
        outer.map(|range| *range).unwrap_or_default()
    };
    told(params.positions.iter().map(of).collect::<Vec<_>>())
}

/// Places that name a file of the project.
///
/// # Errors
/// None of its own.
pub fn links(cx: &Cx, parsed: &Parsed) -> Result<Value, Refusal> {
    let lines = Lines::of(&parsed.text, cx.encoding());
    let links = outline::links(&parsed.document, &|path| is_file(cx, path));
    let links = links.into_iter().map(|(span, path)| DocumentLink {
        range: lines.range(span),
        target: Some(uri::of(&cx.folder.join(&path))),
        ..DocumentLink::default()
    });
    told(links.collect::<Vec<_>>())
}
