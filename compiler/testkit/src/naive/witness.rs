//! Witnesses of broken promises: whether the request or the packet that one names is granted, seen by looking.

use std::collections::{BTreeMap, BTreeSet};

use model::value::Ports;

use super::glob::{self, Glob, Place};
use super::host::Host;
use super::selector::shared;
use super::world::World;
use crate::enumerate::text::Member;

/// Who is named: the thing, and its row if one is.
struct Who<'w> {
    name: &'w str,
    row: Option<&'w str>,
}

/// Whether a witness is one. `None` if it names no point: a chain that ends at an actor.
///
/// - Shape: `witness: WHO → HOW WHO → … → WHAT`, as a finding's note says it. Of a chain the last step is looked at.
#[must_use]
pub fn confirms(world: &World<'_>, note: &str) -> Option<bool> {
    let mut steps: Vec<&str> = note.strip_prefix("witness: ")?.split(" → ").collect();
    let what = steps.pop()?;
    let last = steps.pop()?;
    let who = if steps.is_empty() {
        subject(last)
    } else {
        let name = last.rsplit(' ').next()?;
        Who { name, row: None }
    };
    if let Some((action, on)) = what.split_once(" on ") {
        let resource = on.rsplit_once(" (").map_or(on, |(resource, _)| resource);
        return Some(requests(world, &who, action, &pattern(resource)));
    }
    let (port, to) = what.split_once(" to ")?;
    Some(passes(world, &who, &ports(port)?, to))
}

/// `NAME` or `NAME (ROW)`.
fn subject(text: &str) -> Who<'_> {
    let row = text
        .split_once(" (")
        .and_then(|(name, row)| Some((name, row.strip_suffix(')')?)));
    match row {
        Some((name, row)) => Who { name, row: Some(row) },
        None => Who {
            name: text,
            row: None,
        },
    }
}

/// A resource as people read it: `{…}` is some member's, `<…>` what the provider assigns.
fn pattern(text: &str) -> Glob {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let letter = match c {
            '{' => rest.find('}'),
            '<' => rest.find('>'),
            _ => None,
        };
        match letter {
            Some(end) => {
                out.push(Place::Any);
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push(match c {
                    '*' => Place::Any,
                    '?' => Place::One,
                    c => Place::Plain(c),
                });
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out
}

fn is_meant(world: &World<'_>, who: &Who<'_>, member: &Member) -> bool {
    let model = world.model;
    let is_named = shared(world, member.thing)
        .into_iter()
        .filter_map(|thing| model.things.get(thing))
        .any(|thing| model.names.text(thing.name) == who.name);
    is_named
        && who
            .row
            .is_none_or(|row| member.device.as_deref().is_none_or(|own| own == row))
}

fn requests(world: &World<'_>, who: &Who<'_>, action: &str, resource: &[Place]) -> bool {
    let none = BTreeMap::new();
    let actors = world.actors.iter().enumerate();
    let mut meant = actors.filter(|(_, actor)| {
        matches!(who.name, "everybody" | "internet") || is_meant(world, who, &actor.member)
    });
    let asked = pattern(&action.to_lowercase());
    let is_role = |index: usize| {
        let role = world.actors[index].role.as_deref();
        role.is_some_and(|role| glob::holds(resource, role))
    };
    meant.any(|(index, actor)| {
        if action == "sts:AssumeRole" {
            return (0..world.actors.len()).any(|to| is_role(to) && world.becomes(index, to));
        }
        let cells = world.cells.iter().enumerate();
        let mut on_words = cells.filter_map(|(at, cell)| Some((at, cell, glob::meet(resource, &cell.on)?)));
        on_words.any(|(at, cell, word)| {
            let is_asked = glob::holds(&asked, &cell.action.to_lowercase());
            let mut granted = world.granted(index, at).iter();
            (is_asked && granted.any(|word| glob::holds(resource, word)))
                || world.allows_action(actor, (cell.thing, action), &word, &none)
        })
    })
}

/// `tcp 443`, `udp`, `icmp 8`, `any port`.
fn ports(text: &str) -> Option<Vec<Ports>> {
    let of = |protocol: u8, first: u16, last: u16| Ports {
        protocol,
        first,
        last,
    };
    if text == "any port" {
        return Some([1, 6, 17].map(|protocol| of(protocol, 0, u16::MAX)).to_vec());
    }
    let (name, port) = text
        .split_once(' ')
        .map_or((text, None), |(name, port)| (name, Some(port)));
    let protocol = match name {
        "tcp" => 6,
        "udp" => 17,
        "icmp" => 1,
        _ => return None,
    };
    Some(vec![match port {
        Some(port) => {
            let port = port.parse().ok()?;
            of(protocol, port, port)
        }
        None => of(protocol, 0, u16::MAX),
    }])
}

fn passes(world: &World<'_>, who: &Who<'_>, ports: &[Ports], to: &str) -> bool {
    let anybody = [world.internet(), world.somebody(&[])];
    let of = |who: &Who<'_>| -> Vec<&Host> {
        let declared = world.hosts.iter().filter(|host| {
            let member = host.member.as_ref();
            member.is_some_and(|member| is_meant(world, who, member))
        });
        let others = anybody
            .iter()
            .filter(|_| matches!(who.name, "everybody" | "internet"));
        declared.chain(others).collect()
    };
    let ends = of(&subject(to));
    let protocols: BTreeSet<u8> = ports.iter().map(|range| range.protocol).collect();
    !protocols.is_empty()
        && of(who).iter().any(|from| {
            ends.iter().any(|end| {
                let is_self = from.member.is_some() && from.member == end.member;
                !is_self && world.passes(from, end, ports, None)
            })
        })
}
