//! A host firewall in the language of nftables: one form, line by line.
//!
//! The frame is fixed: a table of its own that is defined anew, three chains that drop what they do not accept, and what
//! every host needs (replies and their errors, itself, neighbours if it has IPv6). Elements, rules and containers are read.
//! Source: nft(8), "SETS", "CHAINS", "EXPRESSIONS", read 2026-11-21: an interval set of concatenated fields holds the product
//! of its fields; the first verdict ends a base chain, so that a rule sees what those before it have left.

mod disjoint;
mod word;

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Lines;
use std::sync::Arc;

use packet::Family;
use packet::cidr::Cidr;

use self::disjoint::Disjoint;
use self::word::{TCP, UDP, block, element_of, reached, rule_of};
use super::unread_at;
use crate::facts::Place;
use crate::facts::host::{Accept, Containers, Guards, HostFirewall, Lease};
use crate::facts::network::{Block, Ports};
use crate::sink::{Class, Sink};

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

/// What stands first in a chain that accepts anything.
const STATES: [&str; 3] = [
    "        ct state invalid drop",
    "        ct state established accept",
    "        ct state related icmp type { destination-unreachable, time-exceeded, parameter-problem } accept",
];
const STATES_SIX: &str = "        ct state related icmpv6 type \
    { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept";

/// Router and neighbour messages, and those about groups of receivers, as an IPv6 host hears and says them.
const HEARD: [&str; 2] = [
    "        icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept",
    "        icmpv6 type mld-listener-query ip6 hoplimit 1 accept",
];
const SAID: [&str; 2] = [
    "        icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept",
    "        icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report } ip6 hoplimit 1 accept",
];

/// How containers of one bridge find each other, where bridged packets come to the table (RFC 4861, section 7.1).
const BRIDGED: &str = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept";

/// What is said on the own link to get an address (RFC 2131, RFC 8415): who, in, out.
const LEASES: [(Lease, &str, &str); 4] = [
    (
        Lease {
            six: false,
            gives: false,
        },
        "        udp sport 67 udp dport 68 ip daddr 255.255.255.255 accept",
        "        udp sport 68 udp dport 67 ip daddr 255.255.255.255 accept",
    ),
    (
        Lease {
            six: false,
            gives: true,
        },
        "        udp sport 68 udp dport 67 ip saddr 0.0.0.0 accept",
        "        udp sport 67 udp dport 68 ip daddr 255.255.255.255 accept",
    ),
    (
        Lease {
            six: true,
            gives: false,
        },
        "        udp sport 547 udp dport 546 ip6 saddr fe80::/10 ip6 daddr fe80::/10 accept",
        "        udp sport 546 udp dport 547 ip6 saddr fe80::/10 ip6 daddr ff02::1:2 accept",
    ),
    (
        Lease {
            six: true,
            gives: true,
        },
        "        udp dport 547 ip6 saddr fe80::/10 ip6 daddr ff02::1:2 accept",
        "        udp dport 546 ip6 saddr fe80::/10 ip6 daddr fe80::/10 accept",
    ),
];

/// Lines with their numbers, and what they said so far.
struct Reader<'a> {
    lines: Peekable<std::iter::Enumerate<Lines<'a>>>,
    path: Arc<str>,
    enforcing: u64,
    accepts: Vec<Accept>,
    unreached: Vec<Place>,
    /// The sets that are there.
    sets: BTreeSet<&'static str>,
    /// Whether the input chain knows IPv6: the others must say the same.
    six: bool,
    leases: BTreeSet<Lease>,
    containers: Vec<Containers>,
    /// Whether something is opened, and in which families.
    opens: BTreeSet<bool>,
}

/// A line that is not of the form: its number.
struct Odd(usize);

