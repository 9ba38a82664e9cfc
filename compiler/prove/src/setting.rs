//! Clause 4, and the objects of clauses 3 and 5: every declared setting holds of the emitted object, everything declared
//! is made, and nothing is made that nobody declared.

use std::collections::{BTreeMap, BTreeSet};

use checks::Checked;
use graph::access::{Principal, Resource};
use graph::setting::{Object, Property, Value};
use model::actor::RunsOn;
use model::thing::{Detail, PartDetail, ThingId};
use read::facts::Facts;
use read::facts::object::{Object as Emitted, Setting};

use crate::because::span_of;
use crate::beside;
use crate::choice;
use crate::marker;
use crate::registry;
use crate::verified::{Clause, Status};
use crate::witness::{Refusal, Sort};
use relation::guard::federation;

/// What the graph calls a property, as it is read.
pub(crate) fn setting_of(property: Property) -> Setting {
    match property {
        Property::EncryptionKey | Property::Encrypted => Setting::EncryptionKey,
        Property::RetainSeconds => Setting::RetainSeconds,
        Property::Versioned => Setting::Versioned,
        Property::LockSeconds => Setting::LockSeconds,
        Property::PublicAccessBlocked => Setting::PublicAccessBlocked,
        Property::OwnerEnforced => Setting::OwnerEnforced,
        Property::KeyRotation => Setting::KeyRotation,
        Property::DeletionProtected => Setting::DeletionProtected,
        Property::PointInTimeRecovery => Setting::PointInTimeRecovery,
        Property::TlsRequired => Setting::TlsRequired,
        Property::Unreachable => Setting::Unreachable,
        Property::SessionSeconds => Setting::SessionSeconds,
        Property::TlsFloor => Setting::TlsFloor,
    }
}

/// Proves settings and objects of one target that makes objects.
pub(crate) fn prove(checked: &Checked<'_>, facts: &Facts, clauses: &mut Vec<Clause>) -> Vec<Refusal> {
    if facts.target != bundle::target::TERRAFORM {
        return Vec::new();
    }
    let mut refusals = Vec::new();
    let mut emitted: BTreeMap<&str, Vec<&Emitted>> = BTreeMap::new();
    for object in &facts.objects {
        emitted.entry(&object.address).or_default().push(object);
    }
    let held = settings(checked, facts, &emitted, &mut refusals);
    beside::prove(checked, facts, &emitted, &mut refusals);
    let (made, idle) = things(checked, facts, &emitted, &mut refusals);
    deliveries(checked, facts, &emitted, &mut refusals);
    marker::prove(checked, facts, &mut refusals);
    choice::prove(checked, facts, &emitted, &idle, &mut refusals);
    let registered = registry::prove(checked, facts, &mut refusals);
    let mut counts = BTreeMap::from([("settings", held), ("objects", made)]);
    if registered > 0 {
        counts.insert("things", registered);
    }
    clauses.push(Clause {
        number: 4,
        target: facts.target,
        status: Status::Exact,
        counts,
    });
    refusals
}

fn settings(
    checked: &Checked<'_>,
    facts: &Facts,
    emitted: &BTreeMap<&str, Vec<&Emitted>>,
    refusals: &mut Vec<Refusal>,
) -> u64 {
    let graph = checked.graph();
    let mut held = 0;
    for setting in &graph.settings {
        let addresses: Vec<&str> = match setting.object {
            Object::Thing(thing) => graph
                .addresses
                .objects
                .get(&thing)
                .map(String::as_str)
                .into_iter()
                .collect(),
            Object::Identity(actor) => graph
                .addresses
                .roles
                .iter()
                .filter(|((thing, _), _)| *thing == actor)
                .map(|(_, role)| role.arn.as_str())
                .collect(),
            Object::Network(network) => graph
                .addresses
                .networks
                .get(&network)
                .map(String::as_str)
                .into_iter()
                .collect(),
        };
        // Of what exists, and of what is never made, a setting is as it is declared: A14 says so by name.
        let is_unmade = match setting.object {
            Object::Thing(thing) => checked.model().things.get(thing).is_some_and(|thing| {
                let kind = checked.model().kinds.get(thing.kind);
                thing.existing.is_some() || kind.is_some_and(|kind| kind.means.is_empty())
            }),
            Object::Identity(_) | Object::Network(_) => false,
        };
        if is_unmade {
            continue;
        }
        let declared = span_of(checked, setting.because);
        let wanted = wanted(checked, setting.property, setting.value);
        for address in addresses {
            // A table is encrypted as the database is in which it lies: what contains a thing is a beginning of its address.
            let read = std::iter::once(address)
                .chain(containers(address))
                .filter_map(|address| emitted.get(address))
                .find_map(|objects| {
                    objects
                        .iter()
                        .find_map(|object| value(object, setting_of(setting.property)))
                });
            if read.is_some_and(|read| wanted.accepts(read)) {
                held += 1;
                continue;
            }
            let found = read.unwrap_or("nothing");
            let message = format!(
                "`{address}` has {found} where {:?} must be {wanted}",
                setting_of(setting.property)
            );
            let mut refusal = Refusal::new(Sort::Setting, facts.target, message).declared(declared);
            if let Some(object) = emitted.get(address).and_then(|objects| objects.first()) {
                refusal = refusal.at(&object.place);
            }
            refusals.push(refusal);
        }
    }
    held
}

