//! Packets that the bytes admit, from one end to another: groups and host firewalls together.
//!
//! A packet between two ends is admitted if every guard that stands at them lets it pass: the group of whoever has one,
//! both ways, and the firewall of a Linux host. A guard that knows addresses knows whoever has them. Where no guard that
//! was read stands on the way, only declared flows count, and are counted as such. ACLs and routes take further packets
//! away; they are compared by themselves.

mod asked;
mod guards;
pub mod ports;

use std::collections::{BTreeMap, BTreeSet};

use graph::access::PairsId;
use graph::flow::{Endpoint, Flow, Reach};
use model::place::SegmentId;
use model::thing::ThingId;
use read::facts::Facts;
use read::facts::network::{Group, Peer};

use crate::place::{Places, Seat, Span, minus};
use crate::sets::Sets;

use guards::{Guards, passes, service_of, sources};
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
            guards: guards::of(&sets, facts),
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
        packets.declared = found.len() as u64 - packets.read;
        packets.crossings = found.into_iter().collect();
        packets
    }

    /// What the rules of groups let through, with whoever is on the other side.
    fn of_groups(&self, guards: &Guards, found: &mut BTreeSet<Crossing>) {
        let mut done: BTreeSet<(ThingId, SegmentId, ThingId, SegmentId)> = BTreeSet::new();
        for (address, group) in &guards.groups {
            let owner = self.places.bearer(address);
            let seats: &[Seat] = owner.map_or(&[], |owner| self.places.of(owner));
            let service = owner.is_none().then(|| service_of(address)).flatten();
            for rule in &group.rules {
                match (&rule.peer, owner, service) {
                    (Peer::Group(peer), Some(owner), _) if rule.egress => match self.places.bearer(peer) {
                        Some(other) => self.pairs(
                            guards,
                            (owner, seats),
                            (other, self.places.of(other)),
                            &mut done,
                            found,
                        ),
                        None => {
                            if let Some(service) = service_of(peer) {
                                self.to_service(guards, owner, peer, service, found);
                            }
                        }
                    },
                    (Peer::Block(block), Some(owner), _) => {
                        let (span, own) = (Span::read(*block), Ports::read(rule.ports));
                        for (other, seat) in self.places.at(&[span]).into_iter().filter(|_| !is_whole(span)) {
                            let seat = std::slice::from_ref(seat);
                            if rule.egress {
                                self.pairs(guards, (owner, seats), (other, seat), &mut done, found);
                            } else {
                                self.pairs(guards, (other, seat), (owner, seats), &mut done, found);
                            }
                        }
                        for seat in seats {
                            let at = At { thing: owner, seat };
                            if rule.egress {
                                self.outward(guards, at, span, own, found);
                            } else {
                                self.inward(guards, at, span, own, found);
                            }
                        }
                    }
                    (Peer::Block(block), None, Some(service)) if !rule.egress => {
                        for (other, _) in self.places.at(&[Span::read(*block)]) {
                            self.to_service(guards, other, address, service, found);
                        }
                    }
                    (Peer::Group(_) | Peer::Block(_) | Peer::PrefixList(_), ..) => {}
                }
            }
        }
    }

    /// What host firewalls let through.
    fn of_hosts(&self, guards: &Guards, found: &mut BTreeSet<Crossing>) {
        let mut done = BTreeSet::new();
        let mut on: BTreeMap<ThingId, Vec<ThingId>> = BTreeMap::new();
        for thing in self.places.things() {
            if let Some(class) = self.places.guarded_by(thing) {
                on.entry(class).or_default().push(thing);
            }
        }
        for (class, firewall) in &guards.hosts {
            for owner in on.get(class).into_iter().flatten() {
                let seats = self.places.of(*owner);
                for accept in &firewall.accepts {
                    let (span, own) = (Span::read(accept.peer), Ports::read(accept.ports));
                    for (other, seat) in self.places.at(&[span]).into_iter().filter(|_| !is_whole(span)) {
                        let seat = std::slice::from_ref(seat);
                        if accept.egress {
                            self.pairs(guards, (*owner, seats), (other, seat), &mut done, found);
                        } else {
                            self.pairs(guards, (other, seat), (*owner, seats), &mut done, found);
                        }
                    }
                    for seat in seats {
                        let at = At { thing: *owner, seat };
                        if accept.egress {
                            self.outward(guards, at, span, own, found);
                        } else {
                            self.inward(guards, at, span, own, found);
                        }
                    }
                }
            }
        }
    }

    /// Flows of which the guards at both ends were read in part, or not at all.
    fn of_flows(&self, guards: &Guards, found: &mut BTreeSet<Crossing>) {
        for (position, flow) in (0u32..).zip(&self.sets.graph.flows) {
            if !self.is_guarded(guards, flow) {
                for (from, to) in self.ends(flow) {
                    let ports = self.sets.graph.ports.get(flow.ports);
                    found.insert(Crossing {
                        from,
                        to,
                        ports: ports
                            .into_iter()
                            .flatten()
                            .map(|ports| Ports::of(*ports))
                            .collect(),
                        origin: Origin::Declared(position),
                        pairs: flow.pairs,
                    });
                }
                continue;
            }
            let mut done = BTreeSet::new();
            match (flow.from, flow.to) {
                (Endpoint::Thing(from), Endpoint::Thing(to)) => {
                    let (own, other) = (self.places.of(from), self.places.of(to));
                    self.pairs(guards, (from, own), (to, other), &mut done, found);
                }
                // A host that reaches a service: the groups of endpoints, where they were read, are asked above.
                (Endpoint::Thing(from), Endpoint::Service(service))
                    if !guards.has_groups || flow.reach == Reach::Public =>
                {
                    let ports = self.sets.graph.ports.get(flow.ports);
                    let ports: Vec<Ports> = ports
                        .into_iter()
                        .flatten()
                        .map(|ports| Ports::of(*ports))
                        .collect();
                    let far = match flow.reach {
                        Reach::Private => self.endpoint_spans(),
                        Reach::Public => self.outside(),
                    };
                    let ports = both(&ports, &self.host(guards, from, true, &far));
                    if !ports.is_empty() {
                        found.insert(Crossing {
                            from: End::Thing(from, None),
                            to: End::Service(self.sets.graph.words.text(service).to_owned()),
                            ports,
                            origin: Origin::Read,
                            pairs: self.all,
                        });
                    }
                }
                (
                    Endpoint::Thing(_) | Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet,
                    _,
                ) => {}
            }
        }
    }

    /// Whether a guard that was read stands at an end of a flow.
    fn is_guarded(&self, guards: &Guards, flow: &Flow) -> bool {
        let at = |end: Endpoint| match end {
            Endpoint::Thing(thing) => {
                let in_network = self.sets.graph.addresses.groups.contains_key(&thing);
                (guards.has_groups && in_network)
                    || (guards.has_hosts && self.places.guarded_by(thing).is_some())
            }
            Endpoint::Service(_) => guards.has_groups && flow.reach == Reach::Private,
            Endpoint::Addresses(_) | Endpoint::Internet => false,
        };
        at(flow.from) || at(flow.to)
    }

    fn ends(&self, flow: &Flow) -> Vec<(End, End)> {
        let of = |end: Endpoint| -> Vec<End> {
            match end {
                Endpoint::Thing(thing) => {
                    let seats = self.places.of(thing).iter();
                    let seats: Vec<End> = seats.map(|seat| End::Thing(thing, Some(seat.segment))).collect();
                    if seats.is_empty() {
                        vec![End::Thing(thing, None)]
                    } else {
                        seats
                    }
                }
                Endpoint::Service(service) => {
                    vec![End::Service(self.sets.graph.words.text(service).to_owned())]
                }
                Endpoint::Internet => vec![End::Everybody],
                Endpoint::Addresses(blocks) => {
                    let blocks = self.sets.graph.blocks.get(blocks).into_iter().flatten();
                    let spans: Vec<Span> = blocks.map(|block| Span::of(*block)).collect();
                    let public = minus(&spans, &self.places.declared);
                    let people = self
                        .sources
                        .iter()
                        .filter(|(_, own)| own.iter().any(|own| spans.iter().any(|span| span.meets(*own))));
                    let mut ends: Vec<End> = people.map(|(people, _)| End::Thing(*people, None)).collect();
                    if !public.is_empty() {
                        ends.push(End::Public(public));
                    }
                    ends
                }
            }
        };
        let tos = of(flow.to);
        of(flow.from)
            .into_iter()
            .flat_map(|from| tos.iter().map(move |to| (from.clone(), to.clone())))
            .collect()
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
        let in_network = !self.group_names(thing).is_empty();
        let is_host = self.places.guarded_by(thing).is_some();
        !self.places.of(thing).is_empty()
            && self
                .guards
                .iter()
                .any(|guards| !(guards.has_groups && in_network || guards.has_hosts && is_host))
    }

    /// Every pair of seats of two actors, each once.
    fn pairs(
        &self,
        guards: &Guards,
        (from, own): (ThingId, &[Seat]),
        (to, other): (ThingId, &[Seat]),
        done: &mut BTreeSet<(ThingId, SegmentId, ThingId, SegmentId)>,
        found: &mut BTreeSet<Crossing>,
    ) {
        for a in own {
            for b in other {
                if !done.insert((from, a.segment, to, b.segment)) || !self.places.connected(a, b) {
                    continue;
                }
                let ports = self.pair(guards, At { thing: from, seat: a }, At { thing: to, seat: b });
                let ports = ports.map(|ports| self.listened(to, ports)).unwrap_or_default();
                if !ports.is_empty() {
                    found.insert(Crossing {
                        from: End::Thing(from, Some(a.segment)),
                        to: End::Thing(to, Some(b.segment)),
                        ports,
                        origin: Origin::Read,
                        pairs: self.all,
                    });
                }
            }
        }
    }

    /// The ports on which all guards between two seats let packets pass; `None` if no guard stands there.
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
        let mut ports = vec![Ports::ALL];
        if let Some(groups) = own {
            let names = self.group_names(to.thing);
            ports = both(&ports, &passes(&groups, true, &names, &to.seat.spans));
        }
        if let Some(groups) = other {
            let names = self.group_names(from.thing);
            ports = both(&ports, &passes(&groups, false, &names, &from.seat.spans));
        }
        ports = both(&ports, &self.host(guards, from.thing, true, &to.seat.spans));
        ports = both(&ports, &self.host(guards, to.thing, false, &from.seat.spans));
        Some(ports)
    }

    /// The groups by which packets of an actor are judged, if groups were read; one that is not there lets nothing pass.
    /// Actors on one host share its interface, and with it all of their groups.
    fn groups<'g>(&self, guards: &'g Guards, thing: ThingId) -> Option<Vec<&'g Group>> {
        let own = self.group_names(thing);
        if own.is_empty() || !guards.has_groups {
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
            None => groups.get(&thing).map(String::as_str).into_iter().collect(),
        }
    }

    /// What the firewall of an actor's host lets pass; everything, where there is none that was read.
    fn host(&self, guards: &Guards, thing: ThingId, egress: bool, far: &[Span]) -> Vec<Ports> {
        let Some(class) = self.places.guarded_by(thing).filter(|_| guards.has_hosts) else {
            return vec![Ports::ALL];
        };
        let accepts = guards
            .hosts
            .get(&class)
            .into_iter()
            .flat_map(|host| &host.accepts);
        accepts
            .filter(|accept| {
                accept.egress == egress && far.iter().any(|span| span.meets(Span::read(accept.peer)))
            })
            .map(|accept| Ports::read(accept.ports))
            .collect()
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

    /// What an actor may send to public addresses.
    fn outward(
        &self,
        guards: &Guards,
        from: At<'_>,
        span: Span,
        rule: Ports,
        found: &mut BTreeSet<Crossing>,
    ) {
        let public = minus(&[span], &self.places.declared);
        if public.is_empty() || from.seat.is_isolated {
            return;
        }
        let mut reach = |to: End, spans: &[Span]| {
            // What this rule lets out, as far as the other guards of the same end do.
            let mut ports = both(&[rule], &self.host(guards, from.thing, true, spans));
            if let Some(groups) = self.groups(guards, from.thing) {
                ports = both(&ports, &passes(&groups, true, &[], spans));
            }
            if !ports.is_empty() {
                found.insert(Crossing {
                    from: End::Thing(from.thing, Some(from.seat.segment)),
                    to,
                    ports,
                    origin: Origin::Read,
                    pairs: self.all,
                });
            }
        };
        for (external, own) in &self.places.externals {
            let met: Vec<Span> = own.iter().filter_map(|own| own.and(span)).collect();
            if !met.is_empty() {
                reach(End::Thing(*external, None), &met);
            }
        }
        reach(End::Public(public.clone()), &public);
    }

    /// Who may send to an actor from public addresses.
    fn inward(&self, guards: &Guards, to: At<'_>, span: Span, rule: Ports, found: &mut BTreeSet<Crossing>) {
        let mut reach = |from: End, spans: &[Span]| {
            let mut ports = both(&[rule], &self.host(guards, to.thing, false, spans));
            if let Some(groups) = self.groups(guards, to.thing) {
                ports = both(&ports, &passes(&groups, false, &[], spans));
            }
            let ports = self.listened(to.thing, ports);
            if !ports.is_empty() {
                found.insert(Crossing {
                    from,
                    to: End::Thing(to.thing, Some(to.seat.segment)),
                    ports,
                    origin: Origin::Read,
                    pairs: self.all,
                });
            }
        };
        for (people, own) in &self.sources {
            let met: Vec<Span> = own.iter().filter_map(|own| own.and(span)).collect();
            if !met.is_empty() {
                reach(End::Thing(*people, None), &met);
            }
        }
        if !to.seat.is_public {
            return;
        }
        if is_whole(span) {
            reach(End::Everybody, &[span]);
        }
        let public = minus(&[span], &self.places.declared);
        if !public.is_empty() {
            reach(End::Public(public.clone()), &public);
        }
        for (external, own) in &self.places.externals {
            let met: Vec<Span> = own.iter().filter_map(|own| own.and(span)).collect();
            if !met.is_empty() {
                reach(End::Thing(*external, None), &met);
            }
        }
        if is_whole(span) {
            return;
        }
        // A site is known by its public addresses, whoever of it speaks.
        for thing in self.places.things() {
            for seat in self.places.of(thing) {
                let known = self.places.public_of(seat).unwrap_or_default();
                let met: Vec<Span> = known.iter().filter_map(|own| own.and(span)).collect();
                // Its own host lets it out to public addresses, or not.
                let may_leave = !self.host(guards, thing, true, &self.outside()).is_empty();
                if !met.is_empty() && may_leave {
                    reach(End::Thing(thing, Some(seat.segment)), &met);
                }
            }
        }
    }

    /// What an actor may send to a private endpoint.
    fn to_service(
        &self,
        guards: &Guards,
        from: ThingId,
        address: &str,
        service: &str,
        found: &mut BTreeSet<Crossing>,
    ) {
        let Some(endpoint) = guards.groups.get(address) else {
            return;
        };
        let far = self.endpoint_spans();
        let own = self.group_names(from);
        for seat in self.places.of(from) {
            let mut ports = passes(&[endpoint], false, &own, &seat.spans);
            if let Some(groups) = self.groups(guards, from) {
                ports = both(&ports, &passes(&groups, true, &[address], &far));
            }
            ports = both(&ports, &self.host(guards, from, true, &far));
            if !ports.is_empty() {
                found.insert(Crossing {
                    from: End::Thing(from, Some(seat.segment)),
                    to: End::Service(service.to_owned()),
                    ports,
                    origin: Origin::Read,
                    pairs: self.all,
                });
            }
        }
    }

    /// Every address that no declared place has.
    fn outside(&self) -> Vec<Span> {
        minus(&[Span::all(false), Span::all(true)], &self.places.declared)
    }

    /// The addresses of segments that hold private endpoints.
    fn endpoint_spans(&self) -> Vec<Span> {
        let segments = self.sets.model.segments.iter();
        let with = segments.filter(|(_, segment)| segment.endpoints.is_some());
        with.map(|(_, segment)| Span::of(segment.cidr)).collect()
    }

    /// Whether a crossing between two actors is one that some flow declares between these two, on these ports.
    #[must_use]
    pub fn flows(&self) -> &'a [Flow] {
        &self.sets.graph.flows
    }
}

fn is_whole(span: Span) -> bool {
    span == Span::all(span.six)
}
