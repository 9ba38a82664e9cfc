//! Actors that hold no trust, and things that no trust reaches.

use std::collections::BTreeSet;

use diagnostics::{Code, Diagnostic, Severity};
use model::thing::{Detail, ThingId};
use model::trust::{End, Named};

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "without-trust",
    severity: Severity::Note,
    summary: "an actor or a thing is in no trust",
    docs: include_str!("without_trust.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    let mut named: BTreeSet<ThingId> = BTreeSet::new();
    let mut add = |end: &Named| match end.end {
        End::Thing(thing) => drop(named.insert(thing)),
        End::Part(part) => named.extend(cx.model.parts.get(part).map(|part| part.of)),
        End::Account(_) | End::Internet => {}
    };
    for (_, trust) in cx.model.trusts.iter() {
        trust.subjects.iter().chain(&trust.objects).for_each(&mut add);
    }
    // A key is reached through what it encrypts, a class through the workloads that run on it.
    let mut reached: BTreeSet<ThingId> = BTreeSet::new();
    for (_, thing) in cx.model.things.iter() {
        for property in &thing.properties {
            reached.extend(property.values.iter().filter_map(|value| match value {
                model::value::Value::Thing(thing) => Some(*thing),
                model::value::Value::Name(_)
                | model::value::Value::Text(_)
                | model::value::Value::Template(_)
                | model::value::Value::Number(_)
                | model::value::Value::Flag(_)
                | model::value::Value::Duration(_)
                | model::value::Value::Date(_)
                | model::value::Value::Block(_)
                | model::value::Value::Version(_) => None,
            }));
        }
        if let Detail::Workload(workload) = &thing.detail
            && let Some(model::actor::RunsOn::Device(class)) = workload.runs_on
        {
            reached.insert(class);
        }
    }
    for (id, thing) in cx.model.things.iter() {
        if named.contains(&id) || reached.contains(&id) {
            continue;
        }
        let name = cx.text(thing.name);
        let what = match thing.detail {
            Detail::Resource => "is reached by no trust",
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => {
                "is in no trust"
            }
        };
        findings.push(
            Diagnostic::new(&CODE, thing.span, format!("`{name}` {what}")),
            [thing.name],
        );
    }
}
