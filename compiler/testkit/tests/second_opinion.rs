//! Promises and tests of specs, as a build answers them and as a second hand does by looking at the bytes.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Severity;
use testkit::golden::{self, Tree};
use testkit::mutate::specimen;
use testkit::naive::world::World;
use testkit::naive::{draw, promise, question};
use testkit::project::{self, Depth, Outcome};

/// What a promise or a question of a test is, by line and column.
type Place = (usize, usize);

/// The bytes of the targets whose guards are read here.
fn bytes(files: &Tree, environment: Option<&str>) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let targets = ["aws-iam", "security-groups", "device-bundles"];
    specimen::emitted(files, environment, &targets, |_, files| {
        files
            .into_iter()
            .map(|(path, (_, bytes))| (path, bytes))
            .collect()
    })
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

/// A message about several things lists them as they are declared, and a word of two objects is given to the first: till that is
/// settled, only the verdict is compared where a claim names several.
const NAMES_BY_PLACE: bool = true;

/// What a build says of claims: each by its text, with the message and the notes.
fn told(files: &Tree, outcome: &Outcome) -> BTreeSet<(String, String, Vec<String>)> {
    let found = outcome.report.diagnostics().iter();
    found
        .filter(|found| found.code.severity == Severity::Error)
        .map(|found| {
            let place = found.span.map(|span| outcome.analysis.sources.line_column(span));
            let text = place.map_or(String::new(), |at| claim(files, (at.line, at.column)));
            if NAMES_BY_PLACE && (text.contains("kind:") || text.contains("-> *")) {
                return (text, String::new(), Vec::new());
            }
            (text, found.message.clone(), found.notes.clone())
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
                    let broken: BTreeSet<Place> = answers
                        .iter()
                        .filter(|(_, holds)| !**holds)
                        .map(|(place, _)| *place)
                        .collect();
                    let by_build = built(&outcome);
                    println!("{name}: looked {broken:?} built {by_build:?}");
                    if broken != by_build {
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

/// How often something was answered, held and was broken.
type Counts = BTreeMap<&'static str, (usize, usize)>;

/// What a claim uses, by its text from its place on.
fn sorts(text: &str) -> Vec<&'static str> {
    let has = |word: &str| text.contains(word);
    let mut out = Vec::new();
    if text.starts_with("never") {
        out.push("never");
        for (word, sort) in [
            ("allow ", "never, allow"),
            ("through ", "never, through"),
            ("differ ", "never, differ"),
            ("except ", "never, except"),
            ("besides ", "never, besides"),
        ] {
            if has(word) {
                out.push(sort);
            }
        }
    } else if text.starts_with("isolate") {
        out.push("isolate");
    } else if text.starts_with("limit") {
        out.push("limit");
    } else {
        out.push(if text.starts_with("cannot") {
            "cannot"
        } else {
            "can"
        });
        for (word, sort) in [(" device=", "test, device"), (" under=", "test, under")] {
            if has(word) {
                out.push(sort);
            }
        }
    }
    out
}

/// The text of a claim: its line, or its question.
fn claim(files: &Tree, (line, column): Place) -> String {
    let text = files
        .get("leastwise.kdl")
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .unwrap_or_default();
    let line = text.lines().nth(line - 1).unwrap_or_default();
    let rest = line.get(column - 1..).unwrap_or_default();
    if line.starts_with("test") {
        rest.split([';', '}'])
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    } else {
        rest.to_owned()
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// How many specs are drawn: by `LEASTWISE_DRAWN`, or many under `LEASTWISE_ORACLES=full`, or as many as take a minute.
fn drawn() -> u64 {
    let full = std::env::var("LEASTWISE_ORACLES").is_ok_and(|value| value == "full");
    number("LEASTWISE_DRAWN").unwrap_or(if full { 100_000 } else { 2_000 })
}

/// What is left out, since the two are known to differ there. Each line goes once it is settled; `LEASTWISE_OPEN=1` shows all.
const OPEN: &[Open] = &[
    // `a/+` beside `a/b/c` of one subject: the documents' `a/*` is cut to the level of the one filter.
    ("a filter with a level beside a literal", |spec, claim| {
        spec.says(&["a/+", "c/+/x"]) && (claim.contains("subscribe") || !claim.contains("allow publish"))
    }),
    // `besides t4` of rows g1 and g2 takes out `c/s2/x` as well.
    ("besides a family", |spec, claim| {
        claim.contains("besides ") && spec.says(&["of=sensor", "of=gateway"])
    }),
    // `iot:Connect` as oneself breaks `never sensor -> * { besides … }`, and nothing names a session.
    ("a device's own session", |spec, claim| {
        claim.contains("-> *") && spec.says(&["identity x509"])
    }),
    // With `allow peek` it is every bucket that is reached, without it is not.
    (
        "what an action denotes that reaches another kind",
        |spec, claim| {
            spec.says(&["kind shelf"])
                && ["far", "peek", "limit ", "list "]
                    .iter()
                    .any(|text| claim.contains(text))
        },
    ),
    ("a rule's entrance as an object of a limit", |spec, claim| {
        claim.starts_with("limit") && spec.says(&["$aws/rules"])
    }),
    // `a/b/c` is in no `a/+`.
    ("a level at the end of a topic", |spec, _| spec.says(&["a/+"])),
    ("a level in a topic of a test or limit", |spec, claim| {
        (claim.starts_with("can") || claim.starts_with("limit")) && spec.says(&["c/+/x"])
    }),
    // `under "{line}/"` with `attribute line l1` is `l1/` alone.
    ("a part by an attribute that a condition fixes", |spec, claim| {
        claim.contains("under=") && spec.says(&["attribute line l1"])
    }),
    // `internet -> web.http` beside a source of `web.admin` opens `web.admin` to everybody.
    ("other ports of what is open to everybody", |spec, claim| {
        spec.says(&["trust internet"])
            && (claim.contains("web") || claim.contains("-> *") || claim.starts_with("limit"))
    }),
    ("rows that no guard tells apart", |spec, claim| {
        claim.contains("cam") && spec.says(&["same line"])
    }),
    (
        "chains from people and from the internet, and to who is a subject too",
        |spec, claim| {
            claim.contains("through data")
                && (spec.says(&["trust internet"])
                    || [
                        "never * ->",
                        "never internet ->",
                        "agent -> agent",
                        "cam -> cam",
                        "robot -> robot",
                    ]
                    .iter()
                    .any(|text| claim.contains(text)))
        },
    ),
    // Nothing names a service, so `besides` never takes out the way to it; `can decrypt` of a key asks for a way to its service.
    ("the way to a service", |spec, claim| {
        spec.says(&["workload w3 segment=ingest"])
            && (claim.contains("besides ") || claim.starts_with("can ") && claim.contains("crypt"))
    }),
    ("`can`, of what another capability does", |_, claim| {
        ["can look", "can stow", "can list"]
            .iter()
            .any(|text| claim.contains(text))
    }),
    // Two that share addresses: whether `besides` the one takes out the other.
    ("besides a thing that shares addresses", |spec, claim| {
        claim.contains("besides ") && spec.says(&["segment c1"])
    }),
    // `r2` connects to `r2` where `others` are let in.
    ("a row and itself", |_, claim| {
        claim.starts_with("can") && claim.contains("robot.")
    }),
    // A host firewall that lets nothing out is not asked where a site's `leaves-by` is admitted.
    ("a host firewall before leaves-by", |spec, claim| {
        spec.says(&["source \"203.0.113.0/28\""]) && !claim.starts_with("isolate")
    }),
];

/// What is left out: its name, and whether a claim of a spec is one.
type Open = (&'static str, fn(&draw::Drawn, &str) -> bool);

/// Claims on which the two differ, with what is said by looking.
fn differences(files: &Tree) -> Option<Vec<(String, bool)>> {
    let outcomes = project::compile(files, Depth::Proof);
    let outcome = outcomes.first()?;
    let is_other = |found: &diagnostics::Diagnostic| {
        found.code.severity == Severity::Error && !BROKEN.contains(&found.code.name)
    };
    if outcome.report.diagnostics().iter().any(is_other) {
        return None;
    }
    let answers = looked_at(files, outcome).ok()?;
    let broken = built(outcome);
    let differ = answers
        .iter()
        .filter(|(place, holds)| **holds == broken.contains(place));
    Some(
        differ
            .map(|(place, holds)| (claim(files, *place), *holds))
            .collect(),
    )
}

/// The same difference with as little beside it as goes.
fn smallest(spec: &draw::Drawn, text: &str) -> String {
    let has = |spec: &draw::Drawn| {
        differences(&spec.project()).is_some_and(|found| found.iter().any(|(claim, _)| claim == text))
    };
    let mut spec = spec.clone();
    for _ in 0..2 {
        let mut at = 0;
        while at < spec.declarations.len() + spec.claims.len() {
            let mut less = spec.clone();
            match at.checked_sub(less.declarations.len()) {
                None => drop(less.declarations.remove(at)),
                Some(at) => drop(less.claims.remove(at)),
            }
            if has(&less) {
                spec = less;
            } else {
                at += 1;
            }
        }
    }
    let outcomes = project::compile(&spec.project(), Depth::Proof);
    let said = outcomes
        .iter()
        .map(|outcome| project::shown(outcome, "leastwise.kdl"))
        .collect::<String>();
    let said: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("broken") || line.contains("witness"))
        .collect();
    let lines = spec.declarations.iter().chain(&spec.claims).map(String::as_str);
    let rows = spec
        .files
        .iter()
        .map(|(path, text)| format!("{path}: {}", text.replace('\n', " ")));
    let lines: Vec<String> = lines
        .map(str::to_owned)
        .chain(rows)
        .chain(said.into_iter().map(str::to_owned))
        .collect();
    lines.join("\n        ")
}

#[test]
fn drawn_specs_are_answered_alike() {
    let first = number("LEASTWISE_DRAWN_FROM").unwrap_or(0);
    let mut counts = Counts::new();
    let mut dropped: BTreeMap<String, usize> = BTreeMap::new();
    let mut differences: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut compared, mut open) = (0, 0);
    let clock = std::time::Instant::now();
    let (mut compiling, mut looking) = (0.0, 0.0);
    for seed in first..first + drawn() {
        let spec = draw::spec(seed);
        let files = spec.project();
        let start = std::time::Instant::now();
        let outcomes = project::compile(&files, Depth::Proof);
        compiling += start.elapsed().as_secs_f64();
        let outcome = &outcomes[0];
        if drawn() == 1 {
            println!("{}", String::from_utf8_lossy(&files["leastwise.kdl"]));
            if std::env::var_os("LEASTWISE_DRAWN_BYTES").is_some() {
                for (path, bytes) in bytes(&files, None).unwrap_or_default() {
                    println!("== {path}\n{}", String::from_utf8_lossy(&bytes));
                }
            }
            println!("{:?}\n{}", spec.files, project::shown(outcome, "leastwise.kdl"));
        }
        let errors: Vec<_> = outcome
            .report
            .diagnostics()
            .iter()
            .filter(|found| found.code.severity == Severity::Error && !BROKEN.contains(&found.code.name))
            .collect();
        if let Some(found) = errors.first() {
            *dropped
                .entry(format!("{}: {}", found.code.name, found.message))
                .or_default() += 1;
            continue;
        }
        let start = std::time::Instant::now();
        let looked = looked_at(&files, outcome);
        looking += start.elapsed().as_secs_f64();
        let answers = match looked {
            Ok(answers) => answers,
            Err(why) => {
                differences
                    .entry("not looked at".to_owned())
                    .or_default()
                    .push(format!("{seed}: {why}"));
                continue;
            }
        };
        compared += 1;
        let again = spec.shuffled(seed);
        let start = std::time::Instant::now();
        let outcomes = project::compile(&again, Depth::Proof);
        compiling += start.elapsed().as_secs_f64();
        let (said, said_again) = (told(&files, outcome), told(&again, &outcomes[0]));
        let other: Vec<_> = said.symmetric_difference(&said_again).collect();
        if !other.is_empty() {
            differences
                .entry("shuffled".to_owned())
                .or_default()
                .push(format!("seed {seed}: {other:#?}"));
        }
        let broken = built(outcome);
        for (place, holds) in &answers {
            let text = claim(&files, *place);
            for sort in sorts(&text) {
                let (held, broken) = counts.entry(sort).or_default();
                *(if *holds { held } else { broken }) += 1;
            }
            let is_open =
                OPEN.iter().any(|(_, is)| is(&spec, &text)) && std::env::var_os("LEASTWISE_OPEN").is_none();
            open += usize::from(is_open);
            if *holds == broken.contains(place) && !is_open {
                let said = if *holds { "holds" } else { "is broken" };
                let sort = format!("{}, {said} by looking", sorts(&text).join(" "));
                differences
                    .entry(sort)
                    .or_default()
                    .push(format!("seed {seed}: {text}"));
            }
        }
    }
    println!(
        "{open} claims left out; {compared} compared of {} in {:.0} s (compiling {compiling:.0}, looking {looking:.0})",
        drawn(),
        clock.elapsed().as_secs_f64()
    );
    for (sort, (held, broken)) in &counts {
        println!("{sort}: {held} held, {broken} broken");
    }
    let mut by_count: Vec<_> = dropped.into_iter().collect();
    by_count.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (why, count) in by_count.iter().take(25) {
        println!("dropped {count}: {why}");
    }
    for (sort, list) in &differences {
        println!("DIFFERENCE {sort}: {}", list.len());
        for one in list.iter().take(6) {
            println!("    {one}");
        }
        if drawn() == 1 {
            for one in list {
                let text = one.split_once(": ").map_or("", |(_, text)| text);
                println!("        {}", smallest(&draw::spec(first), text));
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{} sorts of difference",
        differences.len()
    );
    // Neither answer of any word or option is rare.
    if drawn() >= 500 {
        for (sort, (held, broken)) in counts {
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
    let Some(folder) = std::env::var_os("LEASTWISE_SPEC") else {
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
