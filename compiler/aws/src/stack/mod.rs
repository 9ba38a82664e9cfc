//! Root modules: what lies in which, and in which order they are applied.
//!
//! A stack is a network, or what one team owns (`main` without owner). The roles of an owner and the identity providers
//! are a stack of their own, `OWNER-roles`: a policy of a resource names roles, which the provider wants to exist, while
//! a store names the key of another owner. With roles apart there is no circle in that.

mod order;
mod origin;

use std::collections::{BTreeMap, BTreeSet};

use checks::Checked;
use diagnostics::Report;
use graph::access::Principal;
use model::Model;
use model::place::NetworkId;
use model::project::{AccountId, TeamId};
use model::thing::{Detail, ThingId};

use crate::deployment::stack::Stack;

pub(crate) use origin::origins;

/// The stack of whatever has no owner.
const UNOWNED: &str = "main";
/// What the name of a stack of roles ends in.
const ROLES: &str = "-roles";

/// What lies in which root module.
pub(crate) struct Stacks {
    list: Vec<Stack>,
    accounts: Vec<AccountId>,
    things: BTreeMap<ThingId, usize>,
    roles: BTreeMap<(ThingId, AccountId), usize>,
    networks: BTreeMap<NetworkId, usize>,
    federations: BTreeMap<AccountId, usize>,
}

impl Stacks {
    /// Accounts that hold anything, sorted by declared name: `Stack::account` is an index into these.
    pub(crate) fn accounts(&self) -> &[AccountId] {
        &self.accounts
    }

    pub(crate) fn into_list(self) -> Vec<Stack> {
        self.list
    }

    /// The stack of a thing, of the policies of a resource and of the policy of a class.
    pub(crate) fn of_thing(&self, thing: ThingId) -> Option<usize> {
        self.things.get(&thing).copied()
    }

    /// The stack of a role.
    pub(crate) fn of_role(&self, thing: ThingId, account: AccountId) -> Option<usize> {
        self.roles.get(&(thing, account)).copied()
    }

    /// The stack of a network, with everything in it.
    pub(crate) fn of_network(&self, network: NetworkId) -> Option<usize> {
        self.networks.get(&network).copied()
    }

    /// The stack of an account's identity providers.
    pub(crate) fn of_federations(&self, account: AccountId) -> Option<usize> {
        self.federations.get(&account).copied()
    }
}

/// Which root module a stack is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    account: AccountId,
    name: String,
}

/// Gives everything its root module.
pub(crate) fn assign(checked: &Checked<'_>, report: &mut Report) -> Stacks {
    let (model, graph) = (checked.model(), checked.graph());
    let mut found = Found::default();
    for (id, network) in model.networks.iter() {
        found.networks.insert(
            id,
            Key {
                account: network.account,
                name: model.names.text(network.name).to_owned(),
            },
        );
    }
    for (id, thing) in model.things.iter() {
        let Some(account) = thing.account else { continue };
        let lies = match thing.detail {
            Detail::Resource => true,
            Detail::Class(_) => graph.addresses.device_policies.contains_key(&id),
            Detail::Workload(_) | Detail::People(_) | Detail::External(_) => false,
        };
        if lies {
            found.things.insert(
                id,
                Key {
                    account,
                    name: owner(model, thing.owner).to_owned(),
                },
            );
        }
    }
    for (thing, account) in graph.addresses.roles.keys() {
        let team = model.things.get(*thing).and_then(|thing| thing.owner);
        let name = format!("{}{ROLES}", owner(model, team));
        found.roles.insert(
            (*thing, *account),
            Key {
                account: *account,
                name,
            },
        );
    }
    for access in &graph.accesses {
        if let Principal::Federation(_, account) = access.principal {
            found.federations.insert(
                account,
                Key {
                    account,
                    name: format!("{UNOWNED}{ROLES}"),
                },
            );
        }
    }
    found.number(checked, report)
}

fn owner(model: &Model, team: Option<TeamId>) -> &str {
    team.and_then(|team| model.teams.get(team))
        .map_or(UNOWNED, |team| model.names.text(team.name))
}

/// Keys before they are numbered.
#[derive(Default)]
struct Found {
    things: BTreeMap<ThingId, Key>,
    roles: BTreeMap<(ThingId, AccountId), Key>,
    networks: BTreeMap<NetworkId, Key>,
    federations: BTreeMap<AccountId, Key>,
}

impl Found {
    fn keys(&self) -> BTreeSet<&Key> {
        let owned = self.things.values().chain(self.roles.values());
        owned
            .chain(self.networks.values())
            .chain(self.federations.values())
            .collect()
    }

    fn number(self, checked: &Checked<'_>, report: &mut Report) -> Stacks {
        let model = checked.model();
        let mut accounts: Vec<AccountId> = self.keys().iter().map(|key| key.account).collect();
        accounts.sort_by_key(|id| {
            model
                .accounts
                .get(*id)
                .map_or("", |account| model.names.text(account.name))
        });
        accounts.dedup();
        let ordered = order::order(&self, checked, report);
        let index: BTreeMap<&Key, usize> = ordered
            .iter()
            .enumerate()
            .map(|(index, (key, _))| (*key, index))
            .collect();
        let at = |key: &Key| index.get(key).copied();
        let region = |id| {
            model
                .accounts
                .get(id)
                .map_or("", |account| model.names.text(account.region))
                .to_owned()
        };
        let list = ordered
            .iter()
            .map(|(key, after)| Stack {
                account: accounts
                    .iter()
                    .position(|account| *account == key.account)
                    .unwrap_or_default(),
                region: region(key.account),
                name: key.name.clone(),
                after: after.clone(),
            })
            .collect();
        Stacks {
            list,
            things: self
                .things
                .iter()
                .filter_map(|(id, key)| Some((*id, at(key)?)))
                .collect(),
            roles: self
                .roles
                .iter()
                .filter_map(|(id, key)| Some((*id, at(key)?)))
                .collect(),
            networks: self
                .networks
                .iter()
                .filter_map(|(id, key)| Some((*id, at(key)?)))
                .collect(),
            federations: self
                .federations
                .iter()
                .filter_map(|(id, key)| Some((*id, at(key)?)))
                .collect(),
            accounts,
        }
    }
}
