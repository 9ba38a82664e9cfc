//! What the documents permit, grouped by guard, in the graph's letters.

use std::collections::BTreeMap;

use pattern::pattern::Pattern;
use pattern::region::Region;
use rayon::prelude::*;
use read::facts::document::{Document, Effect, Guard as ReadGuard, Principals};
use read::facts::{Facts, Place};

use super::guard::{Guard, Names};
use super::share::Who;
use super::{Claims, not_decided};
use crate::letters::Letters;
use crate::witness::{Refusal, Sort};

/// A statement in the graph's letters.
pub(crate) struct Statement {
    pub(crate) effect: Effect,
    pub(crate) who: Vec<Who>,
    /// Over lower-case names.
    pub(crate) actions: Vec<Pattern>,
    pub(crate) resources: Vec<Pattern>,
    pub(crate) when: Region,
    pub(crate) place: Place,
}

/// Documents that are turned into the graph's letters in one piece of work.
const DOCUMENTS_AT_ONCE: usize = 256;

/// By guard, in order of the documents.
pub(crate) fn granted(
    facts: &Facts,
    names: &Names,
    claims: Claims,
    letters: &Letters<'_>,
    refusals: &mut Vec<Refusal>,
) -> BTreeMap<Guard, Vec<Statement>> {
    let pieces: Vec<_> = facts
        .documents
        .par_chunks(DOCUMENTS_AT_ONCE)
        .map(|documents| {
            let mut refusals = Vec::new();
            let by_guard = of_documents(facts, documents, names, claims, letters, &mut refusals);
            (by_guard, refusals)
        })
        .collect();
    super::joined(pieces, refusals)
}

fn of_documents(
    facts: &Facts,
    documents: &[Document],
    names: &Names,
    claims: Claims,
    letters: &Letters<'_>,
    refusals: &mut Vec<Refusal>,
) -> BTreeMap<Guard, Vec<Statement>> {
    let mut by_guard: BTreeMap<Guard, Vec<Statement>> = BTreeMap::new();
    for document in documents {
        if matches!(document.guard, ReadGuard::Endpoint(_)) {
            continue;
        }
        let guard = names.guard(&document.guard).filter(|guard| claims.has(guard));
        let Some(guard) = guard else {
            refusals.push(
                Refusal::new(
                    Sort::Idle,
                    facts.target,
                    "a policy document is attached to nothing that is declared",
                )
                .at(&document.place),
            );
            continue;
        };
        let into = by_guard.entry(guard).or_default();
        if document.statements.is_empty() {
            refusals.push(
                Refusal::new(Sort::Idle, facts.target, "a policy document without a statement")
                    .at(&document.place),
            );
        }
        for statement in &document.statements {
            let who = match &statement.principals {
                None => vec![Who::Own],
                Some(Principals::Anyone) => vec![Who::Anyone],
                Some(Principals::These(named)) => named.iter().cloned().map(Who::Named).collect(),
            };
            let Some(when) = letters.region(&statement.when) else {
                refusals.push(
                    not_decided(facts.target, "a condition outside the decided fragment")
                        .at(&statement.place),
                );
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
