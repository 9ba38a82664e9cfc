//! Trusts: who may do what to what, and what narrows it.

use std::borrow::Cow;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::actor::IdentityWord;
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, PartDetail, ThingId};
use model::trust::{Condition, End, Named, Narrow, Trust};
use model::value::Value;
use source::Span;

use crate::actors;
use crate::body::{self, Body};
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::{self, Item};
use crate::kinds;
use crate::line::{Arg, Line};
use crate::template::{self, Filled};

pub(crate) static NOT_AN_ACTOR: Code = Code {
    name: "not-an-actor",
    severity: Severity::Error,
    summary: "a trust gives access to something that does not act",
    docs: include_str!("pages/not_an_actor.md"),
};

pub(crate) static UNKNOWN_ATTRIBUTE: Code = Code {
    name: "unknown-attribute",
    severity: Severity::Error,
    summary: "an attribute is compared that one side does not have",
    docs: include_str!("pages/unknown_attribute.md"),
};

pub(crate) static MEANINGLESS_LIMIT: Code = Code {
    name: "meaningless-limit",
    severity: Severity::Error,
    summary: "a trust is narrowed by something that its ends do not have",
    docs: include_str!("pages/meaningless_limit.md"),
};

/// Capabilities that no target can express yet.
const REFUSED: &[&str] = &["session", "forward", "enroll", "activate"];

/// Reads one trust.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, item: &Item<'a>) {
    let line = &item.line;
    let Some((subjects, objects)) = ends(cx, line) else { return };
    let mut body = Body::of(Cow::Borrowed("trust"), std::slice::from_ref(line));
    let allow = body.one(cx, "allow");
    let allow = match allow {
        Some(allow) => allowed(cx, &allow),
        None => {
            body::missing(cx, "a trust", "allow", line.head(), "say what may be done: `allow read`");
            Vec::new()
        }
    };
    check_capabilities(cx, &objects, &allow);
    check_subjects(cx, &subjects, &objects);
    let narrow = narrowing(cx, &mut body, &subjects, &objects, &allow);
    let same = same(cx, &mut body, &subjects, &objects);
    let others = body.one(cx, "others").map(|line| {
        Entries::of(cx, &line).finish_leaf(cx);
        let one_class = subjects.iter().any(|subject| {
            objects.iter().any(|object| class_of(cx, subject.end).is_some_and(|class| host(cx, object.end) == Some(class)))
        });
        if !one_class {
            let message = "`others` is for a trust within one class";
            cx.push(Diagnostic::new(&MEANINGLESS_LIMIT, line.head(), message).help("leave it out"));
        }
        line.head()
    });
    let when = conditions(cx, &mut body, &subjects);
    check_sources(cx, &subjects, &objects, &when);
    let with = body.one(cx, "with").and_then(|line| with(cx, &line, &subjects));
    if let Some(line) = body.one(cx, "below-floor") {
        Entries::of(cx, &line).finish_leaf(cx);
        gather::refuse(cx, "`below-floor`", line.head());
    }
    let because = because(cx, &mut body);
    let owner = match body.one(cx, "owner") {
        Some(line) => {
            let mut entries = Entries::of(cx, &line);
            let team = entries.need(cx, "a team");
            entries.finish_leaf(cx);
            team.and_then(|team| cx.team(&team))
        }
        None => cx.file_defaults(item.file).owner,
    };
    let expires = match body.one(cx, "expires") {
        Some(line) => {
            let mut entries = Entries::of(cx, &line);
            let date = entries.need(cx, "a date, `\"2027-06-30\"`");
            entries.finish_leaf(cx);
            date.and_then(|date| Some((cx.date(&date)?, date.span)))
        }
        None => cx.file_defaults(item.file).expires,
    };
    body.finish(cx);
    let applied = cx.applied.first().copied();
    cx.model.trusts.push(Trust {
        span: line.head(),
        subjects,
        objects,
        allow,
        narrow,
        same,
        others,
        when,
        with,
        because,
        owner,
        expires,
        applied,
    });
}

