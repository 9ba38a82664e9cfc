//! Questions that checks, the command line and the proof ask of a graph.
//!
//! An [`Index`] is made once; each question is then answered from the few entries that it concerns.

mod allowed;
pub mod overlap;
pub mod select;
pub mod void;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use arena::Name;
use model::Model;
use model::kind::Effect;
use model::thing::{Detail, ThingId};
use model::trust::{End, TrustId};
use source::Span;

use crate::TrustGraph;
use crate::access::{Access, Principal, Resource};
use crate::flow::{Endpoint, Flow};
use crate::reason::{Reason, ReasonId};

/// A graph with what finds its entries by who and by what.
#[derive(Debug)]
pub struct Index<'a> {
    /// The model that the graph was built from.
    pub model: &'a Model,
    /// The graph.
    pub graph: &'a TrustGraph,
    // Each table is made when something is first looked up in it.
    to: OnceLock<BTreeMap<Resource, Vec<u32>>>,
    flows_from: OnceLock<BTreeMap<Endpoint, Vec<u32>>>,
    flows_to: OnceLock<BTreeMap<Endpoint, Vec<u32>>>,
    trusts_of: OnceLock<BTreeMap<End, Vec<TrustId>>>,
}

/// What an access lets its principal do, in the words of the spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capable {
    /// The capability.
    pub capability: Name,
    /// What chains follow.
    pub effect: Effect,
}

/// Items by key, in their order.
fn grouped<K: Ord, V>(items: impl Iterator<Item = (K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut grouped: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, item) in items {
        grouped.entry(key).or_default().push(item);
    }
    grouped
}

impl<'a> Index<'a> {
    /// Indexes a graph. Linear in its size.
    #[must_use]
    pub fn new(model: &'a Model, graph: &'a TrustGraph) -> Self {
        Self {
            model,
            graph,
            to: OnceLock::new(),
            flows_from: OnceLock::new(),
            flows_to: OnceLock::new(),
            trusts_of: OnceLock::new(),
        }
    }

    fn to(&self) -> &BTreeMap<Resource, Vec<u32>> {
        let accesses = || (0u32..).zip(&self.graph.accesses);
        self.to
            .get_or_init(|| grouped(accesses().map(|(position, access)| (access.resource, position))))
    }

    fn trusts_by_subject(&self) -> &BTreeMap<End, Vec<TrustId>> {
        let trusts = || self.model.trusts.iter();
        let subjects =
            || trusts().flat_map(|(id, trust)| trust.subjects.iter().map(move |subject| (subject.end, id)));
        self.trusts_of.get_or_init(|| grouped(subjects()))
    }

