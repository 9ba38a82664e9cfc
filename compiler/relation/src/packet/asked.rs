//! Questions of crossings that depend on who speaks, and from where.

use graph::flow::Endpoint;
use model::place::SegmentId;
use model::thing::ThingId;

use super::guards::passes;
use super::ports::{Ports, both};
use super::{At, Crossing, End, Origin, Packets};
use crate::place::{Seat, Span, minus};

impl Packets<'_> {
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
                    // What an external is known by is nobody else's address.
                    let externals: Vec<Span> = self.places.externals.values().flatten().copied().collect();
                    let far = minus(&self.outside(), &externals);
                    found.extend(both(&to.ports, &self.host(guards, from, true, &far)));
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
                let seats = self.places.of(*thing).iter();
                let mut own: Vec<Span> = seats
                    .filter(|seat| segment.is_none_or(|segment| seat.segment == segment))
                    .flat_map(|seat| {
                        let public = self.places.public_of(seat).unwrap_or_default();
                        seat.spans.iter().copied().chain(public).collect::<Vec<_>>()
                    })
                    .collect();
                own.extend(self.places.externals.get(thing).into_iter().flatten());
                // People are wherever a trust of theirs lets them be.
                own.is_empty() || own.iter().any(|span| span.meets(source))
            }
        };
        let End::Thing(to, _) = crossing.to else {
            return if speaks { ports.to_vec() } else { Vec::new() };
        };
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
            let mut own = self.host(guards, to, false, &[source]);
            if let Some(groups) = self.groups(guards, to) {
                own = both(&own, &passes(&groups, false, &names, &[source]));
            }
            open.extend(own);
        }
        both(ports, &open)
    }
}