/// `because "…"`
pub(crate) fn because<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) -> Option<(Name, Span)> {
    let line = body.one(cx, "because")?;
    let mut entries = Entries::of(cx, &line);
    let why = entries.need(cx, "a reason");
    entries.finish_leaf(cx);
    let why = why?;
    let text = cx.text(&why);
    if text.trim().is_empty() && why.is_text() {
        cx.push(Diagnostic::new(&crate::entries::MISSING_VALUE, why.span, "`because` gives no reason"));
    }
    Some((cx.intern(&text), why.span))
}

/// The arguments on both sides of `->`.
pub(crate) fn sides<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, entries: &mut Entries<'a>) -> Option<[Vec<Arg<'a>>; 2]> {
    let args = entries.rest();
    let arrow = args.iter().position(|arg| arg.is_word("->"));
    let Some(arrow) = arrow else {
        let message = format!("`{}` lacks `->` between who acts and what is reached", line.word());
        cx.push(
            Diagnostic::new(&crate::entries::MISSING_VALUE, line.head(), message)
                .help(format!("write `{} SUBJECT -> OBJECT`", line.word())),
        );
        return None;
    };
    let mut subjects = args;
    let objects = subjects.split_off(arrow + 1);
    subjects.pop();
    if let Some(second) = objects.iter().find(|arg| arg.is_word("->")) {
        let message = "a second `->` stands on the line";
        cx.push(
            Diagnostic::new(&crate::entries::SURPLUS_VALUE, second.span, message).help("write one line for each step"),
        );
        return None;
    }
    for (side, what) in [(&subjects, "who acts"), (&objects, "what is reached")] {
        if side.is_empty() {
            let message = format!("`{}` does not say {what}", line.word());
            cx.push(Diagnostic::new(&crate::entries::MISSING_VALUE, line.head(), message));
            return None;
        }
    }
    Some([subjects, objects])
}

fn ends<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<(Vec<Named>, Vec<Named>)> {
    let mut entries = Entries::of(cx, line);
    let [subjects, objects] = sides(cx, line, &mut entries)?;
    entries.finish(cx);
    let (wanted, wanted_objects) = (subjects.len(), objects.len());
    let subjects = named(cx, &subjects);
    let objects = named(cx, &objects);
    // A name that is not there was reported; what is left of the trust would mean something else.
    (subjects.len() == wanted && objects.len() == wanted_objects).then_some((subjects, objects))
}

fn named<'a>(cx: &mut Cx<'a, '_>, args: &[Arg<'a>]) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for arg in args {
        if arg.is_text() && (arg.text == "*" || arg.text.contains(':')) {
            let message = format!("`{}` is a selector, and a trust names each thing", arg.text);
            cx.push(
                Diagnostic::new(&crate::names::MISMATCHED_NAME, arg.span, message)
                    .note("a new thing is reached by nobody until a trust names it"),
            );
            continue;
        }
        found.extend(cx.end(arg));
    }
    let mut sorted: Vec<&Named> = found.iter().collect();
    sorted.sort_by_key(|named| (named.end, named.span));
    let twice: Vec<(Span, Span)> = sorted
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if a.end == b.end => Some((b.span, a.span)),
            _ => None,
        })
        .collect();
    for (at, first) in twice {
        let text = "a name";
        body::duplicate(cx, text, at, first);
    }
    found
}

fn allowed<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Vec<(Name, Span)> {
    let mut entries = Entries::of(cx, line);
    let mut found: Vec<(Name, Span)> = Vec::new();
    for capability in entries.need_rest(cx, "a capability, `allow read`") {
        let text = cx.text(&capability);
        let name = cx.intern(&text);
        match found.iter().find(|(earlier, _)| *earlier == name) {
            Some((_, first)) => {
                let first = *first;
                body::duplicate(cx, &text, capability.span, first);
            }
            None => found.push((name, capability.span)),
        }
    }
    // `activate accept=review`: the substitute of a capability that is refused below.
    if let Some(accept) = entries.prop("accept") {
        cx.word(&accept, "a substitute for this fact", &[("review", ())]);
        let activates = found.iter().any(|(name, _)| cx.text_of(*name) == "activate");
        if !activates {
            cx.push(Diagnostic::new(&crate::entries::UNKNOWN_PROPERTY, accept.span, "nothing here has a substitute"));
        }
    }
    entries.finish_leaf(cx);
    found
}

