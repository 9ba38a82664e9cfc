//! Whether a JSON value is as a schema of ours says: the part of JSON Schema that `schemas/` uses.
//!
//! A keyword that is not known here is an error, so that a schema cannot say more than is tested.

use serde_json::Value;

/// What is wrong with a value, by path in it; empty if nothing is.
#[must_use]
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut validator = Validator {
        root: schema,
        faults: Vec::new(),
    };
    validator.check(schema, value, "$");
    validator.faults
}

struct Validator<'a> {
    root: &'a Value,
    faults: Vec<String>,
}

impl Validator<'_> {
    fn fault(&mut self, path: &str, what: &str) {
        self.faults.push(format!("{path}: {what}"));
    }

    fn check(&mut self, schema: &Value, value: &Value, path: &str) {
        let Some(keywords) = schema.as_object() else {
            return self.fault(path, "the schema is not an object");
        };
        for (keyword, wanted) in keywords {
            match keyword.as_str() {
                "$schema" | "title" | "description" | "$defs" => {}
                "$ref" => {
                    let name = wanted
                        .as_str()
                        .and_then(|text| text.strip_prefix('#'))
                        .unwrap_or_default();
                    match self.root.pointer(name).cloned() {
                        Some(target) => self.check(&target, value, path),
                        None => self.fault(path, "the schema refers to nothing"),
                    }
                }
                "const" => self.holds(wanted == value, path, keyword),
                "enum" => self.holds(
                    wanted.as_array().is_some_and(|all| all.contains(value)),
                    path,
                    keyword,
                ),
                "type" => {
                    let is_one = wanted.as_str().map_or_else(
                        || {
                            wanted.as_array().is_some_and(|all| {
                                all.iter().filter_map(Value::as_str).any(|name| is_a(value, name))
                            })
                        },
                        |name| is_a(value, name),
                    );
                    self.holds(is_one, path, keyword);
                }
                "minimum" => self.holds(value.as_u64() >= wanted.as_u64(), path, keyword),
                "pattern" => self.holds(
                    value.as_str().is_some_and(|text| matches(wanted, text)),
                    path,
                    keyword,
                ),
                "anyOf" => {
                    let any = wanted.as_array().into_iter().flatten().any(|one| {
                        let mut inner = Validator {
                            root: self.root,
                            faults: Vec::new(),
                        };
                        inner.check(one, value, path);
                        inner.faults.is_empty()
                    });
                    self.holds(any, path, keyword);
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{path}[{index}]"));
                    }
                }
                "required" => {
                    for name in wanted.as_array().into_iter().flatten().filter_map(Value::as_str) {
                        self.holds(value.get(name).is_some(), path, &format!("requires {name}"));
                    }
                }
                "properties" => {
                    for (name, schema) in wanted.as_object().into_iter().flatten() {
                        if let Some(member) = value.get(name) {
                            self.check(schema, member, &format!("{path}.{name}"));
                        }
                    }
                }
                "additionalProperties" => {
                    let known = keywords.get("properties").and_then(Value::as_object);
                    for (name, member) in value.as_object().into_iter().flatten() {
                        if known.is_some_and(|known| known.contains_key(name)) {
                            continue;
                        }
                        match wanted {
                            Value::Bool(false) => self.fault(path, &format!("has the unknown member {name}")),
                            schema => self.check(schema, member, &format!("{path}.{name}")),
                        }
                    }
                }
                unknown => self.fault(path, &format!("the schema says {unknown}, which is not tested")),
            }
        }
    }

    fn holds(&mut self, holds: bool, path: &str, keyword: &str) {
        if !holds {
            self.fault(path, keyword);
        }
    }
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

/// The patterns that our schemas use, each as its own test.
fn matches(pattern: &Value, text: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    match pattern.as_str() {
        Some("^[0-9a-f]{64}$") => {
            text.len() == 64
                && text
                    .chars()
                    .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
        }
        Some("^[a-z0-9]+(-[a-z0-9]+)*$") => text.split('-').all(is_word),
        Some("^A[0-9]+$") => text
            .strip_prefix('A')
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_schema_does_not_say_is_a_fault() {
        let schema = json!({"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}, "b": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/c"}]}},
            "required": ["a"], "additionalProperties": false, "$defs": {"c": {"enum": ["x"]}}});
        assert!(faults(&schema, &json!({"a": 1, "b": "x"})).is_empty());
        assert!(faults(&schema, &json!({"a": 1, "b": null})).is_empty());
        for wrong in [
            json!({}),
            json!({"a": 0}),
            json!({"a": "1"}),
            json!({"a": 1, "b": "y"}),
            json!({"a": 1, "z": 1}),
            json!([]),
        ] {
            assert!(!faults(&schema, &wrong).is_empty(), "{wrong}");
        }
        assert!(!faults(&json!({"maxLength": 3}), &json!("a")).is_empty());
    }
}
