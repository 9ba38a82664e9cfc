//! At which addresses actors are, and which addresses nothing declares.

use std::collections::BTreeMap;

use model::Model;
use model::actor::{Address, RunsOn};
use model::place::{Segment, SegmentId};
use model::thing::{Detail, ThingId};
use model::value::Block;
use packet::cidr::Cidr;
use packet::{Family, Range};

/// Addresses as the spec says them.
pub(crate) struct Addresses {
    /// Of what says `at`: per segment, the fewest blocks, in order. What runs on a class has the class's.
    told: BTreeMap<ThingId, BTreeMap<SegmentId, Vec<Block>>>,
    /// The fewest blocks of addresses that no place, no `leaves-by` and no external has.
    undeclared: Vec<Block>,
}

impl Addresses {
    pub(crate) fn new(model: &Model) -> Self {
        let mut told = BTreeMap::new();
        for (id, thing) in model.things.iter() {
            let own = match &thing.detail {
                Detail::Workload(workload) if !workload.at.is_empty() => {
                    let mut blocks: Vec<Block> = workload.at.iter().map(|(block, _)| *block).collect();
                    blocks.sort_unstable();
                    workload
                        .segment
                        .map(|segment| (segment, fewest(&blocks)))
                        .into_iter()
                        .collect()
                }
                Detail::Class(class) if !class.at.is_empty() => {
                    let values = class.at.iter().flat_map(|at| at.values.iter().copied());
                    let segments = class.segments.iter().map(|placed| placed.segment);
                    by_segment(model, values.collect(), segments)
                }
                Detail::Workload(_)
                | Detail::Class(_)
                | Detail::People(_)
                | Detail::External(_)
                | Detail::Resource => continue,
            };
            told.insert(id, own);
        }
        for (id, thing) in model.things.iter() {
            if let Detail::Workload(workload) = &thing.detail
                && let (None, Some(RunsOn::Device(class))) = (workload.segment, workload.runs_on)
                && let Some(of_class) = told.get(&class).cloned()
            {
                told.insert(id, of_class);
            }
        }
        Self {
            told,
            undeclared: undeclared(model),
        }
    }

    /// The addresses of a thing in one of its segments, by which whoever knows addresses alone knows it.
    pub(crate) fn of(&self, thing: ThingId, id: SegmentId, segment: &Segment) -> Vec<Block> {
        match self.told.get(&thing) {
            Some(told) => told.get(&id).cloned().unwrap_or_default(),
            None => [Some(segment.cidr), segment.cidr6]
                .into_iter()
                .flatten()
                .collect(),
        }
    }

    /// The addresses of the internet that nothing declares, in both families.
    pub(crate) fn undeclared(&self) -> &[Block] {
        &self.undeclared
    }
}

/// Values of a class by the segment in which they lie; segments share no address.
fn by_segment(
    model: &Model,
    mut values: Vec<Block>,
    segments: impl Iterator<Item = SegmentId>,
) -> BTreeMap<SegmentId, Vec<Block>> {
    values.sort_unstable();
    values.dedup();
    let mut found = BTreeMap::new();
    for id in segments {
        let Some(segment) = model.segments.get(id) else {
            continue;
        };
        let mut own = Vec::new();
        for place in [Some(segment.cidr), segment.cidr6].into_iter().flatten() {
            let start = values.partition_point(|value| (value.six, value.first) < (place.six, place.first));
            let inside = values.iter().skip(start);
            own.extend(
                inside
                    .take_while(|value| value.six == place.six && value.first <= place.last())
                    .filter(|value| place.holds(**value)),
            );
        }
        found.insert(id, fewest(&own));
    }
    found
}

fn undeclared(model: &Model) -> Vec<Block> {
    let mut taken: Vec<Block> = Vec::new();
    for (_, network) in model.networks.iter() {
        taken.extend([Some(network.cidr), network.cidr6].into_iter().flatten());
    }
    for (_, site) in model.sites.iter() {
        taken.extend([Some(site.cidr), site.cidr6].into_iter().flatten());
        taken.extend(site.leaves_by.iter().map(|(block, _)| *block));
    }
    for (_, thing) in model.things.iter() {
        if let Detail::External(external) = &thing.detail {
            taken.extend(external.at.iter().filter_map(|(address, _)| match address {
                Address::Block(block) => Some(*block),
                Address::Host(_) => None,
            }));
        }
    }
    let mut free = Vec::new();
    for family in Family::ALL {
        let six = family == Family::Ipv6;
        let own = taken.iter().filter(|block| block.six == six);
        let ranges = own.filter_map(|block| Range::new(block.first, block.last()));
        let mut gaps = Vec::new();
        // The next address that is not looked at; none behind the last one.
        let mut next = Some(0);
        for range in Range::merge(ranges.collect()) {
            let before = range.first().checked_sub(1);
            gaps.extend(next.zip(before).and_then(|(first, last)| Range::new(first, last)));
            next = range.last().checked_add(1).filter(|next| *next <= family.top());
        }
        gaps.extend(next.and_then(|first| Range::new(first, family.top())));
        free.extend(blocks(family, &gaps));
    }
    free
}

/// The fewest blocks that hold exactly these, in order.
fn fewest(all: &[Block]) -> Vec<Block> {
    let mut found = Vec::new();
    for family in Family::ALL {
        let own = all.iter().filter(|block| block.six == (family == Family::Ipv6));
        let ranges: Vec<Range> = own
            .filter_map(|block| Range::new(block.first, block.last()))
            .collect();
        found.extend(blocks(family, &ranges));
    }
    found
}

fn blocks(family: Family, ranges: &[Range]) -> impl Iterator<Item = Block> {
    let cover = Cidr::cover(family, ranges).unwrap_or_default();
    cover.into_iter().map(move |cidr| Block {
        six: family == Family::Ipv6,
        first: cidr.base(),
        prefix_bits: cidr.bits(),
    })
}
