//! Tests of a spec, answered by looking.

use std::collections::{BTreeMap, BTreeSet};

use model::promise::Selector;
use model::test::{Case, Question};
use model::thing::{Detail, ThingId};
use model::trust::End;

use super::glob::{self, Place};
use super::host::Host;
use super::selector::{Named, objects, subjects};
use super::world::{self, World};
use super::{address, control};

/// Whether a question's answer is what it says.
#[must_use]
pub fn holds(world: &World<'_>, case: &Case, question: &Question) -> bool {
    let asked = ask(world, case, question);
    if question.can { asked.whole } else { !asked.any }
}

struct Asked {
    /// Some request of the capability's actions is allowed.
    any: bool,
    /// With all that it needs.
    whole: bool,
}

fn ask(world: &World<'_>, case: &Case, question: &Question) -> Asked {
    let model = world.model;
    let text = |name: arena::Name| model.names.text(name).to_owned();
    let subject = match case.subject.end {
        End::Internet => Selector::Internet,
        end => Selector::End(end),
    };
    let who = subjects(
        world,
        &Named::of(world, std::iter::once(&subject)),
        &Named::default(),
    );
    let allow = BTreeSet::from([text(question.capability.0)]);
    let what = objects(
        world,
        &Named::of(world, std::iter::once(&question.object.0)),
        &allow,
    );
    let row = case.fixed.device.map(|(name, _)| text(name));
    let object_row = question.device.map(|(name, _)| text(name));
    let tags: Vec<(String, String)> = case
        .fixed
        .attributes
        .iter()
        .map(|(name, value)| (text(*name), text(*value)))
        .collect();
    let fixed = fixed(case);
    let mut asked = Asked {
        any: false,
        whole: false,
    };
    for actor in &who.actors {
        let member = &world.actors[*actor].member;
        let is_meant = world::is_row(member, row.as_deref())
            && tags
                .iter()
                .all(|(name, value)| member.columns.get(name) == Some(value));
        if !is_meant {
            continue;
        }
        for cell in &what.cells {
            if !world::is_row(&world.cells[*cell].member, object_row.as_deref()) {
                continue;
            }
            for word in world.granted(*actor, *cell) {
                let is_allowed =
                    in_part(world, *cell, word, question) && world.allows(*actor, *cell, word, &fixed);
                if is_allowed {
                    asked.any = true;
                    asked.whole |= has_all(world, *actor, *cell, word, &allow, &fixed);
                }
            }
        }
    }
    let source = case.fixed.source.and_then(address::of_block);
    let hosts = who
        .hosts
        .iter()
        .map(|index| &world.hosts[*index])
        .chain(&who.undeclared);
    for host in hosts {
        let is_people = host.member.as_ref().is_some_and(|member| {
            matches!(
                model.things.get(member.thing).map(|thing| &thing.detail),
                Some(Detail::People(_))
            )
        });
        let is_meant = host.member.as_ref().is_none_or(|member| {
            world::is_row(member, row.as_deref())
                && (is_people
                    || tags
                        .iter()
                        .all(|(name, value)| member.columns.get(name) == Some(value)))
        });
        if !is_meant {
            continue;
        }
        for (end, ports) in &what.ends {
            let is_asked = end
                .member
                .as_ref()
                .is_none_or(|member| world::is_row(member, object_row.as_deref()));
            // People are where the question says that they are.
            let there = Host {
                addresses: match source {
                    Some(source) if is_people => vec![source],
                    _ => host.addresses.clone(),
                },
                ..host.clone()
            };
            if is_asked && end.member != host.member && world.passes(&there, end, ports, source) {
                asked.any = true;
                asked.whole = true;
            }
        }
    }
    asked
}

/// Keys of the context that the line of `as` fixes.
fn fixed(case: &Case) -> BTreeMap<String, Option<String>> {
    let mut out = BTreeMap::new();
    if let Some(mfa) = case.fixed.mfa {
        out.insert("aws:multifactorauthpresent".to_owned(), Some(mfa.to_string()));
        // Who has shown no second factor has no age of one.
        if !mfa {
            out.insert("aws:multifactorauthage".to_owned(), None);
        }
    }
    if let Some(age) = case.fixed.mfa_age {
        out.insert("aws:multifactorauthage".to_owned(), Some(age.seconds.to_string()));
    }
    if let Some((first, _)) = case.fixed.source.and_then(address::of_block) {
        out.insert("aws:sourceip".to_owned(), Some(address::shown(first).to_string()));
    }
    out
}

fn in_part(world: &World<'_>, cell: usize, word: &str, question: &Question) -> bool {
    let Some((under, text)) = question.part else {
        return true;
    };
    // A policy is about all of a thing.
    if control::changes_policy(&world.cells[cell].action) {
        return true;
    }
    let mut part = world.cells[cell].on.clone();
    if part.pop() != Some(Place::Any) {
        return false;
    }
    part.extend(glob::plain(world.model.names.text(text)));
    if under {
        part.push(Place::Any);
    }
    glob::holds(&part, word)
}

