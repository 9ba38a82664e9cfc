//! A project in which nothing has an owner: nobody is asked when a trust ends or a promise breaks.

use diagnostics::{Code, Diagnostic, Severity};

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "without-owner",
    severity: Severity::Note,
    summary: "nothing in the project has an owner",
    docs: include_str!("without_owner.md"),
};

/// Whether some thing or trust has an owner, or there is nothing that could have one.
pub(super) fn is_owned(cx: &Context<'_>) -> bool {
    let model = cx.model;
    let is_empty = model.things.iter().next().is_none() && model.trusts.iter().next().is_none();
    is_empty
        || model.things.iter().any(|(_, thing)| thing.owner.is_some())
        || model.trusts.iter().any(|(_, trust)| trust.owner.is_some())
}

fn run(cx: &Context<'_>, findings: &mut Findings) {
    if is_owned(cx) {
        return;
    }
    let name = cx.text(cx.model.project.name);
    findings.push(
        Diagnostic::new(
            &CODE,
            cx.model.project.span,
            format!("nothing in the project `{name}` has an owner: `owner TEAM` at the top of a file says it for all of it"),
        )
        .note("an owner is who is asked when a trust ends, or a promise breaks")
        .help("say it once for a file: `owner TEAM` at its top, and `team TEAM` somewhere"),
        [],
    );
}
