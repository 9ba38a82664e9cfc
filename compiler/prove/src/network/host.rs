//! Host firewalls of Linux classes: each accepts exactly the connections that its class opens and admits.
//!
//! A host firewall knows addresses only: the other side is those that it says, or the segment in which it lives; a service
//! is the segment that holds the private endpoints, or, over the internet, every address that nothing declares.

use std::collections::{BTreeMap, BTreeSet};

use checks::Checked;
use graph::access::Pairs;
use graph::flow::Endpoint;
use graph::reason::ReasonId;
use model::actor::{Hardware, RunsOn};
use model::thing::{Detail, ThingId};
use model::value::Ports;
use packet::{Box, Packet, Packets, Range, Set, Unanswered, protocol};
use pattern::region::Region;
use rayon::prelude::*;
use read::facts::host::{Accept, HostFirewall, Lease};

use super::frame::{Frame, said_on_link};
use super::group::{Context, address, family, port, redundant};
use super::intent::in_family;
use super::stand::{Span, Stand, Stands};
use crate::because::span_of;
use crate::replay::Replay;
use crate::replay::packet::{Other, Seen, host_lets};
use crate::verified::Coarse;
use crate::witness::{Refusal, Sort, Witness};

/// Why a host firewall is on the list of coarse guards.
const WHY: &str = "it knows addresses only: the other side is whoever has its addresses";

/// One set of packets that a host needs to exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Need {
    egress: bool,
    span: Span,
    ports: Ports,
}

/// The Linux classes, with what runs on each.
pub(super) fn linux_hosts(checked: &Checked<'_>) -> BTreeMap<ThingId, BTreeSet<ThingId>> {
    let model = checked.model();
    let mut hosts: BTreeMap<ThingId, BTreeSet<ThingId>> = BTreeMap::new();
    for (id, thing) in model.things.iter() {
        if let Detail::Class(class) = &thing.detail
            && class
                .hardware
                .is_some_and(|(hardware, _)| hardware == Hardware::Linux)
        {
            hosts.entry(id).or_default().insert(id);
        }
    }
    for (id, thing) in model.things.iter() {
        if let Detail::Workload(workload) = &thing.detail
            && let Some(RunsOn::Device(class)) = workload.runs_on
            && let Some(on) = hosts.get_mut(&class)
        {
            on.insert(id);
        }
    }
    hosts
}

