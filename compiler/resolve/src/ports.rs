//! What a listener listens to: ports of TCP and UDP, types of ICMP, other protocols.

use diagnostics::Diagnostic;
use model::actor::{Address, RunsOn};
use model::thing::{Detail, PartDetail, ThingId};
use model::value::Ports;

use crate::actors::CONTRADICTORY_ACTOR;
use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::line::{Arg, Line};
use crate::literal;

/// Protocol numbers. Source: <https://www.iana.org/assignments/protocol-numbers/>
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP6: u8 = 58;

/// Reads the ports of `listens NAME tcp= udp= icmp= icmp6= protocol=`.
pub(crate) fn read<'a>(
    cx: &mut Cx<'a, '_>,
    entries: &mut Entries<'a>,
    line: &Line<'a>,
    name: &str,
) -> Vec<Ports> {
    let mut ports = Vec::new();
    for (word, protocol) in [("tcp", TCP), ("udp", UDP)] {
        if let Some(port) = entries.prop(word) {
            ports.extend(range(cx, &port, (word, protocol), name));
        }
    }
    for (word, protocol) in [("icmp", ICMP), ("icmp6", ICMP6)] {
        if let Some(kind) = entries.prop(word) {
            ports.extend(icmp(cx, &kind, word, protocol));
        }
    }
    if let Some(protocol) = entries.prop("protocol") {
        ports.extend(other_protocol(cx, &protocol));
    }
    if ports.is_empty() {
        cx.push(
            Diagnostic::new(
                &crate::entries::MISSING_VALUE,
                line.head(),
                format!("`listens {name}` lacks a port"),
            )
            .help("write `tcp=443`, `udp=53`, `icmp=8`, `icmp6=128`, or `protocol=47`"),
        );
    }
    ports
}

fn range<'a>(cx: &mut Cx<'a, '_>, port: &Arg<'a>, (word, protocol): (&str, u8), name: &str) -> Option<Ports> {
    let found = literal::ports(protocol, &port.text);
    if found.is_some() || port.is_malformed() {
        return found;
    }
    let listed: Option<Vec<Ports>> = port
        .text
        .split(',')
        .map(|one| literal::ports(protocol, one.trim()))
        .collect();
    match listed.filter(|listed| listed.len() > 1) {
        Some(listed) => {
            let message = format!(
                "`{}` is a list of ports, and a listener has one port or range of a protocol",
                port.text
            );
            let lines = listed.iter().map(|ports| match ports.first == ports.last {
                true => format!("`listens {name}-{0} {word}={0}`", ports.first),
                false => {
                    let range = format!("{}-{}", ports.first, ports.last);
                    format!("`listens {name}-{} {word}=\"{range}\"`", ports.first)
                }
            });
            let help = format!(
                "declare a listener for each: {}",
                lines.collect::<Vec<_>>().join(" and ")
            );
            cx.push(Diagnostic::new(&WRONG_TYPE, port.span, message).help(help));
        }
        None => wrong(
            cx,
            port,
            "a port or a range of ports",
            "write `443`, or a range in quotes: `\"8000-8010\"`",
        ),
    }
    None
}

/// A type that asks: what connection tracking takes for the beginning of something.
fn icmp<'a>(cx: &mut Cx<'a, '_>, arg: &Arg<'a>, word: &str, protocol: u8) -> Option<Ports> {
    let six = protocol == ICMP6;
    let echo = if six { 128 } else { 8 };
    let Some(found) = literal::icmp(protocol, &arg.text) else {
        let help =
            format!("write the type, `{word}={echo}`, or the type and its code, `{word}=\"{echo}/0\"`");
        wrong(cx, arg, "an ICMP type", &help);
        return None;
    };
    let [kind, _] = found.first.to_be_bytes();
    let Some((name, why)) = no_question(six, kind) else {
        return Some(found);
    };
    let message = format!("`{word}={}`: nobody can listen for {name}", arg.text);
    let help = format!("leave the listener out; who is to be asked whether it is there says `{word}={echo}`");
    cx.push(
        Diagnostic::new(&WRONG_TYPE, arg.span, message)
            .note(why)
            .help(help),
    );
    None
}

const ERROR: &str = "it is an error about something that was sent: a reply includes its errors, and one about nothing is dropped";
const ANSWER: &str = "it answers: what is asked gets its answer, and an answer to nothing is dropped";
const LINK: &str = "it belongs to the own link: a host with IPv6 hears and says it without a trust";
const UNKNOWN: &str = "connection tracking drops it";

