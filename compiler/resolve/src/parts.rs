//! Things inside things: listeners, and topics on a device's own broker.

use std::borrow::Cow;

use arena::Name;
use diagnostics::{Code, Diagnostic, Safety, Severity};
use model::kind::KindId;
use model::thing::{Health, Listener, LocalTopic, Login, Part, PartDetail, ThingId};
use model::value::Ports;
use source::Span;

use crate::body::{self, Body};
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::Decl;
use crate::line::{Arg, Line};
use crate::spelling;
use crate::template::{self, Members};
use crate::things;

pub(crate) static PLACELESS_LISTENER: Code = Code {
    name: "placeless-listener",
    severity: Severity::Error,
    summary: "something listens, and nothing says where it is",
    docs: include_str!("pages/placeless_listener.md"),
};

/// Asks for the facts that make parts, so that they count as read, where the declaration may have them.
pub(crate) fn ask<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>, body: &mut Body<'a>, kind: KindId) {
    let may_listen = match &*decl.word {
        "workload" | "device" | "external" => true,
        "people" => false,
        _ => things::is_placed(cx, kind),
    };
    if may_listen {
        let listens = body.several(cx, "listens");
        let has_place = match &*decl.word {
            "workload" => decl.lines.iter().any(|line| {
                line.node.property("segment").is_some() || line.node.property("runs-on").is_some()
            }),
            "external" => decl
                .lines
                .iter()
                .flat_map(Line::children)
                .any(|line| line.word() == "at"),
            _ => decl
                .lines
                .iter()
                .any(|line| line.node.property("segment").is_some()),
        };
        let is_lambda = |line: &Line<'_>| {
            let runs_on = line.node.property("runs-on");
            runs_on.is_some_and(|value| value.as_str().as_deref() == Some("lambda"))
        };
        if let Some(first) = listens.first()
            && decl.word == "workload"
            && decl.lines.iter().any(is_lambda)
        {
            let message = format!("`{}` runs on `lambda`, where nothing listens", decl.name.text);
            cx.push(
                Diagnostic::new(&crate::actors::CONTRADICTORY_ACTOR, first.head(), message)
                    .help("take the listener out: a function is invoked, by `allow invoke` on a `function`"),
            );
        }
        if let Some(first) = listens.first()
            && !has_place
        {
            let help = if decl.word == "external" {
                "say where it is: `at \"198.51.100.0/24\"`"
            } else {
                "write `segment=NAME`"
            };
            let message = format!("`{}` listens, and nothing says where it is", decl.name.text);
            cx.push(Diagnostic::new(&PLACELESS_LISTENER, first.head(), message).help(help));
        }
    }
    if decl.word == "device" {
        body.several(cx, "topic");
    }
}

/// Reads the listeners of a thing.
pub(crate) fn listeners<'a>(cx: &mut Cx<'a, '_>, thing: ThingId, decl: &Decl<'a>) {
    let lines = decl
        .lines
        .iter()
        .flat_map(Line::children)
        .filter(|line| line.word() == "listens");
    let kind = cx.kinds.get("listener").copied();
    for line in lines.collect::<Vec<_>>() {
        let is_resource = !matches!(&*decl.word, "workload" | "device" | "external" | "people");
        let Some((name, listener)) = listener(cx, &line, is_resource) else {
            continue;
        };
        add(
            cx,
            thing,
            &name,
            line.head(),
            kind,
            PartDetail::Listener(listener),
        );
    }
}

fn add<'a>(
    cx: &mut Cx<'a, '_>,
    thing: ThingId,
    name: &Arg<'a>,
    span: Span,
    kind: Option<KindId>,
    detail: PartDetail,
) {
    let Some(kind) = kind else {
        cx.report
            .compiler_bug("the standard library has no kind for a part");
        return;
    };
    let own = cx.intern(&name.text);
    if let Some(earlier) = cx
        .scope
        .parts
        .get(&(thing, own))
        .and_then(|part| cx.model.parts.get(*part))
    {
        let first = earlier.span;
        // Two listeners of one name were reported as a fact that is said twice.
        if matches!(
            (&earlier.detail, &detail),
            (PartDetail::Listener(_), PartDetail::LocalTopic(_))
        ) {
            crate::names::duplicate_declaration(cx, &name.text, name.span, first);
        }
        return;
    }
    let part = cx.model.parts.push(Part {
        name: own,
        of: thing,
        span,
        kind,
        detail,
    });
    cx.scope.parts.insert((thing, own), part);
    if let Some(thing) = cx.model.things.get_mut(thing) {
        thing.parts.push(part);
    }
    cx.fact(span);
}

