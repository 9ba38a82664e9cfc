//! The two address families.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address family. The two never mix: each is a complete problem of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4; an address stands in the low 32 bits.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// Both families, in order: who handles one must handle the other.
    pub const ALL: [Family; 2] = [Family::Ipv4, Family::Ipv6];

    /// The length of an address in bits.
    #[must_use]
    pub const fn address_bits(self) -> u8 {
        match self {
            Family::Ipv4 => 32,
            Family::Ipv6 => 128,
        }
    }

    /// The highest address.
    #[must_use]
    pub const fn top(self) -> u128 {
        match self {
            Family::Ipv4 => u32::MAX as u128,
            Family::Ipv6 => u128::MAX,
        }
    }

    /// The family and the number of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> (Family, u128) {
        match address {
            IpAddr::V4(v4) => (Family::Ipv4, u128::from(u32::from(v4))),
            IpAddr::V6(v6) => (Family::Ipv6, u128::from(v6)),
        }
    }

    /// The address with this number; `None` if the family has no such number.
    #[must_use]
    pub fn address(self, number: u128) -> Option<IpAddr> {
        match self {
            Family::Ipv4 => u32::try_from(number)
                .ok()
                .map(|number| IpAddr::V4(Ipv4Addr::from(number))),
            Family::Ipv6 => Some(IpAddr::V6(Ipv6Addr::from(number))),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Ipv4 => "IPv4",
            Family::Ipv6 => "IPv6",
        })
    }
}
