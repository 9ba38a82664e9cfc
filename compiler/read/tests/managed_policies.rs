//! The provider's own managed policies: each reads, or says precisely why it does not.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use bundle::{Bundle, File};
use diagnostics::Report;

/// The corpus, or `None` where its folder is not named.
fn corpus() -> Option<serde_json::Map<String, serde_json::Value>> {
    let folder = std::env::var("LEASTWISE_TEST_DATA").ok()?;
    let path = PathBuf::from(folder).join("aws-managed-policies.json.xz");
    let output = Command::new("xz").arg("-dc").arg(&path).output().ok()?;
    assert!(output.status.success(), "{} is not read", path.display());
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    Some(value.as_object().unwrap().clone())
}

#[test]
fn each_reads_or_says_why_not() {
    let Some(corpus) = corpus() else {
        writeln!(
            std::io::stderr(),
            "SKIPPED: managed policies; LEASTWISE_TEST_DATA names no folder"
        )
        .unwrap();
        return;
    };
    let mut bundle = Bundle::default();
    for (name, policy) in &corpus {
        let bytes = serde_json::to_vec_pretty(
            policy
                .get("PolicyVersion")
                .map_or(policy, |version| &version["Document"]),
        )
        .unwrap();
        let file = File {
            bytes,
            target: bundle::target::AWS_IAM,
            executable: false,
            because: Vec::new(),
        };
        bundle
            .add(&format!("aws/corpus/iam/{name}.identity.json"), file)
            .unwrap();
    }
    let mut report = Report::default();
    let facts = read::read(&bundle, &mut report).remove(0);
    assert!(!report.has_errors());
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut refused = std::collections::BTreeSet::new();
    for unread in &facts.unread {
        refused.insert(unread.place.path.clone());
        // What differs from document to document stands in backticks.
        let general: String = unread.what.split('`').step_by(2).collect::<Vec<_>>().join("…");
        *reasons.entry(general).or_default() += 1;
    }
    assert_eq!(facts.documents.len(), corpus.len());
    let whole = corpus.len() - refused.len();
    writeln!(
        std::io::stderr(),
        "{whole} of {} read whole; {reasons:#?}",
        corpus.len()
    )
    .unwrap();
    // Many of them use sets, wildcards inside names and other forms that are never emitted; most do not.
    assert!(whole * 3 > corpus.len(), "{whole} of {}", corpus.len());
    assert!(reasons.keys().all(|reason| !reason.starts_with("not JSON")));
}
