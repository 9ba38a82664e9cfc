//! Device policies in a real broker: each device connects, publishes, subscribes and receives what the spec says, and nothing beside it.
//!
//! What is declared is listed by the second hand of `enumerate`; `broker.py` tells mosquitto what the emitted policies say.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use model::Model;
use serde_json::{Value, json};
use shelf::oracle;
use testkit::enumerate::request::{self, Concrete, Request, Who};
use testkit::golden;
use testkit::naive::actor::{self, Actor};
use testkit::naive::emitted as documents;

use crate::emitted;

const AREAS: &[(&str, bool)] = &[
    ("examples", true),
    ("golden/cases", false),
    ("golden/targets/device-bundles", false),
];

/// What is asked, and what is meant.
#[derive(Default)]
struct Asked {
    devices: Vec<Value>,
    /// The device, the action, the topic, filter or client, and whether it is declared.
    decisions: Vec<(usize, String, String, bool)>,
    /// For people, of each device.
    names: Vec<String>,
}

/// A topic that everybody may name, so that nobody is granted what it covers.
const EVERYTHING: &str = "#";

fn ask(project: &str, model: &Model, files: &BTreeMap<String, Vec<u8>>, asked: &mut Asked) {
    let files = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let written = documents::sorted(files).unwrap();
    let actors = actor::actors(model, &written).unwrap();
    let concretes = request::accesses(model);
    let mut of: BTreeMap<Who, Vec<&Concrete>> = BTreeMap::new();
    for concrete in concretes
        .iter()
        .filter(|concrete| concrete.action.starts_with("iot:"))
    {
        of.entry(concrete.who.clone()).or_default().push(concrete);
    }
    let devices: Vec<(&Actor, &Vec<String>)> = actors
        .iter()
        .filter(|actor| actor.member.device.is_some())
        .filter_map(|actor| {
            let class = model.things.get(actor.member.thing)?;
            Some((actor, written.devices.get(model.names.text(class.name))?))
        })
        .collect();
    for (at, (actor, policies)) in devices.iter().enumerate() {
        let number = asked.devices.len();
        asked.devices.push(device(actor, policies));
        let name = actor.member.device.as_deref().unwrap_or_default();
        asked.names.push(format!("{project}: {name}"));
        let who = Who::Actor(actor.member.clone());
        let own = of.get(&who).map_or(&[][..], Vec::as_slice);
        // The next device of the project has other names, and perhaps another class.
        let next = devices.get(at + 1).or_else(|| devices.first());
        let others = next.and_then(|(next, _)| of.get(&Who::Actor(next.member.clone())));
        let mut wanted: BTreeMap<(String, String), bool> = BTreeMap::new();
        for concrete in own.iter().chain(others.into_iter().flatten()) {
            for request in requests(concrete) {
                let request = Request {
                    who: who.clone(),
                    ..request
                };
                let is_declared = own.iter().any(|concrete| concrete.grants(&request));
                if let Some(text) = named(&request) {
                    wanted.insert((request.action, text), is_declared);
                }
            }
        }
        wanted.insert(("iot:Subscribe".to_owned(), EVERYTHING.to_owned()), false);
        let decisions = wanted.into_iter();
        let decisions = decisions.map(|((action, text), is_declared)| (number, action, text, is_declared));
        asked.decisions.extend(decisions);
    }
}

/// A device as the broker's administrator knows it.
fn device(actor: &Actor, policies: &[String]) -> Value {
    let mut context: BTreeMap<&str, &str> = actor
        .context
        .iter()
        .filter_map(|(key, value)| Some((key.as_str(), value.as_deref()?)))
        .collect();
    context.insert("iot:connection.thing.isattached", "true");
    let values: BTreeMap<&String, &String> = actor.values.iter().map(|(name, value)| (name, value)).collect();
    json!({ "policies": policies, "values": values, "context": context })
}

/// Requests of an access and beside it, in the context in which it holds: a broker knows no other.
fn requests(concrete: &Concrete) -> Vec<Request> {
    let all = concrete.requests();
    let context = all
        .iter()
        .find(|request| concrete.grants(request))
        .map(|request| request.context.clone());
    all.into_iter()
        .filter(|request| Some(&request.context) == context.as_ref())
        .collect()
}

