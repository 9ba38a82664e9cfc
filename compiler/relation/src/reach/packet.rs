//! Packets by which some subject reaches some object.

use std::collections::BTreeMap;

use model::thing::{Detail, ThingId};

use crate::packet::ports::{Ports, both, without};
use crate::packet::{Crossing, End, Origin};
use crate::place::{Span, is_wide, minus};
use crate::rows::Rows;
use crate::sets::{Objects, Subjects, Taken, Whole};

use super::{Decided, Packet, Question, Reached, Relation};

impl<'a> Relation<'a> {
    pub(super) fn ask_packets(
        &self,
        question: &Question<'_>,
        visit: &mut dyn FnMut(Option<ThingId>, Reached),
        decided: &mut Decided,
    ) {
        let wholes: BTreeMap<ThingId, &Whole> = question
            .objects
            .wholes
            .iter()
            .map(|whole| (whole.thing, whole))
            .collect();
        for (position, crossing) in self.packets.crossings.iter().enumerate() {
            let ports = self.ports_reached(&wholes, question.objects, crossing);
            if ports.is_empty() {
                continue;
            }
            let mut found = |actor: Option<ThingId>, ports: &[Ports], from: End| {
                let ports = match question.source {
                    Some(source) => self.packets.from_address(actor, &from, source, crossing, ports),
                    None => ports.to_vec(),
                };
                let Some(first) = ports.iter().min().copied() else {
                    return;
                };
                if !self.members_count(question, &wholes, crossing, actor) {
                    return;
                }
                decided.declared |= matches!(crossing.origin, Origin::Declared(_));
                visit(
                    actor,
                    Reached::Packet(Packet {
                        from,
                        to: crossing.to.clone(),
                        ports: first,
                        crossing: position,
                    }),
                );
            };
            let subjects = question.subjects;
            match &crossing.from {
                End::Thing(thing, segment) => {
                    let ports = self.of_members(question, &wholes, crossing, *thing, &ports);
                    let named = subjects
                        .things
                        .get(thing)
                        .is_some_and(|rows| self.has_seat(*thing, rows, *segment));
                    let is_external = self.packets.places.externals.contains_key(thing);
                    let in_internet = subjects.internet && is_external && !subjects.except_internet;
                    if named || (in_internet && !subjects.except.contains(thing)) {
                        found(Some(*thing), &ports, crossing.from.clone());
                    }
                }
                End::Everybody => {
                    if (subjects.everybody || subjects.internet) && !subjects.except_internet {
                        found(None, &ports, End::Everybody);
                    }
                    for (thing, rows) in &subjects.things {
                        if !self.speaks(*thing) {
                            continue;
                        }
                        for segment in self.segments(*thing, rows) {
                            let own = both(&self.packets.as_everybody(*thing, segment, crossing), &ports);
                            found(Some(*thing), &own, End::Thing(*thing, segment));
                        }
                    }
                }
                End::Public(spans) => {
                    let open =
                        !subjects.except_internet && !minus(spans, &self.excepted(subjects)).is_empty();
                    if open && (subjects.everybody || subjects.internet) {
                        found(None, &ports, crossing.from.clone());
                    }
                }
                End::Service(_) => {
                    if subjects.everybody || subjects.provider {
                        found(None, &ports, crossing.from.clone());
                    }
                }
            }
        }
    }

    /// The addresses of externals that were taken out of the subjects.
    fn excepted(&self, subjects: &Subjects) -> Vec<Span> {
        let externals = &self.packets.places.externals;
        let own = subjects.except.iter().filter_map(|thing| externals.get(thing));
        own.flatten().copied().collect()
    }

    /// What `besides` leaves of some addresses outside.
    fn outside(&self, spans: &[Span], besides: &Taken) -> Vec<Span> {
        if besides.internet {
            return Vec::new();
        }
        let externals = &self.packets.places.externals;
        let taken: Vec<Span> = besides
            .things
            .iter()
            .filter_map(|thing| externals.get(thing))
            .flatten()
            .copied()
            .collect();
        minus(spans, &taken)
    }

    /// The ports of a crossing that are open for the members that are meant, where some are named one by one.
    fn of_members(
        &self,
        question: &Question<'_>,
        wholes: &BTreeMap<ThingId, &Whole>,
        crossing: &Crossing,
        from: ThingId,
        ports: &[Ports],
    ) -> Vec<Ports> {
        let End::Thing(to, _) = crossing.to else {
            return ports.to_vec();
        };
        let own = question.subjects.things.get(&from);
        let members = wholes.get(&to).and_then(|whole| whole.members.as_ref());
        let other = members
            .filter(|members| self.packets.places.host(to) == Some(members.class))
            .map(|members| &members.rows);
        let is_named = |rows: Option<&Rows>| matches!(rows, Some(Rows::These(_)));
        if crossing.origin != Origin::Read || !(is_named(own) || is_named(other)) {
            return ports.to_vec();
        }
        let places = &self.packets.places;
        let seats = |thing, rows: Option<&Rows>| places.of_rows(thing, rows.unwrap_or(&Rows::All));
        let (own, other) = (seats(from, own), seats(to, other));
        // Who has no place is known by other means.
        if own.is_empty() || other.is_empty() {
            return ports.to_vec();
        }
        both(ports, &self.packets.between((from, &own), (to, &other)))
    }

