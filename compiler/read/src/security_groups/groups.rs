//! `groups.json`: groups and rules, in the provider's own shape of a permission, one peer in each.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html>

use std::collections::BTreeSet;

use packet::cidr::Cidr;
use packet::{Family, protocol};

use super::{members, text};
use crate::at::At;
use crate::facts::network::{Block, Group, GroupRule, Peer, Ports};
use crate::json::Json;
use crate::sink::{Class, Sink};

pub(super) fn read(value: &Json<'_>, network: &str, at: &At<'_>, sink: &mut Sink) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let Some(top) = members(value, at, sink) else {
        return groups;
    };
    let mut listed = false;
    for (name, value) in top {
        let at = at.key(name);
        match (&**name, value) {
            ("groups", Json::List(items)) => {
                listed = true;
                for (index, item) in items.iter().enumerate() {
                    let at = at.index(index);
                    let Some(group) = group(item, network, &at, sink) else {
                        continue;
                    };
                    if !names.insert(group.address.clone()) {
                        sink.unread(&at, "a group is listed twice");
                    }
                    groups.push(group);
                }
            }
            ("groups", other) => sink.unread(
                &at,
                format!("a list is expected, and {} stands here", other.sort()),
            ),
            _ => sink.unread(&at, format!("unknown member `{name}`")),
        }
    }
    if !listed {
        sink.unread(at, "there is no list of groups");
    }
    groups
}

fn group(value: &Json<'_>, network: &str, at: &At<'_>, sink: &mut Sink) -> Option<Group> {
    let (mut name, mut described) = (None, false);
    let mut rules = Vec::new();
    for (member, value) in members(value, at, sink)? {
        let at = at.key(member);
        match &**member {
            "name" => name = text(value, &at, sink),
            "description" => {
                described = true;
                description(value, &at, sink);
            }
            "ingress" => rules_of(value, network, false, &at, sink, &mut rules),
            "egress" => rules_of(value, network, true, &at, sink, &mut rules),
            _ => sink.unread(&at, format!("unknown member `{member}`")),
        }
    }
    let (Some(name), true) = (name, described) else {
        sink.unread(at, "a group has a `name` and a `description`");
        return None;
    };
    sink.count(Class::Name, 1);
    for (egress, way) in [(false, "ingress"), (true, "egress")] {
        for six in [false, true] {
            // A rule that names a group counts in both families.
            let counted = |rule: &&GroupRule| match &rule.peer {
                Peer::Block(block) => block.six == six,
                Peer::Group(_) | Peer::PrefixList(_) => true,
            };
            let value = rules
                .iter()
                .filter(|rule| rule.egress == egress)
                .filter(counted)
                .count() as u64;
            let of = format!("{network}/{name} {way} IPv{}", if six { 6 } else { 4 });
            sink.measure(at, "ec2.security-group.rules", &of, value);
        }
    }
    Some(Group {
        address: format!("sg:{network}/{name}"),
        network: network.to_owned(),
        rules,
        place: at.place(),
    })
}

fn description(value: &Json<'_>, at: &At<'_>, sink: &mut Sink) {
    if let Some(text) = text(value, at, sink) {
        sink.count(Class::Inert, 1);
        sink.measure(
            at,
            "ec2.security-group.description",
            "a description",
            text.chars().count() as u64,
        );
    }
}

fn rules_of(
    value: &Json<'_>,
    network: &str,
    egress: bool,
    at: &At<'_>,
    sink: &mut Sink,
    rules: &mut Vec<GroupRule>,
) {
    let Json::List(items) = value else {
        sink.unread(
            at,
            format!("a list is expected, and {} stands here", value.sort()),
        );
        return;
    };
    for (index, item) in items.iter().enumerate() {
        let at = at.index(index);
        if let Some((ports, peer)) = permission(item, network, &at, sink) {
            rules.push(GroupRule {
                egress,
                ports,
                peer,
                place: at.place(),
            });
        }
    }
}

