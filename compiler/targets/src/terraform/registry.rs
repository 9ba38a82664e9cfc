//! The members of a class as things of the registry.
//!
//! Up to a thousand are one resource: `for_each` over a file of rows beside the module. More are for a bulk registration: a template, and
//! its parameters, a line for each thing. Members that lack an attribute have a template of their own, since every parameter of a
//! template must be given.
//!
//! Source: AWS IoT developer guide, "Bulk registration" and "Provisioning templates", read 2026-12-01.

use std::collections::BTreeMap;

use aws::deployment::device::{Class, Registry};
use model::fleet::Fleet;
use serde_json::{Map, Value, json};

use super::argument::Arguments;
use super::module::Module;
use crate::pretty;

/// The parameter that is the thing's name.
const NAME: &str = "ThingName";

/// Writes the things of a class.
pub(super) fn write(module: &mut Module<'_>, class: &Class) {
    let Some(registry) = &class.registry else {
        return;
    };
    if registry.is_bulk {
        bulk(module, class, registry);
        return;
    }
    let file = format!("{}.things.json", class.label);
    let mut arguments = Arguments::default();
    arguments
        .template(
            "for_each",
            format!("${{jsondecode(file(\"${{path.module}}/{file}\"))}}"),
        )
        .template("name", "${each.key}".to_owned())
        .template(
            "thing_type_name",
            format!("${{aws_iot_thing_type.{}.name}}", class.label),
        )
        .template("attributes", "${each.value}".to_owned());
    module.resource("iot", "aws_iot_thing", &class.label, arguments, &class.because);
    if let Some(old) = &class.renamed_from {
        module.moved("aws_iot_thing", old, &class.label, &class.because);
    }
    module.beside(file, pretty(&rows(registry, &class.named)), &class.because);
}

/// Each thing and its attributes.
fn rows(Registry { things, order, .. }: &Registry, named: &[String]) -> Value {
    let mut rows = Map::new();
    for row in order.iter().map(|row| *row as usize) {
        let mut attributes = Map::new();
        for (name, column) in named.iter().zip(&things.columns) {
            let value = column.value(row);
            if !value.is_empty() {
                attributes.insert(name.clone(), value.into());
            }
        }
        rows.insert(things.member(row).to_owned(), Value::Object(attributes));
    }
    Value::Object(rows)
}

/// A template and its lines for each set of attributes that some things have.
fn bulk(module: &mut Module<'_>, class: &Class, Registry { things, order, .. }: &Registry) {
    let mut sets: BTreeMap<Vec<usize>, Vec<u8>> = BTreeMap::new();
    let all: Vec<usize> = (0..things.columns.len()).collect();
    let mut has: Vec<usize> = Vec::new();
    for row in order.iter().map(|row| *row as usize) {
        has.clear();
        let is_there = |column: &usize| {
            things
                .columns
                .get(*column)
                .is_some_and(|column| !column.value(row).is_empty())
        };
        has.extend(all.iter().copied().filter(is_there));
        match sets.get_mut(&has) {
            Some(lines) => line(lines, class, things, row, &has),
            None => line(sets.entry(has.clone()).or_default(), class, things, row, &has),
        }
    }
    for (index, (has, lines)) in sets.into_iter().enumerate() {
        let further = match index {
            0 => String::new(),
            _ => format!("-{}", index + 1),
        };
        let stem = format!("{}{further}", class.label);
        let named: Vec<&str> = has
            .iter()
            .filter_map(|number| class.named.get(*number))
            .map(String::as_str)
            .collect();
        let template = pretty(&template(&class.physical, &named));
        module.beside(format!("{stem}.template.json"), template, &class.because);
        module.beside(format!("{stem}.things.jsonl"), lines, &class.because);
    }
}

/// One line. Names and values are of letters that JSON does not escape: others were refused.
fn line(lines: &mut Vec<u8>, class: &Class, things: &Fleet, row: usize, has: &[usize]) {
    let mut put = |start: &str, name: &str, value: &str| {
        for piece in [start, name, "\":\"", value, "\""] {
            lines.extend_from_slice(piece.as_bytes());
        }
    };
    put("{\"", NAME, things.member(row));
    for number in has {
        if let (Some(name), Some(column)) = (class.named.get(*number), things.columns.get(*number)) {
            put(",\"", name, column.value(row));
        }
    }
    lines.extend_from_slice(b"}\n");
}

fn template(thing_type: &str, named: &[&str]) -> Value {
    let text = json!({ "Type": "String" });
    let parameters: Map<String, Value> = std::iter::once(NAME)
        .chain(named.iter().copied())
        .map(|name| (name.to_owned(), text.clone()))
        .collect();
    let payload: Map<String, Value> = named
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "Ref": name })))
        .collect();
    json!({
        "Parameters": parameters,
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "Properties": { "ThingName": { "Ref": NAME }, "ThingTypeName": thing_type, "AttributePayload": payload },
                // The inventory is what is true: a thing that is there already becomes as its row says.
                "OverrideSettings": { "AttributePayload": "REPLACE", "ThingTypeName": "REPLACE" },
            },
        },
    })
}
