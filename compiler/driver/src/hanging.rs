//! One mistake, one message: what only hangs on another mistake is not told.
//!
//! A floor reads on whatever the floor before it found, so that no mistake hides the next. The price is that some of what it says
//! would be gone with an earlier mistake. Nothing is dropped unless an error stands that it hangs on, so a report with errors keeps one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diagnostics::{Code, Diagnostic, Report, Severity};
use source::{FileId, Sources, Span};
use syntax::document::Nodes;

/// Which floor says something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Floor {
    Syntax,
    Resolve,
    Further,
}

/// So many errors are looked at as what others hang on, and so many diagnostics in all: a report that is longer is cut when it is shown.
const CAUSES_MAX: usize = 200;
const DIAGNOSTICS_MAX: usize = 5_000;

/// Drops what hangs on other errors of the report, and tells once what several places have in common.
pub fn settle(report: &mut Report, sources: &Sources) {
    if !report.has_errors() || report.diagnostics().len() > DIAGNOSTICS_MAX {
        return;
    }
    report.sort();
    let all = std::mem::take(report).into_diagnostics();
    let extents = Extents::of(&all, sources);
    let placed: Vec<Placed<'_>> = all.iter().map(|one| extents.placed(one)).collect();
    let causes: Vec<&Placed<'_>> = placed
        .iter()
        .filter(|one| one.what.code.severity == Severity::Error)
        .take(CAUSES_MAX)
        .collect();
    let kept: Vec<bool> = placed
        .iter()
        .map(|one| !causes.iter().any(|cause| hangs(one, cause, sources)))
        .collect();
    // Two that hang on each other would leave nothing.
    let is_whole = all
        .iter()
        .zip(&kept)
        .any(|(one, kept)| *kept && one.code.severity == Severity::Error);
    drop(placed);
    let mut left: Vec<Diagnostic> = Vec::new();
    for (one, kept) in all.into_iter().zip(kept) {
        if kept || !is_whole {
            push_once(&mut left, one);
        }
    }
    for one in left {
        report.push(one);
    }
}

/// A diagnostic, and the declarations that it is about.
struct Placed<'d> {
    what: &'d Diagnostic,
    floor: Floor,
    /// The declaration around its own place.
    around: Option<Span>,
    /// All that `around` holds, where that is a head line.
    whole: Option<Span>,
    /// Those around the places that it points at besides.
    beside: Vec<Span>,
}

/// Whether `one` would be gone if `cause` were mended.
fn hangs(one: &Placed<'_>, cause: &Placed<'_>, sources: &Sources) -> bool {
    let (Some(at), Some(from)) = (one.what.span, cause.what.span) else {
        return false;
    };
    if std::ptr::eq(one.what, cause.what) {
        return false;
    }
    let (code, other) = (one.what.code.name, cause.what.code.name);
    let overlaps = || at.file == from.file && at.start < from.end && from.start < at.end;
    let shares = || overlaps() || (one.around.is_some() && one.around == cause.around);
    // What a merge left is three lines, and the two sides between them.
    if other == "unknown-declaration" && text(sources, from) == "<<<<<<<" {
        let own = line(sources, at);
        return own.starts_with("=======") || own.starts_with(">>>>>>>") || code == "duplicate-declaration";
    }
    // What stands behind the first brace of another language is read as ours, and is none of it.
    if cause.what.message.starts_with("this is JSON") {
        return one.floor == Floor::Syntax && at.file == from.file && at.start > from.start;
    }
    if one.floor != Floor::Syntax && follows(one, cause, sources) {
        return true;
    }
    match (one.floor, cause.floor) {
        // `alias/x` has to be a declared key, whether it is quoted or not.
        (Floor::Syntax, Floor::Resolve) => {
            code == "unquoted-value" && other == "undeclared-name" && at == from && cause.what.help.is_some()
        }
        // Which environments there are is not known yet.
        (Floor::Further, Floor::Syntax | Floor::Resolve) if code == "made-twice" => true,
        (Floor::Resolve | Floor::Further, Floor::Syntax) => {
            let is_exact = code == "undeclared-name" && one.what.help.is_some() && at == from;
            let is_lost = || {
                code == "undeclared-name"
                    && cause
                        .around
                        .is_some_and(|around| is_word_of(head(text(sources, at)), text(sources, around)))
            };
            let lacks = code.starts_with("missing-") || code == "surplus-value";
            let is_word = code == "unknown-declaration" && other == "unexpected-token" && shares();
            !is_exact && (is_word || overlaps() || lacks && shares() || is_lost())
        }
        (Floor::Further, Floor::Resolve) => {
            shares() || cause.around.is_some_and(|around| one.beside.contains(&around))
        }
        (Floor::Resolve, Floor::Resolve) => {
            let has_more_exact =
                code.starts_with("missing-") && !other.starts_with("missing-") && holds(at, from);
            let lacks_library = other == "unknown-library-file"
                && code == "undeclared-name"
                && one.what.message.starts_with("no profile");
            let is_part_of_bad_name = other == "bad-name"
                && code == "undeclared-name"
                && is_word_of(head(text(sources, at)), text(sources, from));
            // What a declaration lacks is mostly what it says wrongly.
            let is_same_mistake = code != other
                && LACKS.contains(&code)
                && matches!(
                    other,
                    "unknown-fact" | "unknown-property" | "unknown-word" | "surplus-value" | "missing-value"
                )
                && cause.what.help.is_some()
                && one.around.is_some()
                && one.around == cause.around;
            let is_second_word = code == "mismatched-name"
                && cause
                    .what
                    .help
                    .as_deref()
                    .is_some_and(|help| help.starts_with("a selector is one word"))
                && one.around == cause.around;
            // What is filled into an address is not known.
            let is_unfilled = code == "resource-type-mismatch" && other == "unknown-placeholder" && shares();
            is_same_mistake
                || is_second_word
                || has_more_exact
                || lacks_library
                || is_part_of_bad_name
                || is_unfilled
        }
        (Floor::Syntax, _) | (Floor::Further, Floor::Further) | (Floor::Resolve, Floor::Further) => false,
    }
}

