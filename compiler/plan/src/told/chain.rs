//! Chains that become possible or impossible: who reaches whom by steps that follow one another, before and after.
//!
//! The steps are those that promises follow, over what the bytes of each side grant. Only chains through somebody whose access
//! changes are looked for, since no other changes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use graph::question::Index;
use model::thing::ThingId;
use read::facts::Facts;
use relation::promise::chain::ways::{Way, Ways};
use relation::reach::Relation;

use super::{Change, Telling};
use crate::spec::{Known, Spec};

/// Of more things than this, chains are followed only where somebody asks for it.
const THINGS_MAX: usize = 2_000;
/// Likewise of more subjects whose access changes.
const TOUCHED_MAX: usize = 100;

/// What becomes of chains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chains {
    /// Why they were not followed; `None` if they were, or if nothing asks for it.
    pub left_out: Option<String>,
    /// What is possible now, the shortest first.
    pub possible: Vec<Chain>,
    /// What is possible no more.
    pub impossible: Vec<Chain>,
}

/// One chain: the shortest between its two ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chain {
    /// Who begins.
    pub from: String,
    /// In order.
    pub steps: Vec<Step>,
    /// Whether every step commands: who begins may do what the last one may.
    pub controls: bool,
}

/// One step of a chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// In words: `commands`, `writes x, which is read by`.
    pub how: String,
    /// The next actor.
    pub to: String,
    /// The lines that grant it.
    pub lines: Vec<String>,
}

/// By who takes them, in the names of both sides.
type Steps = BTreeMap<String, Vec<(Step, bool)>>;

/// Follows the chains through whoever is named by a change.
pub(super) fn chains(telling: &Telling<'_>, changes: &[Change]) -> Chains {
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for change in changes {
        let ends = [&change.subject, &change.object].into_iter();
        let follows = change
            .follows
            .iter()
            .flat_map(|(subject, object)| [subject, object]);
        touched.extend(
            ends.chain(follows)
                .map(|label| label.split('.').next().unwrap_or(label).to_owned()),
        );
    }
    if touched.is_empty() {
        return Chains::default();
    }
    let things = telling.new.model().things.len();
    if !telling.options.all_chains && (things > THINGS_MAX || touched.len() > TOUCHED_MAX) {
        return Chains {
            left_out: Some(format!(
                "chains are not followed: {things} things, {} of them named by changes (at most {THINGS_MAX} and {TOUCHED_MAX})",
                touched.len()
            )),
            ..Chains::default()
        };
    }
    let (old, new) = rayon::join(
        || steps(telling.before.facts, telling.old.unwrap_or(telling.new)),
        || steps(telling.after.facts, telling.new),
    );
    let through = |steps: &Steps| -> BTreeMap<(String, String), Chain> {
        let begins = steps.keys().filter(|from| reaches(steps, from, &touched));
        begins.flat_map(|from| shortest(steps, from)).collect()
    };
    let (was, is) = (through(&old), through(&new));
    // One step between two whose access is told says nothing more.
    let whole = |label: &str| label.split('.').next().unwrap_or(label).to_owned();
    let told: BTreeSet<(String, String)> = changes
        .iter()
        .map(|change| (whole(&change.subject), whole(&change.object)))
        .collect();
    let is_told = |chain: &Chain| match chain.steps.as_slice() {
        [only] => {
            told.contains(&(chain.from.clone(), only.to.clone()))
                || told.contains(&(only.to.clone(), chain.from.clone()))
        }
        _ => false,
    };
    let beyond = |left: &BTreeMap<(String, String), Chain>, right: &Steps| -> Vec<Chain> {
        let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut found: Vec<Chain> = Vec::new();
        for ((from, to), chain) in left {
            let reached = known.entry(from).or_insert_with(|| {
                let all = shortest(right, from);
                all.into_iter()
                    .map(|((_, to), chain)| key(&to, chain.controls))
                    .collect()
            });
            if !reached.contains(&key(to, chain.controls)) && !is_told(chain) {
                found.push(chain.clone());
            }
        }
        found.sort_by(|one, other| (one.steps.len(), &one).cmp(&(other.steps.len(), &other)));
        found
    };
    Chains {
        left_out: None,
        possible: beyond(&is, &old),
        impossible: beyond(&was, &new),
    }
}

fn key(to: &str, controls: bool) -> String {
    format!("{controls} {to}")
}

/// The steps of everybody.
fn steps(facts: &[Facts], known: &Known<'_>) -> Steps {
    let Spec {
        model,
        graph,
        sources,
    } = known.spec;
    if facts.is_empty() {
        return Steps::new();
    }
    let index = Index::new(model, graph);
    let relation = Relation::new(&index, facts);
    let ways = Ways::new(&relation);
    let named = |thing: ThingId| known.name(thing).to_owned();
    let step = |way: Way| {
        let words = way.how.split(' ').map(|word| {
            let bare = word.trim_end_matches(',');
            if bare.starts_with("arn:") {
                word.replace(bare, &known.short(bare))
            } else {
                word.to_owned()
            }
        });
        let how: Vec<String> = words.collect();
        let lines = way.lines.iter().map(|span| sources.place(*span)).collect();
        let step = Step {
            how: how.join(" "),
            to: named(way.to),
            lines,
        };
        (step, way.controls)
    };
    let actors = model.things.ids().map(Some).chain([None]);
    let all = actors.map(|actor| {
        let from = actor.map_or_else(|| "internet".to_owned(), named);
        (from, ways.from(actor).into_iter().map(step).collect())
    });
    all.filter(|(_, steps): &(String, Vec<_>)| !steps.is_empty())
        .collect()
}

/// Whether somebody is, or reaches, one of these.
fn reaches(steps: &Steps, from: &str, touched: &BTreeSet<String>) -> bool {
    let mut seen: BTreeSet<&str> = BTreeSet::from([from]);
    let mut left: Vec<&str> = vec![from];
    while let Some(here) = left.pop() {
        if touched.contains(here) {
            return true;
        }
        for (step, _) in steps.get(here).into_iter().flatten() {
            if seen.insert(&step.to) {
                left.push(&step.to);
            }
        }
    }
    false
}

/// The shortest chain from one to everybody whom it reaches: by any steps, and by such alone that command.
fn shortest(steps: &Steps, from: &str) -> BTreeMap<(String, String), Chain> {
    let mut found: BTreeMap<(String, String), Chain> = BTreeMap::new();
    for controls in [true, false] {
        let mut seen: BTreeSet<&str> = BTreeSet::from([from]);
        let mut left: VecDeque<(&str, Vec<Step>)> = VecDeque::from([(from, Vec::new())]);
        while let Some((here, way)) = left.pop_front() {
            let mut next: Vec<&(Step, bool)> = steps.get(here).into_iter().flatten().collect();
            next.sort();
            for (step, commands) in next {
                if controls && !commands || !seen.insert(&step.to) {
                    continue;
                }
                let mut way = way.clone();
                way.push(step.clone());
                let key = (from.to_owned(), step.to.clone());
                found.entry(key).or_insert_with(|| Chain {
                    from: from.to_owned(),
                    steps: way.clone(),
                    controls,
                });
                left.push_back((&step.to, way));
            }
        }
    }
    found
}
