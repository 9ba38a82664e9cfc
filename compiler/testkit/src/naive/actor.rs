//! Who acts, one by one: identities with what they may do, and hosts with what guards them.

use std::collections::{BTreeMap, BTreeSet};

use model::Model;
use model::actor::{Address, RunsOn};
use model::place::{Exposure, SegmentId, Within};
use model::template::Piece;
use model::thing::{Detail, Thing, ThingId};
use model::trust::{Condition, End};

use super::address::{self, Range};
use super::emitted::{self, Emitted};
use crate::enumerate::text::{Member, members};
use crate::label::policy::{Kind, Statement};

/// A value that nobody names.
pub const FRESH_VALUE: &str = "zz9";

/// One identity: a workload's role, one device, or people with the attributes of one session.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who, with the row's columns or the session's attributes.
    pub member: Member,
    /// The account of the identity, by name.
    pub account: String,
    /// Its role's name, as resource policies have it; none for a device.
    pub role: Option<String>,
    /// Whose variables these are.
    pub kind: Kind,
    /// What it may do.
    pub statements: Vec<Statement>,
    /// Keys of the context that are the identity's own.
    pub context: BTreeMap<String, Option<String>>,
    /// How variables of documents are replaced.
    pub values: Vec<(String, String)>,
}

/// A place in the network that somebody holds.
#[derive(Clone, Debug)]
pub struct Host {
    /// Who holds it; nobody declared if none.
    pub member: Option<Member>,
    /// Its security group.
    pub group: Option<String>,
    /// The class whose host firewall guards it.
    pub firewall: Option<String>,
    /// Its addresses.
    pub addresses: Vec<Range>,
    /// By what it is known over the internet, besides.
    pub leaves_by: Vec<Range>,
    /// It is reached over the internet.
    pub is_public: bool,
    /// The class and row that it runs on, or is.
    pub machine: Option<(ThingId, Option<String>)>,
}

/// Every identity of a project.
///
/// # Errors
/// A document that the evaluators do not read.
pub fn actors(model: &Model, emitted: &Emitted) -> Result<Vec<Actor>, String> {
    let mut out = Vec::new();
    for (id, thing) in model.things.iter() {
        for member in sessions(model, emitted, id, thing) {
            out.extend(actor(model, emitted, thing, member)?);
        }
    }
    Ok(out)
}

/// The members of a class; people with each set of attributes that occurs.
fn sessions(model: &Model, emitted: &Emitted, id: ThingId, thing: &Thing) -> Vec<Member> {
    let Detail::People(people) = &thing.detail else {
        return members(model, id);
    };
    let mut out = members(model, id);
    for (name, _) in &people.attributes {
        let name = model.names.text(*name);
        let variable = format!("PrincipalTag/{name}");
        let mut texts = emitted.identities.values().chain(emitted.resources.values()).flatten();
        let values = if texts.any(|text| text.contains(&variable)) {
            values(model, name)
        } else {
            fixed(model)
        };
        out = out
            .into_iter()
            .flat_map(|member| {
                values.iter().map(move |value| {
                    let mut member = member.clone();
                    member.columns.insert(name.to_owned(), value.clone());
                    member
                })
            })
            .collect();
    }
    out
}

/// Values that tests fix, and one that nobody names: enough where no document asks.
fn fixed(model: &Model) -> BTreeSet<String> {
    let cases = model.tests.iter().flat_map(|(_, test)| &test.cases);
    let values = cases.flat_map(|case| &case.fixed.attributes).map(|(_, value)| model.names.text(*value).to_owned());
    values.chain([FRESH_VALUE.to_owned()]).collect()
}

/// Values of a person's attribute: all that some text of the spec can tell from others, and one that none can.
fn values(model: &Model, attribute: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::from([FRESH_VALUE.to_owned()]);
    for (_, fleet) in model.fleets.iter() {
        for column in fleet.columns.iter().filter(|column| model.names.text(column.name) == attribute) {
            out.extend(column.values.iter().map(|value| value.to_string()));
        }
    }
    let mut spelt = BTreeSet::new();
    let mut spell = |text: &str| {
        for level in text.split('/').filter(|level| !level.is_empty()) {
            spelt.insert(level.to_owned());
        }
    };
    for (_, trust) in model.trusts.iter() {
        for line in &trust.narrow {
            for piece in &line.path.pieces {
                if let Piece::Text(text) = piece {
                    spell(model.names.text(*text));
                }
            }
        }
        for condition in &trust.when {
            if let Condition::Attribute { name, values, .. } = condition
                && model.names.text(*name) == attribute
            {
                values.iter().for_each(|value| spell(model.names.text(*value)));
            }
        }
    }
    // What is narrowed by a name spells the subject's.
    for (id, thing) in model.things.iter() {
        match &thing.detail {
            Detail::Class(_) => out.extend(members(model, id).into_iter().filter_map(|member| member.device)),
            Detail::Workload(_) => drop(out.insert(model.names.text(thing.name).to_owned())),
            _ => {}
        }
    }
    for case in model.tests.iter().flat_map(|(_, test)| &test.cases) {
        for (_, value) in &case.fixed.attributes {
            spell(model.names.text(*value));
        }
        for (_, text) in case.questions.iter().filter_map(|question| question.part) {
            spell(model.names.text(text));
        }
    }
    out.extend(spelt);
    out.remove("");
    out
}