/// The addresses of what contains a thing, the nearest first.
fn containers(address: &str) -> impl Iterator<Item = &str> {
    address
        .rmatch_indices('/')
        .filter_map(|(at, _)| address.get(..at))
}

fn value(object: &Emitted, setting: Setting) -> Option<&str> {
    object
        .settings
        .iter()
        .find(|(of, _)| *of == setting)
        .map(|(_, value)| value.as_str())
}

/// What a setting must read as.
enum Wanted {
    Exactly(String),
    /// Encrypted with any key, the provider's own included.
    AnyKey,
}

impl Wanted {
    fn accepts(&self, read: &str) -> bool {
        match self {
            Self::Exactly(text) => text == read,
            Self::AnyKey => !matches!(read, "" | "none"),
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(text) => f.write_str(text),
            Self::AnyKey => f.write_str("any key"),
        }
    }
}

fn wanted(checked: &Checked<'_>, property: Property, value: Value) -> Wanted {
    if property == Property::Encrypted {
        return Wanted::AnyKey;
    }
    let graph = checked.graph();
    Wanted::Exactly(match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Word(word) => graph.words.text(word).to_owned(),
        Value::Thing(thing) => graph.addresses.objects.get(&thing).cloned().unwrap_or_default(),
    })
}

/// Everything that a kind's means make is made, and what holds data is kept; nothing else is made. How many, and what is idle.
fn things(
    checked: &Checked<'_>,
    facts: &Facts,
    emitted: &BTreeMap<&str, Vec<&Emitted>>,
    refusals: &mut Vec<Refusal>,
) -> (u64, BTreeSet<String>) {
    let (model, graph) = (checked.model(), checked.graph());
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut made = 0;
    for (thing, address) in &graph.addresses.objects {
        let Some(declared) = model.things.get(*thing) else {
            continue;
        };
        if declared.existing.is_some() {
            continue;
        }
        known.insert(address);
        let Some(kind) = model.kinds.get(declared.kind) else {
            continue;
        };
        if kind.means.is_empty() {
            continue;
        }
        made += 1;
        let Some(objects) = emitted.get(address.as_str()) else {
            let message = format!("`{}` is declared and not made", model.names.text(declared.name));
            refusals
                .push(Refusal::new(Sort::FallsShort, facts.target, message).declared(Some(declared.span)));
            continue;
        };
        if !kind.words.holds_data {
            continue;
        }
        // What contains it takes it along: a table goes with its database.
        let within = containers(address).filter_map(|address| emitted.get(address));
        for objects in std::iter::once(objects).chain(within) {
            if objects.iter().any(|object| object.kept) {
                continue;
            }
            let message = format!(
                "`{}` holds data, and its deletion is not prevented",
                model.names.text(declared.name)
            );
            let mut refusal =
                Refusal::new(Sort::Setting, facts.target, message).declared(Some(declared.span));
            if let Some(object) = objects.first() {
                refusal = refusal.at(&object.place);
            }
            refusals.push(refusal);
        }
    }
    let addresses = &graph.addresses;
    known.extend(addresses.roles.values().map(|role| role.arn.as_str()));
    known.extend(addresses.device_policies.values().map(String::as_str));
    let further = further_documents(checked);
    known.extend(further.iter().map(String::as_str));
    let needed = needed_besides(checked);
    known.extend(needed.iter().map(String::as_str));
    for address in needed
        .iter()
        .filter(|address| !emitted.contains_key(address.as_str()))
    {
        refusals.push(Refusal::new(
            Sort::FallsShort,
            facts.target,
            format!("`{address}` is declared and not made"),
        ));
    }
    let federations = federations(checked);
    known.extend(federations.keys().map(String::as_str));
    // Whom a trust policy names as an issuer must be there to be believed.
    for (address, is_made) in &federations {
        if *is_made && !emitted.contains_key(address.as_str()) {
            let message = format!("identity provider `{address}` is declared and not made");
            refusals.push(Refusal::new(Sort::FallsShort, facts.target, message));
        }
    }
    looked_up(facts, &federations, refusals);
    let idle = idle(facts, emitted, known, refusals);
    (made, idle)
}

