//! What the lines of tests are about. Lines that ask the same of the same objects share it.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use graph::question::overlap::{Patterns, of_any_member};
use graph::words::{self, Asked, Meaning, Role};
use model::promise::Selector;
use model::test::{Case, Question as Line};
use model::thing::{PartId, ThingId};
use model::trust::End as Named;
use pattern::pattern::Pattern;

use crate::reach::Relation;
use crate::sets::Subjects;

/// Of more objects than this, those are found first that some right may be about.
const MANY_OBJECTS: usize = 16;

/// What is asked of one object.
pub(super) struct Object {
    pub(super) thing: ThingId,
    pub(super) part: Option<PartId>,
    /// What the capability, and those that do it, mean of the thing.
    pub(super) meanings: Vec<Meaning>,
    /// Of those that do it: actions that alone do not.
    pub(super) not_telling: BTreeSet<(Name, String)>,
}

impl Object {
    /// Its name, for people.
    pub(super) fn name(&self, relation: &Relation<'_>) -> String {
        let model = relation.sets.model;
        match self.part.and_then(|part| model.parts.get(part)) {
            Some(part) => format!("`{}.{}`", relation.name(self.thing), model.names.text(part.name)),
            None => format!("`{}`", relation.name(self.thing)),
        }
    }
}

/// What some lines are about.
pub(super) struct Plan {
    pub(super) objects: Vec<Object>,
    /// By what the capability means: positions of objects; where there are many.
    by_word: Option<Patterns<usize>>,
}

/// What two lines must have in common to share a plan.
type Key = (Selector, Name, Option<(bool, Name)>, bool);

fn key(line: &Line) -> Key {
    (line.object.0, line.capability.0, line.part, line.can)
}

impl Plan {
    /// The objects that some right of the subjects may be about, by position; `None` if that is not worth knowing.
    pub(super) fn near(
        &self,
        relation: &Relation<'_>,
        line: &Line,
        subjects: &Subjects,
    ) -> Option<BTreeSet<usize>> {
        let by_word = self.by_word.as_ref().filter(|_| line.device.is_none())?;
        let objects = self.objects.iter().enumerate();
        // Parts are reached by packets.
        let mut near: BTreeSet<usize> = objects
            .filter(|(_, object)| object.part.is_some())
            .map(|(position, _)| position)
            .collect();
        for (_, right) in relation.requests().rights_of(subjects) {
            near.extend(by_word.meeting(&of_any_member(&right.within)));
        }
        Some(near)
    }
}

/// The plans of some lines, and of each line which it is.
pub(super) fn plans(relation: &Relation<'_>, lines: &[(&Case, &Line)]) -> (Vec<Plan>, Vec<usize>) {
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    let mut firsts: Vec<&Line> = Vec::new();
    let mut of_line = Vec::with_capacity(lines.len());
    for (_, line) in lines {
        let plan = *known.entry(key(line)).or_insert(firsts.len());
        if plan == firsts.len() {
            firsts.push(line);
        }
        of_line.push(plan);
    }
    let sets = &relation.sets;
    let ends: Vec<Vec<Named>> = firsts.iter().map(|line| ends(relation, line)).collect();
    // What each word means is worked out once, for all that ask it.
    let mut wanted: BTreeMap<Asked, usize> = BTreeMap::new();
    let mut order: Vec<Asked> = Vec::new();
    for (line, ends) in firsts.iter().zip(&ends) {
        for end in ends {
            let Named::Thing(thing) = end else { continue };
            for one in asked(relation, line, *thing) {
                if !wanted.contains_key(&one) {
                    wanted.insert(one.clone(), order.len());
                    order.push(one);
                }
            }
        }
    }
    let meanings = words::meanings(sets.model, sets.graph, &order);
    let found = |line: &Line, thing: ThingId| -> Vec<Meaning> {
        asked(relation, line, thing)
            .iter()
            .filter_map(|one| meanings.get(*wanted.get(one)?))
            .flatten()
            .cloned()
            .collect()
    };
    let plans = firsts.iter().zip(&ends).map(|(line, ends)| {
        let objects = ends.iter().filter_map(|end| match end {
            Named::Thing(thing) => Some(Object {
                thing: *thing,
                part: None,
                meanings: found(line, *thing),
                not_telling: sets.not_telling(*thing, &[line.capability.0]),
            }),
            Named::Part(part) => Some(Object {
                thing: sets.model.parts.get(*part)?.of,
                part: Some(*part),
                meanings: Vec::new(),
                not_telling: BTreeSet::new(),
            }),
            Named::Account(_) | Named::Internet => None,
        });
        let objects: Vec<Object> = objects.collect();
        let by_word = (objects.len() > MANY_OBJECTS).then(|| by_word(relation, &objects));
        Plan { objects, by_word }
    });
    (plans.collect(), of_line)
}

