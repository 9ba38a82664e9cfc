//! A granted quota that changes no answer would be a fact that nothing uses.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that fails says where, and reads sources"
)]

use std::path::Path;

use catalogue::limits::{ASKED, Limits};
use testkit::golden;

/// Crates that measure something.
const MEASURING: [&str; 4] = ["aws", "graph", "read", "prove"];

fn sources(at: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(at).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            out.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_adjustable_limit_that_is_asked_is_listed() {
    let mut texts = Vec::new();
    for folder in MEASURING {
        sources(
            &golden::root().join("compiler").join(folder).join("src"),
            &mut texts,
        );
    }
    let is_named = |id: &str| texts.iter().any(|text| text.contains(&format!("\"{id}\"")));
    let limits = Limits::embedded();
    let mut asked: Vec<&str> = limits
        .all()
        .filter(|limit| limit.is_adjustable && is_named(&limit.id))
        .map(|limit| limit.id.as_str())
        .collect();
    asked.sort_unstable();
    let mut listed = ASKED.to_vec();
    listed.sort_unstable();
    assert_eq!(asked, listed);
}
