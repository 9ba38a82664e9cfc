//! The registry: each member of a class whose policies speak of things is one, with the class's type and with the attributes that these
//! policies name, as its row says. No other thing is made.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use checks::Checked;
use model::fleet::{Column, Fleet};
use model::thing::{Detail, ThingId};
use pattern::word::Letter;
use read::facts::document::{Document, Guard};
use read::facts::registry::Registered;
use read::facts::{Facts, Place};
use source::Span;

use crate::witness::{Refusal, Sort};

/// How the condition key of an attribute begins, where a policy asks for one.
const ATTRIBUTE_KEY: &str = "iot:Connection.Thing.Attributes[";

/// Proves the things of a target; how many there are.
pub(crate) fn prove(checked: &Checked<'_>, facts: &Facts, refusals: &mut Vec<Refusal>) -> u64 {
    if facts.target != bundle::target::TERRAFORM {
        return 0;
    }
    let (model, graph) = (checked.model(), checked.graph());
    let mut emitted: BTreeMap<&str, Vec<&Registered>> = BTreeMap::new();
    for one in &facts.registered {
        emitted.entry(&one.thing_type).or_default().push(one);
    }
    let mut policies: BTreeMap<&str, Vec<&Document>> = BTreeMap::new();
    for document in &facts.documents {
        if let Guard::Device(address) = &document.guard {
            policies.entry(address).or_default().push(document);
        }
    }
    let mut count = 0;
    for (id, address) in &graph.addresses.device_policies {
        let Some((fleet, span)) = members(checked, *id) else {
            continue;
        };
        let documents = policies.get(address.as_str()).map_or(&[][..], Vec::as_slice);
        let found = emitted.remove(type_of(address).as_str()).unwrap_or_default();
        if documents.is_empty() {
            refusals.extend(
                found
                    .iter()
                    .map(|one| idle(facts.target, &one.place, one.name(0))),
            );
            continue;
        }
        let wanted = Wanted {
            fleet,
            columns: columns(checked, facts, fleet, documents),
        };
        count += wanted.fleet.len() as u64;
        if let Some((sort, message, place)) = differs(&wanted, &found) {
            let name = model
                .things
                .get(*id)
                .map_or("", |thing| model.names.text(thing.name));
            let message = format!("{message}, of the class `{name}`");
            let refusal = Refusal::new(sort, facts.target, message).declared(Some(span));
            refusals.push(match place {
                Some(place) => refusal.at(place),
                None => refusal,
            });
        }
    }
    for one in emitted.into_values().flatten() {
        refusals.push(idle(facts.target, &one.place, one.name(0)));
    }
    count
}

fn idle(target: &'static str, place: &Place, name: &str) -> Refusal {
    let message = format!("the thing `{name}` is made, and no policy speaks of it");
    Refusal::new(Sort::Idle, target, message).at(place)
}

/// A thing type bears its class's name, as its policy does.
fn type_of(policy: &str) -> String {
    policy.replacen(":policy/", ":thingtype/", 1)
}

fn members<'c>(checked: &'c Checked<'_>, id: ThingId) -> Option<(&'c Fleet, Span)> {
    let thing = checked.model().things.get(id)?;
    let Detail::Class(class) = &thing.detail else {
        return None;
    };
    let fleet = checked.model().fleets.get(class.fleet?)?;
    (!fleet.is_empty()).then_some((fleet, fleet.span))
}

/// The things that there must be.
struct Wanted<'c> {
    fleet: &'c Fleet,
    /// Attributes by name; `None` is one that no row has.
    columns: BTreeMap<String, Option<&'c Column>>,
}

impl Wanted<'_> {
    fn value(&self, row: usize, attribute: &str) -> &str {
        self.columns
            .get(attribute)
            .and_then(Option::as_ref)
            .map_or("", |column| column.value(row))
    }
}

