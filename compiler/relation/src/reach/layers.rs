//! Layers of guards, and which of them an answer takes from declarations.

use std::collections::BTreeMap;
use std::ops::{BitOr, BitOrAssign};

use graph::access::Principal;
use model::place::SegmentId;
use model::thing::{Detail, ThingId};

use crate::claims::Claims;
use crate::guard::is_of_device;
use crate::place::Seat;
use crate::request::{Right, Source};
use crate::sets::Subjects;

use super::{Question, Relation};

/// Some layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers(u8);

/// Every layer by its name, for people.
const NAMES: [(Layers, &str); 4] = [
    (Layers::DEVICES, "device policies"),
    (Layers::POLICIES, "policies of roles and resources"),
    (Layers::RULES, "topic rules"),
    (
        Layers::CONNECTIONS,
        "connections without a group or a host firewall at either end",
    ),
];

impl Layers {
    /// None.
    pub const NONE: Self = Self(0);
    /// Policies of roles and resources.
    pub const POLICIES: Self = Self(1);
    /// Policies of devices.
    pub const DEVICES: Self = Self(2);
    /// What topic rules select.
    pub const RULES: Self = Self(4);
    /// Connections between two ends at which no guard stands.
    pub const CONNECTIONS: Self = Self(8);

    /// These, if it is so.
    #[must_use]
    pub fn only_if(self, is_so: bool) -> Self {
        if is_so { self } else { Self::NONE }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Their names.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let held = NAMES.iter().filter(|(layer, _)| self.0 & layer.0 != 0);
        held.map(|(_, name)| *name).collect()
    }

    /// These without others.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// The layers of documents whose guards a target writes.
    #[must_use]
    pub fn of_claims(claims: Claims) -> Self {
        Self::POLICIES.only_if(claims.roles)
            | Self::DEVICES.only_if(claims.devices)
            | Self::RULES.only_if(claims.rules)
    }

    /// Whose guards decide about a declared access; none for what stands in no guard of its own.
    #[must_use]
    pub fn of_access(principal: Principal, action: &str) -> Self {
        match principal {
            Principal::Class(_) if is_of_device(action) => Self::DEVICES,
            // A rule's subscription is its statement.
            Principal::Acting(_) if action == "iot:Subscribe" => Self::NONE,
            Principal::Acting(_) if action == "iot:Receive" => Self::RULES,
            Principal::Workload(_)
            | Principal::Class(_)
            | Principal::People(_)
            | Principal::Acting(_)
            | Principal::External(_)
            | Principal::Service(_)
            | Principal::Federation(..)
            | Principal::Steward(_)
            | Principal::Anyone => Self::POLICIES,
        }
    }
}

impl BitOr for Layers {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Layers {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl Relation<'_> {
    /// The layers that some right is taken from, if it is declared only.
    pub(crate) fn layer_of(&self, right: &Right) -> Layers {
        let Source::Declared(position) = right.source else {
            return Layers::NONE;
        };
        let graph = self.sets.graph;
        let access = graph.accesses.get(position as usize);
        access.map_or(Layers::NONE, |access| {
            Layers::of_access(access.principal, graph.words.text(access.action))
        })
    }

    /// The layers that a question is about and that are in no selected target: what they do not hold is not there because
    /// nobody declared it, and not because it was read.
    pub(super) fn rests_on(&self, question: &Question<'_>) -> Layers {
        let asks_requests =
            question.objects.provider || question.objects.wholes.iter().any(|whole| !whole.acts.is_empty());
        let mut layers = Layers::NONE;
        if asks_requests {
            layers |= self.rests_on_documents(question.subjects);
        }
        if question.connects {
            layers |= Layers::CONNECTIONS.only_if(self.meets_unguarded(question));
        }
        layers
    }

    /// The layers of documents of some subjects that are in no selected target.
    pub(crate) fn rests_on_documents(&self, subjects: &Subjects) -> Layers {
        let mut layers = Layers::NONE;
        for thing in subjects.things.keys() {
            layers |= match self.sets.model.things.get(*thing).map(|thing| &thing.detail) {
                Some(Detail::Class(_)) => Layers::DEVICES,
                // What acts has a role, and what it reads stands in its statement.
                Some(Detail::Resource) => Layers::POLICIES | Layers::RULES,
                Some(Detail::Workload(_) | Detail::People(_) | Detail::External(_)) => Layers::POLICIES,
                None => Layers::NONE,
            };
        }
        layers |= Layers::POLICIES.only_if(subjects.everybody);
        self.unclaimed(layers)
    }

    /// Those of some layers of documents that no selected target holds.
    pub(crate) fn unclaimed(&self, layers: Layers) -> Layers {
        let targets = self.targets.iter();
        targets.fold(layers, |left, target| {
            left.without(Layers::of_claims(Claims::of(target)))
        })
    }

    /// Whether the question is about packets between two ends at which no guard stands.
    fn meets_unguarded(&self, question: &Question<'_>) -> bool {
        let (subjects, objects) = (question.subjects, question.objects);
        let places = &self.packets.places;
        let open = |thing: ThingId| {
            let seats = places.of(thing).iter();
            seats.filter(move |_| self.packets.is_open(thing))
        };
        let by_segment = |seats: &mut dyn Iterator<Item = &'_ Seat>| -> BTreeMap<SegmentId, Seat> {
            seats.map(|seat| (seat.segment, seat.clone())).collect()
        };
        let reached: Vec<ThingId> = objects
            .wholes
            .iter()
            .filter(|whole| whole.addresses || !whole.parts.is_empty())
            .map(|whole| whole.thing)
            .collect();
        let to = by_segment(&mut reached.iter().flat_map(|thing| open(*thing)));
        let to_outside = objects.internet || reached.iter().any(|thing| places.externals.contains_key(thing));
        let from = by_segment(&mut subjects.things.keys().flat_map(|thing| open(*thing)));
        // Who has no place is somewhere outside.
        let is_outside = |thing: &&ThingId| places.of(**thing).is_empty() && self.speaks(**thing);
        let mut outside = subjects.things.keys().filter(is_outside);
        let runs = |thing: &ThingId| {
            let detail = self.sets.model.things.get(*thing).map(|thing| &thing.detail);
            matches!(detail, Some(Detail::Workload(_) | Detail::Class(_)))
        };
        if to_outside && outside.clone().any(runs) {
            return true;
        }
        let from_outside = subjects.everybody || subjects.internet || outside.next().is_some();
        (from_outside && !to.is_empty())
            || (!from.is_empty() && (to_outside || objects.provider))
            || from
                .values()
                .any(|own| to.values().any(|other| places.connected(own, other)))
    }
}
