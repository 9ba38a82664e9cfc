//! Hostile and broken input: a clear error at the right place, in bounded time, and what was there before stays whole.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test runs the command on files, and says aloud what it cannot try"
)]

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use testkit::golden::{self, Tree};

/// Five lines; what follows begins on line 6.
const HEAD: &str = "project docs edition=\"2026\" {\n    \
    account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }\n}\nteam docs\nowner docs\n";

/// Generous: a debug build on a loaded machine. What is quadratic or worse takes far longer.
const TIME_MAX: Duration = Duration::from_secs(90);

fn project(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let to = folder.path().join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    }
    folder
}

fn of(text: &str) -> TempDir {
    project(&[("leastwise.kdl", format!("{HEAD}{text}").as_bytes())])
}

fn leastwise(folder: &Path, arguments: &[&str]) -> Output {
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(arguments)
        .args(["--as-of", "2026-07-01"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        start.elapsed() < TIME_MAX,
        "{arguments:?} took {:?}",
        start.elapsed()
    );
    assert!(output.status.code().is_some(), "{arguments:?} was killed");
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Code and line of every error.
fn errors(folder: &Path) -> Vec<(String, u64)> {
    let output = leastwise(folder, &["check", "--format", "json"]);
    let value: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("no report, but: {}", said(&output)));
    let found: Vec<(String, u64)> = value["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["severity"] == "error")
        .map(|found| {
            (
                found["code"].as_str().unwrap().to_owned(),
                found["place"]["line"].as_u64().unwrap_or(0),
            )
        })
        .collect();
    assert_eq!(
        output.status.code(),
        Some(i32::from(!found.is_empty())),
        "{found:?}"
    );
    // What people see is bounded too, and holds nothing that a terminal obeys.
    let human = leastwise(folder, &["check"]).stderr;
    assert!(human.len() < 200_000, "{} bytes for a person", human.len());
    let human = String::from_utf8(human).unwrap();
    let obeyed = |character: char| {
        character.is_control() && character != '\n' || ('\u{202a}'..='\u{202e}').contains(&character)
    };
    assert!(!human.chars().any(obeyed), "{human:?}");
    found
}

#[test]
fn each_mistake_is_found_where_it_is() {
    let deep = |open: &str| format!("team a\n{}", open.repeat(10_000));
    let cases: &[(&str, String, &str, u64)] = &[
        (
            "a bidirectional override in a name",
            "team a\u{202e}b\n".to_owned(),
            "disallowed-character",
            6,
        ),
        (
            "a control in a comment",
            "// a\u{7}b\n".to_owned(),
            "disallowed-character",
            6,
        ),
        (
            "an escape in a string",
            "team \"a\u{1b}[31m\"\n".to_owned(),
            "disallowed-character",
            6,
        ),
        ("ten thousand blocks", deep("a {"), "block-too-deep", 7),
        (
            "ten thousand slashdashed blocks",
            deep("a /-{"),
            "block-too-deep",
            7,
        ),
        (
            "a name twice",
            "key k\nkey k\n".to_owned(),
            "duplicate-declaration",
            7,
        ),
        (
            "a property twice",
            "workload w runs-on=ecs runs-on=lambda\n".to_owned(),
            "duplicate-property",
            6,
        ),
        (
            "a fact twice",
            "key k { physical a; physical b; }\n".to_owned(),
            "duplicate-fact",
            6,
        ),
        (
            "an unknown kind",
            "bukket b\n".to_owned(),
            "unknown-declaration",
            6,
        ),
        (
            "an unknown fact",
            "key k { colour red; }\n".to_owned(),
            "unknown-fact",
            6,
        ),
        (
            "a number for a name",
            "workload w runs-on=17\n".to_owned(),
            "wrong-type",
            6,
        ),
        (
            "a profile that applies itself",
            "profile p { apply p; }\napply p\n".to_owned(),
            "profile-cycle",
            6,
        ),
        (
            "two profiles that apply each other",
            "profile p { apply q; }\nprofile q { apply p; }\napply p\n".to_owned(),
            "profile-cycle",
            7,
        ),
        ("a name that climbs", "team \"../x\"\n".to_owned(), "bad-name", 6),
        (
            "a name with a quote",
            "team \"a\\\"b\"\n".to_owned(),
            "bad-name",
            6,
        ),
        (
            "a name with a newline",
            "team \"a\\nb\"\n".to_owned(),
            "bad-name",
            6,
        ),
        (
            "a name with a command",
            "team \"$(id)\"\n".to_owned(),
            "bad-name",
            6,
        ),
        (
            "a name with a template",
            "team \"{{x}}\"\n".to_owned(),
            "bad-name",
            6,
        ),
        (
            "a name with an interpolation",
            "team \"${x}\"\n".to_owned(),
            "bad-name",
            6,
        ),
        (
            "an inventory above the project",
            "device d { fleet \"../../etc/passwd\"; }\n".to_owned(),
            "escaping-path",
            6,
        ),
    ];
    let mut wrong = String::new();
    for (name, text, code, line) in cases {
        let found = errors(of(text).path());
        if !found.contains(&((*code).to_owned(), *line)) {
            let _ = writeln!(wrong, "{name}: expected {code} on line {line}, found {found:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn an_account_written_as_a_number_is_refused() {
    let text = "project docs edition=\"2026\" {\n    account main id=111122223333 region=eu-central-1\n}\n";
    let found = errors(project(&[("leastwise.kdl", text.as_bytes())]).path());
    assert!(found.contains(&("wrong-type".to_owned(), 2)), "{found:?}");
}

#[test]
fn what_is_not_utf8_is_refused_with_its_place() {
    let mut bytes = HEAD.as_bytes().to_vec();
    bytes.extend(b"team gr\xf6\xdfe\n");
    let output = leastwise(project(&[("leastwise.kdl", &bytes)]).path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("leastwise.kdl") && said(&output).contains('6'),
        "{}",
        said(&output)
    );
}

#[test]
fn a_line_of_twenty_megabytes_is_read_and_never_shown_whole() {
    let long = "a".repeat(20_000_000);
    for text in [
        format!("team {long}\n"),
        format!("/* {long} */ team ?\nkey k {{ physical \"{long}\" }}\n"),
        format!("{}\n", "a ".repeat(10_000_000)),
    ] {
        assert!(!errors(of(&text).path()).is_empty());
    }
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let folder = of("");
    fs::File::create(folder.path().join("large.kdl"))
        .unwrap()
        .set_len(200 * 1024 * 1024)
        .unwrap();
    let start = Instant::now();
    let output = leastwise(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("large.kdl"), "{}", said(&output));
    assert!(start.elapsed() < Duration::from_secs(10));
}

const CLASS: &str = "authority ca { root offline }\ndevice d {\n    hardware embedded\n    \
    identity x509 ca=ca key=secure-element\n    fleet \"fleet.csv\"\n    speaks mqtt 8883\n}\n\
    topic t of=d { path \"dt/{name}\" }\ntrust d -> t { allow publish; because \"Data\" }\n";

fn with_fleet(rows: &str) -> TempDir {
    project(&[
        ("leastwise.kdl", format!("{HEAD}{CLASS}").as_bytes()),
        ("fleet.csv", rows.as_bytes()),
    ])
}

#[test]
fn what_is_wrong_with_an_inventory_is_said() {
    for (rows, code) in [
        ("line\nl1\n", "bad-inventory"),
        ("name,line\na\n", "bad-inventory"),
        ("name,name\na,b\n", "bad-inventory"),
        ("", "bad-inventory"),
        ("name\na\na\n", "duplicate-member"),
        ("name\n../x\n", "unsafe-value"),
        ("name\n$(id)\n", "unsafe-value"),
        ("name\n\"a\nb\"\n", "unsafe-value"),
        ("name\na*\n", "unsafe-value"),
        ("name\n${x}\n", "unsafe-value"),
        ("name\n{{x}}\n", "unsafe-value"),
    ] {
        let found = errors(with_fleet(rows).path());
        assert!(
            found
                .iter()
                .any(|(found, _)| found == code || found == "bad-name"),
            "{rows:?}: {found:?}"
        );
    }
}

#[test]
fn an_inventory_that_is_not_there_or_leads_out_is_refused() {
    let folder = project(&[("leastwise.kdl", format!("{HEAD}{CLASS}").as_bytes())]);
    assert!(
        errors(folder.path())
            .iter()
            .any(|(code, _)| code == "unreadable-input")
    );
    let elsewhere = project(&[("secret.csv", b"name\nx\n")]);
    symlink(
        elsewhere.path().join("secret.csv"),
        folder.path().join("fleet.csv"),
    )
    .unwrap();
    let output = leastwise(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("outside the project"), "{}", said(&output));
}

#[test]
fn a_million_rows_are_read_in_bounded_time() {
    let mut rows = String::from("name\n");
    for row in 0..1_000_000 {
        let _ = writeln!(rows, "d{row:07}");
    }
    let folder = with_fleet(&rows);
    assert_eq!(errors(folder.path()), []);
    rows.push_str("d0000000\n");
    fs::write(folder.path().join("fleet.csv"), rows).unwrap();
    assert!(
        errors(folder.path())
            .iter()
            .any(|(code, _)| code == "duplicate-member")
    );
}

const STORE: &str = "use \"std/baseline/zero-trust\"\nkey k\nbucket b { physical \"docs-b\"; encrypted key=k; retain \"30d\" }\nworkload w runs-on=lambda\n";

#[test]
fn free_text_is_data_in_every_output() {
    // Built of what shells, templates and Terraform would obey.
    let hostile = "a $(touch pwned) `id` ${x} %{if} {{ y }} ' \\\"; rm -rf /";
    let folder = of(&format!(
        "{STORE}trust w -> b {{ allow write; because \"{hostile}\" }}\n"
    ));
    let output = leastwise(folder.path(), &["compile"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let mut seen = 0;
    for (path, bytes) in testkit::project::written(&folder.path().join("out")) {
        if path.ends_with(".json") {
            let value: Value =
                serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
            if path.contains("/terraform/") {
                no_live_template(&path, &value);
            }
            seen += 1;
        }
        assert!(
            !path.ends_with(".sh") || !String::from_utf8_lossy(&bytes).contains("pwned"),
            "{path}"
        );
    }
    assert!(seen > 5);
}

/// No text of the author's is an interpolation in Terraform: `${` only where we wrote a reference.
fn no_live_template(path: &str, value: &Value) {
    match value {
        Value::String(text) => assert!(
            !text.replace("$${", "").contains("${x}") && !text.replace("%%{", "").contains("%{if}"),
            "{path}: {text}"
        ),
        Value::Array(all) => all.iter().for_each(|one| no_live_template(path, one)),
        Value::Object(all) => all.values().for_each(|one| no_live_template(path, one)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn hostile_cloud_names_and_paths_are_refused_or_stay_data() {
    for name in [
        "../../x", "a\\\"b", "a\\nb", "$(id)", "{{x}}", "${x}", "-rf", "a b", "*",
    ] {
        let folder = of(&format!(
            "key k {{ physical \"{name}\" }}\nworkload w runs-on=lambda {{ physical \"{name}\" }}\n"
        ));
        let found = errors(folder.path());
        assert!(!found.is_empty(), "physical {name:?} is taken");
        let folder = of(&format!(
            "{STORE}trust w -> b {{ allow write; under \"{name}/\"; because \"x\" }}\n"
        ));
        let output = leastwise(folder.path(), &["compile"]);
        assert!(
            output.status.code() <= Some(1),
            "under {name:?}: {}",
            said(&output)
        );
        let inside: Tree = golden::tree(folder.path());
        assert!(
            inside
                .keys()
                .all(|path| path == "leastwise.kdl" || path == "leastwise.lock" || path.starts_with("out/")),
            "{name:?}"
        );
    }
}

/// A project whose output is there, its tree, and the spec with one trust more.
fn compiled() -> (TempDir, Tree, String) {
    let first = format!("{HEAD}{STORE}trust w -> b {{ allow write; because \"x\" }}\n");
    let folder = project(&[("leastwise.kdl", first.as_bytes())]);
    let output = leastwise(folder.path(), &["compile"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let tree = testkit::project::written(&folder.path().join("out"));
    (
        folder,
        tree,
        first.replace("allow write", "allow read write list"),
    )
}

#[test]
fn a_spec_that_fails_leaves_the_previous_output() {
    let (folder, before, _) = compiled();
    fs::write(folder.path().join("leastwise.kdl"), format!("{HEAD}bukket b\n")).unwrap();
    assert_eq!(leastwise(folder.path(), &["compile"]).status.code(), Some(1));
    assert_eq!(testkit::project::written(&folder.path().join("out")), before);
}

#[test]
fn an_output_folder_that_is_a_file_or_a_link_is_refused() {
    let (folder, before, after) = compiled();
    fs::write(folder.path().join("leastwise.kdl"), after).unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    symlink(folder.path().join("out"), folder.path().join("link")).unwrap();
    for (out, why) in [("file", "is a file"), ("link", "is a link")] {
        let output = leastwise(folder.path(), &["compile", "--out", out]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(why), "{}", said(&output));
    }
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "mine");
    assert_eq!(testkit::project::written(&folder.path().join("out")), before);
}

#[test]
fn a_foreign_file_in_the_way_is_named_and_nothing_changes() {
    let (folder, before, after) = compiled();
    let out = folder.path().join("out");
    let path = before
        .keys()
        .find(|path| path.ends_with(".identity.json"))
        .unwrap()
        .clone();
    // As if the earlier build had not written it.
    let manifest = String::from_utf8(before["manifest.json"].clone())
        .unwrap()
        .replace(&path, "aws/other.json");
    fs::write(out.join("manifest.json"), &manifest).unwrap();
    fs::write(folder.path().join("leastwise.kdl"), after).unwrap();
    let here = testkit::project::written(&out);
    let output = leastwise(folder.path(), &["compile"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains(&path), "{}", said(&output));
    assert_eq!(testkit::project::written(&out), here);
}

#[test]
fn a_read_only_output_folder_is_said_and_left() {
    let (folder, before, after) = compiled();
    let out = folder.path().join("out");
    fs::write(folder.path().join("leastwise.kdl"), after).unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(out.join("probe"), "").is_ok() {
        // Who runs this may write everywhere, and so may mount: `interrupted::a_read_only_disk_is_said_and_left` tries it.
        fs::remove_file(out.join("probe")).unwrap();
        return;
    }
    let output = leastwise(folder.path(), &["compile"]);
    fs::set_permissions(&out, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(testkit::project::written(&out), before);
}

/// No write of more than some bytes succeeds: what a quota or a limit does.
#[test]
fn a_write_that_fails_half_way_leaves_the_previous_output() {
    let (folder, before, after) = compiled();
    fs::write(folder.path().join("leastwise.kdl"), after).unwrap();
    let line = format!(
        "trap '' XFSZ; ulimit -f 1; exec {} compile --as-of 2026-07-01",
        env!("CARGO_BIN_EXE_leastwise")
    );
    let output = Command::new("sh")
        .args(["-c", &line])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(testkit::project::written(&folder.path().join("out")), before);
}
