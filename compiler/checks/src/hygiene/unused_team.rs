//! Teams that own and sign nothing. A team may be declared before its first thing: it is worth knowing, and no mistake.

use diagnostics::{Code, Diagnostic, Severity};

use super::unused_name::TEAM;
use super::without_owner;
use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "unused-team",
    severity: Severity::Note,
    summary: "a team owns and signs nothing",
    docs: include_str!("unused_team.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    // That nothing has an owner is said once, for the project.
    if !without_owner::is_owned(cx) {
        return;
    }
    for unused in cx.model.unused.iter().filter(|unused| unused.word == TEAM) {
        let name = cx.text(unused.name);
        findings.push(
            Diagnostic::new(
                &CODE,
                unused.span,
                format!("team `{name}` owns and signs nothing"),
            )
            .help("make it an `owner`, or remove it"),
            [unused.name],
        );
    }
}
