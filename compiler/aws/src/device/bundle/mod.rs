//! What a class's provisioning bundle says besides its policy: hardware, members, identities, services, host firewall.

mod host;

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Report;
use graph::access::{Principal, Resource};
use graph::flow::{Endpoint, Flow, Reach};
use model::actor::{self, Hardware, IdentityWord, KeyStore, RunsOn};
use model::thing::{Detail, ThingId};

use crate::context::Context;
use crate::deployment::device::{Class, Guards, Identity, ServiceUse};

/// The service that speaks MQTT.
const MQTT_SERVICE: &str = "iot.data";
const TCP: u8 = 6;

/// Fills in everything of a class but its names and its IoT policies.
pub(crate) fn complete(cx: &Context<'_>, id: ThingId, class: &mut Class, report: &mut Report) {
    let Some(Detail::Class(declared)) = cx.thing(id).map(|thing| &thing.detail) else {
        return;
    };
    let on = residents(cx, id);
    let flows: Vec<&Flow> = cx
        .graph
        .flows
        .iter()
        .filter(|flow| {
            [flow.from, flow.to]
                .iter()
                .any(|end| matches!(end, Endpoint::Thing(thing) if on.contains(thing)))
        })
        .collect();
    class.hardware = declared
        .hardware
        .map_or("", |(hardware, _)| word(hardware))
        .to_owned();
    if let Some(fleet) = declared.fleet.and_then(|fleet| cx.model.fleets.get(fleet)) {
        class.members = fleet.len() as u64;
        class.inventory_digest = fleet
            .file
            .as_ref()
            .map_or_else(String::new, |(_, digest)| digest.to_string());
    }
    class.identities = declared
        .identities
        .iter()
        .filter_map(|identity| one_identity(cx, identity))
        .collect();
    class.endpoints = services(cx, id, declared, &on, &flows);
    if declared
        .hardware
        .is_some_and(|(hardware, _)| hardware == Hardware::Linux)
    {
        class.firewalls = host::firewalls(cx, (id, declared), &on, &flows, report);
    }
    class.residuals = residuals(cx, declared, class, &flows);
}

/// The class itself, and the workloads that run on it.
fn residents(cx: &Context<'_>, class: ThingId) -> BTreeSet<ThingId> {
    let runs_here = cx.model.things.iter().filter(|(_, thing)| match &thing.detail {
        Detail::Workload(workload) => workload.runs_on == Some(RunsOn::Device(class)),
        Detail::Class(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => false,
    });
    runs_here.map(|(id, _)| id).chain([class]).collect()
}

fn word(hardware: Hardware) -> &'static str {
    match hardware {
        Hardware::Expresslink => "expresslink",
        Hardware::Embedded => "embedded",
        Hardware::Linux => "linux",
        Hardware::Network => "network",
    }
}

fn one_identity(cx: &Context<'_>, identity: &actor::Identity) -> Option<Identity> {
    let word = match identity.word {
        IdentityWord::X509 => "x509",
        IdentityWord::RolesAnywhere => "roles-anywhere",
        IdentityWord::Ssm => "ssm",
        IdentityWord::Dot1x => "dot1x",
        IdentityWord::SshHost => "ssh-host",
        IdentityWord::None => return None,
    };
    let authority = identity.ca.and_then(|ca| cx.model.authorities.get(ca));
    let key = identity.key.map(|key| match key {
        KeyStore::SecureElement => "secure-element",
        KeyStore::Tpm => "tpm",
        KeyStore::Pkcs11 => "pkcs11",
        KeyStore::File => "file",
    });
    Some(Identity {
        word: word.to_owned(),
        ca: authority.map(|authority| cx.text(authority.name).to_owned()),
        key: key.map(str::to_owned),
        rotate_seconds: identity.rotate.map(|rotate| rotate.seconds),
        more: identity
            .more
            .iter()
            .map(|(name, value)| (cx.text(*name).to_owned(), cx.text(*value).to_owned()))
            .collect(),
    })
}

