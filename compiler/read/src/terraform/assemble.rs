//! What single blocks said, put together: rules into groups, routes into tables, defaults where nothing was said, policies read.

use std::collections::{BTreeMap, BTreeSet};

use pattern::pattern::Pattern;
use pattern::region::Region;
use rayon::prelude::*;

use super::beside;
use super::cx::{EndpointPart, Guards, Job, Measured, Out};
use super::object;
use super::quotas;
use super::world::World;
use crate::at::At;
use crate::documents::{self, size};
use crate::facts::document::{Document, Effect, Guard, PrincipalName, Principals, Statement};
use crate::facts::network::{Group, GroupRule, Network, Peer, Subnet, Vpc};
use crate::facts::object::{Measure, Setting, Unread};
use crate::facts::{Facts, Place};
use crate::json::{self, Fold};
use crate::letters::Letters;
use crate::sink::Sink;

use super::addresses::ANY;

/// Fills `facts` with what was read.
pub(crate) fn assemble(
    world: &World<'_>,
    letters: &Letters,
    mut out: Out,
    sink: &mut Sink,
    facts: &mut Facts,
) {
    let mut network = std::mem::take(&mut out.network);
    beside::in_line(&out, sink);
    tables(&mut out, &mut network, sink);
    lists(&mut out, &mut network, sink);
    gateways(&mut out, &mut network);
    endpoints(&mut out, &mut network, sink);
    existing(&mut network);
    groups(&mut out, &mut network, sink);
    beside::session_tags(world, &out, sink);
    policies(&mut out, letters, &network, sink, facts);
    exclusive(&out, sink);
    objects(out, facts);
    quotas::measure(world, &network, sink);
    facts.network = network;
}

pub(super) fn unread(sink: &mut Sink, place: &Place, what: impl Into<String>) {
    sink.unread.push(Unread {
        place: place.clone(),
        what: what.into(),
    });
}

