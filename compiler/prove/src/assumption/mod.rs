//! What the theorem assumes, each with what it applies to here.

mod default_key;
mod unheld;

use std::collections::BTreeSet;

use checks::Checked;
use graph::access::Principal;
use model::thing::{Detail, Thing, ThingId};
use pattern::word::Letter;
use read::facts::Facts;

use crate::verified::Assumption;

pub(crate) fn assumptions(checked: &Checked<'_>, facts: &[Facts]) -> Vec<Assumption> {
    let (model, graph) = (checked.model(), checked.graph());
    let name = |name| model.names.text(name).to_owned();
    let targets: BTreeSet<&str> = facts.iter().map(|one| one.target).collect();

    // A policy of ours that only denies keeps nobody out. No identity policy opens a key that its own policy keeps shut.
    let is_key = |thing: &Thing| {
        let kind = model.kinds.get(thing.kind);
        let service = kind.and_then(|kind| kind.words.service);
        service.is_some_and(|service| model.names.text(service) == "kms")
    };
    let open: Vec<String> = model
        .things
        .iter()
        .filter(|(_, thing)| thing.account.is_some() && matches!(thing.detail, Detail::Resource))
        .filter(|(_, thing)| !is_key(thing) || thing.existing.is_some_and(|existing| !existing.is_ours()))
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
    existing.extend(model.things.iter().filter_map(|(_, thing)| {
        let existing = thing.existing?;
        Some(format!("{}: {}", name(thing.name), name(existing.name)))
    }));
    // Whose rules are not ours: what they let in, and what an endpoint's policy lets through, is asked of their owner.
    existing.extend(model.things.iter().filter_map(|(_, thing)| {
        let (group, _) = thing.existing?.wears?;
        Some(format!(
            "{}: wears {}, which lets through what is declared and nothing more",
            name(thing.name),
            name(group)
        ))
    }));
    existing.extend(model.networks.iter().flat_map(|(_, network)| {
        network.endpoints.iter().map(|endpoint| {
            format!(
                "{}: {} is the endpoint of {}; it wears {}, and both let through what is declared",
                name(network.name),
                name(endpoint.existing.0),
                name(endpoint.service),
                name(endpoint.wears.0)
            )
        })
    }));
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
    let thing_name = |thing: ThingId| {
        model
            .things
            .get(thing)
            .map_or_else(String::new, |thing| name(thing.name))
    };
    // Accesses are in order of who acts.
    let principals = graph.accesses.chunk_by(|a, b| a.principal == b.principal);
    let actors: Vec<String> = principals
        .flat_map(|accesses| match accesses.first().map(|access| access.principal) {
            Some(Principal::Class(class)) => {
                let kind = model.things.get(class).map(|class| name(class.physical.name));
                let (class, kind) = (thing_name(class), kind.unwrap_or_default());
                // Policies name the thing that a certificate belongs to: it is the row that the inventory means.
                let things = format!(
                    "{class}: each certificate belongs to the one thing of the registry that has the name of its row and the \
                     type `{kind}`"
                );
                vec![class, things]
            }
            Some(
                Principal::Workload(thing)
                | Principal::People(thing)
                | Principal::Acting(thing)
                | Principal::External(thing),
            ) => vec![thing_name(thing)],
            Some(
                Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone,
            )
            | None => Vec::new(),
        })
        .collect();

    // Who only speaks is known by its group alone.
    let known: BTreeSet<&str> = actors.iter().map(String::as_str).collect();
    let wearing = graph
        .addresses
        .groups
        .keys()
        .map(|thing| (*thing, thing_name(*thing)));
    let wearing = wearing.filter(|(thing, own)| {
        let thing = model.things.get(*thing);
        let runs = thing.is_some_and(|thing| matches!(thing.detail, Detail::Workload(_)));
        runs && !known.contains(own.as_str())
    });
    let wearing: Vec<String> = wearing.map(|(_, own)| own).collect();
    let actors: BTreeSet<String> = actors.into_iter().chain(wearing).collect();

    let shared = graph.addresses.shared.iter();
    let actors = actors.into_iter().chain(shared.map(|(thing, group)| {
        let group = group.rsplit('/').next().unwrap_or(group);
        format!("{}: wears `{group}` besides its own group", thing_name(*thing))
    }));

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
            providers.into_iter().chain(groups(checked)).chain(sites),
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
            "each actor runs with the role, group and policies that bear its name, and each device is the thing of its name",
            actors,
        ),
    ];
    list.push(entry(
        "A13",
        "whoever writes here asks for no other encryption: the key of the store is a default, and a request may name another \
         or none; to close it, deny such requests in a policy of the organisation",
        default_key::keys_by_default(checked),
    ));
    list.push(entry(
        "A14",
        "these facts are so as they are declared: no emitted file sees to them",
        unheld::unheld(checked, facts),
    ));
    list.push(entry(
        "A15",
        "what these roles may besides, and who may become them, is their owner's to say: no promise and no test sees it",
        existing_roles(checked),
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
        !assumption.data.is_empty()
            || !matches!(assumption.id, "A3" | "A6" | "A9" | "A12" | "A13" | "A14" | "A15")
    });
    list.sort_by_key(|assumption| {
        assumption
            .id
            .get(1..)
            .and_then(|number| number.parse::<u32>().ok())
    });
    list
}

/// Who becomes which people: the role itself admits everybody whom the provider sends to it.
fn groups(checked: &Checked<'_>) -> Vec<String> {
    let model = checked.model();
    let name = |name| model.names.text(name);
    let people = model.things.iter().filter_map(|(_, thing)| {
        let Detail::People(people) = &thing.detail else {
            return None;
        };
        let provider = name(model.providers.get(people.from?)?.name);
        let own = name(thing.name);
        Some(match people.group {
            Some((group, _)) => format!(
                "{provider}: who takes the role of `{own}` is of the group `{}`",
                name(group)
            ),
            None => format!("{provider}: everybody whom it lets take the role of `{own}` is meant"),
        })
    });
    people.collect()
}

/// Workloads that run with a role that exists, each with the role.
fn existing_roles(checked: &Checked<'_>) -> Vec<String> {
    let (model, graph) = (checked.model(), checked.graph());
    let roles = graph.addresses.roles.iter();
    roles
        .filter_map(|((thing, _), role)| {
            let thing = model.things.get(*thing)?;
            thing.existing_role()?;
            Some(format!("{}: {}", model.names.text(thing.name), role.arn))
        })
        .collect()
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
