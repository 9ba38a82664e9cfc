//! What a name denotes as an object: actions on words, and ports at addresses.

use std::collections::BTreeSet;

use arena::Name;
use model::Model;
use model::kind::{ActionUse, Capability, Kind};
use model::project::AccountId;
use model::template::Piece;
use model::thing::{PartDetail, PartId, Thing, ThingId};
use model::value::{Ports, Value};

use super::glob::{self, Glob, Place};
use crate::enumerate::text::{Filling, Member, family};

/// One action on one member of an object.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The object.
    pub thing: ThingId,
    /// The member, of a family.
    pub member: Member,
    /// The provider's action.
    pub action: String,
    /// Capabilities of its kind that mean the action, by name.
    pub means: BTreeSet<String>,
    /// What callers need besides, and no capability means.
    pub is_helper: bool,
    /// On what.
    pub on: Glob,
    /// In whose account, where the line says so.
    pub account: Option<AccountId>,
}

/// A listener, and the ports that it listens on.
#[derive(Clone, Debug)]
pub struct Door {
    /// The listener.
    pub part: PartId,
    /// Whose it is.
    pub thing: ThingId,
    /// Its ports.
    pub ports: Vec<Ports>,
}

/// An action, and another by which the same may be done, as the provider documents them; of what is drawn here.
const SAME: [(&str, &str); 8] = [
    ("s3:GetObject", "s3:GetObjectVersion"),
    ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    ("kms:Encrypt", "kms:GenerateDataKey"),
    ("kms:GenerateDataKey", "kms:Encrypt"),
    ("kinesis:PutRecord", "kinesis:PutRecords"),
    ("kinesis:PutRecords", "kinesis:PutRecord"),
    ("dynamodb:PutItem", "dynamodb:UpdateItem"),
    ("dynamodb:UpdateItem", "dynamodb:PutItem"),
];

/// Every action on every member of every thing.
#[must_use]
pub fn cells(model: &Model) -> Vec<Cell> {
    let mut out = Vec::new();
    for (id, thing) in model.things.iter() {
        let Some(kind) = model.kinds.get(thing.kind) else {
            continue;
        };
        for member in family(model, thing, id) {
            own(model, id, thing, kind, &member, &mut out);
            foreign(model, id, thing, kind, &member, &mut out);
        }
        entrance(model, id, thing, kind, &mut out);
    }
    out
}

fn own(model: &Model, id: ThingId, thing: &Thing, kind: &Kind, member: &Member, out: &mut Vec<Cell>) {
    for capability in &kind.words.capabilities {
        for action in &capability.actions {
            let on = filled(model, thing, member, action);
            for name in &action.actions {
                let name = model.names.text(*name).to_owned();
                out.push(Cell {
                    thing: id,
                    member: member.clone(),
                    means: means(model, (thing, kind), &name),
                    is_helper: action.helper,
                    action: name,
                    on: on.clone(),
                    account: said_account(model, thing, action),
                });
            }
        }
    }
}

/// The account of a thing, if a line asks for it: `aws:ResourceAccount`.
fn said_account(model: &Model, thing: &Thing, line: &ActionUse) -> Option<AccountId> {
    let mut keys = line
        .conditions
        .iter()
        .map(|condition| model.names.text(condition.key));
    keys.any(|key| key == "aws:ResourceAccount")
        .then_some(thing.account.or(model.project.default_account))
        .flatten()
}

