//! The host firewall of a class: every connection that a member opens or admits, by addresses.
//!
//! The other side is its own addresses, or the segments in which it lives; a private endpoint, the segment that holds
//! endpoints; a service on the internet, every address that nothing declares. What is not accepted is dropped, in both
//! directions and both families, and so is what the host would pass on; IPv6 is closed to a host whose segment has none.
//! Containers that are declared are the host itself: what it opens, they open, and what it listens on may be theirs.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Report};
use graph::address;
use graph::flow::{Endpoint, Flow, Reach};
use graph::reason::ReasonId;
use model::actor::{self, Address, RunsOn};
use model::place::{Exposure, NetworkId, Segment, SegmentId, Within};
use model::thing::{Detail, ThingId};
use model::value::{Block, Ports};
use packet::cidr::Cidr;
use packet::{Box, EDGES_MAX, Family, Order, Packets, Range, Unanswered, protocol};

use crate::context::Context;
use crate::deployment::device::{Accept, Containers, Firewall, Lease};
use crate::fault::FIREWALL_TOO_LARGE;
use crate::network::link::{can_tell_members, no_common_family};

/// The most elements of the sets of one host: such a table still loads in about a second.
const ELEMENTS_MAX: usize = 20_000;

/// Why a host firewall cannot keep members of a class apart.
const NATURE: &str = "a host firewall is the same for every member, and knows addresses only";

/// A need: out of the host or not, which ports, the other side.
type Need = (bool, Ports, Block);

/// The firewall of the hosts on which these run; `None` if it is refused.
pub(super) fn firewall(
    cx: &Context<'_>,
    (class, declared): (ThingId, &actor::Class),
    on: &BTreeSet<ThingId>,
    flows: &[&Flow],
    report: &mut Report,
) -> Option<Firewall> {
    let mut needs: BTreeMap<Need, BTreeSet<ReasonId>> = BTreeMap::new();
    let places = Places::new(cx);
    let has = |family: bool| {
        places.homes(class).into_iter().any(|(id, home)| {
            let own = cx.addresses.of(class, id, home);
            own.iter().any(|own| own.six == family)
        })
    };
    let (four, six) = (has(false), has(true));
    let mut leases = BTreeSet::new();
    for flow in flows {
        let ports = cx.graph.ports.get(flow.ports).map_or(&[][..], Vec::as_slice);
        for (own, other, egress) in [(flow.from, flow.to, true), (flow.to, flow.from, false)] {
            let Endpoint::Thing(host) = own else { continue };
            if !on.contains(&host) {
                continue;
            }
            if !can_tell_members(cx, flow, NATURE, report) {
                return None;
            }
            leases.extend(lease(&places, flow, ports, egress, (four, six)));
            let (mut meets, mut speaks) = (false, false);
            for (id, home) in places.homes(host) {
                let own = cx.addresses.of(host, id, home);
                for peer in places.peers(home, other, flow.reach) {
                    meets = true;
                    // Without an address of a family, a host sends and gets nothing in it.
                    if !own.iter().any(|own| own.six == peer.six) {
                        continue;
                    }
                    for ports in ports
                        .iter()
                        .filter(|ports| is_of_family(ports.protocol, peer.six))
                    {
                        speaks = true;
                        needs
                            .entry((egress, *ports, peer))
                            .or_default()
                            .insert(flow.because);
                    }
                }
            }
            if meets && !speaks {
                report.push(no_common_family(cx, flow));
                return None;
            }
        }
    }
    match disjoint(&needs) {
        Ok(Some(found)) => Some(Firewall {
            six,
            leases,
            containers: containers(cx, declared),
            accepts: found
                .into_iter()
                .map(|((egress, ports, peer), because)| Accept {
                    egress,
                    ports,
                    peer,
                    because: cx.because_all(because),
                })
                .collect(),
        }),
        Ok(None) => {
            let span = on
                .iter()
                .next_back()
                .and_then(|thing| cx.thing(*thing))
                .map(|thing| thing.span);
            let message = format!("a host firewall would need more than {ELEMENTS_MAX} elements");
            let diagnostic = match span {
                Some(span) => Diagnostic::new(&FIREWALL_TOO_LARGE, span, message),
                None => Diagnostic::global(&FIREWALL_TOO_LARGE, message),
            };
            report.push(diagnostic.help("name fewer separate addresses, or split the class"));
            None
        }
        Err(unanswered) => {
            report.compiler_bug(format!("the packets of a host firewall: {unanswered}"));
            None
        }
    }
}