    /// The accesses of a principal, sorted.
    #[must_use]
    pub fn accesses_of(&self, principal: Principal) -> &'a [Access] {
        let accesses = &self.graph.accesses;
        let first = accesses.partition_point(|access| access.principal < principal);
        let last = accesses.partition_point(|access| access.principal <= principal);
        accesses.get(first..last).unwrap_or(&[])
    }

    /// The accesses to a resource, sorted, each with its position in the graph.
    pub fn accesses_to(&self, resource: Resource) -> impl Iterator<Item = (u32, &'a Access)> + use<'a, '_> {
        let positions = self.to().get(&resource).map_or(&[][..], |positions| positions);
        positions
            .iter()
            .filter_map(|position| Some((*position, self.graph.accesses.get(*position as usize)?)))
    }

    /// The flows that an end opens.
    pub fn flows_from(&self, end: Endpoint) -> impl Iterator<Item = &'a Flow> + use<'a, '_> {
        let flows = || (0u32..).zip(&self.graph.flows);
        self.flows_from
            .get_or_init(|| grouped(flows().map(|(position, flow)| (flow.from, position))))
            .get(&end)
            .into_iter()
            .flatten()
            .filter_map(|position| self.graph.flows.get(*position as usize))
    }

    /// The flows that an end admits.
    pub fn flows_to(&self, end: Endpoint) -> impl Iterator<Item = &'a Flow> + use<'a, '_> {
        let flows = || (0u32..).zip(&self.graph.flows);
        self.flows_to
            .get_or_init(|| grouped(flows().map(|(position, flow)| (flow.to, position))))
            .get(&end)
            .into_iter()
            .flatten()
            .filter_map(|position| self.graph.flows.get(*position as usize))
    }

    /// The principal that a thing is when it acts; `None` if it never does.
    #[must_use]
    pub fn principal(&self, id: ThingId) -> Option<Principal> {
        let thing = self.model.things.get(id)?;
        match thing.detail {
            Detail::Workload(_) => Some(Principal::Workload(id)),
            Detail::Class(_) => Some(Principal::Class(id)),
            Detail::People(_) => Some(Principal::People(id)),
            Detail::External(_) => Some(Principal::External(id)),
            Detail::Resource => self
                .model
                .kinds
                .get(thing.kind)?
                .words
                .acts
                .map(|_| Principal::Acting(id)),
        }
    }

    /// The declared thing that acts; `None` for the provider's services, providers of identity, stewards and everybody.
    #[must_use]
    pub fn actor(&self, principal: Principal) -> Option<ThingId> {
        match principal {
            Principal::Workload(id)
            | Principal::Class(id)
            | Principal::People(id)
            | Principal::Acting(id)
            | Principal::External(id) => Some(id),
            Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => {
                None
            }
        }
    }

    /// The trust at the root of a reason, if there is one.
    #[must_use]
    pub fn trust_of(&self, reason: ReasonId) -> Option<TrustId> {
        match *self.graph.reasons.get(reason)? {
            Reason::Trust(trust) => Some(trust),
            Reason::Entailed { of, .. } => self.trust_of(of),
            Reason::Declared(_) | Reason::Baseline(_) => None,
        }
    }

    /// The line of the spec that a reason comes down to.
    #[must_use]
    pub fn line(&self, reason: ReasonId) -> Option<Span> {
        match *self.graph.reasons.get(reason)? {
            Reason::Trust(trust) => Some(self.model.trusts.get(trust)?.span),
            Reason::Entailed { of, .. } => self.line(of),
            Reason::Declared(fact) => Some(self.model.facts.get(fact)?.span),
            Reason::Baseline(baseline) => Some(self.model.baselines.get(baseline)?.span),
        }
    }

    /// All reasons of an access: its own, then the others in order of what is declared.
    pub fn reasons(&self, position: u32) -> impl Iterator<Item = ReasonId> + use<'a> {
        let also = &self.graph.also;
        let first = also.partition_point(|(of, _)| *of < position);
        let others = also.get(first..).unwrap_or(&[]).iter();
        let others = others
            .take_while(move |(of, _)| *of == position)
            .map(|(_, reason)| *reason);
        self.graph
            .accesses
            .get(position as usize)
            .map(|access| access.because)
            .into_iter()
            .chain(others)
    }

    /// The capabilities that a trust names and that this action belongs to. None for what is entailed or a baseline's.
    #[must_use]
    pub fn capabilities(&self, access: &Access) -> Vec<Capable> {
        let Some(Reason::Trust(trust)) = self.graph.reasons.get(access.because) else {
            return Vec::new();
        };
        let Resource::Thing(object) = access.resource else {
            return Vec::new();
        };
        let named = |trust: &TrustId| self.model.trusts.get(*trust).map(|trust| &trust.allow);
        let Some(allow) = named(trust) else {
            return Vec::new();
        };
        let Some(kind) = self
            .model
            .things
            .get(object)
            .and_then(|thing| self.model.kinds.get(thing.kind))
        else {
            return Vec::new();
        };
        let action = self.graph.words.text(access.action);
        let capabilities = kind
            .words
            .capabilities
            .iter()
            .filter(|capability| allow.iter().any(|(name, _)| *name == capability.name));
        let with_action = capabilities.filter(|capability| {
            capability
                .actions
                .iter()
                .flat_map(|line| &line.actions)
                .any(|name| self.model.names.text(*name) == action)
        });
        with_action
            .map(|capability| Capable {
                capability: capability.name,
                effect: capability.effect,
            })
            .collect()
    }

    /// The trusts that name a subject, in order of what they say.
    pub fn trusts(&self, subject: End) -> impl Iterator<Item = TrustId> + use<'a, '_> {
        self.trusts_by_subject()
            .get(&subject)
            .into_iter()
            .flatten()
            .copied()
    }
}
