//! Provisioning bundles: every class has one, and it says of its members what is declared of them, no more and no less.

use std::collections::{BTreeMap, BTreeSet};

use checks::Checked;
use graph::flow::Endpoint;
use model::actor::{self, Hardware, IdentityWord, KeyStore, RunsOn};
use model::thing::{Detail, Thing, ThingId};
use model::trust::End;
use read::facts::Facts;
use read::facts::device::{Identity, Provisioning, Service};

use crate::verified::{Clause, Status};
use crate::witness::{Refusal, Sort};

/// What speaks MQTT. Its port 443 is shared by protocols, which a client tells apart in TLS.
/// Source: AWS IoT Core developer guide, "Device communication protocols".
const MQTT_SERVICE: &str = "iot.data";
const SHARED_PORT: u16 = 443;
const TCP: u8 = 6;

/// Proves the bundles of a target that provisions devices.
pub(crate) fn prove(checked: &Checked<'_>, facts: &Facts, clauses: &mut Vec<Clause>) -> Vec<Refusal> {
    if facts.target != bundle::target::DEVICE_BUNDLES {
        return Vec::new();
    }
    let mut refusals = Vec::new();
    let mut emitted: BTreeMap<&str, &Provisioning> = facts
        .provisioning
        .iter()
        .map(|one| (one.class.as_str(), one))
        .collect();
    let mut held = 0;
    for (id, thing) in checked.model().things.iter() {
        let Detail::Class(class) = &thing.detail else {
            continue;
        };
        let name = checked.model().names.text(thing.name);
        let Some(one) = emitted.remove(name) else {
            let message = format!("class `{name}` has no bundle");
            refusals.push(Refusal::new(Sort::FallsShort, facts.target, message).declared(Some(thing.span)));
            continue;
        };
        let wanted = wanted(checked, id, thing, class, one);
        let (differences, same) = compare(one, &wanted);
        held += same;
        for what in differences {
            let message = format!("the bundle of class `{name}` {what}");
            let refusal = Refusal::new(Sort::Setting, facts.target, message);
            refusals.push(refusal.at(&one.place).declared(Some(thing.span)));
        }
    }
    for (name, one) in emitted {
        let message = format!("a bundle of `{name}`, which is no declared class");
        refusals.push(Refusal::new(Sort::Idle, facts.target, message).at(&one.place));
    }
    clauses.push(Clause {
        number: 4,
        target: facts.target,
        status: Status::Exact,
        counts: BTreeMap::from([("settings", held)]),
    });
    refusals
}

/// What the bundle of a class must say.
fn wanted(
    checked: &Checked<'_>,
    id: ThingId,
    thing: &Thing,
    class: &actor::Class,
    one: &Provisioning,
) -> Provisioning {
    let (model, graph) = (checked.model(), checked.graph());
    let text = |name| model.names.text(name).to_owned();
    let fleet = class.fleet.and_then(|fleet| model.fleets.get(fleet));
    let mut identities: Vec<Identity> = class
        .identities
        .iter()
        .filter_map(|identity| declared(checked, identity))
        .collect();
    identities.sort_unstable();
    Provisioning {
        class: one.class.clone(),
        project: text(model.project.name),
        environment: model.project.environment.map(text),
        hardware: class
            .hardware
            .map_or("", |(hardware, _)| spelt(hardware))
            .to_owned(),
        members: fleet.map_or(0, |fleet| fleet.len()).to_string(),
        inventory: fleet
            .and_then(|fleet| fleet.file.as_ref())
            .map(|(_, digest)| digest.to_string()),
        // A thing type bears its class's name, as its policy does.
        thing_type: graph
            .addresses
            .device_policies
            .get(&id)
            .and_then(|address| address.rsplit_once('/'))
            .map(|(_, name)| name.to_owned()),
        has_request: identities
            .iter()
            .any(|identity| matches!(identity.word.as_str(), "x509" | "roles-anywhere" | "dot1x")),
        identities,
        services: services(checked, id, thing, class),
        place: one.place.clone(),
    }
}

