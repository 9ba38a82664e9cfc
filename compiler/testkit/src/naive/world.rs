//! A project, its bytes, and what follows from looking at both.

use std::collections::{BTreeMap, BTreeSet};

use model::Model;
use model::actor::RunsOn;
use model::thing::{Detail, PartDetail, ThingId};
use model::trust::{End, Trust};
use model::value::{Ports, Value};

use super::actor::{self, Actor, Host};
use super::address::{self, Range};
use super::emitted::{self, Emitted};
use super::glob::{self, Glob, Place};
use super::object::{self, Cell, Door};
use super::request::{self, Perimeter, Request};
use crate::enumerate::text::Member;
use crate::label::packet::{Packet, Peer, Rule};
use crate::label::policy::Kind;

/// A connection that a trust declares and no guard sees.
#[derive(Clone, Debug)]
pub struct Declared {
    from: usize,
    to: usize,
    ports: Vec<Ports>,
}

/// A project and its bytes.
pub struct World<'a> {
    /// What is declared.
    pub model: &'a Model,
    /// What was written.
    pub emitted: Emitted,
    /// Identities.
    pub actors: Vec<Actor>,
    /// Hosts.
    pub hosts: Vec<Host>,
    /// Actions on objects.
    pub cells: Vec<Cell>,
    /// Listeners.
    pub doors: Vec<Door>,
    perimeters: BTreeMap<ThingId, Perimeter>,
    declared: Vec<Declared>,
    /// Per identity and cell: the words on which it is allowed.
    granted: BTreeMap<(usize, usize), Vec<String>>,
    /// Addresses and ports at which a rule, a host or a listener begins.
    lows: BTreeSet<u32>,
}

