//! What selectors name: as subjects identities and hosts, as objects cells and ports.

use std::collections::BTreeSet;

use model::actor::RunsOn;
use model::place::{SegmentId, Within};
use model::promise::Selector;
use model::thing::{Detail, PartId, ThingId};
use model::trust::End;
use model::value::Ports;

use super::address::Range;
use super::host::{self, Host};
use super::world::World;
use crate::enumerate::text::Member;

/// What selectors name.
#[derive(Clone, Debug, Default)]
pub struct Named {
    things: BTreeSet<ThingId>,
    parts: BTreeSet<PartId>,
    segments: BTreeSet<SegmentId>,
    internet: bool,
    everything: bool,
}

/// Who asks: identities and hosts by their places in the world, and hosts that nobody declared.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    /// Identities.
    pub actors: Vec<usize>,
    /// Hosts.
    pub hosts: Vec<usize>,
    /// Others.
    pub undeclared: Vec<Host>,
}

/// What is asked for: cells by their places, and ports of hosts.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// Actions on words.
    pub cells: Vec<usize>,
    /// Ports of hosts.
    pub ends: Vec<(Host, Vec<Ports>)>,
    /// Cells that are taken out.
    pub without_cells: Vec<usize>,
    /// Ports that are taken out.
    pub without_ends: Vec<(Host, Vec<Ports>)>,
}

impl Named {
    /// What these selectors name together.
    #[must_use]
    pub fn of<'s>(world: &World<'_>, selectors: impl Iterator<Item = &'s Selector>) -> Self {
        let model = world.model;
        let mut out = Self::default();
        for selector in selectors {
            match selector {
                Selector::End(End::Thing(thing)) => drop(out.things.insert(*thing)),
                Selector::End(End::Part(part)) => drop(out.parts.insert(*part)),
                Selector::End(End::Internet) | Selector::Internet => out.internet = true,
                Selector::End(End::Account(_)) | Selector::Account(_) | Selector::Provider => {}
                Selector::Everything => out.everything = true,
                Selector::Kind(kind) => {
                    out.things.extend(
                        model
                            .things
                            .iter()
                            .filter(|(_, thing)| thing.kind == *kind)
                            .map(|(id, _)| id),
                    );
                }
                Selector::Segment(segment) => drop(out.segments.insert(*segment)),
                Selector::Site(site) => out
                    .segments
                    .extend(within(world, |place| place == Within::Site(*site))),
                Selector::Network(network) => {
                    out.segments
                        .extend(within(world, |place| place == Within::Network(*network)));
                }
                Selector::Level(level) => out.segments.extend(
                    model
                        .segments
                        .iter()
                        .filter(|(_, segment)| segment.level == Some(*level))
                        .map(|(id, _)| id),
                ),
                Selector::Owner(team) => out.things.extend(
                    model
                        .things
                        .iter()
                        .filter(|(_, thing)| thing.owner == Some(*team))
                        .map(|(id, _)| id),
                ),
                Selector::Tag(tag) => out.things.extend(
                    model
                        .things
                        .iter()
                        .filter(|(_, thing)| thing.tags.iter().any(|(name, _)| name == tag))
                        .map(|(id, _)| id),
                ),
                Selector::DataClass(class) => out.things.extend(
                    model
                        .things
                        .iter()
                        .filter(|(_, thing)| thing.data_class.is_some_and(|(name, _)| name == *class))
                        .map(|(id, _)| id),
                ),
            }
        }
        out
    }

    /// Whether it is `*`.
    pub(super) fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether a member is named, by its thing or by its place.
    pub(super) fn has(&self, world: &World<'_>, member: &Member) -> bool {
        self.everything
            || self.things.contains(&member.thing)
            || segment(world, member).is_some_and(|segment| self.segments.contains(&segment))
    }
}

fn within(world: &World<'_>, is: impl Fn(Within) -> bool) -> Vec<SegmentId> {
    let segments = world.model.segments.iter();
    segments
        .filter(|(_, segment)| is(segment.within))
        .map(|(id, _)| id)
        .collect()
}

fn segment(world: &World<'_>, member: &Member) -> Option<SegmentId> {
    let thing = world.model.things.get(member.thing)?;
    match &thing.detail {
        Detail::Class(_) => host::row_segment(world.model, member.thing, member),
        Detail::Workload(workload) => match workload.runs_on {
            Some(RunsOn::Device(class)) => host::row_segment(world.model, class, member),
            _ => workload.segment,
        },
        _ => thing.segment,
    }
}

pub(super) fn is_people(world: &World<'_>, thing: ThingId) -> bool {
    matches!(
        world.model.things.get(thing).map(|thing| &thing.detail),
        Some(Detail::People(_))
    )
}

