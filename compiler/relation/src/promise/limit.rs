//! `limit`: of how many declared objects one member reaches something by an action that a capability means.

use std::collections::{BTreeMap, BTreeSet};

use checks::Findings;
use diagnostics::Diagnostic;
use graph::question::overlap::{Patterns, of_any_member};
use model::promise::{Promise, Rule};
use model::thing::{PartId, ThingId};
use pattern::region::Region;

use super::BROKEN_LIMIT;
use super::never::undecided;
use crate::packet::End;
use crate::packet::ports::{Ports, both};
use crate::reach::{Decided, Question, Reached, Relation};
use crate::rows::{Members, Rows, Unlike};
use crate::sets::{Objects, Subjects, Whole};

/// More members than this are not counted one by one.
const MEMBERS_MAX: usize = 10_000;

/// A declared object; of a thing with parts, the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    Thing(ThingId),
    Part(PartId),
}

/// Asks one promise.
pub(super) fn ask(
    relation: &Relation<'_>,
    promise: &Promise,
    everything: &mut Option<Everything>,
    findings: &mut Findings,
) -> Decided {
    let Rule::Limit {
        subjects,
        at_most,
        span,
    } = &promise.rule
    else {
        return Decided::default();
    };
    let subjects = relation.sets.subjects(subjects, &[]);
    let everything = everything.get_or_insert_with(|| Everything::new(relation));
    let most = *at_most as usize;
    let mut decided = Decided::default();
    for (thing, rows) in &subjects.things {
        let mut count = |rows: Rows| reached(relation, everything, *thing, rows, &mut decided);
        let mut found = count(rows.clone());
        let mut member = None;
        if found.len() > most
            && let Some(fleet) = relation.sets.fleets.of(*thing)
        {
            // What the class reaches is more than what one member does.
            let mut members = relation.sets.fleets.rows(&Members {
                class: *thing,
                rows: rows.clone(),
            });
            if members.len() > MEMBERS_MAX {
                decided.undecided = true;
                undecided(promise, findings);
                continue;
            }
            // The first by name, wherever its row stands.
            members.sort_by_key(|row| fleet.member(*row));
            let worst = members
                .into_iter()
                .map(|row| (count(Rows::These([row].into())), row))
                .find(|(found, _)| found.len() > most);
            match worst {
                Some((more, row)) => {
                    found = more;
                    member = Some(fleet.member(row));
                }
                None => continue,
            }
        }
        if found.len() <= most {
            continue;
        }
        let Some(subject) = relation.sets.model.things.get(*thing) else {
            continue;
        };
        let mut names: Vec<String> = found.iter().map(|one| name(relation, *one)).collect();
        names.sort();
        let who = member.map_or_else(String::new, |member| format!(" ({member})"));
        let message = format!(
            "`{}`{who} reaches {} things, more than {at_most}",
            relation.name(*thing),
            names.len()
        );
        let diagnostic = Diagnostic::new(&BROKEN_LIMIT, promise.span, message)
            .label(*span, "the limit")
            .note(format!("it reaches {}", names.join(", ")))
            .help("remove a trust, or raise the limit");
        findings.push_promise(diagnostic, [subject.name], promise.name);
    }
    decided
}

/// Every declared thing, whatever is done to it. Made once for all limits.
pub(super) struct Everything {
    wholes: Vec<Whole>,
    /// By what their acts are about: positions.
    by_word: Patterns<usize>,
    /// Those that packets may reach.
    with_address: Vec<usize>,
}

impl Everything {
    fn new(relation: &Relation<'_>) -> Self {
        let sets = &relation.sets;
        let things = sets.model.things.ids();
        let wholes: Vec<Whole> = things
            .filter_map(|thing| sets.bare(thing, sets.every_act(thing, sets.meanings(thing))))
            .collect();
        let words = wholes.iter().enumerate().flat_map(|(position, whole)| {
            let acts = whole.acts.iter();
            acts.map(move |act| (of_any_member(&act.within), position))
        });
        let by_word = Patterns::new(words);
        let places = &relation.packets.places;
        let has_address =
            |whole: &Whole| !places.of(whole.thing).is_empty() || places.externals.contains_key(&whole.thing);
        let positions = wholes.iter().enumerate();
        let with_address = positions
            .filter(|(_, whole)| has_address(whole))
            .map(|(position, _)| position)
            .collect();
        Self {
            wholes,
            by_word,
            with_address,
        }
    }

    /// What some right of the subjects may be about, or a packet of theirs.
    fn near(&self, relation: &Relation<'_>, subjects: &Subjects) -> Objects {
        let mut near: BTreeSet<usize> = self.with_address.iter().copied().collect();
        for (_, right) in relation.requests().rights_of(subjects) {
            near.extend(self.by_word.meeting(&of_any_member(&right.within)));
        }
        Objects {
            wholes: near
                .into_iter()
                .filter_map(|position| self.wholes.get(position).cloned())
                .collect(),
            ..Objects::default()
        }
    }
}

fn reached(
    relation: &Relation<'_>,
    everything: &Everything,
    thing: ThingId,
    rows: Rows,
    decided: &mut Decided,
) -> BTreeSet<Counted> {
    let mut things = BTreeMap::from([(thing, rows)]);
    // Who shares members with it is it as well.
    for other in relation.sets.sharing(&things) {
        things.insert(other, Rows::All);
    }
    let subjects = Subjects {
        things,
        ..Subjects::default()
    };
    let (context, attributes) = (Region::everything(), BTreeMap::new());
    let objects = everything.near(relation, &subjects);
    let question = Question {
        subjects: &subjects,
        objects: &objects,
        connects: true,
        unlike: Unlike::Any,
        context: &context,
        attributes: &attributes,
        source: None,
    };
    let mut found = BTreeSet::new();
    let more = relation.each(&question, &mut |_, reached| match reached {
        Reached::Request(ref hit) => {
            if !relation.is_entailed(hit) {
                found.extend(hit.thing.map(Counted::Thing));
            }
        }
        Reached::Packet(packet) => {
            let End::Thing(to, _) = packet.to else { return };
            let ports = relation
                .packets
                .crossings
                .get(packet.crossing)
                .map_or(&[][..], |crossing| crossing.ports.as_slice());
            let parts = relation
                .sets
                .model
                .things
                .get(to)
                .map_or(&[][..], |to| to.parts.as_slice());
            let met = parts.iter().filter(|part| {
                let own: Vec<Ports> = relation
                    .sets
                    .ports(**part)
                    .iter()
                    .map(|ports| Ports::of(*ports))
                    .collect();
                !both(&own, ports).is_empty()
            });
            let before = found.len();
            found.extend(met.map(|part| Counted::Part(*part)));
            if found.len() == before && parts.is_empty() {
                found.insert(Counted::Thing(to));
            }
        }
    });
    decided.undecided |= more.undecided;
    decided.declared |= more.declared;
    found
}

fn name(relation: &Relation<'_>, counted: Counted) -> String {
    match counted {
        Counted::Thing(thing) => relation.name(thing).to_owned(),
        Counted::Part(part) => {
            let model = relation.sets.model;
            model.parts.get(part).map_or_else(String::new, |part| {
                format!("{}.{}", relation.name(part.of), model.names.text(part.name))
            })
        }
    }
}