/// The name of a type that opens nothing, and why; `None` if it opens something.
///
/// Source: <https://www.iana.org/assignments/icmp-parameters/>, <https://www.iana.org/assignments/icmpv6-parameters/>; that a
/// type opens: Linux, `nf_conntrack_proto_icmp.c` and `nf_conntrack_proto_icmpv6.c`, `valid_new`; all read 2026-11-30
fn no_question(six: bool, kind: u8) -> Option<(String, &'static str)> {
    let (name, why) = match (six, kind) {
        (false, 8 | 13 | 15 | 17) | (true, 128 | 139) => return None,
        (false, 0) | (true, 129) => ("an echo reply", ANSWER),
        (false, 14) => ("a timestamp reply", ANSWER),
        (false, 16) => ("an information reply", ANSWER),
        (false, 18) => ("an address mask reply", ANSWER),
        (true, 140) => ("a node information response", ANSWER),
        (false, 3) | (true, 1) => ("destination unreachable", ERROR),
        (false, 4) => ("source quench", ERROR),
        (true, 2) => ("packet too big", ERROR),
        (false, 11) | (true, 3) => ("time exceeded", ERROR),
        (false, 12) | (true, 4) => ("parameter problem", ERROR),
        (false, 5) | (true, 137) => ("a redirect", UNKNOWN),
        (false, 9) => ("a router advertisement", UNKNOWN),
        (false, 10) => ("a router solicitation", UNKNOWN),
        (true, 130) => ("a query for listeners of groups", LINK),
        (true, 131 | 143) => ("a report of listeners of groups", LINK),
        (true, 132) => ("the end of listening to a group", LINK),
        (true, 133) => ("a router solicitation", LINK),
        (true, 134) => ("a router advertisement", LINK),
        (true, 135) => ("a neighbour solicitation", LINK),
        (true, 136) => ("a neighbour advertisement", LINK),
        (_, other) => return Some((format!("type {other} of ICMP"), UNKNOWN)),
    };
    Some((name.to_owned(), why))
}

fn other_protocol<'a>(cx: &mut Cx<'a, '_>, arg: &Arg<'a>) -> Option<Ports> {
    let named = [("gre", 47), ("esp", 50), ("ah", 51), ("sctp", 132)];
    let number = match named.iter().find(|(name, _)| *name == arg.text) {
        Some((_, number)) => Some(*number),
        None => arg.value.as_u64().and_then(|number| u8::try_from(number).ok()),
    };
    match number {
        Some(ICMP | TCP | UDP | ICMP6) => {
            wrong(
                cx,
                arg,
                "a protocol without words of its own",
                "write `tcp=`, `udp=`, `icmp=` or `icmp6=`",
            );
            None
        }
        Some(protocol) => Some(Ports {
            protocol,
            first: 0,
            last: u16::MAX,
        }),
        None => {
            wrong(
                cx,
                arg,
                "a protocol",
                "write its number, or `gre`, `esp`, `ah` or `sctp`",
            );
            None
        }
    }
}

pub(crate) fn wrong(cx: &mut Cx<'_, '_>, arg: &Arg<'_>, what: &str, help: &str) {
    if !arg.is_malformed() {
        cx.push(Diagnostic::new(&WRONG_TYPE, arg.span, format!("`{}` is not {what}", arg.text)).help(help));
    }
}

/// ICMP is said by family: who listens for it has an address of that family.
pub(crate) fn check_families(cx: &mut Cx<'_, '_>) {
    let mut problems = Vec::new();
    for (_, part) in cx.model.parts.iter() {
        let PartDetail::Listener(listener) = &part.detail else {
            continue;
        };
        let (Some([four, six]), Some(owner)) = (families(cx, part.of), cx.model.things.get(part.of)) else {
            continue;
        };
        for (protocol, has, family, word, other) in [
            (ICMP, four, "IPv4", "icmp", "icmp6=128"),
            (ICMP6, six, "IPv6", "icmp6", "icmp=8"),
        ] {
            if has || listener.ports.iter().all(|ports| ports.protocol != protocol) {
                continue;
            }
            let message = format!(
                "`{}` listens for ICMP of {family}, and `{}` has no {family}",
                cx.model.names.text(part.name),
                cx.model.names.text(owner.name)
            );
            let diagnostic = Diagnostic::new(&CONTRADICTORY_ACTOR, part.span, message);
            problems.push(diagnostic.label(owner.span, "declared here").help(format!(
                "write `{other}` instead of `{word}=`, or give it an address of {family}"
            )));
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

/// Whether a thing has addresses of IPv4 and of IPv6; `None` where nothing says so.
fn families(cx: &Cx<'_, '_>, thing: ThingId) -> Option<[bool; 2]> {
    let of_segments = |segments: Vec<model::place::SegmentId>| {
        let found = segments
            .into_iter()
            .filter_map(|id| cx.model.segments.get(id))
            .map(|segment| segment.cidr6.is_some());
        found.reduce(|one, other| one || other).map(|six| [true, six])
    };
    let of_blocks = |blocks: Vec<bool>| [blocks.contains(&false), blocks.contains(&true)];
    let declared = cx.model.things.get(thing)?;
    match &declared.detail {
        Detail::Class(class) if !class.at.is_empty() => {
            let values = class.at.iter().flat_map(|at| at.values.iter());
            Some(of_blocks(values.map(|block| block.six).collect()))
        }
        Detail::Class(class) => of_segments(class.segments.iter().map(|placed| placed.segment).collect()),
        Detail::Workload(workload) if !workload.at.is_empty() => Some(of_blocks(
            workload.at.iter().map(|(block, _)| block.six).collect(),
        )),
        Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
            (None, Some(RunsOn::Device(class))) => families(cx, class),
            (segment, _) => of_segments(segment.into_iter().collect()),
        },
        Detail::Resource => of_segments(declared.segment.into_iter().collect()),
        Detail::External(external) => {
            let blocks = external.at.iter().map(|(address, _)| match address {
                Address::Block(block) => Some(block.six),
                Address::Host(_) => None,
            });
            let blocks: Option<Vec<bool>> = blocks.collect();
            blocks.filter(|blocks| !blocks.is_empty()).map(of_blocks)
        }
        Detail::People(_) => None,
    }
}
