//! Which guards that were read let something declared through: each document, group, list, route and firewall, with its place.
//!
//! Where several say the same, each is told: a request passes some of its identity's, its thing's and its key's documents, a packet
//! passes all that stand on its way.

use std::collections::BTreeSet;

use graph::access::{Access, Principal, Resource};
use graph::address;
use graph::flow::{Endpoint, Flow, Reach};
use model::place::Within;
use model::thing::ThingId;
use pattern::pattern::Pattern;
use read::facts::document::{self, Effect, PrincipalName};
use read::facts::network::Peer;
use read::facts::{Facts, Place};

use super::Relation;
use crate::claims::Claims;
use crate::guard::{Guard, Names, Who};
use crate::letters::Letters;
use crate::packet::ports::{Ports, both};
use crate::place::{Seat, Span};
use crate::statement::{self, Statement};

/// One guard that lets something through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Enforced {
    /// What sort of guard, and whose: `the identity policies of scribe`.
    pub guard: String,
    /// The target that writes it.
    pub target: &'static str,
    /// Where.
    pub place: Place,
}

/// The actor behind a principal, if it is declared.
fn actor(principal: Principal) -> Option<ThingId> {
    match principal {
        Principal::Workload(thing)
        | Principal::Class(thing)
        | Principal::People(thing)
        | Principal::Acting(thing)
        | Principal::External(thing) => Some(thing),
        Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => None,
    }
}

/// What finds the guards of what is declared: names and letters of what was read, made once.
pub struct Enforcement<'r, 'a> {
    relation: &'r Relation<'a>,
    names: Names,
    letters: Vec<Letters<'r>>,
}

impl<'r, 'a> Enforcement<'r, 'a> {
    /// Makes ready to ask.
    #[must_use]
    pub fn new(relation: &'r Relation<'a>) -> Self {
        let graph = relation.sets.graph;
        let letters = relation.facts.iter();
        Self {
            relation,
            names: Names::new(relation.sets.model, graph),
            letters: letters
                .map(|facts| Letters::new(facts, &graph.addresses))
                .collect(),
        }
    }

    /// The documents of which some statement allows a declared access, and policies of endpoints on its way.
    #[must_use]
    pub fn guards_of(&self, access: &Access) -> Vec<Enforced> {
        let model = self.relation.sets.model;
        let who = actor(access.principal);
        let mut found = BTreeSet::new();
        for (facts, letters) in self.relation.facts.iter().zip(&self.letters) {
            let claims = Claims::of(facts.target);
            for document in &facts.documents {
                let Some(guard) = self
                    .names
                    .guard(&document.guard)
                    .filter(|guard| claims.has(guard))
                else {
                    continue;
                };
                let is_on_the_way = match guard {
                    Guard::Identity(of, _) | Guard::Device(of) | Guard::Rule(of) => Some(of) == who,
                    Guard::Trust(of, _) => access.resource == Resource::Identity(of),
                    Guard::Resource(of) => access.resource == Resource::Thing(of),
                };
                if !is_on_the_way {
                    continue;
                }
                let statements = statement::of_guard(guard, &[document], letters, &mut Vec::new());
                let allows = statements.iter().filter(|one| self.allows(one, access));
                found.extend(allows.map(|one| Enforced {
                    guard: Names::describe(model, guard),
                    target: facts.target,
                    place: one.place.clone(),
                }));
            }
            self.endpoint_policies((facts, letters), access, &mut found);
        }
        found.into_iter().collect()
    }

    fn allows(&self, statement: &Statement, access: &Access) -> bool {
        let graph = self.relation.sets.graph;
        let who = actor(access.principal);
        let is_meant = statement.who.iter().any(|named| match named {
            Who::Own | Who::Anyone => true,
            Who::Named(PrincipalName::Role(arn)) => {
                let role = self.names.guard(&document::Guard::Identity(arn.clone()));
                matches!((role, who), (Some(Guard::Identity(of, _)), Some(who)) if of == who)
            }
            Who::Named(PrincipalName::Service(name)) => {
                matches!(access.principal, Principal::Service(word) if graph.words.text(word) == name)
            }
            Who::Named(PrincipalName::Account(_) | PrincipalName::Federated(_)) => true,
        });
        let action = Pattern::literal(&graph.words.text(access.action).to_ascii_lowercase());
        let (Some(action), Some(within)) = (action, graph.patterns.get(access.within)) else {
            return false;
        };
        let when = graph.regions.get(access.when);
        is_meant
            && statement.effect == Effect::Allow
            && statement.actions.iter().any(|own| own.meets(&action).is_some())
            && statement.resources.iter().any(|own| own.meets(within).is_some())
            && when.is_none_or(|when| when.meets(&statement.when))
    }

