//! CIDR blocks, protocols and ports.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use packet::cidr::{Cidr, CidrError, PARTS_MAX};
use packet::{Family, Range, protocol};
use proptest::prelude::*;

fn cidr(text: &str) -> Cidr {
    text.parse().unwrap()
}

fn texts(blocks: &[Cidr]) -> Vec<String> {
    blocks.iter().map(Cidr::to_string).collect()
}

#[test]
fn reading_is_strict() {
    for (text, why) in [
        ("10.0.0.0", CidrError::NoPrefix),
        ("10.0.0/8", CidrError::NotAnAddress),
        ("010.0.0.0/8", CidrError::NotAnAddress),
        (" 10.0.0.0/8", CidrError::NotAnAddress),
        ("fe80::1%eth0/128", CidrError::NotAnAddress),
        ("10.0.0.0/33", CidrError::BadPrefix { bits_max: 32 }),
        ("10.0.0.0/08", CidrError::BadPrefix { bits_max: 32 }),
        ("10.0.0.0/+8", CidrError::BadPrefix { bits_max: 32 }),
        ("10.0.0.0/-0", CidrError::BadPrefix { bits_max: 32 }),
        ("10.0.0.0/8/8", CidrError::BadPrefix { bits_max: 32 }),
        ("10.0.0.0/", CidrError::BadPrefix { bits_max: 32 }),
        ("::/129", CidrError::BadPrefix { bits_max: 128 }),
        (
            "10.0.0.5/24",
            CidrError::HostBits {
                meant: cidr("10.0.0.0/24"),
            },
        ),
        (
            "fd00::1/64",
            CidrError::HostBits {
                meant: cidr("fd00::/64"),
            },
        ),
        (
            "128.0.0.0/0",
            CidrError::HostBits {
                meant: cidr("0.0.0.0/0"),
            },
        ),
    ] {
        assert_eq!(text.parse::<Cidr>(), Err(why), "{text}");
    }
    assert_eq!(
        Cidr::new(Family::Ipv4, 1 << 32, 32),
        Err(CidrError::OutsideFamily)
    );
}

#[test]
fn writing_is_canonical() {
    for (text, canonical) in [
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("255.255.255.255/32", "255.255.255.255/32"),
        ("::/0", "::/0"),
        ("FD77:0:0:1::/64", "fd77:0:0:1::/64"),
        ("2001:0db8:0000:0000:0000:0000:0000:0000/32", "2001:db8::/32"),
        (
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
        ),
    ] {
        assert_eq!(cidr(text).to_string(), canonical);
        assert_eq!(cidr(canonical), cidr(text));
    }
}

