//! `plan --against-git`: the spec of a commit, compiled once more, or the output that was committed with it.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test runs the command on files"
)]

use std::path::Path;
use std::process::{Command, Output};

use shelf::oracle;
use tempfile::TempDir;

const SPEC: &str = "project p edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }; targets aws-iam terraform }
use \"std/baseline/zero-trust\"
team crew
owner crew
key k
bucket b { physical \"example-b\"; encrypted key=k; retain \"30d\" }
workload api runs-on=lambda
trust api -> b { allow write; because \"Uploads\"; expires \"2026-07-20\" }
";

fn leastwise(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(arguments)
        .args(["--as-of", "2026-07-01"])
        .current_dir(folder)
        .env("COLUMNS", "80")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn git(folder: &Path, arguments: &[&str]) -> bool {
    let run = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(folder)
        .output();
    run.is_ok_and(|output| output.status.success())
}

/// A repository with a project in a folder of it, its output committed; `None` where there is no git.
fn repository() -> Option<TempDir> {
    let folder = tempfile::tempdir().unwrap();
    if !git(folder.path(), &["init"]) {
        assert!(!oracle::is_set(), "git is missing");
        oracle::skipped("plan against a commit", "git is missing");
        return None;
    }
    let project = folder.path().join("iam");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("leastwise.kdl"), SPEC).unwrap();
    assert!(leastwise(&project, &["compile"]).status.success());
    assert!(git(folder.path(), &["add", "-A"]));
    assert!(git(folder.path(), &["commit", "-m", "first"]));
    Some(folder)
}

#[test]
fn a_commit_is_compared_with_by_its_spec_or_by_its_output() {
    let Some(folder) = repository() else { return };
    let project = folder.path().join("iam");
    let same = leastwise(
        &project,
        &["plan", "--against-git", "HEAD", "--detailed-exitcode"],
    );
    assert_eq!(
        (said(&same).as_str(), same.status.code()),
        ("nothing changes\n", Some(0))
    );
    std::fs::write(
        project.join("leastwise.kdl"),
        SPEC.replace("allow write", "allow read write"),
    )
    .unwrap();
    let by_spec = leastwise(
        &project,
        &["plan", "--against-git", "HEAD", "--fail-on", "broadening,public"],
    );
    let text = said(&by_spec);
    assert!(
        text.contains("+ widened api -> b: read\n      was: write\n      is:  read write\n"),
        "{text}"
    );
    assert!(text.ends_with("fails: broadening\n"), "{text}");
    assert_eq!(by_spec.status.code(), Some(1));
    let by_output = leastwise(&project, &["plan", "--against-git", "HEAD", "--output"]);
    let text = said(&by_output);
    assert!(
        text.contains("+ widened api -> b: read\n      was: write\n"),
        "{text}"
    );
    // From another folder, by the project's path; the same, of the output as it lies there.
    let other = leastwise(folder.path(), &["plan", "iam", "--against-git", "main"]);
    assert_eq!(
        other.stdout,
        leastwise(&project, &["plan", "--against-git", "HEAD"]).stdout
    );
    assert_eq!(
        by_output.stdout,
        leastwise(&project, &["plan", "--against", "out"]).stdout
    );
    for (arguments, wanted) in [
        (&["plan", "--fail-on", "any", "--against", "out"][..], Some(1)),
        (&["plan", "--fail-on", "public", "--against", "out"], Some(0)),
        (
            &[
                "plan",
                "--fail-on",
                "public,escalation",
                "--fail-on",
                "expired-soon",
                "--against",
                "out",
            ],
            Some(1),
        ),
        (&["plan", "--detailed-exitcode", "--against", "out"], Some(2)),
        (
            &[
                "plan",
                "--detailed-exitcode",
                "--fail-on",
                "broadening",
                "--against",
                "out",
            ],
            Some(1),
        ),
    ] {
        let output = leastwise(&project, arguments);
        assert_eq!(output.status.code(), wanted, "{arguments:?}: {}", said(&output));
    }
}

#[test]
fn what_a_commit_does_not_have_is_said() {
    let Some(folder) = repository() else { return };
    let project = folder.path().join("iam");
    let refused = |at: &Path, arguments: &[&str], wanted: &str| {
        let output = leastwise(at, arguments);
        let text = said(&output);
        assert!(
            text.contains(wanted) && text.contains("help: "),
            "{arguments:?}: {text}"
        );
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    };
    refused(
        &project,
        &["plan", "--against-git", "nowhere"],
        "there is no commit `nowhere`",
    );
    refused(
        &project,
        &["plan", "--against-git=--all"],
        "there is no commit `--all`",
    );
    refused(
        &project,
        &["plan", "--against-git", "HEAD", "--output=other"],
        "`HEAD` has no iam/other",
    );
    std::fs::create_dir(folder.path().join("new")).unwrap();
    std::fs::write(folder.path().join("new/leastwise.kdl"), SPEC).unwrap();
    refused(
        folder.path(),
        &["plan", "new", "--against-git", "HEAD"],
        "`HEAD` has no new/leastwise.kdl",
    );
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("leastwise.kdl"), SPEC).unwrap();
    refused(
        outside.path(),
        &["plan", "--against-git", "HEAD"],
        ".: lies in no git repository",
    );
    // A commit whose spec is wrong says what is wrong there.
    std::fs::write(
        project.join("leastwise.kdl"),
        SPEC.replace("allow write", "allow fly"),
    )
    .unwrap();
    assert!(git(folder.path(), &["commit", "-am", "wrong"]));
    std::fs::write(project.join("leastwise.kdl"), SPEC).unwrap();
    let output = leastwise(&project, &["plan", "--against-git", "HEAD"]);
    let text = said(&output);
    assert!(
        text.contains("has no capability `fly`") && text.contains("the spec at HEAD does not compile"),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_first_file_of_a_target_is_a_change_too() {
    let folder = tempfile::tempdir().unwrap();
    let places = "network cloud cidr=\"10.40.0.0/16\" { zones a b; segment web cidr=\"10.40.0.0/22\" }\n";
    let ends = "workload front segment=web runs-on=ecs\nworkload db segment=web runs-on=ecs { listens sql tcp=5432 tls=required }\ntrust front -> db.sql { allow connect; because \"Queries\" }\n";
    let head = SPEC.replace("targets aws-iam terraform", "targets aws-iam security-groups");
    std::fs::write(folder.path().join("leastwise.kdl"), format!("{head}{places}")).unwrap();
    assert!(leastwise(folder.path(), &["compile"]).status.success());
    std::fs::write(
        folder.path().join("leastwise.kdl"),
        format!("{head}{places}{ends}"),
    )
    .unwrap();
    let output = leastwise(
        folder.path(),
        &["plan", "--against", "out", "--fail-on", "broadening"],
    );
    let text = said(&output);
    assert!(text.contains("+ gained  front -> db.sql: connect"), "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
}