/// The capabilities of a kind that mean an action: by an action of theirs, by what does the same, or because one `does` another.
fn means(model: &Model, (thing, kind): (&Thing, &Kind), action: &str) -> BTreeSet<String> {
    // In a bucket without versions there is one of each object, and who names no version has it.
    let has_versions = thing.properties.iter().any(|property| {
        model.names.text(property.name) == "versioned" && property.values == [Value::Flag(true)]
    });
    let is_only_one = |one: &str| !has_versions && one.replace("ObjectVersion", "Object") == action;
    let same = |one: &str| one == action || SAME.contains(&(one, action)) || is_only_one(one);
    let mut out: BTreeSet<String> = kind
        .words
        .capabilities
        .iter()
        .filter(|capability| {
            let actions = capability.actions.iter().filter(|line| !line.helper);
            actions
                .flat_map(|line| &line.actions)
                .any(|name| same(model.names.text(*name)))
        })
        .map(|capability| model.names.text(capability.name).to_owned())
        .collect();
    // `C does D`: who may C does what D means, so that D is meant by the actions of C. One that a capability has which does
    // not D is no sign of it, unless C has no other.
    let has = |capability: &Capability, action: &str| {
        let lines = capability.actions.iter().filter(|line| !line.helper);
        let mut names = lines.flat_map(|line| &line.actions);
        names.any(|name| model.names.text(*name) == action)
    };
    let is_sign = |doing: &Capability, done: Name, action: &str| {
        let others = kind.words.capabilities.iter();
        let mut others = others.filter(|other| other.name != done && !does(kind, other.name, done));
        others.all(|other| !has(other, action)) || !has(doing, action)
    };
    for capability in &kind.words.capabilities {
        for done in kind.words.capabilities.iter().map(|done| done.name) {
            if done == capability.name || !does(kind, capability.name, done) {
                continue;
            }
            let lines = capability.actions.iter().filter(|line| !line.helper);
            let own: Vec<Name> = lines.flat_map(|line| &line.actions).copied().collect();
            let of = |name: &Name| is_sign(capability, done, model.names.text(*name));
            let has_sign = own.iter().any(of);
            let signs = own.iter().filter(|name| !has_sign || of(name));
            if signs.map(|name| model.names.text(*name)).any(same) {
                out.insert(model.names.text(done).to_owned());
            }
        }
    }
    out
}

/// Whether one capability `does` another, over others if need be.
fn does(kind: &Kind, one: Name, other: Name) -> bool {
    let mut seen = BTreeSet::from([one]);
    let mut open = vec![one];
    while let Some(here) = open.pop() {
        let capability = kind
            .words
            .capabilities
            .iter()
            .find(|capability| capability.name == here);
        for (next, _) in capability.iter().flat_map(|capability| &capability.does) {
            if seen.insert(*next) {
                open.push(*next);
            }
        }
    }
    one != other && seen.contains(&other)
}

/// What actions do that reach beyond their kind: whatever kind they name, the address decides.
fn foreign(model: &Model, id: ThingId, thing: &Thing, kind: &Kind, member: &Member, out: &mut Vec<Cell>) {
    let Some([own, below]) = addresses(model, thing, kind, member) else {
        return;
    };
    for (_, other) in model.kinds.iter() {
        for capability in &other.words.capabilities {
            for line in &capability.actions {
                if line.reaches.is_empty() {
                    continue;
                }
                for name in &line.actions {
                    for on in [&own, &below] {
                        let action = model.names.text(*name).to_owned();
                        out.push(Cell {
                            thing: id,
                            member: member.clone(),
                            means: means(model, (thing, kind), &action),
                            is_helper: line.helper,
                            action,
                            on: on.clone(),
                            account: None,
                        });
                    }
                }
            }
        }
    }
}

/// The address of a thing, and what is below.
pub(super) fn addresses(model: &Model, thing: &Thing, kind: &Kind, member: &Member) -> Option<[Glob; 2]> {
    let part = vec![None];
    let filling = Filling {
        model,
        thing,
        member,
        part: &part,
    };
    let own = glob::of_template(&filling.words(kind.words.arn.as_ref()?));
    let own = assigned(model, thing, own);
    let below: Glob = own
        .iter()
        .copied()
        .chain([Place::Plain('/'), Place::Any])
        .collect();
    Some([own, below])
}