fn permission(value: &Json<'_>, network: &str, at: &At<'_>, sink: &mut Sink) -> Option<(Ports, Peer)> {
    let (mut protocol, mut from, mut to) = (None, None, None);
    let mut peers = Vec::new();
    for (member, value) in members(value, at, sink)? {
        let at = at.key(member);
        match (&**member, value) {
            ("IpProtocol", value) => protocol = text(value, &at, sink),
            ("FromPort", value) => from = Some(number(value, &at, sink)?),
            ("ToPort", value) => to = Some(number(value, &at, sink)?),
            ("UserIdGroupPairs" | "IpRanges" | "Ipv6Ranges", Json::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    peers.push(peer(member, item, network, &at.index(index), sink)?);
                }
            }
            _ => {
                sink.unread(&at, format!("unknown member `{member}`"));
                return None;
            }
        }
    }
    let Some(protocol) = protocol else {
        sink.unread(at, "a rule has an `IpProtocol`");
        return None;
    };
    let ports = match ports(protocol, from, to) {
        Ok(ports) => ports,
        Err(why) => {
            sink.unread(at, why);
            return None;
        }
    };
    if peers.len() != 1 {
        sink.unread(
            at,
            format!("a rule names one peer, and this names {}", peers.len()),
        );
        return None;
    }
    sink.count(
        Class::Enforcing,
        1 + u64::from(from.is_some()) + u64::from(to.is_some()),
    );
    Some((ports, peers.pop()?))
}

fn number(value: &Json<'_>, at: &At<'_>, sink: &mut Sink) -> Option<i32> {
    let number = match value {
        Json::Number(text) => text.parse().ok(),
        Json::Null | Json::Bool(_) | Json::Text(_) | Json::List(_) | Json::Object(_) => None,
    };
    if number.is_none() {
        sink.unread(at, "a whole number is expected");
    }
    number
}

/// Spelt as the provider returns it; any other spelling would differ at every run.
fn ports(name: &str, from: Option<i32>, to: Option<i32>) -> Result<Ports, String> {
    let every = |protocol| Ports {
        any_protocol: false,
        protocol,
        first: 0,
        last: u16::MAX,
    };
    match (name, from, to) {
        ("-1", None, None) => Ok(Ports {
            any_protocol: true,
            protocol: 0,
            first: 0,
            last: u16::MAX,
        }),
        ("tcp" | "udp", Some(from), Some(to)) => {
            let protocol = if name == "tcp" {
                protocol::TCP
            } else {
                protocol::UDP
            };
            match (u16::try_from(from), u16::try_from(to)) {
                (Ok(first), Ok(last)) if first <= last => Ok(Ports {
                    any_protocol: false,
                    protocol,
                    first,
                    last,
                }),
                _ => Err(format!("`{from}` to `{to}` are no ports")),
            }
        }
        ("icmp" | "icmpv6", Some(kind), Some(code)) => {
            let protocol = if name == "icmp" {
                protocol::ICMP
            } else {
                protocol::ICMPV6
            };
            if (kind, code) == (-1, -1) {
                return Ok(every(protocol));
            }
            let (Ok(kind), Ok(last)) = (
                u8::try_from(kind),
                u8::try_from(if code == -1 { 255 } else { code }),
            ) else {
                return Err(format!("`{kind}` and `{code}` are no type and code"));
            };
            let first = if code == -1 { 0 } else { last };
            let port = |code| u16::from_be_bytes([kind, code]);
            Ok(Ports {
                any_protocol: false,
                protocol,
                first: port(first),
                last: port(last),
            })
        }
        (number, Some(-1), Some(-1)) => match number.parse::<u8>() {
            Ok(protocol)
                if protocol.to_string() == number
                    && !protocol::is_icmp(protocol)
                    && !matches!(protocol, protocol::TCP | protocol::UDP) =>
            {
                Ok(every(protocol))
            }
            Ok(_) | Err(_) => Err(format!(
                "`{number}` is no protocol as the provider spells it, or lacks its ports"
            )),
        },
        (other, _, _) => Err(format!("`{other}` has no ports, or not both of them")),
    }
}

