//! Grants to statements.
//!
//! Grants with the same condition and the same resource share a statement's actions; then those with the same actions
//! its resources; then, in a policy that names principals, those with all of that in common its principals. Each merge
//! is an exact product, so that a statement never permits a combination that nobody declared.

use graph::access::RegionId;
use graph::reason::ReasonId;
use pattern::boxes::{self, NotDecided, Rectangle};
use pattern::pattern::Pattern;
use pattern::union::Budget;

use super::condition::Inexpressible;
use super::name;
use crate::context::Context;
use crate::deployment::document::{Document, PrincipalName, Principals, Statement};
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

/// What the grants of a document name, sorted. Rows name them by rank, whose order is theirs.
struct Ranks<'g> {
    whos: Vec<&'g Who>,
    actions: Vec<&'g str>,
    patterns: Vec<&'g Pattern>,
}

type Rank = usize;

/// An action of a principal on a pattern, wanted by one access.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wish {
    who: Rank,
    action: Rank,
    pattern: Rank,
    when: RegionId,
    access: usize,
}

/// Actions of a principal on a resource.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    who: Rank,
    when: RegionId,
    actions: Vec<Rank>,
    pattern: Rank,
    accesses: Vec<usize>,
}

/// A statement before its principals are merged.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Core {
    actions: Vec<Rank>,
    resources: Vec<Rank>,
    when: RegionId,
    who: Rank,
    accesses: Vec<usize>,
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
    let ranks = Ranks::of(cx, grants);
    let rows = by_resource(&ranks, wishes(cx, &ranks, grants)?, style.actions_max);
    let cores = by_core(&ranks, rows, style);
    let mut statements = Vec::with_capacity(cores.len());
    for same in
        cores.chunk_by(|a, b| (&a.actions, &a.resources, a.when) == (&b.actions, &b.resources, b.when))
    {
        let Some(core) = same.first() else { continue };
        let accesses = || same.iter().flat_map(|core| core.accesses.iter().copied());
        let because = cx.because_all(accesses().flat_map(|access| cx.reasons_of(access)));
        let blocks = cx.blocks(core.when).map_err(|fault| Refused {
            fault: fault.clone(),
            because: cx.because_of(accesses().next()),
        })?;
        let whos: Vec<&Who> = same
            .iter()
            .filter_map(|core| ranks.whos.get(core.who).copied())
            .collect();
        for conditions in blocks {
            for principals in principals(&whos) {
                statements.push(Statement {
                    id: String::new(),
                    deny: false,
                    principals,
                    actions: ranks.texts(&core.actions),
                    resources: if style.has_resources {
                        ranks.resources(&core.resources, style)
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

impl<'g> Ranks<'g> {
    fn of(cx: &Context<'g>, grants: &'g [Grant]) -> Self {
        Self {
            whos: sorted(grants.iter().map(|grant| &grant.who)),
            actions: sorted(grants.iter().map(|grant| cx.word(grant.action))),
            patterns: sorted(grants.iter().map(|grant| &grant.within)),
        }
    }

    fn texts(&self, actions: &[Rank]) -> Vec<String> {
        let texts = actions.iter().filter_map(|action| self.actions.get(*action));
        texts.map(|action| (*action).to_owned()).collect()
    }

    fn resources(&self, patterns: &[Rank], style: Style<'_>) -> Vec<Pattern> {
        let patterns = patterns.iter().filter_map(|pattern| self.patterns.get(*pattern));
        patterns.map(|pattern| written(pattern, style)).collect()
    }

    fn covers(&self, pattern: Rank, inner: Rank) -> bool {
        let (Some(pattern), Some(inner)) = (self.patterns.get(pattern), self.patterns.get(inner)) else {
            return false;
        };
        pattern.covers(inner)
    }

    fn service(&self, action: Rank) -> &'g str {
        let action = self.actions.get(action).copied().unwrap_or_default();
        action.split_once(':').map_or(action, |(service, _)| service)
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// Every item is in the list that it was sorted into.
fn rank<T: Ord>(items: &[T], item: &T) -> Rank {
    items.binary_search(item).unwrap_or(Rank::MAX)
}

/// What is wanted, without what is contained in something else that is: sorted.
fn wishes(cx: &Context<'_>, ranks: &Ranks<'_>, grants: &[Grant]) -> Result<Vec<Wish>, Refused> {
    let mut wishes: Vec<Wish> = grants
        .iter()
        .map(|grant| Wish {
            who: rank(&ranks.whos, &&grant.who),
            action: rank(&ranks.actions, &cx.word(grant.action)),
            pattern: rank(&ranks.patterns, &&grant.within),
            when: grant.when,
            access: grant.access,
        })
        .collect();
    wishes.sort_unstable();
    let mut budget = Budget::of_guard();
    for cell in wishes.chunk_by_mut(|a, b| (a.who, a.action) == (b.who, b.action)) {
        without_contained(cx, ranks, cell, &mut budget)?;
    }
    wishes.sort_unstable();
    Ok(wishes)
}

/// Per principal, condition and resource: its actions, at most so many in a row, each of one service.
fn by_resource(ranks: &Ranks<'_>, mut wishes: Vec<Wish>, actions_max: usize) -> Vec<Row> {
    // Actions of one service stand together: they start alike.
    let of = |wish: &Wish| (wish.who, wish.when, wish.pattern);
    wishes.sort_unstable_by_key(|wish| (of(wish), wish.action, wish.access));
    let mut rows = Vec::with_capacity(wishes.len());
    for same in wishes.chunk_by(|a, b| of(a) == of(b) && ranks.service(a.action) == ranks.service(b.action)) {
        let Some(first) = same.first() else { continue };
        let mut actions: Vec<Rank> = same.iter().map(|wish| wish.action).collect();
        actions.dedup();
        for part in actions.chunks(actions_max) {
            rows.push(Row {
                who: first.who,
                when: first.when,
                actions: part.to_vec(),
                pattern: first.pattern,
                accesses: same.iter().map(|wish| wish.access).collect(),
            });
        }
    }
    rows.sort_unstable();
    rows
}

/// Per principal, condition and actions: its resources. Those that are written alike count as one.
fn by_core(ranks: &Ranks<'_>, rows: Vec<Row>, style: Style<'_>) -> Vec<Core> {
    let own = style.own.map(|own| rank(&ranks.patterns, &own));
    let everything = Pattern::everything();
    let everything = rank(&ranks.patterns, &&everything);
    let mut cores: Vec<Core> = rows
        .chunk_by(|a, b| (a.who, a.when, &a.actions) == (b.who, b.when, &b.actions))
        .filter_map(|same| {
            let first = same.first()?;
            let resources = same.iter().map(|row| match own {
                Some(own) if own == row.pattern && everything != Rank::MAX => everything,
                Some(_) | None => row.pattern,
            });
            Some(Core {
                actions: first.actions.clone(),
                resources: resources.collect(),
                when: first.when,
                who: first.who,
                accesses: same.iter().flat_map(|row| row.accesses.iter().copied()).collect(),
            })
        })
        .collect();
    cores.sort_unstable();
    cores
}

fn written(pattern: &Pattern, style: Style<'_>) -> Pattern {
    if style.own == Some(pattern) {
        Pattern::everything()
    } else {
        pattern.clone()
    }
}

/// Everybody is said apart from those who are named: `*` beside others is read in two ways.
fn principals(whos: &[&Who]) -> Vec<Option<Principals>> {
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

/// Gives what lies in the other rectangles to one of them: a statement for it would be idle.
///
/// Where that takes more than the budget nothing is given away, which permits the same; the proof then says that it is
/// not decided.
fn without_contained(
    cx: &Context<'_>,
    ranks: &Ranks<'_>,
    cell: &mut [Wish],
    budget: &mut Budget,
) -> Result<(), Refused> {
    let mut wanted: Vec<(Rank, RegionId)> = cell.iter().map(|wish| (wish.pattern, wish.when)).collect();
    wanted.dedup();
    wanted.retain(|(pattern, when)| {
        ranks.patterns.get(*pattern).is_some() && cx.graph.regions.get(*when).is_some()
    });
    if !may_contain(ranks, &wanted) {
        return Ok(());
    }
    let rectangles: Vec<Rectangle> = wanted
        .iter()
        .filter_map(|(pattern, when)| {
            let pattern = ranks.patterns.get(*pattern)?;
            Some(((*pattern).clone(), cx.graph.regions.get(*when)?.clone()))
        })
        .collect();
    let removable = match boxes::removable(&rectangles, budget) {
        Ok(removable) => removable,
        Err(NotDecided::TooLarge) => return Ok(()),
        Err(NotDecided::MixedTypes(key)) => {
            return Err(Refused {
                fault: Inexpressible {
                    key: key.as_str().to_owned(),
                    why: "it is used with two types of values",
                },
                because: cx.because_of(cell.first().map(|wish| wish.access)),
            });
        }
    };
    // From the last on, so that the indices of those to come stay.
    for at in removable {
        let dropped = wanted.remove(at);
        let holder = wanted
            .iter()
            .find(|(pattern, _)| ranks.covers(*pattern, dropped.0));
        if let Some((pattern, when)) = holder {
            for wish in cell
                .iter_mut()
                .filter(|wish| (wish.pattern, wish.when) == dropped)
            {
                (wish.pattern, wish.when) = (*pattern, *when);
            }
        }
    }
    Ok(())
}

/// Whether some pattern covers another, without which nothing contains anything: few are compared pair by pair.
fn may_contain(ranks: &Ranks<'_>, wanted: &[(Rank, RegionId)]) -> bool {
    const FEW: usize = 16;
    if wanted.len() > FEW {
        let first = wanted.first().map(|(_, when)| *when);
        let is_literal = |pattern: Rank| {
            ranks
                .patterns
                .get(pattern)
                .is_some_and(|pattern| pattern.is_literal())
        };
        return !wanted
            .iter()
            .all(|(pattern, when)| is_literal(*pattern) && Some(*when) == first);
    }
    wanted.iter().enumerate().any(|(index, (pattern, _))| {
        wanted
            .iter()
            .enumerate()
            .any(|(other, (inner, _))| index != other && ranks.covers(*pattern, *inner))
    })
}
