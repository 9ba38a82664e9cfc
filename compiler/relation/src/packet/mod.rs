//! Packets that the bytes admit, from one end to another: groups and host firewalls together.
//!
//! A packet between two ends is admitted if every guard that stands at them lets it pass: the group of whoever has one,
//! both ways, and the firewall of a Linux host. A guard that knows addresses knows whoever has them. Where no guard that
//! was read stands on the way, only declared flows count, and are counted as such. ACLs and routes take further packets
//! away; they are compared by themselves.

mod asked;
mod compose;
mod far;
mod guards;
mod link;
mod members;
pub mod ports;
mod shared;
mod unmet;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use graph::access::PairsId;
use graph::address::is_worn;
use model::place::SegmentId;
use model::thing::ThingId;
use read::facts::Facts;
use read::facts::network::Group;

use crate::place::{Places, Seat, Span};
use crate::sets::Sets;

use guards::{Guards, Table, passes, sources};
use ports::{Ports, both, without};

/// One end of a crossing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A declared actor, in one of its segments if it has a place.
    Thing(ThingId, Option<SegmentId>),
    /// Whoever has any address.
    Everybody,
    /// Public addresses.
    Public(Vec<Span>),
    /// A service of the provider.
    Service(String),
}

impl End {
    /// The declared actor, if it is one.
    #[must_use]
    pub fn thing(&self) -> Option<ThingId> {
        match self {
            Self::Thing(thing, _) => Some(*thing),
            Self::Everybody | Self::Public(_) | Self::Service(_) => None,
        }
    }
}

/// By what a crossing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Guards that were read let it pass.
    Read,
    /// Likewise, by what is no gain, since it cannot be said more narrowly: what a host says to its link before it has an address, and
    /// public addresses that the provider chooses.
    Hole,
    /// The flow at this position; no guard that was read stands on its way.
    Declared(u32),
}

/// Packets from one end to another that are admitted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crossing {
    /// Who opens.
    pub from: End,
    /// Who is reached.
    pub to: End,
    /// On which ports.
    pub ports: Vec<Ports>,
    /// By what it is known.
    pub origin: Origin,
    /// Which members meet: all, where guards were read.
    pub pairs: PairsId,
}

/// Every crossing.
pub struct Packets<'a> {
    sets: Sets<'a>,
    /// Where everything is.
    pub places: Places<'a>,
    /// Sorted.
    pub crossings: Vec<Crossing>,
    guards: Vec<Guards>,
    /// From which addresses people speak.
    sources: BTreeMap<ThingId, Vec<Span>>,
    /// How many crossings pass a guard that was read.
    pub read: u64,
    /// How many flows are declared only.
    pub declared: u64,
    all: PairsId,
}

/// A place at which an actor speaks or listens.
#[derive(Clone, Copy)]
struct At<'s> {
    thing: ThingId,
    seat: &'s Seat,
}

impl<'a> Packets<'a> {
    /// Composes the guards that were read.
    #[must_use]
    pub fn new(sets: Sets<'a>, facts: &[Facts], all: PairsId) -> Self {
        let places = Places::new(sets.model, sets.graph);
        let mut packets = Self {
            sources: sources(sets.model),
            guards: guards::of(&sets, &places, facts),
            sets,
            places,
            crossings: Vec::new(),
            read: 0,
            declared: 0,
            all,
        };
        let mut found: BTreeSet<Crossing> = BTreeSet::new();
        for guards in &packets.guards {
            packets.of_groups(guards, &mut found);
            packets.of_hosts(guards, &mut found);
            packets.of_flows(guards, &mut found);
        }
        packets.read = found.iter().filter(|one| one.origin == Origin::Read).count() as u64;
        let declared = found.iter().filter_map(|one| match one.origin {
            Origin::Read | Origin::Hole => None,
            Origin::Declared(flow) => Some(flow),
        });
        packets.declared = declared.collect::<BTreeSet<u32>>().len() as u64;
        packets.crossings = found.into_iter().collect();
        packets
    }

