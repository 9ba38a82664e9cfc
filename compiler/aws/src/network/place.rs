//! Where the ends of a flow stand, seen from one network.

use std::collections::BTreeMap;

use graph::Word;
use graph::address;
use graph::flow::{Endpoint, Flow, Reach};
use model::actor::{Address, RunsOn};
use model::place::{Exposure, NetworkId, SegmentId, SiteId, Within};
use model::thing::{Detail, Thing, ThingId};
use model::value::Block;

use crate::context::Context;

/// What an end is for the means of one network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// Carries a group of this network, in these segments of it.
    Group(Carrier, Vec<SegmentId>),
    /// Addresses outside groups.
    Blocks(Vec<(Block, Outside)>),
}

/// Whose group it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Carrier {
    /// A placed thing.
    Thing(ThingId),
    /// The private endpoint to a service.
    Service(Word),
    /// All who use the same endpoints, by the first of them.
    Shared(ThingId),
}

/// Where addresses outside groups lie: it decides the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outside {
    /// In a connected site.
    Site(SiteId),
    /// In this very network, named by address.
    Here,
    /// On the internet.
    Internet,
    /// In a declared place that nothing connects to this network.
    Unconnected,
}

/// Segments of a thing, and what serves them; looked up once for all networks.
pub(super) struct Places<'a> {
    cx: &'a Context<'a>,
    homes: BTreeMap<ThingId, Vec<SegmentId>>,
    /// Networks with a segment that holds private endpoints, with those segments.
    pub(super) endpoints: BTreeMap<NetworkId, Vec<SegmentId>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(cx: &'a Context<'a>) -> Self {
        let mut homes = BTreeMap::new();
        for (id, thing) in cx.model.things.iter() {
            let segments = homes_of(cx, thing);
            if !segments.is_empty() {
                homes.insert(id, segments);
            }
        }
        let mut endpoints: BTreeMap<NetworkId, Vec<SegmentId>> = BTreeMap::new();
        for (id, segment) in cx.model.segments.iter() {
            if let (Within::Network(network), Some(_)) = (segment.within, segment.endpoints) {
                endpoints.entry(network).or_default().push(id);
            }
        }
        Self { cx, homes, endpoints }
    }

    /// The segments in which a thing has an interface.
    pub(super) fn homes(&self, thing: ThingId) -> &[SegmentId] {
        self.homes.get(&thing).map_or(&[], Vec::as_slice)
    }

    /// Things with a segment in this network, with those segments.
    pub(super) fn placed(&self, network: NetworkId) -> impl Iterator<Item = (ThingId, Vec<SegmentId>)> + '_ {
        self.homes.iter().filter_map(move |(thing, homes)| {
            let here = self.in_network(homes, network);
            (!here.is_empty()).then_some((*thing, here))
        })
    }

    fn in_network(&self, homes: &[SegmentId], network: NetworkId) -> Vec<SegmentId> {
        let here = |segment: &SegmentId| self.within(*segment) == Some(Within::Network(network));
        homes.iter().copied().filter(here).collect()
    }

    fn within(&self, segment: SegmentId) -> Option<Within> {
        self.cx.model.segments.get(segment).map(|segment| segment.within)
    }

    fn connects(&self, site: SiteId, network: NetworkId) -> bool {
        let site = self.cx.model.sites.get(site);
        site.is_some_and(|site| site.connects.iter().any(|connects| connects.network == network))
    }

    /// The group of the endpoint to a service that a network has already.
    pub(super) fn worn(&self, network: NetworkId, service: Word) -> Option<&'a str> {
        address::worn_by_endpoint(self.cx.model, network, self.cx.word(service))
    }

    /// Whether a segment reaches a service of the provider by a private endpoint, and in which networks.
    pub(super) fn service_networks(&self, segment: SegmentId, service: Word) -> Vec<NetworkId> {
        let Some(segment) = self.cx.model.segments.get(segment) else {
            return Vec::new();
        };
        match segment.within {
            Within::Network(network) => {
                let is_served =
                    self.endpoints.contains_key(&network) || self.worn(network, service).is_some();
                is_served.then_some(network).into_iter().collect()
            }
            Within::Site(site) if segment.exposure != Exposure::Isolated => {
                let site = self.cx.model.sites.get(site);
                let connects = site.map_or(&[][..], |site| &site.connects);
                let networks = connects.iter().map(|connects| connects.network);
                // At which addresses an endpoint stands that exists already, a site cannot know.
                networks
                    .filter(|network| {
                        self.endpoints.contains_key(network) && self.worn(*network, service).is_none()
                    })
                    .collect()
            }
            Within::Site(_) => Vec::new(),
        }
    }

    /// Both ends of a flow as this network sees them: every pair of sides of which at least one carries a group here.
    pub(super) fn pairs(&self, flow: &Flow, network: NetworkId) -> Vec<(Side, Side)> {
        let service = match flow.to {
            Endpoint::Service(service) => Some((flow.reach, service)),
            Endpoint::Thing(_) | Endpoint::Addresses(_) | Endpoint::Internet => None,
        };
        let froms = self.sides(flow.from, network, flow.reach, service);
        if froms.is_empty() {
            return Vec::new();
        }
        let tos = self.sides(flow.to, network, flow.reach, None);
        let mut pairs = Vec::new();
        for from in &froms {
            for to in &tos {
                if matches!(from, Side::Group(..)) || matches!(to, Side::Group(..)) {
                    pairs.push((from.clone(), to.clone()));
                }
            }
        }
        pairs
    }

    /// `to_service`: the path of a flow to a service, so that only the homes that use this path are meant.
    fn sides(
        &self,
        end: Endpoint,
        network: NetworkId,
        reach: Reach,
        to_service: Option<(Reach, Word)>,
    ) -> Vec<Side> {
        match end {
            Endpoint::Thing(thing) => match self.cx.thing(thing).map(|declared| &declared.detail) {
                Some(Detail::External(external)) => {
                    let blocks = external.at.iter().filter_map(|(address, _)| match address {
                        Address::Block(block) => Some((*block, Outside::Internet)),
                        Address::Host(_) => None,
                    });
                    vec![Side::Blocks(blocks.collect())]
                }
                Some(Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource) => {
                    self.thing_sides(thing, network, to_service)
                }
                None => Vec::new(),
            },
            Endpoint::Service(service) => match (reach, self.endpoints.get(&network)) {
                (Reach::Private, Some(segments)) => {
                    vec![Side::Group(
                        Carrier::Service(service),
                        segments.first().copied().into_iter().collect(),
                    )]
                }
                (Reach::Private, None) if self.worn(network, service).is_some() => {
                    vec![Side::Group(Carrier::Service(service), Vec::new())]
                }
                (Reach::Private, None) | (Reach::Public, _) => Vec::new(),
            },
            Endpoint::Addresses(blocks) => {
                let blocks = self.cx.graph.blocks.get(blocks).map_or(&[][..], Vec::as_slice);
                let outside = |block: &Block| match reach {
                    Reach::Public => Outside::Internet,
                    Reach::Private => self.declared(*block, network),
                };
                vec![Side::Blocks(
                    blocks.iter().map(|block| (*block, outside(block))).collect(),
                )]
            }
            Endpoint::Internet => {
                let every = |six| Block {
                    six,
                    first: 0,
                    prefix_bits: 0,
                };
                vec![Side::Blocks(vec![
                    (every(false), Outside::Internet),
                    (every(true), Outside::Internet),
                ])]
            }
        }
    }

    fn thing_sides(
        &self,
        thing: ThingId,
        network: NetworkId,
        to_service: Option<(Reach, Word)>,
    ) -> Vec<Side> {
        let homes = self.homes(thing).iter().copied().filter(|home| match to_service {
            None => true,
            Some((Reach::Private, service)) => self.service_networks(*home, service).contains(&network),
            Some((Reach::Public, service)) => self.service_networks(*home, service).is_empty(),
        });
        let (mut here, mut blocks) = (Vec::new(), Vec::new());
        for home in homes {
            let Some(segment) = self.cx.model.segments.get(home) else {
                continue;
            };
            match segment.within {
                Within::Network(other) if other == network => here.push(home),
                Within::Site(site) if self.connects(site, network) => {
                    let own = self.cx.addresses.of(thing, home, segment);
                    blocks.extend(own.into_iter().map(|block| (block, Outside::Site(site))));
                }
                Within::Network(_) | Within::Site(_) => {}
            }
        }
        let group = (!here.is_empty()).then_some(Side::Group(Carrier::Thing(thing), here));
        let blocks = (!blocks.is_empty()).then_some(Side::Blocks(blocks));
        group.into_iter().chain(blocks).collect()
    }

    /// Where a block of a declared place lies.
    fn declared(&self, block: Block, network: NetworkId) -> Outside {
        let holds = |cidr: Block, cidr6: Option<Block>| {
            cidr.holds(block) || cidr6.is_some_and(|six| six.holds(block))
        };
        if let Some(own) = self.cx.model.networks.get(network)
            && holds(own.cidr, own.cidr6)
        {
            return Outside::Here;
        }
        let site = self
            .cx
            .model
            .sites
            .iter()
            .find(|(_, site)| holds(site.cidr, site.cidr6));
        match site {
            Some((id, _)) if self.connects(id, network) => Outside::Site(id),
            Some(_) | None => Outside::Unconnected,
        }
    }
}

fn homes_of(cx: &Context<'_>, thing: &Thing) -> Vec<SegmentId> {
    let of_class = |thing: &Thing| match &thing.detail {
        Detail::Class(class) => class.segments.iter().map(|placed| placed.segment).collect(),
        Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => Vec::new(),
    };
    match &thing.detail {
        Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
            (Some(segment), _) => vec![segment],
            (None, Some(RunsOn::Device(class))) => cx.thing(class).map(of_class).unwrap_or_default(),
            (None, _) => Vec::new(),
        },
        Detail::Class(_) => of_class(thing),
        Detail::Resource => thing.segment.into_iter().collect(),
        Detail::People(_) | Detail::External(_) => Vec::new(),
    }
}
