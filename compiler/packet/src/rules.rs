//! Lists of rules of which the first that matches decides, and rules that never do.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::{Packets, Set, Unanswered};

/// What a rule does with the packets that it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Let through.
    Permit,
    /// Stop.
    Deny,
}

/// A rule of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What happens to the packets.
    pub action: Action,
    /// The packets that match.
    pub packets: Set,
}

/// A rule that decides no packet, because earlier rules match all of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// Its place in the list.
    pub index: usize,
    /// The rules that decide its packets in its stead: the one that decides most first, then in order of the list.
    /// None if the rule matches no packet at all.
    pub blockers: Vec<usize>,
}

/// What a run of rules does.
#[derive(Clone, Copy)]
struct Effect {
    matched: Set,
    permitted: Set,
}

impl Packets {
    /// The packets that the list permits: the first rule that matches decides, and what none matches is denied.
    pub fn first_match(&mut self, rules: &[Rule]) -> Result<Set, Unanswered> {
        let mut effects: Vec<Effect> = rules
            .iter()
            .map(|rule| Effect {
                matched: rule.packets,
                permitted: match rule.action {
                    Action::Permit => rule.packets,
                    Action::Deny => Set::EMPTY,
                },
            })
            .collect();
        // Two runs in sequence are again a run, so the list folds as a balanced tree.
        while effects.len() > 1 {
            let mut halved = Vec::with_capacity(effects.len().div_ceil(2));
            let mut pairs = effects.into_iter();
            while let Some(first) = pairs.next() {
                halved.push(match pairs.next() {
                    Some(second) => self.sequence(first, second)?,
                    None => first,
                });
            }
            effects = halved;
        }
        Ok(effects.pop().map_or(Set::EMPTY, |effect| effect.permitted))
    }

    fn sequence(&mut self, first: Effect, second: Effect) -> Result<Effect, Unanswered> {
        let late = self.difference(second.permitted, first.matched)?;
        Ok(Effect {
            matched: self.union(first.matched, second.matched)?,
            permitted: self.union(first.permitted, late)?,
        })
    }

    /// The rules that decide no packet, in order of the list. Exact: unions of earlier rules are seen too.
    pub fn dead_rules(&mut self, rules: &[Rule]) -> Result<Vec<Dead>, Unanswered> {
        let levels = self.doubling_unions(rules)?;
        let mut dead = Vec::new();
        // Whoever decided a set's packets once decides them for every later rule with the same set.
        let mut known: BTreeMap<Set, Vec<usize>> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            if !self.is_covered(rule.packets, &prefix(&levels, index))? {
                continue;
            }
            let blockers = match known.get(&rule.packets) {
                Some(blockers) => blockers.clone(),
                None => self.deciders(rule.packets, &levels, index)?,
            };
            known.insert(rule.packets, blockers.clone());
            dead.push(Dead { index, blockers });
        }
        Ok(dead)
    }

    /// Unions of runs of rules: on level `k`, the runs of `2^k` from every multiple of that.
    fn doubling_unions(&mut self, rules: &[Rule]) -> Result<Vec<Vec<Set>>, Unanswered> {
        let mut levels = Vec::new();
        let mut level: Vec<Set> = rules.iter().map(|rule| rule.packets).collect();
        while level.len() > 1 {
            let mut next = Vec::with_capacity(level.len() / 2);
            for pair in level.chunks_exact(2) {
                if let [left, right] = pair {
                    next.push(self.union(*left, *right)?);
                }
            }
            levels.push(level);
            level = next;
        }
        levels.push(level);
        Ok(levels)
    }

    fn is_covered(&mut self, set: Set, runs: &[Run]) -> Result<bool, Unanswered> {
        // Mostly one run covers all or none touches it; both are seen without making a set.
        for run in runs {
            if self.is_subset(set, run.union)? {
                return Ok(true);
            }
        }
        let mut rest = set;
        for run in runs {
            if rest.is_empty() {
                break;
            }
            if !self.is_disjoint(rest, run.union)? {
                rest = self.difference(rest, run.union)?;
            }
        }
        Ok(rest.is_empty())
    }

    /// The rules before `end` that decide the packets of the set, the one that decides most first.
    fn deciders(&mut self, set: Set, levels: &[Vec<Set>], end: usize) -> Result<Vec<usize>, Unanswered> {
        let mut shares = Vec::new();
        let mut rest = set;
        let mut open = prefix(levels, end);
        open.reverse();
        while let Some(run) = open.pop() {
            if self.is_disjoint(rest, run.union)? {
                continue;
            }
            let Some(below) = run.level.checked_sub(1) else {
                let taken = self.intersection(rest, run.union)?;
                shares.push((Reverse(self.count(taken)?), run.at));
                rest = self.difference(rest, run.union)?;
                continue;
            };
            // The earlier half is looked at first: it goes on top.
            for at in [run.at * 2 + 1, run.at * 2] {
                if let Some(union) = levels.get(below).and_then(|level| level.get(at)) {
                    open.push(Run {
                        level: below,
                        at,
                        union: *union,
                    });
                }
            }
        }
        shares.sort_unstable();
        Ok(shares.into_iter().map(|(_, index)| index).collect())
    }
}

/// A run of `2^level` rules, the `at`-th of that length.
#[derive(Clone, Copy)]
struct Run {
    level: usize,
    at: usize,
    union: Set,
}

/// The rules before `end` as few runs, in order of the list.
fn prefix(levels: &[Vec<Set>], end: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    for (level, unions) in levels.iter().enumerate().rev() {
        let whole = end >> level;
        if whole % 2 == 1
            && let Some(union) = unions.get(whole - 1)
        {
            runs.push(Run {
                level,
                at: whole - 1,
                union: *union,
            });
        }
    }
    runs
}