fn listener<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, is_resource: bool) -> Option<(Arg<'a>, Listener)> {
    let mut entries = Entries::of(cx, line);
    let name = entries.need(cx, "a name")?;
    cx.text(&name);
    spelling::check_name(cx, &name);
    let mut ports = crate::ports::read(cx, &mut entries, line, &name.text);
    let tls = entries.prop("tls").and_then(|tls| {
        let said = cx.word(&tls, "a word about TLS", &[("required", true), ("none", false)])?;
        Some((said, tls.span))
    });
    let (mut login, mut more) = (None, Vec::new());
    if is_resource {
        let provider = entries.prop("login");
        // Without a login there is nothing to accept, and `accept=` is a property that the line does not take.
        let accept_assignment = provider.is_some() && cx.accepts(&mut entries, "idp-assignment");
        if let Some(provider) = &provider
            && !accept_assignment
        {
            let message = "who may log in here is decided by nobody but the identity provider";
            cx.push(
                Diagnostic::new(&crate::actors::UNACCEPTED_SUBSTITUTE, provider.span, message)
                    .note("the nearest substitute is `idp-assignment`: the provider lets in whom it assigns")
                    .help("accept it on this very fact: `accept=idp-assignment`"),
            );
        }
        login = provider.and_then(|arg| {
            Some(Login {
                provider: cx.provider(&arg)?,
                accept_assignment,
                span: arg.span,
            })
        });
        if let Some(certificate) = entries.prop("certificate") {
            let text = cx.text(&certificate);
            more.push((cx.intern("certificate"), cx.intern(&text)));
        }
    }
    entries.finish(cx);
    let mut body = Body::of(Cow::Borrowed("a listener"), std::slice::from_ref(line));
    let health = body.one(cx, "health").map(|line| health(cx, &line));
    body.finish(cx);
    ports.sort_unstable();
    Some((
        name,
        Listener {
            ports: joined(ports),
            tls,
            login,
            more,
            health,
        },
    ))
}

/// `health path="/up" expect="200-399"`
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>, read 2026-11-30.
fn health<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Health {
    const PATH_MAX: usize = 1024;
    let mut entries = Entries::of(cx, line);
    let (path, expect) = (entries.prop("path"), entries.prop("expect"));
    entries.finish_leaf(cx);
    cx.fact(line.head());
    if path.is_none() && expect.is_none() {
        let message = "`health` says nothing";
        cx.push(
            Diagnostic::new(&crate::entries::MISSING_VALUE, line.head(), message)
                .help("write `health path=\"/up\"`, or `health expect=\"200-399\"`"),
        );
    }
    let path = path.map(|path| {
        let text = cx.text(&path);
        let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"\\`".contains(&byte);
        if !text.starts_with('/') || text.len() > PATH_MAX || !text.bytes().all(fits) {
            crate::ports::wrong(
                cx,
                &path,
                "a path that can be asked for",
                "begin it with a slash: `\"/up\"`",
            );
        }
        cx.intern(&text)
    });
    let expect = expect.map(|expect| {
        let text = cx.text(&expect);
        if !text.split(',').all(is_codes) {
            crate::ports::wrong(
                cx,
                &expect,
                "a list of HTTP codes from 200 to 499",
                "write one, a few or a range: `\"200\"`, `\"200,204\"`, `\"200-399\"`",
            );
        }
        cx.intern(&text)
    });
    Health {
        path,
        expect,
        span: line.head(),
    }
}

