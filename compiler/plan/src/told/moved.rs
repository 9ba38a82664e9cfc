//! The same thing under another name, or in another place: no gain and no loss.

use std::collections::{BTreeMap, BTreeSet};

use graph::TrustGraph;
use model::Model;
use model::thing::{Detail, ThingId};
use read::facts::document::Guard;

use super::{Change, Kind, Telling};
use crate::spec::{Known, Spec};
use crate::{After, Before};

/// Old names of what is called otherwise now: what has one address on both sides, or says that it had another name under which
/// the bytes know it.
pub(crate) fn renames(before: &Before<'_>, after: &After<'_>) -> BTreeMap<String, String> {
    let mut renamed = BTreeMap::new();
    let new = after.spec;
    let names = |model: &Model| -> BTreeSet<String> {
        let things = model.things.iter();
        things
            .map(|(_, thing)| model.names.text(thing.name).to_owned())
            .collect()
    };
    let now = names(new.model);
    match before.spec {
        Some(old) => {
            let (theirs, ours) = (addresses(old), addresses(new));
            let then = names(old.model);
            for (address, name) in ours {
                let Some(was) = theirs.get(&address) else { continue };
                if *was != name && !now.contains(was) && !then.contains(&name) {
                    renamed.insert(was.clone(), name);
                }
            }
        }
        None => {
            let known = Known::new(new, BTreeMap::new());
            let guards = before.facts.iter().flat_map(|facts| {
                let documents = facts.documents.iter().map(|document| match &document.guard {
                    Guard::Identity(of)
                    | Guard::Trust(of)
                    | Guard::Boundary(of)
                    | Guard::Resource(of)
                    | Guard::Endpoint(of)
                    | Guard::Device(of)
                    | Guard::Rule(of) => of.clone(),
                });
                let hosts = facts.hosts.iter().map(|host| format!("host {}", host.class));
                documents.chain(hosts)
            });
            for thing in guards.filter_map(|guard| known.is_former(&guard)) {
                let old = new.model.things.get(thing).and_then(|thing| thing.renamed_from);
                let old = old.map(|(old, _)| new.model.names.text(old).to_owned());
                if let Some(old) = old.filter(|old| !now.contains(old)) {
                    renamed.insert(old, known.own_name(thing).to_owned());
                }
            }
        }
    }
    renamed
}

/// Names by what the provider calls the thing.
fn addresses(spec: Spec<'_>) -> BTreeMap<String, String> {
    let (model, graph): (&Model, &TrustGraph) = (spec.model, spec.graph);
    let name = |thing: ThingId| {
        let thing = model.things.get(thing);
        thing.map_or_else(String::new, |thing| model.names.text(thing.name).to_owned())
    };
    let own = &graph.addresses;
    let roles = own
        .roles
        .iter()
        .map(|((thing, _), role)| (role.arn.clone(), *thing));
    let objects = own
        .objects
        .iter()
        .map(|(thing, address)| (address.clone(), *thing));
    let policies = own
        .device_policies
        .iter()
        .map(|(thing, address)| (address.clone(), *thing));
    let groups = own
        .groups
        .iter()
        .map(|(thing, address)| (address.clone(), *thing));
    let all = roles.chain(objects).chain(policies).chain(groups);
    all.map(|(address, thing)| (address, name(thing))).collect()
}

/// What is called otherwise, each once.
pub(super) fn renamed(telling: &Telling<'_>) -> Vec<Change> {
    let renamed = telling.renamed.iter();
    renamed
        .map(|(old, new)| bare(Kind::Renamed, old.clone(), new.clone()))
        .collect()
}

/// A change of which nothing is known but what it is of.
pub(super) fn bare(kind: Kind, subject: String, object: String) -> Change {
    Change {
        kind,
        subject,
        object,
        gains: String::new(),
        loses: String::new(),
        was: None,
        is: None,
        more: Vec::new(),
        less: Vec::new(),
        opened: Vec::new(),
        closed: Vec::new(),
        reasons: Vec::new(),
        risks: BTreeSet::new(),
        is_declared: false,
        follows: Vec::new(),
    }
}

