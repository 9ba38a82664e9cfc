//! The host firewalls of a class: every connection that a member opens or admits, by addresses.
//!
//! The other side is its own addresses, or the segments in which it lives; a private endpoint, the segment that holds
//! endpoints; a service on the internet, every address that nothing declares. What is not accepted is dropped, in both
//! directions and both families, and so is what the host would pass on; IPv6 is closed to a host whose segment has none.
//! Containers that are declared are the host itself: what it opens, they open, and what it listens on may be theirs.

mod disjoint;
mod members;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use diagnostics::{Diagnostic, Report};
use graph::flow::{Endpoint, Flow};
use graph::reason::ReasonId;
use model::actor;
use model::place::{Segment, Within};
use model::thing::ThingId;
use model::value::{Block, Ports};
use packet::protocol;

use self::disjoint::disjoint;
use self::members::{Guarded, Members};
use self::place::Places;
use crate::context::Context;
use crate::deployment::device::{Accept, Containers, Firewall, Lease};
use crate::fault::FIREWALL_TOO_LARGE;
use crate::network::link::{is_unconditional, no_common_family, unenforceable};

/// The most elements of the sets of one host: such a table still loads in about a second.
const ELEMENTS_MAX: usize = 20_000;

/// Why a host firewall cannot see who is meant.
const NATURE: &str = "a host firewall knows addresses only";

/// What to do then.
const WAY_OUT: &str = "leave the condition out, or give each value a class of its own";

/// A need: out of the host or not, which ports, the other side.
type Need = (bool, Ports, Block);

/// The firewalls of the hosts on which these run; none if some is refused.
pub(super) fn firewalls(
    cx: &Context<'_>,
    (class, declared): (ThingId, &actor::Class),
    on: &BTreeSet<ThingId>,
    flows: &[&Flow],
    report: &mut Report,
) -> Vec<Firewall> {
    let (places, members) = (Places::new(cx), Members::new(cx));
    let Some(asked) = asked(cx, &members, on, flows, report) else {
        return Vec::new();
    };
    let Some(guarded) = members.guarded(&places, (class, declared), flows, report) else {
        return Vec::new();
    };
    let host = Host {
        places,
        members,
        class,
    };
    let mut met = vec![Met::default(); asked.len()];
    let mut found = Vec::with_capacity(guarded.len());
    for guarded in guarded {
        let six = guarded.has(true);
        let (needs, leases) = host.needs(&guarded, &asked, &mut met);
        let accepts = match disjoint(&needs) {
            Ok(Some(accepts)) => accepts,
            Ok(None) => {
                report.push(too_large(cx, on));
                return Vec::new();
            }
            Err(unanswered) => {
                report.compiler_bug(format!("the packets of a host firewall: {unanswered}"));
                return Vec::new();
            }
        };
        let accepts = accepts
            .into_iter()
            .map(|((egress, ports, peer), because)| Accept {
                egress,
                ports,
                peer,
                because: cx.because_all(because),
            });
        found.push(Firewall {
            guards: guarded.guards,
            six,
            leases,
            containers: containers(cx, declared),
            accepts: accepts.collect(),
        });
    }
    // What is said to get an address goes to everybody on the link.
    let is_lease = |asked: &&Asked<'_>| {
        let of = |egress| lease(&host.places, asked.flow, asked.ports, egress, (true, true));
        !asked.names.is_empty() && (of(true).is_some() || of(false).is_some())
    };
    if let Some(asked) = asked.iter().find(is_lease) {
        report.push(
            unenforceable(cx, asked.flow)
                .note("who asks for an address has none yet, and asks everybody on the own link")
                .help("leave `same` out"),
        );
        return Vec::new();
    }
    if let Some((asked, _)) = asked.iter().zip(&met).find(|(_, met)| met.meets && !met.speaks) {
        report.push(no_common_family(cx, asked.flow));
        return Vec::new();
    }
    found
}

fn too_large(cx: &Context<'_>, on: &BTreeSet<ThingId>) -> Diagnostic {
    let thing = on.iter().next_back().and_then(|thing| cx.thing(*thing));
    let message = format!("a host firewall would need more than {ELEMENTS_MAX} elements");
    let diagnostic = match thing {
        Some(thing) => Diagnostic::new(&FIREWALL_TOO_LARGE, thing.span, message),
        None => Diagnostic::global(&FIREWALL_TOO_LARGE, message),
    };
    diagnostic.help("name fewer separate addresses, or split the class")
}

/// One side of a flow that a host has.
struct Asked<'f> {
    flow: &'f Flow,
    ports: &'f [Ports],
    other: Endpoint,
    egress: bool,
    /// The attributes of which members that meet have equal values; none if all meet.
    names: Vec<Name>,
}

/// What some host found of a flow.
#[derive(Clone, Copy, Default)]
struct Met {
    /// Somebody is on the other side.
    meets: bool,
    /// And both have addresses of one family.
    speaks: bool,
}

