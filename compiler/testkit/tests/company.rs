//! The company needs few words about addresses, and says little when they are missing.
//!
//! With one `at` for each machine and at most five `accept=segment` nothing is found. Without them each trust is told of at most once.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use std::collections::BTreeMap;

use testkit::golden::{self, Tree};
use testkit::project::{self, Depth};

const ACCEPTED: &str = " accept=segment";
const ACCEPTED_MOST: usize = 5;
/// As many as the project's own description says. Classes of desks have an `at` as well, those in the cloud have none.
const SERVERS: usize = 30;

fn company() -> Tree {
    let mut files = golden::tree(&golden::root().join("examples/company"));
    files.retain(|path, _| !path.starts_with("out/") && path != "leastwise.lock");
    files
}

/// A line without `at "…" "…";`, if it has one. What is not ours keeps its addresses.
fn without_at(line: &str) -> Option<String> {
    if line.starts_with("external") {
        return None;
    }
    let start = line.find(" at \"")?;
    let mut rest = line.get(start + " at".len()..)?;
    while let Some(text) = rest.strip_prefix(" \"") {
        rest = text.split_once('"')?.1;
    }
    let rest = rest.strip_prefix(';').unwrap_or(rest);
    Some(format!("{}{rest}", line.get(..start)?))
}

/// How often each trust is said to let somebody in whom it does not name, by the place of the trust.
fn told(files: &Tree) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for outcome in project::compile(files, Depth::Proof) {
        for line in project::shown(&outcome, "").lines() {
            if let Some((place, _)) = line.split_once(" shared-address: ") {
                *told.entry(place.to_owned()).or_default() += 1;
            }
        }
    }
    told
}

#[derive(Default)]
struct Removed {
    files: Tree,
    at: usize,
    accepted: usize,
}

fn removed(at: bool, accepted: bool) -> Removed {
    let mut removed = Removed::default();
    for (path, bytes) in company() {
        let text = String::from_utf8(bytes).unwrap();
        if !path.ends_with(".kdl") {
            removed.files.insert(path, text.into_bytes());
            continue;
        }
        let mut kept = String::new();
        for line in text.lines() {
            let mut line = line.to_owned();
            if at && let Some(shorter) = without_at(&line) {
                removed.at += 1;
                line = shorter;
            }
            if accepted {
                removed.accepted += line.matches(ACCEPTED).count();
                line = line.replace(ACCEPTED, "");
            }
            kept.push_str(&line);
            kept.push('\n');
        }
        removed.files.insert(path, kept.into_bytes());
    }
    removed
}

#[test]
fn few_words_about_addresses_make_it_clean() {
    for outcome in project::compile(&company(), Depth::Proof) {
        assert_eq!(project::shown(&outcome, ""), "");
        assert!(outcome.built.is_some());
    }
    let all = removed(true, true);
    // A declaration says a fact once, so no server has two.
    assert!(all.at > 0 && all.at <= SERVERS, "{}", all.at);
    assert!(
        all.accepted > 0 && all.accepted <= ACCEPTED_MOST,
        "{}",
        all.accepted
    );
}

#[test]
fn without_them_each_trust_is_told_of_at_most_once() {
    for (at, accepted) in [(true, false), (false, true), (true, true)] {
        let told = told(&removed(at, accepted).files);
        assert!(!told.is_empty(), "at {at}, accept {accepted}");
        for (trust, count) in told {
            assert_eq!(count, 1, "at {at}, accept {accepted}: {trust}");
        }
    }
}

#[test]
fn each_single_one_is_needed() {
    let files = company();
    let mut missed = 0;
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".kdl")) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        for (number, line) in text.lines().enumerate() {
            let shorter =
                without_at(line).or_else(|| line.contains(ACCEPTED).then(|| line.replace(ACCEPTED, "")));
            let Some(shorter) = shorter else { continue };
            let lines = text.lines().enumerate();
            let kept: Vec<&str> = lines
                .map(|(at, line)| if at == number { shorter.as_str() } else { line })
                .collect();
            let mut files = files.clone();
            files.insert(path.clone(), kept.join("\n").into_bytes());
            let told = told(&files);
            assert!(!told.is_empty(), "{path}:{} is not needed", number + 1);
            assert!(
                told.values().all(|count| *count == 1),
                "{path}:{}: {told:?}",
                number + 1
            );
            missed += 1;
        }
    }
    assert!(missed > ACCEPTED_MOST, "{missed}");
}
