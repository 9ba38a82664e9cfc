//! Promises, answered by looking.

use std::collections::{BTreeMap, BTreeSet};

use model::actor::RunsOn;
use model::place::{SegmentId, Within};
use model::promise::{Rule, Selector};
use model::thing::{Detail, PartId, ThingId};
use model::trust::End;
use model::value::Ports;

use super::actor::{self, Host};
use super::address::{self, Range};
use super::chain;
use super::glob;
use super::world::World;
use crate::enumerate::text::Member;

/// What selectors name.
#[derive(Clone, Debug, Default)]
pub struct Named {
    things: BTreeSet<ThingId>,
    parts: BTreeSet<PartId>,
    segments: BTreeSet<SegmentId>,
    internet: bool,
    everything: bool,
}

/// Who asks: identities and hosts by their places in the world, and hosts that nobody declared.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    /// Identities.
    pub actors: Vec<usize>,
    /// Hosts.
    pub hosts: Vec<usize>,
    /// Others.
    pub undeclared: Vec<Host>,
}

/// What is asked for: cells by their places, and ports of hosts.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// Actions on words.
    pub cells: Vec<usize>,
    /// Ports of hosts.
    pub ends: Vec<(Host, Vec<Ports>)>,
    /// Cells that are taken out.
    pub without_cells: Vec<usize>,
    /// Ports that are taken out.
    pub without_ends: Vec<(Host, Vec<Ports>)>,
}

impl Named {
    /// What these selectors name together.
    #[must_use]
    pub fn of<'s>(world: &World<'_>, selectors: impl Iterator<Item = &'s Selector>) -> Self {
        let model = world.model;
        let mut out = Self::default();
        for selector in selectors {
            match selector {
                Selector::End(End::Thing(thing)) => drop(out.things.insert(*thing)),
                Selector::End(End::Part(part)) => drop(out.parts.insert(*part)),
                Selector::End(End::Internet) | Selector::Internet => out.internet = true,
                Selector::End(End::Account(_)) | Selector::Account(_) | Selector::Provider => {}
                Selector::Everything => out.everything = true,
                Selector::Kind(kind) => {
                    out.things.extend(model.things.iter().filter(|(_, thing)| thing.kind == *kind).map(|(id, _)| id));
                }
                Selector::Segment(segment) => drop(out.segments.insert(*segment)),
                Selector::Site(site) => out.segments.extend(within(world, |place| place == Within::Site(*site))),
                Selector::Network(network) => {
                    out.segments.extend(within(world, |place| place == Within::Network(*network)));
                }
                Selector::Level(level) => out.segments.extend(
                    model.segments.iter().filter(|(_, segment)| segment.level == Some(*level)).map(|(id, _)| id),
                ),
                Selector::Owner(team) => out.things.extend(
                    model.things.iter().filter(|(_, thing)| thing.owner == Some(*team)).map(|(id, _)| id),
                ),
                Selector::Tag(tag) => out.things.extend(
                    model
                        .things
                        .iter()
                        .filter(|(_, thing)| thing.tags.iter().any(|(name, _)| name == tag))
                        .map(|(id, _)| id),
                ),
                Selector::DataClass(class) => out.things.extend(
                    model
                        .things
                        .iter()
                        .filter(|(_, thing)| thing.data_class.is_some_and(|(name, _)| name == *class))
                        .map(|(id, _)| id),
                ),
            }
        }
        out
    }

    /// Whether a member is named, by its thing or by its place.
    fn has(&self, world: &World<'_>, member: &Member) -> bool {
        self.everything
            || self.things.contains(&member.thing)
            || segment(world, member).is_some_and(|segment| self.segments.contains(&segment))
    }
}

fn within(world: &World<'_>, is: impl Fn(Within) -> bool) -> Vec<SegmentId> {
    let segments = world.model.segments.iter();
    segments.filter(|(_, segment)| is(segment.within)).map(|(id, _)| id).collect()
}

fn segment(world: &World<'_>, member: &Member) -> Option<SegmentId> {
    let thing = world.model.things.get(member.thing)?;
    match &thing.detail {
        Detail::Class(_) => actor::row_segment(world.model, member.thing, member),
        Detail::Workload(workload) => match workload.runs_on {
            Some(RunsOn::Device(class)) => actor::row_segment(world.model, class, member),
            _ => workload.segment,
        },
        _ => thing.segment,
    }
}

