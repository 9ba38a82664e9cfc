//! A readable member of a set of values.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::address::Addresses;
use crate::ranges::Ranges;
use crate::values::{Present, Value, Values};

impl Values {
    /// A member, *absent* (`Some(None)`) only if there is no other; `None` if there is no member.
    pub fn sample(&self) -> Option<Option<Value>> {
        let value = match &self.present {
            Present::Text(words) => words.sample().map(Value::Text),
            Present::Number(ranges) => nearest(ranges, 0).map(Value::Number),
            Present::Date(ranges) => nearest(ranges, SAMPLE_SECOND).map(Value::Date),
            Present::Address(addresses) => sample_address(addresses).map(Value::Address),
            Present::Flag(flags) if flags.yes => Some(Value::Flag(true)),
            Present::Flag(flags) => flags.no.then_some(Value::Flag(false)),
        };
        match value {
            Some(value) => Some(Some(value)),
            None => self.absent.then_some(None),
        }
    }
}

/// 2026-01-01, so that a date in a witness looks like one.
const SAMPLE_SECOND: i64 = 1_767_225_600;

/// The member nearest to `wanted` from above, else the greatest below it.
fn nearest(ranges: &Ranges<i64>, wanted: i64) -> Option<i64> {
    let ranges = ranges.as_slice();
    let at = ranges.partition_point(|(_, last)| *last < wanted);
    match ranges.get(at) {
        Some((first, _)) => Some(wanted.max(*first)),
        None => ranges.last().map(|(_, last)| *last),
    }
}

/// An address of the documentation blocks if one is a member, else the first.
fn sample_address(addresses: &Addresses) -> Option<IpAddr> {
    let known = [
        IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
        IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)),
    ];
    let known = known.into_iter().find(|address| addresses.contains(*address));
    let v4 = || {
        addresses
            .v4
            .as_slice()
            .first()
            .map(|(first, _)| IpAddr::V4(Ipv4Addr::from_bits(*first)))
    };
    let v6 = || {
        addresses
            .v6
            .as_slice()
            .first()
            .map(|(first, _)| IpAddr::V6(Ipv6Addr::from_bits(*first)))
    };
    known.or_else(v4).or_else(v6)
}
