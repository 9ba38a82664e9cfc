//! Promises whose subjects or objects are empty: they hold whatever the spec says.

use std::collections::BTreeSet;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use graph::question::select::{Selected, Where};
use model::kind::KindId;
use model::promise::{Rule, Selector};
use model::thing::ThingId;
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

/// What is wrong with a place, and what to do.
const NOTHING: (&str, &str) = (
    "nothing is meant by this",
    "name what exists, or remove the promise",
);
const ALL_OUT: (&str, &str) = (
    "this takes out everything",
    "leave this out, or remove the promise",
);
const NOT_OFFERED: (&str, &str) = (
    "nothing that is named has this capability",
    "leave it out, or name a capability of what is reached",
);

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, promise) in cx.model.promises.iter() {
        let empty = match &promise.rule {
            Rule::Never {
                subjects,
                objects,
                except,
                besides,
                allow,
                ..
            } => subjects
                .iter()
                .chain(objects)
                .chain(except)
                .chain(besides)
                .find(|one| is_empty(cx, one))
                .map(|one| (one.1, NOTHING))
                .or_else(|| taken_out(cx, subjects, except).map(|at| (at, ALL_OUT)))
                .or_else(|| taken_out(cx, objects, besides).map(|at| (at, ALL_OUT)))
                .or_else(|| offered_by_none(cx, objects, allow).map(|at| (at, NOT_OFFERED))),
            Rule::Limit { subjects, .. } => {
                let empty = subjects.iter().find(|one| is_empty(cx, one));
                empty.map(|one| (one.1, NOTHING))
            }
            Rule::Isolate { classes } if classes.is_empty() => Some((promise.span, NOTHING)),
            Rule::Require { word, word_span, .. } => {
                is_word_unused(cx, cx.text(*word)).then_some((*word_span, NOTHING))
            }
            Rule::Isolate { .. } => None,
        };
        let Some((empty, (label, help))) = empty else {
            continue;
        };
        findings.push_promise(
            Diagnostic::new(&CODE, promise.span, "the promise speaks about nothing")
                .label(empty, label)
                .note("it would hold whatever the spec says, and look like a guarantee")
                .help(help),
            [],
            promise.name,
        );
    }
}

fn is_empty(cx: &Context<'_>, (selector, _): &(Selector, Span)) -> bool {
    cx.index.select(*selector).is_empty()
}

/// Where it is said, if a promise takes out everything that it is about.
fn taken_out(cx: &Context<'_>, of: &[(Selector, Span)], out: &[(Selector, Span)]) -> Option<Span> {
    let (_, at) = out.first()?;
    let all = |selectors: &[(Selector, Span)]| {
        let mut all = Selected::default();
        for (selector, _) in selectors {
            all.add(cx.index.select(*selector));
        }
        all
    };
    let (of, out) = (all(of), all(out));
    let is_out = |(thing, place): (&ThingId, &Where)| {
        out.things
            .get(thing)
            .is_some_and(|taken| *taken == Where::Everywhere || taken == place)
    };
    let is_everything = of.things.iter().all(is_out)
        && of.parts.is_subset(&out.parts)
        && (out.internet || !of.internet)
        && (out.provider || !of.provider);
    is_everything.then_some(*at)
}

/// The capability of a promise that none of its objects has.
fn offered_by_none(cx: &Context<'_>, objects: &[(Selector, Span)], allow: &[(Name, Span)]) -> Option<Span> {
    let mut kinds: BTreeSet<KindId> = BTreeSet::new();
    for (selector, _) in objects {
        let selected = cx.index.select(*selector);
        // What is no declared thing has no kind that says what may be done to it.
        if selected.internet || selected.provider {
            return None;
        }
        let things = selected.things.keys();
        kinds.extend(things.filter_map(|thing| cx.model.things.get(*thing).map(|thing| thing.kind)));
        let parts = selected.parts.iter();
        kinds.extend(parts.filter_map(|part| cx.model.parts.get(*part).map(|part| part.kind)));
    }
    let mut allow = allow.iter();
    let none = allow.find(|(name, _)| {
        let mut kinds = kinds.iter().filter_map(|kind| cx.model.kinds.get(*kind));
        !kinds.any(|kind| {
            kind.words
                .capabilities
                .iter()
                .any(|offered| offered.name == *name)
        })
    });
    none.map(|(_, span)| *span)
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
