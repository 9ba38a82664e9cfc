//! A finding as pipelines show it: a path from where the command runs, lines, and a fingerprint that outlives moved lines.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use diagnostics::{Diagnostic, Severity};
use source::{FileId, Origin, Sources, Span};

use super::sanitise::sanitise;

/// What several environments have in common is one finding.
pub(crate) struct Finding<'a> {
    /// The environments that have it; none in a project without.
    pub(crate) environments: Vec<&'a str>,
    pub(crate) diagnostic: &'a Diagnostic,
    /// Where it is; `None` where a whole build is wrong, or the standard library.
    pub(crate) place: Option<Place>,
    /// Further places with what is there.
    pub(crate) labels: Vec<(Option<Place>, String)>,
    /// The same for the same mistake on another line. No two findings of one report share it.
    pub(crate) fingerprint: String,
}

/// A region of a file of the project.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// From the folder in which the command runs, which is the root of the repository in a pipeline.
    pub(crate) path: String,
    pub(crate) region: Region,
}

/// Lines and columns from 1, columns in Unicode scalar values; the end is the first column behind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    pub(crate) start_line: usize,
    pub(crate) start_column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

impl Finding<'_> {
    pub(crate) fn severity(&self) -> Severity {
        self.diagnostic.code.severity
    }

    pub(crate) fn code(&self) -> &'static str {
        self.diagnostic.code.name
    }

    /// What is wrong, with the environments that have it, on one line.
    pub(crate) fn message(&self) -> String {
        let message = sanitise(&self.diagnostic.message).replace('\n', " ");
        match self.environments.as_slice() {
            [] => message,
            names => format!("{message} (in {})", sanitise(&names.join(", "))),
        }
    }

    /// Everything that is said: the message, the notes, the help, one a line.
    pub(crate) fn text(&self) -> String {
        let mut text = self.message();
        for note in &self.diagnostic.notes {
            text.push_str(&format!("\nnote: {}", sanitise(note)));
        }
        if let Some(help) = &self.diagnostic.help {
            text.push_str(&format!("\nhelp: {}", sanitise(help)));
        }
        text
    }
}

/// Where the paths of a report begin: the project's folder, from where the command runs.
pub(crate) struct Base {
    prefix: String,
}

impl Base {
    /// The base of a project's folder, as it was named to the command, seen from `here`.
    pub(crate) fn new(folder: &Path, here: &Path) -> Self {
        let is_plain = folder.is_relative() && !folder.components().any(|part| part == Component::ParentDir);
        let real = (!is_plain).then(|| {
            let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
            let here = here.canonicalize().unwrap_or_else(|_| here.to_path_buf());
            folder
                .strip_prefix(&here)
                .map_or(folder.clone(), Path::to_path_buf)
        });
        let shown = real.as_deref().unwrap_or(folder);
        let mut prefix = String::new();
        for part in shown.components() {
            match part {
                Component::CurDir | Component::ParentDir => {}
                Component::RootDir => prefix.push('/'),
                Component::Prefix(drive) => prefix.push_str(&drive.as_os_str().to_string_lossy()),
                Component::Normal(name) => {
                    prefix.push_str(&name.to_string_lossy());
                    prefix.push('/');
                }
            }
        }
        Self { prefix }
    }

    /// A path of the project from where the command runs.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// A span as a place; `None` in the standard library, which no repository holds.
    pub(crate) fn place(&self, sources: &Sources, span: Span) -> Option<Place> {
        let file = sources
            .get(span.file)
            .filter(|file| file.origin == Origin::Project)?;
        let (start, end) = (
            sources.line_column(span),
            sources.line_column(Span::new(
                span.file,
                span.end.max(span.start),
                span.end.max(span.start),
            )),
        );
        Some(Place {
            path: self.path(&file.path),
            region: Region {
                start_line: start.line,
                start_column: start.column,
                end_line: end.line,
                end_column: end.column,
            },
        })
    }
}

