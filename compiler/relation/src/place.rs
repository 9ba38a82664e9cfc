//! Where actors are: segments, addresses and groups, and which places have a path between them.

use std::collections::BTreeMap;

use graph::TrustGraph;
use model::Model;
use model::actor::{Address, Hardware, RunsOn};
use model::place::{Exposure, SegmentId, Within};
use model::thing::{Detail, ThingId};
use model::value::Block;
use read::facts::network::Block as ReadBlock;

use crate::rows::{Fleets, Rows};

/// Addresses, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// IPv6.
    pub six: bool,
    /// First.
    pub first: u128,
    /// Last.
    pub last: u128,
}

impl Span {
    /// The addresses of a block.
    #[must_use]
    pub fn of(block: Block) -> Self {
        Self {
            six: block.six,
            first: block.first,
            last: block.last(),
        }
    }

    /// Addresses as they were read.
    #[must_use]
    pub fn read(block: ReadBlock) -> Self {
        Self {
            six: block.six,
            first: block.first,
            last: block.last,
        }
    }

    /// Every address of a family.
    #[must_use]
    pub fn all(six: bool) -> Self {
        let last = if six { u128::MAX } else { u128::from(u32::MAX) };
        Self { six, first: 0, last }
    }

    /// Whether some address is of both.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.six == other.six && self.first <= other.last && other.first <= self.last
    }

    /// The addresses of both.
    #[must_use]
    pub fn and(self, other: Self) -> Option<Self> {
        self.meets(other).then(|| Self {
            six: self.six,
            first: self.first.max(other.first),
            last: self.last.min(other.last),
        })
    }
}

/// What is left of some addresses without others.
#[must_use]
pub fn minus(spans: &[Span], others: &[Span]) -> Vec<Span> {
    let mut left = spans.to_vec();
    for other in others {
        let mut next = Vec::with_capacity(left.len());
        for span in left {
            if !span.meets(*other) {
                next.push(span);
                continue;
            }
            if span.first < other.first {
                next.push(Span {
                    last: other.first - 1,
                    ..span
                });
            }
            if other.last < span.last {
                next.push(Span {
                    first: other.last + 1,
                    ..span
                });
            }
        }
        left = next;
    }
    left
}

/// Whether some addresses hold a block wider than the widest that a single somebody has: /8, for IPv6 /16.
#[must_use]
pub fn is_wide(spans: &[Span]) -> bool {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let mut open: Option<Span> = None;
    for span in sorted {
        open = match open {
            Some(before) if before.six == span.six && span.first <= before.last.saturating_add(1) => {
                Some(Span {
                    last: before.last.max(span.last),
                    ..before
                })
            }
            Some(_) | None => Some(span),
        };
        let width = if span.six { 1u128 << 112 } else { 1u128 << 24 };
        // A block of twice the width lies in any run of aligned addresses that is long enough to hold one.
        if let Some(run) = open {
            let wider = width << 1;
            let start = run.first.div_ceil(wider).saturating_mul(wider);
            if start.checked_add(wider - 1).is_some_and(|last| last <= run.last) {
                return true;
            }
        }
    }
    false
}

/// Where an actor has an interface.
#[derive(Clone, Debug)]
pub struct Seat {
    /// In which segment.
    pub segment: SegmentId,
    /// Of which place.
    pub within: Within,
    /// With which addresses.
    pub spans: Vec<Span>,
    /// Which members, of a class.
    pub rows: Rows,
    /// Whether it has a way to other places.
    pub is_isolated: bool,
    /// Whether the internet reaches it.
    pub is_public: bool,
}

/// Everything that has a place.
pub struct Places<'a> {
    model: &'a Model,
    fleets: Fleets<'a>,
    seats: BTreeMap<ThingId, Vec<Seat>>,
    /// Externals with addresses.
    pub externals: BTreeMap<ThingId, Vec<Span>>,
    /// By segment.
    seated: BTreeMap<SegmentId, Vec<ThingId>>,
    /// By address of the group.
    groups: BTreeMap<&'a str, ThingId>,
    /// Networks, sites and their public addresses: what is not the internet.
    pub declared: Vec<Span>,
}

