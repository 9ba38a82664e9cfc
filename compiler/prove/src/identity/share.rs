//! The share of each guard in the intent: `must` and `may`, which are the same for every guard of this layer.
//!
//! Which guards share an access is told (`split`), and whether they suffice is asked there.

use std::collections::BTreeMap;

use checks::Checked;
use graph::access::{Access, Restriction};
use pattern::pattern::Pattern;
use pattern::region::Region;
use rayon::prelude::*;
use read::facts::document::Effect;
use source::Span;

use relation::claims::Claims;
use relation::guard::{Guard, Who, own_universe};

use super::expand::Expand;
use super::not_decided;
use super::split::Split;
use crate::because::span_of;
use crate::witness::Refusal;

/// One relation that a guard needs.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    pub(crate) effect: Effect,
    pub(crate) who: Who,
    /// Lower case; `s3:*` for a restriction of all actions.
    pub(crate) action: String,
    pub(crate) within: Pattern,
    pub(crate) when: Region,
    pub(crate) declared: Option<Span>,
}

/// Accesses that are shared out in one piece of work.
const ACCESSES_AT_ONCE: usize = 1024;

/// The shares of all guards, before they are written out: positions in the graph take little, and a guard's needs are made when its
/// turn comes and given back after it.
pub(crate) struct Shares<'a> {
    split: Split<'a>,
    expand: Expand<'a>,
    claims: Claims,
    target: &'static str,
    /// By guard, positions of accesses, ascending.
    accesses: BTreeMap<Guard, Vec<usize>>,
    /// Positions of restrictions.
    restrictions: BTreeMap<Guard, Vec<usize>>,
}

impl<'a> Shares<'a> {
    pub(crate) fn new(
        split: Split<'a>,
        claims: Claims,
        target: &'static str,
        refusals: &mut Vec<Refusal>,
    ) -> Self {
        let checked = split.checked;
        let graph = checked.graph();
        let pieces: Vec<_> = graph
            .accesses
            .par_chunks(ACCESSES_AT_ONCE)
            .enumerate()
            .map(|(piece, accesses)| {
                let mut refusals = Vec::new();
                let mut shares: BTreeMap<Guard, Vec<usize>> = BTreeMap::new();
                for (position, access) in (piece * ACCESSES_AT_ONCE..).zip(accesses) {
                    match split.guards(position, access) {
                        Ok(guards) => {
                            for (guard, _) in guards.into_iter().filter(|(guard, _)| claims.has(guard)) {
                                let positions = shares.entry(guard).or_default();
                                if positions.last() != Some(&position) {
                                    positions.push(position);
                                }
                            }
                        }
                        Err(why) => {
                            refusals.push(not_decided(target, why).declared(span_of(checked, access.because)))
                        }
                    }
                }
                (shares, refusals)
            })
            .collect();
        let mut restrictions: BTreeMap<Guard, Vec<usize>> = BTreeMap::new();
        if claims.resources {
            for (position, restriction) in graph.restrictions.iter().enumerate() {
                let guard = Guard::Resource(restriction.resource);
                restrictions.entry(guard).or_default().push(position);
            }
        }
        Self {
            split,
            expand: Expand::new(checked),
            claims,
            target,
            accesses: super::joined(pieces, refusals),
            restrictions,
        }
    }

    /// Guards that have a share.
    pub(crate) fn guards(&self) -> impl Iterator<Item = Guard> + '_ {
        // A role that exists for its name alone still has its guards: their documents then permit nothing.
        self.accesses.keys().chain(self.restrictions.keys()).copied()
    }

    /// What a guard needs, in order of the accesses.
    pub(crate) fn of(&self, guard: Guard, refusals: &mut Vec<Refusal>) -> Vec<Need> {
        let checked = self.split.checked;
        let graph = checked.graph();
        let mut needs = Vec::new();
        for position in self.accesses.get(&guard).into_iter().flatten() {
            let Some(access) = graph.accesses.get(*position) else {
                continue;
            };
            if let Err(why) = self.of_access(guard, *position, access, &mut needs) {
                let refusal = not_decided(self.target, why);
                refusals.push(refusal.declared(span_of(checked, access.because)));
            }
        }
        for position in self.restrictions.get(&guard).into_iter().flatten() {
            if let Some(restriction) = graph.restrictions.get(*position) {
                restricted(checked, restriction, &mut needs);
            }
        }
        needs
    }

    fn of_access(
        &self,
        guard: Guard,
        position: usize,
        access: &Access,
        needs: &mut Vec<Need>,
    ) -> Result<(), String> {
        let graph = self.split.checked.graph();
        let (Some(pattern), Some(when)) = (graph.patterns.get(access.within), graph.regions.get(access.when))
        else {
            return Err("an access without its pattern".to_owned());
        };
        let patterns = self.expand.patterns(access, pattern)?;
        let action = graph.words.text(access.action).to_ascii_lowercase();
        let declared = span_of(self.split.checked, access.because);
        let guards = self.split.guards(position, access)?.into_iter();
        for (_, side) in guards.filter(|(one, _)| *one == guard && self.claims.has(one)) {
            let who = self.split.who(access, side)?;
            needs.extend(patterns.iter().map(|within| Need {
                effect: Effect::Allow,
                who: who.clone(),
                action: action.clone(),
                within: within.clone(),
                when: when.clone(),
                declared,
            }));
        }
        Ok(())
    }
}

/// What a baseline denies: everything on the thing, by anybody, outside the restriction.
fn restricted(checked: &Checked<'_>, restriction: &Restriction, needs: &mut Vec<Need>) {
    let (model, graph) = (checked.model(), checked.graph());
    let (Some(thing), Some(arn)) = (
        model.things.get(restriction.resource),
        graph.addresses.things.get(&restriction.resource),
    ) else {
        return;
    };
    let service = model.kinds.get(thing.kind).and_then(|kind| kind.words.service);
    let (Some(service), Some(when)) = (service, graph.regions.get(restriction.when)) else {
        return;
    };
    needs.extend(own_universe(arn).into_iter().map(|within| Need {
        effect: Effect::Deny,
        who: Who::Anyone,
        action: format!("{}:*", model.names.text(service)),
        within,
        when: when.not(),
        declared: span_of(checked, restriction.because),
    }));
}
