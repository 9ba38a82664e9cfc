//! One line about one object.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use graph::words::{Meaning, Role};
use model::test::Question as Line;
use model::thing::{Detail, PartDetail, PartId, ThingId};
use pattern::region::Region;
use pattern::word::Word;

use crate::claims::Claims;
use crate::packet::End;
use crate::place::Span;
use crate::reach::{Decided, Question, Relation};
use crate::request::Source;
use crate::rows::{Members, Rows, Unlike};
use crate::sets::{Objects, Subjects, Whole, acts_like};

use super::{Answer, Object};

/// One line about one object.
pub(super) struct Asking<'q, 'a> {
    pub(super) relation: &'q Relation<'a>,
    pub(super) subjects: &'q Subjects,
    pub(super) context: &'q Region,
    pub(super) attributes: &'q BTreeMap<String, String>,
    pub(super) object: &'q Object,
    pub(super) members: Option<Members>,
    pub(super) source: Option<Span>,
}

impl Asking<'_, '_> {
    fn ask(
        &self,
        objects: &Objects,
        connects: bool,
        context: &Region,
        decided: &mut Decided,
    ) -> Vec<crate::reach::Reached> {
        let question = Question {
            subjects: self.subjects,
            objects,
            connects,
            unlike: Unlike::Any,
            context,
            attributes: self.attributes,
            source: self.source,
        };
        let mut found = Vec::new();
        let more = self
            .relation
            .each(&question, &mut |_, reached| found.push(reached));
        decided.undecided |= more.undecided;
        decided.declared |= more.declared;
        found
    }

    pub(super) fn listener(&self, part: PartId, line: &Line) -> (Answer, Decided) {
        let model = self.relation.sets.model;
        let mut decided = Decided::default();
        let listens = model
            .parts
            .get(part)
            .is_some_and(|part| matches!(part.detail, PartDetail::Listener(_)));
        let connects = self.relation.index.allows_connecting(&[line.capability.0]);
        if !listens || !connects {
            return (Answer::No, decided);
        }
        let whole = Whole {
            thing: self.object.thing,
            account: None,
            members: self.members.clone(),
            acts: Vec::new(),
            addresses: false,
            parts: BTreeSet::from([part]),
        };
        let objects = Objects {
            wholes: vec![whole],
            ..Objects::default()
        };
        let found = self.ask(&objects, true, self.context, &mut decided);
        let answer = if found.is_empty() { Answer::No } else { Answer::Yes };
        (answer, decided)
    }

    pub(super) fn requests(&self, line: &Line) -> (Answer, Decided) {
        let mut decided = Decided::default();
        let of = |role: Role| {
            let meanings = self.object.meanings.iter();
            meanings.filter(move |meaning| meaning.role == role && !meaning.within.is_everything())
        };
        let mut granted = Vec::new();
        for meaning in of(Role::Means) {
            if self.is_granted(meaning, None, &mut decided) {
                granted.push(said(self.relation, meaning));
            }
        }
        if granted.is_empty() {
            return (Answer::No, decided);
        }
        // A capability that `does` this one counts for `can` if all of it is there.
        let own = of(Role::Means).filter(|meaning| meaning.capability == line.capability.0);
        let is_own = own
            .clone()
            .any(|meaning| self.is_granted(meaning, None, &mut decided));
        let others: BTreeSet<Name> = of(Role::Means)
            .map(|meaning| meaning.capability)
            .filter(|capability| *capability != line.capability.0)
            .collect();
        // What a capability needs besides what it means.
        let needs = |capability: Name| {
            self.object.meanings.iter().filter(move |meaning| {
                meaning.role != Role::Means
                    && meaning.capability == capability
                    && !meaning.within.is_everything()
            })
        };
        let is_other = others.into_iter().any(|capability| {
            of(Role::Means)
                .filter(|meaning| meaning.capability == capability)
                .all(|meaning| self.is_granted(meaning, None, &mut decided))
                && needs(capability).all(|meaning| self.is_granted(meaning, None, &mut decided))
        });
        let mut missing = Vec::new();
        if !is_own && !is_other {
            missing.extend(own.map(|meaning| said(self.relation, meaning)));
        }
        // What does the same as the capability brings what it needs itself.
        for meaning in needs(line.capability.0) {
            for target in self.deciding() {
                if !self.is_granted(meaning, target, &mut decided) {
                    missing.push(said(self.relation, meaning));
                }
            }
        }
        for target in self.deciding() {
            let some = of(Role::Means).any(|meaning| self.is_granted(meaning, target, &mut decided));
            if !some {
                missing.push(format!("in the files of {}", target.unwrap_or("every target")));
            }
        }
        if let Some(what) = self.session() {
            missing.push(what);
        }
        if let Some(what) = self.path() {
            missing.push(what);
        }
        missing.sort();
        missing.dedup();
        granted.sort();
        granted.dedup();
        if missing.is_empty() {
            (Answer::Yes, decided)
        } else {
            (Answer::Partly { granted, missing }, decided)
        }
    }

