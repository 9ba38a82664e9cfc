//! References to other things: in the same root module directly, else through a `data` source by exact name.

use diagnostics::{Diagnostic, Report};
use model::kind::Condition;
use model::thing::ThingId;

use super::Made;
use super::block::text;
use super::fault::UNFINDABLE_REFERENCE;
use crate::deployment::store::{Found, Piece};
use crate::name::label;

/// By which `data` source an attribute of something made elsewhere is found.
struct Lookup {
    resource_type: &'static str,
    attribute: &'static str,
    data_type: &'static str,
    /// The argument that takes the name, and what stands before the name in it.
    argument: &'static str,
    before: &'static str,
    found: &'static str,
}

/// A source that takes the thing's name and has the attribute under its own name.
const fn plain(resource_type: &'static str, argument: &'static str, attribute: &'static str) -> Lookup {
    Lookup {
        resource_type,
        attribute,
        data_type: resource_type,
        argument,
        before: "",
        found: attribute,
    }
}

/// An attribute of a key, which is found by its alias.
const fn key(resource_type: &'static str, attribute: &'static str, found: &'static str) -> Lookup {
    Lookup {
        resource_type,
        attribute,
        data_type: "aws_kms_alias",
        argument: "name",
        before: "alias/",
        found,
    }
}

const LOOKUPS: &[Lookup] = &[
    key("aws_kms_key", "arn", "target_key_arn"),
    key("aws_kms_key", "id", "target_key_id"),
    key("aws_kms_key", "key_id", "target_key_id"),
    key("aws_kms_alias", "arn", "arn"),
    key("aws_kms_alias", "target_key_arn", "target_key_arn"),
    plain("aws_cloudwatch_log_group", "name", "arn"),
    plain("aws_dynamodb_table", "name", "arn"),
    plain("aws_kinesis_stream", "name", "arn"),
    plain("aws_lb", "name", "arn"),
    plain("aws_s3_bucket", "bucket", "arn"),
    plain("aws_s3_bucket", "bucket", "id"),
    plain("aws_secretsmanager_secret", "name", "arn"),
    plain("aws_sqs_queue", "name", "arn"),
    plain("aws_sqs_queue", "name", "url"),
];

impl Made<'_, '_> {
    /// An attribute of the block of another thing.
    pub(super) fn refer(
        &self,
        other: ThingId,
        resource_type: &str,
        attribute: &str,
        report: &mut Report,
    ) -> Option<Piece> {
        let thing = self.cx.thing(other)?;
        let name = self.cx.text(thing.name);
        let is_made = thing.existing.is_none();
        if is_made && !self.makes(other, resource_type) {
            let message = format!(
                "`{name}` has no `{resource_type}` to which `{}` could refer",
                self.label
            );
            report.push(
                Diagnostic::new(&UNFINDABLE_REFERENCE, self.thing.span, message)
                    .label(thing.span, "declared here")
                    .help(format!("name something of a kind that makes a `{resource_type}`")),
            );
            return None;
        }
        if is_made && self.cx.stacks.of_thing(other) == Some(self.stack) {
            return Some(Piece::Reference {
                resource_type: resource_type.to_owned(),
                label: label(name),
                attribute: attribute.to_owned(),
            });
        }
        if let Some(piece) = self.known(other, attribute) {
            return Some(piece);
        }
        let lookup = LOOKUPS
            .iter()
            .find(|lookup| lookup.resource_type == resource_type && lookup.attribute == attribute);
        let Some(lookup) = lookup.filter(|_| thing.account == self.thing.account) else {
            report.push(
                Diagnostic::new(
                    &UNFINDABLE_REFERENCE,
                    self.thing.span,
                    format!(
                        "`{}` needs the `{attribute}` of `{name}`, which is found by no exact name",
                        self.label
                    ),
                )
                .label(thing.span, "it lies in another root module")
                .help(match thing.account == self.thing.account {
                    true => "give both the same `owner`".to_owned(),
                    false => format!(
                        "give both the same account; or make `{name}` first, and then name what exists: `{name} {{ existing \"…\" }}`"
                    ),
                }),
            );
            return None;
        };
        let physical = self.cx.physical(thing);
        let physical = graph::address::alias(physical)
            .filter(|_| lookup.before == "alias/")
            .unwrap_or(physical);
        Some(Piece::Found(Box::new(Found {
            data_type: lookup.data_type.to_owned(),
            label: label(name),
            arguments: vec![(
                lookup.argument.to_owned(),
                text(&format!("{}{physical}", lookup.before)),
            )],
            attribute: lookup.found.to_owned(),
        })))
    }

    /// An attribute of a key that exists, if the spec says its id: then nothing is looked up.
    fn known(&self, other: ThingId, attribute: &str) -> Option<Piece> {
        self.cx.thing(other)?.existing?;
        let address = self.cx.graph.addresses.things.get(&other)?.word()?;
        let address = address.as_text()?.into_owned();
        let (_, id) = address.split_once(":kms:")?.1.split_once(":key/")?;
        match attribute {
            "arn" => Some(Piece::Literal(address.clone())),
            "id" | "key_id" => Some(Piece::Literal(id.to_owned())),
            _ => None,
        }
    }

    /// Whether a thing's kind makes a block of this type for it.
    fn makes(&self, other: ThingId, resource_type: &str) -> bool {
        let Some(thing) = self.cx.thing(other) else {
            return false;
        };
        let Some(kind) = self.cx.model.kinds.get(thing.kind) else {
            return false;
        };
        let is_met = |condition: Condition| {
            let name = condition.property;
            let own = thing.properties.iter().any(|property| property.name == name);
            let is_said = own
                || kind
                    .words
                    .properties
                    .iter()
                    .any(|property| property.name == name && property.default.is_some());
            is_said == condition.said
        };
        let mut means = kind
            .means
            .iter()
            .filter(|means| self.cx.text(means.resource_type) == resource_type);
        means.any(|means| means.condition.is_none_or(is_met))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalogue::terraform::TerraformSchema;

    #[test]
    fn every_source_has_what_is_asked_of_it() {
        let schema = TerraformSchema::embedded();
        for lookup in LOOKUPS {
            let data = schema.data(lookup.data_type).unwrap();
            assert!(
                data.argument(lookup.argument).unwrap().is_settable(),
                "{}",
                lookup.data_type
            );
            assert!(
                data.has_reference(lookup.found),
                "{} {}",
                lookup.data_type,
                lookup.found
            );
            assert!(
                schema
                    .resource(lookup.resource_type)
                    .unwrap()
                    .has_reference(lookup.attribute)
            );
        }
    }
}
