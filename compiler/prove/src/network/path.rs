//! Networks, subnets, gateways and routes: exactly those that flows need, where they belong.

use std::collections::{BTreeMap, BTreeSet};

use model::place::{Network, NetworkId, SegmentId};
use packet::cidr::Cidr;
use packet::protocol;
use read::facts::network::{Gateway, GatewaySort, Network as Emitted, Route, RouteTable};
use read::facts::object::Object;

use super::group::{Context, address, family};
use super::intent::{Share, Way};
use super::stand::Span;
use crate::because::span_of;
use crate::witness::{Refusal, Sort, Witness};

/// What was compared.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) subnets: u64,
    pub(super) routes: u64,
    pub(super) gateways: u64,
}

/// Networks and subnets of a target that may create them. Returns what is declared, for those who look for the rest.
pub(super) fn places<'a>(cx: Context<'a>, facts: &Emitted, refusals: &mut Vec<Refusal>) -> BTreeSet<&'a str> {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let mut networks: BTreeMap<&str, &Network> = BTreeMap::new();
    let mut subnets: BTreeMap<&str, (NetworkId, SegmentId, usize)> = BTreeMap::new();
    for (id, network) in model.networks.iter() {
        networks.insert(
            graph.addresses.networks.get(&id).map_or("", String::as_str),
            network,
        );
        for segment in &network.segments {
            let own = graph
                .addresses
                .subnets
                .get(segment)
                .map_or(&[][..], Vec::as_slice);
            subnets.extend(
                own.iter()
                    .enumerate()
                    .map(|(part, address)| (address.as_str(), (id, *segment, part))),
            );
        }
    }
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for vpc in &facts.networks {
        let Some(network) = networks.get(vpc.address.as_str()) else {
            let message = format!(
                "network `{}` is made or named, and nothing declares it",
                vpc.address
            );
            refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&vpc.place));
            continue;
        };
        let name = model.names.text(network.name);
        let refuse = |sort, what: String| {
            Refusal::new(sort, cx.target, what)
                .at(&vpc.place)
                .declared(Some(network.span))
        };
        if vpc.existing != network.existing.is_some() {
            let verb = if vpc.existing {
                "is only named"
            } else {
                "would be created"
            };
            refusals.push(refuse(
                Sort::FallsShort,
                format!("network `{name}` {verb}, against its declaration"),
            ));
        } else if !vpc.existing {
            if !made.insert(&vpc.address) {
                refusals.push(refuse(Sort::Idle, format!("network `{name}` is made twice")));
            }
            let is = |own: Option<read::facts::network::Block>, declared: Option<model::value::Block>| {
                own.map(|block| (block.six, block.first, block.last))
                    == declared.map(|block| (block.six, block.first, block.last()))
            };
            if !is(vpc.cidr, Some(network.cidr)) || !is(vpc.cidr6, network.cidr6) {
                refusals.push(refuse(
                    Sort::FallsShort,
                    format!("network `{name}` has other addresses than declared"),
                ));
            }
        }
    }
    for (address, network) in &networks {
        if network.existing.is_none() && !made.contains(address) {
            let message = format!("network `{}` is not made", model.names.text(network.name));
            refusals.push(Refusal::new(Sort::FallsShort, cx.target, message).declared(Some(network.span)));
        }
    }
    subnets_of(cx, facts, &subnets, refusals);
    subnets.keys().copied().collect()
}

