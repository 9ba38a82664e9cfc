//! The order of declarations, facts, files and rows changes no emitted file, no verdict and no witness.
//!
//! Every example, every golden that is a spec, and drawn specs are compiled as they are and in drawn orders. Places are compared
//! as what stands there; only line numbers and digests of what was moved are left out.
//!
//! `LEASTWISE_ORACLES=full` draws many orders; `LEASTWISE_SHUFFLED=NAME` takes the projects with this in their name, and
//! `LEASTWISE_SHUFFLED_AS=SEED` shows them in one order.

use std::collections::{BTreeMap, BTreeSet};

use shelf::oracle;
use testkit::golden::Tree;
use testkit::naive::draw;
use testkit::project::{self, Depth};
use testkit::shuffle::place::Places;
use testkit::shuffle::told::{self, Told, differences, told};
use testkit::shuffle::twice::twice;
use testkit::shuffle::{self, Order, Shuffled, found};

/// Specs without lines that could be moved: they are no KDL, or what is wrong with them stands in a comment.
const NO_LINES: &[&str] = &[
    "golden/cli/findings/in",
    "golden/syntax/annotations.kdl",
    "golden/syntax/characters.kdl",
    "golden/syntax/commas-and-brackets.kdl",
    "golden/syntax/escapes.kdl",
    "golden/syntax/kdl-v1-habits.kdl",
    "golden/syntax/kdl-version.kdl",
    "golden/syntax/keywords.kdl",
    "golden/syntax/multi-line-strings.kdl",
    "golden/syntax/needs-quotes.kdl",
    "golden/syntax/slashdash.kdl",
    "golden/syntax/spaces-and-order.kdl",
    "golden/syntax/unclosed-block.kdl",
    "golden/syntax/unclosed-comment.kdl",
    "golden/syntax/unclosed-string.kdl",
    "golden/syntax/unmatched-brace.kdl",
    "golden/syntax/url-without-quotes.kdl",
];

/// What still changes with the order: (project, part, why). A line goes when it changes no more.
const OPEN: &[(&str, &str, &str)] = &[];

#[expect(clippy::disallowed_methods, reason = "a test may be told how much to do")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What differs between a project in its own order and in drawn ones, by part; with the first order that shows it.
#[derive(Default)]
struct Seen {
    parts: BTreeMap<(String, String), (u64, String)>,
    /// Codes of which the two places changed theirs.
    by_place: BTreeSet<&'static str>,
}

impl Seen {
    /// Compares one project in several orders. Every second one moves the rows of its inventories, too.
    fn look(&mut self, name: &str, files: &Tree, seeds: impl Iterator<Item = u64>) -> Result<(), String> {
        let places = Places::of(files)?;
        let own = shuffle::project(files, Order::Own, false)?;
        let first = told(&own, &places);
        if codes(files) != first.codes {
            return Err("line by line, it says something else".to_owned());
        }
        for seed in seeds {
            let rows = seed % 2 == 1;
            let drawn = shuffle::project(files, Order::of(seed), rows)?;
            let mut again = told(&drawn, &places);
            self.by_place.extend(moved(&first, &again));
            let mut first = first.clone();
            if rows && !drawn.lines.is_empty() {
                (first, again) = (first.without_digests(), again.without_digests());
            }
            for difference in differences(&first, &again) {
                let key = (name.to_owned(), difference.part);
                self.parts.entry(key).or_insert((seed, difference.shown));
            }
            self.show(name, seed, &drawn);
        }
        Ok(())
    }

    #[expect(
        clippy::print_stdout,
        reason = "one order is shown where a variable asks for it"
    )]
    fn show(&self, name: &str, seed: u64, drawn: &Shuffled) {
        if variable("LEASTWISE_SHUFFLED_AS").is_some() {
            println!("{name} as {seed}\n{}", told::text(&drawn.files));
        }
    }

    fn check(&self, open: &[(&str, &str, &str)]) {
        let is_open = |(name, part): &(String, String)| {
            open.iter().any(|(project, of, _)| project == name && of == part)
        };
        let wrong: Vec<String> = self
            .parts
            .iter()
            .filter(|(key, _)| !is_open(key))
            .map(|((name, part), (seed, shown))| format!("{name} as {seed}: {part}\n{shown}"))
            .collect();
        assert!(
            wrong.is_empty(),
            "{} parts change with the order\n{}",
            wrong.len(),
            wrong.join("\n")
        );
        let settled: Vec<&(&str, &str, &str)> = open
            .iter()
            .filter(|(project, part, _)| !self.parts.contains_key(&((*project).into(), (*part).into())))
            .collect();
        assert!(settled.is_empty(), "changes no more: {settled:?}");
    }
}

/// Every code that a project says, as often as it says it.
fn codes(files: &Tree) -> Vec<&'static str> {
    let outcomes = project::compile(files, Depth::Proof);
    let all = outcomes.iter().flat_map(|outcome| outcome.report.diagnostics());
    let mut codes: Vec<&str> = all.map(|found| found.code.name).collect();
    codes.sort_unstable();
    codes
}

