//! The official KDL test suite, as the `kdl` crate's package carries it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::canonical::{parse, print};

/// Cases in which we differ from the suite, with the reason. A line that is no longer true fails.
const DIFFERENCES: &[(&str, &str)] = &[];

/// Codes that KDL knows nothing of: traps that our language refuses in valid KDL.
pub const TRAPS: &[&str] = &[
    "duplicate-property",
    "stray-comma",
    "invisible-character",
    "unquoted-url",
];

/// The folder of the suite, asked of cargo: the package is a dependency of these tests and so is there.
pub fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // Cargo wants every package of the workspace to be there; what these tests did not need it may have to fetch.
        let metadata = metadata(&["--offline"])
            .or_else(|_| metadata(&[]))
            .unwrap_or_else(|error| panic!("{error}"));
        let packages = metadata["packages"].as_array().unwrap();
        let package = packages.iter().find(|package| package["name"] == "kdl").unwrap();
        let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
        manifest.parent().unwrap().join("tests/test_cases")
    })
}

fn metadata(flags: &[&str]) -> Result<serde_json::Value, String> {
    let host = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc names its host");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--filter-platform", host])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .args(flags)
        .output()
        .expect("cargo runs");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

/// Every case: its name, its text, and what is expected, if it is valid.
#[expect(clippy::disallowed_methods, reason = "the suite is files")]
pub fn cases() -> BTreeMap<String, (String, Option<String>)> {
    let folder = folder();
    let mut cases = BTreeMap::new();
    for entry in std::fs::read_dir(folder.join("input")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let expected = std::fs::read_to_string(folder.join("expected_kdl").join(&name)).ok();
        cases.insert(name, (std::fs::read_to_string(path).unwrap(), expected));
    }
    cases
}

#[test]
fn the_official_suite_is_met() {
    let cases = cases();
    assert!(cases.len() > 300, "the suite is not all there");
    let mut wrong = BTreeMap::new();
    for (name, (input, expected)) in &cases {
        let (document, report) = parse(input);
        let has_errors = report
            .diagnostics()
            .iter()
            .any(|found| !TRAPS.contains(&found.code.name));
        assert_eq!(has_errors, !document.is_well_formed(), "{name}");
        let is_valid = expected.is_some() || !name.ends_with("_fail.kdl");
        if is_valid == has_errors {
            wrong.insert(
                name.as_str(),
                format!("valid: {is_valid}; {:?}", report.diagnostics()),
            );
        } else if let Some(expected) = expected
            && *expected != print(&document)
        {
            wrong.insert(
                name.as_str(),
                format!("expected {expected:?}, got {:?}", print(&document)),
            );
        }
    }
    for (name, _) in DIFFERENCES {
        assert!(wrong.remove(name).is_some(), "{name} is no difference any more");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
