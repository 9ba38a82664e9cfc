//! Every change of emitted bytes is judged as it deserves: labelled first, then shown to `read` and `prove`.
//!
//! Small projects are changed at every place, large ones at places drawn with a seed, and besides until every argument that means
//! something was hit by a change of meaning. `LEASTWISE_MUTANTS=all` tries every change.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test that fails says where"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use prove::witness::{Refusal, Sort, Witness};
use testkit::confirm::confirms;
use testkit::golden;
use testkit::label::cells::Decision;
use testkit::label::{self, Concern, Difference, Files, Label};
use testkit::mutate::specimen::{self, Specimen};
use testkit::mutate::{self, Operator, Site, seed};

/// What a judge said about one mutant, if it is not what the label asks for.
struct Wrong {
    format: String,
    operator: Operator,
    label: &'static str,
    what: String,
    describe: String,
}

/// Counts by label, operator, format and argument.
type Table = BTreeMap<(&'static str, Operator, String, String), usize>;

/// Whether the label's expectation is met.
fn check(
    before: &Files,
    after: &Files,
    label: &Label,
    verdict: &Result<prove::verified::Statement, Vec<Refusal>>,
) -> Result<(), String> {
    let refusals = match (label, verdict) {
        (Label::Equal, Ok(_)) => return Ok(()),
        (Label::Equal, Err(refusals)) => {
            let false_witness = refusals
                .iter()
                .filter_map(|refusal| refusal.witness.as_ref())
                .any(|witness| confirms(before, after, witness));
            let whose = if false_witness {
                "and the labeller confirms its witness: the LABEL is wrong"
            } else {
                "refused"
            };
            return Err(format!("equal, {whose}: {}", say(refusals)));
        }
        (_, Ok(_)) => return Err(format!("ACCEPTED, though {}", explain(label))),
        (_, Err(refusals)) => refusals,
    };
    let is_not_decided = |refusal: &Refusal| {
        refusal.sort == Sort::NotDecided
            || (refusal.sort == Sort::Unread && refusal.message.starts_with("not decided: "))
    };
    let fits = match label {
        Label::Equal => false,
        Label::Idle(_) => refusals.iter().all(|refusal| refusal.sort == Sort::Idle),
        Label::Unreadable(_) => {
            refusals
                .iter()
                .any(|refusal| refusal.sort == Sort::Unread && !is_not_decided(refusal))
                && refusals.iter().all(|refusal| refusal.sort == Sort::Unread)
        }
        Label::Undecided(_) => {
            refusals.iter().any(is_not_decided)
                && refusals
                    .iter()
                    .all(|r| is_not_decided(r) || r.sort == Sort::Unread)
        }
        // A document inside a module: those of endpoints are confirmed where documents stand alone.
        Label::Changed(Difference::Request { guard, .. })
            if before
                .values()
                .any(|(target, _)| *target == bundle::target::TERRAFORM) =>
        {
            for refusal in refusals {
                if let Some(witness @ Witness::Request { guard, .. }) = &refusal.witness
                    && (guard.starts_with("the ") || guard.starts_with("vpce:"))
                    && !confirms(before, after, witness)
                {
                    return Err(format!("the witness of `{}` is none: {witness}", refusal.message));
                }
            }
            // Whether a wildcard for actions lets too much through an endpoint is not always decided.
            let is_endpoint = guard.starts_with("Endpoint ");
            refusals.iter().all(|refusal| {
                matches!(refusal.sort, Sort::Exceeds | Sort::FallsShort | Sort::Idle)
                    || (is_endpoint && is_not_decided(refusal))
            })
        }
        Label::Changed(Difference::Request {
            before: old,
            after: new,
            ..
        }) => {
            for refusal in refusals {
                match (&refusal.witness, refusal.sort) {
                    (Some(witness), _) if !confirms(before, after, witness) => {
                        return Err(format!("the witness of `{}` is none: {witness}", refusal.message));
                    }
                    (Some(_), Sort::Exceeds | Sort::FallsShort) | (None, Sort::Idle) => {}
                    (_, sort) => {
                        return Err(format!(
                            "{} refused as {sort:?}: {}",
                            explain(label),
                            say(refusals)
                        ));
                    }
                }
            }
            // A deny that takes nothing away is idle to whoever reads a guard as what it permits.
            let harmless = *old != Decision::Allow && *new != Decision::Allow;
            harmless || refusals.iter().any(|refusal| refusal.witness.is_some())
        }
        Label::Changed(Difference::Packet { .. }) => {
            for refusal in refusals {
                if let Some(witness) = &refusal.witness
                    && !confirms(before, after, witness)
                {
                    return Err(format!("the witness of `{}` is none: {witness}", refusal.message));
                }
            }
            refusals.iter().any(|refusal| refusal.witness.is_some())
                && refusals
                    .iter()
                    .all(|refusal| matches!(refusal.sort, Sort::Exceeds | Sort::FallsShort | Sort::Idle))
        }
        // What a bundle says of its class.
        Label::Changed(Difference::Argument(_)) => {
            refusals.iter().all(|refusal| refusal.sort == Sort::Setting)
        }
        Label::Changed(Difference::Value {
            concerns, is_refused, ..
        }) => {
            for refusal in refusals {
                if let Some(witness @ Witness::Packet { guard, .. }) = &refusal.witness
                    && ["sg:", "acl of ", "routes of "]
                        .iter()
                        .any(|of| guard.starts_with(of))
                    && !confirms(before, after, witness)
                {
                    return Err(format!("the witness of `{}` is none: {witness}", refusal.message));
                }
            }
            let may = |refusal: &Refusal| concerns.iter().any(|concern| may_refuse(*concern, refusal.sort));
            let is_unread = |refusal: &Refusal| refusal.sort == Sort::Unread && !is_not_decided(refusal);
            // What an object needed may be needed no more, and a setting says of an object what the packets say.
            let is_meant = refusals.iter().any(may)
                && refusals
                    .iter()
                    .all(|refusal| may(refusal) || matches!(refusal.sort, Sort::Idle | Sort::Setting));
            is_meant || (*is_refused && refusals.iter().all(is_unread))
        }
        // What is not where it was is missing here and too much there.
        Label::Changed(Difference::Object(_)) => refusals
            .iter()
            .all(|refusal| !matches!(refusal.sort, Sort::Unread | Sort::NotDecided)),
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "{}, refused for another reason: {}",
            explain(label),
            say(refusals)
        ))
    }
}

