//! Trusts that end so late that their end is none.

use std::collections::BTreeSet;

use diagnostics::{Code, Diagnostic, Severity};
use source::Span;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "late-expiry",
    severity: Severity::Note,
    summary: "a trust ends in more than ten years",
    docs: include_str!("late_expiry.md"),
};

/// Ten years: nobody who writes the line today is asked then.
const DAYS_MAX: i32 = 3_653;

fn run(cx: &Context<'_>, findings: &mut Findings) {
    let today = cx.model.project.as_of;
    // A line for a whole file is told once.
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for (_, trust) in cx.model.trusts.iter() {
        let Some((date, span)) = trust.expires else {
            continue;
        };
        let days = date.0.saturating_sub(today.0);
        if days > DAYS_MAX && told.insert(span) {
            let message = format!("this expires in {} years, on {date}", days / 365);
            findings.push(
                Diagnostic::new(&CODE, span, message)
                    .note("an end is the day on which somebody looks again whether it is still needed")
                    .help("say a day in the next year or two"),
                [],
            );
        }
    }
}
