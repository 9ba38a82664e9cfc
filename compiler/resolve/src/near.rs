//! Did you mean: the nearest of a list of names, if one is near.

use std::cell::Cell;
use std::fmt;

use diagnostics::{Diagnostic, Edit, Safety};
use source::Span;

/// How many candidates all suggestions of one build may look at: a hostile spec with many unknown names stays linear.
const LOOKS_MAX: usize = 1_000_000;

/// The name that somebody may have meant who wrote another; `None` if none is near.
#[must_use]
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    Near::default().find(written, names).map(|found| found.name)
}

/// What is left of the budget of suggestions.
#[derive(Debug)]
pub(crate) struct Near {
    left: Cell<usize>,
}

impl Default for Near {
    fn default() -> Self {
        Self {
            left: Cell::new(LOOKS_MAX),
        }
    }
}

impl Near {
    /// The candidate that is nearest to `written`; `None` if none is near, since a wild guess is worse than none.
    pub(crate) fn find<'a>(
        &self,
        written: &str,
        candidates: impl Iterator<Item = &'a str>,
    ) -> Option<Found<'a>> {
        let wanted = written.to_ascii_lowercase();
        let length = wanted.len();
        if length == 0 || length > 64 {
            return None;
        }
        let far = match length {
            1..=4 => 1,
            5..=9 => 2,
            _ => 3,
        };
        let mut best: Option<(usize, &str)> = None;
        let mut is_alone = true;
        for candidate in candidates {
            let left = self.left.get();
            if left == 0 {
                is_alone = false;
                break;
            }
            self.left.set(left - 1);
            if candidate.len().abs_diff(length) > far {
                continue;
            }
            let distance = distance(wanted.as_bytes(), candidate.to_ascii_lowercase().as_bytes());
            if distance > far || distance >= length {
                continue;
            }
            is_alone &= best.is_none_or(|(_, name)| name == candidate);
            if best.is_none_or(|(least, name)| (distance, candidate) < (least, name)) {
                best = Some((distance, candidate));
            }
        }
        best.map(|(distance, name)| Found {
            written: length,
            is_slip: distance <= 1,
            name,
            is_alone,
        })
    }
}

/// The candidate that was nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    /// How many bytes were written in its place.
    written: usize,
    pub(crate) name: &'a str,
    /// One letter is wrong, or two are swapped: hardly another word.
    is_slip: bool,
    /// Whether no other candidate was near.
    is_alone: bool,
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Found<'_> {
    /// Asks whether it was meant; where it alone can have been, and `span` is the word that was written, as a change of the spec too.
    pub(crate) fn offer(&self, diagnostic: Diagnostic, span: Span, safety: Safety) -> Diagnostic {
        let diagnostic = diagnostic.help(format!("did you mean `{}`?", self.name));
        // As it is, or in quotes. Elsewhere the span is of more than the word.
        let bytes = (span.end - span.start) as usize;
        let is_word = bytes == self.written || bytes == self.written + 2;
        if !self.is_alone || !is_word || !crate::spelling::is_name(self.name) {
            return diagnostic;
        }
        let edit = Edit {
            span,
            text: self.name.to_owned(),
        };
        let safety = if self.is_slip { safety } else { Safety::Unsafe };
        diagnostic.fix(format!("write `{}`", self.name), safety, vec![edit])
    }
}

/// Edits between two words: insert, delete, replace, or swap two neighbours.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        let near = Near::default();
        let names = || ["bucket", "balancer", "key", "database"].into_iter();
        let find = |word: &str| near.find(word, names()).map(|found| found.name);
        assert_eq!(find("buckte"), Some("bucket"));
        assert_eq!(find("Bucket"), Some("bucket"));
        assert_eq!(find("databse"), Some("database"));
        assert_eq!(near.find("fleet", names()), None);
        assert_eq!(near.find("x", names()), None);
    }

    #[test]
    fn one_of_two_that_are_near_is_asked_for_and_never_written() {
        static CODE: diagnostics::Code = diagnostics::Code {
            name: "x",
            severity: diagnostics::Severity::Error,
            summary: "x",
            docs: "",
        };
        let near = Near::default();
        let fixes = |names: &[&'static str], bytes: u32| {
            let found = near.find("jobs-a", names.iter().copied()).unwrap();
            let span = Span::new(source::FileId(0), 0, bytes);
            let offered = found.offer(Diagnostic::new(&CODE, span, "x"), span, Safety::Unsafe);
            assert!(offered.help.is_some());
            offered.fixes.len()
        };
        assert_eq!(fixes(&["jobs-b", "queue"], 6), 1);
        assert_eq!(fixes(&["jobs-b", "queue"], 8), 1);
        assert_eq!(fixes(&["jobs-b", "jobs-c"], 6), 0);
        // The span of more than the word.
        assert_eq!(fixes(&["jobs-b"], 11), 0);
    }

    #[test]
    fn the_budget_ends() {
        let near = Near { left: Cell::new(1) };
        assert_eq!(near.find("kez", ["bucket", "key"].into_iter()), None);
    }
}
