//! What a build of one environment makes, by the address that the provider knows it by.
//!
//! Each environment is proved alone. Where two make one object, the second overwrites what was proved of the first; so
//! they are compared by these addresses. What is `existing` is not made, and what has an address that the provider
//! assigns is never the same twice, but for a network: it is looked up by its account, region, block and name.

use std::collections::BTreeMap;

use model::Model;
use model::place::{NetworkId, Within};
use model::project::{Account, AccountId};
use model::thing::{Detail, Thing, ThingId};
use pattern::pattern::Pattern;
use source::Span;

use crate::TrustGraph;
use crate::access::Principal;
use crate::build::home;
use crate::build::identity::RoleKey;
use crate::flow::{Endpoint, Reach};
use crate::{address, shared};

/// One object that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What it is and what it is called, for people: ``role `web` ``.
    pub called: String,
    /// The number of the account that holds it; `None` if its name is one in the whole world.
    pub account: Option<String>,
    /// How to tell it apart from another environment's.
    pub way_out: String,
    /// Who makes it.
    pub span: Span,
}

/// Everything that is made, by address as the provider compares it. Linear in the graph.
#[must_use]
pub fn made(model: &Model, graph: &TrustGraph) -> BTreeMap<String, Made> {
    let mut made = BTreeMap::new();
    roles(model, graph, &mut made);
    stores(model, graph, &mut made);
    networks(model, graph, &mut made);
    endpoints(model, graph, &mut made);
    issuers(model, graph, &mut made);
    made
}

type All = BTreeMap<String, Made>;

fn number(model: &Model, account: AccountId) -> Option<String> {
    let account = model.accounts.get(account)?;
    Some(model.names.text(account.number).to_owned())
}

fn of_thing(model: &Model, account: Option<AccountId>) -> Option<&Account> {
    model.accounts.get(account.or(model.project.default_account)?)
}

const ACCOUNTS: &str = "put the environments into different accounts";

/// The name with the environment behind it. Names of rules take no `-`.
fn physical(model: &Model, thing: &Thing) -> String {
    let name = model.names.text(thing.physical.name);
    let service = model.kinds.get(thing.kind).and_then(|kind| kind.words.service);
    let of_broker = service.is_some_and(|service| model.names.text(service) == "iot");
    let joint = if of_broker || (name.contains('_') && !name.contains('-')) {
        '_'
    } else {
        '-'
    };
    format!("`physical \"{name}{joint}{{environment}}\"`")
}

/// Roles; their instance profiles and documents bear their names.
fn roles(model: &Model, graph: &TrustGraph, made: &mut All) {
    for ((id, account), role) in &graph.addresses.roles {
        let Some(thing) = model.things.get(*id) else {
            continue;
        };
        // What exists of a workload is its role: nothing is made, and what one environment adds to it, the other's subject has.
        let existing = thing.existing_role();
        if let Some(key) = RoleKey::of(&role.arn) {
            let one = Made {
                called: format!("role `{}`", role.name),
                account: number(model, *account),
                way_out: match existing {
                    Some(_) => format!("name a role of each environment's own, or {ACCOUNTS}"),
                    None => format!("write {}, or {ACCOUNTS}", physical(model, thing)),
                },
                span: existing.map_or(thing.physical.span, |existing| existing.span),
            };
            made.insert(key.address(), one);
        }
    }
}

