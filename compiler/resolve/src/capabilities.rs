//! Capabilities of kinds: the provider's actions, and what else they need.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arena::Name;
use diagnostics::{Code, Diagnostic, Safety, Severity};
use model::kind::{
    ActionCondition, ActionUse, Capability, Effect, KindId, PropertySort, PropertyType, Via, Words,
};
use source::Span;

use crate::body::Body;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::kinds::{Where, unknown_kind, word_template};
use crate::line::{Arg, Line};
use crate::{names, offered};

pub(crate) static MISSING_EFFECT: Code = Code {
    name: "missing-effect",
    severity: Severity::Error,
    summary: "a capability does not say what chains follow",
    docs: include_str!("pages/missing_effect.md"),
};

pub(crate) static VIA_CYCLE: Code = Code {
    name: "via-cycle",
    severity: Severity::Error,
    summary: "a capability needs itself",
    docs: include_str!("pages/via_cycle.md"),
};

const EFFECTS: &[(&str, Effect)] = &[
    ("read", Effect::Read),
    ("write", Effect::Write),
    ("control", Effect::Control),
    ("none", Effect::None),
];

pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, words: &Words) -> Option<Capability> {
    let mut entries = Entries::of(cx, line);
    let name = entries.need(cx, "a name");
    let effect = entries.prop("effect");
    entries.finish(cx);
    let name = name?;
    let text = cx.text(&name);
    crate::spelling::check_text(cx, &text, name.span);
    let effect = match effect {
        Some(effect) => cx.word(&effect, "an effect", EFFECTS),
        None => {
            cx.push(
                Diagnostic::new(
                    &MISSING_EFFECT,
                    line.head(),
                    format!("the capability `{text}` does not say its effect"),
                )
                .note("chains of accesses follow the effect: without it, a promise could be kept by silence")
                .help("write `effect=read`, `write`, `control` or `none`"),
            );
            None
        }
    };
    let mut body = Body::of(
        Cow::Owned(format!("capability `{text}`")),
        std::slice::from_ref(line),
    );
    let connects = crate::actors::bare(cx, &mut body, "connects");
    let does = body
        .one(cx, "does")
        .map_or_else(Vec::new, |line| crate::does::read(cx, &line));
    let means = body.all("action");
    let needs = body.all("helper");
    if let (true, Some(first)) = (means.is_empty(), needs.first()) {
        crate::body::missing(
            cx,
            &format!("capability `{text}`"),
            "action",
            first.head(),
            "an `action` is what the capability means; a `helper` is only what its callers need besides",
        );
    }
    let lines = means.iter().map(|line| (line, false));
    let lines = lines.chain(needs.iter().map(|line| (line, true)));
    let actions = lines
        .filter_map(|(line, helper)| action(cx, line, words, helper))
        .collect();
    let via = body.all("via").iter().filter_map(|line| via(cx, line)).collect();
    body.finish(cx);
    Some(Capability {
        name: cx.intern(&text),
        effect: effect?,
        actions,
        does,
        via,
        connects,
        span: line.head(),
    })
}

/// An `action`, or a `helper`: what callers need besides.
fn action<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, words: &Words, helper: bool) -> Option<ActionUse> {
    let mut entries = Entries::of(cx, line);
    let named = entries.need_rest(cx, "an action, `s3:GetObject`");
    let on = entries.need_prop(cx, "on", "\"{arn}\"");
    let beside = entries.prop("reaches");
    entries.finish(cx);
    let mut actions: Vec<Name> = Vec::new();
    for action in &named {
        let text = cx.text(action);
        let name = offered::canonical(cx, &text, action.span);
        if actions.contains(&name) {
            crate::body::duplicate(cx, &text, action.span, line.head());
        } else {
            actions.push(name);
        }
    }
    let mut body = Body::of(line.word(), std::slice::from_ref(line));
    let lines = body.all("condition");
    let conditions = lines
        .iter()
        .filter_map(|line| condition(cx, line, words))
        .collect();
    let mut reached: Vec<_> = beside.into_iter().collect();
    if let Some(line) = body.one(cx, "reaches") {
        let mut entries = Entries::of(cx, &line);
        reached.extend(entries.need_rest(cx, "a kind"));
        entries.finish_leaf(cx);
    }
    body.finish(cx);
    let mut reaches: Vec<(Name, Span)> = Vec::new();
    for kind in reached {
        let text = cx.text(&kind);
        let name = cx.intern(&text);
        cx.hear_kind(&text, kind.span);
        if !cx.kinds.contains_key(&*text) {
            unknown_kind(cx, &text, kind.span);
        }
        match reaches.iter().find(|(earlier, _)| *earlier == name) {
            Some((_, first)) => crate::body::duplicate(cx, &text, kind.span, *first),
            None => reaches.push((name, kind.span)),
        }
    }
    let on = word_template(cx, &on?, words, Where::Word);
    Some(ActionUse {
        actions,
        on,
        conditions,
        helper,
        reaches,
        span: line.head(),
    })
}

