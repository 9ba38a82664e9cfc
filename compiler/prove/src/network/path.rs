//! Networks, subnets, gateways and routes: exactly those that flows need, where they belong.

use std::collections::{BTreeMap, BTreeSet};

use model::place::{Network, NetworkId, SegmentId};
use packet::cidr::Cidr;
use read::facts::network::{Gateway, GatewaySort, Network as Emitted};
use read::facts::object::Object;

use super::group::{Context, family};
use crate::witness::{Refusal, Sort};

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
