//! Promises of changed bytes: what a change grants breaks the promises that forbid it, and no other.
//!
//! For each project and each target alone, promises are made that hold of what is emitted. Then the bytes are changed. The
//! relation is asked directly, without the comparison of guards that would refuse the change before, and a second hand looks
//! at the same bytes. Both must say the same of every promise, and look at the same witness.
//!
//! `LEASTWISE_ORACLES=full` tries many more changes; `LEASTWISE_MUTATED=NAME` one project alone.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test that fails says where"
)]

use std::collections::BTreeSet;

use crate::promised::{self, Found, Twin, Verdict, asked, open};
use bundle::target;
use shelf::oracle;
use testkit::golden::{self, Tree};
use testkit::mutate::specimen;
use testkit::naive::draw;

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A project, and how many changes of it are tried.
struct Project {
    name: String,
    texts: Tree,
    most: usize,
}

/// Goldens of a target, examples, and drawn specs.
fn projects(target: &str, examples: &[&str], (drawn, most): (std::ops::Range<u64>, usize)) -> Vec<Project> {
    let root = golden::root();
    let more = if oracle::is_full() { 10 } else { 1 };
    let named = |folder: &std::path::Path, most: usize| Project {
        name: folder.file_name().unwrap().to_string_lossy().into_owned(),
        texts: specimen::load(folder),
        most: most * more,
    };
    let mut out: Vec<Project> = golden::cases(&root.join("golden/targets").join(target))
        .iter()
        // A thousand rows tell promises nothing that three do not, and are spelt out for each change.
        .filter(|folder| !folder.ends_with("registry-in-bulk"))
        .map(|folder| named(folder, 50))
        .collect();
    out.extend(
        examples
            .iter()
            .map(|name| named(&root.join("examples").join(name), 30)),
    );
    let drawn = if oracle::is_full() {
        drawn.start..drawn.start + (drawn.end - drawn.start) * 20
    } else {
        drawn
    };
    out.extend(drawn.map(|seed| Project {
        name: format!("drawn {seed}"),
        texts: draw::spec(seed).project(),
        most: most * more.min(3),
    }));
    // Who had another name keeps it in the cloud, which is not known by looking.
    out.retain(|project| {
        let mut texts = project.texts.values();
        !texts.any(|text| String::from_utf8_lossy(text).contains("renamed-from"))
    });
    if let Some(name) = variable("LEASTWISE_MUTATED") {
        out.retain(|project| project.name == name);
    }
    out
}

fn judge_all(target: &'static str, projects: &[Project]) -> Found {
    let mut found = Found::default();
    for project in projects {
        for environment in specimen::environments(&project.texts) {
            let result = asked::with(
                &project.name,
                &project.texts,
                environment.as_deref(),
                target,
                |asked| promised::run(asked, project.most),
            );
            match result {
                Ok(more) => found.append(more),
                Err(why) => println!(
                    "not asked: {}: {}",
                    project.name,
                    why.lines().next().unwrap_or("?")
                ),
            }
        }
    }
    println!("{target}, {} projects", projects.len());
    promised::print(&found);
    found
}

/// No difference is unknown, every known one is still there, and both answers are given of every format that is named.
fn settle(target: &str, found: &Found, formats: &[&str]) {
    if variable("LEASTWISE_MUTATED").is_none() {
        for name in open::names(target).filter(|_| !oracle::is_full()) {
            let is_there = found.left_out.contains_key(name);
            assert!(is_there, "take this out of the list: {target}, {name}");
        }
        for format in formats {
            for wanted in [Verdict::Broken, Verdict::Held] {
                let of = found.counts.iter().filter(|((_, of, _, twin, verdict), _)| {
                    of.ends_with(format) && *twin == Twin::Granted && *verdict == wanted
                });
                let count: usize = of.map(|(_, count)| count).sum();
                assert!(count > 0, "no change of {format} is {wanted:?}");
            }
        }
    }
    let sorts: BTreeSet<&str> = found.differences.iter().map(|one| one.format.as_str()).collect();
    assert!(
        found.differences.is_empty(),
        "{} differences in {sorts:?}",
        found.differences.len()
    );
}

#[test]
fn a_change_of_a_document_breaks_what_forbids_it() {
    let target = target::AWS_IAM;
    let found = judge_all(target, &projects(target, &["minimal"], (0..20, 30)));
    settle(target, &found, &["identity.json", "policy.json", "trust.json"]);
}

#[test]
fn a_change_of_a_group_breaks_what_forbids_it() {
    let target = target::SECURITY_GROUPS;
    let found = judge_all(target, &projects(target, &[], (0..30, 20)));
    settle(target, &found, &["security-groups json"]);
}

#[test]
fn a_change_of_a_device_breaks_what_forbids_it() {
    let target = target::DEVICE_BUNDLES;
    let found = judge_all(target, &projects(target, &[], (0..30, 20)));
    settle(target, &found, &["expected-iot-policy.json", "leastwise.nft"]);
}

#[test]
fn a_change_of_a_module_breaks_what_forbids_it() {
    let target = target::TERRAFORM;
    let found = judge_all(target, &projects(target, &["minimal"], (0..17, 20)));
    settle(target, &found, &["policies.tf.json", "rules.tf.json"]);
}

/// Were the one side shown the original and the other the mutant, they would differ.
#[test]
fn a_change_that_one_side_does_not_see_is_found() {
    let golden = |target: &str, name: &str| {
        specimen::load(&golden::root().join("golden/targets").join(target).join(name))
    };
    for (target, texts) in [
        (target::AWS_IAM, draw::spec(17).project()),
        (target::SECURITY_GROUPS, draw::spec(4).project()),
        (target::DEVICE_BUNDLES, golden(target::DEVICE_BUNDLES, "gateway")),
    ] {
        let count = asked::with(target, &texts, None, target, |asked| {
            promised::told_apart(asked, 80)
        })
        .unwrap();
        assert!(count > 0, "{target}: no change is told from the original");
    }
}