/// What the hosts are asked; `None` if a flow says what no host sees, which is reported.
fn asked<'f>(
    cx: &'f Context<'_>,
    members: &Members<'_>,
    on: &BTreeSet<ThingId>,
    flows: &[&'f Flow],
    report: &mut Report,
) -> Option<Vec<Asked<'f>>> {
    let mut found = Vec::new();
    for flow in flows {
        let ports = cx.graph.ports.get(flow.ports).map_or(&[][..], Vec::as_slice);
        for (own, other, egress) in [(flow.from, flow.to, true), (flow.to, flow.from, false)] {
            let Endpoint::Thing(host) = own else { continue };
            if !on.contains(&host) {
                continue;
            }
            let names = members
                .compared(flow.pairs)
                .filter(|_| is_unconditional(cx, flow));
            let Some(names) = names else {
                report.push(unenforceable(cx, flow).note(NATURE).help(WAY_OUT));
                return None;
            };
            found.push(Asked {
                flow,
                ports,
                other,
                egress,
                names,
            });
        }
    }
    Some(found)
}

/// Hosts of a class.
struct Host<'a> {
    places: Places<'a>,
    members: Members<'a>,
    class: ThingId,
}

impl<'a> Host<'a> {
    /// Every connection that these hosts open or admit, each with its reasons; and what is said on the own link.
    fn needs(
        &self,
        guarded: &Guarded<'a>,
        asked: &[Asked<'_>],
        met: &mut [Met],
    ) -> (BTreeMap<Need, BTreeSet<ReasonId>>, BTreeSet<Lease>) {
        let mut needs: BTreeMap<Need, BTreeSet<ReasonId>> = BTreeMap::new();
        let mut leases = BTreeSet::new();
        let families = (guarded.has(false), guarded.has(true));
        for (asked, met) in asked.iter().zip(met) {
            for (_, home, own) in &guarded.homes {
                let peers = if asked.names.is_empty() {
                    self.places.peers(home, asked.other, asked.flow.reach)
                } else {
                    self.equals(guarded, home, asked)
                };
                for peer in peers {
                    met.meets = true;
                    // Without an address of a family, a host sends and gets nothing in it.
                    if !own.iter().any(|own| own.six == peer.six) {
                        continue;
                    }
                    let ports = asked.ports.iter();
                    for ports in ports.filter(|ports| is_of_family(ports.protocol, peer.six)) {
                        met.speaks = true;
                        let because = needs.entry((asked.egress, *ports, peer)).or_default();
                        because.insert(asked.flow.because);
                    }
                }
            }
            leases.extend(lease(
                &self.places,
                asked.flow,
                asked.ports,
                asked.egress,
                families,
            ));
        }
        (needs, leases)
    }

    /// The addresses of those whom these hosts meet where values have to be equal.
    fn equals(&self, guarded: &Guarded<'a>, home: &Segment, asked: &Asked<'_>) -> Vec<Block> {
        let (Some(values), Endpoint::Thing(other)) = (
            self.members.own_values(self.class, guarded, &asked.names),
            asked.other,
        ) else {
            return Vec::new();
        };
        let itself = guarded.row.filter(|_| guarded.is_one && other == self.class);
        let with = (asked.names.as_slice(), values.as_slice());
        self.places.peers_with(&self.members, home, other, with, itself)
    }
}

/// What a flow to a DHCP server says on the own link.
fn lease(
    places: &Places<'_>,
    flow: &Flow,
    ports: &[Ports],
    egress: bool,
    (four, six): (bool, bool),
) -> Option<Lease> {
    let on_premises = [flow.from, flow.to].iter().all(|end| {
        let Endpoint::Thing(thing) = end else { return false };
        let homes = places.homes(*thing);
        !homes.is_empty()
            && homes
                .iter()
                .all(|(_, home)| matches!(home.within, Within::Site(_)))
    });
    let asks = |port: u16| {
        on_premises
            && ports.contains(&Ports {
                protocol: protocol::UDP,
                first: port,
                last: port,
            })
    };
    match egress {
        true if four && asks(67) => Some(Lease::Client4),
        true if six && asks(547) => Some(Lease::Client6),
        false if four && asks(67) => Some(Lease::Server4),
        false if six && asks(547) => Some(Lease::Server6),
        _ => None,
    }
}

fn containers(cx: &Context<'_>, class: &actor::Class) -> Vec<Containers> {
    let mut found = Vec::new();
    for containers in &class.containers {
        let interface = cx.text(containers.interface);
        let because = cx.declared(
            containers.span,
            &format!("the containers behind `{interface}` are the host's own"),
        );
        found.extend(containers.blocks.iter().map(|block| Containers {
            interface: interface.to_owned(),
            block: *block,
            because: because.clone(),
        }));
    }
    found
}

fn is_of_family(number: u8, six: bool) -> bool {
    match number {
        protocol::ICMP => !six,
        protocol::ICMPV6 => six,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icmp_keeps_to_its_family() {
        assert!(is_of_family(protocol::ICMP, false) && !is_of_family(protocol::ICMP, true));
        assert!(is_of_family(protocol::ICMPV6, true) && !is_of_family(protocol::ICMPV6, false));
        assert!(is_of_family(6, true) && is_of_family(17, false));
    }
}
