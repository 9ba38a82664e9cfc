//! Selectors: which declarations a promise, a question or a `cannot` names.

use std::collections::{BTreeMap, BTreeSet};

use model::place::{SegmentId, Within};
use model::promise::Selector;
use model::thing::{PartId, Thing, ThingId};
use model::trust::End;

use super::Index;

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
        if self.things.is_empty() {
            self.things = other.things;
        } else {
            self.add_things(other.things);
        }
        self.parts.extend(other.parts);
        self.provider |= other.provider;
        self.internet |= other.internet;
    }

    fn add_things(&mut self, things: BTreeMap<ThingId, Where>) {
        for (thing, place) in things {
            match (self.things.get_mut(&thing), place) {
                (Some(Where::Segments(segments)), Where::Segments(more)) => segments.extend(more),
                (Some(Where::Everywhere), _) => {}
                (Some(Where::Segments(_)) | None, place) => {
                    self.things.insert(thing, place);
                }
            }
        }
    }
}

impl Index<'_> {
    /// What a selector stands for. A thing brings its parts, a place what is in it.
    #[must_use]
    pub fn select(&self, selector: Selector) -> Selected {
        let model = self.model;
        let segments = |wanted: &dyn Fn(SegmentId) -> bool| self.placed(wanted);
        match selector {
            Selector::End(End::Thing(thing)) => Selected {
                things: BTreeMap::from([(thing, Where::Everywhere)]),
                parts: model
                    .things
                    .get(thing)
                    .into_iter()
                    .flat_map(|thing| thing.parts.iter().copied())
                    .collect(),
                ..Selected::default()
            },
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
        let found = || self.model.things.iter().filter(|(id, thing)| wanted(*id, thing));
        Selected {
            things: found().map(|(id, _)| (id, Where::Everywhere)).collect(),
            parts: found()
                .flat_map(|(_, thing)| thing.parts.iter().copied())
                .collect(),
            ..Selected::default()
        }
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
}
