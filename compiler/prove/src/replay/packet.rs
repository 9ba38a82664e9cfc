//! One packet: what groups, ACLs, host firewalls and routes do with it, entry by entry.

use model::value::Ports as Declared;
use read::facts::host::HostFirewall;
use read::facts::network::{Acl, AclEntry, Block, Group, Peer, Ports, RouteTable};

/// The other side of a packet, as a guard sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Other<'a> {
    /// An interface that carries a group.
    Group(&'a str),
    /// An address.
    Address(u128),
}

/// One packet at one guard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// Sent by what is guarded, or to it.
    pub(crate) egress: bool,
    /// IPv6.
    pub(crate) six: bool,
    /// From where, or to where.
    pub(crate) other: Other<'a>,
    /// IANA protocol number.
    pub(crate) protocol: u8,
    /// Destination port; ICMP type × 256 + code.
    pub(crate) port: u16,
}

impl Seen<'_> {
    fn fits(&self, ports: Ports) -> bool {
        ports.any_protocol
            || (ports.protocol == self.protocol && ports.first <= self.port && self.port <= ports.last)
    }

    fn is_of(&self, block: Block) -> bool {
        let Other::Address(address) = self.other else {
            return false;
        };
        block.six == self.six && block.first <= address && address <= block.last
    }

    /// Whether some of these ports are the packet's, of what is declared.
    pub(crate) fn is_on(&self, ports: &[Declared]) -> bool {
        ports.iter().any(|ports| {
            ports.protocol == self.protocol && ports.first <= self.port && self.port <= ports.last
        })
    }
}

/// Whether a group lets a packet through: some rule does.
pub(crate) fn group_lets(group: &Group, packet: &Seen<'_>) -> bool {
    group.rules.iter().any(|rule| {
        let is_peer = match &rule.peer {
            Peer::Group(own) => packet.other == Other::Group(own),
            Peer::Block(block) => packet.is_of(*block),
            Peer::PrefixList(_) => false,
        };
        rule.egress == packet.egress && packet.fits(rule.ports) && is_peer
    })
}

/// Whether an ACL lets a packet through: the entry with the least number that matches decides, and none is a refusal.
pub(crate) fn acl_lets(acl: &Acl, packet: &Seen<'_>) -> bool {
    deciding(acl, packet).is_some_and(|entry| entry.allow)
}

/// The entry that decides over a packet.
pub(crate) fn deciding<'a>(acl: &'a Acl, packet: &Seen<'_>) -> Option<&'a AclEntry> {
    let matching = acl.entries.iter().filter(|entry| {
        entry.egress == packet.egress && packet.fits(entry.ports) && packet.is_of(entry.block)
    });
    matching.min_by_key(|entry| entry.number)
}

/// Whether a host firewall accepts the first packet of a connection.
pub(crate) fn host_lets(firewall: &HostFirewall, packet: &Seen<'_>) -> bool {
    firewall.accepts.iter().any(|accept| {
        accept.egress == packet.egress && packet.fits(accept.ports) && packet.is_of(accept.peer)
    })
}

/// The gateway to which the tables of a subnet send an address: that of the longest prefix.
pub(crate) fn sent_to<'t>(
    tables: &'t [RouteTable],
    subnet: &str,
    six: bool,
    address: u128,
) -> Option<&'t str> {
    let mut best: Option<(u128, &str)> = None;
    let own = tables
        .iter()
        .filter(|table| table.subnets.iter().any(|of| of == subnet));
    for route in own.flat_map(|table| &table.routes) {
        let holds = route.to.six == six && route.to.first <= address && address <= route.to.last;
        let width = route.to.last.wrapping_sub(route.to.first);
        if holds && best.is_none_or(|(narrowest, _)| width < narrowest) {
            best = Some((width, &route.via));
        }
    }
    best.map(|(_, via)| via)
}

#[cfg(test)]
mod tests {
    use super::*;
    use read::facts::Place;
    use read::facts::network::{GroupRule, Route};

    fn place() -> Place {
        Place {
            path: "x".into(),
            pointer: String::new(),
        }
    }

    fn tcp(first: u16, last: u16) -> Ports {
        Ports {
            any_protocol: false,
            protocol: 6,
            first,
            last,
        }
    }

    fn block(first: u128, last: u128) -> Block {
        Block {
            six: false,
            first,
            last,
        }
    }

    fn seen(other: Other<'_>, port: u16) -> Seen<'_> {
        Seen {
            egress: false,
            six: false,
            other,
            protocol: 6,
            port,
        }
    }

    #[test]
    fn the_entry_with_the_least_number_decides() {
        let entry = |number, allow, first, last| AclEntry {
            egress: false,
            number,
            allow,
            ports: tcp(0, u16::MAX),
            block: block(first, last),
            place: place(),
        };
        let acl = Acl {
            network: String::new(),
            subnets: Vec::new(),
            entries: vec![entry(200, true, 0, 100), entry(100, false, 50, 60)],
            place: place(),
        };
        assert!(acl_lets(&acl, &seen(Other::Address(40), 1)));
        assert!(!acl_lets(&acl, &seen(Other::Address(55), 1)));
        assert!(!acl_lets(&acl, &seen(Other::Address(101), 1)));
    }

    #[test]
    fn a_rule_knows_its_peer() {
        let rule = |peer| GroupRule {
            egress: false,
            ports: tcp(443, 443),
            peer,
            place: place(),
        };
        let group = Group {
            address: "sg:a".to_owned(),
            network: String::new(),
            rules: vec![
                rule(Peer::Group("sg:b".to_owned())),
                rule(Peer::Block(block(7, 9))),
            ],
            place: place(),
        };
        assert!(group_lets(&group, &seen(Other::Group("sg:b"), 443)));
        assert!(!group_lets(&group, &seen(Other::Group("sg:c"), 443)));
        assert!(!group_lets(&group, &seen(Other::Group("sg:b"), 444)));
        assert!(group_lets(&group, &seen(Other::Address(8), 443)));
        assert!(!group_lets(&group, &seen(Other::Address(10), 443)));
        let six = Seen {
            six: true,
            ..seen(Other::Address(8), 443)
        };
        assert!(!group_lets(&group, &six));
    }

    #[test]
    fn the_longest_prefix_takes_the_packet() {
        let route = |first, last, via: &str| Route {
            to: block(first, last),
            via: via.to_owned(),
            place: place(),
        };
        let table = RouteTable {
            network: String::new(),
            subnets: vec!["s".to_owned()],
            routes: vec![route(0, u128::from(u32::MAX), "wide"), route(16, 31, "narrow")],
            propagating: Vec::new(),
            place: place(),
        };
        let tables = [table];
        assert_eq!(sent_to(&tables, "s", false, 20), Some("narrow"));
        assert_eq!(sent_to(&tables, "s", false, 32), Some("wide"));
        assert_eq!(sent_to(&tables, "s", true, 20), None);
        assert_eq!(sent_to(&tables, "t", false, 20), None);
    }
}
