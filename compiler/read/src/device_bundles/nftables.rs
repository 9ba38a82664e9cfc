//! A host firewall in the language of nftables: one form, line by line.
//!
//! The frame is fixed: a table of its own that is defined anew, two chains that drop what they do not accept, and what
//! every host needs (replies, itself, neighbours, the size of packets). Elements and rules are read. Source: nft(8),
//! "SETS", "CHAINS", "EXPRESSIONS", read 2026-11-21: an interval set of concatenated fields holds the product of its fields.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Lines;
use std::sync::Arc;

use packet::Family;
use packet::cidr::Cidr;

use super::unread_at;
use crate::facts::Place;
use crate::facts::host::{Accept, HostFirewall};
use crate::facts::network::{Block, Ports};
use crate::sink::{Class, Sink};

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const ICMP6: u8 = 58;

const HEAD: [&str; 4] = [
    "#!/usr/sbin/nft -f",
    "table inet leastwise",
    "delete table inet leastwise",
    "table inet leastwise {",
];

/// The sets: name, type of the address, whether out of the host, whether IPv6.
const SETS: [(&str, &str, bool, bool); 4] = [
    ("in4", "ipv4_addr", false, false),
    ("in6", "ipv6_addr", false, true),
    ("out4", "ipv4_addr", true, false),
    ("out6", "ipv6_addr", true, true),
];

/// What every host needs, the same both ways.
const NEEDED: [&str; 3] = [
    "        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept",
    "        icmpv6 type packet-too-big accept",
    "        icmp type destination-unreachable icmp code 4 accept",
];

/// The elements of one set, which the kernel takes only if no two share a packet: blocks nest or are apart, so that an
/// element meets another only at its own block, at one around it or at one inside.
#[derive(Default)]
struct Disjoint {
    /// First and last port by block and protocol.
    taken: BTreeMap<(u128, u128, u8), BTreeMap<u16, u16>>,
}

impl Disjoint {
    /// Takes an element in; false if it meets one that is there.
    fn add(&mut self, peer: Block, ports: Ports) -> bool {
        let meets = |of: &BTreeMap<u16, u16>| {
            let below = of.range(..=ports.last).next_back();
            below.is_some_and(|(_, last)| *last >= ports.first)
        };
        let size = peer.last - peer.first;
        let around = (0..=u128::BITS).filter_map(|bits| {
            let mask = u128::MAX.checked_shr(bits).unwrap_or(0);
            (mask >= size).then_some((peer.first & !mask, peer.first | mask))
        });
        let mut outer = around.map(|(first, last)| (first, last, ports.protocol));
        if outer.any(|key| self.taken.get(&key).is_some_and(meets)) {
            return false;
        }
        let inside = self
            .taken
            .range((peer.first, 0, 0)..=(peer.last, u128::MAX, u8::MAX))
            .filter(|((_, last, protocol), _)| *last <= peer.last && *protocol == ports.protocol);
        if inside.map(|(_, of)| of).any(meets) {
            return false;
        }
        self.taken
            .entry((peer.first, peer.last, ports.protocol))
            .or_default()
            .insert(ports.first, ports.last);
        true
    }
}

/// Lines with their numbers.
struct Reader<'a> {
    lines: Peekable<std::iter::Enumerate<Lines<'a>>>,
    path: Arc<str>,
    enforcing: u64,
}

/// A line that is not of the form: its number.
struct Odd(usize);

/// Reads a table; `None` if a line is not of the form, which is reported.
pub(super) fn read(class: &str, path: &str, bytes: &[u8], sink: &mut Sink) -> Option<HostFirewall> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if text.ends_with('\n') && !text.contains('\r') => text,
        Ok(_) | Err(_) => {
            unread_at(sink, path, String::new(), "no text of lines".to_owned());
            return None;
        }
    };
    let mut reader = Reader {
        lines: text.lines().enumerate().peekable(),
        path: path.into(),
        enforcing: 0,
    };
    match reader.table() {
        Ok(accepts) => {
            sink.count(Class::Enforcing, reader.enforcing);
            let place = Place {
                path: reader.path,
                pointer: "line 1".to_owned(),
            };
            Some(HostFirewall {
                class: class.to_owned(),
                accepts,
                place,
            })
        }
        Err(Odd(line)) => {
            unread_at(
                sink,
                path,
                format!("line {}", line + 1),
                "a line that no rule reads".to_owned(),
            );
            None
        }
    }
}

