//! Trusts whose `expires` is before the day of the build.

use std::collections::BTreeMap;

use diagnostics::{Code, Diagnostic, Severity};
use model::trust::Trust;
use source::Span;

use crate::{Check, Context, Findings};

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
    // A line for a whole file is one mistake, however many trusts it ends.
    let mut ended: BTreeMap<Span, Vec<&Trust>> = BTreeMap::new();
    for (_, trust) in cx.model.trusts.iter() {
        if let Some((_, span)) = trust.expires.filter(|(date, _)| today > *date) {
            ended.entry(span).or_default().push(trust);
        }
    }
    for (span, trusts) in ended {
        let Some((first, (date, _))) = trusts.first().and_then(|first| Some((*first, first.expires?))) else {
            continue;
        };
        let (at, message) = match trusts.len() {
            1 => (first.span, format!("the trust ended on {date}")),
            many => (span, format!("{many} trusts ended on {date}")),
        };
        let label = match trusts.len() {
            1 => (span, format!("today is {today}")),
            _ => (first.span, "the first of them".to_owned()),
        };
        findings.push(
            Diagnostic::new(&CODE, at, message)
                .label(label.0, label.1)
                .note("the access is still deployed until a build without it is applied")
                .help("remove the trust, or let its owner set a later day"),
            [],
        );
    }
}
