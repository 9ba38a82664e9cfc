//! Protocols and ports.

use model::value::Ports as Declared;
use read::facts::network::Ports as ReadPorts;

/// Protocol and ports, inclusive; every protocol if `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ports {
    /// IANA number.
    pub protocol: Option<u8>,
    /// First port.
    pub first: u16,
    /// Last port.
    pub last: u16,
}

impl Ports {
    pub(super) const ALL: Self = Self {
        protocol: None,
        first: 0,
        last: u16::MAX,
    };

    /// Declared ports.
    #[must_use]
    pub fn of(ports: Declared) -> Self {
        Self {
            protocol: Some(ports.protocol),
            first: ports.first,
            last: ports.last,
        }
    }

    pub(crate) fn read(ports: ReadPorts) -> Self {
        if ports.any_protocol {
            return Self::ALL;
        }
        Self {
            protocol: Some(ports.protocol),
            first: ports.first,
            last: ports.last,
        }
    }

    /// The ports of both.
    #[must_use]
    pub fn and(self, other: Self) -> Option<Self> {
        let protocol = match (self.protocol, other.protocol) {
            (Some(a), Some(b)) if a != b => return None,
            (None, other) => other,
            (own, _) => own,
        };
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then_some(Self {
            protocol,
            first,
            last,
        })
    }
}

/// The ports of both lists.
#[must_use]
pub fn both(left: &[Ports], right: &[Ports]) -> Vec<Ports> {
    let mut found: Vec<Ports> = left
        .iter()
        .flat_map(|a| right.iter().filter_map(|b| a.and(*b)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The ports of one list that are not in the other.
#[must_use]
pub fn without(left: &[Ports], right: &[Ports]) -> Vec<Ports> {
    let mut open = left.to_vec();
    for other in right {
        let mut next = Vec::new();
        for own in open {
            let same = other.protocol.is_none() || own.protocol == other.protocol;
            if !same || own.and(*other).is_none() {
                next.push(own);
                continue;
            }
            if own.first < other.first {
                next.push(Ports {
                    last: other.first - 1,
                    ..own
                });
            }
            if other.last < own.last {
                next.push(Ports {
                    first: other.last + 1,
                    ..own
                });
            }
        }
        open = next;
    }
    open
}
