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
    /// Whether it holds data: its deletion is prevented.
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
    /// `accept=unread`.
    pub accept_unread: bool,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands; a target escapes it.
    Literal(String),
    /// `TYPE.LABEL.ATTRIBUTE` of a block in stack `stack` (index); another module reads it through `data`.
    Reference {
        /// Index into `Deployment::stacks`.
        stack: usize,
        /// Terraform type.
        resource_type: String,
        /// Label.
        label: String,
        /// Attribute.
        attribute: String,
    },
    /// A symbol by its key, where it is referred to by address (`…/web#id`).
    Symbol(String),
}
