//! `when { … }`: the conditions of a trust, all of which must be met.

use std::borrow::Cow;

use diagnostics::Diagnostic;
use model::thing::{Detail, PartDetail};
use model::trust::{Condition, End, Named};
use source::Span;

use crate::actors;
use crate::attributes::{UNKNOWN_ATTRIBUTE, people_have};
use crate::body::{self, Body};
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather;
use crate::internet;
use crate::limits::MEANINGLESS_LIMIT;
use crate::line::Line;

/// `when { … }`
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>, subjects: &[Named]) -> Vec<Condition> {
    let Some(line) = body.one(cx, "when") else {
        return Vec::new();
    };
    Entries::of(cx, &line).finish(cx);
    let mut when = Body::of(Cow::Borrowed("when"), std::slice::from_ref(&line));
    let mut found = Vec::new();
    if let Some(line) = when.one(cx, "mfa-age") {
        found.extend(mfa_age(cx, &line, subjects));
    }
    if let Some(line) = when.one(cx, "source") {
        let mut entries = Entries::of(cx, &line);
        let blocks = entries.need_rest(cx, "a block of addresses, `\"203.0.113.0/24\"`");
        entries.finish_leaf(cx);
        let blocks: Vec<_> = blocks
            .iter()
            .filter_map(|block| Some((cx.any_block(block)?, block.span)))
            .collect();
        internet::check_fact(cx, "the blocks of `source`", &blocks);
        let blocks = blocks.into_iter().map(|(block, _)| block).collect();
        found.push(Condition::Source {
            blocks,
            span: line.head(),
        });
    }
    for line in when.several(cx, "attribute") {
        found.extend(attribute(cx, &line, subjects));
    }
    if let Some(line) = when.one(cx, "until") {
        let mut entries = Entries::of(cx, &line);
        let date = entries.need(cx, "a date, `\"2027-06-30\"`");
        entries.finish_leaf(cx);
        found.extend(date.and_then(|date| {
            Some(Condition::Until {
                date: cx.date(&date)?,
                span: line.head(),
            })
        }));
    }
    for word in ["reason", "weekdays", "approval"] {
        if let Some(line) = when.one(cx, word) {
            gather::refuse(cx, &format!("the condition `{word}`"), line.head());
        }
    }
    when.finish(cx);
    if line.children().next().is_none() {
        crate::body::missing(
            cx,
            "`when`",
            "a condition",
            line.head(),
            "say one, `when { source \"203.0.113.0/24\" }`, or leave `when` out: the trust then always holds",
        );
    }
    found
}

fn mfa_age<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, subjects: &[Named]) -> Option<Condition> {
    let mut entries = Entries::of(cx, line);
    let age = entries.need(cx, "a duration, `\"1h\"`");
    let accept_idp = cx.accepts(&mut entries, "idp-mfa");
    entries.finish_leaf(cx);
    for subject in subjects {
        let people = match subject.end {
            End::Thing(thing) => cx.model.things.get(thing).and_then(|thing| match &thing.detail {
                Detail::People(people) => Some(people),
                Detail::Workload(_) | Detail::Class(_) | Detail::External(_) | Detail::Resource => None,
            }),
            End::Part(_) | End::Account(_) | End::Internet => None,
        };
        match people {
            Some(people) if people.from.is_some() && !accept_idp => actors::unaccepted_mfa(cx, line.head()),
            Some(_) => {}
            None => only_people(cx, line.head(), subject.span, "mfa-age"),
        }
    }
    Some(Condition::MfaAge {
        at_most: cx.duration(&age?)?,
        accept_idp,
        span: line.head(),
    })
}

fn only_people(cx: &mut Cx<'_, '_>, at: Span, subject: Span, what: &str) {
    let message = format!("the condition `{what}` is for people");
    cx.push(
        Diagnostic::new(&MEANINGLESS_LIMIT, at, message)
            .label(subject, "this is nobody whom a provider vouches for"),
    );
}

/// `attribute NAME VALUE…`, as the identity provider vouches for it.
fn attribute<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, subjects: &[Named]) -> Option<Condition> {
    let mut entries = Entries::of(cx, line);
    let name = entries.need(cx, "an attribute");
    let values = entries.need_rest(cx, "a value of the attribute");
    entries.finish_leaf(cx);
    let name = name?;
    let text = cx.text(&name);
    let own = cx.intern(&text);
    for subject in subjects {
        match people_have(cx, subject.end, own) {
            Some(true) => {}
            Some(false) => cx.push(
                Diagnostic::new(
                    &UNKNOWN_ATTRIBUTE,
                    name.span,
                    format!("these people have no attribute `{text}`"),
                )
                .label(subject.span, "of these")
                .help(format!("declare it: `attributes {text}`")),
            ),
            None => only_people(cx, line.head(), subject.span, "attribute"),
        }
    }
    let mut read = Vec::new();
    for value in &values {
        let text = cx.text(value);
        if text.contains(['*', '?', '$']) {
            cx.push(
                Diagnostic::new(
                    &crate::convert::WRONG_TYPE,
                    value.span,
                    format!("`{text}` has a wildcard, and a value is exact"),
                )
                .help("name each value"),
            );
        }
        read.push(cx.intern(&text));
    }
    Some(Condition::Attribute {
        name: own,
        values: read,
        span: line.head(),
    })
}

/// People have no place: a trust that lets them connect says from where.
pub(crate) fn check_sources(
    cx: &mut Cx<'_, '_>,
    subjects: &[Named],
    objects: &[Named],
    allow: &[(arena::Name, Span)],
    when: &[Condition],
) {
    // A forwarded port is reached from its own host.
    if !allow.iter().any(|(name, _)| cx.text_of(*name) == "connect") {
        return;
    }
    let has_source = when
        .iter()
        .any(|condition| matches!(condition, Condition::Source { .. }));
    let listener = objects.iter().find(|object| match object.end {
        End::Part(part) => cx
            .model
            .parts
            .get(part)
            .is_some_and(|part| matches!(part.detail, PartDetail::Listener(_))),
        End::Thing(_) | End::Account(_) | End::Internet => false,
    });
    let Some(listener) = listener else { return };
    let people = subjects.iter().find(|subject| match subject.end {
        End::Thing(thing) => cx
            .model
            .things
            .get(thing)
            .is_some_and(|thing| matches!(thing.detail, Detail::People(_))),
        End::Part(_) | End::Account(_) | End::Internet => false,
    });
    if let Some(people) = people
        && !has_source
    {
        cx.push(
            Diagnostic::new(
                &body::MISSING_FACT,
                people.span,
                "people have no place, and the trust does not say where they connect from",
            )
            .label(listener.span, "this is a listener")
            .help("write `when { source \"203.0.113.0/24\" }`"),
        );
    }
}