/// What a flow to a DHCP server says on the own link.
fn lease(
    places: &Places<'_>,
    flow: &Flow,
    ports: &[Ports],
    egress: bool,
    (four, six): (bool, bool),
) -> Option<Lease> {
    let on_premises = [flow.from, flow.to].iter().all(|end| {
        let Endpoint::Thing(thing) = end else { return false };
        let homes = places.homes(*thing);
        !homes.is_empty()
            && homes
                .iter()
                .all(|(_, home)| matches!(home.within, Within::Site(_)))
    });
    let asks = |port: u16| {
        on_premises
            && ports.contains(&Ports {
                protocol: protocol::UDP,
                first: port,
                last: port,
            })
    };
    match egress {
        true if four && asks(67) => Some(Lease::Client4),
        true if six && asks(547) => Some(Lease::Client6),
        false if four && asks(67) => Some(Lease::Server4),
        false if six && asks(547) => Some(Lease::Server6),
        _ => None,
    }
}

fn containers(cx: &Context<'_>, class: &actor::Class) -> Vec<Containers> {
    let mut found = Vec::new();
    for containers in &class.containers {
        let interface = cx.text(containers.interface);
        let because = cx.declared(
            containers.span,
            &format!("the containers behind `{interface}` are the host's own"),
        );
        found.extend(containers.blocks.iter().map(|block| Containers {
            interface: interface.to_owned(),
            block: *block,
            because: because.clone(),
        }));
    }
    found
}

fn is_of_family(number: u8, six: bool) -> bool {
    match number {
        protocol::ICMP => !six,
        protocol::ICMPV6 => six,
        _ => true,
    }
}

/// The same packets as disjoint needs, sorted, each with the reasons of those that it meets; `None` if there are too many.
fn disjoint(
    needs: &BTreeMap<Need, BTreeSet<ReasonId>>,
) -> Result<Option<BTreeMap<Need, BTreeSet<ReasonId>>>, Unanswered> {
    let mut found = BTreeMap::new();
    for egress in [false, true] {
        for family in Family::ALL {
            let six = family == Family::Ipv6;
            let of: Vec<(&Need, &BTreeSet<ReasonId>)> = needs
                .iter()
                .filter(|((out, _, peer), _)| *out == egress && peer.six == six)
                .collect();
            let regions: Vec<Box> = of
                .iter()
                .filter_map(|((_, ports, peer), _)| boxed(family, *ports, *peer))
                .collect();
            let mut packets = Packets::with_budget(family, Order::AddressesFirst, EDGES_MAX);
            let set = packets.boxed_all(&regions)?;
            let Some(boxes) = packets.boxes(set, ELEMENTS_MAX)? else {
                return Ok(None);
            };
            for region in boxes {
                for (ports, peer) in elements(family, &region) {
                    let meets = |(_, other, block): &Need| {
                        other.protocol == ports.protocol
                            && other.first <= ports.last
                            && ports.first <= other.last
                            && block.overlaps(peer)
                    };
                    let because = of
                        .iter()
                        .filter(|(need, _)| meets(need))
                        .flat_map(|(_, because)| because.iter().copied());
                    found.insert((egress, ports, peer), because.collect());
                    if found.len() > ELEMENTS_MAX {
                        return Ok(None);
                    }
                }
            }
        }
    }
    Ok(Some(found))
}

/// The other side stands as the source: of the two addresses of a packet, a host's own is its own.
fn boxed(family: Family, ports: Ports, peer: Block) -> Option<Box> {
    Some(Box {
        protocols: protocol::one(ports.protocol),
        ports: protocol::ports(ports.first, ports.last)?,
        source: Range::new(peer.first, peer.last())?,
        destination: Range::addresses(family),
    })
}

