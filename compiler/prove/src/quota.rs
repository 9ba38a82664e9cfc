//! Clause 8: sizes, as measured on the bytes, against dated limits.

use std::collections::BTreeMap;

use catalogue::limits::Limits;
use checks::Checked;
use read::facts::Facts;
use read::facts::object::Measure;

use crate::users;
use crate::verified::{Clause, Headroom, Status};
use crate::witness::{Refusal, Sort};

/// How many of the tightest sizes of one limit the manifest lists.
const LISTED: usize = 3;

/// The account in whose folder a file lies; a device's files lie in none.
fn account_of(path: &str) -> Option<&str> {
    path.strip_prefix("aws/")?.split('/').next()
}

/// What each account was granted, as its declaration says: the provider's limits, but for its own.
fn granted(checked: &Checked<'_>, limits: &Limits) -> BTreeMap<String, Limits> {
    let model = checked.model();
    let own = model
        .accounts
        .iter()
        .filter(|(_, account)| !account.quotas.is_empty());
    own.filter_map(|(_, account)| {
        let quotas = account.quotas.iter();
        let quotas = quotas.map(|quota| (model.names.text(quota.limit).to_owned(), quota.value));
        // What the provider would not grant was refused where it is said.
        let limits = limits.with(&quotas.collect()).ok()?;
        Some((model.names.text(account.name).to_owned(), limits))
    })
    .collect()
}

pub(crate) fn prove(
    checked: &Checked<'_>,
    facts: &Facts,
    limits: &Limits,
    clauses: &mut Vec<Clause>,
    headroom: &mut Vec<Headroom>,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut by_limit: BTreeMap<&str, Vec<(&Measure, u64)>> = BTreeMap::new();
    let granted = granted(checked, limits);
    for measure in &facts.measures {
        let own = account_of(&measure.place.path).and_then(|account| granted.get(account));
        let limits = own.unwrap_or(limits);
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
            let refusal = Refusal::new(Sort::Quota, facts.target, message).at(&measure.place);
            refusals.push(refusal.users(users::of(checked, &measure.of)));
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
