//! Listeners that everybody, or nearly everybody, may open.
//!
//! What counts is the set of public addresses that all trusts together admit to one listener, not how each names them.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use graph::flow::{Endpoint, Flow, Reach};
use model::actor::Address;
use model::thing::{Detail, Listener, PartDetail, Thing, ThingId};
use model::value::Ports;
use packet::Family;
use packet::cidr::Cidr;
use source::Span;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "public-ingress",
    severity: Severity::Error,
    summary: "a flow admits the whole internet, or a large part of it",
    docs: include_str!("public_ingress.md"),
};

/// The widest block that is not taken for the internet, in bits of its prefix. LANGUAGE, "Who acts".
const WIDEST_BITS: u8 = 8;
const WIDEST_BITS_V6: u8 = 16;

/// Addresses on the internet that one flow admits, and the line that says so.
struct Admitted<'a> {
    ports: &'a [Ports],
    blocks: Vec<Cidr>,
    line: Span,
}

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for flow in cx.index.flows_from(Endpoint::Internet) {
        let Endpoint::Thing(to) = flow.to else { continue };
        let (Some(thing), Some(line)) = (cx.model.things.get(to), cx.index.line(flow.because)) else {
            continue;
        };
        let message = format!("`{}` is open to every address", cx.text(thing.name));
        let diagnostic = Diagnostic::new(&CODE, line, message)
            .label(thing.span, "declared here")
            .help("name the sources, or let a team waive it for the segment until a date");
        push(cx, thing, diagnostic, findings);
    }
    let mut admitted: BTreeMap<ThingId, Vec<Admitted<'_>>> = BTreeMap::new();
    for flow in &cx.graph.flows {
        if let Some((to, own)) = of_flow(cx, flow) {
            admitted.entry(to).or_default().push(own);
        }
    }
    for (_, part) in cx.model.parts.iter() {
        let (PartDetail::Listener(listener), Some(admitted)) = (&part.detail, admitted.get(&part.of)) else {
            continue;
        };
        let (Some(thing), Some((block, lines))) = (cx.model.things.get(part.of), widest(listener, admitted))
        else {
            continue;
        };
        let name = format!("{}.{}", cx.text(thing.name), cx.text(part.name));
        let mut lines = lines.into_iter();
        let Some(first) = lines.next() else { continue };
        let message = format!("`{name}` is open to {block}, which is a large part of the internet");
        let mut diagnostic = Diagnostic::new(&CODE, first, message).label(part.span, "declared here");
        for line in lines {
            diagnostic = diagnostic.label(line, "this admits a part of it");
        }
        let diagnostic = diagnostic
            .note("what all trusts admit to a listener counts together")
            .help("name fewer sources, or let a team waive it for the segment until a date");
        push(cx, thing, diagnostic, findings);
    }
}

fn push(cx: &Context<'_>, thing: &Thing, mut diagnostic: Diagnostic, findings: &mut Findings) {
    let places = cx.index.home(thing);
    let segments: Vec<Name> = places
        .iter()
        .filter_map(|segment| Some(cx.model.segments.get(*segment)?.name))
        .collect();
    for segment in &segments {
        let (segment, name) = (cx.text(*segment), cx.text(thing.name));
        diagnostic = diagnostic.note(format!("path: internet → {segment} → {name}"));
    }
    findings.push(diagnostic, segments.into_iter().chain([thing.name]));
}

/// What a flow from named addresses on the internet admits. Everybody is reported apart.
fn of_flow<'a>(cx: &Context<'a>, flow: &Flow) -> Option<(ThingId, Admitted<'a>)> {
    let (Endpoint::Thing(to), Reach::Public) = (flow.to, flow.reach) else {
        return None;
    };
    let blocks: Vec<Cidr> = match flow.from {
        Endpoint::Addresses(blocks) => {
            let blocks = cx.graph.blocks.get(blocks)?;
            blocks.iter().filter_map(|block| cidr(*block)).collect()
        }
        Endpoint::Thing(from) => match &cx.model.things.get(from)?.detail {
            Detail::External(external) => {
                let blocks = external.at.iter().filter_map(|(address, _)| match address {
                    Address::Block(block) => Some(*block),
                    Address::Host(_) => None,
                });
                blocks.filter_map(cidr).collect()
            }
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource => return None,
        },
        Endpoint::Internet | Endpoint::Service(_) => return None,
    };
    let admitted = Admitted {
        ports: cx.graph.ports.get(flow.ports).map_or(&[][..], Vec::as_slice),
        blocks,
        line: cx.index.line(flow.because)?,
    };
    Some((to, admitted))
}

fn cidr(block: model::value::Block) -> Option<Cidr> {
    let family = if block.six { Family::Ipv6 } else { Family::Ipv4 };
    Cidr::holding(family, block.first, block.prefix_bits).ok()
}

/// The first block that is too wide of what is admitted to some port of a listener, and the lines that admit parts of it,
/// in order of the addresses that they admit.
fn widest(listener: &Listener, admitted: &[Admitted<'_>]) -> Option<(Cidr, Vec<Span>)> {
    // Ports at which the set of flows may change.
    let mut starts: BTreeSet<(u8, u16)> = BTreeSet::new();
    for own in &listener.ports {
        starts.insert((own.protocol, own.first));
        let ranges = admitted.iter().flat_map(|admitted| admitted.ports);
        let inside = ranges.filter(|ports| ports.protocol == own.protocol);
        let inside = inside.filter(|ports| own.first <= ports.first && ports.first <= own.last);
        starts.extend(inside.map(|ports| (ports.protocol, ports.first)));
    }
    for (protocol, port) in starts {
        let is_hit = |ports: &Ports| ports.protocol == protocol && (ports.first..=ports.last).contains(&port);
        let of: Vec<&Admitted<'_>> = admitted
            .iter()
            .filter(|admitted| admitted.ports.iter().any(is_hit))
            .collect();
        let blocks: Vec<Cidr> = of
            .iter()
            .flat_map(|admitted| admitted.blocks.iter().copied())
            .collect();
        let merged = Cidr::aggregate(&blocks);
        let Some(wide) = merged.into_iter().find(|block| match block.family() {
            Family::Ipv4 => block.bits() < WIDEST_BITS,
            Family::Ipv6 => block.bits() < WIDEST_BITS_V6,
        }) else {
            continue;
        };
        let mut parts: Vec<(Cidr, Span)> = of
            .iter()
            .filter_map(|admitted| {
                let within = admitted.blocks.iter().filter(|block| wide.contains(**block));
                within.min().map(|block| (*block, admitted.line))
            })
            .collect();
        // Of one block, in order of trust.
        parts.sort_by_key(|(block, _)| *block);
        let mut lines: Vec<Span> = Vec::with_capacity(parts.len());
        for (_, line) in parts {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        return Some((wide, lines));
    }
    None
}
