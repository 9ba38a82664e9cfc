//! Routes: every subnet sends each address where declared flows need it, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use model::place::NetworkId;
use packet::protocol;
use read::facts::network::{Attachment, Gateway, GatewaySort, Network as Emitted, Route, RouteTable};

use super::group::{Context, address};
use super::intent::{Share, Way};
use super::path::Counts;
use super::stand::Span;
use crate::because::span_of;
use crate::replay::Replay;
use crate::replay::packet::sent_to;
use crate::witness::{Refusal, Sort, Witness};

/// The gateways and routes of every created network.
pub(super) fn routes(
    cx: Context<'_>,
    shares: &BTreeMap<NetworkId, Share<'_>>,
    facts: &Emitted,
    refusals: &mut Vec<Refusal>,
) -> Counts {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let mut tables: BTreeMap<&str, Vec<&RouteTable>> = BTreeMap::new();
    for table in &facts.tables {
        for subnet in &table.subnets {
            tables.entry(subnet).or_default().push(table);
        }
    }
    let mut counts = Counts {
        subnets: facts.subnets.len() as u64,
        gateways: facts.gateways.len() as u64,
        routes: 0,
    };
    counts.routes = facts.tables.iter().map(|table| table.routes.len() as u64).sum();
    let mut known_subnets: BTreeSet<&str> = BTreeSet::new();
    let mut gateways: BTreeMap<String, (GatewaySort, &str)> = BTreeMap::new();
    for (id, share) in shares {
        let Some(network) = model.networks.get(*id) else {
            continue;
        };
        if network.existing.is_some() {
            continue;
        }
        let at = graph.addresses.networks.get(id).map_or("", String::as_str);
        let public = share
            .translating
            .and_then(|public| graph.addresses.subnets.get(&public))
            .map_or(&[][..], Vec::as_slice);
        for segment in &network.segments {
            let nothing = BTreeMap::new();
            let ways = share.ways.get(segment).unwrap_or(&nothing);
            for (part, subnet) in graph
                .addresses
                .subnets
                .get(segment)
                .map_or(&[][..], Vec::as_slice)
                .iter()
                .enumerate()
            {
                known_subnets.insert(subnet);
                let mut needs: Vec<(Span, String, graph::reason::ReasonId)> = Vec::new();
                for ((way, span), because) in ways {
                    let (gateway, sort) = match way {
                        Way::Internet => (Some(format!("igw:{at}")), GatewaySort::Internet),
                        Way::Translation => (
                            public.get(part).map(|public| format!("nat:{public}")),
                            GatewaySort::Translation,
                        ),
                        Way::Site(site) => (attachment(cx, *site, *id), GatewaySort::Site),
                    };
                    let Some(gateway) = gateway else { continue };
                    gateways.insert(gateway.clone(), (sort, at));
                    needs.push((*span, gateway, *because));
                }
                let found = tables.get(subnet.as_str()).map_or(&[][..], Vec::as_slice);
                let [table] = found else {
                    let message = format!(
                        "subnet `{subnet}` has {} route tables of its own: without one it has the network's main one",
                        found.len()
                    );
                    refusals.push(Refusal::new(Sort::FallsShort, cx.target, message));
                    continue;
                };
                refusals.extend(one(cx, (at, subnet), &needs, table, &facts.tables));
            }
        }
    }
    for table in &facts.tables {
        if table.subnets.is_empty()
            || !table
                .subnets
                .iter()
                .all(|subnet| known_subnets.contains(subnet.as_str()))
        {
            let message = "a route table serves no subnet that is created here";
            refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&table.place));
        }
    }
    gateway_list(cx, &gateways, &facts.gateways, refusals);
    attachments(cx, &gateways, &facts.attachments, refusals);
    counts
}

/// A gateway that exists is joined to each created network whose routes point at it, and to no other.
fn attachments(
    cx: Context<'_>,
    wanted: &BTreeMap<String, (GatewaySort, &str)>,
    found: &[Attachment],
    refusals: &mut Vec<Refusal>,
) {
    let mut wanted: BTreeSet<(&str, &str)> = wanted
        .iter()
        .filter(|(_, (sort, _))| *sort == GatewaySort::Site)
        .map(|(gateway, (_, network))| (gateway.as_str(), *network))
        .collect();
    for own in found {
        if !wanted.remove(&(own.gateway.as_str(), own.network.as_str())) {
            let message = format!(
                "gateway `{}` is joined to `{}`, and no declared flow needs that",
                own.gateway, own.network
            );
            refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&own.place));
        }
    }
    refusals.extend(wanted.into_iter().map(|(gateway, network)| {
        let message = format!("gateway `{gateway}` is not joined to `{network}`, and declared flows need it");
        Refusal::new(Sort::FallsShort, cx.target, message)
    }));
}

fn attachment(cx: Context<'_>, site: model::place::SiteId, network: NetworkId) -> Option<String> {
    let model = cx.checked.model();
    let connects = model
        .sites
        .get(site)?
        .connects
        .iter()
        .find(|connects| connects.network == network)?;
    Some(model.names.text(connects.existing).to_owned())
}

