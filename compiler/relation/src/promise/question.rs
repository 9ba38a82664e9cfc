//! Questions: may this subject do that? `can` asks for one request with all that it needs, `cannot` for none at all.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use graph::words::{self, Asked, Meaning, Role};
use model::promise::Selector;
use model::test::{Case, Question as Line};
use model::thing::{Detail, PartDetail, PartId, ThingId};
use model::trust::End as Named;
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::values::{Type, Value, Values};
use pattern::word::Word;

use crate::claims::Claims;
use crate::packet::End;
use crate::place::Span;
use crate::reach::{Decided, Question, Relation};
use crate::request::Source;
use crate::rows::{Members, Rows, Unlike};
use crate::sets::{Objects, Subjects, Whole, acts_like};

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

/// One line about one object.
struct Asking<'q, 'a> {
    relation: &'q Relation<'a>,
    subjects: &'q Subjects,
    context: &'q Region,
    attributes: &'q BTreeMap<String, String>,
    object: &'q Object,
    members: Option<Members>,
    source: Option<Span>,
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

    fn listener(&self, part: PartId, line: &Line) -> (Answer, Decided) {
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

    fn requests(&self, line: &Line) -> (Answer, Decided) {
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
        let objects = Objects {
            wholes: vec![Whole {
                thing,
                account,
                members,
                acts: acts_like(meaning),
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
