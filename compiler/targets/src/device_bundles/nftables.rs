//! The host firewall as a table of its own: disjoint elements in interval sets, everything else dropped, in, out and through.
//!
//! Source: nft(8), "SETS" and "RULESET"; <https://wiki.nftables.org/wiki-nftables/index.php/Concatenations>

use aws::deployment::device::{Accept, Containers, Firewall, Lease};
use model::value::Block;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Protocol numbers. Source: IANA, "Assigned Internet Protocol Numbers".
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP6: u8 = 58;

/// What stands before the sets: the table is declared, deleted and defined anew, so that loading it twice is loading it once.
const HEAD: &str =
    "#!/usr/sbin/nft -f\ntable inet leastwise\ndelete table inet leastwise\ntable inet leastwise {\n";

/// What stands first in a chain that accepts anything: the state that the kernel gives a packet. A packet of no
/// connection is dropped, a reply is accepted, and so are the errors that answer what was sent. Nothing else that is related
/// is: helpers of connection tracking would open ports that nothing declares.
///
/// Source: Linux, `nf_conntrack_proto_icmp.c` and `nf_conntrack_proto_icmpv6.c`, read 2026-11-30: an error about no known
/// connection is invalid. RFC 4890, section 4.4.1: the four errors of ICMPv6 that must not be dropped.
const STATES: &str = "        ct state invalid drop\n        ct state established accept\n        ct state related \
    icmp type { destination-unreachable, time-exceeded, parameter-problem } accept\n";
const STATES_SIX: &str = "        ct state related \
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept\n";

/// What an IPv6 host needs to keep its address and to find its neighbours, in and out; nothing of it leaves a link.
///
/// Source: RFC 4890, section 4.4.1; RFC 4861, sections 6.1 and 7.1 (hop limit 255); RFC 2710 and RFC 3810, section 5 (hop limit 1)
const HEARD: &str = "        icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } \
    ip6 hoplimit 255 accept\n        icmpv6 type mld-listener-query ip6 hoplimit 1 accept\n";
const SAID: &str = "        icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } \
    ip6 hoplimit 255 accept\n        icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report } \
    ip6 hoplimit 1 accept\n";

/// How containers of one bridge find each other, where the kernel shows bridged packets to the table.
/// Source: Linux, `Documentation/networking/ip-sysctl.rst`, `bridge-nf-call-ip6tables`; RFC 4861, section 7.1
const BRIDGED: &str = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept";

/// What is said on the own link by who asks for an address, or gives it: in and out. The client of IPv4 has no address
/// yet, and what is sent to it goes to everybody; that of IPv6 has its link-local one. Source: RFC 2131, section 4.1; RFC 8415,
/// sections 7.1 and 7.2
const LEASES: [(Lease, &str, &str); 4] = [
    (
        Lease::Client4,
        "udp sport 67 udp dport 68 ip daddr 255.255.255.255",
        "udp sport 68 udp dport 67 ip daddr 255.255.255.255",
    ),
    (
        Lease::Server4,
        "udp sport 68 udp dport 67 ip saddr 0.0.0.0",
        "udp sport 67 udp dport 68 ip daddr 255.255.255.255",
    ),
    (
        Lease::Client6,
        "udp sport 547 udp dport 546 ip6 saddr fe80::/10 ip6 daddr fe80::/10",
        "udp sport 546 udp dport 547 ip6 saddr fe80::/10 ip6 daddr ff02::1:2",
    ),
    (
        Lease::Server6,
        "udp dport 547 ip6 saddr fe80::/10 ip6 daddr ff02::1:2",
        "udp dport 546 ip6 saddr fe80::/10 ip6 daddr fe80::/10",
    ),
];

/// The sets: name, whether out of the host, whether IPv6. One that would be empty is not written, nor what would ask it.
const SETS: [(&str, bool, bool); 4] = [
    ("in4", false, false),
    ("in6", false, true),
    ("out4", true, false),
    ("out6", true, true),
];

