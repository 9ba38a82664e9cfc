//! Baselines: what a project gets besides its trusts, because it `use`s the file that says so.

use std::borrow::Cow;

use catalogue::Catalogue;
use catalogue::action::Level;
use catalogue::effect::Effects;
use diagnostics::{Code, Diagnostic, Severity};
use model::kind::{ActionUse, Baseline, BaselineRule, Effect, KindId, Restriction};
use model::template::{Piece, Placeholder, Template};
use source::Span;

use crate::body::Body;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::{Gathered, Sort};
use crate::line::{Arg, Line};
use crate::{capabilities, kinds, offered};

pub(crate) static ADMINISTERED_DATA: Code = Code {
    name: "administered-data",
    severity: Severity::Error,
    summary: "a baseline lets a steward read or write data",
    docs: include_str!("pages/administered_data.md"),
};

pub(crate) static MISSING_STEWARD: Code = Code {
    name: "missing-steward",
    severity: Severity::Error,
    summary: "something must be administered, and its account has no steward",
    docs: include_str!("pages/missing_steward.md"),
};

/// Reads every baseline that the project uses.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) {
    for decl in gathered.of(Sort::Baseline) {
        if let Some(entries) = Entries::of_head(cx, &decl.lines) {
            entries.finish(cx);
        }
        let mut body = Body::of(Cow::Owned(format!("baseline `{}`", decl.name.text)), &decl.lines);
        let name = cx.intern(&decl.name.text);
        for line in body.several(cx, "administer") {
            if let Some(rule) = administer(cx, &line) {
                cx.model.baselines.push(Baseline {
                    name,
                    span: line.head(),
                    rule,
                });
            }
        }
        for line in body.all("restrict") {
            if let Some(rule) = restrict(cx, &line) {
                cx.model.baselines.push(Baseline {
                    name,
                    span: line.head(),
                    rule,
                });
            }
        }
        body.finish(cx);
    }
    offered::check_baselines(cx);
    stewards(cx);
}

fn kind<'a>(cx: &mut Cx<'a, '_>, arg: &Arg<'a>) -> Option<KindId> {
    let text = cx.text(arg);
    cx.hear_kind(&text, arg.span);
    let found = cx.kinds.get(&*text).copied();
    if found.is_none() {
        kinds::unknown_kind(cx, &text, arg.span);
    }
    found
}

fn administer<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<BaselineRule> {
    let mut entries = Entries::of(cx, line);
    let kind = entries.need(cx, "a kind").and_then(|arg| kind(cx, &arg));
    entries.finish(cx);
    let words = kind
        .and_then(|kind| cx.model.kinds.get(kind))
        .map(|kind| kind.words.clone());
    let mut body = Body::of(Cow::Borrowed("administer"), std::slice::from_ref(line));
    let mut uses: Vec<ActionUse> = Vec::new();
    let lines = body.all("action");
    if lines.is_empty() {
        crate::body::missing(
            cx,
            "`administer`",
            "action",
            line.head(),
            "name each action: `action kms:PutKeyPolicy`",
        );
    }
    for line in lines {
        let mut entries = Entries::of(cx, &line);
        let mut actions = Vec::new();
        for action in entries.need_rest(cx, "an action") {
            let text = cx.text(&action);
            let name = offered::canonical(cx, &text, action.span);
            if actions.contains(&name) || uses.iter().any(|before| before.actions.contains(&name)) {
                crate::body::duplicate(cx, &text, action.span, line.head());
                continue;
            }
            refuse_data(cx, kind, name, action.span);
            actions.push(name);
        }
        entries.finish(cx);
        let conditions = match &words {
            Some(words) => capabilities::conditions(cx, &line, words),
            None => Vec::new(),
        };
        // The steward is one role, of one account, that asks in the region of the thing: each is so, or never.
        let is_fixed = |key: &str| {
            let key = key.to_ascii_lowercase();
            key.starts_with("aws:principal") || key == "aws:requestedregion" || key == "kms:calleraccount"
        };
        let fixed = conditions
            .iter()
            .find(|condition| is_fixed(cx.text_of(condition.key)));
        if let Some(fixed) = fixed {
            let key = cx.text_of(fixed.key).to_owned();
            let message = format!("`{key}` says who the steward is, who is known: it is always so, or never");
            cx.push(
                Diagnostic::new(&crate::convert::WRONG_TYPE, line.head(), message)
                    .help("leave the condition out"),
            );
        }
        let on = Template {
            pieces: vec![Piece::Placeholder(Placeholder::Arn)],
            span: line.head(),
        };
        uses.push(ActionUse {
            actions,
            on,
            conditions,
            helper: false,
            reaches: Vec::new(),
            span: line.head(),
        });
    }
    body.finish(cx);
    Some(BaselineRule::Administer {
        kind: kind?,
        actions: uses,
    })
}