fn subnets_of<'a>(
    cx: Context<'a>,
    facts: &Emitted,
    declared: &BTreeMap<&'a str, (NetworkId, SegmentId, usize)>,
    refusals: &mut Vec<Refusal>,
) {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for subnet in &facts.subnets {
        let refuse = |sort, what: String| Refusal::new(sort, cx.target, what).at(&subnet.place);
        let Some((id, segment, part)) = declared.get(subnet.address.as_str()) else {
            refusals.push(refuse(
                Sort::Idle,
                format!(
                    "subnet `{}` is made or named, and nothing declares it",
                    subnet.address
                ),
            ));
            continue;
        };
        let (Some(network), Some(segment)) = (model.networks.get(*id), model.segments.get(*segment)) else {
            continue;
        };
        let name = model.names.text(segment.name);
        // What an interface alone names does not say its network.
        let at = graph.addresses.networks.get(id).map_or("", String::as_str);
        if subnet.network != at && !(subnet.existing && subnet.network.is_empty()) {
            refusals.push(refuse(
                Sort::FallsShort,
                format!(
                    "subnet `{}` lies in another network, `{}`",
                    subnet.address, subnet.network
                ),
            ));
        }
        let exists = !segment.existing.is_empty();
        if subnet.existing != exists {
            let verb = if subnet.existing {
                "is only named"
            } else {
                "would be created"
            };
            refusals.push(refuse(
                Sort::FallsShort,
                format!("subnet `{}` {verb}, against its declaration", subnet.address),
            ));
            continue;
        }
        if subnet.existing {
            continue;
        }
        if !made.insert(&subnet.address) {
            refusals.push(refuse(
                Sort::Idle,
                format!("subnet `{}` is made twice", subnet.address),
            ));
        }
        // Carved anew: the blocks of all parts, of which this is one.
        let parts = Cidr::new(family(false), segment.cidr.first, segment.cidr.prefix_bits)
            .and_then(|cidr| cidr.carve(network.carve));
        let own = parts
            .ok()
            .and_then(|parts| parts.get(*part).copied())
            .map(Cidr::range);
        if own.map(|range| (range.first(), range.last()))
            != subnet.cidr.map(|block| (block.first, block.last))
            || subnet.cidr6.is_some()
        {
            refusals.push(refuse(
                Sort::FallsShort,
                format!(
                    "subnet `{}` of segment `{name}` has other addresses than its part of the segment",
                    subnet.address
                ),
            ));
        }
        let region = model
            .accounts
            .get(network.account)
            .map_or("", |account| model.names.text(account.region));
        let zone = network
            .zones
            .get(*part)
            .map_or("", |zone| model.names.text(*zone));
        if subnet.zone != format!("{region}{zone}") {
            refusals.push(refuse(
                Sort::Setting,
                format!(
                    "subnet `{}` lies in zone `{}` and not in `{region}{zone}`",
                    subnet.address, subnet.zone
                ),
            ));
        }
        if subnet.public_addresses {
            refusals.push(refuse(
                Sort::Exceeds,
                format!(
                    "whatever starts in subnet `{}` gets a public address",
                    subnet.address
                ),
            ));
        }
    }
    for (address, (id, ..)) in declared {
        let is_created = model
            .networks
            .get(*id)
            .is_some_and(|network| network.existing.is_none());
        if is_created && !made.contains(address) {
            refusals.push(Refusal::new(
                Sort::FallsShort,
                cx.target,
                format!("subnet `{address}` is not made"),
            ));
        }
    }
}

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
                refusals.extend(one(cx, (at, subnet), &needs, table));
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
    counts
}

/// Public addresses are those of gateways that translate, and names resolve by themselves: nothing else of that sort is made.
pub(super) fn addresses(cx: Context<'_>, objects: &[Object], gateways: &[Gateway]) -> Vec<Refusal> {
    let mut wanted: BTreeSet<String> = gateways
        .iter()
        .filter(|gateway| gateway.sort == GatewaySort::Translation)
        .map(|gateway| format!("eip:{}", gateway.address))
        .collect();
    let mut refusals = Vec::new();
    for object in objects {
        let is_needed = match object.sort.as_str() {
            "public-address" => wanted.remove(&object.address),
            _ => true,
        };
        if !is_needed {
            let message = format!("{} `{}` serves no declared flow", object.sort, object.address);
            refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&object.place));
        }
    }
    let missing = wanted
        .into_iter()
        .map(|address| format!("`{address}` is not made, and a gateway needs it"));
    refusals.extend(missing.map(|message| Refusal::new(Sort::FallsShort, cx.target, message)));
    refusals
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
                        .witness(witness)
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
                            .witness(witness)
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
