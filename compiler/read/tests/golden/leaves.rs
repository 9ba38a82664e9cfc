//! Every leaf of every case, changed one at a time: what changes no meaning is listed by name, and reviewed.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::Case;

/// A change of one leaf, and the name under which it is listed.
pub(crate) struct Change {
    file: usize,
    pointer: String,
    pub(crate) name: String,
}

/// Every leaf of a case that is JSON.
pub(crate) fn all(case: &Case) -> Vec<Change> {
    let mut changes = Vec::new();
    for (file, (path, bytes)) in case.files.iter().enumerate() {
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
            continue;
        };
        let mut pointers = Vec::new();
        leaves(&value, String::new(), &mut pointers);
        changes.extend(pointers.into_iter().map(|pointer| {
            let name = format!("{} {}", case.target, name(path, &pointer));
            Change { file, pointer, name }
        }));
    }
    changes
}

/// The case with a leaf changed.
pub(crate) fn change(case: &Case, change: &Change) -> Case {
    let mut changed = case.clone();
    let bytes = &mut changed.files[change.file].1;
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    let leaf = value.pointer_mut(&change.pointer).unwrap();
    *leaf = match leaf {
        Value::Bool(flag) => Value::Bool(!*flag),
        Value::Number(number) => Value::Number((number.as_i64().unwrap() + 1).into()),
        Value::String(text) => Value::String(other(text)),
        Value::Null | Value::Array(_) | Value::Object(_) => Value::String("x".to_owned()),
    };
    *bytes = serde_json::to_vec(&value).unwrap();
    changed
}

/// Another text of the same sort, as far as there is one.
fn other(text: &str) -> String {
    match text {
        "true" => "false".to_owned(),
        "false" => "true".to_owned(),
        _ if text.parse::<i64>().is_ok() => (text.parse::<i64>().unwrap() + 1).to_string(),
        // Inside a policy.
        _ if text.contains(r#""Effect":"Allow""#) => text.replacen("Allow", "Deny", 1),
        _ if text.contains(r#""Effect":"Deny""#) => text.replacen("Deny", "Allow", 1),
        _ => format!("{text}x"),
    }
}

fn leaves(value: &Value, pointer: String, out: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) if !members.is_empty() => {
            members
                .iter()
                .for_each(|(name, value)| leaves(value, format!("{pointer}/{}", escaped(name)), out));
        }
        Value::Array(items) if !items.is_empty() => {
            items
                .iter()
                .enumerate()
                .for_each(|(at, value)| leaves(value, format!("{pointer}/{at}"), out));
        }
        _ => out.push(pointer),
    }
}

/// The pointer without what differs from case to case: labels and positions.
fn name(path: &str, pointer: &str) -> String {
    let parts: Vec<&str> = pointer
        .split('/')
        .skip(1)
        .filter(|part| part.parse::<usize>().is_err())
        .collect();
    if path.ends_with(".tf.json") && matches!(parts.first(), Some(&"resource" | &"data")) {
        return parts
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != 2)
            .map(|(_, part)| *part)
            .collect::<Vec<_>>()
            .join(" ");
    }
    parts.join(" ")
}

/// As lines.
pub(crate) fn lines(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("{name}\n")).collect()
}
