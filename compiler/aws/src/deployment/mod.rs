//! Every decision that the provider needs, typed: no text formatting, no bytes.
//!
//! Patterns and condition values hold the letters of the graph's `addresses` (symbols and variables); a target renders a
//! symbol as its format can (a Terraform reference, an identifier) or refuses.

pub mod device;
pub mod document;
pub mod identity;
pub mod network;
pub mod stack;
pub mod store;

use std::sync::Arc;

use source::Span;

/// What is to be deployed for one environment.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The project's declared name.
    pub project: String,
    /// The environment, if the project has any.
    pub environment: Option<String>,
    /// Tags of everything, by key.
    pub tags: Vec<(String, String)>,
    /// Accounts that hold anything, sorted by declared name.
    pub accounts: Vec<Account>,
    /// Keys of the symbols in patterns: letter `n` is entry `n`.
    pub symbols: arena::Names<graph::address::OfSymbols>,
    /// Keys of the variables in patterns likewise.
    pub variables: arena::Names<graph::address::OfVariables>,
    /// Root modules, in the order in which they are to be applied.
    pub stacks: Vec<stack::Stack>,
    /// What each symbol is called by the targets that can refer.
    pub origins: Vec<stack::Origin>,
    /// Roles, federations, resource policies.
    pub identity: identity::Identity,
    /// Networks.
    pub networks: Vec<network::Network>,
    /// Stores, keys and other things that a kind's means create.
    pub stores: Vec<store::Store>,
    /// Device classes.
    pub classes: Vec<device::Class>,
    /// Topic rules.
    pub rules: Vec<device::TopicRule>,
    /// Values that the provider assigned, by symbol key, from the project's identifiers.
    pub identifiers: std::collections::BTreeMap<String, String>,
    /// What only the owner of an existing thing can write: printed as a request, assumed by the proof.
    pub requests: Vec<Request>,
    /// On which side each access of the graph is granted, in the graph's order: the proof is told, and checks it.
    pub sides: Vec<graph::access::Sides>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    /// Declared name: ACCOUNT in paths.
    pub name: String,
    /// Twelve digits.
    pub number: String,
    /// Region.
    pub region: String,
    /// Partition.
    pub partition: String,
}

/// Why something is emitted: never empty, in order of what is declared.
pub type Because = Arc<[Cause]>;

/// One declaration for which something exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The declaration.
    pub span: Span,
    /// The author's `because`, or the rule that entails: for descriptions.
    pub sentence: Arc<str>,
}

/// A statement that the owner of an existing thing has to add.
#[derive(Clone, Debug)]
pub struct Request {
    /// The thing, as declared.
    pub thing: String,
    /// What it is called in the cloud.
    pub existing: String,
    /// What its policy must allow.
    pub document: document::Document,
    /// Why.
    pub because: Because,
}