/// The name of a kind for an object of a trust, and the kind's index.
fn kind_of(cx: &Cx<'_, '_>, end: End) -> Option<model::kind::KindId> {
    match end {
        End::Thing(thing) => cx.model.things.get(thing).map(|thing| thing.kind),
        End::Part(part) => cx.model.parts.get(part).map(|part| part.kind),
        End::Account(_) | End::Internet => None,
    }
}

fn check_capabilities(cx: &mut Cx<'_, '_>, objects: &[Named], allow: &[(Name, Span)]) {
    let (mut problems, mut refused): (Vec<Diagnostic>, Vec<(Span, String)>) = (Vec::new(), Vec::new());
    for (capability, span) in allow {
        let text = cx.text_of(*capability);
        for object in objects {
            match object.end {
                End::Account(_) if matches!(text, "findings" | "deploy") => {
                    refused.push((*span, format!("`allow {text}` on an account")));
                    continue;
                }
                End::Account(_) => {
                    let message = format!("an account has no capability `{text}`");
                    problems.push(
                        Diagnostic::new(&kinds::UNKNOWN_CAPABILITY, *span, message)
                            .label(object.span, "this is an account")
                            .help("it is one of `findings`, `deploy`"),
                    );
                    continue;
                }
                End::Internet => {
                    let message = format!("`internet` has no capability `{text}`");
                    problems.push(
                        Diagnostic::new(&kinds::UNKNOWN_CAPABILITY, *span, message)
                            .label(object.span, "every address that nothing declares")
                            .help("declare whom it reaches: `external NAME { at \"…\"; listens … }`"),
                    );
                    continue;
                }
                End::Thing(_) | End::Part(_) => {}
            }
            let Some(kind) = kind_of(cx, object.end).and_then(|kind| cx.model.kinds.get(kind)) else { continue };
            if !kind.words.capabilities.iter().any(|own| own.name == *capability) {
                let kind_text = cx.text_of(kind.name);
                let mut problem = kinds::unknown_capability(cx, text, kind_text, &kind.words, *span);
                problem = problem.label(object.span, format!("this is a `{kind_text}`"));
                let has_listener = match object.end {
                    End::Thing(thing) => cx.model.things.get(thing).is_some_and(|thing| !thing.parts.is_empty()),
                    End::Part(_) | End::Account(_) | End::Internet => false,
                };
                if has_listener {
                    problem = problem.help("in a trust, the whole does not hold its parts: name the part, `NAME.PART`");
                }
                problems.push(problem);
                continue;
            }
            if REFUSED.contains(&text) && matches!(cx.text_of(kind.name), "device" | "listener") {
                refused.push((*span, format!("`allow {text}`")));
                break;
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
    for (span, what) in refused {
        gather::refuse(cx, &what, span);
    }
}

fn check_subjects(cx: &mut Cx<'_, '_>, subjects: &[Named], objects: &[Named]) {
    let listeners_only = objects.iter().all(|object| matches!(object.end, End::Part(_)));
    for subject in subjects {
        let why = match subject.end {
            End::Internet => None,
            End::Account(_) => Some("an account does not act; name who does".to_owned()),
            End::Part(_) => Some("a part does not act; name the whole".to_owned()),
            End::Thing(thing) => cx.model.things.get(thing).and_then(|thing| match &thing.detail {
                Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => None,
                Detail::Resource => {
                    let kind = cx.model.kinds.get(thing.kind)?;
                    // What stands in a segment may open connections; what acts has a role.
                    let connects = thing.segment.is_some() && listeners_only;
                    let acts = kind.words.acts.is_some();
                    (!acts && !connects).then(|| format!("a `{}` does not act", cx.text_of(kind.name)))
                }
            }),
        };
        if let Some(why) = why {
            let message = format!("a trust is given to something that does not act: {why}");
            cx.push(Diagnostic::new(&NOT_AN_ACTOR, subject.span, message));
        }
    }
}

/// The class whose devices an end is: a class, or a workload on one.
fn class_of(cx: &Cx<'_, '_>, end: End) -> Option<ThingId> {
    let End::Thing(id) = end else { return None };
    match &cx.model.things.get(id)?.detail {
        Detail::Class(_) => Some(id),
        Detail::Workload(workload) => match workload.runs_on {
            Some(model::actor::RunsOn::Device(class)) => Some(class),
            Some(_) | None => None,
        },
        Detail::People(_) | Detail::External(_) | Detail::Resource => None,
    }
}

/// The class that an end is, or is a part of.
fn host(cx: &Cx<'_, '_>, end: End) -> Option<ThingId> {
    match end {
        End::Part(part) => class_of(cx, End::Thing(cx.model.parts.get(part)?.of)),
        End::Thing(_) => class_of(cx, end),
        End::Account(_) | End::Internet => None,
    }
}

/// Every class whose devices take part in an access to this end: hosts and families.
fn classes(cx: &Cx<'_, '_>, end: End) -> Vec<ThingId> {
    let mut found: Vec<ThingId> = host(cx, end).into_iter().collect();
    match end {
        End::Thing(thing) => found.extend(cx.model.things.get(thing).and_then(|thing| thing.family)),
        End::Part(part) => {
            if let Some(PartDetail::LocalTopic(topic)) = cx.model.parts.get(part).map(|part| &part.detail) {
                found.extend(topic.family);
            }
        }
        End::Account(_) | End::Internet => {}
    }
    found
}

fn class_has(cx: &Cx<'_, '_>, class: ThingId, attribute: Name) -> bool {
    let fleet = cx.fleets.get(&class).and_then(|fleet| cx.model.fleets.get(*fleet));
    // A fleet that could not be read was reported.
    fleet.is_none_or(|fleet| fleet.column(attribute).is_some())
}

/// Whether people have an attribute; `None` if the end is not people.
fn people_have(cx: &Cx<'_, '_>, end: End, attribute: Name) -> Option<bool> {
    let End::Thing(thing) = end else { return None };
    match &cx.model.things.get(thing)?.detail {
        Detail::People(people) => Some(people.attributes.iter().any(|(name, _)| *name == attribute)),
        Detail::Workload(_) | Detail::Class(_) | Detail::External(_) | Detail::Resource => None,
    }
}

/// Whether an actor has an attribute: a column of its class, or a tag of its people.
pub(crate) fn actor_has(cx: &Cx<'_, '_>, end: End, attribute: Name) -> bool {
    match (host(cx, end), people_have(cx, end, attribute)) {
        (Some(class), _) => class_has(cx, class, attribute),
        (None, Some(has)) => has,
        (None, None) => false,
    }
}

/// `same ATTRIBUTE…`
fn same<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>, subjects: &[Named], objects: &[Named]) -> Vec<(Name, Span)> {
    let Some(line) = body.one(cx, "same") else { return Vec::new() };
    let mut entries = Entries::of(cx, &line);
    let mut found = Vec::new();
    for attribute in entries.need_rest(cx, "an attribute") {
        let text = cx.text(&attribute);
        let name = cx.intern(&text);
        compared(cx, name, &attribute, subjects, objects);
        found.push((name, attribute.span));
    }
    entries.finish_leaf(cx);
    found
}

/// Every device, person and family member that a comparison involves has the attribute, and there is something to compare.
fn compared(cx: &mut Cx<'_, '_>, name: Name, attribute: &Arg<'_>, subjects: &[Named], objects: &[Named]) {
    let text = &attribute.text;
    for (side, what) in [(subjects, "acts"), (objects, "is reached")] {
        for named in side {
            let involved = classes(cx, named.end);
            let people = people_have(cx, named.end, name);
            let is_class = involved.iter().any(|class| !class_has(cx, *class, name));
            if is_class || people == Some(false) {
                let message = format!("what {what} here has no attribute `{text}`");
                let help = if people.is_some() {
                    format!("declare it: `attributes {text}`")
                } else {
                    format!("add the column `{text}` to the inventory")
                };
                cx.push(
                    Diagnostic::new(&UNKNOWN_ATTRIBUTE, attribute.span, message).label(named.span, "of this").help(help),
                );
            } else if involved.is_empty() && people.is_none() {
                let message = format!("`same {text}` compares nothing: this has no attributes");
                cx.push(Diagnostic::new(&MEANINGLESS_LIMIT, attribute.span, message).label(named.span, "this"));
            }
            for class in involved {
                cx.uses.entry((class, name)).or_insert(attribute.span);
            }
        }
    }
}

/// `under` and `only`.
fn narrowing<'a>(
    cx: &mut Cx<'a, '_>,
    body: &mut Body<'a>,
    subjects: &[Named],
    objects: &[Named],
    allow: &[(Name, Span)],
) -> Vec<Narrow> {
    let under = body.one(cx, "under");
    let only = body.one(cx, "only");
    if let (Some(under), Some(only)) = (&under, &only) {
        cx.push(
            Diagnostic::new(&MEANINGLESS_LIMIT, only.head(), "`only` and `under` narrow one trust in two ways")
                .label(under.head(), "the other one")
                .help("write two trusts"),
        );
    }
    let mut found = Vec::new();
    for (fact, is_under) in [(under, true), (only, false)] {
        let Some(fact) = fact else { continue };
        let mut entries = Entries::of(cx, &fact);
        for path in entries.need_rest(cx, "a part of the object, `\"a/\"`") {
            let template = narrow_template(cx, &path, subjects);
            check_path(cx, &path, is_under);
            found.push(Narrow { under: is_under, path: template, span: path.span });
        }
        entries.finish_leaf(cx);
        check_narrowable(cx, fact.head(), objects, allow);
    }
    found
}

/// In a narrowing, `{name}` and `{ATTRIBUTE}` are the subject's: each must have them.
fn narrow_template<'a>(cx: &mut Cx<'a, '_>, path: &Arg<'a>, subjects: &[Named]) -> Template {
    let text = cx.text(path);
    let span = path.span;
    template::read(cx, &text, span, |cx, word| {
        if word == "environment"
            && let Some(environment) = cx.environment
        {
            return Filled::Text(environment.to_owned());
        }
        let attribute = cx.intern(word);
        for subject in subjects {
            let is_member = host(cx, subject.end).is_some() || people_have(cx, subject.end, attribute).is_some();
            let has = if word == "name" { is_member || matches!(subject.end, End::Thing(_)) } else { actor_has(cx, subject.end, attribute) };
            if !has {
                let mut known = vec!["name".to_owned()];
                known.extend(attributes_of(cx, subject.end));
                return Filled::Unknown(known);
            }
            if let Some(class) = host(cx, subject.end)
                && word != "name"
            {
                cx.uses.entry((class, attribute)).or_insert(span);
            }
        }
        Filled::Placeholder(if word == "name" { Placeholder::Name } else { Placeholder::Attribute(attribute) })
    })
}

