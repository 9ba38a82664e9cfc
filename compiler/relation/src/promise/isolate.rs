//! `isolate`: no device of these classes speaks as another, or reaches what is another's.
//!
//! What is a device's: its name as a client, its member of every family of its class, and what its own policies name by
//! its name. A trust that names the other's class itself as its object is the only exception: one that names a listener of it
//! gives packets, which this promise is not about. Who is no device of these classes
//! reaches by its trusts what is theirs, but connects as none of them either.

use std::collections::{BTreeMap, BTreeSet};

use checks::Findings;
use diagnostics::Diagnostic;
use model::promise::Promise;
use model::thing::ThingId;
use model::trust::End;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::{Letter, Word};
use source::Span as Place;

use super::BROKEN_ISOLATE;
use super::never::undecided;
use super::say::labelled;
use crate::reach::layers::Layers;
use crate::reach::{Decided, Relation};
use crate::request::{Actor, Hit, Right, Source, canonical};
use crate::rows::{Meeting, Members, Rows, Side, Unlike};
use crate::topic::{self, Stars};

/// What belongs to each member of a class.
struct Belongs {
    class: ThingId,
    within: Pattern,
    /// By which actions it is reached; by whatever is done if none.
    actions: Option<Vec<Pattern>>,
    what: &'static str,
}

/// Asks one promise.
pub(super) fn ask(
    relation: &Relation<'_>,
    promise: &Promise,
    classes: &[(ThingId, Place)],
    findings: &mut Findings,
) -> Decided {
    let classes: BTreeSet<ThingId> = classes.iter().map(|(class, _)| *class).collect();
    let belongs = belongings(relation, &classes);
    // What is a device's stands in its policies.
    let mut decided = Decided {
        undecided: false,
        declared: relation.unclaimed(Layers::DEVICES),
    };
    // One finding for each pair of classes: the smallest witness.
    let mut found: BTreeMap<(String, String), (String, ThingId, Hit)> = BTreeMap::new();
    let mut speakers: BTreeMap<(String, ThingId), (String, Hit)> = BTreeMap::new();
    for (position, right) in (0u32..).zip(&relation.requests().rights) {
        if matches!(right.source, Source::Trust(_)) {
            continue;
        }
        let class = match right.actor {
            Actor::Thing(class) if classes.contains(&class) => class,
            Actor::Thing(_) | Actor::Anyone | Actor::Other(_) => {
                speakers.extend(speaks_as(relation, (position, right), &belongs, &mut decided));
                continue;
            }
            Actor::Steward => continue,
        };
        for own in &belongs {
            match reaches(relation, right, own) {
                Meeting::Apart => {}
                Meeting::Undecided => decided.undecided = true,
                Meeting::Meet {
                    word,
                    left,
                    right: row,
                } => {
                    if is_meant(relation, class, own.class) {
                        continue;
                    }
                    decided.declared |= relation.layer_of(right);
                    let other = row.and_then(|row| Some(relation.sets.fleets.of(own.class)?.member(row)));
                    let hit = Hit {
                        actor: right.actor.clone(),
                        row: left,
                        action: action(right, own),
                        resource: relation.requests().shown(&word),
                        thing: None,
                        right: position,
                    };
                    let witness = format!(
                        "{} does {} on {}, which is {} {}",
                        relation.actor(&hit.actor, left),
                        hit.action,
                        hit.resource,
                        own.what,
                        other.unwrap_or("another's")
                    );
                    let key = (
                        relation.name(class).to_owned(),
                        relation.name(own.class).to_owned(),
                    );
                    match found.get(&key) {
                        Some((known, ..)) if *known <= witness => {}
                        Some(_) | None => {
                            found.insert(key, (witness, own.class, hit));
                        }
                    }
                }
            }
        }
    }
    if found.is_empty() && speakers.is_empty() && decided.undecided {
        undecided(promise, findings);
    }
    for ((one, other), (witness, class, hit)) in found {
        let diagnostic = Diagnostic::new(
            &BROKEN_ISOLATE,
            promise.span,
            format!("a device of `{one}` reaches what belongs to another of `{other}`"),
        )
        .note(format!("witness: {witness}"))
        .help("narrow the trust with `under \"{name}/\"`, and let names and attributes be whole levels of a path");
        let lines = relation.lines(&crate::reach::Reached::Request(hit));
        let diagnostic = labelled(diagnostic, &lines, "this grants it");
        let on = relation.sets.model.things.get(class).map(|thing| thing.name);
        findings.push_promise(diagnostic, on, promise.name);
    }
    for ((who, class), (witness, hit)) in speakers {
        let message = format!("`{who}` could connect as a device of `{}`", relation.name(class));
        let diagnostic = Diagnostic::new(&BROKEN_ISOLATE, promise.span, message)
            .note(format!("witness: {witness}"))
            .help("let it connect under names of its own only");
        let lines = relation.lines(&crate::reach::Reached::Request(hit));
        let diagnostic = labelled(diagnostic, &lines, "this grants it");
        let on = relation.sets.model.things.get(class).map(|thing| thing.name);
        findings.push_promise(diagnostic, on, promise.name);
    }
    decided
}

