//! `fix` on the deliberate mistakes of `golden/mistakes/`: what it mends is mended, and `golden/fixes/mended.txt` shows what it did.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that fails says where, and runs the command on files"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use rayon::prelude::*;
use serde_json::Value;
use testkit::golden::{self, Tree};

use crate::mistakes::{Mistake, mistakes};

fn leastwise(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(arguments)
        .args(["--as-of", "2026-07-01"])
        .current_dir(folder)
        .env("COLUMNS", "200")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Codes of errors with their messages.
fn errors(folder: &Path) -> BTreeSet<String> {
    let report: Value = serde_json::from_str(&leastwise(folder, &["check", "--format", "json"])).unwrap();
    let found = report["diagnostics"].as_array().unwrap().iter();
    found
        .filter(|one| one["severity"] == "error")
        .map(|one| format!("{}: {}", one["code"], one["message"]))
        .collect()
}

fn project(base: &Tree, mistake: &Mistake) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in base {
        let mut text = String::from_utf8(bytes.clone()).unwrap();
        if *path == mistake.file {
            text = text.replacen(&mistake.old, &mistake.new, 1);
        }
        std::fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

/// What was said of one mistake, and what is wrong with that.
fn mended(base: &Tree, mistake: &Mistake) -> (String, Option<String>) {
    let folder = project(base, mistake);
    let before = errors(folder.path());
    let dry = leastwise(folder.path(), &["fix", "--unsafe", "--dry-run"]);
    assert_eq!(
        errors(folder.path()),
        before,
        "{}: a dry run wrote something",
        mistake.name
    );
    let safe = leastwise(folder.path(), &["fix"]);
    let after = errors(folder.path());
    let both = leastwise(folder.path(), &["fix", "--unsafe"]);
    let last = errors(folder.path());
    let text = format!(
        "{}\n  safe: {}  also unsafe: {}",
        mistake.name,
        indented(&safe),
        indented(&both)
    );
    let mends = |said: &str| !said.contains("nothing to mend");
    // One mistake may have hidden another, which is told now.
    let wrong = if mends(&safe) && before.is_subset(&after) {
        Some(format!(
            "{}: each error is there as before: {after:?}",
            mistake.name
        ))
    } else if mends(&both) && after.is_subset(&last) {
        Some(format!(
            "{}: each error is there as before: {last:?}",
            mistake.name
        ))
    } else if dry.contains("nothing to mend") == (mends(&safe) || mends(&both)) {
        Some(format!("{}: a dry run says otherwise", mistake.name))
    } else {
        None
    };
    (text, wrong)
}

fn indented(said: &str) -> String {
    said.trim_end().replace('\n', "\n    ") + "\n"
}

#[test]
fn what_is_mended_is_no_error_any_more() {
    let folder = golden::root().join("golden/mistakes");
    let base = golden::tree(&folder.join("base"));
    let mistakes = mistakes(&folder);
    let all: Vec<(String, Option<String>)> = mistakes.par_iter().map(|one| mended(&base, one)).collect();
    let mut text = String::new();
    let mut wrong = Vec::new();
    let mut some = 0;
    for (said, fault) in all {
        if said.contains(" mended in ") {
            some += 1;
            text.push_str(&said);
        }
        wrong.extend(fault);
    }
    assert!(some > 10, "hardly a mistake is mended");
    let actual: Tree = [("mended.txt".to_owned(), text.into_bytes())].into();
    wrong.extend(golden::compare(&golden::root().join("golden/fixes"), &actual).err());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A line as it is written, as it is after `fix`, and as it is after `fix --unsafe`; `=` where it stays.
const SPELLINGS: &[(&str, &str, &str)] = &[
    ("bucket b { retain 30d }", "bucket b { retain \"30d\" }", "="),
    ("bucket b { physical a/b }", "bucket b { physical \"a/b\" }", "="),
    (
        "bucket b { physical x-{account} }",
        "bucket b { physical \"x-{account}\" }",
        "=",
    ),
    ("bucket b { physical “x” }", "bucket b { physical \"x\" }", "="),
    ("bucket b { physical “it's }", "=", "="),
    (
        "bucket b { physical \"a\\/b\" }",
        "bucket b { physical \"a/b\" }",
        "=",
    ),
    (
        "bucket b { physical r\"x\" }",
        "bucket b { physical #\"x\"# }",
        "=",
    ),
    ("bucket b { versioned true }", "bucket b { versioned #true }", "="),
    ("bucket b { versioned #yes }", "bucket b { versioned #true }", "="),
    (
        "bucket b { versioned #False }",
        "bucket b { versioned #false }",
        "=",
    ),
    ("# a remark", "// a remark", "="),
    (
        "bucket b { retain \"1d\" # } mine",
        "=",
        "bucket b { retain \"1d\" // } mine",
    ),
    (
        "trust w -> b { allow read, write }",
        "trust w -> b { allow read write }",
        "=",
    ),
    (
        "trust w -> b { allow read , write }",
        "trust w -> b { allow read   write }",
        "=",
    ),
    ("trust w -> b { allow read,write }", "=", "="),
    ("trust w --> b { allow read }", "trust w -> b { allow read }", "="),
    ("trust w → b { allow read }", "trust w -> b { allow read }", "="),
    ("trust w <- b { allow read }", "=", "="),
    (
        "trust w -> b { allow read; undr \"x\" }",
        "trust w -> b { allow read; under \"x\" }",
        "=",
    ),
    ("trust w -> b { allow raed }", "=", "trust w -> b { allow read }"),
    ("workload w1 runs-on=lamda", "workload w1 runs-on=lambda", "="),
    ("workload w1 runs_on=lambda", "workload w1 runs-on=lambda", "="),
    ("wrokload w1 runs-on=lambda", "workload w1 runs-on=lambda", "="),
    (
        "provider p { oidc issuer=https://a.example }",
        "provider p { oidc issuer=\"https://a.example\" }",
        "=",
    ),
    (
        "use \"std/baseline/zero-trus\"",
        "=",
        "use \"std/baseline/zero-trust\"",
    ),
    ("bucket b{ retain \"1d\" }", "bucket b { retain \"1d\" }", "="),
];

#[test]
fn each_spelling_is_mended_as_it_is_meant_and_no_other() {
    let wrong: Vec<String> = SPELLINGS
        .par_iter()
        .filter_map(|(written, safe, both)| {
            let folder = tempfile::tempdir().unwrap();
            let head = "project a edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1; }\nteam t\nowner t\nworkload w runs-on=lambda\n";
            let other = if written.contains("trust") { "bucket b\n" } else { "" };
            let spec = folder.path().join("leastwise.kdl");
            std::fs::write(&spec, format!("{head}{other}{written}\n")).unwrap();
            let last = || std::fs::read_to_string(&spec).unwrap().lines().last().unwrap().to_owned();
            leastwise(folder.path(), &["fix"]);
            let after = last();
            leastwise(folder.path(), &["fix", "--unsafe"]);
            let wanted_safe = if *safe == "=" { written } else { safe };
            let wanted_both = if *both == "=" { wanted_safe } else { both };
            let found = (after, last());
            (found != ((*wanted_safe).to_owned(), (*wanted_both).to_owned()))
                .then(|| format!("{written}\n  safe: {}\n  all:  {}", found.0, found.1))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_keeps_its_rights_its_remarks_and_its_layout() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("leastwise.kdl");
    let text = "project a edition=\"2026\" { // first\n  account main id=\"111122223333\"   region=eu-central-1\n}\n/* kept */ team  t\nowner t\n\n\nbuckte b   { retain 30d }   // last";
    std::fs::write(&spec, text).unwrap();
    std::fs::set_permissions(&spec, std::fs::Permissions::from_mode(0o600)).unwrap();
    leastwise(folder.path(), &["fix"]);
    let wanted = text.replace("buckte", "bucket").replace("30d", "\"30d\"");
    assert_eq!(std::fs::read_to_string(&spec).unwrap(), wanted);
    assert_eq!(
        std::fs::metadata(&spec).unwrap().permissions().mode() & 0o777,
        0o600
    );
}
