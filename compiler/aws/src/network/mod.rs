//! Networks: subnets, routes, ACLs, groups, endpoints.
//!
//! Everything here is means: it exists because some flow of the graph needs it. Of a network that exists already only
//! groups, their rules and endpoints are made, and nothing that is there is touched. Groups are exact. What can be seen
//! only by address (an ACL, a shared endpoint) may be coarser, and then the groups decide.

mod acl;
mod cover;
mod endpoint;
mod fault;
mod group;
mod layers;
pub(crate) mod link;
mod place;
mod reasons;
mod route;
mod subnet;
mod text;

use diagnostics::Report;
use model::place::NetworkId;

use crate::context::Context;
use crate::deployment::network::Network;

pub(crate) use fault::CODES;

/// Networks, sorted by account and name.
///
/// - Shape: groups sorted by name, so that indices of peers follow; rules by direction, ports and peer.
/// - Reports: the codes of this layer, each where the spec asks for what the provider cannot do exactly.
pub(crate) fn lower(cx: &Context<'_>, report: &mut Report) -> Vec<Network> {
    let places = place::Places::new(cx);
    let passing = endpoint::passing(cx, &places);
    let mut networks: Vec<Network> = cx
        .model
        .networks
        .ids()
        .filter_map(|id| one(cx, &places, &passing, id, report))
        .collect();
    networks.sort_by(|a, b| (&a.account, &a.name).cmp(&(&b.account, &b.name)));
    networks
}

fn one(
    cx: &Context<'_>,
    places: &place::Places<'_>,
    passing: &endpoint::Passing<'_>,
    id: NetworkId,
    report: &mut Report,
) -> Option<Network> {
    let network = cx.model.networks.get(id)?;
    let (Some(account), Some(at), Some(stack)) = (
        cx.account(network.account),
        cx.graph.addresses.networks.get(&id),
        cx.stacks.of_network(id),
    ) else {
        report.compiler_bug("a network without an account, an address or a stack");
        return None;
    };
    let links = link::links(cx, places, id, report);
    let groups = group::groups(cx, places, id, at, &links, report);
    let subnets = subnet::subnets(cx, network, cx.text(account.region), report);
    let endpoints = endpoint::endpoints(
        cx,
        places,
        (id, network),
        at,
        (&groups, &subnets),
        passing,
        report,
    );
    let (mut routes, mut acls) = (route::Routes::default(), Vec::new());
    if network.existing.is_none() {
        let (needs, translating) = route::needs(cx, network, &links, report);
        routes = route::routes(cx, network, &subnets, &needs, translating, report);
        acls = acl::acls(cx, network, &subnets, &links, translating, report);
    }
    Some(Network {
        name: cx.text(network.name).to_owned(),
        account: cx.text(account.name).to_owned(),
        stack,
        address: at.clone(),
        existing: network.existing.map(|(existing, _)| cx.text(existing).to_owned()),
        cidr: network.cidr,
        cidr6: network.cidr6,
        label: text::label(cx.text(network.name)),
        renamed_from: network.renamed_from.map(|old| text::label(cx.text(old))),
        subnets: subnets.list,
        gateways: routes.gateways,
        attachment: routes.attachment,
        tables: routes.tables,
        acls,
        groups: groups.list,
        endpoints,
        because: cx.declared(network.span, "declared"),
    })
}