/// Reads a table; `None` if a line is not of the form, which is reported.
pub(super) fn read(
    (class, guards): (&str, Guards),
    path: &str,
    bytes: &[u8],
    sink: &mut Sink,
) -> Option<HostFirewall> {
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
        accepts: Vec::new(),
        unreached: Vec::new(),
        sets: BTreeSet::new(),
        six: false,
        leases: BTreeSet::new(),
        containers: Vec::new(),
        opens: BTreeSet::new(),
    };
    match reader.table() {
        Ok(()) => {
            sink.count(Class::Enforcing, reader.enforcing);
            let place = Place {
                path: reader.path,
                pointer: "line 1".to_owned(),
            };
            Some(HostFirewall {
                class: class.to_owned(),
                guards,
                accepts: reader.accepts,
                unreached: reader.unreached,
                six: reader.six,
                leases: reader.leases,
                containers: reader.containers,
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
    fn table(&mut self) -> Result<(), Odd> {
        for line in HEAD {
            self.exactly(line)?;
        }
        for (name, address, egress, six) in SETS {
            if self.is_next(&format!("    set {name} {{")) {
                self.set((name, address, egress, six))?;
            }
        }
        let opens = self.is_next("    chain opens {");
        if opens {
            self.exactly("    chain opens {")?;
            self.news(true)?;
            self.exactly("    }")?;
        }
        self.input()?;
        self.output(opens)?;
        self.forward()?;
        self.exactly("}")?;
        match self.lines.next() {
            None => Ok(()),
            Some((number, _)) => Err(Odd(number)),
        }
    }

    fn base(&mut self, hook: &str) -> Result<(), Odd> {
        self.exactly(&format!("    chain {hook} {{"))?;
        self.exactly(&format!(
            "        type filter hook {hook} priority filter; policy drop;"
        ))
    }

    fn input(&mut self) -> Result<(), Odd> {
        self.base("input")?;
        for line in STATES {
            self.exactly(line)?;
        }
        self.six = self.is_next(STATES_SIX);
        if self.six {
            self.exactly(STATES_SIX)?;
        }
        self.exactly("        iifname \"lo\" accept")?;
        if self.six {
            for line in HEARD {
                self.exactly(line)?;
            }
        }
        for (lease, heard, _) in LEASES {
            if self.is_next(heard) {
                self.exactly(heard)?;
                self.leases.insert(lease);
            }
        }
        while let Some((number, interface, block)) = self.containers_at() {
            self.next()?;
            let place = self.place(number);
            // One interface and family once, in order: a second would say what the first said, or more.
            let is_next = self.containers.last().is_none_or(|last| {
                (last.interface.as_str(), last.block.six) < (interface.as_str(), block.six)
            });
            if !is_next {
                return Err(Odd(number));
            }
            self.containers.push(Containers {
                interface,
                block,
                published: BTreeSet::new(),
                place,
            });
        }
        self.news(false)?;
        self.exactly("    }")
    }

    /// `        iifname "docker0" ip saddr BLOCK accept`
    fn containers_at(&mut self) -> Option<(usize, String, Block)> {
        let (number, line) = self.lines.peek()?;
        let (interface, rest) = line.strip_prefix("        iifname \"")?.split_once("\" ")?;
        let (family, rest) = rest.split_once(" saddr ")?;
        let six = match family {
            "ip" => false,
            "ip6" => true,
            _ => return None,
        };
        let block = block(rest.strip_suffix(" accept")?, six)?;
        // `*` at the end of a name would stand for every name that goes on.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_name =
            (1..=15).contains(&interface.len()) && interface.bytes().all(is_plain) && interface != "lo";
        is_name.then(|| (*number, interface.to_owned(), block))
    }

    fn output(&mut self, opens: bool) -> Result<(), Odd> {
        self.base("output")?;
        self.states()?;
        self.exactly("        oifname \"lo\" accept")?;
        if self.six {
            for line in SAID {
                self.exactly(line)?;
            }
        }
        for (lease, _, said) in LEASES {
            if self.leases.contains(&lease) {
                self.exactly(said)?;
            }
        }
        for (interface, family, block) in self.bridges() {
            self.exactly(&format!(
                "        oifname \"{interface}\" {family} daddr {block} accept"
            ))?;
        }
        if opens {
            self.exactly("        jump opens")?;
        }
        self.exactly("    }")
    }

    /// What passes through: what the containers send one another, what they open as the host does, and what is sent to a port of
    /// the host that is theirs, as the sender wrote it.
    fn forward(&mut self) -> Result<(), Odd> {
        self.base("forward")?;
        if !self.containers.is_empty() {
            self.states()?;
        }
        // What leaves by a bridge stays on the host.
        let names: BTreeSet<String> = self
            .containers
            .iter()
            .map(|one| format!("\"{}\"", one.interface))
            .collect();
        let away = names.into_iter().collect::<Vec<_>>().join(", ");
        for (index, (interface, family, block)) in self.bridges().into_iter().enumerate() {
            let six = family == "ip6";
            self.exactly(&format!(
                "        iifname \"{interface}\" oifname \"{interface}\" {family} saddr {block} {family} daddr {block} accept"
            ))?;
            if self.opens.contains(&six) {
                self.exactly(&format!(
                    "        iifname \"{interface}\" oifname != {{ {away} }} {family} saddr {block} jump opens"
                ))?;
            }
            if six {
                self.exactly(&format!(
                    "        iifname \"{interface}\" oifname \"{interface}\" {BRIDGED}"
                ))?;
            }
            let set = if six { "in6" } else { "in4" };
            for (number, protocol) in [(TCP, "tcp"), (UDP, "udp")] {
                let line = format!(
                    "        oifname \"{interface}\" {family} daddr {block} ct status dnat meta l4proto {protocol} \
                     {family} saddr . meta l4proto . ct original proto-dst @{set} accept"
                );
                if self.sets.contains(set) && self.is_next(&line) {
                    self.exactly(&line)?;
                    if let Some(containers) = self.containers.get_mut(index) {
                        containers.published.insert(number);
                    }
                }
            }
        }
        self.exactly("    }")
    }

    fn states(&mut self) -> Result<(), Odd> {
        for line in STATES {
            self.exactly(line)?;
        }
        if self.six {
            self.exactly(STATES_SIX)
        } else {
            Ok(())
        }
    }

    fn bridges(&self) -> Vec<(String, &'static str, Cidr)> {
        let of = |one: &Containers| {
            let (family, word) = if one.block.six {
                (Family::Ipv6, "ip6")
            } else {
                (Family::Ipv4, "ip")
            };
            let range = packet::Range::new(one.block.first, one.block.last)?;
            let cidr = Cidr::cover(family, &[range])?.into_iter().next()?;
            Some((one.interface.clone(), word, cidr))
        };
        self.containers.iter().filter_map(of).collect()
    }

    /// What opens a connection: what is asked of the sets that are there, then rules of their own, to the end of the chain.
    fn news(&mut self, egress: bool) -> Result<(), Odd> {
        let side = if egress { "daddr" } else { "saddr" };
        for (name, _, out, six) in SETS {
            if out == egress && self.sets.contains(name) {
                let family = if six { "ip6" } else { "ip" };
                self.exactly(&format!(
                    "        {family} {side} . meta l4proto . th dport @{name} accept"
                ))?;
                if egress {
                    self.opens.insert(six);
                }
            }
        }
        while self.lines.peek().is_some_and(|(_, line)| *line != "    }") {
            let (number, line) = self.next()?;
            let (peer, ports) = rule_of(line, side).ok_or(Odd(number))?;
            if egress {
                self.opens.insert(peer.six);
            }
            let place = self.place(number);
            let before = self.accepts.len();
            for (first, last) in reached(ports) {
                self.accepts.push(Accept {
                    egress,
                    ports: Ports { first, last, ..ports },
                    peer,
                    place: place.clone(),
                });
            }
            if self.accepts.len() == before {
                self.unreached.push(place);
            }
        }
        Ok(())
    }

    fn is_next(&mut self, wanted: &str) -> bool {
        self.lines.peek().is_some_and(|(_, line)| *line == wanted)
    }

    fn place(&self, number: usize) -> Place {
        Place {
            path: Arc::clone(&self.path),
            pointer: format!("line {}", number + 1),
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

    fn set(&mut self, (name, address, egress, six): (&'static str, &str, bool, bool)) -> Result<(), Odd> {
        self.exactly(&format!("    set {name} {{"))?;
        self.exactly(&format!("        type {address} . inet_proto . inet_service"))?;
        self.exactly("        flags interval")?;
        self.exactly("        elements = {")?;
        let mut disjoint = Disjoint::default();
        loop {
            let (number, line) = self.next()?;
            let place = self.place(number);
            let (element, more) = match line.strip_suffix(',') {
                Some(element) => (element, true),
                None => (line, false),
            };
            let (peer, ports) = element_of(element, six).ok_or(Odd(number))?;
            if !disjoint.add(peer, ports) {
                return Err(Odd(number));
            }
            self.sets.insert(name);
            self.accepts.push(Accept {
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
}
