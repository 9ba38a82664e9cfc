//! Changes of several files that do not touch each other.

use std::collections::BTreeMap;

use diagnostics::{Edit, Fix};
use source::{Origin, Sources};

/// Changes by file, those of a fix all or none.
#[derive(Default)]
pub(super) struct Edits {
    by_file: BTreeMap<String, Vec<Change>>,
}

/// One change of a file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    start: usize,
    end: usize,
    text: String,
}

impl Change {
    /// Whether both would have to be made at one place. What only meets is left for the next round, since nobody says which comes first.
    fn touches(&self, other: &Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

impl Edits {
    /// Takes a fix, if it is of files of the project, at places that there are, and touches nothing that was taken. False if not.
    pub(super) fn take(&mut self, fix: &Fix, sources: &Sources) -> bool {
        let changes: Option<Vec<(String, Change)>> =
            fix.edits.iter().map(|edit| change(edit, sources)).collect();
        let Some(changes) = changes.filter(|changes| !changes.is_empty()) else {
            return false;
        };
        let is_free = |(path, change): &(String, Change)| {
            let taken = self.by_file.get(path);
            taken.is_none_or(|taken| !taken.iter().any(|other| other.touches(change)))
        };
        if !changes.iter().all(is_free) {
            return false;
        }
        for (path, change) in changes {
            self.by_file.entry(path).or_default().push(change);
        }
        true
    }

    /// Hands each file's name to `to`, with what changes its text.
    pub(super) fn apply(mut self, mut to: impl FnMut(&str, &dyn Fn(&str) -> String)) {
        for (path, changes) in &mut self.by_file {
            changes.sort_by_key(|change| change.start);
            let changes = &*changes;
            to(path, &|text| changed(text, changes));
        }
    }
}

/// An edit of a file of the project, at the borders of letters.
fn change(edit: &Edit, sources: &Sources) -> Option<(String, Change)> {
    let file = sources.get(edit.span.file)?;
    let (start, end) = (edit.span.start as usize, edit.span.end as usize);
    let is_there = file.text.get(start..end).is_some();
    (file.origin == Origin::Project && is_there).then(|| {
        let change = Change {
            start,
            end,
            text: edit.text.clone(),
        };
        (file.path.to_string(), change)
    })
}

/// A text with changes that are in order and touch nowhere.
fn changed(text: &str, changes: &[Change]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for change in changes {
        out.push_str(text.get(at..change.start).unwrap_or_default());
        out.push_str(&change.text);
        at = change.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use diagnostics::Safety;
    use source::{FileId, Span};

    use super::*;

    fn fix(edits: &[(u32, u32, &str)]) -> Fix {
        Fix {
            title: String::new(),
            edits: edits
                .iter()
                .map(|(start, end, text)| Edit {
                    span: Span::new(FileId(0), *start, *end),
                    text: (*text).to_owned(),
                })
                .collect(),
            safety: Safety::Safe,
        }
    }

    #[test]
    fn the_first_wins_and_the_others_wait() {
        let mut sources = Sources::default();
        sources.add("a.kdl", "one two thrée", Origin::Project);
        sources.add("std/b.kdl", "x", Origin::Library);
        let mut edits = Edits::default();
        assert!(edits.take(&fix(&[(4, 7, "2")]), &sources));
        // One that overlaps takes nothing of its own either.
        assert!(!edits.take(&fix(&[(0, 3, "1"), (6, 8, "")]), &sources));
        assert!(!edits.take(&fix(&[(7, 7, "!")]), &sources));
        assert!(edits.take(&fix(&[(0, 3, "1")]), &sources));
        // Inside a letter, behind the end, of the library: none is a place to write.
        assert!(!edits.take(&fix(&[(12, 12, "x")]), &sources));
        assert!(!edits.take(&fix(&[(99, 99, "x")]), &sources));
        let mut library = fix(&[(0, 1, "y")]);
        library
            .edits
            .iter_mut()
            .for_each(|edit| edit.span.file = FileId(1));
        assert!(!edits.take(&library, &sources));
        let mut out = String::new();
        edits.apply(|_, change| out = change("one two thrée"));
        assert_eq!(out, "1 2 thrée");
    }
}