fn actor(model: &Model, emitted: &Emitted, thing: &Thing, member: Member) -> Result<Option<Actor>, String> {
    let account = thing.account.or(model.project.default_account);
    let Some(account) = account.and_then(|account| model.accounts.get(account)) else {
        return Ok(None);
    };
    let (account, number) = (model.names.text(account.name), model.names.text(account.number));
    let physical = model.names.text(thing.physical.name);
    let mut context = BTreeMap::new();
    let mut values = Vec::new();
    let mut role = None;
    let kind = if matches!(thing.detail, Detail::Class(_)) {
        let name = member.device.clone().unwrap_or_default();
        values.push(("${iot:Connection.Thing.ThingName}".to_owned(), name.clone()));
        context.insert("iot:connection.thing.thingname".to_owned(), Some(name));
        context.insert("iot:connection.thing.thingtypename".to_owned(), Some(physical.to_owned()));
        for (column, value) in &member.columns {
            // An attribute without a value is not there, and no pattern that names it matches.
            let there = Some(value.clone()).filter(|value| !value.is_empty());
            if let Some(value) = &there {
                values.push((format!("${{iot:Connection.Thing.Attributes[{column}]}}"), value.clone()));
            }
            context.insert(format!("iot:connection.thing.attributes[{column}]"), there);
        }
        Kind::Iot
    } else {
        role = Some(format!("arn:aws:iam::{number}:role/{physical}"));
        for (tag, value) in &member.columns {
            values.push((format!("${{aws:PrincipalTag/{tag}}}"), value.clone()));
            context.insert(format!("aws:principaltag/{}", tag.to_lowercase()), Some(value.clone()));
        }
        Kind::Identity
    };
    let texts = match kind {
        Kind::Iot => emitted.devices.get(model.names.text(thing.name)),
        _ => emitted.identities.get(&(account.to_owned(), physical.to_owned())),
    };
    let statements = match texts {
        Some(texts) => emitted::statements(texts, kind, &values)?,
        None => Vec::new(),
    };
    Ok(Some(Actor {
        member,
        account: account.to_owned(),
        role,
        kind,
        statements,
        context,
        values,
    }))
}

/// Every host of a project that a declared actor holds.
#[must_use]
pub fn hosts(model: &Model, emitted: &Emitted) -> Vec<Host> {
    let mut out = Vec::new();
    for (id, thing) in model.things.iter() {
        match &thing.detail {
            Detail::Class(_) => out.extend(machines(model, emitted, id, None)),
            Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
                (_, Some(RunsOn::Device(class))) => out.extend(machines(model, emitted, class, Some(id))),
                (Some(segment), _) => {
                    let at: Vec<Range> = workload.at.iter().filter_map(|(block, _)| address::of_block(*block)).collect();
                    out.extend(placed(model, thing, id, segment, at));
                }
                (None, _) => {}
            },
            Detail::Resource => {
                out.extend(thing.segment.and_then(|segment| placed(model, thing, id, segment, Vec::new())));
            }
            Detail::External(external) => {
                let addresses: Vec<Range> = external
                    .at
                    .iter()
                    .filter_map(|(at, _)| match at {
                        Address::Block(block) => address::of_block(*block),
                        Address::Host(_) => None,
                    })
                    .collect();
                out.extend(open(id, addresses));
            }
            Detail::People(_) => {
                // They are anywhere: besides what their trusts name, at an address that nobody knows.
                let mut addresses = sources(model, id);
                addresses.push(UNKNOWN);
                out.extend(open(id, addresses));
            }
        }
    }
    out
}

/// One whom nothing guards.
fn open(id: ThingId, addresses: Vec<Range>) -> Option<Host> {
    (!addresses.is_empty()).then(|| Host {
        member: Some(alone(id)),
        group: None,
        firewall: None,
        addresses,
        leaves_by: Vec::new(),
        is_public: true,
        machine: None,
    })
}