fn is_people(world: &World<'_>, thing: ThingId) -> bool {
    matches!(world.model.things.get(thing).map(|thing| &thing.detail), Some(Detail::People(_)))
}

/// People who share a group of their provider share members.
fn shared(world: &World<'_>, thing: ThingId) -> BTreeSet<ThingId> {
    let of = |id: ThingId| match world.model.things.get(id).map(|thing| &thing.detail) {
        Some(Detail::People(people)) => Some((people.from, people.group.map(|(group, _)| group))),
        _ => None,
    };
    let own = of(thing);
    let others = world.model.things.iter().map(|(id, _)| id).filter(|id| own.is_some() && of(*id) == own);
    others.chain([thing]).collect()
}

/// Who some selectors are, without the declared members that are taken out.
#[must_use]
pub fn subjects(world: &World<'_>, named: &Named, except: &Named) -> Subjects {
    let is_named = |member: &Member| named.has(world, member) && !except.has(world, member);
    let is_subject = |member: &Member| {
        let also = shared(world, member.thing);
        let mut by_group = also.iter().filter(|thing| **thing != member.thing);
        is_named(member)
            || by_group.any(|thing| {
                let other = Member {
                    thing: *thing,
                    ..member.clone()
                };
                is_named(&other)
            })
    };
    let actors = world.actors.iter().enumerate();
    let hosts = world.hosts.iter().enumerate();
    let mut out = Subjects {
        actors: actors.filter(|(_, actor)| is_subject(&actor.member)).map(|(index, _)| index).collect(),
        hosts: hosts
            .filter(|(_, host)| host.member.as_ref().is_some_and(is_subject))
            .map(|(index, _)| index)
            .collect(),
        undeclared: Vec::new(),
    };
    if named.everything {
        // People are not where they come from: others may sit there.
        let is_taken = |member: &Member| except.has(world, member) && !is_people(world, member.thing);
        let taken = world.hosts.iter().filter(|host| host.member.as_ref().is_some_and(is_taken));
        let taken: Vec<Range> = taken.flat_map(|host| host.addresses.iter().chain(&host.leaves_by)).copied().collect();
        out.undeclared.push(world.somebody(&taken));
    }
    if named.internet {
        out.undeclared.push(world.internet());
    }
    out
}

/// What some selectors are as objects; after `allow`, only what these capabilities mean.
#[must_use]
pub fn objects(world: &World<'_>, named: &Named, allow: &BTreeSet<String>) -> Objects {
    let mut out = Objects {
        cells: Vec::new(),
        ends: ends(world, named, !allow.is_empty()),
        ..Objects::default()
    };
    for (index, cell) in world.cells.iter().enumerate() {
        let is_named = named.everything || named.things.contains(&cell.thing);
        let is_meant = allow.is_empty() || !cell.means.is_disjoint(allow);
        if is_named && is_meant {
            out.cells.push(index);
        }
    }
    if !allow.is_empty() && !allow.contains("connect") {
        out.ends.clear();
    }
    out
}