/// Stores and whatever else is declared by a kind, the policies of classes, and whole policies of what exists.
fn stores(model: &Model, graph: &TrustGraph, made: &mut All) {
    let addresses = &graph.addresses;
    for (id, at) in &addresses.objects {
        let Some(existing) = model.things.get(*id).and_then(|thing| thing.existing) else {
            continue;
        };
        if existing.is_ours() {
            let one = Made {
                called: format!("policy of `{}`", model.names.text(existing.name)),
                account: None,
                way_out: "write it in one environment only: say `policy theirs` in the others".to_owned(),
                span: existing.span,
            };
            let at = crate::address::canonical(at).to_lowercase();
            made.insert(format!("policy of {at}"), one);
        }
    }
    let policies = addresses.device_policies.iter().map(|(id, at)| (id, at, true));
    let objects = addresses.objects.iter().map(|(id, at)| (id, at, false));
    for (id, at, is_policy) in policies.chain(objects) {
        let Some(thing) = model.things.get(*id).filter(|thing| thing.existing.is_none()) else {
            continue;
        };
        let Some(kind) = model.kinds.get(thing.kind) else {
            continue;
        };
        // A topic is no object: it is there as soon as somebody speaks on it.
        if !is_policy && kind.means.is_empty() {
            continue;
        }
        let name = model.names.text(thing.physical.name);
        let called = if is_policy {
            format!("device policy `{name}`")
        } else {
            format!("{} `{name}`", model.names.text(kind.name))
        };
        let account =
            of_thing(model, thing.account).map(|account| model.names.text(account.number).to_owned());
        let one = Made {
            called,
            way_out: match account {
                Some(_) => format!("write {}, or {ACCOUNTS}", physical(model, thing)),
                None => format!("write {}", physical(model, thing)),
            },
            account,
            span: thing.physical.span,
        };
        made.insert(at.to_lowercase(), one);
    }
}

/// Networks, and the groups in those that exist.
fn networks(model: &Model, graph: &TrustGraph, made: &mut All) {
    for (id, network) in model.networks.iter() {
        let Some(at) = graph
            .addresses
            .networks
            .get(&id)
            .filter(|_| network.existing.is_none())
        else {
            continue;
        };
        let name = model.names.text(network.name);
        let one = Made {
            called: format!("network `{name}`"),
            account: number(model, network.account),
            way_out: ACCOUNTS.to_owned(),
            span: network.span,
        };
        made.insert(format!("{at}/{name}"), one);
    }
    for (id, at) in &graph.addresses.groups {
        let Some(thing) = model.things.get(*id).filter(|thing| thing.existing.is_none()) else {
            continue;
        };
        let network =
            home(model, thing)
                .into_iter()
                .find_map(|segment| match model.segments.get(segment)?.within {
                    Within::Network(network) => Some(network),
                    Within::Site(_) => None,
                });
        let network = network.and_then(|network| model.networks.get(network));
        if let Some(network) = network.filter(|network| network.existing.is_some()) {
            let one = Made {
                called: format!(
                    "security group `{}` in `{}`",
                    model.names.text(thing.physical.name),
                    model.names.text(network.name)
                ),
                account: number(model, network.account),
                way_out: format!("write {}, or {ACCOUNTS}", physical(model, thing)),
                span: thing.physical.span,
            };
            made.insert(at.to_lowercase(), one);
        }
    }
}

/// Private endpoints in networks that exist: exactly those that flows need.
fn endpoints(model: &Model, graph: &TrustGraph, made: &mut All) {
    let mut serving: BTreeMap<NetworkId, Span> = BTreeMap::new();
    for (_, segment) in model.segments.iter() {
        if let (Within::Network(network), Some(_)) = (segment.within, &segment.endpoints) {
            serving.entry(network).or_insert(segment.span);
        }
    }
    for flow in &graph.flows {
        let (Endpoint::Thing(from), Endpoint::Service(service), Reach::Private) =
            (flow.from, flow.to, flow.reach)
        else {
            continue;
        };
        let Some(thing) = model.things.get(from) else {
            continue;
        };
        for network in home(model, thing)
            .into_iter()
            .flat_map(|segment| reached(model, segment))
        {
            let (Some(span), Some(at), Some(found)) = (
                serving.get(&network),
                graph.addresses.networks.get(&network),
                model.networks.get(network),
            ) else {
                continue;
            };
            if found.existing.is_none() {
                continue;
            }
            let service = graph.words.text(service);
            if address::worn_by_endpoint(model, network, service).is_some() {
                continue;
            }
            made.entry(address::endpoint(at, service))
                .or_insert_with(|| Made {
                    called: format!("endpoint of `{service}` in `{}`", model.names.text(found.name)),
                    account: number(model, found.account),
                    way_out: ACCOUNTS.to_owned(),
                    span: *span,
                });
        }
    }
}

