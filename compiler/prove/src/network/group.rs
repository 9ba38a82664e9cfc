//! Clauses 1 and 5 for groups: each permits exactly its share, and no rule of it is contained in the others.
//!
//! A rule's other side is either a group or addresses, and the two are compared apart: a group is a symbol, which stands for
//! interfaces wherever they are, and addresses are what they are, whoever has them. Both families are compared, since a
//! group that is silent about one closes it.

use std::collections::BTreeMap;

use checks::Checked;
use packet::{Box, Family, Packet, Packets, Range, Set, Unanswered, protocol};
use rayon::prelude::*;
use read::facts::network::{Group, GroupRule, Peer};

use super::intent::{Intent, Need, Other, in_family};
use super::stand::Span;
use crate::because::span_of;
use crate::replay::packet::{Seen, group_lets};
use crate::replay::{self, Replay};
use crate::witness::{Refusal, Sort, Witness};

/// What is the same for all groups of a target.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) checked: &'a Checked<'a>,
    pub(super) target: &'static str,
}

/// What was compared.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) groups: u64,
    pub(super) rules: u64,
    pub(super) needs: u64,
}

/// Compares every group of every network.
pub(super) fn groups(
    cx: Context<'_>,
    intent: &Intent<'_>,
    groups: &[Group],
    defaults: &[(String, String)],
) -> (Counts, Vec<Refusal>) {
    let mut emitted: BTreeMap<&str, Vec<&Group>> = BTreeMap::new();
    for group in groups {
        emitted.entry(&group.address).or_default().push(group);
    }
    let mut tasks: Vec<(&str, &str, &[Need<'_>])> = Vec::new();
    for (id, share) in &intent.networks {
        let network = cx
            .checked
            .graph()
            .addresses
            .networks
            .get(id)
            .map_or("", String::as_str);
        tasks.extend(
            share
                .groups
                .iter()
                .map(|(address, needs)| (network, &**address, needs.as_slice())),
        );
    }
    tasks.extend(
        defaults
            .iter()
            .map(|(network, address)| (&**network, &**address, &[][..])),
    );
    let counts = Counts {
        groups: groups.len() as u64,
        rules: groups.iter().map(|group| group.rules.len() as u64).sum(),
        needs: tasks.iter().map(|(_, _, needs)| needs.len() as u64).sum(),
    };
    let mut refusals: Vec<Refusal> = tasks
        .par_iter()
        .flat_map_iter(|(network, address, needs)| {
            let found = emitted.get(address).map_or(&[][..], Vec::as_slice);
            one(cx, network, address, needs, found)
        })
        .collect();
    let known: std::collections::BTreeSet<&str> = tasks.iter().map(|(_, address, _)| *address).collect();
    for group in groups
        .iter()
        .filter(|group| !known.contains(group.address.as_str()))
    {
        let message = format!(
            "group `{}` is the identity of nothing that is declared",
            group.address
        );
        refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&group.place));
    }
    (counts, refusals)
}

fn one(cx: Context<'_>, network: &str, address: &str, needs: &[Need<'_>], found: &[&Group]) -> Vec<Refusal> {
    let [group] = found else {
        let (sort, message) = match found {
            [] => (Sort::FallsShort, format!("group `{address}` is not made")),
            [..] => (
                Sort::Idle,
                format!("group `{address}` is made {} times", found.len()),
            ),
        };
        let refusal = Refusal::new(sort, cx.target, message);
        return vec![match (found.last(), needs.first()) {
            (Some(last), _) => refusal.at(&last.place),
            (None, Some(need)) => refusal.declared(span_of(cx.checked, need.because)),
            (None, None) => refusal,
        }];
    };
    if group.network != network {
        let message = format!(
            "group `{address}` is made in `{}` and belongs to `{network}`",
            group.network
        );
        return vec![Refusal::new(Sort::FallsShort, cx.target, message).at(&group.place)];
    }
    let compared = Compared::new(cx, group, needs).and_then(|mut compared| compared.run());
    match compared {
        Ok(refusals) => refusals,
        Err(why) => vec![
            Refusal::new(Sort::NotDecided, cx.target, format!("group `{address}`: {why}")).at(&group.place),
        ],
    }
}

/// Rules and needs that can meet: one direction, one family, one peer group or all addresses.
#[derive(Default)]
struct Cell<'a> {
    needs: Vec<(&'a Need<'a>, Span)>,
    rules: Vec<(&'a GroupRule, Span)>,
}

/// What a cell is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Subject<'a> {
    egress: bool,
    six: bool,
    /// `None` for addresses.
    peer: Option<&'a str>,
}

struct Compared<'a> {
    cx: Context<'a>,
    group: &'a Group,
    needs: &'a [Need<'a>],
    cells: BTreeMap<Subject<'a>, Cell<'a>>,
    four: Packets,
    six: Packets,
    refusals: Vec<Refusal>,
}