fn ends(world: &World<'_>, named: &Named, only_doors: bool) -> Vec<(Host, Vec<Ports>)> {
    let mut out = Vec::new();
    for host in &world.hosts {
        let Some(member) = &host.member else { continue };
        if is_people(world, member.thing) {
            continue;
        }
        let is_whole = named.has(world, member);
        if is_whole && !only_doors {
            out.push((host.clone(), world.own_ports(host)));
            continue;
        }
        for door in world.doors.iter().filter(|door| door.thing == member.thing) {
            if is_whole || named.parts.contains(&door.part) {
                out.push((host.clone(), door.ports.clone()));
            }
        }
    }
    if named.internet || named.everything && !only_doors {
        out.push((world.internet(), world.own_ports(&world.internet())));
    }
    out
}

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
            let named = |list: &[(Selector, source::Span)]| Named::of(world, list.iter().map(|(selector, _)| selector));
            let allow: BTreeSet<String> =
                allow.iter().map(|(name, _)| world.model.names.text(*name).to_owned()).collect();
            let differ: Vec<String> =
                differ.iter().map(|(name, _)| world.model.names.text(*name).to_owned()).collect();
            let subjects = subjects(world, &named(who), &named(except));
            let mut objects = objects(world, &named(what), &allow);
            if !besides.is_empty() {
                let without = self::objects(world, &named(besides), &BTreeSet::new());
                objects.without_cells = without.cells;
                objects.without_ends = without.ends;
            }
            let Some(through) = through else {
                return Some(!reaches(world, &subjects, &objects, &differ));
            };
            let spread = chain::spread(world, &subjects, *through);
            // A chain ends at an actor too, whatever it may do.
            let ends_there = allow.is_empty() && ends_at(world, &subjects, &spread, &named(what), *through);
            Some(!ends_there && !reaches(world, &spread, &objects, &differ))
        }
        Rule::Isolate { classes } => Some(!speaks_as_another(world, classes.iter().map(|(class, _)| *class).collect())),
        Rule::Limit { subjects: who, at_most, .. } => {
            let named = Named::of(world, who.iter().map(|(selector, _)| selector));
            Some(most(world, &named) <= *at_most as usize)
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
    through: model::promise::Through,
) -> bool {
    let actors = spread.actors.iter().map(|index| &world.actors[*index].member);
    let hosts = spread.hosts.iter().filter_map(|index| world.hosts[*index].member.as_ref());
    let ends: BTreeSet<(ThingId, Option<&String>)> = actors
        .chain(hosts)
        .filter(|member| what.has(world, member))
        .map(|member| (member.thing, member.device.as_ref()))
        .collect();
    ends.into_iter().any(|end| {
        // From all others: who is a subject and named reaches itself without a step.
        let is_end = |member: &Member| (member.thing, member.device.as_ref()) == end;
        let mut others = subjects.clone();
        others.actors.retain(|index| !is_end(&world.actors[*index].member));
        others.hosts.retain(|index| !world.hosts[*index].member.as_ref().is_some_and(is_end));
        let spread = chain::spread(world, &others, through);
        spread.actors.iter().any(|index| is_end(&world.actors[*index].member))
            || spread.hosts.iter().any(|index| world.hosts[*index].member.as_ref().is_some_and(is_end))
    })
}

/// Whether one of the subjects reaches something of the objects.
fn reaches(world: &World<'_>, subjects: &Subjects, objects: &Objects, differ: &[String]) -> bool {
    for actor in &subjects.actors {
        for cell in &objects.cells {
            let (one, other) = (&world.actors[*actor].member, &world.cells[*cell].member);
            if !differs(one, other, differ) {
                continue;
            }
            let mut words = world.granted(*actor, *cell).iter();
            if words.any(|word| !is_taken_out(world, objects, *cell, word)) {
                return true;
            }
        }
    }
    let hosts = subjects.hosts.iter().map(|index| &world.hosts[*index]).chain(&subjects.undeclared);
    for host in hosts {
        for (end, ports) in &objects.ends {
            let is_same = host.machine.is_some() && host.machine == end.machine;
            let differs = match (&host.member, &end.member) {
                (Some(one), Some(other)) => differs(one, other, differ),
                _ => true,
            };
            if is_same || !differs || is_self(host, end) {
                continue;
            }
            let left = left(end, ports, &objects.without_ends);
            if left.iter().any(|(end, ports)| world.passes(host, end, ports, None)) {
                return true;
            }
        }
    }
    false
}

fn is_self(one: &Host, other: &Host) -> bool {
    one.member.is_some() && one.member == other.member
}

