//! Diagnostics for people: `miette` draws them, through a source that knows its lines.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use diagnostics::{Diagnostic, Report, Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use source::{FileId, Sources, Span};

use super::sanitise::{mask, sanitise};

/// How many diagnostics a person sees; beyond it, a count for each code.
const SHOWN_MAX: usize = 20;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Colour.
    pub(crate) colour: bool,
    /// Characters a line.
    pub(crate) width: usize,
    /// Boxes and arrows; without them the narrated form for screen readers.
    pub(crate) graphics: bool,
}

/// The whole report as text; empty if there is nothing to say.
pub(crate) fn human(report: &Report, sources: &Sources, style: Style) -> String {
    let mut text = String::new();
    let mut files = Files { sources, indexed: BTreeMap::new() };
    for diagnostic in report.diagnostics().iter().take(SHOWN_MAX) {
        draw(diagnostic, &mut files, style, &mut text);
    }
    let mut hidden: BTreeMap<&str, usize> = BTreeMap::new();
    for diagnostic in report.diagnostics().iter().skip(SHOWN_MAX) {
        *hidden.entry(diagnostic.code.name).or_default() += 1;
    }
    for (code, count) in hidden {
        text.push_str(&format!("and {count} more of {code}\n"));
    }
    text
}

/// `2 errors, 1 warning`; empty if there is nothing.
pub(crate) fn tally(report: &Report) -> String {
    let count = |severity| report.diagnostics().iter().filter(|diagnostic| diagnostic.code.severity == severity).count();
    [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
        .into_iter()
        .filter_map(|(severity, word)| match count(severity) {
            0 => None,
            1 => Some(format!("1 {word}")),
            many => Some(format!("{many} {word}s")),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn draw(diagnostic: &Diagnostic, files: &mut Files<'_>, style: Style, into: &mut String) {
    let main = diagnostic.span;
    // One drawing shows one file: labels in others become drawings of their own below it.
    let here = |span: Span| main.is_some_and(|main| main.file == span.file);
    let mut labels = Vec::new();
    if let Some(span) = main {
        labels.push(LabeledSpan::new_primary_with_span(None, offsets(span)));
    }
    let mut elsewhere = Vec::new();
    for label in &diagnostic.labels {
        if here(label.span) {
            labels.push(LabeledSpan::new_with_span(Some(sanitise(&label.text)), offsets(label.span)));
        } else {
            elsewhere.push(Shown {
                message: sanitise(&label.text),
                code: None,
                severity: miette::Severity::Advice,
                help: None,
                labels: vec![LabeledSpan::new_primary_with_span(None, offsets(label.span))],
                source: files.get(label.span.file),
                related: Vec::new(),
            });
        }
    }
    let notes = diagnostic.notes.iter().map(|note| format!("note: {}", sanitise(note)));
    let help = notes.chain(diagnostic.help.iter().map(|help| sanitise(help))).collect::<Vec<_>>().join("\n");
    let shown = Shown {
        message: sanitise(&diagnostic.message),
        code: Some(diagnostic.code.name),
        severity: match diagnostic.code.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        },
        help: (!help.is_empty()).then_some(help),
        labels,
        source: main.and_then(|span| files.get(span.file)),
        related: elsewhere,
    };
    let drawn = if style.graphics {
        let theme = if style.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        GraphicalReportHandler::new_themed(theme).with_width(style.width).with_links(false).render_report(into, &shown)
    } else {
        miette::NarratableReportHandler::new().render_report(into, &shown)
    };
    if drawn.is_err() {
        into.push_str(&shown.message);
    }
    into.push('\n');
}

fn offsets(span: Span) -> SourceSpan {
    (span.start as usize, span.end.saturating_sub(span.start) as usize).into()
}

/// A diagnostic as `miette` wants it.
#[derive(Debug)]
struct Shown {
    message: String,
    code: Option<&'static str>,
    severity: miette::Severity,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<Arc<Indexed>>,
    related: Vec<Shown>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_deref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = _>>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        (!self.related.is_empty())
            .then(|| Box::new(self.related.iter().map(|shown| shown as &dyn miette::Diagnostic)) as Box<dyn Iterator<Item = _>>)
    }
}

/// Sources, each indexed once.
struct Files<'a> {
    sources: &'a Sources,
    indexed: BTreeMap<FileId, Arc<Indexed>>,
}

impl Files<'_> {
    fn get(&mut self, file: FileId) -> Option<Arc<Indexed>> {
        if let Some(indexed) = self.indexed.get(&file) {
            return Some(Arc::clone(indexed));
        }
        let source = self.sources.get(file)?;
        let indexed = Arc::new(Indexed::new(sanitise(&source.path), mask(&source.text)));
        self.indexed.insert(file, Arc::clone(&indexed));
        Some(indexed)
    }
}

/// A text with its line starts: a label costs a binary search, not a scan of the file.
#[derive(Debug)]
struct Indexed {
    name: String,
    text: String,
    starts: Vec<usize>,
}

impl Indexed {
    fn new(name: String, text: String) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name, text, starts }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }
}

impl SourceCode for Indexed {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        if span.offset() + span.len() > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.line_of(span.offset());
        let last = self.line_of(span.offset() + span.len().saturating_sub(1));
        let from = first.saturating_sub(before);
        let start = self.starts.get(from).copied().unwrap_or(0);
        let end = self.starts.get(last + after + 1).copied().unwrap_or(self.text.len());
        let data = self.text.as_bytes().get(start..end).ok_or(MietteError::OutOfBounds)?;
        let column = if before == 0 { span.offset().saturating_sub(start) } else { 0 };
        let line_count = last + after + 1 - from;
        let window: SourceSpan = (start, end - start).into();
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, window, from, column, line_count)))
    }
}
