//! The accesses of the emitted files, in the vocabulary of the graph: what promises are asked of.
//!
//! Every statement that allows something is turned back into accesses, guard by guard and name by name: who acts, on what,
//! within which names, and when, as the *files* say it. Which declaration it stands for is said by the access that covers
//! it; one that no access covers has no meaning in the vocabulary of the spec, and is refused. So a promise is asked of
//! what the files grant, by a reading that shares neither grouping nor set algebra with the comparison of guards.
//!
//! Flows are read group by group: each rule must stand for flows of the graph, and each flow must pass the groups at its
//! ends. What no selected target has a guard of is taken as declared, accesses and flows alike, and counted apart.

use std::collections::BTreeMap;

use checks::Checked;
use graph::TrustGraph;
use graph::access::Access;
use graph::question::overlap::Patterns;
use pattern::pattern::Pattern;
use pattern::region::Region;
use rayon::prelude::*;
use read::facts::Facts;
use read::facts::document::Effect;

use crate::identity::{Claims, Expand, Guard, GuardNames, Statement, Who, granted, sides};
use crate::letters::Letters;
use crate::network;
use crate::witness::{Refusal, Sort};

/// A graph of the same spec, its accesses as the files grant them.
#[derive(Debug)]
pub struct Rebuilt {
    /// The graph.
    pub graph: TrustGraph,
    /// How many of its accesses were read.
    pub read: u64,
    /// How many of its flows were.
    pub flows: u64,
    /// How many are the declared ones, since no selected target holds their guards.
    pub declared: u64,
    /// What is granted and has no name in the spec, and what is declared and was not found.
    pub refusals: Vec<Refusal>,
}

/// One guard that has to grant an access: by number of the access, and of the guard among those that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Side {
    access: usize,
    number: usize,
}

type Asked = BTreeMap<(Guard, Who), BTreeMap<String, Vec<(Pattern, Side)>>>;

/// What each principal of a guard is asked to be allowed, by action.
type Known<'a> = BTreeMap<&'a Who, BTreeMap<&'a str, Patterns<(Pattern, Side)>>>;

/// What the files say of one side of an access: within which names, and when.
type Said = (Side, Pattern, Region);

/// Turns what was read back into accesses.
///
/// - Cost: linear in accesses and statements, but for the depth to which names nest.
#[must_use]
pub fn rebuild(checked: &Checked<'_>, facts: &[Facts]) -> Rebuilt {
    let declared = checked.graph();
    let mut refusals = Vec::new();
    let claims: Vec<Claims> = facts.iter().map(|facts| Claims::of(facts.target)).collect();
    let (asked, needed) = asked(checked, &claims);
    let mut said: Vec<Said> = Vec::new();
    for (facts, claims) in facts.iter().zip(&claims).filter(|(_, claims)| claims.any()) {
        let names = GuardNames::new(checked);
        let letters = Letters::new(facts, &declared.addresses);
        let mut ignored = Vec::new();
        let by_guard = granted(facts, &names, *claims, &letters, &mut ignored);
        let found: Vec<(Vec<Said>, Vec<Refusal>)> = by_guard
            .par_iter()
            .map(|(guard, statements)| one(checked, (facts.target, &letters), *guard, statements, &asked))
            .collect();
        for (own, refused) in found {
            said.extend(own);
            refusals.extend(refused);
        }
    }
    let mut by_access: BTreeMap<usize, Vec<(usize, Pattern, Region)>> = BTreeMap::new();
    for (side, within, when) in said {
        by_access
            .entry(side.access)
            .or_default()
            .push((side.number, within, when));
    }
    let mut rebuilt = Rebuilt {
        graph: declared.clone(),
        read: 0,
        flows: 0,
        declared: 0,
        refusals,
    };
    let mut guardless = 0;
    rebuilt.graph.accesses.clear();
    // Reasons beyond the first take no part in promises.
    rebuilt.graph.also.clear();
    for (number, access) in declared.accesses.iter().enumerate() {
        let Some(sides) = needed.get(number).copied().flatten() else {
            rebuilt.graph.accesses.push(*access);
            rebuilt.declared += 1;
            continue;
        };
        // A rule's subscription is its statement, and has no guard apart from what the rule receives.
        if sides == 0 {
            guardless += 1;
            rebuilt.graph.accesses.push(*access);
            continue;
        }
        let said = by_access.remove(&number).unwrap_or_default();
        // Where two guards have to grant, what one says alone is no access.
        let is_whole = (0..sides).all(|side| said.iter().any(|(of, ..)| *of == side));
        if !is_whole {
            let what = format!(
                "the access to `{}` was not found in the emitted files when promises were asked",
                declared.words.text(access.action)
            );
            rebuilt.refusals.push(Refusal::new(Sort::NotDecided, "", what));
            continue;
        }
        for (_, within, when) in said.into_iter().filter(|(side, ..)| *side == 0) {
            let graph = &mut rebuilt.graph;
            let access = Access {
                within: graph.patterns.intern(within),
                when: graph.regions.intern(when),
                ..*access
            };
            graph.accesses.push(access);
        }
    }
    rebuilt.graph.accesses.sort_unstable();
    rebuilt.graph.accesses.dedup();
    let flows = network::flows(checked, facts);
    rebuilt.flows = flows.count;
    rebuilt.refusals.extend(flows.refusals);
    rebuilt.read = (rebuilt.graph.accesses.len() as u64).saturating_sub(rebuilt.declared + guardless);
    rebuilt
}

