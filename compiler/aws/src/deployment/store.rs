//! What a kind's means create.

use super::Because;

/// One declared thing, as its kind's `terraform` blocks make it.
#[derive(Clone, Debug)]
pub struct Store {
    /// Declared name.
    pub thing: String,
    /// Kind.
    pub kind: String,
    /// Declared name of the account.
    pub account: String,
    /// Index into `Deployment::stacks`.
    pub stack: usize,
    /// Its blocks, in order of the kind.
    pub blocks: Vec<Block>,
    /// Whether it holds data: the deletion of its blocks that are `kept` is prevented.
    pub holds_data: bool,
    /// Why.
    pub because: Because,
}

/// One Terraform resource.
#[derive(Clone, Debug)]
pub struct Block {
    /// `aws_s3_bucket`.
    pub resource_type: String,
    /// Label: the thing's declared name.
    pub label: String,
    /// Label before a renaming.
    pub renamed_from: Option<String>,
    /// Arguments and nested blocks, in order of the kind.
    pub arguments: Vec<(String, Value)>,
    /// Whether its deletion is prevented: it holds data itself, and is not a setting of what does.
    pub kept: bool,
}

/// A value of an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text with references.
    Text(Vec<Piece>),
    /// A number.
    Number(i64),
    /// A flag.
    Flag(bool),
    /// Several.
    List(Vec<Value>),
    /// A nested block.
    Block(Vec<(String, Value)>),
}

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// As it stands; a target escapes it.
    Literal(String),
    /// `TYPE.LABEL.ATTRIBUTE` of a block in the same stack.
    Reference {
        /// Terraform type.
        resource_type: String,
        /// Label.
        label: String,
        /// Attribute.
        attribute: String,
    },
    /// A symbol by its key, where it is referred to by address (`…/web#id`).
    Symbol(String),
    /// What a `data` source finds by exact name, in another stack or in what exists already.
    Found(Box<Found>),
}

/// An attribute of something that a `data` source finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Data source type, `aws_kms_alias`.
    pub data_type: String,
    /// Label.
    pub label: String,
    /// Arguments: exact names.
    pub arguments: Vec<(String, Value)>,
    /// The attribute that holds the value.
    pub attribute: String,
}
