//! Diagnostics for machines. The schema is `schemas/report-v1.json`.

use diagnostics::{Report, Severity};
use serde::Serialize;
use source::{Sources, Span};

/// The name of the format.
const FORMAT: &str = "leastwise-report/1";

#[derive(Serialize)]
struct Whole<'a> {
    format: &'static str,
    diagnostics: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    place: Option<Place<'a>>,
    labels: Vec<Label<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    environment: Option<&'a str>,
}

#[derive(Serialize)]
struct Label<'a> {
    place: Option<Place<'a>>,
    text: &'a str,
}

/// Lines and columns from 1, columns in Unicode scalar values, bytes from 0.
#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    start_byte: u32,
    end_byte: u32,
}

fn place(sources: &Sources, span: Span) -> Option<Place<'_>> {
    let file = sources.get(span.file)?;
    let at = sources.line_column(span);
    Some(Place {
        path: &file.path,
        line: at.line,
        column: at.column,
        start_byte: span.start,
        end_byte: span.end,
    })
}

/// Reports of several environments (or one without a name) as one JSON text.
pub(crate) fn json(reports: &[(Option<&str>, &Report, &Sources)]) -> String {
    let mut diagnostics = Vec::new();
    for (environment, report, sources) in reports {
        for diagnostic in report.diagnostics() {
            diagnostics.push(Entry {
                code: diagnostic.code.name,
                severity: match diagnostic.code.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Note => "note",
                },
                message: &diagnostic.message,
                place: diagnostic.span.and_then(|span| place(sources, span)),
                labels: diagnostic
                    .labels
                    .iter()
                    .map(|label| Label {
                        place: place(sources, label.span),
                        text: &label.text,
                    })
                    .collect(),
                notes: &diagnostic.notes,
                help: diagnostic.help.as_deref(),
                environment: *environment,
            });
        }
    }
    let mut text = serde_json::to_string_pretty(&Whole {
        format: FORMAT,
        diagnostics,
    })
    .unwrap_or_default();
    text.push('\n');
    text
}
