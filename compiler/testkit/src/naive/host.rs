//! Places in the network that actors hold, each with what guards it.

use std::collections::{BTreeMap, BTreeSet};

use model::Model;
use model::actor::{Address, RunsOn};
use model::place::{Exposure, SegmentId, Within};
use model::template::{Piece, Placeholder};
use model::thing::{Detail, Thing, ThingId};
use model::trust::{Condition, End};

use super::address::{self, Range};
use super::emitted::Emitted;
use crate::enumerate::text::{Member, members};

/// A place in the network that somebody holds.
#[derive(Clone, Debug)]
pub struct Host {
    /// Who holds it; nobody declared if none.
    pub member: Option<Member>,
    /// Its security group.
    pub group: Option<String>,
    /// The host firewall that guards it, by whom it guards.
    pub firewall: Option<String>,
    /// Its addresses.
    pub addresses: Vec<Range>,
    /// By what it is known over the internet, besides.
    pub leaves_by: Vec<Range>,
    /// It is reached over the internet.
    pub is_public: bool,
    /// Its network or site; none for who is somewhere outside.
    pub within: Option<Within>,
    /// Nothing leads out of its segment but to its own network or site.
    pub is_isolated: bool,
    /// The class and row that it runs on, or is.
    pub machine: Option<(ThingId, Option<String>)>,
}

/// Which filters of packets are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filters {
    /// Security groups.
    pub groups: bool,
    /// Host firewalls.
    pub hosts: bool,
}

impl Filters {
    /// Both.
    pub const ALL: Self = Self {
        groups: true,
        hosts: true,
    };
}

/// Every host of a project that a declared actor holds, with the filters that are written.
#[must_use]
pub fn hosts(model: &Model, emitted: &Emitted, filters: Filters) -> Vec<Host> {
    let mut out = guarded(model, emitted);
    for host in &mut out {
        host.group = host.group.take().filter(|_| filters.groups);
        host.firewall = host.firewall.take().filter(|_| filters.hosts);
    }
    out
}

fn guarded(model: &Model, emitted: &Emitted) -> Vec<Host> {
    let mut out = Vec::new();
    for (id, thing) in model.things.iter() {
        match &thing.detail {
            Detail::Class(_) => out.extend(machines(model, emitted, id, None)),
            Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
                (_, Some(RunsOn::Device(class))) => out.extend(machines(model, emitted, class, Some(id))),
                (Some(segment), _) => {
                    let at: Vec<Range> = workload
                        .at
                        .iter()
                        .filter_map(|(block, _)| address::of_block(*block))
                        .collect();
                    out.extend(placed(model, thing, id, segment, at));
                }
                (None, _) => {}
            },
            Detail::Resource => {
                out.extend(
                    thing
                        .segment
                        .and_then(|segment| placed(model, thing, id, segment, Vec::new())),
                );
            }
            Detail::External(external) => {
                let addresses: Vec<Range> = external
                    .at
                    .iter()
                    .filter_map(|(at, _)| match at {
                        Address::Block(block) => address::of_block(*block),
                        Address::Host(_) => None,
                    })
                    .collect();
                out.extend(open(id, addresses));
            }
            Detail::People(_) => {
                // They are anywhere: besides what their trusts name, at an address that nobody knows.
                let mut addresses = sources(model, id);
                addresses.push(UNKNOWN);
                out.extend(open(id, addresses));
            }
        }
    }
    out
}

/// One whom nothing guards.
fn open(id: ThingId, addresses: Vec<Range>) -> Option<Host> {
    (!addresses.is_empty()).then(|| Host {
        member: Some(alone(id)),
        group: None,
        firewall: None,
        addresses,
        leaves_by: Vec::new(),
        is_public: true,
        within: None,
        is_isolated: false,
        machine: None,
    })
}

fn alone(thing: ThingId) -> Member {
    Member {
        thing,
        device: None,
        columns: BTreeMap::new(),
    }
}

/// People hold every `source` that a trust of theirs names.
fn sources(model: &Model, people: ThingId) -> Vec<Range> {
    let mut out = BTreeSet::new();
    for (_, trust) in model.trusts.iter() {
        if !trust
            .subjects
            .iter()
            .any(|subject| subject.end == End::Thing(people))
        {
            continue;
        }
        for condition in &trust.when {
            if let Condition::Source { blocks, .. } = condition {
                out.extend(blocks.iter().filter_map(|block| address::of_block(*block)));
            }
        }
    }
    out.into_iter().collect()
}

