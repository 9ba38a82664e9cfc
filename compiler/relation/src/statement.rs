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

/// What the documents of one target permit. What has no place among the guards is refused by the comparison of guards.
#[must_use]
pub fn of_target(model: &Model, graph: &TrustGraph, facts: &Facts) -> ByGuard {
    let (names, claims) = (Names::new(model, graph), Claims::of(facts.target));
    let letters = Letters::new(facts, &graph.addresses);
    let guards: Vec<(Guard, Vec<&Document>)> = grouped(facts, &names, claims, &mut Vec::new())
        .into_iter()
        .collect();
    let statements = guards
        .into_par_iter()
        .map(|(guard, documents)| (guard, of_guard(guard, &documents, &letters, &mut Vec::new())));
    statements.collect()
}

/// The documents of each guard, in order of the facts.
#[must_use]
pub fn grouped<'f>(
    facts: &'f Facts,
    names: &Names,
    claims: Claims,
    faults: &mut Vec<(Fault, Place)>,
) -> BTreeMap<Guard, Vec<&'f Document>> {
    let guards: Vec<Option<Guard>> = facts
        .documents
        .par_iter()
        .map(|document| names.guard(&document.guard).filter(|guard| claims.has(guard)))
        .collect();
    let mut grouped: BTreeMap<Guard, Vec<&Document>> = BTreeMap::new();
    for (document, guard) in facts.documents.iter().zip(guards) {
        if matches!(document.guard, ReadGuard::Endpoint(_)) {
            continue;
        }
        match guard {
            Some(guard) => grouped.entry(guard).or_default().push(document),
            None => faults.push((Fault::Unattached, document.place.clone())),
        }
    }
    grouped
}

/// The statements of a guard's documents.
#[must_use]
pub fn of_guard(
    guard: Guard,
    documents: &[&Document],
    letters: &Letters<'_>,
    faults: &mut Vec<(Fault, Place)>,
) -> Vec<Statement> {
    let mut into = Vec::new();
    for document in documents {
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
    into
}

fn is_subscription(action: &Pattern) -> bool {
    action
        .word()
        .and_then(|word| word.as_text().map(|text| text == "iot:subscribe"))
        .unwrap_or(false)
}
