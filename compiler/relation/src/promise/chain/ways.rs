//! Steps from one actor to the next, for whoever compares two relations: the same steps that promises follow.

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
}