/// One that lives in a segment: in a network it has a group, on premises it has addresses alone.
fn placed(model: &Model, thing: &Thing, id: ThingId, segment: SegmentId, at: Vec<Range>) -> Option<Host> {
    let place = model.segments.get(segment)?;
    let (group, leaves_by, is_public) = match place.within {
        Within::Network(_) => {
            // What exists wears a group that is not ours, known by its id.
            let worn = thing.existing.and_then(|existing| existing.wears);
            let group = worn.map_or(thing.physical.name, |(id, _)| id);
            let group = model.names.text(group).to_owned();
            (Some(group), Vec::new(), place.exposure == Exposure::Public)
        }
        Within::Site(_) => (None, leaves_by(model, segment), false),
    };
    let addresses = if at.is_empty() {
        address::of_block(place.cidr).into_iter().collect()
    } else {
        at
    };
    Some(Host {
        member: Some(alone(id)),
        group,
        firewall: None,
        addresses,
        leaves_by,
        is_public,
        within: Some(place.within),
        is_isolated: place.exposure == Exposure::Isolated,
        machine: None,
    })
}

/// By what a segment of a site is known outside. Without `leaves-by` it is an address that nobody knows.
fn leaves_by(model: &Model, segment: SegmentId) -> Vec<Range> {
    let Some(Within::Site(site)) = model.segments.get(segment).map(|segment| segment.within) else {
        return Vec::new();
    };
    let Some(site) = model.sites.get(site) else {
        return Vec::new();
    };
    let said: Vec<Range> = site
        .leaves_by
        .iter()
        .filter_map(|(block, _)| address::of_block(*block))
        .collect();
    if said.is_empty() { vec![UNKNOWN] } else { said }
}

/// An address that no spec names: what admits it admits everybody.
pub const UNKNOWN: Range = (0x6463_6201, 0x6463_6201);

/// The rows of a class, each a machine; as the class itself, or as a workload on it.
fn machines(model: &Model, emitted: &Emitted, class: ThingId, runs: Option<ThingId>) -> Vec<Host> {
    let Some(thing) = model.things.get(class) else {
        return Vec::new();
    };
    let Detail::Class(detail) = &thing.detail else {
        return Vec::new();
    };
    let name = model.names.text(thing.name);
    let mut out = Vec::new();
    for (row, member) in members(model, class).into_iter().enumerate() {
        let Some(segment) = row_segment(model, class, &member) else {
            continue;
        };
        let at: Vec<Range> = detail
            .at
            .iter()
            .filter_map(|at| at.values.get(*at.rows.get(row)? as usize))
            .filter_map(|block| address::of_block(*block))
            .collect();
        let place = model.segments.get(segment);
        let whole = place.and_then(|segment| address::of_block(segment.cidr));
        let home = place.map_or("", |place| model.names.text(place.name));
        let own = member.device.as_deref().unwrap_or_default();
        let firewall = [
            name.to_owned(),
            format!("{name}/segment/{home}"),
            format!("{name}/member/{own}"),
        ];
        let firewall = firewall
            .into_iter()
            .find(|name| emitted.firewalls.contains_key(name));
        let machine = Some((class, member.device.clone()));
        let member = match runs {
            None => member,
            Some(thing) => Member { thing, ..member },
        };
        // In a network it has a group, as whatever lives there.
        let in_network = place.is_some_and(|place| matches!(place.within, Within::Network(_)));
        let group = in_network.then(|| model.names.text(thing.physical.name).to_owned());
        out.push(Host {
            member: Some(member),
            group,
            firewall,
            addresses: if at.is_empty() {
                whole.into_iter().collect()
            } else {
                at
            },
            leaves_by: leaves_by(model, segment),
            is_public: in_network && place.is_some_and(|place| place.exposure == Exposure::Public),
            within: place.map(|place| place.within),
            is_isolated: place.is_some_and(|place| place.exposure == Exposure::Isolated),
            machine,
        });
    }
    out
}

/// The segment that a row says.
#[must_use]
pub fn row_segment(model: &Model, class: ThingId, member: &Member) -> Option<SegmentId> {
    let Detail::Class(class) = &model.things.get(class)?.detail else {
        return None;
    };
    let text: String = class
        .segment
        .as_ref()?
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => model.names.text(*text).to_owned(),
            Piece::Placeholder(Placeholder::Name) => member.device.clone().unwrap_or_default(),
            Piece::Placeholder(Placeholder::Attribute(name) | Placeholder::Property(name)) => member
                .columns
                .get(model.names.text(*name))
                .cloned()
                .unwrap_or_default(),
            Piece::Placeholder(_) => String::new(),
        })
        .collect();
    model
        .segments
        .iter()
        .find(|(_, segment)| model.names.text(segment.name) == text)
        .map(|(id, _)| id)
}
