//! The order in which root modules are applied.
//!
//! Roles depend on identity providers alone. A network depends on the roles that its endpoints name, a thing on its
//! network, on the things that it refers to, and on the roles that its policy names: the provider refuses a policy that
//! names a role which does not exist.

use std::collections::{BTreeMap, BTreeSet};

use checks::Checked;
use diagnostics::Diagnostic;
use diagnostics::Report;
use graph::access::{Access, Principal, Resource};
use model::place::Within;
use model::thing::ThingId;
use model::value::Value;
use rayon::prelude::*;
use source::Span;

use super::{Found, Key, ROLES};
use crate::fault::CIRCULAR_STACKS;

/// Accesses that are looked at in one piece of work.
const ACCESSES_AT_ONCE: usize = 1024;

/// One needs the other; the declaration that makes it so.
type Needs<'f> = BTreeMap<&'f Key, BTreeMap<&'f Key, Option<Span>>>;

/// Every key, in an order in which each comes after those that it needs, with their names if they are of its account.
pub(super) fn order<'f>(
    found: &'f Found,
    checked: &Checked<'_>,
    report: &mut Report,
) -> Vec<(&'f Key, Vec<String>)> {
    let mut needs = Needs::new();
    for key in found.keys() {
        needs.insert(key, BTreeMap::new());
    }
    let mut need = |from: Option<&'f Key>, to: Option<&'f Key>, span: Option<Span>| {
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            needs.entry(from).or_default().entry(to).or_insert(span);
        }
    };
    let (model, graph) = (checked.model(), checked.graph());
    for (id, thing) in model.things.iter() {
        let own = found.things.get(&id);
        if let Some(Within::Network(network)) = thing
            .segment
            .and_then(|segment| model.segments.get(segment))
            .map(|segment| segment.within)
        {
            need(own, found.networks.get(&network), Some(thing.span));
        }
        for property in &thing.properties {
            for value in &property.values {
                let Value::Thing(other) = value else { continue };
                let is_existing = model
                    .things
                    .get(*other)
                    .is_some_and(|other| other.existing.is_some());
                if !is_existing {
                    need(own, found.things.get(other), Some(property.span));
                }
            }
        }
    }
    let named: Vec<BTreeSet<(&Key, &Key)>> = graph
        .accesses
        .par_chunks(ACCESSES_AT_ONCE)
        .map(|accesses| {
            let named = accesses.iter().filter_map(|access| named(found, checked, access));
            named.collect()
        })
        .collect();
    for (thing, role) in named.into_iter().flatten() {
        need(Some(thing), Some(role), None);
    }
    for ((_, account), key) in &found.roles {
        need(Some(key), found.federations.get(account), None);
        for network in found
            .networks
            .values()
            .filter(|network| network.account == *account)
        {
            need(Some(network), Some(key), None);
        }
    }
    sorted(&needs, checked, report)
}

/// A thing whose policy may name a role, and the role.
fn named<'f>(found: &'f Found, checked: &Checked<'_>, access: &Access) -> Option<(&'f Key, &'f Key)> {
    let Resource::Thing(thing) = access.resource else {
        return None;
    };
    let actor = actor(access.principal)?;
    let home = role_of(checked, access.principal, actor, thing)?;
    Some((found.things.get(&thing)?, found.roles.get(&(actor, home))?))
}

/// Who acts through a role.
fn actor(principal: Principal) -> Option<ThingId> {
    match principal {
        Principal::Workload(thing)
        | Principal::People(thing)
        | Principal::Acting(thing)
        | Principal::External(thing)
        | Principal::Class(thing) => Some(thing),
        Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => None,
    }
}

/// The account of the role through which an actor reaches a thing: an external's is in the thing's account.
fn role_of(
    checked: &Checked<'_>,
    principal: Principal,
    actor: ThingId,
    thing: ThingId,
) -> Option<model::project::AccountId> {
    let holder = if matches!(principal, Principal::External(_)) {
        thing
    } else {
        actor
    };
    checked.model().things.get(holder)?.account
}

/// First roles, then networks, then the rest, as far as needs allow; else by account and name.
fn sorted<'f>(needs: &Needs<'f>, checked: &Checked<'_>, report: &mut Report) -> Vec<(&'f Key, Vec<String>)> {
    let model = checked.model();
    let account = |key: &Key| {
        model
            .accounts
            .get(key.account)
            .map_or("", |account| model.names.text(account.name))
    };
    let rank = |key: &'f Key| (!key.name.ends_with(ROLES), account(key).to_owned(), key);
    let mut needed_by: BTreeMap<&Key, Vec<&'f Key>> = BTreeMap::new();
    let mut missing: BTreeMap<&'f Key, usize> = BTreeMap::new();
    for (key, needed) in needs {
        missing.insert(key, needed.len());
        for other in needed.keys() {
            needed_by.entry(other).or_default().push(key);
        }
    }
    let mut ready: BTreeSet<_> = missing
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(key, _)| rank(key))
        .collect();
    let mut sorted = Vec::with_capacity(needs.len());
    while let Some((_, _, key)) = ready.pop_first() {
        sorted.push(key);
        missing.remove(key);
        for dependent in needed_by.get(key).into_iter().flatten() {
            if let Some(count) = missing.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(rank(dependent));
                }
            }
        }
    }
    if !missing.is_empty() {
        refuse(needs, &missing, report);
        sorted.extend(missing.into_keys());
    }
    sorted.into_iter().map(|key| (key, after(needs, key))).collect()
}

fn after(needs: &Needs<'_>, key: &Key) -> Vec<String> {
    let needed = needs.get(key).into_iter().flatten();
    needed
        .filter(|(other, _)| other.account == key.account)
        .map(|(other, _)| other.name.clone())
        .collect()
}

/// What is left needs itself: follow needs until one comes again.
fn refuse(needs: &Needs<'_>, missing: &BTreeMap<&Key, usize>, report: &mut Report) {
    let Some(mut key) = missing.keys().next().copied() else {
        return;
    };
    let mut seen: Vec<(&Key, Option<Span>)> = Vec::new();
    loop {
        let next = needs
            .get(key)
            .into_iter()
            .flatten()
            .find(|(other, _)| missing.contains_key(**other));
        let Some((other, span)) = next else { return };
        if let Some(start) = seen.iter().position(|(seen, _)| *seen == key) {
            let circle = seen.get(start..).unwrap_or_default();
            let names: Vec<String> = circle.iter().map(|(key, _)| format!("`{}`", key.name)).collect();
            let message = format!(
                "the stacks {} each need the other to be applied first",
                names.join(" and ")
            );
            let mut spans = circle.iter().filter_map(|(_, span)| *span);
            let mut diagnostic = match spans.next() {
                Some(span) => Diagnostic::new(&CIRCULAR_STACKS, span, message),
                None => Diagnostic::global(&CIRCULAR_STACKS, message),
            };
            for span in spans {
                diagnostic = diagnostic.label(span, "and the other way round");
            }
            report.push(
                diagnostic
                    .note("what one team owns is one root module, and a module is applied as a whole")
                    .help("give both things the same `owner`"),
            );
            return;
        }
        seen.push((key, *span));
        key = other;
    }
}
