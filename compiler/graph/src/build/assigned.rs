//! Values that the project says of what the provider assigned: symbols whose letters somebody knows.

use std::collections::BTreeMap;

use model::Model;
use model::thing::ThingId;

/// By symbol key, from the project's identifiers.
pub(super) fn assigned(model: &Model, objects: &BTreeMap<ThingId, String>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    if model.project.identifiers.is_empty() {
        return values;
    }
    for (id, address) in objects {
        let Some(thing) = model.things.get(*id) else {
            continue;
        };
        let of_thing = model.project.identifiers.iter();
        for line in of_thing.filter(|line| line.object == thing.name) {
            let (attribute, value) = (model.names.text(line.attribute), model.names.text(line.value));
            values.insert(format!("{address}#{attribute}"), value.to_owned());
            if let Some((attribute, value)) = derived(attribute, value) {
                values.insert(format!("{address}#{attribute}"), value);
            }
        }
    }
    values
}

/// What an `arn` or `id` says besides: the id of a key, the letters that end a secret's address.
fn derived(attribute: &str, value: &str) -> Option<(&'static str, String)> {
    /// How many letters the service adds to a secret's name, after a hyphen.
    const SUFFIX_CHARS: usize = 6;
    match attribute {
        "arn" if value.contains(":kms:") => Some(("key-id", value.rsplit_once("key/")?.1.to_owned())),
        "arn" if value.contains(":secretsmanager:") => {
            let (_, suffix) = value.rsplit_once('-')?;
            (suffix.chars().count() == SUFFIX_CHARS).then(|| ("suffix", suffix.to_owned()))
        }
        "id" => Some(("key-id", value.to_owned())),
        _ => None,
    }
}