impl<'a> Compared<'a> {
    fn new(cx: Context<'a>, group: &'a Group, needs: &'a [Need<'a>]) -> Result<Self, Unanswered> {
        let mut cells: BTreeMap<Subject<'a>, Cell<'a>> = BTreeMap::new();
        let mut refusals = Vec::new();
        for need in needs {
            // A group stands for addresses of both families; one comparison decides both.
            let (peer, span) = match &need.peer {
                Other::Group(peer) => (Some(&**peer), Span::all(false)),
                Other::Span(span) => (None, *span),
            };
            let subject = Subject {
                egress: need.egress,
                six: span.six,
                peer,
            };
            cells.entry(subject).or_default().needs.push((need, span));
        }
        for rule in &group.rules {
            let (peer, span) = match &rule.peer {
                Peer::Group(peer) => (Some(peer.as_str()), Span::all(false)),
                Peer::Block(block) => {
                    let Some(range) = Range::new(block.first, block.last) else {
                        continue;
                    };
                    (
                        None,
                        Span {
                            six: block.six,
                            range,
                        },
                    )
                }
                Peer::PrefixList(name) => {
                    let message = format!(
                        "a rule of group `{}` names the provider's list `{name}`, whose addresses are not known",
                        group.address
                    );
                    refusals.push(Refusal::new(Sort::NotDecided, cx.target, message).at(&rule.place));
                    continue;
                }
            };
            let subject = Subject {
                egress: rule.egress,
                six: span.six,
                peer,
            };
            cells.entry(subject).or_default().rules.push((rule, span));
        }
        let (four, six) = (Packets::new(Family::Ipv4), Packets::new(Family::Ipv6));
        Ok(Self {
            cx,
            group,
            needs,
            cells,
            four,
            six,
            refusals,
        })
    }

    fn run(&mut self) -> Result<Vec<Refusal>, Unanswered> {
        let mut found = std::mem::take(&mut self.refusals);
        for (subject, cell) in std::mem::take(&mut self.cells) {
            self.cell(&subject, &cell, &mut found)?;
        }
        Ok(found)
    }

    fn cell(
        &mut self,
        subject: &Subject<'a>,
        cell: &Cell<'a>,
        found: &mut Vec<Refusal>,
    ) -> Result<(), Unanswered> {
        let packets = if subject.six {
            &mut self.six
        } else {
            &mut self.four
        };
        let mut needed: Vec<(Set, &Need<'_>)> = Vec::with_capacity(cell.needs.len());
        for (need, span) in &cell.needs {
            for ports in need
                .ports
                .iter()
                .filter(|ports| subject.peer.is_some() || in_family(**ports, subject.six))
            {
                let Some(range) = protocol::ports(ports.first, ports.last) else {
                    continue;
                };
                needed.push((
                    boxed(packets, subject, protocol::one(ports.protocol), range, *span)?,
                    need,
                ));
            }
        }
        let mut granted: Vec<(Set, &GroupRule)> = Vec::with_capacity(cell.rules.len());
        for (rule, span) in &cell.rules {
            let ports = rule.ports;
            let (protocols, range) = if ports.any_protocol {
                (Range::PROTOCOLS, Range::PORTS)
            } else {
                let Some(range) = protocol::ports(ports.first, ports.last) else {
                    continue;
                };
                (protocol::one(ports.protocol), range)
            };
            granted.push((boxed(packets, subject, protocols, range, *span)?, rule));
        }
        let all = |sets: &[Set], packets: &mut Packets| packets.union_all(sets);
        let needs = all(&needed.iter().map(|(set, _)| *set).collect::<Vec<_>>(), packets)?;
        let grants = all(&granted.iter().map(|(set, _)| *set).collect::<Vec<_>>(), packets)?;
        let short = packets.difference(needs, grants)?;
        if let Some(packet) = packets.witness(short)? {
            let mut because = None;
            for (set, need) in &needed {
                if packets.contains(*set, packet)? {
                    because = Some(need.because);
                    break;
                }
            }
            let message = format!(
                "group `{}` does not let through {}, which is declared",
                self.group.address,
                shown(subject, packet)
            );
            found.push(
                self.refusal(Sort::FallsShort, subject, packet, message)
                    .declared(because.and_then(|because| span_of(self.cx.checked, because))),
            );
            return Ok(());
        }
        let surplus = packets.difference(grants, needs)?;
        if let Some(packet) = packets.witness(surplus)? {
            let mut place = None;
            for (set, rule) in &granted {
                if packets.contains(*set, packet)? {
                    place = Some(&rule.place);
                    break;
                }
            }
            let message = format!(
                "group `{}` lets through {}, which no trust declares",
                self.group.address,
                shown(subject, packet)
            );
            let refusal = self.refusal(Sort::Exceeds, subject, packet, message);
            found.push(match place {
                Some(place) => refusal.at(place),
                None => refusal,
            });
            return Ok(());
        }
        let sets: Vec<Set> = granted.iter().map(|(set, _)| *set).collect();
        for index in redundant(packets, &sets)? {
            let Some((_, rule)) = granted.get(index) else {
                continue;
            };
            let message = format!(
                "a rule of group `{}` is contained in the others",
                self.group.address
            );
            found.push(Refusal::new(Sort::Idle, self.cx.target, message).at(&rule.place));
        }
        Ok(())
    }

    fn refusal(&self, sort: Sort, subject: &Subject<'_>, packet: Packet, message: String) -> Refusal {
        let other = match subject.peer {
            Some(peer) => peer.to_owned(),
            None => address(subject.six, packet.at_other(subject.egress)),
        };
        let own = self.group.address.clone();
        let (from, to) = if subject.egress {
            (own, other)
        } else {
            (other, own)
        };
        let witness = Witness::Packet {
            guard: self.group.address.clone(),
            from,
            to,
            protocol: packet.protocol,
            port: packet.port,
            six: subject.six,
        };
        let seen = Seen {
            egress: subject.egress,
            six: subject.six,
            other: match subject.peer {
                Some(peer) => replay::packet::Other::Group(peer),
                None => replay::packet::Other::Address(packet.at_other(subject.egress)),
            },
            protocol: packet.protocol,
            port: packet.port,
        };
        let (passes, is_needed) = (group_lets(self.group, &seen), is_needed(self.needs, &seen));
        Refusal::new(sort, self.cx.target, message)
            .witness(witness, Replay::of_passing(sort, passes, is_needed))
            .at(&self.group.place)
    }
}

