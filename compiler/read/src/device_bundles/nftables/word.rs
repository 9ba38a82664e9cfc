//! One element of a set, one rule, and what of it a packet still reaches.

use packet::Family;
use packet::cidr::Cidr;

use crate::facts::network::{Block, Ports};

pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
const ICMP: u8 = 1;
const ICMP6: u8 = 58;

/// `BLOCK . tcp . 443`
pub(super) fn element_of(text: &str, six: bool) -> Option<(Block, Ports)> {
    let mut fields = text.strip_prefix("            ")?.split(" . ");
    let (peer, protocol, ports) = (fields.next()?, fields.next()?, fields.next()?);
    let protocol = match protocol {
        "tcp" => TCP,
        "udp" => UDP,
        _ => return None,
    };
    let (first, last) = range(ports)?;
    let block = block(peer, six)?;
    fields.next().is_none().then_some((
        block,
        Ports {
            any_protocol: false,
            protocol,
            first,
            last,
        },
    ))
}

/// `ip saddr BLOCK icmp type 8 [icmp code 0-3] accept`, `ip saddr BLOCK meta l4proto 50 [th dport 1-2] accept`
pub(super) fn rule_of(line: &str, side: &str) -> Option<(Block, Ports)> {
    let words: Vec<&str> = line
        .strip_prefix("        ")?
        .strip_suffix(" accept")?
        .split(' ')
        .collect();
    let (family, rest) = words.split_first()?;
    let six = match *family {
        "ip" => false,
        "ip6" => true,
        _ => return None,
    };
    let (word, rest) = rest.split_first()?;
    let (peer, rest) = rest.split_first()?;
    let peer = block(peer, six).filter(|_| *word == side)?;
    let whole = |protocol| Ports {
        any_protocol: false,
        protocol,
        first: 0,
        last: u16::MAX,
    };
    let (icmp, number) = if six { ("icmpv6", ICMP6) } else { ("icmp", ICMP) };
    let ports = match rest {
        ["meta", "l4proto", protocol] => {
            whole(byte(protocol).filter(|protocol| is_unported(*protocol, six))?)
        }
        ["meta", "l4proto", protocol, "th", "dport", ports] => {
            let (first, last) = range(ports)?;
            let protocol = byte(protocol).filter(|protocol| !matches!(*protocol, ICMP | ICMP6))?;
            Ports {
                first,
                last,
                ..whole(protocol)
            }
        }
        [name, "type", kind] if *name == icmp => {
            let kind = byte(kind)?;
            Ports {
                first: u16::from_be_bytes([kind, 0]),
                last: u16::from_be_bytes([kind, u8::MAX]),
                ..whole(number)
            }
        }
        [name, "type", kind, again, "code", codes] if *name == icmp && *again == icmp => {
            let kind = byte(kind)?;
            let (first, last) = range(codes)?;
            let (first, last) = (u8::try_from(first).ok()?, u8::try_from(last).ok()?);
            Ports {
                first: u16::from_be_bytes([kind, first]),
                last: u16::from_be_bytes([kind, last]),
                ..whole(number)
            }
        }
        _ => return None,
    };
    Some((peer, ports))
}

/// Of these packets, those that a rule behind the states of a chain still sees. The first verdict ends a base chain, and
/// connection tracking gives most of ICMP away before: an answer belongs to a question or is invalid, and so is an error
/// that is about no connection; an error that is about one was accepted.
///
/// Source: Linux, `nf_conntrack_proto_icmp.c` (`valid_new`, `icmp_is_err`), `nf_conntrack_proto_icmpv6.c` (`valid_new`,
/// `noct_valid_new`, and below 128 an error), read 2026-11-30
pub(super) fn reached(ports: Ports) -> Vec<(u16, u16)> {
    let kinds: &[(u8, u8)] = match ports.protocol {
        // Source quench and redirect about a connection are related, and accepted by nothing before.
        ICMP => &[(4, 5), (8, 8), (13, 13), (15, 15), (17, 17)],
        // Neither router nor group messages are tracked. Errors 1 to 4 were accepted, others that are about a connection are related.
        ICMP6 => &[(0, 0), (5, 128), (130, 136), (139, 139), (143, 143)],
        _ => return vec![(ports.first, ports.last)],
    };
    let cut = kinds.iter().map(|(first, last)| {
        let (first, last) = (
            u16::from_be_bytes([*first, 0]),
            u16::from_be_bytes([*last, u8::MAX]),
        );
        (first.max(ports.first), last.min(ports.last))
    });
    cut.filter(|(first, last)| first <= last).collect()
}

/// Whether a protocol without ports may be accepted whole: ICMP only in its own family.
fn is_unported(protocol: u8, six: bool) -> bool {
    match protocol {
        ICMP => !six,
        ICMP6 => six,
        _ => true,
    }
}

/// A number as it is spelt without a sign or leading zeros.
fn byte(text: &str) -> Option<u8> {
    text.parse::<u8>()
        .ok()
        .filter(|number| number.to_string() == text)
}

