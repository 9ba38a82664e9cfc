//! CIDR blocks and civil dates.

use pattern::address::{Addresses, Block, Fault};
use pattern::date;
use pattern::ranges::Ranges;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ranges_are_sets_of_points(
        left in prop::collection::vec((-5i64..5, -5i64..5), 0..4),
        right in prop::collection::vec((-5i64..5, -5i64..5), 0..4),
    ) {
        let has = |set: &[(i64, i64)], point: i64| set.iter().any(|(a, b)| (*a..=*b).contains(&point));
        let (l, r) = (Ranges::of(left.clone()), Ranges::of(right.clone()));
        for point in [i64::MIN, i64::MAX].into_iter().chain(-7..7) {
            let (a, b) = (has(&left, point), has(&right, point));
            prop_assert_eq!(l.contains(point), a);
            prop_assert_eq!(l.and(&r).contains(point), a && b);
            prop_assert_eq!(l.or(&r).contains(point), a || b);
            prop_assert_eq!(l.not().contains(point), !a);
        }
        prop_assert_eq!(l == r, (-7..7).all(|point| has(&left, point) == has(&right, point)));
        prop_assert_eq!(l.not().not(), l.clone());
        prop_assert!(l.or(&l.not()).is_all());
    }

    #[test]
    fn blocks_are_the_fewest(first in 0u32..64, length in 0u32..64) {
        let last = first + length;
        let blocks = Addresses { v4: Ranges::of([(first, last)]), v6: Ranges::none() }.blocks();
        prop_assert_eq!(Addresses::of(blocks.clone()).v4, Ranges::of([(first, last)]));
        // Naively: single addresses, of which halves are joined until none are left.
        let mut joined: Vec<(u32, u32)> = (first..=last).map(|address| (address, 1)).collect();
        for size in (0..7).map(|bits| 1 << bits) {
            let mut at = 0;
            while at + 1 < joined.len() {
                let (a, b) = (joined[at], joined[at + 1]);
                if a.1 == size && b.1 == size && a.0 % (2 * size) == 0 {
                    joined[at] = (a.0, 2 * size);
                    joined.remove(at + 1);
                }
                at += 1;
            }
        }
        prop_assert_eq!(blocks.len(), joined.len());
    }

    #[test]
    fn blocks_of_six_are_read_back(first in any::<u128>(), length in any::<u128>()) {
        let set = Addresses { v4: Ranges::none(), v6: Ranges::of([(first, first.saturating_add(length))]) };
        prop_assert_eq!(Addresses::of(set.blocks()), set);
    }

    #[test]
    fn a_block_is_read_as_it_is_shown(address in any::<u128>(), prefix_bits in 0u8..=128, v4 in any::<bool>()) {
        let text = if v4 {
            format!("{}/{}", std::net::Ipv4Addr::from_bits(address as u32), prefix_bits % 33)
        } else {
            format!("{}/{prefix_bits}", std::net::Ipv6Addr::from_bits(address))
        };
        let block = match Block::parse(&text) {
            Ok(block) | Err(Fault::HostBits(block)) => block,
            Err(fault) => panic!("{fault:?}"),
        };
        prop_assert_eq!(Block::parse(&block.to_string()), Ok(block));
        prop_assert_eq!(block.to_string() == text, Block::parse(&text).is_ok());
        prop_assert!(block.contains(Block::parse(text.split('/').next().unwrap()).unwrap()));
    }

    #[test]
    fn seconds_are_read_as_they_are_shown(second in date::midnight("0000-01-01").unwrap()..=date::last_second("9999-12-31").unwrap()) {
        prop_assert_eq!(date::seconds(&date::timestamp(second)), Some(second));
    }
}

#[test]
fn blocks_are_read_strictly() {
    assert_eq!(Block::parse("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
    assert_eq!(Block::parse("10.0.0.1").unwrap().to_string(), "10.0.0.1/32");
    assert_eq!(
        Block::parse("2001:db8::/32").unwrap().to_string(),
        "2001:db8::/32"
    );
    assert_eq!(Block::parse("0.0.0.0/0").unwrap().prefix_bits(), 0);
    let meant = Block::parse("10.0.0.0/8").unwrap();
    assert_eq!(Block::parse("10.0.0.1/8"), Err(Fault::HostBits(meant)));
    for text in [
        "10.0.0.0/",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "10.0.0/8",
        "010.0.0.0/8",
        "10.0.0.0/8/8",
        "",
        "::/0x",
    ] {
        assert_eq!(Block::parse(text), Err(Fault::Malformed), "{text}");
    }
    for text in ["10.0.0.0/33", "::/129", "::/300"] {
        assert_eq!(Block::parse(text), Err(Fault::PrefixTooLong), "{text}");
    }
}

#[test]
fn a_block_contains_its_parts_and_not_the_reverse() {
    for (wide, narrow, beside) in [
        ("10.0.0.0/8", "10.0.0.0/16", "11.0.0.0/16"),
        ("2001:db8::/32", "2001:db8::/48", "2001:db9::/48"),
    ] {
        let [wide, narrow, beside] = [wide, narrow, beside].map(|text| Block::parse(text).unwrap());
        assert!(wide.contains(narrow) && wide.contains(wide));
        assert!(!narrow.contains(wide) && !wide.contains(beside));
    }
}

#[test]
fn the_families_are_two_universes() {
    let v4 = Addresses::of([Block::parse("0.0.0.0/0").unwrap()]);
    assert!(v4.v4.is_all() && !v4.is_all());
    assert_eq!(v4.not(), Addresses::of([Block::parse("::/0").unwrap()]));
    assert_eq!(Addresses::all().blocks().len(), 2);
    assert!(
        !Block::parse("::/0")
            .unwrap()
            .contains(Block::parse("0.0.0.0/0").unwrap())
    );
}

#[test]
fn days_follow_one_another() {
    let (mut year, mut month, mut day) = (1970, 1, 1);
    for number in 0..200_000i64 {
        let text = format!("{year:04}-{month:02}-{day:02}");
        assert_eq!(date::midnight(&text), Some(number * 86_400), "{text}");
        assert_eq!(date::next_midnight(&text), Some((number + 1) * 86_400));
        assert_eq!(date::day(date::last_second(&text).unwrap()), text);
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let length = [
            31,
            if leap { 29 } else { 28 },
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
        ][month - 1];
        day += 1;
        if day > length {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
}

#[test]
fn there_is_no_such_day() {
    for text in [
        "2026-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-00-01",
        "2026-13-01",
        "2026-01-00",
        "26-01-01",
        "2026-1-01",
        "+026-01-01",
        "2026-01-01-",
        "2026-01-01T00:00:00Z",
        "",
    ] {
        assert_eq!(date::midnight(text), None, "{text}");
    }
    assert_eq!(date::midnight("2000-02-29"), Some(951_782_400));
    assert_eq!(
        date::timestamp(date::last_second("2026-06-30").unwrap()),
        "2026-06-30T23:59:59Z"
    );
    assert_eq!(date::timestamp(-1), "1969-12-31T23:59:59Z");
    for text in [
        "2026-06-30T24:00:00Z",
        "2026-06-30T23:59:59",
        "2026-06-30T23:59Z",
        "2026-06-30 23:59:59Z",
    ] {
        assert_eq!(date::seconds(text), None, "{text}");
    }
}
