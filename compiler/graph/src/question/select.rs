//! Selectors: which declarations a promise, a question or a `cannot` names.

use std::collections::{BTreeMap, BTreeSet};

use model::place::{SegmentId, Within};
use model::promise::Selector;
use model::thing::{Detail, PartId, Thing, ThingId};
use model::trust::End;

use super::Index;
use crate::access::{Access, Principal, Resource};
use crate::flow::{Endpoint, Flow, Reach};

/// What a selector stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// Things; a class may be meant in some of its segments only.
    pub things: BTreeMap<ThingId, Where>,
    /// Parts.
    pub parts: BTreeSet<PartId>,
    /// Every service of the provider.
    pub provider: bool,
    /// Every address that no declared place or external holds; as a subject, everybody.
    pub internet: bool,
}

/// Which members of a thing are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// All.
    Everywhere,
    /// Those in these segments.
    Segments(BTreeSet<SegmentId>),
}

impl Selected {
    /// Whether nothing is meant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.things.is_empty() && self.parts.is_empty() && !self.provider && !self.internet
    }

    /// Takes everything of `other` as well.
    pub fn add(&mut self, other: Self) {
        for (thing, place) in other.things {
            match (self.things.get_mut(&thing), place) {
                (Some(Where::Segments(segments)), Where::Segments(more)) => segments.extend(more),
                (Some(Where::Everywhere), _) => {}
                (Some(Where::Segments(_)) | None, place) => {
                    self.things.insert(thing, place);
                }
            }
        }
        self.parts.extend(other.parts);
        self.provider |= other.provider;
        self.internet |= other.internet;
    }
}