    /// The ports that are open between some members of two actors, by all guards that were read.
    #[must_use]
    pub fn between(&self, (from, own): (ThingId, &[Seat]), (to, other): (ThingId, &[Seat])) -> Vec<Ports> {
        let mut found = Vec::new();
        for guards in &self.guards {
            for a in own {
                for b in other.iter().filter(|b| self.places.connected(a, b)) {
                    let ports = self.pair(guards, At { thing: from, seat: a }, At { thing: to, seat: b });
                    found.extend(ports.unwrap_or_default());
                }
            }
        }
        self.listened(to, found)
    }

    /// Whether no guard that was read stands at an actor that has a place.
    #[must_use]
    pub fn is_open(&self, thing: ThingId) -> bool {
        let own = self.group_names(thing);
        let in_network = !own.is_empty() && !own.iter().any(|group| is_worn(group));
        let is_host = self.places.guarded_by(thing).is_some();
        !self.places.of(thing).is_empty()
            && self
                .guards
                .iter()
                .any(|guards| !(guards.has_groups && in_network || guards.has_hosts && is_host))
    }

    /// Whether a guard that was read stands at a declared actor.
    #[must_use]
    pub fn is_guarded_at(&self, end: &End) -> bool {
        let thing = end.thing();
        thing.is_some_and(|thing| !self.places.of(thing).is_empty() && !self.is_open(thing))
    }

    /// The ports on which all guards between two seats let packets pass; `None` if no guard stands there, or if there is nobody but one
    /// member and itself.
    fn pair(&self, guards: &Guards, from: At<'_>, to: At<'_>) -> Option<Vec<Ports>> {
        let own = self.groups(guards, from.thing);
        let other = self.groups(guards, to.thing);
        let (own_host, other_host) = (
            guards.has_hosts && self.places.guarded_by(from.thing).is_some(),
            guards.has_hosts && self.places.guarded_by(to.thing).is_some(),
        );
        if own.is_none() && other.is_none() && !own_host && !other_host {
            return None;
        }
        let senders = self.told_apart(guards, from);
        let receivers = self.told_apart(guards, to);
        let host = self.places.host(from.thing);
        let is_one_host = host.is_some() && host == self.places.host(to.thing);
        let (own_names, other_names) = (self.group_names(from.thing), self.group_names(to.thing));
        let (mut open, mut is_asked) = (Vec::new(), false);
        for (table, sender) in &senders {
            for (far_table, receiver) in &receivers {
                // What a member sends to itself never leaves it.
                let is_itself = match (table, far_table) {
                    (Some(table), Some(far)) => {
                        is_one_host && std::ptr::eq(*table, *far) && table.is_of_one()
                    }
                    (Some(_) | None, _) => false,
                };
                if is_itself {
                    continue;
                }
                is_asked = true;
                let mut ports = vec![Ports::ALL];
                if own_host {
                    ports = table.map_or_else(Vec::new, |table| table.passes(true, &receiver.spans));
                }
                if other_host {
                    let inward = far_table.map_or_else(Vec::new, |table| table.passes(false, &sender.spans));
                    ports = both(&ports, &inward);
                }
                if let Some(groups) = &own {
                    ports = both(&ports, &passes(groups, true, &other_names, &receiver.spans));
                }
                if let Some(groups) = &other {
                    ports = both(&ports, &passes(groups, false, &own_names, &sender.spans));
                }
                open.extend(ports);
            }
        }
        if senders.len() + receivers.len() > 2 {
            open.sort_unstable();
            open.dedup();
        }
        is_asked.then_some(open)
    }

