//! Emitted things that carry groups and stand in subnets: balancers, databases.

use std::collections::BTreeMap;

use model::thing::ThingId;
use read::facts::network::{Interface, Network};

use super::carried::Carried;
use super::group::Context;
use super::intent::Intent;
use super::stand::Stand;
use crate::replay::Replay;
use crate::witness::{Refusal, Sort, Witness};

/// Each carries its own group and no other, stands in its segment, and is public exactly if a flow needs it.
pub(super) fn interfaces(cx: Context<'_>, intent: &Intent<'_>, facts: &Network) -> Vec<Refusal> {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let things: BTreeMap<&str, ThingId> = graph
        .addresses
        .objects
        .iter()
        .map(|(thing, address)| (address.as_str(), *thing))
        .collect();
    let mut refusals = Vec::new();
    for interface in &facts.interfaces {
        let Some(thing) = things.get(interface.address.as_str()) else {
            let message = format!(
                "`{}` stands in a network, and nothing declares it",
                interface.address
            );
            refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&interface.place));
            continue;
        };
        let Some(declared) = model.things.get(*thing) else {
            continue;
        };
        let name = model.names.text(declared.name);
        let refuse = |sort, what: String| {
            Refusal::new(sort, cx.target, what)
                .at(&interface.place)
                .declared(Some(declared.span))
        };
        let stand = intent
            .stands
            .of_thing(*thing)
            .iter()
            .find_map(|stand| match stand {
                Stand::Interface { group, segment, .. } => Some((group, *segment)),
                Stand::Host { .. } | Stand::Public(_) | Stand::Inside(_) => None,
            });
        let Some((group, segment)) = stand else {
            refusals.push(refuse(
                Sort::FallsShort,
                format!("`{name}` stands in a network, and is declared in none"),
            ));
            continue;
        };
        let carried = Carried::new(&interface.address, &interface.groups, group, intent, facts);
        if let Some(foreign) = interface.groups.iter().find(|own| **own != **group) {
            refusals.push(carried.exceeds(refuse(
                Sort::Exceeds,
                format!("`{name}` carries the group `{foreign}`, which is not its own"),
            )));
        }
        if !interface.groups.iter().any(|own| **own == **group) {
            refusals.push(carried.falls_short(refuse(
                Sort::FallsShort,
                format!("`{name}` does not carry its own group, `{group}`"),
            )));
        }
        let mut wanted: Vec<&String> = graph
            .addresses
            .subnets
            .get(&segment)
            .into_iter()
            .flatten()
            .collect();
        wanted.sort_unstable();
        let mut own: Vec<&String> = interface.subnets.iter().collect();
        own.sort_unstable();
        if own != wanted {
            refusals.push(refuse(
                Sort::FallsShort,
                format!("`{name}` does not stand in exactly the subnets of its segment"),
            ));
        }
        let needs_public = intent.public.contains(thing);
        if interface.public != needs_public {
            let (sort, what) = if interface.public {
                (
                    Sort::Exceeds,
                    format!("`{name}` has a public address, and no flow from the internet is declared"),
                )
            } else {
                (
                    Sort::FallsShort,
                    format!("`{name}` has no public address, and a declared flow comes from the internet"),
                )
            };
            let replay = Replay::of_passing(sort, interface.public, needs_public);
            refusals.push(refuse(sort, what).witness(from_the_internet(interface, carried.opened()), replay));
        }
    }
    refusals
}

/// A packet from the internet: to a port that is open to addresses, if there is one.
fn from_the_internet(interface: &Interface, open: Option<(u8, u16)>) -> Witness {
    let (protocol, port) = open.unwrap_or((packet::protocol::TCP, 0));
    Witness::Packet {
        guard: interface.address.clone(),
        from: "0.0.0.0".to_owned(),
        to: interface.address.clone(),
        protocol,
        port,
        six: false,
    }
}
