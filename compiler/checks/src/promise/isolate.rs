//! `isolate`: no device of these classes speaks as another, or reaches what is another's.

use std::collections::BTreeSet;

use diagnostics::{Code, Diagnostic, Severity};
use model::promise::Rule;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "broken-isolate",
    severity: Severity::Error,
    summary: "a device reaches what belongs to another",
    docs: include_str!("isolate.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, promise) in cx.model.promises.iter() {
        let Rule::Isolate { classes } = &promise.rule else {
            continue;
        };
        let classes: BTreeSet<_> = classes.iter().map(|(class, _)| *class).collect();
        for breach in cx.index.isolation_breaches(&classes) {
            let other = cx.model.things.get(breach.other);
            let name = other.map_or("", |other| cx.text(other.name));
            let action = cx.graph.words.text(breach.access.action);
            let mut diagnostic = Diagnostic::new(
                &CODE,
                promise.span,
                format!("a device reaches what belongs to another `{name}`"),
            )
            .note(format!(
                "witness: {action} on {}",
                if breach.word.is_empty() {
                    "the other's own"
                } else {
                    &breach.word
                }
            ))
            .help("narrow the trust with `under \"{name}/\"`, or say `others` where it is meant");
            if let Some(line) = cx.index.line(breach.access.because) {
                diagnostic = diagnostic.label(line, "this grants it");
            }
            findings.push_promise(diagnostic, other.map(|other| other.name), promise.name);
        }
    }
}
