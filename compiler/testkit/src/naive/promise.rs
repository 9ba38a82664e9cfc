//! Promises, answered by looking.

use std::collections::{BTreeMap, BTreeSet};

use model::promise::{Rule, Selector, Through};
use model::thing::ThingId;
use model::value::Ports;

use super::address::{self, Range};
use super::glob::Place;
use super::host::Host;
use super::object::Cell;
use super::selector::{Named, Objects, Subjects, objects, subjects};
use super::world::World;
use super::{chain, glob, isolate, limit};
use crate::enumerate::text::Member;
use crate::label::letter;

/// Whether a promise holds; `None` for one that is about declarations.
#[must_use]
pub fn holds(world: &World<'_>, rule: &Rule) -> Option<bool> {
    match rule {
        Rule::Never {
            subjects: who,
            objects: what,
            allow,
            differ,
            except,
            besides,
            through,
        } => {
            let named = |list: &[(Selector, source::Span)]| {
                Named::of(world, list.iter().map(|(selector, _)| selector))
            };
            let allow: BTreeSet<String> = allow
                .iter()
                .map(|(name, _)| world.model.names.text(*name).to_owned())
                .collect();
            let differ: Vec<String> = differ
                .iter()
                .map(|(name, _)| world.model.names.text(*name).to_owned())
                .collect();
            let subjects = subjects(world, &named(who), &named(except));
            let mut objects = objects(world, &named(what), &allow);
            // A promise about connections to a whole thing is about each of its ports.
            if allow.contains("connect") {
                let whole = super::selector::ends(world, &named(what), false);
                objects
                    .ends
                    .extend(whole.into_iter().filter(|(host, _)| host.member.is_some()));
            }
            if !besides.is_empty() {
                let without = super::selector::objects(world, &named(besides), &BTreeSet::new());
                objects.without_cells = without.cells;
                objects.without_ends = without.ends;
            }
            let Some(through) = through else {
                let becomes = allow.is_empty() && becomes(world, &subjects, &named(what), &named(besides));
                let strays = allow.is_empty()
                    && named(what).is_everything()
                    && differ.is_empty()
                    && strays(world, &subjects);
                return Some(!becomes && !strays && !reaches(world, &subjects, &objects, &differ, None));
            };
            if !differ.is_empty() {
                let is_end = |member: &Member| allow.is_empty() && named(what).has(world, member);
                return Some(!feeds_unlike(
                    world, &subjects, &objects, &differ, *through, &is_end,
                ));
            }
            let spread = chain::spread(world, &subjects, *through);
            // A chain ends at an actor too, whatever it may do.
            let ends_there = allow.is_empty() && ends_at(world, &subjects, &spread, &named(what), *through);
            Some(!ends_there && !reaches(world, &spread, &objects, &differ, None))
        }
        Rule::Isolate { classes } => Some(!isolate::speaks_as_another(
            world,
            classes.iter().map(|(class, _)| *class).collect(),
        )),
        Rule::Limit {
            subjects: who,
            at_most,
            ..
        } => {
            let named = Named::of(world, who.iter().map(|(selector, _)| selector));
            Some(limit::most(world, &named) <= *at_most as usize)
        }
        Rule::Require { .. } => None,
    }
}

/// Whether a chain from some subject ends at another actor that is named.
fn ends_at(
    world: &World<'_>,
    subjects: &Subjects,
    spread: &Subjects,
    what: &Named,
    through: Through,
) -> bool {
    let actors = spread.actors.iter().map(|index| &world.actors[*index].member);
    let hosts = spread
        .hosts
        .iter()
        .filter_map(|index| world.hosts[*index].member.as_ref());
    let ends: BTreeSet<(ThingId, Option<&String>)> = actors
        .chain(hosts)
        .filter(|member| what.has(world, member))
        .map(|member| (member.thing, member.device.as_ref()))
        .collect();
    ends.into_iter().any(|end| {
        // From all others: who is a subject and named reaches itself without a step.
        let is_end = |member: &Member| (member.thing, member.device.as_ref()) == end;
        let mut others = subjects.clone();
        others
            .actors
            .retain(|index| !is_end(&world.actors[*index].member));
        others
            .hosts
            .retain(|index| !world.hosts[*index].member.as_ref().is_some_and(is_end));
        let spread = chain::spread(world, &others, through);
        spread
            .actors
            .iter()
            .any(|index| is_end(&world.actors[*index].member))
            || spread
                .hosts
                .iter()
                .any(|index| world.hosts[*index].member.as_ref().is_some_and(is_end))
    })
}

