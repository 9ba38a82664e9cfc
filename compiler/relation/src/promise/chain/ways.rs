//! Steps from one actor to the next, for whoever compares two relations: the same steps that promises follow.

use std::collections::BTreeSet;

use model::thing::ThingId;
use source::Span;

use super::Chains;
use crate::reach::Relation;

/// The steps that somebody may take.
pub struct Ways<'r, 'a>(Chains<'r, 'a>);

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// The next actor.
    pub to: ThingId,
    /// In words: `commands`, `writes x, which is read by`.
    pub how: String,
    /// Whether it commands; else it carries data.
    pub controls: bool,
    /// The lines that grant it.
    pub lines: Vec<Span>,
}

impl<'r, 'a> Ways<'r, 'a> {
    /// Of everything that the bytes grant.
    #[must_use]
    pub fn new(relation: &'r Relation<'a>) -> Self {
        Self(Chains::new(relation))
    }

    /// The steps of one actor, `None` for everybody. Classes are followed as a whole.
    #[must_use]
    pub fn from(&self, actor: Option<ThingId>) -> Vec<Way> {
        let own = self.0.edges(actor);
        let back = self.0.commanders(actor);
        let steps = own.iter().chain(back).filter(|edge| !edge.is_same);
        steps
            .map(|edge| Way {
                to: edge.step.to,
                how: edge.step.how.clone(),
                controls: edge.is_control,
                lines: edge.step.lines.clone(),
            })
            .collect()
    }

    /// Where chains lead from an actor: each further actor once, by a shortest way, with who takes it; the nearest first, and of one
    /// distance by name. A command says more than data.
    #[must_use]
    pub fn tree(&self, from: Option<ThingId>) -> Vec<(Option<ThingId>, Way)> {
        let mut seen: BTreeSet<Option<ThingId>> = BTreeSet::from([from]);
        let mut level = vec![from];
        let mut out: Vec<(Option<ThingId>, Way)> = Vec::new();
        while !level.is_empty() {
            let mut next: Vec<(Option<ThingId>, Way)> = level
                .iter()
                .flat_map(|here| self.from(*here).into_iter().map(|way| (*here, way)))
                .collect();
            next.sort_by(|(_, a), (_, b)| {
                let name = |way: &Way| self.0.relation.name(way.to);
                (name(a), !a.controls, &a.how).cmp(&(name(b), !b.controls, &b.how))
            });
            level.clear();
            for (here, way) in next {
                if seen.insert(Some(way.to)) {
                    level.push(Some(way.to));
                    out.push((here, way));
                }
            }
        }
        out
    }
}
