//! Where actors live, and which places have a path between them.

use std::collections::BTreeSet;

use model::Model;
use model::actor::RunsOn;
use model::place::{Exposure, NetworkId, Segment, SegmentId, Within};
use model::thing::{Detail, Thing};

use super::Build;
use crate::address::worn_by_endpoint;
use crate::flow::Reach;

impl Build<'_> {
    /// The segments in which a thing has an interface; none if it has no place.
    pub(crate) fn home(&self, thing: &Thing) -> Vec<SegmentId> {
        home(self.model, thing)
    }

    /// By which path a segment reaches a service of the provider; `None` if there is none.
    ///
    /// An endpoint that a network has already serves what lives in it. At which of its addresses, a site cannot know.
    pub(crate) fn service_reach(&self, segment: SegmentId, service: &str) -> Option<Reach> {
        let own = |network| worn_by_endpoint(self.model, network, service).is_some();
        let found = self.model.segments.get(segment)?;
        match found.within {
            Within::Network(network) if own(network) => Some(Reach::Private),
            Within::Network(_) => self.served.get(&segment).copied().flatten(),
            Within::Site(site) => {
                let networks = self
                    .model
                    .sites
                    .get(site)
                    .into_iter()
                    .flat_map(|site| &site.connects);
                let has_existing = networks.into_iter().any(|connects| own(connects.network));
                match self.served.get(&segment).copied().flatten() {
                    Some(Reach::Private) if has_existing => {
                        (found.exposure != Exposure::Isolated).then_some(Reach::Public)
                    }
                    other => other,
                }
            }
        }
    }

    /// Whether a segment reaches some service of the provider by a private endpoint.
    pub(crate) fn is_served(&self, segment: SegmentId) -> bool {
        let within = self.model.segments.get(segment).map(|segment| segment.within);
        let has_existing = match within {
            Some(Within::Network(network)) => {
                let network = self.model.networks.get(network);
                network.is_some_and(|network| !network.endpoints.is_empty())
            }
            Some(Within::Site(_)) | None => false,
        };
        has_existing || self.served.get(&segment).copied().flatten() == Some(Reach::Private)
    }

    /// Whether packets can go from one segment to the other without leaving private paths.
    pub(crate) fn connected(&self, from: SegmentId, to: SegmentId) -> bool {
        let (Some(from), Some(to)) = (self.model.segments.get(from), self.model.segments.get(to)) else {
            return false;
        };
        if from.within == to.within {
            return true;
        }
        // Another place is reached by a route, which an isolated segment does not have.
        if from.exposure == Exposure::Isolated || to.exposure == Exposure::Isolated {
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

    /// Whether a block lies in a declared place.
    pub(crate) fn is_declared_place(&self, block: model::value::Block) -> bool {
        let networks = self
            .model
            .networks
            .iter()
            .flat_map(|(_, network)| [Some(network.cidr), network.cidr6]);
        let sites = self
            .model
            .sites
            .iter()
            .flat_map(|(_, site)| [Some(site.cidr), site.cidr6]);
        networks.chain(sites).flatten().any(|place| place.holds(block))
    }
}

/// The segments in which a thing has an interface; none if it has no place.
pub(crate) fn home(model: &Model, thing: &Thing) -> Vec<SegmentId> {
    match &thing.detail {
        Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
            (Some(segment), _) => vec![segment],
            (None, Some(RunsOn::Device(class))) => match model.things.get(class).map(|class| &class.detail) {
                Some(Detail::Class(class)) => class.segments.iter().map(|placed| placed.segment).collect(),
                Some(Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource)
                | None => Vec::new(),
            },
            (
                None,
                None
                | Some(
                    RunsOn::Lambda
                    | RunsOn::Ecs
                    | RunsOn::Ec2
                    | RunsOn::Eks
                    | RunsOn::Onprem
                    | RunsOn::Ci
                    | RunsOn::IotOta,
                ),
            ) => Vec::new(),
        },
        Detail::Class(class) => class.segments.iter().map(|placed| placed.segment).collect(),
        Detail::Resource => thing.segment.into_iter().collect(),
        Detail::People(_) | Detail::External(_) => Vec::new(),
    }
}

/// The networks that have endpoints to the provider's services.
pub(super) fn with_endpoints(model: &Model) -> BTreeSet<NetworkId> {
    let segments = model
        .segments
        .iter()
        .filter(|(_, segment)| segment.endpoints.is_some());
    segments
        .filter_map(|(_, segment)| match segment.within {
            Within::Network(network) => Some(network),
            Within::Site(_) => None,
        })
        .collect()
}

/// A segment with `endpoints` serves its whole network and the sites connected to it; without one, services are reached
/// over the internet, which an isolated segment never is.
pub(super) fn service_reach(
    model: &Model,
    with_endpoints: &BTreeSet<NetworkId>,
    segment: &Segment,
) -> Option<Reach> {
    let private = match segment.within {
        Within::Network(network) => with_endpoints.contains(&network),
        Within::Site(site) => {
            let site = model.sites.get(site)?;
            segment.exposure != Exposure::Isolated
                && site
                    .connects
                    .iter()
                    .any(|connects| with_endpoints.contains(&connects.network))
        }
    };
    match (private, segment.exposure) {
        (true, _) => Some(Reach::Private),
        (false, Exposure::Public | Exposure::Private) => Some(Reach::Public),
        (false, Exposure::Isolated) => None,
    }
}
