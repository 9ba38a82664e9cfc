//! Needs of a host as disjoint elements: what a set of intervals can hold.

use std::collections::{BTreeMap, BTreeSet};

use graph::reason::ReasonId;
use model::value::{Block, Ports};
use packet::cidr::Cidr;
use packet::{Box, EDGES_MAX, Family, Order, Packets, Range, Unanswered, protocol};

use super::{ELEMENTS_MAX, Need};

/// The same packets as disjoint needs, sorted, each with the reasons of those that it meets; `None` if there are too many.
pub(super) fn disjoint(
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
}
