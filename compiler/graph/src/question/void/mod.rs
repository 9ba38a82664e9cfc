//! Trusts whose narrowing or conditions are void, because wider trusts give the same.

mod flow;
mod pins;

use std::collections::BTreeSet;

use model::trust::{Condition, TrustId};
use rayon::prelude::*;

use super::Index;
use super::overlap::Patterns;
use crate::access::{Access, Pairs, Principal, Resource};
use crate::reason::{Reason, ReasonId};
use crate::unscoped;
use pins::Pins;

/// A trust that looks like a limit and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Void {
    /// The trust with the narrowing or the conditions.
    pub trust: TrustId,
    /// The one that gives the same without.
    pub wider: TrustId,
}

/// What a trust gives one subject of one object: several names are the cross product, so each is looked at alone.
type Limit = (TrustId, Principal, Resource);

/// Who else gives one access of a trust that sets limits.
#[derive(Default)]
struct Others {
    /// Without the limits, or with wider ones.
    wider: BTreeSet<TrustId>,
    /// The very same access.
    alike: BTreeSet<TrustId>,
}

impl Index<'_> {
    /// The trusts with `under`, `only`, `same` or `when` of which all that they give (to one subject, of one object) is given by
    /// others, wider. While one action or helper is given by nobody else, the limit still limits it. What two trusts give alike,
    /// without one being wider, is no fault.
    ///
    /// - Cost: accesses are compared within one principal and action, by their literal beginnings.
    #[must_use]
    pub fn void_trusts(&self) -> Vec<Void> {
        let groups = self
            .graph
            .accesses
            .chunk_by(|a, b| (a.principal, a.action) == (b.principal, b.action));
        let groups = groups.scan(0, |next, group| {
            let first = *next;
            *next += group.len() as u32;
            Some((first, group))
        });
        let groups: Vec<(u32, &[Access])> = groups.collect();
        let mut limits: Vec<(Limit, Others)> = groups
            .into_par_iter()
            .flat_map_iter(|(first, group)| self.others_in(first, group))
            .collect();
        limits.par_sort_by_key(|(limit, _)| *limit);
        let mut found = BTreeSet::new();
        for accesses in limits.chunk_by(|(one, _), (other, _)| one == other) {
            let Some(((trust, ..), _)) = accesses.first() else {
                continue;
            };
            let wider = void_by(accesses.iter().map(|(_, others)| others));
            found.extend(wider.into_iter().map(|wider| Void { trust: *trust, wider }));
        }
        self.void_flows(&mut found);
        found.into_iter().collect()
    }

    /// Who else gives each access of a group, the first of which has this position, that a trust with limits gives.
    fn others_in(&self, first: u32, group: &[Access]) -> Vec<(Limit, Others)> {
        let mut found = Vec::new();
        let group = (first..).zip(group);
        let limited = group.clone().map(|(position, access)| {
            let trusts = self.reasons(position).filter_map(|reason| self.narrowing(reason));
            (position, access, trusts.collect::<BTreeSet<TrustId>>())
        });
        let limited: Vec<_> = limited.filter(|(.., trusts)| !trusts.is_empty()).collect();
        if limited.is_empty() {
            return found;
        }
        let patterns = group.filter_map(|(position, access)| {
            let pattern = self.graph.patterns.get(access.within)?.clone();
            Some((pattern, (position, access)))
        });
        let patterns = Patterns::new(patterns);
        for (position, access, trusts) in limited {
            let Some(pattern) = self.graph.patterns.get(access.within) else {
                continue;
            };
            let when = self.graph.regions.get(access.when);
            let pins = when.map(|when| Pins::of(self.graph, when));
            let covering: Vec<u32> = match pins.filter(|pins| !pins.is_empty()) {
                Some(pins) => {
                    let pattern = pins.pattern(pattern);
                    let before = patterns.before(&pattern);
                    before
                        .filter(|(at, wider)| *at != position && self.is_wider_where(&pins, wider, access))
                        .map(|(at, _)| *at)
                        .collect()
                }
                None => {
                    let covering = patterns.covering(pattern);
                    covering
                        .filter(|(at, wider)| *at != position && self.is_wider(wider, access))
                        .map(|(at, _)| *at)
                        .collect()
                }
            };
            for trust in trusts {
                for object in self.objects_of(trust, access) {
                    let others = self.others(trust, position, &covering);
                    found.push(((trust, access.principal, object), others));
                }
            }
        }
        found
    }

    /// Who but one trust gives an access, at its own position and at those of wider ones.
    fn others(&self, trust: TrustId, own: u32, covering: &[u32]) -> Others {
        let age = self.vouched_age(trust);
        let giving = |position: u32| {
            let trusts = self.reasons(position).filter_map(|reason| self.directly(reason));
            trusts.filter(|other| *other != trust && self.vouched_age(*other) >= age)
        };
        let mut others = Others::default();
        others.wider.extend(covering.iter().flat_map(|at| giving(*at)));
        for other in giving(own) {
            // What an identity provider vouches for is in no context, so that the accesses are one.
            let is_wider = !self.has_limits(other) || self.vouched_age(other) > age;
            let list = if is_wider {
                &mut others.wider
            } else {
                &mut others.alike
            };
            list.insert(other);
        }
        others
    }

    /// The objects of a trust for which it gives an access: of one without a resource, those whose capabilities have the action.
    fn objects_of(&self, trust: TrustId, access: &Access) -> Vec<Resource> {
        if access.resource != Resource::Unscoped {
            return vec![access.resource];
        }
        let objects = unscoped::objects(self.model, self.graph, trust, access);
        objects.map(Resource::Thing).collect()
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
        // Two things may share a name: the same access to each is alike, and neither is wider.
        let differs = (wider.within, wider.when, wider.pairs) != (access.within, access.when, access.pairs);
        differs && holds(many, few) && less.is_subset(more)
    }

    /// Whether `wider` gives more than `access` gives, to those of whom its conditions fix letters.
    fn is_wider_where(&self, pins: &Pins, wider: &Access, access: &Access) -> bool {
        let fixed = self.graph.regions.get(wider.when);
        let back = fixed.map(|when| Pins::of(self.graph, when));
        let is_less = back.is_some_and(|pins| !self.covers_where(&pins, access, wider));
        is_less && self.covers_where(pins, wider, access)
    }

    fn covers_where(&self, pins: &Pins, wider: &Access, access: &Access) -> bool {
        let (more, less) = (pins.access(self.graph, wider), pins.access(self.graph, access));
        more.zip(less).is_some_and(|(more, less)| {
            more.within.covers(&less.within)
                && holds(&more.pairs, &less.pairs)
                && less.when.is_subset(&more.when)
        })
    }

    /// How old a login may be, in seconds, where an identity provider vouches for it; else as old as may be.
    fn vouched_age(&self, trust: TrustId) -> u64 {
        let trust = self.model.trusts.get(trust);
        let mut conditions = trust.into_iter().flat_map(|trust| &trust.when);
        let age = conditions.find_map(|condition| match condition {
            Condition::MfaAge {
                at_most,
                accept_idp: true,
                ..
            } => Some(at_most.seconds),
            _ => None,
        });
        age.unwrap_or(u64::MAX)
    }

    fn directly(&self, reason: ReasonId) -> Option<TrustId> {
        match *self.graph.reasons.get(reason)? {
            Reason::Trust(trust) => Some(trust),
            Reason::Declared(_) | Reason::Entailed { .. } | Reason::Baseline(_) => None,
        }
    }

    /// The trust of a reason, if it narrows or sets conditions.
    fn narrowing(&self, reason: ReasonId) -> Option<TrustId> {
        self.directly(reason).filter(|trust| self.has_limits(*trust))
    }

    fn has_limits(&self, trust: TrustId) -> bool {
        let trust = self.model.trusts.get(trust);
        trust
            .is_some_and(|trust| !trust.narrow.is_empty() || !trust.when.is_empty() || !trust.same.is_empty())
    }
}

/// The trusts that make a limit void: one that gives all of it, if there is one; else several, each wider, if they give all.
fn void_by<'o>(accesses: impl Iterator<Item = &'o Others> + Clone) -> BTreeSet<TrustId> {
    let wider: BTreeSet<TrustId> = accesses
        .clone()
        .flat_map(|others| &others.wider)
        .copied()
        .collect();
    let gives_all = |trust: &TrustId| {
        let mut accesses = accesses.clone();
        accesses.all(|others| others.wider.contains(trust) || others.alike.contains(trust))
    };
    let alone: BTreeSet<TrustId> = wider.iter().copied().filter(gives_all).collect();
    if !alone.is_empty() {
        return alone;
    }
    let mut accesses = accesses;
    let all = accesses.all(|others| !others.wider.is_empty());
    if all { wider } else { BTreeSet::new() }
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
