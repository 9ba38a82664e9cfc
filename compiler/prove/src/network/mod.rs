//! The network layer: groups, ACLs, routes, endpoints, interfaces, host firewalls.
//!
//! Clause 1 holds guard by guard. Clause 2, for a target that claims the whole layer, follows from it:
//!
//! - *Nothing more.* What two declared ends exchange passes the egress of one group and the ingress of the other. Both are
//!   exact and name the other end by its group or its addresses, so a packet that both let through belongs to a flow.
//!   What has one end outside (a site, the internet) passes one group, which is exact for those addresses. ACLs, routes
//!   and endpoints only restrict further.
//! - *Nothing less.* Each flow's packets lie in the egress of its source, the ingress of its destination, the ACLs of the
//!   segments between, out and in and back, and the routes of both; each of these is compared with a share that holds
//!   them (`intent`).
//!
//! Groups are compared as symbols, addresses as addresses: a rule for addresses that a group's members happen to have
//! admits them by address, and is then a declared flow of those addresses.

mod acl;
mod at;
mod carried;
mod endpoint;
mod endpoint_policy;
mod frame;
mod group;
mod host;
mod intent;
mod interface;
mod members;
mod name;
mod passing;
mod path;
mod route;
mod stand;

use std::collections::{BTreeMap, BTreeSet};

use checks::Checked;
use graph::flow::{Endpoint, Flow};
use read::facts::Facts;
use relation::claims::Claims;
use relation::reach::Relation;

use crate::because::span_of;
use crate::verified::{Clause, Statement, Status};
use crate::witness::{Refusal, Sort};

use group::Context;
use intent::Intent;
use stand::Stand;

/// What the provider lets through, whatever groups and ACLs say.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html>, "What is not filtered"
const HOLES: [&str; 7] = [
    "the resolver of the network (169.254.169.253, and the second address of its block)",
    "instance metadata and task metadata (169.254.169.254, 169.254.170.2)",
    "the provider's clock (169.254.169.123)",
    "DHCP",
    "the licence service for Windows",
    "the reserved addresses of each subnet's router",
    "connections that are open when a rule is taken away, until they end",
];

/// What each of our host firewalls lets through, whatever is declared: without it, no host speaks at all.
const HOST_HOLES: [&str; 5] = [
    "on a Linux device: replies with their errors, and connections that are open when the rules are loaded",
    "on a Linux device: what a host and its declared containers say to themselves",
    "on a Linux device with IPv6: router messages, neighbour discovery and membership of groups of receivers",
    "on a Linux device that a trust joins with a DHCP server: what both say on their own link",
    "on a Linux device: what is below IP (ARP), and what a program sends and hears there (many DHCP clients)",
];

/// Holes of several targets are listed once.
fn add_holes(holes: &mut Vec<&'static str>, more: &[&'static str]) {
    for hole in more {
        if !holes.contains(hole) {
            holes.push(hole);
        }
    }
}

/// Clause 2 where two guards stand on the way of a flow: each lets through its share, and both together the flow.
pub(crate) fn composed(checked: &Checked<'_>, relation: &Relation<'_>) -> Vec<Refusal> {
    let flows = &checked.graph().flows;
    let unmet = relation.packets.unmet().into_iter();
    unmet
        .filter_map(|position| flows.get(position as usize))
        .map(|flow| {
            let message = "a declared flow does not pass all guards on its way";
            Refusal::new(Sort::FallsShort, "", message).declared(span_of(checked, flow.because))
        })
        .collect()
}

