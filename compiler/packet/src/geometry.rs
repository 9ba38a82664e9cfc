//! Packets, ranges and boxes: what a set of packets is made from and told in.

use crate::Family;

/// The number of dimensions, and the deepest that any walk of a diagram goes.
pub(crate) const DIMENSIONS: usize = 4;

/// The highest protocol number.
pub(crate) const PROTOCOL_TOP: u128 = u8::MAX as u128;

/// The highest port.
pub(crate) const PORT_TOP: u128 = u16::MAX as u128;

/// One thing that is known of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// The IP protocol number.
    Protocol,
    /// The destination port; for ICMP the type times 256 plus the code.
    Port,
    /// The source address.
    Source,
    /// The destination address.
    Destination,
}

impl Dimension {
    /// The highest value of this dimension.
    #[must_use]
    pub const fn top(self, family: Family) -> u128 {
        match self {
            Dimension::Protocol => PROTOCOL_TOP,
            Dimension::Port => PORT_TOP,
            Dimension::Source | Dimension::Destination => family.top(),
        }
    }
}

/// Which dimensions a diagram decides first. Sets are equal or not whatever the order; the size differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Protocol, port, source, destination: for reasoning, since prefixes that overlap cost little.
    PortsFirst,
    /// Source, destination, protocol, port: for emission, since it gives the fewest boxes for segments
    /// that do not overlap.
    AddressesFirst,
}

impl Order {
    pub(crate) const fn dimensions(self) -> [Dimension; DIMENSIONS] {
        match self {
            Order::PortsFirst => [
                Dimension::Protocol,
                Dimension::Port,
                Dimension::Source,
                Dimension::Destination,
            ],
            Order::AddressesFirst => [
                Dimension::Source,
                Dimension::Destination,
                Dimension::Protocol,
                Dimension::Port,
            ],
        }
    }
}

/// Values from `first` to `last`, both included. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    first: u128,
    last: u128,
}

impl Range {
    /// Every protocol.
    pub const PROTOCOLS: Range = Range {
        first: 0,
        last: PROTOCOL_TOP,
    };

    /// Every port.
    pub const PORTS: Range = Range {
        first: 0,
        last: PORT_TOP,
    };

    /// The values `first..=last`; `None` if that is empty.
    #[must_use]
    pub const fn new(first: u128, last: u128) -> Option<Range> {
        if first <= last {
            Some(Range { first, last })
        } else {
            None
        }
    }

    /// One value.
    #[must_use]
    pub const fn one(value: u128) -> Range {
        Range {
            first: value,
            last: value,
        }
    }

    /// Every address of a family.
    #[must_use]
    pub const fn addresses(family: Family) -> Range {
        Range {
            first: 0,
            last: family.top(),
        }
    }

    /// The lowest value.
    #[must_use]
    pub const fn first(self) -> u128 {
        self.first
    }

    /// The highest value, included.
    #[must_use]
    pub const fn last(self) -> u128 {
        self.last
    }

    /// Whether the value is in the range.
    #[must_use]
    pub const fn contains(self, value: u128) -> bool {
        self.first <= value && value <= self.last
    }

    /// Whether every value of `other` is in this range.
    #[must_use]
    pub const fn covers(self, other: Range) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// The values in both.
    #[must_use]
    pub fn intersection(self, other: Range) -> Option<Range> {
        Range::new(self.first.max(other.first), self.last.min(other.last))
    }

    /// The ranges as few, ascending ones that neither overlap nor touch.
    #[must_use]
    pub fn merge(mut ranges: Vec<Range>) -> Vec<Range> {
        ranges.sort_unstable();
        let mut merged: Vec<Range> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                // At the top of the domain there is no next value, and nothing can lie beyond it.
                Some(open) if open.last.checked_add(1).is_none_or(|next| range.first <= next) => {
                    open.last = open.last.max(range.last);
                }
                Some(_) | None => merged.push(range),
            }
        }
        merged
    }
}

/// One packet, as far as a filter looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packet {
    /// The IP protocol number.
    pub protocol: u8,
    /// The destination port; for ICMP the type times 256 plus the code; else free.
    pub port: u16,
    /// The source address; IPv4 in the low 32 bits.
    pub source: u128,
    /// The destination address; IPv4 in the low 32 bits.
    pub destination: u128,
}

impl Packet {
    pub(crate) const ZERO: Packet = Packet {
        protocol: 0,
        port: 0,
        source: 0,
        destination: 0,
    };

    pub(crate) const fn at(self, dimension: Dimension) -> u128 {
        match dimension {
            Dimension::Protocol => self.protocol as u128,
            Dimension::Port => self.port as u128,
            Dimension::Source => self.source,
            Dimension::Destination => self.destination,
        }
    }

    /// Puts a value in; `None` if it does not fit.
    pub(crate) fn with(mut self, dimension: Dimension, value: u128) -> Option<Packet> {
        match dimension {
            Dimension::Protocol => self.protocol = u8::try_from(value).ok()?,
            Dimension::Port => self.port = u16::try_from(value).ok()?,
            Dimension::Source => self.source = value,
            Dimension::Destination => self.destination = value,
        }
        Some(self)
    }
}

/// The packets whose every dimension lies in its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Box {
    /// IP protocol numbers.
    pub protocols: Range,
    /// Destination ports; the full range for a protocol that has none.
    pub ports: Range,
    /// Source addresses.
    pub source: Range,
    /// Destination addresses.
    pub destination: Range,
}

impl Box {
    /// Every packet of a family.
    #[must_use]
    pub const fn any(family: Family) -> Box {
        Box {
            protocols: Range::PROTOCOLS,
            ports: Range::PORTS,
            source: Range::addresses(family),
            destination: Range::addresses(family),
        }
    }

    /// The one packet.
    #[must_use]
    pub const fn one(packet: Packet) -> Box {
        Box {
            protocols: Range::one(packet.protocol as u128),
            ports: Range::one(packet.port as u128),
            source: Range::one(packet.source),
            destination: Range::one(packet.destination),
        }
    }

    /// Whether the packet lies in the box.
    #[must_use]
    pub const fn contains(&self, packet: Packet) -> bool {
        self.protocols.contains(packet.protocol as u128)
            && self.ports.contains(packet.port as u128)
            && self.source.contains(packet.source)
            && self.destination.contains(packet.destination)
    }

    pub(crate) const fn range(&self, dimension: Dimension) -> Range {
        match dimension {
            Dimension::Protocol => self.protocols,
            Dimension::Port => self.ports,
            Dimension::Source => self.source,
            Dimension::Destination => self.destination,
        }
    }

    pub(crate) const fn with(mut self, dimension: Dimension, range: Range) -> Box {
        match dimension {
            Dimension::Protocol => self.protocols = range,
            Dimension::Port => self.ports = range,
            Dimension::Source => self.source = range,
            Dimension::Destination => self.destination = range,
        }
        self
    }
}
