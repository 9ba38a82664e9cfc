//! What bytes permit, as data. Nothing here knows an intent.
//!
//! Addresses are texts; the rules by which they are formed from bytes are those of the provider's manual:
//!
//! | object | address |
//! |---|---|
//! | role | `arn:PARTITION:iam::NUMBER:role/NAME` |
//! | thing with a name in its ARN | the ARN, symbols included |
//! | key | `kms:NUMBER:REGION:alias/NAME` |
//! | secret | `secretsmanager:NUMBER:REGION:NAME` |
//! | load balancer | `lb:NUMBER:REGION:NAME`; its listeners `listener:ADDRESS/PORT` |
//! | network | `vpc:NUMBER:REGION:CIDR`; an existing one: `vpc:NUMBER:REGION:ID` |
//! | subnet | `subnet:NUMBER:REGION:CIDR`; an existing one: its id |
//! | group | `sg:NETWORK/NAME`, NETWORK being the network's address |
//! | endpoint | `vpce:NETWORK/SERVICE` |
//! | other | `KIND:NUMBER:REGION:NAME` |
//! | IoT policy | `arn:PARTITION:iot:REGION:NUMBER:policy/NAME` |
//!
//! A value that the provider assigns is a symbol with the key `ADDRESS#ATTRIBUTE`. A variable has the key `name` or
//! `attr:ATTRIBUTE`, whatever the provider calls it (`iot:Connection.Thing.ThingName`, `aws:PrincipalTag/line`).
//! Local labels never appear: renaming them consistently gives the same facts.
//!
//! In files without an account number in them (`aws-iam`), the folder's ACCOUNT stands for it: `@plant`; `prove` knows its number.

pub mod device;
pub mod document;
pub mod host;
pub mod network;
pub mod object;
pub mod registry;

use arena::Names;

/// The interner of the symbols that were read.
#[derive(Clone, Copy, Debug)]
pub enum OfSymbols {}

/// The interner of the variables that were read.
#[derive(Clone, Copy, Debug)]
pub enum OfVariables {}

/// What the files of one target permit.
#[derive(Debug)]
pub struct Facts {
    /// The target.
    pub target: &'static str,
    /// Keys of the symbols in patterns: letter `n` is entry `n`.
    pub symbols: Names<OfSymbols>,
    /// Keys of the variables in patterns likewise.
    pub variables: Names<OfVariables>,
    /// Policy documents of every sort, with the guard that each belongs to.
    pub documents: Vec<document::Document>,
    /// Networks as emitted.
    pub network: network::Network,
    /// Host firewalls of device classes.
    pub hosts: Vec<host::HostFirewall>,
    /// What bundles of device classes say besides.
    pub provisioning: Vec<device::Provisioning>,
    /// Things that devices are registered as.
    pub registered: Vec<registry::Registered>,
    /// Every emitted object, with the settings read from it.
    pub objects: Vec<object::Object>,
    /// Sizes in the provider's unit.
    pub measures: Vec<object::Measure>,
    /// How many leaves were read, by class.
    pub leaves: object::Leaves,
    /// Leaves that no rule reads, and bytes that are not in the format: each stops the build.
    pub unread: Vec<object::Unread>,
    /// What outside these files the bytes rely on by name (`data` sources, existing ids): assumed, and listed.
    pub relied_on: Vec<object::ReliedOn>,
}

impl Facts {
    /// What no file at all permits.
    #[must_use]
    pub fn nothing(target: &'static str) -> Self {
        Self {
            target,
            symbols: Names::default(),
            variables: Names::default(),
            documents: Vec::new(),
            network: network::Network::default(),
            hosts: Vec::new(),
            provisioning: Vec::new(),
            registered: Vec::new(),
            objects: Vec::new(),
            measures: Vec::new(),
            leaves: object::Leaves::default(),
            unread: Vec::new(),
            relied_on: Vec::new(),
        }
    }
}

/// Where something was read: for witnesses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Path in the bundle.
    pub path: std::sync::Arc<str>,
    /// JSON pointer, or `line N`.
    pub pointer: String,
}
