//! Subscriptions with a `+`: what is delivered is admitted more widely than what is subscribed to.
//!
//! A policy's `*` runs over levels, and there is no sign for one level. `Receive` therefore has `*` where the path has `+`,
//! and is exact only together with the filter, which the broker compares as it stands.

use std::collections::BTreeSet;

use checks::Checked;
use graph::access::Principal;

use super::Claims;
use crate::verified::Coarse;

/// Why a document is on the list of coarse guards.
const WHY: &str =
    "`iot:Receive` has `*` where a topic's path has `+`: exact only with the filter that is subscribed to";

/// The documents that grant what such a subscription delivers, once each, for the targets that claim them.
pub(crate) fn wildcards(checked: &Checked<'_>, targets: &[&str]) -> Vec<Coarse> {
    let (graph, addresses) = (checked.graph(), &checked.graph().addresses);
    let claims: Vec<Claims> = targets.iter().map(|target| Claims::of(target)).collect();
    let mut guards = BTreeSet::new();
    for access in &graph.accesses {
        if graph.words.text(access.action) != "iot:Subscribe" {
            continue;
        }
        let has_plus = graph
            .patterns
            .get(access.within)
            .is_some_and(|within| graph.shown(within).contains('+'));
        if !has_plus {
            continue;
        }
        match access.principal {
            Principal::Class(thing) if claims.iter().any(|claims| claims.devices) => {
                guards.extend(addresses.device_policies.get(&thing).cloned());
            }
            Principal::Workload(thing) | Principal::People(thing) | Principal::External(thing)
                if claims.iter().any(|claims| claims.roles) =>
            {
                let roles = addresses.roles.iter().filter(|((of, _), _)| *of == thing);
                guards.extend(roles.map(|(_, role)| role.arn.clone()));
            }
            // A rule whose topic has a `+` is refused before: its statement would have to be compared as it stands.
            Principal::Class(_)
            | Principal::Workload(_)
            | Principal::People(_)
            | Principal::External(_)
            | Principal::Acting(_)
            | Principal::Service(_)
            | Principal::Federation(..)
            | Principal::Steward(_)
            | Principal::Anyone => {}
        }
    }
    guards
        .into_iter()
        .map(|guard| Coarse { guard, why: WHY })
        .collect()
}