/// What is published to `$aws/rules/RULE`, and to what is below it, goes straight into the rule.
fn entrance(model: &Model, id: ThingId, thing: &Thing, kind: &Kind, out: &mut Vec<Cell>) {
    for on in entrances(model, thing, kind) {
        out.push(Cell {
            thing: id,
            member: Member {
                thing: id,
                device: None,
                columns: std::collections::BTreeMap::new(),
            },
            action: "iot:Publish".to_owned(),
            means: BTreeSet::new(),
            is_helper: false,
            on,
            account: None,
        });
    }
}

/// The topics that go straight into a rule.
pub(super) fn entrances(model: &Model, thing: &Thing, kind: &Kind) -> Vec<Glob> {
    if kind.words.acts.is_none() || kind.words.service.map(|name| model.names.text(name)) != Some("iot") {
        return Vec::new();
    }
    let Some(account) = thing
        .account
        .or(model.project.default_account)
        .and_then(|id| model.accounts.get(id))
    else {
        return Vec::new();
    };
    let (region, number) = (model.names.text(account.region), model.names.text(account.number));
    let physical = model.names.text(thing.physical.name);
    let own = glob::plain(&format!(
        "arn:aws:iot:{region}:{number}:topic/$aws/rules/{physical}"
    ));
    let mut below = own.clone();
    below.extend([Place::Plain('/'), Place::Any]);
    vec![own, below]
}

fn filled(model: &Model, thing: &Thing, member: &Member, action: &ActionUse) -> Glob {
    // An action without resources is asked of `*`, and of no address.
    if let [Piece::Text(text)] = action.on.pieces.as_slice()
        && model.names.text(*text) == "*"
    {
        return glob::plain("*");
    }
    let part = vec![None];
    let filling = Filling {
        model,
        thing,
        member,
        part: &part,
    };
    let pattern = assigned(model, thing, glob::of_template(&filling.words(&action.on)));
    // A `+` of a topic stands for one level, whatever the guard says.
    match path(model, thing, member) {
        Some(path) if path.contains(&'+') && !pattern.contains(&Place::Plain('+')) => {
            let levels = pattern.len() - usize::from(path.ends_with(&['#']));
            let level = |(at, place)| {
                if place == Place::Any && at < levels {
                    Place::Level
                } else {
                    place
                }
            };
            pattern.into_iter().enumerate().map(level).collect()
        }
        _ => pattern,
    }
}

/// An address with the value that the provider assigned, if the project knows it.
fn assigned(model: &Model, thing: &Thing, address: Glob) -> Glob {
    let mut known = model.project.identifiers.iter();
    let known = known.find(|known| known.object == thing.name);
    let at = |wanted: char| address.iter().position(|place| *place == Place::Plain(wanted));
    let (Some(known), Some(first), Some(last)) = (known, at('{'), at('}')) else {
        return address;
    };
    let mut out = address[..first].to_vec();
    out.extend(glob::plain(model.names.text(known.value)));
    out.extend(&address[last + 1..]);
    out
}

/// The path of a topic, filled for a member.
fn path(model: &Model, thing: &Thing, member: &Member) -> Option<Vec<char>> {
    let property = thing
        .properties
        .iter()
        .find(|property| model.names.text(property.name) == "path")?;
    let part = vec![None];
    let filling = Filling {
        model,
        thing,
        member,
        part: &part,
    };
    match property.values.first()? {
        Value::Template(template) => Some(filling.words(template).into_iter().flatten().collect()),
        Value::Text(text) | Value::Name(text) => Some(model.names.text(*text).chars().collect()),
        _ => None,
    }
}

/// Every listener.
#[must_use]
pub fn doors(model: &Model) -> Vec<Door> {
    let mut out = Vec::new();
    for (id, part) in model.parts.iter() {
        if let PartDetail::Listener(listener) = &part.detail {
            out.push(Door {
                part: id,
                thing: part.of,
                ports: listener.ports.clone(),
            });
        }
    }
    out
}
