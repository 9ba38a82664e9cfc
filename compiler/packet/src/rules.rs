//! Lists of rules of which the first that matches decides, and rules that never do.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::{Count, Packets, Set, Unanswered};

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

/// The most blockers that are looked for: who is told more does not read it, and a list stays linear work.
pub const BLOCKERS_MAX: usize = 16;

/// A rule that decides no packet, because earlier rules match all of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// Its place in the list.
    pub index: usize,
    /// The first rules that decide its packets in its stead: the one that decides most of them first. If any rule of
    /// the other action decides some, one such rule is among them. None if the rule matches no packet at all.
    pub blockers: Vec<usize>,
    /// Whether these are all the rules that decide its packets.
    pub is_complete: bool,
}

/// What a run of rules does: what it decides, and what of that it permits.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Effect {
    matched: Set,
    permitted: Set,
}

/// The `at`-th run of `2^level` rules.
#[derive(Clone, Copy)]
struct Run {
    level: usize,
    at: usize,
    effect: Effect,
}

/// A list of rules as a tree: on level `k` the effects of the whole runs of `2^k` rules.
struct Tree {
    levels: Vec<Vec<Effect>>,
}

impl Effect {
    const NONE: Effect = Effect {
        matched: Set::EMPTY,
        permitted: Set::EMPTY,
    };

    const fn of(rule: &Rule) -> Effect {
        match rule.action {
            Action::Permit => Effect {
                matched: rule.packets,
                permitted: rule.packets,
            },
            Action::Deny => Effect {
                matched: rule.packets,
                permitted: Set::EMPTY,
            },
        }
    }
}

impl Tree {
    /// The rules before `end` as few runs, in order of the list.
    fn prefix(&self, end: usize) -> Vec<Run> {
        let mut runs = Vec::new();
        for (level, effects) in self.levels.iter().enumerate().rev() {
            let whole = end >> level;
            if whole % 2 == 1
                && let Some(effect) = effects.get(whole - 1)
            {
                runs.push(Run {
                    level,
                    at: whole - 1,
                    effect: *effect,
                });
            }
        }
        runs
    }

    /// The two halves of a run, in order of the list; `None` if it is one rule.
    fn halves(&self, run: Run) -> Option<[Run; 2]> {
        let level = run.level.checked_sub(1)?;
        let effects = self.levels.get(level)?;
        let half = |at: usize| {
            effects.get(at).map(|effect| Run {
                level,
                at,
                effect: *effect,
            })
        };
        Some([half(run.at * 2)?, half(run.at * 2 + 1)?])
    }
}

impl Packets {
    /// The packets that the list permits: the first rule that matches decides, and what none matches is denied.
    pub fn first_match(&mut self, rules: &[Rule]) -> Result<Set, Unanswered> {
        let mut effects: Vec<Effect> = rules.iter().map(Effect::of).collect();
        // Two runs in sequence are again a run, so the list folds as a balanced tree.
        while effects.len() > 1 {
            let mut halved = Vec::with_capacity(effects.len().div_ceil(2));
            for pair in effects.chunks(2) {
                halved.push(match pair {
                    [first, second] => self.sequence(*first, *second)?,
                    [first, ..] => *first,
                    [] => Effect::NONE,
                });
            }
            effects = halved;
        }
        Ok(effects.pop().unwrap_or(Effect::NONE).permitted)
    }

