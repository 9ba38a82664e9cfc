//! How many declared objects one member reaches.

use std::collections::{BTreeMap, BTreeSet};

use model::thing::{PartId, ThingId};

use super::promise::is_self;
use super::selector::{Named, shared, subjects};
use super::world::World;
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
    let mut reached: BTreeMap<Member, BTreeSet<(ThingId, Option<PartId>)>> = BTreeMap::new();
    let direct = BTreeMap::from([("kms:viaservice".to_owned(), None)]);
    for actor in subjects.actors {
        for (index, cell) in world.cells.iter().enumerate() {
            let mut words = world.granted(actor, index).iter();
            let has_parts = world.doors.iter().any(|door| door.thing == cell.thing);
            // What is entailed is asked through a service; what is meant is asked directly too.
            if !cell.is_helper && !has_parts && words.any(|word| world.allows(actor, index, word, &direct)) {
                let member = person(world, &world.actors[actor].member);
                reached.entry(member).or_default().insert((cell.thing, None));
            }
        }
    }
    for index in subjects.hosts {
        let host = &world.hosts[index];
        let Some(member) = &host.member else { continue };
        for door in &world.doors {
            for to in world.held(door.thing) {
                let end = &world.hosts[to];
                if !is_self(host, end) && world.passes(host, end, &door.ports, None) {
                    reached
                        .entry(person(world, member))
                        .or_default()
                        .insert((door.thing, Some(door.part)));
                }
            }
        }
    }
    reached.values().map(BTreeSet::len).max().unwrap_or(0)
}