/// Whether a chain leads from a member to what belongs to an unlike one: the first and the last of it are compared.
fn feeds_unlike(
    world: &World<'_>,
    subjects: &Subjects,
    objects: &Objects,
    differ: &[String],
    through: Through,
    is_end: &dyn Fn(&Member) -> bool,
) -> bool {
    let actors = subjects
        .actors
        .iter()
        .map(|index| Some(&world.actors[*index].member));
    let hosts = subjects
        .hosts
        .iter()
        .map(|index| world.hosts[*index].member.as_ref());
    let mut firsts: Vec<Option<&Member>> = actors.chain(hosts).collect();
    firsts.extend((!subjects.undeclared.is_empty()).then_some(None));
    firsts.iter().any(|first| {
        let mut own = subjects.clone();
        let is_first = |member: Option<&Member>| member == *first;
        own.actors
            .retain(|index| is_first(Some(&world.actors[*index].member)));
        own.hosts
            .retain(|index| is_first(world.hosts[*index].member.as_ref()));
        if first.is_some() {
            own.undeclared.clear();
        }
        let spread = chain::spread_by(world, &own, through, false);
        let actors = spread
            .actors
            .iter()
            .map(|index| Some(&world.actors[*index].member));
        let hosts = spread
            .hosts
            .iter()
            .map(|index| world.hosts[*index].member.as_ref());
        let mut met = actors.chain(hosts).flatten();
        let ends = met.any(|member| {
            is_end(member)
                && Some(member) != *first
                && first.is_none_or(|first| differs(first, member, differ))
        });
        ends || reaches(world, &spread, objects, differ, Some(*first))
    })
}

/// Whether one of the subjects becomes an actor that is named: to speak as it is to reach it.
fn becomes(world: &World<'_>, subjects: &Subjects, what: &Named, besides: &Named) -> bool {
    world.actors.iter().enumerate().any(|(index, actor)| {
        what.has(world, &actor.member)
            && !besides.has(world, &actor.member)
            && subjects.actors.iter().any(|from| world.becomes(*from, index))
    })
}

/// Whether one of the subjects reaches something of the objects; `first` is who began, if it is another one.
fn reaches(
    world: &World<'_>,
    subjects: &Subjects,
    objects: &Objects,
    differ: &[String],
    first: Option<Option<&Member>>,
) -> bool {
    for actor in &subjects.actors {
        for cell in &objects.cells {
            let one = first.unwrap_or(Some(&world.actors[*actor].member));
            let other = &world.cells[*cell].member;
            if one.is_some_and(|one| !differs(one, other, differ)) {
                continue;
            }
            let mut words = world.granted(*actor, *cell).iter();
            if words.any(|word| !is_taken_out(world, objects, *cell, word)) {
                return true;
            }
        }
    }
    let hosts = subjects
        .hosts
        .iter()
        .map(|index| &world.hosts[*index])
        .chain(&subjects.undeclared);
    for host in hosts {
        for (end, ports) in &objects.ends {
            let is_same = host.machine.is_some() && host.machine == end.machine;
            let differs = match (first.unwrap_or(host.member.as_ref()), &end.member) {
                (Some(one), Some(other)) => differs(one, other, differ),
                _ => true,
            };
            if is_same || !differs || is_self(host, end) {
                continue;
            }
            let left = left(end, ports, &objects.without_ends);
            if left
                .iter()
                .any(|(end, ports)| world.passes(host, end, ports, None))
            {
                return true;
            }
        }
    }
    false
}

/// Whether one of the subjects may do on some word what is done to a thing, and the word is no thing's. `*` holds it too.
fn strays(world: &World<'_>, subjects: &Subjects) -> bool {
    // A cell of this action, if the word is in none.
    let like = |action: &str, word: &str| {
        let of_action = |(_, cell): &(usize, &Cell)| cell.action.eq_ignore_ascii_case(action);
        let mut cells = world.cells.iter().enumerate().filter(of_action);
        let is_of_none = cells.clone().all(|(_, cell)| !glob::holds(&cell.on, word));
        let done = cells.find(|(_, cell)| !cell.is_helper);
        done.filter(|_| is_of_none).map(|(index, _)| index)
    };
    let none = BTreeMap::new();
    subjects.actors.iter().any(|index| {
        let granting = world.actors[*index]
            .statements
            .iter()
            .filter(|statement| !statement.deny);
        granting.into_iter().any(|statement| {
            let words = statement.resources.iter().map(|name| glob::of_letters(name));
            let words: BTreeSet<String> = words.flat_map(|name| glob::words(&name)).collect();
            statement
                .actions
                .iter()
                .map(|name| letter::spell(name))
                .any(|action| {
                    let may = |word: &String| {
                        like(&action, word).is_some_and(|cell| world.allows(*index, cell, word, &none))
                    };
                    words.iter().any(may)
                })
        })
    })
}

