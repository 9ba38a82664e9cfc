//! Private endpoints: exactly those that flows need, with the group that is their own and a policy for what passes.
//!
//! The policy is shared by everything that reaches the service, so it says what may pass, not for whom and when: it is on
//! the list of coarse guards. Within that it is exact, or, where the exact one would be longer than the provider takes, it
//! names services and accounts whole.

use std::collections::{BTreeMap, BTreeSet};

use graph::access::{Access, Principal, Resource};
use graph::address;
use graph::reason::{Reason, ReasonId};
use model::place::NetworkId;
use model::thing::ThingId;
use model::trust::End;
use pattern::boxes;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::{Letter, Word};
use read::facts::Facts;
use read::facts::document::{Document, Effect, Guard, Principals};
use read::facts::network::ServiceEndpoint;

use super::group::Context;
use super::intent::Intent;
use super::name;
use super::stand::Stands;
use crate::because::span_of;
use crate::letters::Letters;
use crate::verified::Coarse;
use crate::witness::{Refusal, Sort, Witness};

/// Why an endpoint's policy is on the list of coarse guards.
const WHY: &str = "principals share the endpoint; identity policies decide who, when, and on which part";
/// Likewise, where resources are taken together.
const WHY_WIDE: &str = "its exact policy would be longer than the provider takes: services and accounts are named whole; identity policies are exact";

/// Whether the service takes a policy for its endpoint.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/IoTCore-VPC.html>
fn takes_policy(service: &str) -> bool {
    !matches!(service, "iot.data" | "iot.credentials")
}

/// What passes an endpoint: action, in lower case → resources.
type Passing = BTreeMap<(NetworkId, String), BTreeMap<String, BTreeMap<Pattern, ReasonId>>>;

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
            shape(cx, intent, (*id, service), endpoint, refusals);
            let nothing = BTreeMap::new();
            let needs = passing.get(&(*id, (*service).to_owned())).unwrap_or(&nothing);
            relations += needs
                .values()
                .map(|resources| resources.len() as u64)
                .sum::<u64>();
            let of = documents.get(address.as_str()).map_or(&[][..], Vec::as_slice);
            if takes_policy(service) {
                policy(cx, &letters, &address, needs, of, endpoint, coarse, refusals);
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
    (id, service): (NetworkId, &str),
    endpoint: &ServiceEndpoint,
    refusals: &mut Vec<Refusal>,
) {
    let graph = cx.checked.graph();
    let at = graph.addresses.networks.get(&id).map_or("", String::as_str);
    let mut refuse = |sort, what: &str| {
        let message = format!("the private endpoint `{}` {what}", endpoint.address);
        refusals.push(Refusal::new(sort, cx.target, message).at(&endpoint.place));
    };
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
    if endpoint.groups.iter().any(|own| *own != group) {
        refuse(Sort::Exceeds, "carries a group that is not its own");
    } else if endpoint.groups.len() != 1 {
        refuse(Sort::FallsShort, "does not carry its own group once");
    }
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

/// What placed actors call by themselves, endpoint by endpoint.
fn passing(cx: Context<'_>, stands: &Stands<'_>) -> Passing {
    let graph = cx.checked.graph();
    let mut passing = Passing::new();
    let mut also = graph.also.iter().peekable();
    for (index, access) in graph.accesses.iter().enumerate() {
        let mut reasons = vec![access.because];
        while let Some((_, reason)) = also.next_if(|(of, _)| *of as usize == index) {
            reasons.push(*reason);
        }
        let (Principal::Workload(actor) | Principal::Class(actor)) = access.principal else {
            continue;
        };
        let networks: BTreeSet<NetworkId> = stands
            .of_thing(actor)
            .iter()
            .flat_map(|stand| stands.served_by(stand))
            .collect();
        if networks.is_empty() {
            continue;
        }
        let Some(within) = graph.patterns.get(access.within) else {
            continue;
        };
        let shared = within.map_letters(&mut |_| Some(Pattern::everything()));
        let action = graph.words.text(access.action).to_ascii_lowercase();
        for (service, because) in services(cx, access, &reasons) {
            for network in &networks {
                let actions = passing.entry((*network, service.to_owned())).or_default();
                actions
                    .entry(action.clone())
                    .or_default()
                    .entry(shared.clone())
                    .or_insert(because);
            }
        }
    }
    passing
}

/// A trust names what its subject calls; what follows from it by a rule is called by somebody else, or by no endpoint.
fn services<'a>(cx: Context<'a>, access: &Access, reasons: &[ReasonId]) -> BTreeMap<&'a str, ReasonId> {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let service = |thing: ThingId| {
        let kind = model.kinds.get(model.things.get(thing)?.kind)?;
        kind.words
            .reach
            .as_ref()
            .map(|reach| model.names.text(reach.service))
    };
    let mut found = BTreeMap::new();
    for reason in reasons {
        let Some(Reason::Trust(trust)) = graph.reasons.get(*reason) else {
            continue;
        };
        let objects: Vec<ThingId> = match access.resource {
            Resource::Thing(thing) => vec![thing],
            Resource::Unscoped => {
                let action = graph.words.text(access.action);
                let objects = model.trusts.get(*trust).map_or(&[][..], |trust| &trust.objects);
                let things = objects.iter().filter_map(|object| match object.end {
                    End::Thing(thing) => Some(thing),
                    End::Part(_) | End::Account(_) | End::Internet => None,
                });
                things.filter(|thing| knows(cx, *thing, action)).collect()
            }
            Resource::Part(_) | Resource::Identity(_) => Vec::new(),
        };
        for service in objects.into_iter().filter_map(service) {
            found.entry(service).or_insert(*reason);
        }
    }
    found
}

