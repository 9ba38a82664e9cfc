//! Whose name a principal of a document is.

use std::collections::{BTreeMap, BTreeSet};

use graph::TrustGraph;
use model::Model;
use model::thing::{Detail, ThingId};
use read::facts::document::PrincipalName;

use super::Actor;
use crate::guard::Who;

/// The principals that a spec knows by name.
pub(super) struct Principals {
    roles: BTreeMap<String, ThingId>,
    stewards: BTreeSet<String>,
    /// Numbers of declared accounts.
    pub(super) accounts: BTreeSet<String>,
    /// Accounts of externals, by number.
    foreign: BTreeMap<String, ThingId>,
}

impl Principals {
    pub(super) fn new(model: &Model, graph: &TrustGraph) -> Self {
        let mut roles: BTreeMap<String, ThingId> = BTreeMap::new();
        for ((thing, _), role) in &graph.addresses.roles {
            roles.insert(role.arn.clone(), *thing);
        }
        let mut foreign = BTreeMap::new();
        for (id, thing) in model.things.iter() {
            let Detail::External(external) = &thing.detail else {
                continue;
            };
            if let Some((role, _)) = external.role {
                roles.entry(model.names.text(role).to_owned()).or_insert(id);
            }
            if let Some((number, _)) = external.account {
                foreign.insert(model.names.text(number).to_owned(), id);
            }
        }
        let stewards = model.accounts.iter().filter_map(|(_, account)| {
            let (role, _) = account.steward?;
            let (partition, number) = (
                model.names.text(account.partition),
                model.names.text(account.number),
            );
            Some(format!(
                "arn:{partition}:iam::{number}:{}",
                model.names.text(role)
            ))
        });
        let accounts = model.accounts.iter();
        Self {
            roles,
            stewards: stewards.collect(),
            accounts: accounts
                .map(|(_, account)| model.names.text(account.number).to_owned())
                .collect(),
            foreign,
        }
    }

    pub(super) fn actor(&self, who: &Who) -> Actor {
        match who {
            // Only a guard of an actor says nothing of who acts.
            Who::Own | Who::Anyone => Actor::Anyone,
            Who::Named(name) => match name {
                PrincipalName::Role(arn) if self.stewards.contains(arn) => Actor::Steward,
                PrincipalName::Role(arn) => match self.roles.get(arn) {
                    Some(thing) => Actor::Thing(*thing),
                    None => Actor::Other(name.clone()),
                },
                PrincipalName::Account(number) => match self.foreign.get(number) {
                    Some(thing) => Actor::Thing(*thing),
                    None => Actor::Other(name.clone()),
                },
                PrincipalName::Service(_) | PrincipalName::Federated(_) => Actor::Other(name.clone()),
            },
        }
    }
}