/// Issuers of tokens that an account knows already are looked up, and no others.
fn looked_up(facts: &Facts, federations: &BTreeMap<String, bool>, refusals: &mut Vec<Refusal>) {
    let is_issuer = |address: &str| address.contains(":oidc-provider/");
    let found: BTreeMap<&str, _> = facts
        .relied_on
        .iter()
        .filter(|relied| is_issuer(&relied.what))
        .map(|relied| (relied.what.as_str(), &relied.place))
        .collect();
    for (address, is_made) in federations {
        if !is_made && is_issuer(address) && !found.contains_key(address.as_str()) {
            let message = format!("identity provider `{address}` exists, and is not looked up");
            refusals.push(Refusal::new(Sort::FallsShort, facts.target, message));
        }
    }
    for (address, place) in found {
        if federations.get(address) != Some(&false) {
            let message = format!("identity provider `{address}` is looked up, and not declared to exist");
            refusals.push(Refusal::new(Sort::Idle, facts.target, message).at(place));
        }
    }
}

/// A rule runs with its own role, and delivers to everything that its trusts let it write to, and to nothing else.
fn deliveries(
    checked: &Checked<'_>,
    facts: &Facts,
    emitted: &BTreeMap<&str, Vec<&Emitted>>,
    refusals: &mut Vec<Refusal>,
) {
    let (model, addresses) = (checked.model(), &checked.graph().addresses);
    let mut wanted: BTreeMap<ThingId, BTreeSet<&str>> = BTreeMap::new();
    for access in &checked.graph().accesses {
        let (Principal::Acting(rule), Resource::Thing(object)) = (access.principal, access.resource) else {
            continue;
        };
        let action = checked.graph().words.text(access.action);
        let entry = wanted.entry(rule).or_default();
        let of_rule = addresses.roles.iter().filter(|((thing, _), _)| *thing == rule);
        entry.extend(of_rule.map(|(_, role)| role.arn.as_str()));
        // What it subscribes to stands in its statement; a key is used by the store that it writes to.
        let is_store = addresses
            .objects
            .get(&object)
            .is_some_and(|address| !address.starts_with("kms:"));
        if !matches!(action, "iot:Subscribe" | "iot:Receive") && is_store {
            entry.extend(addresses.objects.get(&object).map(String::as_str));
        }
    }
    for (rule, wanted) in wanted {
        let name = model
            .things
            .get(rule)
            .map_or("", |thing| model.names.text(thing.name));
        let objects = addresses
            .objects
            .get(&rule)
            .and_then(|address| emitted.get(address.as_str()));
        let Some(object) = objects.and_then(|objects| objects.iter().find(|object| object.sort == "rule"))
        else {
            continue;
        };
        let found: BTreeSet<&str> = object.refers.iter().map(String::as_str).collect();
        for missing in wanted.difference(&found) {
            let message = format!("rule `{name}` does not use `{missing}`, which is declared");
            refusals.push(Refusal::new(Sort::FallsShort, facts.target, message).at(&object.place));
        }
        for extra in found.difference(&wanted) {
            let message = format!("rule `{name}` uses `{extra}`, which no trust declares");
            refusals.push(Refusal::new(Sort::Exceeds, facts.target, message).at(&object.place));
        }
    }
}

