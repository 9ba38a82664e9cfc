//! `limit`: of how many declared objects one member reaches something by an action that a capability means.

mod member;

use std::collections::{BTreeMap, BTreeSet};

use checks::Findings;
use diagnostics::Diagnostic;
use graph::question::overlap::{Patterns, of_any_member};
use model::promise::{Promise, Rule};
use model::thing::{PartId, ThingId};
use pattern::region::Region;
use source::Span as Place;

use super::never::undecided;
use super::{BROKEN_LIMIT, Shared};
use crate::packet::End;
use crate::packet::ports::{Ports, both};
use crate::reach::{Decided, Packet, Question, Reached, Relation};
use crate::rows::{Rows, Unlike};
use crate::sets::{Objects, Subjects, Whole};

/// Where more names than this share members with one, a member is taken to be all of them.
const SHARING_MAX: usize = 64;

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
    shared: &Shared<'_, '_>,
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
    let subjects = shared.subjects(relation, subjects, &[]);
    let everything = shared.everything.get_or_init(|| Everything::new(relation));
    let most = *at_most as usize;
    let mut decided = Decided::default();
    if subjects.internet {
        let everybody = Subjects {
            internet: true,
            ..Subjects::default()
        };
        let found = reached_by(relation, everything, &everybody, &mut decided);
        if found.len() > most {
            let diagnostic = broken(relation, promise, ("`internet`", *span), at_most, &found);
            findings.push_promise(diagnostic, [], promise.name);
        }
    }
    // Who only shares members with one that is named is counted with it.
    let named = subjects
        .things
        .iter()
        .filter(|(thing, _)| !subjects.shared.contains_key(*thing));
    for (thing, rows) in named {
        let mut found = reached(relation, everything, *thing, rows.clone(), &mut decided);
        let mut member = None;
        if found.len() > most
            && let Some(fleet) = relation.sets.fleets.of(*thing)
        {
            // What the class reaches is more than what one member does.
            let by_member = member::reached(relation, everything, *thing, rows, &mut decided);
            let Some(by_member) = by_member else {
                decided.undecided = true;
                undecided(promise, findings);
                continue;
            };
            let over = by_member.into_iter().filter(|(_, found)| found.len() > most);
            match over.min_by_key(|(row, _)| fleet.member(*row)) {
                Some((row, more)) => {
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
        let member = member.map_or_else(String::new, |member| format!(" ({member})"));
        let who = format!("`{}`{member}", relation.name(*thing));
        let diagnostic = broken(relation, promise, (&who, *span), at_most, &found);
        findings.push_promise(diagnostic, [subject.name], promise.name);
    }
    decided
}

fn broken(
    relation: &Relation<'_>,
    promise: &Promise,
    (who, span): (&str, Place),
    at_most: &u32,
    found: &BTreeSet<Counted>,
) -> Diagnostic {
    let mut names: Vec<String> = found.iter().map(|one| name(relation, *one)).collect();
    names.sort();
    let message = format!("{who} reaches {} things, more than {at_most}", names.len());
    Diagnostic::new(&BROKEN_LIMIT, promise.span, message)
        .label(span, "the limit")
        .note(format!("it reaches {}", names.join(", ")))
        .help("remove a trust, or raise the limit")
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

    /// Those that packets may reach, without what requests do to them.
    fn with_addresses(&self) -> Vec<Whole> {
        let own = self.with_address.iter();
        own.filter_map(|position| self.wholes.get(*position))
            .map(|whole| Whole {
                acts: Vec::new(),
                ..whole.clone()
            })
            .collect()
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
    let mut most = BTreeSet::new();
    for others in together(relation, thing) {
        let mut things: BTreeMap<ThingId, Rows> =
            others.into_iter().map(|other| (other, Rows::All)).collect();
        things.insert(thing, rows.clone());
        let subjects = Subjects {
            things,
            ..Subjects::default()
        };
        let found = reached_by(relation, everything, &subjects, decided);
        if found.len() > most.len() {
            most = found;
        }
    }
    most
}

/// Who else a member may be: names of which each two share members. The largest such sets.
fn together(relation: &Relation<'_>, thing: ThingId) -> Vec<BTreeSet<ThingId>> {
    let others = relation.sets.sharing(&BTreeMap::from([(thing, Rows::All)]));
    if others.len() > SHARING_MAX {
        return vec![others.into_iter().collect()];
    }
    let model = relation.sets.model;
    let mut sets: Vec<BTreeSet<ThingId>> = vec![BTreeSet::new()];
    for other in others {
        let with = sets.iter().map(|set| {
            let met = set.iter().copied();
            let mut met: BTreeSet<ThingId> = met
                .filter(|one| graph::shared::shares_members(model, *one, other))
                .collect();
            met.insert(other);
            met
        });
        let with: Vec<_> = with.collect();
        sets.extend(with);
        sets.sort();
        sets.dedup();
        let all = sets.clone();
        sets.retain(|set| !all.iter().any(|more| more != set && set.is_subset(more)));
    }
    sets
}

fn reached_by(
    relation: &Relation<'_>,
    everything: &Everything,
    subjects: &Subjects,
    decided: &mut Decided,
) -> BTreeSet<Counted> {
    let (context, attributes) = (Region::everything(), BTreeMap::new());
    let objects = everything.near(relation, subjects);
    let question = Question {
        subjects,
        objects: &objects,
        connects: true,
        unlike: Unlike::Any,
        context: &context,
        attributes: &attributes,
        source: None,
    };
    let mut found = BTreeSet::new();
    let more = relation.each(&question, &mut |acting, reached| match reached {
        Reached::Request(ref hit) => {
            // What everybody may, is aside if it is entailed for one of these.
            let mut own = acting.map_or_else(|| subjects.things.keys().copied().collect(), |own| vec![own]);
            own.retain(|actor| relation.is_aside(*actor, hit));
            if own.is_empty() {
                found.extend(hit.thing.map(Counted::Thing));
            }
        }
        Reached::Packet(packet) => found.extend(listeners(relation, &packet)),
    });
    decided.undecided |= more.undecided;
    decided.declared |= more.declared;
    found
}

/// What a packet reaches: of a thing with parts, those that listen there.
fn listeners(relation: &Relation<'_>, packet: &Packet) -> Vec<Counted> {
    let End::Thing(to, _) = packet.to else {
        return Vec::new();
    };
    let crossing = relation.packets.crossings.get(packet.crossing);
    let ports = crossing.map_or(&[][..], |crossing| crossing.ports.as_slice());
    let declared = relation.sets.model.things.get(to);
    let parts = declared.map_or(&[][..], |to| to.parts.as_slice());
    if parts.is_empty() {
        return vec![Counted::Thing(to)];
    }
    let met = parts.iter().filter(|part| {
        let own: Vec<Ports> = relation
            .sets
            .ports(**part)
            .iter()
            .map(|ports| Ports::of(*ports))
            .collect();
        !both(&own, ports).is_empty()
    });
    met.map(|part| Counted::Part(*part)).collect()
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
