//! What the theorem assumes, each with what it applies to here.

use std::collections::BTreeSet;

use checks::Checked;
use graph::access::{Principal, Resource};
use model::thing::{Detail, Thing, ThingId};
use model::value::Value;
use pattern::word::Letter;
use read::facts::Facts;

use crate::verified::Assumption;

pub(crate) fn assumptions(checked: &Checked<'_>, facts: &[Facts]) -> Vec<Assumption> {
    let (model, graph) = (checked.model(), checked.graph());
    let name = |name| model.names.text(name).to_owned();
    let targets: BTreeSet<&str> = facts.iter().map(|one| one.target).collect();
    let restricted: BTreeSet<_> = graph
        .restrictions
        .iter()
        .map(|restriction| restriction.resource)
        .collect();

    // No identity policy opens a key that its own policy keeps shut.
    let is_key = |thing: &Thing| {
        let kind = model.kinds.get(thing.kind);
        let service = kind.and_then(|kind| kind.words.service);
        service.is_some_and(|service| model.names.text(service) == "kms")
    };
    let open: Vec<String> = model
        .things
        .iter()
        .filter(|(id, thing)| {
            thing.account.is_some() && matches!(thing.detail, Detail::Resource) && !restricted.contains(id)
        })
        .filter(|(_, thing)| !is_key(thing) || thing.existing.is_some_and(|existing| !existing.policy_ours))
        .map(|(_, thing)| name(thing.name))
        .collect();
    let mut trusted: Vec<String> = model
        .accounts
        .iter()
        .flat_map(|(_, account)| {
            let steward = account
                .steward
                .map(|(role, _)| format!("{}: {}", name(account.name), name(role)));
            std::iter::once(format!("{}: root", name(account.name))).chain(steward)
        })
        .collect();
    trusted.push("whoever applies these files".to_owned());
    let mut existing: BTreeSet<String> = facts
        .iter()
        .flat_map(|one| one.relied_on.iter().map(|relied| relied.what.clone()))
        .collect();
    existing.extend(
        model
            .project
            .identifiers
            .iter()
            .map(|one| format!("{}.{}", name(one.object), name(one.attribute))),
    );
    let providers: Vec<String> = model
        .providers
        .iter()
        .map(|(_, provider)| name(provider.name))
        .collect();
    let sites: Vec<String> = model.sites.iter().map(|(_, site)| name(site.name)).collect();
    let fleets: Vec<String> = model
        .fleets
        .iter()
        .map(|(_, fleet)| {
            let class = model
                .things
                .get(fleet.class)
                .map(|class| name(class.name))
                .unwrap_or_default();
            match &fleet.file {
                Some((path, digest)) => format!(
                    "{class}: {} rows of {}, sha256 {digest}",
                    fleet.len(),
                    name(*path)
                ),
                None => format!("{class}: {} declared by name", fleet.len()),
            }
        })
        .chain(deciding_attributes(checked))
        .collect();
    // Accesses are in order of who acts.
    let principals = graph.accesses.chunk_by(|a, b| a.principal == b.principal);
    let actors: Vec<String> = principals
        .filter_map(|accesses| match accesses.first()?.principal {
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => model.things.get(thing).map(|thing| name(thing.name)),
            Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => {
                None
            }
        })
        .collect();

    let mut late = vec!["issued sessions: until they end".to_owned()];
    if !graph.addresses.device_policies.is_empty() {
        late.push("IoT policies: up to 8 minutes".to_owned());
    }
    if !graph.flows.is_empty() {
        late.push("tracked connections: until they are idle".to_owned());
    }
    let mut list = vec![
        entry(
            "A1",
            "the provider evaluates as its manual says; rules on which sources disagree are not used",
            [],
        ),
        entry(
            "A2",
            "exactly these bytes are applied, completely, and nothing else edits what they own",
            targets.iter().map(|target| (*target).to_owned()),
        ),
        entry(
            "A3",
            "in each account, no document outside these files grants access to undeclared principals",
            open,
        ),
        entry("A4", "these are trusted", trusted),
        entry(
            "A5",
            "assigned values are fresh and distinct, and what exists already is what the project says",
            existing,
        ),
        entry(
            "A6",
            "identity providers assert groups, MFA and attributes truthfully, and addresses of sites are as declared",
            providers.into_iter().chain(sites),
        ),
        entry(
            "A7",
            "the words mean what their kinds say",
            ["digests in leastwise.lock".to_owned()],
        ),
        entry(
            "A8",
            "changes take effect late: policy caches, issued sessions, tracked connections",
            late,
        ),
        entry(
            "A9",
            "inventories are true, and who may change a deciding attribute is trusted",
            fleets,
        ),
        entry(
            "A11",
            "this compiler's reader of the language, graph, set algebra, read and prove are tested, not proved",
            [],
        ),
        entry(
            "A12",
            "each actor runs with the role, group and policies that bear its name",
            actors,
        ),
    ];
    list.push(entry(
        "A13",
        "whoever writes here names no other key: the key of the store is a default, and each request may name one",
        keys_by_default(checked),
    ));
    if targets.contains(bundle::target::TERRAFORM)
        && (targets.contains(bundle::target::SECURITY_GROUPS) || targets.contains(bundle::target::AWS_IAM))
    {
        list.push(entry(
            "A10",
            "the second of two alternatives is not applied beside the first",
            ["terraform, or aws-iam and security-groups".to_owned()],
        ));
    }
    // What is assumed of named things alone is not assumed where there are none.
    list.retain(|assumption| {
        !assumption.data.is_empty() || !matches!(assumption.id, "A3" | "A6" | "A9" | "A12" | "A13")
    });
    list.sort_by_key(|assumption| {
        assumption
            .id
            .get(1..)
            .and_then(|number| number.parse::<u32>().ok())
    });
    list
}