/// Names of groups never begin so.
fn is_id(text: &str) -> bool {
    text.strip_prefix("sg-")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn peer(list: &str, value: &Json<'_>, network: &str, at: &At<'_>, sink: &mut Sink) -> Option<Peer> {
    let named = match list {
        "UserIdGroupPairs" => "GroupName",
        "IpRanges" => "CidrIp",
        _ => "CidrIpv6",
    };
    let (mut peer, mut by_id) = (None, false);
    for (member, value) in members(value, at, sink)? {
        let at = at.key(member);
        // A group is named once: one of this list by its name, another by its id.
        if **member == *named && peer.is_none() {
            peer = text(value, &at, sink);
        } else if named == "GroupName" && **member == *"GroupId" && peer.is_none() {
            let id = text(value, &at, sink)?;
            if !is_id(id) {
                sink.unread(&at, format!("`{id}` is no id of a group"));
                return None;
            }
            by_id = true;
            peer = Some(id);
        } else if **member == *"Description" {
            description(value, &at, sink);
        } else {
            sink.unread(&at, format!("unknown member `{member}`"));
            return None;
        }
    }
    let Some(peer) = peer else {
        sink.unread(at, format!("`{named}` is needed"));
        return None;
    };
    if named == "GroupName" {
        sink.count(Class::Reference, 1);
        if by_id {
            return Some(Peer::Group(peer.to_owned()));
        }
        return Some(Peer::Group(format!("sg:{network}/{peer}")));
    }
    let family = if named == "CidrIp" {
        Family::Ipv4
    } else {
        Family::Ipv6
    };
    match peer.parse::<Cidr>() {
        Ok(cidr) if cidr.family() == family && cidr.to_string() == peer => {
            sink.count(Class::Enforcing, 1);
            let range = cidr.range();
            Some(Peer::Block(Block {
                six: family == Family::Ipv6,
                first: range.first(),
                last: range.last(),
            }))
        }
        Ok(_) => {
            sink.unread(
                at,
                format!("`{peer}` is not how the provider spells a block of {family}"),
            );
            None
        }
        Err(error) => {
            sink.unread(at, error.to_string());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_as_the_provider_spells_them() {
        let read =
            |name, from, to| ports(name, from, to).map(|ports| (ports.protocol, ports.first, ports.last));
        assert_eq!(read("tcp", Some(443), Some(443)), Ok((6, 443, 443)));
        assert_eq!(read("icmp", Some(8), Some(-1)), Ok((1, 0x0800, 0x08ff)));
        assert_eq!(read("icmpv6", Some(-1), Some(-1)), Ok((58, 0, 65_535)));
        assert_eq!(read("icmp", Some(3), Some(4)), Ok((1, 0x0304, 0x0304)));
        assert_eq!(read("50", Some(-1), Some(-1)), Ok((50, 0, 65_535)));
        assert!(ports("-1", None, None).unwrap().any_protocol);
        for (name, from, to) in [
            ("6", None, None),
            ("6", Some(1), Some(2)),
            ("TCP", Some(1), Some(2)),
            ("tcp", Some(2), Some(1)),
            ("tcp", None, None),
            ("tcp", Some(-1), Some(-1)),
            ("tcp", Some(0), Some(65_536)),
            ("-1", Some(0), Some(65_535)),
            ("icmp", Some(-1), Some(0)),
            ("icmp", Some(256), Some(0)),
            ("050", Some(-1), Some(-1)),
            ("50", None, None),
            ("50", Some(1), Some(1)),
            ("6", Some(-1), Some(-1)),
            ("1", Some(-1), Some(-1)),
            ("all", None, None),
        ] {
            assert!(ports(name, from, to).is_err(), "{name} {from:?} {to:?}");
        }
    }
}