/// A box, protocol by protocol and block by block.
fn elements(family: Family, region: &Box) -> Vec<(Ports, Block)> {
    let low = |value: u128| u16::try_from(value).unwrap_or(u16::MAX);
    let peers = Cidr::cover(family, &[region.source]).unwrap_or_default();
    let mut elements = Vec::new();
    for number in region.protocols.first()..=region.protocols.last() {
        let Ok(number) = u8::try_from(number) else {
            continue;
        };
        for peer in &peers {
            let ports = Ports {
                protocol: number,
                first: low(region.ports.first()),
                last: low(region.ports.last()),
            };
            let peer = Block {
                six: family == Family::Ipv6,
                first: peer.base(),
                prefix_bits: peer.bits(),
            };
            elements.push((ports, peer));
        }
    }
    elements
}

/// Where things live, and what serves them.
struct Places<'a> {
    cx: &'a Context<'a>,
    /// Per network, the segment that holds private endpoints.
    endpoints: BTreeMap<NetworkId, SegmentId>,
}

impl<'a> Places<'a> {
    fn new(cx: &'a Context<'a>) -> Self {
        let mut endpoints = BTreeMap::new();
        for (id, segment) in cx.model.segments.iter() {
            if let (Within::Network(network), Some(_)) = (segment.within, segment.endpoints) {
                endpoints.entry(network).or_insert(id);
            }
        }
        Self { cx, endpoints }
    }

    /// The segments in which a thing has an interface.
    fn homes(&self, thing: ThingId) -> Vec<(SegmentId, &'a Segment)> {
        let Some(thing) = self.cx.thing(thing) else {
            return Vec::new();
        };
        let segments: Vec<SegmentId> = match &thing.detail {
            Detail::Class(class) => class.segments.iter().map(|placed| placed.segment).collect(),
            Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
                (Some(segment), _) => vec![segment],
                (None, Some(RunsOn::Device(class))) => return self.homes(class),
                (None, _) => Vec::new(),
            },
            Detail::Resource => thing.segment.into_iter().collect(),
            Detail::People(_) | Detail::External(_) => Vec::new(),
        };
        segments
            .into_iter()
            .filter_map(|id| Some((id, self.cx.model.segments.get(id)?)))
            .collect()
    }

    /// The addresses of the other end, as a host in this segment meets it.
    fn peers(&self, home: &Segment, other: Endpoint, reach: Reach) -> Vec<Block> {
        match other {
            Endpoint::Thing(thing) => match self.cx.thing(thing).map(|thing| &thing.detail) {
                Some(Detail::External(external)) => external
                    .at
                    .iter()
                    .filter_map(|(address, _)| match address {
                        Address::Block(block) => Some(*block),
                        Address::Host(_) => None,
                    })
                    .collect(),
                Some(Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource) => self
                    .homes(thing)
                    .into_iter()
                    .filter(|(_, segment)| self.are_joined(home.within, segment.within))
                    .flat_map(|(id, segment)| self.cx.addresses.of(thing, id, segment))
                    .collect(),
                None => Vec::new(),
            },
            Endpoint::Service(service) => self.service(home, reach, self.cx.word(service)),
            Endpoint::Addresses(blocks) => self.cx.graph.blocks.get(blocks).cloned().unwrap_or_default(),
            // As the subject of a trust: everybody, whatever is declared.
            Endpoint::Internet => everywhere(),
        }
    }

    /// Where a service is: private endpoints have IPv4 addresses only.
    fn service(&self, home: &Segment, reach: Reach, service: &str) -> Vec<Block> {
        // An endpoint that exists may stand anywhere in its network, and serves what lives there.
        let worn = |network| address::worn_by_endpoint(self.cx.model, network, service).is_some();
        if let Within::Network(own) = home.within
            && worn(own)
            && let Some(network) = self.cx.model.networks.get(own)
        {
            return match reach {
                Reach::Private => vec![network.cidr],
                Reach::Public => Vec::new(),
            };
        }
        let serving: Vec<&Segment> = self
            .endpoints
            .iter()
            .filter(|(network, _)| !worn(**network))
            .filter(|(network, _)| match home.within {
                Within::Network(own) => own == **network,
                Within::Site(_) => {
                    home.exposure != Exposure::Isolated
                        && self.are_joined(home.within, Within::Network(**network))
                }
            })
            .filter_map(|(_, segment)| self.cx.model.segments.get(*segment))
            .collect();
        match reach {
            Reach::Private => serving.iter().map(|segment| segment.cidr).collect(),
            // At some address that nothing declares: what is declared has flows of its own.
            Reach::Public if serving.is_empty() => self.cx.addresses.undeclared().to_vec(),
            Reach::Public => Vec::new(),
        }
    }

    /// Whether packets get from one place to another without the internet.
    fn are_joined(&self, one: Within, other: Within) -> bool {
        let connects = |site, network| {
            let site = self.cx.model.sites.get(site);
            site.is_some_and(|site| site.connects.iter().any(|connects| connects.network == network))
        };
        match (one, other) {
            (Within::Network(a), Within::Network(b)) => a == b,
            (Within::Site(a), Within::Site(b)) => a == b,
            (Within::Site(site), Within::Network(network))
            | (Within::Network(network), Within::Site(site)) => connects(site, network),
        }
    }
}

