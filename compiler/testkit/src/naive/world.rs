//! A project, its bytes, and what follows from looking at both.

use std::collections::{BTreeMap, BTreeSet};

use model::Model;
use model::kind::KindId;
use model::template::{Piece, Placeholder};
use model::thing::ThingId;
use model::trust::End;
use model::value::Value;

use super::actor::{self, Actor};
use super::control;
use super::delivery::{filters, is_delivered};
use super::emitted::{self, Emitted};
use super::glob::{self, Glob, Place};
use super::host::{self, Filters, Host};
use super::object::{self, Cell, Door};
use super::packet::Declared;
use super::request::{self, Perimeter, Request};
use crate::enumerate::text::Member;
use crate::label::letter::{self, Letter};
use crate::label::policy::Kind;

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
    /// What resources admit: as it stands, and for each set of values of variables.
    perimeters: BTreeMap<Vec<(String, String)>, BTreeMap<ThingId, Perimeter>>,
    pub(super) declared: Vec<Declared>,
    /// Per identity and cell: the words on which it is allowed.
    granted: BTreeMap<(usize, usize), Vec<String>>,
    /// Addresses and ports at which a rule, a host or a listener begins.
    pub(super) lows: BTreeSet<u32>,
}

impl<'a> World<'a> {
    /// Looks at a project.
    ///
    /// # Errors
    /// What the evaluators do not read.
    pub fn new(model: &'a Model, files: &BTreeMap<String, Vec<u8>>) -> Result<Self, String> {
        Self::filtered(model, files, Filters::ALL)
    }

    /// Looks at a project of whose filters of packets only some are written: the others are open, and between two ends
    /// that are open, packets are those that are declared.
    ///
    /// # Errors
    /// What the evaluators do not read.
    pub fn filtered(
        model: &'a Model,
        files: &BTreeMap<String, Vec<u8>>,
        filters: Filters,
    ) -> Result<Self, String> {
        let emitted = emitted::sorted(
            files
                .iter()
                .map(|(path, bytes)| (path.as_str(), bytes.as_slice())),
        )?;
        Self::of(model, emitted, filters)
    }

