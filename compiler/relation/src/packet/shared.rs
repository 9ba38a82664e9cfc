//! Who else has the addresses of an end. Where no guard stands, the packets are those that flows declare, and an address is
//! all that tells who sent one: two services of one host, two machines that say overlapping addresses, two externals.
//!
//! Who says no address of its own has all of its segment's until it does. That is no sharing yet: no guard admits an
//! address there.

use std::collections::BTreeSet;

use graph::flow::Endpoint;
use model::thing::ThingId;

use super::guards::Guards;
use super::{Crossing, End, Origin, Packets};
use crate::place::Span;
use crate::rows::Rows;

impl Packets<'_> {
    /// Whoever may send what an end sends, itself first.
    pub(super) fn senders(&self, guards: &Guards, end: &End) -> Vec<End> {
        self.sharing(guards, end, true)
    }

    /// Whoever may get what is sent to an end, itself first. On one host a port belongs to who listens on it.
    pub(super) fn receivers(&self, guards: &Guards, end: &End) -> Vec<End> {
        self.sharing(guards, end, false)
    }

    /// The addresses that a declared flow names as its end; none for what was read, or for an end that says none.
    pub(crate) fn declared_at(&self, crossing: &Crossing) -> Vec<Span> {
        let Origin::Declared(position) = crossing.origin else {
            return Vec::new();
        };
        let flow = self.sets.graph.flows.get(position as usize);
        match flow.map(|flow| flow.to) {
            Some(Endpoint::Thing(thing)) => self.told(thing),
            Some(Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet) | None => Vec::new(),
        }
    }

    /// Whether some of these members have the addresses by which they share the ends of a declared flow; whoever is an end
    /// itself has.
    pub(crate) fn rows_share(
        &self,
        crossing: &Crossing,
        (from, own): (ThingId, &Rows),
        (to, other): (ThingId, &Rows),
    ) -> bool {
        let Origin::Declared(position) = crossing.origin else {
            return true;
        };
        let Some(flow) = self.sets.graph.flows.get(position as usize) else {
            return true;
        };
        let shares = |end: Endpoint, thing: ThingId, rows: &Rows| match end {
            Endpoint::Thing(declared) if declared != thing && !self.is_one_host(declared, thing) => {
                let told = self.told(declared);
                let seats = self.places.of_rows(thing, rows);
                let spans = seats.iter().flat_map(|seat| &seat.spans);
                seats.is_empty()
                    || spans
                        .into_iter()
                        .any(|span| told.iter().any(|told| told.meets(*span)))
            }
            Endpoint::Thing(_) | Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet => true,
        };
        shares(flow.from, from, own) && shares(flow.to, to, other)
    }

    fn sharing(&self, guards: &Guards, end: &End, with_host: bool) -> Vec<End> {
        let mut found = vec![end.clone()];
        let End::Thing(thing, segment) = end else {
            return found;
        };
        let mut others: BTreeSet<End> = BTreeSet::new();
        let own = self.told(*thing);
        let of_external = self.places.externals.iter();
        let meets = |spans: &[Span]| own.iter().any(|own| spans.iter().any(|span| span.meets(*own)));
        others.extend(
            of_external
                .filter(|(_, spans)| meets(spans))
                .map(|(other, _)| End::Thing(*other, None)),
        );
        for (other, seat) in self.places.at(&own) {
            if meets(&self.told(other)) && !self.is_one_host(*thing, other) {
                others.insert(End::Thing(other, Some(seat.segment)));
            }
        }
        if with_host {
            let neighbours = self
                .places
                .things()
                .filter(|other| self.is_one_host(*thing, *other));
            others.extend(neighbours.map(|other| End::Thing(other, *segment)));
        }
        let is_open = |end: &End| {
            let class = end.thing().and_then(|other| self.places.guarded_by(other));
            !(guards.has_hosts && class.is_some()) && end.thing() != Some(*thing)
        };
        found.extend(others.into_iter().filter(is_open));
        found
    }

    pub(super) fn is_one_host(&self, one: ThingId, other: ThingId) -> bool {
        let host = self.places.host(one);
        host.is_some() && host == self.places.host(other)
    }

    /// The addresses that a thing says, by which it is known: not what has a group, and is known by it.
    fn told(&self, thing: ThingId) -> Vec<Span> {
        if !self.group_names(thing).is_empty() || self.places.is_anywhere_in_segment(thing) {
            return Vec::new();
        }
        self.places.spans(thing, None)
    }
}
