//! Chains: whom a subject becomes, commands or feeds, one after another.

use std::collections::{BTreeMap, BTreeSet};

use model::kind::Effect;
use model::promise::Through;
use model::thing::ThingId;

use super::glob::{self, Glob};
use super::object::Cell;
use super::selector::{Subjects, shared};
use super::world::World;
use crate::enumerate::text::Member;

/// Which way data goes with an action of a thing: by what it does, and by what the thing's kind says.
fn effect(world: &World<'_>, cell: &Cell) -> (bool, bool) {
    let (mut reads, mut writes) = known(&cell.action);
    let thing = world.model.things.get(cell.thing);
    let kind = thing.and_then(|thing| world.model.kinds.get(thing.kind));
    for capability in kind.iter().flat_map(|kind| &kind.words.capabilities) {
        let lines = capability.actions.iter().filter(|line| !line.helper);
        let mut names = lines.flat_map(|line| &line.actions);
        if names.any(|name| world.model.names.text(*name) == cell.action) {
            reads |= capability.effect == Effect::Read;
            writes |= capability.effect == Effect::Write;
        }
    }
    (reads, writes)
}

/// Which way data goes with an action, of those that are drawn.
fn known(action: &str) -> (bool, bool) {
    let reads = [
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:GetObjectTagging",
        "iot:Receive",
        "sqs:ReceiveMessage",
        "kinesis:GetRecords",
        "secretsmanager:GetSecretValue",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
    ];
    let writes = [
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:AbortMultipartUpload",
        "s3:RestoreObject",
        "iot:Publish",
        "sqs:SendMessage",
        "sqs:PurgeQueue",
        "kinesis:PutRecord",
        "kinesis:PutRecords",
        "secretsmanager:PutSecretValue",
        "logs:PutLogEvents",
        "logs:CreateLogStream",
    ];
    (reads.contains(&action), writes.contains(&action))
}

/// Everybody whom subjects reach by steps.
///
/// - Shape: control is to become a role, and to share a machine. No other action of control is drawn.
#[must_use]
pub fn spread(world: &World<'_>, subjects: &Subjects, through: Through) -> Subjects {
    spread_by(world, subjects, through, true)
}

/// Likewise; each member by itself, unless classes are followed as a whole.
#[must_use]
pub fn spread_by(world: &World<'_>, subjects: &Subjects, through: Through, as_a_whole: bool) -> Subjects {
    let mut reached = subjects.clone();
    loop {
        let before = (reached.actors.len(), reached.hosts.len());
        let mut more: BTreeSet<Member> = BTreeSet::new();
        if through.control {
            more.extend(controlled(world, &reached));
        }
        if through.data {
            more.extend(fed(world, &reached));
        }
        // A class is followed as a whole.
        let classes: BTreeSet<ThingId> = more
            .iter()
            .filter(|_| as_a_whole)
            .map(|member| member.thing)
            .collect();
        let members = world.actors.iter().map(|actor| &actor.member);
        let members = members.chain(world.hosts.iter().filter_map(|host| host.member.as_ref()));
        more.extend(members.filter(|member| classes.contains(&member.thing)).cloned());
        // Who has members in common is one actor in a chain.
        let others: Vec<Member> = more
            .iter()
            .flat_map(|member| {
                let things = shared(world, member.thing).into_iter();
                things.map(|thing| Member {
                    thing,
                    ..member.clone()
                })
            })
            .collect();
        more.extend(others);
        for (index, actor) in world.actors.iter().enumerate() {
            if more.contains(&actor.member) && !reached.actors.contains(&index) {
                reached.actors.push(index);
            }
        }
        // An identity that is met has its places, and a place that is met has its identity.
        let all: BTreeSet<&Member> = reached
            .actors
            .iter()
            .map(|index| &world.actors[*index].member)
            .chain(&more)
            .collect();
        for (index, host) in world.hosts.iter().enumerate() {
            let is_met = host.member.as_ref().is_some_and(|member| {
                all.contains(member)
                    || all
                        .iter()
                        .any(|other| other.thing == member.thing && member.device == other.device)
            });
            if is_met && !reached.hosts.contains(&index) {
                reached.hosts.push(index);
            }
        }
        let hosts: BTreeSet<&Member> = reached
            .hosts
            .iter()
            .filter_map(|index| world.hosts[*index].member.as_ref())
            .collect();
        for (index, actor) in world.actors.iter().enumerate() {
            let is_met = hosts
                .iter()
                .any(|host| host.thing == actor.member.thing && host.device == actor.member.device);
            if is_met && !reached.actors.contains(&index) {
                reached.actors.push(index);
            }
        }
        if before == (reached.actors.len(), reached.hosts.len()) {
            return reached;
        }
    }
}

