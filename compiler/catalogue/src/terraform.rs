//! The arguments of the Terraform provider's types, as far as the compiler emits them.
//!
//! Absent, since the source has none of it: the provider's own validators (enumerations, conflicts), what
//! forces a replacement, defaults, and a maximum of blocks above one.

use crate::{Malformed, near};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The resources and data sources of one version of the provider.
#[derive(Debug, Default)]
pub struct TerraformSchema {
    digest: String,
    version: String,
    resources: BTreeMap<String, Block>,
    data: BTreeMap<String, Block>,
}

/// The arguments and nested blocks that may stand in a block.
#[derive(Debug, Default)]
pub struct Block {
    arguments: BTreeMap<String, Argument>,
    blocks: BTreeMap<String, NestedBlock>,
}

/// An argument, or an attribute that only the provider sets.
#[derive(Debug, PartialEq, Eq)]
pub struct Argument {
    /// The type of its value.
    pub value: ValueType,
    /// Who sets it.
    pub need: Need,
}

/// Who sets an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// It must be written.
    Required,
    /// It may be written; else it is absent.
    Optional,
    /// It may be written; else the provider chooses.
    OptionalComputed,
    /// Only the provider sets it: it can be referred to, never written.
    Computed,
}

/// The type of a value.
#[derive(Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Text.
    String,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// Values in order.
    List(Box<ValueType>),
    /// Values without order.
    Set(Box<ValueType>),
    /// Values by name.
    Map(Box<ValueType>),
    /// Named members; written in-line, every one must be there.
    Object(BTreeMap<String, ValueType>),
}

/// A block inside a block.
#[derive(Debug)]
pub struct NestedBlock {
    /// How several of them are kept.
    pub nesting: Nesting,
    /// At least one must be written.
    pub is_required: bool,
    /// At most one may be written.
    pub is_at_most_one: bool,
    /// What may stand in it.
    pub block: Block,
}

/// How blocks of one name are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nesting {
    /// One, an object and no list.
    Single,
    /// In order.
    List,
    /// Without order.
    Set,
}

impl TerraformSchema {
    /// The extract that the compiler is built with.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<TerraformSchema> = OnceLock::new();
        // A test parses the embedded extract; if it were broken, the empty one knows no type and none is emitted.
        EMBEDDED.get_or_init(|| {
            Self::parse(include_str!(
                "../../../stdlib/catalogue/terraform-aws-6.25.0.json"
            ))
            .unwrap_or_default()
        })
    }

    /// An extract of another version: what `cargo xtask schema` writes.
    ///
    /// # Errors
    /// If the text is no such extract.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let value: Value = serde_json::from_str(text).map_err(|error| Malformed {
            line: u32::try_from(error.line()).unwrap_or(u32::MAX),
            message: "the extract of the provider's schema is not JSON",
        })?;
        let word = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
        let read = || {
            Some(Self {
                digest: word("digest")?,
                version: word("version")?,
                resources: section(value.get("resources")?)?,
                data: section(value.get("data")?)?,
            })
        };
        read().ok_or(Malformed {
            line: 1,
            message: "the extract of the provider's schema has another shape",
        })
    }

    /// SHA-256 of the extract, everything after the line that holds it.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The version of the provider.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A resource type, `aws_vpc`.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&Block> {
        self.resources.get(name)
    }

    /// A data source.
    #[must_use]
    pub fn data(&self, name: &str) -> Option<&Block> {
        self.data.get(name)
    }

    /// Every resource type, in order of name.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &Block)> {
        self.resources.iter().map(|(name, block)| (name.as_str(), block))
    }

    /// Every data source, in order of name.
    pub fn data_sources(&self) -> impl Iterator<Item = (&str, &Block)> {
        self.data.iter().map(|(name, block)| (name.as_str(), block))
    }
}

impl Block {
    /// An argument or attribute.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.get(name)
    }

    /// Every argument and attribute, in order of name: what an expression may refer to.
    pub fn arguments(&self) -> impl Iterator<Item = (&str, &Argument)> {
        self.arguments
            .iter()
            .map(|(name, argument)| (name.as_str(), argument))
    }

    /// A nested block.
    #[must_use]
    pub fn block(&self, name: &str) -> Option<&NestedBlock> {
        self.blocks.get(name)
    }

    /// Every nested block, in order of name.
    pub fn blocks(&self) -> impl Iterator<Item = (&str, &NestedBlock)> {
        self.blocks.iter().map(|(name, block)| (name.as_str(), block))
    }

    /// Whether an expression may refer to `name`: an argument, an attribute, or a block.
    #[must_use]
    pub fn has_reference(&self, name: &str) -> bool {
        self.arguments.contains_key(name) || self.blocks.contains_key(name)
    }

    /// The argument or block that somebody who wrote `name` may have meant.
    #[must_use]
    pub fn near(&self, name: &str) -> Option<&str> {
        near::nearest(
            name,
            self.arguments
                .keys()
                .chain(self.blocks.keys())
                .map(String::as_str),
        )
    }
}

impl Argument {
    /// Whether it may be written.
    #[must_use]
    pub fn is_settable(&self) -> bool {
        self.need != Need::Computed
    }
}