fn spelt(hardware: Hardware) -> &'static str {
    match hardware {
        Hardware::Expresslink => "expresslink",
        Hardware::Embedded => "embedded",
        Hardware::Linux => "linux",
        Hardware::Network => "network",
    }
}

fn declared(checked: &Checked<'_>, identity: &actor::Identity) -> Option<Identity> {
    let model = checked.model();
    let word = match identity.word {
        IdentityWord::X509 => "x509",
        IdentityWord::RolesAnywhere => "roles-anywhere",
        IdentityWord::Ssm => "ssm",
        IdentityWord::Dot1x => "dot1x",
        IdentityWord::SshHost => "ssh-host",
        IdentityWord::None => return None,
    };
    let key = identity.key.map(|key| match key {
        KeyStore::SecureElement => "secure-element",
        KeyStore::Tpm => "tpm",
        KeyStore::Pkcs11 => "pkcs11",
        KeyStore::File => "file",
    });
    let authority = identity.ca.and_then(|ca| model.authorities.get(ca));
    let mut more: Vec<(String, String)> = identity
        .more
        .iter()
        .map(|(name, value)| {
            (
                model.names.text(*name).to_owned(),
                model.names.text(*value).to_owned(),
            )
        })
        .collect();
    more.sort_unstable();
    Some(Identity {
        word: word.to_owned(),
        authority: authority.map(|authority| model.names.text(authority.name).to_owned()),
        key: key.map(str::to_owned),
        rotate_seconds: identity.rotate.map(|rotate| rotate.seconds.to_string()),
        more,
    })
}

/// The services to which members, and what runs on them, open connections.
fn services(checked: &Checked<'_>, id: ThingId, thing: &Thing, class: &actor::Class) -> Vec<Service> {
    let (model, graph) = (checked.model(), checked.graph());
    let account = thing.account.or(model.project.default_account);
    let region = account
        .and_then(|account| model.accounts.get(account))
        .map_or("", |account| model.names.text(account.region));
    let is_here = |actor: ThingId| {
        actor == id
            || model.things.get(actor).is_some_and(|actor| {
                matches!(&actor.detail, Detail::Workload(workload) if workload.runs_on == Some(RunsOn::Device(id)))
            })
    };
    let mut reached: BTreeMap<&str, BTreeSet<u16>> = BTreeMap::new();
    for flow in &graph.flows {
        if let (Endpoint::Thing(from), Endpoint::Service(service)) = (flow.from, flow.to)
            && is_here(from)
        {
            let ports = graph.ports.get(flow.ports).into_iter().flatten();
            let tcp = ports.filter(|ports| ports.protocol == TCP);
            reached
                .entry(graph.words.text(service))
                .or_default()
                .extend(tcp.flat_map(|ports| ports.first..=ports.last));
        }
    }
    if class.segments.is_empty() {
        without_place(checked, id, class, &mut reached);
    }
    let services = reached.into_iter().map(|(service, mut left)| {
        let protocol = if service == MQTT_SERVICE { "mqtt" } else { "https" };
        let preferred = class.speaks.iter();
        let preferred = preferred.filter(|speaks| model.names.text(speaks.protocol) == protocol);
        let mut ports: Vec<u16> = Vec::new();
        for port in preferred.flat_map(|speaks| &speaks.ports) {
            if left.remove(port) {
                ports.push(*port);
            }
        }
        ports.extend(left);
        let is_shared = service == MQTT_SERVICE && ports.contains(&SHARED_PORT);
        let alpn = is_shared.then(|| (SHARED_PORT, "x-amzn-mqtt-ca".to_owned()));
        Service {
            service: service.to_owned(),
            protocol: protocol.to_owned(),
            region: region.to_owned(),
            ports,
            alpn: alpn.into_iter().collect(),
        }
    });
    services.collect()
}

