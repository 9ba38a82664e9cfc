//! Grants to statements.
//!
//! Grants with the same condition and the same resource share a statement's actions; then those with the same actions
//! its resources; then, in a policy that names principals, those with all of that in common its principals. Each merge
//! is an exact product, so that a statement never permits a combination that nobody declared.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use graph::access::RegionId;
use graph::reason::ReasonId;
use pattern::boxes::{self, Rectangle};
use pattern::pattern::Pattern;

use super::condition::{self, Inexpressible};
use super::name;
use crate::context::Context;
use crate::deployment::document::{Condition, Document, PrincipalName, Principals, Statement};
use crate::grant::{Grant, Who};

/// What is particular to a sort of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style<'a> {
    /// Whether statements have resources; a trust policy is about its role alone.
    pub(crate) has_resources: bool,
    /// A resource that is written `*` in its own policy.
    pub(crate) own: Option<&'a Pattern>,
    /// The most actions of a statement, where the service counts them.
    pub(crate) actions_max: usize,
}

/// Documents without particular limits.
pub(crate) const PLAIN: Style<'_> = Style {
    has_resources: true,
    own: None,
    actions_max: usize::MAX,
};

/// Why grants have no document.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) fault: Inexpressible,
    pub(crate) because: ReasonId,
}

/// One action of one principal: rectangles, each with the accesses that want it.
type Cells<'g> = BTreeMap<(&'g Who, Name), BTreeMap<(&'g Pattern, RegionId), Vec<usize>>>;

/// What resources of a statement share: principal, service, condition, actions.
type Shared<'a> = (&'a Who, &'a str, RegionId, Vec<&'a str>);

/// What statements agree on before their principals are merged.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Core<'a> {
    service: &'a str,
    actions: Vec<&'a str>,
    resources: Vec<Pattern>,
    when: RegionId,
}

/// The statements that permit exactly what is granted, in canonical order, with ids.
pub(crate) fn document(cx: &Context<'_>, grants: &[Grant], style: Style<'_>) -> Result<Document, Refused> {
    let mut statements = statements(cx, grants, style)?;
    finish(&mut statements);
    Ok(Document { statements })
}

/// Puts statements in canonical order and names them.
pub(crate) fn finish(statements: &mut [Statement]) {
    statements.sort_by(|a, b| order(a).cmp(&order(b)));
    name::name(statements);
}

fn order(statement: &Statement) -> impl Ord + '_ {
    (
        statement.deny,
        &statement.actions,
        &statement.resources,
        &statement.principals,
        &statement.conditions,
    )
}

/// The same, before order and ids.
pub(crate) fn statements(
    cx: &Context<'_>,
    grants: &[Grant],
    style: Style<'_>,
) -> Result<Vec<Statement>, Refused> {
    let mut cells = Cells::new();
    for grant in grants {
        let cell = cells.entry((&grant.who, grant.action)).or_default();
        cell.entry((&grant.within, grant.when))
            .or_default()
            .push(grant.access);
    }
    // Per principal, condition and resource: its actions.
    let mut actions: BTreeMap<(&Who, &str, RegionId, &Pattern), Merged<'_>> = BTreeMap::new();
    for ((who, action), cell) in cells {
        let action = cx.word(action);
        for ((pattern, when), accesses) in without_contained(cx, cell)? {
            let merged = actions.entry((who, service(action), when, pattern)).or_default();
            merged.actions.insert(action);
            merged.accesses.extend(accesses);
        }
    }
    // Per principal, condition and actions: its resources.
    let mut resources: BTreeMap<Shared<'_>, (BTreeSet<&Pattern>, Vec<usize>)> = BTreeMap::new();
    for ((who, service, when, pattern), merged) in actions {
        let actions: Vec<&str> = merged.actions.into_iter().collect();
        for part in actions.chunks(style.actions_max) {
            let entry = resources.entry((who, service, when, part.to_vec())).or_default();
            entry.0.insert(pattern);
            entry.1.extend(&merged.accesses);
        }
    }
    // Per core: its principals.
    let mut cores: BTreeMap<Core<'_>, (BTreeSet<&Who>, Vec<usize>)> = BTreeMap::new();
    for ((who, service, when, actions), (patterns, accesses)) in resources {
        let resources = patterns
            .into_iter()
            .map(|pattern| written(pattern, style))
            .collect();
        let entry = cores
            .entry(Core {
                service,
                actions,
                resources,
                when,
            })
            .or_default();
        entry.0.insert(who);
        entry.1.extend(accesses);
    }
    let mut statements = Vec::with_capacity(cores.len());
    for (core, (whos, accesses)) in cores {
        let because = cx.because_all(accesses.iter().flat_map(|access| cx.reasons_of(*access)));
        for conditions in blocks(cx, core.when, &accesses)? {
            for principals in principals(&whos) {
                statements.push(Statement {
                    id: String::new(),
                    deny: false,
                    principals,
                    actions: core.actions.iter().map(|action| (*action).to_owned()).collect(),
                    resources: if style.has_resources {
                        core.resources.clone()
                    } else {
                        Vec::new()
                    },
                    conditions: conditions.clone(),
                    because: because.clone(),
                });
            }
        }
    }
    Ok(statements)
}

