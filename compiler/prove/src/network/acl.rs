//! Network ACLs: every subnet has one, and it lets through what crosses its boundary.
//!
//! An ACL sees addresses and no state, so it is coarse: it permits a flow for every address of its segment, and replies to
//! every port from which a caller may open. Within that it is exact, as long as the exact set takes no more entries than
//! an ACL holds; beyond that each of its needs may be widened to the network or the site in which its addresses lie.
//! Groups close the difference.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::limits::Limits;
use model::place::{Network, NetworkId, SegmentId};
use packet::cidr::Cidr;
use packet::{Box, Packet, Packets, Range, Set, Unanswered, protocol};
use read::facts::network::{Acl, AclEntry};

use super::group::{Context, address, family, port, redundant};
use super::intent::{Crossing, Share};
use super::stand::Span;
use crate::because::span_of;
use crate::replay::Replay;
use crate::replay::packet::{Other, Seen, acl_lets, deciding};
use crate::verified::Coarse;
use crate::witness::{Refusal, Sort, Witness};

/// The limit on entries of one direction and family.
const LIMIT: &str = "ec2.network-acl.rules";

/// Why an ACL is on the list of coarse guards.
const WHY: &str = "it sees addresses and no state: any address of the segment, and replies to any port from which callers open";
/// Likewise, where it is wider than that.
const WHY_WIDE: &str = "its exact entries would be more than it holds: addresses are widened to the network or the site; groups are exact";

/// A protocol for experiments (RFC 3692), which nobody declares.
const EXPERIMENT: u8 = 253;

/// Compares the ACLs of one created network.
pub(super) fn acls(
    cx: Context<'_>,
    (id, network): (NetworkId, &Network),
    share: &Share<'_>,
    acls: &[Acl],
    coarse: &mut Vec<Coarse>,
) -> (u64, Vec<Refusal>) {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let at = graph.addresses.networks.get(&id).map_or("", String::as_str);
    let mut by_subnet: BTreeMap<&str, Vec<&Acl>> = BTreeMap::new();
    for acl in acls {
        for subnet in &acl.subnets {
            by_subnet.entry(subnet).or_default().push(acl);
        }
    }
    let mut refusals = Vec::new();
    let mut judged: BTreeSet<(SegmentId, usize)> = BTreeSet::new();
    let mut entries = 0;
    let nothing = BTreeMap::new();
    for segment in &network.segments {
        let needs = share.crossings.get(segment).unwrap_or(&nothing);
        for subnet in graph
            .addresses
            .subnets
            .get(segment)
            .map_or(&[][..], Vec::as_slice)
        {
            let found = by_subnet.get(subnet.as_str()).map_or(&[][..], Vec::as_slice);
            let [acl] = found else {
                let message = format!(
                    "subnet `{subnet}` has {} network ACLs of its own: without one it has the network's default, which lets everything through",
                    found.len()
                );
                let refusal = Refusal::new(Sort::Exceeds, cx.target, message);
                refusals.push(if found.is_empty() {
                    unguarded(refusal, subnet, needs)
                } else {
                    refusal
                });
                continue;
            };
            if acl.network != at {
                let message = format!(
                    "the network ACL of subnet `{subnet}` belongs to another network, `{}`",
                    acl.network
                );
                refusals.push(Refusal::new(Sort::FallsShort, cx.target, message).at(&acl.place));
            }
            // One ACL for several subnets of a segment is judged once.
            let index = acls
                .iter()
                .position(|other| std::ptr::eq(other, *acl))
                .unwrap_or(usize::MAX);
            if !judged.insert((*segment, index)) {
                continue;
            }
            entries += acl.entries.len() as u64;
            let name = model
                .segments
                .get(*segment)
                .map_or("", |segment| model.names.text(segment.name));
            match segment_acl(cx, (name, network), needs, acl) {
                Ok((wide, found)) => {
                    refusals.extend(found);
                    coarse.push(Coarse {
                        guard: format!("acl of {name} in {at}"),
                        why: if wide { WHY_WIDE } else { WHY },
                    });
                }
                Err(why) => {
                    let message = format!("the network ACL of segment `{name}`: {why}");
                    refusals.push(Refusal::new(Sort::NotDecided, cx.target, message).at(&acl.place));
                }
            }
        }
    }
    (entries, refusals)
}

