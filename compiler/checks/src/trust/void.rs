//! Trusts whose narrowing or conditions a wider trust makes void.

use crate::{Check, Context, Findings};
use diagnostics::{Code, Diagnostic, Severity};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "void-trust",
    severity: Severity::Error,
    summary: "a wider trust makes the limits of this one void",
    docs: include_str!("void.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for void in cx.index.void_trusts() {
        let (Some(trust), Some(wider)) = (cx.model.trusts.get(void.trust), cx.model.trusts.get(void.wider))
        else {
            continue;
        };
        findings.push(
            Diagnostic::new(
                &CODE,
                trust.span,
                "the limits of this trust are void: another trust gives the same without them",
            )
            .label(wider.span, "this one is wider")
            .note("trusts add up, so what looks like a limit here is none")
            .help("remove this trust, or narrow the wider one"),
            [],
        );
    }
}