/// Whether what is declared needs a packet to pass.
pub(super) fn is_needed(needs: &[Need<'_>], packet: &Seen<'_>) -> bool {
    needs.iter().any(|need| {
        let is_peer = match (&need.peer, packet.other) {
            (Other::Group(own), replay::packet::Other::Group(peer)) => **own == *peer,
            (Other::Span(span), replay::packet::Other::Address(at)) => {
                span.six == packet.six && span.range.first() <= at && at <= span.range.last()
            }
            (Other::Group(_), _) | (Other::Span(_), _) => false,
        };
        need.egress == packet.egress && is_peer && packet.is_on(need.ports)
    })
}

/// The end of a packet that is not the group's.
trait OtherEnd {
    fn at_other(&self, egress: bool) -> u128;
}

impl OtherEnd for Packet {
    fn at_other(&self, egress: bool) -> u128 {
        if egress { self.destination } else { self.source }
    }
}

fn boxed(
    packets: &mut Packets,
    subject: &Subject<'_>,
    protocols: Range,
    ports: Range,
    span: Span,
) -> Result<Set, Unanswered> {
    let any = Range::addresses(packets.family());
    let (source, destination) = if subject.egress {
        (any, span.range)
    } else {
        (span.range, any)
    };
    packets.boxed(&Box {
        protocols,
        ports,
        source,
        destination,
    })
}

/// Sets that the others together contain, each taken by itself.
pub(super) fn redundant(packets: &mut Packets, sets: &[Set]) -> Result<Vec<usize>, Unanswered> {
    let mut all = Set::EMPTY;
    let mut meets = false;
    for set in sets {
        meets = meets || set.is_empty() || !packets.is_disjoint(all, *set)?;
        all = packets.union(all, *set)?;
    }
    // Disjoint sets that are not empty: none is contained in the others.
    if !meets {
        return Ok(Vec::new());
    }
    let mut after = vec![Set::EMPTY];
    for set in sets.iter().rev() {
        let last = after.last().copied().unwrap_or(Set::EMPTY);
        after.push(packets.union(last, *set)?);
    }
    after.pop();
    let mut before = Set::EMPTY;
    let mut found = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        let behind = after.pop().unwrap_or(Set::EMPTY);
        let others = packets.union(before, behind)?;
        if packets.is_subset(*set, others)? {
            found.push(index);
        }
        before = packets.union(before, *set)?;
    }
    Ok(found)
}

/// An address for people.
pub(super) fn address(six: bool, number: u128) -> String {
    let family = if six { Family::Ipv6 } else { Family::Ipv4 };
    family
        .address(number)
        .map_or_else(|| number.to_string(), |address| address.to_string())
}

/// Protocol and port for people.
pub(super) fn port(protocol: u8, port: u16) -> String {
    let name = protocol::name(protocol).map_or_else(|| format!("protocol {protocol}"), str::to_owned);
    if protocol::has_ports(protocol) {
        return format!("{name} {port}");
    }
    if protocol::is_icmp(protocol) {
        let (kind, code) = protocol::icmp_of(port);
        return format!("{name} type {kind} code {code}");
    }
    name
}

fn shown(subject: &Subject<'_>, packet: Packet) -> String {
    let other = match subject.peer {
        Some(peer) => format!("`{peer}`"),
        None => format!("`{}`", address(subject.six, packet.at_other(subject.egress))),
    };
    let way = if subject.egress { "to" } else { "from" };
    format!("{} {way} {other}", port(packet.protocol, packet.port))
}

/// The family of a span.
pub(super) fn family(six: bool) -> Family {
    if six { Family::Ipv6 } else { Family::Ipv4 }
}