/// Proves the network layer of one target.
pub(crate) fn prove(checked: &Checked<'_>, facts: &Facts, statement: &mut Statement) -> Vec<Refusal> {
    let claims = Claims::of(facts.target);
    if !claims.groups && !claims.hosts {
        return Vec::new();
    }
    let cx = Context {
        checked,
        target: facts.target,
    };
    let intent = Intent::new(checked);
    let mut refusals = Vec::new();
    let mut guards: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut idle: BTreeMap<&'static str, u64> = BTreeMap::new();
    if claims.groups {
        for (because, why) in &intent.undecided {
            let message = format!("a declared flow {why}");
            refusals.push(
                Refusal::new(Sort::NotDecided, facts.target, message).declared(span_of(checked, *because)),
            );
        }
        let (counts, found) = group::groups(cx, &intent, &facts.network.groups, &defaults(cx, claims));
        refusals.extend(found);
        guards.extend([("groups", counts.groups), ("group needs", counts.needs)]);
        idle.extend([("groups", counts.groups), ("group rules", counts.rules)]);
        add_holes(&mut statement.holes, &HOLES);
    }
    if facts.target == bundle::target::SECURITY_GROUPS {
        refusals.extend(named(cx, facts));
    }
    if claims.paths {
        paths(
            cx,
            &intent,
            facts,
            statement,
            (&mut guards, &mut idle),
            &mut refusals,
        );
    }
    if claims.hosts {
        let (hosts, found) = host::hosts(cx, &intent.stands, &facts.hosts, &mut statement.coarse);
        refusals.extend(found);
        if hosts > 0 {
            add_holes(&mut statement.holes, &HOST_HOLES);
        }
        guards.insert("host firewalls", hosts);
        idle.insert(
            "host elements",
            facts.hosts.iter().map(|host| host.accepts.len() as u64).sum(),
        );
    }
    let target = facts.target;
    let whole = if claims.paths {
        Status::Exact
    } else {
        Status::GuardsOnly
    };
    let flows = BTreeMap::from([("flows", intent.seen)]);
    merge(
        &mut statement.clauses,
        Clause {
            number: 1,
            target,
            status: Status::Exact,
            counts: guards,
        },
    );
    merge(
        &mut statement.clauses,
        Clause {
            number: 2,
            target,
            status: whole,
            counts: flows.clone(),
        },
    );
    merge(
        &mut statement.clauses,
        Clause {
            number: 5,
            target,
            status: Status::Exact,
            counts: idle,
        },
    );
    if claims.paths {
        let model = checked.model();
        // Routes of a network that exists already are its owner's: they are assumed.
        let relied = model.networks.iter().any(|(id, network)| {
            network.existing.is_some()
                && intent
                    .networks
                    .get(&id)
                    .is_some_and(|share| share.groups.values().any(|needs| !needs.is_empty()))
        });
        let status = if relied { Status::GuardsOnly } else { Status::Exact };
        let services: u64 = intent
            .networks
            .values()
            .map(|share| share.services.len() as u64)
            .sum();
        let counts = BTreeMap::from([("flows", intent.seen), ("services", services)]);
        merge(
            &mut statement.clauses,
            Clause {
                number: 3,
                target,
                status,
                counts,
            },
        );
    }
    refusals
}

/// The group that each created network brings along, by network: nothing is declared to bear it, so that it admits nothing.
fn defaults(cx: Context<'_>, claims: Claims) -> Vec<(String, String)> {
    let networks = cx.checked.model().networks.iter();
    let made = networks.filter(|(_, network)| claims.paths && network.existing.is_none());
    made.filter_map(|(id, _)| cx.checked.graph().addresses.networks.get(&id))
        .map(|at| (at.clone(), format!("sg:{at}/default")))
        .collect()
}

fn paths(
    cx: Context<'_>,
    intent: &Intent<'_>,
    facts: &Facts,
    statement: &mut Statement,
    (guards, idle): (&mut BTreeMap<&'static str, u64>, &mut BTreeMap<&'static str, u64>),
    refusals: &mut Vec<Refusal>,
) {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    path::places(cx, &facts.network, refusals);
    let counts = route::routes(cx, &intent.networks, &facts.network, refusals);
    refusals.extend(path::addresses(cx, &facts.objects, &facts.network.gateways));
    let mut entries = 0;
    let mut created: BTreeSet<&str> = BTreeSet::new();
    for (id, network) in model
        .networks
        .iter()
        .filter(|(_, network)| network.existing.is_none())
    {
        let subnets = network
            .segments
            .iter()
            .filter_map(|segment| graph.addresses.subnets.get(segment));
        created.extend(subnets.flatten().map(String::as_str));
        let Some(share) = intent.networks.get(&id) else {
            continue;
        };
        let (own, found) = acl::acls(
            cx,
            (id, network),
            share,
            &facts.network.acls,
            &mut statement.coarse,
        );
        entries += own;
        refusals.extend(found);
    }
    refusals.extend(acl::unused(cx, &facts.network.acls, &created));
    let relations = endpoint::endpoints(cx, intent, facts, &mut statement.coarse, refusals);
    refusals.extend(interface::interfaces(cx, intent, &facts.network));
    let names = name::names(cx, intent, &facts.network, refusals);
    guards.extend([
        ("network ACLs", facts.network.acls.len() as u64),
        ("endpoints", facts.network.endpoints.len() as u64),
        ("endpoint relations", relations),
        ("interfaces", facts.network.interfaces.len() as u64),
    ]);
    idle.insert("names", names);
    idle.extend([
        ("ACL entries", entries),
        ("subnets", counts.subnets),
        ("routes", counts.routes),
        ("gateways", counts.gateways),
        ("endpoints", facts.network.endpoints.len() as u64),
    ]);
}