impl<'a> Places<'a> {
    /// Where everything of a spec is.
    #[must_use]
    pub fn new(model: &'a Model, graph: &'a TrustGraph) -> Self {
        let mut declared = Vec::new();
        for (_, network) in model.networks.iter() {
            declared.extend(
                [Some(network.cidr), network.cidr6]
                    .into_iter()
                    .flatten()
                    .map(Span::of),
            );
        }
        for (_, site) in model.sites.iter() {
            declared.extend([Some(site.cidr), site.cidr6].into_iter().flatten().map(Span::of));
            declared.extend(site.leaves_by.iter().map(|(block, _)| Span::of(*block)));
        }
        let mut places = Self {
            model,
            fleets: Fleets { model, graph },
            seats: BTreeMap::new(),
            externals: BTreeMap::new(),
            seated: BTreeMap::new(),
            groups: graph
                .addresses
                .groups
                .iter()
                .map(|(thing, group)| (group.as_str(), *thing))
                .collect(),
            declared,
        };
        for (id, thing) in model.things.iter() {
            if let Detail::External(external) = &thing.detail {
                let spans = external.at.iter().filter_map(|(address, _)| match address {
                    Address::Block(block) => Some(Span::of(*block)),
                    Address::Host(_) => None,
                });
                let spans: Vec<Span> = spans.collect();
                if !spans.is_empty() {
                    places.externals.insert(id, spans);
                }
            }
            let seats = places.find(id, None);
            for seat in &seats {
                places.seated.entry(seat.segment).or_default().push(id);
            }
            if !seats.is_empty() {
                places.seats.insert(id, seats);
            }
        }
        places
    }

    /// Where a thing is.
    #[must_use]
    pub fn of(&self, thing: ThingId) -> &[Seat] {
        self.seats.get(&thing).map_or(&[], Vec::as_slice)
    }

    /// The addresses of a thing, in one of its segments if it is told.
    #[must_use]
    pub fn spans(&self, thing: ThingId, segment: Option<SegmentId>) -> Vec<Span> {
        let seats = self.of(thing).iter();
        let seats = seats.filter(|seat| segment.is_none_or(|segment| seat.segment == segment));
        let external = self.externals.get(&thing).into_iter().flatten();
        seats
            .flat_map(|seat| &seat.spans)
            .chain(external)
            .copied()
            .collect()
    }

    /// Whether something on premises says no address of its own, so that it has all of its segment's.
    #[must_use]
    pub fn is_anywhere_in_segment(&self, thing: ThingId) -> bool {
        self.of(thing).iter().any(|seat| {
            let segment = self.model.segments.get(seat.segment);
            let is_whole = segment.is_some_and(|segment| seat.spans.contains(&Span::of(segment.cidr)));
            is_whole && matches!(seat.within, Within::Site(_))
        })
    }

    /// Where some members of a thing are.
    #[must_use]
    pub fn of_rows(&self, thing: ThingId, rows: &Rows) -> Vec<Seat> {
        match rows {
            Rows::All => self.of(thing).to_vec(),
            Rows::In(segments) => self
                .of(thing)
                .iter()
                .filter(|seat| segments.contains(&seat.segment))
                .cloned()
                .collect(),
            Rows::These(rows) => {
                let mut seats: Vec<Seat> = Vec::new();
                for own in rows.iter().flat_map(|row| self.find(thing, Some(*row))) {
                    match seats.iter_mut().find(|seat| seat.segment == own.segment) {
                        Some(seat) => {
                            seat.spans.extend(own.spans);
                            if let (Rows::These(rows), Rows::These(more)) = (&mut seat.rows, own.rows) {
                                rows.extend(more);
                            }
                        }
                        None => seats.push(own),
                    }
                }
                seats
            }
        }
    }