fn attributes_of(cx: &Cx<'_, '_>, end: End) -> Vec<String> {
    let text = |name: Name| cx.text_of(name).to_owned();
    if let Some(class) = host(cx, end) {
        let fleet = cx.fleets.get(&class).and_then(|fleet| cx.model.fleets.get(*fleet));
        return fleet.map_or_else(Vec::new, |fleet| fleet.columns.iter().map(|column| text(column.name)).collect());
    }
    let End::Thing(thing) = end else { return Vec::new() };
    match cx.model.things.get(thing).map(|thing| &thing.detail) {
        Some(Detail::People(people)) => people.attributes.iter().map(|(name, _)| text(*name)).collect(),
        Some(Detail::Workload(_) | Detail::Class(_) | Detail::External(_) | Detail::Resource) | None => Vec::new(),
    }
}

/// A narrowing is a plain path: a wildcard in it would widen it again.
pub(crate) fn check_path(cx: &mut Cx<'_, '_>, path: &Arg<'_>, is_under: bool) {
    if !path.is_text() {
        return;
    }
    let text = &path.text;
    let wrong = text.chars().find(|letter| "*?+#$\\\"".contains(*letter) || letter.is_control());
    let (why, help) = if let Some(letter) = wrong {
        (format!("has `{}`", letter.escape_default()), "write a plain path")
    } else if text.is_empty() {
        ("is empty".to_owned(), "leave it out for the whole object")
    } else if is_under && !text.ends_with('/') {
        ("does not end in `/`".to_owned(), "`under \"a/\"` holds everything below `a/`; `only \"a\"` holds exactly `a`")
    } else if text.split('/').any(|part| part == ".." || part == ".") || text.contains("//") || text.starts_with('/') {
        ("has an empty part, a `.` or a `..`".to_owned(), "write a plain path")
    } else {
        return;
    };
    let shown: String = text.chars().filter(|letter| !letter.is_control()).collect();
    cx.push(Diagnostic::new(&crate::convert::WRONG_TYPE, path.span, format!("the part `{shown}` {why}")).help(help));
}