    /// Policies of the private endpoints of networks in which the actor lives.
    fn endpoint_policies(
        &self,
        (facts, letters): (&Facts, &Letters<'_>),
        access: &Access,
        found: &mut BTreeSet<Enforced>,
    ) {
        let Some(who) = actor(access.principal) else {
            return;
        };
        let networks: Vec<&String> = self
            .relation
            .packets
            .places
            .of(who)
            .iter()
            .filter_map(|seat| match seat.within {
                Within::Network(network) => self.relation.sets.graph.addresses.networks.get(&network),
                Within::Site(_) => None,
            })
            .collect();
        for document in &facts.documents {
            let document::Guard::Endpoint(endpoint) = &document.guard else {
                continue;
            };
            let service = endpoint.rsplit('/').next().unwrap_or_default();
            let is_here = networks
                .iter()
                .any(|network| address::endpoint(network, service) == *endpoint);
            if !is_here {
                continue;
            }
            // The guard only says whose statements they are; of an endpoint they name everybody whom they mean.
            let statements = statement::of_guard(Guard::Resource(who), &[document], letters, &mut Vec::new());
            let allows = statements.iter().filter(|one| self.allows(one, access));
            found.extend(allows.map(|one| Enforced {
                guard: format!("the policy of the endpoint for {service}"),
                target: facts.target,
                place: one.place.clone(),
            }));
        }
    }

    /// The groups, lists, routes, endpoints and host firewalls that let the packets of a declared connection through.
    #[must_use]
    pub fn guards_on(&self, flow: &Flow) -> Vec<Enforced> {
        let ports = self
            .relation
            .sets
            .graph
            .ports
            .get(flow.ports)
            .into_iter()
            .flatten();
        let ports: Vec<Ports> = ports.map(|ports| Ports::of(*ports)).collect();
        let mut found = BTreeSet::new();
        for facts in self.relation.facts {
            for (own, other, egress) in [(flow.from, flow.to, true), (flow.to, flow.from, false)] {
                let side = Side {
                    own,
                    other,
                    egress,
                    reach: flow.reach,
                    ports: &ports,
                };
                self.by_groups(facts, &side, &mut found);
                self.by_place(facts, &side, &mut found);
                self.by_hosts(facts, &side, &mut found);
            }
        }
        found.into_iter().collect()
    }

    /// The groups of an end: of a private endpoint, those of its service in every network.
    fn groups_of(&self, end: Endpoint) -> Vec<String> {
        let graph = self.relation.sets.graph;
        match end {
            Endpoint::Thing(thing) => {
                let names = self.relation.packets.group_names(thing).into_iter();
                names.map(str::to_owned).collect()
            }
            Endpoint::Service(service) => {
                let networks = graph.addresses.networks.values();
                let service = graph.words.text(service);
                networks
                    .map(|network| address::endpoint_group(network, service))
                    .collect()
            }
            Endpoint::Addresses(_) | Endpoint::Internet => Vec::new(),
        }
    }

    /// The addresses of an end, as whoever knows addresses sees it.
    fn addresses_of(&self, end: Endpoint, reach: Reach) -> Vec<Span> {
        match end {
            Endpoint::Internet => vec![Span::all(false), Span::all(true)],
            Endpoint::Service(_) if reach == Reach::Private => {
                let segments = self.relation.sets.model.segments.iter();
                let with = segments.filter(|(_, segment)| segment.endpoints.is_some());
                with.map(|(_, segment)| Span::of(segment.cidr)).collect()
            }
            Endpoint::Service(_) => vec![Span::all(false), Span::all(true)],
            Endpoint::Thing(_) | Endpoint::Addresses(_) => self.relation.packets.spans_of(end, reach),
        }
    }

    fn by_groups(&self, facts: &Facts, side: &Side<'_>, found: &mut BTreeSet<Enforced>) {
        let (own, others) = (self.groups_of(side.own), self.groups_of(side.other));
        let spans = self.addresses_of(side.other, side.reach);
        for group in facts
            .network
            .groups
            .iter()
            .filter(|group| own.contains(&group.address))
        {
            let rules = group.rules.iter().filter(|rule| {
                let is_peer = match &rule.peer {
                    Peer::Group(peer) => others.contains(peer),
                    Peer::Block(block) => spans.iter().any(|span| span.meets(Span::read(*block))),
                    Peer::PrefixList(_) => matches!(side.other, Endpoint::Service(_)),
                };
                rule.egress == side.egress && is_peer && side.is_on(Ports::read(rule.ports))
            });
            let name = group.address.rsplit('/').next().unwrap_or_default();
            found.extend(rules.map(|rule| Enforced {
                guard: format!("the security group `{name}`, {}", side.way()),
                target: facts.target,
                place: rule.place.clone(),
            }));
        }
    }

    /// What belongs to the subnets of an end: lists, routes and endpoints.
    fn by_place(&self, facts: &Facts, side: &Side<'_>, found: &mut BTreeSet<Enforced>) {
        let Endpoint::Thing(thing) = side.own else { return };
        let addresses = &self.relation.sets.graph.addresses;
        let far = self.addresses_of(side.other, side.reach);
        for seat in self.relation.packets.places.of(thing) {
            let Within::Network(network) = seat.within else {
                continue;
            };
            let own = addresses
                .subnets
                .get(&seat.segment)
                .map_or(&[][..], Vec::as_slice);
            let is_own = |subnets: &[String]| subnets.iter().any(|subnet| own.contains(subnet));
            let mut add = |guard: String, place: &Place| {
                found.insert(Enforced {
                    guard,
                    target: facts.target,
                    place: place.clone(),
                });
            };
            for acl in facts.network.acls.iter().filter(|acl| is_own(&acl.subnets)) {
                let entries = acl.entries.iter().filter(|entry| {
                    let is_far = far.iter().any(|span| span.meets(Span::read(entry.block)));
                    entry.egress == side.egress
                        && entry.allow
                        && is_far
                        && side.is_on(Ports::read(entry.ports))
                });
                for entry in entries {
                    add(
                        format!("the network ACL of its subnets, {}", side.way()),
                        &entry.place,
                    );
                }
            }
            if !side.egress {
                continue;
            }
            let inside = self.is_inside(&far, seat);
            for table in facts.network.tables.iter().filter(|table| is_own(&table.subnets)) {
                let routes = table
                    .routes
                    .iter()
                    .filter(|route| !inside && far.iter().any(|span| span.meets(Span::read(route.to))));
                for route in routes {
                    add(format!("the route by `{}`", route.via), &route.place);
                }
            }
            let (Endpoint::Service(service), Some(network)) = (side.other, addresses.networks.get(&network))
            else {
                continue;
            };
            let service = self.relation.sets.graph.words.text(service);
            let endpoints = facts.network.endpoints.iter();
            for endpoint in endpoints.filter(|one| one.network == *network && one.service == service) {
                add(format!("the endpoint for {service}"), &endpoint.place);
            }
        }
    }

    /// Whether addresses are those of a seat's own network: no route leads there but the local one.
    fn is_inside(&self, far: &[Span], seat: &Seat) -> bool {
        let Within::Network(network) = seat.within else {
            return false;
        };
        let Some(network) = self.relation.sets.model.networks.get(network) else {
            return false;
        };
        let own: Vec<Span> = [Some(network.cidr), network.cidr6]
            .into_iter()
            .flatten()
            .map(Span::of)
            .collect();
        !far.is_empty()
            && far
                .iter()
                .all(|far| own.iter().any(|own| own.and(*far) == Some(*far)))
    }

    fn by_hosts(&self, facts: &Facts, side: &Side<'_>, found: &mut BTreeSet<Enforced>) {
        let Endpoint::Thing(thing) = side.own else { return };
        let model = self.relation.sets.model;
        let class = self.relation.packets.places.guarded_by(thing);
        let class = class.and_then(|class| model.things.get(class));
        let Some(class) = class.map(|class| model.names.text(class.name)) else {
            return;
        };
        let far = self.addresses_of(side.other, side.reach);
        for host in facts.hosts.iter().filter(|host| host.class == class) {
            let accepts = host.accepts.iter().filter(|accept| {
                let is_far = far.iter().any(|span| span.meets(Span::read(accept.peer)));
                accept.egress == side.egress && is_far && side.is_on(Ports::read(accept.ports))
            });
            found.extend(accepts.map(|accept| Enforced {
                guard: format!("the host firewall of `{}`, {}", host.name(), side.way()),
                target: facts.target,
                place: accept.place.clone(),
            }));
        }
    }
}

/// A connection as the guards of one of its ends see it.
struct Side<'p> {
    own: Endpoint,
    other: Endpoint,
    egress: bool,
    reach: Reach,
    ports: &'p [Ports],
}

impl Side<'_> {
    fn is_on(&self, ports: Ports) -> bool {
        !both(&[ports], self.ports).is_empty()
    }

    fn way(&self) -> &'static str {
        if self.egress { "out" } else { "in" }
    }
}
