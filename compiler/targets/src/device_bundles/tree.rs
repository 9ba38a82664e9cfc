//! The files of a bundle.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws::deployment::Deployment;
use aws::deployment::device::{Class, Guards, ServiceUse};
use aws::deployment::document::Engine;
use diagnostics::Report;
use minijinja::context;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::text::{Refused, render};
use super::{archive, identity, nftables};
use crate::document::{self, Plain};
use crate::pretty;

/// The format of `MANIFEST.json`.
const FORMAT: &str = "leastwise-device-bundle/1";
/// The constant script. Tests run it.
const VERIFY: &str = include_str!("verify.sh");

/// One file.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) executable: bool,
    /// What it is for, in the manifest.
    pub(super) purpose: &'static str,
}

/// Every file by path; `None` if a document cannot be written, which is reported.
pub(super) fn tree(
    deployment: &Deployment,
    class: &Class,
    report: &mut Report,
) -> Result<Option<BTreeMap<String, File>>, Refused> {
    let mut tree = BTreeMap::new();
    let mut add = |path: &str, bytes: Vec<u8>, purpose: &'static str| {
        tree.insert(
            path.to_owned(),
            File {
                bytes,
                executable: path.ends_with(".sh"),
                purpose,
            },
        );
    };
    add(
        "verify.sh",
        VERIFY.as_bytes().to_vec(),
        "checks this bundle before it is installed",
    );
    add("README.txt", readme(deployment, class)?, "for people");
    add(
        "identity/identity.json",
        pretty(&identity::identity(class)),
        "who a member is",
    );
    if let Some(request) = identity::request(class)? {
        add("identity/csr.cnf", request, "the request for a certificate");
    }
    let services: Vec<Value> = class.endpoints.iter().map(service).collect();
    add(
        "network/endpoints.json",
        pretty(&Value::Array(services)),
        "services of the provider that it uses",
    );
    for (index, policy) in class.policies.iter().enumerate() {
        let further = if index == 0 {
            String::new()
        } else {
            format!("-{}", index + 1)
        };
        let Some(value) = document::value(deployment, policy, Engine::Iot, &Plain::new(deployment), report)
        else {
            return Ok(None);
        };
        let path = format!("policy/expected-iot-policy{further}.json");
        add(
            &path,
            pretty(&value),
            "what the cloud grants, for review and self-test",
        );
    }
    for firewall in &class.firewalls {
        let purpose = match firewall.guards {
            Guards::Class => "the host firewall",
            Guards::Segment(_) => "the host firewall of the members that live in a segment",
            Guards::Member(_) => "the host firewall of one member",
        };
        add(&table_path(&firewall.guards), nftables::table(firewall), purpose);
    }
    let manifest = pretty(&manifest(deployment, class, &tree));
    tree.insert(
        "MANIFEST.json".to_owned(),
        File {
            bytes: manifest,
            executable: false,
            purpose: "",
        },
    );
    let mut sums = String::new();
    for (path, file) in &tree {
        let _ = writeln!(sums, "{}  {path}", digest(&file.bytes));
    }
    tree.insert(
        "SHA256SUMS".to_owned(),
        File {
            bytes: sums.into_bytes(),
            executable: false,
            purpose: "",
        },
    );
    Ok(Some(tree))
}

fn manifest(deployment: &Deployment, class: &Class, tree: &BTreeMap<String, File>) -> Value {
    let files: Vec<Value> = tree
        .iter()
        .map(|(path, file)| {
            let mode = format!("{:o}", archive::mode(file));
            json!({ "path": path, "sha256": digest(&file.bytes), "mode": mode, "purpose": file.purpose })
        })
        .collect();
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    put("format", FORMAT.into());
    put("project", deployment.project.clone().into());
    if let Some(environment) = &deployment.environment {
        put("environment", environment.clone().into());
    }
    put("class", class.name.clone().into());
    put("hardware", class.hardware.clone().into());
    put("members", class.members.into());
    if !class.inventory_digest.is_empty() {
        put("inventory-sha256", class.inventory_digest.clone().into());
    }
    put("files", files.into());
    put("residual-risks", class.residuals.clone().into());
    Value::Object(members)
}

/// A service, with what the client says in TLS on a port that several protocols share.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html>
fn service(service: &ServiceUse) -> Value {
    let mut alpn = Map::new();
    for port in &service.ports {
        let word = match (service.service.as_str(), service.protocol.as_str(), port) {
            ("iot.data", "mqtt", 443) => "x-amzn-mqtt-ca",
            ("iot.data", "https", 443) => "x-amzn-http-ca",
            _ => continue,
        };
        alpn.insert(port.to_string(), word.into());
    }
    json!({
        "use": service.protocol,
        "service": service.service,
        "region": service.region,
        "ports": service.ports,
        "alpn": alpn,
    })
}

fn readme(deployment: &Deployment, class: &Class) -> Result<Vec<u8>, Refused> {
    let secrets: Vec<String> = class
        .identities
        .iter()
        .flat_map(|identity| &identity.more)
        .map(|(_, value)| value.clone())
        .filter(|value| value.starts_with("secret://"))
        .collect();
    let values = context! {
        class => class.name.as_str(),
        project => deployment.project.as_str(),
        environment => deployment.environment.as_deref().unwrap_or_default(),
        members => class.members,
        certified => class.identities.iter().any(|identity| identity.word != "ssh-host"),
        firewall => class.firewalls.first().map(|firewall| match firewall.guards {
            Guards::Class => "class",
            Guards::Segment(_) => "segment",
            Guards::Member(_) => "member",
        }),
        policy => !class.policies.is_empty(),
        policies => policies(class),
        thing_type => class.physical.clone(),
        named => class.named.clone(),
        secrets => secrets,
        residuals => class.residuals.clone(),
    };
    render("the guide", include_str!("README.txt.txt"), values)
}

/// Names of the policies, as they are made.
fn policies(class: &Class) -> Vec<String> {
    let further = (2..=class.policies.len()).map(|number| format!("{}-{number}", class.physical));
    std::iter::once(class.physical.clone()).chain(further).collect()
}

/// Where the firewall of some members is, below the folder of the class.
fn table_path(guards: &Guards) -> String {
    match guards {
        Guards::Class => "etc/nftables.d/leastwise.nft".to_owned(),
        Guards::Segment(name) => format!("etc/nftables.d/segment/{name}/leastwise.nft"),
        Guards::Member(name) => format!("etc/nftables.d/member/{name}/leastwise.nft"),
    }
}

fn digest(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
