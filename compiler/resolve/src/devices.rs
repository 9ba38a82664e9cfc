//! Device classes: hardware, identities, members and where these live.

use std::collections::BTreeMap;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::actor::{Class, ClassSegment, Hardware, Identity, IdentityWord, KeyStore, Speaks};
use model::fleet::{Fleet, FleetId};
use model::place::SegmentId;
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, ThingId};
use source::Span;

use crate::actors::CONTRADICTORY_ACTOR;
use crate::at;
use crate::body::Body;
use crate::containers;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::{self, Decl};
use crate::heard::Use;
use crate::inventory;
use crate::line::{Arg, Line};
use crate::literal;
use crate::template::{self, Members};

pub(crate) static ROW_WITHOUT_SEGMENT: Code = Code {
    name: "row-without-segment",
    severity: Severity::Error,
    summary: "a device's attributes lead to no declared segment",
    docs: include_str!("pages/row_without_segment.md"),
};

/// How many values that lead nowhere are shown for one class.
const PROBLEMS_MAX: usize = 20;

/// Reads the fleet of a class: other declarations use its columns.
pub(crate) fn read_fleet<'a>(cx: &mut Cx<'a, '_>, class: ThingId, decl: &Decl<'a>) {
    let mut body = Body::of("device".into(), &decl.lines);
    if let Some(line) = body.one(cx, "fleet") {
        inventory::read(cx, class, &line);
    }
}

/// Reads what is particular to a class.
pub(crate) fn read<'a>(
    cx: &mut Cx<'a, '_>,
    id: ThingId,
    decl: &Decl<'a>,
    entries: &mut Entries<'a>,
    body: &mut Body<'a>,
) -> Detail {
    let segment = entries.prop("segment");
    // Read beforehand; a second `fleet` was reported there.
    let has_fleet = !body.all("fleet").is_empty();
    if !has_fleet {
        crate::body::missing(
            cx,
            &format!("device `{}`", decl.name.text),
            "fleet",
            decl.head(),
            "say who its members are: `fleet \"fleet/gateways.csv\"`, or `fleet name=hist-01`",
        );
    }
    let written = segment.as_ref().map(|segment| {
        let text = cx.text(segment);
        template::of_declaration(cx, &text, segment.span, Members::Of(id))
    });
    let segments = match (&segment, &written) {
        (Some(segment), Some(written)) => place(cx, id, segment, written),
        _ => Vec::new(),
    };
    let at = at::class(cx, id, decl, (&segments, written.as_ref()), body);
    let hardware = hardware(cx, body);
    let containers = containers::of(cx, &segments, hardware, body);
    let identities = identities(cx, body);
    let mut speaks = Vec::new();
    for line in body.several(cx, "speaks") {
        speaks.extend(spoken(cx, &line));
    }
    let credentials = body.one(cx, "credentials").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let most = entries.need_prop(cx, "at-most", "\"1h\"");
        entries.finish_leaf(cx);
        cx.fact(line.head());
        Some((cx.duration(&most?)?, line.head()))
    });
    refused_facts(cx, body);
    Detail::Class(Class {
        segments,
        segment: written,
        at,
        hardware,
        identities,
        fleet: cx.fleets.get(&id).copied(),
        speaks,
        credentials,
        containers,
    })
}

/// Facts of the language that no target can express yet.
fn refused_facts<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) {
    for line in body.several(cx, "enroll") {
        gather::refuse(cx, "`enroll` of a device", line.head());
    }
    for word in ["floor", "patch", "firmware", "sessions", "judged-by"] {
        if let Some(line) = body.one(cx, word) {
            gather::refuse(cx, &format!("`{word}` of a device"), line.head());
        }
    }
}

fn hardware<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) -> Option<(Hardware, Span)> {
    let line = body.one(cx, "hardware")?;
    let mut entries = Entries::of(cx, &line);
    let word = entries.need(cx, "a word: `expresslink`, `embedded`, `linux` or `network`");
    let words = [
        ("expresslink", Some(Hardware::Expresslink)),
        ("embedded", Some(Hardware::Embedded)),
        ("linux", Some(Hardware::Linux)),
        ("network", Some(Hardware::Network)),
        ("greengrass", None),
    ];
    let found = word.and_then(|word| cx.word(&word, "a sort of hardware", &words));
    if found == Some(None) {
        entries.prop("nucleus");
        gather::refuse(cx, "`hardware greengrass`", line.head());
    }
    entries.finish_leaf(cx);
    Some((found??, line.head()))
}

