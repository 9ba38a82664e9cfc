//! Promises and tests of specs, as a build answers them and as a second hand does by looking at the bytes.

use std::collections::{BTreeMap, BTreeSet};

use testkit::golden::{self, Tree};
use testkit::mutate::specimen;
use testkit::naive::world::World;
use testkit::naive::{promise, question};
use testkit::project::{self, Depth, Outcome};

/// What a promise or a question of a test is, by line and column.
type Place = (usize, usize);

/// The bytes of the targets whose guards are read here.
fn bytes(files: &Tree, environment: Option<&str>) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut out = BTreeMap::new();
    for target in ["aws-iam", "security-groups", "device-bundles"] {
        let written = specimen::with("drawn", files, environment, target, |specimen| specimen.files.clone())?;
        out.extend(written.into_iter().map(|(path, (_, bytes))| (path, bytes)));
    }
    Ok(out)
}

/// Which promises and questions do not hold.
fn looked_at(files: &Tree, outcome: &Outcome) -> Result<BTreeMap<Place, bool>, String> {
    let bytes = bytes(files, outcome.environment.as_deref())?;
    let model = &outcome.analysis.model;
    let world = World::new(model, &bytes)?;
    let sources = &outcome.analysis.sources;
    let place = |span| {
        let at = sources.line_column(span);
        (at.line, at.column)
    };
    let mut out = BTreeMap::new();
    for (_, stated) in model.promises.iter() {
        if let Some(holds) = promise::holds(&world, &stated.rule) {
            out.insert(place(stated.span), holds);
        }
    }
    for (_, test) in model.tests.iter() {
        for case in &test.cases {
            for asked in &case.questions {
                out.insert(place(asked.span), question::holds(&world, case, asked));
            }
        }
    }
    Ok(out)
}

const BROKEN: [&str; 4] = ["broken-never", "broken-isolate", "broken-limit", "broken-test"];

/// Which promises and questions a build says are broken.
fn built(outcome: &Outcome) -> BTreeSet<Place> {
    let found = outcome.report.diagnostics().iter();
    found
        .filter(|found| BROKEN.contains(&found.code.name))
        .filter_map(|found| found.span)
        .map(|span| {
            let at = outcome.analysis.sources.line_column(span);
            (at.line, at.column)
        })
        .collect()
}

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
                    let broken: BTreeSet<Place> =
                        answers.iter().filter(|(_, holds)| !**holds).map(|(place, _)| *place).collect();
                    let by_build = built(&outcome);
                    println!("{name}: looked {broken:?} built {by_build:?}");
                    if broken != by_build {
                        wrong.push(format!("{name}: by looking {broken:?}, by the build {by_build:?}\n{said}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
