//! Typed values of facts.

use arena::Name;
use source::Span;

use crate::template::Template;
use crate::thing::ThingId;

/// A day, counted from 1970-01-01. As a limit it means the end of that day, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    /// Year, month (1–12) and day (1–31). Source: the proleptic Gregorian calendar, days-from-civil.
    #[must_use]
    pub fn civil(self) -> (i32, u32, u32) {
        let shifted = i64::from(self.0) + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year as i32, month as u32, day as u32)
    }

    /// The day of a year, month and day; `None` if there is no such day.
    #[must_use]
    pub fn of(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1970..=9999).contains(&year) {
            return None;
        }
        let shifted_year = i64::from(year) - i64::from(month <= 2);
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let shifted_month = (i64::from(month) + 9) % 12;
        let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(day) - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let date = Self((era * 146_097 + of_era - 719_468) as i32);
        (date.civil() == (year, month, day)).then_some(date)
    }

    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split('-');
        let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
        let digits = |field: &str, width: usize| {
            field.len() == width && field.bytes().all(|byte| byte.is_ascii_digit())
        };
        if fields.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return None;
        }
        Self::of(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// The last second of the day, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn last_second(self) -> i64 {
        (i64::from(self.0) + 1) * 86_400 - 1
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A span of time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration {
    /// Seconds.
    pub seconds: u64,
}

/// A block of addresses, IPv4 in the low 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// IPv6 if true.
    pub six: bool,
    /// The first address.
    pub first: u128,
    /// The number of fixed leading bits.
    pub prefix_bits: u8,
}

impl Block {
    /// Whether a block lies in one that no address on the internet is of.
    ///
    /// Those of documentation, which examples use, are left out.
    ///
    /// Source: IANA's registries of special-purpose and of multicast addresses, RFC 6890, read 2026-12-01.
    #[must_use]
    pub fn is_private(self) -> bool {
        const V4: &[(u32, u8)] = &[
            (0x0000_0000, 8),
            (0x0A00_0000, 8),
            (0x6440_0000, 10),
            (0x7F00_0000, 8),
            (0xA9FE_0000, 16),
            (0xAC10_0000, 12),
            (0xC0A8_0000, 16),
            (0xE000_0000, 4),
            (0xF000_0000, 4),
        ];
        const V6: &[(u128, u8)] = &[
            (0xFC00 << 112, 7),
            (0xFE80 << 112, 10),
            (0xFF00 << 112, 8),
            (1, 128),
        ];
        let within = |first: u128, bits: u8, width: u8| {
            let shift = u32::from(width - bits);
            self.prefix_bits >= bits && self.first >> shift == first >> shift
        };
        if self.six {
            V6.iter().any(|(first, bits)| within(*first, *bits, 128))
        } else {
            V4.iter()
                .any(|(first, bits)| within(u128::from(*first), *bits, 32))
        }
    }

    /// Whether it is one address.
    #[must_use]
    pub const fn is_single(self) -> bool {
        self.prefix_bits == if self.six { 128 } else { 32 }
    }

    /// The last address.
    #[must_use]
    pub fn last(self) -> u128 {
        let width = if self.six { 128 } else { 32 };
        let free = width - u32::from(self.prefix_bits).min(width);
        if free >= 128 {
            u128::MAX
        } else {
            self.first | ((1u128 << free) - 1)
        }
    }

    /// Whether all of `other` lies in this block.
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        self.six == other.six && self.first <= other.first && other.last() <= self.last()
    }

    /// Whether the two share an address.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.six == other.six && self.first <= other.last() && other.first <= self.last()
    }
}

impl std::fmt::Display for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.six {
            write!(
                f,
                "{}/{}",
                std::net::Ipv6Addr::from_bits(self.first),
                self.prefix_bits
            )
        } else {
            let low = u32::try_from(self.first).unwrap_or(u32::MAX);
            write!(f, "{}/{}", std::net::Ipv4Addr::from_bits(low), self.prefix_bits)
        }
    }
}

/// An inclusive range of ports of one protocol. ICMP: `type × 256 + code`. A protocol without ports: `0..=65535`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports {
    /// IANA protocol number: 6 tcp, 17 udp, 1 icmp, 58 icmpv6.
    pub protocol: u8,
    /// First port.
    pub first: u16,
    /// Last port.
    pub last: u16,
}

/// A value of a kind's property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A name that is looked up nowhere (`class=gold`).
    Name(Name),
    /// Text.
    Text(Name),
    /// Text with placeholders of a family's member.
    Template(Template),
    /// A whole number.
    Number(i64),
    /// `#true`, or a bare fact.
    Flag(bool),
    /// A duration.
    Duration(Duration),
    /// A date.
    Date(Date),
    /// A block of addresses.
    Block(Block),
    /// A dotted version, as written.
    Version(Name),
    /// Another thing.
    Thing(ThingId),
}

/// A fact of a declaration that its kind defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: Name,
    /// Its values, in source order; a fact without a value has `Flag(true)`.
    pub values: Vec<Value>,
    /// Where it is written.
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        for text in [
            "1970-01-01",
            "2000-02-29",
            "2026-07-01",
            "2027-06-30",
            "9999-12-31",
        ] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "1969-12-31",
            "2026-07-01x",
            "2026-07",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert_eq!(Date::parse("1970-01-01").unwrap().last_second(), 86_399);
    }
}
