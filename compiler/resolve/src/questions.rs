//! Tests that a spec carries: requests of which some parts are fixed, and whether they are allowed.

use std::borrow::Cow;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::promise::Selector;
use model::test::{Case, Fixed, Question, Test};
use model::thing::{PartDetail, ThingId};
use model::trust::{End, Named};
use source::Span;

use crate::address;
use crate::body::{self, Body};
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::Item;
use crate::heard::Takes;
use crate::line::{Arg, Line};
use crate::promises;
use crate::{attributes, limits};

pub(crate) static UNKNOWN_MEMBER: Code = Code {
    name: "unknown-member",
    severity: Severity::Error,
    summary: "no inventory has a device of that name",
    docs: include_str!("pages/unknown_member.md"),
};

/// Reads one test.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, item: &Item<'a>) {
    let line = &item.line;
    let mut entries = Entries::of(cx, line);
    let name = entries.need(cx, "a sentence, `\"a sensor speaks only as itself\"`");
    entries.finish(cx);
    let Some(name) = name else { return };
    let text = cx.text(&name);
    let mut body = Body::of(Cow::Borrowed("test"), std::slice::from_ref(line));
    let mut cases = Vec::new();
    let lines = body.all("as");
    if lines.is_empty() {
        body::missing(
            cx,
            &format!("the test `{text}`"),
            "as",
            line.head(),
            "write `as SUBJECT { can …; cannot … }`",
        );
    }
    for line in lines {
        cases.extend(case(cx, &line));
    }
    body.finish(cx);
    cx.model.tests.push(Test {
        name: cx.model.names.intern(&text),
        span: line.head(),
        cases,
    });
}

fn case<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<Case> {
    if let Some(arrow) = line.entries().map(|(_, arg)| arg).find(|arg| arg.is_word("->")) {
        cx.push(
            Diagnostic::new(&crate::entries::SURPLUS_VALUE, arrow.span, "a test has no arrow").help(
                "who acts stands behind `as`, the rest in its block: `as SUBJECT { can CAPABILITY OBJECT }`",
            ),
        );
        return None;
    }
    let mut entries = Entries::of(cx, line);
    let subject = entries.need(cx, "a subject").and_then(|subject| cx.end(&subject));
    let mut fixed = Fixed::default();
    let device = entries.prop("device");
    fixed.mfa = entries.prop("mfa").and_then(|mfa| cx.flag(&mfa));
    fixed.mfa_age = entries.prop("mfa-age").and_then(|age| cx.duration(&age));
    fixed.source = entries.prop("source").and_then(|source| {
        let found = address::single(&source.text);
        if found.is_none() {
            let message = format!("`{}` is not an address", source.text);
            cx.push(
                Diagnostic::new(&crate::convert::WRONG_TYPE, source.span, message)
                    .help("write one address: `source=\"203.0.113.7\"`"),
            );
        }
        found
    });
    let free = entries.free();
    entries.finish(cx);
    if let (Some(subject), Some(device)) = (subject, device) {
        fixed.device = member(cx, &[attributes::class_of(cx, subject.end)], &device);
    }
    for (name, span, value) in free {
        let own = cx.intern(&name);
        let text = cx.text(&value);
        if let Some(subject) = subject
            && !attributes::actor_has(cx, subject.end, own)
        {
            let message = format!("the subject has no attribute `{name}`");
            cx.push(
                Diagnostic::new(&attributes::UNKNOWN_ATTRIBUTE, span, message)
                    .label(subject.span, "of this")
                    .help("besides attributes, `device=`, `mfa=`, `mfa-age=` and `source=` are fixed here"),
            );
        }
        fixed.attributes.push((own, cx.intern(&text)));
    }
    let mut body = Body::of(Cow::Borrowed("as"), std::slice::from_ref(line));
    let mut lines: Vec<(bool, Line<'a>)> = body.all("can").into_iter().map(|line| (true, line)).collect();
    lines.extend(body.all("cannot").into_iter().map(|line| (false, line)));
    lines.sort_by_key(|(_, line)| line.head());
    if lines.is_empty() {
        body::missing(cx, "`as`", "can", line.head(), "write `can …` or `cannot …`");
    }
    let questions = lines
        .iter()
        .filter_map(|(can, line)| question(cx, *can, line))
        .collect();
    body.finish(cx);
    Some(Case {
        subject: subject?,
        fixed,
        questions,
        span: line.head(),
    })
}

fn question<'a>(cx: &mut Cx<'a, '_>, can: bool, line: &Line<'a>) -> Option<Question> {
    if let Some(meant) = sentence(cx, line) {
        cx.push(meant);
        return None;
    }
    let mut entries = Entries::of(cx, line);
    let capability = entries.need(cx, "a capability");
    let object = entries.need(cx, "an object");
    let device = entries.prop("device");
    let (under, only) = (entries.prop("under"), entries.prop("only"));
    for name in ["mfa", "mfa-age", "source"] {
        if let Some(given) = entries.prop(name) {
            let message = format!("`{name}` is the subject's, not the object's");
            cx.push(
                Diagnostic::new(&crate::entries::UNKNOWN_PROPERTY, given.span, message).help(format!(
                    "write it on the line of the subject: `as SUBJECT {name}=…`"
                )),
            );
        }
    }
    entries.finish_leaf(cx);
    let (capability, object) = (capability?, object?);
    cx.hear(capability.span, || Takes::Capability);
    let capability_text = cx.text(&capability);
    let name = cx.intern(&capability_text);
    let found = if can {
        let Named { end, span } = cx.end(&object)?;
        (Selector::End(end), span)
    } else {
        cx.selector(&object)?
    };
    match found.0 {
        Selector::End(end) => capability_of(cx, end, name, &capability_text, &capability),
        Selector::Everything
        | Selector::Kind(_)
        | Selector::Segment(_)
        | Selector::Site(_)
        | Selector::Network(_)
        | Selector::Level(_)
        | Selector::Account(_)
        | Selector::Owner(_)
        | Selector::Tag(_)
        | Selector::DataClass(_)
        | Selector::Provider
        | Selector::Internet => {
            promises::known_capability(cx, name, &capability_text, capability.span);
        }
    }
    let device = device.and_then(|device| match found.0 {
        Selector::End(end) => {
            let classes = object_classes(cx, end);
            member(cx, &classes, &device)
        }
        Selector::Everything
        | Selector::Kind(_)
        | Selector::Segment(_)
        | Selector::Site(_)
        | Selector::Network(_)
        | Selector::Level(_)
        | Selector::Account(_)
        | Selector::Owner(_)
        | Selector::Tag(_)
        | Selector::DataClass(_)
        | Selector::Provider
        | Selector::Internet => {
            let message = "a selector has no devices of its own";
            cx.push(
                Diagnostic::new(&UNKNOWN_MEMBER, device.span, message).help("name the class or the family"),
            );
            None
        }
    });
    let part = match (under, only) {
        (Some(under), Some(_)) => {
            let message = "`under=` and `only=` fix one part in two ways";
            cx.push(Diagnostic::new(&body::DUPLICATE_FACT, under.span, message).help("keep one"));
            None
        }
        (Some(under), None) => part(cx, &under, true),
        (None, Some(only)) => part(cx, &only, false),
        (None, None) => None,
    };
    Some(Question {
        can,
        capability: (name, capability.span),
        object: found,
        device,
        part,
        span: line.head(),
    })
}

