//! Promises whose subjects or objects are empty: they hold whatever the spec says.

use diagnostics::{Code, Diagnostic, Severity};
use model::promise::{Rule, Selector};
use source::Span;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "promise-names-nothing",
    severity: Severity::Error,
    summary: "a promise speaks about nothing",
    docs: include_str!("names_nothing.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, promise) in cx.model.promises.iter() {
        let empty = match &promise.rule {
            Rule::Never {
                subjects,
                objects,
                except,
                ..
            } => subjects
                .iter()
                .chain(objects)
                .chain(except)
                .find(|one| is_empty(cx, one))
                .map(|one| one.1),
            Rule::Limit { subjects, .. } => subjects.iter().find(|one| is_empty(cx, one)).map(|one| one.1),
            Rule::Isolate { classes } if classes.is_empty() => Some(promise.span),
            Rule::Require { word, word_span, .. } => is_word_unused(cx, cx.text(*word)).then_some(*word_span),
            Rule::Isolate { .. } => None,
        };
        let Some(empty) = empty else { continue };
        findings.push_promise(
            Diagnostic::new(&CODE, promise.span, "the promise speaks about nothing")
                .label(empty, "nothing is meant by this")
                .note("it would hold whatever the spec says, and look like a guarantee")
                .help("name what exists, or remove the promise"),
            [],
            promise.name,
        );
    }
}

fn is_empty(cx: &Context<'_>, (selector, _): &(Selector, Span)) -> bool {
    cx.index.select(*selector).is_empty()
}

/// Whether no declaration has this word.
fn is_word_unused(cx: &Context<'_>, word: &str) -> bool {
    let used = match word {
        "trust" => !cx.model.trusts.is_empty(),
        _ => cx.model.things.iter().any(|(_, thing)| {
            cx.model
                .kinds
                .get(thing.kind)
                .is_some_and(|kind| cx.text(kind.name) == word)
        }),
    };
    !used
}
