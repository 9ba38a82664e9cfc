//! Clause 8: sizes, as measured on the bytes, against dated limits.

use std::collections::BTreeMap;

use catalogue::limits::Limits;
use read::facts::Facts;
use read::facts::object::Measure;

use crate::verified::{Clause, Headroom, Status};
use crate::witness::{Refusal, Sort};

/// How many of the tightest sizes of one limit the manifest lists.
const LISTED: usize = 3;

pub(crate) fn prove(
    facts: &Facts,
    limits: &Limits,
    clauses: &mut Vec<Clause>,
    headroom: &mut Vec<Headroom>,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut by_limit: BTreeMap<&str, Vec<(&Measure, u64)>> = BTreeMap::new();
    for measure in &facts.measures {
        let Some(limit) = limits.get(measure.limit) else {
            let message = format!(
                "a size is measured against `{}`, which the limits do not know",
                measure.limit
            );
            refusals.push(Refusal::new(Sort::NotDecided, facts.target, message).at(&measure.place));
            continue;
        };
        if measure.value > limit.value {
            let message = format!(
                "{} uses {} of {} {}",
                measure.of, measure.value, limit.value, limit.id
            );
            refusals.push(Refusal::new(Sort::Quota, facts.target, message).at(&measure.place));
        }
        by_limit
            .entry(measure.limit)
            .or_default()
            .push((measure, limit.value));
    }
    for (limit, mut sizes) in by_limit {
        sizes.sort_by(|(a, _), (b, _)| b.value.cmp(&a.value).then_with(|| a.of.cmp(&b.of)));
        headroom.extend(sizes.iter().take(LISTED).map(|(measure, most)| Headroom {
            limit: limit.to_owned(),
            of: measure.of.clone(),
            used: measure.value,
            most: *most,
        }));
    }
    let counts = BTreeMap::from([("sizes", facts.measures.len() as u64)]);
    clauses.push(Clause {
        number: 8,
        target: facts.target,
        status: Status::Exact,
        counts,
    });
    refusals
}
