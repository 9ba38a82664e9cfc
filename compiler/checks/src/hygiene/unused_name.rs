//! Names of authorities, providers and profiles that nothing refers to. Teams have a check of their own.

use crate::{Check, Context, Findings};
use diagnostics::{Code, Diagnostic, Severity};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

/// The word of what may wait for its first use.
pub(super) const TEAM: &str = "team";

static CODE: Code = Code {
    name: "unused-name",
    severity: Severity::Error,
    summary: "a declared name is used by nothing",
    docs: include_str!("unused_name.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for unused in cx.model.unused.iter().filter(|unused| unused.word != TEAM) {
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