/// Objects that a declaration needs besides the one that bears its name: a class's thing type, a balancer's listeners, the
/// profile by which instances take a workload's role.
fn needed_besides(checked: &Checked<'_>) -> Vec<String> {
    let (model, addresses) = (checked.model(), &checked.graph().addresses);
    // A thing type bears its class's name, as its policy does.
    let types = addresses
        .device_policies
        .values()
        .map(|policy| policy.replacen(":policy/", ":thingtype/", 1));
    let listeners = model.parts.iter().filter_map(|(_, part)| {
        let address = addresses
            .objects
            .get(&part.of)
            .filter(|address| address.starts_with("lb:"))?;
        let PartDetail::Listener(listener) = &part.detail else {
            return None;
        };
        let is_made = model
            .things
            .get(part.of)
            .is_some_and(|thing| thing.existing.is_none());
        is_made.then(|| {
            listener
                .ports
                .iter()
                .map(move |ports| format!("listener:{address}/{}", ports.first))
        })
    });
    // An instance takes its role by a profile of the role's name, and has no other way to it.
    let profiles = addresses.roles.iter().filter_map(|((thing, _), role)| {
        let thing = model.things.get(*thing)?;
        let on_instances =
            matches!(&thing.detail, Detail::Workload(workload) if workload.runs_on == Some(RunsOn::Ec2));
        let account = role.arn.split(':').nth(4)?;
        (on_instances && thing.existing.is_none())
            .then(|| format!("instance-profile:{account}:{} of {}", role.name, role.arn))
    });
    types.chain(listeners.flatten()).chain(profiles).collect()
}

/// Federations by which somebody becomes something here, and whether they are made: a SAML one exists already.
fn federations(checked: &Checked<'_>) -> BTreeMap<String, bool> {
    let accesses = checked.graph().accesses.iter();
    accesses
        .filter_map(|access| match access.principal {
            Principal::Federation(provider, account) => {
                let is_made = !graph::shared::is_known(checked.model(), provider, account);
                federation(checked.model(), provider, account).map(|arn| (arn, is_made))
            }
            _ => None,
        })
        .collect()
}

/// What is made although nothing declares it and nothing that is needed refers to it.
fn idle(
    facts: &Facts,
    emitted: &BTreeMap<&str, Vec<&Emitted>>,
    known: BTreeSet<&str>,
    refusals: &mut Vec<Refusal>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&str> = known.into_iter().collect();
    // Parts of a network are judged by the network layer, route by route and rule by rule.
    left.extend(
        facts
            .objects
            .iter()
            .filter(|object| is_of_network(&object.sort))
            .map(|object| object.address.as_str()),
    );
    let mut needed: BTreeSet<&str> = BTreeSet::new();
    while let Some(address) = left.pop() {
        if needed.insert(address) {
            let objects = emitted.get(address).into_iter().flatten();
            left.extend(objects.flat_map(|object| object.refers.iter().map(String::as_str)));
        }
    }
    for object in facts
        .objects
        .iter()
        .filter(|object| !needed.contains(object.address.as_str()))
    {
        let message = match object.sort.as_str() {
            "ignored-file" => format!(
                "terraform passes over a file of this name, so that nothing in `{}` is made",
                object.place.path
            ),
            sort => format!(
                "{sort} `{}` is made, and nothing declares or needs it",
                object.address
            ),
        };
        refusals.push(Refusal::new(Sort::Idle, facts.target, message).at(&object.place));
        found.insert(object.address.clone());
    }
    found
}

fn is_of_network(sort: &str) -> bool {
    matches!(
        sort,
        "network"
            | "subnet"
            | "gateway"
            | "attachment"
            | "route-table"
            | "network-acl"
            | "group"
            | "endpoint"
            | "public-address"
            | "zone"
            | "record"
    )
}

/// Names of an IoT policy's further documents.
fn further_documents(checked: &Checked<'_>) -> Vec<String> {
    let policies: BTreeMap<ThingId, String> = checked.graph().addresses.device_policies.clone();
    policies
        .values()
        .flat_map(|address| (2..=10).map(move |number| format!("{address}-{number}")))
        .collect()
}
