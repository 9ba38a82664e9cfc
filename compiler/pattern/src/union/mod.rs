//! Unions of regions, kept as lists of terms.
//!
//! Example: the statements of a policy allow a request from network 1 or with MFA. That is a list of two terms.
//!
//! One diagram of a union may be exponentially larger than the list: `a1 and b1 or a2 and b2 or …` with all `a` before
//! all `b`. So a union stays a list. Whether two unions meet is asked term by term.
//!
//! Whether a region lies in a union is the hard question. It is asked in three steps. Each step looks only at what the step
//! before has left open:
//!
//! 1. Is the region equal to a term, or inside one? Then it lies in the union.
//! 2. Is there a key with a value that no remaining term admits? Choose this value: then no term that names the key can have
//!    the context, and all these terms drop out. If none is left, a context is found that is in no term.
//! 3. Search the rest. The values of each key are cut into cells, such that no term tells two values of a cell apart, and one
//!    cell of each key is chosen in turn.
//!
//! The states of the search are the nodes of a diagram that is never made as a whole. Mostly they are what takes of the `Budget`.

mod budget;
mod cells;
mod open;
mod search;

pub use budget::{Budget, NODES_MAX, TooLarge};

use std::ops::ControlFlow;

use crate::region::term::Literal;
use crate::region::{Context, Region};
use open::Open;

/// A union of regions. The order of terms says nothing.
#[derive(Clone, Debug, Default)]
pub struct Union {
    terms: Vec<Region>,
}

impl Union {
    /// No context.
    pub const fn nothing() -> Union {
        Union { terms: Vec::new() }
    }

    /// The union of some regions.
    pub fn of(terms: impl IntoIterator<Item = Region>) -> Union {
        let mut union = Union::nothing();
        terms.into_iter().for_each(|term| union.push(term));
        union
    }

    /// Adds the contexts of a region.
    pub fn push(&mut self, term: Region) {
        if !term.is_nothing() {
            self.terms.push(term);
        }
    }

    /// The regions, none of them empty.
    pub fn terms(&self) -> &[Region] {
        &self.terms
    }

    /// Whether there is no context.
    pub fn is_nothing(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a context is a member.
    pub fn contains(&self, context: &Context) -> bool {
        self.terms.iter().any(|term| term.contains(context))
    }

    /// The contexts of both: each term of the one with each term of the other. Equal results are kept once.
    #[must_use]
    pub fn and(&self, other: &Union) -> Union {
        let pairs = self
            .terms
            .iter()
            .flat_map(|term| other.terms.iter().map(|other| term.and(other)));
        let mut union = Union::of(pairs);
        union.terms.sort_unstable();
        union.terms.dedup();
        union
    }

    /// Whether some context is of both.
    pub fn meets(&self, other: &Union) -> bool {
        self.terms
            .iter()
            .any(|term| other.terms.iter().any(|other| term.meets(other)))
    }

    /// A region of this union of which the other has nothing; `None` if the other has all.
    pub fn lacking(&self, other: &Union, budget: &mut Budget) -> Result<Option<Region>, TooLarge> {
        let outer: Vec<&Region> = other.terms.iter().collect();
        for term in &self.terms {
            let found = lacking(term, &outer, budget)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Whether both have the same contexts.
    pub fn is_same(&self, other: &Union, budget: &mut Budget) -> Result<bool, TooLarge> {
        Ok(self.lacking(other, budget)?.is_none() && other.lacking(self, budget)?.is_none())
    }
}

/// A conjunction within a region of which a union of others has nothing; `None` if the union has all of the region.
///
/// It does not depend on the order of `outer`.
pub fn lacking(inner: &Region, outer: &[&Region], budget: &mut Budget) -> Result<Option<Region>, TooLarge> {
    ask(inner, outer, budget, |open| open.region(), |known| known)
}

/// Whether a region lies in a union of others.
pub fn is_within(inner: &Region, outer: &[&Region], budget: &mut Budget) -> Result<bool, TooLarge> {
    // Mostly there are no others, and then nothing has to be sorted.
    if outer.is_empty() {
        return Ok(inner.is_nothing());
    }
    Ok(ask(inner, outer, budget, |_| (), |_| ())?.is_none())
}

/// Asks whether something of a region is in no other; `None` if nothing is.
///
/// `found` makes the caller's answer from a new finding, `known` from one that was paid for before.
fn ask<T>(
    inner: &Region,
    outer: &[&Region],
    budget: &mut Budget,
    mut found: impl FnMut(&Open<'_>) -> T,
    known: impl FnOnce(Region) -> T,
) -> Result<Option<T>, TooLarge> {
    if outer.iter().any(|other| other.is_everything() || *other == inner) {
        return Ok(None);
    }
    if budget.is_spent() && !outer.is_empty() {
        return Err(TooLarge);
    }
    let question = |outer: &[&Region]| {
        let mut outer: Vec<Region> = outer.iter().map(|region| (*region).clone()).collect();
        outer.sort_unstable();
        outer.dedup();
        (inner.clone(), outer)
    };
    if !budget.known.is_empty()
        && let Some(answer) = budget.known.get(&question(outer))
    {
        return Ok(answer.clone().map(known));
    }
    let before = budget.searched();
    let mut terms: Vec<Vec<Literal<'_>>> = Vec::with_capacity(outer.len());
    for region in outer {
        each_term(region, budget, &mut |term, _| {
            terms.push(term.to_vec());
            Ok(ControlFlow::Continue(()))
        })?;
    }
    let mut answer = None;
    let mut shown = None;
    each_term(inner, budget, &mut |term, budget| {
        let Some(open) = Open::find(term, &terms, budget)? else {
            return Ok(ControlFlow::Continue(()));
        };
        answer = Some(found(&open));
        if budget.searched() != before {
            shown = Some(open.region());
        }
        Ok(ControlFlow::Break(()))
    })?;
    if budget.searched() != before {
        budget.known.insert(question(outer), shown);
    }
    Ok(answer)
}

/// What is done with a conjunction.
type Visit<'v, 'a> = dyn FnMut(&[Literal<'a>], &mut Budget) -> Result<ControlFlow<()>, TooLarge> + 'v;

/// Visits the conjunctions of a region. The first is free; each further one takes a node of the budget.
fn each_term<'a>(region: &'a Region, budget: &mut Budget, visit: &mut Visit<'_, 'a>) -> Result<(), TooLarge> {
    let mut is_first = true;
    let end = region.each_term(&mut Vec::new(), &mut |term| {
        if !std::mem::take(&mut is_first)
            && let Err(why) = budget.search(1)
        {
            return ControlFlow::Break(Err(why));
        }
        match visit(term, budget) {
            Ok(ControlFlow::Continue(())) => ControlFlow::Continue(()),
            Ok(ControlFlow::Break(())) => ControlFlow::Break(Ok(())),
            Err(why) => ControlFlow::Break(Err(why)),
        }
    });
    match end {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(result) => result,
    }
}
