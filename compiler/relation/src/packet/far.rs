//! Crossings to and from what has no place in the spec: public addresses and services.

use std::collections::BTreeSet;

use model::thing::ThingId;

use crate::place::{Span, minus};

use super::guards::{Guards, passes};
use super::ports::{Ports, both};
use super::{At, Crossing, End, Origin, Packets};

impl<'a> Packets<'a> {
    /// What an actor may send to public addresses.
    pub(super) fn outward(
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
        let mut holes: Vec<(End, Vec<Span>)> = Vec::new();
        let mut reach = |to: End, spans: &[Span], origin: Origin| {
            // What this rule lets out, as far as the other guards of the same end do.
            let mut ports = both(
                &[rule],
                &self.host(guards, (from.thing, std::slice::from_ref(from.seat)), true, spans),
            );
            if let Some(groups) = self.groups(guards, from.thing) {
                ports = both(&ports, &passes(&groups, true, &[], spans));
            }
            if !ports.is_empty() {
                found.insert(Crossing {
                    from: End::Thing(from.thing, Some(from.seat.segment)),
                    to,
                    ports,
                    origin,
                    pairs: self.all,
                });
            }
        };
        for (external, own) in &self.places.externals {
            let met: Vec<Span> = own.iter().filter_map(|own| own.and(span)).collect();
            if !met.is_empty() {
                reach(End::Thing(*external, None), &met, Origin::Read);
            }
        }
        // What the provider gives a public address has any that nobody is known by. Where a guard of it was read, that one says who
        // comes in.
        let unknown = minus(
            &public,
            &self
                .places
                .externals
                .values()
                .flatten()
                .copied()
                .collect::<Vec<_>>(),
        );
        if !unknown.is_empty() {
            for thing in self.places.things().filter(|thing| *thing != from.thing) {
                let is_open = self.groups(guards, thing).is_none() && self.places.guarded_by(thing).is_none();
                let seat = self.places.of(thing).iter().find(|seat| seat.is_public);
                if let Some(seat) = seat.filter(|_| is_open) {
                    holes.push((End::Thing(thing, Some(seat.segment)), unknown.clone()));
                }
            }
        }
        reach(End::Public(public.clone()), &public, Origin::Read);
        for (to, spans) in holes {
            reach(to, &spans, Origin::Hole);
        }
    }

    /// Who may send to an actor from public addresses.
    pub(super) fn inward(
        &self,
        guards: &Guards,
        to: At<'_>,
        span: Span,
        rule: Ports,
        found: &mut BTreeSet<Crossing>,
    ) {
        let mut reach = |from: End, spans: &[Span], leaves: &[Ports]| {
            let mut ports = both(
                &both(&[rule], leaves),
                &self.host(guards, (to.thing, std::slice::from_ref(to.seat)), false, spans),
            );
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
                reach(End::Thing(*people, None), &met, &[Ports::ALL]);
            }
        }
        if !to.seat.is_public {
            return;
        }
        if is_whole(span) {
            reach(End::Everybody, &[span], &[Ports::ALL]);
        }
        let public = minus(&[span], &self.places.declared);
        if !public.is_empty() {
            reach(End::Public(public.clone()), &public, &[Ports::ALL]);
        }
        for (external, own) in &self.places.externals {
            let met: Vec<Span> = own.iter().filter_map(|own| own.and(span)).collect();
            if !met.is_empty() {
                reach(End::Thing(*external, None), &met, &[Ports::ALL]);
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
                if !met.is_empty() {
                    // Its own host lets it out to public addresses, or not.
                    let leaves = self.host(guards, (thing, std::slice::from_ref(seat)), true, &self.beyond());
                    reach(End::Thing(thing, Some(seat.segment)), &met, &leaves);
                }
            }
        }
    }

    /// What an actor may send to a private endpoint.
    pub(super) fn to_service(
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
            ports = both(
                &ports,
                &self.host(guards, (from, std::slice::from_ref(seat)), true, &far),
            );
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

    /// What an actor may send to private endpoints that were there before, and wear a group of which nothing was read.
    pub(super) fn to_worn(&self, guards: &Guards, from: ThingId, worn: &str, found: &mut BTreeSet<Crossing>) {
        let model = self.sets.model;
        for (_, network) in model.networks.iter() {
            let far = [Span::of(network.cidr)];
            let wearing = network.endpoints.iter();
            let wearing = wearing.filter(|endpoint| model.names.text(endpoint.wears.0) == worn);
            for endpoint in wearing {
                let service = model.names.text(endpoint.service);
                for seat in self.places.of(from) {
                    let mut ports = self.host(guards, (from, std::slice::from_ref(seat)), true, &far);
                    if let Some(groups) = self.groups(guards, from) {
                        ports = both(&ports, &passes(&groups, true, &[worn], &far));
                    }
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
        }
    }

    /// Every address that no declared place has.
    pub(super) fn outside(&self) -> Vec<Span> {
        minus(&[Span::all(false), Span::all(true)], &self.places.declared)
    }

    /// Every address that nothing declared has: where the provider gives public addresses.
    pub(super) fn beyond(&self) -> Vec<Span> {
        let externals: Vec<Span> = self.places.externals.values().flatten().copied().collect();
        minus(&self.outside(), &externals)
    }

    /// The addresses of segments that hold private endpoints.
    pub(super) fn endpoint_spans(&self) -> Vec<Span> {
        let segments = self.sets.model.segments.iter();
        let with = segments.filter(|(_, segment)| segment.endpoints.is_some());
        with.map(|(_, segment)| Span::of(segment.cidr)).collect()
    }
}

pub(super) fn is_whole(span: Span) -> bool {
    span == Span::all(span.six)
}