fn alone(thing: ThingId) -> Member {
    Member {
        thing,
        device: None,
        columns: BTreeMap::new(),
    }
}

/// People hold every `source` that a trust of theirs names.
fn sources(model: &Model, people: ThingId) -> Vec<Range> {
    let mut out = BTreeSet::new();
    for (_, trust) in model.trusts.iter() {
        if !trust.subjects.iter().any(|subject| subject.end == End::Thing(people)) {
            continue;
        }
        for condition in &trust.when {
            if let Condition::Source { blocks, .. } = condition {
                out.extend(blocks.iter().filter_map(|block| address::of_block(*block)));
            }
        }
    }
    out.into_iter().collect()
}

/// One that lives in a segment: in a network it has a group, on premises it has addresses alone.
fn placed(model: &Model, thing: &Thing, id: ThingId, segment: SegmentId, at: Vec<Range>) -> Option<Host> {
    let place = model.segments.get(segment)?;
    let (group, leaves_by, is_public) = match place.within {
        Within::Network(_) => {
            let group = model.names.text(thing.physical.name).to_owned();
            (Some(group), Vec::new(), place.exposure == Exposure::Public)
        }
        Within::Site(_) => (None, leaves_by(model, segment), false),
    };
    let addresses = if at.is_empty() {
        address::of_block(place.cidr).into_iter().collect()
    } else {
        at
    };
    Some(Host {
        member: Some(alone(id)),
        group,
        firewall: None,
        addresses,
        leaves_by,
        is_public,
        machine: None,
    })
}

/// By what a segment of a site is known outside. Without `leaves-by` it is an address that nobody knows.
fn leaves_by(model: &Model, segment: SegmentId) -> Vec<Range> {
    let Some(Within::Site(site)) = model.segments.get(segment).map(|segment| segment.within) else {
        return Vec::new();
    };
    let Some(site) = model.sites.get(site) else {
        return Vec::new();
    };
    let said: Vec<Range> = site.leaves_by.iter().filter_map(|(block, _)| address::of_block(*block)).collect();
    if said.is_empty() { vec![UNKNOWN] } else { said }
}

/// An address that no spec names: what admits it admits everybody.
pub const UNKNOWN: Range = (0x6463_6201, 0x6463_6201);

/// The rows of a class, each a machine; as the class itself, or as a workload on it.
fn machines(model: &Model, emitted: &Emitted, class: ThingId, runs: Option<ThingId>) -> Vec<Host> {
    let Some(thing) = model.things.get(class) else {
        return Vec::new();
    };
    let Detail::Class(detail) = &thing.detail else {
        return Vec::new();
    };
    let name = model.names.text(thing.name);
    let mut out = Vec::new();
    for (row, member) in members(model, class).into_iter().enumerate() {
        let Some(segment) = row_segment(model, class, &member) else {
            continue;
        };
        let at: Vec<Range> = detail
            .at
            .iter()
            .filter_map(|at| at.values.get(*at.rows.get(row)? as usize))
            .filter_map(|block| address::of_block(*block))
            .collect();
        let whole = model.segments.get(segment).and_then(|segment| address::of_block(segment.cidr));
        let machine = Some((class, member.device.clone()));
        let member = match runs {
            None => member,
            Some(thing) => Member { thing, ..member },
        };
        out.push(Host {
            member: Some(member),
            group: None,
            firewall: emitted.firewalls.contains_key(name).then(|| name.to_owned()),
            addresses: if at.is_empty() { whole.into_iter().collect() } else { at },
            leaves_by: leaves_by(model, segment),
            is_public: false,
            machine,
        });
    }
    out
}

/// The segment that a row says.
#[must_use]
pub fn row_segment(model: &Model, class: ThingId, member: &Member) -> Option<SegmentId> {
    let Detail::Class(class) = &model.things.get(class)?.detail else {
        return None;
    };
    let text: String = class
        .segment
        .as_ref()?
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => model.names.text(*text).to_owned(),
            Piece::Placeholder(model::template::Placeholder::Name) => member.device.clone().unwrap_or_default(),
            Piece::Placeholder(
                model::template::Placeholder::Attribute(name) | model::template::Placeholder::Property(name),
            ) => member.columns.get(model.names.text(*name)).cloned().unwrap_or_default(),
            Piece::Placeholder(_) => String::new(),
        })
        .collect();
    model
        .segments
        .iter()
        .find(|(_, segment)| model.names.text(segment.name) == text)
        .map(|(id, _)| id)
}
