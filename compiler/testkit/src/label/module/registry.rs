//! Things by rows: a resource with `for_each` is as many as its file has rows, and a bulk registration makes one for each line.
//!
//! Source: Terraform, "The for_each Meta-Argument" and the functions `file` and `jsondecode`; AWS IoT developer guide, "Bulk registration",
//! read 2026-12-01.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Raw;
use crate::label::fault::Faults;
use crate::mutate::json::{self, Json};

/// Files beside the blocks, by folder and name.
pub(super) type Beside = BTreeMap<(String, String), Vec<u8>>;

const THING: &str = "aws_iot_thing";

/// Whether a file is one of these.
pub(super) fn is_beside(name: &str) -> bool {
    [".things.json", ".things.jsonl", ".template.json"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Puts a block for each thing in place of what makes it.
pub(super) fn expand(blocks: Vec<Raw>, beside: &Beside, faults: &mut Faults) -> Vec<Raw> {
    let mut out = Vec::new();
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for raw in blocks {
        if raw.is_data || raw.sort != THING {
            out.push(raw);
            continue;
        }
        let file = raw
            .members
            .iter()
            .find(|(name, _)| name == "for_each")
            .and_then(|(_, value)| value.as_text())
            .and_then(|text| text.split_once("${path.module}/"))
            .filter(|(before, _)| *before == "${jsondecode(file(\"")
            .and_then(|(_, rest)| rest.strip_suffix("\"))}"));
        let Some(file) = file else {
            faults.unreadable("a thing that is not by rows");
            continue;
        };
        let mut said: Vec<&str> = raw
            .members
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| *name != "//")
            .collect();
        said.sort_unstable();
        if said != ["attributes", "for_each", "name", "thing_type_name"] {
            faults.unreadable("a thing that is made in another way");
            continue;
        }
        let of_type = raw
            .members
            .iter()
            .find(|(name, _)| name == "thing_type_name")
            .and_then(|(_, value)| value.as_text())
            .and_then(|text| text.strip_prefix("${aws_iot_thing_type."))
            .and_then(|text| text.strip_suffix(".name}").or_else(|| text.strip_suffix(".id}")));
        if of_type.is_none_or(|label| label.contains(['.', '}', '$'])) {
            faults.unreadable("a thing without a type of its module");
            continue;
        }
        let at = (raw.folder.clone(), file.to_owned());
        let rows = beside.get(&at).and_then(|bytes| plain(bytes));
        let Some(Json::Object(rows)) = rows else {
            faults.unreadable("rows that are not there, or no object");
            continue;
        };
        if !used.insert(at) {
            faults.unreadable("rows that are used twice");
        }
        for (name, attributes) in rows {
            out.push(thing(&raw, &name, &attributes, faults));
        }
    }
    for ((folder, name), bytes) in beside {
        let Some(stem) = name.strip_suffix(".template.json") else {
            continue;
        };
        let lines = (folder.clone(), format!("{stem}.things.jsonl"));
        let found = plain(bytes).zip(beside.get(&lines));
        let types: BTreeSet<String> = out
            .iter()
            .filter(|raw| raw.folder == *folder && raw.sort == "aws_iot_thing_type" && !raw.is_data)
            .filter_map(|raw| raw.members.iter().find(|(name, _)| name == "name"))
            .filter_map(|(_, value)| value.as_text().map(str::to_owned))
            .collect();
        let is_made = |things: &Vec<Raw>| {
            things.iter().all(|raw| {
                let of = raw.members.iter().find(|(name, _)| name == "thing_type_name");
                of.and_then(|(_, value)| value.as_text())
                    .is_some_and(|of| types.contains(of))
            })
        };
        match found
            .and_then(|(template, lines)| bulk(folder, &template, lines))
            .filter(is_made)
        {
            Some(things) => out.extend(things),
            None => faults.unreadable("a bulk registration that is not plain"),
        }
        used.insert(lines);
        used.insert((folder.clone(), name.clone()));
    }
    if beside.keys().any(|at| !used.contains(at)) {
        faults.unreadable("rows of which nothing is made");
    }
    out
}

/// A value in which no name stands twice.
fn plain(bytes: &[u8]) -> Option<Json> {
    json::parse(bytes)
        .ok()
        .filter(|value| value.repeated(false).is_none())
}

/// The block of one row.
fn thing(raw: &Raw, name: &str, attributes: &Json, faults: &mut Faults) -> Raw {
    let Json::Object(texts) = attributes else {
        faults.unreadable("attributes that are no object");
        return raw.clone();
    };
    if texts
        .iter()
        .any(|(_, value)| value.as_text().is_none_or(str::is_empty))
    {
        faults.unreadable("an attribute that is no text, or none");
    }
    let mut members = Vec::new();
    for (argument, value) in raw.members.iter().filter(|(argument, _)| argument != "for_each") {
        let value = match value.as_text() {
            Some("${each.key}") => Json::Text(escaped(name)),
            Some("${each.value}") => Json::Object(
                texts
                    .iter()
                    .map(|(name, value)| {
                        (
                            name.clone(),
                            Json::Text(escaped(value.as_text().unwrap_or_default())),
                        )
                    })
                    .collect(),
            ),
            _ => value.clone(),
        };
        // The name of an argument that is text may be said of each by its row alone.
        let is_of_the_row =
            !matches!(argument.as_str(), "name" | "attributes") || value != raw_value(raw, argument);
        if !is_of_the_row {
            faults.unreadable("things that do not bear the names of their rows");
        }
        members.push((argument.clone(), value));
    }
    Raw {
        label: format!("{}[{name}]", raw.label),
        members,
        ..raw.clone()
    }
}

fn raw_value(raw: &Raw, argument: &str) -> Json {
    let found = raw.members.iter().find(|(name, _)| name == argument);
    found.map_or(Json::Null, |(_, value)| value.clone())
}

/// Characters that begin no template.
fn escaped(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// What a template and its lines make.
fn bulk(folder: &str, template: &Json, lines: &[u8]) -> Option<Vec<Raw>> {
    let only = |value: &Json, names: &[&str]| match value {
        Json::Object(members) => {
            members.len() == names.len() && names.iter().all(|name| value.get(name).is_some())
        }
        _ => false,
    };
    let is_sorted =
        only(template, &["Parameters", "Resources"]) && only(template.get("Resources")?, &["thing"]);
    let thing = template.get("Resources")?.get("thing")?;
    let properties = thing.get("Properties")?;
    let replaced = thing.get("OverrideSettings")?;
    let is_plain = is_sorted
        && only(thing, &["Type", "Properties", "OverrideSettings"])
        && thing.get("Type")?.as_text() == Some("AWS::IoT::Thing")
        && only(properties, &["ThingName", "ThingTypeName", "AttributePayload"])
        && only(replaced, &["AttributePayload", "ThingTypeName"])
        && ["AttributePayload", "ThingTypeName"]
            .iter()
            .all(|name| replaced.get(name).and_then(Json::as_text) == Some("REPLACE"));
    let refers = |value: &Json| {
        value
            .get("Ref")
            .filter(|_| only(value, &["Ref"]))?
            .as_text()
            .map(str::to_owned)
    };
    let (Json::Object(parameters), Json::Object(payload)) =
        (template.get("Parameters")?, properties.get("AttributePayload")?)
    else {
        return None;
    };
    let is_text = parameters.iter().all(|(_, value)| {
        only(value, &["Type"]) && value.get("Type").and_then(Json::as_text) == Some("String")
    });
    let named: BTreeSet<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    let mut used = BTreeSet::from(["ThingName".to_owned()]);
    for (name, value) in payload {
        // An attribute from another attribute's parameter is another thing.
        used.insert(refers(value).filter(|of| of == name)?);
    }
    let is_whole = used.iter().map(String::as_str).collect::<BTreeSet<_>>() == named;
    if !is_plain || !is_text || !is_whole || refers(properties.get("ThingName")?)? != "ThingName" {
        return None;
    }
    let mut out = Vec::new();
    for line in std::str::from_utf8(lines).ok()?.lines() {
        let row = plain(line.as_bytes())?;
        let Json::Object(members) = &row else { return None };
        let values: BTreeMap<&str, &str> = members
            .iter()
            .map(|(name, value)| Some((name.as_str(), value.as_text().filter(|text| !text.is_empty())?)))
            .collect::<Option<_>>()?;
        if values.len() != members.len() || values.keys().copied().collect::<BTreeSet<_>>() != named {
            return None;
        }
        let name = values.get("ThingName")?;
        let attributes = payload.iter().map(|(attribute, _)| {
            let value = values.get(attribute.as_str()).copied().unwrap_or_default();
            (attribute.clone(), Json::Text(escaped(value)))
        });
        out.push(Raw {
            folder: folder.to_owned(),
            is_data: false,
            sort: THING.to_owned(),
            label: format!("bulk[{name}]"),
            members: vec![
                ("name".to_owned(), Json::Text(escaped(name))),
                (
                    "thing_type_name".to_owned(),
                    properties.get("ThingTypeName")?.clone(),
                ),
                ("attributes".to_owned(), Json::Object(attributes.collect())),
            ],
        });
    }
    Some(out)
}