/// What a declaration lacks.
const LACKS: &[&str] = &[
    "contradictory-actor",
    "missing-argument",
    "missing-fact",
    "missing-parameter",
    "missing-physical",
    "missing-value",
    "placeless-listener",
    "unaccepted-substitute",
];

/// Whether what `cause` leaves out is what `one` misses: a block that is of no environment, a place that is not connected, an
/// account that is not declared, an inventory that cannot be read.
fn follows(one: &Placed<'_>, cause: &Placed<'_>, sources: &Sources) -> bool {
    let (code, other) = (one.what.code.name, cause.what.code.name);
    if cause.floor == Floor::Further {
        return false;
    }
    let said = |what: &Diagnostic, begin: &str| what.message.starts_with(begin);
    let is_left_out = matches!(
        other,
        "undeclared-environment" | "unknown-declaration" | "misplaced-declaration" | "missing-project"
    ) || cause
        .whole
        .is_some_and(|whole| text(sources, whole).starts_with("in "));
    let lacks = code.starts_with("missing-") || matches!(code, "undeclared-name" | "unknown-placeholder");
    let has_no_account = code == "missing-argument" && said(one.what, "no account is named");
    let is_in_lost = || {
        let lost = cause.whole.or(cause.around);
        let name = backticked(&one.what.message);
        lost.is_some_and(|lost| name.is_some_and(|name| is_word_of(head(name), text(sources, lost))))
    };
    if is_left_out && other != code && lacks && (has_no_account || is_in_lost()) {
        return true;
    }
    let around = cause.whole.or(cause.around);
    let is_in = |word: &str| around.is_some_and(|around| text(sources, around).starts_with(word));
    if is_in("provider ") && one.around != cause.around && one.what.message.contains("provider") {
        return true;
    }
    if is_in("profile ") && (said(one.what, "the profile `") || said(one.what, "no thing is called `$")) {
        return true;
    }
    match code {
        "wrong-type"
            if one
                .what
                .message
                .ends_with("an external is outside of every place") =>
        {
            other == "overlapping-cidr" && one.around == cause.around
        }
        "duplicate-fact" => other == "undeclared-environment",
        "undeclared-environment" => said(cause.what, "`environments` lacks"),
        "undeclared-name" if said(cause.what, "`") && cause.what.message.ends_with("` lacks a name") => true,
        "unknown-attribute" => {
            matches!(other, "bad-inventory" | "unreadable-input") || other == "unknown-placeholder"
        }
        "unknown-capability" | "resource-type-mismatch" => {
            is_in("kind ") && other != "resource-type-mismatch"
        }
        "missing-argument" if has_no_account => {
            said(cause.what, "no account is called") || said(cause.what, "a second `project`")
        }
        "missing-path" => cause
            .what
            .span
            .is_some_and(|span| line(sources, span).contains("connects ")),
        "undeclared-name" if said(one.what, "no segment is called") => {
            other == "bad-inventory" || other == "unknown-placeholder" && one.what.span == cause.what.span
        }
        "duplicate-member" | "unknown-member" | "unknown-placeholder" | "row-without-segment" => {
            other == "bad-inventory"
        }
        "mismatched-name" => {
            other == "duplicate-declaration"
                && backticked(&one.what.message) == backticked(&cause.what.message)
        }
        _ => false,
    }
}

