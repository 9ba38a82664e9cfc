//! Requests by which some subject reaches some object.

use std::collections::BTreeSet;

use graph::question::overlap::{Patterns, of_any_member};
use model::thing::ThingId;
use pattern::pattern::Pattern;

use crate::request::{Actor, Asked, Found, Hit, Ready, Right, Source};
use crate::rows::{Fleets, Side};
use crate::sets::{Actions, Taken, TakenWord};
use crate::topic::{self, Stars};

use super::{Decided, Question, Reached, Relation};

/// Acts up to this many are asked one by one; more are found by how they begin.
const FEW_ACTS: usize = 16;

/// Of more subjects than this, rights are found by what they are about.
const MANY_SUBJECTS: usize = 64;

impl<'a> Relation<'a> {
    pub(super) fn ask_requests(
        &self,
        question: &Question<'_>,
        visit: &mut dyn FnMut(Option<ThingId>, Reached),
        decided: &mut Decided,
    ) {
        self.each_act(question, decided, &mut |right, _, hit| {
            visit(actor_of(right), Reached::Request(hit));
        });
        if question.objects.provider {
            self.ask_provider(question, visit, decided);
        }
    }

    /// Visits each right that grants some act that is meant, with one request of it.
    pub(crate) fn each_act(
        &self,
        question: &Question<'_>,
        decided: &mut Decided,
        visit: &mut dyn FnMut(&Right, &Ready<'_>, Hit),
    ) {
        let asked = Asked {
            subjects: question.subjects,
            context: question.context,
            unlike: question.unlike,
            attributes: question.attributes,
            target: None,
        };
        let ready = self.requests().ready(&question.objects.wholes);
        let mut about = |position: u32, right: &Right, ready: &Ready<'_>| {
            let narrowed;
            let right = match taken_out(&self.sets.fleets, right, ready, &question.objects.besides) {
                Actions::Any => return,
                Actions::These(gone) if gone.is_empty() => right,
                Actions::These(gone) => match self.requests().but(right, &gone) {
                    Some(left) => {
                        narrowed = left;
                        &narrowed
                    }
                    None => return,
                },
            };
            match self.requests().act(position, right, ready, &asked) {
                Found::No => {}
                Found::Undecided => decided.undecided = true,
                Found::Yes(hit) => {
                    decided.declared |= self.layer_of(right);
                    visit(right, ready, hit);
                }
            }
        };
        let subjects = question.subjects;
        let is_few = ready.len() <= FEW_ACTS;
        if is_few && subjects.things.len() > MANY_SUBJECTS {
            for ready in &ready {
                for (position, right) in self.requests().rights_about(ready.wide(), subjects) {
                    about(position, right, ready);
                }
            }
        } else {
            let index =
                (!is_few).then(|| Patterns::new(ready.iter().map(|ready| (ready.wide().clone(), ready))));
            for (position, right) in self.requests().rights_of(subjects) {
                match &index {
                    None => ready.iter().for_each(|ready| about(position, right, ready)),
                    Some(index) => {
                        let wide = of_any_member(&right.within);
                        index
                            .meeting(&wide)
                            .for_each(|ready| about(position, right, ready));
                    }
                }
            }
        }
    }

    /// Every request to the provider, but for what was taken out.
    fn ask_provider(
        &self,
        question: &Question<'_>,
        visit: &mut dyn FnMut(Option<ThingId>, Reached),
        decided: &mut Decided,
    ) {
        for (position, right) in self.requests().rights_of(question.subjects) {
            if matches!(right.source, Source::Trust(_) | Source::Entrance)
                || is_session(right)
                || self.is_taken_whole(right, &question.objects.besides)
            {
                continue;
            }
            let hit = Hit {
                actor: right.actor.clone(),
                row: None,
                action: right.first_action(),
                resource: right.within.display(&|_| "*".to_owned()),
                thing: None,
                right: position,
            };
            decided.declared |= self.layer_of(right);
            visit(actor_of(right), Reached::Request(hit));
        }
    }

    /// Whether all that a right reaches was taken out.
    pub(crate) fn is_taken_whole(&self, right: &Right, besides: &Taken) -> bool {
        let wide = of_any_member(&right.within);
        if wide.is_everything() {
            let named = |action: &Pattern| {
                let word = action.word();
                let text = word.as_ref().and_then(|word| word.as_text());
                text.is_some_and(|text| besides.actions.contains(&*text))
            };
            return right.actions.iter().all(named);
        }
        let own = (right.side(), right.stars);
        let is_held = |taken: &&TakenWord| is_always(right, taken) && holds(&self.sets.fleets, taken, own);
        match all_of(besides.words.iter().filter(is_held)) {
            Actions::Any => true,
            Actions::These(gone) => self.requests().but(right, &gone).is_none(),
        }
    }
}

fn actor_of(right: &Right) -> Option<ThingId> {
    match right.actor {
        Actor::Thing(thing) => Some(thing),
        Actor::Anyone | Actor::Steward | Actor::Other(_) => None,
    }
}

/// By which actions what a right reaches of an act was taken out by `besides`.
fn taken_out(fleets: &Fleets<'_>, right: &Right, ready: &Ready<'_>, besides: &Taken) -> Actions {
    if besides.words.is_empty() {
        return Actions::These(BTreeSet::new());
    }
    let act = (ready.side(), ready.stars());
    let own = (right.side(), right.stars);
    // A filter is no more than the topics that it brings.
    let filter = topic::brought(&right.within);
    let is_held = |taken: &&TakenWord| {
        if !is_always(right, taken) {
            return false;
        }
        let brought = filter.as_ref().is_some_and(|(topics, stars)| {
            let brought = Side {
                pattern: topics,
                members: right.members.as_ref(),
            };
            holds(fleets, taken, (brought, *stars))
        });
        brought || holds(fleets, taken, act) || holds(fleets, taken, own)
    };
    all_of(besides.words.iter().filter(is_held))
}

/// Whether a word is taken out in every context of a right.
fn is_always(right: &Right, taken: &TakenWord) -> bool {
    taken.when.is_everything() || right.when.minus(&taken.when).is_nothing()
}

/// The actions of some words that are taken out, together.
fn all_of<'w>(words: impl Iterator<Item = &'w TakenWord>) -> Actions {
    let mut gone = BTreeSet::new();
    for word in words {
        match &word.actions {
            Actions::Any => return Actions::Any,
            Actions::These(names) => gone.extend(names.iter().cloned()),
        }
    }
    Actions::These(gone)
}

/// Whether a word that is taken out holds all that a side reaches.
pub(super) fn holds(fleets: &Fleets<'_>, taken: &TakenWord, (inner, stars): (Side<'_>, Stars)) -> bool {
    let outer = Side {
        pattern: &taken.within,
        members: taken.members.as_ref(),
    };
    topic::holds((&taken.within, taken.stars), (inner.pattern, stars)) && fleets.holds(outer, inner)
}

/// Whether a right is a device's own session: to connect as itself reaches no object.
fn is_session(right: &Right) -> bool {
    let connect = Pattern::literal("iot:connect");
    connect.is_some_and(|connect| right.actions.iter().all(|action| *action == connect))
}
