//! What `besides` takes out of the objects.

use std::collections::BTreeSet;

use graph::question::select::{Selected, Where};
use graph::words::Meaning;
use model::thing::{PartId, ThingId};
use pattern::pattern::Pattern;
use pattern::region::Region;

use super::{Actions, Sets};
use crate::rows::{Members, Rows};
use crate::topic::Stars;

/// A resource word that is taken out.
#[derive(Clone, Debug)]
pub struct TakenWord {
    /// By which actions.
    pub actions: Actions,
    /// The word.
    pub within: Pattern,
    /// In which contexts.
    pub when: Region,
    /// The members whose letters it holds.
    pub members: Option<Members>,
    /// What a `*` within stands for.
    pub stars: Stars,
}

/// What `besides` takes out of the objects.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Resource words.
    pub words: Vec<TakenWord>,
    /// Actions that have no resource, in lower case.
    pub actions: BTreeSet<String>,
    /// Whole things.
    pub things: BTreeSet<ThingId>,
    /// The services by which they are reached.
    pub services: BTreeSet<String>,
    /// Parts.
    pub parts: BTreeSet<PartId>,
    /// Every public address.
    pub internet: bool,
}

impl Sets<'_> {
    pub(super) fn taken(&self, besides: &Selected) -> Taken {
        let things: Vec<ThingId> = besides.things.keys().copied().collect();
        let mut taken = Taken {
            things: things.iter().copied().collect(),
            parts: besides.parts.clone(),
            internet: besides.internet,
            ..Taken::default()
        };
        for thing in &things {
            let meanings = self.meanings(*thing);
            let rows = match besides.things.get(thing) {
                Some(Where::Segments(segments)) => Rows::In(segments.clone()),
                Some(Where::Everywhere) | None => Rows::All,
            };
            let class = self.model.things.get(*thing).and_then(|thing| thing.family);
            let members = class.map(|class| Members { class, rows });
            let stars = self.stars(*thing);
            // Beyond its own words it is taken out by its very actions: what does the same there is another's.
            let (beyond, own): (Vec<Meaning>, Vec<Meaning>) =
                meanings.iter().cloned().partition(|meaning| meaning.is_outside);
            let own = self.every_act(*thing, &own).into_iter();
            let own = own.map(|act| (act.actions, act.within, act.when));
            let beyond = beyond
                .into_iter()
                .filter(|meaning| !meaning.within.is_everything());
            let beyond = beyond.map(|meaning| {
                let actions = Actions::These(BTreeSet::from([meaning.action]));
                (actions, meaning.within, meaning.when)
            });
            taken
                .words
                .extend(own.chain(beyond).map(|(actions, within, when)| TakenWord {
                    actions,
                    within,
                    when,
                    members: members.clone(),
                    stars,
                }));
            let reached = graph::address::service(self.model, *thing);
            taken.services.extend(reached.map(std::borrow::Cow::into_owned));
            let unscoped = meanings.iter().filter(|meaning| meaning.within.is_everything());
            taken
                .actions
                .extend(unscoped.map(|meaning| meaning.action.clone()));
        }
        taken
    }
}
