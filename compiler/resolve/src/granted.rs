//! What the provider gave an account: quotas above its default, and the cells of its services.

use std::borrow::Cow;
use std::collections::BTreeMap;

use catalogue::limits::{ASKED, Limits, Refused};
use diagnostics::Diagnostic;
use model::project::{Cell, Quota};

use crate::body::Body;
use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::line::Arg;
use crate::takes::UNSUPPORTED_VALUE;

/// Services that give each account a cell.
///
/// Source: Amazon Timestream developer guide, "VPC endpoints (AWS PrivateLink)"; read 2026-11-30.
const WITH_CELLS: [&str; 1] = ["timestream"];

/// What the rules of a group times the groups of an interface may be together, with the ids of both.
const TOGETHER: (&str, [&str; 2]) = (
    "ec2.interface.security-group-rules",
    ["ec2.security-group.rules", "ec2.interface.security-groups"],
);

/// `quota "ec2.security-group.rules" 120`
pub(crate) fn quotas<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) -> Vec<Quota> {
    let mut found: Vec<Quota> = Vec::new();
    for line in body.several(cx, "quota") {
        let mut entries = Entries::of(cx, &line);
        let limit = entries.need(cx, "the id of a limit, `\"ec2.security-group.rules\"`");
        let value = entries.need(cx, "what was granted, `120`");
        entries.finish_leaf(cx);
        let (Some(limit), Some(value)) = (limit, value) else {
            continue;
        };
        let Some(granted) = cx.number(&value).and_then(|value| u64::try_from(value).ok()) else {
            continue;
        };
        let id = cx.text(&limit);
        if is_granted(cx, &id, granted, &limit, &value) {
            found.push(Quota {
                limit: cx.intern(&id),
                value: granted,
                span: line.head(),
            });
        }
    }
    together(cx, &found);
    found
}

/// Whether the provider grants that much; refused if not.
fn is_granted<'a>(cx: &mut Cx<'a, '_>, id: &str, granted: u64, limit: &Arg<'a>, value: &Arg<'a>) -> bool {
    let limits = Limits::embedded();
    let refused = limits.with(&BTreeMap::from([(id.to_owned(), granted)])).err();
    let (span, message, help) = match (refused.as_deref(), limits.get(id)) {
        (_, None) => {
            let help = match cx.near.find(id, ASKED.into_iter()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("one of {}", ASKED.join(", ")),
            };
            (limit.span, format!("there is no limit `{id}`"), help)
        }
        (Some([Refused::AboveCeiling(_, most), ..]), Some(known)) => (
            value.span,
            format!("the provider grants {most} of `{id}` at most"),
            format!("{}; {} ({})", known.what, known.source, known.date),
        ),
        (Some(_), Some(known)) => (
            limit.span,
            format!("the provider grants no more of `{id}`: it is {}", known.value),
            "leave it out: it is counted with what everybody has".to_owned(),
        ),
        (None, Some(known)) if !known.is_adjustable || granted < known.value => (
            value.span,
            format!(
                "`{id}` is {} for everybody, and nobody is granted {granted}",
                known.value
            ),
            "say what was granted, or leave it out".to_owned(),
        ),
        (None, Some(known)) if !ASKED.contains(&id) => (
            limit.span,
            format!("nothing that is emitted is measured against `{id}`"),
            format!(
                "leave it out: {} is not asked; what is: {}",
                known.what,
                ASKED.join(", ")
            ),
        ),
        (None, Some(_)) => return true,
    };
    cx.push(Diagnostic::new(&UNSUPPORTED_VALUE, span, message).help(help));
    false
}

/// An interface takes so many rules, whatever its groups are.
fn together(cx: &mut Cx<'_, '_>, found: &[Quota]) {
    let limits = Limits::embedded();
    let (all, of) = TOGETHER;
    let said = |id: &str| found.iter().find(|quota| cx.text_of(quota.limit) == id);
    let value =
        |id: &str| said(id).map_or(limits.get(id).map_or(0, |limit| limit.value), |quota| quota.value);
    let most = limits.get(all).map_or(0, |limit| limit.value);
    let [rules, groups] = of.map(value);
    let Some(quota) = of
        .iter()
        .find_map(|id| said(id))
        .filter(|_| rules.saturating_mul(groups) > most)
    else {
        return;
    };
    let message = format!(
        "{groups} groups of an interface with {rules} rules each are more than the {most} that it takes"
    );
    let span = quota.span;
    cx.push(Diagnostic::new(&UNSUPPORTED_VALUE, span, message).help(format!(
        "where a group has {rules} rules, an interface takes {} groups: say both quotas as they were granted",
        most / rules.max(1)
    )));
}

/// `cell timestream "cell2"`
pub(crate) fn cells<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) -> Vec<Cell> {
    let mut found = Vec::new();
    for line in body.several(cx, "cell") {
        let mut entries = Entries::of(cx, &line);
        let service = entries.need(cx, "a service, `timestream`");
        let cell = entries.need(cx, "its cell, `\"cell2\"`");
        entries.finish_leaf(cx);
        cx.fact(line.head());
        let words = WITH_CELLS.map(|service| (service, service));
        let service = service.and_then(|service| cx.word(&service, "a service that has cells", &words));
        let (Some(service), Some(cell)) = (service, cell) else {
            continue;
        };
        let text: Cow<'_, str> = cx.text(&cell);
        let digits = text.strip_prefix("cell").unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("`{text}` is no cell");
            let help = "write it as the service does: `aws timestream-write describe-endpoints` says `ingest-cell2.timestream…`";
            cx.push(Diagnostic::new(&WRONG_TYPE, cell.span, message).help(help));
            continue;
        }
        found.push(Cell {
            service: cx.intern(service),
            cell: cx.intern(&text),
            span: line.head(),
        });
    }
    found
}