    /// Whether a thing is one that opens connections at all.
    pub(crate) fn speaks(&self, thing: ThingId) -> bool {
        let detail = self.sets.model.things.get(thing).map(|thing| &thing.detail);
        match detail {
            Some(Detail::Resource) => !self.packets.places.of(thing).is_empty(),
            // Code without a place runs somewhere on the internet: at the provider's, or at whoever runs the job.
            Some(Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_)) => true,
            None => false,
        }
    }

    /// The segments of the members that are meant; one `None` for what has no place.
    fn segments(&self, thing: ThingId, rows: &Rows) -> Vec<Option<model::place::SegmentId>> {
        let seats = self.packets.places.of_rows(thing, rows);
        if seats.is_empty() && self.packets.places.of(thing).is_empty() {
            return vec![None];
        }
        seats.iter().map(|seat| Some(seat.segment)).collect()
    }

    fn has_seat(&self, thing: ThingId, rows: &Rows, segment: Option<model::place::SegmentId>) -> bool {
        match (rows, segment) {
            (Rows::All, _) | (_, None) => true,
            (Rows::In(segments), Some(segment)) => segments.contains(&segment),
            (Rows::These(rows), Some(segment)) => {
                let class = self.packets.places.host(thing).unwrap_or(thing);
                rows.iter()
                    .any(|row| self.sets.fleets.home(class, *row) == Some(segment))
            }
        }
    }

    /// The ports of a crossing by which it reaches what is meant.
    fn ports_reached(
        &self,
        wholes: &BTreeMap<ThingId, &Whole>,
        objects: &Objects,
        crossing: &Crossing,
    ) -> Vec<Ports> {
        let besides = &objects.besides;
        match &crossing.to {
            End::Thing(thing, segment) => {
                let taken: Vec<Ports> = besides
                    .parts
                    .iter()
                    .filter(|part| {
                        self.sets
                            .model
                            .parts
                            .get(**part)
                            .is_some_and(|part| part.of == *thing)
                    })
                    .flat_map(|part| self.sets.ports(*part))
                    .map(|ports| Ports::of(*ports))
                    .collect();
                if let Some(spans) = self.packets.places.externals.get(thing) {
                    if self.outside(spans, besides).is_empty() {
                        return Vec::new();
                    }
                    if objects.internet {
                        return without(&crossing.ports, &taken);
                    }
                }
                let Some(whole) = wholes.get(thing) else {
                    return Vec::new();
                };
                let rows = whole.members.as_ref().filter(|members| members.class == *thing);
                if rows.is_some_and(|members| !self.has_seat(*thing, &members.rows, *segment)) {
                    return Vec::new();
                }
                if whole.addresses {
                    return without(&crossing.ports, &taken);
                }
                let listened: Vec<Ports> = whole
                    .parts
                    .iter()
                    .flat_map(|part| self.sets.ports(*part))
                    .map(|ports| Ports::of(*ports))
                    .collect();
                without(&both(&crossing.ports, &listened), &taken)
            }
            End::Public(spans) if objects.internet || (objects.provider && is_wide(spans)) => {
                // Listeners of externals that were taken out, each with its ports.
                let mut open = self.outside(spans, besides);
                for part in besides
                    .parts
                    .iter()
                    .filter_map(|part| Some((*part, self.sets.model.parts.get(*part)?.of)))
                {
                    let ports: Vec<Ports> = self
                        .sets
                        .ports(part.0)
                        .iter()
                        .map(|ports| Ports::of(*ports))
                        .collect();
                    if without(&crossing.ports, &ports).is_empty() {
                        let own = self
                            .packets
                            .places
                            .externals
                            .get(&part.1)
                            .map_or(&[][..], Vec::as_slice);
                        open = minus(&open, own);
                    }
                }
                if open.is_empty() {
                    Vec::new()
                } else {
                    crossing.ports.clone()
                }
            }
            End::Service(service) if objects.provider && !besides.services.contains(service) => {
                crossing.ports.clone()
            }
            End::Public(_) | End::Service(_) | End::Everybody => Vec::new(),
        }
    }
}
