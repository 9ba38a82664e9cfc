//! What one file has to report, up to its limit.

use diagnostics::{Code, Diagnostic, Edit, Report, Safety, Severity};
use source::{FileId, Span};

pub(crate) static TOO_MANY_ERRORS: Code = Code {
    name: "too-many-errors",
    severity: Severity::Error,
    summary: "a file has more errors than are shown",
    docs: include_str!("pages/too_many_errors.md"),
};

/// The characters of user text that a message repeats.
const QUOTED_CHARS_MAX: usize = 80;

/// The report, seen from one file.
pub(crate) struct Faults<'r> {
    file: FileId,
    report: &'r mut Report,
    left: usize,
    full: bool,
    well_formed: bool,
}

impl<'r> Faults<'r> {
    pub(crate) fn new(file: FileId, errors: usize, report: &'r mut Report) -> Self {
        Self {
            file,
            report,
            left: errors,
            full: false,
            well_formed: true,
        }
    }

    /// Whether the file was KDL v2 so far.
    pub(crate) fn well_formed(&self) -> bool {
        self.well_formed
    }

    /// Whether nothing more would be shown.
    pub(crate) fn full(&self) -> bool {
        self.full
    }

    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        // Invariant: `parse` refuses texts whose offsets do not fit.
        Span::new(self.file, start as u32, end as u32)
    }

    /// Reports what is not KDL v2. The diagnostic is built only if it is shown.
    pub(crate) fn error(&mut self, at: Span, build: impl FnOnce(Span) -> Diagnostic) {
        self.well_formed = false;
        self.trap(at, build);
    }

    /// Says that the file is not KDL v2 where something else was reported at the place.
    pub(crate) fn refuse(&mut self) {
        self.well_formed = false;
    }

    /// Reports what KDL v2 allows and our language does not, because it means something else than it looks like.
    pub(crate) fn trap(&mut self, at: Span, build: impl FnOnce(Span) -> Diagnostic) {
        if self.left > 0 {
            self.left -= 1;
            self.report.push(build(at));
        } else if !self.full {
            self.full = true;
            self.report.push(
                Diagnostic::new(
                    &TOO_MANY_ERRORS,
                    at,
                    "the file has more errors, from here on they are not shown",
                )
                .help("mend the first ones: the others often go with them"),
            );
        }
    }
}

/// What stands in the place of a span, as a change that is plainly meant.
pub(crate) fn instead(span: Span, text: impl Into<String>) -> Vec<Edit> {
    vec![Edit {
        span,
        text: text.into(),
    }]
}

/// A text in quotes; `None` if it holds what does not stand in quotes as it is.
pub(crate) fn quoted(text: &str) -> Option<String> {
    let is_plain = |letter: char| !letter.is_control() && !matches!(letter, '"' | '\\');
    text.chars().all(is_plain).then(|| format!("\"{text}\""))
}

/// Offers to quote what stands at a place, if that is all that it takes.
pub(crate) fn offer_quotes(diagnostic: Diagnostic, span: Span, text: &str) -> Diagnostic {
    match quoted(text) {
        Some(quoted) => {
            let title = format!("write `{}`", clip(&quoted));
            diagnostic.fix(title, Safety::Safe, instead(span, quoted))
        }
        None => diagnostic,
    }
}

/// A piece of user text, short enough for a message.
pub(crate) fn clip(text: &str) -> String {
    let mut characters = text.chars();
    let mut shown: String = characters.by_ref().take(QUOTED_CHARS_MAX).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    // A message is one line, whatever was in the file.
    shown
        .chars()
        .map(|character| {
            if character.is_control() {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect()
}
