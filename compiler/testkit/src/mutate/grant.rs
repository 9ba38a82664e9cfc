//! Grants to whom they were not given: a statement or a rule of one guard in another one, and denials that take back what a
//! change grants.

use super::edit::{self, Edit, Step};
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
    inside(files, &mut out);
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

/// A document inside a text of a module.
struct Inside<'f> {
    path: &'f String,
    format: String,
    steps: Vec<Step>,
    argument: String,
    document: Json,
}

fn documents_inside(files: &Files) -> Vec<Inside<'_>> {
    let mut out = Vec::new();
    for (path, (target, bytes)) in files {
        let Ok(whole) = json::parse(bytes) else { continue };
        edit::walk(&whole, &mut |steps, argument, value| {
            let text = value.as_text().filter(|text| text.starts_with('{'));
            let document = text.and_then(|text| json::parse(text.as_bytes()).ok());
            if let Some(document) = document.filter(|document| document.get("Statement").is_some()) {
                out.push(Inside {
                    path,
                    format: format_of(target, path),
                    steps,
                    argument,
                    document,
                });
            }
        });
    }
    out
}

/// A document with these statements, as a text.
fn text_of(document: &Json, statements: Vec<Json>) -> Json {
    let changed = with(document, "Statement", Some(Json::List(statements)));
    let bytes = changed.write(Style::Compact);
    Json::Text(String::from_utf8_lossy(&bytes).into_owned())
}

/// Every statement in every other document of its argument, inside modules.
fn inside(files: &Files, out: &mut Vec<Site>) {
    let documents = documents_inside(files);
    for (at, one) in documents.iter().enumerate() {
        let others = documents.iter().enumerate();
        let near = others.filter(|(other, giving)| {
            *other != at && giving.argument == one.argument && other.abs_diff(at) <= EACH_WITH_EACH
        });
        for (_, giving) in near {
            let own = statements(&one.document);
            let new = statements(&giving.document).iter();
            for statement in new.filter(|statement| is_allow(statement) && !own.contains(statement)) {
                let all = [own, &[with(statement, "Sid", None)]].concat();
                out.push(Site {
                    operator: Operator::Grant,
                    format: one.format.clone(),
                    argument: format!("{}.Statement", one.argument),
                    change: Change::Edit {
                        path: one.path.clone(),
                        steps: one.steps.clone(),
                        edit: Edit::Set(text_of(&one.document, all)),
                    },
                });
            }
        }
    }
}

/// The same denials in documents inside modules.
fn deny_inside(before: &Files, after: &Files) -> Option<Files> {
    let (old, new) = (documents_inside(before), documents_inside(after));
    let mut out = after.clone();
    let mut is_denied = false;
    for one in &new {
        let was = old
            .iter()
            .find(|was| was.path == one.path && was.steps == one.steps);
        let known = was.map_or(&[][..], |was| statements(&was.document));
        let all = statements(&one.document);
        let denials = denials(known, all);
        let Some((_, bytes)) = out.get_mut(one.path).filter(|_| !denials.is_empty()) else {
            continue;
        };
        let mut whole = json::parse(bytes).ok()?;
        let text = text_of(&one.document, [all, denials.as_slice()].concat());
        edit::apply(&mut whole, &one.steps, &Edit::Set(text))?;
        *bytes = whole.write(Style::Pretty);
        is_denied = true;
    }
    is_denied.then_some(out)
}

/// A deny for every allow that is new.
fn denials(known: &[Json], all: &[Json]) -> Vec<Json> {
    let new = all.iter().filter(|one| is_allow(one) && !known.contains(one));
    new.map(|one| with(&with(one, "Sid", None), "Effect", Some(Json::text("Deny"))))
        .collect()
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
    if let Some(out) = deny_inside(before, after) {
        return Some(out);
    }
    let mut out = after.clone();
    let mut is_denied = false;
    for (path, (target, bytes)) in after {
        let old = before.get(path).and_then(|(_, bytes)| json::parse(bytes).ok());
        let Ok(document) = json::parse(bytes) else {
            continue;
        };
        let known = old.as_ref().map_or(&[][..], statements);
        let all = statements(&document);
        let denials = denials(known, all);
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
