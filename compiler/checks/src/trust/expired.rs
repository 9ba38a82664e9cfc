//! Trusts whose `expires` is before the day of the build.

use crate::{Check, Context, Findings};
use diagnostics::{Code, Diagnostic, Severity};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "expired-trust",
    severity: Severity::Error,
    summary: "a trust is past its date",
    docs: include_str!("expired.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    let today = cx.model.project.as_of;
    for (_, trust) in cx.model.trusts.iter() {
        let Some((date, span)) = trust.expires else {
            continue;
        };
        if today <= date {
            continue;
        }
        findings.push(
            Diagnostic::new(&CODE, trust.span, format!("the trust ended on {date}"))
                .label(span, format!("today is {today}"))
                .note("the access is still deployed until a build without it is applied")
                .help("remove the trust, or let its owner set a later day"),
            [],
        );
    }
}
