//! Routes into tables, rules into groups, lists into endpoints and ACLs, and what the provider has where nothing was said.

use super::unread;
use crate::facts::Place;
use crate::facts::network::{Group, GroupRule, Network, Peer, Subnet, Vpc};
use crate::sink::Sink;
use crate::terraform::addresses::ANY;
use crate::terraform::cx::{EndpointPart, Out};
use std::collections::{BTreeMap, BTreeSet};

/// Routes and propagations into their tables. A table of another stack is known by one of its subnets.
pub(super) fn tables(out: &mut Out, network: &mut Network, sink: &mut Sink) {
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    for (index, (address, table)) in out.tables.iter().enumerate() {
        at.insert(address.clone(), index);
        for subnet in &table.subnets {
            let by_subnet = at.insert(format!("route-table:{subnet}"), index);
            if by_subnet.is_some_and(|other| other != index) {
                unread(sink, &table.place, format!("a second route table for `{subnet}`"));
            }
        }
    }
    let mut associated: BTreeSet<&String> = BTreeSet::new();
    for (table, subnet, place) in &out.associations {
        if !associated.insert(subnet) {
            unread(sink, place, format!("a second association of `{subnet}`"));
        }
        let known = at.get(table).and_then(|index| out.tables.get(*index));
        if !known.is_some_and(|(_, table)| table.subnets.contains(subnet)) {
            unread(
                sink,
                place,
                "an association with a route table that is not declared",
            );
        }
    }
    for (table, route) in std::mem::take(&mut out.routes) {
        match at.get(&table).and_then(|index| out.tables.get_mut(*index)) {
            Some((_, table)) if table.routes.iter().any(|known| known.to == route.to) => {
                unread(sink, &route.place, "a second route to the same addresses");
            }
            Some((_, table)) => table.routes.push(route),
            None => unread(sink, &route.place, "a route of a table that is not declared"),
        }
    }
    for (table, site) in std::mem::take(&mut out.propagations) {
        if let Some((_, table)) = at.get(&table).and_then(|index| out.tables.get_mut(*index)) {
            table.propagating.push(site);
        }
    }
    for (address, mut gateway) in std::mem::take(&mut out.sites) {
        if let Some((_, table)) = at.get(&address).and_then(|index| out.tables.get(*index)) {
            gateway.network.clone_from(&table.network);
        }
        if !network
            .gateways
            .iter()
            .any(|known| known.address == gateway.address && known.network == gateway.network)
        {
            network.gateways.push(gateway);
        }
    }
    for (_, table) in &mut out.tables {
        table.propagating.sort_unstable();
        table.propagating.dedup();
    }
    network
        .tables
        .extend(out.tables.iter().map(|(_, table)| table.clone()));
}

/// Entries into their lists, in the order in which they are evaluated.
pub(super) fn lists(out: &mut Out, network: &mut Network, sink: &mut Sink) {
    let at: BTreeMap<String, usize> = out
        .acls
        .iter()
        .enumerate()
        .map(|(index, (address, _))| (address.clone(), index))
        .collect();
    for (list, entry) in std::mem::take(&mut out.entries) {
        match at.get(&list).and_then(|index| out.acls.get_mut(*index)) {
            Some((_, acl)) => acl.entries.push(entry),
            None => unread(sink, &entry.place, "a rule of a network ACL that is not declared"),
        }
    }
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (_, mut acl) in std::mem::take(&mut out.acls) {
        acl.entries.sort_by_key(|entry| (entry.egress, entry.number));
        for pair in acl.entries.windows(2) {
            if let [a, b] = pair
                && (a.egress, a.number) == (b.egress, b.number)
            {
                unread(
                    sink,
                    &b.place,
                    format!("a second rule {} of the same network ACL", b.number),
                );
            }
        }
        for subnet in &acl.subnets {
            if !used.insert(subnet.clone()) {
                unread(sink, &acl.place, format!("a second network ACL for `{subnet}`"));
            }
        }
        network.acls.push(acl);
    }
}

