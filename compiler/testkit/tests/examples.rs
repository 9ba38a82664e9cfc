//! The examples compile, and every byte that they emit is golden: `golden/examples/NAME/[ENVIRONMENT/]…`.
//!
//! Archives are kept by their digest. The manifest is made as the command makes it.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "examples are files"
)]

use catalogue::limits::Limits;
use driver::manifest::{manifest, sha256};
use testkit::golden::{self, Tree};
use testkit::project::{self, Depth};

fn the_project_of(folder: &std::path::Path) -> Tree {
    let mut files = golden::tree(folder);
    files.retain(|path, _| !path.starts_with("out/") && path != "leastwise.lock");
    files
}

fn is_as_expected(name: &str) {
    let folder = golden::root().join("examples").join(name);
    let files = the_project_of(&folder);
    let mut actual = Tree::new();
    let outcomes = project::compile(&files, Depth::Proof);
    for outcome in &outcomes {
        let said = project::shown(outcome, "leastwise.kdl");
        let Some(built) = &outcome.built else {
            panic!("{name} is refused:\n{said}")
        };
        let prefix = outcome
            .environment
            .as_ref()
            .map_or_else(String::new, |environment| format!("{environment}/"));
        for (path, file) in built.verified.bundle().iter() {
            if path.ends_with(".tar.gz") {
                actual.insert(
                    format!("{prefix}{path}.sha256"),
                    format!("{}\n", sha256(&file.bytes)).into_bytes(),
                );
            } else {
                actual.insert(format!("{prefix}{path}"), file.bytes.clone());
            }
        }
        let manifest = manifest(
            &built.verified,
            &built.handover,
            &outcome.analysis.sources,
            "golden",
        );
        actual.insert(format!("{prefix}manifest.json"), manifest);
        actual.insert(format!("{prefix}report.txt"), said.into_bytes());
    }
    golden::compare(&golden::root().join("golden/examples").join(name), &actual).unwrap();

    let named = files.iter().filter(|(path, _)| path.ends_with(".csv"));
    let inventories = named.map(|(path, bytes)| (path.clone(), sha256(bytes))).collect();
    let lock = driver::lock::lock(&inventories, Limits::embedded(), shelf::stdlib());
    let path = folder.join("leastwise.lock");
    if std::env::var("BLESS").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &lock).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, String::from_utf8_lossy(&lock), "{}", path.display());
}

#[test]
fn minimal_is_as_expected() {
    is_as_expected("minimal");
}

#[test]
fn web_shop_is_as_expected() {
    is_as_expected("web-shop");
}

#[test]
fn company_is_as_expected() {
    is_as_expected("company");
}

#[test]
fn factory_is_as_expected() {
    is_as_expected("factory");
}

/// Files of a project in another order, and the same project twice, give the same bytes.
#[test]
fn the_same_project_gives_the_same_bytes() {
    let files = the_project_of(&golden::root().join("examples/web-shop"));
    let bytes = || -> Vec<(String, Vec<u8>)> {
        project::compile(&files, Depth::Proof)
            .iter()
            .filter_map(|outcome| outcome.built.as_ref())
            .flat_map(|built| {
                built
                    .verified
                    .bundle()
                    .iter()
                    .map(|(path, file)| (path.to_owned(), file.bytes.clone()))
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    let first = bytes();
    assert!(!first.is_empty());
    assert_eq!(first, bytes());
}

#[test]
fn every_example_is_tested() {
    let names: Vec<String> = golden::cases(&golden::root().join("examples"))
        .iter()
        .map(|case| case.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, ["company", "factory", "minimal", "web-shop"]);
}
