//! Kinds: the language in which the standard library, and a project of its own, say what a sort of thing is.

use std::borrow::Cow;

use diagnostics::Diagnostic;
use model::kind::{Kind, KindId, PropertySort, PropertyType, ServiceReach, Words};
use model::template::{Placeholder, Template, Unit};
use model::value::Ports;
use source::{Origin, Sources, Span};

use crate::body::Body;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::{Decl, Gathered, Sort, WORDS};
use crate::line::{Arg, Line};
use crate::literal;
use crate::names::UNDECLARED_NAME;
use crate::template::{self, Filled, Members};
use crate::{means, offered, takes};

/// The types of properties.
pub(crate) const SORTS: &[(&str, PropertySort)] = &[
    ("name", PropertySort::Name),
    ("text", PropertySort::Text),
    ("number", PropertySort::Number),
    ("flag", PropertySort::Flag),
    ("duration", PropertySort::Duration),
    ("date", PropertySort::Date),
    ("cidr", PropertySort::Cidr),
    ("version", PropertySort::Version),
    ("reference", PropertySort::Reference),
];

/// Reads every kind of the library files that are used, and the project's own.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>, sources: &Sources) {
    for (index, decl) in gathered.of(Sort::Kind).enumerate() {
        if WORDS.contains(&&*decl.name.text) || matches!(&*decl.name.text, "segment" | "selector" | "part") {
            let is_actor = matches!(&*decl.name.text, "device" | "workload" | "people" | "external");
            let is_library = sources
                .get(decl.file)
                .is_some_and(|file| file.origin == Origin::Library);
            if !(is_actor && is_library) {
                let message = format!("`{}` is a word of the language", decl.name.text);
                cx.push(
                    Diagnostic::new(&crate::spelling::RESERVED_NAME, decl.name.span, message)
                        .help("choose another name"),
                );
            }
        }
        cx.kinds
            .entry((&*decl.name.text).into())
            .or_insert(KindId::new(index as u32));
    }
    for decl in gathered.of(Sort::Kind) {
        let origin = sources.get(decl.file).map_or(Origin::Project, |file| file.origin);
        let kind = kind(cx, decl, origin);
        cx.model.kinds.push(kind);
    }
    for index in 0..cx.model.kinds.len() {
        crate::capabilities::vias_resolve(cx, KindId::new(index as u32));
    }
    crate::capabilities::cycles(cx);
    crate::does::check(cx);
    offered::check(cx);
    crate::effects::check(cx);
}

fn kind<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>, origin: Origin) -> Kind {
    let mut words = Words::default();
    if let Some(mut entries) = Entries::of_head(cx, &decl.lines) {
        if let Some(service) = entries.prop("service") {
            let text = cx.text(&service);
            words.service = Some(cx.intern(&text));
        }
        entries.finish(cx);
    }
    let mut body = Body::of(Cow::Owned(format!("kind `{}`", decl.name.text)), &decl.lines);
    let is_silent = decl
        .lines
        .iter()
        .flat_map(Line::children)
        .all(|line| line.word() == "doc");
    for line in body.all("doc") {
        let mut entries = Entries::of(cx, &line);
        if let Some(text) = entries.need(cx, "a text") {
            cx.text(&text);
        }
        entries.finish_leaf(cx);
    }
    words.global_name = crate::actors::bare(cx, &mut body, "global-name");
    words.holds_data = crate::actors::bare(cx, &mut body, "holds-data");
    for line in body.several(cx, "property") {
        words.properties.extend(property(cx, &line));
    }
    for line in body.several(cx, "arn") {
        let mut entries = Entries::of(cx, &line);
        let text = entries.need(cx, "an address, `\"arn:{partition}:…:{physical}\"`");
        entries.finish_leaf(cx);
        let Some(text) = text else { continue };
        check_home(cx, &text);
        let address = word_template(cx, &text, &words, Where::Arn);
        // The first is the one that `{arn}` stands for.
        match &words.arn {
            None => words.arn = Some(address),
            Some(_) => words.more_arns.push(address),
        }
    }
    words.reach = body.one(cx, "reach").and_then(|line| reach(cx, &line));
    words.acts = body.one(cx, "acts").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let trust = entries.need_prop(cx, "trust", "\"iot.amazonaws.com\"");
        entries.finish_leaf(cx);
        let text = cx.text(&trust?);
        Some(cx.intern(&text))
    });
    for line in body.several(cx, "capability") {
        words
            .capabilities
            .extend(crate::capabilities::read(cx, &line, &words));
    }
    if is_silent && origin == Origin::Project {
        let what = format!("kind `{}`", decl.name.text);
        let help =
            "say what may be done to its things: `capability NAME effect=read { action …:… on=\"{arn}\" }`";
        crate::body::missing(cx, &what, "capability", decl.head(), help);
    }
    let blocks = body.several(cx, "terraform");
    let means = means::read(cx, &blocks, &words);
    body.finish(cx);
    Kind {
        name: cx.intern(&decl.name.text),
        span: decl.head(),
        origin,
        words,
        means,
    }
}

