//! The share of each guard in the intent: `must` and `may`, which are the same for every guard of this layer.
//!
//! Which guards share an access is told (`split`), and whether they suffice is asked there.

use std::collections::BTreeMap;

use checks::Checked;
use graph::access::Access;
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

/// By guard, in order of the accesses.
pub(crate) fn shares(
    split: Split<'_>,
    claims: Claims,
    target: &'static str,
    refusals: &mut Vec<Refusal>,
) -> BTreeMap<Guard, Vec<Need>> {
    let checked = split.checked;
    let expand = Expand::new(checked);
    let pieces: Vec<_> = checked
        .graph()
        .accesses
        .par_chunks(ACCESSES_AT_ONCE)
        .enumerate()
        .map(|(piece, accesses)| {
            let mut refusals = Vec::new();
            let accesses = (piece * ACCESSES_AT_ONCE..).zip(accesses);
            let shares = of_accesses(split, &expand, accesses, claims, target, &mut refusals);
            (shares, refusals)
        })
        .collect();
    let mut shares = super::joined(pieces, refusals);
    if claims.resources {
        restrictions(checked, &mut shares);
    }
    // A role that exists for its Name alone still has its guards: their documents then permit nothing.
    shares
}

fn of_accesses<'g>(
    split: Split<'_>,
    expand: &Expand<'_>,
    accesses: impl Iterator<Item = (usize, &'g Access)>,
    claims: Claims,
    target: &'static str,
    refusals: &mut Vec<Refusal>,
) -> BTreeMap<Guard, Vec<Need>> {
    let checked = split.checked;
    let graph = checked.graph();
    let mut shares: BTreeMap<Guard, Vec<Need>> = BTreeMap::new();
    for (position, access) in accesses {
        let guards = match split.guards(position, access) {
            Ok(guards) => guards,
            Err(why) => {
                refusals.push(not_decided(target, why).declared(span_of(checked, access.because)));
                continue;
            }
        };
        let wanted: Vec<(Guard, Who)> = guards
            .into_iter()
            .filter(|(guard, _)| claims.has(guard))
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let (Some(pattern), Some(when)) = (graph.patterns.get(access.within), graph.regions.get(access.when))
        else {
            refusals.push(not_decided(target, "an access without its pattern"));
            continue;
        };
        let patterns = match expand.patterns(access, pattern) {
            Ok(patterns) => patterns,
            Err(why) => {
                refusals.push(not_decided(target, why).declared(span_of(checked, access.because)));
                continue;
            }
        };
        let action = graph.words.text(access.action).to_ascii_lowercase();
        let declared = span_of(checked, access.because);
        for (guard, who) in wanted {
            let needs = shares.entry(guard).or_default();
            for within in &patterns {
                needs.push(Need {
                    effect: Effect::Allow,
                    who: who.clone(),
                    action: action.clone(),
                    within: within.clone(),
                    when: when.clone(),
                    declared,
                });
            }
        }
    }
    shares
}

/// What baselines deny: everything on the thing, by anybody, outside the restriction.
fn restrictions(checked: &Checked<'_>, shares: &mut BTreeMap<Guard, Vec<Need>>) {
    let (model, graph) = (checked.model(), checked.graph());
    for restriction in &graph.restrictions {
        let (Some(thing), Some(arn)) = (
            model.things.get(restriction.resource),
            graph.addresses.things.get(&restriction.resource),
        ) else {
            continue;
        };
        let service = model.kinds.get(thing.kind).and_then(|kind| kind.words.service);
        let (Some(service), Some(when)) = (service, graph.regions.get(restriction.when)) else {
            continue;
        };
        for within in own_universe(arn) {
            shares
                .entry(Guard::Resource(restriction.resource))
                .or_default()
                .push(Need {
                    effect: Effect::Deny,
                    who: Who::Anyone,
                    action: format!("{}:*", model.names.text(service)),
                    within,
                    when: when.not(),
                    declared: span_of(checked, restriction.because),
                });
        }
    }
}
