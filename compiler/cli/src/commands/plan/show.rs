//! A plan for people: who gains and loses what, and by which line; files last, and briefly.

use std::collections::{BTreeMap, BTreeSet};

use driver::lock::Change;
use plan::json::v1::{Reasons as _, Why};
use plan::{AccessChange, FlowChange, Plan};

use super::known::Known;
use crate::render::sanitise::sanitise;

/// How many lines of one sort a person sees; `--format json` has them all.
const LINES_MAX: usize = 100;
/// How many paths.
const PATHS_MAX: usize = 20;

/// One sentence about several names: what it says of them, and why.
type Sentences = BTreeMap<(String, Option<String>, Option<String>), BTreeSet<String>>;

pub(super) fn show(environment: Option<&str>, plan: &Plan, known: &Known<'_>) {
    if let Some(name) = environment {
        println!("environment {name}");
    }
    if plan.is_empty() {
        println!("nothing changes");
        return;
    }
    let gained = accesses(&plan.gained, known, true);
    print(&gained, ("newly gains", "newly gain"));
    print(&accesses(&plan.lost, known, false), ("loses", "lose"));
    print(&flows(&plan.opened, known, true), ("newly", "newly"));
    print(&flows(&plan.closed, known, false), ("no longer", "no longer"));
    if !plan.closed.is_empty() {
        println!("sessions that are tracked already go on until they are idle");
    }
    let (files, mut left) = (&plan.files, PATHS_MAX);
    if plan.gained.is_empty() && plan.lost.is_empty() && plan.opened.is_empty() && plan.closed.is_empty() {
        println!("no access and no flow changes, but files do");
    }
    println!(
        "files: {} created, {} updated, {} deleted",
        files.created.len(),
        files.updated.len(),
        files.deleted.len()
    );
    for (verb, list) in [
        ("create", &files.created),
        ("update", &files.updated),
        ("delete", &files.deleted),
    ] {
        for path in list.iter().take(left) {
            println!("  {verb} {}", sanitise(path));
        }
        more(list.len().saturating_sub(left));
        left = left.saturating_sub(list.len());
    }
}

/// What is not what it was when the other side was compiled, besides the spec.
pub(super) fn inputs(changes: &[Change], is_same_spec: bool) {
    if changes.is_empty() {
        return;
    }
    println!("besides the spec, these are not what leastwise.lock says:");
    for change in changes {
        let brief = |digest: &Option<String>| {
            digest
                .as_ref()
                .map_or("none", |text| text.get(..12).unwrap_or(text))
                .to_owned()
        };
        println!(
            "  {} {} -> {}",
            sanitise(&change.input),
            sanitise(&brief(&change.before)),
            brief(&change.after)
        );
    }
    if is_same_spec {
        println!("the spec itself is unchanged: what follows comes from these");
    }
    println!();
}

fn accesses(changes: &[AccessChange], known: &Known<'_>, is_new: bool) -> Sentences {
    let mut sentences = Sentences::new();
    for change in changes {
        let why = if is_new {
            known.access(change)
        } else {
            Why::default()
        };
        let actions: Vec<String> = change
            .actions
            .iter()
            .map(|action| Known::action(action))
            .collect();
        let mut resources: Vec<String> = change
            .resources
            .iter()
            .map(|resource| known.short(resource))
            .collect();
        resources.sort();
        resources.dedup();
        let when = if change.when.is_empty() {
            String::new()
        } else {
            format!(" when {}", change.when)
        };
        let what = format!("{} on {}{when}", actions.join(" "), resources.join(" "));
        sentences
            .entry((what, why.trust, why.because))
            .or_default()
            .insert(known.short(&change.principal));
    }
    sentences
}

/// Guard, direction, ports, and why: what flows to several peers share.
type Side = (String, bool, String, Option<String>, Option<String>);

fn flows(changes: &[FlowChange], known: &Known<'_>, is_new: bool) -> Sentences {
    let mut peers: BTreeMap<Side, BTreeSet<String>> = BTreeMap::new();
    for change in changes {
        let why = if is_new {
            known.flow(change)
        } else {
            Why::default()
        };
        let key = (
            known.short(&change.guard),
            change.egress,
            change.ports.clone(),
            why.trust,
            why.because,
        );
        peers.entry(key).or_default().insert(known.short(&change.peer));
    }
    let mut sentences = Sentences::new();
    for ((guard, egress, ports, trust, because), peers) in peers {
        let list = peers.into_iter().collect::<Vec<_>>().join(", ");
        let what = if egress {
            format!("may open {ports} to {list}")
        } else {
            format!("admits {ports} from {list}")
        };
        sentences.entry((what, trust, because)).or_default().insert(guard);
    }
    sentences
}

fn print(sentences: &Sentences, (one, several): (&str, &str)) {
    for ((what, trust, because), names) in sentences.iter().take(LINES_MAX) {
        let what = sanitise(what);
        let list = sanitise(&names.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
        match names.len() {
            1 => println!("{list} {one} {what}"),
            count => println!("{count} principals {several} {what}: {list}"),
        }
        match (trust, because) {
            (Some(place), Some(sentence)) => println!("    {}: {}", sanitise(place), sanitise(sentence)),
            (Some(place), None) => println!("    {}", sanitise(place)),
            (None, _) => {}
        }
    }
    more(sentences.len().saturating_sub(LINES_MAX));
}

fn more(count: usize) {
    if count > 0 {
        println!("  and {count} more; `--format json` lists all");
    }
}
