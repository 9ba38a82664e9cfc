//! Protocols by name and number, and what they put in the port dimension.

use crate::Range;

/// TCP.
pub const TCP: u8 = 6;

/// UDP.
pub const UDP: u8 = 17;

/// ICMP of IPv4.
pub const ICMP: u8 = 1;

/// ICMP of IPv6.
pub const ICMPV6: u8 = 58;

/// The names that a spec may use, with the numbers of
/// <https://www.iana.org/assignments/protocol-numbers>.
const NAMES: [(&str, u8); 9] = [
    ("ah", 51),
    ("dccp", 33),
    ("esp", 50),
    ("gre", 47),
    ("icmp", ICMP),
    ("icmpv6", ICMPV6),
    ("sctp", 132),
    ("tcp", TCP),
    ("udp", UDP),
];

/// The number of a protocol by its lower-case name.
#[must_use]
pub fn number(name: &str) -> Option<u8> {
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, number)| *number)
}

/// The name of a protocol, if it has one here.
#[must_use]
pub fn name(number: u8) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|(_, known)| *known == number)
        .map(|(name, _)| *name)
}

/// The names that [`number`] knows, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// The protocols that a name means: `any` and `all` mean every one.
#[must_use]
pub fn named(name: &str) -> Option<Range> {
    match name {
        "any" | "all" => Some(Range::PROTOCOLS),
        _ => number(name).map(one),
    }
}

/// The one protocol.
#[must_use]
pub const fn one(number: u8) -> Range {
    Range::one(number as u128)
}

/// Whether packets of the protocol carry a destination port.
#[must_use]
pub const fn has_ports(number: u8) -> bool {
    matches!(number, TCP | UDP | 33 | 132)
}

/// Whether the protocol is ICMP of either family, whose type and code stand in the port dimension.
#[must_use]
pub const fn is_icmp(number: u8) -> bool {
    matches!(number, ICMP | ICMPV6)
}

/// The ports `first..=last`; `None` if that is empty.
#[must_use]
pub const fn ports(first: u16, last: u16) -> Option<Range> {
    Range::new(first as u128, last as u128)
}

/// The one port.
#[must_use]
pub const fn port(number: u16) -> Range {
    Range::one(number as u128)
}

/// An ICMP type, with one code or with every code, in the port dimension.
#[must_use]
pub fn icmp(kind: u8, code: Option<u8>) -> Range {
    let first = u16::from_be_bytes([kind, code.unwrap_or(0)]);
    let last = u16::from_be_bytes([kind, code.unwrap_or(u8::MAX)]);
    ports(first, last).unwrap_or(port(first))
}

/// The type and the code that a value of the port dimension means for ICMP.
#[must_use]
pub const fn icmp_of(port: u16) -> (u8, u8) {
    let [kind, code] = port.to_be_bytes();
    (kind, code)
}

/// Reads `443` or `8000-8100`: plain numbers, the first not above the last.
#[must_use]
pub fn parse_ports(text: &str) -> Option<Range> {
    match text.split_once('-') {
        Some((first, last)) => ports(parse_port(first)?, parse_port(last)?),
        None => parse_port(text).map(port),
    }
}

fn parse_port(text: &str) -> Option<u16> {
    // The standard parser would accept `+8` and `08`.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}
