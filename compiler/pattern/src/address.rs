//! CIDR blocks of both families, read strictly, and the least list of blocks for a set of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::ranges::Ranges;

/// A CIDR block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// A block of IPv4 addresses.
    V4 {
        /// The first address. Invariant: the host bits are zero.
        first: u32,
        /// The length of the prefix, at most 32.
        prefix_bits: u8,
    },
    /// A block of IPv6 addresses.
    V6 {
        /// The first address. Invariant: the host bits are zero.
        first: u128,
        /// The length of the prefix, at most 128.
        prefix_bits: u8,
    },
}

/// What is wrong with the text of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not an address, or not `address/length`.
    Malformed,
    /// A prefix longer than an address of the family.
    PrefixTooLong,
    /// Bits are set past the prefix; the block that was probably meant.
    HostBits(Block),
}

impl Block {
    /// Reads `address/length`, or an address alone as the block of one.
    pub fn parse(text: &str) -> Result<Block, Fault> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| Fault::Malformed)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match length {
            None => longest,
            Some(digits) => {
                let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && matches!(digits.len(), 1..=3);
                if !plain || (digits.len() > 1 && digits.starts_with('0')) {
                    return Err(Fault::Malformed);
                }
                digits
                    .parse::<u16>()
                    .ok()
                    .and_then(|bits| u8::try_from(bits).ok())
                    .ok_or(Fault::PrefixTooLong)?
            }
        };
        if prefix_bits > longest {
            return Err(Fault::PrefixTooLong);
        }
        let (block, exact) = match address {
            IpAddr::V4(v4) => {
                let first = v4.to_bits() & !host_bits_v4(prefix_bits);
                (Block::V4 { first, prefix_bits }, first == v4.to_bits())
            }
            IpAddr::V6(v6) => {
                let first = v6.to_bits() & !host_bits_v6(prefix_bits);
                (Block::V6 { first, prefix_bits }, first == v6.to_bits())
            }
        };
        if exact {
            Ok(block)
        } else {
            Err(Fault::HostBits(block))
        }
    }

    /// The length of the prefix.
    pub fn prefix_bits(self) -> u8 {
        match self {
            Block::V4 { prefix_bits, .. } | Block::V6 { prefix_bits, .. } => prefix_bits,
        }
    }

    /// Whether the block is of IPv4.
    pub fn is_v4(self) -> bool {
        matches!(self, Block::V4 { .. })
    }

    /// Whether every address of `other` lies in this block.
    pub fn contains(self, other: Block) -> bool {
        match (self, other) {
            (
                Block::V4 {
                    first: a,
                    prefix_bits: p,
                },
                Block::V4 {
                    first: b,
                    prefix_bits: q,
                },
            ) => p <= q && b & !host_bits_v4(p) == a,
            (
                Block::V6 {
                    first: a,
                    prefix_bits: p,
                },
                Block::V6 {
                    first: b,
                    prefix_bits: q,
                },
            ) => p <= q && b & !host_bits_v6(p) == a,
            (Block::V4 { .. }, Block::V6 { .. }) | (Block::V6 { .. }, Block::V4 { .. }) => false,
        }
    }
}

fn host_bits_v4(prefix_bits: u8) -> u32 {
    u32::MAX.checked_shr(u32::from(prefix_bits)).unwrap_or(0)
}

fn host_bits_v6(prefix_bits: u8) -> u128 {
    u128::MAX.checked_shr(u32::from(prefix_bits)).unwrap_or(0)
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Block::V4 { first, prefix_bits } => write!(f, "{}/{prefix_bits}", Ipv4Addr::from_bits(first)),
            Block::V6 { first, prefix_bits } => write!(f, "{}/{prefix_bits}", Ipv6Addr::from_bits(first)),
        }
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A set of addresses; the two families are two universes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addresses {
    /// The IPv4 addresses.
    pub v4: Ranges<u32>,
    /// The IPv6 addresses.
    pub v6: Ranges<u128>,
}

impl Addresses {
    /// No address.
    pub fn none() -> Addresses {
        Addresses {
            v4: Ranges::none(),
            v6: Ranges::none(),
        }
    }

    /// Every address of both families.
    pub fn all() -> Addresses {
        Addresses {
            v4: Ranges::all(),
            v6: Ranges::all(),
        }
    }

    /// The addresses of these blocks.
    pub fn of(blocks: impl IntoIterator<Item = Block>) -> Addresses {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for block in blocks {
            match block {
                Block::V4 { first, prefix_bits } => v4.push((first, first | host_bits_v4(prefix_bits))),
                Block::V6 { first, prefix_bits } => v6.push((first, first | host_bits_v6(prefix_bits))),
            }
        }
        Addresses {
            v4: Ranges::of(v4),
            v6: Ranges::of(v6),
        }
    }

    /// Whether there is no address.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether every address is a member.
    pub fn is_all(&self) -> bool {
        self.v4.is_all() && self.v6.is_all()
    }

    /// Whether `address` is a member.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => self.v4.contains(v4.to_bits()),
            IpAddr::V6(v6) => self.v6.contains(v6.to_bits()),
        }
    }

    /// The addresses of both.
    #[must_use]
    pub fn and(&self, other: &Addresses) -> Addresses {
        Addresses {
            v4: self.v4.and(&other.v4),
            v6: self.v6.and(&other.v6),
        }
    }

    /// The addresses of either.
    #[must_use]
    pub fn or(&self, other: &Addresses) -> Addresses {
        Addresses {
            v4: self.v4.or(&other.v4),
            v6: self.v6.or(&other.v6),
        }
    }

    /// Every address that is not a member.
    #[must_use]
    pub fn not(&self) -> Addresses {
        Addresses {
            v4: self.v4.not(),
            v6: self.v6.not(),
        }
    }

    /// The least list of blocks with this union, IPv4 first, ascending.
    pub fn blocks(&self) -> Vec<Block> {
        let mut out = Vec::new();
        for (first, last) in self.v4.as_slice() {
            split(
                u128::from(*first),
                u128::from(*last),
                32,
                &mut |first, prefix_bits| {
                    // Invariant: both ends are of IPv4, and so is all between them.
                    out.push(Block::V4 {
                        first: u32::try_from(first).unwrap_or(u32::MAX),
                        prefix_bits,
                    });
                },
            );
        }
        for (first, last) in self.v6.as_slice() {
            split(*first, *last, 128, &mut |first, prefix_bits| {
                out.push(Block::V6 { first, prefix_bits })
            });
        }
        out
    }
}

/// Cuts a closed range into the fewest aligned blocks.
fn split(mut first: u128, last: u128, width: u32, push: &mut dyn FnMut(u128, u8)) {
    loop {
        let mut bits = first.trailing_zeros().min(width);
        let end = |bits: u32| first | 1u128.checked_shl(bits).map_or(u128::MAX, |size| size - 1);
        while end(bits) > last {
            bits -= 1;
        }
        push(first, u8::try_from(width - bits).unwrap_or(u8::MAX));
        let end = end(bits);
        match end.checked_add(1) {
            Some(next) if end < last => first = next,
            Some(_) | None => return,
        }
    }
}