/// `200`, or `200-399`.
fn is_codes(text: &str) -> bool {
    let code = |text: &str| {
        let number: u16 = text.parse().ok()?;
        ((200..=499).contains(&number) && text.len() == 3).then_some(number)
    };
    match text.split_once('-') {
        Some((first, last)) => code(first)
            .zip(code(last))
            .is_some_and(|(first, last)| first < last),
        None => code(text).is_some(),
    }
}

/// Ranges that touch or overlap become one.
fn joined(sorted: Vec<Ports>) -> Vec<Ports> {
    let mut found: Vec<Ports> = Vec::new();
    for ports in sorted {
        match found.last_mut() {
            Some(last) if last.protocol == ports.protocol && ports.first <= last.last.saturating_add(1) => {
                last.last = last.last.max(ports.last);
            }
            Some(_) | None => found.push(ports),
        }
    }
    found
}

/// Reads the topics on a class's own broker.
pub(crate) fn topics<'a>(cx: &mut Cx<'a, '_>, thing: ThingId, decl: &Decl<'a>) {
    let lines = decl
        .lines
        .iter()
        .flat_map(Line::children)
        .filter(|line| line.word() == "topic");
    let kind = cx.kinds.get("local-topic").copied();
    for line in lines.collect::<Vec<_>>() {
        let mut entries = Entries::of(cx, &line);
        let name = entries.need(cx, "a name");
        let family = entries
            .prop("of")
            .and_then(|class| cx.thing(&class, Some("device")));
        entries.finish(cx);
        let Some(name) = name else { continue };
        cx.text(&name);
        spelling::check_name(cx, &name);
        let what = format!("topic `{}`", name.text);
        let mut body = Body::of(Cow::Owned(what.clone()), std::slice::from_ref(&line));
        let on = body.one(cx, "on");
        let path = body.one(cx, "path");
        body.finish(cx);
        if on.is_none() {
            body::missing(
                cx,
                &what,
                "on",
                line.head(),
                "say which of the device's listeners its broker has: `on local-mqtt`",
            );
        }
        if path.is_none() {
            body::missing(
                cx,
                &what,
                "path",
                line.head(),
                "write `path \"cell/{line}/{name}/state\"`",
            );
        }
        let listener = on.and_then(|on| broker(cx, thing, &on));
        let path = path.and_then(|line| {
            let mut entries = Entries::of(cx, &line);
            let path = entries.need(cx, "a path");
            entries.finish_leaf(cx);
            let path = path?;
            let text = cx.text(&path);
            Some(template::of_declaration(
                cx,
                &text,
                path.span,
                Members::Of(family.unwrap_or(thing)),
            ))
        });
        let (Some(on), Some(path)) = (listener, path) else {
            continue;
        };
        let detail = PartDetail::LocalTopic(LocalTopic { on, path, family });
        add(cx, thing, &name, line.head(), kind, detail);
    }
}

fn broker<'a>(cx: &mut Cx<'a, '_>, thing: ThingId, line: &Line<'a>) -> Option<model::thing::PartId> {
    let mut entries = Entries::of(cx, line);
    let arg = entries.need(cx, "a listener of the device");
    entries.finish_leaf(cx);
    let arg = arg?;
    let text = cx.text(&arg);
    let own = cx
        .model
        .things
        .get(thing)
        .map_or_else(Vec::new, |thing| thing.parts.clone());
    let named = |cx: &Cx<'a, '_>, name: Name| cx.text_of(name) == text;
    let found = own.iter().copied().find(|part| {
        cx.model
            .parts
            .get(*part)
            .is_some_and(|part| named(cx, part.name) && matches!(part.detail, PartDetail::Listener(_)))
    });
    if found.is_none() {
        let names: Vec<String> = own
            .iter()
            .filter_map(|part| cx.model.parts.get(*part))
            .map(|part| cx.text_of(part.name).to_owned())
            .collect();
        let mut diagnostic = Diagnostic::new(
            &crate::names::UNDECLARED_NAME,
            arg.span,
            format!("the device has no listener that is called `{text}`"),
        );
        if let Some(near) = cx.near.find(&text, names.iter().map(String::as_str)) {
            diagnostic = near.offer(diagnostic, arg.span, Safety::Unsafe);
        }
        cx.push(diagnostic);
    }
    found
}