/// As which devices somebody who is none connects. A device of another class has another name, whatever its class.
fn speaks_as(
    relation: &Relation<'_>,
    (position, right): (u32, &Right),
    belongs: &[Belongs],
    decided: &mut Decided,
) -> Vec<((String, ThingId), (String, Hit))> {
    let has_things = |actor: &Actor| match actor {
        Actor::Thing(thing) => relation.sets.fleets.has_things(*thing),
        Actor::Anyone | Actor::Steward | Actor::Other(_) => false,
    };
    let mut found = Vec::new();
    if has_things(&right.actor) {
        return found;
    }
    for own in belongs.iter().filter(|own| own.actions.is_some()) {
        match reaches(relation, right, own) {
            Meeting::Apart => {}
            Meeting::Undecided => decided.undecided = true,
            Meeting::Meet { word, left, .. } => {
                decided.declared |= relation.layer_of(right);
                let hit = Hit {
                    actor: right.actor.clone(),
                    row: left,
                    action: action(right, own),
                    resource: relation.requests().shown(&word),
                    thing: None,
                    right: position,
                };
                let who = relation.actor(&hit.actor, left);
                let witness = format!("{who} does {} on {}", hit.action, hit.resource);
                found.push(((who, own.class), (witness, hit)));
            }
        }
    }
    found
}

fn action(right: &Right, own: &Belongs) -> String {
    let of = |pattern: &&Pattern| match &own.actions {
        None => true,
        Some(wanted) => wanted.iter().any(|wanted| pattern.covers(wanted)),
    };
    let first = right
        .actions
        .iter()
        .filter(of)
        .map(|action| action.to_string())
        .min();
    canonical(&first.unwrap_or_default())
}

/// What belongs to a single member of these classes.
fn belongings(relation: &Relation<'_>, classes: &BTreeSet<ThingId>) -> Vec<Belongs> {
    let sets = &relation.sets;
    let mut belongs = Vec::new();
    for class in classes {
        belongs.extend(sets.client(*class).map(|within| Belongs {
            class: *class,
            within,
            actions: Pattern::literal("iot:connect").map(|connect| vec![connect]),
            what: "the client name of",
        }));
        belongs.extend(sets.registered(*class).into_iter().map(|within| Belongs {
            class: *class,
            within,
            actions: None,
            what: "of the entry in the registry of",
        }));
    }
    let families: Vec<(ThingId, ThingId)> = sets
        .model
        .things
        .iter()
        .filter_map(|(id, thing)| Some((id, thing.family.filter(|class| classes.contains(class))?)))
        .collect();
    for (thing, class) in &families {
        let meanings = sets.meanings(*thing).iter();
        let mut within: BTreeSet<Pattern> = meanings
            .map(|meaning| meaning.within.clone())
            .filter(|within| !within.is_everything())
            .collect();
        within.extend(sets.graph.addresses.things.get(thing).cloned());
        belongs.extend(within.into_iter().map(|within| Belongs {
            class: *class,
            within,
            actions: None,
            what: "of the family member of",
        }));
    }
    for right in &relation.requests().rights {
        let Actor::Thing(class) = right.actor else {
            continue;
        };
        let is_named = right.within.unknowns().any(|letter| match letter {
            Letter::Variable(id) => sets.fleets.key(id) == "name",
            Letter::Symbol(_) | Letter::Scalar(_) => false,
        });
        // A name as a client is looked at above.
        let connect = Word::text("iot:connect");
        let is_client =
            connect.is_some_and(|connect| right.actions.iter().any(|action| action.matches(&connect)));
        if classes.contains(&class) && is_named && !is_client {
            belongs.push(Belongs {
                class,
                within: right.within.clone(),
                actions: None,
                what: "under the name of",
            });
        }
    }
    // What a class may do to a family of its own is about the same words: once is enough.
    let mut seen = BTreeSet::new();
    belongs.retain(|one| {
        let words = sets.fleets.of_themselves(&one.within);
        seen.insert((one.class, words, one.actions.clone()))
    });
    belongs
}

/// Whether some member reaches by this right what is another member's.
fn reaches(relation: &Relation<'_>, right: &Right, own: &Belongs) -> Meeting {
    let shares_action = match &own.actions {
        None => true,
        Some(wanted) => wanted
            .iter()
            .any(|wanted| right.actions.iter().any(|action| action.meets(wanted).is_some())),
    };
    if !shares_action || right.when.meets(&Region::everything()).eq(&false) {
        return Meeting::Apart;
    }
    let members = Members {
        class: own.class,
        rows: Rows::All,
    };
    if topic::are_apart((&right.within, right.stars), (&own.within, Stars::Any)) {
        return Meeting::Apart;
    }
    let left = Side {
        pattern: &right.within,
        members: right.members.as_ref(),
    };
    let other = Side {
        pattern: &own.within,
        members: Some(&members),
    };
    relation.sets.fleets.meet(left, other, Unlike::Other)
}

/// Whether a trust of the class names the other class as its object.
fn is_meant(relation: &Relation<'_>, class: ThingId, other: ThingId) -> bool {
    let model = relation.sets.model;
    class != other
        && relation.index.trusts(End::Thing(class)).any(|trust| {
            let trust = model.trusts.get(trust);
            trust.is_some_and(|trust| {
                trust.objects.iter().any(|object| match object.end {
                    End::Thing(thing) => thing == other,
                    End::Part(_) | End::Account(_) | End::Internet => false,
                })
            })
        })
}