/// A script looks its network up: by id, or by block and name, which must be the declared ones.
fn named(cx: Context<'_>, facts: &Facts) -> Vec<Refusal> {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let mut refusals = Vec::new();
    let mut wanted: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for (id, network) in model.networks.iter() {
        let at = graph.addresses.networks.get(&id).map_or("", String::as_str);
        let name = network
            .existing
            .is_none()
            .then(|| format!("{at} named {}", model.names.text(network.name)));
        wanted.insert(at, name);
    }
    for vpc in &facts.network.networks {
        let known = match wanted.get(vpc.address.as_str()) {
            Some(Some(name)) => facts.relied_on.iter().any(|relied| relied.what == *name),
            Some(None) => true,
            None => false,
        };
        if !known {
            let message = format!(
                "the script looks for a network `{}` that is not declared so",
                vpc.address
            );
            refusals.push(Refusal::new(Sort::FallsShort, cx.target, message).at(&vpc.place));
        }
    }
    refusals
}

/// One entry for each clause and target: counts are added, and the weaker status stays.
fn merge(clauses: &mut Vec<Clause>, own: Clause) {
    match clauses
        .iter_mut()
        .find(|clause| (clause.number, clause.target) == (own.number, own.target))
    {
        Some(clause) => {
            clause.status = clause.status.max(own.status);
            for (name, count) in own.counts {
                *clause.counts.entry(name).or_default() += count;
            }
        }
        None => clauses.push(own),
    }
}

/// Flows of which no guard of any of these targets sees an end.
pub(crate) fn not_claimed(checked: &Checked<'_>, facts: &[Facts]) -> Vec<String> {
    let graph = checked.graph();
    let claims: Vec<Claims> = facts.iter().map(|facts| Claims::of(facts.target)).collect();
    let (groups, hosts) = (
        claims.iter().any(|claims| claims.groups),
        claims.iter().any(|claims| claims.hosts),
    );
    let intent = Intent::new(checked);
    let linux: BTreeSet<_> = host::linux_hosts(checked).into_values().flatten().collect();
    let is_host = |end| matches!(end, Endpoint::Thing(thing) if linux.contains(&thing));
    let mut lines: BTreeSet<String> = BTreeSet::new();
    for flow in &graph.flows {
        let in_network = |stand: &Stand| matches!(stand, Stand::Interface { .. });
        let by_group = || {
            intent
                .stands
                .meetings(flow)
                .iter()
                .any(|(from, to)| in_network(from) || in_network(to))
        };
        let seen = (hosts && (is_host(flow.from) || is_host(flow.to))) || (groups && by_group());
        if !seen {
            lines.insert(shown(checked, flow));
        }
    }
    lines.into_iter().collect()
}

fn shown(checked: &Checked<'_>, flow: &Flow) -> String {
    let (model, graph) = (checked.model(), checked.graph());
    let end = |end: Endpoint| match end {
        Endpoint::Thing(thing) => model
            .things
            .get(thing)
            .map_or("", |thing| model.names.text(thing.name))
            .to_owned(),
        Endpoint::Service(service) => format!("service {}", graph.words.text(service)),
        Endpoint::Addresses(blocks) => {
            let blocks = graph.blocks.get(blocks).map_or(&[][..], Vec::as_slice);
            blocks
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        }
        Endpoint::Internet => "internet".to_owned(),
    };
    let ports = graph.ports.get(flow.ports).map_or(&[][..], Vec::as_slice);
    let ports: Vec<String> = ports
        .iter()
        .map(|ports| {
            match (
                ports.first == ports.last,
                packet::protocol::has_ports(ports.protocol),
            ) {
                (false, true) => format!("{} to {}", group::port(ports.protocol, ports.first), ports.last),
                (true, _) | (false, false) => group::port(ports.protocol, ports.first),
            }
        })
        .collect();
    format!("{} -> {} on {}", end(flow.from), end(flow.to), ports.join(", "))
}
