//! CIDR blocks and their carving into equal parts.

use std::net::{Ipv4Addr, Ipv6Addr};

use model::value::Block;

/// Why a text is no block of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoBlock {
    /// It is not of the form `ADDRESS/BITS`.
    Malformed,
    /// Bits behind the prefix are set; this is what was probably meant.
    HostBits(Block),
}

/// Reads `"10.0.0.0/8"` or `"2001:db8::/32"`.
pub(crate) fn block(text: &str) -> Result<Block, NoBlock> {
    let (address, bits) = text.split_once('/').ok_or(NoBlock::Malformed)?;
    let plain = !bits.is_empty() && bits.len() <= 3 && bits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (bits.len() > 1 && bits.starts_with('0')) {
        return Err(NoBlock::Malformed);
    }
    let prefix_bits: u8 = bits.parse().map_err(|_| NoBlock::Malformed)?;
    let (six, first, width) = number(address).ok_or(NoBlock::Malformed)?;
    if prefix_bits > width {
        return Err(NoBlock::Malformed);
    }
    let free = u32::from(width - prefix_bits);
    let host = if free >= 128 {
        u128::MAX
    } else {
        (1u128 << free) - 1
    };
    if first & host != 0 {
        return Err(NoBlock::HostBits(Block {
            six,
            first: first & !host,
            prefix_bits,
        }));
    }
    Ok(Block {
        six,
        first,
        prefix_bits,
    })
}

/// Reads one address as a block that holds nothing else.
pub(crate) fn single(text: &str) -> Option<Block> {
    let (six, first, width) = number(text)?;
    Some(Block {
        six,
        first,
        prefix_bits: width,
    })
}

fn number(address: &str) -> Option<(bool, u128, u8)> {
    if address.contains(':') {
        let six: Ipv6Addr = address.parse().ok()?;
        return Some((true, six.to_bits(), 128));
    }
    let four: Ipv4Addr = address.parse().ok()?;
    Some((false, u128::from(four.to_bits()), 32))
}

/// The first pair of blocks that share an address, as indices into `blocks`; each block is compared once with its neighbour.
pub(crate) fn overlapping(blocks: &[(usize, Block)]) -> Vec<(usize, usize)> {
    let mut sorted: Vec<&(usize, Block)> = blocks.iter().collect();
    // A block that holds another comes first.
    sorted.sort_by_key(|(index, block)| (block.six, block.first, block.prefix_bits, *index));
    let mut pairs = Vec::new();
    let mut widest: Option<&(usize, Block)> = None;
    for entry in sorted {
        match widest {
            Some(wide) if wide.1.overlaps(entry.1) => pairs.push((wide.0.min(entry.0), wide.0.max(entry.0))),
            Some(_) | None => widest = Some(entry),
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_and_host_bits_refused() {
        assert_eq!(block("10.40.0.0/22").unwrap().to_string(), "10.40.0.0/22");
        assert_eq!(block("2001:db8::/32").unwrap().to_string(), "2001:db8::/32");
        assert_eq!(block("0.0.0.0/0").unwrap().last(), u128::from(u32::MAX));
        assert!(matches!(block("10.40.1.1/22"), Err(NoBlock::HostBits(_))));
        for text in [
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0/8",
            "10.0.0.0/08",
            "010.0.0.0/8",
            "::/129",
            "x/8",
            "10.0.0.0/-1",
        ] {
            assert_eq!(block(text), Err(NoBlock::Malformed), "{text}");
        }
    }

    #[test]
    fn an_overlap_is_found_beside_a_wide_block() {
        let read = |texts: &[&str]| -> Vec<(usize, Block)> {
            texts
                .iter()
                .enumerate()
                .map(|(index, text)| (index, block(text).unwrap()))
                .collect()
        };
        assert_eq!(overlapping(&read(&["10.0.0.0/24", "10.0.1.0/24"])), vec![]);
        assert_eq!(
            overlapping(&read(&["10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24"])),
            vec![(0, 1), (0, 2)]
        );
        assert_eq!(overlapping(&read(&["10.0.1.0/24", "10.0.1.0/24"])), vec![(0, 1)]);
    }
}
