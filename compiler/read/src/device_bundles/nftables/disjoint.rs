//! Elements of a set that share no packet.

use std::collections::BTreeMap;

use crate::facts::network::{Block, Ports};

/// The elements of one set, which the kernel takes only if no two share a packet: blocks nest or are apart, so that an
/// element meets another only at its own block, at one around it or at one inside.
#[derive(Default)]
pub(super) struct Disjoint {
    /// First and last port by block and protocol.
    taken: BTreeMap<(u128, u128, u8), BTreeMap<u16, u16>>,
}

impl Disjoint {
    /// Takes an element in; false if it meets one that is there.
    pub(super) fn add(&mut self, peer: Block, ports: Ports) -> bool {
        let meets = |of: &BTreeMap<u16, u16>| {
            let below = of.range(..=ports.last).next_back();
            below.is_some_and(|(_, last)| *last >= ports.first)
        };
        let size = peer.last - peer.first;
        let around = (0..=u128::BITS).filter_map(|bits| {
            let mask = u128::MAX.checked_shr(bits).unwrap_or(0);
            (mask >= size).then_some((peer.first & !mask, peer.first | mask))
        });
        let mut outer = around.map(|(first, last)| (first, last, ports.protocol));
        if outer.any(|key| self.taken.get(&key).is_some_and(meets)) {
            return false;
        }
        let inside = self
            .taken
            .range((peer.first, 0, 0)..=(peer.last, u128::MAX, u8::MAX))
            .filter(|((_, last, protocol), _)| *last <= peer.last && *protocol == ports.protocol);
        if inside.map(|(_, of)| of).any(meets) {
            return false;
        }
        self.taken
            .entry((peer.first, peer.last, ports.protocol))
            .or_default()
            .insert(ports.first, ports.last);
        true
    }
}
