//! `limit`: how many declared objects and parts one member reaches.

use diagnostics::{Code, Diagnostic, Severity};
use graph::question::select::Selected;
use model::promise::Rule;
use model::trust::End;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "broken-limit",
    severity: Severity::Error,
    summary: "a subject reaches more than its limit",
    docs: include_str!("limit.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, promise) in cx.model.promises.iter() {
        let Rule::Limit {
            subjects,
            at_most,
            span,
        } = &promise.rule
        else {
            continue;
        };
        let mut selected = Selected::default();
        for (selector, _) in subjects {
            selected.add(cx.index.select(*selector));
        }
        for thing in selected.things.keys() {
            let objects = cx.index.objects_of(End::Thing(*thing));
            if objects.len() as u64 <= u64::from(*at_most) {
                continue;
            }
            let Some(subject) = cx.model.things.get(*thing) else {
                continue;
            };
            let names: Vec<String> = objects.iter().map(|end| name(cx, *end)).collect();
            findings.push_promise(
                Diagnostic::new(
                    &CODE,
                    promise.span,
                    format!(
                        "`{}` reaches {} things, more than {at_most}",
                        cx.text(subject.name),
                        objects.len()
                    ),
                )
                .label(*span, "the limit")
                .note(format!("it reaches {}", names.join(", ")))
                .help("remove a trust, or raise the limit"),
                [subject.name],
                promise.name,
            );
        }
    }
}

fn name(cx: &Context<'_>, end: End) -> String {
    match end {
        End::Thing(thing) => cx
            .model
            .things
            .get(thing)
            .map_or_else(String::new, |thing| cx.text(thing.name).to_owned()),
        End::Part(part) => cx.model.parts.get(part).map_or_else(String::new, |part| {
            let whole = cx
                .model
                .things
                .get(part.of)
                .map_or("", |whole| cx.text(whole.name));
            format!("{whole}.{}", cx.text(part.name))
        }),
        End::Account(account) => cx
            .model
            .accounts
            .get(account)
            .map_or_else(String::new, |account| cx.text(account.name).to_owned()),
        End::Internet => "internet".to_owned(),
    }
}
