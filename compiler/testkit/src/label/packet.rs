//! Rules of packet filters that only permit: which packets pass, asked at every boundary of every rule.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::condition::{block, step};

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Whoever bears a group.
    Group(String),
    /// Addresses, first and last.
    Block(IpAddr, IpAddr),
}

/// One permission of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Whose.
    pub group: String,
    /// Out of it, else into it.
    pub egress: bool,
    /// By name or number; `-1` for all.
    pub protocol: String,
    /// First and last port, or type and code.
    pub ports: (i64, i64),
    /// The other end.
    pub peer: Peer,
}

/// One packet, seen by one group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packet {
    /// The group.
    pub group: String,
    /// Leaving it.
    pub egress: bool,
    /// Its protocol.
    pub protocol: String,
    /// Its port.
    pub port: i64,
    /// The other end: a group, or an address.
    pub other: Result<String, IpAddr>,
}

impl Rule {
    /// Whether it permits a packet.
    #[must_use]
    pub fn permits(&self, packet: &Packet) -> bool {
        let peer = match (&self.peer, &packet.other) {
            (Peer::Group(group), Ok(other)) => group == other,
            (Peer::Block(first, last), Err(other)) => {
                first.is_ipv4() == other.is_ipv4() && first <= other && other <= last
            }
            (Peer::Group(_), Err(_)) | (Peer::Block(..), Ok(_)) => false,
        };
        let ports = self.protocol == "-1"
            || (self.protocol == packet.protocol
                && self.ports.0 <= packet.port
                && packet.port <= self.ports.1);
        self.group == packet.group && self.egress == packet.egress && ports && peer
    }
}

/// A block as a peer.
#[must_use]
pub fn peer(text: &str) -> Option<Peer> {
    let (first, last) = block(text)?;
    // The provider refuses bits behind the prefix, and a block without one.
    let is_canonical = text.split_once('/').is_some_and(|(address, bits)| {
        address == first.to_string() && (bits == "0" || !bits.starts_with('0'))
    });
    is_canonical.then_some(Peer::Block(first, last))
}

/// Packets that some rule tells from others.
#[must_use]
pub fn packets(rules: &[Rule]) -> Vec<Packet> {
    let mut ends: BTreeSet<Result<String, IpAddr>> = BTreeSet::from([Ok("~".to_owned())]);
    let mut services: BTreeSet<(String, i64)> = BTreeSet::from([("~".to_owned(), 0)]);
    for rule in rules {
        match &rule.peer {
            Peer::Group(group) => drop(ends.insert(Ok(group.clone()))),
            Peer::Block(first, last) => {
                let near = [Some(*first), Some(*last), step(*first, false), step(*last, true)];
                ends.extend(near.into_iter().flatten().map(Err));
            }
        }
        let (first, last) = rule.ports;
        services.extend([first - 1, first, last, last + 1].map(|port| (rule.protocol.clone(), port)));
    }
    let guards: BTreeSet<(&String, bool)> = rules.iter().map(|rule| (&rule.group, rule.egress)).collect();
    let mut out = Vec::new();
    for (group, egress) in guards {
        for (protocol, port) in &services {
            for other in &ends {
                out.push(Packet {
                    group: group.clone(),
                    egress,
                    protocol: protocol.clone(),
                    port: *port,
                    other: other.clone(),
                });
            }
        }
    }
    out
}

/// A packet that passes on one side only.
#[must_use]
pub fn difference(before: &[Rule], after: &[Rule]) -> Option<Packet> {
    let all: Vec<Rule> = before.iter().chain(after).cloned().collect();
    let passes = |rules: &[Rule], packet: &Packet| rules.iter().any(|rule| rule.permits(packet));
    packets(&all)
        .into_iter()
        .find(|packet| passes(before, packet) != passes(after, packet))
}

/// A rule without which the same passes.
#[must_use]
pub fn idle(rules: &[Rule]) -> Option<usize> {
    let packets = packets(rules);
    (0..rules.len()).find(|removed| {
        let needed = |packet: &Packet| {
            rules[*removed].permits(packet)
                && !rules
                    .iter()
                    .enumerate()
                    .any(|(index, rule)| index != *removed && rule.permits(packet))
        };
        !packets.iter().any(needed)
    })
}
