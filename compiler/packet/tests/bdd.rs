//! A second opinion: binary decision diagrams of another author, over the same bits.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use biodivine_lib_bdd::{Bdd, BddVariable, BddVariableSet};
use packet::{Box, Family, Packets, Range, Set};
use proptest::prelude::*;

/// The bits of the four dimensions, most significant first.
struct Bits {
    variables: BddVariableSet,
    all: Vec<BddVariable>,
    widths: [usize; 4],
}

impl Bits {
    fn new(family: Family) -> Bits {
        let address = usize::from(family.address_bits());
        let widths = [8, 16, address, address];
        let variables = BddVariableSet::new_anonymous(widths.iter().sum::<usize>() as u16);
        let all = variables.variables();
        Bits {
            variables,
            all,
            widths,
        }
    }

    /// The packets whose value in a dimension is at least (or at most) the bound.
    fn compared(&self, dimension: usize, bound: u128, at_least: bool) -> Bdd {
        let start: usize = self.widths[..dimension].iter().sum();
        let width = self.widths[dimension];
        let mut equal_or_beyond = self.variables.mk_true();
        for place in 0..width {
            let variable = self.all[start + width - 1 - place];
            let is_set = bound >> place & 1 == 1;
            let literal = self.variables.mk_literal(variable, at_least);
            equal_or_beyond = if is_set == at_least {
                literal.and(&equal_or_beyond)
            } else {
                literal.or(&equal_or_beyond)
            };
        }
        equal_or_beyond
    }

    fn boxed(&self, region: &Box) -> Bdd {
        let ranges = [region.protocols, region.ports, region.source, region.destination];
        let mut all = self.variables.mk_true();
        for (dimension, range) in ranges.into_iter().enumerate() {
            all = all.and(&self.compared(dimension, range.first(), true));
            all = all.and(&self.compared(dimension, range.last(), false));
        }
        all
    }
}

/// A prefix, so that many boxes nest and touch, or any range at all.
fn range(width: u32) -> impl Strategy<Value = Range> {
    let top = u128::MAX >> (128 - width);
    // Few high bits and few low ones: enough for collisions.
    let value = (0_u128..8, 0_u128..4)
        .prop_map(move |(high, low)| (high << (width - 3) | if low == 3 { top >> 3 } else { low }) & top);
    let prefix = (value.clone(), 0..=width).prop_map(move |(value, bits)| {
        let host = if bits == 0 {
            top
        } else {
            top.checked_shr(bits).unwrap_or(0)
        };
        Range::new(value & !host, value | host).unwrap()
    });
    let free = (value.clone(), value).prop_map(|(a, b)| Range::new(a.min(b), a.max(b)).unwrap());
    prop_oneof![prefix, free]
}

fn region(family: Family) -> impl Strategy<Value = Box> {
    let address = u32::from(family.address_bits());
    (range(8), range(16), range(address), range(address)).prop_map(
        |(protocols, ports, source, destination)| Box {
            protocols,
            ports,
            source,
            destination,
        },
    )
}

fn two_lists() -> impl Strategy<Value = (Family, Vec<Box>, Vec<Box>)> {
    prop::sample::select(Family::ALL.to_vec()).prop_flat_map(|family| {
        let list = || prop::collection::vec(region(family), 1..10);
        (Just(family), list(), list())
    })
}

/// The same union on both sides.
fn both(packets: &mut Packets, bits: &Bits, regions: &[Box]) -> (Set, Bdd) {
    let mut bdd = bits.variables.mk_false();
    for region in regions {
        bdd = bdd.or(&bits.boxed(region));
    }
    (packets.boxed_all(regions).unwrap(), bdd)
}

/// The set as the other side would build it.
fn across(packets: &Packets, bits: &Bits, set: Set) -> Bdd {
    let mut bdd = bits.variables.mk_false();
    for region in packets.boxes(set, 1_000_000).unwrap().unwrap() {
        bdd = bdd.or(&bits.boxed(&region));
    }
    bdd
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_binary_decision_diagram_agrees((family, left, right) in two_lists()) {
        let mut packets = Packets::new(family);
        let bits = Bits::new(family);
        let (a, x) = both(&mut packets, &bits, &left);
        let (b, y) = both(&mut packets, &bits, &right);
        let union = packets.union(a, b).unwrap();
        prop_assert!(across(&packets, &bits, union) == x.or(&y));
        let intersection = packets.intersection(a, b).unwrap();
        prop_assert!(across(&packets, &bits, intersection) == x.and(&y));
        let difference = packets.difference(a, b).unwrap();
        prop_assert!(across(&packets, &bits, difference) == x.and_not(&y));
        prop_assert_eq!(a == b, x == y);
        prop_assert_eq!(packets.is_subset(a, b).unwrap(), x.and_not(&y).is_false());
        prop_assert_eq!(packets.is_disjoint(a, b).unwrap(), x.and(&y).is_false());
        let count = packets.count(union).unwrap();
        let exact = x.or(&y).exact_cardinality();
        prop_assert_eq!(u64::from(count.bits()), exact.bits());
        if let Some(count) = count.to_u128() {
            prop_assert_eq!(count.to_string(), exact.to_string());
        }
    }
}
