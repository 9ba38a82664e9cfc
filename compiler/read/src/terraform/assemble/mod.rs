//! What single blocks said, put together: rules into groups, routes into tables, defaults where nothing was said, policies read.

mod network;
mod policy;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::document::Guard;
use crate::facts::object::{Setting, Unread};
use crate::facts::{Facts, Place};
use crate::letters::Letters;
use crate::sink::Sink;
use crate::terraform::beside;
use crate::terraform::cx::Out;
use crate::terraform::object;
use crate::terraform::quotas;
use crate::terraform::world::World;

/// Fills `facts` with what was read.
pub(crate) fn assemble(
    world: &World<'_>,
    letters: &Letters,
    mut out: Out,
    sink: &mut Sink,
    facts: &mut Facts,
) {
    let mut network = std::mem::take(&mut out.network);
    beside::in_line(&out, sink);
    network::tables(&mut out, &mut network, sink);
    network::lists(&mut out, &mut network, sink);
    network::gateways(&mut out, &mut network);
    network::endpoints(&mut out, &mut network, sink);
    network::existing(&mut network);
    network::groups(&mut out, &mut network, sink);
    beside::session_tags(world, &out, sink);
    policy::policies(&mut out, letters, &network, sink, facts);
    exclusive(&out, sink);
    objects(out, facts);
    quotas::measure(world, &network, sink);
    facts.network = network;
}

pub(super) fn unread(sink: &mut Sink, place: &Place, what: impl Into<String>) {
    sink.unread.push(Unread {
        place: place.clone(),
        what: what.into(),
    });
}

/// Lists that claim to hold all policies of a role: the provider removes what they leave out, and refuses what is not there.
fn exclusive(out: &Out, sink: &mut Sink) {
    let mut own: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (role, name) in &out.inline_names {
        own.entry(role).or_default().insert(name);
    }
    let mut attached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (policy, guard, _) in &out.attachments {
        if let Guard::Identity(role) = guard {
            attached.entry(role).or_default().insert(policy);
        }
    }
    for list in &out.exclusive {
        let declared = if list.is_inline { &own } else { &attached };
        let declared = declared.get(list.role.as_str()).cloned().unwrap_or_default();
        if declared != list.names.iter().map(String::as_str).collect() {
            unread(
                sink,
                &list.place,
                "a list of all policies that differs from the policies that are declared",
            );
        }
    }
}

/// Settings and references into their objects.
fn objects(mut out: Out, facts: &mut Facts) {
    for (address, setting, value) in std::mem::take(&mut out.defaults) {
        let place = out.objects.get(&address).map(|object| object.place.clone());
        if let Some(place) = place {
            out.settings
                .entry((address, setting))
                .or_insert_with(|| (value.to_owned(), place));
        }
    }
    let versioned: BTreeSet<String> = out
        .settings
        .iter()
        .filter(|((_, setting), (value, _))| *setting == Setting::Versioned && value == "true")
        .map(|((address, _), _)| address.clone())
        .collect();
    for ((address, setting), (value, _)) in &mut out.settings {
        // The life of an object ends with that of its last version.
        let superseded = out.superseded.get(address).map(ToString::to_string);
        if *setting == Setting::RetainSeconds
            && versioned.contains(address)
            && superseded.as_ref() != Some(value)
        {
            let then = superseded.unwrap_or_else(|| "never".to_owned());
            *value = format!("{value} and, for superseded versions, {then}");
        }
    }
    for ((address, setting), (value, place)) in out.settings {
        // What belongs to somebody else's object is made for nothing that is declared.
        let object = out
            .objects
            .entry(address.clone())
            .or_insert_with(|| object::bare("setting", address, String::new(), place));
        object.settings.push((setting, value));
    }
    for (address, argument, value) in std::mem::take(&mut out.implied) {
        let choices = out.choices.entry(address).or_default();
        if !choices.iter().any(|(known, _)| known == argument) {
            choices.push((argument.to_owned(), value.to_owned()));
        }
    }
    for (address, mut choices) in out.choices {
        if let Some(object) = out.objects.get_mut(&address) {
            choices.sort_unstable();
            object.choices = choices;
        }
    }
    for (address, refers) in out.refers {
        if let Some(object) = out.objects.get_mut(&address) {
            object.refers = refers.into_iter().filter(|other| *other != address).collect();
        }
    }
    facts.objects = out.objects.into_values().collect();
    // Once each, at the first place in order.
    facts.relied_on = out.relied_on.into_iter().collect();
    facts.relied_on.dedup_by(|later, first| later.what == first.what);
}