/// A class that may be anywhere opens connections to the service of each thing that a trust lets it reach.
fn without_place<'a>(
    checked: &'a Checked<'_>,
    id: ThingId,
    class: &actor::Class,
    reached: &mut BTreeMap<&'a str, BTreeSet<u16>>,
) {
    let model = checked.model();
    let speaks = |port: u16| {
        let mut mqtt = class
            .speaks
            .iter()
            .filter(|speaks| model.names.text(speaks.protocol) == "mqtt");
        class.speaks.is_empty() || mqtt.any(|speaks| speaks.ports.contains(&port))
    };
    let trusts = model.trusts.iter().map(|(_, trust)| trust);
    let own = trusts.filter(|trust| trust.subjects.iter().any(|subject| subject.end == End::Thing(id)));
    for object in own.flat_map(|trust| &trust.objects) {
        let End::Thing(object) = object.end else { continue };
        let kind = model
            .things
            .get(object)
            .and_then(|thing| model.kinds.get(thing.kind));
        if let Some(reach) = kind.and_then(|kind| kind.words.reach.as_ref()) {
            let tcp = reach.ports.iter().filter(|ports| ports.protocol == TCP);
            let ports = tcp.flat_map(|ports| ports.first..=ports.last);
            reached
                .entry(model.names.text(reach.service))
                .or_default()
                .extend(ports.filter(|port| speaks(*port)));
        }
    }
}

/// What differs, in words, and how much is the same.
fn compare(one: &Provisioning, wanted: &Provisioning) -> (Vec<String>, u64) {
    let mut differences = Vec::new();
    let mut same = 0;
    let mut hold = |is_same: bool, what: &dyn Fn() -> String| {
        if is_same {
            same += 1;
        } else {
            differences.push(what());
        }
    };
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    for (name, found, wanted) in [
        ("project", &one.project, &wanted.project),
        ("hardware", &one.hardware, &wanted.hardware),
        ("count of members", &one.members, &wanted.members),
        (
            "environment",
            &or_none(&one.environment),
            &or_none(&wanted.environment),
        ),
        (
            "inventory's digest",
            &or_none(&one.inventory),
            &or_none(&wanted.inventory),
        ),
        (
            "thing type",
            &or_none(&one.thing_type),
            &or_none(&wanted.thing_type),
        ),
    ] {
        hold(found == wanted, &|| {
            format!("says `{found}` for its {name}, which is `{wanted}`")
        });
    }
    hold(one.has_request == wanted.has_request, &|| {
        let holds = if one.has_request { "holds" } else { "lacks" };
        format!("{holds} a request for a certificate")
    });
    for (name, found, wanted) in [
        (
            "identities",
            shown(&one.identities, identity),
            shown(&wanted.identities, identity),
        ),
        (
            "services",
            shown(&one.services, service),
            shown(&wanted.services, service),
        ),
    ] {
        hold(found == wanted, &|| {
            format!("says {found} for its {name}, which are {wanted}")
        });
    }
    (differences, same)
}

/// Everything of a list, in its order: equal texts are equal lists, since every part is quoted.
fn shown<T>(list: &[T], one: impl Fn(&T) -> String) -> String {
    if list.is_empty() {
        return "none".to_owned();
    }
    let texts: Vec<String> = list.iter().map(one).collect();
    texts.join(" and ")
}

fn identity(identity: &Identity) -> String {
    let mut text = format!("`{}`", identity.word);
    let parts = [
        ("ca", &identity.authority),
        ("key", &identity.key),
        ("rotate", &identity.rotate_seconds),
    ];
    let parts = parts
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let more = identity.more.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in parts.chain(more) {
        text.push_str(&format!(" {name}={value:?}"));
    }
    text
}

fn service(service: &Service) -> String {
    format!(
        "`{}` by `{}` in `{}` at {:?} {:?}",
        service.service, service.protocol, service.region, service.ports, service.alpn
    )
}
