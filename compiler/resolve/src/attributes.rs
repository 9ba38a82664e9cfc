//! Who has which attributes: columns of an inventory, and tags that an identity provider gives.

use arena::Name;
use diagnostics::{Code, Severity};
use model::thing::{Detail, PartDetail, ThingId};
use model::trust::End;

use crate::cx::Cx;

pub(crate) static UNKNOWN_ATTRIBUTE: Code = Code {
    name: "unknown-attribute",
    severity: Severity::Error,
    summary: "an attribute is compared that one side does not have",
    docs: include_str!("pages/unknown_attribute.md"),
};

/// The class whose devices an end is: a class, or a workload on one.
pub(crate) fn class_of(cx: &Cx<'_, '_>, end: End) -> Option<ThingId> {
    let End::Thing(id) = end else { return None };
    match &cx.model.things.get(id)?.detail {
        Detail::Class(_) => Some(id),
        Detail::Workload(workload) => match workload.runs_on {
            Some(model::actor::RunsOn::Device(class)) => Some(class),
            Some(_) | None => None,
        },
        Detail::People(_) | Detail::External(_) | Detail::Resource => None,
    }
}

/// The class that an end is, or is a part of.
pub(crate) fn host(cx: &Cx<'_, '_>, end: End) -> Option<ThingId> {
    match end {
        End::Part(part) => class_of(cx, End::Thing(cx.model.parts.get(part)?.of)),
        End::Thing(_) => class_of(cx, end),
        End::Account(_) | End::Internet => None,
    }
}

/// Every class whose devices take part in an access to this end: hosts and families.
pub(crate) fn classes(cx: &Cx<'_, '_>, end: End) -> Vec<ThingId> {
    let mut found: Vec<ThingId> = host(cx, end).into_iter().collect();
    match end {
        End::Thing(thing) => found.extend(cx.model.things.get(thing).and_then(|thing| thing.family)),
        End::Part(part) => {
            if let Some(PartDetail::LocalTopic(topic)) = cx.model.parts.get(part).map(|part| &part.detail) {
                found.extend(topic.family);
            }
        }
        End::Account(_) | End::Internet => {}
    }
    found
}

pub(crate) fn class_has(cx: &Cx<'_, '_>, class: ThingId, attribute: Name) -> bool {
    let fleet = cx
        .fleets
        .get(&class)
        .and_then(|fleet| cx.model.fleets.get(*fleet));
    // A fleet that could not be read was reported.
    fleet.is_none_or(|fleet| fleet.column(attribute).is_some())
}

/// Whether people have an attribute; `None` if the end is not people.
pub(crate) fn people_have(cx: &Cx<'_, '_>, end: End, attribute: Name) -> Option<bool> {
    let End::Thing(thing) = end else { return None };
    match &cx.model.things.get(thing)?.detail {
        Detail::People(people) => Some(people.attributes.iter().any(|(name, _)| *name == attribute)),
        Detail::Workload(_) | Detail::Class(_) | Detail::External(_) | Detail::Resource => None,
    }
}

/// Whether an actor has an attribute: a column of its class, or a tag of its people.
pub(crate) fn actor_has(cx: &Cx<'_, '_>, end: End, attribute: Name) -> bool {
    match people_have(cx, end, attribute) {
        Some(has) => has,
        None => classes(cx, end)
            .into_iter()
            .any(|class| class_has(cx, class, attribute)),
    }
}
