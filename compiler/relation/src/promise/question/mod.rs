//! Questions: may this subject do that? `can` asks for one request with all that it needs, `cannot` for none at all.

mod asking;

use std::collections::BTreeMap;

use arena::Name;
use graph::words::{self, Asked, Meaning};
use model::promise::Selector;
use model::test::{Case, Question as Line};
use model::thing::{Detail, PartId, ThingId};
use model::trust::End as Named;
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::values::{Type, Value, Values};
use pattern::word::Word;

use crate::place::Span;
use crate::reach::{Decided, Relation};
use crate::rows::{Members, Rows};
use crate::sets::Subjects;

use asking::Asking;

/// What the bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Some request of it is granted, with all that it needs.
    Yes,
    /// Nothing of it is granted.
    No,
    /// Something of it is granted, and something that it needs is not.
    Partly {
        /// What is granted.
        granted: Vec<String>,
        /// What is missing.
        missing: Vec<String>,
    },
    /// It cannot be asked or decided.
    Undecided {
        /// Why.
        why: String,
    },
}

impl Answer {
    /// Whether a `can` (true) or `cannot` (false) line holds.
    #[must_use]
    pub fn holds(&self, can: bool) -> bool {
        *self == if can { Self::Yes } else { Self::No }
    }
}

/// What is asked of one object.
struct Object {
    thing: ThingId,
    part: Option<PartId>,
    /// What the capability, and those that do it, mean of the thing.
    meanings: Vec<Meaning>,
}

