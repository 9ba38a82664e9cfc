//! Promises and tests of specs, as a build answers them and as a second hand does by looking at the bytes.
//!
//! `LEASTWISE_DRAWN` says how many specs are drawn, `LEASTWISE_DRAWN_FROM` from which seed on; one alone is shown, with the
//! smallest spec that has the same difference. `LEASTWISE_ORACLES=full` draws 100,000. `LEASTWISE_OPEN` compares what is left out.

use std::collections::BTreeSet;

use crate::opinions::seen::Seen;
use crate::opinions::{Place, built, bytes, claim, looked_at, smallest};
use shelf::oracle;
use testkit::golden;
use testkit::naive::world::World;
use testkit::naive::{draw, promise};
use testkit::project::{self, Depth};

/// What the second hand does not know yet, by case. It must say something else there, or the line is to go.
const NOT_KNOWN: [(&str, &str); 5] = [
    (
        "assume-a-role-that-does-not-trust",
        "a role's own policy of trust, in a `can`",
    ),
    (
        "lease-heard-by-another-server",
        "what a host says on its link before it has an address",
    ),
    ("list-of-access-of-an-object", "lists of access of objects"),
    (
        "public-address-that-nobody-guards",
        "public addresses of what has no guard that was written",
    ),
    ("who-becomes-the-steward", "the steward, as somebody to become"),
];

