//! From a place in the emitted files back to the line of the spec that it came from.

use model::Model;
use model::thing::Thing;
use model::value::Value;
use source::Span;

use crate::witness::{Refusal, Sort};

/// The refusal with a declaration, if one bears the name that the place does.
pub(crate) fn traced(model: &Model, refusal: Refusal) -> Refusal {
    if refusal.declared.is_some() || refusal.told.is_some() {
        return refusal;
    }
    let thing = refusal.place.as_ref().and_then(|place| {
        let file = place.path.rsplit('/').next().unwrap_or_default();
        // The label of a block, then the name of a file, then its folders: the nearest name is the one that is meant.
        let of_pointer = place.pointer.split('/').skip(2);
        let of_file = file.split('.').take(1);
        let of_folders = place.path.split('/').rev().skip(1);
        of_pointer
            .chain(of_file)
            .chain(of_folders)
            .find_map(|name| declared(model, name))
    });
    let Some(thing) = thing else {
        return refusal;
    };
    match said(model, thing, &refusal) {
        Some((span, help)) => refusal.declared(Some(span)).help(help),
        None => refusal.declared(Some(thing.span)),
    }
}

/// The fact that has a value which the provider refuses, and another value as an example.
fn said(model: &Model, thing: &Thing, refusal: &Refusal) -> Option<(Span, String)> {
    if refusal.sort != Sort::Unread {
        return None;
    }
    let refused = refusal.message.split('`').nth(1)?;
    let is_it = |value: &Value| match value {
        Value::Text(text) => model.names.text(*text) == refused,
        _ => false,
    };
    let property = thing.properties.iter().find(|own| own.values.iter().any(is_it))?;
    let kind = model.kinds.get(thing.kind)?;
    let sort = kind
        .words
        .properties
        .iter()
        .find(|sort| sort.name == property.name)?;
    let name = model.names.text(property.name);
    let help = match &sort.default {
        Some(Value::Text(text)) => {
            format!("`{name}` takes a value like `{}`", model.names.text(*text))
        }
        _ => format!("say another value for `{name}`"),
    };
    Some((property.span, help))
}

/// What is called so, or what a label that goes on after its name begins with.
fn declared<'m>(model: &'m Model, label: &str) -> Option<&'m Thing> {
    let mut best: Option<(usize, &Thing)> = None;
    for (_, thing) in model.things.iter() {
        let name = model.names.text(thing.name);
        let fits = label
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']));
        if fits && best.is_none_or(|(length, _)| name.len() > length) {
            best = Some((name.len(), thing));
        }
    }
    best.map(|(_, thing)| thing)
}
