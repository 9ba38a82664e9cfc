//! Trusts of which `same` leaves nobody: no member of the subject has the values of a member of the object.

use std::collections::BTreeMap;

use diagnostics::{Code, Diagnostic, Severity};
use model::Model;
use model::fleet::{Column, Fleet};
use model::thing::{Detail, ThingId};
use model::trust::{End, Trust};

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "meets-nobody",
    severity: Severity::Note,
    summary: "no member has the values that `same` asks for",
    docs: include_str!("meets_nobody.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, trust) in cx.model.trusts.iter() {
        let Some((_, span)) = trust.same.first() else {
            continue;
        };
        if let Some((own, other)) = nobody(cx.model, trust) {
            let words: Vec<&str> = trust.same.iter().map(|(name, _)| cx.text(*name)).collect();
            let words = words.join(" ");
            let name = |class: ThingId| cx.model.things.get(class).map_or("", |thing| cx.text(thing.name));
            let message = if own == other {
                format!("no two members of `{}` have one `{words}`", name(own))
            } else {
                format!(
                    "no member of `{}` has the `{words}` of a member of `{}`",
                    name(own),
                    name(other)
                )
            };
            findings.push(
                Diagnostic::new(&CODE, *span, message)
                    .note("so this gives nobody anything; a value that is empty equals nothing")
                    .help("compare the values in the inventories, or leave the trust out"),
                [],
            );
        }
    }
}

/// The classes of a trust, if none of its pairs has members that meet.
fn nobody(model: &Model, trust: &Trust) -> Option<(ThingId, ThingId)> {
    let mut found = None;
    for subject in &trust.subjects {
        for object in &trust.objects {
            let own = class(model, subject.end)?;
            let other = class(model, object.end)?;
            let (fleet, other_fleet) = (fleet(model, own)?, fleet(model, other)?);
            let left = by_values(fleet, trust)?;
            let right = by_values(other_fleet, trust)?;
            let least = if own == other { 2 } else { 1 };
            if left
                .keys()
                .any(|values| right.get(values).is_some_and(|count| *count >= least))
            {
                return None;
            }
            found = found.or(Some((own, other)));
        }
    }
    found
}

/// The class that an end is, is a part of, or is the family of.
fn class(model: &Model, end: End) -> Option<ThingId> {
    let thing = match end {
        End::Thing(thing) => thing,
        End::Part(part) => model.parts.get(part)?.of,
        End::Account(_) | End::Internet => return None,
    };
    let declared = model.things.get(thing)?;
    match &declared.detail {
        Detail::Class(_) => Some(thing),
        Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => declared.family,
    }
}

fn fleet(model: &Model, class: ThingId) -> Option<&Fleet> {
    match &model.things.get(class)?.detail {
        Detail::Class(class) => model.fleets.get(class.fleet?),
        Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
    }
}

/// How many members have which values, of those that have all; `None` if the class has no such attribute.
///
/// - Cost: linear in the rows; texts are looked at once for each different value.
fn by_values<'m>(fleet: &'m Fleet, trust: &Trust) -> Option<BTreeMap<Vec<&'m str>, usize>> {
    let columns: Option<Vec<&Column>> = trust.same.iter().map(|(name, _)| fleet.column(*name)).collect();
    let columns = columns?;
    let mut counts: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    let mut key: Vec<u32> = Vec::with_capacity(columns.len());
    for row in 0..fleet.len() {
        key.clear();
        key.extend(
            columns
                .iter()
                .map(|column| column.rows.get(row).copied().unwrap_or(u32::MAX)),
        );
        match counts.get_mut(key.as_slice()) {
            Some(count) => *count += 1,
            None => drop(counts.insert(key.clone(), 1)),
        }
    }
    let text = |(column, id): (&&'m Column, &u32)| -> Option<&'m str> {
        let value = column.values.get(*id as usize)?;
        (!value.is_empty()).then_some(&**value)
    };
    let named = counts.iter().filter_map(|(ids, count)| {
        let values: Option<Vec<&str>> = columns.iter().zip(ids).map(text).collect();
        Some((values?, *count))
    });
    Some(named.collect())
}
