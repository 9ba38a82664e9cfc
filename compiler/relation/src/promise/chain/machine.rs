//! What commands an actor besides its role: the machine that it runs on, the provider that says who it is, what stands for
//! a device in the registry.
//!
//! No address tells which machine runs which workload, so each machine of an account may be any of those that run on one
//! there. Where to look: the list of escalation paths of pathfinding.cloud (`ssm-001`, `ec2-002`, `ecs-005` and others).

use model::Model;
use model::actor::{ProviderId, RunsOn};
use model::thing::{Detail, Thing, ThingId};
use pattern::pattern::Pattern;

use graph::question::overlap::of_any_member;

use crate::guard::federation;
use crate::reach::Relation;

/// Resources of machines, by what runs there; behind `arn:PARTITION:SERVICE:REGION:ACCOUNT:`.
const INSTANCES: &[(&str, &str)] = &[
    ("ec2", "instance/*"),
    // From which later instances are made.
    ("ec2", "launch-template/*"),
];
/// Machines that are managed, and what is run on them.
const SERVERS: &[(&str, &str)] = &[
    ("ssm", "managed-instance/*"),
    ("ssm", "document/*"),
    ("ssm", "association/*"),
    ("ssm", "maintenancewindow/*"),
    ("ssm", "windowtask/*"),
    ("ssm", "windowtarget/*"),
    ("ssm", "patchbaseline/*"),
    ("ssm", "session/*"),
];
const TASKS: &[(&str, &str)] = &[
    ("ecs", "task/*"),
    ("ecs", "task-definition/*"),
    ("ecs", "task-set/*"),
    ("ecs", "service/*"),
    ("ecs", "container-instance/*"),
    // Whose instance is one of the cluster gets tasks to run.
    ("ecs", "cluster/*"),
];
/// What runs in containers.
const IMAGES: &[(&str, &str)] = &[("ecr", "repository/*")];
/// In the registry of devices: no address tells whose certificate it is, or which devices a group or a job is about.
const REGISTRY: &[&str] = &[
    "cert/*",
    "cacert/*",
    "thinggroup/*",
    "dynamicthinggroup/*",
    "thingtype/*",
    "job/*",
    "command/*",
    "package/*",
    "provisioningtemplate/*",
    "authorizer/*",
];

/// Patterns, each with an actor that whoever controls it commands.
pub(super) fn commanded(relation: &Relation<'_>) -> Vec<(Pattern, ThingId)> {
    let sets = &relation.sets;
    let mut found = Vec::new();
    for (id, thing) in sets.model.things.iter() {
        match &thing.detail {
            Detail::Workload(workload) => {
                let machines: &[&[(&str, &str)]] = match workload.runs_on {
                    Some(RunsOn::Ec2) => &[INSTANCES, SERVERS],
                    // The nodes of a cluster are instances.
                    Some(RunsOn::Eks) => &[INSTANCES, SERVERS, IMAGES],
                    // Tasks may run on instances.
                    Some(RunsOn::Ecs) => &[TASKS, INSTANCES, SERVERS, IMAGES],
                    Some(RunsOn::Onprem) => &[SERVERS],
                    // Functions are commanded by their code, code on a device by its host.
                    Some(RunsOn::Lambda | RunsOn::Ci | RunsOn::IotOta | RunsOn::Device(_)) | None => &[],
                };
                let patterns = machines.iter().copied().flatten();
                found.extend(
                    patterns.filter_map(|(service, rest)| Some((of(sets.model, thing, service, rest)?, id))),
                );
                found.extend(asserted(sets.model, thing, workload.from).map(|pattern| (pattern, id)));
            }
            Detail::People(people) => {
                found.extend(asserted(sets.model, thing, people.from).map(|pattern| (pattern, id)));
            }
            Detail::Class(_) => {
                let entry = sets.registered(id).into_iter().next();
                found.extend(entry.map(|entry| (of_any_member(&entry), id)));
                let shared = REGISTRY.iter().filter(|_| sets.fleets.has_things(id));
                found.extend(shared.filter_map(|rest| Some((of(sets.model, thing, "iot", rest)?, id))));
                let policy = sets.graph.addresses.device_policies.get(&id);
                found.extend(
                    policy
                        .and_then(|arn| Pattern::literal(arn))
                        .map(|policy| (policy, id)),
                );
            }
            Detail::External(_) | Detail::Resource => {}
        }
    }
    found
}

/// The identity providers that may say that somebody is this actor: whoever writes one is the actor.
fn asserted(model: &Model, thing: &Thing, from: Option<ProviderId>) -> Option<Pattern> {
    let account = thing.account.or(model.project.default_account)?;
    Pattern::literal(&federation(model, from?, account)?)
}

fn of(model: &Model, thing: &Thing, service: &str, rest: &str) -> Option<Pattern> {
    let account = model
        .accounts
        .get(thing.account.or(model.project.default_account)?)?;
    let [partition, region, number] =
        [account.partition, account.region, account.number].map(|name| model.names.text(name));
    Pattern::glob(&format!("arn:{partition}:{service}:{region}:{number}:{rest}"))
}