fn identities<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) -> Vec<Identity> {
    let mut found: Vec<Identity> = Vec::new();
    for line in body.several(cx, "identity") {
        let Some(identity) = identity(cx, &line) else {
            continue;
        };
        let carries = |word: IdentityWord| matches!(word, IdentityWord::X509 | IdentityWord::RolesAnywhere);
        if carries(identity.word)
            && let Some(first) = found.iter().find(|earlier| carries(earlier.word))
        {
            let first = first.span;
            cx.push(
                Diagnostic::new(
                    &CONTRADICTORY_ACTOR,
                    line.head(),
                    "a device carries its trusts by one of `x509` and `roles-anywhere`, not by both",
                )
                .label(first, "the other one"),
            );
        }
        found.push(identity);
    }
    let is_none = |identity: &&Identity| identity.word == IdentityWord::None;
    let (none, another) = (
        found.iter().find(is_none).map(|none| none.span),
        found
            .iter()
            .find(|identity| !is_none(identity))
            .map(|other| other.span),
    );
    if let (Some(none), Some(another)) = (none, another) {
        let message = "a device with an identity is said to have none";
        cx.push(Diagnostic::new(&CONTRADICTORY_ACTOR, none, message).label(another, "an identity"));
    }
    found
}

fn identity<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<Identity> {
    let mut entries = Entries::of(cx, line);
    let word = entries.need(
        cx,
        "a word: `x509`, `roles-anywhere`, `ssm`, `dot1x`, `ssh-host` or `none`",
    );
    let words = [
        ("x509", Some(IdentityWord::X509)),
        ("roles-anywhere", Some(IdentityWord::RolesAnywhere)),
        ("dot1x", Some(IdentityWord::Dot1x)),
        ("ssh-host", Some(IdentityWord::SshHost)),
        ("none", Some(IdentityWord::None)),
        ("ssm", None),
    ];
    let word = word.and_then(|word| cx.word(&word, "an identity of a device", &words));
    if word == Some(None) {
        gather::refuse(cx, "`identity ssm`", line.head());
    }
    let ca = entries.prop("ca").and_then(|ca| cx.authority(&ca));
    let keys = [
        ("secure-element", KeyStore::SecureElement),
        ("tpm", KeyStore::Tpm),
        ("pkcs11", KeyStore::Pkcs11),
        ("file", KeyStore::File),
    ];
    let key = entries
        .prop("key")
        .and_then(|key| cx.word(&key, "a place for a private key", &keys));
    let rotate = entries.prop("rotate").and_then(|rotate| cx.duration(&rotate));
    let mut more = Vec::new();
    for name in ["handle", "library"] {
        if let Some(value) = entries.prop(name) {
            let text = cx.text(&value);
            more.push((cx.intern(name), cx.intern(&text)));
        }
    }
    if let Some(pin) = entries.prop("pin") {
        let text = cx.secret(&pin);
        more.push((cx.intern("pin"), cx.intern(&text)));
    }
    entries.finish_leaf(cx);
    let word = word??;
    if matches!(
        word,
        IdentityWord::X509 | IdentityWord::RolesAnywhere | IdentityWord::Dot1x | IdentityWord::SshHost
    ) && ca.is_none()
        && line.node.property("ca").is_none()
    {
        cx.push(
            Diagnostic::new(
                &crate::entries::MISSING_VALUE,
                line.head(),
                "an identity with a certificate lacks its authority",
            )
            .help("write `ca=NAME`"),
        );
    }
    cx.fact(line.head());
    Some(Identity {
        word,
        ca,
        key,
        rotate,
        more,
        span: line.head(),
    })
}

fn spoken<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<Speaks> {
    let mut entries = Entries::of(cx, line);
    let protocol = entries.need(cx, "a protocol: `mqtt` or `https`");
    let protocol =
        protocol.and_then(|word| cx.word(&word, "a protocol", &[("mqtt", "mqtt"), ("https", "https")]));
    let mut ports = Vec::new();
    for port in entries.need_rest(cx, "a port") {
        match port_of(cx, &port) {
            Some(number) if ports.contains(&number) => {
                crate::body::duplicate(cx, &port.text, port.span, line.head());
            }
            number => ports.extend(number),
        }
    }
    entries.finish_leaf(cx);
    cx.fact(line.head());
    Some(Speaks {
        protocol: cx.intern(protocol?),
        ports,
        span: line.head(),
    })
}