/// Whether the words of a thing's kind name an action.
fn knows(cx: Context<'_>, thing: ThingId, action: &str) -> bool {
    let model = cx.checked.model();
    let kind = model
        .things
        .get(thing)
        .and_then(|thing| model.kinds.get(thing.kind));
    kind.is_some_and(|kind| {
        let lines = kind
            .words
            .capabilities
            .iter()
            .flat_map(|capability| &capability.actions);
        lines
            .flat_map(|line| &line.actions)
            .any(|name| model.names.text(*name) == action)
    })
}

/// Every resource of the same service and account.
fn whole(pattern: &Pattern) -> Pattern {
    let text = pattern.display(&|_| "*".to_owned());
    let mut fields = text.splitn(6, ':');
    let head: Vec<&str> = fields.by_ref().take(5).collect();
    match fields.next() {
        Some(_) => Pattern::glob(&format!("{}:*", head.join(":"))).unwrap_or_else(Pattern::everything),
        None => pattern.clone(),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one guard with everything that judges it"
)]
fn policy(
    cx: Context<'_>,
    letters: &Letters<'_>,
    address: &str,
    needs: &BTreeMap<String, BTreeMap<Pattern, ReasonId>>,
    documents: &[&Document],
    endpoint: &ServiceEndpoint,
    coarse: &mut Vec<Coarse>,
    refusals: &mut Vec<Refusal>,
) {
    let statements: Vec<_> = documents
        .iter()
        .flat_map(|document| &document.statements)
        .collect();
    let place = documents
        .first()
        .map_or(&endpoint.place, |document| &document.place);
    // Outside what we write: nothing is inferred from it.
    let odd = statements.iter().find(|statement| {
        statement.effect == Effect::Deny
            || statement.principals != Some(Principals::Anyone)
            || !statement.when.is_everything()
            || statement.actions.iter().any(|action| !action.is_literal())
    });
    if let Some(odd) = odd {
        let is_open = odd.effect == Effect::Allow && odd.actions.iter().any(|action| !action.is_literal());
        let sort = if is_open { Sort::Exceeds } else { Sort::NotDecided };
        let message = format!(
            "a statement of the policy of `{address}` denies, has a condition, names whom it is for, or covers actions that are not spelt out"
        );
        let refusal = Refusal::new(sort, cx.target, message).at(&odd.place);
        refusals.push(if is_open {
            refusal.witness(request(
                letters,
                address,
                odd.actions.first(),
                odd.resources.first(),
            ))
        } else {
            refusal
        });
        return;
    }
    let mut grants: BTreeMap<String, Vec<(Pattern, usize)>> = BTreeMap::new();
    for (index, statement) in statements.iter().enumerate() {
        for action in &statement.actions {
            let action = action.display(&|letter| letters.name(letter));
            let own = grants.entry(action).or_default();
            own.extend(
                statement
                    .resources
                    .iter()
                    .map(|resource| (letters.pattern(resource), index)),
            );
        }
    }
    let wide: BTreeMap<String, BTreeMap<Pattern, ReasonId>> = needs
        .iter()
        .map(|(action, resources)| {
            (
                action.clone(),
                resources
                    .iter()
                    .map(|(pattern, because)| (whole(pattern), *because))
                    .collect(),
            )
        })
        .collect();
    // Above a half of what the provider takes, somebody who counts otherwise may have taken resources together.
    let long = needs
        .values()
        .flat_map(BTreeMap::keys)
        .map(|pattern| pattern.char_len(&|_| 64) as u64)
        .sum::<u64>();
    let most = catalogue::limits::Limits::embedded()
        .get("ec2.vpc-endpoint.policy")
        .map_or(0, |limit| limit.value);
    let actions: BTreeSet<&String> = needs.keys().chain(grants.keys()).collect();
    let compared = |needs: &BTreeMap<String, BTreeMap<Pattern, ReasonId>>| {
        let nothing = (BTreeMap::new(), Vec::new());
        let mut found = Vec::new();
        for action in &actions {
            let needs = needs.get(*action).unwrap_or(&nothing.0);
            let grants = grants.get(*action).unwrap_or(&nothing.1);
            found.extend(one_action(
                cx,
                letters,
                address,
                action,
                needs,
                grants,
                &statements,
                place,
            ));
        }
        found
    };
    let exact = compared(needs);
    if exact.is_empty() {
        coarse.push(Coarse {
            guard: address.to_owned(),
            why: WHY,
        });
    } else if long > most / 2 && compared(&wide).is_empty() {
        coarse.push(Coarse {
            guard: address.to_owned(),
            why: WHY_WIDE,
        });
    } else {
        refusals.extend(exact);
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one action of one guard with everything that judges it"
)]
fn one_action(
    cx: Context<'_>,
    letters: &Letters<'_>,
    address: &str,
    action: &str,
    needs: &BTreeMap<Pattern, ReasonId>,
    grants: &[(Pattern, usize)],
    statements: &[&read::facts::document::Statement],
    place: &read::facts::Place,
) -> Vec<Refusal> {
    let rectangle = |pattern: &Pattern| (pattern.clone(), Region::everything());
    let needed: Vec<_> = needs.keys().map(rectangle).collect();
    let granted: Vec<_> = grants.iter().map(|(pattern, _)| rectangle(pattern)).collect();
    let place_of = |index: usize| {
        grants
            .get(index)
            .and_then(|(_, statement)| statements.get(*statement))
            .map_or(place, |statement| &statement.place)
    };
    let witness = |word: &Word| Witness::Request {
        guard: address.to_owned(),
        principal: "anybody".to_owned(),
        action: action.to_owned(),
        resource: letters.word(word),
        context: Vec::new(),
    };
    let judged = (|| {
        if let Some(missing) = boxes::difference(&needed, &granted)? {
            let because = needs.values().nth(missing.of);
            let message = format!(
                "the policy of `{address}` does not let `{action}` pass on `{}`, which is declared",
                letters.word(&missing.word)
            );
            let refusal = Refusal::new(Sort::FallsShort, cx.target, message)
                .witness(witness(&missing.word))
                .at(place);
            return Ok(vec![
                refusal.declared(because.and_then(|because| span_of(cx.checked, *because))),
            ]);
        }
        if let Some(surplus) = boxes::difference(&granted, &needed)? {
            let message = format!(
                "the policy of `{address}` lets `{action}` pass on `{}`, which no trust declares",
                letters.word(&surplus.word)
            );
            return Ok(vec![
                Refusal::new(Sort::Exceeds, cx.target, message)
                    .witness(witness(&surplus.word))
                    .at(place_of(surplus.of)),
            ]);
        }
        let idle = boxes::redundant(&granted)?;
        let message = format!("a part of the policy of `{address}` is contained in the rest");
        Ok::<_, boxes::NotDecided>(
            idle.into_iter()
                .map(|index| Refusal::new(Sort::Idle, cx.target, message.clone()).at(place_of(index)))
                .collect(),
        )
    })();
    judged.unwrap_or_else(|why| {
        vec![
            Refusal::new(
                Sort::NotDecided,
                cx.target,
                format!("the policy of `{address}`: {why:?}"),
            )
            .at(place),
        ]
    })
}

fn request(
    letters: &Letters<'_>,
    address: &str,
    action: Option<&Pattern>,
    resource: Option<&Pattern>,
) -> Witness {
    let name = |letter: Letter| letters.name(letter);
    let sample = |pattern: Option<&Pattern>| {
        pattern.map_or_else(String::new, |pattern| pattern.sample().display(&name))
    };
    Witness::Request {
        guard: address.to_owned(),
        principal: "anybody".to_owned(),
        action: sample(action),
        resource: sample(resource),
        context: Vec::new(),
    }
}
