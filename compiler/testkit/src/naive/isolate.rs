//! Devices that speak as another, or reach what is another's.

use std::collections::{BTreeMap, BTreeSet};

use model::template::{Piece, Placeholder};
use model::thing::ThingId;
use model::trust::{End, Narrow};

use super::glob::{self, Place};
use super::object::Cell;
use super::request::{self, Perimeter, Request};
use super::world::World;
use crate::enumerate::text::Member;

/// Whether a device of these classes speaks as another, or reaches what is another's.
pub(super) fn speaks_as_another(world: &World<'_>, classes: BTreeSet<ThingId>) -> bool {
    let model = world.model;
    let rows: Vec<usize> = (0..world.actors.len())
        .filter(|index| classes.contains(&world.actors[*index].member.thing))
        .collect();
    // Who is no device connects as none of these either.
    let others = (0..world.actors.len()).filter(|index| world.actors[*index].member.device.is_none());
    for one in others {
        if rows
            .iter()
            .any(|other| connects_as(world, one, &world.actors[*other].member))
        {
            return true;
        }
    }
    for one in &rows {
        for other in &rows {
            if one == other {
                continue;
            }
            let (asks, asked) = (&world.actors[*one].member, &world.actors[*other].member);
            let excused = model.trusts.iter().any(|(_, trust)| {
                let is = |end: End, thing: ThingId| match end {
                    End::Thing(named) => named == thing,
                    End::Part(part) => model.parts.get(part).is_some_and(|part| part.of == thing),
                    _ => false,
                };
                trust.subjects.iter().any(|end| is(end.end, asks.thing))
                    && trust.objects.iter().any(|end| end.end == End::Thing(asked.thing))
            });
            if excused {
                continue;
            }
            if connects_as(world, *one, asked) {
                return true;
            }
            for (index, cell) in world.cells.iter().enumerate() {
                let words = world.granted(*one, index);
                let family = model.things.get(cell.thing).and_then(|thing| thing.family);
                let is_member = family == Some(asked.thing) && cell.member.device == asked.device;
                if is_member && !cell.is_helper && !words.is_empty() {
                    return true;
                }
                if words.iter().any(|word| is_part_of(world, index, asked, word)) {
                    return true;
                }
            }
        }
    }
    false
}

fn connects_as(world: &World<'_>, actor: usize, asked: &Member) -> bool {
    let actor = &world.actors[actor];
    let account = world
        .model
        .accounts
        .iter()
        .find(|(_, account)| world.model.names.text(account.name) == actor.account);
    let Some((_, account)) = account else { return false };
    let (region, number) = (
        world.model.names.text(account.region),
        world.model.names.text(account.number),
    );
    let word = format!(
        "arn:aws:iot:{region}:{number}:client/{}",
        asked.device.as_deref().unwrap_or_default()
    );
    let none = BTreeMap::new();
    // A client has no policy of its own, and is of the broker's account.
    let perimeter = Perimeter {
        account: actor.account.clone(),
        number: number.to_owned(),
        ..Perimeter::default()
    };
    let request = Request {
        action: "iot:Connect",
        word: &word,
        fixed: &none,
    };
    request::is_allowed(actor, &perimeter, request)
}

/// Whether a word lies in the part that another device has of an object, by `under "{name}/"`.
fn is_part_of(world: &World<'_>, cell: usize, asked: &Member, word: &str) -> bool {
    let model = world.model;
    let cell = &world.cells[cell];
    // Of a family of its own class a device has its own member.
    let family = model.things.get(cell.thing).and_then(|thing| thing.family);
    let is_of_another = family == Some(asked.thing) && cell.member.device != asked.device;
    if cell.is_helper || is_of_another {
        return false;
    }
    model.trusts.iter().any(|(_, trust)| {
        let is_own = trust
            .subjects
            .iter()
            .any(|subject| subject.end == End::Thing(asked.thing))
            && trust
                .objects
                .iter()
                .any(|object| object.end == End::Thing(cell.thing));
        is_own
            && trust.narrow.iter().any(|line| {
                let by_name = |piece: &Piece| matches!(piece, Piece::Placeholder(Placeholder::Name));
                line.path.pieces.iter().any(by_name)
                    && part(world, cell, asked, line).is_some_and(|part| glob::holds(&part, word))
            })
    })
}

/// The part of a cell that a narrowing gives to a member.
fn part(world: &World<'_>, cell: &Cell, member: &Member, line: &Narrow) -> Option<glob::Glob> {
    let mut text = String::new();
    for piece in &line.path.pieces {
        match piece {
            Piece::Text(name) => text.push_str(world.model.names.text(*name)),
            Piece::Placeholder(Placeholder::Name) => {
                text.push_str(member.device.as_deref()?);
            }
            Piece::Placeholder(Placeholder::Attribute(name) | Placeholder::Property(name)) => text.push_str(
                member
                    .columns
                    .get(world.model.names.text(*name))
                    .filter(|value| !value.is_empty())?,
            ),
            Piece::Placeholder(_) => return None,
        }
    }
    let mut out = cell.on.clone();
    if out.pop() != Some(Place::Any) {
        return None;
    }
    out.extend(glob::plain(&text));
    if line.under {
        out.push(Place::Any);
    }
    Some(out)
}
