//! The flows of one network: pairs of sides, checked for what its means can say.

use diagnostics::{Code, Diagnostic, Report};
use graph::access::Pairs;
use graph::flow::{Endpoint, Flow, Reach};
use graph::reason::ReasonId;
use model::place::{NetworkId, SegmentId};
use model::value::{Block, Ports};
use packet::protocol;

use super::fault::{NO_COMMON_FAMILY, NO_ENDPOINT_SEGMENT, UNCONNECTED_SOURCE, UNENFORCEABLE_MEMBERS};
use super::place::{Carrier, Outside, Places, Side};
use crate::context::Context;

/// A flow as one network sees it. At least one side carries a group of the network.
#[derive(Clone, Debug)]
pub(super) struct Link<'a> {
    /// Who opens.
    pub(super) from: Side,
    /// Who listens.
    pub(super) to: Side,
    /// On which ports.
    pub(super) ports: &'a [Ports],
    pub(super) because: ReasonId,
}

/// The links of a network, in order of the graph's flows.
pub(super) fn links<'a>(
    cx: &Context<'a>,
    places: &Places<'a>,
    network: NetworkId,
    report: &mut Report,
) -> Vec<Link<'a>> {
    let mut links = Vec::new();
    for flow in &cx.graph.flows {
        needs_endpoint(cx, places, network, flow, report);
        for (from, to) in places.pairs(flow, network) {
            let Some(ports) = ports(cx, flow, report) else {
                continue;
            };
            if !can_tell_members(cx, flow, report) {
                continue;
            }
            let link = Link {
                from,
                to,
                ports,
                because: flow.because,
            };
            links.extend(in_family(cx, link, flow, report));
        }
    }
    links
}

fn raise(cx: &Context<'_>, code: &'static Code, because: ReasonId, message: String) -> Diagnostic {
    match cx.span_of(because) {
        Some(span) => Diagnostic::new(code, span, message),
        None => Diagnostic::global(code, message),
    }
}

/// An end for people.
pub(super) fn shown(cx: &Context<'_>, end: Endpoint) -> String {
    match end {
        Endpoint::Thing(thing) => format!("`{}`", cx.name_of(thing)),
        Endpoint::Service(service) => format!("the service `{}`", cx.word(service)),
        Endpoint::Addresses(blocks) => {
            let blocks = cx.graph.blocks.get(blocks).map_or(&[][..], Vec::as_slice);
            let texts: Vec<String> = blocks.iter().map(|block| format!("`{block}`")).collect();
            texts.join(" ")
        }
        Endpoint::Internet => "the internet".to_owned(),
    }
}

/// A service that is reached over the internet cannot be told from the rest of it.
fn needs_endpoint(
    cx: &Context<'_>,
    places: &Places<'_>,
    network: NetworkId,
    flow: &Flow,
    report: &mut Report,
) {
    let (Endpoint::Thing(thing), Endpoint::Service(service), Reach::Public) =
        (flow.from, flow.to, flow.reach)
    else {
        return;
    };
    let home = places.homes(thing).iter().find(|home| {
        let segment = cx.model.segments.get(**home);
        segment.is_some_and(|segment| segment.within == model::place::Within::Network(network))
            && places.service_networks(**home, service).is_empty()
    });
    let Some(network) = home.and_then(|_| cx.model.networks.get(network)) else {
        return;
    };
    let (name, service) = (cx.text(network.name), cx.word(service));
    let message = format!(
        "`{}` needs the service `{service}`, and no segment of `{name}` has `endpoints`",
        cx.name_of(thing)
    );
    report.push(
        raise(cx, &NO_ENDPOINT_SEGMENT, flow.because, message)
            .label(network.span, "the network")
            .note("a group knows addresses only: the way over the internet would be open to every address")
            .help("say `endpoints` in a segment of the network"),
    );
}

/// The ports, if the provider can say them.
fn ports<'a>(cx: &Context<'a>, flow: &Flow, report: &mut Report) -> Option<&'a [Ports]> {
    let graph = cx.graph;
    let ports = graph.ports.get(flow.ports).map_or(&[][..], Vec::as_slice);
    let untold = ports.iter().find(|ports| {
        let told =
            matches!(ports.protocol, protocol::TCP | protocol::UDP) || protocol::is_icmp(ports.protocol);
        !told && (ports.first, ports.last) != (0, u16::MAX)
    });
    if untold.is_some() {
        report.compiler_bug(format!(
            "ports of a protocol that the provider knows no ports of, to {}",
            shown(cx, flow.to)
        ));
    }
    untold.is_none().then_some(ports)
}