    /// The rules that decide no packet, in order of the list. Exact: unions of earlier rules are seen too.
    pub fn dead_rules(&mut self, rules: &[Rule]) -> Result<Vec<Dead>, Unanswered> {
        let tree = self.tree(rules)?;
        let mut dead = Vec::new();
        // Whoever decided a set's packets once decides them for every later rule with the same set.
        let mut known: BTreeMap<(Action, Set), (Vec<usize>, bool)> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            let runs = tree.prefix(index);
            if !self.is_covered(rule.packets, &runs)? {
                continue;
            }
            let key = (rule.action, rule.packets);
            let (blockers, is_complete) = match known.get(&key) {
                Some(found) => found.clone(),
                None => self.blockers(rule, rules, &tree, runs)?,
            };
            known.insert(key, (blockers.clone(), is_complete));
            dead.push(Dead {
                index,
                blockers,
                is_complete,
            });
        }
        Ok(dead)
    }

    fn sequence(&mut self, first: Effect, second: Effect) -> Result<Effect, Unanswered> {
        let matched = self.union(first.matched, second.matched)?;
        // Lists of one action are common, and need no second union.
        let permitted = if first.permitted == first.matched && second.permitted == second.matched {
            matched
        } else {
            let late = self.difference(second.permitted, first.matched)?;
            self.union(first.permitted, late)?
        };
        Ok(Effect { matched, permitted })
    }

    fn tree(&mut self, rules: &[Rule]) -> Result<Tree, Unanswered> {
        let mut levels = Vec::new();
        let mut level: Vec<Effect> = rules.iter().map(Effect::of).collect();
        while level.len() > 1 {
            let mut next = Vec::with_capacity(level.len() / 2);
            for pair in level.chunks_exact(2) {
                if let [first, second] = pair {
                    next.push(self.sequence(*first, *second)?);
                }
            }
            levels.push(level);
            level = next;
        }
        levels.push(level);
        Ok(Tree { levels })
    }

    fn is_covered(&mut self, set: Set, runs: &[Run]) -> Result<bool, Unanswered> {
        // Mostly one run covers all or none touches it; both are seen without making a set.
        for run in runs {
            if self.is_subset(set, run.effect.matched)? {
                return Ok(true);
            }
        }
        let mut rest = set;
        for run in runs {
            if rest.is_empty() {
                break;
            }
            if !self.is_disjoint(rest, run.effect.matched)? {
                rest = self.difference(rest, run.effect.matched)?;
            }
        }
        Ok(rest.is_empty())
    }

    /// The blockers of a dead rule, given the rules before it; and whether they are all.
    fn blockers(
        &mut self,
        dead: &Rule,
        rules: &[Rule],
        tree: &Tree,
        mut open: Vec<Run>,
    ) -> Result<(Vec<usize>, bool), Unanswered> {
        let mut shares = Vec::new();
        let mut rest = dead.packets;
        open.reverse();
        while let Some(run) = open.pop() {
            if self.is_disjoint(rest, run.effect.matched)? {
                continue;
            }
            if shares.len() == BLOCKERS_MAX {
                open.push(run);
                break;
            }
            if let Some([early, late]) = tree.halves(run) {
                open.extend([late, early]);
                continue;
            }
            let taken = self.intersection(rest, run.effect.matched)?;
            shares.push((Reverse(self.count(taken)?), run.at));
            rest = self.difference(rest, taken)?;
        }
        let is_complete = rest.is_empty();
        let is_other = |at: usize| rules.get(at).is_some_and(|rule| rule.action != dead.action);
        if !is_complete
            && !shares.iter().any(|(_, at)| is_other(*at))
            && let Some(other) = self.first_other(dead.action, rest, tree, open)?
        {
            shares.push(other);
        }
        shares.sort_unstable();
        Ok((shares.into_iter().map(|(_, at)| at).collect(), is_complete))
    }

    /// The first rule of the open runs that has another action and decides a packet of the set, with its share.
    fn first_other(
        &mut self,
        action: Action,
        set: Set,
        tree: &Tree,
        mut open: Vec<Run>,
    ) -> Result<Option<(Reverse<Count>, usize)>, Unanswered> {
        let mut rest = set;
        while let Some(run) = open.pop() {
            // What reaches a run is decided as the run decides: there is no need to look into it.
            let other = match action {
                Action::Permit => self.difference(run.effect.matched, run.effect.permitted)?,
                Action::Deny => run.effect.permitted,
            };
            if self.is_disjoint(rest, other)? {
                rest = self.difference(rest, run.effect.matched)?;
            } else if let Some([early, late]) = tree.halves(run) {
                open.extend([late, early]);
            } else {
                let taken = self.intersection(rest, other)?;
                return Ok(Some((Reverse(self.count(taken)?), run.at)));
            }
        }
        Ok(None)
    }
}