/// A thing lives in the account that it is declared in, and in its partition: its address says no other.
fn check_home<'a>(cx: &mut Cx<'a, '_>, text: &Arg<'a>) {
    let parts: Vec<&str> = text.text.splitn(6, ':').collect();
    let [_, partition, _, _, account, _] = parts.as_slice() else {
        return;
    };
    let is_number = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    // Another mistake, which was reported.
    if text.text.contains('$') {
        return;
    }
    let (said, should) = if is_number {
        (*account, "{account}")
    } else if partition.starts_with("aws") {
        (*partition, "{partition}")
    } else {
        return;
    };
    let message = format!("the address says `{said}`, whatever account holds the thing");
    cx.push(
        Diagnostic::new(&crate::convert::WRONG_TYPE, text.span, message).help(format!(
            "write `{should}`; where a thing lives, its declaration says: `account=NAME`"
        )),
    );
}

fn property<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<PropertyType> {
    let mut entries = Entries::of(cx, line);
    let name = entries.need(cx, "a name");
    let sort = entries
        .need_prop(cx, "type", "text")
        .and_then(|sort| cx.word(&sort, "a type", SORTS));
    let kind = entries.prop("kind");
    let required = entries.prop("required").and_then(|required| cx.flag(&required)) == Some(true);
    let default = entries.prop("default");
    let (from, to) = (entries.prop("from"), entries.prop("to"));
    let of = entries.prop("of");
    let of_listeners = of
        .as_ref()
        .and_then(|of| cx.word(of, "what a property follows from", &[("listeners", true)]));
    entries.finish(cx);
    let mut body = Body::of(Cow::Borrowed("a property"), std::slice::from_ref(line));
    let values = body.one(cx, "values");
    body.finish(cx);
    let (name, sort) = (name?, sort?);
    if let Some(of) = of
        .filter(|_| !matches!(sort, PropertySort::Name | PropertySort::Flag) || required || default.is_some())
    {
        let message = "what listeners speak is a name or a flag, which nothing else says";
        cx.push(Diagnostic::new(&crate::convert::WRONG_TYPE, of.span, message));
    }
    let takes = takes::read(cx, sort, [from, to], values.as_ref());
    let text = cx.text(&name);
    crate::spelling::check_text(cx, &text, name.span);
    if COMMON.contains(&&*text) || BUILT_IN.contains(&&*text) {
        let message = format!("`{text}` is a word of the language, not a property");
        cx.push(
            Diagnostic::new(&crate::spelling::RESERVED_NAME, name.span, message).help("choose another name"),
        );
    }
    let kind = kind.map(|kind| {
        let text = cx.text(&kind);
        cx.hear_kind(&text, kind.span);
        if sort != PropertySort::Reference {
            let message = "`kind=` is for a property of type `reference`";
            cx.push(Diagnostic::new(
                &crate::entries::UNKNOWN_PROPERTY,
                kind.span,
                message,
            ));
        } else if !cx.kinds.contains_key(&*text) {
            unknown_kind(cx, &text, kind.span);
        }
        cx.intern(&text)
    });
    let default = default.and_then(|default| match sort {
        PropertySort::Reference => {
            let message = "a reference has no default: it would name a thing that the project may not have";
            cx.push(Diagnostic::new(
                &crate::convert::WRONG_TYPE,
                default.span,
                message,
            ));
            None
        }
        PropertySort::Name
        | PropertySort::Text
        | PropertySort::Number
        | PropertySort::Flag
        | PropertySort::Duration
        | PropertySort::Date
        | PropertySort::Cidr
        | PropertySort::Version => {
            let value = crate::properties::value(cx, sort, None, &default, Members::Own)?;
            takes::check(cx, &takes, &text, &value, &default);
            Some(value)
        }
    });
    Some(PropertyType {
        name: cx.intern(&text),
        sort,
        kind,
        required,
        default,
        takes,
        of_listeners: of_listeners == Some(true),
        span: line.head(),
    })
}

/// Facts that every declaration of a thing may say: no property may be called so.
const COMMON: &[&str] = &[
    "physical",
    "renamed-from",
    "owner",
    "open-to",
    "tag",
    "data-class",
    "existing",
    "policy",
    "listens",
    "expires",
    "because",
];

/// Placeholders that every text of a kind knows: no property may be called so.
const BUILT_IN: &[&str] = &[
    "partition",
    "account",
    "region",
    "environment",
    "arn",
    "part",
    "name",
];

