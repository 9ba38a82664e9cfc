//! Which way a balancer faces, and what no packet can do for that.
//!
//! A balancer that the internet reaches has public addresses behind its name. Who is inside the network, or comes over a private way,
//! and asks for the name, gets these: the packets leave the network, and come back from another address than the one that a rule
//! names.
//!
//! Source: Elastic Load Balancing user guide, "Load balancer scheme", read 2026-12-01.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Diagnostic;
use model::thing::{Detail, ThingId};
use source::Span;

use super::Build;
use crate::fault::NO_PATH;
use crate::flow::{Endpoint, Flow, Reach};
use crate::reason::{Reason, ReasonId};

impl Build<'_> {
    /// Refuses who is inside where a balancer faces the internet.
    pub(super) fn refuse_inside_of_facing(&mut self) {
        let mut facing: BTreeMap<ThingId, ReasonId> = BTreeMap::new();
        for flow in self.graph.flows.iter().filter(|flow| flow.reach == Reach::Public) {
            if let Some(balancer) = self.balancer(flow) {
                facing.entry(balancer).or_insert(flow.because);
            }
        }
        let mut told: BTreeSet<(ThingId, Span)> = BTreeSet::new();
        let inside = self
            .graph
            .flows
            .iter()
            .filter(|flow| flow.reach == Reach::Private);
        for flow in inside {
            let Some((balancer, by)) = self
                .balancer(flow)
                .and_then(|balancer| Some((balancer, *facing.get(&balancer)?)))
            else {
                continue;
            };
            if let Some(span) = self.trust_of(flow.because) {
                let by = self.trust_of(by);
                told.extend([(balancer, span)].into_iter().filter(|_| by.is_some()));
            }
        }
        for (balancer, span) in told {
            let name = self
                .model
                .things
                .get(balancer)
                .map_or("", |thing| self.text(thing.name));
            let by = facing.get(&balancer).and_then(|by| self.trust_of(*by));
            let message = format!("`{name}` faces the internet, and this comes from inside");
            let mut diagnostic = Diagnostic::new(&NO_PATH, span, message);
            if let Some(by) = by {
                diagnostic = diagnostic.label(by, "for this it has public addresses");
            }
            self.report.push(
                diagnostic
                    .note("its name leads to its public addresses, so that who is inside leaves the network to reach it")
                    .help("declare a second balancer for those inside, in a private segment, and let it connect to what stands behind this one"),
            );
        }
    }

    /// The balancer that a flow reaches. One that exists and that the internet reaches faces it as well.
    fn balancer(&self, flow: &Flow) -> Option<ThingId> {
        let Endpoint::Thing(to) = flow.to else { return None };
        let thing = self.model.things.get(to)?;
        let service = self.service(thing)?;
        let is_resource = matches!(thing.detail, Detail::Resource);
        (is_resource && self.text(service) == "elasticloadbalancing").then_some(to)
    }

    /// The line of the trust that a reason comes from.
    fn trust_of(&self, reason: ReasonId) -> Option<Span> {
        match self.graph.reasons.get(reason)? {
            Reason::Trust(trust) => Some(self.model.trusts.get(*trust)?.span),
            Reason::Entailed { of, .. } => self.trust_of(*of),
            Reason::Declared(_) | Reason::Baseline(_) => None,
        }
    }
}
