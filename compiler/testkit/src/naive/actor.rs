//! Identities, one by one, with what they may do.

use std::collections::{BTreeMap, BTreeSet};

use model::Model;
use model::actor::RunsOn;
use model::project::AccountId;
use model::template::Piece;
use model::thing::{Detail, Thing, ThingId};
use model::trust::Condition;

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
    /// Its number: declarations of several regions may be one account.
    pub number: String,
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

/// Every identity of a project.
///
/// # Errors
/// A document that the evaluators do not read.
pub fn actors(model: &Model, emitted: &Emitted) -> Result<Vec<Actor>, String> {
    let mut out = Vec::new();
    for (id, thing) in model.things.iter() {
        for member in sessions(model, emitted, id, thing) {
            for account in homes(model, thing) {
                out.extend(actor(model, emitted, thing, account, member.clone())?);
            }
        }
    }
    Ok(out)
}

/// The accounts in which it may have a role: its own; for an external, that of whatever it reaches.
fn homes(model: &Model, thing: &Thing) -> Vec<AccountId> {
    match thing.detail {
        Detail::External(_) => model.accounts.ids().collect(),
        _ => thing
            .account
            .or(model.project.default_account)
            .into_iter()
            .collect(),
    }
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
        let mut texts = emitted
            .identities
            .values()
            .chain(emitted.resources.values())
            .flatten();
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
    let values = cases
        .flat_map(|case| &case.fixed.attributes)
        .map(|(_, value)| model.names.text(*value).to_owned());
    values.chain([FRESH_VALUE.to_owned()]).collect()
}

/// Values of a person's attribute: all that some text of the spec can tell from others, and one that none can.
fn values(model: &Model, attribute: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::from([FRESH_VALUE.to_owned()]);
    for (_, fleet) in model.fleets.iter() {
        for column in fleet
            .columns
            .iter()
            .filter(|column| model.names.text(column.name) == attribute)
        {
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

fn actor(
    model: &Model,
    emitted: &Emitted,
    thing: &Thing,
    account: AccountId,
    member: Member,
) -> Result<Option<Actor>, String> {
    let Some(account) = model.accounts.get(account) else {
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
        context.insert(
            "iot:connection.thing.thingtypename".to_owned(),
            Some(physical.to_owned()),
        );
        for (column, value) in &member.columns {
            // An attribute without a value is not there, and no pattern that names it matches.
            let there = Some(value.clone()).filter(|value| !value.is_empty());
            if let Some(value) = &there {
                values.push((
                    format!("${{iot:Connection.Thing.Attributes[{column}]}}"),
                    value.clone(),
                ));
            }
            context.insert(format!("iot:connection.thing.attributes[{column}]"), there);
        }
        Kind::Iot
    } else {
        // A workload may name a role that exists, or its address.
        let called = match (&thing.detail, thing.existing) {
            (Detail::Workload(_), Some(existing)) => model.names.text(existing.name),
            _ => physical,
        };
        role = Some(match called.strip_prefix("arn:") {
            Some(_) => called.to_owned(),
            None => format!("arn:aws:iam::{number}:role/{called}"),
        });
        // A service says these of the resource for which it asks; a role that asks by itself has none.
        for key in ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"] {
            if !matches!(thing.detail, Detail::External(_) | Detail::Resource) {
                context.insert(key.to_owned(), None);
            }
        }
        // Nobody types a code for a role that a service takes. Of a role that exists, others may decide who else takes it.
        if let Detail::Workload(workload) = &thing.detail
            && thing.existing.is_none()
            && matches!(
                workload.runs_on,
                Some(RunsOn::Lambda | RunsOn::Ecs | RunsOn::Ec2 | RunsOn::Eks)
            )
        {
            for key in ["aws:multifactorauthpresent", "aws:multifactorauthage"] {
                context.insert(key.to_owned(), None);
            }
        }
        for (tag, value) in &member.columns {
            values.push((format!("${{aws:PrincipalTag/{tag}}}"), value.clone()));
            context.insert(
                format!("aws:principaltag/{}", tag.to_lowercase()),
                Some(value.clone()),
            );
        }
        Kind::Identity
    };
    let texts = match kind {
        Kind::Iot => emitted.devices.get(model.names.text(thing.name)),
        _ => {
            let name = role.as_deref().and_then(|role| role.rsplit('/').next());
            let key = (account.to_owned(), name.unwrap_or_default().to_owned());
            emitted.identities.get(&key)
        }
    };
    let statements = match texts {
        Some(texts) => emitted::statements(texts, kind, &values)?,
        None => Vec::new(),
    };
    Ok(Some(Actor {
        member,
        account: account.to_owned(),
        number: number.to_owned(),
        role,
        kind,
        statements,
        context,
        values,
    }))
}
