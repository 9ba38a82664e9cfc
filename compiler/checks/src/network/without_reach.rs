//! Kinds that say no service and port, used by who stands in a network: nothing opens a way there.

use std::collections::BTreeMap;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use graph::access::{Principal, Resource};
use model::kind::KindId;
use model::thing::Detail;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "without-reach",
    severity: Severity::Note,
    summary: "nothing opens a way to things of a kind",
    docs: include_str!("without_reach.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    let mut found: BTreeMap<KindId, (Name, Name)> = BTreeMap::new();
    for access in &cx.graph.accesses {
        let (Principal::Workload(who), Resource::Thing(what)) = (access.principal, access.resource) else {
            continue;
        };
        let (Some(who), Some(what)) = (cx.model.things.get(who), cx.model.things.get(what)) else {
            continue;
        };
        let is_placed = matches!(&who.detail, Detail::Workload(workload) if workload.segment.is_some());
        let Some(kind) = cx.model.kinds.get(what.kind) else {
            continue;
        };
        let words = &kind.words;
        let is_silent = words.arn.is_some() && words.reach.is_none() && words.acts.is_none();
        // What listens is reached as its listeners say.
        if is_placed && is_silent && what.parts.is_empty() {
            let names = (who.name, what.name);
            let first = found.entry(what.kind).or_insert(names);
            let texts = |(who, what): (Name, Name)| (cx.text(who), cx.text(what));
            if texts(names) < texts(*first) {
                *first = names;
            }
        }
    }
    for (kind, (who, what)) in found {
        let Some(kind) = cx.model.kinds.get(kind) else {
            continue;
        };
        let (name, who_is, what_is) = (cx.text(kind.name), cx.text(who), cx.text(what));
        let message =
            format!("kind `{name}` says no `reach`: nothing opens a way from `{who_is}` to `{what_is}`");
        findings.push(
            Diagnostic::new(&CODE, kind.span, message)
                .help("say by which service and port it is reached: `reach service=sns tcp=443`"),
            [who, what],
        );
    }
}
