//! Names of services: what a host asks for must lead to the private endpoint, since the public addresses are closed to it.
//!
//! Most endpoints bring the service's ordinary name along. For the others a zone of the network holds it. Either works only
//! in a network that resolves names and gives hosts names. A zone hides every public name under its own, so none stands
//! idle.

use std::collections::BTreeMap;

use graph::address;
use model::place::NetworkId;
use read::facts::network::{HostName, Network, Zone};

use super::group::Context;
use super::intent::Intent;
use crate::because::span_of;
use crate::witness::{Refusal, Sort};

/// The sort of answer in which a host is told an address of IPv4.
const ADDRESS: &str = "A";

/// The ordinary name of a service whose endpoint does not bring it along: as it stands, or the key of the one that the
/// provider assigned to the network's account.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/IoTCore-VPC.html>,
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-interface-endpoints.html>
pub(super) fn hosted(cx: Context<'_>, network: NetworkId, service: &str) -> Option<String> {
    let model = cx.checked.model();
    let account = model.accounts.get(model.networks.get(network)?.account)?;
    let (number, region) = (model.names.text(account.number), model.names.text(account.region));
    let broker = |sort: &str| format!("iot-endpoint:{number}:{region}:{sort}#address");
    match service {
        "dynamodb" => Some(format!("dynamodb.{region}.amazonaws.com")),
        "iot.data" => Some(broker("iot:Data-ATS")),
        "iot.credentials" => Some(broker("iot:CredentialProvider")),
        _ => None,
    }
}

/// Compares the names. Returns how many zones and names are needed.
pub(super) fn names(
    cx: Context<'_>,
    intent: &Intent<'_>,
    network: &Network,
    refusals: &mut Vec<Refusal>,
) -> u64 {
    let graph = cx.checked.graph();
    let mut zones: BTreeMap<&str, &Zone> = BTreeMap::new();
    for zone in &network.zones {
        zones.insert(&zone.address, zone);
    }
    let mut open: Vec<&HostName> = network.names.iter().collect();
    let mut needed = 0;
    for (id, share) in &intent.networks {
        let at = graph.addresses.networks.get(id).map_or("", String::as_str);
        if let Some((service, because)) = share.services.iter().next() {
            let dumb = |vpc: &&read::facts::network::Vpc| {
                vpc.address == at && !vpc.existing && vpc.dns != (true, true)
            };
            refusals.extend(network.networks.iter().filter(dumb).map(|vpc| {
                let message = format!(
                    "network `{at}` does not resolve the name of `{service}` to its private endpoint: both DNS switches must be on"
                );
                Refusal::new(Sort::FallsShort, cx.target, message)
                    .at(&vpc.place)
                    .declared(span_of(cx.checked, *because))
            }));
        }
        for (service, because) in &share.services {
            let Some(name) = hosted(cx, *id, service) else {
                continue;
            };
            let endpoint = address::endpoint(at, service);
            let answers = |found: &HostName| {
                let zone = zones.get(found.zone.as_str());
                found.name == name
                    && found.sort == ADDRESS
                    && found.targets == [endpoint.as_str()]
                    && zone.is_some_and(|zone| zone.name == name && zone.networks == [at])
            };
            if let Some(index) = open.iter().position(|found| answers(found)) {
                let found = open.swap_remove(index);
                zones.remove(found.zone.as_str());
                needed += 2;
                continue;
            }
            let message = format!(
                "the name of `{service}` does not lead to `{endpoint}`: a zone of the network must hold it, and that name alone"
            );
            let refusal = Refusal::new(Sort::FallsShort, cx.target, message);
            refusals.push(refusal.declared(span_of(cx.checked, *because)));
        }
    }
    let idle = open.iter().map(|name| ("name", &name.name, &name.place));
    let idle = idle.chain(zones.values().map(|zone| ("zone", &zone.name, &zone.place)));
    refusals.extend(idle.map(|(sort, name, place)| {
        let message = format!("the {sort} `{name}` leads to no private endpoint that declared flows need");
        Refusal::new(Sort::Idle, cx.target, message).at(place)
    }));
    needed
}