fn is_taken_out(world: &World<'_>, objects: &Objects, cell: usize, word: &str) -> bool {
    let action = &world.cells[cell].action;
    objects.without_cells.iter().any(|other| {
        let other = &world.cells[*other];
        other.action == *action && glob::holds(&other.on, word)
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
fn common(one: &[Range], other: &[Range]) -> Vec<Range> {
    let pairs = one.iter().flat_map(|one| other.iter().map(move |other| (one.0.max(other.0), one.1.min(other.1))));
    pairs.filter(|(first, last)| first <= last).collect()
}

/// Ports without some.
fn fewer(ports: &[Ports], taken: &[Ports]) -> Vec<Ports> {
    let mut out = Vec::new();
    for range in ports {
        let of_protocol = taken.iter().filter(|taken| taken.protocol == range.protocol);
        let taken: Vec<Range> = of_protocol.map(|taken| (u32::from(taken.first), u32::from(taken.last))).collect();
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

/// Whether a device of these classes speaks as another, or reaches what is another's.
fn speaks_as_another(world: &World<'_>, classes: BTreeSet<ThingId>) -> bool {
    let model = world.model;
    let rows: Vec<usize> = (0..world.actors.len())
        .filter(|index| classes.contains(&world.actors[*index].member.thing))
        .collect();
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
                    && trust.objects.iter().any(|end| is(end.end, asked.thing))
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
    let account = world.model.accounts.iter().find(|(_, account)| world.model.names.text(account.name) == actor.account);
    let Some((_, account)) = account else { return false };
    let (region, number) = (world.model.names.text(account.region), world.model.names.text(account.number));
    let word = format!("arn:aws:iot:{region}:{number}:client/{}", asked.device.as_deref().unwrap_or_default());
    let none = BTreeMap::new();
    let request = super::request::Request {
        action: "iot:Connect",
        word: &word,
        fixed: &none,
    };
    super::request::is_allowed(actor, &super::request::Perimeter::default(), request)
}

/// Whether a word lies in the part that another device has of an object, by `under "{name}/"`.
fn is_part_of(world: &World<'_>, cell: usize, asked: &Member, word: &str) -> bool {
    let model = world.model;
    let cell = &world.cells[cell];
    if cell.is_helper {
        return false;
    }
    model.trusts.iter().any(|(_, trust)| {
        let is_own = trust.subjects.iter().any(|subject| subject.end == End::Thing(asked.thing))
            && trust.objects.iter().any(|object| object.end == End::Thing(cell.thing));
        is_own
            && trust.narrow.iter().any(|line| {
                let by_name = |piece: &model::template::Piece| {
                    matches!(
                        piece,
                        model::template::Piece::Placeholder(model::template::Placeholder::Name)
                    )
                };
                line.path.pieces.iter().any(by_name)
                    && part(world, cell, asked, line).is_some_and(|part| glob::holds(&part, word))
            })
    })
}

/// The part of a cell that a narrowing gives to a member.
fn part(
    world: &World<'_>,
    cell: &super::object::Cell,
    member: &Member,
    line: &model::trust::Narrow,
) -> Option<glob::Glob> {
    let mut text = String::new();
    for piece in &line.path.pieces {
        match piece {
            model::template::Piece::Text(name) => text.push_str(world.model.names.text(*name)),
            model::template::Piece::Placeholder(model::template::Placeholder::Name) => {
                text.push_str(member.device.as_deref()?);
            }
            model::template::Piece::Placeholder(
                model::template::Placeholder::Attribute(name) | model::template::Placeholder::Property(name),
            ) => text.push_str(member.columns.get(world.model.names.text(*name)).filter(|value| !value.is_empty())?),
            model::template::Piece::Placeholder(_) => return None,
        }
    }
    let mut out = cell.on.clone();
    if out.pop() != Some(glob::Place::Any) {
        return None;
    }
    out.extend(glob::plain(&text));
    if line.under {
        out.push(glob::Place::Any);
    }
    Some(out)
}

/// Who it is, by whichever of the names that people share.
fn person(world: &World<'_>, member: &Member) -> Member {
    let thing = shared(world, member.thing).first().copied().unwrap_or(member.thing);
    Member {
        thing,
        ..member.clone()
    }
}

/// The largest number of declared objects that one member reaches by an action.
fn most(world: &World<'_>, named: &Named) -> usize {
    let subjects = subjects(world, named, &Named::default());
    let mut reached: BTreeMap<Member, BTreeSet<(ThingId, Option<PartId>)>> = BTreeMap::new();
    let direct = BTreeMap::from([("kms:viaservice".to_owned(), None)]);
    for actor in subjects.actors {
        for (index, cell) in world.cells.iter().enumerate() {
            let mut words = world.granted(actor, index).iter();
            let has_parts = world.doors.iter().any(|door| door.thing == cell.thing);
            // What is entailed is asked through a service; what is meant is asked directly too.
            if !cell.is_helper && !has_parts && words.any(|word| world.allows(actor, index, word, &direct)) {
                let member = person(world, &world.actors[actor].member);
                reached.entry(member).or_default().insert((cell.thing, None));
            }
        }
    }
    for index in subjects.hosts {
        let host = &world.hosts[index];
        let Some(member) = &host.member else { continue };
        for door in &world.doors {
            for to in world.held(door.thing) {
                let end = &world.hosts[to];
                if !is_self(host, end) && world.passes(host, end, &door.ports, None) {
                    reached.entry(person(world, member)).or_default().insert((door.thing, Some(door.part)));
                }
            }
        }
    }
    reached.values().map(BTreeSet::len).max().unwrap_or(0)
}