/// The table of a firewall.
pub(super) fn table(firewall: &Firewall) -> Vec<u8> {
    let mut out = String::from(HEAD);
    for (name, egress, six) in SETS {
        set(&mut out, name, &of(firewall, egress, six));
    }
    // What the host opens, its containers open: it is written once.
    if firewall.accepts.iter().any(|accept| accept.egress) {
        out.push_str("    chain opens {\n");
        news(&mut out, firewall, true);
        out.push_str("    }\n");
    }
    input(&mut out, firewall);
    output(&mut out, firewall);
    forward(&mut out, firewall);
    out.push_str("}\n");
    out.into_bytes()
}

fn base(out: &mut String, hook: &str) {
    let _ = writeln!(
        out,
        "    chain {hook} {{\n        type filter hook {hook} priority filter; policy drop;"
    );
}

fn states(out: &mut String, firewall: &Firewall) {
    out.push_str(STATES);
    if firewall.six {
        out.push_str(STATES_SIX);
    }
}

fn leases(out: &mut String, firewall: &Firewall, egress: bool) {
    for (lease, heard, said) in LEASES {
        if firewall.leases.contains(&lease) {
            let _ = writeln!(out, "        {} accept", if egress { said } else { heard });
        }
    }
}

fn input(out: &mut String, firewall: &Firewall) {
    base(out, "input");
    states(out, firewall);
    out.push_str("        iifname \"lo\" accept\n");
    if firewall.six {
        out.push_str(HEARD);
    }
    leases(out, firewall, false);
    for Containers { interface, block, .. } in &firewall.containers {
        let family = family(*block);
        let _ = writeln!(
            out,
            "        iifname \"{interface}\" {family} saddr {block} accept"
        );
    }
    news(out, firewall, false);
    out.push_str("    }\n");
}

fn output(out: &mut String, firewall: &Firewall) {
    base(out, "output");
    states(out, firewall);
    out.push_str("        oifname \"lo\" accept\n");
    if firewall.six {
        out.push_str(SAID);
    }
    leases(out, firewall, true);
    for Containers { interface, block, .. } in &firewall.containers {
        let family = family(*block);
        let _ = writeln!(
            out,
            "        oifname \"{interface}\" {family} daddr {block} accept"
        );
    }
    if firewall.accepts.iter().any(|accept| accept.egress) {
        out.push_str("        jump opens\n");
    }
    out.push_str("    }\n");
}

/// What passes through: nothing but packets of the host's containers.
///
/// A port that is published is translated before the packet comes here, so that it is asked for as the sender wrote it. nft takes
/// the original port into a concatenation only where the protocol is known. Source: nft(8), "CT EXPRESSIONS"; nft 1.0.6.
fn forward(out: &mut String, firewall: &Firewall) {
    base(out, "forward");
    if !firewall.containers.is_empty() {
        states(out, firewall);
    }
    for Containers { interface, block, .. } in &firewall.containers {
        let family = family(*block);
        let _ = writeln!(
            out,
            "        iifname \"{interface}\" oifname \"{interface}\" {family} saddr {block} {family} daddr {block} accept"
        );
        if firewall
            .accepts
            .iter()
            .any(|accept| accept.egress && accept.peer.six == block.six)
        {
            // Another bridge is not away from the host, whatever its addresses are.
            let _ = writeln!(
                out,
                "        iifname \"{interface}\" oifname != {{ {} }} {family} saddr {block} jump opens",
                bridges(firewall)
            );
        }
        if block.six {
            let _ = writeln!(
                out,
                "        iifname \"{interface}\" oifname \"{interface}\" {BRIDGED}"
            );
        }
        let admitted = of(firewall, false, block.six);
        for (number, protocol) in [(TCP, "tcp"), (UDP, "udp")] {
            if admitted.iter().any(|accept| accept.ports.protocol == number) {
                let set = if block.six { "in6" } else { "in4" };
                let _ = writeln!(
                    out,
                    "        oifname \"{interface}\" {family} daddr {block} ct status dnat meta l4proto {protocol} \
                     {family} saddr . meta l4proto . ct original proto-dst @{set} accept"
                );
            }
        }
    }
    out.push_str("    }\n");
}

