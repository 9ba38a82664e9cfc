//! Trusts whose narrowing or conditions are void, because a wider trust gives the same.

use std::collections::BTreeSet;

use model::trust::TrustId;

use super::Index;
use super::overlap::Patterns;
use crate::access::{Access, Pairs};
use crate::flow::Endpoint;
use crate::reason::{Reason, ReasonId};

/// A trust that looks like a limit and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Void {
    /// The trust with the narrowing or the conditions.
    pub trust: TrustId,
    /// The one that gives the same without.
    pub wider: TrustId,
}

impl Index<'_> {
    /// The trusts with `under`, `only`, `same` or `when` of which some access or flow is given, wider, by another trust.
    /// What two trusts give alike, without one being wider, is no fault.
    ///
    /// - Cost: accesses are compared within one principal and action, by their literal beginnings.
    #[must_use]
    pub fn void_trusts(&self) -> Vec<Void> {
        let mut found = BTreeSet::new();
        let graph = self.graph;
        for group in graph
            .accesses
            .chunk_by(|a, b| (a.principal, a.action) == (b.principal, b.action))
        {
            if group.len() > 1 {
                self.void_in(group, &mut found);
            }
        }
        for flow in &graph.flows {
            let Endpoint::Addresses(_) = flow.from else {
                continue;
            };
            let wider = self
                .flows_from(Endpoint::Internet)
                .find(|open| open.to == flow.to && open.ports == flow.ports);
            if let Some(wider) = wider {
                self.note(flow.because, wider.because, &mut found);
            }
        }
        found.into_iter().collect()
    }

    fn void_in(&self, group: &[Access], found: &mut BTreeSet<Void>) {
        if !group
            .iter()
            .any(|access| self.narrowing(access.because).is_some())
        {
            return;
        }
        let patterns = group
            .iter()
            .filter_map(|access| Some((self.graph.patterns.get(access.within)?.clone(), access)));
        let patterns = Patterns::new(patterns);
        for access in group {
            let Some(pattern) = self.graph.patterns.get(access.within) else {
                continue;
            };
            for wider in patterns.covering(pattern) {
                if self.is_wider(wider, access) {
                    self.note(access.because, wider.because, found);
                }
            }
        }
    }

    /// Whether `wider`, whose pattern covers, gives more than `access` gives.
    fn is_wider(&self, wider: &Access, access: &Access) -> bool {
        let regions = &self.graph.regions;
        let (Some(more), Some(less)) = (regions.get(wider.when), regions.get(access.when)) else {
            return false;
        };
        let (Some(many), Some(few)) = (
            self.graph.pairs.get(wider.pairs),
            self.graph.pairs.get(access.pairs),
        ) else {
            return false;
        };
        let differs = (wider.within, wider.when, wider.pairs) != (access.within, access.when, access.pairs);
        differs && holds(many, few) && less.is_subset(more)
    }

    fn note(&self, narrow: ReasonId, wide: ReasonId, found: &mut BTreeSet<Void>) {
        if let (Some(trust), Some(wider)) = (self.narrowing(narrow), self.directly(wide))
            && trust != wider
        {
            found.insert(Void { trust, wider });
        }
    }

    fn directly(&self, reason: ReasonId) -> Option<TrustId> {
        match *self.graph.reasons.get(reason)? {
            Reason::Trust(trust) => Some(trust),
            Reason::Declared(_) | Reason::Entailed { .. } | Reason::Baseline(_) => None,
        }
    }

    /// The trust of a reason, if it narrows or sets conditions.
    fn narrowing(&self, reason: ReasonId) -> Option<TrustId> {
        let id = self.directly(reason)?;
        let trust = self.model.trusts.get(id)?;
        (!trust.narrow.is_empty() || !trust.when.is_empty() || !trust.same.is_empty()).then_some(id)
    }
}

/// Whether every two members that meet by `few` meet by `many`.
fn holds(many: &Pairs, few: &Pairs) -> bool {
    match (many, few) {
        (Pairs::All, Pairs::All | Pairs::Own | Pairs::Others | Pairs::Equal(_)) => true,
        (Pairs::Own, Pairs::Own) | (Pairs::Others, Pairs::Others) => true,
        (Pairs::Equal(many), Pairs::Equal(few)) => many.iter().all(|name| few.contains(name)),
        (Pairs::Own | Pairs::Others | Pairs::Equal(_), _) => false,
    }
}