fn port_of<'a>(cx: &mut Cx<'a, '_>, port: &Arg<'a>) -> Option<u16> {
    let found = literal::port(&port.text);
    if found.is_none() && !port.is_malformed() {
        let message = format!("`{}` is not a port", port.text);
        cx.push(
            Diagnostic::new(&crate::convert::WRONG_TYPE, port.span, message)
                .help("a port is a number from 1 to 65535"),
        );
    }
    found
}

/// The segments in which a class's members live: worked out once for each different value, never for each row.
fn place<'a>(
    cx: &mut Cx<'a, '_>,
    class: ThingId,
    segment: &Arg<'a>,
    written: &Template,
) -> Vec<ClassSegment> {
    let rows = cx
        .fleets
        .get(&class)
        .and_then(|fleet| cx.model.fleets.get(*fleet))
        .map_or(0, |fleet| fleet.len());
    let is_plain = !written
        .pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Placeholder(_)));
    if is_plain {
        let name = template::plain(written)
            .flatten()
            .map(|name| cx.text_of(name).to_owned())
            .unwrap_or_default();
        let found = cx.segment_named(&name, segment.span);
        return found
            .into_iter()
            .map(|segment| ClassSegment {
                segment,
                rows: rows as u32,
            })
            .collect();
    }
    let Some(fleet) = cx.fleets.get(&class).copied() else {
        return Vec::new();
    };
    let place = segment.span;
    let per_value = distinct_rows(cx, fleet, written);
    let mut found: BTreeMap<SegmentId, u32> = BTreeMap::new();
    let mut lost: BTreeMap<String, u32> = BTreeMap::new();
    for (text, rows) in per_value {
        if let Some(declared) = cx.scope.names.get_mut(text.as_str())
            && let crate::names::Target::Segment(segment) = declared.target
        {
            declared.is_used = true;
            if let Some(heard) = &mut cx.heard {
                heard.uses.push(Use {
                    at: place,
                    declared: declared.span,
                });
            }
            *found.entry(segment).or_default() += rows;
        } else {
            lost.insert(text, rows);
        }
    }
    lead_nowhere(cx, fleet, written, &lost, segment.span);
    found
        .into_iter()
        .map(|(segment, rows)| ClassSegment { segment, rows })
        .collect()
}

