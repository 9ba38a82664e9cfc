//! Trusts whose condition `until` is before the day of the build: they give nothing any more.

use crate::{Check, Context, Findings};
use diagnostics::{Code, Diagnostic, Severity};
use model::trust::Condition;

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "past-until",
    severity: Severity::Error,
    summary: "a trust gives nothing any more",
    docs: include_str!("past_until.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    let today = cx.model.project.as_of;
    for (_, trust) in cx.model.trusts.iter() {
        for condition in &trust.when {
            let Condition::Until { date, span } = condition else {
                continue;
            };
            if today > *date {
                findings.push(
                    Diagnostic::new(
                        &CODE,
                        trust.span,
                        format!("this trust gives nothing since {date}"),
                    )
                    .label(*span, format!("today is {today}"))
                    .note("the provider refuses each of its requests, and promises and tests do not count it")
                    .help("remove the trust, or say a later day"),
                    [],
                );
            }
        }
    }
}