/// An action by which a capability of the kind reads or writes is one on data, and so is what other kinds need it for; and
/// what does the same as one of these, unless it manages the thing; and whatever uses a key.
fn refuse_data(cx: &mut Cx<'_, '_>, kind: Option<KindId>, action: arena::Name, span: Span) {
    let Some(kind) = kind.and_then(|kind| cx.model.kinds.get(kind)) else {
        return;
    };
    let followed: Vec<arena::Name> = cx
        .model
        .kinds
        .iter()
        .flat_map(|(_, other)| &other.words.capabilities)
        .flat_map(|capability| &capability.via)
        .filter(|via| via.kind == kind.name)
        .map(|via| via.capability)
        .collect();
    let text = cx.text_of(action);
    let catalogue = Catalogue::embedded();
    let does = |meant: arena::Name| {
        let same = catalogue
            .same(cx.text_of(meant))
            .any(|same| same.eq_ignore_ascii_case(text));
        same && !catalogue.manages(text)
    };
    // It writes, and moves no data: it works with the key that it names.
    let uses_key = catalogue
        .action(text)
        .is_some_and(|known| known.has_level(Level::Write))
        && catalogue.effects(text) == Some(Effects::NONE);
    // Nothing that somebody put in.
    let shows_settings = catalogue.effects(text) == Some(Effects::NONE);
    let is_data = uses_key
        || kind.words.capabilities.iter().any(|capability| {
            let touches = match capability.effect {
                Effect::Read | Effect::Write => true,
                Effect::Control | Effect::None => followed.contains(&capability.name),
            };
            let means = capability.actions.iter().flat_map(|used| &used.actions);
            touches && !shows_settings && means.copied().any(|meant| meant == action || does(meant))
        });
    if is_data {
        let message = format!("`{}` is an action on data", cx.text_of(action));
        cx.push(
            Diagnostic::new(&ADMINISTERED_DATA, span, message)
                .note("a steward administers, and never reads or writes what is kept")
                .help("leave it out"),
        );
    }
}

/// Services that look at every deny of the policy of a resource, by whomever and of whatever action.
///
/// Sources, read 2026-12-01: the services' guides on their resource policies. Those of Kinesis, Logs and SNS take listed actions only,
/// that of a Lambda function takes no deny, and other services have none.
const TAKE_DENIES: &[&str] = &["dynamodb", "kms", "s3", "secretsmanager", "sqs"];

fn restrict<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<BaselineRule> {
    let mut entries = Entries::of(cx, line);
    let args = entries.need_rest(cx, "a kind");
    entries.finish(cx);
    let mut kinds: Vec<KindId> = Vec::new();
    for arg in &args {
        let Some(kind) = kind(cx, arg) else { continue };
        let service = cx.model.kinds.get(kind).and_then(|kind| kind.words.service);
        let service = service.map_or("", |service| cx.text_of(service));
        if TAKE_DENIES.contains(&service) {
            kinds.push(kind);
            continue;
        }
        let message = format!(
            "the policy of a `{}` denies nobody: its service does not look at that",
            arg.text
        );
        cx.push(
            Diagnostic::new(&crate::convert::WRONG_TYPE, arg.span, message)
                .note("what would be stored without effect is not written")
                .help("leave this kind out of `restrict`"),
        );
    }
    let mut body = Body::of(Cow::Borrowed("restrict"), std::slice::from_ref(line));
    let tls = crate::actors::bare(cx, &mut body, "tls-only");
    body.finish(cx);
    if !tls {
        crate::body::missing(
            cx,
            "`restrict`",
            "tls-only",
            line.head(),
            "say how: `{ tls-only }`",
        );
        return None;
    }
    (!kinds.is_empty()).then_some(BaselineRule::Restrict {
        kinds,
        restriction: Restriction::TlsOnly,
    })
}

/// Whatever a baseline administers needs somebody who may.
fn stewards(cx: &mut Cx<'_, '_>) {
    let mut problems = Vec::new();
    for (_, baseline) in cx.model.baselines.iter() {
        let BaselineRule::Administer { kind, .. } = &baseline.rule else {
            continue;
        };
        for (_, thing) in cx.model.things.iter().filter(|(_, thing)| thing.kind == *kind) {
            let theirs = thing.existing.is_some_and(|existing| !existing.is_ours());
            let Some(account) = thing.account.and_then(|account| cx.model.accounts.get(account)) else {
                continue;
            };
            if theirs || account.steward.is_some() {
                continue;
            }
            let message = format!(
                "nobody may administer `{}`: the account `{}` has no steward",
                cx.text_of(thing.name),
                cx.text_of(account.name)
            );
            problems.push(
                Diagnostic::new(&MISSING_STEWARD, thing.span, message)
                    .label(account.span, "this account")
                    .label(baseline.span, "this baseline gives the steward his rights")
                    .help("name a role of the account: `steward \"role/ops/deploy\"`"),
            );
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}
