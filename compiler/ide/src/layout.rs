//! The one layout of a file, as the smallest edits that lead to it.

use std::time::Duration;

use diagnostics::{Edit, Report};
use similar::{Algorithm, DiffOp};
use source::{FileId, Span};

/// After so long the rest of a file is replaced as a whole.
const PATIENCE: Duration = Duration::from_millis(200);

/// The edits that give a text its layout, line by line; nothing for a text that is not well-formed.
#[must_use]
pub fn edits(file: FileId, text: &str) -> Option<Vec<Edit>> {
    let mut report = Report::default();
    let formatted = syntax::format::format(file, text, &syntax::Limits::STANDARD, &mut report)?;
    let old: Vec<&str> = text.split_inclusive('\n').collect();
    let new: Vec<&str> = formatted.split_inclusive('\n').collect();
    let starts: Vec<u32> = old
        .iter()
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len() as u32;
            Some(start)
        })
        .chain([text.len() as u32])
        .collect();
    let at = |line: usize| starts.get(line).copied().unwrap_or(text.len() as u32);
    let mut edits = Vec::new();
    for op in diff(&old, &new) {
        let (gone, come) = (op.old_range(), op.new_range());
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        edits.push(Edit {
            span: Span::new(file, at(gone.start), at(gone.end)),
            text: new.get(come).unwrap_or(&[]).concat(),
        });
    }
    Some(edits)
}

fn diff(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    similar::TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .timeout(PATIENCE)
        .diff_slices(old, new)
        .ops()
        .to_vec()
}

/// Those of the edits that touch a span.
#[must_use]
pub fn within(edits: Vec<Edit>, span: Span) -> Vec<Edit> {
    edits
        .into_iter()
        .filter(|edit| edit.span.start <= span.end && span.start <= edit.span.end)
        .collect()
}