/// One table, as it decides for one subnet: the longest prefix wins.
fn one(
    cx: Context<'_>,
    (network, subnet): (&str, &str),
    needs: &[(Span, String, graph::reason::ReasonId)],
    table: &RouteTable,
    tables: &[RouteTable],
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let refuse = |sort, what: String| Refusal::new(sort, cx.target, what).at(&table.place);
    if table.network != network {
        refusals.push(refuse(
            Sort::FallsShort,
            format!(
                "the route table of subnet `{subnet}` belongs to another network, `{}`",
                table.network
            ),
        ));
    }
    if let Some(gateway) = table.propagating.first() {
        refusals.push(refuse(
            Sort::Exceeds,
            format!("the route table of subnet `{subnet}` takes over whatever routes `{gateway}` announces"),
        ));
    }
    for six in [false, true] {
        let routes: Vec<&Route> = table.routes.iter().filter(|route| route.to.six == six).collect();
        let needs: Vec<_> = needs.iter().filter(|(span, ..)| span.six == six).collect();
        // The way of an address changes at these bounds only.
        let mut bounds: BTreeSet<u128> = BTreeSet::new();
        for (first, last) in routes.iter().map(|route| (route.to.first, route.to.last)).chain(
            needs
                .iter()
                .map(|(span, ..)| (span.range.first(), span.range.last())),
        ) {
            bounds.insert(first);
            bounds.extend(last.checked_add(1));
        }
        let mut decides: BTreeSet<usize> = BTreeSet::new();
        for at in bounds {
            let covering = needs.iter().filter(|(span, ..)| span.range.contains(at));
            let wanted = covering.min_by_key(|(span, ..)| span.range.last() - span.range.first());
            let found = routes
                .iter()
                .enumerate()
                .filter(|(_, route)| (route.to.first..=route.to.last).contains(&at));
            let found = found.min_by_key(|(_, route)| route.to.last - route.to.first);
            if let Some((index, _)) = found {
                decides.insert(index);
            }
            let to = address(six, at);
            let witness = Witness::Packet {
                guard: format!("routes of {subnet}"),
                from: subnet.to_owned(),
                to: to.clone(),
                protocol: protocol::TCP,
                port: 0,
                six,
            };
            let replay = || Replay::of(sent_to(tables, subnet, six, at) != meant_for(&needs, at));
            match (wanted, found) {
                (None, None) => {}
                (Some((_, way, _)), Some((_, route))) if *way == route.via => {}
                (Some((_, way, because)), found) => {
                    let instead = found.map_or_else(
                        || "nowhere".to_owned(),
                        |(_, route)| format!("to `{}`", route.via),
                    );
                    let message = format!(
                        "packets from subnet `{subnet}` to `{to}` are routed {instead}, and a declared flow needs `{way}`"
                    );
                    let refusal = Refusal::new(Sort::FallsShort, cx.target, message)
                        .witness(witness, replay())
                        .declared(span_of(cx.checked, *because));
                    refusals.push(refusal.at(found.map_or(&table.place, |(_, route)| &route.place)));
                    return refusals;
                }
                (None, Some((_, route))) => {
                    let message = format!(
                        "packets from subnet `{subnet}` to `{to}` are routed to `{}`, and no declared flow goes there",
                        route.via
                    );
                    refusals.push(
                        Refusal::new(Sort::Exceeds, cx.target, message)
                            .witness(witness, replay())
                            .at(&route.place),
                    );
                    return refusals;
                }
            }
        }
        for (index, route) in routes.iter().enumerate() {
            if !decides.contains(&index) || is_contained(&routes, index) {
                let message = format!("a route of subnet `{subnet}` changes nothing");
                refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&route.place));
            }
        }
    }
    refusals
}

/// The gateway that what is declared needs for an address: that of the narrowest need.
fn meant_for<'n>(needs: &[&'n (Span, String, graph::reason::ReasonId)], at: u128) -> Option<&'n str> {
    let mut best: Option<(u128, &str)> = None;
    for (span, way, _) in needs {
        let (first, last) = (span.range.first(), span.range.last());
        if first <= at && at <= last && best.is_none_or(|(narrowest, _)| last - first < narrowest) {
            best = Some((last - first, way));
        }
    }
    best.map(|(_, way)| way)
}

/// Whether the next wider route goes the same way.
fn is_contained(routes: &[&Route], index: usize) -> bool {
    let Some(own) = routes.get(index) else {
        return false;
    };
    let holds = |other: &Route| other.to.first <= own.to.first && own.to.last <= other.to.last;
    let wider = routes
        .iter()
        .enumerate()
        .filter(|(other, route)| *other != index && holds(route));
    wider
        .min_by_key(|(_, route)| route.to.last - route.to.first)
        .is_some_and(|(_, route)| route.via == own.via)
}

fn gateway_list(
    cx: Context<'_>,
    wanted: &BTreeMap<String, (GatewaySort, &str)>,
    found: &[Gateway],
    refusals: &mut Vec<Refusal>,
) {
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for gateway in found {
        let refuse = |sort, what: String| Refusal::new(sort, cx.target, what).at(&gateway.place);
        match wanted.get(&gateway.address) {
            None => refusals.push(refuse(
                Sort::Idle,
                format!("gateway `{}` serves no declared flow", gateway.address),
            )),
            Some((sort, network)) if *sort != gateway.sort || *network != gateway.network => {
                refusals.push(refuse(
                    Sort::FallsShort,
                    format!(
                        "gateway `{}` is of another sort or network than flows need",
                        gateway.address
                    ),
                ));
            }
            Some(_) if !made.insert(&gateway.address) => {
                refusals.push(refuse(
                    Sort::Idle,
                    format!("gateway `{}` is made twice", gateway.address),
                ));
            }
            Some(_) => {}
        }
    }
    for address in wanted
        .keys()
        .filter(|address| !found.iter().any(|gateway| gateway.address == **address))
    {
        refusals.push(Refusal::new(
            Sort::FallsShort,
            cx.target,
            format!("gateway `{address}` is not made, and declared flows need it"),
        ));
    }
}
