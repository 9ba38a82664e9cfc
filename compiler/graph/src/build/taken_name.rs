//! Names of services that our private endpoints take over in a network that exists.

use std::collections::{BTreeMap, BTreeSet};

use model::place::{NetworkId, Within};
use source::Span;

use super::Build;
use crate::address::worn_by_endpoint;
use crate::flow::{Endpoint, Reach};
use crate::made::reached;
use crate::reason::Residual;

impl Build<'_> {
    /// `endpoints accept=takes-over-name`: each service whose name leads everybody in the network to our endpoint.
    pub(super) fn taken_names(&mut self) {
        let model = self.model;
        let taking = model
            .segments
            .iter()
            .filter_map(|(_, segment)| match segment.within {
                Within::Network(network) => Some((network, segment.takes_over_name?)),
                Within::Site(_) => None,
            });
        let taking: BTreeMap<NetworkId, Span> = taking.collect();
        if taking.is_empty() {
            return;
        }
        let mut found: BTreeSet<(Span, NetworkId, crate::Word)> = BTreeSet::new();
        for flow in &self.graph.flows {
            let (Endpoint::Thing(from), Endpoint::Service(service), Reach::Private) =
                (flow.from, flow.to, flow.reach)
            else {
                continue;
            };
            let Some(thing) = model.things.get(from) else {
                continue;
            };
            let networks = self.home(thing).into_iter().flat_map(|home| reached(model, home));
            let name = self.graph.words.text(service);
            let ours = networks.filter(|id| worn_by_endpoint(model, *id, name).is_none());
            found.extend(ours.filter_map(|id| Some((*taking.get(&id)?, id, service))));
        }
        for (span, network, service) in found {
            let network = model
                .networks
                .get(network)
                .map_or("", |network| self.text(network.name));
            let service = self.graph.words.text(service);
            self.residuals.insert(Residual {
                span,
                substitute: "takes-over-name".to_owned(),
                what: format!(
                    "the name of `{service}` leads everybody in `{network}` to our endpoint, which lets through what is declared here alone"
                ),
            });
        }
    }
}
