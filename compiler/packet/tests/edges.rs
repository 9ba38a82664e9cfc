//! The top of every dimension, the budget, and sets that are not ours.

use packet::{Box, Count, Dimension, Family, Order, Packet, Packets, Range, Set, Unanswered};

fn top_packet(family: Family) -> Packet {
    Packet {
        protocol: 255,
        port: 65535,
        source: family.top(),
        destination: family.top(),
    }
}

#[test]
fn the_top_packet_goes_through_every_operation() {
    for family in Family::ALL {
        for order in [Order::PortsFirst, Order::AddressesFirst] {
            let mut packets = Packets::with_budget(family, order, packet::EDGES_MAX);
            let region = Box::one(top_packet(family));
            let top = packets.boxed(&region).unwrap();
            assert!(packets.contains(top, top_packet(family)).unwrap());
            assert_eq!(packets.witness(top).unwrap(), Some(top_packet(family)));
            assert_eq!(packets.boxes(top, 1).unwrap(), Some(vec![region]));
            assert_eq!(packets.count(top).unwrap(), Count::ONE);
            let rest = packets.complement(top).unwrap();
            assert!(!packets.contains(rest, top_packet(family)).unwrap());
            assert!(packets.is_disjoint(top, rest).unwrap());
            assert!(packets.is_subset(top, Set::FULL).unwrap());
            assert!(!packets.is_subset(Set::FULL, rest).unwrap());
            assert_eq!(packets.union(top, rest).unwrap(), Set::FULL);
            assert_eq!(packets.intersection(top, rest).unwrap(), Set::EMPTY);
            assert_eq!(packets.difference(Set::FULL, rest).unwrap(), top);
            let mut open = top;
            for dimension in [
                Dimension::Protocol,
                Dimension::Port,
                Dimension::Source,
                Dimension::Destination,
            ] {
                open = packets.exists(open, dimension).unwrap();
                assert_ne!(packets.for_all(rest, dimension).unwrap(), Set::EMPTY);
            }
            assert_eq!(open, Set::FULL);
        }
    }
}

#[test]
fn everything_is_one_box() {
    for (family, bits) in [(Family::Ipv4, 89), (Family::Ipv6, 281)] {
        let mut packets = Packets::new(family);
        assert_eq!(packets.boxed(&Box::any(family)).unwrap(), Set::FULL);
        assert_eq!(packets.boxes(Set::FULL, 1).unwrap(), Some(vec![Box::any(family)]));
        assert_eq!(packets.boxes(Set::FULL, 0).unwrap(), None);
        assert_eq!(packets.boxes(Set::EMPTY, 0).unwrap(), Some(Vec::new()));
        assert_eq!(packets.count(Set::FULL).unwrap().bits(), bits);
        assert_eq!(packets.witness(Set::EMPTY).unwrap(), None);
        assert_eq!(packets.edge_count(), 0);
    }
}

#[test]
fn an_address_of_the_other_family_is_refused() {
    let mut packets = Packets::new(Family::Ipv4);
    assert_eq!(
        packets.boxed(&Box::any(Family::Ipv6)),
        Err(Unanswered::OutsideDomain)
    );
    let protocols = Range::one(256);
    assert_eq!(
        packets.boxed(&Box {
            protocols,
            ..Box::any(Family::Ipv4)
        }),
        Err(Unanswered::OutsideDomain)
    );
    let everything_but_one = {
        let one = packets.boxed(&Box::one(top_packet(Family::Ipv4))).unwrap();
        packets.complement(one).unwrap()
    };
    assert_eq!(
        packets.contains(everything_but_one, top_packet(Family::Ipv6)),
        Err(Unanswered::OutsideDomain)
    );
}

#[test]
fn a_set_of_another_manager_is_refused_where_it_shows() {
    let mut first = Packets::new(Family::Ipv4);
    let set = first.boxed(&Box::one(top_packet(Family::Ipv4))).unwrap();
    let mut second = Packets::new(Family::Ipv4);
    assert_eq!(second.union(set, Set::EMPTY), Ok(set));
    assert_eq!(second.complement(set), Err(Unanswered::ForeignSet));
    assert_eq!(second.witness(set), Err(Unanswered::ForeignSet));
}

#[test]
fn over_budget_is_an_error_and_harms_nothing() {
    let mut packets = Packets::with_budget(Family::Ipv4, Order::PortsFirst, 60);
    let mut union = Set::EMPTY;
    let mut added = Vec::new();
    let refusal = loop {
        let value = added.len() as u128 * 7;
        let region = Box {
            source: Range::one(value),
            destination: Range::one(value),
            ..Box::any(Family::Ipv4)
        };
        match packets.boxed(&region).and_then(|set| packets.union(union, set)) {
            Ok(wider) => {
                union = wider;
                added.push(region);
            }
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal, Unanswered::OverBudget { edges_max: 60 });
    assert!(added.len() > 2);
    // What was made before is whole, and what needs no new node still works.
    let mut told = packets.boxes(union, 100).unwrap().unwrap();
    told.sort();
    added.sort();
    assert_eq!(told, added);
    assert_eq!(packets.union(union, Set::EMPTY), Ok(union));
    assert!(packets.is_subset(union, Set::FULL).unwrap());
}

#[test]
fn wide_unions_do_not_depend_on_the_order() {
    // Every packet of a /16 pair by itself, shuffled by a stride that is coprime to the number.
    let regions: Vec<Box> = (0..4096_u128)
        .map(|at| at * 2731 % 4096)
        .map(|at| Box {
            ports: Range::one(at % 16),
            source: Range::one(at / 16),
            ..Box::any(Family::Ipv6)
        })
        .collect();
    let mut packets = Packets::new(Family::Ipv6);
    let sets: Vec<Set> = regions
        .iter()
        .map(|region| packets.boxed(region).unwrap())
        .collect();
    let union = packets.union_all(&sets).unwrap();
    let whole = Box {
        ports: Range::new(0, 15).unwrap(),
        source: Range::new(0, 255).unwrap(),
        ..Box::any(Family::Ipv6)
    };
    assert_eq!(packets.boxed(&whole).unwrap(), union);
    assert_eq!(packets.boxed_all(&regions).unwrap(), union);
    assert_eq!(packets.boxes(union, 1).unwrap(), Some(vec![whole]));
}
