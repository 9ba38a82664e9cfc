//! Every operation against a truth table.
//!
//! Bounds are drawn from the edges of each dimension, so seven values per dimension stand for all of them and
//! a table of 7^4 packets is complete: it is not a sample.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use packet::{Action, Box, Dimension, Family, Order, Packet, Packets, Range, Rule, Set};
use proptest::prelude::*;

const SIDE: usize = 7;
const CELLS: usize = SIDE * SIDE * SIDE * SIDE;
const DIMENSIONS: [Dimension; 4] = [
    Dimension::Protocol,
    Dimension::Port,
    Dimension::Source,
    Dimension::Destination,
];

type Table = Vec<bool>;

/// For each dimension the places (0..7) of the first and the last value.
type Corners = [(usize, usize); 4];

/// The lowest value of each of the seven cells of a dimension: 0, 1, 2, all between, and the last three.
fn values(top: u128) -> [u128; SIDE] {
    [0, 1, 2, 3, top - 2, top - 1, top]
}

fn lasts(top: u128) -> [u128; SIDE] {
    [0, 1, 2, top - 3, top - 2, top - 1, top]
}

fn places(cell: usize) -> [usize; 4] {
    [
        cell / (SIDE * SIDE * SIDE),
        cell / (SIDE * SIDE) % SIDE,
        cell / SIDE % SIDE,
        cell % SIDE,
    ]
}

fn packet_of(family: Family, cell: usize) -> Packet {
    let [a, b, c, d] = places(cell);
    Packet {
        protocol: values(255)[a] as u8,
        port: values(65535)[b] as u16,
        source: values(family.top())[c],
        destination: values(family.top())[d],
    }
}

fn box_of(family: Family, corners: &Corners) -> Box {
    let range = |at: usize, top: u128| {
        let (first, last) = corners[at];
        Range::new(values(top)[first], lasts(top)[last]).unwrap()
    };
    Box {
        protocols: range(0, 255),
        ports: range(1, 65535),
        source: range(2, family.top()),
        destination: range(3, family.top()),
    }
}

fn table_of(boxes: &[Corners]) -> Table {
    (0..CELLS)
        .map(|cell| {
            boxes.iter().any(|corners| {
                places(cell)
                    .iter()
                    .zip(corners)
                    .all(|(at, (first, last))| first <= at && at <= last)
            })
        })
        .collect()
}

fn zip(a: &Table, b: &Table, f: impl Fn(bool, bool) -> bool) -> Table {
    a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect()
}

/// The table of a set, packet by packet.
fn read_off(packets: &Packets, set: Set) -> Table {
    (0..CELLS)
        .map(|cell| packets.contains(set, packet_of(packets.family(), cell)).unwrap())
        .collect()
}

fn project(table: &Table, dimension: usize, keep: fn([bool; SIDE]) -> bool) -> Table {
    (0..CELLS)
        .map(|cell| {
            keep(std::array::from_fn(|value| {
                let mut at = places(cell);
                at[dimension] = value;
                table[((at[0] * SIDE + at[1]) * SIDE + at[2]) * SIDE + at[3]]
            }))
        })
        .collect()
}

fn made(packets: &mut Packets, boxes: &[Corners]) -> Set {
    let family = packets.family();
    let sets: Vec<Set> = boxes
        .iter()
        .map(|corners| packets.boxed(&box_of(family, corners)).unwrap())
        .collect();
    packets.union_all(&sets).unwrap()
}

fn corners() -> impl Strategy<Value = Corners> {
    let side = || (0..SIDE, 0..SIDE).prop_map(|(a, b)| (a.min(b), a.max(b)));
    [side(), side(), side(), side()]
}

fn boxes() -> impl Strategy<Value = Vec<Corners>> {
    prop::collection::vec(corners(), 0..7)
}

fn managers() -> impl Strategy<Value = (Family, Order)> {
    (
        prop::sample::select(Family::ALL.to_vec()),
        prop::sample::select(vec![Order::PortsFirst, Order::AddressesFirst]),
    )
}

