//! `--library DIR`: the kinds of a folder in place of those that the command carries.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test runs the command on files"
)]

use std::path::Path;
use std::process::{Command, Output};

use testkit::golden;

const DAY: [&str; 2] = ["--as-of", "2026-07-01"];

fn leastwise(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(arguments)
        .args(DAY)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn lock(project: &Path) -> String {
    std::fs::read_to_string(project.join("leastwise.lock")).unwrap()
}

/// A project with a queue, and a copy of the library as it is embedded.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let spec = "project a edition=\"2026\" {\n    \
        account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }\n    targets aws-iam\n}\n\
        use \"std/baseline/zero-trust\"\nteam t\nowner t\nkey k\nqueue jobs { physical \"jobs\"; encrypted key=k }\nworkload w runs-on=lambda\n\
        trust w -> jobs { allow purge; because \"x\" }\n\
        test \"it\" { as w { can purge jobs } }\n";
    std::fs::create_dir(folder.path().join("p")).unwrap();
    std::fs::write(folder.path().join("p/leastwise.kdl"), spec).unwrap();
    for (path, bytes) in golden::tree(&golden::root().join("stdlib")) {
        if path.ends_with(".kdl") {
            let to = folder.path().join("lib").join(path);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(to, bytes).unwrap();
        }
    }
    folder
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join("lib").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn the_same_files_give_the_same_bytes_and_the_same_lock() {
    let folder = project();
    let at = folder.path();
    let first = leastwise(at, &["compile", "p", "--out", "one"]);
    assert!(first.status.success(), "{}", said(&first));
    let embedded = lock(&at.join("p"));
    let second = leastwise(at, &["--library", "lib", "compile", "p", "--out", "two"]);
    assert!(second.status.success(), "{}", said(&second));
    assert_eq!(lock(&at.join("p")), embedded);
    let (one, two) = (
        testkit::project::written(&at.join("one")),
        testkit::project::written(&at.join("two")),
    );
    assert!(!one.is_empty());
    assert!(one == two, "{:?} {:?}", one.keys(), two.keys());
}

#[test]
fn an_edited_kind_is_what_is_compiled_and_every_command_reads_it() {
    let folder = project();
    let at = folder.path();
    assert!(leastwise(at, &["compile", "p", "--out", "out"]).status.success());
    let before = lock(&at.join("p"));
    edit(
        at,
        "aws/queue.kdl",
        "action sqs:PurgeQueue on=\"{arn}\"",
        "action sqs:PurgeQueue sqs:DeleteQueue on=\"{arn}\"",
    );

    // A lock of another library is told.
    let plan = leastwise(at, &["plan", "p", "--against", "out", "--library", "lib"]);
    let told = said(&plan);
    assert!(plan.status.success(), "{told}");
    assert!(
        told.contains("stdlib") && told.to_lowercase().contains("sqs:deletequeue"),
        "{told}"
    );

    let compiled = leastwise(at, &["compile", "p", "--out", "new", "--library", "lib"]);
    assert!(compiled.status.success(), "{}", said(&compiled));
    assert_ne!(lock(&at.join("p")), before);
    let policies: String = golden::tree(&at.join("new"))
        .into_values()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    assert!(policies.contains("sqs:DeleteQueue"), "{policies}");

    edit(at, "aws/queue.kdl", "capability purge", "capability empty");
    for command in [
        &["check", "p"][..],
        &["test", "p"],
        &["why", "w", "purge", "jobs", "p"],
        &["why-not", "w", "purge", "jobs", "p"],
    ] {
        let with = leastwise(at, &[command, &["--library", "lib"]].concat());
        assert!(!with.status.success(), "{command:?}: {}", said(&with));
        assert!(said(&with).contains("purge"), "{command:?}: {}", said(&with));
    }
    let without = leastwise(at, &["check", "p"]);
    assert!(without.status.success(), "{}", said(&without));
}

#[test]
fn a_kind_that_two_files_declare_is_refused() {
    let folder = project();
    std::fs::write(
        folder.path().join("lib/aws/again.kdl"),
        "kind queue service=sqs {\n    doc \"Another.\"\n}\n",
    )
    .unwrap();
    let output = leastwise(folder.path(), &["check", "p", "--library", "lib"]);
    assert!(!output.status.success());
    assert!(
        said(&output).contains("duplicate-declaration"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_mistake_of_a_kind_is_shown_where_it_stands() {
    let folder = project();
    edit(folder.path(), "aws/queue.kdl", "holds-data", "holds-dust");
    let output = leastwise(folder.path(), &["check", "p", "--library", "lib"]);
    assert!(!output.status.success());
    let text = said(&output);
    assert!(
        text.contains("std/aws/queue.kdl") && text.contains("holds-dust"),
        "{text}"
    );
}

#[test]
fn a_folder_without_kinds_is_no_library() {
    let folder = project();
    for library in ["nowhere", "p"] {
        let output = leastwise(folder.path(), &["check", "p", "--library", library]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(library), "{}", said(&output));
    }
}