fn section(value: &Value) -> Option<BTreeMap<String, Block>> {
    value
        .as_object()?
        .iter()
        .map(|(name, own)| Some((name.clone(), block(own)?)))
        .collect()
}

fn block(value: &Value) -> Option<Block> {
    let arguments = value.get("a")?.as_object()?.iter();
    let arguments = arguments
        .map(|(name, own)| Some((name.clone(), argument(own)?)))
        .collect::<Option<_>>()?;
    let blocks = value.get("b").and_then(Value::as_object).into_iter().flatten();
    let blocks = blocks
        .map(|(name, own)| Some((name.clone(), nested(own)?)))
        .collect::<Option<_>>()?;
    Some(Block { arguments, blocks })
}

fn argument(value: &Value) -> Option<Argument> {
    let need = match value.get(1)?.as_str()? {
        "r" => Need::Required,
        "o" => Need::Optional,
        "oc" => Need::OptionalComputed,
        "c" => Need::Computed,
        _ => return None,
    };
    Some(Argument {
        value: value_type(value.get(0)?)?,
        need,
    })
}

fn value_type(value: &Value) -> Option<ValueType> {
    if let Some(name) = value.as_str() {
        return match name {
            "string" => Some(ValueType::String),
            "bool" => Some(ValueType::Bool),
            "number" => Some(ValueType::Number),
            _ => None,
        };
    }
    let inner = value.get(1)?;
    match value.get(0)?.as_str()? {
        "list" => Some(ValueType::List(Box::new(value_type(inner)?))),
        "set" => Some(ValueType::Set(Box::new(value_type(inner)?))),
        "map" => Some(ValueType::Map(Box::new(value_type(inner)?))),
        "object" => {
            let members = inner.as_object()?.iter();
            let members = members.map(|(name, own)| Some((name.clone(), value_type(own)?)));
            Some(ValueType::Object(members.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

fn nested(value: &Value) -> Option<NestedBlock> {
    let nesting = match value.get("nesting")?.as_str()? {
        "single" => Nesting::Single,
        "list" => Nesting::List,
        "set" => Nesting::Set,
        _ => return None,
    };
    let number = |field: &str| value.get(field).and_then(Value::as_u64);
    Some(NestedBlock {
        nesting,
        is_required: number("min").is_some_and(|min| min > 0),
        is_at_most_one: nesting == Nesting::Single || number("max") == Some(1),
        block: block(value.get("in")?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sha256;

    const EXTRACT: &str = include_str!("../../../stdlib/catalogue/terraform-aws-6.25.0.json");

    #[test]
    fn the_extract_parses_and_its_digest_is_right() {
        let schema = TerraformSchema::parse(EXTRACT).unwrap();
        let (_, body) = EXTRACT
            .split_once(&format!("\"digest\": \"{}\",\n", schema.digest()))
            .unwrap();
        assert_eq!(schema.digest(), sha256(body));
        assert_eq!(schema.version(), "6.25.0");
        assert!(schema.resources().count() > 60 && schema.data_sources().count() > 20);
    }

    #[test]
    fn arguments_know_who_sets_them() {
        let vpc = TerraformSchema::embedded().resource("aws_vpc").unwrap();
        assert_eq!(vpc.argument("cidr_block").unwrap().need, Need::OptionalComputed);
        assert_eq!(vpc.argument("arn").unwrap().need, Need::Computed);
        assert!(!vpc.argument("arn").unwrap().is_settable());
        assert!(vpc.argument("cidr").is_none());
        assert_eq!(vpc.near("cidr_blok"), Some("cidr_block"));
        let key = TerraformSchema::embedded()
            .resource("aws_kms_key_policy")
            .unwrap();
        assert_eq!(key.argument("key_id").unwrap().need, Need::Required);
    }

    #[test]
    fn in_line_rules_are_objects_in_a_set() {
        let group = TerraformSchema::embedded()
            .resource("aws_security_group")
            .unwrap();
        let ValueType::Set(rule) = &group.argument("ingress").unwrap().value else {
            panic!()
        };
        let ValueType::Object(members) = rule.as_ref() else {
            panic!()
        };
        assert_eq!(members.len(), 9);
    }

    #[test]
    fn nested_blocks_keep_their_nesting() {
        let lifecycle = TerraformSchema::embedded()
            .resource("aws_s3_bucket_lifecycle_configuration")
            .unwrap();
        let rule = lifecycle.block("rule").unwrap();
        assert_eq!(rule.nesting, Nesting::List);
        assert_eq!(rule.block.argument("status").unwrap().need, Need::Required);
        assert!(rule.block.block("filter").unwrap().block.block("tag").is_some());
        assert_eq!(lifecycle.block("timeouts").unwrap().nesting, Nesting::Single);
        let table = TerraformSchema::embedded()
            .resource("aws_dynamodb_table")
            .unwrap();
        assert!(table.block("point_in_time_recovery").unwrap().is_at_most_one);
        assert!(table.has_reference("arn") && !table.has_reference("nonsense"));
    }

    #[test]
    fn another_shape_is_refused() {
        assert!(TerraformSchema::parse("{}").is_err());
        assert_eq!(TerraformSchema::parse("{\n,").unwrap_err().line, 2);
    }
}
