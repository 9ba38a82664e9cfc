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
use read::facts::document::Document;
use read::facts::{Facts, Place};

use relation::claims::Claims;
use relation::guard::{Guard, Names};
use relation::letters::Letters;
use relation::statement::{self, ByGuard, Fault, Statement};

use crate::replay::request::Replayer;
use crate::verified::{Clause, Status};
use crate::witness::{Refusal, Sort};

pub(crate) use expand::Expand;
use share::Shares;
pub(crate) use split::{Split, composed};
pub(crate) use wildcard::wildcards;

/// Proves the identity layer of one target; and what its documents permit, if somebody asks further.
pub(crate) fn prove(
    split: Split<'_>,
    facts: &Facts,
    clauses: &mut Vec<Clause>,
    is_kept: bool,
) -> (Vec<Refusal>, ByGuard) {
    let checked = split.checked;
    let claims = Claims::of(facts.target);
    let letters = Letters::new(facts, &checked.graph().addresses);
    let mut refusals = Vec::new();
    let mut faults = Vec::new();
    let (shares, (names, mut granted)) = rayon::join(
        || Shares::new(split, claims, facts.target, &mut refusals),
        || {
            let names = Names::new(checked.model(), checked.graph());
            let granted = statement::grouped(facts, &names, claims, &mut faults);
            (names, granted)
        },
    );
    for guard in shares.guards() {
        granted.entry(guard).or_default();
    }
    let replayer = Replayer::new(split, facts, &names, &letters);
    let guards: Vec<(Guard, Vec<&Document>)> = granted.into_iter().collect();
    let compared: Vec<Compared> = guards
        .par_iter()
        .map(|(guard, documents)| {
            let mut compared = Compared::default();
            let needs = shares.of(*guard, &mut compared.refusals);
            let statements = statement::of_guard(*guard, documents, &letters, &mut compared.faults);
            let cx = compare::Context {
                split,
                letters: &letters,
                replayer: &replayer,
                guard,
                target: facts.target,
            };
            compared.needs = needs.len() as u64;
            compared.statements = statements.len() as u64;
            compared
                .refusals
                .extend(compare::compare(&cx, &needs, &statements));
            if is_kept {
                compared.kept = statements;
            }
            compared
        })
        .collect();
    let (mut relations, mut statements) = (0, 0);
    let mut kept = ByGuard::new();
    let mut judged = Vec::new();
    for ((guard, documents), compared) in guards.iter().zip(compared) {
        relations += compared.needs;
        statements += compared.statements;
        judged.extend(compared.refusals);
        faults.extend(compared.faults);
        if is_kept && !documents.is_empty() {
            kept.insert(*guard, compared.kept);
        }
    }
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
    refusals.extend(judged);

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
    (refusals, kept)
}

/// What came of one guard.
#[derive(Default)]
struct Compared {
    refusals: Vec<Refusal>,
    faults: Vec<(Fault, Place)>,
    /// How many relations it needs.
    needs: u64,
    /// How many statements its documents have.
    statements: u64,
    /// These statements, if somebody asks further.
    kept: Vec<Statement>,
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