/// Whom actors become, and what is on their machines.
fn controlled(world: &World<'_>, reached: &Subjects) -> BTreeSet<Member> {
    let mut more = BTreeSet::new();
    for (index, actor) in world.actors.iter().enumerate() {
        if reached.actors.iter().any(|from| world.becomes(*from, index)) {
            more.insert(actor.member.clone());
        }
    }
    for index in &reached.hosts {
        let Some(member) = &world.hosts[*index].member else {
            continue;
        };
        let near = world.on_machine(member.thing, member.device.as_ref());
        more.extend(
            near.into_iter()
                .filter_map(|near| world.hosts[near].member.clone()),
        );
    }
    more
}

/// Who reads what actors write, and who is joined with them by a connection.
fn fed(world: &World<'_>, reached: &Subjects) -> BTreeSet<Member> {
    let written = written(world, &reached.actors);
    let mut more: BTreeSet<Member> = BTreeSet::new();
    for (index, actor) in world.actors.iter().enumerate() {
        let enters = entrance(world, index);
        let is_read = |word: &String| enters.as_ref().is_some_and(|pattern| glob::holds(pattern, word));
        let is_shown = |word: &String| lists(world, index, word);
        if read(world, index).iter().any(|word| written.contains(word))
            || written.iter().any(is_read)
            || written.iter().any(is_shown)
        {
            more.insert(actor.member.clone());
        }
    }
    for host in &world.hosts {
        let Some(member) = &host.member else { continue };
        let senders = reached.hosts.iter().map(|index| &world.hosts[*index]);
        let met = senders.chain(&reached.undeclared).any(|other| {
            other.member != host.member
                && (world.passes(other, host, &world.own_ports(host), None)
                    || world.passes(host, other, &world.own_ports(other), None))
        });
        if met {
            more.insert(member.clone());
        }
    }
    more
}

/// What is published to a rule's own topics goes into the rule.
fn entrance(world: &World<'_>, actor: usize) -> Option<Glob> {
    let thing = world.actors[actor].member.thing;
    let cells = world.cells.iter();
    let mut own = cells.filter(|cell| cell.thing == thing && cell.action == "iot:Publish");
    own.next().map(|cell| cell.on.clone())
}

fn written(world: &World<'_>, actors: &[usize]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for actor in actors {
        for (index, cell) in world.cells.iter().enumerate() {
            if effect(world, cell).1 {
                out.extend(world.granted(*actor, index).iter().cloned());
            }
        }
    }
    out
}

fn read(world: &World<'_>, actor: usize) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (index, cell) in world.cells.iter().enumerate() {
        if effect(world, cell).0 {
            out.extend(world.granted(actor, index).iter().cloned());
        }
    }
    out
}

/// Whoever lists a bucket reads the names of its objects: of those below a prefix for which it may ask.
fn lists(world: &World<'_>, actor: usize, word: &str) -> bool {
    let Some((bucket, key)) = word.split_once('/') else {
        return false;
    };
    let cells = world.cells.iter().enumerate();
    cells
        .filter(|(index, cell)| {
            cell.action == "s3:ListBucket" && world.granted(actor, *index).iter().any(|name| name == bucket)
        })
        .any(|(index, _)| {
            let ends = key.char_indices().map(|(at, _)| at).chain([key.len()]);
            let prefixes = ends
                .filter_map(|end| key.get(..end))
                .map(|prefix| Some(prefix.to_owned()));
            prefixes.chain([None]).any(|prefix| {
                let fixed = BTreeMap::from([("s3:prefix".to_owned(), prefix)]);
                world.allows(actor, index, bucket, &fixed)
            })
        })
}