/// Which refusals are for the reason that a part of the claim does not hold.
fn may_refuse(concern: Concern, sort: Sort) -> bool {
    match concern {
        Concern::Access | Concern::Reach => {
            matches!(sort, Sort::Exceeds | Sort::FallsShort | Sort::Idle)
        }
        Concern::Setting => sort == Sort::Setting,
        Concern::Being => matches!(
            sort,
            Sort::Exceeds | Sort::FallsShort | Sort::Idle | Sort::Setting
        ),
    }
}

fn explain(label: &Label) -> String {
    match label {
        Label::Equal => "equal".to_owned(),
        Label::Changed(Difference::Request {
            guard,
            request,
            before,
            after,
        }) => format!("changed: {guard} turns {before:?} into {after:?} for {request}"),
        Label::Changed(Difference::Packet { packet, passed }) => format!(
            "changed: {packet:?} {}",
            if *passed { "passes no more" } else { "passes" }
        ),
        Label::Changed(
            Difference::Object(what) | Difference::Argument(what) | Difference::Value { what, .. },
        ) => {
            format!("changed: {what}")
        }
        Label::Idle(what) => format!("idle: {what}"),
        Label::Unreadable(what) => format!("unreadable: {what}"),
        Label::Undecided(what) => format!("undecided: {what}"),
    }
}

fn say(refusals: &[Refusal]) -> String {
    let one = |refusal: &Refusal| {
        let place = refusal
            .place
            .as_ref()
            .map(|place| format!(" @{}{}", place.path, place.pointer))
            .unwrap_or_default();
        let witness = refusal
            .witness
            .as_ref()
            .map(|witness| format!(" [{witness}]"))
            .unwrap_or_default();
        format!("{:?}: {}{witness}{place}", refusal.sort, refusal.message)
    };
    refusals.iter().take(3).map(one).collect::<Vec<_>>().join(" | ")
}