/// An ACL that serves no subnet of the network, whatever it says.
pub(super) fn unused(cx: Context<'_>, acls: &[Acl], subnets: &BTreeSet<&str>) -> Vec<Refusal> {
    let is_unused = |acl: &&Acl| {
        acl.subnets.is_empty() || !acl.subnets.iter().all(|subnet| subnets.contains(subnet.as_str()))
    };
    acls.iter()
        .filter(is_unused)
        .map(|acl| {
            Refusal::new(
                Sort::Idle,
                cx.target,
                "a network ACL guards no subnet that is declared",
            )
            .at(&acl.place)
        })
        .collect()
}

/// A packet that the network's default lets through, and that nothing needs: of a protocol that nobody declares, if there is one.
fn unguarded(refusal: Refusal, subnet: &str, needs: &BTreeMap<Crossing, graph::reason::ReasonId>) -> Refusal {
    let needs: Vec<Crossing> = needs.keys().copied().collect();
    let packet = |protocol| Seen {
        egress: false,
        six: false,
        other: Other::Address(0),
        protocol,
        port: 0,
    };
    let Some(seen) = [protocol::TCP, protocol::UDP, protocol::ICMP, EXPERIMENT]
        .map(packet)
        .into_iter()
        .find(|seen| !is_needed(&needs, seen))
    else {
        return refusal;
    };
    let witness = Witness::Packet {
        guard: subnet.to_owned(),
        from: address(false, 0),
        to: subnet.to_owned(),
        protocol: seen.protocol,
        port: seen.port,
        six: seen.six,
    };
    // The default lets everything through.
    let replay = Replay::of_passing(refusal.sort, true, is_needed(&needs, &seen));
    refusal.witness(witness, replay)
}

/// How many entries an ACL of this network's account takes.
fn entries_max(cx: Context<'_>, network: &Network) -> u64 {
    let model = cx.checked.model();
    let account = model.accounts.get(network.account);
    let mut granted = account.into_iter().flat_map(|account| &account.quotas);
    match granted.find(|quota| model.names.text(quota.limit) == LIMIT) {
        Some(quota) => quota.value,
        None => Limits::embedded().get(LIMIT).map_or(0, |limit| limit.value),
    }
}

fn segment_acl(
    cx: Context<'_>,
    segment: (&str, &Network),
    needs: &BTreeMap<Crossing, graph::reason::ReasonId>,
    acl: &Acl,
) -> Result<(bool, Vec<Refusal>), Unanswered> {
    let mut refusals = Vec::new();
    let mut is_wide = false;
    let mut idle: BTreeSet<usize> = (0..acl.entries.len()).collect();
    for egress in [false, true] {
        // An ACL is widened in both families or in none: what counts is whether the exact one would fit.
        let own: Vec<(Crossing, graph::reason::ReasonId)> = needs
            .iter()
            .filter(|(crossing, _)| crossing.egress == egress)
            .map(|(crossing, because)| (*crossing, *because))
            .collect();
        let most = entries_max(cx, segment.1);
        let fits = [false, true].iter().all(|six| {
            entries_needed(
                own.iter()
                    .map(|(crossing, _)| *crossing)
                    .filter(|crossing| crossing.span.six == *six),
            ) <= most
        });
        is_wide |= !fits;
        for six in [false, true] {
            let mut packets = Packets::new(family(six));
            let (mut must, mut may) = (Vec::new(), Vec::new());
            let mut most: Vec<Crossing> = Vec::new();
            for (crossing, because) in own.iter().filter(|(crossing, _)| crossing.span.six == six) {
                let set = boxed(&mut packets, *crossing, crossing.span)?;
                must.push((set, *because));
                let span = if fits {
                    crossing.span
                } else {
                    widened(cx, segment.1, crossing.span)
                };
                most.push(Crossing { span, ..*crossing });
                may.push(if fits {
                    set
                } else {
                    boxed(&mut packets, *crossing, span)?
                });
            }
            let needed = packets.union_all(&must.iter().map(|(set, _)| *set).collect::<Vec<_>>())?;
            let allowed = packets.union_all(&may)?;
            let entries: Vec<(usize, &AclEntry)> = acl
                .entries
                .iter()
                .enumerate()
                .filter(|(_, entry)| entry.egress == egress && entry.block.six == six)
                .collect();
            let permitted = permitted(&mut packets, entries.iter().map(|(_, entry)| *entry))?;
            let short = packets.difference(needed, permitted)?;
            if let Some(packet) = packets.witness(short)? {
                let mut because = None;
                for (set, reason) in &must {
                    if packets.contains(*set, packet)? {
                        because = Some(*reason);
                        break;
                    }
                }
                let exact: Vec<Crossing> = own.iter().map(|(crossing, _)| *crossing).collect();
                let refusal = refusal(
                    cx,
                    Sort::FallsShort,
                    segment.0,
                    (acl, &exact),
                    (egress, six),
                    packet,
                    "does not let through",
                    "which a declared flow or its reply needs",
                );
                refusals.push(refusal.declared(because.and_then(|because| span_of(cx.checked, because))));
                continue;
            }
            let surplus = packets.difference(permitted, allowed)?;
            if let Some(packet) = packets.witness(surplus)? {
                refusals.push(refusal(
                    cx,
                    Sort::Exceeds,
                    segment.0,
                    (acl, &most),
                    (egress, six),
                    packet,
                    "lets through",
                    "which belongs to no declared flow",
                ));
                continue;
            }
            for (index, _) in necessary(&mut packets, &entries)? {
                idle.remove(&index);
            }
        }
    }
    if refusals.is_empty() {
        for index in idle {
            let Some(entry) = acl.entries.get(index) else {
                continue;
            };
            let message = format!(
                "entry {} of the network ACL of segment `{}` changes nothing",
                entry.number, segment.0
            );
            refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&entry.place));
        }
    }
    Ok((is_wide, refusals))
}

