//! The concrete members that a question is about: rows of inventories, attributes of people.

use std::collections::BTreeMap;

use model::Model;
use model::fleet::Fleet;
use model::test::{Case, Question};
use model::thing::{Detail, PartDetail, ThingId};
use model::trust::End;
use pattern::pattern::Pattern;
use pattern::word::Letter;

/// What is known of the two members. What is not fixed is free.
pub(crate) struct Members {
    /// The acting member: `name` and `attr:X`.
    pub(crate) subject: BTreeMap<String, String>,
    /// The member that is reached: its own class's or family's `name` and `attr:X`.
    pub(crate) object: BTreeMap<String, String>,
    /// Its class, where it is a member of a fleet.
    pub(crate) subject_row: Option<(ThingId, usize)>,
    /// Its class, where the question names a row.
    pub(crate) object_row: Option<(ThingId, usize)>,
}

impl Members {
    pub(crate) fn of(model: &Model, case: &Case, question: &Question, object: End) -> Result<Self, String> {
        let mut subject: BTreeMap<String, String> = case
            .fixed
            .attributes
            .iter()
            .map(|(name, value)| {
                (
                    format!("attr:{}", model.names.text(*name)),
                    model.names.text(*value).to_owned(),
                )
            })
            .collect();
        let class = match case.subject.end {
            End::Thing(thing) => Some(thing),
            End::Part(_) | End::Account(_) | End::Internet => None,
        };
        let subject_row = match (class, case.fixed.device) {
            (Some(class), Some((name, _))) => Some(row(model, class, model.names.text(name), &mut subject)?),
            (_, None) | (None, _) => None,
        };
        let mut reached = BTreeMap::new();
        let family = match object {
            End::Thing(thing) => model
                .things
                .get(thing)
                .and_then(|declared| match declared.detail {
                    Detail::Class(_) => Some(thing),
                    Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => {
                        declared.family
                    }
                }),
            End::Part(part) => model.parts.get(part).map(|part| match &part.detail {
                PartDetail::Listener(_) => part.of,
                PartDetail::LocalTopic(topic) => topic.family.unwrap_or(part.of),
            }),
            End::Account(_) | End::Internet => None,
        };
        let object_row = match (family, question.device) {
            (Some(family), Some((name, _))) => {
                Some(row(model, family, model.names.text(name), &mut reached)?)
            }
            (None, Some(_)) => return Err("the object has no members".to_owned()),
            (_, None) => None,
        };
        Ok(Self {
            subject,
            object: reached,
            subject_row,
            object_row,
        })
    }

    /// What was read, for this subject: its own letters become its values.
    pub(crate) fn granted(&self, pattern: &Pattern, key: &dyn Fn(u32) -> String) -> Pattern {
        substitute(pattern, key, &|key| self.subject.get(key))
    }

    /// What is asked for: letters of the reached member, or the subject's own where no other member is named. What is
    /// not fixed is free: any value of it is asked for.
    pub(crate) fn asked(&self, pattern: &Pattern, key: &dyn Fn(u32) -> String) -> Pattern {
        let other = if self.object_row.is_some() {
            &self.object
        } else {
            &self.subject
        };
        let value = |key: &str| match key.strip_prefix("of:") {
            Some(key) => self.object.get(key),
            None => other.get(key),
        };
        pattern.map_letters(&mut |letter| match letter {
            Letter::Variable(id) => Some(
                value(&key(id))
                    .and_then(|value| Pattern::literal(value))
                    .unwrap_or_else(Pattern::everything),
            ),
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        })
    }
}

fn substitute<'v>(
    pattern: &Pattern,
    key: &dyn Fn(u32) -> String,
    value: &dyn Fn(&str) -> Option<&'v String>,
) -> Pattern {
    pattern.map_letters(&mut |letter| match letter {
        Letter::Variable(id) => value(&key(id)).and_then(|value| Pattern::literal(value)),
        Letter::Symbol(_) | Letter::Scalar(_) => None,
    })
}

fn row(
    model: &Model,
    class: ThingId,
    name: &str,
    into: &mut BTreeMap<String, String>,
) -> Result<(ThingId, usize), String> {
    let fleet: &Fleet = model
        .fleets
        .iter()
        .map(|(_, fleet)| fleet)
        .find(|fleet| fleet.class == class)
        .ok_or_else(|| "the class has no fleet".to_owned())?;
    let row = (0..fleet.len())
        .find(|row| fleet.member(*row) == name)
        .ok_or_else(|| format!("there is no `{name}` in the fleet"))?;
    into.insert("name".to_owned(), name.to_owned());
    for column in &fleet.columns {
        into.insert(
            format!("attr:{}", model.names.text(column.name)),
            column.value(row).to_owned(),
        );
    }
    Ok((class, row))
}
