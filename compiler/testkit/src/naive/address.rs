//! Addresses as numbers, first and last. IPv6 is closed in every spec that is drawn.

use std::net::{IpAddr, Ipv4Addr};

use model::value::Block;

/// First and last address.
pub type Range = (u32, u32);

/// A block of IPv4; none of IPv6.
#[must_use]
pub fn of_block(block: Block) -> Option<Range> {
    if block.six {
        return None;
    }
    Some((
        u32::try_from(block.first).ok()?,
        u32::try_from(block.last()).ok()?,
    ))
}

/// A range of a rule.
#[must_use]
pub fn of_rule(first: IpAddr, last: IpAddr) -> Option<Range> {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => Some((first.to_bits(), last.to_bits())),
        _ => None,
    }
}

/// An address as rules see it.
#[must_use]
pub fn shown(address: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(address))
}

/// Whether an address lies in one of these.
#[must_use]
pub fn holds(ranges: &[Range], address: u32) -> bool {
    ranges
        .iter()
        .any(|(first, last)| *first <= address && address <= *last)
}

/// Every address but these.
#[must_use]
pub fn others(ranges: &[Range]) -> Vec<Range> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut out = Vec::new();
    let mut next = Some(0u32);
    for (first, last) in sorted {
        let Some(from) = next else { break };
        if from < first {
            out.push((from, first - 1));
        }
        next = last.checked_add(1).map(|after| after.max(from));
    }
    out.extend(next.map(|from| (from, u32::MAX)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_the_rest() {
        assert_eq!(others(&[]), [(0, u32::MAX)]);
        assert_eq!(others(&[(5, 9), (0, 2), (7, 12)]), [(3, 4), (13, u32::MAX)]);
        assert_eq!(others(&[(0, u32::MAX), (4, 5)]), []);
    }
}
