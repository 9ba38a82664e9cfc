//! From a place in the emitted files back to the line of the spec that it came from.

use model::Model;
use source::Span;

use crate::witness::Refusal;

/// The refusal with a declaration, if one bears the name that the place does.
pub(crate) fn traced(model: &Model, refusal: Refusal) -> Refusal {
    if refusal.declared.is_some() || refusal.told.is_some() {
        return refusal;
    }
    let span = refusal.place.as_ref().and_then(|place| {
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
    refusal.declared(span)
}

/// What is called so, or what a label that goes on after its name begins with.
fn declared(model: &Model, label: &str) -> Option<Span> {
    let mut best: Option<(usize, Span)> = None;
    for (_, thing) in model.things.iter() {
        let name = model.names.text(thing.name);
        let fits = label
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']));
        if fits && best.is_none_or(|(length, _)| name.len() > length) {
            best = Some((name.len(), thing.span));
        }
    }
    best.map(|(_, span)| span)
}
