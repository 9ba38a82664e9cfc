//! Questions: may this subject do that? `can` asks for one request with all that it needs, `cannot` for none at all.

mod asking;
mod plan;
mod said;
mod seen;

use std::collections::BTreeMap;

use arena::Name;
use model::test::{Case, Question as Line};
use model::thing::{Detail, ThingId};
use model::trust::End as Named;
use pattern::key::Key;
use pattern::region::Region;
use pattern::values::{Type, Value, Values};
use pattern::word::Word;

use crate::place::Span;
use crate::reach::{Decided, Relation};
use crate::rows::{Members, Rows};
use crate::sets::Subjects;

use asking::Asking;
use plan::{Object, Plan};

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

/// Answers some lines, each of its case. What words mean is worked out once for all of them.
#[must_use]
pub fn answers(relation: &Relation<'_>, lines: &[(&Case, &Line)]) -> Vec<(Answer, Decided)> {
    let (plans, of_line) = plan::plans(relation, lines);
    let lines = lines.iter().zip(of_line);
    lines
        .map(|((case, line), plan)| match plans.get(plan) {
            Some(plan) => answer(relation, case, line, plan),
            None => (Answer::No, Decided::default()),
        })
        .collect()
}

fn answer(relation: &Relation<'_>, case: &Case, line: &Line, plan: &Plan) -> (Answer, Decided) {
    let undecided = |why: String| (Answer::Undecided { why }, Decided::default());
    if plan.objects.is_empty() {
        return undecided("nothing that is meant has this capability".to_owned());
    }
    let subjects = match subjects(relation, case) {
        Ok(subjects) => subjects,
        Err(why) => return undecided(why),
    };
    let mut answers: Vec<(usize, Answer)> = Vec::new();
    let mut decided = Decided::default();
    let near = plan.near(relation, line, &subjects);
    let is_near = |position: usize| near.as_ref().is_none_or(|near| near.contains(&position));
    if !(0..plan.objects.len()).all(is_near) {
        // Of what no right of theirs may be about, nothing is granted.
        decided.declared |= relation.rests_on_documents(&subjects);
    }
    for (position, object) in plan.objects.iter().enumerate().filter(|(at, _)| is_near(*at)) {
        let (next, more) = match of_object(relation, case, line, &subjects, object) {
            Ok(answer) => answer,
            Err(why) => return undecided(why),
        };
        decided.undecided |= more.undecided;
        decided.declared |= more.declared;
        answers.push((position, next));
    }
    let answer = all_of(relation, plan, answers);
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

/// One answer for all objects; those that are not among the answers are granted nothing.
fn all_of(relation: &Relation<'_>, plan: &Plan, answers: Vec<(usize, Answer)>) -> Answer {
    let others = plan.objects.len() - answers.len();
    if answers.iter().all(|(_, answer)| *answer == Answer::No) {
        return Answer::No;
    }
    if let Some((_, first)) = answers.first()
        && others == 0
        && answers.iter().all(|(_, answer)| answer == first)
    {
        return first.clone();
    }
    let (mut granted, mut missing) = (Vec::new(), Vec::new());
    for (position, answer) in answers {
        let object = plan.objects.get(position);
        let name = object.map_or_else(String::new, |object| object.name(relation));
        match answer {
            Answer::Yes => granted.push(name),
            Answer::No => missing.push(name),
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
    if others > 0 {
        missing.push(format!("{others} others"));
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
            if matches!(&rows, Rows::These(rows) if rows.is_empty())
                && relation.sets.fleets.of(class).is_some()
            {
                return Err(format!(
                    "no member of `{}` has these attributes",
                    relation.name(class)
                ));
            }
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
