//! What is wrong with a project, as it is shown: over all environments, moved along with edits until it is found anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use diagnostics::{Diagnostic, Report};
use source::{FileId, Sources, Span};

/// One problem, and the environments that have it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The problem.
    pub diagnostic: Diagnostic,
    /// The environments, if not all have it.
    pub environments: Vec<String>,
    /// Where it stands, if that is no file of the project: `std/aws/bucket.kdl:12`.
    pub elsewhere: Option<String>,
}

impl Finding {
    fn is(&self, other: &Self) -> bool {
        let (one, two) = (&self.diagnostic, &other.diagnostic);
        std::ptr::eq(one.code, two.code) && one.span == two.span && one.message == two.message
    }

    /// Whether it is about the spelling alone, which is looked at with each key.
    pub fn is_syntax(&self) -> bool {
        syntax::CODES
            .iter()
            .any(|code| std::ptr::eq(*code, self.diagnostic.code))
    }
}

/// The problems of all environments, each once.
#[must_use]
pub fn together(reports: &[(Option<&str>, &Report, &Sources)], files: usize) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut known: BTreeMap<(Option<Span>, &str, &str), usize> = BTreeMap::new();
    for (environment, report, sources) in reports {
        for diagnostic in report.diagnostics() {
            let key = (diagnostic.span, diagnostic.code.name, diagnostic.message.as_str());
            let at = *known.entry(key).or_insert_with(|| {
                let outside = diagnostic.span.filter(|span| span.file.0 as usize >= files);
                let mut kept = diagnostic.clone();
                if outside.is_some() {
                    kept.span = None;
                }
                kept.labels.retain(|label| (label.span.file.0 as usize) < files);
                found.push(Finding {
                    diagnostic: kept,
                    environments: Vec::new(),
                    elsewhere: outside.map(|span| sources.place(span)),
                });
                found.len() - 1
            });
            if let (Some(finding), Some(name)) = (found.get_mut(at), environment) {
                finding.environments.push((*name).to_owned());
            }
        }
    }
    for finding in &mut found {
        if finding.environments.len() == reports.len() {
            finding.environments.clear();
        }
    }
    found
}

/// A change of a text: these bytes became so many.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// First byte.
    pub start: u32,
    /// One past the last byte that went.
    pub end: u32,
    /// One past the last byte that came.
    pub new_end: u32,
}

impl Change {
    /// Where a span is afterwards; `None` if the change touched it.
    fn moved(self, span: Span) -> Option<Span> {
        if span.end <= self.start {
            return Some(span);
        }
        if span.start < self.end {
            return None;
        }
        let moved = |at: u32| at - self.end + self.new_end;
        Some(Span::new(span.file, moved(span.start), moved(span.end)))
    }
}

/// What is shown of a project.
#[derive(Debug, Default)]
pub struct Shown {
    /// Everything that the last look found.
    pub all: Arc<Vec<Finding>>,
    /// What only the proof found: it is kept until the next proof.
    further: Vec<Finding>,
    /// What names alone found, of the same text as the last proof.
    names: Vec<Finding>,
}

impl Shown {
    /// Names are found: what the last proof added stays until the next one.
    pub fn names(&mut self, found: Vec<Finding>) {
        self.names.clone_from(&found);
        let mut all = found;
        for further in &self.further {
            if !all.iter().any(|one| one.is(further)) {
                all.push(further.clone());
            }
        }
        self.all = Arc::new(all);
    }

    /// All is found.
    pub fn proof(&mut self, found: Vec<Finding>) {
        let is_further = |one: &&Finding| !self.names.iter().any(|known| known.is(one));
        self.further = found.iter().filter(is_further).cloned().collect();
        self.all = Arc::new(found);
    }

    /// The text of a file changed: what stands behind the change moves, what the change touched goes.
    pub fn edited(&mut self, file: FileId, changes: &[Change]) {
        let all = Arc::make_mut(&mut self.all);
        for list in [all, &mut self.further] {
            list.retain_mut(|finding| {
                let diagnostic = &mut finding.diagnostic;
                diagnostic
                    .labels
                    .retain_mut(|label| follow(&mut label.span, file, changes));
                // An edit of a help may not be where it was meant any more.
                diagnostic.fixes.clear();
                match &mut diagnostic.span {
                    Some(span) => follow(span, file, changes),
                    None => true,
                }
            });
        }
    }

    /// The files of the project are others now: places mean nothing any more.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

fn follow(span: &mut Span, file: FileId, changes: &[Change]) -> bool {
    if span.file != file {
        return true;
    }
    for change in changes {
        match change.moved(*span) {
            Some(moved) => *span = moved,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_follows_what_is_typed_before_it() {
        let span = |start, end| Span::new(FileId(0), start, end);
        let change = |start, end, new_end| Change { start, end, new_end };
        assert_eq!(change(2, 2, 5).moved(span(4, 6)), Some(span(7, 9)));
        assert_eq!(change(2, 4, 2).moved(span(4, 6)), Some(span(2, 4)));
        assert_eq!(change(6, 6, 9).moved(span(4, 6)), Some(span(4, 6)));
        assert_eq!(change(4, 4, 5).moved(span(4, 6)), Some(span(5, 7)));
        assert_eq!(change(5, 5, 6).moved(span(4, 6)), None);
        assert_eq!(change(0, 5, 0).moved(span(4, 6)), None);
    }
}