    /// The seat of an actor, firewall by firewall where its hosts have such that differ.
    fn told_apart<'g>(&self, guards: &'g Guards, at: At<'g>) -> Vec<(Option<&'g Table>, Cow<'g, Seat>)> {
        let class = self.places.guarded_by(at.thing).filter(|_| guards.has_hosts);
        let tables = class
            .and_then(|class| guards.hosts.get(&class))
            .into_iter()
            .flatten();
        let found = tables.filter_map(|table| Some((Some(table), table.at(at.seat)?)));
        let found: Vec<_> = found.collect();
        if found.is_empty() {
            return vec![(None, Cow::Borrowed(at.seat))];
        }
        found
    }

    /// The groups by which packets of an actor are judged, if groups were read; one that is not there lets nothing pass.
    /// Actors on one host share its interface, and with it all of their groups.
    fn groups<'g>(&self, guards: &'g Guards, thing: ThingId) -> Option<Vec<&'g Group>> {
        let own = self.group_names(thing);
        // Of a group that exists nothing was read, so that it keeps nobody out.
        if own.is_empty() || !guards.has_groups || own.iter().any(|group| is_worn(group)) {
            return None;
        }
        Some(
            own.into_iter()
                .filter_map(|address| guards.groups.get(address))
                .collect(),
        )
    }

    /// The groups of the interface by which an actor sends: its own, or those of all on its host.
    pub(crate) fn group_names(&self, thing: ThingId) -> Vec<&'a str> {
        let groups = &self.sets.graph.addresses.groups;
        match self.places.host(thing) {
            Some(host) => {
                let on = groups
                    .iter()
                    .filter(|(other, _)| self.places.host(**other) == Some(host));
                on.map(|(_, group)| group.as_str()).collect()
            }
            None => {
                let shared = self.sets.graph.addresses.shared.get(&thing);
                let own = groups.get(&thing).into_iter().chain(shared);
                own.map(String::as_str).collect()
            }
        }
    }

    /// What the firewalls of some hosts of an actor let pass; everything, where there is none that was read.
    fn host(
        &self,
        guards: &Guards,
        (thing, own): (ThingId, &[Seat]),
        egress: bool,
        far: &[Span],
    ) -> Vec<Ports> {
        let Some(class) = self.places.guarded_by(thing).filter(|_| guards.has_hosts) else {
            return vec![Ports::ALL];
        };
        let tables = guards.hosts.get(&class).into_iter().flatten();
        let tables = tables.filter(|table| {
            // What has no place has the firewall all the same, if it is that of all.
            table.is_of_all() || own.iter().any(|seat| table.at(seat).is_some())
        });
        tables.flat_map(|table| table.passes(egress, far)).collect()
    }

    /// The ports at a thing's addresses that are not its own: another on its host listens there.
    #[must_use]
    pub fn of_neighbours(&self, thing: ThingId) -> Vec<Ports> {
        let Some(host) = self.places.host(thing) else {
            return Vec::new();
        };
        let others = self.places.things().filter(|other| *other != thing);
        let others = others.filter(|other| self.places.host(*other) == Some(host));
        let taken: Vec<Ports> = others.flat_map(|other| self.listens(other)).collect();
        without(&taken, &self.listens(thing))
    }

    /// On a host that several share, a port belongs to who listens on it.
    fn listened(&self, thing: ThingId, ports: Vec<Ports>) -> Vec<Ports> {
        let Some(host) = self.places.host(thing) else {
            return ports;
        };
        let others = self
            .places
            .things()
            .filter(|other| *other != thing && self.places.host(*other) == Some(host));
        let taken: Vec<Ports> = others.flat_map(|other| self.listens(other)).collect();
        if taken.is_empty() {
            return ports;
        }
        let own = both(&ports, &self.listens(thing));
        let mut left = without(&ports, &taken);
        left.extend(own);
        left.sort_unstable();
        left.dedup();
        left
    }

    /// The ports on which a thing listens.
    #[must_use]
    pub fn listens(&self, thing: ThingId) -> Vec<Ports> {
        let parts = self
            .sets
            .model
            .things
            .get(thing)
            .map_or(&[][..], |thing| thing.parts.as_slice());
        parts
            .iter()
            .flat_map(|part| self.sets.ports(*part))
            .map(|ports| Ports::of(*ports))
            .collect()
    }
}
