//! Flows that one side admits and the other does not, group by group.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use read::facts::Facts;
use read::facts::network::{Block, Peer, Ports};

use crate::FlowChange;

/// Guard, direction, peer.
type Side = (String, bool, String);

/// What `left` admits beyond `right`: compared port set by port set for each peer.
pub(crate) fn beyond(left: Option<&Facts>, right: Option<&Facts>) -> Vec<FlowChange> {
    let left = left.map(rules).unwrap_or_default();
    let right = right.map(rules).unwrap_or_default();
    let nothing = BTreeSet::new();
    let mut changes = Vec::new();
    for (side, ports) in left {
        let there = right.get(&side).unwrap_or(&nothing);
        for one in ports
            .iter()
            .filter(|one| !there.iter().any(|other| holds(*other, **one)))
        {
            let (guard, egress, peer) = side.clone();
            changes.push(FlowChange {
                guard,
                egress,
                peer,
                ports: show(*one),
            });
        }
    }
    changes
}

fn rules(facts: &Facts) -> BTreeMap<Side, BTreeSet<Ports>> {
    let mut rules: BTreeMap<Side, BTreeSet<Ports>> = BTreeMap::new();
    for group in &facts.network.groups {
        for rule in &group.rules {
            let peer = match &rule.peer {
                Peer::Group(address) => address.clone(),
                Peer::Block(block) => addresses(*block),
                Peer::PrefixList(name) => name.clone(),
            };
            rules
                .entry((group.address.clone(), rule.egress, peer))
                .or_default()
                .insert(rule.ports);
        }
    }
    for host in &facts.hosts {
        for accept in &host.accepts {
            let side = (
                format!("host {}", host.class),
                accept.egress,
                addresses(accept.peer),
            );
            rules.entry(side).or_default().insert(accept.ports);
        }
    }
    rules
}

fn holds(wide: Ports, narrow: Ports) -> bool {
    wide.any_protocol
        || !narrow.any_protocol
            && wide.protocol == narrow.protocol
            && wide.first <= narrow.first
            && narrow.last <= wide.last
}

fn addresses(block: Block) -> String {
    let text = |address: u128| {
        if block.six {
            Ipv6Addr::from_bits(address).to_string()
        } else {
            Ipv4Addr::from_bits(u32::try_from(address).unwrap_or(u32::MAX)).to_string()
        }
    };
    let size = block.last - block.first;
    let width = if block.six { 128 } else { 32 };
    let free = 128 - size.leading_zeros();
    let is_aligned = size == u128::MAX || (size + 1).is_power_of_two() && block.first & size == 0;
    if is_aligned {
        format!("{}/{}", text(block.first), width - free)
    } else {
        format!("{}-{}", text(block.first), text(block.last))
    }
}

fn show(ports: Ports) -> String {
    if ports.any_protocol {
        return "all protocols".to_owned();
    }
    let protocol = match ports.protocol {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        58 => "icmpv6".to_owned(),
        other => format!("protocol {other}"),
    };
    match (ports.first, ports.last) {
        (0, u16::MAX) => protocol,
        (first, last) if first == last => format!("{protocol} {first}"),
        (first, last) => format!("{protocol} {first}-{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_shown_as_cidr_where_they_are() {
        let block = |first: [u8; 4], last: [u8; 4]| Block {
            six: false,
            first: u32::from_be_bytes(first).into(),
            last: u32::from_be_bytes(last).into(),
        };
        assert_eq!(addresses(block([10, 0, 0, 0], [10, 0, 255, 255])), "10.0.0.0/16");
        assert_eq!(addresses(block([10, 0, 0, 1], [10, 0, 0, 1])), "10.0.0.1/32");
        assert_eq!(
            addresses(block([10, 0, 0, 1], [10, 0, 0, 2])),
            "10.0.0.1-10.0.0.2"
        );
        assert_eq!(addresses(block([0, 0, 0, 0], [255, 255, 255, 255])), "0.0.0.0/0");
        assert_eq!(
            addresses(Block {
                six: true,
                first: 0,
                last: u128::MAX
            }),
            "::/0"
        );
    }
}