/// The bridges of containers, each once.
fn bridges(firewall: &Firewall) -> String {
    let names: BTreeSet<&str> = firewall
        .containers
        .iter()
        .map(|containers| containers.interface.as_str())
        .collect();
    let names: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

/// What opens a connection and is accepted.
fn news(out: &mut String, firewall: &Firewall, egress: bool) {
    let side = if egress { "daddr" } else { "saddr" };
    for (name, _, six) in SETS.iter().filter(|(_, out, _)| *out == egress) {
        if of(firewall, egress, *six).iter().any(|accept| is_ported(accept)) {
            let family = if *six { "ip6" } else { "ip" };
            let _ = writeln!(
                out,
                "        {family} {side} . meta l4proto . th dport @{name} accept"
            );
        }
    }
    for six in [false, true] {
        for accept in of(firewall, egress, six)
            .iter()
            .filter(|accept| !is_ported(accept))
        {
            rule(out, accept, side);
        }
    }
}

fn family(block: Block) -> &'static str {
    if block.six { "ip6" } else { "ip" }
}

fn of(firewall: &Firewall, egress: bool, six: bool) -> Vec<&Accept> {
    firewall
        .accepts
        .iter()
        .filter(|accept| accept.egress == egress && accept.peer.six == six)
        .collect()
}

/// Whether the sets, whose last field are ports, can hold it: for ICMP these bytes are a checksum.
fn is_ported(accept: &Accept) -> bool {
    matches!(accept.ports.protocol, TCP | UDP)
}

fn set(out: &mut String, name: &str, accepts: &[&Accept]) {
    if !accepts.iter().any(|accept| is_ported(accept)) {
        return;
    }
    let address = if name.ends_with('6') {
        "ipv6_addr"
    } else {
        "ipv4_addr"
    };
    let _ = writeln!(
        out,
        "    set {name} {{\n        type {address} . inet_proto . inet_service\n        flags interval"
    );
    let elements: Vec<String> = accepts
        .iter()
        .filter(|accept| is_ported(accept))
        .map(|accept| {
            let protocol = if accept.ports.protocol == TCP {
                "tcp"
            } else {
                "udp"
            };
            format!(
                "            {} . {protocol} . {}",
                accept.peer,
                range(accept.ports.first, accept.ports.last)
            )
        })
        .collect();
    let _ = writeln!(
        out,
        "        elements = {{\n{}\n        }}\n    }}",
        elements.join(",\n")
    );
}

/// What has no ports, or whose ports are types and codes, in a rule of its own.
fn rule(out: &mut String, accept: &Accept, side: &str) {
    let family = if accept.peer.six { "ip6" } else { "ip" };
    let start = format!("        {family} {side} {}", accept.peer);
    let ports = accept.ports;
    let icmp = match ports.protocol {
        ICMP => "icmp",
        ICMP6 => "icmpv6",
        other => {
            let whole = (ports.first, ports.last) == (0, u16::MAX);
            let dport = if whole {
                String::new()
            } else {
                format!(" th dport {}", range(ports.first, ports.last))
            };
            let _ = writeln!(out, "{start} meta l4proto {other}{dport} accept");
            return;
        }
    };
    if (ports.first, ports.last) == (0, u16::MAX) {
        let _ = writeln!(out, "{start} meta l4proto {} accept", ports.protocol);
        return;
    }
    let [first_type, first_code] = ports.first.to_be_bytes();
    let [last_type, last_code] = ports.last.to_be_bytes();
    for kind in first_type..=last_type {
        let low = if kind == first_type { first_code } else { 0 };
        let high = if kind == last_type { last_code } else { u8::MAX };
        let code = if (low, high) == (0, u8::MAX) {
            String::new()
        } else {
            format!(" {icmp} code {}", range(low.into(), high.into()))
        };
        let _ = writeln!(out, "{start} {icmp} type {kind}{code} accept");
    }
}

fn range(first: u16, last: u16) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}
