//! Grants to whom they were not given: a statement or a rule of one guard in another one, and denials that take back what a
//! change grants.

use super::json::{self, Json, Style};
use super::seal;
use super::text::Lines;
use super::{Change, Operator, Site, format_of};
use crate::label::Files;

/// More pairs of guards than this of one format are not tried each with each.
const EACH_WITH_EACH: usize = 12;

/// Every statement and every rule, in every other guard of its format.
#[must_use]
pub fn sites(files: &Files) -> Vec<Site> {
    let documents: Vec<(&String, &'static str, String, Json)> = files
        .iter()
        .filter_map(|(path, (target, bytes))| {
            let document = json::parse(bytes).ok()?;
            Some((path, *target, format_of(target, path), document))
        })
        .collect();
    let mut out = Vec::new();
    for (at, (path, target, format, document)) in documents.iter().enumerate() {
        let mut add = |argument: &str, changed: Json| {
            out.push(Site {
                operator: Operator::Grant,
                format: format.clone(),
                argument: argument.to_owned(),
                change: Change::Files(vec![(
                    (*path).clone(),
                    Some((*target, changed.write(Style::Pretty))),
                )]),
            });
        };
        rules(document, &mut add);
        let others = documents.iter().enumerate();
        let near = others.filter(|(other, (_, _, of, _))| {
            of == format && *other != at && other.abs_diff(at) <= EACH_WITH_EACH
        });
        for (_, (_, _, _, other)) in near {
            for statement in statements(other).iter().filter(|one| is_allow(one)) {
                let mut all = statements(document).to_vec();
                if !all.is_empty() && !all.contains(statement) {
                    all.push(with(statement, "Sid", None));
                    add("Statement", with(document, "Statement", Some(Json::List(all))));
                }
            }
        }
    }
    for (path, (target, bytes)) in files.iter().filter(|(path, _)| path.ends_with(".nft")) {
        let text = String::from_utf8_lossy(bytes);
        for lines in elements(&text) {
            out.push(Site {
                operator: Operator::Grant,
                format: format_of(target, path),
                argument: "elements".to_owned(),
                change: Change::Lines {
                    path: path.clone(),
                    lines,
                },
            });
        }
    }
    out
}

/// Every port of a set of a host firewall, for every address of its sets.
fn elements(text: &str) -> Vec<Lines> {
    let parts = |line: &str| {
        let line = line.trim().trim_end_matches(',');
        let (address, port) = line.split_once(" . ")?;
        let is_block = address.contains('/') && address.contains('.');
        is_block.then(|| (address.to_owned(), port.to_owned()))
    };
    let addresses: std::collections::BTreeSet<String> = text
        .lines()
        .filter_map(parts)
        .map(|(address, _)| address)
        .collect();
    let mut out = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some((own, port)) = parts(line) else { continue };
        for address in addresses.iter().filter(|address| **address != own) {
            let indent: String = line.chars().take_while(|c| *c == ' ').collect();
            let added = format!("{indent}{address} . {port},");
            if !text
                .lines()
                .any(|line| line.trim_end_matches(',') == added.trim_end_matches(','))
            {
                out.push(Lines {
                    at,
                    gone: 0,
                    put: vec![added],
                });
            }
        }
    }
    out
}

/// What a changed file grants is denied in the same file: nothing that was added is left. `None` if no statement is new.
#[must_use]
pub fn denied(before: &Files, after: &Files) -> Option<Files> {
    let mut out = after.clone();
    let mut is_denied = false;
    for (path, (target, bytes)) in after {
        let old = before.get(path).and_then(|(_, bytes)| json::parse(bytes).ok());
        let Ok(document) = json::parse(bytes) else {
            continue;
        };
        let known = old.as_ref().map_or(&[][..], statements);
        let all = statements(&document);
        let new = all.iter().filter(|one| is_allow(one) && !known.contains(one));
        let denials: Vec<Json> = new
            .map(|one| with(&with(one, "Sid", None), "Effect", Some(Json::text("Deny"))))
            .collect();
        if denials.is_empty() {
            continue;
        }
        is_denied = true;
        let all = Json::List([all, denials.as_slice()].concat());
        let changed = with(&document, "Statement", Some(all));
        out.insert(path.clone(), (*target, changed.write(Style::Pretty)));
    }
    seal::seal(before, &mut out);
    is_denied.then_some(out)
}

fn statements(document: &Json) -> &[Json] {
    match document.get("Statement") {
        Some(Json::List(all)) => all,
        Some(_) | None => &[],
    }
}

fn is_allow(statement: &Json) -> bool {
    statement.get("Effect").and_then(Json::as_text) == Some("Allow")
}

/// An object with one member set, or without it.
fn with(object: &Json, name: &str, value: Option<Json>) -> Json {
    let Json::Object(members) = object else {
        return object.clone();
    };
    let mut members: Vec<(String, Json)> = members
        .iter()
        .filter(|(known, _)| known != name || value.is_some())
        .cloned()
        .collect();
    for (known, old) in &mut members {
        if known == name {
            *old = value.clone().unwrap_or(Json::Null);
        }
    }
    Json::Object(members)
}

/// Every rule of a group in every other one of its file.
fn rules(document: &Json, add: &mut dyn FnMut(&str, Json)) {
    let Some(Json::List(groups)) = document.get("groups") else {
        return;
    };
    for (at, group) in groups.iter().enumerate() {
        for (other, giving) in groups.iter().enumerate() {
            if at == other || at.abs_diff(other) > EACH_WITH_EACH {
                continue;
            }
            for way in ["ingress", "egress"] {
                let (Some(Json::List(own)), Some(Json::List(rules))) = (group.get(way), giving.get(way))
                else {
                    continue;
                };
                for rule in rules.iter().filter(|rule| !own.contains(rule)) {
                    let all = Json::List([own.as_slice(), std::slice::from_ref(rule)].concat());
                    let mut groups = groups.clone();
                    groups[at] = with(group, way, Some(all));
                    add(way, with(document, "groups", Some(Json::List(groups))));
                }
            }
        }
    }
}
