//! The host firewall as a table of its own: disjoint elements in interval sets, everything else dropped both ways.
//!
//! Source: nft(8), "SETS" and "RULESET"; <https://wiki.nftables.org/wiki-nftables/index.php/Concatenations>

use aws::deployment::device::{Accept, Firewall};
use std::fmt::Write as _;

/// Protocol numbers. Source: IANA, "Assigned Internet Protocol Numbers".
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP6: u8 = 58;

/// What stands before the sets: the table is declared, deleted and defined anew, so that loading it twice is loading it once.
const HEAD: &str =
    "#!/usr/sbin/nft -f\ntable inet leastwise\ndelete table inet leastwise\ntable inet leastwise {\n";

/// What every host needs: replies, itself, neighbours, and to be told how large a packet may be.
const INPUT: &str = "    chain input {\n        type filter hook input priority filter; policy drop;\n        \
    ct state established,related accept\n        ct state invalid drop\n        iifname \"lo\" accept\n        \
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept\n        \
    icmpv6 type packet-too-big accept\n        icmp type destination-unreachable icmp code 4 accept\n";
const OUTPUT: &str = "    chain output {\n        type filter hook output priority filter; policy drop;\n        \
    ct state established,related accept\n        ct state invalid drop\n        oifname \"lo\" accept\n        \
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept\n        \
    icmpv6 type packet-too-big accept\n        icmp type destination-unreachable icmp code 4 accept\n";

/// The table of a firewall.
pub(super) fn table(firewall: &Firewall) -> Vec<u8> {
    let mut out = String::from(HEAD);
    for (name, egress, six) in [
        ("in4", false, false),
        ("in6", false, true),
        ("out4", true, false),
        ("out6", true, true),
    ] {
        set(&mut out, name, &of(firewall, egress, six));
    }
    for (head, egress, side, sets) in [(INPUT, false, "saddr", "in"), (OUTPUT, true, "daddr", "out")] {
        out.push_str(head);
        for (six, family) in [(false, "ip"), (true, "ip6")] {
            let suffix = if six { 6 } else { 4 };
            let _ = writeln!(
                out,
                "        {family} {side} . meta l4proto . th dport @{sets}{suffix} accept"
            );
        }
        for six in [false, true] {
            for accept in of(firewall, egress, six)
                .iter()
                .filter(|accept| !is_ported(accept))
            {
                rule(&mut out, accept, side);
            }
        }
        out.push_str("    }\n");
    }
    out.push_str("}\n");
    out.into_bytes()
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
    if !elements.is_empty() {
        let _ = writeln!(out, "        elements = {{\n{}\n        }}", elements.join(",\n"));
    }
    out.push_str("    }\n");
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
