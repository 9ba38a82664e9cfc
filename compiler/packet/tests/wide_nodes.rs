//! Nodes with hundreds of edges, against a table of every packet.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use packet::{Box, Family, Packet, Packets, Range, Set};
use proptest::prelude::*;

/// Every value that a bound may have, in ports and in sources.
const SIDE: usize = 300;

type Rectangle = ((usize, usize), (usize, usize));

fn rectangles() -> impl Strategy<Value = Vec<Rectangle>> {
    // Mostly small, so that many edges survive.
    let side = || (0..SIDE, 0..6_usize).prop_map(|(first, more)| (first, (first + more).min(SIDE - 1)));
    prop::collection::vec((side(), side()), 1..500)
}

/// The last value stands at the top of its dimension.
fn value(place: usize, top: u128) -> u128 {
    if place == SIDE - 1 { top } else { place as u128 * 3 }
}

fn range((first, last): (usize, usize), top: u128) -> Range {
    // Up to the next place that a bound can have.
    let end = if last == SIDE - 1 {
        top
    } else {
        value(last, top) + 2
    };
    Range::new(value(first, top), end).unwrap()
}

fn made(packets: &mut Packets, rectangles: &[Rectangle]) -> (Set, Vec<bool>) {
    let top = packets.family().top();
    let mut table = vec![false; SIDE * SIDE];
    let mut regions = Vec::new();
    for (ports, sources) in rectangles {
        for port in ports.0..=ports.1 {
            table[port * SIDE + sources.0..=port * SIDE + sources.1].fill(true);
        }
        let (ports, source) = (range(*ports, 65535), range(*sources, top));
        regions.push(Box {
            ports,
            source,
            ..Box::any(packets.family())
        });
    }
    (packets.boxed_all(&regions).unwrap(), table)
}

fn agrees(packets: &Packets, set: Set, wanted: impl Fn(usize) -> bool) -> bool {
    let top = packets.family().top();
    (0..SIDE * SIDE).all(|cell| {
        let port = value(cell / SIDE, 65535) as u16;
        let packet = Packet {
            protocol: 6,
            port,
            source: value(cell % SIDE, top),
            destination: 0,
        };
        packets.contains(set, packet).unwrap() == wanted(cell)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wide_nodes_agree_with_the_table(
        family in prop::sample::select(Family::ALL.to_vec()),
        left in rectangles(),
        right in rectangles(),
    ) {
        let mut packets = Packets::new(family);
        let (a, x) = made(&mut packets, &left);
        let (b, y) = made(&mut packets, &right);
        prop_assert!(agrees(&packets, a, |cell| x[cell]));
        let union = packets.union(a, b).unwrap();
        prop_assert!(agrees(&packets, union, |cell| x[cell] || y[cell]));
        let both = packets.intersection(a, b).unwrap();
        prop_assert!(agrees(&packets, both, |cell| x[cell] && y[cell]));
        let only = packets.difference(a, b).unwrap();
        prop_assert!(agrees(&packets, only, |cell| x[cell] && !y[cell]));
        prop_assert!(packets.is_subset(only, a).unwrap());
        prop_assert!(packets.is_disjoint(only, b).unwrap());
        prop_assert_eq!(packets.is_subset(a, b).unwrap(), only.is_empty());
        prop_assert_eq!(packets.is_disjoint(a, b).unwrap(), both.is_empty());
        let told = packets.boxes(union, SIDE * SIDE).unwrap().unwrap();
        prop_assert_eq!(packets.boxed_all(&told).unwrap(), union);
    }
}
