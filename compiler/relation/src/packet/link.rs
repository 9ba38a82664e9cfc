//! What hosts say on their own link to get an address: anybody there hears it, and anybody may answer.
//!
//! Source: RFC 2131 and RFC 8415: a client asks by broadcast or multicast, and knows no server before one has answered.

use std::collections::BTreeSet;

use model::thing::ThingId;
use model::value;
use read::facts::host::Lease;

use super::guards::{Guards, Table};
use super::ports::Ports;
use super::{Crossing, End, Origin, Packets};

/// IANA protocol number of UDP.
const UDP: u8 = 17;

impl Packets<'_> {
    /// Crossings between a host that asks or serves, and everybody else on its link.
    pub(super) fn on_link(
        &self,
        guards: &Guards,
        owner: ThingId,
        tables: &[Table],
        found: &mut BTreeSet<Crossing>,
    ) {
        let leases: BTreeSet<Lease> = tables.iter().flat_map(|table| &table.leases).copied().collect();
        if leases.is_empty() {
            return;
        }
        for seat in self.places.of(owner) {
            for other in self.places.things().filter(|other| *other != owner) {
                let is_there = self
                    .places
                    .of(other)
                    .iter()
                    .any(|far| far.segment == seat.segment);
                let shares_host =
                    self.places.host(owner).is_some() && self.places.host(owner) == self.places.host(other);
                if !is_there || shares_host {
                    continue;
                }
                for lease in &leases {
                    if !self.speaks(guards, other, *lease) {
                        continue;
                    }
                    let (heard, said) = ports(*lease);
                    for (from, to, port) in [(other, owner, heard), (owner, other, said)] {
                        found.insert(Crossing {
                            from: End::Thing(from, Some(seat.segment)),
                            to: End::Thing(to, Some(seat.segment)),
                            ports: vec![Ports::of(value::Ports {
                                protocol: UDP,
                                first: port,
                                last: port,
                            })],
                            origin: Origin::Hole,
                            pairs: self.all,
                        });
                    }
                }
            }
        }
    }

    /// Whether somebody else may be the other side of it: a host firewall of its own says so, or there is none.
    fn speaks(&self, guards: &Guards, other: ThingId, lease: Lease) -> bool {
        let tables = self
            .places
            .guarded_by(other)
            .and_then(|class| guards.hosts.get(&class));
        let wanted = Lease {
            gives: !lease.gives,
            ..lease
        };
        tables.is_none_or(|tables| tables.iter().any(|table| table.leases.contains(&wanted)))
    }
}

/// The port on which a host hears the other side, and the one to which it speaks.
fn ports(lease: Lease) -> (u16, u16) {
    match (lease.six, lease.gives) {
        (false, false) => (68, 67),
        (false, true) => (67, 68),
        (true, false) => (546, 547),
        (true, true) => (547, 546),
    }
}