fn range(text: &str) -> Option<(u16, u16)> {
    let number = |text: &str| {
        text.parse::<u16>()
            .ok()
            .filter(|number| number.to_string() == text)
    };
    match text.split_once('-') {
        Some((first, last)) => Some((number(first)?, number(last)?)).filter(|(first, last)| first <= last),
        None => number(text).map(|port| (port, port)),
    }
}

pub(super) fn block(text: &str, six: bool) -> Option<Block> {
    let cidr: Cidr = text.parse().ok()?;
    let range = cidr.range();
    (six == (cidr.family() == Family::Ipv6)).then_some(Block {
        six,
        first: range.first(),
        last: range.last(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::disjoint::Disjoint;
    use super::*;

    #[test]
    fn elements_and_rules_have_one_spelling() {
        let shown = |found: Option<(Block, Ports)>| {
            found.map(|(block, ports)| (block.last - block.first, ports.protocol, ports.first, ports.last))
        };
        assert_eq!(
            shown(element_of("            10.0.0.0/24 . tcp . 1-2", false)),
            Some((255, 6, 1, 2))
        );
        for bad in [
            "10.0.0.0/24 . tcp . 1",
            "            10.0.0.0/24 . icmp . 1",
            "            10.0.0.1/24 . tcp . 1",
            "            ::/0 . tcp . 1",
            "            10.0.0.0/24 . tcp . 2-1",
            "            10.0.0.0/24 . tcp . 01",
            "            10.0.0.0/24 . tcp . 1 . 2",
        ] {
            assert!(element_of(bad, false).is_none(), "{bad}");
        }
        let mut set = Disjoint::default();
        let mut add = |text: &str| {
            let (peer, ports) = element_of(text, false).unwrap();
            set.add(peer, ports)
        };
        assert!(add("            10.0.0.0/24 . tcp . 1-5"));
        assert!(add("            10.0.0.0/24 . tcp . 7-9") && add("            10.0.0.0/24 . udp . 1"));
        assert!(add("            10.1.0.0/16 . tcp . 1") && add("            10.0.0.0/8 . tcp . 6"));
        for meets in [
            "10.0.0.0/24 . tcp . 5-6",
            "10.0.0.7/32 . tcp . 6",
            "10.1.2.0/24 . tcp . 1",
            "0.0.0.0/0 . tcp . 8",
            "10.0.0.0/24 . udp . 0-65535",
        ] {
            assert!(!add(&format!("            {meets}")), "{meets}");
        }
        assert_eq!(
            shown(rule_of(
                "        ip saddr 10.0.0.0/24 icmp type 8 accept",
                "saddr"
            )),
            Some((255, 1, 0x800, 0x8ff))
        );
        assert_eq!(
            shown(rule_of(
                "        ip daddr 10.0.0.0/32 icmp type 3 icmp code 1-4 accept",
                "daddr"
            )),
            Some((0, 1, 0x301, 0x304))
        );
        assert_eq!(
            shown(rule_of(
                "        ip6 daddr fd00::/128 meta l4proto 50 accept",
                "daddr"
            )),
            Some((0, 50, 0, 65_535))
        );
        assert_eq!(
            shown(rule_of(
                "        ip daddr 10.0.0.0/32 meta l4proto 132 th dport 5 accept",
                "daddr"
            )),
            Some((0, 132, 5, 5))
        );
        for bad in [
            "        ip saddr 10.0.0.0/24 accept",
            "        ip saddr 10.0.0.0/24 icmpv6 type 1 accept",
            "        ip daddr 10.0.0.0/24 icmp type 8 accept",
            "        ip6 saddr fd00::/64 meta l4proto 1 accept",
            "        ip saddr 10.0.0.0/24 meta l4proto 1 th dport 5 accept",
            "        ip saddr 10.0.0.0/24 icmp type 8 icmp code 0 drop",
        ] {
            assert!(rule_of(bad, "saddr").is_none(), "{bad}");
        }
    }

    #[test]
    fn what_connection_tracking_takes_away_reaches_no_rule() {
        let of = |line: &str| reached(rule_of(line, "saddr").unwrap().1);
        let kind = |kind: u16| vec![(kind * 256, kind * 256 + 255)];
        assert_eq!(of("        ip saddr 10.0.0.0/24 icmp type 8 accept"), kind(8));
        assert_eq!(
            of("        ip6 saddr fd00::/64 icmpv6 type 128 accept"),
            kind(128)
        );
        for taken in [
            "        ip saddr 10.0.0.0/24 icmp type 0 accept",
            "        ip saddr 10.0.0.0/24 icmp type 3 icmp code 4 accept",
            "        ip6 saddr fd00::/64 icmpv6 type 2 accept",
            "        ip6 saddr fd00::/64 icmpv6 type 129 accept",
        ] {
            assert_eq!(of(taken), [], "{taken}");
        }
        assert_eq!(
            of("        ip saddr 10.0.0.0/24 meta l4proto 50 accept"),
            [(0, u16::MAX)]
        );
        assert_eq!(of("        ip saddr 10.0.0.0/24 meta l4proto 1 accept").len(), 5);
    }
}