pub(crate) fn unknown_kind(cx: &mut Cx<'_, '_>, text: &str, span: Span) {
    let mut diagnostic = Diagnostic::new(&UNDECLARED_NAME, span, format!("no kind is called `{text}`"));
    if let Some(near) = cx.near.find(text, cx.kinds.keys().map(|kind| &**kind)) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    } else {
        diagnostic = diagnostic.help("name a kind by its word: `kind=bucket`, `kind=workload`");
    }
    cx.push(diagnostic);
}

/// `reach service=s3 tcp=443`, or with several ports in a block.
fn reach<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<ServiceReach> {
    let mut entries = Entries::of(cx, line);
    let service = entries.need_prop(cx, "service", "s3");
    let mut ports = Vec::new();
    let mut read = |cx: &mut Cx<'a, '_>, arg: &Arg<'a>| match literal::port(&arg.text) {
        Some(port) => ports.push(Ports {
            protocol: 6,
            first: port,
            last: port,
        }),
        None => cx.push(Diagnostic::new(
            &crate::convert::WRONG_TYPE,
            arg.span,
            format!("`{}` is not a port", arg.text),
        )),
    };
    if let Some(port) = entries.prop("tcp") {
        read(cx, &port);
    }
    entries.finish(cx);
    let mut body = Body::of(Cow::Borrowed("reach"), std::slice::from_ref(line));
    if let Some(more) = body.one(cx, "tcp") {
        let mut entries = Entries::of(cx, &more);
        for port in entries.need_rest(cx, "a port") {
            read(cx, &port);
        }
        entries.finish_leaf(cx);
    }
    body.finish(cx);
    if ports.is_empty() {
        cx.push(
            Diagnostic::new(
                &crate::entries::MISSING_VALUE,
                line.head(),
                "`reach` lacks a port",
            )
            .help("write `tcp=443`"),
        );
    }
    let text = cx.text(&service?);
    Some(ServiceReach {
        service: cx.intern(&text),
        ports,
    })
}

/// In which text of a kind a placeholder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    /// The address itself.
    Arn,
    /// Another text of its words.
    Word,
}

pub(crate) fn word_template<'a>(cx: &mut Cx<'a, '_>, arg: &Arg<'a>, words: &Words, place: Where) -> Template {
    let text = cx.text(arg);
    template::read(cx, &text, arg.span, |cx, word| fill(cx, word, words, place))
}

/// What stands for a placeholder in a kind.
pub(crate) fn fill(cx: &mut Cx<'_, '_>, word: &str, words: &Words, place: Where) -> Filled {
    let placeholder = match word {
        "partition" => Some(Placeholder::Partition),
        "account" => Some(Placeholder::Account),
        "region" => Some(Placeholder::Region),
        "environment" => Some(Placeholder::Environment),
        "physical" => Some(Placeholder::Physical),
        "name" => Some(Placeholder::Name),
        "arn" if place == Where::Word && has_address(cx, words) => Some(Placeholder::Arn),
        "part" if place == Where::Word => Some(Placeholder::Part),
        _ => property_placeholder(cx, word, words),
    };
    match placeholder {
        Some(placeholder) => Filled::Placeholder(placeholder),
        None => Filled::Unknown(known(cx, words, place)),
    }
}

/// Whether there is something that `{arn}` stands for: what the kind says, or a key's id.
fn has_address(cx: &Cx<'_, '_>, words: &Words) -> bool {
    words.arn.is_some() || words.service.is_some_and(|service| cx.text_of(service) == "kms")
}

fn property_placeholder(cx: &Cx<'_, '_>, word: &str, words: &Words) -> Option<Placeholder> {
    let (word, unit) = match word.split_once(':') {
        Some((word, unit)) => (word, Some(unit)),
        None => (word, None),
    };
    let property = words
        .properties
        .iter()
        .find(|property| cx.text_of(property.name) == word)?;
    match (unit, property.sort) {
        (None, _) => Some(Placeholder::Property(property.name)),
        (Some(unit), PropertySort::Duration) => {
            let units = [
                ("seconds", Unit::Seconds),
                ("minutes", Unit::Minutes),
                ("hours", Unit::Hours),
                ("days", Unit::Days),
            ];
            let unit = units.iter().find(|(name, _)| *name == unit)?.1;
            Some(Placeholder::Measure(property.name, unit))
        }
        (Some(_), _) => None,
    }
}

fn known(cx: &Cx<'_, '_>, words: &Words, place: Where) -> Vec<String> {
    let mut known: Vec<String> = [
        "partition",
        "account",
        "region",
        "environment",
        "physical",
        "name",
    ]
    .map(str::to_owned)
    .into();
    if place == Where::Word {
        known.extend(has_address(cx, words).then(|| "arn".to_owned()));
        known.push("part".to_owned());
    }
    known.extend(
        words
            .properties
            .iter()
            .map(|property| cx.text_of(property.name).to_owned()),
    );
    known
}