/// Which accesses each guard grants, and of each access how many guards have to; `None` if one of them is in no target.
fn asked(checked: &Checked<'_>, claims: &[Claims]) -> (Asked, Vec<Option<usize>>) {
    let graph = checked.graph();
    let mut asked = Asked::new();
    let mut needed = Vec::with_capacity(graph.accesses.len());
    let expand = Expand::new(checked);
    for (index, access) in graph.accesses.iter().enumerate() {
        let pattern = graph.patterns.get(access.within);
        let patterns = pattern.and_then(|pattern| expand.patterns(access, pattern).ok());
        let (Ok(sides), Some(patterns)) = (sides(checked, access), patterns) else {
            needed.push(None);
            continue;
        };
        let is_claimed = |guard: &Guard| claims.iter().any(|claims| claims.has(guard));
        let is_whole = sides.iter().all(|(guard, _)| is_claimed(guard));
        needed.push(is_whole.then_some(sides.len()));
        let action = graph.words.text(access.action).to_ascii_lowercase();
        for (number, (guard, who)) in sides
            .into_iter()
            .enumerate()
            .filter(|(_, (guard, _))| is_claimed(guard))
        {
            let side = Side {
                access: index,
                number,
            };
            let of = asked.entry((guard, who)).or_default();
            of.entry(action.clone())
                .or_default()
                .extend(patterns.iter().map(|pattern| (pattern.clone(), side)));
        }
    }
    (asked, needed)
}

/// What one guard says, access by access.
fn one(
    checked: &Checked<'_>,
    (target, letters): (&'static str, &Letters<'_>),
    guard: Guard,
    statements: &[Statement],
    asked: &Asked,
) -> (Vec<Said>, Vec<Refusal>) {
    let (mut said, mut refusals) = (Vec::new(), Vec::new());
    let mut known = Known::new();
    for statement in statements.iter().filter(|one| one.effect == Effect::Allow) {
        for who in &statement.who {
            let of = known.entry(who).or_insert_with(|| {
                let own = asked.get(&(guard, who.clone())).into_iter().flatten();
                own.map(|(action, patterns)| {
                    let indexed = patterns
                        .iter()
                        .map(|(pattern, side)| (pattern.clone(), (pattern.clone(), *side)));
                    (action.as_str(), Patterns::new(indexed))
                })
                .collect()
            });
            for action in &statement.actions {
                let text = letters.word(&action.sample());
                let asked = of.get(text.as_str()).filter(|_| action.is_literal());
                for resource in own_names(checked, guard, statement) {
                    let covering =
                        asked.is_some_and(|asked| covered(checked, asked, &resource, &statement.when));
                    if !covering {
                        let what = format!(
                            "{} allow `{text}` on `{}`, which is no access that the spec has a name for",
                            GuardNames::describe(checked, guard),
                            resource.display(&|letter| letters.name(letter))
                        );
                        refusals.push(Refusal::new(Sort::Exceeds, target, what).at(&statement.place));
                        continue;
                    }
                    let meeting = asked.into_iter().flat_map(|asked| asked.meeting(&resource));
                    said.extend(meeting.filter_map(|(pattern, side)| {
                        let within = if resource.covers(pattern) {
                            pattern.clone()
                        } else if pattern.covers(&resource) {
                            resource.clone()
                        } else {
                            return None;
                        };
                        let access = checked.graph().accesses.get(side.access)?;
                        let when = statement.when.and(checked.graph().regions.get(access.when)?);
                        (!when.is_nothing()).then_some((*side, within, when))
                    }));
                }
            }
        }
    }
    (said, refusals)
}

/// Whether the accesses that cover a name, taken together, hold whenever the statement does.
fn covered(
    checked: &Checked<'_>,
    asked: &Patterns<(Pattern, Side)>,
    resource: &Pattern,
    when: &Region,
) -> bool {
    let graph = checked.graph();
    let mut open = when.clone();
    for (_, side) in asked.covering(resource) {
        let held = graph
            .accesses
            .get(side.access)
            .and_then(|access| graph.regions.get(access.when));
        if let Some(held) = held {
            open = open.minus(held);
        }
    }
    open.is_nothing()
}

/// The names of a statement: in a thing's own policy `*` is the thing, and a role's trust policy is about the role.
fn own_names(checked: &Checked<'_>, guard: Guard, statement: &Statement) -> Vec<Pattern> {
    let everything = Pattern::everything();
    let own = crate::identity::own_names(checked, guard);
    let names = statement.resources.iter().flat_map(|resource| {
        if *resource == everything {
            own.clone()
        } else {
            vec![resource.clone()]
        }
    });
    names.collect()
}