/// Routes and propagations into their tables. A table of another stack is known by one of its subnets.
fn tables(out: &mut Out, network: &mut Network, sink: &mut Sink) {
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
fn lists(out: &mut Out, network: &mut Network, sink: &mut Sink) {
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
fn gateways(out: &mut Out, network: &mut Network) {
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
fn endpoints(out: &mut Out, network: &mut Network, sink: &mut Sink) {
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
fn existing(network: &mut Network) {
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
fn groups(out: &mut Out, network: &mut Network, sink: &mut Sink) {
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
    let everywhere = |text: &str| super::addresses::block(text).map(Peer::Block);
    let mut rules = vec![rule(false, Peer::Group(address.to_owned()))];
    rules.extend(
        ["0.0.0.0/0", "::/0"]
            .into_iter()
            .filter_map(everywhere)
            .map(|peer| rule(true, peer)),
    );
    rules
}

/// Reads every policy, in parallel, and adds what the provider has where none is given.
fn policies(out: &mut Out, letters: &Letters, network: &Network, sink: &mut Sink, facts: &mut Facts) {
    let jobs = std::mem::take(&mut out.jobs);
    let read: Vec<(Vec<Statement>, Sink)> = jobs.par_iter().map(|job| policy(job, letters)).collect();
    let mut inline: BTreeMap<String, (u64, Place)> = BTreeMap::new();
    let mut managed: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for (job, (statements, found)) in jobs.into_iter().zip(read) {
        sink.absorb(found);
        match job.guards {
            Guards::One(guard) => {
                if let (Measured::Inline, Guard::Identity(role)) = (job.measure, &guard) {
                    let sum = inline
                        .entry(role.clone())
                        .or_insert_with(|| (0, job.place.clone()));
                    sum.0 += size::of(&job.text, size::Unit::Dense, letters);
                }
                facts.documents.push(Document {
                    guard,
                    statements,
                    place: job.place,
                });
            }
            Guards::Attached(policy) => drop(managed.insert(policy, statements)),
        }
    }
    for (role, (value, place)) in inline {
        sink.measures.push(Measure {
            limit: "iam.role.inline",
            of: role,
            value,
            place,
        });
    }
    attached(out, &managed, sink, facts);
    facts.documents.append(&mut out.documents);
    for endpoint in &network.endpoints {
        if !out.endpoint_policies.contains(&endpoint.address) {
            let guard = Guard::Endpoint(endpoint.address.clone());
            facts
                .documents
                .push(everything(guard, Principals::Anyone, "*", &endpoint.place));
        }
    }
    for (key, account, place) in &out.keys {
        if !out.key_policies.contains(key) {
            let account = Principals::These(vec![PrincipalName::Account(account.clone())]);
            facts
                .documents
                .push(everything(Guard::Resource(key.clone()), account, "kms:*", place));
        }
    }
}

/// Managed policies for each role that they are attached to.
fn attached(out: &mut Out, managed: &BTreeMap<String, Vec<Statement>>, sink: &mut Sink, facts: &mut Facts) {
    let mut counts: BTreeMap<String, (u64, Place)> = BTreeMap::new();
    let mut seen: BTreeSet<(String, Guard)> = BTreeSet::new();
    for (policy, guard, place) in &out.attachments {
        let Some(statements) = managed.get(policy) else {
            unread(
                sink,
                place,
                format!("`{policy}`, whose content is not in these files"),
            );
            continue;
        };
        if !seen.insert((policy.clone(), guard.clone())) {
            unread(sink, place, format!("`{policy}` attached twice"));
            continue;
        }
        let role = match guard {
            Guard::Identity(role) => {
                counts.entry(role.clone()).or_insert_with(|| (0, place.clone())).0 += 1;
                role
            }
            Guard::Boundary(role)
            | Guard::Trust(role)
            | Guard::Resource(role)
            | Guard::Endpoint(role)
            | Guard::Device(role)
            | Guard::Rule(role) => role,
        };
        out.refers.entry(role.clone()).or_default().insert(policy.clone());
        let document = Document {
            guard: guard.clone(),
            statements: statements.clone(),
            place: place.clone(),
        };
        facts.documents.push(document);
    }
    for (role, (value, place)) in counts {
        sink.measures.push(Measure {
            limit: "iam.role.attached",
            of: role,
            value,
            place,
        });
    }
}

fn everything(guard: Guard, principals: Principals, actions: &str, place: &Place) -> Document {
    let statement = Statement {
        effect: Effect::Allow,
        principals: Some(principals),
        actions: Pattern::glob(actions).into_iter().collect(),
        resources: vec![Pattern::everything()],
        when: Region::everything(),
        place: place.clone(),
    };
    Document {
        guard,
        statements: vec![statement],
        place: place.clone(),
    }
}

fn policy(job: &Job, letters: &Letters) -> (Vec<Statement>, Sink) {
    let mut sink = Sink::default();
    let at = At::Root {
        path: &job.place.path,
        base: &job.place.pointer,
    };
    let document = match json::parse(job.text.as_bytes(), Fold::Case) {
        Ok(document) => document,
        Err(fault) => {
            sink.unread(&at, format!("{} (byte {} of the text)", fault.what, fault.offset));
            return (Vec::new(), sink);
        }
    };
    // Its text was counted as one leaf of its block; what counts is inside.
    let statements = documents::read(&document, job.kind, letters, &at, &mut sink);
    let of = match &job.guards {
        Guards::One(
            Guard::Identity(of)
            | Guard::Trust(of)
            | Guard::Boundary(of)
            | Guard::Resource(of)
            | Guard::Endpoint(of)
            | Guard::Device(of)
            | Guard::Rule(of),
        )
        | Guards::Attached(of) => of,
    };
    match job.measure {
        Measured::Dense(limit) => {
            sink.measure(&at, limit, of, size::of(&job.text, size::Unit::Dense, letters))
        }
        Measured::Characters(limit) => sink.measure(
            &at,
            limit,
            of,
            size::of(&job.text, size::Unit::Characters, letters),
        ),
        Measured::Service(service) => {
            size::measure_resource(service, &job.text, &statements, of, letters, &at, &mut sink)
        }
        Measured::Inline => {}
    }
    (statements, sink)
}

/// Lists that claim to hold all policies of a role: the provider removes what they leave out, and refuses what is not there.
fn exclusive(out: &Out, sink: &mut Sink) {
    let mut own: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (role, name) in &out.inline_names {
        own.entry(role).or_default().insert(name);
    }
    let mut attached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (policy, guard, _) in &out.attachments {
        if let Guard::Identity(role) = guard {
            attached.entry(role).or_default().insert(policy);
        }
    }
    for list in &out.exclusive {
        let declared = if list.is_inline { &own } else { &attached };
        let declared = declared.get(list.role.as_str()).cloned().unwrap_or_default();
        if declared != list.names.iter().map(String::as_str).collect() {
            unread(
                sink,
                &list.place,
                "a list of all policies that differs from the policies that are declared",
            );
        }
    }
}

/// Settings and references into their objects.
fn objects(mut out: Out, facts: &mut Facts) {
    for (address, setting, value) in std::mem::take(&mut out.defaults) {
        let place = out.objects.get(&address).map(|object| object.place.clone());
        if let Some(place) = place {
            out.settings
                .entry((address, setting))
                .or_insert_with(|| (value.to_owned(), place));
        }
    }
    let versioned: BTreeSet<String> = out
        .settings
        .iter()
        .filter(|((_, setting), (value, _))| *setting == Setting::Versioned && value == "true")
        .map(|((address, _), _)| address.clone())
        .collect();
    for ((address, setting), (value, _)) in &mut out.settings {
        // The life of an object ends with that of its last version.
        let superseded = out.superseded.get(address).map(ToString::to_string);
        if *setting == Setting::RetainSeconds
            && versioned.contains(address)
            && superseded.as_ref() != Some(value)
        {
            let then = superseded.unwrap_or_else(|| "never".to_owned());
            *value = format!("{value} and, for superseded versions, {then}");
        }
    }
    for ((address, setting), (value, place)) in out.settings {
        // What belongs to somebody else's object is made for nothing that is declared.
        let object = out
            .objects
            .entry(address.clone())
            .or_insert_with(|| object::bare("setting", address, String::new(), place));
        object.settings.push((setting, value));
    }
    for (address, argument, value) in std::mem::take(&mut out.implied) {
        let choices = out.choices.entry(address).or_default();
        if !choices.iter().any(|(known, _)| known == argument) {
            choices.push((argument.to_owned(), value.to_owned()));
        }
    }
    for (address, mut choices) in out.choices {
        if let Some(object) = out.objects.get_mut(&address) {
            choices.sort_unstable();
            object.choices = choices;
        }
    }
    for (address, refers) in out.refers {
        if let Some(object) = out.objects.get_mut(&address) {
            object.refers = refers.into_iter().filter(|other| *other != address).collect();
        }
    }
    facts.objects = out.objects.into_values().collect();
    // Once each, at the first place in order.
    facts.relied_on = out.relied_on.into_iter().collect();
    facts.relied_on.dedup_by(|later, first| later.what == first.what);
}