/// Only an object whose capability knows parts can be narrowed; a topic only if its path ends in `/#`.
fn check_narrowable(cx: &mut Cx<'_, '_>, at: Span, objects: &[Named], allow: &[(Name, Span)]) {
    let mut problems = Vec::new();
    for object in objects {
        let Some(kind) = kind_of(cx, object.end).and_then(|kind| cx.model.kinds.get(kind)) else { continue };
        let thing = match object.end {
            End::Thing(thing) => cx.model.things.get(thing),
            End::Part(_) | End::Account(_) | End::Internet => None,
        };
        let below = |property: &Name| {
            let values = thing.iter().flat_map(|thing| &thing.properties).filter(|own| own.name == *property);
            values.flat_map(|own| &own.values).any(|value| match value {
                Value::Text(text) => cx.text_of(*text).ends_with("/#"),
                Value::Template(template) => match template.pieces.last() {
                    Some(Piece::Text(text)) => cx.text_of(*text).ends_with("/#"),
                    Some(Piece::Placeholder(_)) | None => false,
                },
                Value::Name(_) | Value::Number(_) | Value::Flag(_) | Value::Duration(_) | Value::Date(_)
                | Value::Block(_) | Value::Version(_) | Value::Thing(_) => false,
            })
        };
        for (capability, _) in allow {
            let Some(capability) = kind.words.capabilities.iter().find(|own| own.name == *capability) else { continue };
            let knows_parts = capability.actions.iter().any(|action| {
                action.on.pieces.iter().any(|piece| match piece {
                    Piece::Placeholder(Placeholder::Part) => true,
                    Piece::Placeholder(Placeholder::Property(property)) => below(property),
                    Piece::Placeholder(_) | Piece::Text(_) => false,
                })
            });
            if !knows_parts {
                let what = cx.text_of(kind.name);
                let message = format!("`{}` of this `{what}` cannot be narrowed", cx.text_of(capability.name));
                let mut diagnostic =
                    Diagnostic::new(&MEANINGLESS_LIMIT, at, message).label(object.span, "this has no parts");
                if kind.words.properties.iter().any(|property| cx.text_of(property.name) == "path") {
                    diagnostic = diagnostic.help("a topic may be narrowed only if its path ends in `/#`");
                }
                problems.push(diagnostic);
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

/// `when { … }`
fn conditions<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>, subjects: &[Named]) -> Vec<Condition> {
    let Some(line) = body.one(cx, "when") else { return Vec::new() };
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
        let blocks = blocks.iter().filter_map(|block| cx.any_block(block)).collect();
        found.push(Condition::Source { blocks, span: line.head() });
    }
    for line in when.several(cx, "attribute") {
        found.extend(attribute(cx, &line, subjects));
    }
    if let Some(line) = when.one(cx, "until") {
        let mut entries = Entries::of(cx, &line);
        let date = entries.need(cx, "a date, `\"2027-06-30\"`");
        entries.finish_leaf(cx);
        found.extend(date.and_then(|date| Some(Condition::Until { date: cx.date(&date)?, span: line.head() })));
    }
    for word in ["reason", "weekdays", "approval"] {
        if let Some(line) = when.one(cx, word) {
            gather::refuse(cx, &format!("the condition `{word}`"), line.head());
        }
    }
    when.finish(cx);
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
    Some(Condition::MfaAge { at_most: cx.duration(&age?)?, accept_idp, span: line.head() })
}

fn only_people(cx: &mut Cx<'_, '_>, at: Span, subject: Span, what: &str) {
    let message = format!("the condition `{what}` is for people");
    cx.push(Diagnostic::new(&MEANINGLESS_LIMIT, at, message).label(subject, "this is nobody whom a provider vouches for"));
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
                Diagnostic::new(&UNKNOWN_ATTRIBUTE, name.span, format!("these people have no attribute `{text}`"))
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
                Diagnostic::new(&crate::convert::WRONG_TYPE, value.span, format!("`{text}` has a wildcard, and a value is exact"))
                    .help("name each value"),
            );
        }
        read.push(cx.intern(&text));
    }
    Some(Condition::Attribute { name: own, values: read, span: line.head() })
}

