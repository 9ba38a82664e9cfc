//! One host firewall against what its hosts need: the same packets, none more, none less, and no element for nothing.

use std::collections::BTreeMap;

use graph::reason::ReasonId;
use packet::{Box, Packet, Packets, Range, Set, Unanswered, protocol};
use read::facts::host::{Accept, HostFirewall};

use super::super::group::{Context, address, family, port, redundant};
use super::Need;
use crate::because::span_of;
use crate::replay::Replay;
use crate::replay::packet::{Other, Seen, host_lets};
use crate::witness::{Refusal, Sort, Witness};

/// Where a firewall differs from what is needed, a direction and a family at a time.
pub(super) fn compare(
    cx: Context<'_>,
    needs: &BTreeMap<Need, ReasonId>,
    firewall: &HostFirewall,
) -> Result<Vec<Refusal>, Unanswered> {
    let mut refusals = Vec::new();
    for six in [false, true] {
        let mut packets = Packets::new(family(six));
        for egress in [false, true] {
            let mut needed: Vec<(Set, ReasonId)> = Vec::new();
            for (need, because) in needs
                .iter()
                .filter(|(need, _)| need.egress == egress && need.span.six == six)
            {
                let Some(ports) = protocol::ports(need.ports.first, need.ports.last) else {
                    continue;
                };
                needed.push((
                    boxed(
                        &mut packets,
                        egress,
                        protocol::one(need.ports.protocol),
                        ports,
                        need.span.range,
                    )?,
                    *because,
                ));
            }
            let mut granted: Vec<(Set, &Accept)> = Vec::new();
            for accept in firewall
                .accepts
                .iter()
                .filter(|accept| accept.egress == egress && accept.peer.six == six)
            {
                let ports = accept.ports;
                let (Some(range), Some(peer)) = (
                    protocol::ports(ports.first, ports.last),
                    Range::new(accept.peer.first, accept.peer.last),
                ) else {
                    continue;
                };
                let (protocols, range) = if ports.any_protocol {
                    (Range::PROTOCOLS, Range::PORTS)
                } else {
                    (protocol::one(ports.protocol), range)
                };
                granted.push((boxed(&mut packets, egress, protocols, range, peer)?, accept));
            }
            let wanted = packets.union_all(&needed.iter().map(|(set, _)| *set).collect::<Vec<_>>())?;
            let sets: Vec<Set> = granted.iter().map(|(set, _)| *set).collect();
            let accepted = packets.union_all(&sets)?;
            let short = packets.difference(wanted, accepted)?;
            let surplus = packets.difference(accepted, wanted)?;
            if let Some(packet) = packets.witness(short)? {
                let mut because = None;
                for (set, reason) in &needed {
                    if packets.contains(*set, packet)? {
                        because = span_of(cx.checked, *reason);
                        break;
                    }
                }
                refusals.push(
                    refusal(cx, Sort::FallsShort, firewall, needs, (egress, six), packet).declared(because),
                );
            } else if let Some(packet) = packets.witness(surplus)? {
                refusals.push(refusal(cx, Sort::Exceeds, firewall, needs, (egress, six), packet));
            } else {
                for index in redundant(&mut packets, &sets)? {
                    let Some((_, accept)) = granted.get(index) else {
                        continue;
                    };
                    let message = format!(
                        "an element of the host firewall of `{}` is contained in the others",
                        firewall.name()
                    );
                    refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&accept.place));
                }
            }
        }
    }
    Ok(refusals)
}

fn boxed(
    packets: &mut Packets,
    egress: bool,
    protocols: Range,
    ports: Range,
    peer: Range,
) -> Result<Set, Unanswered> {
    let any = Range::addresses(packets.family());
    let (source, destination) = if egress { (any, peer) } else { (peer, any) };
    packets.boxed(&Box {
        protocols,
        ports,
        source,
        destination,
    })
}

fn refusal(
    cx: Context<'_>,
    sort: Sort,
    firewall: &HostFirewall,
    needs: &BTreeMap<Need, ReasonId>,
    (egress, six): (bool, bool),
    packet: Packet,
) -> Refusal {
    let number = if egress { packet.destination } else { packet.source };
    let deciding = firewall.accepts.iter().find(|accept| {
        let ports = accept.ports;
        accept.egress == egress
            && accept.peer.six == six
            && (ports.any_protocol
                || (ports.protocol == packet.protocol && (ports.first..=ports.last).contains(&packet.port)))
            && (accept.peer.first..=accept.peer.last).contains(&number)
    });
    let other = address(six, number);
    let way = if egress { "to" } else { "from" };
    let what = port(packet.protocol, packet.port);
    let message = match sort {
        Sort::Exceeds => format!(
            "the host firewall of `{}` accepts {what} {way} `{other}`, which no trust declares",
            firewall.name()
        ),
        _ => format!(
            "the host firewall of `{}` drops {what} {way} `{other}`, which is declared",
            firewall.name()
        ),
    };
    let (from, to) = if egress {
        (firewall.name(), other)
    } else {
        (other, firewall.name())
    };
    let witness = Witness::Packet {
        guard: format!("host firewall of {}", firewall.name()),
        from,
        to,
        protocol: packet.protocol,
        port: packet.port,
        six,
    };
    let seen = Seen {
        egress,
        six,
        other: Other::Address(number),
        protocol: packet.protocol,
        port: packet.port,
    };
    let is_needed = needs.keys().any(|need| {
        need.egress == egress
            && need.span.six == six
            && need.span.range.first() <= number
            && number <= need.span.range.last()
            && seen.is_on(&[need.ports])
    });
    Refusal::new(sort, cx.target, message)
        .witness(
            witness,
            Replay::of_passing(sort, host_lets(firewall, &seen), is_needed),
        )
        .at(deciding.map_or(&firewall.place, |accept| &accept.place))
}
