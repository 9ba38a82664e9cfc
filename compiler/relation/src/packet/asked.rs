//! Questions of crossings that depend on who speaks, and from where.

use graph::flow::{Endpoint, Reach};
use model::place::SegmentId;
use model::thing::ThingId;

use super::guards::passes;
use super::ports::{Ports, both};
use super::{At, Crossing, End, Origin, Packets};
use crate::place::{Seat, Span};

impl Packets<'_> {
    /// The addresses by which guards know an actor; those of the way that a flow takes, if one is told.
    pub(crate) fn known_by(&self, thing: ThingId, at: Option<SegmentId>, reach: Option<Reach>) -> Vec<Span> {
        let seats = self.places.of(thing).iter();
        let mut spans: Vec<Span> = Vec::new();
        for seat in seats.filter(|seat| at.is_none_or(|at| seat.segment == at)) {
            if reach != Some(Reach::Public) {
                spans.extend(&seat.spans);
            }
            if reach != Some(Reach::Private) {
                spans.extend(self.places.public_of(seat).unwrap_or_default());
            }
        }
        spans.extend(self.places.externals.get(&thing).into_iter().flatten());
        spans.extend(self.sources.get(&thing).into_iter().flatten());
        spans
    }

    /// The addresses of an end of a flow, on the way that it takes.
    pub(crate) fn spans_of(&self, end: Endpoint, reach: Reach) -> Vec<Span> {
        match end {
            Endpoint::Thing(thing) => self.known_by(thing, None, Some(reach)),
            Endpoint::Addresses(blocks) => {
                let blocks = self.sets.graph.blocks.get(blocks).into_iter().flatten();
                blocks.map(|block| Span::of(*block)).collect()
            }
            Endpoint::Service(_) | Endpoint::Internet => Vec::new(),
        }
    }

    /// The ports that are open to members of a site over the internet, where it is known by the site's public addresses.
    #[must_use]
    pub fn over_internet(
        &self,
        (from, own): (ThingId, &[Seat]),
        (to, other): (ThingId, &[Seat]),
    ) -> Vec<Ports> {
        let mut found = Vec::new();
        if !other.iter().any(|seat| seat.is_public) {
            return found;
        }
        for guards in &self.guards {
            for seat in own {
                let known = self.places.public_of(seat).unwrap_or_default();
                if known.is_empty() {
                    continue;
                }
                let mut ports = self.host(guards, (from, std::slice::from_ref(seat)), true, &self.beyond());
                ports = both(&ports, &self.host(guards, (to, other), false, &known));
                if let Some(groups) = self.groups(guards, to) {
                    ports = both(&ports, &passes(&groups, false, &[], &known));
                }
                found.extend(ports);
            }
        }
        self.listened(to, found)
    }

    /// The ports on which an actor's own guards let it out to some public addresses.
    #[must_use]
    pub fn out_to(&self, (from, own): (ThingId, &[Seat]), spans: &[Span]) -> Vec<Ports> {
        let mut found = Vec::new();
        for guards in self
            .guards
            .iter()
            .filter(|_| own.iter().any(|seat| !seat.is_isolated))
        {
            let mut ports = self.host(guards, (from, own), true, spans);
            if let Some(groups) = self.groups(guards, from) {
                ports = both(&ports, &passes(&groups, true, &[], spans));
            }
            found.extend(ports);
        }
        found
    }

    /// On which ports an actor reaches who admits everybody. Its own guards, and the way to there, still count.
    #[must_use]
    pub fn as_everybody(&self, from: ThingId, segment: Option<SegmentId>, to: &Crossing) -> Vec<Ports> {
        let End::Thing(reached, at) = to.to else {
            return Vec::new();
        };
        let seats: Vec<&Seat> = self
            .places
            .of(from)
            .iter()
            .filter(|seat| segment.is_none_or(|segment| seat.segment == segment))
            .collect();
        // People and externals are somewhere on the internet.
        if self.places.of(from).is_empty() {
            return to.ports.clone();
        }
        let others: Vec<&Seat> = self
            .places
            .of(reached)
            .iter()
            .filter(|seat| Some(seat.segment) == at)
            .collect();
        let mut found = Vec::new();
        for guards in &self.guards {
            for own in &seats {
                for other in &others {
                    if self.places.connected(own, other) {
                        let (from, to) = (
                            At {
                                thing: from,
                                seat: own,
                            },
                            At {
                                thing: reached,
                                seat: other,
                            },
                        );
                        found.extend(self.pair(guards, from, to).unwrap_or_default());
                    }
                }
                // Over the internet: by the site's public addresses, or by one that nobody knows.
                let leaves = self.places.public_of(own).is_none_or(|known| !known.is_empty());
                if leaves && self.groups(guards, from).is_none() {
                    found.extend(both(
                        &to.ports,
                        &self.host(guards, (from, std::slice::from_ref(own)), true, &self.beyond()),
                    ));
                }
            }
        }
        let mut found = both(&found, &to.ports);
        found.dedup();
        found
    }

    /// The ports of a crossing that are open from one address, for whoever speaks from there.
    #[must_use]
    pub fn from_address(
        &self,
        actor: Option<ThingId>,
        from: &End,
        source: Span,
        crossing: &Crossing,
        ports: &[Ports],
    ) -> Vec<Ports> {
        let speaks = match from {
            End::Public(spans) => spans.iter().any(|span| span.meets(source)),
            End::Everybody => true,
            End::Service(_) => false,
            End::Thing(thing, segment) => {
                let own = self.known_by(*thing, *segment, None);
                // People are wherever a trust of theirs lets them be.
                own.is_empty() || own.iter().any(|span| span.meets(source))
            }
        };
        let End::Thing(to, at) = crossing.to else {
            return if speaks { ports.to_vec() } else { Vec::new() };
        };
        let reached = self.places.of(to).iter();
        let reached = reached.filter(|seat| at.is_none_or(|at| seat.segment == at));
        let reached: Vec<Seat> = reached.cloned().collect();
        if !speaks {
            return Vec::new();
        }
        if let Origin::Declared(position) = crossing.origin {
            let flow = self.sets.graph.flows.get(position as usize);
            let blocks = flow.and_then(|flow| match flow.from {
                Endpoint::Addresses(blocks) => self.sets.graph.blocks.get(blocks),
                Endpoint::Thing(_) | Endpoint::Service(_) | Endpoint::Internet => None,
            });
            let is_named =
                blocks.is_none_or(|blocks| blocks.iter().any(|block| Span::of(*block).meets(source)));
            return if is_named { ports.to_vec() } else { Vec::new() };
        }
        let names = actor.map_or_else(Vec::new, |actor| self.group_names(actor));
        let mut open = Vec::new();
        for guards in &self.guards {
            let mut own = self.host(guards, (to, &reached), false, &[source]);
            if let Some(groups) = self.groups(guards, to) {
                own = both(&own, &passes(&groups, false, &names, &[source]));
            }
            open.extend(own);
        }
        both(ports, &open)
    }
}
