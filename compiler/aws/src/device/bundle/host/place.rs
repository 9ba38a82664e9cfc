//! Where things live, as a host sees them: by addresses.

use std::collections::BTreeMap;

use graph::address;
use graph::flow::{Endpoint, Reach};
use model::actor::{Address, RunsOn};
use model::place::{Exposure, NetworkId, Segment, SegmentId, Within};
use model::thing::{Detail, ThingId};
use model::value::Block;

use super::members::{Members, With};
use crate::context::Context;

/// Where things live, and what serves them.
pub(super) struct Places<'a> {
    cx: &'a Context<'a>,
    /// Per network, the segment that holds private endpoints.
    endpoints: BTreeMap<NetworkId, SegmentId>,
}

impl<'a> Places<'a> {
    pub(super) fn new(cx: &'a Context<'a>) -> Self {
        let mut endpoints = BTreeMap::new();
        for (id, segment) in cx.model.segments.iter() {
            if let (Within::Network(network), Some(_)) = (segment.within, segment.endpoints) {
                endpoints.entry(network).or_insert(id);
            }
        }
        Self { cx, endpoints }
    }

    /// The segments in which a thing has an interface.
    pub(super) fn homes(&self, thing: ThingId) -> Vec<(SegmentId, &'a Segment)> {
        let Some(thing) = self.cx.thing(thing) else {
            return Vec::new();
        };
        let segments: Vec<SegmentId> = match &thing.detail {
            Detail::Class(class) => class.segments.iter().map(|placed| placed.segment).collect(),
            Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
                (Some(segment), _) => vec![segment],
                (None, Some(RunsOn::Device(class))) => return self.homes(class),
                (None, _) => Vec::new(),
            },
            Detail::Resource => thing.segment.into_iter().collect(),
            Detail::People(_) | Detail::External(_) => Vec::new(),
        };
        segments
            .into_iter()
            .filter_map(|id| Some((id, self.cx.model.segments.get(id)?)))
            .collect()
    }

    /// The addresses of the other end, as a host in this segment meets it.
    pub(super) fn peers(&self, home: &Segment, other: Endpoint, reach: Reach) -> Vec<Block> {
        match other {
            Endpoint::Thing(thing) => match self.cx.thing(thing).map(|thing| &thing.detail) {
                Some(Detail::External(external)) => external
                    .at
                    .iter()
                    .filter_map(|(address, _)| match address {
                        Address::Block(block) => Some(*block),
                        Address::Host(_) => None,
                    })
                    .collect(),
                Some(Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource) => self
                    .homes(thing)
                    .into_iter()
                    .filter(|(_, segment)| self.are_joined(home.within, segment.within))
                    .flat_map(|(id, segment)| self.cx.addresses.of(thing, id, segment))
                    .collect(),
                None => Vec::new(),
            },
            Endpoint::Service(service) => self.service(home, reach, self.cx.word(service)),
            Endpoint::Addresses(blocks) => self.cx.graph.blocks.get(blocks).cloned().unwrap_or_default(),
            // As the subject of a trust: everybody, whatever is declared.
            Endpoint::Internet => everywhere(),
        }
    }

    /// The addresses of those members of a class that have some values, as a host in this segment meets them: not the host itself.
    pub(super) fn peers_with(
        &self,
        members: &Members<'a>,
        home: &Segment,
        class: ThingId,
        with: With<'_>,
        itself: Option<usize>,
    ) -> Vec<Block> {
        members.addresses_with(class, with, itself, &|segment| {
            self.are_joined(home.within, segment.within)
        })
    }

    /// Where a service is: private endpoints have IPv4 addresses only.
    fn service(&self, home: &Segment, reach: Reach, service: &str) -> Vec<Block> {
        // An endpoint that exists may stand anywhere in its network, and serves what lives there.
        let worn = |network| address::worn_by_endpoint(self.cx.model, network, service).is_some();
        if let Within::Network(own) = home.within
            && worn(own)
            && let Some(network) = self.cx.model.networks.get(own)
        {
            return match reach {
                Reach::Private => vec![network.cidr],
                Reach::Public => Vec::new(),
            };
        }
        let serving: Vec<&Segment> = self
            .endpoints
            .iter()
            .filter(|(network, _)| !worn(**network))
            .filter(|(network, _)| match home.within {
                Within::Network(own) => own == **network,
                Within::Site(_) => {
                    home.exposure != Exposure::Isolated
                        && self.are_joined(home.within, Within::Network(**network))
                }
            })
            .filter_map(|(_, segment)| self.cx.model.segments.get(*segment))
            .collect();
        match reach {
            Reach::Private => serving.iter().map(|segment| segment.cidr).collect(),
            // At some address that nothing declares: what is declared has flows of its own.
            Reach::Public if serving.is_empty() => self.cx.addresses.undeclared().to_vec(),
            Reach::Public => Vec::new(),
        }
    }

    /// Whether packets get from one place to another without the internet.
    fn are_joined(&self, one: Within, other: Within) -> bool {
        let connects = |site, network| {
            let site = self.cx.model.sites.get(site);
            site.is_some_and(|site| site.connects.iter().any(|connects| connects.network == network))
        };
        match (one, other) {
            (Within::Network(a), Within::Network(b)) => a == b,
            (Within::Site(a), Within::Site(b)) => a == b,
            (Within::Site(site), Within::Network(network))
            | (Within::Network(network), Within::Site(site)) => connects(site, network),
        }
    }
}

fn everywhere() -> Vec<Block> {
    [false, true]
        .map(|six| Block {
            six,
            first: 0,
            prefix_bits: 0,
        })
        .to_vec()
}
