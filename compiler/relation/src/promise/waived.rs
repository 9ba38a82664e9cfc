//! What a waiver takes out of a promise.

use std::collections::BTreeSet;

use arena::Name;
use model::promise::{Promise, Selector};
use model::thing::ThingId;
use model::trust::End;

use super::BROKEN_NEVER;
use crate::reach::{Reached, Relation};
use crate::request::Hit;
use crate::sets::Objects;

/// What waivers of this promise are about.
pub(super) fn names(relation: &Relation<'_>, promise: &Promise) -> BTreeSet<Name> {
    let model = relation.sets.model;
    let waivers = model.waivers.iter().map(|(_, waiver)| waiver);
    let of_this = waivers.filter(|waiver| {
        promise.name == Some(waiver.waived.0) || model.names.text(waiver.waived.0) == BROKEN_NEVER.name
    });
    of_this.map(|waiver| waiver.on.0).collect()
}

/// Waived things, each with what it is taken out with.
pub(super) fn things(
    relation: &Relation<'_>,
    promise: &Promise,
    waived: &BTreeSet<Name>,
) -> Vec<(ThingId, Objects)> {
    let things = relation.sets.model.things.iter();
    things
        .filter(|(_, thing)| waived.contains(&thing.name))
        .map(|(id, _)| {
            let named = [(Selector::End(End::Thing(id)), promise.span)];
            (id, relation.sets.objects(&[], &[], &named))
        })
        .collect()
}

/// A request that names no thing, under the thing that is waived if it is about nothing else.
pub(super) fn named(relation: &Relation<'_>, things: &[(ThingId, Objects)], reached: Reached) -> Reached {
    let Reached::Request(hit) = &reached else {
        return reached;
    };
    let right = relation.requests().rights.get(hit.right as usize);
    let (None, Some(right)) = (hit.thing, right) else {
        return reached;
    };
    let own = things
        .iter()
        .find(|(_, objects)| relation.is_taken_whole(right, &objects.besides));
    match own {
        Some((thing, _)) => Reached::Request(Hit {
            thing: Some(*thing),
            ..hit.clone()
        }),
        None => reached,
    }
}
