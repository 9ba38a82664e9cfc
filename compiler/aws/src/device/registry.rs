//! The registry of the IoT service: a policy that speaks of a device is true only of a thing that is there.
//!
//! Each member of a class is a thing with the class's type and with the attributes that the class's policies name, with the values of
//! its row; an empty value is no attribute. A value that the registry refuses would leave that device without whatever names it. A
//! thing has a type, so that it takes 50 attributes, not 3.
//!
//! Source: <https://docs.aws.amazon.com/iot/latest/apireference/API_AttributePayload.html>, read 2026-11-21: names
//! `[a-zA-Z0-9_.,@/:#-]+`, values `[a-zA-Z0-9_.,@/:#-]*`, which may be empty.

use std::collections::BTreeSet;

use arena::Name;
use catalogue::limits::{Counting, Limit, Limits};
use diagnostics::{Diagnostic, Report};
use model::fleet::Fleet;
use model::thing::{Detail, Thing};
use pattern::word::Letter;

use crate::context::Context;
use crate::deployment::device::Registry;
use crate::fault::UNREGISTRABLE_ATTRIBUTE;
use crate::grant::Grant;

/// Besides letters and digits.
const MARKS: &str = "_.,@/:#-";

/// The attributes that a thing of the class needs for its policies, sorted. Refuses those that no thing could have.
pub(super) fn attributes(
    cx: &Context<'_>,
    thing: &Thing,
    grants: &[Grant],
    report: &mut Report,
) -> Vec<String> {
    let Detail::Class(class) = &thing.detail else {
        return Vec::new();
    };
    let Some(fleet) = class.fleet.and_then(|fleet| cx.model.fleets.get(fleet)) else {
        return Vec::new();
    };
    let limits = Limits::embedded();
    let (Some(count), Some(name), Some(value)) = (
        limits.get("iot.thing.attributes"),
        limits.get("iot.attribute.name"),
        limits.get("iot.attribute.value"),
    ) else {
        report.compiler_bug("the limits of things are missing");
        return Vec::new();
    };
    let used: BTreeSet<&str> = grants
        .iter()
        .flat_map(|grant| grant.within.unknowns())
        .filter_map(|letter| match letter {
            Letter::Variable(id) => cx.variables.text(Name::new(id)).strip_prefix("attr:"),
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        })
        .collect();
    if used.len() as u64 > count.value {
        let message = format!(
            "the policies of `{}` name {} attributes, and a thing has {}",
            cx.text(thing.name),
            used.len(),
            count.value
        );
        push(fleet, message, count, report);
    }
    for attribute in &used {
        if !fits(attribute, name) || attribute.is_empty() {
            let message = format!("no thing can have an attribute `{attribute}`");
            push(fleet, message, name, report);
            continue;
        }
        let column = cx.model.names.find(attribute).and_then(|name| fleet.column(name));
        let Some(column) = column else { continue };
        if column.values.iter().all(|of| fits(of, value)) {
            continue;
        }
        // The first by name of those who have such a value.
        let rows = (0..fleet.len()).filter(|row| !fits(column.value(*row), value));
        let row = rows.min_by_key(|row| fleet.member(*row)).unwrap_or(0);
        let message = format!(
            "the thing `{}` cannot have `{attribute}` `{}`",
            fleet.member(row),
            column.value(row)
        );
        push(fleet, message, value, report);
    }
    used.into_iter().map(str::to_owned).collect()
}

/// Above this, things are for a bulk registration: each is an object in a state, which every plan asks the provider for.
const STATED_MAX: usize = 1000;

/// The members of a class as things.
pub(super) fn things(
    cx: &Context<'_>,
    thing: &Thing,
    named: &[String],
    report: &mut Report,
) -> Option<Registry> {
    let Detail::Class(class) = &thing.detail else {
        return None;
    };
    let fleet = class.fleet.and_then(|fleet| cx.model.fleets.get(fleet))?;
    if fleet.is_empty() {
        return None;
    }
    if let Some(limit) = Limits::embedded().get("iot.name.thing") {
        let longest = (0..fleet.len())
            .map(|row| fleet.member(row))
            .max_by_key(|name| name.len());
        if let Some(name) = longest.filter(|name| name.chars().count() as u64 > limit.value) {
            push(fleet, format!("no thing can be called `{name}`"), limit, report);
        }
    }
    let columns = named
        .iter()
        .filter_map(|name| cx.model.names.find(name).and_then(|name| fleet.column(name)));
    let by_name = |a: &u32, b: &u32| fleet.member(*a as usize).cmp(fleet.member(*b as usize));
    let mut order: Vec<u32> = (0..u32::try_from(fleet.len()).unwrap_or(u32::MAX)).collect();
    // Most inventories are written in order.
    if !order.is_sorted_by(|a, b| by_name(a, b).is_le()) {
        order.sort_unstable_by(by_name);
    }
    Some(Registry {
        order,
        things: Fleet {
            class: fleet.class,
            span: fleet.span,
            file: fleet.file.clone(),
            text: fleet.text.clone(),
            bounds: fleet.bounds.clone(),
            columns: columns.cloned().collect(),
        },
        is_bulk: fleet.len() > STATED_MAX,
    })
}

fn fits(text: &str, limit: &Limit) -> bool {
    text.chars().count() as u64 <= limit.value
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || MARKS.contains(c))
}

fn push(fleet: &Fleet, message: String, limit: &Limit, report: &mut Report) {
    let of_what = match limit.counting {
        Counting::Count => String::new(),
        _ => format!(
            " it takes letters, digits and `{MARKS}`, up to {} in {};",
            limit.value, limit.what
        ),
    };
    report.push(
        Diagnostic::new(&UNREGISTRABLE_ATTRIBUTE, fleet.span, message)
            .note(format!(
                "a policy of the class names it, and holds only for things that have it in the registry;{of_what} {} ({})",
                limit.source, limit.date
            ))
            .help("say it otherwise in the inventory, or leave it out of the path"),
    );
}
