//! Requests on a thing that no capability of its kind names: whatever else is done to it, and changes of its policy, by which
//! everything may be done to it.

use std::collections::BTreeSet;

use model::Model;
use model::kind::Kind;
use model::thing::Thing;

use super::glob::Glob;
use super::object::{Cell, addresses};
use crate::enumerate::text::family;

/// Actions by which the provider lets somebody say who may do what to a thing, of kinds that are looked at: one of each service
/// at least, so that a wildcard holds it.
const PERMISSIONS: [&str; 19] = [
    "dynamodb:PutResourcePolicy",
    "dynamodb:DeleteResourcePolicy",
    "kinesis:PutResourcePolicy",
    "kinesis:DeleteResourcePolicy",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "logs:PutResourcePolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:PutResourcePolicy",
    "sns:AddPermission",
    "sns:RemovePermission",
    "sqs:AddPermission",
    "sqs:RemovePermission",
    "timestream:PutResourcePolicy",
];

/// Whether an action changes who may do what to a thing.
#[must_use]
pub fn changes_policy(action: &str) -> bool {
    PERMISSIONS.iter().any(|known| known.eq_ignore_ascii_case(action))
}

/// Every change of the policy of every thing: it means whatever its kind has a word for.
#[must_use]
pub fn cells(model: &Model, known: &[Cell]) -> Vec<Cell> {
    let mut out = Vec::new();
    each(model, known, &mut |cell, kind| {
        let of_service = PERMISSIONS.iter().filter(|action| is_of(model, kind, action));
        out.extend(of_service.map(|action| {
            Cell {
                action: (*action).to_owned(),
                means: kind
                    .words
                    .capabilities
                    .iter()
                    .map(|capability| model.names.text(capability.name).to_owned())
                    .collect(),
                ..cell.clone()
            }
        }));
    });
    out
}

/// Other actions that some statement names, on the address of every thing of their service.
#[must_use]
pub fn stated(model: &Model, known: &[Cell], actions: &BTreeSet<String>) -> Vec<Cell> {
    let named: BTreeSet<_> = known
        .iter()
        .map(|cell| (cell.thing, cell.action.to_lowercase()))
        .collect();
    let mut out = Vec::new();
    each(model, known, &mut |cell, kind| {
        let of_service = actions.iter().filter(|action| is_of(model, kind, action));
        let new = of_service.filter(|action| !named.contains(&(cell.thing, (*action).clone())));
        out.extend(new.map(|action| Cell {
            action: action.clone(),
            ..cell.clone()
        }));
    });
    out
}

fn is_of(model: &Model, kind: &Kind, action: &str) -> bool {
    let service = kind.words.service.map(|name| model.names.text(name));
    action.split(':').next() == service
}

/// A cell without an action for every thing and member. What the broker does is said by its kinds.
fn each(model: &Model, known: &[Cell], visit: &mut dyn FnMut(&Cell, &Kind)) {
    let is_meant = |thing: &Thing| {
        let kind = model.kinds.get(thing.kind)?;
        let service = kind.words.service.map(|name| model.names.text(name));
        (service != Some("iot")).then_some(kind)
    };
    for (id, thing) in model.things.iter() {
        let Some(kind) = is_meant(thing) else { continue };
        for member in family(model, thing, id) {
            let own: BTreeSet<Glob> = match addresses(model, thing, kind, &member) {
                Some([own, _]) => [own].into(),
                // Its address is assigned: it is what its actions are on.
                None => {
                    let of_member = |cell: &&Cell| cell.thing == id && cell.member == member;
                    known
                        .iter()
                        .filter(of_member)
                        .map(|cell| cell.on.clone())
                        .collect()
                }
            };
            for on in own {
                let cell = Cell {
                    thing: id,
                    member: member.clone(),
                    action: String::new(),
                    means: BTreeSet::new(),
                    is_helper: false,
                    on,
                    account: None,
                };
                visit(&cell, kind);
            }
        }
    }
}
