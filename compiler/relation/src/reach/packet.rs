//! Packets by which some subject reaches some object.

use std::collections::BTreeMap;

use model::place::SegmentId;
use model::thing::{Detail, ThingId};

use crate::packet::ports::{Ports, both, without};
use crate::packet::{Crossing, End, Origin};
use crate::place::{Seat, Span, is_wide, minus};
use crate::rows::Rows;
use crate::sets::{Objects, Subjects, Taken, Whole};

use super::layers::Layers;
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
                if !self.members_count(question, &wholes, crossing, actor, &ports) {
                    return;
                }
                decided.declared |=
                    Layers::CONNECTIONS.only_if(matches!(crossing.origin, Origin::Declared(_)));
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
            if question.source.is_some() {
                // Who has no place is where the question says, and reaches whatever is open from there.
                for people in subjects.things.keys().filter(|thing| self.is_anywhere(**thing)) {
                    // Where no guard stands that they meet, only what is declared of them counts: the one at the other
                    // side's end lets out whom it stands at, and not whoever has the address.
                    let is_met = crossing.origin == Origin::Read && self.packets.is_guarded_at(&crossing.to);
                    if is_met || crossing.from.thing() == Some(*people) {
                        found(Some(*people), &ports, crossing.from.clone());
                    }
                }
            }
            match &crossing.from {
                End::Thing(thing, _) if question.source.is_some() && self.is_anywhere(*thing) => {}
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
                        if !self.speaks(*thing) || (question.source.is_some() && self.is_anywhere(*thing)) {
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

    /// The ports that are left of a thing when others are taken out: each its addresses and ports, whoever else has them.
    fn without(
        &self,
        (thing, segment): (ThingId, Option<SegmentId>),
        crossing: &Crossing,
        besides: &Taken,
    ) -> Vec<Ports> {
        if besides.things.contains(&thing) {
            return Vec::new();
        }
        let ports = crossing.ports.as_slice();
        if besides.things.is_empty() && besides.parts.is_empty() {
            return ports.to_vec();
        }
        let mut spans = self.packets.places.spans(thing, segment);
        // Who has some addresses of who is declared is reached at these only.
        let told = self.packets.declared_at(crossing);
        if !told.is_empty() {
            let shared = |span: &Span| told.iter().filter_map(|told| told.and(*span)).collect::<Vec<_>>();
            spans = spans.iter().flat_map(shared).collect();
        }
        if !spans.is_empty() {
            let left = self.without_at(spans, ports, besides).into_iter();
            let open = left.flat_map(|(spans, ports)| self.open_at(crossing, &spans, ports));
            return open.collect();
        }
        // What has no known address is known by its name.
        let parts = besides.parts.iter().filter(|part| {
            let part = self.sets.model.parts.get(**part);
            part.is_some_and(|part| part.of == thing)
        });
        let listened: Vec<Ports> = parts
            .flat_map(|part| self.sets.ports(*part))
            .map(|ports| Ports::of(*ports))
            .collect();
        without(ports, &listened)
    }

    /// Of some ports those that a crossing leaves open at some of the addresses of who is reached.
    fn open_at(&self, crossing: &Crossing, spans: &[Span], ports: Vec<Ports>) -> Vec<Ports> {
        let (End::Thing(from, own), End::Thing(to, other)) = (&crossing.from, &crossing.to) else {
            return ports;
        };
        if crossing.origin != Origin::Read {
            return ports;
        }
        let places = &self.packets.places;
        let seats = |thing: ThingId, segment: &Option<SegmentId>| -> Vec<Seat> {
            let seats = places.of(thing).iter();
            let seats = seats.filter(|seat| segment.is_none_or(|segment| seat.segment == segment));
            seats.cloned().collect()
        };
        let (own, mut other) = (seats(*from, own), seats(*to, other));
        if !own.is_empty() && places.externals.contains_key(to) {
            return both(&ports, &self.packets.out_to((*from, &own), spans));
        }
        if own.is_empty() || other.is_empty() {
            return ports;
        }
        other.iter_mut().for_each(|seat| seat.spans = spans.to_vec());
        let mut open = self.packets.between((*from, &own), (*to, &other));
        open.extend(self.packets.over_internet((*from, &own), (*to, &other)));
        both(&ports, &open)
    }

    fn without_at(&self, spans: Vec<Span>, ports: &[Ports], besides: &Taken) -> Vec<(Vec<Span>, Vec<Ports>)> {
        let places = &self.packets.places;
        let mut left = vec![(spans, ports.to_vec())];
        let mut take = |own: &[Span], kept: &dyn Fn(&[Ports]) -> Vec<Ports>| {
            left = std::mem::take(&mut left)
                .into_iter()
                .flat_map(|(spans, ports)| {
                    let inside = own
                        .iter()
                        .flat_map(|own| spans.iter().filter_map(|span| own.and(*span)));
                    let inside = (inside.collect::<Vec<_>>(), kept(&ports));
                    [(minus(&spans, own), ports), inside]
                })
                .filter(|(spans, ports)| !spans.is_empty() && !ports.is_empty())
                .collect();
        };
        // A whole thing has every port at its addresses, but for those of others on its host.
        for thing in &besides.things {
            let neighbours = self.packets.of_neighbours(*thing);
            take(&places.spans(*thing, None), &|ports| both(ports, &neighbours));
        }
        for part in &besides.parts {
            let Some(of) = self.sets.model.parts.get(*part).map(|part| part.of) else {
                continue;
            };
            let ports = self.sets.ports(*part).iter().map(|ports| Ports::of(*ports));
            let listened: Vec<Ports> = ports.collect();
            take(&places.spans(of, None), &|ports| without(ports, &listened));
        }
        left
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
        if matches!(crossing.origin, Origin::Declared(_)) && (is_named(own) || is_named(other)) {
            let rows = (own.unwrap_or(&Rows::All), other.unwrap_or(&Rows::All));
            let shares = self.packets.rows_share(crossing, (from, rows.0), (to, rows.1));
            return if shares { ports.to_vec() } else { Vec::new() };
        }
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
        let mut open = self.packets.between((from, &own), (to, &other));
        open.extend(self.packets.over_internet((from, &own), (to, &other)));
        both(ports, &open)
    }

    /// Whether an actor is wherever it is: people have no place.
    fn is_anywhere(&self, thing: ThingId) -> bool {
        let detail = self.sets.model.things.get(thing).map(|thing| &thing.detail);
        matches!(detail, Some(Detail::People(_)))
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
    fn segments(&self, thing: ThingId, rows: &Rows) -> Vec<Option<SegmentId>> {
        let seats = self.packets.places.of_rows(thing, rows);
        if seats.is_empty() && self.packets.places.of(thing).is_empty() {
            return vec![None];
        }
        seats.iter().map(|seat| Some(seat.segment)).collect()
    }

    fn has_seat(&self, thing: ThingId, rows: &Rows, segment: Option<SegmentId>) -> bool {
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
                let is_external = self.packets.places.externals.contains_key(thing);
                if is_external && besides.internet {
                    return Vec::new();
                }
                let open = self.without((*thing, *segment), crossing, besides);
                if is_external && objects.internet {
                    return open;
                }
                let Some(whole) = wholes.get(thing) else {
                    return Vec::new();
                };
                let rows = whole.members.as_ref().filter(|members| members.class == *thing);
                if rows.is_some_and(|members| !self.has_seat(*thing, &members.rows, *segment)) {
                    return Vec::new();
                }
                if whole.addresses {
                    return open;
                }
                let listened: Vec<Ports> = whole
                    .parts
                    .iter()
                    .flat_map(|part| self.sets.ports(*part))
                    .map(|ports| Ports::of(*ports))
                    .collect();
                both(&open, &listened)
            }
            End::Public(spans) if objects.internet || (objects.provider && is_wide(spans)) => {
                if besides.internet {
                    return Vec::new();
                }
                let left = self.without_at(spans.clone(), &crossing.ports, besides);
                left.into_iter().flat_map(|(_, ports)| ports).collect()
            }
            End::Service(service) if objects.provider && !besides.services.contains(service) => {
                crossing.ports.clone()
            }
            End::Public(_) | End::Service(_) | End::Everybody => Vec::new(),
        }
    }
}
