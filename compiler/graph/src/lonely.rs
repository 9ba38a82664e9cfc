//! Members that `same` leaves without a partner, although a policy of their class would let them act.
//!
//! A policy of a class says what is equal by the acting member's own values. Whose values no reached member has would then
//! reach what is no member's: nothing that is declared.

use std::collections::BTreeSet;

use model::Model;
use model::fleet::{Column, Fleet};
use model::thing::{Detail, ThingId};

use crate::access::{Access, Principal, Resource};
use crate::{TrustGraph, Word};

/// A member of the acting class without a partner: of several, the first by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lonely<'a> {
    /// Its name.
    pub member: &'a str,
    /// The class of the reached members.
    pub class: ThingId,
}

/// The first member by name that has no partner of equal values, if there is one. `equal` is what must be equal, `written` what of
/// it stands in the name: a member that lacks one of these acts nowhere, since its policy then names nothing.
///
/// - Cost: linear in the rows of both fleets.
#[must_use]
pub fn lonely<'a>(
    model: &'a Model,
    graph: &TrustGraph,
    access: &Access,
    equal: &[Word],
    written: &[Word],
) -> Option<Lonely<'a>> {
    let Principal::Class(acting) = access.principal else {
        return None;
    };
    let Resource::Thing(thing) = access.resource else {
        return None;
    };
    let class = model.things.get(thing)?.family?;
    let (own, other) = (fleet(model, acting)?, fleet(model, class)?);
    let columns = |fleet: &'a Fleet, words: &[Word]| -> Option<Vec<&'a Column>> {
        let words = words.iter();
        words
            .map(|word| fleet.column(model.names.find(graph.words.text(*word))?))
            .collect()
    };
    let (own_equal, own_written) = (columns(own, equal)?, columns(own, written)?);
    let other_equal = columns(other, equal)?;
    let partners: BTreeSet<Vec<&str>> = distinct(other, &other_equal)
        .into_iter()
        .filter(|values| values.iter().all(|value| !value.is_empty()))
        .collect();
    let columns: Vec<&Column> = own_equal.iter().chain(&own_written).copied().collect();
    let count = own_equal.len();
    let lonely: BTreeSet<Vec<&str>> = distinct(own, &columns)
        .into_iter()
        .filter(|values| {
            let (equal, written) = values.split_at_checked(count).unwrap_or_default();
            written.iter().all(|value| !value.is_empty()) && !partners.contains(equal)
        })
        .collect();
    if lonely.is_empty() {
        return None;
    }
    let rows = (0..own.len()).filter(|row| {
        let values: Vec<&str> = columns.iter().map(|column| column.value(*row)).collect();
        lonely.contains(&values)
    });
    let member = rows.map(|row| own.member(row)).min()?;
    Some(Lonely { member, class })
}

/// The different values of some columns.
fn distinct<'a>(fleet: &Fleet, columns: &[&'a Column]) -> Vec<Vec<&'a str>> {
    let mut seen: BTreeSet<Vec<u32>> = BTreeSet::new();
    let mut found = Vec::new();
    for row in 0..fleet.len() {
        let key = columns.iter();
        let key = key.map(|column| column.rows.get(row).copied().unwrap_or(u32::MAX));
        if seen.insert(key.collect()) {
            found.push(columns.iter().map(|column| column.value(row)).collect());
        }
    }
    found
}

fn fleet(model: &Model, class: ThingId) -> Option<&Fleet> {
    match &model.things.get(class)?.detail {
        Detail::Class(detail) => model.fleets.get(detail.fleet?),
        Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
    }
}