#[test]
fn blocks_nest_or_are_apart() {
    assert!(cidr("10.0.0.0/8").contains(cidr("10.255.0.0/16")));
    assert!(!cidr("10.255.0.0/16").contains(cidr("10.0.0.0/8")));
    assert!(cidr("10.255.0.0/16").overlaps(cidr("10.0.0.0/8")));
    assert!(!cidr("10.0.0.0/9").overlaps(cidr("10.128.0.0/9")));
    // The prefix is 32 bits long: the second group differs.
    assert!(!cidr("fd77::/32").contains(cidr("fd77:1::/64")));
    assert!(!cidr("::/0").contains(cidr("0.0.0.0/0")), "families never mix");
    assert!(cidr("::/0").contains_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff".parse().unwrap()));
    assert_eq!(cidr("::/0").range(), Range::addresses(Family::Ipv6));
    assert_eq!(cidr("0.0.0.0/0"), Cidr::all(Family::Ipv4));
}

#[test]
fn carving_gives_equal_parts_in_order() {
    assert_eq!(
        texts(&cidr("10.0.0.0/16").carve(4).unwrap()),
        ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"]
    );
    assert_eq!(texts(&cidr("::/0").carve(2).unwrap()), ["::/1", "8000::/1"]);
    assert_eq!(texts(&cidr("::/0").carve(1).unwrap()), ["::/0"]);
    assert_eq!(
        texts(&cidr("10.0.0.254/31").carve(2).unwrap()),
        ["10.0.0.254/32", "10.0.0.255/32"]
    );
    assert_eq!(cidr("10.0.0.254/31").carve(4), Err(CidrError::TooSmall));
    assert_eq!(cidr("::/128").carve(PARTS_MAX), Err(CidrError::TooSmall));
    for parts in [0, 3, PARTS_MAX * 2] {
        assert_eq!(cidr("10.0.0.0/8").carve(parts), Err(CidrError::BadParts));
    }
}

#[test]
fn covers_reach_the_top() {
    let range = |first, last| Range::new(first, last).unwrap();
    let cover = |family, ranges: &[Range]| texts(&Cidr::cover(family, ranges).unwrap());
    assert_eq!(cover(Family::Ipv6, &[Range::addresses(Family::Ipv6)]), ["::/0"]);
    assert_eq!(
        cover(Family::Ipv4, &[Range::addresses(Family::Ipv4)]),
        ["0.0.0.0/0"]
    );
    assert_eq!(cover(Family::Ipv6, &[range(1, u128::MAX)]).len(), 128);
    assert_eq!(
        cover(Family::Ipv4, &[range(0, u128::from(u32::MAX) - 1)]).len(),
        32
    );
    assert_eq!(
        cover(
            Family::Ipv6,
            &[
                Range::one(u128::MAX),
                Range::one(u128::MAX - 1),
                Range::one(u128::MAX)
            ]
        ),
        ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127"]
    );
    assert_eq!(Cidr::cover(Family::Ipv4, &[Range::one(1 << 32)]), None);
    assert_eq!(Cidr::cover(Family::Ipv4, &[]), Some(Vec::new()));
}

#[test]
fn aggregation_is_exact_and_keeps_families_apart() {
    let blocks = [
        "::/1",
        "10.0.1.0/24",
        "10.0.0.0/24",
        "8000::/1",
        "10.0.0.128/25",
        "10.0.3.0/24",
    ]
    .map(cidr);
    assert_eq!(
        texts(&Cidr::aggregate(&blocks)),
        ["10.0.0.0/23", "10.0.3.0/24", "::/0"]
    );
}

#[test]
fn protocols_have_names_and_numbers() {
    assert_eq!(protocol::names().count(), 9);
    for name in protocol::names() {
        assert_eq!(protocol::number(name).and_then(protocol::name), Some(name));
    }
    assert_eq!(
        ["tcp", "udp", "icmp", "icmpv6"].map(protocol::number),
        [6, 17, 1, 58].map(Some)
    );
    assert_eq!(protocol::named("any"), Some(Range::PROTOCOLS));
    assert_eq!(protocol::named("all"), protocol::named("any"));
    assert_eq!(protocol::named("tcp"), Some(Range::one(6)));
    assert_eq!(protocol::named("TCP"), None);
    assert_eq!(protocol::icmp(3, Some(4)), Range::one(772));
    assert_eq!(protocol::icmp(255, None), protocol::ports(65280, 65535).unwrap());
    assert_eq!(protocol::icmp_of(772), (3, 4));
}

#[test]
fn ports_are_plain_numbers() {
    assert_eq!(protocol::parse_ports("443"), Some(protocol::port(443)));
    assert_eq!(protocol::parse_ports("0-65535"), Some(Range::PORTS));
    for text in [
        "", "-", "443-", "-443", "65536", "0443", "+443", "443-80", "1-2-3", " 443", "http",
    ] {
        assert_eq!(protocol::parse_ports(text), None, "{text}");
    }
}

/// The fewest blocks by trying: a block is whole, or its halves are looked at.
fn naive(block: (u128, u32), wanted: &[bool], found: &mut usize) {
    let (base, host_bits) = block;
    let inside = &wanted[base as usize..base as usize + (1 << host_bits)];
    if inside.iter().all(|wanted| *wanted) {
        *found += 1;
    } else if inside.iter().any(|wanted| *wanted) {
        let half = 1 << (host_bits - 1);
        naive((base, host_bits - 1), wanted, found);
        naive((base + half, host_bits - 1), wanted, found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn covers_are_exact_and_minimal(
        picks in prop::collection::vec((0_u128..128, 0_u128..40), 0..8),
        family in prop::sample::select(Family::ALL.to_vec()),
    ) {
        // The last 128 addresses of the family: the top is always near.
        let origin = family.top() - 127;
        let mut wanted = [false; 128];
        let mut ranges = Vec::new();
        for (first, length) in picks {
            let last = (first + length).min(127);
            ranges.push(Range::new(origin + first, origin + last).unwrap());
            wanted[first as usize..=last as usize].fill(true);
        }
        let blocks = Cidr::cover(family, &ranges).unwrap();
        let mut covered = [0; 128];
        for block in &blocks {
            prop_assert_eq!(block.to_string().parse::<Cidr>(), Ok(*block));
            for (at, hits) in covered.iter_mut().enumerate() {
                *hits += usize::from(block.range().contains(origin + at as u128));
            }
        }
        for (hits, wanted) in covered.iter().zip(wanted) {
            prop_assert_eq!(*hits, usize::from(wanted), "each address once");
        }
        let mut fewest = 0;
        naive((0, 7), &wanted, &mut fewest);
        prop_assert_eq!(blocks.len(), fewest);
        let mut reversed = blocks.clone();
        reversed.reverse();
        prop_assert_eq!(Cidr::aggregate(&reversed), blocks);
    }

    #[test]
    fn reading_never_panics(text in "[0-9a-f:./+ -]{0,24}") {
        if let Ok(block) = text.parse::<Cidr>() {
            prop_assert_eq!(block.to_string().parse::<Cidr>(), Ok(block));
        }
        let _ = protocol::parse_ports(&text);
    }
}