#[derive(Default)]
struct Merged<'a> {
    actions: BTreeSet<&'a str>,
    accesses: Vec<usize>,
}

fn service(action: &str) -> &str {
    action.split_once(':').map_or(action, |(service, _)| service)
}

fn written(pattern: &Pattern, style: Style<'_>) -> Pattern {
    if style.own == Some(pattern) {
        Pattern::everything()
    } else {
        pattern.clone()
    }
}

fn blocks(cx: &Context<'_>, when: RegionId, accesses: &[usize]) -> Result<Vec<Vec<Condition>>, Refused> {
    let Some(region) = cx.graph.regions.get(when) else {
        return Ok(Vec::new());
    };
    let because = || {
        accesses
            .first()
            .and_then(|access| cx.graph.accesses.get(*access))
            .map(|access| access.because)
    };
    condition::blocks(region).map_err(|fault| Refused {
        fault,
        because: because().unwrap_or(ReasonId::new(u32::MAX)),
    })
}

/// Everybody is said apart from those who are named: `*` beside others is read in two ways.
fn principals(whos: &BTreeSet<&Who>) -> Vec<Option<Principals>> {
    let mut named: Vec<PrincipalName> = Vec::new();
    let mut principals = Vec::new();
    for who in whos {
        match who {
            Who::Own => principals.push(None),
            Who::Anyone => principals.push(Some(Principals::Anyone)),
            Who::Named(name) => named.push(name.clone()),
        }
    }
    if !named.is_empty() {
        principals.push(Some(Principals::These(named)));
    }
    principals
}

/// One rectangle with the accesses that want it.
type Wanted<'g> = ((&'g Pattern, RegionId), Vec<usize>);

/// Rectangles that the others do not contain: a statement for them would be idle. Their accesses go to one that holds them.
fn without_contained<'g>(
    cx: &Context<'_>,
    cell: BTreeMap<(&'g Pattern, RegionId), Vec<usize>>,
) -> Result<Vec<Wanted<'g>>, Refused> {
    let mut wanted: Vec<Wanted<'g>> = cell.into_iter().collect();
    while may_contain(&wanted) {
        let rectangles: Vec<Rectangle> = wanted
            .iter()
            .map(|((pattern, when), _)| {
                (
                    (*pattern).clone(),
                    cx.graph
                        .regions
                        .get(*when)
                        .cloned()
                        .unwrap_or_else(pattern::region::Region::nothing),
                )
            })
            .collect();
        let redundant = boxes::redundant(&rectangles).map_err(|boxes::NotDecided::MixedTypes(key)| {
            let access = wanted
                .first()
                .and_then(|(_, accesses)| cx.graph.accesses.get(*accesses.first()?));
            Refused {
                fault: Inexpressible {
                    key: key.as_str().to_owned(),
                    why: "it is used with two types of values",
                },
                because: access.map_or(ReasonId::new(u32::MAX), |access| access.because),
            }
        })?;
        let Some(last) = redundant.last().copied() else {
            return Ok(wanted);
        };
        let (dropped, accesses) = wanted.remove(last);
        if let Some((_, holder)) = wanted
            .iter_mut()
            .find(|((pattern, _), _)| pattern.covers(dropped.0))
        {
            holder.extend(accesses);
        }
    }
    Ok(wanted)
}

/// Whether some pattern covers another, without which nothing contains anything: few are compared pair by pair.
fn may_contain(wanted: &[Wanted<'_>]) -> bool {
    const FEW: usize = 16;
    if wanted.len() > FEW {
        let first = wanted.first().map(|((_, when), _)| *when);
        return !wanted
            .iter()
            .all(|((pattern, when), _)| pattern.is_literal() && Some(*when) == first);
    }
    wanted.iter().enumerate().any(|(index, ((pattern, _), _))| {
        wanted
            .iter()
            .enumerate()
            .any(|(other, ((inner, _), _))| index != other && pattern.covers(inner))
    })
}
