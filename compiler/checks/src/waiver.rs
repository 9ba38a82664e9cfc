//! Waivers: what they take out, and what is wrong with them.

use diagnostics::{Code, Diagnostic, Report, Severity};
use model::Model;
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

fn takes(model: &Model, waiver: &Waiver, finding: &Finding) -> bool {
    let (waived, on) = (waiver.waived.0, waiver.on.0);
    let by_name = model.names.text(waived) == finding.diagnostic.code.name || finding.promise == Some(waived);
    by_name && finding.on.contains(&on)
}

fn is_valid(model: &Model, waiver: &Waiver) -> bool {
    model.project.as_of <= waiver.until.0
}

/// Whether a waiver is about a check of this floor. The others are about promises, which are asked of the bytes.
fn is_here(model: &Model, waiver: &Waiver) -> bool {
    let name = model.names.text(waiver.waived.0);
    crate::codes().any(|code| code.name == name)
        && !model.promises.iter().any(|(_, promise)| {
            promise.name == Some(waiver.waived.0)
                && !matches!(promise.rule, model::promise::Rule::Require { .. })
        })
}

/// Whether a waiver is about a `require`, which is asked here as well.
fn is_of_require(model: &Model, waiver: &Waiver) -> bool {
    model.promises.iter().any(|(_, promise)| {
        promise.name == Some(waiver.waived.0) && matches!(promise.rule, model::promise::Rule::Require { .. })
    })
}

/// What valid waivers leave.
fn left(model: &Model, findings: Findings) -> Vec<Diagnostic> {
    let is_taken = |finding: &Finding| {
        let mut waivers = model.waivers.iter();
        waivers.any(|(_, waiver)| is_valid(model, waiver) && takes(model, waiver, finding))
    };
    let list = findings.list.into_iter().filter(|finding| !is_taken(finding));
    list.map(|finding| finding.diagnostic).collect()
}

fn unused(model: &Model, waiver: &Waiver) -> Diagnostic {
    let (name, on) = (model.names.text(waiver.waived.0), model.names.text(waiver.on.0));
    Diagnostic::new(
        &UNUSED,
        waiver.span,
        format!("nothing about `{on}` is found as `{name}`"),
    )
    .label(waiver.on.1, "waived for this")
    .help(match name {
        // The words of promises: their waivers take a name.
        "never" | "isolate" | "limit" => {
            "a promise is waived by a name of its own: `never … name=NAME`, and `waive NAME on=…`"
        }
        _ => "remove the waiver",
    })
}

/// What waivers leave of findings about promises, and which of these waivers waive nothing.
#[must_use]
pub fn settle(model: &Model, findings: Findings) -> Vec<Diagnostic> {
    let waivers = model.waivers.iter().map(|(_, waiver)| waiver);
    let mut found: Vec<Diagnostic> = waivers
        .filter(|waiver| {
            !is_here(model, waiver)
                && !is_of_require(model, waiver)
                && is_valid(model, waiver)
                && !findings.list.iter().any(|finding| takes(model, waiver, finding))
        })
        .map(|waiver| unused(model, waiver))
        .collect();
    found.extend(left(model, findings));
    found
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
        if !is_valid(cx.model, waiver) {
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
        } else if is_asked(&UNUSED)
            && (is_here(cx.model, waiver) || is_of_require(cx.model, waiver))
            && !findings
                .list
                .iter()
                .any(|finding| takes(cx.model, waiver, finding))
        {
            report.push(unused(cx.model, waiver));
        }
    }
    if is_alone(selection) {
        return;
    }
    for diagnostic in left(cx.model, findings) {
        report.push(diagnostic);
    }
}