/// A line of a test that is put in another way than `can CAPABILITY OBJECT`, with the line as it should be.
fn sentence<'a>(cx: &Cx<'a, '_>, line: &Line<'a>) -> Option<Diagnostic> {
    let word = line.word();
    let given: Vec<(bool, Arg<'a>)> = line.entries().map(|(name, arg)| (name.is_none(), arg)).collect();
    let args: Vec<&Arg<'a>> = given
        .iter()
        .filter(|(is_arg, _)| *is_arg)
        .map(|(_, arg)| arg)
        .collect();
    let is_named = |arg: &Arg<'_>| {
        let head = arg.text.split(['.', '/']).next().unwrap_or_default();
        cx.scope.names.contains_key(head)
    };
    let refused = |span, message: &str, help: String| {
        Some(Diagnostic::new(&crate::entries::SURPLUS_VALUE, span, message).help(help))
    };
    if let Some(arrow) = args.iter().find(|arg| arg.is_word("->")) {
        let words: Vec<&str> = args
            .iter()
            .filter(|arg| !arg.is_word("->"))
            .map(|arg| &*arg.text)
            .collect();
        return refused(
            arrow.span,
            "a test has no arrow: who acts stands behind `as`",
            format!("write `{word} {}`", words.join(" ")),
        );
    }
    match args.as_slice() {
        [first, second] if is_named(first) && !is_named(second) && !second.text.contains(['.', ':', '*']) => {
            refused(
                first.span,
                "the capability stands before the object",
                format!("write `{word} {} {}`", second.text, first.text),
            )
        }
        [capabilities @ .., object] if capabilities.len() > 1 && is_named(object) => {
            let lines: Vec<String> = capabilities
                .iter()
                .map(|capability| format!("{word} {} {}", capability.text, object.text))
                .collect();
            let span = capabilities.get(1).map_or(object.span, |second| second.span);
            refused(
                span,
                "a line of a test asks for one capability",
                format!("write `{}`", lines.join("; ")),
            )
        }
        [capability, object] if object.text.contains('/') && is_named(object) => {
            let (thing, path) = object.text.split_once('/')?;
            let narrowed = if path.ends_with('/') { "under" } else { "only" };
            refused(
                object.span,
                "a part of an object is said by `under=` or `only=`",
                format!("write `{word} {} {thing} {narrowed}=\"{path}\"`", capability.text),
            )
        }
        [capability, object] if line.node.has_children_block() => {
            let inside: Vec<String> = line
                .children()
                .filter_map(|child| Some(format!("{}=\"{}\"", child.word(), child.first()?.text)))
                .collect();
            refused(
                line.head(),
                "a line of a test takes no block",
                format!(
                    "write `{word} {} {} {}`",
                    capability.text,
                    object.text,
                    inside.join(" ")
                ),
            )
        }
        _ => None,
    }
}

