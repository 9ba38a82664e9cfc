//! Flows that one side admits and the other does not, group by group and host by host.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use read::facts::network::{Block, Peer, Ports};

use crate::access::Half;

/// Guard and direction.
type Side = (String, bool);

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Far {
    /// Addresses.
    At(Block),
    /// A group or a prefix list, by its address or name.
    Named(String),
}

/// Packets of one guard that one side admits and the other does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Piece {
    /// A group's address, or `host CLASS`, `host CLASS/segment/NAME`, `host CLASS/member/NAME`.
    pub(crate) guard: String,
    /// Out of it if true.
    pub(crate) egress: bool,
    pub(crate) far: Far,
    pub(crate) ports: Ports,
    /// The file that says so.
    pub(crate) path: Arc<str>,
    /// Whether the other side admits something between the two, on whatever port.
    pub(crate) is_partial: bool,
}

impl Piece {
    /// The other end, for people.
    pub(crate) fn peer(&self) -> String {
        match &self.far {
            Far::At(block) => addresses(*block),
            Far::Named(name) => name.clone(),
        }
    }
}

/// Addresses and ports: a rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Area {
    block: Block,
    ports: Ports,
}

/// The rules of one guard in one direction.
#[derive(Default)]
struct Rules {
    at: BTreeMap<Area, Arc<str>>,
    named: BTreeMap<String, BTreeMap<Ports, Arc<str>>>,
}

/// What is opened and closed from one side to another: sets of addresses and ports, whatever the rules into which they are cut.
pub(crate) fn both(old: Half<'_>, new: Half<'_>) -> (Vec<Piece>, Vec<Piece>) {
    let (mut old, mut new) = (rules(old), rules(new));
    spread(&mut old, &new);
    spread(&mut new, &old);
    (beyond(&new, &old), beyond(&old, &new))
}

/// One firewall for a whole class, where the other side has one for each segment or member, is that of each of them.
fn spread(whole: &mut BTreeMap<Side, Rules>, other: &BTreeMap<Side, Rules>) {
    let class = |guard: &str| -> Option<String> {
        let (class, _) = guard.strip_prefix("host ")?.split_once('/')?;
        Some(format!("host {class}"))
    };
    let mut parts: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (guard, _) in other.keys() {
        if let Some(class) = class(guard) {
            parts.entry(class).or_default().insert(guard);
        }
    }
    for (class, parts) in parts {
        for egress in [false, true] {
            let Some(rules) = whole.remove(&(class.clone(), egress)) else {
                continue;
            };
            for part in &parts {
                let into = whole.entry(((*part).to_owned(), egress)).or_default();
                let at = rules.at.iter().map(|(area, path)| (*area, Arc::clone(path)));
                into.at.extend(at);
            }
        }
    }
}

/// What `left` admits beyond `right`.
fn beyond(left: &BTreeMap<Side, Rules>, right: &BTreeMap<Side, Rules>) -> Vec<Piece> {
    let nothing = Rules::default();
    let mut pieces = BTreeSet::new();
    for (side, rules) in left {
        let there = right.get(side).unwrap_or(&nothing);
        let mut found = |far: Far, ports: Ports, path: &Arc<str>, is_partial: bool| {
            pieces.insert(Piece {
                guard: side.0.clone(),
                egress: side.1,
                far,
                ports,
                path: Arc::clone(path),
                is_partial,
            });
        };
        for (area, path) in &rules.at {
            if there.at.contains_key(area) {
                continue;
            }
            let others = there.at.keys();
            let is_partial = others.clone().any(|other| overlap(area.block, other.block));
            let left = others.fold(vec![*area], |left, other| {
                left.into_iter().flat_map(|one| minus(one, *other)).collect()
            });
            for area in left {
                found(Far::At(area.block), area.ports, path, is_partial);
            }
        }
        for (name, own) in &rules.named {
            let others = there.named.get(name);
            for (ports, path) in own {
                // A rule has one range: what several of the other side's hold together is taken out piece by piece.
                let block = Block {
                    six: false,
                    first: 0,
                    last: 0,
                };
                let area = Area { block, ports: *ports };
                let others = others.into_iter().flat_map(BTreeMap::keys);
                let left = others.fold(vec![area], |left, ports| {
                    let other = Area { block, ports: *ports };
                    left.into_iter().flat_map(|one| minus(one, other)).collect()
                });
                for area in left {
                    found(
                        Far::Named(name.clone()),
                        area.ports,
                        path,
                        there.named.contains_key(name),
                    );
                }
            }
        }
    }
    pieces.into_iter().collect()
}

/// What several targets say alike, once.
pub(crate) fn once(pieces: &mut Vec<Piece>) {
    pieces.sort();
    pieces.dedup_by(|one, other| {
        (&one.guard, one.egress, &one.far, one.ports) == (&other.guard, other.egress, &other.far, other.ports)
    });
}

fn overlap(one: Block, other: Block) -> bool {
    one.six == other.six && one.first <= other.last && other.first <= one.last
}

fn rules(half: Half<'_>) -> BTreeMap<Side, Rules> {
    let mut rules: BTreeMap<Side, Rules> = BTreeMap::new();
    let Some(facts) = half.facts else { return rules };
    for group in &facts.network.groups {
        let address = (half.canonical)(&group.address);
        for rule in &group.rules {
            let path = Arc::clone(&rule.place.path);
            let into = rules.entry((address.clone(), rule.egress)).or_default();
            match &rule.peer {
                Peer::Group(name) | Peer::PrefixList(name) => {
                    let name = (half.canonical)(name);
                    into.named.entry(name).or_default().insert(rule.ports, path);
                }
                Peer::Block(block) => {
                    let ports = rule.ports;
                    into.at.insert(Area { block: *block, ports }, path);
                }
            }
        }
    }
    for host in &facts.hosts {
        let class = (half.canonical)(&format!("host {}", host.class));
        let guard = format!("{class}{}", host.part());
        for accept in &host.accepts {
            let area = Area {
                block: accept.peer,
                ports: accept.ports,
            };
            let into = rules.entry((guard.clone(), accept.egress)).or_default();
            into.at.insert(area, Arc::clone(&accept.place.path));
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

/// A block for people: CIDR where it is one.
pub(crate) fn addresses(block: Block) -> String {
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

/// `tcp 443`, `udp 53`, `all protocols`.
pub(crate) fn show(ports: Ports) -> String {
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