/// The conditions of an `action`.
pub(crate) fn conditions<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, words: &Words) -> Vec<ActionCondition> {
    let mut body = Body::of(Cow::Borrowed("action"), std::slice::from_ref(line));
    let lines = body.all("condition");
    let conditions = lines
        .iter()
        .filter_map(|line| condition(cx, line, words))
        .collect();
    body.finish(cx);
    conditions
}

/// Operators of the provider. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
const OPERATORS: &[(&str, ())] = &[
    ("StringEquals", ()),
    ("StringEqualsIfExists", ()),
    ("StringEqualsIgnoreCase", ()),
    ("StringLike", ()),
    ("NumericEquals", ()),
    ("NumericLessThan", ()),
    ("NumericLessThanEquals", ()),
    ("NumericGreaterThan", ()),
    ("NumericGreaterThanEquals", ()),
    ("DateLessThan", ()),
    ("DateGreaterThan", ()),
    ("Bool", ()),
    ("IpAddress", ()),
    ("ArnEquals", ()),
    ("ArnLike", ()),
];

fn condition<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, words: &Words) -> Option<ActionCondition> {
    if line.node.has_children_block() {
        let operator = line
            .first()
            .map_or_else(|| "StringEquals".to_owned(), |operator| operator.text.to_string());
        let inside = line.children().next();
        let inside = inside.map_or_else(
            || "KEY \"VALUE\"".to_owned(),
            |inside| {
                let value = inside
                    .first()
                    .map_or_else(|| "VALUE".to_owned(), |value| value.text.to_string());
                format!("{} \"{value}\"", inside.word())
            },
        );
        cx.push(
            Diagnostic::new(
                &crate::body::UNKNOWN_FACT,
                line.head(),
                "`condition` takes no block",
            )
            .help(format!("write it on one line: `condition {operator} {inside}`")),
        );
        return None;
    }
    let mut entries = Entries::of(cx, line);
    let operator = entries.need(cx, "an operator, `StringLike`");
    let key = entries.need(cx, "a key, `s3:prefix`");
    let value = entries.need(cx, "a value");
    entries.finish_leaf(cx);
    let (operator, key, value) = (operator?, key?, value?);
    cx.word(&operator, "an operator that only narrows", OPERATORS);
    let key_text = cx.text(&key);
    check_value(cx, &operator.text, &key_text, &value);
    let value = word_template(cx, &value, words, Where::Word);
    Some(ActionCondition {
        operator: cx.intern(&operator.text),
        key: cx.intern(&key_text),
        value,
    })
}

/// A value that means something else to the provider than it seems to say, or nothing.
///
/// Source: IAM User Guide, "Condition operators", read 2026-12-01.
fn check_value<'a>(cx: &mut Cx<'a, '_>, operator: &str, key: &str, value: &Arg<'a>) {
    let text = cx.text(value);
    let (why, help) = if text == "*" {
        (
            format!("every value of `{key}` is like `*`, so this narrows nothing"),
            "name the values, or leave the condition out",
        )
    } else if operator.starts_with("StringEquals") && text.contains(['*', '?']) {
        (
            format!("in `{operator}` a `*` and a `?` are letters like others"),
            "write `StringLike`",
        )
    } else if operator.starts_with("Arn")
        && text.split('*').next().unwrap_or_default().matches(':').count() < 5
        && text.contains('*')
    {
        (
            format!("`{operator}` compares an ARN part by part, and a `*` stays in its part"),
            "say a `*` in the last part only: `arn:aws:sns:eu-central-1:111122223333:*`",
        )
    } else {
        return;
    };
    cx.push(Diagnostic::new(&crate::convert::WRONG_TYPE, value.span, why).help(help));
}

fn via<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<Via> {
    let mut entries = Entries::of(cx, line);
    let kind = entries.need(cx, "a kind");
    let capability = entries.need(cx, "a capability of that kind");
    entries.finish_leaf(cx);
    let (kind, capability) = (kind?, capability?);
    let kind_text = cx.text(&kind);
    cx.hear_kind(&kind_text, kind.span);
    if !cx.kinds.contains_key(&*kind_text) {
        unknown_kind(cx, &kind_text, kind.span);
        return None;
    }
    let capability_text = cx.text(&capability);
    Some(Via {
        kind: cx.intern(&kind_text),
        capability: cx.intern(&capability_text),
        span: line.head(),
    })
}