/// Entries whose removal changes what is permitted.
fn necessary<'e>(
    packets: &mut Packets,
    entries: &[(usize, &'e AclEntry)],
) -> Result<Vec<(usize, &'e AclEntry)>, Unanswered> {
    if entries.iter().all(|(_, entry)| entry.allow) {
        let mut sets = Vec::with_capacity(entries.len());
        for (_, entry) in entries {
            sets.push(matched(packets, entry)?);
        }
        let contained = redundant(packets, &sets)?;
        return Ok(entries
            .iter()
            .enumerate()
            .filter(|(at, _)| !contained.contains(at))
            .map(|(_, entry)| *entry)
            .collect());
    }
    let whole = permitted(packets, entries.iter().map(|(_, entry)| *entry))?;
    let mut found = Vec::new();
    for left_out in entries {
        let without = permitted(
            packets,
            entries
                .iter()
                .filter(|(index, _)| *index != left_out.0)
                .map(|(_, entry)| *entry),
        )?;
        if without != whole {
            found.push(*left_out);
        }
    }
    Ok(found)
}

/// What a list permits: the first entry that matches decides, and what none matches is denied.
fn permitted<'e>(
    packets: &mut Packets,
    entries: impl Iterator<Item = &'e AclEntry>,
) -> Result<Set, Unanswered> {
    let mut entries: Vec<&AclEntry> = entries.collect();
    entries.sort_by_key(|entry| entry.number);
    let mut permitted = Set::EMPTY;
    for entry in entries.into_iter().rev() {
        let set = matched(packets, entry)?;
        permitted = if entry.allow {
            packets.union(permitted, set)?
        } else {
            packets.difference(permitted, set)?
        };
    }
    Ok(permitted)
}

fn matched(packets: &mut Packets, entry: &AclEntry) -> Result<Set, Unanswered> {
    let ports = entry.ports;
    let (protocols, range) = if ports.any_protocol {
        (Range::PROTOCOLS, Range::PORTS)
    } else {
        let Some(range) = protocol::ports(ports.first, ports.last) else {
            return Ok(Set::EMPTY);
        };
        (protocol::one(ports.protocol), range)
    };
    let Some(span) = Range::new(entry.block.first, entry.block.last) else {
        return Ok(Set::EMPTY);
    };
    let any = Range::addresses(packets.family());
    let (source, destination) = if entry.egress { (any, span) } else { (span, any) };
    packets.boxed(&Box {
        protocols,
        ports: range,
        source,
        destination,
    })
}

