//! Which members of two classes meet, where a guard stands at each of them and not at the whole class.
//!
//! A crossing says of two classes that some of their members meet. Where host firewalls differ by member, those with unlike
//! values may be kept apart: this is looked up, by addresses, before a crossing says so.

use std::collections::BTreeMap;

use arena::Name;
use graph::access::{Pairs, PairsId};
use graph::flow::{Endpoint, Flow};
use model::place::SegmentId;
use model::thing::ThingId;

use super::guards::Guards;
use super::ports::{Ports, both, without};
use super::{At, Crossing, End, Origin, Packets};
use crate::place::Seat;
use crate::rows::{Members, Rows};

/// So many pairs of members are looked at one by one.
const PAIRS_MAX: usize = 10_000;

/// A flow in which members with equal values meet.
struct Equal<'f> {
    flow: &'f Flow,
    ports: Vec<Ports>,
    names: Vec<Name>,
}

/// Ports, cut wherever some flow begins or ends: each stretch is wholly in a flow or apart from it.
fn stretches(ports: &[Ports], flows: &[Equal<'_>]) -> Vec<Vec<Ports>> {
    let mut left = ports.to_vec();
    let mut found: Vec<Vec<Ports>> = Vec::new();
    for flow in flows {
        let mut cut = Vec::new();
        for one in found {
            cut.extend([both(&one, &flow.ports), without(&one, &flow.ports)]);
        }
        cut.push(both(&left, &flow.ports));
        left = without(&left, &flow.ports);
        cut.retain(|one| !one.is_empty());
        found = cut;
    }
    found
}

impl<'a> Packets<'a> {
    /// The ports of a crossing with the pairs of members for which they are open: all, unless guards keep the others apart.
    pub(super) fn by_members(
        &self,
        guards: &Guards,
        from: At<'_>,
        to: At<'_>,
        ports: Vec<Ports>,
    ) -> Vec<(PairsId, Vec<Ports>)> {
        let mut told: BTreeMap<PairsId, Vec<Ports>> = BTreeMap::new();
        let mut left = ports.clone();
        if self.is_by_member(guards, from.thing) || self.is_by_member(guards, to.thing) {
            let equal = self.equal(from.thing, to.thing);
            for stretch in stretches(&ports, &equal) {
                let of_it = |one: &&Equal<'a>| !both(&stretch, &one.ports).is_empty();
                // Who differs in one of two flows with the same port may be equal in the other.
                let alike: Vec<&Equal<'a>> = equal.iter().filter(of_it).collect();
                let names: Vec<&[Name]> = alike.iter().map(|other| other.names.as_slice()).collect();
                if !alike.is_empty()
                    && both(&stretch, &self.between_unlike(guards, from, to, &names)).is_empty()
                {
                    left = without(&left, &stretch);
                    for one in alike {
                        told.entry(one.flow.pairs)
                            .or_default()
                            .extend(stretch.iter().copied());
                    }
                }
            }
        }
        let mut found: Vec<(PairsId, Vec<Ports>)> = told.into_iter().collect();
        if !left.is_empty() {
            found.push((self.all, left));
        }
        found
    }

    /// Whether two members that count meet on some of these ports; `None` where the guards do not differ by member, where there are
    /// too many pairs to look at, or where packets take another way than between the two places: then it is taken that they do.
    pub(crate) fn meet_by_member(
        &self,
        crossing: &Crossing,
        ports: &[Ports],
        (own, other): (&Members, &Members),
        counts: &dyn Fn(usize, usize) -> bool,
    ) -> Option<bool> {
        // Everybody's packets, and those over the internet, come from other addresses than the members'.
        let (End::Thing(from, from_at), End::Thing(to, to_at)) = (&crossing.from, &crossing.to) else {
            return None;
        };
        let is_by_member =
            |guards: &Guards| self.is_by_member(guards, *from) || self.is_by_member(guards, *to);
        if crossing.origin != Origin::Read || !self.guards.iter().any(is_by_member) {
            return None;
        }
        let rows = [own, other].map(|members| self.sets.fleets.rows(members));
        let [own, other] = &rows;
        if own.len().saturating_mul(other.len()) > PAIRS_MAX {
            return None;
        }
        let seats = |thing: ThingId, at: Option<SegmentId>, rows: &[usize]| -> Vec<(usize, Seat)> {
            let of_row = |row: &usize| {
                let seats = self.places.of_rows(thing, &Rows::These([*row].into()));
                let seats = seats
                    .into_iter()
                    .filter(|seat| at.is_none_or(|at| seat.segment == at));
                seats.map(|seat| (*row, seat)).collect::<Vec<_>>()
            };
            rows.iter().flat_map(of_row).collect()
        };
        let (senders, receivers) = (seats(*from, *from_at, own), seats(*to, *to_at, other));
        let mut met = false;
        for (a, sender) in &senders {
            for (b, receiver) in &receivers {
                if !self.places.connected(sender, receiver) {
                    return None;
                }
                let (sender, receiver) = (std::slice::from_ref(sender), std::slice::from_ref(receiver));
                met |= counts(*a, *b)
                    && !both(&self.between((*from, sender), (*to, receiver)), ports).is_empty();
            }
        }
        Some(met)
    }

    /// Whether hosts of an actor have firewalls that differ.
    fn is_by_member(&self, guards: &Guards, thing: ThingId) -> bool {
        let class = self.places.guarded_by(thing).filter(|_| guards.has_hosts);
        let tables = class.and_then(|class| guards.hosts.get(&class));
        tables.is_some_and(|tables| tables.iter().any(|table| !table.is_of_all()))
    }

    fn equal(&self, from: ThingId, to: ThingId) -> Vec<Equal<'a>> {
        let graph = self.sets.graph;
        // What runs on a host speaks with its addresses.
        let is_sender = |end: Endpoint| match end {
            Endpoint::Thing(thing) => self.class(thing) == self.class(from),
            Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet => false,
        };
        let flows = graph
            .flows
            .iter()
            .filter(|flow| is_sender(flow.from) && flow.to == Endpoint::Thing(to));
        let of = |flow: &'a Flow| {
            let names = self.compared(flow)?;
            let ports = graph.ports.get(flow.ports).into_iter().flatten();
            Some(Equal {
                flow,
                ports: ports.map(|ports| Ports::of(*ports)).collect(),
                names,
            })
        };
        flows.filter_map(of).collect()
    }

    /// The ports that may be open between some two members that are equal in none of these lists of attributes.
    ///
    /// Members of one side are taken by their values, and for each all of the other side that differ: the guards of a side
    /// that is told apart are asked for those alone.
    fn between_unlike(&self, guards: &Guards, from: At<'_>, to: At<'_>, names: &[&[Name]]) -> Vec<Ports> {
        let is_by_sender = self.is_by_member(guards, from.thing);
        let (one, other) = if is_by_sender { (from, to) } else { (to, from) };
        let (one_rows, other_rows) = (self.valued(one, names), self.valued(other, names));
        let mut open = Vec::new();
        for (values, rows) in &one_rows {
            let differs = |theirs: &&Vec<Option<Vec<&str>>>| {
                values
                    .iter()
                    .zip(*theirs)
                    .all(|(own, theirs)| own.is_none() || own != theirs)
            };
            let unlike = other_rows.iter().filter(|(theirs, _)| differs(theirs));
            let unlike: Vec<usize> = unlike.flat_map(|(_, rows)| rows.iter().copied()).collect();
            let (Some(own), Some(theirs)) = (self.seat_of(one, rows), self.seat_of(other, &unlike)) else {
                continue;
            };
            let own = At { seat: &own, ..one };
            let theirs = At {
                seat: &theirs,
                ..other
            };
            let (sender, receiver) = if is_by_sender {
                (own, theirs)
            } else {
                (theirs, own)
            };
            let first = self.host(
                guards,
                (own.thing, std::slice::from_ref(own.seat)),
                is_by_sender,
                &theirs.seat.spans,
            );
            if !first.is_empty() {
                open.extend(self.pair(guards, sender, receiver).unwrap_or_default());
            }
        }
        open
    }

    /// The members of two seats that meet in a flow with `same`: for each value, those of both sides; `None` for another flow.
    pub(super) fn alike(&self, flow: &Flow, from: At<'_>, to: At<'_>) -> Option<Vec<(Seat, Seat)>> {
        let names = self.compared(flow)?;
        let (own, other) = (self.valued(from, &[&names]), self.valued(to, &[&names]));
        let has_value = |values: &&Vec<Option<Vec<&str>>>| values.iter().all(Option::is_some);
        let both = own
            .iter()
            .filter(|(values, _)| has_value(values))
            .filter_map(|(values, rows)| {
                let theirs = other.get(values)?;
                // What a member sends to itself never leaves it.
                let is_itself =
                    rows.len() == 1 && rows == theirs && self.class(from.thing) == self.class(to.thing);
                if is_itself {
                    return None;
                }
                Some((self.seat_of(from, rows)?, self.seat_of(to, theirs)?))
            });
        Some(both.collect())
    }

    /// The attributes in which members that meet are equal; `None` if a flow asks for none.
    fn compared(&self, flow: &Flow) -> Option<Vec<Name>> {
        let Some(Pairs::Equal(words)) = self.sets.graph.pairs.get(flow.pairs) else {
            return None;
        };
        let words = words.iter().map(|word| self.sets.graph.words.text(*word));
        words.map(|word| self.sets.model.names.find(word)).collect()
    }

    /// The rows of a seat by their values in each list of attributes; `None` where a row lacks one, which equals nothing.
    fn valued(&self, at: At<'_>, names: &[&[Name]]) -> BTreeMap<Vec<Option<Vec<&'a str>>>, Vec<usize>> {
        let fleets = &self.sets.fleets;
        let class = self.class(at.thing);
        let mut found: BTreeMap<Vec<Option<Vec<&str>>>, Vec<usize>> = BTreeMap::new();
        for row in 0..fleets.of(class).map_or(0, model::fleet::Fleet::len) {
            if fleets.home(class, row) != Some(at.seat.segment) {
                continue;
            }
            let of = |names: &&[Name]| names.iter().map(|name| fleets.value(class, row, *name)).collect();
            found.entry(names.iter().map(of).collect()).or_default().push(row);
        }
        found
    }

    /// The class whose rows an actor has: that of its host.
    fn class(&self, thing: ThingId) -> ThingId {
        self.places.host(thing).unwrap_or(thing)
    }

    /// A seat with the addresses of some rows; `None` if there are none.
    fn seat_of(&self, at: At<'_>, rows: &[usize]) -> Option<Seat> {
        let rows = Rows::These(rows.iter().copied().collect());
        let mut seats = self.places.of_rows(at.thing, &rows).into_iter();
        seats.find(|seat| seat.segment == at.seat.segment)
    }
}
