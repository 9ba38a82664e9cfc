//! Flows that one side admits and the other does not, group by group.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use read::facts::Facts;
use read::facts::network::{Block, Peer, Ports};

use crate::FlowChange;

/// Guard and direction.
type Side = (String, bool);

/// One rule: who is at the other end, and on which ports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rule {
    /// Addresses and ports.
    At(Area),
    /// A group or a prefix list, by its address or name, and ports.
    Named(String, Ports),
}

/// Addresses and ports: a rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Area {
    block: Block,
    ports: Ports,
}

/// What `left` admits beyond `right`: sets of addresses and ports, whatever the rules into which they are cut.
pub(crate) fn beyond(left: Option<&Facts>, right: Option<&Facts>) -> Vec<FlowChange> {
    let left = left.map(rules).unwrap_or_default();
    let right = right.map(rules).unwrap_or_default();
    let nothing = BTreeSet::new();
    let mut changes = Vec::new();
    for ((guard, egress), rules) in left {
        let there = right.get(&(guard.clone(), egress)).unwrap_or(&nothing);
        let mut found: BTreeSet<(String, String)> = BTreeSet::new();
        for rule in rules.iter().filter(|rule| !there.contains(rule)) {
            match rule {
                Rule::At(area) => {
                    let left = there.iter().fold(vec![*area], |left, other| match other {
                        Rule::At(other) => left.into_iter().flat_map(|one| minus(one, *other)).collect(),
                        Rule::Named(..) => left,
                    });
                    found.extend(left.iter().map(|area| (addresses(area.block), show(area.ports))));
                }
                Rule::Named(peer, ports) => {
                    let is_there = there.iter().any(|other| match other {
                        Rule::Named(name, others) => name == peer && holds(*others, *ports),
                        Rule::At(_) => false,
                    });
                    if !is_there {
                        found.insert((peer.clone(), show(*ports)));
                    }
                }
            }
        }
        changes.extend(found.into_iter().map(|(peer, ports)| FlowChange {
            guard: guard.clone(),
            egress,
            peer,
            ports,
        }));
    }
    changes
}

fn rules(facts: &Facts) -> BTreeMap<Side, BTreeSet<Rule>> {
    let mut rules: BTreeMap<Side, BTreeSet<Rule>> = BTreeMap::new();
    for group in &facts.network.groups {
        for rule in &group.rules {
            let ports = rule.ports;
            let one = match &rule.peer {
                Peer::Group(name) | Peer::PrefixList(name) => Rule::Named(name.clone(), ports),
                Peer::Block(block) => Rule::At(Area { block: *block, ports }),
            };
            let side = (group.address.clone(), rule.egress);
            rules.entry(side).or_default().insert(one);
        }
    }
    for host in &facts.hosts {
        for accept in &host.accepts {
            let side = (format!("host {}", host.class), accept.egress);
            let (block, ports) = (accept.peer, accept.ports);
            rules
                .entry(side)
                .or_default()
                .insert(Rule::At(Area { block, ports }));
        }
    }
    rules
}

/// What is left of an area without another: above and below it, then on the ports before and behind.
fn minus(area: Area, other: Area) -> Vec<Area> {
    let (own, far) = (area.block, other.block);
    let is_apart = own.six != far.six || own.first > far.last || far.first > own.last;
    let shared = |own: Ports, far: Ports| {
        let is_protocol = far.any_protocol || (!own.any_protocol && own.protocol == far.protocol);
        is_protocol && own.first <= far.last && far.first <= own.last
    };
    if is_apart || !shared(area.ports, other.ports) {
        return vec![area];
    }
    let mut left = Vec::new();
    let mut push_block = |first: u128, last: u128| {
        left.push(Area {
            block: Block { first, last, ..own },
            ..area
        });
    };
    if own.first < far.first {
        push_block(own.first, far.first - 1);
    }
    if far.last < own.last {
        push_block(far.last + 1, own.last);
    }
    let block = Block {
        first: own.first.max(far.first),
        last: own.last.min(far.last),
        ..own
    };
    if other.ports.any_protocol {
        return left;
    }
    let mut push_ports = |first: u16, last: u16| {
        left.push(Area {
            block,
            ports: Ports {
                first,
                last,
                ..area.ports
            },
        });
    };
    if area.ports.first < other.ports.first {
        push_ports(area.ports.first, other.ports.first - 1);
    }
    if other.ports.last < area.ports.last {
        push_ports(other.ports.last + 1, area.ports.last);
    }
    left
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
    fn an_area_is_taken_out_of_another() {
        let area = |first: u128, last: u128, from: u16, to: u16| Area {
            block: Block {
                six: false,
                first,
                last,
            },
            ports: Ports {
                any_protocol: false,
                protocol: 6,
                first: from,
                last: to,
            },
        };
        assert_eq!(minus(area(0, 9, 1, 9), area(0, 9, 1, 9)), []);
        assert_eq!(minus(area(0, 9, 1, 9), area(20, 29, 1, 9)), [area(0, 9, 1, 9)]);
        assert_eq!(
            minus(area(0, 9, 1, 9), area(3, 5, 4, 20)),
            [area(0, 2, 1, 9), area(6, 9, 1, 9), area(3, 5, 1, 3)]
        );
        let mut other = area(0, 9, 1, 9);
        other.ports.protocol = 17;
        assert_eq!(minus(area(0, 9, 1, 9), other), [area(0, 9, 1, 9)]);
    }

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
