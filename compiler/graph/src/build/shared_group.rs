//! Groups of those who use the same private endpoints, where an endpoint has more users than a group has rules.

use std::collections::{BTreeMap, BTreeSet};

use arena::Id;
use catalogue::limits::Limits;
use model::place::{Network, NetworkId, Within};
use model::thing::{Detail, ThingId};
use model::value::Ports;

use super::Build;
use crate::address::{is_worn, worn_by_endpoint};
use crate::flow::{Endpoint, Reach};

/// How many rules a group has in one direction.
const LIMIT: &str = "ec2.security-group.rules";

/// What somebody says to endpoints: services, each with its ports.
type Uses = BTreeSet<(crate::Word, Id<Vec<Ports>>)>;

impl Build<'_> {
    /// Names the shared group of each set of users. Where every endpoint has room for the groups of its users, there is none.
    pub(super) fn shared_groups(&mut self) {
        let model = self.model;
        let mut networks: BTreeMap<NetworkId, BTreeMap<ThingId, Uses>> = BTreeMap::new();
        for flow in &self.graph.flows {
            let (Endpoint::Thing(from), Endpoint::Service(service), Reach::Private) =
                (flow.from, flow.to, flow.reach)
            else {
                continue;
            };
            if let Some(network) = self.alone_in(from)
                && worn_by_endpoint(model, network, self.graph.words.text(service)).is_none()
            {
                let things = networks.entry(network).or_default();
                things.entry(from).or_default().insert((service, flow.ports));
            }
        }
        for (id, things) in networks {
            let (Some(network), Some(at)) = (model.networks.get(id), self.graph.addresses.networks.get(&id))
            else {
                continue;
            };
            let mut users: BTreeMap<crate::Word, u64> = BTreeMap::new();
            for (service, _) in things.values().flatten() {
                *users.entry(*service).or_default() += 1;
            }
            let most = self.rules_max(network);
            if users.values().all(|count| *count <= most) {
                continue;
            }
            let mut alike: BTreeMap<&Uses, Vec<ThingId>> = BTreeMap::new();
            for (thing, uses) in &things {
                alike.entry(uses).or_default().push(*thing);
            }
            let at = at.clone();
            let mut names: BTreeMap<String, u32> = BTreeMap::new();
            for (uses, members) in alike {
                if members.len() < 2 {
                    continue;
                }
                let services: BTreeSet<&str> = uses
                    .iter()
                    .map(|(service, _)| self.graph.words.text(*service))
                    .collect();
                let services: Vec<&str> = services.into_iter().collect();
                let mut name = format!("uses-{}", services.join("-"));
                let count = names.entry(name.clone()).or_default();
                *count += 1;
                // The same services on other ports.
                if *count > 1 {
                    name = format!("{name}-{count}");
                }
                for member in members {
                    self.graph
                        .addresses
                        .shared
                        .insert(member, format!("sg:{at}/{name}"));
                }
            }
        }
    }

    /// The network of a workload that has an interface of its own there, and a group of ours.
    fn alone_in(&self, thing: ThingId) -> Option<NetworkId> {
        let declared = self.model.things.get(thing)?;
        let Detail::Workload(workload) = &declared.detail else {
            return None;
        };
        let group = self.graph.addresses.groups.get(&thing)?;
        if is_worn(group) {
            return None;
        }
        match self.model.segments.get(workload.segment?)?.within {
            Within::Network(network) => Some(network),
            Within::Site(_) => None,
        }
    }

    /// What the account of a network was granted, or what everybody has.
    fn rules_max(&self, network: &Network) -> u64 {
        let account = self.model.accounts.get(network.account);
        let mut quotas = account.into_iter().flat_map(|account| &account.quotas);
        match quotas.find(|quota| self.text(quota.limit) == LIMIT) {
            Some(quota) => quota.value,
            None => Limits::embedded()
                .get(LIMIT)
                .map_or(u64::MAX, |limit| limit.value),
        }
    }
}