/// Actions by which a request may name the key that encrypts what it writes.
///
/// Source: Amazon S3 user guide, "Specifying server-side encryption with AWS KMS"; Systems Manager API reference, `PutParameter`,
/// `KeyId`; read 2026-11-29. Every other store takes its own key, whoever writes.
const NAMES_A_KEY: [&str; 2] = ["s3:PutObject", "ssm:PutParameter"];

/// Stores whose declared key is a default for whoever writes there, each with who does.
fn keys_by_default(checked: &Checked<'_>) -> BTreeSet<String> {
    let (model, graph) = (checked.model(), checked.graph());
    let name = |thing: ThingId| {
        let thing = model.things.get(thing);
        thing.map_or("", |thing| model.names.text(thing.name))
    };
    let has_key = |thing: ThingId| {
        let values = model
            .things
            .get(thing)
            .into_iter()
            .flat_map(|thing| &thing.properties);
        values.flat_map(|property| &property.values).any(|value| {
            let Value::Thing(key) = value else { return false };
            let kind = model.things.get(*key).and_then(|key| model.kinds.get(key.kind));
            let service = kind.and_then(|kind| kind.words.service);
            service.is_some_and(|service| model.names.text(service) == "kms")
        })
    };
    let mut found = BTreeSet::new();
    for access in &graph.accesses {
        let Resource::Thing(store) = access.resource else {
            continue;
        };
        if !NAMES_A_KEY.contains(&graph.words.text(access.action)) || !has_key(store) {
            continue;
        }
        let who = match access.principal {
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => name(thing),
            // Who is trusted with everything is assumed elsewhere.
            Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => {
                continue;
            }
        };
        found.insert(format!("{}: {who}", name(store)));
    }
    found
}

/// Attributes on which some pattern depends: whoever may change them decides.
fn deciding_attributes(checked: &Checked<'_>) -> Vec<String> {
    let graph = checked.graph();
    let mut deciding = BTreeSet::new();
    for (_, pattern) in graph.patterns.iter() {
        for letter in pattern.unknowns() {
            if let Letter::Variable(id) = letter
                && let Some(attribute) = graph
                    .addresses
                    .variables
                    .text(arena::Name::new(id))
                    .strip_prefix("attr:")
            {
                deciding.insert(format!(
                    "attribute {attribute}: iot:UpdateThing, or the session tags of a provider"
                ));
            }
        }
    }
    deciding.into_iter().collect()
}

fn entry(id: &'static str, sentence: &'static str, data: impl IntoIterator<Item = String>) -> Assumption {
    let mut data: Vec<String> = data.into_iter().collect();
    data.sort();
    data.dedup();
    Assumption { id, sentence, data }
}
