//! Cases of promises, asked of what would be written.
//!
//! `golden/promises/CODE/*.fail.kdl` must say exactly its `.fail.txt`, `*.pass.kdl` nothing wrong. `golden/cases/NAME` is a
//! project that must be refused or accepted, as `golden/cases/expected.tsv` says; `report.txt` is what it says.
use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Severity;
use testkit::golden::{self, Tree};
use testkit::project::{self, Depth, Outcome};

fn refused(outcomes: &[Outcome]) -> bool {
    outcomes.iter().any(|outcome| outcome.built.is_none())
}

#[test]
fn every_promise_says_what_it_must() {
    let folder = golden::root().join("golden/promises");
    let mut wrong = Vec::new();
    let mut there: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for case in golden::cases(&folder) {
        let code = case.file_name().unwrap().to_string_lossy().into_owned();
        let files = golden::tree(&case);
        let mut actual = Tree::new();
        for (path, bytes) in &files {
            if !path.ends_with(".txt") {
                actual.insert(path.clone(), bytes.clone());
            }
        }
        for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".kdl")) {
            let (mut project, main) = project::of_text(std::str::from_utf8(bytes).unwrap());
            let beside = files.iter().filter(|(path, _)| path.starts_with("fleet/"));
            project.extend(beside.map(|(path, bytes)| (path.clone(), bytes.clone())));
            let outcomes = project::compile(&project, Depth::Proof);
            let said: String = outcomes
                .iter()
                .map(|outcome| project::shown(outcome, main))
                .collect();
            let fired = outcomes
                .iter()
                .flat_map(|outcome| outcome.report.diagnostics())
                .any(|found| found.code.name == code);
            let must_fire = path.ends_with(".fail.kdl");
            there.entry(code.clone()).or_default().insert(must_fire);
            if fired != must_fire || (!must_fire && refused(&outcomes)) {
                wrong.push(format!("{code}/{path}: says {said}"));
            }
            if let Some(stem) = path.strip_suffix(".fail.kdl") {
                actual.insert(format!("{stem}.fail.txt"), said.into_bytes());
            }
        }
        if let Err(difference) = golden::compare(&case, &actual) {
            wrong.push(difference);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let codes: BTreeSet<String> = relation::promise::CODES
        .iter()
        .map(|code| code.name.to_owned())
        .collect();
    assert_eq!(there.keys().cloned().collect::<BTreeSet<_>>(), codes);
    for (code, sorts) in there {
        assert_eq!(
            sorts.len(),
            2,
            "{code} needs a case that fires and one that is quiet"
        );
    }
}

#[test]
fn every_case_is_answered_as_expected() {
    let folder = golden::root().join("golden/cases");
    let expected = golden::tree(&folder)
        .remove("expected.tsv")
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .unwrap();
    let expected: BTreeMap<&str, &str> = expected
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut columns = line.split('\t');
            Some((columns.next()?, columns.next()?))
        })
        .collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for case in golden::cases(&folder) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let mut files = golden::tree(&case);
        files.remove("report.txt");
        let outcomes = project::compile(&files, Depth::Proof);
        let mut said = String::new();
        for outcome in &outcomes {
            if let Some(environment) = &outcome.environment {
                said.push_str(&format!("environment {environment}\n"));
            }
            said.push_str(&project::shown(outcome, "leastwise.kdl"));
        }
        let is_error = |outcome: &Outcome| {
            let mut found = outcome.report.diagnostics().iter();
            found.any(|found| found.code.severity == Severity::Error)
        };
        let answer = if outcomes.iter().any(is_error) {
            "refused"
        } else {
            "accepted"
        };
        match expected.get(name.as_str()) {
            Some(must) if *must == answer => {}
            Some(must) => wrong.push(format!("{name}: must be {must}, and is {answer}:\n{said}")),
            None => wrong.push(format!("{name}: is in no line of expected.tsv")),
        }
        files.insert("report.txt".to_owned(), said.into_bytes());
        if let Err(difference) = golden::compare(&case, &files) {
            wrong.push(difference);
        }
        seen.insert(name);
    }
    let lost: Vec<&&str> = expected.keys().filter(|name| !seen.contains(**name)).collect();
    assert!(lost.is_empty(), "expected and not there: {lost:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The edit that makes a refused case acceptable: (file, old, new).
type Edit = (String, String, String);

fn twins(folder: &Tree) -> BTreeMap<String, Edit> {
    let whole: Option<serde_json::Value> = folder
        .get("twins.json")
        .and_then(|text| serde_json::from_slice(text).ok());
    let edits = whole.as_ref().and_then(serde_json::Value::as_object);
    edits
        .into_iter()
        .flatten()
        .filter_map(|(name, edit)| {
            let text = |index: usize| edit.get(index)?.as_str().map(str::to_owned);
            Some((name.clone(), (text(0)?, text(1)?, text(2)?)))
        })
        .collect()
}

#[test]
fn every_refused_case_has_a_twin_that_is_accepted() {
    let folder = golden::root().join("golden/cases");
    let files = golden::tree(&folder);
    let twins = twins(&files);
    let expected = String::from_utf8(files.get("expected.tsv").unwrap().clone()).unwrap();
    let mut wrong = Vec::new();
    for line in expected
        .lines()
        .skip(1)
        .filter(|line| line.contains("\trefused\t"))
    {
        let name = line.split('\t').next().unwrap();
        let Some((path, old, new)) = twins.get(name) else {
            wrong.push(format!("{name}: has no twin"));
            continue;
        };
        let mut case = golden::tree(&folder.join(name));
        case.remove("report.txt");
        let text = String::from_utf8(case.get(path).unwrap().clone()).unwrap();
        assert!(text.contains(old.as_str()), "{name}: its twin changes nothing");
        case.insert(path.clone(), text.replacen(old, new, 1).into_bytes());
        let outcomes = project::compile(&case, Depth::Proof);
        if refused(&outcomes) {
            let said: String = outcomes
                .iter()
                .map(|outcome| project::shown(outcome, "leastwise.kdl"))
                .collect();
            wrong.push(format!("{name}: its twin is refused:\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