/// Reports the texts that name no segment, each with the first device by name that has it.
fn lead_nowhere(
    cx: &mut Cx<'_, '_>,
    fleet: FleetId,
    written: &Template,
    lost: &BTreeMap<String, u32>,
    span: Span,
) {
    let mut members: BTreeMap<&str, String> = BTreeMap::new();
    if let Some(fleet) = cx.model.fleets.get(fleet).filter(|_| !lost.is_empty()) {
        for row in 0..fleet.len() {
            let Some((text, _)) = lost.get_key_value(&text_of(cx, fleet, written, row)) else {
                continue;
            };
            let member = fleet.member(row);
            match members.get_mut(text.as_str()) {
                Some(known) if **known <= *member => {}
                Some(known) => *known = member.to_owned(),
                None => drop(members.insert(text, member.to_owned())),
            }
        }
    }
    for (text, rows) in lost.iter().take(PROBLEMS_MAX) {
        let near = cx
            .near
            .find(text, cx.scope.names.keys().map(|name| &**name))
            .map(|near| near.name.to_owned());
        let member = members.get(text.as_str()).map_or("", String::as_str);
        let message = format!("`{member}` would live in `{text}`, and no segment is called so");
        let mut diagnostic = Diagnostic::new(&ROW_WITHOUT_SEGMENT, span, message);
        if *rows > 1 {
            diagnostic = diagnostic.note(format!("and {} more like it", rows - 1));
        }
        if let Some(near) = near {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        cx.push(diagnostic);
    }
    if lost.len() > PROBLEMS_MAX {
        let message = format!("{} more values lead to no segment", lost.len() - PROBLEMS_MAX);
        cx.push(Diagnostic::new(&ROW_WITHOUT_SEGMENT, span, message));
    }
}

/// A template with the name and the attributes of a row.
fn text_of(cx: &Cx<'_, '_>, fleet: &Fleet, written: &Template, row: usize) -> String {
    let mut text = String::new();
    for piece in &written.pieces {
        match piece {
            Piece::Text(name) => text.push_str(cx.text_of(*name)),
            Piece::Placeholder(Placeholder::Name) => text.push_str(fleet.member(row)),
            Piece::Placeholder(Placeholder::Attribute(name)) => {
                text.push_str(fleet.column(*name).map_or("", |column| column.value(row)));
            }
            Piece::Placeholder(_) => {}
        }
    }
    text
}

/// The different texts that a template has over the rows, with how many rows have each.
fn distinct_rows(cx: &Cx<'_, '_>, fleet: FleetId, written: &Template) -> BTreeMap<String, u32> {
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    let Some(fleet) = cx.model.fleets.get(fleet) else {
        return found;
    };
    let attributes = written.pieces.iter().filter_map(|piece| match piece {
        Piece::Placeholder(Placeholder::Attribute(name)) => fleet.column(*name),
        Piece::Text(_) | Piece::Placeholder(_) => None,
    });
    let columns: Vec<_> = attributes.collect();
    let has_name = written.pieces.contains(&Piece::Placeholder(Placeholder::Name));
    // By the values' indices: texts are made once for each combination.
    let mut by_key: BTreeMap<(Vec<u32>, usize), (u32, usize)> = BTreeMap::new();
    let mut last: Option<((Vec<u32>, usize), u32, usize)> = None;
    for row in 0..fleet.len() {
        let own = if has_name { row } else { 0 };
        if let Some((key, count, _)) = &mut last
            && key.1 == own
            && key
                .0
                .iter()
                .zip(&columns)
                .all(|(index, column)| column.rows.get(row) == Some(index))
        {
            *count += 1;
            continue;
        }
        if let Some((key, count, first)) = last.take() {
            by_key.entry(key).or_insert((0, first)).0 += count;
        }
        let key = columns
            .iter()
            .map(|column| column.rows.get(row).copied().unwrap_or(0))
            .collect();
        last = Some(((key, own), 1, row));
    }
    if let Some((key, count, first)) = last {
        by_key.entry(key).or_insert((0, first)).0 += count;
    }
    for (count, row) in by_key.into_values() {
        *found.entry(text_of(cx, fleet, written, row)).or_default() += count;
    }
    found
}

/// Values of attributes that texts use hold no separator, wildcard or space: a text must not mean more than it says. Nor do those
/// that `same` compares, since a policy says them as a text.
pub(crate) fn check_alphabets(cx: &mut Cx<'_, '_>) {
    let mut problems = Vec::new();
    let mut uses: BTreeMap<(ThingId, Name), (Span, bool)> = BTreeMap::new();
    uses.extend(cx.compared.iter().map(|(key, span)| (*key, (*span, false))));
    uses.extend(cx.uses.iter().map(|(key, span)| (*key, (*span, true))));
    for ((class, attribute), (used, in_text)) in &uses {
        let Some(fleet) = cx.fleets.get(class).and_then(|fleet| cx.model.fleets.get(*fleet)) else {
            continue;
        };
        let Some(column) = fleet.column(*attribute) else {
            continue;
        };
        let header = cx.model.names.text(*attribute);
        let mut unsafe_values: Vec<(&str, usize, String)> = Vec::new();
        for (index, value) in column.values.iter().enumerate() {
            let why = match inventory::separator(value) {
                Some(letter) => format!("has `{}`", letter.escape_default()),
                None if value.is_empty() && *in_text => "is empty".to_owned(),
                None => continue,
            };
            unsafe_values.push((value, index, why));
        }
        // In order of text, and of each value the first device by name: wherever their rows stand.
        unsafe_values.sort();
        for (_, index, why) in unsafe_values {
            let rows = (0..fleet.len()).filter(|row| column.rows.get(*row) == Some(&(index as u32)));
            let member = rows.map(|row| fleet.member(row)).min().unwrap_or_default();
            let message = format!("the `{header}` of `{member}` {why}");
            problems.push(
                Diagnostic::new(&inventory::UNSAFE_VALUE, fleet.span, message)
                    .label(
                        *used,
                        if *in_text {
                            "a text uses the attribute here"
                        } else {
                            "it is compared here"
                        },
                    )
                    .note("in a text, a separator or a wildcard would reach what belongs to others")
                    .help("use ASCII letters, digits, `-`, `_`, `.`, `@` and `~`"),
            );
            if problems.len() >= PROBLEMS_MAX {
                break;
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}
