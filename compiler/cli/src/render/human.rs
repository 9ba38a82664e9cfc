//! Diagnostics for people: `miette` draws them, through a source that knows its lines.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use diagnostics::{Diagnostic, Report, Severity};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use source::{FileId, Sources, Span};

use super::sanitise::{mask, sanitise};

/// How many diagnostics a person sees; beyond it, a count for each code.
const SHOWN_MAX: usize = 20;

/// The longest line of a source that is drawn; about a place in a longer one only the place is said.
const LINE_BYTES_MAX: usize = 1_000;
/// The longest message, note or help.
const SENTENCE_CHARS_MAX: usize = 1_000;

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

/// The whole report as text, errors first; empty if there is nothing to say.
///
/// A note takes one line: it stops nothing, and must not push what does out of sight.
pub(crate) fn human(report: &Report, sources: &Sources, style: Style) -> String {
    let mut text = String::new();
    let mut files = Files {
        sources,
        indexed: BTreeMap::new(),
    };
    let mut hidden: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let of_severity = report
            .diagnostics()
            .iter()
            .filter(|diagnostic| diagnostic.code.severity == severity);
        for diagnostic in of_severity {
            shown += 1;
            if shown > SHOWN_MAX {
                *hidden.entry(diagnostic.code.name).or_default() += 1;
            } else if severity == Severity::Note {
                let place = diagnostic
                    .span
                    .map_or_else(String::new, |span| format!("{}: ", sources.place(span)));
                let line = format!("{place}{} [{}]", diagnostic.message, diagnostic.code.name);
                push_wrapped(&mut text, "note: ", &sentence(&line), style.width);
            } else {
                draw(diagnostic, &mut files, style, &mut text);
            }
        }
    }
    for (code, count) in hidden {
        text.push_str(&format!("and {count} more of {code}\n"));
    }
    text
}

/// A paragraph behind a word, its further lines under its first; words, so also ARNs and paths, are never broken.
fn push_wrapped(into: &mut String, word: &str, paragraph: &str, width: usize) {
    let further = " ".repeat(word.len());
    let options = textwrap::Options::new(width)
        .initial_indent(word)
        .subsequent_indent(&further)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    into.push_str(&textwrap::fill(paragraph, options));
    into.push('\n');
}

/// `2 errors, 1 warning`; empty if there is nothing.
pub(crate) fn tally(report: &Report) -> String {
    let count = |severity| {
        report
            .diagnostics()
            .iter()
            .filter(|diagnostic| diagnostic.code.severity == severity)
            .count()
    };
    [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "note"),
    ]
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
            labels.push(LabeledSpan::new_with_span(
                Some(sentence(&label.text)),
                offsets(label.span),
            ));
        } else {
            elsewhere.push(Shown {
                message: sentence(&label.text),
                code: None,
                severity: miette::Severity::Advice,
                labels: vec![LabeledSpan::new_primary_with_span(None, offsets(label.span))],
                source: files.around(label.span),
                related: Vec::new(),
            });
        }
    }
    let shown = Shown {
        message: sentence(&diagnostic.message),
        code: Some(diagnostic.code.name),
        severity: match diagnostic.code.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        },
        labels: if main.is_some_and(|span| files.around(span).is_some()) {
            labels
        } else {
            Vec::new()
        },
        source: main.and_then(|span| files.around(span)),
        related: elsewhere,
    };
    let drawn = if style.graphics {
        let theme = if style.colour {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_links(false)
            .with_break_words(false)
            .with_word_separator(textwrap::WordSeparator::AsciiSpace)
            .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
            .render_report(into, &shown)
    } else {
        miette::NarratableReportHandler::new().render_report(into, &shown)
    };
    if drawn.is_err() {
        into.push_str(&shown.message);
        into.push('\n');
    }
    if let (Some(span), None) = (main, &shown.source) {
        push_wrapped(into, "  at: ", &sanitise(&files.sources.place(span)), style.width);
    }
    for note in &diagnostic.notes {
        push_wrapped(into, "  note: ", &sentence(note), style.width);
    }
    if let Some(help) = &diagnostic.help {
        push_wrapped(into, "  help: ", &sentence(help), style.width);
    }
    into.push('\n');
}

/// A sentence as a terminal may have it: nothing in it is obeyed, and it ends.
fn sentence(text: &str) -> String {
    match text.char_indices().nth(SENTENCE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", sanitise(text.get(..at).unwrap_or_default())),
        None => sanitise(text),
    }
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

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_deref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = _>>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        (!self.related.is_empty()).then(|| {
            Box::new(self.related.iter().map(|shown| shown as &dyn miette::Diagnostic))
                as Box<dyn Iterator<Item = _>>
        })
    }
}

/// Sources, each indexed once.
struct Files<'a> {
    sources: &'a Sources,
    indexed: BTreeMap<FileId, Arc<Indexed>>,
}

impl Files<'_> {
    /// The file, unless its lines around the place are too long to be shown.
    fn around(&mut self, span: Span) -> Option<Arc<Indexed>> {
        let file = self.get(span.file)?;
        file.is_readable_at(span).then_some(file)
    }

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
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self { name, text, starts }
    }

    /// Whether the lines of a span, and those beside it, are as long as people write lines.
    fn is_readable_at(&self, span: Span) -> bool {
        let first = self.line_of(span.start as usize).saturating_sub(1);
        let last = self.line_of(span.end.saturating_sub(1).max(span.start) as usize) + 2;
        let ends = (first..=last).map(|line| self.starts.get(line).copied().unwrap_or(self.text.len()));
        let starts: Vec<usize> = ends.collect();
        starts
            .windows(2)
            .all(|pair| matches!(pair, [start, end] if end - start <= LINE_BYTES_MAX))
    }

    fn line_of(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
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
        let end = self
            .starts
            .get(last + after + 1)
            .copied()
            .unwrap_or(self.text.len());
        let data = self
            .text
            .as_bytes()
            .get(start..end)
            .ok_or(MietteError::OutOfBounds)?;
        let column = if before == 0 {
            span.offset().saturating_sub(start)
        } else {
            0
        };
        let line_count = last + after + 1 - from;
        let window: SourceSpan = (start, end - start).into();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data,
            window,
            from,
            column,
            line_count,
        )))
    }
}