/// Whether one job or pod may give the claims that two workloads ask for: each claim that both name has a value in common.
fn share_claims(world: &World<'_>, one: ThingId, other: ThingId) -> bool {
    let of = |id: ThingId| {
        let thing = world.model.things.get(id)?;
        match &thing.detail {
            Detail::Workload(workload) if !workload.claims.is_empty() => Some((thing.account, workload)),
            _ => None,
        }
    };
    let (Some((here, left)), Some((there, right))) = (of(one), of(other)) else {
        return false;
    };
    let is_one_source = left.from == right.from && (left.from.is_some() || here == there);
    let meets = |(name, values, _): &(arena::Name, Vec<arena::Name>, source::Span)| {
        let mut named = right.claims.iter().filter(|(other, ..)| other == name);
        named.all(|(_, others, _)| values.iter().any(|value| others.contains(value)))
    };
    is_one_source && left.runs_on == right.runs_on && left.claims.iter().all(meets)
}

/// People who share a group of their provider share members, and so do workloads that one job or pod may be.
pub(super) fn shared(world: &World<'_>, thing: ThingId) -> BTreeSet<ThingId> {
    let of = |id: ThingId| match world.model.things.get(id).map(|thing| &thing.detail) {
        Some(Detail::People(people)) => Some((people.from, people.group.map(|(group, _)| group))),
        _ => None,
    };
    let own = of(thing);
    let others = world
        .model
        .things
        .iter()
        .map(|(id, _)| id)
        .filter(|id| (own.is_some() && of(*id) == own) || share_claims(world, thing, *id));
    others.chain([thing]).collect()
}

/// Who some selectors are, without the declared members that are taken out.
#[must_use]
pub fn subjects(world: &World<'_>, named: &Named, except: &Named) -> Subjects {
    let is_named = |member: &Member| named.has(world, member) && !except.has(world, member);
    let is_subject = |member: &Member| {
        let also = shared(world, member.thing);
        let mut by_group = also.iter().filter(|thing| **thing != member.thing);
        is_named(member)
            || by_group.any(|thing| {
                let other = Member {
                    thing: *thing,
                    ..member.clone()
                };
                is_named(&other)
            })
    };
    let actors = world.actors.iter().enumerate();
    let hosts = world.hosts.iter().enumerate();
    let mut out = Subjects {
        actors: actors
            .filter(|(_, actor)| is_subject(&actor.member))
            .map(|(index, _)| index)
            .collect(),
        hosts: hosts
            .filter(|(_, host)| host.member.as_ref().is_some_and(is_subject))
            .map(|(index, _)| index)
            .collect(),
        undeclared: Vec::new(),
    };
    if named.everything {
        // People are not where they come from: others may sit there.
        let is_taken = |member: &Member| except.has(world, member) && !is_people(world, member.thing);
        let taken = world
            .hosts
            .iter()
            .filter(|host| host.member.as_ref().is_some_and(is_taken));
        let taken: Vec<Range> = taken
            .flat_map(|host| host.addresses.iter().chain(&host.leaves_by))
            .copied()
            .collect();
        out.undeclared.push(world.somebody(&taken));
    }
    if named.internet {
        out.undeclared.push(world.internet());
    }
    out
}

/// What some selectors are as objects; after `allow`, only what these capabilities mean.
#[must_use]
pub fn objects(world: &World<'_>, named: &Named, allow: &BTreeSet<String>) -> Objects {
    let mut out = Objects {
        cells: Vec::new(),
        ends: ends(world, named, !allow.is_empty()),
        ..Objects::default()
    };
    for (index, cell) in world.cells.iter().enumerate() {
        let is_named = named.everything || named.things.contains(&cell.thing);
        let is_meant = allow.is_empty() || !cell.means.is_disjoint(allow);
        if is_named && is_meant {
            out.cells.push(index);
        }
    }
    if !allow.is_empty() && !allow.contains("connect") {
        out.ends.clear();
    }
    out
}

pub(super) fn ends(world: &World<'_>, named: &Named, only_doors: bool) -> Vec<(Host, Vec<Ports>)> {
    let mut out = Vec::new();
    for host in &world.hosts {
        let Some(member) = &host.member else { continue };
        if is_people(world, member.thing) {
            continue;
        }
        let is_whole = named.has(world, member);
        if is_whole && !only_doors {
            out.push((host.clone(), world.own_ports(host)));
            continue;
        }
        for door in world.doors.iter().filter(|door| door.thing == member.thing) {
            if is_whole || named.parts.contains(&door.part) {
                out.push((host.clone(), door.ports.clone()));
            }
        }
    }
    if named.internet || named.everything && !only_doors {
        out.push((world.internet(), world.own_ports(&world.internet())));
    }
    out
}
