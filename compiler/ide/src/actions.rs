//! Changes that are offered at a place, besides those that diagnostics bring.

use diagnostics::Edit;
use model::trust::End;
use source::{FileId, Span};
use syntax::document::Node;

use crate::edit;
use crate::question::actors;
use crate::snapshot::Snapshot;
use crate::tree;

/// A change that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it does: one line, lower case.
    pub title: String,
    /// The changes.
    pub edits: Vec<Edit>,
}

/// What is offered at a place.
#[must_use]
pub fn actions(snapshot: &Snapshot, file: FileId, offset: u32) -> Vec<Action> {
    let mut found = Vec::new();
    let Some(document) = snapshot.document(file) else {
        return found;
    };
    let cursor = tree::cursor(document, offset);
    for (depth, line) in cursor.lines.iter().enumerate() {
        let outer = depth.checked_sub(1).and_then(|outer| cursor.lines.get(outer));
        match &*line.name() {
            "trust" | "never" | "isolate" | "limit" | "waive"
                if !line.children().any(|fact| fact.name() == "because") =>
            {
                found.push(Action {
                    title: "add `because`".to_owned(),
                    edits: vec![edit::fact(document, *line, "because \"\"")],
                });
            }
            "can" => found.extend(outer.and_then(|case| of_question(snapshot, file, *case, *line))),
            _ => {}
        }
    }
    if let Some(line) = cursor.line() {
        found.extend(of_actor(snapshot, file, line));
    }
    found
}

/// The trust that a line of a test asks for.
fn of_question(snapshot: &Snapshot, file: FileId, case: Node<'_>, line: Node<'_>) -> Option<Action> {
    let subject = case.argument(0)?.literal();
    let (capability, object) = (line.argument(0)?.literal(), line.argument(1)?.literal());
    let narrowed = ["under", "only"].into_iter().find_map(|word| {
        let value = line.property(word)?;
        Some(format!("{word} {}; ", value.literal()))
    });
    let narrowed = narrowed.unwrap_or_default();
    let trust = format!("trust {subject} -> {object} {{ allow {capability}; {narrowed}because \"\" }}");
    Some(Action {
        title: format!("add a trust: `{subject} -> {object}`"),
        edits: vec![at_end(snapshot, file, &trust)?],
    })
}

/// A trust of who is declared here.
fn of_actor(snapshot: &Snapshot, file: FileId, line: Node<'_>) -> Option<Action> {
    let name = line.argument(0)?;
    let is_actor = snapshot.views.iter().any(|view| {
        let end = crate::who::end_at(view, snapshot, name.span());
        end.is_some_and(|end| matches!(end, End::Thing(_)) && actors(&view.analysis).contains(&end))
    });
    if !is_actor {
        return None;
    }
    let trust = format!(
        "trust {} -> OBJECT {{ allow CAPABILITY; because \"\" }}",
        name.literal()
    );
    Some(Action {
        title: format!("add a trust of `{}`", name.as_str()?),
        edits: vec![at_end(snapshot, file, &trust)?],
    })
}

/// A line more at the end of a file.
fn at_end(snapshot: &Snapshot, file: FileId, line: &str) -> Option<Edit> {
    let text = snapshot.document(file)?.text();
    let end = text.len() as u32;
    let before = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    Some(Edit {
        span: Span::new(file, end, end),
        text: format!("{before}{line}\n"),
    })
}