#[test]
fn the_cases_are_answered_alike() {
    let folder = golden::root().join("golden/cases");
    let mut wrong = Vec::new();
    for case in golden::cases(&folder) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let mut files = golden::tree(&case);
        files.remove("report.txt");
        for outcome in project::compile(&files, Depth::Proof) {
            let said = project::shown(&outcome, "leastwise.kdl");
            match looked_at(&files, &outcome) {
                Err(why) => println!("{name}: not looked at: {why}"),
                Ok(answers) => {
                    let broken: BTreeSet<Place> = answers
                        .iter()
                        .filter(|(_, holds)| !**holds)
                        .map(|(place, _)| *place)
                        .collect();
                    let by_build = built(&outcome);
                    println!("{name}: looked {broken:?} built {by_build:?}");
                    let is_known = NOT_KNOWN.iter().all(|(case, _)| *case != name);
                    if (broken == by_build) != is_known {
                        wrong.push(format!(
                            "{name}: by looking {broken:?}, by the build {by_build:?}\n{said}"
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[expect(clippy::disallowed_methods, reason = "a test may be told how much to do")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn number(name: &str) -> Option<u64> {
    variable(name)?.parse().ok()
}

/// How many specs are drawn: by `LEASTWISE_DRAWN`, or many under `LEASTWISE_ORACLES=full`, or as many as take a minute.
fn drawn() -> u64 {
    number("LEASTWISE_DRAWN").unwrap_or(if oracle::is_full() { 100_000 } else { 2_000 })
}

/// One spec, with its bytes if they are asked for, and what a build says of it.
fn shown(spec: &draw::Drawn) -> String {
    let files = spec.project();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut out = files
        .get("leastwise.kdl")
        .map_or_else(String::new, |bytes| text(bytes));
    if variable("LEASTWISE_DRAWN_BYTES").is_some() {
        for (path, bytes) in bytes(&files, None).unwrap_or_default() {
            out.push_str(&format!("== {path}\n{}\n", text(&bytes)));
        }
    }
    out.push_str(&format!("{:?}\n", spec.files));
    for outcome in project::compile(&files, Depth::Proof) {
        out.push_str(&project::shown(&outcome, "leastwise.kdl"));
    }
    out
}

#[test]
fn drawn_specs_are_answered_alike() {
    let first = number("LEASTWISE_DRAWN_FROM").unwrap_or(0);
    let seen = Seen::of(first..first + drawn(), variable("LEASTWISE_OPEN").is_some());
    if drawn() == 1 {
        println!("{}", shown(&draw::spec(first)));
    }
    println!(
        "{} of {} specs compared, {} claims, {} of them left out",
        seen.compared,
        drawn(),
        seen.claims,
        seen.left
    );
    for (sort, (held, broken)) in &seen.counts {
        println!("{sort}: {held} held, {broken} broken");
    }
    let mut by_count: Vec<_> = seen.dropped.into_iter().collect();
    by_count.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (why, count) in by_count.iter().take(25) {
        println!("dropped {count}: {why}");
    }
    for (sort, list) in &seen.differences {
        println!("DIFFERENCE {sort}: {}", list.len());
        for (seed, text) in list.iter().take(20) {
            println!("    seed {seed}: {text}");
        }
        if drawn() == 1 {
            for (_, text) in list {
                println!("        {}", smallest(&draw::spec(first), text));
            }
        }
    }
    assert!(
        seen.differences.is_empty(),
        "{} sorts of difference",
        seen.differences.len()
    );
    // Neither answer of any word or option is rare.
    if drawn() >= 500 {
        for (sort, (held, broken)) in seen.counts {
            let all = held + broken;
            assert!(
                held * 10 >= all && broken * 10 >= all,
                "{sort}: {held} held, {broken} broken"
            );
        }
    }
}

/// `LEASTWISE_SPEC=FOLDER` shows what both say to a spec of one's own.
#[test]
fn one_spec_is_shown() {
    let Some(folder) = variable("LEASTWISE_SPEC") else {
        return;
    };
    let files = golden::tree(std::path::Path::new(&folder));
    for outcome in project::compile(&files, Depth::Proof) {
        println!("{}", project::shown(&outcome, "leastwise.kdl"));
        let broken = built(&outcome);
        for (place, holds) in looked_at(&files, &outcome).unwrap() {
            let word = |holds: bool| if holds { "holds" } else { "broken" };
            println!(
                "looked {}, built {}: {}",
                word(holds),
                word(!broken.contains(&place)),
                claim(&files, place)
            );
        }
    }
}

/// A spec, one more trust, and a claim that the trust breaks.
const MORE: [(&str, &str, &str); 3] = [
    (
        "key k\nbucket b { physical \"drawn-b\"; retain \"30d\"; encrypted key=k }\nworkload w runs-on=lambda\nworkload v runs-on=lambda\ntrust v -> b { allow read; because \"x\" }",
        "trust w -> b { allow write; under \"in/\"; because \"x\" }",
        "never w -> b { because \"x\" }",
    ),
    (
        "topic all { path \"a/#\" }\ntopic one { path \"a/b\" }\nworkload w runs-on=lambda\nworkload v runs-on=lambda\ntrust v -> one { allow publish; because \"x\" }",
        "trust w -> all { allow subscribe; because \"x\" }",
        "never v -> w { through data; because \"x\" }",
    ),
    (
        "network cloud cidr=\"10.40.0.0/16\" { zones a b; segment one cidr=\"10.40.0.0/22\"; segment two cidr=\"10.40.4.0/22\" }\nworkload w segment=one runs-on=ecs\nworkload v segment=two runs-on=ecs { listens p tcp=9000 tls=required; listens q tcp=9001 tls=required }\ntrust w -> v.p { allow connect; because \"x\" }",
        "trust w -> v.q { allow connect; because \"x\" }",
        "limit w { objects at-most=1 }",
    ),
];

#[test]
fn bytes_that_grant_more_than_the_spec_are_seen() {
    const HEAD: &str = "project drawn edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" } }\nteam crew\nowner crew\nuse \"std/baseline/zero-trust\"";
    let project = |text: String| golden::Tree::from([("leastwise.kdl".to_owned(), text.into_bytes())]);
    for (spec, more, claim) in MORE {
        let asked = project(format!("{HEAD}\n{spec}\n{claim}\n"));
        let outcomes = project::compile(&asked, Depth::Proof);
        let model = &outcomes[0].analysis.model;
        let (_, stated) = model.promises.iter().next().unwrap();
        let answer = |text: String| {
            let written = bytes(&project(text), None).unwrap();
            promise::holds(&World::new(model, &written).unwrap(), &stated.rule)
        };
        assert_eq!(answer(format!("{HEAD}\n{spec}\n")), Some(true), "{claim}");
        assert_eq!(
            answer(format!("{HEAD}\n{spec}\n{more}\n")),
            Some(false),
            "{claim}"
        );
    }
}
