//! From guards to crossings: each rule with whoever is on its other side.

use std::collections::{BTreeMap, BTreeSet};

use graph::address::is_worn;
use graph::flow::{Endpoint, Flow, Reach};
use model::place::SegmentId;
use model::thing::ThingId;
use read::facts::network::Peer;

use crate::place::{Seat, Span, minus};

use super::far::is_whole;
use super::guards::{Guards, service_of};
use super::ports::{Ports, both};
use super::{At, Crossing, End, Origin, Packets};

impl<'a> Packets<'a> {
    /// What the rules of groups let through, with whoever is on the other side.
    pub(super) fn of_groups(&self, guards: &Guards, found: &mut BTreeSet<Crossing>) {
        let mut done: BTreeSet<(ThingId, SegmentId, ThingId, SegmentId)> = BTreeSet::new();
        let shared = &self.sets.graph.addresses.shared;
        let judged = guards.groups.iter().flat_map(|(address, group)| {
            let mut owners: Vec<Option<ThingId>> = shared
                .iter()
                .filter(|(_, own)| *own == address)
                .map(|(thing, _)| Some(*thing))
                .collect();
            if owners.is_empty() {
                owners.push(self.places.bearer(address));
            }
            owners.into_iter().map(move |owner| (address, group, owner))
        });
        for (address, group, owner) in judged {
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
                            self.to_worn(guards, owner, peer, found);
                        }
                    },
                    // Who may send may have a rule that names addresses only.
                    (Peer::Group(peer), Some(owner), _) => {
                        if let Some(other) = self.places.bearer(peer) {
                            let from = (other, self.places.of(other));
                            self.pairs(guards, from, (owner, seats), &mut done, found);
                        }
                    }
                    (Peer::Block(block), Some(owner), _) => {
                        let (span, own) = (Span::read(*block), Ports::read(rule.ports));
                        for (other, seat) in self.beside(guards, rule.egress, span, seats) {
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
                    (Peer::Block(_) | Peer::PrefixList(_), ..) | (Peer::Group(_), None, _) => {}
                }
            }
        }
    }

    /// What host firewalls let through.
    pub(super) fn of_hosts(&self, guards: &Guards, found: &mut BTreeSet<Crossing>) {
        let mut done = BTreeSet::new();
        let mut on: BTreeMap<ThingId, Vec<ThingId>> = BTreeMap::new();
        for thing in self.places.things() {
            if let Some(class) = self.places.guarded_by(thing) {
                on.entry(class).or_default().push(thing);
            }
        }
        for (class, tables) in &guards.hosts {
            for owner in on.get(class).into_iter().flatten() {
                let seats = self.places.of(*owner);
                self.on_link(guards, *owner, tables, found);
                for accept in tables.iter().flat_map(|table| &table.accepts) {
                    let (span, own) = (Span::read(accept.peer), Ports::read(accept.ports));
                    for (other, seat) in self.beside(guards, accept.egress, span, seats) {
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
    pub(super) fn of_flows(&self, guards: &Guards, found: &mut BTreeSet<Crossing>) {
        for (position, flow) in (0u32..).zip(&self.sets.graph.flows) {
            self.by_address(guards, position, flow, found);
            if !self.is_guarded(guards, flow) {
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
                    let ports = both(
                        &ports,
                        &self.host(guards, (from, self.places.of(from)), true, &far),
                    );
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

    /// Who may send what a flow declares, and get it, without a guard at either: packets that nothing stops, so that addresses
    /// alone say whose they are. Of a flow with a guard these are others that share an address with its ends.
    fn by_address(&self, guards: &Guards, position: u32, flow: &Flow, found: &mut BTreeSet<Crossing>) {
        let (from_is_open, to_is_open) = (
            !self.is_end_guarded(guards, flow, flow.from),
            !self.is_end_guarded(guards, flow, flow.to),
        );
        // Who is known by a group shares no address.
        let groups = &self.sets.graph.addresses.groups;
        let is_shared = |end: Endpoint, is_open: bool| {
            is_open || matches!(end, Endpoint::Thing(thing) if !groups.contains_key(&thing))
        };
        if !is_shared(flow.from, from_is_open) || !is_shared(flow.to, to_is_open) {
            return;
        }
        let ports = self.sets.graph.ports.get(flow.ports).into_iter().flatten();
        let ports: Vec<Ports> = ports.map(|ports| Ports::of(*ports)).collect();
        // Members of what runs on a host are the members of its class.
        let is_like = |end: &End, declared: &End| {
            let hosts = end.thing().zip(declared.thing());
            end == declared || hosts.is_some_and(|(one, other)| self.is_one_host(one, other))
        };
        for (from, to) in self.ends(flow) {
            let mut receivers = self.receivers(guards, &to);
            receivers.retain(|receiver| to_is_open || *receiver != to);
            for sender in self.senders(guards, &from) {
                if !from_is_open && sender == from {
                    continue;
                }
                for receiver in &receivers {
                    let is_declared = sender == from && *receiver == to;
                    let is_itself = receiver.thing().is_some() && receiver.thing() == sender.thing();
                    if is_itself && !is_declared {
                        continue;
                    }
                    found.insert(Crossing {
                        from: sender.clone(),
                        to: receiver.clone(),
                        ports: ports.clone(),
                        origin: Origin::Declared(position),
                        pairs: if is_like(&sender, &from) && is_like(receiver, &to) {
                            flow.pairs
                        } else {
                            self.all
                        },
                    });
                }
            }
        }
    }

    /// Whether a guard that was read stands at an end of a flow.
    fn is_guarded(&self, guards: &Guards, flow: &Flow) -> bool {
        [flow.from, flow.to]
            .into_iter()
            .any(|end| self.is_end_guarded(guards, flow, end))
    }

    fn is_end_guarded(&self, guards: &Guards, flow: &Flow, end: Endpoint) -> bool {
        match end {
            Endpoint::Thing(thing) => {
                let group = self.sets.graph.addresses.groups.get(&thing);
                let in_network = group.is_some_and(|group| !is_worn(group));
                (guards.has_groups && in_network)
                    || (guards.has_hosts && self.places.guarded_by(thing).is_some())
            }
            Endpoint::Service(_) => guards.has_groups && flow.reach == Reach::Private,
            Endpoint::Addresses(_) | Endpoint::Internet => false,
        }
    }

    pub(super) fn ends(&self, flow: &Flow) -> Vec<(End, End)> {
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

    /// Every pair of seats of two actors, each once.
    pub(super) fn pairs(
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
                let (own, other) = (At { thing: from, seat: a }, At { thing: to, seat: b });
                let ports = self.pair(guards, own, other);
                let ports = ports.map(|ports| self.listened(to, ports)).unwrap_or_default();
                for (pairs, ports) in self.by_members(guards, own, other, ports) {
                    found.insert(Crossing {
                        from: End::Thing(from, Some(a.segment)),
                        to: End::Thing(to, Some(b.segment)),
                        ports,
                        origin: Origin::Read,
                        pairs,
                    });
                }
            }
        }
    }

    /// Who is declared at the other side of a rule. Of one for every address, what comes to public seats is one crossing with
    /// everybody; and of those to whom it sends, those that have guards have rules of their own.
    fn beside(&self, guards: &Guards, egress: bool, span: Span, seats: &[Seat]) -> Vec<(ThingId, &Seat)> {
        let all = self.places.at(&[span]);
        if !is_whole(span) {
            return all;
        }
        if !egress {
            let is_public = !seats.is_empty() && seats.iter().all(|seat| seat.is_public);
            return if is_public { Vec::new() } else { all };
        }
        let is_open = |thing: ThingId| {
            let has_host = guards.has_hosts && self.places.guarded_by(thing).is_some();
            self.groups(guards, thing).is_none() && !has_host
        };
        all.into_iter().filter(|(thing, _)| is_open(*thing)).collect()
    }
}
