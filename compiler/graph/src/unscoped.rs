//! Accesses without a resource (`timestream:DescribeEndpoints` on `*`): for which objects they are, the entry does not say.

use std::collections::BTreeSet;

use model::Model;
use model::project::AccountId;
use model::thing::ThingId;
use model::trust::{End, TrustId};

use crate::TrustGraph;
use crate::access::Access;
use crate::question::Index;

/// The objects of a trust of which a capability that it names has the action.
pub fn objects<'a>(
    model: &'a Model,
    graph: &'a TrustGraph,
    trust: TrustId,
    access: &Access,
) -> impl Iterator<Item = ThingId> + use<'a> {
    let action = graph.words.text(access.action);
    let trust = model.trusts.get(trust);
    let ends = trust.into_iter().flat_map(|trust| &trust.objects);
    let things = ends.filter_map(|object| match object.end {
        End::Thing(thing) => Some(thing),
        End::Part(_) | End::Account(_) | End::Internet => None,
    });
    things.filter(move |thing| {
        let kind = model.things.get(*thing).map(|thing| thing.kind);
        let kind = kind.and_then(|kind| model.kinds.get(kind));
        let capabilities = kind.into_iter().flat_map(|kind| &kind.words.capabilities);
        let named = capabilities.filter(|capability| {
            let mut allow = trust.into_iter().flat_map(|trust| &trust.allow);
            allow.any(|(name, _)| *name == capability.name)
        });
        let mut actions =
            named.flat_map(|capability| capability.actions.iter().flat_map(|line| &line.actions));
        actions.any(|name| model.names.text(*name) == action)
    })
}

/// The accounts of these objects, of all trusts that give the access at this position. An external has no account of ours: it
/// acts by a role in each of these.
#[must_use]
pub fn accounts(model: &Model, graph: &TrustGraph, position: u32) -> BTreeSet<AccountId> {
    let index = Index::new(model, graph);
    let access = graph.accesses.get(position as usize);
    let trusts = index
        .reasons(position)
        .filter_map(|reason| index.trust_of(reason));
    let objects = trusts.flat_map(|trust| {
        let access = access.into_iter();
        access.flat_map(move |access| objects(model, graph, trust, access))
    });
    objects
        .filter_map(|thing| model.things.get(thing)?.account)
        .map(|account| model::project::home_of(&model.accounts, account))
        .collect()
}
