//! The blocks of a kind, filled in for one declaration.

use catalogue::terraform::{Block as Schema, TerraformSchema, ValueType};
use diagnostics::Report;
use model::kind::{Argument, ArgumentValue};

use super::Made;
use crate::deployment::store::{Block, Piece, Value};
use crate::name::label;

/// Types beside what holds data that hold none themselves. Whatever is not listed is kept.
const SETTINGS: &[&str] = &[
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_kms_alias",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_object_lock_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
];

impl Made<'_, '_> {
    /// Its blocks, in order of the kind.
    pub(super) fn blocks(&self, report: &mut Report) -> Vec<Block> {
        let mut blocks = Vec::new();
        for means in &self.kind.means {
            if !self.is_met(means.condition) {
                continue;
            }
            let resource_type = self.cx.text(means.resource_type).to_owned();
            let schema = TerraformSchema::embedded().resource(&resource_type);
            let mut arguments = self.arguments(&means.body, schema, report);
            self.place(&resource_type, &mut arguments, report);
            self.tag(schema, &mut arguments);
            blocks.push(Block {
                kept: self.kind.words.holds_data && !SETTINGS.contains(&resource_type.as_str()),
                resource_type,
                label: self.label.clone(),
                renamed_from: self.thing.renamed_from.map(|(name, _)| label(self.cx.text(name))),
                arguments,
            });
        }
        blocks
    }

    fn arguments(
        &self,
        body: &[Argument],
        schema: Option<&Schema>,
        report: &mut Report,
    ) -> Vec<(String, Value)> {
        let mut arguments = Vec::with_capacity(body.len());
        for argument in body {
            if !self.is_met(argument.condition) {
                continue;
            }
            let name = self.cx.text(argument.name);
            let value = match &argument.value {
                ArgumentValue::Block(inner) => {
                    let nested = schema.and_then(|schema| schema.block(name));
                    Some(Value::Block(self.arguments(
                        inner,
                        nested.map(|nested| &nested.block),
                        report,
                    )))
                }
                value => {
                    let wanted = schema
                        .and_then(|schema| schema.argument(name))
                        .map(|argument| &argument.value);
                    self.value(value, wanted, report)
                }
            };
            if let Some(value) = value {
                arguments.push((name.to_owned(), value));
            }
        }
        arguments
    }

    fn value(&self, value: &ArgumentValue, wanted: Option<&ValueType>, report: &mut Report) -> Option<Value> {
        if let Some(ValueType::List(element) | ValueType::Set(element)) = wanted {
            let items = match value {
                ArgumentValue::List(items) => items.as_slice(),
                single => std::slice::from_ref(single),
            };
            let values = items.iter().map(|item| self.value(item, Some(element), report));
            return values.collect::<Option<Vec<Value>>>().map(Value::List);
        }
        let value = match value {
            ArgumentValue::Text(template) => self.fill(template, report)?,
            ArgumentValue::Number(number) => Value::Number(*number),
            ArgumentValue::Flag(flag) => Value::Flag(*flag),
            ArgumentValue::List(items) => {
                let values = items.iter().map(|item| self.value(item, None, report));
                Value::List(values.collect::<Option<Vec<Value>>>()?)
            }
            ArgumentValue::Block(_) => {
                report.compiler_bug("a block stands where a value is expected");
                return None;
            }
        };
        Some(typed(value, wanted))
    }

    /// Tags of this declaration, where the type takes any; those of the project are the provider's defaults.
    fn tag(&self, schema: Option<&Schema>, arguments: &mut Vec<(String, Value)>) {
        let takes = schema.is_some_and(|schema| schema.argument("tags").is_some());
        if self.thing.tags.is_empty() || !takes || arguments.iter().any(|(name, _)| name == "tags") {
            return;
        }
        let tags = self
            .thing
            .tags
            .iter()
            .map(|(key, value)| (self.cx.text(*key).to_owned(), text(self.cx.text(*value))));
        arguments.push(("tags".to_owned(), Value::Block(tags.collect())));
    }
}

/// A value as the schema has its type: a number where text is wanted is its digits.
fn typed(value: Value, wanted: Option<&ValueType>) -> Value {
    match (value, wanted) {
        (Value::Number(number), Some(ValueType::String)) => text(&number.to_string()),
        (Value::Flag(flag), Some(ValueType::String)) => text(if flag { "true" } else { "false" }),
        (value, _) => value,
    }
}

/// A text without references.
pub(super) fn text(text: &str) -> Value {
    Value::Text(vec![Piece::Literal(text.to_owned())])
}
