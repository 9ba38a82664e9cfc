//! What the commands write for machines is as the schemas in `schemas/` say.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test runs the command on files"
)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use testkit::{golden, schema};

fn leastwise(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    output.stdout
}

fn is_as_the_schema_says(name: &str, bytes: &[u8]) {
    let text = std::fs::read(golden::root().join("schemas").join(name)).unwrap();
    let (schema, value): (Value, Value) = (
        serde_json::from_slice(&text).unwrap(),
        serde_json::from_slice(bytes).unwrap(),
    );
    let faults = schema::faults(&schema, &value);
    assert!(faults.is_empty(), "{name}: {faults:#?}");
}

const DAY: [&str; 2] = ["--as-of", "2026-07-01"];

#[test]
fn reports_are() {
    let folder = tempfile::tempdir().unwrap();
    let spec = "project a edition=\"2026\" { environments x y }\nteam t\nowner u\nbucket b { retain 30d }\nworkload w runs-on=lambda\n";
    std::fs::write(folder.path().join("leastwise.kdl"), spec).unwrap();
    let bytes = leastwise(
        folder.path(),
        &["check", "--format", "json", "--as-of", "2026-07-01"],
    );
    is_as_the_schema_says("report-v1.json", &bytes);
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    assert!(!value["diagnostics"].as_array().unwrap().is_empty());
}

#[test]
fn plans_manifests_and_locks_are() {
    for example in ["minimal", "web-shop", "company", "factory"] {
        let folder = tempfile::tempdir().unwrap();
        leastwise(folder.path(), &["new", "p", "--from", example]);
        let project = folder.path().join("p");
        leastwise(&project, &["compile", DAY[0], DAY[1]]);
        is_as_the_schema_says(
            "lock-v1.json",
            &std::fs::read(project.join("leastwise.lock")).unwrap(),
        );
        let written = golden::tree(&project.join("out"));
        let manifests: Vec<_> = written
            .iter()
            .filter(|(path, _)| path.rsplit('/').next() == Some("manifest.json"))
            .collect();
        assert!(!manifests.is_empty(), "{example}");
        for (_, bytes) in manifests {
            is_as_the_schema_says("manifest-v1.json", bytes);
        }
        let same = leastwise(
            &project,
            &["plan", "--against", "out", "--format", "json", DAY[0], DAY[1]],
        );
        is_as_the_schema_says("plan-v2.json", &same);
    }
}

#[test]
fn attestations_are() {
    for example in ["minimal", "web-shop", "factory"] {
        let folder = tempfile::tempdir().unwrap();
        leastwise(folder.path(), &["new", "p", "--from", example]);
        let project = folder.path().join("p");
        leastwise(&project, &["compile", DAY[0], DAY[1]]);
        let bytes = leastwise(&project, &["attest", DAY[0], DAY[1]]);
        is_as_the_schema_says("attestation-v1.json", &bytes);
        std::fs::write(project.join("statement.json"), &bytes).unwrap();
        let said = leastwise(&project, &["attest", "verify", "statement.json"]);
        assert!(
            String::from_utf8_lossy(&said).starts_with("verified: "),
            "{example}"
        );
        // The same input gives the same bytes; and every file of the output is a subject.
        assert_eq!(bytes, leastwise(&project, &["attest", DAY[0], DAY[1]]));
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        let subjects = value["subject"].as_array().unwrap().iter();
        let subjects: Vec<&str> = subjects.map(|one| one["name"].as_str().unwrap()).collect();
        let written = golden::tree(&project.join("out"));
        let written: Vec<&String> = written
            .keys()
            .filter(|path| !path.contains(".leastwise/"))
            .collect();
        assert_eq!(subjects, written, "{example}");
        for one in value["subject"].as_array().unwrap() {
            let bytes = std::fs::read(project.join("out").join(one["name"].as_str().unwrap())).unwrap();
            assert_eq!(one["digest"]["sha256"], sha256(&bytes));
        }
    }
}

/// By the program that people compare with.
fn sha256(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let output = Command::new("sha256sum").arg(file.path()).output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_owned()
}