/// Judges the sites of a specimen on two threads.
fn run(specimen: &Specimen<'_>, sites: &[Site], table: &mut Table, wrong: &mut Vec<Wrong>) {
    let half = sites.len().div_ceil(2).max(1);
    let parts: Vec<(Table, Vec<Wrong>)> = std::thread::scope(|scope| {
        let handles: Vec<_> = sites
            .chunks(half)
            .map(|sites| {
                scope.spawn(move || {
                    let (mut table, mut wrong) = (Table::new(), Vec::new());
                    for site in sites {
                        one(specimen, site, &mut table, &mut wrong);
                    }
                    (table, wrong)
                })
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    for (part, found) in parts {
        for (key, count) in part {
            *table.entry(key).or_default() += count;
        }
        wrong.extend(found);
    }
}

fn one(specimen: &Specimen<'_>, site: &Site, table: &mut Table, wrong: &mut Vec<Wrong>) {
    let Some(after) = site.apply(&specimen.files) else {
        return;
    };
    let label = label::label(&specimen.files, &after);
    let name = label.as_ref().map_or("unlabelled", Label::name);
    *table
        .entry((name, site.operator, site.format.clone(), site.argument.clone()))
        .or_default() += 1;
    // A panic of the judge is a finding like any other, and is listed with them.
    let verdict = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| specimen.judge(&after)));
    let result = match (&label, &verdict) {
        (None, _) => Err("no label".to_owned()),
        (Some(label), Ok(verdict)) => check(&specimen.files, &after, label, verdict),
        (Some(label), Err(panic)) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!(
                "PANICKED: {}, for {}",
                text.unwrap_or("?"),
                explain(label)
            ))
        }
    };
    if let Err(what) = result {
        let describe = format!("{}: {}", specimen.name, site.describe());
        wrong.push(Wrong {
            format: site.format.clone(),
            operator: site.operator,
            label: name,
            what,
            describe,
        });
    }
}

fn print(table: &Table, wrong: &[Wrong]) {
    let mut rows: BTreeMap<(&str, Operator), BTreeMap<&str, usize>> = BTreeMap::new();
    let mut arguments: BTreeMap<&str, BTreeMap<&str, BTreeMap<&str, usize>>> = BTreeMap::new();
    for ((label, operator, format, argument), count) in table {
        *rows
            .entry((format, *operator))
            .or_default()
            .entry(label)
            .or_default() += count;
        *arguments
            .entry(format)
            .or_default()
            .entry(argument)
            .or_default()
            .entry(label)
            .or_default() += count;
    }
    println!("\nby format and operator");
    for ((format, operator), labels) in &rows {
        println!("  {format:32} {:14} {labels:?}", format!("{operator:?}"));
    }
    println!("\nby format and argument");
    for (format, arguments) in &arguments {
        for (argument, labels) in arguments {
            println!("  {format:32} {argument:52} {labels:?}");
        }
    }
    let mut groups: BTreeMap<String, Vec<&Wrong>> = BTreeMap::new();
    for wrong in wrong {
        let head: String = wrong.what.chars().take(40).collect();
        groups
            .entry(format!(
                "{} {:?} {} {head}",
                wrong.format, wrong.operator, wrong.label
            ))
            .or_default()
            .push(wrong);
    }
    println!(
        "\n{} of {} mutants were judged wrongly",
        wrong.len(),
        table.values().sum::<usize>()
    );
    for (group, members) in &groups {
        println!("- {} x {group}", members.len());
        for wrong in members.iter().take(2) {
            println!("    {}\n      {}", wrong.describe, wrong.what);
        }
    }
}

/// By hand: every change of everything.
fn more() -> bool {
    std::env::var("LEASTWISE_MUTANTS").is_ok_and(|value| value == "all")
}