/// `via` follows a reference of the kind to a capability that its kind has.
pub(crate) fn vias_resolve(cx: &mut Cx<'_, '_>, id: KindId) {
    let Some(kind) = cx.model.kinds.get(id) else {
        return;
    };
    let mut problems = Vec::new();
    for via in kind
        .words
        .capabilities
        .iter()
        .flat_map(|capability| &capability.via)
    {
        let (kind_text, capability_text) = (cx.text_of(via.kind), cx.text_of(via.capability));
        let refers = |property: &PropertyType| {
            property.sort == PropertySort::Reference && property.kind == Some(via.kind)
        };
        if !kind.words.properties.iter().any(refers) {
            let message =
                format!("`via {kind_text}` follows no property: the kind refers to no `{kind_text}`");
            problems.push(
                Diagnostic::new(&names::UNDECLARED_NAME, via.span, message).help(format!(
                    "declare it: `property NAME type=reference kind={kind_text}`"
                )),
            );
        }
        let other = cx
            .kinds
            .get(kind_text)
            .and_then(|other| cx.model.kinds.get(*other));
        if let Some(other) = other
            && !other
                .words
                .capabilities
                .iter()
                .any(|capability| capability.name == via.capability)
        {
            problems.push(unknown_capability(
                cx,
                capability_text,
                kind_text,
                &other.words,
                via.span,
            ));
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

pub(crate) static UNKNOWN_CAPABILITY: Code = Code {
    name: "unknown-capability",
    severity: Severity::Error,
    summary: "a kind has no such capability",
    docs: include_str!("pages/unknown_capability.md"),
};

/// A capability that a kind does not have.
pub(crate) fn unknown_capability(
    cx: &Cx<'_, '_>,
    text: &str,
    kind: &str,
    words: &Words,
    span: Span,
) -> Diagnostic {
    let known: Vec<&str> = words
        .capabilities
        .iter()
        .map(|capability| cx.text_of(capability.name))
        .collect();
    let message = format!("a `{kind}` has no capability `{text}`");
    let diagnostic = Diagnostic::new(&UNKNOWN_CAPABILITY, span, message);
    match cx.near.find(text, known.iter().copied()) {
        Some(near) => near.offer(diagnostic, span, Safety::Unsafe),
        None if known.is_empty() && text == "invoke" => diagnostic
            .note("a workload is who acts; what is invoked is the function that runs it")
            .help("write `function NAME { existing \"…\"; runs WORKLOAD }`, and name that"),
        None if known.is_empty() => diagnostic
            .note(format!("nothing may be done to a `{kind}` itself"))
            .help("give it a listener, `listens NAME tcp=443 tls=required`, and name that: `NAME.PART`"),
        None => diagnostic.help(format!(
            "it is one of {}",
            known
                .iter()
                .filter(|name| **name != "forward")
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}

/// A capability that needs itself, through whatever others, would be expanded for ever.
pub(crate) fn cycles(cx: &mut Cx<'_, '_>) {
    // By (kind, capability): 1 while it is walked, 2 when it is done.
    let mut state: BTreeMap<(Name, Name), u8> = BTreeMap::new();
    let mut edges: BTreeMap<(Name, Name), Vec<Via>> = BTreeMap::new();
    for (_, kind) in cx.model.kinds.iter() {
        for capability in &kind.words.capabilities {
            edges.insert((kind.name, capability.name), capability.via.clone());
        }
    }
    let mut problems = Vec::new();
    for start in edges.keys() {
        let mut stack = vec![(*start, 0)];
        while let Some((node, next)) = stack.pop() {
            if next == 0 && state.get(&node).is_some_and(|state| *state == 2) {
                continue;
            }
            state.insert(node, 1);
            let Some(via) = edges.get(&node).and_then(|vias| vias.get(next)) else {
                state.insert(node, 2);
                continue;
            };
            stack.push((node, next + 1));
            let target = (via.kind, via.capability);
            if state.get(&target).is_some_and(|state| *state == 1) {
                let message = format!(
                    "`{} {}` needs itself",
                    cx.model.names.text(via.kind),
                    cx.model.names.text(via.capability)
                );
                problems.push(
                    Diagnostic::new(&VIA_CYCLE, via.span, message).help("leave out one `via` of the circle"),
                );
            } else if edges.contains_key(&target) {
                stack.push((target, 0));
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}