/// Translating gateways into the network of their subnet.
pub(super) fn gateways(out: &mut Out, network: &mut Network) {
    let of: BTreeMap<&str, &str> = network
        .subnets
        .iter()
        .map(|subnet| (subnet.address.as_str(), subnet.network.as_str()))
        .collect();
    for (subnet, mut gateway) in std::mem::take(&mut out.translations) {
        if let Some(of) = of.get(subnet.as_str()) {
            (*of).clone_into(&mut gateway.network);
        }
        network.gateways.push(gateway);
    }
}

/// Parts into their endpoints; without a group of its own an interface bears the network's default one.
pub(super) fn endpoints(out: &mut Out, network: &mut Network, sink: &mut Sink) {
    let of_table: BTreeMap<String, Vec<String>> = out
        .tables
        .iter()
        .map(|(address, table)| (address.clone(), table.subnets.clone()))
        .collect();
    for (address, part, place) in std::mem::take(&mut out.endpoint_parts) {
        let Some(endpoint) = network
            .endpoints
            .iter_mut()
            .find(|endpoint| endpoint.address == address)
        else {
            unread(sink, &place, "a part of an endpoint that is not declared");
            continue;
        };
        match part {
            EndpointPart::Subnet(subnet) => endpoint.subnets.push(subnet),
            EndpointPart::Group(group) => endpoint.groups.push(group),
            EndpointPart::Table(table) => match of_table.get(&table) {
                Some(subnets) => endpoint.subnets.extend(subnets.iter().cloned()),
                // The table of another stack, by a subnet that uses it.
                None => endpoint
                    .subnets
                    .extend(table.strip_prefix("route-table:").map(str::to_owned)),
            },
        }
    }
    for endpoint in &mut network.endpoints {
        if endpoint.interface && endpoint.groups.is_empty() {
            endpoint.groups.push(format!("sg:{}/default", endpoint.network));
        }
        for list in [&mut endpoint.subnets, &mut endpoint.groups] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

/// Networks and subnets that are only named by their ids.
pub(super) fn existing(network: &mut Network) {
    let mut networks: BTreeMap<String, Place> = BTreeMap::new();
    let mut subnets: BTreeMap<String, (String, Place)> = BTreeMap::new();
    for table in &network.tables {
        networks
            .entry(table.network.clone())
            .or_insert_with(|| table.place.clone());
        for subnet in &table.subnets {
            subnets
                .entry(subnet.clone())
                .or_insert_with(|| (table.network.clone(), table.place.clone()));
        }
    }
    for acl in &network.acls {
        networks
            .entry(acl.network.clone())
            .or_insert_with(|| acl.place.clone());
        for subnet in &acl.subnets {
            subnets
                .entry(subnet.clone())
                .or_insert_with(|| (acl.network.clone(), acl.place.clone()));
        }
    }
    for endpoint in &network.endpoints {
        networks
            .entry(endpoint.network.clone())
            .or_insert_with(|| endpoint.place.clone());
        for subnet in &endpoint.subnets {
            subnets
                .entry(subnet.clone())
                .or_insert_with(|| (endpoint.network.clone(), endpoint.place.clone()));
        }
    }
    for group in &network.groups {
        networks
            .entry(group.network.clone())
            .or_insert_with(|| group.place.clone());
    }
    for interface in &network.interfaces {
        for subnet in &interface.subnets {
            subnets
                .entry(subnet.clone())
                .or_insert_with(|| (String::new(), interface.place.clone()));
        }
    }
    let known: BTreeSet<String> = network
        .subnets
        .iter()
        .map(|subnet| subnet.address.clone())
        .collect();
    for (address, (of, place)) in subnets {
        if !known.contains(&address) {
            network.subnets.push(Subnet {
                address,
                network: of,
                cidr: None,
                cidr6: None,
                zone: String::new(),
                public_addresses: false,
                existing: true,
                place,
            });
        }
    }
    for subnet in &network.subnets {
        if !subnet.network.is_empty() {
            networks
                .entry(subnet.network.clone())
                .or_insert_with(|| subnet.place.clone());
        }
    }
    let known: BTreeSet<String> = network
        .networks
        .iter()
        .map(|network| network.address.clone())
        .collect();
    for (address, place) in networks {
        if !known.contains(&address) {
            network.networks.push(Vpc {
                address,
                cidr: None,
                cidr6: None,
                dns: (false, false),
                existing: true,
                place,
            });
        }
    }
}

/// Rules into their groups. A default group that a network brings along or something bears, and that nothing declares, admits
/// itself and sends anywhere.
pub(super) fn groups(out: &mut Out, network: &mut Network, sink: &mut Sink) {
    let of_subnet: BTreeMap<&str, &str> = network
        .subnets
        .iter()
        .map(|subnet| (subnet.address.as_str(), subnet.network.as_str()))
        .collect();
    let mut default_of: BTreeMap<String, Place> = BTreeMap::new();
    let bears_default: BTreeSet<&String> = out.bears_default.iter().collect();
    for interface in &mut network.interfaces {
        if !bears_default.contains(&interface.address) {
            continue;
        }
        let of = interface
            .subnets
            .first()
            .and_then(|subnet| of_subnet.get(subnet.as_str()));
        match of.filter(|of| !of.is_empty()) {
            Some(of) => interface.groups.push(format!("sg:{of}/default")),
            None => unread(
                sink,
                &interface.place,
                "no groups, in a network that is not known",
            ),
        }
    }
    let borne = network
        .endpoints
        .iter()
        .flat_map(|endpoint| endpoint.groups.iter().map(move |group| (group, &endpoint.place)));
    let borne = borne.chain(
        network
            .interfaces
            .iter()
            .flat_map(|it| it.groups.iter().map(move |group| (group, &it.place))),
    );
    for (group, place) in borne {
        if group.ends_with("/default") {
            default_of.entry(group.clone()).or_insert_with(|| place.clone());
        }
    }
    // A new network has one from its first moment.
    for made in network.networks.iter().filter(|made| !made.existing) {
        default_of
            .entry(format!("sg:{}/default", made.address))
            .or_insert_with(|| made.place.clone());
    }
    let mut at: BTreeMap<String, usize> = network
        .groups
        .iter()
        .enumerate()
        .map(|(index, group)| (group.address.clone(), index))
        .collect();
    for (address, place) in default_of {
        if at.contains_key(&address) {
            continue;
        }
        let of = address
            .strip_prefix("sg:")
            .and_then(|rest| rest.strip_suffix("/default"))
            .unwrap_or_default();
        at.insert(address.clone(), network.groups.len());
        let of = of.to_owned();
        let rules = default_rules(&address, &place);
        network.groups.push(Group {
            address,
            network: of,
            rules,
            place,
        });
    }
    for (group, rule) in std::mem::take(&mut out.rules) {
        match at.get(&group).and_then(|index| network.groups.get_mut(*index)) {
            Some(group) => group.rules.push(rule),
            None => unread(sink, &rule.place, "a rule of a group that is not declared"),
        }
    }
}

/// Source: Amazon VPC user guide, "Default security groups", read 2026-11-21.
fn default_rules(address: &str, place: &Place) -> Vec<GroupRule> {
    let rule = |egress: bool, peer: Peer| GroupRule {
        egress,
        ports: ANY,
        peer,
        place: place.clone(),
    };
    let everywhere = |text: &str| crate::terraform::addresses::block(text).map(Peer::Block);
    let mut rules = vec![rule(false, Peer::Group(address.to_owned()))];
    rules.extend(
        ["0.0.0.0/0", "::/0"]
            .into_iter()
            .filter_map(everywhere)
            .map(|peer| rule(true, peer)),
    );
    rules
}