/// Compares the host firewalls of a target.
pub(super) fn hosts(
    cx: Context<'_>,
    stands: &Stands<'_>,
    firewalls: &[HostFirewall],
    coarse: &mut Vec<Coarse>,
) -> (u64, Vec<Refusal>) {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let hosts = linux_hosts(cx.checked);
    let mut class_of: BTreeMap<ThingId, ThingId> = BTreeMap::new();
    for (class, on) in &hosts {
        class_of.extend(on.iter().map(|thing| (*thing, *class)));
    }
    let mut needs: BTreeMap<ThingId, BTreeMap<Need, ReasonId>> = BTreeMap::new();
    let mut leases: BTreeMap<ThingId, BTreeSet<Lease>> = BTreeMap::new();
    let mut refused = Vec::new();
    for flow in &graph.flows {
        let class = |end| match end {
            Endpoint::Thing(thing) => class_of.get(&thing).copied(),
            Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet => None,
        };
        let (from, to) = (class(flow.from), class(flow.to));
        if from.is_none() && to.is_none() {
            continue;
        }
        // What a member sends to itself never leaves it, so that `others` is every pair that a host sees.
        let is_told = matches!(graph.pairs.get(flow.pairs), Some(Pairs::All | Pairs::Others))
            && graph.regions.get(flow.when).is_some_and(Region::is_everything);
        if !is_told {
            let message =
                "a flow keeps members of two classes apart, or has a condition, which no host firewall sees";
            let because = span_of(cx.checked, flow.because);
            refused.push(Refusal::new(Sort::NotDecided, cx.target, message).declared(because));
        }
        let ports = graph.ports.get(flow.ports).map_or(&[][..], Vec::as_slice);
        for (a, b) in stands.meetings(flow) {
            for (class, own, gives) in [(from, &a, false), (to, &b, true)] {
                if let Some(class) = class {
                    let said = said_on_link(ports, [&a, &b], own, gives);
                    leases.entry(class).or_default().extend(said);
                }
            }
            for (class, own, other, egress) in [(from, &a, &b, true), (to, &b, &a, false)] {
                let Some(class) = class else { continue };
                let of = needs.entry(class).or_default();
                for span in spans(own, other) {
                    for ports in ports.iter().filter(|ports| in_family(**ports, span.six)) {
                        of.entry(Need {
                            egress,
                            span,
                            ports: *ports,
                        })
                        .or_insert(flow.because);
                    }
                }
            }
        }
    }
    let mut by_class: BTreeMap<&str, Vec<&HostFirewall>> = BTreeMap::new();
    for firewall in firewalls {
        by_class.entry(&firewall.class).or_default().push(firewall);
    }
    let nothing = BTreeMap::new();
    let tasks: Vec<(&str, &BTreeMap<Need, ReasonId>, Frame)> = hosts
        .keys()
        .filter_map(|class| {
            let thing = model.things.get(*class)?;
            let Detail::Class(declared) = &thing.detail else {
                return None;
            };
            Some((
                model.names.text(thing.name),
                needs.get(class).unwrap_or(&nothing),
                Frame::of(
                    model,
                    stands.of_thing(*class),
                    declared,
                    leases.remove(class).unwrap_or_default(),
                ),
            ))
        })
        .collect();
    let compared: Vec<Refusal> = tasks
        .par_iter()
        .flat_map_iter(|(class, needs, frame)| {
            let found = by_class.get(class).map_or(&[][..], Vec::as_slice);
            let [firewall] = found else {
                let sort = if found.is_empty() {
                    Sort::FallsShort
                } else {
                    Sort::Idle
                };
                return vec![Refusal::new(
                    sort,
                    cx.target,
                    format!(
                        "class `{class}` has {} host firewalls, and needs one",
                        found.len()
                    ),
                )];
            };
            let found = one(cx, needs, firewall).unwrap_or_else(|why| {
                vec![
                    Refusal::new(
                        Sort::NotDecided,
                        cx.target,
                        format!("the host firewall of `{class}`: {why}"),
                    )
                    .at(&firewall.place),
                ]
            });
            found.into_iter().chain(frame.compare(cx, firewall)).collect()
        })
        .collect();
    let mut refusals = refused;
    refusals.extend(compared);
    for (class, ..) in &tasks {
        coarse.push(Coarse {
            guard: format!("host firewall of {class}"),
            why: WHY,
        });
    }
    for firewall in firewalls
        .iter()
        .filter(|firewall| !tasks.iter().any(|(class, ..)| *class == firewall.class))
    {
        let message = format!(
            "a host firewall of `{}`, which is no declared Linux class",
            firewall.class
        );
        refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&firewall.place));
    }
    (tasks.len() as u64, refusals)
}

/// The addresses of the other side, in the families that both have.
fn spans<'s>(own: &'s Stand, other: &'s Stand) -> impl Iterator<Item = Span> {
    let of = |stand: &'s Stand| -> &'s [Span] {
        match stand {
            Stand::Interface { addresses, .. } | Stand::Host { addresses, .. } => addresses,
            Stand::Public(spans) | Stand::Inside(spans) => spans,
        }
    };
    let own = of(own);
    let is_own = move |span: &Span| own.iter().any(|own| own.six == span.six);
    of(other).iter().copied().filter(is_own)
}

fn one(
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
                        firewall.class
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
            firewall.class
        ),
        _ => format!(
            "the host firewall of `{}` drops {what} {way} `{other}`, which is declared",
            firewall.class
        ),
    };
    let (from, to) = if egress {
        (firewall.class.clone(), other)
    } else {
        (other, firewall.class.clone())
    };
    let witness = Witness::Packet {
        guard: format!("host firewall of {}", firewall.class),
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