/// The networks whose endpoints serve a segment.
pub(crate) fn reached(model: &Model, segment: model::place::SegmentId) -> Vec<NetworkId> {
    match model.segments.get(segment).map(|segment| segment.within) {
        Some(Within::Network(network)) => vec![network],
        Some(Within::Site(site)) => model.sites.get(site).map_or_else(Vec::new, |site| {
            site.connects.iter().map(|connects| connects.network).collect()
        }),
        None => Vec::new(),
    }
}

/// Issuers of tokens: an account knows each once.
fn issuers(model: &Model, graph: &TrustGraph, made: &mut All) {
    for access in &graph.accesses {
        let Principal::Federation(provider, account) = access.principal else {
            continue;
        };
        let Some(found) = model.providers.get(provider) else {
            continue;
        };
        let (Some(_), Some(url)) = (found.oidc, shared::issuer_url(model, provider)) else {
            continue;
        };
        if shared::is_known(model, provider, account) {
            continue;
        }
        let Some(number) = number(model, account) else {
            continue;
        };
        made.entry(format!("issuer:{number}:{url}"))
            .or_insert_with(|| Made {
                called: format!("identity provider `{}`", model.names.text(found.name)),
                account: Some(number),
                way_out: ACCOUNTS.to_owned(),
                span: found.span,
            });
    }
}

/// The classes whose devices are things, with the account's number and its region.
#[must_use]
pub fn registries(model: &Model) -> BTreeMap<(String, String), Vec<ThingId>> {
    let mut found: BTreeMap<(String, String), Vec<ThingId>> = BTreeMap::new();
    for (id, thing) in model.things.iter() {
        let Detail::Class(class) = &thing.detail else {
            continue;
        };
        let is_thing = class
            .identities
            .iter()
            .any(|identity| identity.word == model::actor::IdentityWord::X509);
        if let Some(account) = of_thing(model, thing.account).filter(|_| is_thing) {
            let [number, region] =
                [account.number, account.region].map(|name| model.names.text(name).to_owned());
            found.entry((number, region)).or_default().push(id);
        }
    }
    found
}

/// An actor that connects to a broker by its role, and what the ids of its clients begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clients {
    /// Its declared name.
    pub actor: String,
    /// `ROLE-`.
    pub prefix: String,
    /// Where it is declared.
    pub span: Span,
}

/// Who connects to the broker of an account, by the account's number and its region.
#[must_use]
pub fn clients(model: &Model, graph: &TrustGraph) -> BTreeMap<(String, String), Vec<Clients>> {
    let mut found: BTreeMap<(String, String), Vec<Clients>> = BTreeMap::new();
    for access in &graph.accesses {
        let (Principal::Workload(id) | Principal::People(id) | Principal::External(id)) = access.principal
        else {
            continue;
        };
        if graph.words.text(access.action) != "iot:Connect" {
            continue;
        }
        let prefix = graph.patterns.get(access.within).and_then(Pattern::prefix);
        let address = prefix.as_ref().and_then(|word| word.as_text());
        let fields: Vec<&str> = address.iter().flat_map(|text| text.splitn(6, ':')).collect();
        let (Some(thing), [_, _, _, region, number, client]) = (model.things.get(id), fields.as_slice())
        else {
            continue;
        };
        let one = Clients {
            actor: model.names.text(thing.name).to_owned(),
            prefix: client.strip_prefix("client/").unwrap_or(client).to_owned(),
            span: thing.span,
        };
        let known = found
            .entry(((*number).to_owned(), (*region).to_owned()))
            .or_default();
        if !known.contains(&one) {
            known.push(one);
        }
    }
    found
}