/// The attributes that the documents of a class name, in a resource or as the key of a condition.
fn columns<'c>(
    checked: &'c Checked<'_>,
    facts: &Facts,
    fleet: &'c Fleet,
    documents: &[&Document],
) -> BTreeMap<String, Option<&'c Column>> {
    let mut named: BTreeSet<String> = BTreeSet::new();
    for statement in documents.iter().flat_map(|document| &document.statements) {
        let letters = statement
            .resources
            .iter()
            .flat_map(|resource| resource.unknowns());
        named.extend(letters.filter_map(|letter| {
            match letter {
                Letter::Variable(id) => facts
                    .variables
                    .text(Name::new(id))
                    .strip_prefix("attr:")
                    .map(str::to_owned),
                Letter::Symbol(_) | Letter::Scalar(_) => None,
            }
        }));
        named.extend(statement.when.keys().into_iter().filter_map(|(key, _)| {
            let (start, of) = key.as_str().split_at_checked(ATTRIBUTE_KEY.len())?;
            let is_attribute = start.eq_ignore_ascii_case(ATTRIBUTE_KEY);
            of.strip_suffix(']').filter(|_| is_attribute).map(str::to_owned)
        }));
    }
    let names = &checked.model().names;
    named
        .into_iter()
        .map(|name| {
            let column = names.find(&name).and_then(|name| fleet.column(name));
            (name, column)
        })
        .collect()
}

/// What is wrong with the things that are made, the first by row.
fn differs<'f>(wanted: &Wanted<'_>, found: &[&'f Registered]) -> Option<(Sort, String, Option<&'f Place>)> {
    // As a rule one file has all of them in the inventory's order.
    let is_same_order = match found {
        [one] => {
            one.len() == wanted.fleet.len()
                && (0..one.len()).all(|row| one.name(row) == wanted.fleet.member(row))
        }
        _ => false,
    };
    let mut places: Vec<(&str, &Registered, usize)> = Vec::new();
    if !is_same_order {
        for one in found {
            places.extend((0..one.len()).map(|row| (one.name(row), *one, row)));
        }
        places.sort_unstable_by_key(|(name, ..)| *name);
        let twice = places.iter().zip(places.iter().skip(1));
        if let Some(((name, ..), (_, second, _))) =
            twice.into_iter().find(|(first, second)| first.0 == second.0)
        {
            let message = format!("the thing `{name}` is made twice");
            return Some((Sort::Setting, message, Some(&second.place)));
        }
    }
    let mut seen = 0;
    for row in 0..wanted.fleet.len() {
        let name = wanted.fleet.member(row);
        let at = match found {
            [one] if is_same_order => Some((*one, row)),
            _ => places
                .binary_search_by_key(&name, |(name, ..)| name)
                .ok()
                .and_then(|place| places.get(place))
                .map(|(_, one, row)| (*one, *row)),
        };
        let Some((one, at)) = at else {
            let message = format!("the thing `{name}` is not made");
            return Some((Sort::FallsShort, message, found.first().map(|one| &one.place)));
        };
        seen += 1;
        if let Some((sort, message)) = attributes(wanted, row, one, at) {
            return Some((sort, message, Some(&one.place)));
        }
    }
    let others = found.iter().map(|one| one.len()).sum::<usize>();
    if others > seen {
        let members: BTreeSet<&str> = (0..wanted.fleet.len())
            .map(|row| wanted.fleet.member(row))
            .collect();
        let stranger = places.iter().find(|(name, ..)| !members.contains(name));
        let (name, place) = stranger.map_or(("", None), |(name, one, _)| (*name, Some(&one.place)));
        let message = format!("the thing `{name}` is made, and no row has its name");
        return Some((Sort::Exceeds, message, place));
    }
    None
}

/// What is wrong with the attributes of a thing: exactly those that a policy names, with the values of the row. Another value lets it do
/// what another row may.
fn attributes(wanted: &Wanted<'_>, row: usize, one: &Registered, at: usize) -> Option<(Sort, String)> {
    let name = wanted.fleet.member(row);
    for (number, attribute) in one.attributes.iter().enumerate() {
        let found = one.value(at, number);
        if !wanted.columns.contains_key(attribute) && !found.is_empty() {
            let message = format!("the thing `{name}` has `{attribute}`, which no policy names");
            return Some((Sort::Exceeds, message));
        }
        let row_says = wanted.value(row, attribute);
        if found != row_says {
            let message =
                format!("the thing `{name}` has `{attribute}` `{found}`, and its row says `{row_says}`");
            let sort = if found.is_empty() {
                Sort::FallsShort
            } else {
                Sort::Exceeds
            };
            return Some((sort, message));
        }
    }
    let mut missing = wanted
        .columns
        .keys()
        .filter(|attribute| !one.attributes.contains(attribute));
    missing
        .find(|attribute| !wanted.value(row, attribute).is_empty())
        .map(|attribute| {
            let message = format!("the thing `{name}` lacks `{attribute}`, which a policy names");
            (Sort::FallsShort, message)
        })
}
