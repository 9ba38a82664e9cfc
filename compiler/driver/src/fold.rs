//! What many places have in common, told once: for who reads a list. Who marks a text wants each place: there they stay apart.

use std::collections::BTreeMap;

use diagnostics::{Diagnostic, Report, Severity};
use source::{FileId, Sources, Span};

use crate::hanging::{Floor, floor};

/// What one mistake brings about in many places. Promises and tests are each told: each is another question.
const FOLDED: [&str; 13] = [
    "bad-inventory",
    "duplicate-declaration",
    "made-twice",
    "missing-argument",
    "missing-fact",
    "missing-path",
    "row-without-segment",
    "shared-address",
    "undeclared-environment",
    "unexpected-token",
    "unmet-require",
    "unquoted-value",
    "wrong-type",
];

/// Of these, whatever way out each has: rows of one file, objects of two environments.
const FOLDED_BY_CODE: [&str; 2] = ["made-twice", "row-without-segment"];

/// So many errors of one sort are told one by one.
const ONE_BY_ONE_MAX: usize = 3;

/// Tells errors of one code that are mended alike once, if they are more than a few.
pub fn fold(report: &mut Report, sources: &Sources) {
    type Key = (&'static str, String);
    let key = |one: &Diagnostic| -> Option<Key> {
        let is_error = FOLDED.contains(&one.code.name) && one.span.is_some();
        let alike = one.help.as_ref().unwrap_or(&one.message);
        let alike = match FOLDED_BY_CODE.contains(&one.code.name) {
            true => String::new(),
            false => alike.clone(),
        };
        is_error.then_some((one.code.name, alike))
    };
    fold_lines(report, sources);
    let mut many: BTreeMap<Key, usize> = BTreeMap::new();
    for one in report.diagnostics() {
        if let Some(key) = key(one) {
            *many.entry(key).or_default() += 1;
        }
    }
    if many.values().all(|count| *count <= ONE_BY_ONE_MAX) {
        return;
    }
    let all = std::mem::take(report).into_diagnostics();
    let mut first: BTreeMap<Key, usize> = BTreeMap::new();
    let mut others: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
    let mut kept: Vec<Diagnostic> = Vec::new();
    for one in all {
        let key = key(&one).filter(|key| many.get(key).is_some_and(|count| *count > ONE_BY_ONE_MAX));
        match key {
            None => kept.push(one),
            Some(key) => match first.get(&key) {
                Some(at) => others.entry(*at).or_default().extend(one.span),
                None => {
                    first.insert(key, kept.len());
                    kept.push(one);
                }
            },
        }
    }
    for (at, places) in others {
        if let Some(one) = kept.get_mut(at) {
            one.notes.push(also(&places, sources));
        }
    }
    for one in kept {
        report.push(one);
    }
}

/// Tells of lines that follow each other and are each spelt wrongly, as pasted text is, the first two and how many more.
fn fold_lines(report: &mut Report, sources: &Sources) {
    let line_of = |one: &Diagnostic| -> Option<(FileId, usize)> {
        let is_spelling = floor(one.code) == Floor::Syntax || one.code.name == "unknown-declaration";
        let span = one
            .span
            .filter(|_| is_spelling && one.code.severity == Severity::Error)?;
        Some((span.file, sources.line_column(span).line))
    };
    let all = std::mem::take(report).into_diagnostics();
    let mut kept: Vec<Diagnostic> = Vec::new();
    let mut left = all.into_iter().peekable();
    while let Some(first) = left.next() {
        let mut run = vec![first];
        while let Some((file, line)) = run.last().and_then(line_of)
            && let Some(next) = left.next_if(|next| {
                line_of(next).is_some_and(|(own, at)| own == file && at >= line && at <= line + 1)
            })
        {
            run.push(next);
        }
        let count = run.len();
        if count > ONE_BY_ONE_MAX {
            let last = run.last().and_then(line_of).map_or(0, |(_, line)| line);
            run.truncate(2);
            if let Some(shown) = run.last_mut() {
                shown
                    .notes
                    .push(format!("{} more in what follows, up to line {last}", count - 2));
            }
        }
        kept.extend(run);
    }
    for one in kept {
        report.push(one);
    }
}

/// `the same is wrong in 4 more places: app.kdl:4, app.kdl:9 and 2 more`
fn also(places: &[Span], sources: &Sources) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = places.iter().map(|span| sources.place(*span)).collect();
    shown.dedup();
    let more = shown.len().saturating_sub(SHOWN);
    shown.truncate(SHOWN);
    let more = match more {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!(
        "the same is wrong in {} more places: {}{more}",
        places.len(),
        shown.join(", ")
    )
}
