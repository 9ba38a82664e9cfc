//! The trusts by which an emitted object is as large as it is.

use std::collections::BTreeSet;

use checks::Checked;
use graph::access::{Principal, Resource};
use graph::address;
use graph::flow::Endpoint;
use graph::reason::{Reason, ReasonId};
use model::thing::ThingId;
use model::trust::TrustId;
use source::Span;

/// The trusts that need an object, told by the address at the beginning of what was measured, in order of what they say.
pub(crate) fn of(checked: &Checked<'_>, measured: &str) -> Vec<Span> {
    let (model, graph) = (checked.model(), checked.graph());
    let address = measured.split(' ').next().unwrap_or_default();
    // A script's files name a group without the head.
    let is_group = |thing: ThingId| {
        let group = graph.addresses.groups.get(&thing);
        group.is_some_and(|group| group == address || group.strip_prefix("sg:") == Some(address))
    };
    let is_object = |thing: ThingId| {
        graph
            .addresses
            .objects
            .get(&thing)
            .is_some_and(|object| object == address)
    };
    let is_role = |thing: ThingId| {
        let mut roles = graph.addresses.roles.iter();
        roles.any(|((of, _), role)| *of == thing && role.arn == address)
    };
    let is_endpoint = |service: &str| {
        let mut networks = graph.addresses.networks.values();
        networks.any(|at| {
            address::endpoint_group(at, service) == address || address::endpoint(at, service) == address
        })
    };
    let mut trusts: BTreeSet<TrustId> = BTreeSet::new();
    for flow in &graph.flows {
        let needs = [flow.from, flow.to].into_iter().any(|end| match end {
            Endpoint::Thing(thing) => is_group(thing),
            Endpoint::Service(service) => is_endpoint(graph.words.text(service)),
            Endpoint::Addresses(_) | Endpoint::Internet => false,
        });
        if needs {
            trusts.extend(trust(checked, flow.because));
        }
    }
    for access in &graph.accesses {
        let acts = match access.principal {
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => is_role(thing),
            Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => {
                false
            }
        };
        let is_reached = match access.resource {
            Resource::Thing(thing) => is_object(thing),
            Resource::Part(_) | Resource::Identity(_) | Resource::Unscoped => false,
        };
        if acts || is_reached {
            trusts.extend(trust(checked, access.because));
        }
    }
    trusts
        .into_iter()
        .filter_map(|id| model.trusts.get(id).map(|trust| trust.span))
        .collect()
}

/// The trust behind a reason, if it is one.
fn trust(checked: &Checked<'_>, because: ReasonId) -> Option<TrustId> {
    let reasons = &checked.graph().reasons;
    let mut reason = reasons.get(because)?;
    loop {
        match reason {
            Reason::Trust(trust) => return Some(*trust),
            Reason::Declared(_) | Reason::Baseline(_) => return None,
            Reason::Entailed { of, .. } => reason = reasons.get(*of)?,
        }
    }
}
