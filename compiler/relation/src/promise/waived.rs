//! What waivers of a promise are about.

use std::collections::BTreeSet;

use arena::Name;
use model::promise::{Promise, Selector};
use model::thing::ThingId;
use model::trust::End;
use source::Span;

use super::BROKEN_NEVER;
use crate::reach::Relation;
use crate::sets::Objects;

/// The things that waivers of this promise are about.
pub(super) fn things(relation: &Relation<'_>, promise: &Promise) -> Vec<ThingId> {
    let model = relation.sets.model;
    let waivers = model.waivers.iter().map(|(_, waiver)| waiver);
    let of_this = waivers.filter(|waiver| {
        promise.name == Some(waiver.waived.0) || model.names.text(waiver.waived.0) == BROKEN_NEVER.name
    });
    let named: BTreeSet<Name> = of_this.map(|waiver| waiver.on.0).collect();
    if named.is_empty() {
        return Vec::new();
    }
    let things = model.things.iter();
    things
        .filter(|(_, thing)| named.contains(&thing.name))
        .map(|(id, _)| id)
        .collect()
}

/// What a promise forbids of a thing: the whole, or its parts.
pub(super) fn objects(relation: &Relation<'_>, thing: ThingId, of: &Objects) -> Vec<(Selector, Span)> {
    let Some(declared) = relation.sets.model.things.get(thing) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for whole in of.wholes.iter().filter(|whole| whole.thing == thing) {
        if whole.addresses {
            found.push((Selector::End(End::Thing(thing)), declared.span));
        } else {
            let parts = whole.parts.iter();
            found.extend(parts.map(|part| (Selector::End(End::Part(*part)), declared.span)));
        }
    }
    found
}
