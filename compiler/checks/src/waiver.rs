//! Waivers: what they take out, and what is wrong with them.

use diagnostics::{Code, Diagnostic, Report, Severity};
use model::promise::Waiver;

use crate::context::{Context, Finding, Findings, Selection};

static EXPIRED: Code = Code {
    name: "expired-waiver",
    severity: Severity::Error,
    summary: "a waiver is past its date",
    docs: include_str!("expired_waiver.md"),
};

static UNUSED: Code = Code {
    name: "unused-waiver",
    severity: Severity::Error,
    summary: "a waiver waives nothing",
    docs: include_str!("unused_waiver.md"),
};

/// Codes of this file.
pub static CODES: &[&Code] = &[&EXPIRED, &UNUSED];

fn takes(cx: &Context<'_>, waiver: &Waiver, finding: &Finding) -> bool {
    let (waived, on) = (waiver.waived.0, waiver.on.0);
    let by_name = cx.text(waived) == finding.diagnostic.code.name || finding.promise == Some(waived);
    by_name && finding.on.contains(&on)
}

fn is_valid(cx: &Context<'_>, waiver: &Waiver) -> bool {
    cx.model.project.as_of <= waiver.until.0
}

/// What valid waivers leave.
pub(crate) fn left(cx: &Context<'_>, findings: Findings) -> Vec<Diagnostic> {
    findings
        .list
        .into_iter()
        .filter(|finding| {
            !cx.model
                .waivers
                .iter()
                .any(|(_, waiver)| is_valid(cx, waiver) && takes(cx, waiver, finding))
        })
        .map(|finding| finding.diagnostic)
        .collect()
}

/// Whether only what is wrong with waivers is asked for. It takes every check to know whether one waives anything.
pub(crate) fn is_alone(selection: Selection<'_>) -> bool {
    match selection {
        Selection::All => false,
        Selection::Only(name) => CODES.iter().any(|code| code.name == name),
    }
}

pub(crate) fn apply(cx: &Context<'_>, selection: Selection<'_>, findings: Findings, report: &mut Report) {
    let is_asked = |code: &Code| match selection {
        Selection::All => true,
        Selection::Only(name) => code.name == name,
    };
    for (_, waiver) in cx.model.waivers.iter() {
        let name = cx.text(waiver.waived.0);
        if !is_valid(cx, waiver) {
            if is_asked(&EXPIRED) {
                report.push(
                    Diagnostic::new(
                        &EXPIRED,
                        waiver.span,
                        format!("the waiver of `{name}` ended on {}", waiver.until.0),
                    )
                    .label(waiver.until.1, "this day is past")
                    .help("mend what it waived, or let the team that signs set a later day"),
                );
            }
        } else if is_asked(&UNUSED) && !findings.list.iter().any(|finding| takes(cx, waiver, finding)) {
            let on = cx.text(waiver.on.0);
            report.push(
                Diagnostic::new(
                    &UNUSED,
                    waiver.span,
                    format!("nothing about `{on}` is found as `{name}`"),
                )
                .label(waiver.on.1, "waived for this")
                .help("remove the waiver"),
            );
        }
    }
    if is_alone(selection) {
        return;
    }
    for diagnostic in left(cx, findings) {
        report.push(diagnostic);
    }
}
