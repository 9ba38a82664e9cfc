//! A second opinion on every document of IAM: parliament, which shares no line and no table with us.
//!
//! What it says and we do not mind is listed in `golden/linters/parliament.txt`, each line with its reason. A line that
//! parliament no longer says is struck out, or the test fails.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that fails says where"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::emitted::{self, Emitted};
use serde_json::{Value, json};
use shelf::oracle;
use testkit::golden;

/// A document, by a name that says where it came from.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Document {
    shape: &'static str,
    text: String,
}

/// The Terraform arguments that hold documents.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("aws_iam_role", "assume_role_policy", "trust"),
    ("aws_iam_role_policy", "policy", "identity"),
    ("aws_iot_policy", "policy", "device"),
    ("aws_kms_key", "policy", "key"),
    ("aws_kms_key_policy", "policy", "key"),
    ("aws_s3_bucket_policy", "policy", "bucket"),
    ("aws_secretsmanager_secret_policy", "policy", "secret"),
    ("aws_sqs_queue_policy", "policy", "queue"),
    ("aws_vpc_endpoint", "policy", "endpoint"),
];

fn documents(emitted: &[Emitted]) -> BTreeMap<String, Document> {
    let mut found = BTreeMap::new();
    for project in emitted {
        for (path, bytes) in &project.files {
            let name = format!("{} {path}", project.name);
            if path.ends_with(".tf.json") {
                of_terraform(&name, bytes, &mut found);
            } else if let Some(shape) = shape_of(path, bytes) {
                let text = String::from_utf8(bytes.clone()).unwrap();
                found.insert(name, Document { shape, text });
            }
        }
    }
    found
}

/// The shape of a document that is a file of its own.
fn shape_of(path: &str, bytes: &[u8]) -> Option<&'static str> {
    if path.ends_with(".trust.json") {
        return Some("trust");
    }
    if path.contains("/iam/") {
        return Some("identity");
    }
    if path.ends_with("/expected-iot-policy.json") {
        return Some("device");
    }
    if !path.ends_with(".policy.json") {
        return None;
    }
    let text = String::from_utf8_lossy(bytes);
    let services = [
        ("kms:", "key"),
        ("s3:", "bucket"),
        ("sqs:", "queue"),
        ("secretsmanager:", "secret"),
    ];
    let found = services
        .iter()
        .find(|(service, _)| text.contains(&format!("\"{service}")));
    Some(
        found
            .unwrap_or_else(|| panic!("{path}: a resource's policy of no known service"))
            .1,
    )
}

fn of_terraform(name: &str, bytes: &[u8], found: &mut BTreeMap<String, Document>) {
    let value: Value = serde_json::from_slice(bytes).unwrap();
    for (sort, labels) in value
        .get("resource")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        for (label, body) in labels.as_object().unwrap() {
            for (argument, value) in body.as_object().unwrap() {
                let Some(text) = value.as_str().filter(|text| text.starts_with("{\"Version\"")) else {
                    continue;
                };
                let known = ARGUMENTS
                    .iter()
                    .find(|(known, of, _)| known == sort && of == argument);
                let Some((_, _, shape)) = known else {
                    panic!("{name}: {sort}.{label}.{argument} holds a document")
                };
                found.insert(
                    format!("{name} {sort}.{label}"),
                    Document {
                        shape,
                        text: plain(text),
                    },
                );
            }
        }
    }
}

/// A template without its references: an escape is undone, a reference becomes a name that it could stand for.
fn plain(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find("${") {
        let (before, reference) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            text.push_str(before);
            text.push_str("${");
            rest = &reference[2..];
        } else {
            text.push_str(before);
            text.push_str("assigned");
            rest = reference.split_once('}').map_or("", |(_, rest)| rest);
        }
    }
    text.push_str(rest);
    text.replace("%%{", "%{")
}

/// What parliament says, as `FINDING | shape | detail`, with one document that it says it of.
fn findings(documents: &BTreeMap<String, Document>) -> BTreeMap<String, String> {
    let mut names: BTreeMap<&Document, &str> = BTreeMap::new();
    for (name, document) in documents {
        names.entry(document).or_insert(name);
    }
    let mut child = Command::new(emitted::tool("python"))
        .arg(golden::root().join("compiler/testkit/tests/documents.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: String = names
        .iter()
        .map(|(document, name)| format!("{}\n", json!({"name": name, "policy": document.text})))
        .collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "parliament is missing or failed; .ci/tools installs it"
    );
    writer.join().unwrap().unwrap();
    let mut said = BTreeMap::new();
    let mut answers = 0;
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let answer: Value = serde_json::from_str(line).unwrap();
        let name = answer["name"].as_str().unwrap();
        for finding in answer["findings"].as_array().unwrap() {
            let (issue, detail) = (finding[0].as_str().unwrap(), finding[1].as_str().unwrap());
            said.entry(format!("{issue} | {} | {detail}", documents[name].shape))
                .or_insert_with(|| name.to_owned());
        }
        answers += 1;
    }
    assert_eq!(answers, names.len());
    said
}

/// The accepted findings: `FINDING | shape | detail | reason`; a detail of `…` stands for any.
fn accepted() -> Vec<[String; 4]> {
    let text =
        std::fs::read_to_string(golden::root().join("golden/linters/parliament.txt")).unwrap_or_default();
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let parts: Vec<String> = line.split(" | ").map(str::to_owned).collect();
            parts
                .try_into()
                .unwrap_or_else(|parts| panic!("not four parts: {parts:?}"))
        })
        .collect()
}

#[test]
fn parliament_finds_nothing_but_what_is_listed() {
    if !oracle::is_asked("parliament") {
        return;
    }
    let documents = documents(&emitted::all());
    let shapes: BTreeSet<&str> = documents.values().map(|document| document.shape).collect();
    assert_eq!(
        shapes,
        BTreeSet::from([
            "bucket", "device", "endpoint", "identity", "key", "queue", "secret", "trust"
        ]),
        "every shape is asked about"
    );
    let said = findings(&documents);
    let accepted = accepted();
    let mut idle = vec![true; accepted.len()];
    let mut surplus = Vec::new();
    for (finding, name) in &said {
        let parts: Vec<&str> = finding.splitn(3, " | ").collect();
        let line = accepted.iter().position(|line| {
            line[0] == parts[0] && line[1] == parts[1] && (line[2] == "…" || line[2] == parts[2])
        });
        match line {
            Some(line) => idle[line] = false,
            None => surplus.push(format!("{finding}\n    e.g. {name}")),
        }
    }
    assert!(surplus.is_empty(), "parliament also says\n{}", surplus.join("\n"));
    let idle: Vec<String> = accepted
        .iter()
        .zip(idle)
        .filter(|(_, idle)| *idle)
        .map(|(line, _)| line.join(" | "))
        .collect();
    assert!(idle.is_empty(), "parliament no longer says\n{}", idle.join("\n"));
}

#[test]
fn a_template_is_plain_without_its_references() {
    assert_eq!(
        plain("a/$${iot:X}/${aws_s3_bucket.b.id}/%%{x}"),
        "a/${iot:X}/assigned/%{x}"
    );
    assert_eq!(plain("${aws_kms_key.k.arn}"), "assigned");
}
