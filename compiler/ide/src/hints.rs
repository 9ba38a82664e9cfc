//! Small texts beside the lines of a spec: what a trust gives, how long it lasts.

use source::{FileId, Span};

use crate::gives;
use crate::snapshot::Snapshot;
use crate::tree;

/// A small text behind a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Where it is shown.
    pub at: u32,
    /// What.
    pub text: String,
}

/// The hints of a part of a file.
#[must_use]
pub fn hints(snapshot: &Snapshot, file: FileId, within: Span) -> Vec<Hint> {
    let Some(document) = snapshot.document(file) else {
        return Vec::new();
    };
    let counts: Vec<_> = snapshot.views.iter().map(gives::counts).collect();
    let mut hints = Vec::new();
    tree::walk(document, &mut |lines| {
        let Some(line) = lines.last() else { return };
        let head = line.head_span();
        if head.end < within.start || head.start > within.end {
            return;
        }
        match &*line.name() {
            "expires" => {
                let Some(value) = line.argument(0) else { return };
                let date = value.as_str().and_then(|text| model::value::Date::parse(&text));
                hints.extend(date.map(|date| Hint {
                    at: value.span().end,
                    text: lasts(date.0 - snapshot.today.0),
                }));
            }
            "trust" | "apply" => {
                let most = counts.iter().filter_map(|counts| counts.get(&head)).max();
                hints.extend(most.map(|(accesses, flows)| Hint {
                    at: head.end,
                    text: given(*accesses, *flows),
                }));
            }
            _ => {}
        }
    });
    hints
}

fn lasts(days: i32) -> String {
    match days {
        0 => "ends today".to_owned(),
        1 => "1 day".to_owned(),
        days if days > 0 => format!("{days} days"),
        _ => "ended".to_owned(),
    }
}

fn given(accesses: usize, flows: usize) -> String {
    let many = |count: usize, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {more}")),
    };
    let parts = [many(accesses, "access", "accesses"), many(flows, "flow", "flows")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
