//! CIDR blocks: strict reading, canonical writing, exact covers.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::{Family, Range};

/// The most parts that [`Cidr::carve`] makes: far above any network's subnets, far below what exhausts memory.
pub const PARTS_MAX: u32 = 1 << 16;

/// The addresses that share their first `bits` bits. Never with host bits set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    family: Family,
    base: u128,
    bits: u8,
}

/// Why a text or a number is no CIDR block, or cannot be carved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CidrError {
    /// There is no `/` with a prefix length.
    NoPrefix,
    /// What stands before the `/` is no address.
    NotAnAddress,
    /// The prefix length is no plain number, or longer than an address.
    BadPrefix {
        /// The longest prefix of the family.
        bits_max: u8,
    },
    /// The address is longer than the family's.
    OutsideFamily,
    /// Bits behind the prefix are set.
    HostBits {
        /// The block that holds the address.
        meant: Cidr,
    },
    /// The number of parts is not a power of two, or above [`PARTS_MAX`].
    BadParts,
    /// A part would be smaller than an address.
    TooSmall,
}

impl fmt::Display for CidrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CidrError::NoPrefix => f.write_str("a CIDR block needs a prefix length, as in `10.0.0.0/16`"),
            CidrError::NotAnAddress => f.write_str("what stands before the `/` is no IP address"),
            CidrError::BadPrefix { bits_max } => {
                write!(
                    f,
                    "the prefix length is a number from 0 to {bits_max}, without leading zeros"
                )
            }
            CidrError::OutsideFamily => f.write_str("the address does not fit the address family"),
            CidrError::HostBits { meant } => {
                write!(
                    f,
                    "the address has bits behind the prefix; the block is `{meant}`"
                )
            }
            CidrError::BadParts => {
                write!(f, "the number of parts is a power of two, at most {PARTS_MAX}")
            }
            CidrError::TooSmall => f.write_str("the block has too few addresses for so many parts"),
        }
    }
}

impl Error for CidrError {}

impl Cidr {
    /// The block of `bits` bits at `base`; refused if `base` has bits behind them.
    pub fn new(family: Family, base: u128, bits: u8) -> Result<Cidr, CidrError> {
        let meant = Cidr::holding(family, base, bits)?;
        if meant.base == base {
            Ok(meant)
        } else {
            Err(CidrError::HostBits { meant })
        }
    }

    /// The block of `bits` bits that holds the address.
    pub fn holding(family: Family, address: u128, bits: u8) -> Result<Cidr, CidrError> {
        let bits_max = family.address_bits();
        if bits > bits_max {
            return Err(CidrError::BadPrefix { bits_max });
        }
        if address > family.top() {
            return Err(CidrError::OutsideFamily);
        }
        Ok(Cidr {
            family,
            base: address & !below(bits_max - bits),
            bits,
        })
    }

    /// Every address of the family.
    #[must_use]
    pub const fn all(family: Family) -> Cidr {
        Cidr {
            family,
            base: 0,
            bits: 0,
        }
    }

    /// The one address.
    #[must_use]
    pub fn one(address: IpAddr) -> Cidr {
        let (family, base) = Family::of(address);
        Cidr {
            family,
            base,
            bits: family.address_bits(),
        }
    }

    /// The address family.
    #[must_use]
    pub const fn family(self) -> Family {
        self.family
    }

    /// The first address.
    #[must_use]
    pub const fn base(self) -> u128 {
        self.base
    }

    /// The prefix length.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.bits
    }

    /// The addresses.
    #[must_use]
    pub fn range(self) -> Range {
        let last = self.base | below(self.family.address_bits() - self.bits);
        // The last address is the base with bits added, so the range is never empty.
        Range::new(self.base, last).unwrap_or(Range::one(self.base))
    }

    /// Whether every address of `other` is in this block.
    #[must_use]
    pub fn contains(self, other: Cidr) -> bool {
        self.family == other.family && self.range().covers(other.range())
    }

    /// Whether the address is in this block.
    #[must_use]
    pub fn contains_address(self, address: IpAddr) -> bool {
        self.contains(Cidr::one(address))
    }

    /// Whether an address is in both. Then one block contains the other.
    #[must_use]
    pub fn overlaps(self, other: Cidr) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// The block in equal parts, in order.
    pub fn carve(self, parts: u32) -> Result<Vec<Cidr>, CidrError> {
        if !parts.is_power_of_two() || parts > PARTS_MAX {
            return Err(CidrError::BadParts);
        }
        let bits = self.bits.saturating_add(parts.ilog2() as u8);
        let host_bits = self
            .family
            .address_bits()
            .checked_sub(bits)
            .ok_or(CidrError::TooSmall)?;
        let step = |part: u32| u128::from(part).checked_shl(u32::from(host_bits)).unwrap_or(0);
        Ok((0..parts)
            .map(|part| Cidr {
                base: self.base | step(part),
                bits,
                ..self
            })
            .collect())
    }

    /// The fewest blocks that hold exactly the addresses of the ranges, in order.
    ///
    /// `None` if a range reaches outside the family.
    #[must_use]
    pub fn cover(family: Family, ranges: &[Range]) -> Option<Vec<Cidr>> {
        if ranges.iter().any(|range| range.last() > family.top()) {
            return None;
        }
        let mut blocks = Vec::new();
        // Merged ranges do not touch, so no block of a smallest cover spans two of them.
        for range in Range::merge(ranges.to_vec()) {
            let mut first = range.first();
            loop {
                let span = range.last() - first;
                let fitting = span.checked_add(1).map_or(128, u128::ilog2);
                let aligned = first.trailing_zeros();
                let host_bits = (fitting.min(aligned) as u8).min(family.address_bits());
                blocks.push(Cidr {
                    family,
                    base: first,
                    bits: family.address_bits() - host_bits,
                });
                let last = first | below(host_bits);
                if last == range.last() {
                    break;
                }
                first = last + 1;
            }
        }
        Some(blocks)
    }

    /// The fewest blocks that hold exactly the addresses of these; IPv4 before IPv6, in order.
    #[must_use]
    pub fn aggregate(blocks: &[Cidr]) -> Vec<Cidr> {
        let mut fewest = Vec::new();
        for family in Family::ALL {
            let ranges: Vec<Range> = blocks
                .iter()
                .filter(|block| block.family == family)
                .map(|block| block.range())
                .collect();
            // Blocks of a family never reach outside it.
            fewest.extend(Cidr::cover(family, &ranges).unwrap_or_default());
        }
        fewest
    }
}

/// The number whose low `bits` bits are set.
fn below(bits: u8) -> u128 {
    match 1_u128.checked_shl(u32::from(bits)) {
        Some(next) => next - 1,
        None => u128::MAX,
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Cidr, CidrError> {
        let (address, prefix) = text.split_once('/').ok_or(CidrError::NoPrefix)?;
        let address: IpAddr = address.parse().map_err(|_| CidrError::NotAnAddress)?;
        let (family, base) = Family::of(address);
        let bad = CidrError::BadPrefix {
            bits_max: family.address_bits(),
        };
        // The standard parser would accept `+8` and `08`.
        if prefix.starts_with('+') || (prefix.len() > 1 && prefix.starts_with('0')) {
            return Err(bad);
        }
        let bits: u8 = prefix.parse().map_err(|_| bad)?;
        Cidr::new(family, base, bits)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family.address(self.base) {
            Some(address) => write!(f, "{address}/{}", self.bits),
            // No constructor lets an address outside its family in.
            None => Err(fmt::Error),
        }
    }
}
