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