pub(super) fn is_self(one: &Host, other: &Host) -> bool {
    one.member.is_some() && one.member == other.member
}

fn is_taken_out(world: &World<'_>, objects: &Objects, cell: usize, word: &str) -> bool {
    let action = &world.cells[cell].action;
    // A filter is no more than the topics that it brings.
    if let Some((head, path)) = word.split_once(":topicfilter/") {
        let mut brought = glob::plain(&format!("{head}:topic/"));
        brought.extend(path.chars().map(|letter| match letter {
            '+' => Place::Level,
            '#' => Place::Any,
            letter => Place::Plain(letter),
        }));
        let words = glob::words(&brought);
        let received = objects.without_cells.iter().map(|other| &world.cells[*other]);
        let mut received = received.filter(|other| other.action == "iot:Receive");
        if received.any(|other| words.iter().all(|word| glob::holds(&other.on, word))) {
            return true;
        }
    }
    objects.without_cells.iter().any(|other| {
        let other = &world.cells[*other];
        let thing = world.model.things.get(world.cells[cell].thing);
        let account = thing.and_then(|thing| thing.account.or(world.model.project.default_account));
        let is_there = other.account.is_none() || other.account == account;
        other.action == *action && is_there && glob::holds(&other.on, word)
    })
}

/// What is left of ports at addresses, if some are taken out. A group tells its members apart, addresses alone do not.
fn left(end: &Host, ports: &[Ports], without: &[(Host, Vec<Ports>)]) -> Vec<(Host, Vec<Ports>)> {
    let mut out = vec![(end.clone(), ports.to_vec())];
    for (other, taken) in without {
        if end.group != other.group || end.group.is_some() && !is_self(end, other) {
            continue;
        }
        // On one machine, a port is whose listens on it.
        if end.machine.is_some() && end.machine == other.machine && !is_self(end, other) {
            continue;
        }
        out = out
            .into_iter()
            .flat_map(|(host, ports)| {
                let (mut apart, mut shared) = (host.clone(), host);
                let mut all = address::others(&apart.addresses);
                all.extend(&other.addresses);
                apart.addresses = address::others(&all);
                shared.addresses = common(&shared.addresses, &other.addresses);
                let fewer = fewer(&ports, taken);
                [(apart, ports), (shared, fewer)]
            })
            .filter(|(host, ports)| !host.addresses.is_empty() && !ports.is_empty())
            .collect();
    }
    out
}

/// What lies in both.
pub(super) fn common(one: &[Range], other: &[Range]) -> Vec<Range> {
    let pairs = one.iter().flat_map(|one| {
        other
            .iter()
            .map(move |other| (one.0.max(other.0), one.1.min(other.1)))
    });
    pairs.filter(|(first, last)| first <= last).collect()
}

/// Ports without some.
fn fewer(ports: &[Ports], taken: &[Ports]) -> Vec<Ports> {
    let mut out = Vec::new();
    for range in ports {
        let of_protocol = taken.iter().filter(|taken| taken.protocol == range.protocol);
        let taken: Vec<Range> = of_protocol
            .map(|taken| (u32::from(taken.first), u32::from(taken.last)))
            .collect();
        let whole = [(u32::from(range.first), u32::from(range.last))];
        for (first, last) in common(&whole, &address::others(&taken)) {
            if let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last)) {
                out.push(Ports {
                    protocol: range.protocol,
                    first,
                    last,
                });
            }
        }
    }
    out
}

fn differs(one: &Member, other: &Member, attributes: &[String]) -> bool {
    attributes.iter().all(|name| {
        let (one, other) = (one.columns.get(name), other.columns.get(name));
        one.is_none_or(|value| value.is_empty()) || one != other
    })
}
