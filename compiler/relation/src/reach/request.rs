//! Requests by which some subject reaches some object.

use graph::question::overlap::{Patterns, of_any_member};
use model::thing::ThingId;
use pattern::pattern::Pattern;

use crate::request::{Actor, Asked, Found, Hit, Ready, Right, Source};
use crate::rows::{Fleets, Side};
use crate::sets::{Taken, TakenWord};
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
            if is_taken_out(&self.sets.fleets, right, ready, &question.objects.besides) {
                return;
            }
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
                || is_taken_whole(&self.sets.fleets, right, &question.objects.besides)
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
}

fn actor_of(right: &Right) -> Option<ThingId> {
    match right.actor {
        Actor::Thing(thing) => Some(thing),
        Actor::Anyone | Actor::Steward | Actor::Other(_) => None,
    }
}

/// Whether what a right reaches of an act was taken out by `besides`.
fn is_taken_out(fleets: &Fleets<'_>, right: &Right, ready: &Ready<'_>, besides: &Taken) -> bool {
    let act = (ready.side(), ready.stars());
    let own = (right.side(), right.stars);
    let is_held = |taken: &TakenWord| holds(fleets, taken, act) || holds(fleets, taken, own);
    if besides.words.iter().any(is_held) {
        return true;
    }
    // A filter is no more than the topics that it brings.
    let filter = topic::brought(&right.within);
    filter.is_some_and(|(topics, stars)| {
        let brought = Side {
            pattern: &topics,
            members: right.members.as_ref(),
        };
        let mut taken = besides.words.iter();
        taken.any(|taken| holds(fleets, taken, (brought, stars)))
    })
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

/// Whether all that a right reaches was taken out.
fn is_taken_whole(fleets: &Fleets<'_>, right: &Right, besides: &Taken) -> bool {
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
    besides.words.iter().any(|taken| holds(fleets, taken, own))
}
