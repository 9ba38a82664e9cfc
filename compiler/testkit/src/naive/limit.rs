//! How many declared objects one member reaches.

use std::collections::{BTreeMap, BTreeSet};

use model::kind::{ActionUse, Capability};
use model::thing::{PartId, ThingId};
use model::trust::End;

use super::promise::is_self;
use super::selector::{Named, is_people, shared, subjects};
use super::world::{World, references};
use crate::enumerate::text::Member;

/// Who it is, by whichever of the names that people share.
fn person(world: &World<'_>, member: &Member) -> Member {
    let thing = shared(world, member.thing)
        .first()
        .copied()
        .unwrap_or(member.thing);
    Member {
        thing,
        ..member.clone()
    }
}

/// The largest number of declared objects that one member reaches by an action.
pub(super) fn most(world: &World<'_>, named: &Named) -> usize {
    let subjects = subjects(world, named, &Named::default());
    let mut reached: BTreeMap<Option<Member>, BTreeSet<(ThingId, Option<PartId>)>> = BTreeMap::new();
    for actor in subjects.actors {
        for (index, cell) in world.cells.iter().enumerate() {
            let has_parts = world.doors.iter().any(|door| door.thing == cell.thing);
            if !has_parts && !world.granted(actor, index).is_empty() && !is_aside(world, actor, index) {
                let member = person(world, &world.actors[actor].member);
                reached
                    .entry(Some(member))
                    .or_default()
                    .insert((cell.thing, None));
            }
        }
    }
    let own = subjects.hosts.iter().map(|index| &world.hosts[*index]);
    for host in own.chain(&subjects.undeclared) {
        // Everybody is one who is nobody in particular.
        let who = host.member.as_ref().map(|member| person(world, member));
        for door in &world.doors {
            for to in world.held(door.thing) {
                let end = &world.hosts[to];
                if !is_self(host, end) && world.passes(host, end, &door.ports, None) {
                    reached
                        .entry(who.clone())
                        .or_default()
                        .insert((door.thing, Some(door.part)));
                }
            }
        }
        // What has no parts is reached as a whole.
        for end in &world.hosts {
            let Some(to) = &end.member else { continue };
            let has_parts = world.doors.iter().any(|door| door.thing == to.thing);
            let is_other = !has_parts && !is_self(host, end) && !is_people(world, to.thing);
            if is_other && world.passes(host, end, &world.own_ports(end), None) {
                let of_member = reached.entry(who.clone()).or_default();
                of_member.insert((to.thing, None));
            }
        }
    }
    reached.values().map(BTreeSet::len).max().unwrap_or(0)
}

/// Whether an action is there only for another that is declared: a helper of a capability that the identity is trusted with, or
/// a key that is used through the service of a store in just the way that the capability needs.
fn is_aside(world: &World<'_>, actor: usize, index: usize) -> bool {
    let cell = &world.cells[index];
    let who = world.actors[actor].member.thing;
    let names = |line: &&ActionUse, action: &str| {
        let mut names = line.actions.iter();
        names.any(|name| world.model.names.text(*name).eq_ignore_ascii_case(action))
    };
    if cell.is_helper {
        let helps = |capability: &Capability| {
            let mut helpers = capability.actions.iter().filter(|line| line.helper);
            helpers.any(|line| names(&line, &cell.action))
        };
        return trusted(world, who, cell.thing).any(helps);
    }
    let via = |capability: &Capability| {
        let mut via = capability.via.iter();
        via.any(|via| cell.means.contains(world.model.names.text(via.capability)))
    };
    let stores = world.model.things.iter().filter(|(store, _)| {
        references(world.model, *store).contains(&cell.thing) && trusted(world, who, *store).any(via)
    });
    let entailed: BTreeSet<Option<String>> = stores.map(|(store, _)| world.service(store)).collect();
    if entailed.is_empty() {
        return false;
    }
    // Directly, or through the service of something else, is not what was entailed.
    let services = world.model.things.iter().map(|(id, _)| world.service(id));
    let others: BTreeSet<Option<String>> = services.chain([None]).collect();
    others
        .iter()
        .filter(|host| !entailed.contains(*host))
        .all(|host| {
            let through = BTreeMap::from([("kms:viaservice".to_owned(), host.clone())]);
            let mut words = world.granted(actor, index).iter();
            !words.any(|word| world.allows(actor, index, word, &through))
        })
}

/// The capabilities of a thing with which an actor is trusted; every one of a thing that its own facts name.
fn trusted<'w>(
    world: &'w World<'_>,
    who: ThingId,
    what: ThingId,
) -> impl Iterator<Item = &'w Capability> + use<'w> {
    let model = world.model;
    let kind = model
        .things
        .get(what)
        .and_then(|thing| model.kinds.get(thing.kind));
    let capabilities = kind.map_or(&[][..], |kind| kind.words.capabilities.as_slice());
    let is_own = references(model, who).contains(&what);
    capabilities.iter().filter(move |capability| {
        is_own
            || model.trusts.iter().any(|(_, trust)| {
                trust.subjects.iter().any(|one| one.end == End::Thing(who))
                    && trust.objects.iter().any(|one| one.end == End::Thing(what))
                    && trust.allow.iter().any(|(name, _)| *name == capability.name)
            })
    })
}
