//! Codes, diagnostics and the report.
//!
//! A code is declared once, beside the rule that raises it; a diagnostic is built where the problem is found;
//! rendering knows neither.

use source::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; the exit code stays 0.
    Note,
    /// Reported, does not stop the build.
    Warning,
    /// Stops the build.
    Error,
}

/// The public name of a fault, declared once beside its rule.
#[derive(Debug)]
pub struct Code {
    /// Kebab-case name of the fault. Public API: listed in `golden/codes.txt`, never renamed.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line, lower case, no full stop.
    pub summary: &'static str,
    /// The page that `leastwise explain NAME` shows, in Markdown.
    pub docs: &'static str,
}

/// A fault of the compiler itself: a floor was given what the floor above promised not to give.
pub static COMPILER_BUG: Code = Code {
    name: "compiler-bug",
    severity: Severity::Error,
    summary: "the compiler contradicts itself",
    docs: "# compiler-bug\n\nThe compiler found two of its own floors in disagreement. Nothing was written. \
           This is a fault of Leastwise, not of the spec: please report it with the smallest spec that shows it.\n",
};

/// Every code of this crate.
pub static CODES: &[&Code] = &[&COMPILER_BUG];

/// A second place that a diagnostic points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there, in a few words.
    pub text: String,
}

/// Text put in the place of other text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What it replaces; an empty span inserts.
    pub span: Span,
    /// What stands there then.
    pub text: String,
}

/// How far a change of the spec may be made without somebody looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// It says what was plainly meant: no access can come or go that the spec did not say before.
    Safe,
    /// It may change who reaches what, or what is promised: a person decides.
    Unsafe,
}

/// A help that can be carried out: changes of the spec, all of them or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a menu shows it: one line, lower case, no full stop.
    pub title: String,
    /// The changes; no two of them overlap.
    pub edits: Vec<Edit>,
    /// Whether somebody has to look.
    pub safety: Safety,
}

/// One problem at one place: what, where, why here, what to do.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The fault.
    pub code: &'static Code,
    /// The place that is wrong; `None` where a whole build is (a project without files).
    pub span: Option<Span>,
    /// What is wrong: stands alone, one line, lower case, no full stop, user input in backticks.
    pub message: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// Why it matters here: the chain, the limit, the number. One entry a line.
    pub notes: Vec<String>,
    /// The smallest change that mends it.
    pub help: Option<String>,
    /// The help as changes of the spec, where it can be carried out. More than one: each mends it by itself.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A problem at a place.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            span: Some(span),
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// A problem of the build as a whole.
    pub fn global(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            span: None,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// Points at a further place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says why it matters here.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Offers a change of the spec that mends it.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, safety: Safety, edits: Vec<Edit>) -> Self {
        self.fixes.push(Fix {
            title: title.into(),
            edits,
            safety,
        });
        self
    }
}

/// Every diagnostic of a build, filled on the way down.
#[derive(Clone, Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Adds a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds everything of another report (of a task that ran beside this one).
    pub fn append(&mut self, other: Self) {
        self.diagnostics.extend(other.diagnostics);
    }

    /// Reports that a floor was given what the floor above promised not to give.
    pub fn compiler_bug(&mut self, what: impl Into<String>) {
        self.push(Diagnostic::global(&COMPILER_BUG, what));
    }

    /// Whether anything stops the build.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code.severity == Severity::Error)
    }

    /// The diagnostics in the order in which they were found.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The diagnostics by themselves.
    #[must_use]
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Sorts by place, then code, then message, and drops exact repetitions: the order in which people read.
    pub fn sort(&mut self) {
        self.diagnostics
            .sort_by(|a, b| (a.span, a.code.name, &a.message).cmp(&(b.span, b.code.name, &b.message)));
        self.diagnostics
            .dedup_by(|a, b| a.span == b.span && a.code.name == b.code.name && a.message == b.message);
    }

    /// Drops the diagnostics for which `keep` is false (a waiver took them).
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.diagnostics.retain(keep);
    }
}
