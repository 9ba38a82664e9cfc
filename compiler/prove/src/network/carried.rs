//! What it means that an interface carries the groups that it carries: packets for or against it.

use model::value::Ports;
use read::facts::network::{Group, GroupRule, Network, Peer};

use super::group::{address, is_needed};
use super::intent::{Intent, Need, Other as Wanted};
use crate::replay::Replay;
use crate::replay::packet::{Other, Seen, group_lets};
use crate::witness::{Refusal, Witness};

/// An interface with its groups, and the one group that it should carry.
pub(super) struct Carried<'a> {
    address: &'a str,
    groups: &'a [String],
    own: &'a str,
    intent: &'a Intent<'a>,
    facts: &'a Network,
}

impl<'a> Carried<'a> {
    pub(super) fn new(
        address: &'a str,
        groups: &'a [String],
        own: &'a str,
        intent: &'a Intent<'a>,
        facts: &'a Network,
    ) -> Self {
        Self {
            address,
            groups,
            own,
            intent,
            facts,
        }
    }

    /// Shows a packet that passes by a foreign group: through a rule of it, or to whoever admits its members.
    pub(super) fn exceeds(&self, refusal: Refusal) -> Refusal {
        let foreign = |address: &str| address != self.own && self.groups.iter().any(|of| of == address);
        for group in self.facts.groups.iter().filter(|group| foreign(&group.address)) {
            for seen in group.rules.iter().filter_map(first_packet) {
                let replay = Replay::of_passing(
                    refusal.sort,
                    self.passes(&seen),
                    is_needed(self.needs(self.own), &seen),
                );
                if replay == Replay::Confirmed {
                    return refusal.witness(self.shown(self.address, &seen, None), replay);
                }
            }
        }
        for group in &self.facts.groups {
            let by_membership = group
                .rules
                .iter()
                .filter(|rule| matches!(&rule.peer, Peer::Group(peer) if foreign(peer)));
            for seen in by_membership.filter_map(first_packet) {
                let as_own = Seen {
                    other: Other::Group(self.own),
                    ..seen
                };
                let is_meant = is_needed(self.needs(&group.address), &as_own);
                let replay = Replay::of_passing(refusal.sort, group_lets(group, &seen), is_meant);
                if replay == Replay::Confirmed {
                    return refusal.witness(self.shown(&group.address, &seen, Some(self.address)), replay);
                }
            }
        }
        refusal
    }

    /// Shows a packet that is declared, and that no group lets through which is carried.
    pub(super) fn falls_short(&self, refusal: Refusal) -> Refusal {
        for need in self.needs(self.own) {
            for ports in need.ports {
                let seen = needed_packet(need, *ports);
                let replay = Replay::of_passing(
                    refusal.sort,
                    self.passes(&seen),
                    is_needed(self.needs(self.own), &seen),
                );
                if replay == Replay::Confirmed {
                    return refusal.witness(self.shown(self.address, &seen, None), replay);
                }
            }
        }
        refusal
    }

    /// Protocol and port on which addresses, and not groups, may open a connection.
    pub(super) fn opened(&self) -> Option<(u8, u16)> {
        let mut to_addresses = self.needs(self.own).iter().filter(|need| {
            let is_address = matches!(need.peer, Wanted::Span(_));
            is_address && !need.egress
        });
        let ports = to_addresses.find_map(|need| need.ports.first())?;
        Some((ports.protocol, ports.first))
    }

    fn needs(&self, group: &str) -> &[Need<'a>] {
        let shares = self.intent.networks.values();
        let mut of = shares.filter_map(|share| share.groups.get(group));
        of.next().map_or(&[], Vec::as_slice)
    }

    /// Whether some group that is carried lets a packet through.
    fn passes(&self, packet: &Seen<'_>) -> bool {
        let carried = |group: &&Group| self.groups.contains(&group.address);
        let mut groups = self.facts.groups.iter().filter(carried);
        groups.any(|group| group_lets(group, packet))
    }

    /// A packet at `own`, for people; `other` stands for the group on the other side.
    fn shown(&self, own: &str, seen: &Seen<'_>, other: Option<&str>) -> Witness {
        let far = match (other, seen.other) {
            (Some(other), _) => other.to_owned(),
            (None, Other::Group(group)) => group.to_owned(),
            (None, Other::Address(at)) => address(seen.six, at),
        };
        let (from, to) = if seen.egress {
            (own.to_owned(), far)
        } else {
            (far, own.to_owned())
        };
        Witness::Packet {
            guard: own.to_owned(),
            from,
            to,
            protocol: seen.protocol,
            port: seen.port,
            six: seen.six,
        }
    }
}

/// A packet that a rule lets through.
fn first_packet(rule: &GroupRule) -> Option<Seen<'_>> {
    let (six, other) = match &rule.peer {
        Peer::Group(group) => (false, Other::Group(group)),
        Peer::Block(block) => (block.six, Other::Address(block.first)),
        Peer::PrefixList(_) => return None,
    };
    Some(Seen {
        egress: rule.egress,
        six,
        other,
        protocol: rule.ports.protocol,
        port: rule.ports.first,
    })
}

fn needed_packet<'n>(need: &'n Need<'_>, ports: Ports) -> Seen<'n> {
    let (six, other) = match &need.peer {
        Wanted::Group(group) => (false, Other::Group(group)),
        Wanted::Span(span) => (span.six, Other::Address(span.range.first())),
    };
    Seen {
        egress: need.egress,
        six,
        other,
        protocol: ports.protocol,
        port: ports.first,
    }
}