fn by_word(relation: &Relation<'_>, objects: &[Object]) -> Patterns<usize> {
    let addresses = &relation.sets.graph.addresses.things;
    let words = objects.iter().enumerate().flat_map(|(position, object)| {
        // Its own address, of which its policy is.
        let own = addresses.get(&object.thing).map(of_any_member);
        let meant = object
            .meanings
            .iter()
            .filter(|meaning| meaning.role == Role::Means);
        let words = meant.map(|meaning| of_any_member(&meaning.within)).chain(own);
        words.map(move |word| (word, position)).collect::<Vec<_>>()
    });
    Patterns::new(words)
}

/// The words of a thing that a line asks for: of its capability, and of those that do what it does.
fn asked(relation: &Relation<'_>, line: &Line, thing: ThingId) -> Vec<Asked> {
    let sets = &relation.sets;
    let part = line
        .part
        .and_then(|(under, text)| part(sets.model.names.text(text), under));
    let does = sets.kind_does(thing, &[line.capability.0]).into_iter();
    does.map(|capability| Asked {
        object: thing,
        capability: Some(capability),
        part: part.clone(),
        needs: true,
    })
    .collect()
}

/// The things and parts that a line is about, and that have the capability.
fn ends(relation: &Relation<'_>, line: &Line) -> Vec<Named> {
    let model = relation.sets.model;
    match line.object.0 {
        // In a `cannot`, the whole holds its parts.
        Selector::End(Named::Thing(thing))
            if !line.can && relation.index.allows_connecting(&[line.capability.0]) =>
        {
            let parts = model
                .things
                .get(thing)
                .map_or(&[][..], |thing| thing.parts.as_slice());
            let own = std::iter::once(Named::Thing(thing));
            own.chain(parts.iter().map(|part| Named::Part(*part))).collect()
        }
        Selector::End(end) => vec![end],
        // Every declared thing is one of some service's, if its kind has one.
        Selector::Provider => {
            let things = model.things.iter();
            things
                .filter(|(_, thing)| {
                    model.kinds.get(thing.kind).is_some_and(|kind| {
                        let mut capabilities = kind.words.capabilities.iter();
                        kind.words.service.is_some()
                            && capabilities.any(|offered| offered.name == line.capability.0)
                    })
                })
                .map(|(id, _)| Named::Thing(id))
                .collect()
        }
        selector => {
            let selected = relation.index.select(selector);
            let things = selected.things.keys().map(|thing| Named::Thing(*thing));
            let parts = selected.parts.iter().map(|part| Named::Part(*part));
            let offers = |end: &Named| {
                let kind = match end {
                    Named::Thing(thing) => model.things.get(*thing).map(|thing| thing.kind),
                    Named::Part(part) => model.parts.get(*part).map(|part| part.kind),
                    Named::Account(_) | Named::Internet => None,
                };
                let kind = kind.and_then(|kind| model.kinds.get(kind));
                kind.is_some_and(|kind| {
                    let mut capabilities = kind.words.capabilities.iter();
                    capabilities.any(|offered| offered.name == line.capability.0)
                })
            };
            things.chain(parts).filter(offers).collect()
        }
    }
}

fn part(text: &str, under: bool) -> Option<Pattern> {
    let literal = Pattern::literal(text)?;
    Some(if under {
        literal.concat(&Pattern::everything())
    } else {
        literal
    })
}