/// Projects, and how many changes of each are judged.
fn projects(target: &str) -> Vec<(std::path::PathBuf, usize)> {
    let root = golden::root();
    // A module is judged whole, networks included, which takes its time.
    let (whole, drawn) = match (target, more()) {
        (bundle::target::TERRAFORM, false) => (900, 400),
        (_, false) => (usize::MAX, 2_000),
        (_, true) => (usize::MAX, 40_000),
    };
    let mut out: Vec<_> = golden::cases(&root.join("golden/targets").join(target))
        .into_iter()
        .map(|folder| (folder, whole))
        .collect();
    out.extend(
        golden::cases(&root.join("examples"))
            .into_iter()
            .map(|folder| (folder, drawn)),
    );
    out
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

/// Judges every project's changes of one target.
fn judge_all(target: &'static str, section: &str, least: usize) {
    let (mut table, mut wrong) = (Table::new(), Vec::new());
    let holes = holes(section);
    let mut refused = Vec::new();
    let mut asked: BTreeSet<Argument> = BTreeSet::new();
    let mut compiled = BTreeSet::new();
    for (folder, most) in projects(target) {
        let texts = specimen::load(&folder);
        for environment in specimen::environments(&texts) {
            let name = name_of(&folder);
            let result = specimen::with(&name, &texts, environment.as_deref(), target, |specimen| {
                if let Err(refusals) = specimen.judge(&specimen.files) {
                    refused.push(format!("{}: {}", specimen.name, say(&refusals)));
                    return;
                }
                compiled.insert(specimen.name.clone());
                let all = mutate::sites(&specimen.files);
                asked.extend(
                    all.iter()
                        .map(|site| (site.format.clone(), site.argument.clone())),
                );
                let sites = seed::sample(
                    all.clone(),
                    most,
                    |site| (site.operator, site.format.clone(), site.argument.clone()),
                    &mut seed::Seed(11),
                );
                run(specimen, &sites, &mut table, &mut wrong);
                let further = further(specimen, all, &table);
                println!(
                    "{}: {} changes, and {} of arguments that they did not hit",
                    specimen.name,
                    sites.len(),
                    further.len()
                );
                run(specimen, &further, &mut table, &mut wrong);
                // Whether a known hole is gone is seen by trying it, whatever is drawn.
                let known: Vec<Site> = mutate::sites(&specimen.files)
                    .into_iter()
                    .filter(|site| {
                        let describe = site.describe();
                        holes
                            .iter()
                            .any(|hole| hole[1] == site.format && describe.contains(&hole[2]))
                    })
                    .collect();
                run(specimen, &known, &mut table, &mut wrong);
            });
            if let Err(why) = result {
                refused.push(format!("{name}: {why}"));
            }
        }
    }
    print(&table, &wrong);
    println!("\nnot judged:\n{}", refused.join("\n"));
    assert!(compiled.len() >= least, "{compiled:?}");
    let hit = hit(&table);
    let unhit: Vec<&Argument> = asked
        .iter()
        .filter(|argument| is_asked(argument) && !hit.contains(argument))
        .collect();
    assert!(
        unhit.is_empty(),
        "no change of these was ever labelled as one: {unhit:?}"
    );
    settle(&holes, &wrong);
}

#[test]
fn every_change_of_a_document_is_judged_as_it_deserves() {
    judge_all(bundle::target::AWS_IAM, "documents", 6);
}

#[test]
fn every_change_of_a_module_is_judged_as_it_deserves() {
    judge_all(bundle::target::TERRAFORM, "modules", 3);
}

#[test]
fn every_change_of_a_group_is_judged_as_it_deserves() {
    judge_all(bundle::target::SECURITY_GROUPS, "groups", 3);
}

#[test]
fn every_change_of_a_device_bundle_is_judged_as_it_deserves() {
    judge_all(bundle::target::DEVICE_BUNDLES, "bundles", 3);
}

/// A sort of file and an argument in it.
type Argument = (String, String);

/// A change of each argument that no draw has hit, if the project has one that is of meaning: looked for with a seed.
fn further(specimen: &Specimen<'_>, sites: Vec<Site>, table: &Table) -> Vec<Site> {
    // Most arguments have a change of meaning among the first few.
    const TRIED: usize = 60;
    let hit = hit(table);
    let mut of: BTreeMap<Argument, Vec<Site>> = BTreeMap::new();
    for site in sites {
        let argument = (site.format.clone(), site.argument.clone());
        if is_asked(&argument) && !hit.contains(&argument) {
            of.entry(argument).or_default().push(site);
        }
    }
    let mut out = Vec::new();
    for (argument, sites) in of {
        let sites = seed::sample(sites, TRIED, |site| site.operator, &mut seed::Seed(12));
        let is_hit = |site: &Site| {
            let after = site.apply(&specimen.files);
            let label = after.and_then(|after| label::label(&specimen.files, &after));
            label.is_some_and(|label| hits(label.name(), &argument))
        };
        out.extend(sites.into_iter().find(is_hit));
    }
    out
}

/// Whether an argument means something.
fn is_asked((format, argument): &Argument) -> bool {
    let last = argument.rsplit('.').next().unwrap_or(argument);
    let is_prose = matches!(
        last,
        "Sid" | "Id" | "(file)" | "description" | "Description" | "residual-risks" | "purpose"
    ) || (last == "project" && format.starts_with("security-groups"))
        || format.ends_with("README.txt")
        || argument.starts_with("# ") && format.ends_with("csr.cnf");
    let is_excused = format.starts_with(bundle::target::TERRAFORM) && label::module::is_excused(argument);
    !is_prose && !argument.is_empty() && !is_excused
}

/// Whether a label shows that a change of an argument is seen for what it is.
fn hits(label: &str, (format, argument): &Argument) -> bool {
    let last = argument.rsplit('.').next().unwrap_or(argument);
    // What has one form only is hit when another is refused for what it is.
    let is_frozen = [" sh", ".sh", ".cnf", ".nft", "SHA256SUMS"]
        .iter()
        .any(|tail| format.ends_with(tail))
        || format.ends_with("MANIFEST.json") && (last == "class" || argument.starts_with("files"))
        || (matches!(last, "format" | "vpc" | "name" | "subject" | "key-type")
            && !format.starts_with(bundle::target::TERRAFORM));
    label == "changed"
        || (last == "Version" && label == "undecided")
        // A deny with a variable in it: what an absent value means there, sources disagree about.
        || (last == "Effect" && format.contains("iot") && label == "undecided")
        || (is_frozen && label == "unreadable")
        || (format.starts_with(bundle::target::TERRAFORM)
            && label::module::is_fixed(argument)
            && matches!(label, "unreadable" | "undecided"))
}

fn hit(table: &Table) -> BTreeSet<Argument> {
    let named = table
        .keys()
        .map(|(label, _, format, argument)| (label, (format.clone(), argument.clone())));
    named
        .filter(|(label, argument)| hits(label, argument))
        .map(|(_, argument)| argument)
        .collect()
}

/// The holes of a section that are known: `golden/mutation/open.txt`, a line each, `section | format | part of the finding | reason`.
fn holes(section: &str) -> Vec<Vec<String>> {
    let path = golden::root().join("golden/mutation/open.txt");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let holes: Vec<Vec<String>> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            line.split('|')
                .map(|part| part.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|parts| parts[0] == section)
        .collect();
    assert!(
        holes.iter().all(|parts| parts.len() == 4 && !parts[3].is_empty()),
        "a hole needs its reason"
    );
    holes
}

/// Compares what was judged wrongly with the holes that are known. A hole that is gone fails as a new one does.
fn settle(holes: &[Vec<String>], wrong: &[Wrong]) {
    let is_of = |hole: &[String], wrong: &Wrong| {
        wrong.format == hole[1] && format!("{} {}", wrong.describe, wrong.what).contains(&hole[2])
    };
    let new: Vec<String> = wrong
        .iter()
        .filter(|wrong| !holes.iter().any(|hole| is_of(hole, wrong)))
        .map(|wrong| format!("{}\n  {}", wrong.describe, wrong.what))
        .collect();
    let gone: Vec<&Vec<String>> = holes
        .iter()
        .filter(|hole| !wrong.iter().any(|wrong| is_of(hole, wrong)))
        .collect();
    assert!(
        new.is_empty(),
        "{} new, such as\n{}",
        new.len(),
        new.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(
        gone.is_empty(),
        "take these out of golden/mutation/open.txt: {gone:?}"
    );
}
