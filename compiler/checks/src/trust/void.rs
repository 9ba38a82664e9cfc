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
    let voids = cx.index.void_trusts();
    for voids in voids.chunk_by(|a, b| a.trust == b.trust) {
        let Some(trust) = voids.first().and_then(|void| cx.model.trusts.get(void.trust)) else {
            continue;
        };
        let (who, is) = match voids {
            [_] => ("another trust gives", "this one is wider"),
            _ => ("other trusts give", "this is wider"),
        };
        let message = format!("the limits of this trust are void: {who} the same without them");
        let wider = voids.iter().filter_map(|void| cx.model.trusts.get(void.wider));
        let diagnostic = wider.fold(
            Diagnostic::new(&CODE, trust.span, message),
            |diagnostic, wider| diagnostic.label(wider.span, is),
        );
        findings.push(
            diagnostic
                .note("trusts add up, so what looks like a limit here is none")
                .help("remove this trust, or narrow the wider one"),
            [],
        );
    }
}
