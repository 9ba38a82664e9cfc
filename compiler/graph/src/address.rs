//! Names: where everything is.
//!
//! This is the `Names` of the theorem, shared by lowering and proof on purpose: it is decided above the provider's
//! documents, total, and injective under the provider's own folding of case. *Meaning* is not shared.
//!
//! An address is a text. `read` forms the same texts from bytes alone, by these rules:
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
//! | group | `sg:NETWORK/NAME`, NETWORK being the network's address; an existing one: its id |
//! | group of those who use the same endpoints | `sg:NETWORK/uses-SERVICE-SERVICE` |
//! | endpoint | `vpce:NETWORK/SERVICE`; its group: `sg:NETWORK/endpoint-SERVICE` |
//! | certificate, zone and others | `KIND:NUMBER:REGION:NAME` |
//! | IoT policy | `arn:PARTITION:iot:REGION:NUMBER:policy/NAME` |
//!
//! A value that the provider assigns is a symbol with the key `ADDRESS#ATTRIBUTE` (`kms:…:alias/raw#key-id`,
//! `sg:…/web#id`, `secretsmanager:…:login#suffix`). A variable has the key `name` (the acting member's name) or
//! `attr:ATTRIBUTE`; a family member that is reached by others has `of:name` and `of:attr:ATTRIBUTE`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arena::{Name, Names};
use model::Model;
use model::place::{NetworkId, SegmentId};
use model::project::AccountId;
use model::thing::ThingId;
use pattern::pattern::Pattern;

/// The interner of symbols.
#[derive(Clone, Copy, Debug)]
pub enum OfSymbols {}

/// The interner of variables.
#[derive(Clone, Copy, Debug)]
pub enum OfVariables {}

/// The key of a value that the provider assigns.
pub type Symbol = Name<OfSymbols>;

/// The key of a variable.
pub type Variable = Name<OfVariables>;

/// Addresses of everything declared, and the letters that patterns use.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Keys of symbols: letter `n` of a pattern is `symbols` entry `n`.
    pub symbols: Names<OfSymbols>,
    /// Values that the project says of symbols, by their keys.
    pub assigned: BTreeMap<String, String>,
    /// Keys of variables likewise.
    pub variables: Names<OfVariables>,
    /// The ARN of each thing that has one, whole.
    pub things: BTreeMap<ThingId, Pattern>,
    /// The address of each thing's own policy guard and settings, as in the table above.
    pub objects: BTreeMap<ThingId, String>,
    /// The role of each actor that has one, with the account that holds it: an external has one per account.
    pub roles: BTreeMap<(ThingId, AccountId), Role>,
    /// The IoT policy of each class that has an X.509 identity.
    pub device_policies: BTreeMap<ThingId, String>,
    /// The group of each placed thing in a network: its address.
    pub groups: BTreeMap<ThingId, String>,
    /// The group that a thing wears besides its own: that of all who use the same private endpoints, where these are too many for a
    /// group's rules. What it says to the endpoints, it says by this one.
    pub shared: BTreeMap<ThingId, String>,
    /// Networks.
    pub networks: BTreeMap<NetworkId, String>,
    /// Subnets of a segment, in order of zone; existing ones by id.
    pub subnets: BTreeMap<SegmentId, Vec<String>>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its ARN: the address.
    pub arn: String,
}

/// The address of the private endpoint to a service, in a network by its address.
#[must_use]
pub fn endpoint(network: &str, service: &str) -> String {
    format!("vpce:{network}/{service}")
}

/// The address of the group of that endpoint.
#[must_use]
pub fn endpoint_group(network: &str, service: &str) -> String {
    format!("sg:{network}/endpoint-{service}")
}

/// Whether a group is one that exists, by its id: nobody here makes it or knows its rules.
#[must_use]
pub fn is_worn(group: &str) -> bool {
    group.starts_with("sg-")
}

/// Where the cell of an account stands in the name of a service's endpoint.
const CELL: &str = "{cell}";

/// The name of the endpoint by which the service of a thing is reached; `None` if nothing reaches it so, or if its account
/// does not say its cell.
#[must_use]
pub fn service(model: &Model, thing: ThingId) -> Option<Cow<'_, str>> {
    let thing = model.things.get(thing)?;
    let kind = model.kinds.get(thing.kind)?;
    let name = model.names.text(kind.words.reach.as_ref()?.service);
    if !name.contains(CELL) {
        return Some(Cow::Borrowed(name));
    }
    let service = kind.words.service.map(|service| model.names.text(service))?;
    let account = model
        .accounts
        .get(thing.account.or(model.project.default_account)?)?;
    let cell = account
        .cells
        .iter()
        .find(|cell| model.names.text(cell.service) == service)?;
    Some(Cow::Owned(name.replace(CELL, model.names.text(cell.cell))))
}

/// The group of the endpoint to a service that a network has already.
#[must_use]
pub fn worn_by_endpoint<'a>(model: &'a Model, network: NetworkId, service: &str) -> Option<&'a str> {
    let network = model.networks.get(network)?;
    let mut own = network.endpoints.iter();
    let endpoint = own.find(|endpoint| model.names.text(endpoint.service) == service)?;
    Some(model.names.text(endpoint.wears.0))
}

/// One text for one object, however it is named: a secret's ARN ends in letters that the service added to its name.
///
/// Source: AWS Secrets Manager API reference, `CreateSecret`, `Name`, read 2026-12-01.
#[must_use]
pub fn canonical(address: &str) -> std::borrow::Cow<'_, str> {
    /// How many letters the service adds to a secret's name, after a hyphen.
    const SUFFIX_CHARS: usize = 6;
    let secret = || {
        let [_, _, service, region, number, sort, name] =
            address.splitn(7, ':').collect::<Vec<_>>().try_into().ok()?;
        let (name, suffix) = str::rsplit_once(name, '-')?;
        let is_suffix =
            suffix.len() == SUFFIX_CHARS && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (service == "secretsmanager" && sort == "secret" && is_suffix)
            .then(|| format!("secretsmanager:{number}:{region}:{name}"))
    };
    match secret() {
        Some(secret) => secret.into(),
        None => address.into(),
    }
}

/// The name of an alias of the thing's own account and region, if a key that exists is named by one.
#[must_use]
pub fn alias(existing: &str) -> Option<&str> {
    existing.strip_prefix("alias/")
}
