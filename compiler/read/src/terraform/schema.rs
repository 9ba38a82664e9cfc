//! Every argument is held to the type that the provider's schema gives it, whoever reads it: a value of another type stops Terraform.
//!
//! Types are converted as Terraform converts them: a number is a text, a text of digits a number. What the rows say is required
//! is asked there; what only the schema says is asked here. Source: the committed extract of the schema of provider 6.25;
//! Terraform, "Types and Values", read 2026-11-21.

use std::borrow::Cow;
use std::sync::Arc;

use catalogue::terraform::{Block as Schema, Need, TerraformSchema, ValueType};

use super::row::Type;
use crate::facts::Place;
use crate::facts::object::Unread;
use crate::json::Json;
use crate::sink::Sink;

type Members<'a> = [(Cow<'a, str>, Json<'a>)];

/// Arguments of every block, which no schema lists.
const META: [&str; 3] = ["//", "depends_on", "lifecycle"];

/// Whether a block's values have their types; reports those that do not. A type that the extract lacks is held by its rows alone.
pub(super) fn hold(
    sort: &Type,
    members: &Members<'_>,
    path: &Arc<str>,
    pointer: &str,
    sink: &mut Sink,
) -> bool {
    let embedded = TerraformSchema::embedded();
    let schema = if sort.is_data {
        embedded.data(sort.name)
    } else {
        embedded.resource(sort.name)
    };
    let before = sink.unread.len();
    if let Some(schema) = schema {
        block(schema, members, path, pointer, sink);
    }
    sink.unread.len() == before
}

fn block(schema: &Schema, members: &Members<'_>, path: &Arc<str>, pointer: &str, sink: &mut Sink) {
    let mut unread = |pointer: String, what: String| {
        let path = Arc::clone(path);
        sink.unread.push(Unread {
            place: Place { path, pointer },
            what,
        });
    };
    let is_said = |name: &str| {
        members
            .iter()
            .any(|(known, value)| known == name && *value != Json::Null)
    };
    let mut nested = Vec::new();
    for (name, value) in members {
        let here = format!("{pointer}/{name}");
        if *value == Json::Null || META.contains(&name.as_ref()) {
            continue;
        }
        if let Some(block) = schema.block(name) {
            let items: &[Json<'_>] = match value {
                Json::List(items) => items,
                single => std::slice::from_ref(single),
            };
            if items.len() > 1 && block.is_at_most_one {
                unread(here.clone(), "one block is expected".to_owned());
            }
            for item in items {
                // A list inside the list holds the parts of one block.
                let item = match item {
                    Json::List(parts) => match parts.as_slice() {
                        [one] => one,
                        _ => item,
                    },
                    _ => item,
                };
                match item {
                    Json::Null => {}
                    Json::Object(members) => nested.push((&block.block, members, here.clone())),
                    other => unread(
                        here.clone(),
                        format!("a block is an object, not {}", other.sort()),
                    ),
                }
            }
        } else if let Some(argument) = schema.argument(name)
            && !fits(value, &argument.value)
        {
            let what = format!("{} is of another type than the argument", value.sort());
            unread(here, what);
        }
    }
    for (name, argument) in schema.arguments() {
        if argument.need == Need::Required && !is_said(name) {
            unread(pointer.to_owned(), format!("`{name}` is missing"));
        }
    }
    for (name, block) in schema.blocks() {
        if block.is_required && !is_said(name) {
            unread(pointer.to_owned(), format!("`{name}` is missing"));
        }
    }
    for (schema, members, here) in nested {
        block(schema, members, path, &here, sink);
    }
}

fn fits(value: &Json<'_>, of: &ValueType) -> bool {
    match (of, value) {
        (ValueType::String, Json::Text(_) | Json::Number(_) | Json::Bool(_))
        | (ValueType::Bool, Json::Bool(_))
        | (ValueType::Number, Json::Number(_)) => true,
        (ValueType::Bool, Json::Text(text)) => text.contains("${") || matches!(&**text, "true" | "false"),
        (ValueType::Number, Json::Text(text)) => text.contains("${") || text.parse::<f64>().is_ok(),
        (ValueType::List(inner) | ValueType::Set(inner), Json::List(items)) => {
            items.iter().all(|item| fits(item, inner))
        }
        (ValueType::Map(inner), Json::Object(members)) => members
            .iter()
            .all(|(_, value)| *value == Json::Null || fits(value, inner)),
        (ValueType::Object(fields), Json::Object(members)) => members
            .iter()
            .all(|(name, value)| fields.get(name.as_ref()).is_some_and(|of| fits(value, of))),
        _ => false,
    }
}

/// Whether a value is texts by name.
pub(super) fn is_map(value: &Json<'_>) -> bool {
    *value == Json::Null || fits(value, &ValueType::Map(Box::new(ValueType::String)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{self, Fold};
    use crate::terraform::facts;

    fn faults(sort: &str, text: &str) -> Vec<String> {
        let value = json::parse(text.as_bytes(), Fold::Exact).ok().unwrap();
        let Json::Object(members) = &value else {
            return Vec::new();
        };
        let mut sink = Sink::default();
        let sort = facts::find(sort, false).unwrap();
        hold(sort, members, &"x".into(), "", &mut sink);
        sink.unread.into_iter().map(|unread| unread.what).collect()
    }

    #[test]
    fn a_value_of_another_type_is_not_read_whoever_would_read_it() {
        let good = r#"{"description":"k","deletion_window_in_days":"30","tags":{"a":1,"b":null},"multi_region":"true"}"#;
        assert!(faults("aws_kms_key", good).is_empty());
        for bad in [
            r#"{"tags":true}"#,
            r#"{"tags":{"a":[]}}"#,
            r#"{"deletion_window_in_days":true}"#,
            r#"{"deletion_window_in_days":"x"}"#,
            r#"{"description":["k"]}"#,
            r#"{"multi_region":1}"#,
        ] {
            assert_eq!(faults("aws_kms_key", bad).len(), 1, "{bad}");
        }
        let two = r#"{"name":"s","stream_mode_details":[{"stream_mode":"ON_DEMAND"},{}]}"#;
        assert_eq!(faults("aws_kinesis_stream", two).len(), 2);
    }

    #[test]
    fn every_row_is_of_the_schema() {
        let embedded = TerraformSchema::embedded();
        for sort in facts::ALL {
            let schema = if sort.is_data {
                embedded.data(sort.name)
            } else {
                embedded.resource(sort.name)
            };
            let Some(schema) = schema else { continue };
            rows(sort.name, sort.rows, schema);
        }
    }

    fn rows(of: &str, rows_of: &[crate::terraform::row::Row], schema: &Schema) {
        for row in rows_of {
            match row.rule {
                crate::terraform::row::Rule::Nested(inner) => {
                    let nested = schema.block(row.name);
                    assert!(nested.is_some(), "{of} has no block {}", row.name);
                    rows(of, inner, &nested.unwrap().block);
                }
                _ => assert!(
                    schema.has_reference(row.name),
                    "{of} has no argument {}",
                    row.name
                ),
            }
        }
    }
}
