//! Which document grants an access, and to whom.
//!
//! One sufficient grant: where the provider needs both sides (across accounts) both grant; where either side is enough
//! exactly one does. What holds a value that the provider assigns is granted on the resource's side, so that no other
//! document needs the value; everything else on the side of who acts.

mod member;
mod side;

pub(crate) use side::federation;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use diagnostics::{Diagnostic, Report};
use graph::Word;
use graph::access::{RegionId, Sides};
use model::project::AccountId;
use model::thing::ThingId;
use pattern::pattern::Pattern;
use rayon::prelude::*;

use crate::context::Context;
use crate::deployment::document::PrincipalName;
use crate::fault::INEXPRESSIBLE_ACCESS;

/// A document, or several that are evaluated together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// What a role may do.
    Identity(ThingId, AccountId),
    /// Who may become it.
    Trust(ThingId, AccountId),
    /// The policy of a thing.
    Resource(ThingId),
    /// The IoT policies of a class.
    Device(ThingId),
    /// What a topic rule selects.
    Rule(ThingId),
    /// What only the owner of an existing thing can write.
    Request(ThingId),
}

/// Whom a statement names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// The document's own principal.
    Own,
    /// Everybody.
    Anyone,
    /// One by name.
    Named(PrincipalName),
}

/// One action on one pattern in one document.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) who: Who,
    /// A word of the graph.
    pub(crate) action: Word,
    pub(crate) within: Pattern,
    pub(crate) when: RegionId,
    /// Index into the graph's accesses.
    pub(crate) access: usize,
}

/// Grants by document.
pub(crate) type Grants = BTreeMap<Place, Vec<Grant>>;

/// Accesses that are granted in one piece of work.
const ACCESSES_AT_ONCE: usize = 1024;

/// Every grant, by document, in order of the graph's accesses; and on which side each access is granted.
pub(crate) fn group(cx: &Context<'_>, report: &mut Report) -> (Grants, Vec<Sides>) {
    let indices: Vec<usize> = (0..cx.graph.accesses.len()).collect();
    let pieces: Vec<(Grants, Vec<Sides>, Report)> = indices
        .par_chunks(ACCESSES_AT_ONCE)
        .map(|indices| {
            let (mut places, mut report) = (BTreeMap::new(), Report::default());
            let mut sides = Vec::with_capacity(indices.len());
            for index in indices {
                match grants(cx, *index, &mut places) {
                    Ok(own) => sides.push(own),
                    Err(refused) => refuse(cx, *index, refused, &mut report),
                }
            }
            (places, sides, report)
        })
        .collect();
    let mut places = Grants::new();
    let mut sides = Vec::with_capacity(indices.len());
    for (piece, own, found) in pieces {
        sides.extend(own);
        for (place, grants) in piece {
            match places.entry(place) {
                Entry::Vacant(slot) => {
                    slot.insert(grants);
                }
                Entry::Occupied(slot) => slot.into_mut().extend(grants),
            }
        }
        report.append(found);
    }
    (places, sides)
}

fn refuse(cx: &Context<'_>, index: usize, refused: Refused, report: &mut Report) {
    let (what, why, help) = match refused {
        Refused::Contradiction(what) => return report.compiler_bug(what),
        Refused::Inexpressible { what, why, help } => (what, why, help),
    };
    let Some(access) = cx.graph.accesses.get(index) else {
        return;
    };
    let message = format!(
        "`{}` on {what} cannot be said exactly by any policy",
        cx.word(access.action)
    );
    let diagnostic = match cx.span_of(access.because) {
        Some(span) => Diagnostic::new(&INEXPRESSIBLE_ACCESS, span, message),
        None => Diagnostic::global(&INEXPRESSIBLE_ACCESS, message),
    };
    report.push(diagnostic.note(why).help(help));
}

/// Why an access has no document.
#[derive(Clone, Debug)]
pub(crate) enum Refused {
    /// The floors above contradict each other.
    Contradiction(&'static str),
    /// No policy can say it.
    Inexpressible {
        /// On what.
        what: String,
        /// Why not.
        why: String,
        /// What to do.
        help: String,
    },
}

fn grants(cx: &Context<'_>, index: usize, places: &mut Grants) -> Result<Sides, Refused> {
    let Some(access) = cx.graph.accesses.get(index) else {
        return Ok(Sides::default());
    };
    let sides = side::sides(cx, index, access)?;
    let Some(pattern) = cx.graph.patterns.get(access.within) else {
        return Err(Refused::Contradiction("an access without its pattern"));
    };
    let patterns = member::patterns(cx, access, pattern)?;
    let mut granted = Sides::default();
    for (place, who) in sides {
        match place {
            Place::Identity(..) | Place::Device(_) | Place::Rule(_) => granted.caller = true,
            Place::Trust(..) | Place::Resource(_) => granted.reached = true,
            Place::Request(_) => {}
        }
        let grants = patterns.iter().map(|within| Grant {
            who: who.clone(),
            action: access.action,
            within: within.clone(),
            when: access.when,
            access: index,
        });
        places.entry(place).or_default().extend(grants);
    }
    Ok(granted)
}
