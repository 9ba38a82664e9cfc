//! Guards of the identity layer, and the texts by which files name them.

use std::collections::BTreeMap;

use graph::TrustGraph;
use graph::address::Addresses;
use model::Model;
use model::actor::ProviderId;
use model::project::AccountId;
use model::thing::{Detail, ThingId};
use pattern::pattern::Pattern;
use read::facts::document::{self, PrincipalName};

/// One unit that the provider evaluates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// What a role may do.
    Identity(ThingId, AccountId),
    /// Who may become it.
    Trust(ThingId, AccountId),
    /// The policy of a thing.
    Resource(ThingId),
    /// The IoT policies of a class.
    Device(ThingId),
    /// What a topic rule selects.
    Rule(ThingId),
}

/// Texts of files → what is declared. A document whose text is not here is attached to nothing.
pub struct Names {
    roles: BTreeMap<String, (ThingId, AccountId)>,
    resources: BTreeMap<String, ThingId>,
    devices: BTreeMap<String, ThingId>,
}

/// Documents of one class beyond the first are called NAME-2, NAME-3 …: as many as the provider lets a certificate have.
const DEVICE_POLICIES_MAX: u32 = 10;

impl Names {
    /// What files may call the guards of a spec.
    #[must_use]
    pub fn new(model: &Model, graph: &TrustGraph) -> Self {
        let addresses = &graph.addresses;
        let account_name = |id| {
            model
                .accounts
                .get(id)
                .map_or("", |account| model.names.text(account.name))
        };
        let mut names = Self {
            roles: BTreeMap::new(),
            resources: BTreeMap::new(),
            devices: BTreeMap::new(),
        };
        for ((thing, account), role) in &addresses.roles {
            names.roles.insert(role.arn.clone(), (*thing, *account));
            names.roles.insert(
                format!("@{}/role/{}", account_name(*account), role.name),
                (*thing, *account),
            );
            // A role that exists is looked up by its name: bytes do not tell its path.
            if let Some((head, _)) = role.arn.split_once(":role/") {
                let plain = format!("{head}:role/{}", role.name);
                names.roles.entry(plain).or_insert((*thing, *account));
            }
        }
        for (thing, address) in &addresses.objects {
            names.resources.insert(address.clone(), *thing);
            let Some(declared) = model.things.get(*thing) else {
                continue;
            };
            let Some(account) = declared.account else { continue };
            let name = model.names.text(declared.name);
            names
                .resources
                .insert(format!("@{}/resource/{name}", account_name(account)), *thing);
        }
        let mut further = Vec::new();
        for (thing, address) in &addresses.device_policies {
            names.devices.insert(address.clone(), *thing);
            further.extend((2..=DEVICE_POLICIES_MAX).map(|number| (format!("{address}-{number}"), *thing)));
            let Some(declared) = model.things.get(*thing) else {
                continue;
            };
            if let Detail::Class(_) = declared.detail {
                names
                    .devices
                    .insert(format!("@devices/{}", model.names.text(declared.name)), *thing);
            }
        }
        for (address, thing) in further {
            names.devices.entry(address).or_insert(thing);
        }
        names
    }

    /// The declared guard that a read one stands for.
    #[must_use]
    pub fn guard(&self, read: &document::Guard) -> Option<Guard> {
        match read {
            document::Guard::Identity(role) => self
                .roles
                .get(role)
                .map(|(thing, account)| Guard::Identity(*thing, *account)),
            document::Guard::Trust(role) => self
                .roles
                .get(role)
                .map(|(thing, account)| Guard::Trust(*thing, *account)),
            document::Guard::Resource(address) => {
                self.resources.get(address).map(|thing| Guard::Resource(*thing))
            }
            document::Guard::Device(address) => self.devices.get(address).map(|thing| Guard::Device(*thing)),
            document::Guard::Rule(address) => self.resources.get(address).map(|thing| Guard::Rule(*thing)),
            // Nothing that we emit has a boundary; an endpoint's policy belongs to the network layer.
            document::Guard::Boundary(_) | document::Guard::Endpoint(_) => None,
        }
    }

    /// A guard for people.
    #[must_use]
    pub fn describe(model: &Model, guard: Guard) -> String {
        let (what, thing) = match guard {
            Guard::Identity(thing, _) => ("the identity policies of", thing),
            Guard::Trust(thing, _) => ("the trust policy of", thing),
            Guard::Resource(thing) => ("the resource policy of", thing),
            Guard::Device(thing) => ("the IoT policies of", thing),
            Guard::Rule(thing) => ("the statement of rule", thing),
        };
        let name = model
            .things
            .get(thing)
            .map_or("", |declared| model.names.text(declared.name));
        format!("{what} `{name}`")
    }
}

/// What the engine of AWS IoT Core evaluates, by the device's own policies.
#[must_use]
pub fn is_of_device(action: &str) -> bool {
    action.starts_with("iot:") || action.starts_with("greengrass:")
}

/// The ARN of an identity provider in an account. Source: the IAM reference, `saml-provider/NAME`, `oidc-provider/HOST/PATH`.
#[must_use]
pub fn federation(model: &Model, provider: ProviderId, account: AccountId) -> Option<String> {
    let (provider, account) = (model.providers.get(provider)?, model.accounts.get(account)?);
    let [partition, number] = [account.partition, account.number].map(|name| model.names.text(name));
    if provider.saml.is_some() {
        let name = model.names.text(provider.name);
        return Some(format!("arn:{partition}:iam::{number}:saml-provider/{name}"));
    }
    let issuer = model.names.text(provider.oidc?.issuer);
    let host = issuer.strip_prefix("https://").unwrap_or(issuer);
    Some(format!("arn:{partition}:iam::{number}:oidc-provider/{host}"))
}

/// Whom a guard speaks about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The guard's own principal.
    Own,
    /// Anybody.
    Anyone,
    /// One by name.
    Named(PrincipalName),
}

/// What a thing's own policy can speak about: the thing, and everything in it.
#[must_use]
pub fn own_universe(arn: &Pattern) -> Vec<Pattern> {
    let is_bucket = Pattern::glob("arn:*:s3:::*").is_some_and(|shape| shape.covers(arn));
    let mut universe = vec![arn.clone()];
    if is_bucket && let Some(below) = Pattern::glob("/*") {
        universe.push(arn.concat(&below));
    }
    // An index is read by its own name, and answers to the policy of its table.
    let is_table = Pattern::glob("arn:*:dynamodb:*:table/*").is_some_and(|shape| shape.covers(arn));
    if is_table && let Some(indexes) = Pattern::glob("/index/*") {
        universe.push(arn.concat(&indexes));
    }
    universe
}

/// What `*` stands for in the documents of a guard: in a thing's own policy the thing and what is in it, and a trust policy
/// is about its role alone.
#[must_use]
pub fn own_names(addresses: &Addresses, guard: Guard) -> Vec<Pattern> {
    match guard {
        Guard::Trust(thing, account) => {
            let role = addresses.roles.get(&(thing, account));
            role.and_then(|role| Pattern::literal(&role.arn))
                .into_iter()
                .collect()
        }
        Guard::Resource(thing) => addresses.things.get(&thing).map(own_universe).unwrap_or_default(),
        Guard::Identity(..) | Guard::Device(_) | Guard::Rule(_) => vec![Pattern::everything()],
    }
}
