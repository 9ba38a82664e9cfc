//! Clauses 1, 2 and 5 for the identity layer: every document permits exactly its share of the intent.
//!
//! The share of each guard is worked out here from the graph alone (`share`), the documents are grouped by guard
//! (`granted`), and each guard is compared by itself (`compare`), in parallel and with nothing shared.

mod compare;
mod expand;
mod share;
mod split;
mod wildcard;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rayon::prelude::*;
use read::facts::Facts;

use relation::claims::Claims;
use relation::guard::{Guard, Names};
use relation::letters::Letters;
use relation::statement::{self, ByGuard, Fault, Statement};

use crate::replay::request::Replayer;
use crate::verified::{Clause, Status};
use crate::witness::{Refusal, Sort};

pub(crate) use expand::Expand;
pub(crate) use split::{Split, composed};
pub(crate) use wildcard::wildcards;

/// Proves the identity layer of one target; and what its documents permit, for whoever asks further.
pub(crate) fn prove(split: Split<'_>, facts: &Facts, clauses: &mut Vec<Clause>) -> (Vec<Refusal>, ByGuard) {
    let checked = split.checked;
    let claims = Claims::of(facts.target);
    let letters = Letters::new(facts, &checked.graph().addresses);
    let mut refusals = Vec::new();
    let mut faults = Vec::new();
    let (shares, (names, granted)) = rayon::join(
        || share::shares(split, claims, facts.target, &mut refusals),
        || {
            let names = Names::new(checked.model(), checked.graph());
            let granted = statement::granted(facts, &names, claims, &letters, &mut faults);
            (names, granted)
        },
    );
    refusals.extend(faults.into_iter().map(|(fault, place)| {
        let (sort, message) = match fault {
            Fault::Unattached => (
                Sort::Idle,
                "a policy document is attached to nothing that is declared",
            ),
            Fault::Empty => (Sort::Idle, "a policy document without a statement"),
            Fault::Condition => (Sort::NotDecided, "a condition outside the decided fragment"),
        };
        Refusal::new(sort, facts.target, message).at(&place)
    }));

    let statements: u64 = granted.values().map(|statements| statements.len() as u64).sum();
    let relations: u64 = shares.values().map(|needs| needs.len() as u64).sum();

    let mut guards: BTreeMap<Guard, (Vec<share::Need>, &[Statement])> = BTreeMap::new();
    for (guard, needs) in shares {
        guards.entry(guard).or_default().0 = needs;
    }
    for (guard, statements) in &granted {
        guards.entry(*guard).or_default().1 = statements;
    }
    let (guards, parts): (Vec<Guard>, Vec<_>) = guards.into_iter().unzip();
    let replayer = Replayer::new(split, facts, &names, &letters);
    // The needs are given away, so that they are also freed in parallel.
    let judged: Vec<Vec<Refusal>> = guards
        .par_iter()
        .zip(parts)
        .map(|(guard, (needs, statements))| {
            let cx = compare::Context {
                split,
                letters: &letters,
                replayer: &replayer,
                guard,
                target: facts.target,
            };
            compare::compare(&cx, &needs, statements)
        })
        .collect();
    refusals.extend(judged.into_iter().flatten());

    if claims.has_documents() {
        let counts = BTreeMap::from([
            ("guards", guards.len() as u64),
            ("relations", relations),
            ("statements", statements),
        ]);
        clauses.push(Clause {
            number: 1,
            target: facts.target,
            status: Status::Exact,
            counts: counts.clone(),
        });
        let status = if claims.roles && claims.resources && claims.devices {
            Status::Exact
        } else {
            Status::GuardsOnly
        };
        clauses.push(Clause {
            number: 2,
            target: facts.target,
            status,
            counts,
        });
        let counts = BTreeMap::from([("statements", statements)]);
        clauses.push(Clause {
            number: 5,
            target: facts.target,
            status: Status::Exact,
            counts,
        });
    }
    (refusals, granted)
}

type Pieces<T> = Vec<(BTreeMap<Guard, Vec<T>>, Vec<Refusal>)>;

/// What pieces of work found, in their order.
fn joined<T>(pieces: Pieces<T>, refusals: &mut Vec<Refusal>) -> BTreeMap<Guard, Vec<T>> {
    let mut all: BTreeMap<Guard, Vec<T>> = BTreeMap::new();
    for (piece, found) in pieces {
        for (guard, items) in piece {
            match all.entry(guard) {
                Entry::Vacant(slot) => {
                    slot.insert(items);
                }
                Entry::Occupied(slot) => slot.into_mut().extend(items),
            }
        }
        refusals.extend(found);
    }
    all
}

fn not_decided(target: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(Sort::NotDecided, target, message)
}
