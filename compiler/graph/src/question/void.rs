//! Trusts whose narrowing or conditions are void, because a wider trust gives the same.

use std::collections::{BTreeMap, BTreeSet};

use model::thing::ThingId;
use model::trust::{Condition, End, TrustId};
use model::value::Ports;

use super::Index;
use super::overlap::Patterns;
use crate::access::{Access, Pairs};
use crate::flow::{Endpoint, Flow};
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
        self.void_flows(&mut found);
        self.void_ages(&mut found);
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

    /// Trusts that give the same, of which one asks for a younger login: what an identity provider vouches for is in no
    /// context, so that the accesses are one.
    fn void_ages(&self, found: &mut BTreeSet<Void>) {
        for one in self.graph.also.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((position, _)) = one.first() else {
                continue;
            };
            let trusts: BTreeSet<TrustId> = self
                .reasons(*position)
                .filter_map(|reason| self.directly(reason))
                .collect();
            let aged = trusts.iter().map(|trust| (*trust, self.vouched_age(*trust)));
            let oldest = aged.clone().max_by_key(|(_, age)| age.unwrap_or(u64::MAX));
            for (trust, age) in aged {
                if let (Some(age), Some((wider, older))) = (age, oldest)
                    && age < older.unwrap_or(u64::MAX)
                {
                    found.insert(Void { trust, wider });
                }
            }
        }
    }

    /// How old a login may be, where an identity provider vouches for it.
    fn vouched_age(&self, trust: TrustId) -> Option<u64> {
        let conditions = &self.model.trusts.get(trust)?.when;
        conditions.iter().find_map(|condition| match condition {
            Condition::MfaAge {
                at_most,
                accept_idp: true,
                ..
            } => Some(at_most.seconds),
            _ => None,
        })
    }

    /// Flows that another one gives, wider: from more addresses, on more ports, between more members.
    fn void_flows(&self, found: &mut BTreeSet<Void>) {
        let mut by_ends: BTreeMap<(Endpoint, Sender), Vec<&Flow>> = BTreeMap::new();
        for flow in &self.graph.flows {
            for sender in self.senders(flow) {
                by_ends.entry((flow.to, sender)).or_default().push(flow);
            }
        }
        for flow in &self.graph.flows {
            if self.narrowing(flow.because).is_none() {
                continue;
            }
            for sender in self.senders(flow).into_iter().chain([Sender::Everybody]) {
                let wider = by_ends.get(&(flow.to, sender)).into_iter().flatten();
                for wider in wider.filter(|wider| self.is_wider_flow(wider, flow)) {
                    self.note(flow.because, wider.because, found);
                }
            }
        }
    }

    /// Who opens a flow. Of two groups of people at one address, what the one may is no word about the other.
    fn senders(&self, flow: &Flow) -> Vec<Sender> {
        match flow.from {
            Endpoint::Thing(thing) => vec![Sender::Thing(thing)],
            Endpoint::Internet => vec![Sender::Everybody],
            Endpoint::Service(_) => Vec::new(),
            Endpoint::Addresses(_) => {
                let trust = self.directly(flow.because);
                let trust = trust.and_then(|trust| self.model.trusts.get(trust));
                let subjects = trust.into_iter().flat_map(|trust| &trust.subjects);
                subjects
                    .filter_map(|subject| match subject.end {
                        End::Thing(people) => Some(Sender::Thing(people)),
                        End::Part(_) | End::Account(_) | End::Internet => None,
                    })
                    .collect()
            }
        }
    }

    fn is_wider_flow(&self, wider: &Flow, flow: &Flow) -> bool {
        let graph = self.graph;
        let ends = |flow: &Flow| (flow.from, flow.ports, flow.pairs, flow.when);
        if ends(wider) == ends(flow) {
            return false;
        }
        let (Some(more), Some(less)) = (graph.ports.get(wider.ports), graph.ports.get(flow.ports)) else {
            return false;
        };
        let (Some(many), Some(few)) = (graph.pairs.get(wider.pairs), graph.pairs.get(flow.pairs)) else {
            return false;
        };
        let (Some(often), Some(seldom)) = (graph.regions.get(wider.when), graph.regions.get(flow.when))
        else {
            return false;
        };
        let from = match (wider.from, flow.from) {
            (Endpoint::Internet, _) => true,
            (Endpoint::Addresses(many), Endpoint::Addresses(few)) => {
                let of = |blocks| {
                    let blocks = graph.blocks.get(blocks).into_iter().flatten();
                    blocks
                        .map(|block| (u8::from(block.six), block.first, block.last()))
                        .collect()
                };
                covers(of(many), &of(few))
            }
            (wide, narrow) => wide == narrow,
        };
        let of = |ports: &[Ports]| -> Vec<Run> {
            let ports = ports.iter();
            ports
                .map(|ports| (ports.protocol, ports.first.into(), ports.last.into()))
                .collect()
        };
        from && covers(of(more), &of(less)) && holds(many, few) && seldom.is_subset(often)
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

/// Who opens a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sender {
    Thing(ThingId),
    Everybody,
}

/// Numbers of one sort, first and last.
type Run = (u8, u128, u128);

/// Whether some runs together hold each of others.
fn covers(mut many: Vec<Run>, few: &[Run]) -> bool {
    many.sort_unstable();
    few.iter().all(|(sort, first, last)| {
        let mut next = Some(*first);
        for (_, from, to) in many.iter().filter(|(own, ..)| own == sort) {
            next = match next {
                Some(open) if *from <= open && open <= *to => to.checked_add(1),
                open => open,
            };
        }
        next.is_none_or(|next| next > *last)
    })
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
