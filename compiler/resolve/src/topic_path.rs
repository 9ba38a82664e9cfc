//! Topics' paths: where the wildcards of a subscription may stand.
//!
//! A path is one topic. `#` as its last level stands for every topic below, `+` as a whole level for any one level. Nobody
//! publishes to a `+`, so a path that has one is only subscribed to. Which property is a path, the kind's words say: the one
//! that stands behind `topic/` or `topicfilter/` in an address.

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::kind::Kind;
use model::template::{Piece, Placeholder, Template};
use model::thing::{PartDetail, Thing};
use model::trust::{End, Named, Trust};
use model::value::{Property, Value};
use source::Span;

use crate::cx::Cx;

pub(crate) static MISPLACED_WILDCARD: Code = Code {
    name: "misplaced-wildcard",
    severity: Severity::Error,
    summary: "a topic's path has `#` or `+` where it may not stand",
    docs: include_str!("pages/misplaced_wildcard.md"),
};

/// What gives nothing but messages of a topic: `subscribe` is made of these.
const SUBSCRIBING: &[&str] = &["iot:Receive", "iot:Subscribe"];

/// Checks every path, and what trusts grant of one with `+`.
pub(crate) fn check(cx: &mut Cx<'_, '_>) {
    let mut problems = Vec::new();
    for (_, thing) in cx.model.things.iter() {
        for path in paths(cx, thing) {
            problems.extend(misplaced(&shape_of(cx, path), path.span));
        }
    }
    for (_, part) in cx.model.parts.iter() {
        if let PartDetail::LocalTopic(topic) = &part.detail {
            problems.extend(misplaced(&shape(cx, &topic.path), topic.path.span));
        }
    }
    for (_, trust) in cx.model.trusts.iter() {
        for object in &trust.objects {
            granted(cx, trust, *object, &mut problems);
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

/// The properties of a thing that are paths of topics.
fn paths<'m>(cx: &'m Cx<'_, '_>, thing: &'m Thing) -> impl Iterator<Item = &'m Property> {
    let names = cx
        .model
        .kinds
        .get(thing.kind)
        .map_or_else(Vec::new, |kind| path_names(cx, kind));
    thing
        .properties
        .iter()
        .filter(move |property| names.contains(&property.name))
}

fn path_names(cx: &Cx<'_, '_>, kind: &Kind) -> Vec<Name> {
    let words = &kind.words;
    let actions = words
        .capabilities
        .iter()
        .flat_map(|capability| &capability.actions);
    let addresses = words.arn.iter().chain(&words.more_arns);
    let mut found = Vec::new();
    for template in addresses.chain(actions.map(|used| &used.on)) {
        for (before, piece) in template.pieces.iter().zip(template.pieces.iter().skip(1)) {
            if let (Piece::Text(text), Piece::Placeholder(Placeholder::Property(name))) = (before, piece)
                && [":topic/", ":topicfilter/"]
                    .iter()
                    .any(|head| cx.text_of(*text).ends_with(head))
            {
                found.push(*name);
            }
        }
    }
    found
}

/// The path as it is written. What a placeholder stands for holds no wildcard: the alphabet of values sees to that.
fn shape(cx: &Cx<'_, '_>, path: &Template) -> String {
    let mut shape = String::new();
    for piece in &path.pieces {
        match piece {
            Piece::Text(text) => shape.push_str(cx.text_of(*text)),
            Piece::Placeholder(Placeholder::Attribute(name)) => {
                shape.push_str(&format!("{{{}}}", cx.text_of(*name)));
            }
            Piece::Placeholder(_) => shape.push_str("{name}"),
        }
    }
    shape
}

fn shape_of(cx: &Cx<'_, '_>, path: &Property) -> String {
    match path.values.first() {
        Some(Value::Text(text) | Value::Name(text)) => cx.text_of(*text).to_owned(),
        Some(Value::Template(template)) => shape(cx, template),
        Some(
            Value::Number(_)
            | Value::Flag(_)
            | Value::Duration(_)
            | Value::Date(_)
            | Value::Block(_)
            | Value::Version(_)
            | Value::Thing(_),
        )
        | None => String::new(),
    }
}

/// The first wildcard of a path that may not stand there.
fn misplaced(path: &str, span: Span) -> Option<Diagnostic> {
    let report = |message: String, note: &str, help: String| {
        Some(
            Diagnostic::new(&MISPLACED_WILDCARD, span, message)
                .note(note.to_owned())
                .help(help),
        )
    };
    if path == "#" {
        return report(
            "the path is `#` alone: every topic of the account".to_owned(),
            "nothing that is declared could be kept apart from it",
            "say the first level: `\"dt/#\"`".to_owned(),
        );
    }
    if path.split('/').next() == Some("$share") {
        return report(
            "`$share` is no topic: it is how a client shares a subscription with others".to_owned(),
            "what is received by it are the topics behind the name of the group",
            "say the topics themselves: `\"dt/#\"`".to_owned(),
        );
    }
    let last = path.split('/').count().saturating_sub(1);
    for (at, level) in path.split('/').enumerate() {
        if level.contains('#') && (level != "#" || at != last) {
            let (message, help) = if level == "#" {
                (
                    "`#` stands before the last level of the path".to_owned(),
                    "write the level out; in what is only subscribed to, `+` stands for one level, and `#` for all behind it",
                )
            } else {
                (
                    format!("`#` is only a part of the level `{level}`"),
                    "write it as a level of its own at the end, `\"dt/#\"`, or leave it out",
                )
            };
            return report(
                message,
                "`#` stands for everything below, and the broker takes it at the end only",
                help.to_owned(),
            );
        }
        if let Some(sign) = level.chars().find(|letter| matches!(letter, '*' | '?')) {
            return report(
                format!("`{sign}` is no wildcard of MQTT: the path holds it as it stands"),
                "`#` as the last level stands for everything below, `+` for one level of what is only subscribed to",
                "write `#` or `+`, or leave it out".to_owned(),
            );
        }
        if level.contains('+') && level != "+" {
            return report(
                format!("`+` is only a part of the level `{level}`"),
                "`+` stands for one whole level, and the broker takes it alone in its level only",
                "write `+` alone between two `/`, or leave it out".to_owned(),
            );
        }
    }
    None
}

/// A path with `+` is subscribed to, and nothing else.
fn granted(cx: &Cx<'_, '_>, trust: &Trust, object: Named, problems: &mut Vec<Diagnostic>) {
    let (name, path, span) = match object.end {
        End::Thing(id) => {
            let Some(thing) = cx.model.things.get(id) else {
                return;
            };
            let shapes = paths(cx, thing).map(|path| (shape_of(cx, path), path.span));
            let Some((path, span)) = shapes.into_iter().find(|(path, _)| has_plus(path)) else {
                return;
            };
            (thing.name, path, span)
        }
        End::Part(id) => {
            let Some(part) = cx.model.parts.get(id) else {
                return;
            };
            let PartDetail::LocalTopic(topic) = &part.detail else {
                return;
            };
            (part.name, shape(cx, &topic.path), topic.path.span)
        }
        End::Account(_) | End::Internet => return,
    };
    if !has_plus(&path) {
        return;
    }
    let kind = crate::trusts::kind_of(cx, object.end).and_then(|kind| cx.model.kinds.get(kind));
    let Some(kind) = kind else { return };
    for (allowed, at) in &trust.allow {
        let capability = kind.words.capabilities.iter().find(|own| own.name == *allowed);
        let Some(capability) = capability else { continue };
        let text = cx.text_of(*allowed);
        let mut actions = capability.actions.iter().flat_map(|used| &used.actions);
        let only_subscribes = if capability.actions.is_empty() {
            text == "subscribe"
        } else {
            actions.all(|action| SUBSCRIBING.contains(&cx.text_of(*action)))
        };
        if only_subscribes {
            continue;
        }
        let message = format!(
            "`{text}` is granted of `{}`, whose path has `+`",
            cx.text_of(name)
        );
        problems.push(
            Diagnostic::new(&MISPLACED_WILDCARD, *at, message)
                .label(span, "the path")
                .note("`+` is a wildcard of subscriptions: a message goes to one topic, and no topic has a `+`")
                .help("declare what is published to as a topic of its own, or as a family, `of=CLASS`; a path with `+` takes `subscribe` only"),
        );
    }
}

fn has_plus(path: &str) -> bool {
    path.split('/').any(|level| level == "+")
}
