//! Where ends of flows stand: one stand for each segment that an end has an interface in.
//!
//! Written from the language, not from what lowering does with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use checks::Checked;
use graph::address;
use graph::flow::{Endpoint, Flow, Reach};
use model::Model;
use model::actor::{Address, RunsOn};
use model::place::{Exposure, NetworkId, SegmentId, SiteId, Within};
use model::thing::{Detail, ThingId};
use model::value::Block;
use packet::Range;

use super::at;

/// Addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) six: bool,
    pub(super) range: Range,
}

impl Span {
    pub(super) fn of(block: Block) -> Self {
        // A block is never empty.
        let range = Range::new(block.first, block.last()).unwrap_or(Range::one(block.first));
        Self {
            six: block.six,
            range,
        }
    }

    /// Every address of a family.
    pub(super) fn all(six: bool) -> Self {
        Self {
            six,
            range: Range::addresses(if six {
                packet::Family::Ipv6
            } else {
                packet::Family::Ipv4
            }),
        }
    }
}

/// One place from which an end speaks or listens.
#[derive(Clone, Debug)]
pub(super) enum Stand {
    /// An interface that carries a group, in a segment of a network.
    Interface {
        network: NetworkId,
        group: Arc<str>,
        segment: SegmentId,
        has_six: bool,
        addresses: Arc<[Span]>,
    },
    /// A host of a site.
    Host {
        site: SiteId,
        segment: SegmentId,
        addresses: Arc<[Span]>,
    },
    /// Addresses on the internet.
    Public(Vec<Span>),
    /// Addresses of a declared place.
    Inside(Vec<Span>),
}

impl Stand {
    /// The same place with other addresses.
    pub(super) fn with(&self, own: Vec<Span>) -> Self {
        let mut stand = self.clone();
        match &mut stand {
            Self::Interface { addresses, .. } | Self::Host { addresses, .. } => *addresses = own.into(),
            Self::Public(spans) | Self::Inside(spans) => *spans = own,
        }
        stand
    }
}

/// Where everything stands.
pub(super) struct Stands<'a> {
    model: &'a Model,
    graph: &'a graph::TrustGraph,
    things: BTreeMap<ThingId, Vec<Stand>>,
    /// Per network, the segment in which its private endpoints stand.
    pub(super) endpoints: BTreeMap<NetworkId, SegmentId>,
    /// Where a service may be that is reached over the internet.
    elsewhere: Vec<Span>,
}

impl<'a> Stands<'a> {
    pub(super) fn new(checked: &Checked<'a>) -> Self {
        let (model, graph) = (checked.model(), checked.graph());
        let mut stands = Self {
            model,
            graph,
            things: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            elsewhere: at::elsewhere(model),
        };
        for (id, segment) in model.segments.iter() {
            if let (Within::Network(network), Some(_)) = (segment.within, segment.endpoints) {
                stands.endpoints.entry(network).or_insert(id);
            }
        }
        for (id, _) in model.things.iter() {
            let group: Arc<str> = graph.addresses.groups.get(&id).map_or("", String::as_str).into();
            let segments = stands.segments(id);
            let at = at::of(model, id, &segments);
            let own: Vec<Stand> = segments
                .into_iter()
                .zip(at)
                .filter_map(|(segment, addresses)| stands.stand(segment, &group, addresses))
                .collect();
            if !own.is_empty() {
                stands.things.insert(id, own);
            }
        }
        stands
    }

