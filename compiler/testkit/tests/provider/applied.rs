//! Every module, applied by the real Terraform and provider to a local AWS, reaches a state that a second plan leaves alone.
//!
//! Modules of a project follow each other as the manifest says, on an AWS that holds what exists for them and nothing else. It is moto, and
//! refuses what AWS refuses: what is made under a key whose policy does not permit it yet, and deletes of what is in use. `LEASTWISE_ORACLES=1` takes
//! some projects and draws others by the commit, `full` takes all. A second plan is empty, but for what `artefacts.rs` lists.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails says where, and looks at the clock"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use shelf::oracle;

use super::artefacts::{self, CANNOT, LOST};
use super::bench::{Bench, Outcome};
use super::project::Project;
use super::{mirror, planted};
use crate::emitted;

/// Projects that are always applied: one is what people start with, the other has a log group under a key of ours.
const ALWAYS: &[&str] = &["examples/minimal", "golden/stdlib/aws/log-group"];

/// How many others ordinary CI draws, and how long one may take, in seconds.
const DRAWN: usize = 3;
const SECONDS_MOST: u32 = 150;

/// How many are applied side by side: they wait far more than they work.
const BENCHES: usize = 4;
const BENCHES_FULL: usize = 8;

/// Changes of a spec, one after the other: each is applied over the one before, so that what goes is deleted.
const CHANGED_NAME: &str = "network, changed";
const CHANGED: (&str, &[(&str, &str)]) = (
    "golden/targets/terraform/network",
    &[
        // A connection goes, and its rules.
        (
            "trust web -> payments.https { allow connect; because \"Cards\" }\n",
            "",
        ),
        // Ports are others: rules are replaced.
        ("tcp=\"8080-8090\"", "tcp=8080"),
        // A service is reached no more: its endpoint goes, with the group of it.
        (
            "trust web -> raw { allow write; under \"in/\"; because \"Uploads\" }\n",
            "",
        ),
    ],
);