    /// Everything that has a seat.
    pub fn things(&self) -> impl Iterator<Item = ThingId> + '_ {
        self.seats.keys().copied()
    }

    /// The thing that bears a group.
    #[must_use]
    pub fn bearer(&self, group: &str) -> Option<ThingId> {
        self.groups.get(group).copied()
    }

    /// Who has an address among these, with the seat.
    pub fn at(&self, spans: &[Span]) -> Vec<(ThingId, &Seat)> {
        let mut found = Vec::new();
        for (segment, things) in &self.seated {
            let Some(declared) = self.model.segments.get(*segment) else {
                continue;
            };
            let blocks = [Some(declared.cidr), declared.cidr6]
                .into_iter()
                .flatten()
                .map(Span::of);
            let meets = |own: Span| spans.iter().any(|span| span.meets(own));
            if !blocks.into_iter().any(meets) {
                continue;
            }
            for thing in things {
                let seats = self.of(*thing).iter().filter(|seat| seat.segment == *segment);
                found.extend(
                    seats
                        .filter(|seat| seat.spans.iter().any(|own| meets(*own)))
                        .map(|seat| (*thing, seat)),
                );
            }
        }
        found
    }

    /// Whether packets go from one seat to the other without leaving private paths.
    #[must_use]
    pub fn connected(&self, from: &Seat, to: &Seat) -> bool {
        if from.within == to.within {
            return true;
        }
        if from.is_isolated || to.is_isolated {
            return false;
        }
        match (from.within, to.within) {
            (Within::Site(site), Within::Network(network))
            | (Within::Network(network), Within::Site(site)) => {
                let site = self.model.sites.get(site);
                site.is_some_and(|site| site.connects.iter().any(|connects| connects.network == network))
            }
            (Within::Site(_), Within::Site(_)) | (Within::Network(_), Within::Network(_)) => false,
        }
    }

    /// By which public addresses a seat of a site is known; `None` if nobody knows them, empty if it never leaves.
    #[must_use]
    pub fn public_of(&self, seat: &Seat) -> Option<Vec<Span>> {
        let Within::Site(site) = seat.within else {
            return Some(Vec::new());
        };
        if seat.is_isolated {
            return Some(Vec::new());
        }
        let site = self.model.sites.get(site)?;
        (!site.leaves_by.is_empty())
            .then(|| site.leaves_by.iter().map(|(block, _)| Span::of(*block)).collect())
    }

    /// The class on whose host an actor runs: itself, for a class.
    #[must_use]
    pub fn host(&self, thing: ThingId) -> Option<ThingId> {
        match &self.model.things.get(thing)?.detail {
            Detail::Class(_) => Some(thing),
            Detail::Workload(workload) => match workload.runs_on {
                Some(RunsOn::Device(class)) => Some(class),
                _ => None,
            },
            Detail::People(_) | Detail::External(_) | Detail::Resource => None,
        }
    }

    /// The Linux class whose host firewall guards an actor.
    #[must_use]
    pub fn guarded_by(&self, thing: ThingId) -> Option<ThingId> {
        let class = self.host(thing)?;
        match &self.model.things.get(class)?.detail {
            Detail::Class(detail) => detail
                .hardware
                .is_some_and(|(hardware, _)| hardware == Hardware::Linux)
                .then_some(class),
            Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
        }
    }

    fn find(&self, thing: ThingId, row: Option<usize>) -> Vec<Seat> {
        let Some(declared) = self.model.things.get(thing) else {
            return Vec::new();
        };
        match &declared.detail {
            Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
                (Some(segment), _) => {
                    let own: Vec<Span> = workload.at.iter().map(|(block, _)| Span::of(*block)).collect();
                    self.seat(segment, own).into_iter().collect()
                }
                (None, Some(RunsOn::Device(class))) => self.find(class, row),
                (None, Some(_) | None) => Vec::new(),
            },
            Detail::Class(class) => {
                let homes = class.segments.iter().map(|placed| placed.segment);
                let homes: Vec<SegmentId> = match row {
                    Some(row) => self.fleets.home(thing, row).into_iter().collect(),
                    None => homes.collect(),
                };
                let mut own: BTreeMap<SegmentId, Vec<Span>> = BTreeMap::new();
                for text in &class.at {
                    for (index, value) in text.rows.iter().enumerate() {
                        if row.is_some_and(|row| row != index) {
                            continue;
                        }
                        let home = match homes.as_slice() {
                            [only] => Some(*only),
                            _ => self.fleets.home(thing, index),
                        };
                        let block = text.values.get(*value as usize);
                        if let (Some(home), Some(block)) = (home, block) {
                            own.entry(home).or_default().push(Span::of(*block));
                        }
                    }
                }
                let rows = row.map_or(Rows::All, |row| Rows::These([row].into()));
                homes
                    .into_iter()
                    .filter_map(|home| {
                        let seat = self.seat(home, own.remove(&home).unwrap_or_default())?;
                        let rows = rows.clone();
                        Some(Seat { rows, ..seat })
                    })
                    .collect()
            }
            Detail::Resource => {
                let seat = declared
                    .segment
                    .and_then(|segment| self.seat(segment, Vec::new()));
                seat.into_iter().collect()
            }
            Detail::People(_) | Detail::External(_) => Vec::new(),
        }
    }

    /// A seat with addresses of its own, or all of the segment's.
    fn seat(&self, id: SegmentId, mut own: Vec<Span>) -> Option<Seat> {
        let segment = self.model.segments.get(id)?;
        own.sort_unstable();
        own.dedup();
        if own.is_empty() {
            own.extend(
                [Some(segment.cidr), segment.cidr6]
                    .into_iter()
                    .flatten()
                    .map(Span::of),
            );
        }
        Some(Seat {
            segment: id,
            within: segment.within,
            spans: own,
            rows: Rows::All,
            is_isolated: segment.exposure == Exposure::Isolated,
            is_public: segment.exposure == Exposure::Public,
        })
    }
}