/// Codes of [`told::BY_PLACE`] whose two places are told the other way round.
fn moved(one: &Told, two: &Told) -> Vec<&'static str> {
    let codes = told::BY_PLACE.iter().copied();
    codes
        .filter(|code| one.swapped.get(*code) != two.swapped.get(*code))
        .collect()
}

#[test]
fn order_changes_nothing_of_examples_and_goldens() {
    let wanted = variable("LEASTWISE_SHUFFLED");
    let shown: Option<u64> = variable("LEASTWISE_SHUFFLED_AS").and_then(|seed| seed.parse().ok());
    let seeds = || match shown {
        Some(seed) => seed..seed + 1,
        None => 0..if oracle::is_full() { 100 } else { 6 },
    };
    let projects = found::projects(&["examples", "golden"]);
    assert!(projects.len() > NO_LINES.len());
    let mut seen = Seen::default();
    let mut no_lines = Vec::new();
    for (name, files) in &projects {
        if wanted.as_ref().is_some_and(|wanted| !name.contains(wanted)) {
            continue;
        }
        if seen.look(name, files, seeds()).is_err() {
            no_lines.push(name.as_str());
        }
    }
    if wanted.is_some() {
        return seen.check(&[]);
    }
    assert_eq!(no_lines, NO_LINES, "specs without lines that could be moved");
    seen.check(OPEN);
    let all: BTreeSet<&str> = told::BY_PLACE.into();
    assert_eq!(seen.by_place, all, "codes whose places are matters of place");
}

#[test]
fn order_changes_nothing_of_drawn_specs() {
    let mut seen = Seen::default();
    for seed in 0..if oracle::is_full() { 20_000 } else { 200 } {
        let files = draw::spec(seed).project();
        // One order each, and rows in every second one.
        seen.look(&format!("drawn {seed}"), &files, seed..seed + 1)
            .unwrap();
    }
    seen.check(&[]);
}

/// A test that cannot fail is none: what is moved is told apart from what is changed.
#[test]
fn a_change_is_seen_and_a_move_is_not() {
    const SPEC: &str = "project docs edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" } }
team docs; owner docs
use \"std/baseline/zero-trust\"
key raw-key
bucket raw { physical \"example-raw\"; encrypted key=raw-key; retain \"30d\" }
workload reader runs-on=lambda
trust reader -> raw { allow read; because \"Evaluation\" }
trust reader -> raw { allow read; because \"Reports\" }
never * -> raw { allow read; because \"Nobody reads\" }
";
    let files = Tree::from([("leastwise.kdl".to_owned(), SPEC.as_bytes().to_vec())]);
    let places = Places::of(&files).unwrap();
    let told_as = |order| told(&shuffle::project(&files, order, false).unwrap(), &places);
    let own = told_as(Order::Own);
    for seed in 0..20 {
        assert!(differences(&own, &told_as(Order::of(seed))).is_empty());
    }
    // Another of the two trusts is blamed.
    let mut other = own.clone();
    let said = other.parts.get_mut("/broken-never").unwrap();
    assert!(said.contains("grants a step: leastwise.kdl:7:1"), "{said}");
    *said = said.replace("leastwise.kdl:7:1", "leastwise.kdl:8:1");
    let parts: Vec<String> = differences(&own, &other)
        .into_iter()
        .map(|one| one.part)
        .collect();
    assert_eq!(parts, ["/broken-never"]);
    // And what is emitted and said of another spec is something else.
    let less = SPEC.replace("never * -> raw { allow read; because \"Nobody reads\" }\n", "");
    let less = Tree::from([("leastwise.kdl".to_owned(), less.into_bytes())]);
    let shuffled = shuffle::project(&less, Order::Own, false).unwrap();
    let less = told(&shuffled, &Places::of(&less).unwrap());
    let parts: BTreeSet<String> = differences(&own, &less).into_iter().map(|one| one.part).collect();
    assert!(
        parts.contains("/verdict") && parts.contains("/manifest.json"),
        "{parts:?}"
    );
}

#[test]
fn order_changes_nothing_where_all_is_said_twice() {
    let wanted = variable("LEASTWISE_SHUFFLED");
    let mut seen = Seen::default();
    for (name, files) in found::projects(&["examples", "golden"]) {
        if wanted.as_ref().is_some_and(|wanted| !name.contains(wanted)) {
            continue;
        }
        let files = twice(&files);
        let _ = seen.look(&name, &files, 0..if oracle::is_full() { 100 } else { 2 });
    }
    for seed in 0..if oracle::is_full() { 20_000 } else { 150 } {
        let files = twice(&draw::spec(seed).project());
        seen.look(&format!("drawn {seed}"), &files, seed..seed + 1)
            .unwrap();
    }
    seen.check(&[]);
}