impl<'a> Reader<'a> {
    fn table(&mut self) -> Result<Vec<Accept>, Odd> {
        let mut accepts = Vec::new();
        for line in HEAD {
            self.exactly(line)?;
        }
        for (name, address, egress, six) in SETS {
            self.set((name, address, egress, six), &mut accepts)?;
        }
        for (chain, interface, side, sets, egress) in [
            ("input", "iifname", "saddr", "in", false),
            ("output", "oifname", "daddr", "out", true),
        ] {
            self.exactly(&format!("    chain {chain} {{"))?;
            self.exactly(&format!(
                "        type filter hook {chain} priority filter; policy drop;"
            ))?;
            self.exactly("        ct state established,related accept")?;
            self.exactly("        ct state invalid drop")?;
            self.exactly(&format!("        {interface} \"lo\" accept"))?;
            for line in NEEDED {
                self.exactly(line)?;
            }
            self.exactly(&format!(
                "        ip {side} . meta l4proto . th dport @{sets}4 accept"
            ))?;
            self.exactly(&format!(
                "        ip6 {side} . meta l4proto . th dport @{sets}6 accept"
            ))?;
            loop {
                let (number, line) = self.next()?;
                if line == "    }" {
                    break;
                }
                accepts.push(self.rule(line, number, side, egress)?);
            }
        }
        self.exactly("}")?;
        match self.lines.next() {
            None => Ok(accepts),
            Some((number, _)) => Err(Odd(number)),
        }
    }

    fn next(&mut self) -> Result<(usize, &'a str), Odd> {
        match self.lines.next() {
            Some(line) => {
                self.enforcing += 1;
                Ok(line)
            }
            None => Err(Odd(0)),
        }
    }

    fn exactly(&mut self, wanted: &str) -> Result<(), Odd> {
        let (number, line) = self.next()?;
        if line == wanted { Ok(()) } else { Err(Odd(number)) }
    }

    fn set(
        &mut self,
        (name, address, egress, six): (&str, &str, bool, bool),
        accepts: &mut Vec<Accept>,
    ) -> Result<(), Odd> {
        self.exactly(&format!("    set {name} {{"))?;
        self.exactly(&format!("        type {address} . inet_proto . inet_service"))?;
        self.exactly("        flags interval")?;
        let (number, line) = self.next()?;
        match line {
            "    }" => return Ok(()),
            "        elements = {" => {}
            _ => return Err(Odd(number)),
        }
        let mut disjoint = Disjoint::default();
        loop {
            let path = Arc::clone(&self.path);
            let (number, line) = self.next()?;
            let place = Place {
                path,
                pointer: format!("line {}", number + 1),
            };
            let (element, more) = match line.strip_suffix(',') {
                Some(element) => (element, true),
                None => (line, false),
            };
            let (peer, ports) = element_of(element, six).ok_or(Odd(number))?;
            if !disjoint.add(peer, ports) {
                return Err(Odd(number));
            }
            accepts.push(Accept {
                egress,
                ports,
                peer,
                place,
            });
            if !more {
                break;
            }
        }
        self.exactly("        }")?;
        self.exactly("    }")
    }

    /// A rule of its own: what has no ports.
    fn rule(&self, line: &str, number: usize, side: &str, egress: bool) -> Result<Accept, Odd> {
        let place = Place {
            path: Arc::clone(&self.path),
            pointer: format!("line {}", number + 1),
        };
        let (peer, ports) = rule_of(line, side).ok_or(Odd(number))?;
        Ok(Accept {
            egress,
            ports,
            peer,
            place,
        })
    }
}

/// `BLOCK . tcp . 443`
fn element_of(text: &str, six: bool) -> Option<(Block, Ports)> {
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
fn rule_of(line: &str, side: &str) -> Option<(Block, Ports)> {
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

fn block(text: &str, six: bool) -> Option<Block> {
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
}