/// Whether a group can tell who of two classes meets whom; it is reported if not.
fn can_tell_members(cx: &Context<'_>, flow: &Flow, report: &mut Report) -> bool {
    let told = match cx.graph.pairs.get(flow.pairs) {
        // What a device sends to itself never leaves it, so that `others` is every pair that a group sees.
        Some(Pairs::All | Pairs::Others) => true,
        Some(Pairs::Own | Pairs::Equal(_)) | None => false,
    };
    if told && is_unconditional(cx, flow) {
        return true;
    }
    report.push(
        unenforceable(cx, flow)
            .note("one group is the identity of a whole class")
            .help("leave `same` out, or give each value a class of its own"),
    );
    false
}

/// Whether a flow is open whatever else holds: no guard of packets sees more than a packet.
pub(crate) fn is_unconditional(cx: &Context<'_>, flow: &Flow) -> bool {
    let when = cx.graph.regions.get(flow.when);
    when.is_some_and(pattern::region::Region::is_everything)
}

/// Says that a guard does not see which members meet.
pub(crate) fn unenforceable(cx: &Context<'_>, flow: &Flow) -> Diagnostic {
    let message = format!(
        "which members of {} reach which of {} cannot be enforced here",
        shown(cx, flow.from),
        shown(cx, flow.to)
    );
    raise(cx, &UNENFORCEABLE_MEMBERS, flow.because, message)
}

/// Leaves only addresses that the group's side can exchange packets with.
fn in_family<'a>(cx: &Context<'a>, mut link: Link<'a>, flow: &Flow, report: &mut Report) -> Option<Link<'a>> {
    let six = match (&link.from, &link.to) {
        (Side::Group(..), Side::Group(..)) => return Some(link),
        (Side::Group(carrier, segments), Side::Blocks(_))
        | (Side::Blocks(_), Side::Group(carrier, segments)) => has_six(cx, *carrier, segments),
        (Side::Blocks(_), Side::Blocks(_)) => return None,
    };
    let blocks = match (&mut link.from, &mut link.to) {
        (Side::Blocks(blocks), _) | (_, Side::Blocks(blocks)) => blocks,
        (Side::Group(..), Side::Group(..)) => return None,
    };
    if let Some((block, _)) = blocks
        .iter()
        .find(|(_, outside)| *outside == Outside::Unconnected)
    {
        let message = format!(
            "`{block}` lies in a place that nothing connects to the network of {}",
            shown(cx, flow.to)
        );
        report.push(
            raise(cx, &UNCONNECTED_SOURCE, flow.because, message)
                .help("say `connects` in that site, or name other addresses"),
        );
        return None;
    }
    blocks.retain(|(block, _)| six || !block.six);
    // A protocol that one family alone has is nothing in the other.
    let speaks = |block: &Block| link.ports.iter().any(|ports| is_of_family(*ports, *block));
    if blocks.iter().any(|(block, _)| speaks(block)) {
        return Some(link);
    }
    report.push(no_common_family(cx, flow));
    None
}

/// Says that no packet of a flow exists.
pub(crate) fn no_common_family(cx: &Context<'_>, flow: &Flow) -> Diagnostic {
    let message = format!(
        "{} and {} have no address family in common",
        shown(cx, flow.from),
        shown(cx, flow.to)
    );
    raise(cx, &NO_COMMON_FAMILY, flow.because, message)
        .note("IPv6 is closed unless the segment says `cidr6`; an actor that says `at` has these addresses and no others")
        .help("name addresses of the other family, or give the segment a `cidr6`")
}

/// Whether interfaces that carry this group have IPv6 addresses. Private endpoints have none.
fn has_six(cx: &Context<'_>, carrier: Carrier, segments: &[SegmentId]) -> bool {
    let six = |segment: &SegmentId| {
        cx.model
            .segments
            .get(*segment)
            .is_some_and(|segment| segment.cidr6.is_some())
    };
    match carrier {
        Carrier::Thing(_) => segments.iter().any(six),
        Carrier::Service(_) | Carrier::Shared(_) => false,
    }
}

/// Whether packets of this protocol exist in the family of the block.
pub(super) fn is_of_family(ports: Ports, block: Block) -> bool {
    match ports.protocol {
        protocol::ICMP => !block.six,
        protocol::ICMPV6 => block.six,
        _ => true,
    }
}