/// Reports as findings, what stops a build first.
pub(crate) fn findings<'a>(
    reports: &'a [(Vec<&'a str>, diagnostics::Report, &'a Sources)],
    base: &Base,
) -> Vec<(Finding<'a>, &'a Sources)> {
    let mut found: Vec<(Finding<'a>, &'a Sources)> = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (environments, report, sources) in reports {
        let mut lines = Lines::default();
        for diagnostic in report.diagnostics() {
            let key = key(diagnostic, sources, environments, &mut lines);
            let count = seen.entry(key.clone()).or_default();
            *count += 1;
            let labels = diagnostic.labels.iter().map(|label| {
                let place = base.place(sources, label.span);
                let text = sanitise(&label.text);
                let text = match &place {
                    Some(_) => text,
                    None => format!("{text} ({})", sources.place(label.span)),
                };
                (place, text)
            });
            let finding = Finding {
                environments: environments.clone(),
                diagnostic,
                place: diagnostic.span.and_then(|span| base.place(sources, span)),
                labels: labels.collect(),
                fingerprint: driver::manifest::sha256(format!("{key}\0{count}").as_bytes()),
            };
            found.push((finding, sources));
        }
    }
    found.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity()));
    found
}

/// The lines of files, each split once.
type Lines<'a> = BTreeMap<FileId, Vec<&'a str>>;

/// What of a finding stays when lines move: its code, its file, its message, and the text of the line on which it begins.
fn key<'a>(
    diagnostic: &Diagnostic,
    sources: &'a Sources,
    environments: &[&str],
    lines: &mut Lines<'a>,
) -> String {
    let (path, line) = diagnostic.span.map_or(("", ""), |span| {
        let Some(file) = sources.get(span.file) else {
            return ("", "");
        };
        let lines = lines
            .entry(span.file)
            .or_insert_with(|| file.text.lines().collect());
        let line = sources.line_column(span).line.saturating_sub(1);
        (&*file.path, lines.get(line).copied().unwrap_or(""))
    });
    // Not how far the line is indented: a formatter changes that.
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    // A message may tell places of other lines, which move too.
    let message: String = without_places(&diagnostic.message);
    [
        diagnostic.code.name,
        path,
        &line,
        &message,
        &environments.join(","),
    ]
    .join("\0")
}

/// A message without the numbers of lines in it: `a.kdl:12` as `a.kdl`.
fn without_places(message: &str) -> String {
    let mut pieces = message.split(".kdl:");
    let mut out = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        out.push_str(".kdl");
        out.push_str(piece.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    }
    out
}

#[cfg(test)]
mod tests {
    use diagnostics::{COMPILER_BUG, Report};

    use super::*;

    fn fingerprints(text: &str, at: &[&str]) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.add("a.kdl", text, Origin::Project);
        let mut report = Report::default();
        for wanted in at {
            for (start, _) in text.match_indices(wanted) {
                let span = Span::new(file, start as u32, (start + wanted.len()) as u32);
                report.push(Diagnostic::new(&COMPILER_BUG, span, "see a.kdl:7"));
            }
        }
        let reports = [(Vec::new(), report, &sources)];
        let base = Base::new(Path::new("."), Path::new("."));
        findings(&reports, &base)
            .into_iter()
            .map(|(finding, _)| finding.fingerprint)
            .collect()
    }

    #[test]
    fn a_fingerprint_outlives_moved_and_indented_lines() {
        let before = fingerprints("one x\ntwo y\n", &["y"]);
        assert_eq!(before, fingerprints("// new\n\none x\n    two   y\n", &["y"]));
        assert_ne!(before, fingerprints("one x\ntwo z\n", &["z"]));
    }

    #[test]
    fn equal_lines_have_fingerprints_of_their_own() {
        let found = fingerprints("two y\ntwo y\n", &["y"]);
        assert_eq!(found.len(), 2);
        assert_ne!(found.first(), found.last());
    }

    #[test]
    fn paths_begin_where_the_command_runs() {
        let at = |folder: &str| Base::new(Path::new(folder), Path::new("/nowhere")).path("a.kdl");
        assert_eq!(at("."), "a.kdl");
        assert_eq!(at("./infra"), "infra/a.kdl");
        assert_eq!(at("/nowhere/infra"), "infra/a.kdl");
        assert_eq!(at("/elsewhere"), "/elsewhere/a.kdl");
    }

    #[test]
    fn places_in_a_message_lose_their_lines() {
        assert_eq!(without_places("by a.kdl:12, b/c.kdl:7"), "by a.kdl, b/c.kdl");
        assert_eq!(without_places("a.kdl"), "a.kdl");
    }
}