impl Index<'_> {
    /// What a selector stands for. A thing brings its parts, a place what is in it.
    #[must_use]
    pub fn select(&self, selector: Selector) -> Selected {
        let model = self.model;
        let segments = |wanted: &dyn Fn(SegmentId) -> bool| self.placed(wanted);
        match selector {
            Selector::End(End::Thing(thing)) => self.whole(|id, _| id == thing),
            Selector::End(End::Part(part)) => Selected {
                parts: BTreeSet::from([part]),
                ..Selected::default()
            },
            Selector::End(End::Account(account)) | Selector::Account(account) => {
                self.whole(|_, thing| thing.account.or(model.project.default_account) == Some(account))
            }
            Selector::End(End::Internet) | Selector::Internet => Selected {
                internet: true,
                ..Selected::default()
            },
            Selector::Everything => Selected {
                provider: true,
                internet: true,
                ..self.whole(|_, _| true)
            },
            Selector::Kind(kind) => {
                let mut selected = self.whole(|_, thing| thing.kind == kind);
                selected.parts.extend(
                    model
                        .parts
                        .iter()
                        .filter(|(_, part)| part.kind == kind)
                        .map(|(id, _)| id),
                );
                selected
            }
            Selector::Segment(segment) => segments(&|id| id == segment),
            Selector::Site(site) => segments(&|id| self.within(id) == Some(Within::Site(site))),
            Selector::Network(network) => segments(&|id| self.within(id) == Some(Within::Network(network))),
            Selector::Level(level) => segments(&|id| {
                model
                    .segments
                    .get(id)
                    .is_some_and(|segment| segment.level == Some(level))
            }),
            Selector::Owner(owner) => self.whole(|_, thing| thing.owner == Some(owner)),
            Selector::Tag(tag) => self.whole(|_, thing| thing.tags.iter().any(|(key, _)| *key == tag)),
            Selector::DataClass(class) => {
                self.whole(|_, thing| thing.data_class.is_some_and(|(held, _)| held == class))
            }
            Selector::Provider => Selected {
                provider: true,
                ..Selected::default()
            },
        }
    }

    fn within(&self, segment: SegmentId) -> Option<Within> {
        Some(self.model.segments.get(segment)?.within)
    }

    fn whole(&self, wanted: impl Fn(ThingId, &Thing) -> bool) -> Selected {
        let mut selected = Selected::default();
        for (id, thing) in self.model.things.iter().filter(|(id, thing)| wanted(*id, thing)) {
            selected.things.insert(id, Where::Everywhere);
            selected.parts.extend(&thing.parts);
        }
        selected
    }

    fn placed(&self, wanted: &dyn Fn(SegmentId) -> bool) -> Selected {
        let mut selected = Selected::default();
        for (id, thing) in self.model.things.iter() {
            let homes = self.home(thing);
            let inside: BTreeSet<SegmentId> =
                homes.iter().copied().filter(|segment| wanted(*segment)).collect();
            if inside.is_empty() {
                continue;
            }
            selected.parts.extend(&thing.parts);
            let place = if inside.len() == homes.len() {
                Where::Everywhere
            } else {
                Where::Segments(inside)
            };
            selected.things.insert(id, place);
        }
        selected
    }

    /// The segments in which a thing has an interface; none if it has no place.
    #[must_use]
    pub fn home(&self, thing: &Thing) -> Vec<SegmentId> {
        crate::build::home(self.model, thing)
    }

    /// Whether an access lies between members of a subject and an object. Without regard to capabilities.
    #[must_use]
    pub fn access_between(&self, access: &Access, subjects: &Selected, objects: &Selected) -> bool {
        let acts = match access.principal {
            Principal::Anyone => subjects.internet,
            principal @ (Principal::Workload(_)
            | Principal::Class(_)
            | Principal::People(_)
            | Principal::Acting(_)
            | Principal::External(_)) => self
                .actor(principal)
                .is_some_and(|actor| subjects.things.contains_key(&actor)),
            Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) => false,
        };
        if !acts {
            return false;
        }
        match access.resource {
            Resource::Thing(thing) => {
                let of_service = || {
                    let kind = self
                        .model
                        .things
                        .get(thing)
                        .and_then(|thing| self.model.kinds.get(thing.kind));
                    kind.is_some_and(|kind| kind.words.service.is_some())
                };
                objects.things.contains_key(&thing) || (objects.provider && of_service())
            }
            Resource::Part(part) => objects.parts.contains(&part),
            // To become oneself is no access to another.
            Resource::Identity(thing) => {
                self.actor(access.principal) != Some(thing) && objects.things.contains_key(&thing)
            }
            Resource::Unscoped => objects.provider,
        }
    }

    /// Whether a flow lies between members of a subject and an object.
    #[must_use]
    pub fn flow_between(&self, flow: &Flow, subjects: &Selected, objects: &Selected) -> bool {
        let opens = match flow.from {
            Endpoint::Thing(thing) => subjects.things.contains_key(&thing),
            Endpoint::Internet => subjects.internet,
            Endpoint::Addresses(_) => {
                let people = self
                    .trust_of(flow.because)
                    .and_then(|trust| self.model.trusts.get(trust));
                let named = people.is_some_and(|trust| {
                    trust.subjects.iter().any(|subject| match subject.end {
                        End::Thing(thing) => subjects.things.contains_key(&thing),
                        End::Internet => subjects.internet,
                        End::Part(_) | End::Account(_) => false,
                    })
                });
                named || (subjects.internet && flow.reach == Reach::Public)
            }
            Endpoint::Service(_) => subjects.provider,
        };
        if !opens {
            return false;
        }
        let reached = match flow.to {
            Endpoint::Thing(thing) => self.reached_part(flow, thing, objects),
            Endpoint::Service(_) => objects.provider || (objects.internet && flow.reach == Reach::Public),
            Endpoint::Addresses(_) => objects.internet,
            Endpoint::Internet => objects.internet,
        };
        reached && self.members_meet(flow, subjects, objects)
    }

    /// The object is the thing, or a part of it whose ports the flow opens.
    fn reached_part(&self, flow: &Flow, thing: ThingId, objects: &Selected) -> bool {
        if objects.things.contains_key(&thing) {
            return true;
        }
        let Some(ports) = self.graph.ports.get(flow.ports) else {
            return false;
        };
        objects
            .parts
            .iter()
            .filter_map(|part| self.model.parts.get(*part))
            .any(|part| {
                part.of == thing
                    && match &part.detail {
                        model::thing::PartDetail::Listener(listener) => listener.ports.iter().all(|range| {
                            ports.iter().any(|open| {
                                open.protocol == range.protocol
                                    && open.first <= range.first
                                    && range.last <= open.last
                            })
                        }),
                        model::thing::PartDetail::LocalTopic(_) => false,
                    }
            })
    }

    /// Whether a thing has members.
    pub(super) fn is_class(&self, thing: ThingId) -> bool {
        self.model
            .things
            .get(thing)
            .is_some_and(|thing| matches!(thing.detail, Detail::Class(_)))
    }
}
