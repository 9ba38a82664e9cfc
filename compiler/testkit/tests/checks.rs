//! Cases of checks: `golden/checks/CODE/*.fail.kdl` must say exactly its `.fail.txt`, `*.pass.kdl` nothing.
//!
//! Only the check that the folder names runs, so that a new check never disturbs an old case.

use std::collections::BTreeSet;

use testkit::golden::{self, Tree};
use testkit::project::{self, Depth};

#[test]
fn every_case_says_what_it_must() {
    let folder = golden::root().join("golden/checks");
    let mut wrong = Vec::new();
    for case in golden::cases(&folder) {
        let code = case.file_name().unwrap().to_string_lossy().into_owned();
        let files = golden::tree(&case);
        let mut actual = Tree::new();
        for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".kdl")) {
            actual.insert(path.clone(), bytes.clone());
            let (mut project, main) = project::of_text(std::str::from_utf8(bytes).unwrap());
            project.extend(
                files
                    .iter()
                    .filter(|(path, _)| path.starts_with("fleet/"))
                    .map(|(path, bytes)| (path.clone(), bytes.clone())),
            );
            let mut said = String::new();
            for outcome in project::compile(&project, Depth::Check(&code)) {
                let fired = outcome
                    .report
                    .diagnostics()
                    .iter()
                    .any(|found| found.code.name == code);
                said.push_str(&project::shown(&outcome, main));
                if path.ends_with(".fail.kdl") && !fired {
                    wrong.push(format!("{code}/{path}: does not fire, but says: {said}"));
                }
            }
            if path.ends_with(".pass.kdl") && !said.is_empty() {
                wrong.push(format!("{code}/{path}: {said}"));
            }
            if let Some(stem) = path.strip_suffix(".fail.kdl") {
                actual.insert(format!("{stem}.fail.txt"), said.into_bytes());
            }
        }
        actual.extend(
            files
                .iter()
                .filter(|(path, _)| path.starts_with("fleet/"))
                .map(|(path, bytes)| (path.clone(), bytes.clone())),
        );
        if let Err(difference) = golden::compare(&case, &actual) {
            wrong.push(difference);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_has_a_case_that_fires_and_one_that_is_quiet() {
    let folder = golden::root().join("golden/checks");
    let there: BTreeSet<String> = golden::cases(&folder)
        .iter()
        .map(|case| case.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let codes: BTreeSet<String> = checks::codes().map(|code| code.name.to_owned()).collect();
    assert_eq!(there, codes);
    for code in codes {
        let files = golden::tree(&folder.join(&code));
        assert!(
            files.keys().any(|path| path.ends_with(".fail.kdl")),
            "{code} has no case that fires"
        );
        assert!(
            files.keys().any(|path| path.ends_with(".pass.kdl")),
            "{code} has no case that is quiet"
        );
    }
}

#[test]
fn checks_stand_in_order_of_name() {
    let names: Vec<&str> = checks::ALL.iter().map(|check| check.code.name).collect();
    assert!(names.is_sorted(), "{names:?}");
}