/// Whether helpers, key and session are there too.
fn has_all(
    world: &World<'_>,
    actor: usize,
    cell: usize,
    word: &str,
    allow: &BTreeSet<String>,
    fixed: &BTreeMap<String, Option<String>>,
) -> bool {
    let model = world.model;
    let asked = &world.cells[cell];
    let Some(thing) = model.things.get(asked.thing) else {
        return false;
    };
    let Some(kind) = model.kinds.get(thing.kind) else {
        return false;
    };
    // One of the capabilities that name the action, or mean what it does, has all that it needs.
    kind.words
        .capabilities
        .iter()
        .filter(|capability| {
            let name = model.names.text(capability.name);
            let does = |name: &str| allow.contains(name);
            does(name)
                || capability
                    .does
                    .iter()
                    .any(|(name, _)| does(model.names.text(*name)))
        })
        .filter(|capability| {
            let mut actions = capability
                .actions
                .iter()
                .filter(|line| !line.helper)
                .flat_map(|line| &line.actions);
            actions.any(|name| model.names.text(*name) == asked.action)
        })
        .any(|capability| {
            let helpers = capability
                .actions
                .iter()
                .filter(|line| line.helper)
                .flat_map(|line| &line.actions);
            let has_helpers = helpers.map(|name| model.names.text(*name)).all(|helper| {
                // What a rule receives, its own statement selects; whoever else receives needs a filter, whichever it is.
                let is_filter = helper == "iot:Subscribe";
                if is_filter && (acts(world, actor) || is_own_filter(world, actor, word, fixed)) {
                    return true;
                }
                world.cells.iter().enumerate().any(|(index, other)| {
                    (is_filter || (other.thing == asked.thing && other.member == asked.member))
                        && other.action == helper
                        && world.granted(actor, index).iter().any(|helped| {
                            // What helps on the same sort of thing, helps on this one.
                            (other.on != asked.on || helped == word)
                                && helps(&asked.action, word, helper, helped)
                                && world.allows(actor, index, helped, fixed)
                        })
                })
            });
            let has_keys = capability.via.iter().all(|via| {
                let keys = world::references(model, asked.thing);
                let keys = keys.into_iter().filter(|key| {
                    let of = model.things.get(*key).and_then(|key| model.kinds.get(key.kind));
                    of.is_some_and(|kind| kind.name == via.kind)
                });
                keys.into_iter()
                    .all(|key| may_use(world, actor, (asked.thing, key), model.names.text(via.capability)))
            });
            has_helpers && has_keys
        })
}

/// Whether a topic may itself be asked for as a filter.
fn is_own_filter(
    world: &World<'_>,
    actor: usize,
    word: &str,
    fixed: &BTreeMap<String, Option<String>>,
) -> bool {
    let filter = word.replacen(":topic/", ":topicfilter/", 1);
    let mut cells = world.cells.iter().enumerate();
    cells.any(|(index, cell)| cell.action == "iot:Subscribe" && world.allows(actor, index, &filter, fixed))
}

/// Whether an actor is a resource that acts.
fn acts(world: &World<'_>, actor: usize) -> bool {
    let model = world.model;
    let thing = model.things.get(world.actors[actor].member.thing);
    let kind = thing.and_then(|thing| model.kinds.get(thing.kind));
    kind.is_some_and(|kind| kind.words.acts.is_some())
}

/// A filter helps whoever receives what it covers; other helpers are about the object.
fn helps(action: &str, word: &str, helper: &str, helped: &str) -> bool {
    if action != "iot:Receive" || helper != "iot:Subscribe" {
        return true;
    }
    let Some(filter) = helped.split(":topicfilter/").nth(1) else {
        return false;
    };
    let Some(topic) = word.split(":topic/").nth(1) else {
        return false;
    };
    let mut pattern = Vec::new();
    for c in filter.chars() {
        pattern.push(match c {
            '#' => Place::Any,
            '+' => Place::Level,
            c => Place::Plain(c),
        });
    }
    glob::holds(&pattern, topic)
}

/// Whether a store's key may be used through the store's service.
fn may_use(world: &World<'_>, actor: usize, (store, key): (ThingId, ThingId), capability: &str) -> bool {
    let host = world.service(store);
    let through = BTreeMap::from([("kms:viaservice".to_owned(), host)]);
    world.cells.iter().enumerate().any(|(index, cell)| {
        let mut words = world.granted(actor, index).iter();
        cell.thing == key
            && cell.means.contains(capability)
            && words.any(|word| world.allows(actor, index, word, &through))
    })
}
