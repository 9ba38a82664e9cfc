//! What a host firewall says besides connections: IPv6, what is said on the own link, containers.

use std::collections::BTreeSet;

use model::Model;
use model::actor::Class;
use model::value::Ports;
use packet::{Range, protocol};
use read::facts::host::{HostFirewall, Lease};

use super::group::Context;
use super::stand::{Span, Stand};
use crate::witness::{Refusal, Sort};

/// What a host firewall says besides connections.
#[derive(Debug)]
pub(super) struct Frame {
    /// Some member has an address of IPv6.
    six: bool,
    /// What is said on the own link to get an address, or to give one.
    leases: BTreeSet<Lease>,
    /// Bridges of containers, with the first and last address of a family.
    containers: BTreeSet<(String, Span)>,
    /// Where they are declared, if they are.
    at: Option<source::Span>,
}

impl Frame {
    pub(super) fn of(model: &Model, stands: &[Stand], class: &Class, leases: BTreeSet<Lease>) -> Self {
        let six = |stand: &Stand| match stand {
            Stand::Interface { addresses, .. } | Stand::Host { addresses, .. } => {
                addresses.iter().any(|span| span.six)
            }
            Stand::Public(_) | Stand::Inside(_) => false,
        };
        let containers = class.containers.iter().flat_map(|one| {
            let interface = model.names.text(one.interface);
            one.blocks
                .iter()
                .map(move |block| (interface.to_owned(), Span::of(*block)))
        });
        Self {
            six: stands.iter().any(six),
            leases,
            containers: containers.collect(),
            at: class.containers.first().map(|one| one.span),
        }
    }

    /// IPv6 is closed to a host that has none, and open to one that has; what passes through is the containers' alone.
    pub(super) fn compare(&self, cx: Context<'_>, firewall: &HostFirewall) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let class = firewall.name();
        let mut refuse = |sort, message: String, place| {
            refusals.push(Refusal::new(sort, cx.target, message).at(place).declared(self.at));
        };
        match (firewall.six, self.six) {
            (true, false) => refuse(
                Sort::Exceeds,
                format!(
                    "the host firewall of `{class}` admits router and neighbour messages of IPv6, which no member has"
                ),
                &firewall.place,
            ),
            (false, true) => refuse(
                Sort::FallsShort,
                format!(
                    "the host firewall of `{class}` drops router and neighbour messages of IPv6, which its members have"
                ),
                &firewall.place,
            ),
            (true, true) | (false, false) => {}
        }
        let mut read = BTreeSet::new();
        for one in &firewall.containers {
            let Some(range) = Range::new(one.block.first, one.block.last) else {
                continue;
            };
            let found = (
                one.interface.clone(),
                Span {
                    six: one.block.six,
                    range,
                },
            );
            if !self.containers.contains(&found) {
                let message = format!(
                    "the host firewall of `{class}` lets packets of containers behind `{}` through, which are not declared",
                    one.interface
                );
                refuse(Sort::Exceeds, message, &one.place);
            }
            // A port of the host that a trust opens may be a container's: in these protocols, and in no other.
            let opened: BTreeSet<u8> = firewall
                .accepts
                .iter()
                .filter(|accept| !accept.egress && accept.peer.six == one.block.six)
                .map(|accept| accept.ports.protocol)
                .filter(|number| matches!(*number, protocol::TCP | protocol::UDP))
                .collect();
            if !opened.is_subset(&one.published) {
                let message = format!(
                    "the host firewall of `{class}` cuts off ports of the host that lead to containers behind `{}`",
                    one.interface
                );
                refuse(Sort::FallsShort, message, &one.place);
            }
            if !one.published.is_subset(&opened) {
                let message = format!(
                    "no packet reaches a rule of the host firewall of `{class}` about containers behind `{}`",
                    one.interface
                );
                refuse(Sort::Idle, message, &one.place);
            }
            read.insert(found);
        }
        for (interface, _) in self.containers.difference(&read) {
            let message = format!(
                "the host firewall of `{class}` cuts off containers behind `{interface}`, which are declared"
            );
            refuse(Sort::FallsShort, message, &firewall.place);
        }
        let name = |lease: &Lease| {
            let side = if lease.gives { "gives" } else { "asks for" };
            let family = if lease.six { "IPv6" } else { "IPv4" };
            format!("what is said on the own link by who {side} addresses of {family}")
        };
        for lease in firewall.leases.difference(&self.leases) {
            let message = format!(
                "the host firewall of `{class}` lets through {}, which no trust opens",
                name(lease)
            );
            refuse(Sort::Exceeds, message, &firewall.place);
        }
        for lease in self.leases.difference(&firewall.leases) {
            let message = format!(
                "the host firewall of `{class}` drops {}, which a trust opens",
                name(lease)
            );
            refuse(Sort::FallsShort, message, &firewall.place);
        }
        for place in &firewall.unreached {
            let message = format!(
                "no packet reaches a rule of the host firewall of `{class}`: an earlier verdict has it"
            );
            refuse(Sort::Idle, message, place);
        }
        refusals
    }
}

/// What a flow to a DHCP server says where both stand on premises: what has no address of a place, and stays on the link.
pub(super) fn said_on_link(ports: &[Ports], both: [&Stand; 2], own: &Stand, gives: bool) -> Vec<Lease> {
    // Source: RFC 2131, section 4.1; RFC 8415, section 7.2
    const SERVERS: [(bool, u16); 2] = [(false, 67), (true, 547)];
    let Stand::Host { addresses, .. } = own else {
        return Vec::new();
    };
    if !both.iter().all(|stand| matches!(stand, Stand::Host { .. })) {
        return Vec::new();
    }
    let of = SERVERS.into_iter().filter(|(six, port)| {
        let asked = ports
            .iter()
            .any(|ports| (ports.protocol, ports.first, ports.last) == (protocol::UDP, *port, *port));
        asked && addresses.iter().any(|span| span.six == *six)
    });
    of.map(|(six, _)| Lease { six, gives }).collect()
}