/// Changes between two whose words are the same and of whom one is elsewhere are told with the thing that is.
pub(super) fn gather(telling: &Telling<'_>, changes: &mut Vec<Change>) {
    let places = moved(telling);
    if places.is_empty() {
        return;
    }
    let mut moves: BTreeMap<&str, Change> = places
        .iter()
        .map(|(name, (was, is))| {
            let mut one = bare(Kind::Moved, name.clone(), String::new());
            (one.was, one.is) = (Some(was.clone()), Some(is.clone()));
            (name.as_str(), one)
        })
        .collect();
    let mut left = Vec::with_capacity(changes.len());
    for change in std::mem::take(changes) {
        let whole = |label: &str| label.split('.').next().unwrap_or(label).to_owned();
        let ends = [change.subject.clone(), change.object.clone()].map(|label| whole(&label));
        // Of what is said in other words, or gains somebody something else, the place is not the reason.
        let is_same = match telling.old {
            Some(old) => {
                let was = old.said(&change.subject, &change.object);
                was.is_some() && was == telling.new.said(&change.subject, &change.object)
            }
            None => false,
        };
        let into = ends.iter().find(|name| places.contains_key(name.as_str()));
        match into.and_then(|name| moves.get_mut(name.as_str())) {
            Some(into) if is_same => {
                into.follows.push((change.subject, change.object));
                into.more.extend(change.more);
                into.less.extend(change.less);
                into.opened.extend(change.opened);
                into.closed.extend(change.closed);
                into.reasons.extend(change.reasons);
                into.risks.extend(change.risks);
            }
            Some(_) | None => left.push(change),
        }
    }
    for one in moves.values_mut() {
        one.reasons.sort();
        one.reasons.dedup();
    }
    left.extend(moves.into_values());
    *changes = left;
}

/// What is elsewhere: by its name, where it was and where it is.
fn moved(telling: &Telling<'_>) -> BTreeMap<String, (String, String)> {
    let mut found: BTreeMap<String, (String, String)> = BTreeMap::new();
    if let Some(old) = telling.old {
        for thing in telling.new.model().things.ids() {
            let name = telling.new.name(thing);
            let Some(then) = old.thing(name) else { continue };
            let (was, is) = (place(old, then), place(telling.new, thing));
            if was != is {
                let only = |own: &[String], other: &[String]| {
                    let own = own.iter().filter(|part| !other.contains(part));
                    let own: Vec<&str> = own.map(String::as_str).collect();
                    if own.is_empty() {
                        "nowhere".to_owned()
                    } else {
                        own.join(", ")
                    }
                };
                found.insert(name.to_owned(), (only(&was, &is), only(&is, &was)));
            }
        }
    }
    let (was, is) = (
        stacks(telling.before.facts, telling.new),
        stacks(telling.after.facts, telling.new),
    );
    for (address, is) in is {
        let Some(was) = was.get(&address).filter(|was| **was != is) else {
            continue;
        };
        if let Some(thing) = telling.new.of_address(&address) {
            let stacks = (format!("stack {was}"), format!("stack {is}"));
            found.entry(telling.new.name(thing).to_owned()).or_insert(stacks);
        }
    }
    found
}

/// The account and the segments of a thing, for people.
fn place(known: &Known<'_>, thing: ThingId) -> Vec<String> {
    let model = known.model();
    let Some(declared) = model.things.get(thing) else {
        return Vec::new();
    };
    let account = declared.account.and_then(|account| model.accounts.get(account));
    let account = account.map(|account| format!("account {}", model.names.text(account.name)));
    let segments: BTreeSet<&str> = match &declared.detail {
        // Whoever is added to a fleet moves nobody.
        Detail::Class(_) => BTreeSet::new(),
        Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => {
            let seats = known.places().of(thing).iter();
            let segments = seats.filter_map(|seat| model.segments.get(seat.segment));
            segments.map(|segment| model.names.text(segment.name)).collect()
        }
    };
    let segments = segments.into_iter().map(|segment| format!("segment {segment}"));
    account.into_iter().chain(segments).collect()
}

/// The root module in which each thing that is made has its address.
fn stacks(facts: &[read::facts::Facts], known: &Known<'_>) -> BTreeMap<String, String> {
    let objects = facts.iter().flat_map(|facts| &facts.objects);
    let mut found = BTreeMap::new();
    for object in objects {
        // aws/ACCOUNT/terraform/REGION/STACK/FILE
        let mut words = object.place.path.split('/').skip(2);
        if words.next() == Some("terraform")
            && let (Some(_), Some(stack)) = (words.next(), words.next())
        {
            let address = known.canonical(&object.address);
            found.entry(address).or_insert_with(|| stack.to_owned());
        }
    }
    found
}
