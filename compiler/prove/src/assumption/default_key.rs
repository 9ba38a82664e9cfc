//! Stores whose declared key is a default: a request that writes may ask for another encryption.

use std::collections::BTreeSet;

use checks::Checked;
use graph::access::{Principal, Resource};
use model::thing::ThingId;
use model::value::Value;

/// Actions by which a request may say how what it writes is encrypted.
///
/// Source: Amazon S3 user guide, "Specifying server-side encryption with AWS KMS" and "Updating server-side encryption of
/// objects"; Systems Manager API reference, `PutParameter`, `KeyId`; Secrets Manager API reference, `UpdateSecret`, `KmsKeyId`;
/// read 2026-11-29. Every other store takes its own key, whoever writes.
const NAMES_A_KEY: [&str; 4] = [
    "s3:PutObject",
    "s3:UpdateObjectEncryption",
    "secretsmanager:UpdateSecret",
    "ssm:PutParameter",
];

/// Stores whose declared key is a default for whoever writes there, each with its key and who does.
pub(super) fn keys_by_default(checked: &Checked<'_>) -> BTreeSet<String> {
    let (model, graph) = (checked.model(), checked.graph());
    let name = |thing: ThingId| {
        let thing = model.things.get(thing);
        thing.map_or("", |thing| model.names.text(thing.name))
    };
    let key_of = |thing: ThingId| {
        let thing = model.things.get(thing)?;
        let mut values = thing.properties.iter().flat_map(|property| &property.values);
        values.find_map(|value| {
            let Value::Thing(key) = value else { return None };
            let kind = model.things.get(*key).and_then(|key| model.kinds.get(key.kind));
            let service = kind.and_then(|kind| kind.words.service)?;
            (model.names.text(service) == "kms").then_some(*key)
        })
    };
    let mut found = BTreeSet::new();
    for access in &graph.accesses {
        let Resource::Thing(store) = access.resource else {
            continue;
        };
        if !NAMES_A_KEY.contains(&graph.words.text(access.action)) {
            continue;
        }
        let Some(key) = key_of(store) else { continue };
        let who = match access.principal {
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => name(thing),
            Principal::Service(service) => graph.words.text(service),
            Principal::Anyone => "everybody",
            // Who is trusted with everything is assumed elsewhere; a federation is whoever it makes a role of.
            Principal::Federation(..) | Principal::Steward(_) => continue,
        };
        found.insert(format!("{} under {}: {who}", name(store), name(key)));
    }
    found
}