fn boxed(packets: &mut Packets, crossing: Crossing, span: Span) -> Result<Set, Unanswered> {
    let Some(ports) = protocol::ports(crossing.ports.first, crossing.ports.last) else {
        return Ok(Set::EMPTY);
    };
    let any = Range::addresses(packets.family());
    let (source, destination) = if crossing.egress {
        (any, span.range)
    } else {
        (span.range, any)
    };
    packets.boxed(&Box {
        protocols: protocol::one(crossing.ports.protocol),
        ports,
        source,
        destination,
    })
}

/// The network or the site that holds these addresses; they themselves if none does.
fn widened(cx: Context<'_>, network: &Network, span: Span) -> Span {
    let sites = cx
        .checked
        .model()
        .sites
        .iter()
        .flat_map(|(_, site)| [Some(site.cidr), site.cidr6]);
    let places = [Some(network.cidr), network.cidr6]
        .into_iter()
        .chain(sites)
        .flatten()
        .map(Span::of);
    places
        .into_iter()
        .find(|place| place.six == span.six && place.range.covers(span.range))
        .unwrap_or(span)
}

/// How many disjoint entries it takes to say some crossings of one direction and family exactly: ports are cut where the
/// addresses change, addresses are the fewest blocks, and a block that goes on in the next stretch of ports is one entry.
fn entries_needed(crossings: impl Iterator<Item = Crossing>) -> u64 {
    let mut by_protocol: BTreeMap<u8, Vec<Crossing>> = BTreeMap::new();
    for crossing in crossings {
        by_protocol
            .entry(crossing.ports.protocol)
            .or_default()
            .push(crossing);
    }
    let mut needed = 0;
    for crossings in by_protocol.values() {
        let mut bounds: BTreeSet<u32> = BTreeSet::new();
        for crossing in crossings {
            bounds.extend([
                u32::from(crossing.ports.first),
                u32::from(crossing.ports.last) + 1,
            ]);
        }
        let mut before: BTreeSet<Cidr> = BTreeSet::new();
        for start in bounds {
            let here = crossings.iter().filter(|crossing| {
                u32::from(crossing.ports.first) <= start && start <= u32::from(crossing.ports.last)
            });
            let spans: Vec<Span> = here.map(|crossing| crossing.span).collect();
            let ranges: Vec<Range> = spans.iter().map(|span| span.range).collect();
            let six = spans.first().is_some_and(|span| span.six);
            let blocks: BTreeSet<Cidr> = Cidr::cover(family(six), &ranges)
                .unwrap_or_default()
                .into_iter()
                .collect();
            needed += blocks.difference(&before).count() as u64;
            before = blocks;
        }
    }
    needed
}

#[expect(clippy::too_many_arguments, reason = "the parts of one sentence")]
fn refusal(
    cx: Context<'_>,
    sort: Sort,
    segment: &str,
    (acl, needs): (&Acl, &[Crossing]),
    (egress, six): (bool, bool),
    packet: Packet,
    verb: &str,
    why: &str,
) -> Refusal {
    let number = if egress { packet.destination } else { packet.source };
    let other = address(six, number);
    let way = if egress { "to" } else { "from" };
    let message = format!(
        "the network ACL of segment `{segment}` {verb} {} {way} `{other}`, {why}",
        port(packet.protocol, packet.port)
    );
    let (from, to) = if egress {
        (segment.to_owned(), other)
    } else {
        (other, segment.to_owned())
    };
    let witness = Witness::Packet {
        guard: format!("acl of {segment}"),
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
    let replay = Replay::of_passing(sort, acl_lets(acl, &seen), is_needed(needs, &seen));
    Refusal::new(sort, cx.target, message)
        .witness(witness, replay)
        .at(deciding(acl, &seen).map_or(&acl.place, |entry| &entry.place))
}

/// Whether something crosses the boundary so.
fn is_needed(needs: &[Crossing], packet: &Seen<'_>) -> bool {
    needs.iter().any(|need| {
        let Other::Address(at) = packet.other else {
            return false;
        };
        need.egress == packet.egress
            && need.span.six == packet.six
            && need.span.range.first() <= at
            && at <= need.span.range.last()
            && packet.is_on(&[need.ports])
    })
}