impl<'a> World<'a> {
    /// Looks at a project.
    ///
    /// # Errors
    /// What the evaluators do not read.
    pub fn new(model: &'a Model, files: &BTreeMap<String, Vec<u8>>) -> Result<Self, String> {
        let emitted = emitted::sorted(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())))?;
        let mut world = Self {
            model,
            actors: actor::actors(model, &emitted)?,
            hosts: actor::hosts(model, &emitted),
            cells: object::cells(model),
            doors: object::doors(model),
            perimeters: perimeters(model, &emitted)?,
            declared: Vec::new(),
            granted: BTreeMap::new(),
            lows: BTreeSet::new(),
            emitted,
        };
        world.declared = world.declarations();
        world.grant();
        world.lows = world.boundaries();
        Ok(world)
    }

    /// The words of a cell on which an identity is allowed.
    #[must_use]
    pub fn granted(&self, actor: usize, cell: usize) -> &[String] {
        self.granted.get(&(actor, cell)).map_or(&[], Vec::as_slice)
    }

    /// Whether an identity may do a cell's action on one word, with part of the context fixed.
    #[must_use]
    pub fn allows(&self, actor: usize, cell: usize, word: &str, fixed: &BTreeMap<String, Option<String>>) -> bool {
        let (actor, cell) = (&self.actors[actor], &self.cells[cell]);
        if let Some(reads) = self.reads_by_rule(actor, cell) {
            return reads.iter().any(|path| glob::holds(path, word));
        }
        let request = Request {
            action: &cell.action,
            word,
            fixed,
        };
        let none = Perimeter::default();
        request::is_allowed(actor, self.perimeters.get(&cell.thing).unwrap_or(&none), request)
            && (cell.action != "iot:Receive" || is_delivered(actor, word))
    }

    /// What a rule of the broker receives stands in its query, which is in no document: it is taken as declared.
    fn reads_by_rule(&self, actor: &Actor, cell: &Cell) -> Option<Vec<Glob>> {
        let thing = self.model.things.get(actor.member.thing)?;
        let kind = self.model.kinds.get(thing.kind)?;
        kind.words.acts?;
        if cell.action != "iot:Receive" {
            return None;
        }
        let mut out = Vec::new();
        for (_, trust) in self.model.trusts.iter() {
            let names_it = trust.subjects.iter().any(|subject| subject.end == End::Thing(actor.member.thing));
            let subscribes = trust.allow.iter().any(|(name, _)| self.model.names.text(*name) == "subscribe");
            if names_it && subscribes {
                for object in &trust.objects {
                    let of_object = self
                        .cells
                        .iter()
                        .filter(|cell| End::Thing(cell.thing) == object.end && cell.action == "iot:Receive");
                    out.extend(of_object.map(|cell| cell.on.clone()));
                }
            }
        }
        Some(out)
    }

    fn grant(&mut self) {
        let patterns: Vec<Glob> = {
            let stated = self.actors.iter().flat_map(|actor| &actor.statements);
            let stated = stated.chain(self.perimeters.values().flat_map(|perimeter| &perimeter.statements));
            let stated: BTreeSet<Glob> = stated
                .flat_map(|statement| &statement.resources)
                .map(|name| glob::of_letters(name))
                .collect();
            let mut all = stated;
            all.extend(self.cells.iter().map(|cell| cell.on.clone()));
            all.extend(self.asked_parts());
            all.into_iter().collect()
        };
        let none = BTreeMap::new();
        let mut granted = BTreeMap::new();
        let mut known: BTreeMap<&Glob, Vec<String>> = BTreeMap::new();
        for cell in &self.cells {
            known.entry(&cell.on).or_insert_with(|| words(&cell.on, &patterns));
        }
        for actor in 0..self.actors.len() {
            for (index, cell) in self.cells.iter().enumerate() {
                let Some(words) = known.get(&cell.on) else { continue };
                let allowed: Vec<String> =
                    words.iter().filter(|word| self.allows(actor, index, word, &none)).cloned().collect();
                if !allowed.is_empty() {
                    granted.insert((actor, index), allowed);
                }
            }
        }
        self.granted = granted;
    }

    /// The parts of which a test asks, of every cell that has parts.
    fn asked_parts(&self) -> Vec<Glob> {
        let cases = self.model.tests.iter().flat_map(|(_, test)| &test.cases);
        let parts: BTreeSet<(bool, &str)> = cases
            .flat_map(|case| &case.questions)
            .filter_map(|question| question.part)
            .map(|(under, text)| (under, self.model.names.text(text)))
            .collect();
        let mut out = Vec::new();
        for cell in self.cells.iter().filter(|cell| cell.on.ends_with(&[Place::Any])) {
            for (under, text) in &parts {
                let mut part = cell.on.clone();
                part.pop();
                part.extend(glob::plain(text));
                part.extend(under.then_some(Place::Any));
                out.push(part);
            }
        }
        out
    }

    /// Flows that trusts declare between hosts.
    fn declarations(&self) -> Vec<Declared> {
        let mut out = Vec::new();
        for (_, trust) in self.model.trusts.iter() {
            for object in &trust.objects {
                let End::Part(part) = object.end else { continue };
                let Some(part) = self.model.parts.get(part) else { continue };
                let listener = match &part.detail {
                    PartDetail::Listener(listener) => Some(listener),
                    PartDetail::LocalTopic(topic) => match self.model.parts.get(topic.on).map(|part| &part.detail) {
                        Some(PartDetail::Listener(listener)) => Some(listener),
                        _ => None,
                    },
                };
                let Some(listener) = listener else { continue };
                for subject in &trust.subjects {
                    let End::Thing(subject) = subject.end else { continue };
                    for from in self.held(subject) {
                        for to in self.held(part.of) {
                            if self.meets(trust, from, to) {
                                let ports = listener.ports.clone();
                                out.push(Declared { from, to, ports });
                            }
                        }
                    }
                }
            }
        }
        out
    }

    /// The hosts of a thing.
    pub fn held(&self, thing: ThingId) -> impl Iterator<Item = usize> + '_ {
        let of = move |host: &Host| host.member.as_ref().is_some_and(|member| member.thing == thing);
        self.hosts.iter().enumerate().filter(move |(_, host)| of(host)).map(|(index, _)| index)
    }

    fn meets(&self, trust: &Trust, from: usize, to: usize) -> bool {
        let (Some(from), Some(to)) = (&self.hosts[from].member, &self.hosts[to].member) else {
            return false;
        };
        if from.thing == to.thing && (from.device == to.device || trust.others.is_none()) {
            return false;
        }
        trust.same.iter().all(|(name, _)| {
            let name = self.model.names.text(*name);
            let (one, other) = (from.columns.get(name), to.columns.get(name));
            one.is_some_and(|value| !value.is_empty()) && one == other
        })
    }

    /// Where something begins: if several ranges share a member, they share the highest of their beginnings.
    fn boundaries(&self) -> BTreeSet<u32> {
        let rules = self.emitted.groups.iter().chain(self.emitted.firewalls.values().flatten());
        let mut out: BTreeSet<u32> = rules
            .filter_map(|rule| match &rule.peer {
                Peer::Block(first, last) => address::of_rule(*first, *last),
                Peer::Group(_) => None,
            })
            .flat_map(|(first, last)| [Some(first), last.checked_add(1)])
            .flatten()
            .collect();
        for host in &self.hosts {
            for (first, last) in host.addresses.iter().chain(&host.leaves_by) {
                out.insert(*first);
                out.extend(last.checked_add(1));
            }
        }
        for range in places(self.model) {
            out.insert(range.0);
            out.extend(range.1.checked_add(1));
        }
        out.extend([0, actor::UNKNOWN.0]);
        out
    }

    /// The addresses of a range at which something begins, and its own.
    fn points(&self, ranges: &[Range]) -> Vec<u32> {
        let mut out = BTreeSet::new();
        for (first, last) in ranges {
            out.insert(*first);
            out.extend(self.lows.range(first..=last).copied());
        }
        out.into_iter().collect()
    }

    /// Whether some packet passes from one host to these ports of another. A source, once fixed, is the only one.
    #[must_use]
    pub fn passes(&self, from: &Host, to: &Host, ports: &[Ports], source: Option<Range>) -> bool {
        if from.machine.is_some() && from.machine == to.machine {
            return false;
        }
        let mut sources = from.addresses.clone();
        if to.is_public {
            sources.extend(&from.leaves_by);
        }
        if let Some((first, last)) = source {
            sources = sources
                .into_iter()
                .filter_map(|(a, b)| Some((a.max(first), b.min(last))).filter(|(a, b)| a <= b))
                .collect();
        }
        let (sources, targets) = (self.points(&sources), self.points(&to.addresses));
        for (protocol, port) in self.ports(ports) {
            for target in &targets {
                if !self.leaves(from, to, *target, protocol, port) {
                    continue;
                }
                if sources.iter().any(|source| self.arrives(from, to, (*source, *target), protocol, port)) {
                    return true;
                }
            }
        }
        false
    }

    fn ports(&self, asked: &[Ports]) -> BTreeSet<(u8, u16)> {
        let mut out: BTreeSet<(u8, u16)> = asked.iter().map(|range| (range.protocol, range.first)).collect();
        let rules = self.emitted.groups.iter().chain(self.emitted.firewalls.values().flatten());
        let lows = rules.filter_map(|rule| u16::try_from(rule.ports.0).ok());
        let lows = lows.chain(self.doors.iter().flat_map(|door| door.ports.iter().map(|range| range.first)));
        for low in lows.collect::<BTreeSet<u16>>() {
            out.extend(
                asked
                    .iter()
                    .filter(|range| range.first <= low && low <= range.last)
                    .map(|range| (range.protocol, low)),
            );
        }
        out
    }

    fn leaves(&self, from: &Host, to: &Host, target: u32, protocol: u8, port: u16) -> bool {
        let (Some(rules), Some(guard)) = self.guard(from) else {
            return true;
        };
        permits(rules, guard, true, to.group.as_deref(), target, protocol, port)
    }

    fn arrives(&self, from: &Host, to: &Host, (source, target): (u32, u32), protocol: u8, port: u16) -> bool {
        if let (Some(rules), Some(guard)) = self.guard(to) {
            return permits(rules, guard, false, from.group.as_deref(), source, protocol, port);
        }
        // What crosses no guard is there if it is declared.
        self.guard(from).1.is_some()
            || self.declared.iter().any(|flow| {
                // Between these two, whoever else has their addresses: no guard admits an address here.
                let (sender, receiver) = (&self.hosts[flow.from], &self.hosts[flow.to]);
                let sends = match &from.member {
                    Some(member) => sender.member.as_ref() == Some(member),
                    None => address::holds(&sender.addresses, source),
                };
                let receives = match &to.member {
                    Some(member) => receiver.member.as_ref() == Some(member),
                    None => address::holds(&receiver.addresses, target),
                };
                sends
                    && receives
                    && flow
                        .ports
                        .iter()
                        .any(|range| range.protocol == protocol && range.first <= port && port <= range.last)
            })
    }

    fn guard<'b>(&'b self, host: &'b Host) -> (Option<&'b [Rule]>, Option<&'b str>) {
        if let Some(group) = &host.group {
            return (Some(&self.emitted.groups), Some(group));
        }
        match &host.firewall {
            Some(class) => (self.emitted.firewalls.get(class).map(Vec::as_slice), Some(class)),
            None => (None, None),
        }
    }

    /// The ports of a host that are the thing's own: on a machine that several share, a port is whose listens on it.
    #[must_use]
    pub fn own_ports(&self, host: &Host) -> Vec<Ports> {
        let mut out = Vec::new();
        for protocol in [6, 17] {
            let mut taken = Vec::new();
            if let (Some(member), Some((class, _))) = (&host.member, &host.machine) {
                for door in self.doors.iter().filter(|door| door.thing != member.thing) {
                    if self.machine(door.thing) == Some(*class) {
                        let ranges = door.ports.iter().filter(|range| range.protocol == protocol);
                        taken.extend(ranges.map(|range| (u32::from(range.first), u32::from(range.last))));
                    }
                }
            }
            taken.push((65_536, u32::MAX));
            for (first, last) in address::others(&taken) {
                if let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last)) {
                    out.push(Ports { protocol, first, last });
                }
            }
        }
        out
    }

    /// The class on whose machines a thing is.
    fn machine(&self, thing: ThingId) -> Option<ThingId> {
        match &self.model.things.get(thing)?.detail {
            Detail::Class(_) => Some(thing),
            Detail::Workload(workload) => match workload.runs_on {
                Some(RunsOn::Device(class)) => Some(class),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whoever is outside all declared places.
    #[must_use]
    pub fn internet(&self) -> Host {
        self.somebody(&places(self.model))
    }

    /// Whoever has none of these addresses.
    #[must_use]
    pub fn somebody(&self, but: &[Range]) -> Host {
        Host {
            member: None,
            group: None,
            firewall: None,
            addresses: address::others(but),
            leaves_by: Vec::new(),
            is_public: true,
            machine: None,
        }
    }
}

/// Every network and site, and what sites leave by.
fn places(model: &Model) -> Vec<Range> {
    let networks = model.networks.iter().map(|(_, network)| network.cidr);
    let sites = model.sites.iter().flat_map(|(_, site)| {
        std::iter::once(site.cidr).chain(site.leaves_by.iter().map(|(block, _)| *block))
    });
    networks.chain(sites).filter_map(address::of_block).collect()
}

fn permits(
    rules: &[Rule],
    guard: &str,
    egress: bool,
    group: Option<&str>,
    address: u32,
    protocol: u8,
    port: u16,
) -> bool {
    // Groups write protocols by name, host firewalls by name in sets and by number in rules.
    let spelt: &[&str] = match protocol {
        6 => &["tcp", "6"],
        17 => &["udp", "17"],
        _ => &["1"],
    };
    let ends = [group.map(|group| Ok(group.to_owned())), Some(Err(address::shown(address)))];
    ends.into_iter().flatten().any(|other| {
        spelt.iter().any(|protocol| {
            let packet = Packet {
                group: guard.to_owned(),
                egress,
                protocol: (*protocol).to_owned(),
                port: i64::from(port),
                other: other.clone(),
            };
            rules.iter().any(|rule| rule.permits(&packet))
        })
    })
}

/// A guard says `*` for a level of which the filter says `+`: what is delivered is what some filter lets through.
fn is_delivered(actor: &Actor, word: &str) -> bool {
    let Some((head, topic)) = word.split_once(":topic/") else {
        return true;
    };
    let mut filters = actor
        .statements
        .iter()
        .filter(|statement| !statement.deny)
        .flat_map(|statement| &statement.resources)
        .map(|name| glob::of_letters(name))
        .filter(|pattern| glob::meet(pattern, &filter(head, &[Place::Any])).is_some())
        .peekable();
    // A `+` of a filter is one level, and what a guard leaves open holds every filter.
    filters.peek().is_none()
        || filters.any(|mut pattern| {
            for place in &mut pattern {
                if *place == Place::Plain('+') {
                    *place = Place::Level;
                }
            }
            glob::meet(&pattern, &filter(head, &glob::plain(topic))).is_some()
        })
}

fn filter(head: &str, rest: &[Place]) -> Glob {
    let mut out = glob::plain(&format!("{head}:topicfilter/"));
    out.extend(rest);
    out
}

fn words(on: &Glob, patterns: &[Glob]) -> Vec<String> {
    let mut out: BTreeSet<String> = glob::words(on).into_iter().collect();
    let near: Vec<&Glob> = patterns.iter().filter(|pattern| glob::meet(on, pattern).is_some()).collect();
    for (at, pattern) in near.iter().enumerate() {
        out.extend(glob::meet(on, pattern));
        out.extend(glob::words(pattern).into_iter().filter(|word| glob::holds(on, word)));
        // Three meet in a word of two where runs stand at the end; where they do not, pairs are tried.
        for other in near.iter().skip(at + 1) {
            out.extend(glob::meet(pattern, other).filter(|word| glob::holds(on, word)));
        }
    }
    out.into_iter().collect()
}

fn perimeters(model: &Model, emitted: &Emitted) -> Result<BTreeMap<ThingId, Perimeter>, String> {
    let mut out = BTreeMap::new();
    for (id, thing) in model.things.iter() {
        let Some(account) = thing.account.or(model.project.default_account).and_then(|id| model.accounts.get(id)) else {
            continue;
        };
        let account_name = model.names.text(account.name).to_owned();
        let physical = model.names.text(thing.physical.name).to_owned();
        let statements = match emitted.resources.get(&(account_name.clone(), physical)) {
            Some(texts) => emitted::statements(texts, Kind::Resource, &[])?,
            None => Vec::new(),
        };
        let kind = model.kinds.get(thing.kind).map(|kind| model.names.text(kind.name));
        out.insert(
            id,
            Perimeter {
                account: account_name,
                number: model.names.text(account.number).to_owned(),
                statements,
                decides_alone: kind == Some("key"),
            },
        );
    }
    Ok(out)
}

/// The thing that a fact of another thing names: a store's key.
#[must_use]
pub fn references(model: &Model, thing: ThingId) -> Vec<ThingId> {
    let Some(thing) = model.things.get(thing) else {
        return Vec::new();
    };
    let values = thing.properties.iter().flat_map(|property| &property.values);
    values
        .filter_map(|value| match value {
            Value::Thing(thing) => Some(*thing),
            _ => None,
        })
        .collect()
}

/// Whether a member is one row, or any.
#[must_use]
pub fn is_row(member: &Member, row: Option<&str>) -> bool {
    row.is_none_or(|row| member.device.as_deref() == Some(row))
}
