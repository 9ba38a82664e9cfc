//! At which addresses things are, and where nothing declared is.
//!
//! Written from the language: an actor has the addresses that it says, or else all of its segment's.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::Model;
use model::actor::{Address, RunsOn};
use model::place::SegmentId;
use model::thing::{Detail, ThingId};
use model::value::Block;
use packet::Range;

use super::stand::Span;

/// The addresses of a thing in each of its segments.
pub(super) fn of(model: &Model, thing: ThingId, segments: &[SegmentId]) -> Vec<Arc<[Span]>> {
    let Some(said) = said(model, thing) else {
        let whole = |id: &SegmentId| {
            let segment = model.segments.get(*id);
            let blocks = segment.map(|segment| [Some(segment.cidr), segment.cidr6]);
            blocks.into_iter().flatten().flatten().map(Span::of).collect()
        };
        return segments.iter().map(whole).collect();
    };
    // No two segments share an address: whoever begins last before an address is the only one that may hold it.
    let mut starts: BTreeMap<(bool, u128), (Block, usize)> = BTreeMap::new();
    for (index, id) in segments.iter().enumerate() {
        if let Some(segment) = model.segments.get(*id) {
            let blocks = [Some(segment.cidr), segment.cidr6].into_iter().flatten();
            starts.extend(blocks.map(|block| ((block.six, block.first), (block, index))));
        }
    }
    let mut found: Vec<[Vec<Range>; 2]> = segments.iter().map(|_| [Vec::new(), Vec::new()]).collect();
    for block in said {
        let holder = starts.range(..=(block.six, block.first)).next_back();
        if let Some((_, (place, index))) = holder
            && place.holds(block)
            && let Some([four, six]) = found.get_mut(*index)
        {
            let of_family = if block.six { six } else { four };
            of_family.push(Span::of(block).range);
        }
    }
    let spans = |[four, six]: [Vec<Range>; 2]| {
        let of = |six, ranges| {
            let merged = Range::merge(ranges);
            merged.into_iter().map(move |range| Span { six, range })
        };
        of(false, four).chain(of(true, six)).collect()
    };
    found.into_iter().map(spans).collect()
}

/// What a thing says by `at`; `None` if it says nothing. What runs on a class is where the class is.
fn said(model: &Model, thing: ThingId) -> Option<Vec<Block>> {
    match &model.things.get(thing)?.detail {
        Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
            (None, Some(RunsOn::Device(class))) => said(model, class),
            _ => {
                let blocks: Vec<Block> = workload.at.iter().map(|(block, _)| *block).collect();
                (!blocks.is_empty()).then_some(blocks)
            }
        },
        Detail::Class(class) => {
            let blocks = class.at.iter().flat_map(|at| &at.values).copied().collect();
            (!class.at.is_empty()).then_some(blocks)
        }
        Detail::People(_) | Detail::External(_) | Detail::Resource => None,
    }
}

/// Every address but those of declared places, of what they leave by, and of externals.
pub(super) fn elsewhere(model: &Model) -> Vec<Span> {
    let networks = model.networks.iter();
    let networks = networks.flat_map(|(_, network)| [Some(network.cidr), network.cidr6]);
    let sites = model.sites.iter();
    let sites = sites.flat_map(|(_, site)| [Some(site.cidr), site.cidr6]);
    let leaves = model.sites.iter().flat_map(|(_, site)| &site.leaves_by);
    let externals = model.things.iter().flat_map(|(_, thing)| match &thing.detail {
        Detail::External(external) => external.at.as_slice(),
        Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource => &[],
    });
    let externals = externals.filter_map(|(address, _)| match address {
        Address::Block(block) => Some(*block),
        Address::Host(_) => None,
    });
    let declared = networks.chain(sites).flatten();
    let declared = declared.chain(leaves.map(|(block, _)| *block)).chain(externals);
    // What is left, by its first address.
    let mut left: BTreeMap<(bool, u128), u128> = [false, true]
        .map(|six| ((six, 0), Span::all(six).range.last()))
        .into();
    for block in declared {
        let (first, last) = (block.first, block.last());
        let start = left.range(..=(block.six, first)).next_back();
        let start = start
            .filter(|((six, _), end)| *six == block.six && **end >= first)
            .map_or((block.six, first), |(start, _)| *start);
        let touched: Vec<((bool, u128), u128)> = left
            .range(start..=(block.six, last))
            .map(|(start, end)| (*start, *end))
            .collect();
        for ((six, start), end) in touched {
            left.remove(&(six, start));
            if let Some(before) = first.checked_sub(1).filter(|before| start <= *before) {
                left.insert((six, start), before);
            }
            if let Some(after) = last.checked_add(1).filter(|after| *after <= end) {
                left.insert((six, after), end);
            }
        }
    }
    left.into_iter()
        .filter_map(|((six, first), last)| Range::new(first, last).map(|range| Span { six, range }))
        .collect()
}
