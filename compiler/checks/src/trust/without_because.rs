//! Trusts without a reason.

use crate::{Check, Context, Findings};
use diagnostics::{Code, Diagnostic, Severity};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "trust-without-because",
    severity: Severity::Error,
    summary: "a trust does not say why",
    docs: include_str!("without_because.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, trust) in cx.model.trusts.iter() {
        if trust
            .because
            .is_some_and(|(text, _)| !cx.text(text).trim().is_empty())
        {
            continue;
        }
        findings.push(
            Diagnostic::new(&CODE, trust.span, "the trust does not say why it exists")
                .note("a reason is what a reviewer holds the trust to, and it stands beside every rule that is emitted")
                .help("add `because \"…\"`"),
            [],
        );
    }
}
