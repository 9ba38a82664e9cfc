//! What the means of kinds create.

use aws::deployment::Because;
use aws::deployment::store::{Found, Piece, Value};
use serde_json::{Map, Value as Json, json};

use super::argument::Arguments;
use super::module::Module;
use super::text::{escape, escaped, refer};
use crate::document::Render;

const KEY: &str = "aws_kms_key";
/// The block in which the policy of a key stood before, as a state may still have it. Its deletion gives the key the provider's
/// default policy, which admits the whole account.
/// Source: Terraform AWS provider 5.100 and 6.25, `aws_kms_key_policy`, seen 2026-11-29.
const KEY_POLICY: &str = "aws_kms_key_policy";

/// Writes the stores of a module.
pub(super) fn write(module: &mut Module<'_>) {
    let number = module.number;
    let stores = module.deployment.stores.iter().enumerate();
    for (index, store) in stores.filter(|(_, store)| store.stack == number) {
        for block in &store.blocks {
            let mut arguments = Arguments::default();
            for (name, value) in members(module, &block.arguments, &store.because) {
                arguments.value(&name, value);
            }
            if block.resource_type == KEY {
                let labels = std::iter::once(&block.label).chain(&block.renamed_from);
                for label in labels {
                    module.removed(KEY_POLICY, label, &store.because);
                }
                if let Some((policy, because)) = module.inner_policies.remove(&index) {
                    arguments.template("policy", policy);
                    module.because(file(KEY), &because);
                }
            }
            if block.kept {
                arguments.value("lifecycle", json!({ "prevent_destroy": true }));
            }
            module.resource(
                file(&block.resource_type),
                &block.resource_type,
                &block.label,
                arguments,
                &store.because,
            );
            if let Some(old) = &block.renamed_from {
                module.moved(&block.resource_type, old, &block.label, &store.because);
            }
        }
    }
}

/// In which file a type stands.
fn file(resource_type: &str) -> &'static str {
    const FILES: [(&str, &str); 3] = [("aws_iot_", "iot"), ("aws_kms_", "keys"), ("aws_lb", "balancers")];
    FILES
        .iter()
        .find(|(start, _)| resource_type.starts_with(start))
        .map_or("stores", |(_, file)| file)
}

/// Members of a block; a nested block that repeats becomes a list.
fn members(module: &mut Module<'_>, arguments: &[(String, Value)], because: &Because) -> Map<String, Json> {
    let mut members = Map::new();
    for (name, value) in arguments {
        let value = json(module, value, because);
        match members.get_mut(name) {
            None => drop(members.insert(name.clone(), value)),
            Some(Json::Array(items)) => items.push(value),
            Some(first) => *first = Json::Array(vec![first.take(), value]),
        }
    }
    members
}

fn json(module: &mut Module<'_>, value: &Value, because: &Because) -> Json {
    match value {
        Value::Text(pieces) => template(module, pieces, because).into(),
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::List(items) => items.iter().map(|item| json(module, item, because)).collect(),
        Value::Block(arguments) => Json::Object(members(module, arguments, because)),
    }
}

fn template(module: &mut Module<'_>, pieces: &[Piece], because: &Because) -> String {
    let mut out = String::new();
    let mut clear = true;
    for piece in pieces {
        match piece {
            Piece::Literal(text) => escape(text, &mut out),
            Piece::Reference {
                resource_type,
                label,
                attribute,
            } => {
                clear &= refer(&format!("{resource_type}.{label}.{attribute}"), &mut out);
            }
            Piece::Symbol(key) => clear &= module.templates.symbol(key, &mut out),
            Piece::Found(found) => clear &= refer(&data(module, found, because), &mut out),
        }
    }
    if !clear {
        module.unsaid(escaped(&out));
    }
    out
}

/// The address of what a `data` source finds, which is declared.
fn data(module: &mut Module<'_>, found: &Found, because: &Because) -> String {
    let Found {
        data_type,
        label,
        arguments,
        attribute,
    } = found;
    let arguments = members(module, arguments, because);
    module.data(data_type, label, arguments, because);
    format!("data.{data_type}.{label}.{attribute}")
}
