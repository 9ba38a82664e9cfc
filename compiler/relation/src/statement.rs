//! What the documents permit, grouped by guard, in the graph's letters.

use std::collections::BTreeMap;

use graph::TrustGraph;
use model::Model;
use pattern::pattern::Pattern;
use pattern::region::Region;
use rayon::prelude::*;
use read::facts::document::{Document, Effect, Guard as ReadGuard, Principals};
use read::facts::{Facts, Place};

use crate::claims::Claims;
use crate::guard::{Guard, Names, Who};
use crate::letters::Letters;

/// A statement in the graph's letters.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Allow or deny.
    pub effect: Effect,
    /// Whom it speaks about.
    pub who: Vec<Who>,
    /// Over lower-case names.
    pub actions: Vec<Pattern>,
    /// On what; `*` in a thing's own policy is that thing.
    pub resources: Vec<Pattern>,
    /// When.
    pub when: Region,
    /// Where it stands.
    pub place: Place,
}

/// Why something of a document has no place among the statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The document is attached to nothing that is declared.
    Unattached,
    /// The document holds no statement.
    Empty,
    /// A condition lies outside the decided fragment.
    Condition,
}

/// Statements by guard, in order of the documents.
pub type ByGuard = BTreeMap<Guard, Vec<Statement>>;

/// Documents that are turned into the graph's letters in one piece of work.
const DOCUMENTS_AT_ONCE: usize = 256;

/// What the documents of one target permit. What has no place among the guards is refused by the comparison of guards.
#[must_use]
pub fn of_target(model: &Model, graph: &TrustGraph, facts: &Facts) -> ByGuard {
    let (names, claims) = (Names::new(model, graph), Claims::of(facts.target));
    let letters = Letters::new(facts, &graph.addresses);
    granted(facts, &names, claims, &letters, &mut Vec::new())
}

/// By guard, in order of the documents.
#[must_use]
pub fn granted(
    facts: &Facts,
    names: &Names,
    claims: Claims,
    letters: &Letters<'_>,
    faults: &mut Vec<(Fault, Place)>,
) -> ByGuard {
    let pieces: Vec<(ByGuard, Vec<(Fault, Place)>)> = facts
        .documents
        .par_chunks(DOCUMENTS_AT_ONCE)
        .map(|documents| {
            let mut faults = Vec::new();
            let by_guard = of_documents(documents, names, claims, letters, &mut faults);
            (by_guard, faults)
        })
        .collect();
    let mut all = ByGuard::new();
    for (piece, found) in pieces {
        for (guard, statements) in piece {
            all.entry(guard).or_default().extend(statements);
        }
        faults.extend(found);
    }
    all
}

fn of_documents(
    documents: &[Document],
    names: &Names,
    claims: Claims,
    letters: &Letters<'_>,
    faults: &mut Vec<(Fault, Place)>,
) -> ByGuard {
    let mut by_guard = ByGuard::new();
    for document in documents {
        if matches!(document.guard, ReadGuard::Endpoint(_)) {
            continue;
        }
        let guard = names.guard(&document.guard).filter(|guard| claims.has(guard));
        let Some(guard) = guard else {
            faults.push((Fault::Unattached, document.place.clone()));
            continue;
        };
        let into = by_guard.entry(guard).or_default();
        if document.statements.is_empty() {
            faults.push((Fault::Empty, document.place.clone()));
        }
        for statement in &document.statements {
            let who = match &statement.principals {
                None => vec![Who::Own],
                Some(Principals::Anyone) => vec![Who::Anyone],
                Some(Principals::These(named)) => named.iter().cloned().map(Who::Named).collect(),
            };
            let Some(when) = letters.region(&statement.when) else {
                faults.push((Fault::Condition, statement.place.clone()));
                continue;
            };
            let mut actions = statement.actions.clone();
            if let Guard::Rule(_) = guard {
                // A rule's statement selects what the rule receives; its filter as a text gives nothing besides.
                actions.retain(|action| !is_subscription(action));
                if actions.is_empty() {
                    continue;
                }
            }
            into.push(Statement {
                effect: statement.effect,
                who,
                actions,
                resources: statement
                    .resources
                    .iter()
                    .map(|pattern| letters.pattern(pattern))
                    .collect(),
                when,
                place: statement.place.clone(),
            });
        }
    }
    by_guard
}

fn is_subscription(action: &Pattern) -> bool {
    action
        .word()
        .and_then(|word| word.as_text().map(|text| text == "iot:subscribe"))
        .unwrap_or(false)
}
