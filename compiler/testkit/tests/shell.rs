//! Every script, those that are emitted and those of the pipeline, passes shellcheck.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that fails says where"
)]

use crate::emitted;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use shelf::oracle;
use testkit::golden;

/// What shellcheck says of a text; its dialect is that of the first line.
fn faults(text: &[u8]) -> String {
    let mut child = Command::new("shellcheck")
        .args(["--severity=style", "--format=gcc", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("shellcheck is missing; .ci/tools installs it");
    child.stdin.take().unwrap().write_all(text).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert_eq!(
        output.status.success(),
        said.is_empty(),
        "{}",
        String::from_utf8_lossy(&said)
    );
    String::from_utf8(said).unwrap()
}

fn is_script(path: &str, bytes: &[u8]) -> bool {
    let shebang = bytes.starts_with(b"#!")
        && bytes
            .split(|byte| *byte == b'\n')
            .next()
            .is_some_and(|line| line.ends_with(b"sh"));
    assert!(
        shebang || !path.ends_with(".sh"),
        "{path} does not say which shell it is for"
    );
    shebang
}

#[test]
fn shellcheck_has_nothing_to_say() {
    if !oracle::is_asked("shellcheck") {
        return;
    }
    // A constant script is emitted once for each network: asked once, and named by the first.
    let mut scripts: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    for project in emitted::all() {
        for (path, bytes) in project.files {
            if is_script(&path, &bytes) {
                scripts.entry(bytes).or_insert(format!("{} {path}", project.name));
            }
        }
    }
    assert!(!scripts.is_empty());
    for (path, bytes) in golden::tree(&golden::root().join(".ci")) {
        assert!(is_script(&path, &bytes), ".ci/{path} is no script");
        scripts.insert(bytes, format!(".ci/{path}"));
    }
    let wrong: Vec<String> = scripts
        .iter()
        .map(|(bytes, name)| (name, faults(bytes)))
        .filter(|(_, said)| !said.is_empty())
        .map(|(name, said)| format!("{name}\n{said}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_wrong_is_seen() {
    if !oracle::is_asked("shellcheck") {
        return;
    }
    assert!(faults(b"#!/bin/sh\nrm $1\n").contains("SC2086"));
    assert_eq!(faults(b"#!/bin/sh\nrm \"$1\"\n"), "");
}
