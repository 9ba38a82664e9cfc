//! Changes of policy statements that are meant to keep what they say: split, merged, without ids.

use super::edit::{Edit, Step};
use super::json::Json;
use super::{Node, Operator};

/// Elements that hold a list of alternatives.
const LISTS: [&str; 2] = ["Action", "Resource"];

pub(crate) fn edits(node: &Node<'_>, add: &mut dyn FnMut(Operator, Edit)) {
    match &node.value {
        Json::Object(members) if node.value.get("Effect").is_some() => {
            if !matches!(node.steps.last(), Some(Step::Item(_))) {
                return;
            }
            for name in LISTS {
                let parts = node.value.get(name).map_or(&[][..], Json::each);
                if parts.len() > 1 {
                    add(
                        Operator::Split,
                        Edit::Replace(
                            parts
                                .iter()
                                .map(|part| with(members, name, part.clone()))
                                .collect(),
                        ),
                    );
                }
            }
            for split in principals(&node.value) {
                add(
                    Operator::Split,
                    Edit::Replace(
                        split
                            .into_iter()
                            .map(|part| with(members, "Principal", part))
                            .collect(),
                    ),
                );
            }
            for split in conditions(&node.value) {
                add(
                    Operator::Split,
                    Edit::Replace(
                        split
                            .into_iter()
                            .map(|part| with(members, "Condition", part))
                            .collect(),
                    ),
                );
            }
            if node.value.get("Sid").is_none() {
                add(
                    Operator::RenameId,
                    Edit::Add("Sid".to_owned(), Json::text("Added")),
                );
            }
        }
        Json::List(statements) if node.argument.ends_with("Statement") => merges(statements, add),
        Json::Object(_) | Json::List(_) | Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => {}
    }
}

/// A statement with one element replaced, and without its id, which would stand twice.
fn with(members: &[(String, Json)], name: &str, value: Json) -> Json {
    let kept = members.iter().filter(|(known, _)| known != "Sid");
    Json::Object(
        kept.map(|(known, old)| {
            (
                known.clone(),
                if known == name { value.clone() } else { old.clone() },
            )
        })
        .collect(),
    )
}

/// The principals apart: by sort, and each alone.
fn principals(statement: &Json) -> Vec<Vec<Json>> {
    let Some(Json::Object(sorts)) = statement.get("Principal") else {
        return Vec::new();
    };
    let single: Vec<Json> = sorts
        .iter()
        .flat_map(|(sort, names)| {
            names
                .each()
                .iter()
                .map(move |name| Json::Object(vec![(sort.clone(), name.clone())]))
        })
        .collect();
    if single.len() > 1 {
        vec![single]
    } else {
        Vec::new()
    }
}

/// Each value of a condition apart.
fn conditions(statement: &Json) -> Vec<Vec<Json>> {
    let Some(Json::Object(operators)) = statement.get("Condition") else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (at, (_, keys)) in operators.iter().enumerate() {
        let Json::Object(keys) = keys else { continue };
        for (of, (_, values)) in keys.iter().enumerate() {
            if values.each().len() < 2 {
                continue;
            }
            let split = values.each().iter().map(|value| {
                let mut operators = operators.clone();
                if let Json::Object(keys) = &mut operators[at].1 {
                    keys[of].1 = value.clone();
                }
                Json::Object(operators)
            });
            out.push(split.collect());
        }
    }
    out
}

/// Every two statements that differ in one list become one.
fn merges(statements: &[Json], add: &mut dyn FnMut(Operator, Edit)) {
    for (at, first) in statements.iter().enumerate() {
        for (other, second) in statements.iter().enumerate().skip(at + 1) {
            let (Json::Object(a), Json::Object(b)) = (first, second) else {
                continue;
            };
            let differing: Vec<&str> = a
                .iter()
                .map(|(name, _)| name.as_str())
                .filter(|name| *name != "Sid" && second.get(name) != first.get(name))
                .collect();
            let [name] = differing.as_slice() else { continue };
            let names = |members: &[(String, Json)]| {
                let mut names: Vec<String> = members
                    .iter()
                    .map(|(name, _)| name.clone())
                    .filter(|name| name != "Sid")
                    .collect();
                names.sort();
                names
            };
            if !LISTS.contains(name) || names(a) != names(b) {
                continue;
            }
            let both = [first, second]
                .iter()
                .flat_map(|one| one.get(name).map_or(&[][..], Json::each))
                .cloned()
                .collect();
            let mut merged = statements.to_vec();
            merged.remove(other);
            merged[at] = with(a, name, Json::List(both));
            add(Operator::Merge, Edit::Set(Json::List(merged)));
        }
    }
}
