//! Changes of files that change no meaning.

use serde_json::Value;

use super::case::Case;

/// Removes ids of statements, descriptions, tags and comments, inside policies too.
pub(crate) fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in [
                "Sid",
                "Id",
                "description",
                "tags",
                "default_tags",
                "comment",
                "//",
            ] {
                let is_prose = match members.get(name) {
                    Some(Value::String(_)) => true,
                    Some(Value::Object(_)) => matches!(name, "tags" | "default_tags"),
                    Some(_) | None => false,
                };
                if is_prose {
                    members.shift_remove(name);
                }
            }
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::String(text) if text.starts_with('{') => {
            if let Ok(mut inner) = serde_json::from_str::<Value>(text) {
                strip(&mut inner);
                *text = inner.to_string();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `type.label` of every resource and data source of a case.
pub(crate) fn labels(case: &Case) -> Vec<(String, String)> {
    let mut labels = Vec::new();
    for (_, bytes) in &case.files {
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
            continue;
        };
        for section in ["resource", "data"] {
            let Some(types) = value.get(section).and_then(Value::as_object) else {
                continue;
            };
            for (name, resources) in types {
                let Some(resources) = resources.as_object() else {
                    continue;
                };
                labels.extend(resources.keys().map(|label| (name.clone(), label.clone())));
                // The block that a key had beside it bears the key's label, wherever it is let go.
                if name == "aws_kms_key" {
                    let old = "aws_kms_key_policy".to_owned();
                    labels.extend(resources.keys().map(|label| (old.clone(), label.clone())));
                }
            }
        }
    }
    labels.sort();
    labels.dedup();
    // Longer labels first, so that none is renamed inside another.
    labels.sort_by_key(|(_, label)| std::cmp::Reverse(label.len()));
    labels
}

/// Gives every label another name.
pub(crate) fn rename(value: &mut Value, labels: &[(String, String)]) {
    let Value::Object(top) = value else { return };
    for section in ["resource", "data"] {
        let Some(Value::Object(types)) = top.get_mut(section) else {
            continue;
        };
        for (name, resources) in types {
            let Value::Object(resources) = resources else {
                continue;
            };
            let old = std::mem::take(resources);
            for (label, resource) in old {
                let is_known = labels.iter().any(|(of, known)| of == name && *known == label);
                resources.insert(if is_known { renamed(&label) } else { label }, resource);
            }
        }
    }
    references(value, labels);
}

fn renamed(label: &str) -> String {
    format!("_{}_new", label.chars().rev().collect::<String>())
}

fn references(value: &mut Value, labels: &[(String, String)]) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| references(value, labels)),
        Value::Array(items) => items.iter_mut().for_each(|value| references(value, labels)),
        Value::String(text) => {
            for (name, label) in labels {
                let (old, new) = (format!("{name}.{label}"), format!("{name}.{}", renamed(label)));
                if *text == old {
                    *text = new;
                } else {
                    *text = text.replace(&format!("{old}."), &format!("{new}."));
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
