//! Diagnostics for people: `miette` draws them, through a source that knows its lines.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use diagnostics::{Diagnostic, Report, Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use source::{FileId, Sources, Span};

use super::sanitise::{self, mask, sanitise};
use super::snippet::Snippet;

/// How many diagnostics a person sees; beyond it, a count for each code.
const SHOWN_MAX: usize = 20;

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
    /// ASCII alone.
    pub(crate) ascii: bool,
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
    if style.ascii { sanitise::ascii(&text) } else { text }
}

/// A sentence as wide as the terminal.
pub(crate) fn wrapped(text: &str, style: Style) -> String {
    let mut out = String::new();
    push_wrapped(&mut out, "", &sanitise(text), style.width);
    if style.ascii { sanitise::ascii(&out) } else { out }
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
    let mut marks: Vec<Mark> = main.into_iter().map(|span| Mark { span, text: None }).collect();
    let mut elsewhere = Vec::new();
    for label in &diagnostic.labels {
        let text = sentence(&label.text);
        if here(label.span) {
            marks.push(Mark {
                span: label.span,
                text: Some(text),
            });
        } else {
            elsewhere.push((label.span, text));
        }
    }
    let severity = match diagnostic.code.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Note => miette::Severity::Advice,
    };
    let snippet = main.and_then(|span| files.snippet(span.file, &marks, style.width));
    let is_drawn = snippet.is_some();
    one_drawing(
        Shown {
            message: sentence(&diagnostic.message),
            code: Some(diagnostic.code.name),
            severity,
            snippet,
        },
        style,
        into,
    );
    for (span, text) in elsewhere {
        let snippet = files.snippet(span.file, &[Mark { span, text: None }], style.width);
        one_drawing(
            Shown {
                message: text,
                code: None,
                severity: miette::Severity::Advice,
                snippet,
            },
            style,
            into,
        );
    }
    if let (Some(span), false) = (main, is_drawn) {
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

fn one_drawing(shown: Shown, style: Style, into: &mut String) {
    let drawn = if style.graphics {
        let theme = match (style.ascii, style.colour) {
            (true, _) => GraphicalTheme::none(),
            (false, true) => GraphicalTheme::unicode(),
            (false, false) => GraphicalTheme::unicode_nocolor(),
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
}

/// A sentence as a terminal may have it: nothing in it is obeyed, and it ends.
fn sentence(text: &str) -> String {
    match text.char_indices().nth(SENTENCE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", sanitise(text.get(..at).unwrap_or_default())),
        None => sanitise(text),
    }
}

/// A place to point at.
pub(super) struct Mark {
    pub(super) span: Span,
    pub(super) text: Option<String>,
}

/// A diagnostic as `miette` wants it.
#[derive(Debug)]
struct Shown {
    message: String,
    code: Option<&'static str>,
    severity: miette::Severity,
    snippet: Option<Snippet>,
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
        self.snippet.as_ref().map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet.as_ref()?;
        Some(Box::new(snippet.labels.iter().cloned()))
    }
}

/// Sources, each indexed once.
struct Files<'a> {
    sources: &'a Sources,
    indexed: BTreeMap<FileId, Arc<Indexed>>,
}

impl Files<'_> {
    /// The lines around some places of a file, each cut to the width.
    fn snippet(&mut self, file: FileId, marks: &[Mark], width: usize) -> Option<Snippet> {
        let indexed = self.get(file)?;
        Some(Snippet::new(&indexed, marks, width))
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
pub(super) struct Indexed {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) starts: Vec<usize>,
}

impl Indexed {
    fn new(name: String, text: String) -> Self {
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self { name, text, starts }
    }

    /// Where a line begins and ends, without its newline.
    pub(super) fn line(&self, line: usize) -> (usize, &str) {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        (start, self.text.get(start..end.max(start)).unwrap_or_default())
    }

    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }
}