/// Answers some lines, each of its case. What words mean is worked out once for all of them.
#[must_use]
pub fn answers(relation: &Relation<'_>, lines: &[(&Case, &Line)]) -> Vec<(Answer, Decided)> {
    let sets = &relation.sets;
    let mut wanted: BTreeMap<Asked, usize> = BTreeMap::new();
    let ends: Vec<Vec<Named>> = lines.iter().map(|(_, line)| ends(relation, line)).collect();
    let asked = |line: &Line, thing: ThingId| -> Vec<Asked> {
        let does = sets.kind_does(thing, &[line.capability.0]);
        let part = line
            .part
            .and_then(|(under, text)| part(sets.model.names.text(text), under));
        does.into_iter()
            .map(|capability| Asked {
                object: thing,
                capability: Some(capability),
                part: part.clone(),
            })
            .collect()
    };
    for ((_, line), ends) in lines.iter().zip(&ends) {
        for end in ends {
            let Named::Thing(thing) = end else { continue };
            for one in asked(line, *thing) {
                let next = wanted.len();
                wanted.entry(one).or_insert(next);
            }
        }
    }
    let mut order: Vec<(&Asked, usize)> = wanted
        .iter()
        .map(|(asked, position)| (asked, *position))
        .collect();
    order.sort_by_key(|(_, position)| *position);
    let order: Vec<Asked> = order.into_iter().map(|(asked, _)| asked.clone()).collect();
    let meanings = words::meanings(sets.model, sets.graph, &order);
    let found = |line: &Line, thing: ThingId| -> Vec<Meaning> {
        asked(line, thing)
            .iter()
            .filter_map(|one| meanings.get(*wanted.get(one)?))
            .flatten()
            .cloned()
            .collect()
    };
    lines
        .iter()
        .zip(&ends)
        .map(|((case, line), ends)| {
            let objects = ends.iter().filter_map(|end| match end {
                Named::Thing(thing) => Some(Object {
                    thing: *thing,
                    part: None,
                    meanings: found(line, *thing),
                }),
                Named::Part(part) => Some(Object {
                    thing: sets.model.parts.get(*part)?.of,
                    part: Some(*part),
                    meanings: Vec::new(),
                }),
                Named::Account(_) | Named::Internet => None,
            });
            of_line(relation, case, line, &objects.collect::<Vec<_>>())
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

fn of_line(relation: &Relation<'_>, case: &Case, line: &Line, objects: &[Object]) -> (Answer, Decided) {
    let undecided = |why: String| (Answer::Undecided { why }, Decided::default());
    if objects.is_empty() {
        return undecided("nothing that is meant has this capability".to_owned());
    }
    let subjects = match subjects(relation, case) {
        Ok(subjects) => subjects,
        Err(why) => return undecided(why),
    };
    let mut all: Option<Answer> = None;
    let mut decided = Decided::default();
    for object in objects {
        let (next, more) = match of_object(relation, case, line, &subjects, object) {
            Ok(answer) => answer,
            Err(why) => return undecided(why),
        };
        decided.undecided |= more.undecided;
        decided.declared |= more.declared;
        all = Some(match all {
            None => next,
            Some(all) if all == next => all,
            Some(all) => mixed(all, next),
        });
    }
    let answer = all.unwrap_or(Answer::No);
    if decided.undecided && answer == Answer::No {
        return (
            Answer::Undecided {
                why: "there are too many names to compare one by one".to_owned(),
            },
            decided,
        );
    }
    (answer, decided)
}

fn mixed(one: Answer, other: Answer) -> Answer {
    let (mut granted, mut missing) = (Vec::new(), Vec::new());
    for answer in [one, other] {
        match answer {
            Answer::Yes => granted.push("some of what is meant".to_owned()),
            Answer::No => missing.push("some of what is meant".to_owned()),
            Answer::Partly {
                granted: more,
                missing: less,
            } => {
                granted.extend(more);
                missing.extend(less);
            }
            undecided @ Answer::Undecided { .. } => return undecided,
        }
    }
    granted.dedup();
    missing.dedup();
    Answer::Partly { granted, missing }
}

fn row(relation: &Relation<'_>, class: ThingId, name: Name) -> Result<Rows, String> {
    let text = relation.sets.model.names.text(name);
    match relation.sets.fleets.row(class, text) {
        Some(row) => Ok(Rows::These([row].into())),
        None => Err(format!(
            "there is no `{text}` in the fleet of `{}`",
            relation.name(class)
        )),
    }
}

/// The attributes that a case fixes.
fn attributes(relation: &Relation<'_>, case: &Case) -> BTreeMap<String, String> {
    let names = &relation.sets.model.names;
    let fixed = case.fixed.attributes.iter();
    fixed
        .map(|(name, value)| (names.text(*name).to_owned(), names.text(*value).to_owned()))
        .collect()
}

fn subjects(relation: &Relation<'_>, case: &Case) -> Result<Subjects, String> {
    match case.subject.end {
        Named::Thing(thing) => {
            let rows = match case.fixed.device {
                Some((name, _)) => {
                    let class = relation.packets.places.host(thing).unwrap_or(thing);
                    row(relation, class, name)?
                }
                None => Rows::All,
            };
            let class = relation.packets.places.host(thing).unwrap_or(thing);
            let rows = relation
                .sets
                .fleets
                .rows_with(class, &rows, &attributes(relation, case));
            let mut things = BTreeMap::from([(thing, rows)]);
            // Who shares members with it is it as well.
            for other in relation.sets.sharing(&things) {
                things.insert(other, Rows::All);
            }
            Ok(Subjects {
                things,
                ..Subjects::default()
            })
        }
        Named::Internet => Ok(Subjects {
            internet: true,
            ..Subjects::default()
        }),
        Named::Part(_) | Named::Account(_) => Err("this subject cannot be asked this".to_owned()),
    }
}

fn of_object(
    relation: &Relation<'_>,
    case: &Case,
    line: &Line,
    subjects: &Subjects,
    object: &Object,
) -> Result<(Answer, Decided), String> {
    let sets = &relation.sets;
    let Some(declared) = sets.model.things.get(object.thing) else {
        return Err("this object is not declared".to_owned());
    };
    let is_class = matches!(declared.detail, Detail::Class(_));
    let class = if is_class || object.part.is_some() {
        relation.packets.places.host(object.thing)
    } else {
        declared.family
    };
    let rows = match (class, line.device) {
        (Some(class), Some((name, _))) => row(relation, class, name)?,
        (None, Some(_)) => return Err("the object has no members".to_owned()),
        (_, None) => Rows::All,
    };
    let members = class.map(|class| Members { class, rows });
    let context = context(case, sets.model);
    let attributes = attributes(relation, case);
    let asking = Asking {
        relation,
        subjects,
        context: &context,
        attributes: &attributes,
        object,
        members,
        source: case.fixed.source.map(Span::of),
    };
    Ok(match object.part {
        Some(part) => asking.listener(part, line),
        None => asking.requests(line),
    })
}

impl Asking<'_, '_> {}

/// What the case fixes of the context.
fn context(case: &Case, model: &model::Model) -> Region {
    let mut fixed = Region::everything();
    let mut fix = |name: &str, values: Values| fixed = fixed.and(&Region::only(Key::new(name), values));
    if let Some(age) = case.fixed.mfa_age {
        let seconds = i64::try_from(age.seconds).unwrap_or(i64::MAX);
        fix("aws:MultiFactorAuthAge", Values::just(&Value::Number(seconds)));
    }
    if case.fixed.mfa == Some(false) {
        fix("aws:MultiFactorAuthAge", Values::absent(Type::Number));
    }
    for (name, value) in &case.fixed.attributes {
        if let Some(word) = Word::text(model.names.text(*value)) {
            fix(
                &format!("aws:PrincipalTag/{}", model.names.text(*name)),
                Values::just(&Value::Text(word)),
            );
        }
    }
    if let Some(block) = case.fixed.source
        && let Ok(block) = pattern::address::Block::parse(&block.to_string())
    {
        fix("aws:SourceIp", Values::addresses([block]));
    }
    fixed
}