    /// The segments in which a thing has an interface; a workload on a device has the device's.
    fn segments(&self, thing: ThingId) -> Vec<SegmentId> {
        let Some(declared) = self.model.things.get(thing) else {
            return Vec::new();
        };
        match &declared.detail {
            Detail::Class(class) => class.segments.iter().map(|rows| rows.segment).collect(),
            Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
                (None, Some(RunsOn::Device(host))) => self.segments(host),
                (own, _) => own.into_iter().collect(),
            },
            Detail::Resource => declared.segment.into_iter().collect(),
            Detail::People(_) | Detail::External(_) => Vec::new(),
        }
    }

    fn stand(&self, id: SegmentId, group: &Arc<str>, addresses: Arc<[Span]>) -> Option<Stand> {
        let segment = self.model.segments.get(id)?;
        Some(match segment.within {
            Within::Network(network) => Stand::Interface {
                network,
                group: Arc::clone(group),
                segment: id,
                has_six: segment.cidr6.is_some(),
                addresses,
            },
            Within::Site(site) => Stand::Host {
                site,
                segment: id,
                addresses,
            },
        })
    }

    /// Where a placed thing stands.
    pub(super) fn of_thing(&self, thing: ThingId) -> &[Stand] {
        self.things.get(&thing).map_or(&[], Vec::as_slice)
    }

    /// Everything placed.
    pub(super) fn things(&self) -> impl Iterator<Item = (ThingId, &[Stand])> {
        self.things
            .iter()
            .map(|(thing, stands)| (*thing, stands.as_slice()))
    }

    pub(super) fn connects(&self, site: SiteId, network: NetworkId) -> bool {
        self.model
            .sites
            .get(site)
            .is_some_and(|site| site.connects.iter().any(|connects| connects.network == network))
    }

    /// The networks whose private endpoints to a service serve a stand: its own, or those that its site is connected to. One that
    /// was there before serves its own network.
    pub(super) fn served_by(&self, stand: &Stand, service: &str) -> Vec<NetworkId> {
        let was_there =
            |network: NetworkId| address::worn_by_endpoint(self.model, network, service).is_some();
        match stand {
            Stand::Interface { network, .. } => Some(*network)
                .filter(|network| self.endpoints.contains_key(network) || was_there(*network))
                .into_iter()
                .collect(),
            Stand::Host { site, segment, .. } => {
                let leaves = self
                    .model
                    .segments
                    .get(*segment)
                    .is_some_and(|segment| segment.exposure != Exposure::Isolated);
                self.endpoints
                    .keys()
                    .copied()
                    .filter(|network| leaves && self.connects(*site, *network) && !was_there(*network))
                    .collect()
            }
            Stand::Public(_) | Stand::Inside(_) => Vec::new(),
        }
    }

    /// Every pair of stands that meet in a flow.
    pub(super) fn meetings(&self, flow: &Flow) -> Vec<(Stand, Stand)> {
        if let Endpoint::Service(service) = flow.to {
            return self.service_meetings(flow, self.graph.words.text(service));
        }
        let (froms, tos) = (
            self.of_end(flow.from, flow.reach),
            self.of_end(flow.to, flow.reach),
        );
        let mut meetings = Vec::with_capacity(froms.len() * tos.len());
        for from in &froms {
            meetings.extend(
                tos.iter()
                    .filter(|to| self.may_meet(from, to))
                    .map(|to| (from.clone(), to.clone())),
            );
        }
        meetings
    }

    /// Places without a path between them do not meet.
    fn may_meet(&self, from: &Stand, to: &Stand) -> bool {
        match (from, to) {
            (Stand::Interface { network: a, .. }, Stand::Interface { network: b, .. }) => a == b,
            (Stand::Host { site, .. }, Stand::Interface { network, .. })
            | (Stand::Interface { network, .. }, Stand::Host { site, .. }) => self.connects(*site, *network),
            (Stand::Host { site: a, .. }, Stand::Host { site: b, .. }) => a == b,
            (Stand::Public(_) | Stand::Inside(_), _) | (_, Stand::Public(_) | Stand::Inside(_)) => true,
        }
    }

    fn of_end(&self, end: Endpoint, reach: Reach) -> Vec<Stand> {
        match end {
            Endpoint::Thing(thing) => match self.model.things.get(thing).map(|declared| &declared.detail) {
                Some(Detail::External(external)) => {
                    let blocks = external.at.iter().filter_map(|(address, _)| match address {
                        Address::Block(block) => Some(Span::of(*block)),
                        Address::Host(_) => None,
                    });
                    vec![Stand::Public(blocks.collect())]
                }
                Some(Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource)
                | None => self.of_thing(thing).to_vec(),
            },
            Endpoint::Addresses(blocks) => {
                let spans = self
                    .graph
                    .blocks
                    .get(blocks)
                    .map_or(&[][..], Vec::as_slice)
                    .iter()
                    .map(|block| Span::of(*block))
                    .collect();
                vec![match reach {
                    Reach::Private => Stand::Inside(spans),
                    Reach::Public => Stand::Public(spans),
                }]
            }
            Endpoint::Internet => vec![Stand::Public(vec![Span::all(false), Span::all(true)])],
            // Services are reached, and never open a flow.
            Endpoint::Service(_) => Vec::new(),
        }
    }

    /// To endpoints of ours, who wears a group with others of the same endpoints speaks by that one.
    fn by_shared(&self, end: Endpoint, stand: &Stand) -> Stand {
        let shared = match end {
            Endpoint::Thing(thing) => self.graph.addresses.shared.get(&thing),
            Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet => None,
        };
        match (stand.clone(), shared) {
            (
                Stand::Interface {
                    network,
                    segment,
                    has_six,
                    addresses,
                    ..
                },
                Some(group),
            ) => Stand::Interface {
                network,
                group: group.as_str().into(),
                segment,
                has_six,
                addresses,
            },
            (stand, _) => stand,
        }
    }

    /// An endpoint that was there before: it wears a group that is not ours, somewhere in its network.
    fn at_worn(&self, from: &Stand, network: NetworkId, service: &str) -> Option<(Stand, Stand)> {
        let group = address::worn_by_endpoint(self.model, network, service)?;
        let Stand::Interface { segment, .. } = from else {
            return None;
        };
        let place = self.model.networks.get(network)?;
        let endpoint = Stand::Interface {
            network,
            group: group.into(),
            segment: *segment,
            has_six: false,
            addresses: Arc::from([Span::of(place.cidr)]),
        };
        Some((from.clone(), endpoint))
    }

    fn service_meetings(&self, flow: &Flow, service: &str) -> Vec<(Stand, Stand)> {
        let mut meetings = Vec::new();
        for from in self.of_end(flow.from, flow.reach) {
            let networks = self.served_by(&from, service);
            match flow.reach {
                Reach::Private => meetings.extend(networks.into_iter().filter_map(|network| {
                    if let Some(meeting) = self.at_worn(&from, network, service) {
                        return Some(meeting);
                    }
                    let at = self.graph.addresses.networks.get(&network)?;
                    let segment = *self.endpoints.get(&network)?;
                    let group = address::endpoint_group(at, service).into();
                    let place = self.model.segments.get(segment)?;
                    // Private endpoints have IPv4 addresses only.
                    Some((
                        self.by_shared(flow.from, &from),
                        Stand::Interface {
                            network,
                            group,
                            segment,
                            has_six: false,
                            addresses: Arc::from([Span::of(place.cidr)]),
                        },
                    ))
                })),
                Reach::Public if networks.is_empty() => {
                    meetings.push((from, Stand::Public(self.elsewhere.clone())));
                }
                Reach::Public => {}
            }
        }
        meetings
    }
}
