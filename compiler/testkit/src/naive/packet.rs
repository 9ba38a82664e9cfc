//! Packets: whether one passes from a host to a port of another.

use std::collections::BTreeSet;

use model::Model;
use model::actor::RunsOn;
use model::place::Within;
use model::thing::{Detail, PartDetail, ThingId};
use model::trust::{End, Trust};
use model::value::Ports;

use super::address::{self, Range};
use super::host::{self, Host};
use super::promise::common;
use super::selector::is_people;
use super::world::World;
use crate::enumerate::text::Member;
use crate::label::packet::{Packet, Peer, Rule};

/// A connection that a trust declares and no guard sees.
#[derive(Clone, Debug)]
pub struct Declared {
    from: usize,
    to: usize,
    ports: Vec<Ports>,
}

impl World<'_> {
    /// Flows that trusts declare between hosts.
    pub(super) fn declarations(&self) -> Vec<Declared> {
        let mut out = Vec::new();
        for (_, trust) in self.model.trusts.iter() {
            for object in &trust.objects {
                let End::Part(part) = object.end else { continue };
                let Some(part) = self.model.parts.get(part) else {
                    continue;
                };
                let listener = match &part.detail {
                    PartDetail::Listener(listener) => Some(listener),
                    PartDetail::LocalTopic(topic) => {
                        match self.model.parts.get(topic.on).map(|part| &part.detail) {
                            Some(PartDetail::Listener(listener)) => Some(listener),
                            _ => None,
                        }
                    }
                };
                let Some(listener) = listener else { continue };
                for subject in &trust.subjects {
                    let End::Thing(subject) = subject.end else {
                        continue;
                    };
                    for from in self.held(subject) {
                        for to in self.held(part.of) {
                            if self.meets(trust, from, to) {
                                let ports = listener.ports.clone();
                                out.extend(self.answered(from, to, &ports));
                                out.push(Declared { from, to, ports });
                            }
                        }
                    }
                }
            }
        }
        out
    }

    /// A DHCP server on premises answers on the client's port.
    fn answered(&self, from: usize, to: usize, ports: &[Ports]) -> Option<Declared> {
        let is_asked = |range: &Ports| (range.protocol, range.first, range.last) == (17, 67, 67);
        let on_premises = [from, to]
            .iter()
            .all(|host| matches!(self.hosts[*host].within, Some(Within::Site(_))));
        (on_premises && ports.iter().any(is_asked)).then(|| Declared {
            from: to,
            to: from,
            ports: vec![Ports {
                protocol: 17,
                first: 68,
                last: 68,
            }],
        })
    }

    /// The hosts of a thing.
    pub fn held(&self, thing: ThingId) -> impl Iterator<Item = usize> + '_ {
        let of = move |host: &Host| host.member.as_ref().is_some_and(|member| member.thing == thing);
        self.hosts
            .iter()
            .enumerate()
            .filter(move |(_, host)| of(host))
            .map(|(index, _)| index)
    }

    fn meets(&self, trust: &Trust, from: usize, to: usize) -> bool {
        let (Some(from), Some(to)) = (&self.hosts[from].member, &self.hosts[to].member) else {
            return false;
        };
        if from.thing == to.thing && (from.device == to.device || trust.others.is_none()) {
            return false;
        }
        trust.same.iter().all(|(name, _)| {
            let name = self.model.names.text(*name);
            let (one, other) = (from.columns.get(name), to.columns.get(name));
            one.is_some_and(|value| !value.is_empty()) && one == other
        })
    }

    /// Where something begins: if several ranges share a member, they share the highest of their beginnings.
    pub(super) fn boundaries(&self) -> BTreeSet<u32> {
        let rules = self
            .emitted
            .groups
            .iter()
            .chain(self.emitted.firewalls.values().flatten());
        let mut out: BTreeSet<u32> = rules
            .filter_map(|rule| match &rule.peer {
                Peer::Block(first, last) => address::of_rule(*first, *last),
                Peer::Group(_) => None,
            })
            .flat_map(|(first, last)| [Some(first), last.checked_add(1)])
            .flatten()
            .collect();
        for host in &self.hosts {
            for (first, last) in host.addresses.iter().chain(&host.leaves_by) {
                out.insert(*first);
                out.extend(last.checked_add(1));
            }
        }
        for range in places(self.model) {
            out.insert(range.0);
            out.extend(range.1.checked_add(1));
        }
        out.extend([0, host::UNKNOWN.0]);
        out
    }

    /// The addresses of a range at which something begins, and its own.
    fn points(&self, ranges: &[Range]) -> Vec<u32> {
        let mut out = BTreeSet::new();
        for (first, last) in ranges {
            out.insert(*first);
            out.extend(self.lows.range(first..=last).copied());
        }
        out.into_iter().collect()
    }

    /// Whether some packet passes from one host to these ports of another. A source, once fixed, is the only one.
    #[must_use]
    pub fn passes(&self, from: &Host, to: &Host, ports: &[Ports], source: Option<Range>) -> bool {
        if from.machine.is_some() && from.machine == to.machine {
            return false;
        }
        let mut sources = self.sources(from, to);
        if let Some((first, last)) = source {
            sources = sources
                .into_iter()
                .filter_map(|(a, b)| Some((a.max(first), b.min(last))).filter(|(a, b)| a <= b))
                .collect();
        }
        let (sources, mut targets) = (self.points(&sources), self.points(&to.addresses));
        // Over the internet, what a network holds has a public address besides, which the provider chooses.
        if to.is_public
            && matches!(
                (from.within, to.within),
                (Some(Within::Site(_)), Some(Within::Network(_)))
            )
        {
            targets.push(host::UNKNOWN.0);
        }
        for (protocol, port) in self.ports(ports) {
            for target in &targets {
                if !self.leaves(from, to, *target, protocol, port) {
                    continue;
                }
                if sources
                    .iter()
                    .any(|source| self.arrives(from, to, (*source, *target), protocol, port))
                {
                    return true;
                }
            }
        }
        false
    }

    /// The addresses by which one host may be known at another: by its own over a private way, by those by which its site
    /// leaves over the internet. What crosses no guard is there if it is declared, and is known by all.
    fn sources(&self, from: &Host, to: &Host) -> Vec<Range> {
        let is_guarded = self.guard(from).1.is_some() || self.guard(to).1.is_some();
        if !is_guarded {
            let mut all = from.addresses.clone();
            all.extend(from.leaves_by.iter().filter(|_| to.is_public));
            return all;
        }
        let (Some(own), Some(other)) = (from.within, to.within) else {
            return self.sources_outside(from, to);
        };
        if own == other {
            return from.addresses.clone();
        }
        if from.is_isolated || to.is_isolated {
            return Vec::new();
        }
        let connects = |site, network| {
            let site = self.model.sites.get(site);
            site.is_some_and(|site| site.connects.iter().any(|way| way.network == network))
        };
        let is_private = match (own, other) {
            (Within::Site(site), Within::Network(network))
            | (Within::Network(network), Within::Site(site)) => connects(site, network),
            (Within::Site(_), Within::Site(_)) | (Within::Network(_), Within::Network(_)) => false,
        };
        let mut sources = Vec::new();
        sources.extend(from.addresses.iter().filter(|_| is_private));
        sources.extend(from.leaves_by.iter().filter(|_| to.is_public));
        sources
    }

    /// One of the two has no place. Who is outside reaches what is public; people come by whichever way their trusts name.
    fn sources_outside(&self, from: &Host, to: &Host) -> Vec<Range> {
        let is_people = |member: &Member| is_people(self, member.thing);
        if from.is_isolated || to.is_isolated {
            return Vec::new();
        }
        let mut sources = from.addresses.clone();
        sources.extend(from.leaves_by.iter().filter(|_| to.is_public));
        if to.is_public || to.within.is_none() {
            return sources;
        }
        if from.member.as_ref().is_some_and(is_people) {
            sources.retain(|range| *range != host::UNKNOWN);
            return sources;
        }
        common(&sources, &places(self.model))
    }

    fn ports(&self, asked: &[Ports]) -> BTreeSet<(u8, u16)> {
        let mut out: BTreeSet<(u8, u16)> = asked.iter().map(|range| (range.protocol, range.first)).collect();
        let rules = self
            .emitted
            .groups
            .iter()
            .chain(self.emitted.firewalls.values().flatten());
        let lows = rules.filter_map(|rule| u16::try_from(rule.ports.0).ok());
        let lows = lows.chain(
            self.doors
                .iter()
                .flat_map(|door| door.ports.iter().map(|range| range.first)),
        );
        for low in lows.collect::<BTreeSet<u16>>() {
            out.extend(
                asked
                    .iter()
                    .filter(|range| range.first <= low && low <= range.last)
                    .map(|range| (range.protocol, low)),
            );
        }
        out
    }

    fn leaves(&self, from: &Host, to: &Host, target: u32, protocol: u8, port: u16) -> bool {
        let (Some(rules), Some(guard)) = self.guard(from) else {
            return true;
        };
        permits(rules, guard, true, to.group.as_deref(), target, protocol, port)
    }

    fn arrives(&self, from: &Host, to: &Host, (source, target): (u32, u32), protocol: u8, port: u16) -> bool {
        if let (Some(rules), Some(guard)) = self.guard(to) {
            return permits(rules, guard, false, from.group.as_deref(), source, protocol, port);
        }
        // What crosses no guard is there if it is declared.
        self.guard(from).1.is_some()
            || self.declared.iter().any(|flow| {
                // Between these two, and whoever else says that it has their addresses.
                let (sender, receiver) = (&self.hosts[flow.from], &self.hosts[flow.to]);
                let is_one = |one: &Host, other: &Host| one.machine.is_some() && one.machine == other.machine;
                let says = |one: &Host, other: &Host, point: u32| {
                    self.is_told(one) && self.is_told(other) && address::holds(&other.addresses, point)
                };
                let sends = match &from.member {
                    Some(member) => {
                        sender.member.as_ref() == Some(member)
                            || is_one(from, sender)
                            || says(from, sender, source)
                            || sender.member.is_none() && address::holds(&sender.addresses, source)
                    }
                    None => address::holds(&sender.addresses, source),
                };
                let receives = match &to.member {
                    Some(member) => {
                        receiver.member.as_ref() == Some(member)
                            || !is_one(to, receiver) && says(to, receiver, target)
                    }
                    None => address::holds(&receiver.addresses, target),
                };
                sends
                    && receives
                    && flow
                        .ports
                        .iter()
                        .any(|range| range.protocol == protocol && range.first <= port && port <= range.last)
            })
    }

    /// Whether a host is known by addresses that are said to be its own, and not by those of its segment or by a group.
    fn is_told(&self, host: &Host) -> bool {
        let is_people = host
            .member
            .as_ref()
            .is_some_and(|member| is_people(self, member.thing));
        let mut segments = self.model.segments.iter();
        let is_whole = segments.any(|(_, segment)| {
            let whole = address::of_block(segment.cidr);
            whole.is_some_and(|whole| host.addresses == [whole])
        });
        host.group.is_none() && !is_whole && !is_people
    }

    fn guard<'b>(&'b self, host: &'b Host) -> (Option<&'b [Rule]>, Option<&'b str>) {
        if let Some(group) = &host.group {
            // Nobody wrote down here what that one lets through.
            if group.starts_with("sg-") {
                return (None, None);
            }
            return (Some(&self.emitted.groups), Some(group));
        }
        match &host.firewall {
            Some(class) => (self.emitted.firewalls.get(class).map(Vec::as_slice), Some(class)),
            None => (None, None),
        }
    }

    /// The ports of a host that are the thing's own: on a machine that several share, a port is whose listens on it.
    #[must_use]
    pub fn own_ports(&self, host: &Host) -> Vec<Ports> {
        let mut out = Vec::new();
        for protocol in [6, 17] {
            let mut taken = Vec::new();
            if let (Some(member), Some((class, _))) = (&host.member, &host.machine) {
                for door in self.doors.iter().filter(|door| door.thing != member.thing) {
                    if self.machine(door.thing) == Some(*class) {
                        let ranges = door.ports.iter().filter(|range| range.protocol == protocol);
                        taken.extend(ranges.map(|range| (u32::from(range.first), u32::from(range.last))));
                    }
                }
            }
            taken.push((65_536, u32::MAX));
            for (first, last) in address::others(&taken) {
                if let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last)) {
                    out.push(Ports {
                        protocol,
                        first,
                        last,
                    });
                }
            }
        }
        out
    }

    /// The class on whose machines a thing is.
    fn machine(&self, thing: ThingId) -> Option<ThingId> {
        match &self.model.things.get(thing)?.detail {
            Detail::Class(_) => Some(thing),
            Detail::Workload(workload) => match workload.runs_on {
                Some(RunsOn::Device(class)) => Some(class),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whoever is outside all declared places.
    #[must_use]
    pub fn internet(&self) -> Host {
        self.somebody(&places(self.model))
    }

    /// Whoever has none of these addresses.
    #[must_use]
    pub fn somebody(&self, but: &[Range]) -> Host {
        Host {
            member: None,
            group: None,
            firewall: None,
            addresses: address::others(but),
            leaves_by: Vec::new(),
            is_public: true,
            within: None,
            is_isolated: false,
            machine: None,
        }
    }
}

/// Every network and site, and what sites leave by.
fn places(model: &Model) -> Vec<Range> {
    let networks = model.networks.iter().map(|(_, network)| network.cidr);
    let sites = model.sites.iter().flat_map(|(_, site)| {
        std::iter::once(site.cidr).chain(site.leaves_by.iter().map(|(block, _)| *block))
    });
    networks.chain(sites).filter_map(address::of_block).collect()
}

fn permits(
    rules: &[Rule],
    guard: &str,
    egress: bool,
    group: Option<&str>,
    address: u32,
    protocol: u8,
    port: u16,
) -> bool {
    // Groups write protocols by name, host firewalls by name in sets and by number in rules.
    let spelt: &[&str] = match protocol {
        6 => &["tcp", "6"],
        17 => &["udp", "17"],
        _ => &["1"],
    };
    let ends = [
        group.map(|group| Ok(group.to_owned())),
        Some(Err(address::shown(address))),
    ];
    ends.into_iter().flatten().any(|other| {
        spelt.iter().any(|protocol| {
            let packet = Packet {
                group: guard.to_owned(),
                egress,
                protocol: (*protocol).to_owned(),
                port: i64::from(port),
                other: other.clone(),
            };
            rules.iter().any(|rule| rule.permits(&packet))
        })
    })
}