    /// The targets that hold the guards of the subject, each of which has to grant; none in particular if no target does.
    fn deciding(&self) -> Vec<Option<&'static str>> {
        let is_device = self.subjects.things.keys().any(|thing| {
            let thing = self.relation.sets.model.things.get(*thing);
            thing.is_some_and(|thing| matches!(thing.detail, Detail::Class(_)))
        });
        let targets = self.relation.targets.iter().copied();
        let deciding: Vec<Option<&'static str>> = targets
            .filter(|target| {
                let claims = Claims::of(target);
                if is_device { claims.devices } else { claims.roles }
            })
            .map(Some)
            .collect();
        if deciding.is_empty() { vec![None] } else { deciding }
    }

    fn is_granted(&self, meaning: &Meaning, target: Option<&'static str>, decided: &mut Decided) -> bool {
        let (thing, members) = match meaning.role {
            Role::Means | Role::Helps => (self.object.thing, self.members.clone()),
            Role::Via => match self.referred(meaning) {
                Some(thing) => (thing, None),
                None => (self.object.thing, None),
            },
        };
        let account = self.relation.sets.model.things.get(thing).and_then(|declared| {
            declared
                .account
                .or(self.relation.sets.model.project.default_account)
        });
        let mut acts = acts_like(meaning);
        let single = self.relation.sets.is_of_levels(thing);
        acts.iter_mut().for_each(|act| act.single = single);
        let objects = Objects {
            wholes: vec![Whole {
                thing,
                account,
                members,
                acts,
                addresses: false,
                parts: BTreeSet::new(),
            }],
            ..Objects::default()
        };
        let context = self.context.and(&meaning.when);
        let found = self.ask(&objects, false, &context, decided);
        found.iter().any(|reached| match reached {
            crate::reach::Reached::Request(hit) => {
                let right = self.relation.requests().rights.get(hit.right as usize);
                right.is_some_and(|right| {
                    target.is_none_or(|target| {
                        right.target == target || matches!(right.source, Source::Declared(_))
                    })
                })
            }
            crate::reach::Reached::Packet(_) => false,
        })
    }

    /// The thing whose address a need speaks about.
    fn referred(&self, meaning: &Meaning) -> Option<ThingId> {
        let things = &self.relation.sets.graph.addresses.things;
        let found = things.iter().find(|(_, arn)| **arn == meaning.within);
        found.map(|(thing, _)| *thing)
    }

    /// A device connects before it does anything else.
    fn session(&self) -> Option<String> {
        let rights = self.relation.requests();
        for thing in self.subjects.things.keys() {
            if !self.relation.sets.fleets.has_things(*thing) {
                continue;
            }
            let own = Subjects {
                things: [(*thing, Rows::All)].into(),
                ..Subjects::default()
            };
            let connects = rights.rights_of(&own).any(|(_, right)| {
                let connect = Word::text("iot:connect");
                connect.is_some_and(|connect| right.actions.iter().any(|action| action.matches(&connect)))
            });
            if !connects {
                return Some(format!("`{}` may not connect", self.relation.name(*thing)));
            }
        }
        None
    }

    /// Who has a place needs a way from there to the service.
    fn path(&self) -> Option<String> {
        let model = self.relation.sets.model;
        let kind = model
            .things
            .get(self.object.thing)
            .and_then(|thing| model.kinds.get(thing.kind))?;
        let service = model.names.text(kind.words.reach.as_ref()?.service);
        for thing in self.subjects.things.keys() {
            if self.relation.packets.places.of(*thing).is_empty() {
                continue;
            }
            let is_there = self.relation.packets.crossings.iter().any(|crossing| {
                matches!(&crossing.from, End::Thing(from, _) if from == thing)
                    && matches!(&crossing.to, End::Service(reached) if reached == service)
            });
            if !is_there {
                return Some(format!(
                    "a way from `{}` to service {service}",
                    self.relation.name(*thing)
                ));
            }
        }
        None
    }
}

fn said(relation: &Relation<'_>, meaning: &Meaning) -> String {
    let within = meaning.within.display(&|letter| {
        let word = Word::of([letter]);
        word.map_or_else(String::new, |word| relation.requests().shown(&word))
    });
    format!("{} on {within}", crate::request::canonical(&meaning.action))
}