fn part<'a>(cx: &mut Cx<'a, '_>, path: &Arg<'a>, is_under: bool) -> Option<(bool, Name)> {
    let text = cx.text(path);
    limits::check_path(cx, path, is_under);
    Some((is_under, cx.intern(&text)))
}

/// The object's kind has the capability; in a `cannot`, the whole holds its parts.
fn capability_of(cx: &mut Cx<'_, '_>, end: End, name: Name, text: &str, at: &Arg<'_>) {
    let mut kinds_of: Vec<model::kind::KindId> = Vec::new();
    match end {
        End::Thing(thing) => {
            if let Some(thing) = cx.model.things.get(thing) {
                kinds_of.push(thing.kind);
                kinds_of.extend(
                    thing
                        .parts
                        .iter()
                        .filter_map(|part| cx.model.parts.get(*part))
                        .map(|part| part.kind),
                );
            }
        }
        End::Part(part) => kinds_of.extend(cx.model.parts.get(part).map(|part| part.kind)),
        End::Account(_) | End::Internet => return,
    }
    let has = kinds_of
        .iter()
        .filter_map(|kind| cx.model.kinds.get(*kind))
        .any(|kind| {
            kind.words
                .capabilities
                .iter()
                .any(|capability| capability.name == name)
        });
    let first = kinds_of.first().and_then(|kind| cx.model.kinds.get(*kind));
    if !has && let Some(kind) = first {
        let problem =
            crate::capabilities::unknown_capability(cx, text, cx.text_of(kind.name), &kind.words, at.span);
        cx.push(problem);
    }
}

/// Classes of which an object may have a device: it is one, is a part of one, or is a family of one.
fn object_classes(cx: &Cx<'_, '_>, end: End) -> Vec<Option<ThingId>> {
    match end {
        End::Thing(id) => {
            let family = cx.model.things.get(id).and_then(|thing| thing.family);
            vec![attributes::class_of(cx, end), family]
        }
        End::Part(part) => {
            let Some(part) = cx.model.parts.get(part) else {
                return Vec::new();
            };
            let family = match &part.detail {
                PartDetail::LocalTopic(topic) => topic.family,
                PartDetail::Listener(_) => None,
            };
            vec![attributes::class_of(cx, End::Thing(part.of)), family]
        }
        End::Account(_) | End::Internet => Vec::new(),
    }
}

/// A row of one of these classes.
fn member<'a>(cx: &mut Cx<'a, '_>, classes: &[Option<ThingId>], device: &Arg<'a>) -> Option<(Name, Span)> {
    let text = cx.text(device);
    let fleets: Vec<_> = classes
        .iter()
        .flatten()
        .filter_map(|class| cx.fleets.get(class).copied())
        .collect();
    if classes.iter().flatten().next().is_none() {
        let message = format!("`device={text}` fixes a device of something that has none");
        cx.push(Diagnostic::new(&UNKNOWN_MEMBER, device.span, message).help("leave out `device=`"));
        return None;
    }
    let found = fleets.iter().any(|fleet| {
        let (rows, fleet) = (cx.rows.get(fleet), cx.model.fleets.get(*fleet));
        matches!((rows, fleet), (Some(rows), Some(fleet)) if rows.find(fleet, &text).is_some())
    });
    if !found {
        // A class whose inventory could not be read has none: that was reported.
        if let Some(fleet) = fleets.first().and_then(|fleet| cx.model.fleets.get(*fleet)) {
            let span = fleet.span;
            let message = format!("no inventory has a device `{text}`");
            let mut all: Vec<&str> = (0..fleet.len()).map(|row| fleet.member(row)).collect();
            all.sort_unstable();
            let first: Vec<String> = all.iter().take(3).map(|name| format!("`{name}`")).collect();
            let more = if fleet.len() > first.len() { ", …" } else { "" };
            let help = format!("its devices are {}{more}", first.join(", "));
            cx.push(
                Diagnostic::new(&UNKNOWN_MEMBER, device.span, message)
                    .label(span, "not in this one")
                    .help(help),
            );
        }
        return None;
    }
    Some((cx.intern(&text), device.span))
}