#[test]
fn a_plan_with_changes_is() {
    let folder = tempfile::tempdir().unwrap();
    leastwise(folder.path(), &["new", "p", "--from", "minimal"]);
    let (project, spec) = (folder.path().join("p"), folder.path().join("p/leastwise.kdl"));
    leastwise(&project, &["compile", DAY[0], DAY[1]]);
    let text = std::fs::read_to_string(&spec).unwrap();
    std::fs::write(&spec, text.replace("allow write", "allow read write")).unwrap();
    let lock = std::fs::read_to_string(project.join("leastwise.lock")).unwrap();
    std::fs::write(
        project.join("leastwise.lock"),
        lock.replacen("\"stdlib\": \"", "\"stdlib\": \"0", 1),
    )
    .unwrap();
    let bytes = leastwise(
        &project,
        &["plan", "--against", "out", "--format", "json", DAY[0], DAY[1]],
    );
    is_as_the_schema_says("plan-v2.json", &bytes);
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(value["inputs"][0]["input"], "stdlib");
    let changes = value["environments"][0]["changes"].as_array().unwrap();
    assert_eq!(changes[0]["change"], "widened");
    assert!(!changes[0]["permitted"].as_array().unwrap().is_empty());
    assert_eq!(value["fails"].as_array().unwrap().len(), 0);
}

#[test]
fn answers_and_tests_are() {
    let folder = tempfile::tempdir().unwrap();
    leastwise(folder.path(), &["new", "p", "--from", "web-shop"]);
    let project = folder.path().join("p");
    let json = ["--format", "json", DAY[0], DAY[1]];
    let tests = leastwise(&project, &[&["test"], &json[..]].concat());
    is_as_the_schema_says("tests-v1.json", &tests);
    for question in [
        &["who", "read", "uploads"][..],
        &["reach", "orders"],
        &["reach", "internet", "--direct"],
        &["why", "orders", "read", "shop-db-login"],
        &["why-not", "web", "write", "invoices"],
    ] {
        let said = leastwise(&project, &[question, &json[..]].concat());
        assert!(!said.is_empty(), "{question:?}");
        is_as_the_schema_says("answers-v1.json", &said);
    }
}

#[test]
fn what_a_compile_did_is() {
    let folder = tempfile::tempdir().unwrap();
    leastwise(folder.path(), &["new", "p", "--from", "web-shop"]);
    let project = folder.path().join("p");
    let json = ["--format", "json", DAY[0], DAY[1]];
    let said = |more: &[&str]| -> Value {
        let bytes = leastwise(&project, &[&["compile"], more, &json[..]].concat());
        is_as_the_schema_says("compile-v1.json", &bytes);
        serde_json::from_slice(&bytes).unwrap()
    };
    let first = said(&[]);
    assert_eq!(first["result"], "written");
    let environments = first["environments"].as_array().unwrap();
    let files: usize = environments
        .iter()
        .map(|one| one["written"].as_array().unwrap().len())
        .sum();
    let there = golden::tree(&project.join("out"));
    let there = there.keys().filter(|path| !path.contains(".leastwise/"));
    assert_eq!(files, there.count());
    assert!(environments[0]["proved"]["guards"].as_u64().unwrap() > 0);
    assert_eq!(said(&["--check"])["result"], "current");
    std::fs::write(project.join("out/manifest.json"), "{}").unwrap();
    let stale = said(&["--check"]);
    assert_eq!(stale["result"], "stale");
    assert!(
        stale["differences"][0]["path"]
            .as_str()
            .unwrap()
            .ends_with("manifest.json")
    );
    let lock = std::fs::read_to_string(project.join("leastwise.lock")).unwrap();
    let other = lock.replacen("\"stdlib\": \"", "\"stdlib\": \"0", 1);
    std::fs::write(project.join("leastwise.lock"), other).unwrap();
    assert_eq!(said(&["--locked"])["result"], "lock-changes");
}

/// A spec that does not compile: for programs the report is the result, whatever was asked.
#[test]
fn what_stops_a_command_is_a_report() {
    let folder = tempfile::tempdir().unwrap();
    leastwise(folder.path(), &["new", "p", "--from", "minimal"]);
    let project = folder.path().join("p");
    leastwise(&project, &["compile", DAY[0], DAY[1]]);
    let spec = project.join("leastwise.kdl");
    let text = std::fs::read_to_string(&spec).unwrap();
    std::fs::write(&spec, format!("{text}\nbucket b {{ retian 30d }}\n")).unwrap();
    let json = ["--format", "json", DAY[0], DAY[1]];
    for command in [
        &["check"][..],
        &["compile"],
        &["compile", "--check"],
        &["plan", "--against", "out"],
        &["test"],
        &["who", "read", "notes"],
        &["reach", "scribe"],
        &["why", "scribe", "write", "notes"],
        &["why-not", "scribe", "write", "notes"],
    ] {
        let bytes = leastwise(&project, &[command, &json[..]].concat());
        assert!(!bytes.is_empty(), "{command:?}");
        is_as_the_schema_says("report-v1.json", &bytes);
    }
}