    /// The same of what is sorted already.
    ///
    /// # Errors
    /// What the evaluators do not read.
    pub fn of(model: &'a Model, emitted: Emitted, filters: Filters) -> Result<Self, String> {
        let mut world = Self {
            model,
            actors: actor::actors(model, &emitted)?,
            hosts: host::hosts(model, &emitted, filters),
            cells: object::cells(model),
            doors: object::doors(model),
            perimeters: BTreeMap::new(),
            declared: Vec::new(),
            granted: BTreeMap::new(),
            lows: BTreeSet::new(),
            emitted,
        };
        let all = world.actors.iter().map(|actor| own_values(&world.emitted, actor));
        for values in all.collect::<BTreeSet<_>>() {
            let own = perimeters(model, &world.emitted, &values)?;
            world.perimeters.insert(values, own);
        }
        world.declared = world.declarations();
        let policies = control::cells(model, &world.cells);
        world.cells.extend(policies);
        let stated = world.stated_actions();
        let further = control::stated(model, &world.cells, &stated);
        world.cells.extend(further);
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
    pub fn allows(
        &self,
        actor: usize,
        cell: usize,
        word: &str,
        fixed: &BTreeMap<String, Option<String>>,
    ) -> bool {
        let (actor, cell) = (&self.actors[actor], &self.cells[cell]);
        let selected = self.reads_by_rule(actor, cell).unwrap_or_default();
        if selected.iter().any(|path| glob::holds(path, word)) {
            return true;
        }
        if cell.action != "iot:Receive" {
            return self.allows_action(actor, (cell.thing, &cell.action), word, fixed);
        }
        let mut delivered = actor.clone();
        let filters = filters(actor);
        for statement in delivered.statements.iter_mut().filter(|one| !one.deny) {
            statement
                .resources
                .retain(|name| is_delivered(&filters, name, word));
        }
        self.allows_action(&delivered, (cell.thing, &cell.action), word, fixed)
    }

    /// Whether an identity may do any action on one word, which belongs to a thing.
    #[must_use]
    pub fn allows_action(
        &self,
        actor: &Actor,
        (thing, action): (ThingId, &str),
        word: &str,
        fixed: &BTreeMap<String, Option<String>>,
    ) -> bool {
        let request = Request { action, word, fixed };
        let none = Perimeter::default();
        let perimeters = self.perimeters.get(&own_values(&self.emitted, actor));
        let perimeter = perimeters.and_then(|all| all.get(&thing));
        request::is_allowed(actor, perimeter.unwrap_or(&none), request)
    }

    /// The host name of a thing's service, by which a key knows it.
    #[must_use]
    pub fn service(&self, thing: ThingId) -> Option<String> {
        let model = self.model;
        let thing = model.things.get(thing)?;
        let service = model.kinds.get(thing.kind)?.words.service?;
        let account = thing.account.or(model.project.default_account)?;
        let region = model.names.text(model.accounts.get(account)?.region);
        Some(format!("{}.{region}.amazonaws.com", model.names.text(service)))
    }

    /// Actions that some statement names by themselves, in lower case.
    fn stated_actions(&self) -> BTreeSet<String> {
        let own = self.actors.iter().flat_map(|actor| &actor.statements);
        let theirs = self
            .perimeters
            .values()
            .flat_map(BTreeMap::values)
            .flat_map(|perimeter| &perimeter.statements);
        let all = own.chain(theirs).flat_map(|statement| &statement.actions);
        let is_plain = |name: &&Vec<Letter>| !name.contains(&Letter::Any) && !name.contains(&Letter::One);
        all.filter(is_plain).map(|name| letter::spell(name)).collect()
    }

    /// What a rule of the broker receives stands in its query, which is in no document: it is taken as declared.
    fn reads_by_rule(&self, actor: &Actor, cell: &Cell) -> Option<Vec<Glob>> {
        let thing = self.model.things.get(actor.member.thing)?;
        let kind = self.model.kinds.get(thing.kind)?;
        kind.words.acts?;
        if cell.action != "iot:Receive" {
            return None;
        }
        let mut out = object::entrances(self.model, thing, kind);
        for (_, trust) in self.model.trusts.iter() {
            let names_it = trust
                .subjects
                .iter()
                .any(|subject| subject.end == End::Thing(actor.member.thing));
            let subscribes = trust
                .allow
                .iter()
                .any(|(name, _)| self.model.names.text(*name) == "subscribe");
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
            let stated = stated.chain(
                self.perimeters
                    .values()
                    .flat_map(BTreeMap::values)
                    .flat_map(|perimeter| &perimeter.statements),
            );
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
            known
                .entry(&cell.on)
                .or_insert_with(|| words(&cell.on, &patterns));
        }
        for actor in 0..self.actors.len() {
            for (index, cell) in self.cells.iter().enumerate() {
                let Some(words) = known.get(&cell.on) else {
                    continue;
                };
                let allowed: Vec<String> = words
                    .iter()
                    .filter(|word| self.allows(actor, index, word, &none))
                    .cloned()
                    .collect();
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
}

fn words(on: &Glob, patterns: &[Glob]) -> Vec<String> {
    let mut out: BTreeSet<String> = glob::words(on).into_iter().collect();
    let near: Vec<&Glob> = patterns
        .iter()
        .filter(|pattern| glob::meet(on, pattern).is_some())
        .collect();
    for (at, pattern) in near.iter().enumerate() {
        out.extend(glob::meet(on, pattern));
        out.extend(
            glob::words(pattern)
                .into_iter()
                .filter(|word| glob::holds(on, word)),
        );
        // Three meet in a word of two where runs stand at the end; where they do not, pairs are tried.
        for other in near.iter().skip(at + 1) {
            out.extend(glob::meet(pattern, other).filter(|word| glob::holds(on, word)));
        }
    }
    out.into_iter().collect()
}

/// The values by which a resource's policy reads differently for an identity.
fn own_values(emitted: &Emitted, actor: &Actor) -> Vec<(String, String)> {
    let names = |variable: &str| {
        let mut texts = emitted.resources.values().flatten();
        texts.any(|text| text.contains(variable))
    };
    if !names("${aws:") {
        return Vec::new();
    }
    let values = actor.values.iter().filter(|(variable, _)| names(variable));
    values.cloned().collect()
}

fn perimeters(
    model: &Model,
    emitted: &Emitted,
    values: &[(String, String)],
) -> Result<BTreeMap<ThingId, Perimeter>, String> {
    let mut out = BTreeMap::new();
    for (id, thing) in model.things.iter() {
        let Some(account) = thing
            .account
            .or(model.project.default_account)
            .and_then(|id| model.accounts.get(id))
        else {
            continue;
        };
        let account_name = model.names.text(account.name).to_owned();
        let name = model.names.text(thing.name).to_owned();
        let statements = match emitted.resources.get(&(account_name.clone(), name)) {
            Some(texts) => emitted::statements(texts, Kind::Resource, values)?,
            None => Vec::new(),
        };
        let kind = model
            .kinds
            .get(thing.kind)
            .map(|kind| model.names.text(kind.name));
        out.insert(
            id,
            Perimeter {
                account: account_name,
                number: model.names.text(account.number).to_owned(),
                region: of_region(model, thing.kind).then(|| model.names.text(account.region).to_owned()),
                statements,
                decides_alone: kind == Some("key"),
                is_theirs: thing.existing.is_some_and(|existing| !existing.is_ours()),
            },
        );
    }
    Ok(out)
}

/// Whether the addresses of a kind say a region.
fn of_region(model: &Model, kind: KindId) -> bool {
    let address = model.kinds.get(kind).and_then(|kind| kind.words.arn.as_ref());
    address.is_some_and(|address| address.pieces.contains(&Piece::Placeholder(Placeholder::Region)))
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
