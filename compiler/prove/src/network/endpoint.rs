//! Private endpoints: exactly those that flows need, with the group that is their own and a policy for what passes.
//!
//! The policy is shared by everything that reaches the service, so it says what may pass, not for whom and when: it is on
//! the list of coarse guards. Within that it is exact, or, where the exact one would be longer than the provider takes, it
//! names services and accounts whole.

use std::collections::{BTreeMap, BTreeSet};

use graph::address;
use model::place::NetworkId;
use pattern::pattern::Pattern;
use read::facts::Facts;
use read::facts::document::{Document, Effect, Guard, Principals};
use read::facts::network::ServiceEndpoint;

use super::carried::Carried;
use super::endpoint_policy;
use super::group::Context;
use super::intent::Intent;
use super::name;
use super::passing::passing;
use crate::because::span_of;
use crate::verified::Coarse;
use crate::witness::{Refusal, Sort};
use relation::letters::Letters;

/// Whether the service takes a policy for its endpoint.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/IoTCore-VPC.html>
fn takes_policy(service: &str) -> bool {
    !matches!(service, "iot.data" | "iot.credentials")
}

/// Compares the endpoints and their policies. Returns how many relations their policies needed.
pub(super) fn endpoints(
    cx: Context<'_>,
    intent: &Intent<'_>,
    facts: &Facts,
    coarse: &mut Vec<Coarse>,
    refusals: &mut Vec<Refusal>,
) -> u64 {
    let graph = cx.checked.graph();
    let passing = passing(cx, &intent.stands);
    let letters = Letters::new(facts, &graph.addresses);
    let mut found: BTreeMap<&str, Vec<&ServiceEndpoint>> = BTreeMap::new();
    for endpoint in &facts.network.endpoints {
        found.entry(&endpoint.address).or_default().push(endpoint);
    }
    let mut documents: BTreeMap<&str, Vec<&Document>> = BTreeMap::new();
    for document in &facts.documents {
        if let Guard::Endpoint(address) = &document.guard {
            documents.entry(address).or_default().push(document);
        }
    }
    let mut relations = 0;
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for (id, share) in &intent.networks {
        let at = graph.addresses.networks.get(id).map_or("", String::as_str);
        for (service, because) in &share.services {
            let address = address::endpoint(at, service);
            let declared = span_of(cx.checked, *because);
            let of = found.get(address.as_str()).map_or(&[][..], Vec::as_slice);
            let [endpoint] = of else {
                let message = format!(
                    "the private endpoint `{address}` is made {} times, and declared flows need it once",
                    of.len()
                );
                let sort = if of.is_empty() {
                    Sort::FallsShort
                } else {
                    Sort::Idle
                };
                refusals.push(Refusal::new(sort, cx.target, message).declared(declared));
                wanted.insert(address);
                continue;
            };
            shape(cx, intent, facts, (*id, service), endpoint, refusals);
            let nothing = BTreeMap::new();
            let needs = passing.get(&(*id, (*service).to_owned())).unwrap_or(&nothing);
            relations += needs
                .values()
                .map(|resources| resources.len() as u64)
                .sum::<u64>();
            let of = documents.get(address.as_str()).map_or(&[][..], Vec::as_slice);
            if takes_policy(service) {
                endpoint_policy::policy(cx, &letters, &address, needs, of, endpoint, coarse, refusals);
            } else if !of.iter().all(|document| is_everything(document)) {
                let message = format!("the service `{service}` takes no policy for its endpoint");
                refusals.push(Refusal::new(Sort::FallsShort, cx.target, message).at(&endpoint.place));
            } else {
                coarse.push(Coarse {
                    guard: address.clone(),
                    why: "the service takes no policy for its endpoint",
                });
            }
            wanted.insert(address);
        }
    }
    for endpoint in facts
        .network
        .endpoints
        .iter()
        .filter(|endpoint| !wanted.contains(&endpoint.address))
    {
        let message = format!(
            "the private endpoint `{}` serves no declared flow",
            endpoint.address
        );
        refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&endpoint.place));
    }
    relations
}

/// Where it stands, what it carries, and whether the service's name leads to it.
fn shape(
    cx: Context<'_>,
    intent: &Intent<'_>,
    facts: &Facts,
    (id, service): (NetworkId, &str),
    endpoint: &ServiceEndpoint,
    refusals: &mut Vec<Refusal>,
) {
    let graph = cx.checked.graph();
    let at = graph.addresses.networks.get(&id).map_or("", String::as_str);
    let refusal = |sort, what: &str| {
        let message = format!("the private endpoint `{}` {what}", endpoint.address);
        Refusal::new(sort, cx.target, message).at(&endpoint.place)
    };
    let mut refuse = |sort, what: &str| refusals.push(refusal(sort, what));
    if endpoint.network != at || endpoint.service != service {
        refuse(
            Sort::FallsShort,
            "is of another network or service than its address says",
        );
    }
    if !endpoint.interface {
        refuse(
            Sort::FallsShort,
            "is a gateway, which no group guards and no site reaches",
        );
    }
    let group = address::endpoint_group(at, service);
    let carried = Carried::new(
        &endpoint.address,
        &endpoint.groups,
        &group,
        intent,
        &facts.network,
    );
    if endpoint.groups.iter().any(|own| *own != group) {
        let refusal = refusal(Sort::Exceeds, "carries a group that is not its own");
        refusals.push(carried.exceeds(refusal));
    } else if endpoint.groups.len() != 1 {
        let refusal = refusal(Sort::FallsShort, "does not carry its own group once");
        refusals.push(carried.falls_short(refusal));
    }
    let mut refuse = |sort, what: &str| refusals.push(refusal(sort, what));
    let mut subnets: Vec<&String> = intent
        .stands
        .endpoints
        .get(&id)
        .and_then(|segment| graph.addresses.subnets.get(segment))
        .into_iter()
        .flatten()
        .collect();
    subnets.sort_unstable();
    let mut own: Vec<&String> = endpoint.subnets.iter().collect();
    own.sort_unstable();
    if own != subnets {
        refuse(
            Sort::FallsShort,
            "does not stand in exactly the subnets of the segment that holds endpoints",
        );
    }
    match (name::hosted(cx, id, service), endpoint.private_names) {
        (None, false) => refuse(
            Sort::FallsShort,
            "is not what the service's ordinary name leads to",
        ),
        (Some(_), true) => refuse(Sort::FallsShort, "claims a name that the service does not offer"),
        (None, true) | (Some(_), false) => {}
    }
}

fn is_everything(document: &Document) -> bool {
    document.statements.iter().all(|statement| {
        statement.effect == Effect::Allow
            && statement.principals == Some(Principals::Anyone)
            && statement.when.is_everything()
            && statement.actions.contains(&Pattern::everything())
            && statement.resources.contains(&Pattern::everything())
    })
}