fn everywhere() -> Vec<Block> {
    [false, true]
        .map(|six| Block {
            six,
            first: 0,
            prefix_bits: 0,
        })
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        let cidr: Cidr = text.parse().unwrap();
        Block {
            six: cidr.family() == Family::Ipv6,
            first: cidr.base(),
            prefix_bits: cidr.bits(),
        }
    }

    fn tcp(first: u16, last: u16) -> Ports {
        Ports {
            protocol: 6,
            first,
            last,
        }
    }

    #[test]
    fn overlapping_needs_become_disjoint_elements() {
        let needs: BTreeMap<Need, BTreeSet<ReasonId>> = [
            ((true, tcp(443, 443), block("10.0.0.0/8")), BTreeSet::new()),
            ((true, tcp(400, 500), block("10.1.0.0/16")), BTreeSet::new()),
            ((false, tcp(443, 443), block("10.0.0.0/8")), BTreeSet::new()),
            ((true, tcp(443, 443), block("fd00::/64")), BTreeSet::new()),
        ]
        .into();
        let found: Vec<Need> = disjoint(&needs).unwrap().unwrap().into_keys().collect();
        for (index, (egress, ports, peer)) in found.iter().enumerate() {
            for (out, others, other) in found.iter().skip(index + 1) {
                let apart = out != egress
                    || others.first > ports.last
                    || others.last < ports.first
                    || !other.overlaps(*peer);
                assert!(apart, "{found:?}");
            }
        }
        let accepts = |egress: bool, port: u16, address: &str| {
            let address = block(address);
            found.iter().any(|(out, ports, peer)| {
                *out == egress && (ports.first..=ports.last).contains(&port) && peer.holds(address)
            })
        };
        assert!(
            accepts(true, 443, "10.2.0.1/32")
                && accepts(true, 500, "10.1.0.1/32")
                && accepts(true, 443, "10.1.0.1/32")
        );
        assert!(
            !accepts(true, 400, "10.2.0.1/32")
                && !accepts(false, 400, "10.1.0.1/32")
                && accepts(false, 443, "10.1.0.1/32")
        );
        assert!(accepts(true, 443, "fd00::1/128") && !accepts(false, 443, "fd00::1/128"));
    }

    #[test]
    fn icmp_keeps_to_its_family() {
        assert!(is_of_family(protocol::ICMP, false) && !is_of_family(protocol::ICMP, true));
        assert!(is_of_family(protocol::ICMPV6, true) && !is_of_family(protocol::ICMPV6, false));
        assert!(is_of_family(6, true) && is_of_family(17, false));
    }
}
