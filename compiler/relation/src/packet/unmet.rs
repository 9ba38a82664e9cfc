//! Declared flows that the guards on their way, taken together, do not let pass.

use graph::flow::{Endpoint, Flow, Reach};
use model::thing::ThingId;
use rayon::prelude::*;

use super::guards::{Guards, passes, service_of};
use super::ports::{Ports, both, without};
use super::{At, Packets};

impl Packets<'_> {
    /// The positions of flows between two ends with a guard each, of which some port does not pass both.
    ///
    /// With a guard at one end only, the composition is this guard.
    #[must_use]
    pub fn unmet(&self) -> Vec<u32> {
        let flows: Vec<(u32, &Flow)> = (0u32..).zip(&self.sets.graph.flows).collect();
        flows
            .into_par_iter()
            .filter(|(_, flow)| self.guards.iter().any(|guards| self.falls_short(guards, flow)))
            .map(|(position, _)| position)
            .collect()
    }

    fn falls_short(&self, guards: &Guards, flow: &Flow) -> bool {
        let ports = self.sets.graph.ports.get(flow.ports).into_iter().flatten();
        let ports: Vec<Ports> = ports.map(|ports| Ports::of(*ports)).collect();
        match (flow.from, flow.to) {
            (Endpoint::Thing(from), Endpoint::Thing(to)) => {
                self.between_two(guards, flow, (from, to), &ports)
            }
            (Endpoint::Thing(from), Endpoint::Service(service)) if flow.reach == Reach::Private => {
                self.before_service(guards, from, self.sets.graph.words.text(service), &ports)
            }
            (Endpoint::Thing(_) | Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet, _) => {
                false
            }
        }
    }

    fn between_two(
        &self,
        guards: &Guards,
        flow: &Flow,
        (from, to): (ThingId, ThingId),
        ports: &[Ports],
    ) -> bool {
        let seats = self.places.of(from).iter();
        let mut pairs = seats.flat_map(|own| self.places.of(to).iter().map(move |other| (own, other)));
        pairs.any(|(own, other)| {
            let (from, to) = (
                At {
                    thing: from,
                    seat: own,
                },
                At {
                    thing: to,
                    seat: other,
                },
            );
            let falls_short = |from: At<'_>, to: At<'_>| {
                let open = self.pair(guards, from, to);
                open.is_some_and(|open| !without(ports, &open).is_empty())
            };
            self.places.connected(own, other)
                && match self.alike(flow, from, to) {
                    None => falls_short(from, to),
                    Some(alike) => alike.iter().any(|(own, other)| {
                        let own = At { seat: own, ..from };
                        falls_short(own, At { seat: other, ..to })
                    }),
                }
        })
    }

    /// The sender's groups and the groups of the service's endpoints, of which one suffices.
    fn before_service(&self, guards: &Guards, from: ThingId, service: &str, ports: &[Ports]) -> bool {
        let Some(groups) = self.groups(guards, from) else {
            return false;
        };
        let far = self.endpoint_spans();
        let endpoints = guards.groups.iter();
        let mut own = endpoints
            .filter(|(address, _)| service_of(address) == Some(service))
            .peekable();
        // A gateway has no group; it is compared by itself.
        if own.peek().is_none() {
            return false;
        }
        let names = self.group_names(from);
        !own.any(|(address, endpoint)| {
            self.places.of(from).iter().all(|seat| {
                let inward = passes(&[endpoint], false, &names, &seat.spans);
                let open = both(&inward, &passes(&groups, true, &[address], &far));
                without(ports, &open).is_empty()
            })
        })
    }
}