/// People have no place: a trust that lets them connect says from where.
fn check_sources(cx: &mut Cx<'_, '_>, subjects: &[Named], objects: &[Named], when: &[Condition]) {
    let has_source = when.iter().any(|condition| matches!(condition, Condition::Source { .. }));
    let listener = objects.iter().find(|object| match object.end {
        End::Part(part) => {
            cx.model.parts.get(part).is_some_and(|part| matches!(part.detail, PartDetail::Listener(_)))
        }
        End::Thing(_) | End::Account(_) | End::Internet => false,
    });
    let Some(listener) = listener else { return };
    let people = subjects.iter().find(|subject| match subject.end {
        End::Thing(thing) => cx.model.things.get(thing).is_some_and(|thing| matches!(thing.detail, Detail::People(_))),
        End::Part(_) | End::Account(_) | End::Internet => false,
    });
    if let Some(people) = people
        && !has_source
    {
        cx.push(
            Diagnostic::new(&body::MISSING_FACT, people.span, "people have no place, and the trust does not say where they connect from")
                .label(listener.span, "this is a listener")
                .help("write `when { source \"203.0.113.0/24\" }`"),
        );
    }
}

/// `with IDENTITY`
fn with<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, subjects: &[Named]) -> Option<(IdentityWord, Span)> {
    let mut entries = Entries::of(cx, line);
    let word = entries.need(cx, "an identity of the subject");
    entries.finish_leaf(cx);
    let words = [
        ("x509", Some(IdentityWord::X509)),
        ("roles-anywhere", Some(IdentityWord::RolesAnywhere)),
        ("dot1x", Some(IdentityWord::Dot1x)),
        ("ssh-host", Some(IdentityWord::SshHost)),
        ("ssm", None),
    ];
    let word = word?;
    let Some(identity) = cx.word(&word, "an identity of a device", &words)? else {
        gather::refuse(cx, "`with ssm`", line.head());
        return None;
    };
    for subject in subjects {
        let has = match subject.end {
            End::Thing(thing) => cx.model.things.get(thing).is_some_and(|thing| match &thing.detail {
                Detail::Class(class) => class.identities.iter().any(|own| own.word == identity),
                Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => false,
            }),
            End::Part(_) | End::Account(_) | End::Internet => false,
        };
        if !has {
            let message = format!("the subject has no identity `{}`", word.text);
            cx.push(Diagnostic::new(&MEANINGLESS_LIMIT, word.span, message).label(subject.span, "of this"));
        }
    }
    Some((identity, line.head()))
}
