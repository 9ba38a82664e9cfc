//! What passes each private endpoint: the requests that placed actors make by themselves.

use std::collections::{BTreeMap, BTreeSet};

use arena::Id;

use graph::access::{Access, Principal, Resource};
use graph::address;
use graph::reason::{Reason, ReasonId};
use model::actor::RunsOn;
use model::place::NetworkId;
use model::thing::{Detail, ThingId};
use model::trust::End;
use pattern::pattern::Pattern;
use pattern::word::Letter;

use super::group::Context;
use super::stand::{Stand, Stands};

/// Action, in lower case → resources.
pub(super) type Needs = BTreeMap<String, BTreeMap<Pattern, ReasonId>>;
/// What passes each endpoint, by network and service.
pub(super) type Passing = BTreeMap<(NetworkId, String), Needs>;

/// What placed actors call by themselves, endpoint by endpoint.
pub(super) fn passing(cx: Context<'_>, stands: &Stands<'_>) -> Passing {
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
        let Some(within) = graph.patterns.get(access.within) else {
            continue;
        };
        // Who shares an endpoint is told apart by its name alone. A secret's ends in six letters, whichever.
        let is_added = |id: u32| graph.addresses.symbols.text(Id::new(id)).ends_with("#suffix");
        let shared = within.map_letters(&mut |letter| match letter {
            Letter::Symbol(id) if is_added(id) => Pattern::glob("??????"),
            Letter::Symbol(_) | Letter::Variable(_) | Letter::Scalar(_) => Some(Pattern::everything()),
        });
        let action = graph.words.text(access.action).to_ascii_lowercase();
        for (service, because) in services(cx, access, &reasons) {
            let served = stands.of_thing(actor).iter();
            let networks: BTreeSet<NetworkId> = served
                .flat_map(|stand| stands.served_by(stand, &service))
                .collect();
            for network in &networks {
                let actions = passing.entry((*network, service.clone())).or_default();
                actions
                    .entry(action.clone())
                    .or_default()
                    .entry(shared.clone())
                    .or_insert(because);
            }
        }
    }
    images(cx, stands, &mut passing);
    passing
}

/// Whatever runs as a container in a network with an endpoint of S3 has its image fetched through it: ECR keeps layers in a bucket of
/// the provider's, one for each region.
///
/// Source: Amazon ECR user guide, "Create the Amazon S3 gateway endpoint", minimum bucket permissions; read 2026-11-30.
fn images(cx: Context<'_>, stands: &Stands<'_>, passing: &mut Passing) {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let roles = graph.accesses.iter().filter_map(|access| match access.resource {
        Resource::Identity(actor) if matches!(access.principal, Principal::Service(_)) => {
            Some((actor, access.because))
        }
        Resource::Identity(_) | Resource::Thing(_) | Resource::Part(_) | Resource::Unscoped => None,
    });
    for (actor, because) in roles {
        let runs_on = match model.things.get(actor).map(|thing| &thing.detail) {
            Some(Detail::Workload(workload)) => workload.runs_on,
            Some(Detail::Class(_) | Detail::People(_) | Detail::External(_) | Detail::Resource) | None => {
                None
            }
        };
        if !matches!(runs_on, Some(RunsOn::Ecs | RunsOn::Eks)) {
            continue;
        }
        for stand in stands.of_thing(actor) {
            let Stand::Interface { network, .. } = stand else {
                continue;
            };
            let Some(needs) = passing.get_mut(&(*network, "s3".to_owned())) else {
                continue;
            };
            let account = model.networks.get(*network).map(|network| network.account);
            let Some(account) = account.and_then(|account| model.accounts.get(account)) else {
                continue;
            };
            let [partition, region] = [account.partition, account.region].map(|name| model.names.text(name));
            let bucket = format!("arn:{partition}:s3:::prod-{region}-starport-layer-bucket/");
            let Some(layers) = pattern::pattern::Builder::new().text(&bucket).any().finish() else {
                continue;
            };
            let fetched = needs.entry("s3:getobject".to_owned()).or_default();
            fetched.entry(layers).or_insert(because);
        }
    }
}

/// A trust names what its subject calls; what follows from it by a rule is called by somebody else, or by no endpoint.
fn services(cx: Context<'_>, access: &Access, reasons: &[ReasonId]) -> BTreeMap<String, ReasonId> {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let service = |thing: ThingId| address::service(model, thing).map(std::borrow::Cow::into_owned);
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