/// The first text in backticks.
fn backticked(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

/// The whole line at which a place begins.
fn line(sources: &Sources, span: Span) -> &str {
    let Some(file) = sources.get(span.file) else {
        return "";
    };
    let (before, after) = file
        .text
        .split_at_checked(span.start as usize)
        .unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = after.find('\n').map_or(file.text.len(), |at| before.len() + at);
    file.text.get(start..end).unwrap_or_default()
}

/// The name of a thing whose part may be named.
fn head(name: &str) -> &str {
    name.trim_matches('"').split('.').next().unwrap_or_default()
}

fn is_word_of(name: &str, text: &str) -> bool {
    let name = name.trim_matches('"');
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    !name.is_empty() && text.split(|letter| !is_letter(letter)).any(|word| word == name)
}

fn text(sources: &Sources, span: Span) -> &str {
    sources
        .get(span.file)
        .and_then(|file| file.text.get(span.start as usize..span.end as usize))
        .unwrap_or_default()
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end && outer != inner
}

/// Says several times the same of one name once, with the other places.
fn push_once(left: &mut Vec<Diagnostic>, one: Diagnostic) {
    /// So many further places are shown.
    const PLACES_MAX: usize = 4;
    let same = left.iter_mut().find(|known| {
        one.code.name == "undeclared-name" && known.code.name == one.code.name && known.message == one.message
    });
    match (same, one.span) {
        (Some(known), Some(span)) => {
            if known.labels.len() < PLACES_MAX {
                known.labels.push(diagnostics::Label {
                    span,
                    text: "named here, too".to_owned(),
                });
            }
        }
        _ => left.push(one),
    }
}

pub(crate) fn floor(code: &'static Code) -> Floor {
    let is_of = |codes: &[&'static Code]| codes.iter().any(|known| std::ptr::eq(*known, code));
    if is_of(syntax::CODES) {
        Floor::Syntax
    } else if is_of(resolve::CODES) {
        Floor::Resolve
    } else {
        Floor::Further
    }
}

/// Where the declarations of the files with errors begin and end, sorted, none in another: one that holds others is its head line.
struct Extents {
    by_file: BTreeMap<FileId, Vec<Span>>,
    /// All that a head line holds.
    wholes: BTreeMap<Span, Span>,
}

/// What holds declarations of their own.
const HOLDERS: [&str; 6] = ["network", "site", "project", "in", "profile", "kind"];

impl Extents {
    fn of(all: &[Diagnostic], sources: &Sources) -> Self {
        let errors = all.iter().filter(|one| one.code.severity == Severity::Error);
        let places = errors.flat_map(|one| {
            one.span
                .into_iter()
                .chain(one.labels.iter().map(|label| label.span))
        });
        let files: BTreeSet<FileId> = places.map(|span| span.file).collect();
        let mut by_file = BTreeMap::new();
        let mut wholes = BTreeMap::new();
        for file in files {
            let Some(source) = sources.get(file) else { continue };
            let mut unsaid = Report::default();
            let text = Arc::clone(&source.text);
            let document = syntax::parse(file, text, &syntax::Limits::STANDARD, &mut unsaid);
            let mut found = Vec::new();
            gather(document.nodes(), &mut found, &mut wholes);
            found.sort_unstable();
            by_file.insert(file, found);
        }
        Self { by_file, wholes }
    }

    fn placed<'d>(&self, what: &'d Diagnostic) -> Placed<'d> {
        let around = what.span.and_then(|span| self.around(span));
        Placed {
            what,
            floor: floor(what.code),
            around,
            whole: around.and_then(|around| self.wholes.get(&around).copied()),
            beside: what
                .labels
                .iter()
                .filter_map(|label| self.around(label.span))
                .collect(),
        }
    }

    /// The declaration around a place.
    fn around(&self, span: Span) -> Option<Span> {
        let of_file = self.by_file.get(&span.file)?;
        let after = of_file.partition_point(|extent| extent.start <= span.start);
        let found = after.checked_sub(1).and_then(|at| of_file.get(at))?;
        (span.start <= found.end).then_some(*found)
    }
}

fn gather(nodes: Nodes<'_>, into: &mut Vec<Span>, wholes: &mut BTreeMap<Span, Span>) {
    for node in nodes {
        if HOLDERS.contains(&&*node.name()) && node.has_children_block() {
            into.push(node.head_span());
            wholes.insert(node.head_span(), node.span());
            gather(node.children(), into, wholes);
        } else {
            into.push(node.span());
        }
    }
}
