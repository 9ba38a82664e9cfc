//! Names of teams, authorities, providers, profiles and places that nothing refers to.

use crate::{Check, Context, Findings};
use diagnostics::{Code, Diagnostic, Severity};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "unused-name",
    severity: Severity::Error,
    summary: "a declared name is used by nothing",
    docs: include_str!("unused_name.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for unused in &cx.model.unused {
        let name = cx.text(unused.name);
        findings.push(
            Diagnostic::new(
                &CODE,
                unused.span,
                format!("{} `{name}` is used by nothing", unused.word),
            )
            .note("what nothing uses is reviewed by nobody")
            .help("remove it, or use it"),
            [unused.name],
        );
    }
}
