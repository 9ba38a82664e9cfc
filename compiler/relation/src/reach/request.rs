//! Requests by which some subject reaches some object.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use graph::question::overlap::{Patterns, of_any_member};
use model::thing::ThingId;
use pattern::pattern::Pattern;

use crate::request::{Actor, Asked, Found, Hit, Ready, Right, Source};
use crate::rows::{Fleets, HELD_MAX, Members, Rows, Side, has_letters};
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
            let Some(right) = self.left_of(right, ready, &question.objects.besides) else {
                return;
            };
            match self.requests().act(position, &right, ready, &asked) {
                Found::No => {}
                Found::Undecided => decided.undecided = true,
                Found::Yes(hit) => {
                    decided.declared |= self.layer_of(&right);
                    visit(&right, ready, hit);
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

    /// What `besides` leaves of a right: of its actions, and of the members that have it.
    fn left_of<'r>(&self, right: &'r Right, ready: &Ready<'_>, besides: &Taken) -> Option<Cow<'r, Right>> {
        if besides.words.is_empty() {
            return Some(Cow::Borrowed(right));
        }
        let fleets = &self.sets.fleets;
        match taken_out(fleets, right, Some(ready), right.side(), besides) {
            Actions::Any => None,
            Actions::These(gone) if gone.is_empty() => self.rows_left(right, besides),
            Actions::These(gone) => self.requests().but(right, &gone).map(Cow::Owned),
        }
    }

    /// A right of the members of whom not all is taken out: one thing may hold what some reach, another what others do.
    fn rows_left<'r>(&self, right: &'r Right, besides: &Taken) -> Option<Cow<'r, Right>> {
        let fleets = &self.sets.fleets;
        let Some(own) = right.members.as_ref().filter(|_| has_letters(&right.within)) else {
            return Some(Cow::Borrowed(right));
        };
        let all = fleets.rows(own).len();
        if all > HELD_MAX {
            return Some(Cow::Borrowed(right));
        }
        let mut left = BTreeSet::new();
        fleets.each_row(&right.within, own, &mut |row, pattern| {
            let members = None;
            if taken_out(fleets, right, None, Side { pattern, members }, besides) != Actions::Any {
                left.insert(row);
            }
            ControlFlow::Continue(())
        });
        if left.len() == all {
            return Some(Cow::Borrowed(right));
        }
        (!left.is_empty()).then(|| {
            Cow::Owned(right.of_members(Members {
                class: own.class,
                rows: Rows::These(left),
            }))
        })
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
            let Some(left) = self.rows_left(right, &question.objects.besides) else {
                continue;
            };
            let (row, within) = self.some_row(&left);
            let hit = Hit {
                actor: right.actor.clone(),
                row,
                action: right.first_action(),
                resource: within.display(&|_| "*".to_owned()),
                thing: None,
                right: position,
            };
            decided.declared |= self.layer_of(right);
            visit(actor_of(right), Reached::Request(hit));
        }
    }

    /// What the first member by name reaches by a right, where members have letters in it.
    fn some_row(&self, right: &Right) -> (Option<usize>, Pattern) {
        let fleets = &self.sets.fleets;
        let members = right.members.as_ref().filter(|_| has_letters(&right.within));
        let first = members.and_then(|members| {
            let fleet = fleets.of(members.class)?;
            fleets
                .rows(members)
                .into_iter()
                .min_by_key(|row| fleet.member(*row))
        });
        let own = members.zip(first).map(|(members, row)| {
            let mut within = right.within.clone();
            let rows = Rows::These(BTreeSet::from([row]));
            let class = members.class;
            fleets.each_row(&right.within, &Members { class, rows }, &mut |_, pattern| {
                within = pattern.clone();
                ControlFlow::Break(())
            });
            within
        });
        match own {
            Some(within) => (first, within),
            None => (None, right.within.clone()),
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
        match taken_out(&self.sets.fleets, right, None, right.side(), besides) {
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

/// By which actions what a right reaches, or an act of it, was taken out by `besides`; of some member, or of all.
fn taken_out(
    fleets: &Fleets<'_>,
    right: &Right,
    ready: Option<&Ready<'_>>,
    own: Side<'_>,
    besides: &Taken,
) -> Actions {
    // A filter is no more than the topics that it brings.
    let filter = topic::brought(own.pattern);
    let is_held = |taken: &&TakenWord| {
        if !is_always(right, taken) {
            return false;
        }
        let brought = filter.as_ref().is_some_and(|(pattern, stars)| {
            let members = own.members;
            holds(fleets, taken, (Side { pattern, members }, *stars))
        });
        let act = ready.is_some_and(|ready| holds(fleets, taken, (ready.side(), ready.stars())));
        brought || act || holds(fleets, taken, (own, right.stars))
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
