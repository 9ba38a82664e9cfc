//! Who speaks MQTT by a role: the clients as which it connects.

use std::collections::BTreeSet;

use model::kind::Capability;
use model::thing::Detail;

use super::grant::Grant;
use super::{Bit, Concrete, Who};
use crate::enumerate::text::plain;

/// What is done over a connection to the broker.
const BROKER: [&str; 5] = [
    "iot:Publish",
    "iot:Receive",
    "iot:RetainPublish",
    "iot:GetRetainedMessage",
    "iot:Subscribe",
];

impl Grant<'_> {
    /// The clients of a workload, of people or of an external are called after its role, each with something behind a hyphen.
    pub(super) fn client(&self, capability: &Capability, list: &mut BTreeSet<Concrete>) {
        let names = &self.model.names;
        let is_external = match self.acting.detail {
            Detail::Workload(_) | Detail::People(_) => false,
            Detail::External(_) => true,
            Detail::Class(_) | Detail::Resource => return,
        };
        let mut actions = capability.actions.iter().flat_map(|line| &line.actions);
        if !actions.any(|action| BROKER.contains(&names.text(*action))) {
            return;
        }
        let home = if is_external { self.object } else { self.acting };
        let account = home.account.or(self.model.project.default_account);
        let Some(account) = account.and_then(|account| self.model.accounts.get(account)) else {
            return;
        };
        let [partition, region, number] =
            [account.partition, account.region, account.number].map(|name| names.text(name));
        let existing = self.acting.existing.map(|existing| existing.name);
        let role = names.text(existing.unwrap_or(self.acting.physical.name));
        let role = role.rsplit('/').next().unwrap_or(role);
        let mut clients = plain(&format!("arn:{partition}:iot:{region}:{number}:client/{role}-"));
        clients.push(None);
        let mut tests = self.held();
        tests.sort();
        list.insert(Concrete {
            who: Who::Actor(self.who.clone()),
            action: "iot:Connect".to_owned(),
            resource: vec![Bit::Fixed(clients)],
            tests,
        });
    }
}