#[test]
fn what_is_applied_is_planned_again_without_a_change() {
    let Some(mirror) = mirror() else { return };
    if !oracle::is_asked("modules applied by the real provider to a local AWS") {
        return;
    }
    let started = Instant::now();
    let mut projects: Vec<Project> = emitted::all().iter().filter_map(Project::of).collect();
    let known = projects.len();
    projects.push(changed());
    let only = std::env::var("LEASTWISE_APPLIED").ok();
    if let Some(words) = &only {
        projects.retain(|project| project.name.contains(words.as_str()));
    } else if !oracle::is_full() {
        projects = drawn(projects);
    }
    let mut faults = planted::all();
    if !oracle::is_full() {
        faults.retain(|(project, _)| project.name != planted::SLOW);
    }
    let words: BTreeMap<String, &str> = faults
        .iter()
        .map(|(project, words)| (project.name.clone(), *words))
        .collect();
    let count = projects.len();
    projects.extend(faults.into_iter().map(|(project, _)| project));

    let mut met = Met::default();
    let mut wrong = Vec::new();
    let (mut modules, mut resources) = (0, 0);
    for (project, outcomes) in applied(&mirror, projects) {
        let said: Vec<Option<String>> = outcomes
            .iter()
            .map(|outcome| complaint(outcome, &mut met))
            .collect();
        let Some(words) = words.get(&project) else {
            modules += outcomes.len();
            resources += outcomes.iter().map(|outcome| outcome.resources).sum::<usize>();
            wrong.extend(said.into_iter().flatten());
            continue;
        };
        let (last, before) = said.split_last().unwrap();
        if before.iter().any(Option::is_some) || !last.as_ref().is_some_and(|said| said.contains(words)) {
            wrong.push(format!("{project} is not seen as {words:?}: {said:?}"));
        }
    }
    // Past the harness, which keeps what a test prints that passes.
    let mut told = std::io::stderr();
    let seconds = started.elapsed().as_secs();
    let _ = writeln!(
        told,
        "applied: {modules} modules of {count} projects ({known} are known), {resources} resources, in {seconds} s"
    );
    for (place, artefact) in LOST
        .iter()
        .enumerate()
        .filter(|(place, _)| met.lost.contains(place))
    {
        let objects = met.objects[&place];
        let _ = writeln!(
            told,
            "artefact of the simulator: {} {}, {objects} times: {}",
            artefact.sort, artefact.argument, artefact.why
        );
    }
    for (words, why) in met.cannot.iter().map(|place| CANNOT[*place]) {
        let _ = writeln!(told, "the simulator cannot: {words}: {why}");
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
    if oracle::is_full() && only.is_none() {
        let unused = |places: &BTreeSet<usize>, count: usize| -> Vec<usize> {
            (0..count).filter(|place| !places.contains(place)).collect()
        };
        let left: Vec<String> = unused(&met.lost, LOST.len())
            .iter()
            .map(|place| format!("{} {}", LOST[*place].sort, LOST[*place].argument))
            .chain(
                unused(&met.cannot, CANNOT.len())
                    .iter()
                    .map(|place| CANNOT[*place].0.to_owned()),
            )
            .collect();
        assert!(left.is_empty(), "not met any more: {left:?}");
    }
}

/// Artefacts that were met, by their place in the lists.
#[derive(Default)]
struct Met {
    lost: BTreeSet<usize>,
    cannot: BTreeSet<usize>,
    objects: BTreeMap<usize, usize>,
}

/// What is wrong with a module that was applied.
fn complaint(outcome: &Outcome, met: &mut Met) -> Option<String> {
    if let Some((command, said)) = &outcome.failed {
        if let Some(place) = artefacts::cannot(said) {
            met.cannot.insert(place);
            return None;
        }
        return Some(format!("{}: {command}: {said}", outcome.module));
    }
    let mut wrong = Vec::new();
    for change in &outcome.changes {
        let Some(places) = artefacts::explain(change) else {
            let arguments: Vec<&str> = change.arguments.keys().map(String::as_str).collect();
            wrong.push(format!(
                "{}: {} of {}\n  {:?}",
                change.address,
                change.action,
                arguments.join(", "),
                change.arguments
            ));
            continue;
        };
        for place in places {
            met.lost.insert(place);
            *met.objects.entry(place).or_default() += 1;
        }
    }
    (!wrong.is_empty()).then(|| format!("{}: a second plan: {}", outcome.module, wrong.join("\n")))
}

/// Those that are always taken, and some that the commit draws.
fn drawn(projects: Vec<Project>) -> Vec<Project> {
    let (mut taken, mut left): (Vec<Project>, Vec<Project>) = projects
        .into_iter()
        .partition(|project| ALWAYS.contains(&project.name.as_str()) || project.name == CHANGED_NAME);
    assert_eq!(taken.len(), ALWAYS.len() + 1, "{ALWAYS:?}");
    left.retain(|project| project.seconds() <= SECONDS_MOST);
    let said = std::env::var("LEASTWISE_DRAWN_FROM").ok().or_else(|| {
        let head = Command::new("git")
            .args(["rev-parse", "HEAD"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output();
        head.ok()
            .map(|head| String::from_utf8_lossy(&head.stdout).into_owned())
    });
    let mut seed = said
        .unwrap_or_default()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    for _ in 0..DRAWN {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let place = usize::try_from(seed >> 33).unwrap() % left.len();
        taken.push(left.swap_remove(place));
    }
    taken
}

/// A project and its later versions, over each other.
fn changed() -> Project {
    let (folder, changes) = CHANGED;
    let mut versions = (0..=changes.len())
        .map(|count| emitted::changed(folder, &changes[..count]))
        .map(|emitted| Project::of(&emitted[0]).unwrap());
    let mut project = versions.next().unwrap();
    CHANGED_NAME.clone_into(&mut project.name);
    project.steps.extend(versions.flat_map(|version| version.steps));
    project
}

/// What became of each project, by name.
fn applied(mirror: &Path, mut projects: Vec<Project>) -> BTreeMap<String, Vec<Outcome>> {
    let types: BTreeSet<String> = projects.iter().flat_map(Project::types).collect();
    let types: Vec<String> = types.into_iter().collect();
    // The longest first, from the end.
    projects.sort_by_key(Project::seconds);
    let benches = if oracle::is_full() { BENCHES_FULL } else { BENCHES };
    let count = projects.len();
    let left = Mutex::new(projects);
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..benches {
            scope.spawn(|| {
                let mut bench = Bench::start(mirror, &types);
                loop {
                    let next = left.lock().unwrap().pop();
                    let Some(project) = next else { return };
                    let outcomes = bench.apply(&project);
                    done.lock().unwrap().insert(project.name, outcomes);
                }
            });
        }
    });
    let done = done.into_inner().unwrap();
    assert_eq!(done.len(), count, "two projects of one name");
    done
}
