//! The guards that packets meet: groups of one target, host firewalls of all.

use std::collections::BTreeMap;

use model::thing::{Detail, ThingId};
use model::trust::{Condition, End};
use read::facts::Facts;
use read::facts::host::HostFirewall;
use read::facts::network::{Group, Peer};

use super::ports::Ports;
use crate::claims::Claims;
use crate::place::Span;
use crate::sets::Sets;

/// The guards of one target that has groups, with the host firewalls of all.
#[derive(Default)]
pub(super) struct Guards {
    pub(super) has_groups: bool,
    pub(super) has_hosts: bool,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) hosts: BTreeMap<ThingId, HostFirewall>,
}

/// The guards to compose: each target that has groups, with the host firewalls; these alone if no target has groups.
pub(super) fn of(sets: &Sets<'_>, facts: &[Facts]) -> Vec<Guards> {
    let mut hosts = BTreeMap::new();
    let mut has_hosts = false;
    for facts in facts.iter().filter(|facts| Claims::of(facts.target).hosts) {
        has_hosts = true;
        for host in &facts.hosts {
            let class = sets.model.names.find(&host.class).and_then(|name| {
                let mut things = sets.model.things.iter();
                things
                    .find(|(_, thing)| thing.name == name && matches!(thing.detail, Detail::Class(_)))
                    .map(|(id, _)| id)
            });
            hosts.extend(class.map(|class| (class, host.clone())));
        }
    }
    let mut found: Vec<Guards> = facts
        .iter()
        .filter(|facts| Claims::of(facts.target).groups)
        .map(|facts| Guards {
            has_groups: true,
            has_hosts,
            groups: facts
                .network
                .groups
                .iter()
                .map(|group| (group.address.clone(), group.clone()))
                .collect(),
            hosts: hosts.clone(),
        })
        .collect();
    if found.is_empty() {
        found.push(Guards {
            has_hosts,
            hosts,
            ..Guards::default()
        });
    }
    found
}

/// The addresses that trusts of people name as their source.
pub(super) fn sources(model: &model::Model) -> BTreeMap<ThingId, Vec<Span>> {
    let mut sources: BTreeMap<ThingId, Vec<Span>> = BTreeMap::new();
    for (_, trust) in model.trusts.iter() {
        for subject in &trust.subjects {
            let End::Thing(thing) = subject.end else { continue };
            let is_people = model
                .things
                .get(thing)
                .is_some_and(|thing| matches!(thing.detail, Detail::People(_)));
            if !is_people {
                continue;
            }
            for condition in &trust.when {
                if let Condition::Source { blocks, .. } = condition {
                    let own = sources.entry(thing).or_default();
                    own.extend(blocks.iter().map(|block| Span::of(*block)));
                }
            }
        }
    }
    for own in sources.values_mut() {
        own.sort_unstable();
        own.dedup();
    }
    sources
}

/// What groups let pass, to or from a peer that is known by its groups or by its addresses.
pub(super) fn passes(groups: &[&Group], egress: bool, peers: &[&str], spans: &[Span]) -> Vec<Ports> {
    let rules = groups.iter().flat_map(|group| &group.rules);
    let admitted = rules.filter(|rule| {
        rule.egress == egress
            && match &rule.peer {
                Peer::Group(named) => peers.contains(&named.as_str()),
                Peer::Block(block) => spans.iter().any(|span| span.meets(Span::read(*block))),
                Peer::PrefixList(_) => false,
            }
    });
    let mut ports: Vec<Ports> = admitted.map(|rule| Ports::read(rule.ports)).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The service whose private endpoint bears a group.
pub(super) fn service_of(address: &str) -> Option<&str> {
    address.rsplit_once('/')?.1.strip_prefix("endpoint-")
}