fn manager((family, order): (Family, Order)) -> Packets {
    Packets::with_budget(family, order, packet::EDGES_MAX)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn operations_agree_with_the_table(which in managers(), left in boxes(), right in boxes()) {
        let mut packets = manager(which);
        let (a, b) = (made(&mut packets, &left), made(&mut packets, &right));
        let (x, y) = (table_of(&left), table_of(&right));
        prop_assert_eq!(read_off(&packets, a), x.clone());
        let union = packets.union(a, b).unwrap();
        prop_assert_eq!(read_off(&packets, union), zip(&x, &y, |x, y| x || y));
        let both = packets.intersection(a, b).unwrap();
        prop_assert_eq!(read_off(&packets, both), zip(&x, &y, |x, y| x && y));
        let only = packets.difference(a, b).unwrap();
        prop_assert_eq!(read_off(&packets, only), zip(&x, &y, |x, y| x && !y));
        let not = packets.complement(a).unwrap();
        prop_assert_eq!(read_off(&packets, not), zip(&x, &x, |x, _| !x));
        prop_assert_eq!(packets.is_subset(a, b).unwrap(), x.iter().zip(&y).all(|(x, y)| !x || *y));
        prop_assert_eq!(packets.is_disjoint(a, b).unwrap(), !x.iter().zip(&y).any(|(x, y)| *x && *y));
        prop_assert_eq!(a == b, x == y);
    }

    #[test]
    fn one_set_has_one_id(which in managers(), left in boxes(), right in boxes()) {
        let mut packets = manager(which);
        let family = packets.family();
        let (a, b) = (made(&mut packets, &left), made(&mut packets, &right));
        // De Morgan, double complement, and the boxes in any order, split and joined again.
        let not_a = packets.complement(a).unwrap();
        let not_b = packets.complement(b).unwrap();
        let neither = packets.intersection(not_a, not_b).unwrap();
        let union = packets.union(a, b).unwrap();
        prop_assert_eq!(packets.complement(neither).unwrap(), union);
        prop_assert_eq!(packets.complement(not_a).unwrap(), a);
        let mut all: Vec<Box> = right.iter().chain(&left).map(|corners| box_of(family, corners)).collect();
        prop_assert_eq!(packets.boxed_all(&all).unwrap(), union);
        all.reverse();
        let mut folded = Set::EMPTY;
        for region in &all {
            let set = packets.boxed(region).unwrap();
            folded = packets.union(set, folded).unwrap();
        }
        prop_assert_eq!(folded, union);
        let told = packets.boxes(union, 10_000).unwrap().unwrap();
        prop_assert_eq!(packets.boxed_all(&told).unwrap(), union);
    }

    #[test]
    fn what_is_told_of_a_set_is_true(which in managers(), of in boxes(), other in boxes()) {
        let mut packets = manager(which);
        let set = made(&mut packets, &of);
        let table = table_of(&of);
        match packets.witness(set).unwrap() {
            Some(packet) => prop_assert!(packets.contains(set, packet).unwrap()),
            None => prop_assert!(!table.contains(&true)),
        }
        if which.1 == Order::PortsFirst {
            let least = (0..CELLS).find(|cell| table[*cell]).map(|cell| packet_of(which.0, cell));
            prop_assert_eq!(packets.witness(set).unwrap(), least);
        }
        let told = packets.boxes(set, 10_000).unwrap().unwrap();
        prop_assert!(told.is_sorted());
        for (cell, is_member) in table.iter().enumerate() {
            let inside = told.iter().filter(|region| region.contains(packet_of(which.0, cell))).count();
            prop_assert_eq!(inside, usize::from(*is_member), "boxes are disjoint and cover the set");
        }
        if !told.is_empty() {
            prop_assert_eq!(packets.boxes(set, told.len() - 1).unwrap(), None);
        }
        // The same set in a manager with another past tells the same boxes.
        let mut second = manager(which);
        made(&mut second, &other);
        let again = made(&mut second, &of);
        prop_assert_eq!(second.boxes(again, 10_000).unwrap().unwrap(), told);
    }

    #[test]
    fn counts_agree_with_the_table(of in boxes()) {
        let mut packets = Packets::new(Family::Ipv4);
        let set = made(&mut packets, &of);
        let table = table_of(&of);
        let mut total = 0_u128;
        for cell in (0..CELLS).filter(|cell| table[*cell]) {
            let tops = [255, 65535, Family::Ipv4.top(), Family::Ipv4.top()];
            total += places(cell)
                .iter()
                .zip(tops)
                .map(|(at, top)| lasts(top)[*at] - values(top)[*at] + 1)
                .product::<u128>();
        }
        prop_assert_eq!(packets.count(set).unwrap().to_u128(), Some(total));
    }

    #[test]
    fn projections_agree_with_the_table(which in managers(), of in boxes()) {
        let mut packets = manager(which);
        let set = made(&mut packets, &of);
        let table = table_of(&of);
        for (at, dimension) in DIMENSIONS.into_iter().enumerate() {
            let some = packets.exists(set, dimension).unwrap();
            prop_assert_eq!(read_off(&packets, some), project(&table, at, |line| line.contains(&true)));
            let every = packets.for_all(set, dimension).unwrap();
            prop_assert_eq!(read_off(&packets, every), project(&table, at, |line| !line.contains(&false)));
        }
    }

    #[test]
    fn lists_of_rules_agree_with_the_table(
        which in managers(),
        list in prop::collection::vec((any::<bool>(), prop::collection::vec(corners(), 0..4)), 0..12),
    ) {
        let mut packets = manager(which);
        let mut rules = Vec::new();
        let mut permitted = vec![false; CELLS];
        let mut decider = vec![None; CELLS];
        let mut dead = Vec::new();
        for (index, (permits, regions)) in list.iter().enumerate() {
            let action = if *permits { Action::Permit } else { Action::Deny };
            rules.push(Rule { action, packets: made(&mut packets, regions) });
            let table = table_of(regions);
            let mut blockers = std::collections::BTreeSet::new();
            let mut decides = false;
            for cell in (0..CELLS).filter(|cell| table[*cell]) {
                match decider[cell] {
                    Some(earlier) => {
                        blockers.insert(earlier);
                    }
                    None => {
                        decider[cell] = Some(index);
                        permitted[cell] = *permits;
                        decides = true;
                    }
                }
            }
            if !decides {
                dead.push((index, blockers));
            }
        }
        let set = packets.first_match(&rules).unwrap();
        prop_assert_eq!(read_off(&packets, set), permitted);
        let found: Vec<_> = packets
            .dead_rules(&rules)
            .unwrap()
            .into_iter()
            .map(|dead| (dead.index, dead.blockers.into_iter().collect()))
            .collect();
        prop_assert_eq!(found, dead);
    }
}