/// What a request names, if it can be said in MQTT.
fn named(request: &Request) -> Option<String> {
    let (sort, text) = request.resource.splitn(6, ':').nth(5)?.split_once('/')?;
    let levels: Vec<&str> = text.split('/').collect();
    let is_plain = |level: &&str| !level.contains(['+', '#']);
    let fits = match sort {
        "topicfilter" => levels
            .iter()
            .enumerate()
            .all(|(at, level)| is_plain(level) || *level == "+" || (*level == "#" && at + 1 == levels.len())),
        _ => levels.iter().all(is_plain),
    };
    (fits && !text.is_empty()).then(|| text.to_owned())
}

/// What the broker does; `None` where it has no word for what a policy says.
fn done(asked: &Asked) -> Vec<Option<bool>> {
    let decisions: Vec<Value> = asked
        .decisions
        .iter()
        .map(|(device, action, text, _)| json!([device, action, text]))
        .collect();
    let mut child = Command::new(emitted::tool("python"))
        .arg(golden::root().join("compiler/testkit/tests/broker/broker.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = json!({ "devices": asked.devices, "decisions": decisions }).to_string();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "the broker or its client is missing or failed; .ci/tools installs them"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Where the broker does otherwise than the spec says, and how many decisions it has no word for.
fn faults(asked: &Asked) -> (Vec<String>, usize) {
    let done = done(asked);
    assert_eq!(done.len(), asked.decisions.len());
    let mut faults = Vec::new();
    let mut without = 0;
    for ((device, action, text, is_declared), done) in asked.decisions.iter().zip(&done) {
        match done {
            None => without += 1,
            Some(done) if done != is_declared => {
                let meant = if *is_declared {
                    "is declared"
                } else {
                    "is not declared"
                };
                let name = asked.names.get(*device).map_or("", String::as_str);
                faults.push(format!(
                    "{name}: {action} {text} {meant}, and the broker does otherwise"
                ));
            }
            Some(_) => {}
        }
    }
    (faults, without)
}

#[test]
fn a_broker_lets_devices_do_what_is_declared_and_nothing_else() {
    if !oracle::is_asked("device policies in a real broker") {
        return;
    }
    let mut asked = Asked::default();
    for project in emitted::of_areas(AREAS) {
        ask(&project.name, &project.analysis.model, &project.files, &mut asked);
    }
    let (faults, without) = faults(&asked);
    let declared = asked
        .decisions
        .iter()
        .filter(|(_, _, _, is_declared)| *is_declared)
        .count();
    let (devices, all) = (asked.devices.len(), asked.decisions.len());
    println!(
        "{devices} devices, {all} decisions, {declared} of them declared, {without} without a word of the broker"
    );
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(declared > 200 && all > 3 * declared / 2 && without * 5 < all);
    let actions: BTreeSet<&str> = asked
        .decisions
        .iter()
        .map(|(_, action, _, _)| action.as_str())
        .collect();
    assert_eq!(
        actions,
        BTreeSet::from(["iot:Connect", "iot:Publish", "iot:Receive", "iot:Subscribe"])
    );
}

#[test]
fn a_wider_and_a_narrower_device_policy_are_seen_in_the_broker() {
    let what = "altered device policies in a real broker";
    if !oracle::is_asked(what) {
        return;
    }
    const PATH: &str = "devices/vibration-sensor/tree/policy/expected-iot-policy.json";
    let projects = emitted::of_areas(&[("examples", true)]);
    let factory = projects
        .into_iter()
        .find(|project| project.name == "examples/factory")
        .unwrap();
    for (from, to, wanted) in [
        ("/raw\"", "/*\"", "is not declared"),
        ("iot:Publish", "iot:Receive", "is declared"),
    ] {
        let mut files = factory.files.clone();
        let text = String::from_utf8(files.remove(PATH).unwrap()).unwrap();
        assert!(text.contains(from));
        files.insert(PATH.to_owned(), text.replace(from, to).into_bytes());
        let mut asked = Asked::default();
        ask("altered", &factory.analysis.model, &files, &mut asked);
        // One device is enough.
        let first = asked.names.iter().position(|name| name.contains("ell")).unwrap();
        asked.decisions.retain(|(device, _, _, _)| *device == first);
        let (faults, _) = faults(&asked);
        assert!(
            faults.iter().any(|fault| fault.contains(wanted)),
            "{to}: {faults:?}"
        );
    }
}