/// Services that flows open connections to, with the ports in the order in which the class prefers them.
fn services(
    cx: &Context<'_>,
    id: ThingId,
    class: &actor::Class,
    on: &BTreeSet<ThingId>,
    flows: &[&Flow],
) -> Vec<ServiceUse> {
    let account = cx.account_of(id).or_else(|| {
        cx.model
            .project
            .default_account
            .and_then(|account| cx.account(account))
    });
    let region = account.map_or("", |account| cx.text(account.region));
    let mut ports: BTreeMap<&str, BTreeSet<u16>> = BTreeMap::new();
    for flow in flows {
        let (Endpoint::Thing(from), Endpoint::Service(service)) = (flow.from, flow.to) else {
            continue;
        };
        if !on.contains(&from) {
            continue;
        }
        let of = ports.entry(cx.word(service)).or_default();
        for range in cx
            .graph
            .ports
            .get(flow.ports)
            .into_iter()
            .flatten()
            .filter(|range| range.protocol == TCP)
        {
            of.extend(range.first..=range.last);
        }
    }
    if class.segments.is_empty() {
        anywhere(cx, id, class, &mut ports);
    }
    let mut uses: Vec<ServiceUse> = ports
        .into_iter()
        .map(|(service, ports)| {
            let protocol = if service == MQTT_SERVICE { "mqtt" } else { "https" };
            let spoken = class
                .speaks
                .iter()
                .filter(|speaks| cx.text(speaks.protocol) == protocol);
            let preferred: Vec<u16> = spoken.flat_map(|speaks| speaks.ports.iter().copied()).collect();
            let rank = |port: &u16| {
                preferred
                    .iter()
                    .position(|known| known == port)
                    .unwrap_or(usize::MAX)
            };
            let mut ports: Vec<u16> = ports.into_iter().collect();
            ports.sort_by_key(|port| (rank(port), *port));
            ServiceUse {
                protocol: protocol.to_owned(),
                service: service.to_owned(),
                ports,
                region: region.to_owned(),
            }
        })
        .collect();
    uses.sort();
    uses
}

/// The services of what a class without a place reaches: it has no flows, and connects from wherever it is.
fn anywhere<'a>(
    cx: &Context<'a>,
    id: ThingId,
    class: &actor::Class,
    ports: &mut BTreeMap<&'a str, BTreeSet<u16>>,
) {
    for access in &cx.graph.accesses {
        let (Principal::Class(class_id), Resource::Thing(object)) = (access.principal, access.resource)
        else {
            continue;
        };
        let kind = cx.thing(object).and_then(|thing| cx.model.kinds.get(thing.kind));
        let Some(reach) = kind
            .and_then(|kind| kind.words.reach.as_ref())
            .filter(|_| class_id == id)
        else {
            continue;
        };
        let offered = reach.ports.iter().filter(|range| range.protocol == TCP);
        let spoken: BTreeSet<u16> = class
            .speaks
            .iter()
            .filter(|speaks| cx.text(speaks.protocol) == "mqtt")
            .flat_map(|speaks| speaks.ports.iter().copied())
            .collect();
        let is_spoken = |port: &u16| class.speaks.is_empty() || spoken.contains(port);
        let of = ports.entry(cx.text(reach.service)).or_default();
        of.extend(
            offered
                .flat_map(|range| range.first..=range.last)
                .filter(is_spoken),
        );
    }
}

/// What remains, in sentences for people.
fn residuals(cx: &Context<'_>, declared: &actor::Class, class: &Class, flows: &[&Flow]) -> Vec<String> {
    let mut sentences: BTreeSet<String> = BTreeSet::new();
    let mut say = |sentence: &str| {
        sentences.insert(sentence.to_owned());
    };
    if class.identities.is_empty() {
        say("Members have no identity: nothing tells them apart but their address.");
    }
    for identity in &declared.identities {
        if identity.key == Some(KeyStore::File) {
            say("The private key is a file: whoever reads the disk can act as the device.");
        }
        let holder = identity
            .ca
            .and_then(|ca| cx.model.authorities.get(ca))
            .and_then(|authority| authority.held_by);
        if let Some(holder) = holder {
            say(&format!(
                "Certificates are issued by an authority that `{}` holds.",
                cx.text(holder)
            ));
        }
    }
    if !class.firewalls.is_empty() {
        say("The host firewall sees addresses only: hosts that share addresses are one to it.");
        if class
            .firewalls
            .iter()
            .any(|firewall| firewall.guards != Guards::Class)
        {
            say("Members have firewalls that differ: a host that loads another's meets whom that one meets.");
        }
        if declared.containers.is_empty() {
            say("The host passes nothing on: containers and what is routed through it are cut off.");
        } else {
            say(
                "The containers that are declared are the host itself: they open what it opens, under its addresses, and \
                 nothing comes between them and the host.",
            );
        }
    } else {
        say("There is no host firewall: what reaches a member is up to its network.");
    }
    let is_public = |flow: &&Flow| flow.reach == Reach::Public && matches!(flow.to, Endpoint::Service(_));
    if flows.iter().any(is_public) {
        say(
            "Services of the provider are reached over the internet, at any address of it that nothing declares.",
        );
    }
    sentences.into_iter().collect()
}
