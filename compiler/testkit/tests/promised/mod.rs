//! Mutants of emitted bytes, and what is said of promises that held before.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that fails says where"
)]

pub mod asked;
pub mod claims;
pub mod open;

use std::collections::{BTreeMap, BTreeSet};

use testkit::label::Files;
use testkit::mutate::seed::{self, Seed};
use testkit::mutate::{self, Operator, Site, grant};

use asked::Asked;

/// Operators that make files which nothing reads, or the same file again.
const LEFT_OUT: [Operator; 9] = [
    Operator::Damage,
    Operator::Respell,
    Operator::Describe,
    Operator::RenameId,
    Operator::Retype,
    Operator::RenameKey,
    Operator::AddMember,
    Operator::Relabel,
    Operator::Wrap,
];

/// Files that grant nothing: frozen texts, digests, and what is said of a bundle.
const PROSE: [&str; 6] = [
    "sh",
    "MANIFEST.json",
    "SHA256SUMS",
    "README.txt",
    "csr.cnf",
    "tar.gz",
];

/// Whether an argument of a module bears on what promises are about: documents, and rules of groups. Subnets, routes and lists
/// are judged by the comparison of guards alone.
fn grants(argument: &str) -> bool {
    let block = argument.split('.').next().unwrap_or_default();
    block.ends_with("_policy")
        || block.starts_with("aws_vpc_security_group_")
        || matches!(block, "aws_iam_role" | "aws_vpc_endpoint")
}

/// A claim that the two answer differently of one mutant.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The project.
    pub name: String,
    /// The sort of file.
    pub format: String,
    /// The argument.
    pub argument: String,
    /// The change.
    pub change: String,
    /// The claim.
    pub claim: String,
    /// What is wrong.
    pub what: String,
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Some claim is broken.
    Broken,
    /// Every claim holds.
    Held,
    /// Nothing reads it.
    Unread,
    /// The second opinion does not read it.
    NotLooked,
}

/// Whether it is the change itself, or the same with what it grants denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Twin {
    /// The change.
    Granted,
    /// With a denial.
    Denied,
}

/// What was counted and found.
#[derive(Debug, Default)]
pub struct Found {
    /// By target, format, operator, twin and verdict.
    pub counts: BTreeMap<(&'static str, String, Operator, Twin, Verdict), usize>,
    /// Claims that were asked.
    pub claims: usize,
    /// Witnesses that were confirmed.
    pub confirmed: usize,
    /// Claims that the relation does not decide.
    pub undecided: usize,
    /// What is not known.
    pub differences: Vec<Difference>,
    /// Which lines of the list of known ones were needed.
    pub left_out: BTreeMap<&'static str, usize>,
    /// Which claims were broken by some mutant.
    pub broken: BTreeSet<String>,
}

impl Found {
    /// Adds what another found.
    pub fn append(&mut self, other: Found) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        for (name, count) in other.left_out {
            *self.left_out.entry(name).or_default() += count;
        }
        self.claims += other.claims;
        self.confirmed += other.confirmed;
        self.undecided += other.undecided;
        self.differences.extend(other.differences);
        self.broken.extend(other.broken);
    }

    fn differs(&mut self, difference: Difference) {
        match open::of(&difference) {
            Some(name) => *self.left_out.entry(name).or_default() += 1,
            None => self.differences.push(difference),
        }
    }
}

/// Asks at most so many mutants of a project.
pub fn run(asked: &Asked<'_>, most: usize) -> Found {
    let sites = chosen(&asked.files, most);
    let half = sites.len().div_ceil(2).max(1);
    let parts: Vec<Found> = std::thread::scope(|scope| {
        let of = |sites| {
            move || {
                let mut found = Found::default();
                for site in sites {
                    one(asked, site, &mut found);
                }
                found
            }
        };
        let handles: Vec<_> = sites.chunks(half).map(|sites| scope.spawn(of(sites))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    let mut found = Found {
        claims: asked.claims.len(),
        ..Found::default()
    };
    parts.into_iter().for_each(|part| found.append(part));
    found
}

/// Changes of every operator and argument; half of them are grants, as far as there are any.
fn chosen(files: &Files, most: usize) -> Vec<Site> {
    let group = |site: &Site| (site.operator, site.format.clone(), site.argument.clone());
    let mut sites = mutate::sites(files);
    sites.retain(|site| {
        let is_prose = PROSE.iter().any(|tail| site.format.ends_with(tail));
        let is_meant = !site.format.starts_with(bundle::target::TERRAFORM) || grants(&site.argument);
        !LEFT_OUT.contains(&site.operator) && !is_prose && is_meant
    });
    let mut chosen = seed::sample(grant::sites(files), most / 2, group, &mut Seed(5));
    chosen.extend(seed::sample(sites, most - chosen.len(), group, &mut Seed(6)));
    chosen
}

fn one(asked: &Asked<'_>, site: &Site, found: &mut Found) {
    let Some(after) = site.apply(&asked.files) else {
        return;
    };
    judge(asked, site, &after, Twin::Granted, found);
    if let Some(denied) = grant::denied(&asked.files, &after) {
        judge(asked, site, &denied, Twin::Denied, found);
    }
}

fn judge(asked: &Asked<'_>, site: &Site, after: &Files, twin: Twin, found: &mut Found) {
    let verdict = compare(asked, site, after, twin, found);
    let key = (asked.target, site.format.clone(), site.operator, twin, verdict);
    *found.counts.entry(key).or_default() += 1;
}

fn compare(asked: &Asked<'_>, site: &Site, after: &Files, twin: Twin, found: &mut Found) -> Verdict {
    let Some(built) = asked.built(after) else {
        return Verdict::Unread;
    };
    let Ok(looked) = asked.looked(after, &built) else {
        return Verdict::NotLooked;
    };
    let mut verdict = Verdict::Held;
    found.confirmed += looked.confirmed;
    for (span, holds) in &looked.holds {
        if built.undecided.contains(span) {
            found.undecided += 1;
            continue;
        }
        let witness = built.broken.get(span);
        let claim = &asked.claims[span];
        let what = match (witness, holds) {
            (Some(_), false) if !looked.refuted.contains_key(span) => {
                verdict = Verdict::Broken;
                found.broken.insert(format!("{} {claim}", asked.name));
                continue;
            }
            (None, true) => continue,
            (Some(Some(note)), false) => format!("its witness is none: {note}"),
            (Some(note), _) => format!("broken, holds by looking: {}", note.clone().unwrap_or_default()),
            (None, false) => "holds, broken by looking".to_owned(),
        };
        found.differs(Difference {
            name: asked.name.clone(),
            format: site.format.clone(),
            argument: site.argument.clone(),
            change: format!("{twin:?} {} {}", site.describe(), added(&asked.files, after)),
            claim: claim.clone(),
            what,
        });
    }
    verdict
}

/// How many mutants are told from the original by a promise: what the relation says of the one is not what is seen of the
/// other. Were it never so, agreement would mean nothing.
pub fn told_apart(asked: &Asked<'_>, most: usize) -> usize {
    let sites = chosen(&asked.files, most);
    let differs = |site: &&Site| {
        let built = site.apply(&asked.files).and_then(|after| asked.built(&after));
        let Some(built) = built else { return false };
        let looked = asked.looked(&asked.files, &built).unwrap_or_default();
        let mut holds = looked.holds.iter();
        holds.any(|(span, holds)| *holds && built.broken.contains_key(span))
    };
    sites.iter().filter(differs).count()
}

/// The lines that a change adds, for people.
fn added(before: &Files, after: &Files) -> String {
    let mut out = String::new();
    for (path, (_, bytes)) in after
        .iter()
        .filter(|(path, file)| before.get(*path) != Some(file))
    {
        let old = before.get(path).map_or(&[][..], |(_, bytes)| bytes.as_slice());
        let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(bytes));
        // What is between the beginning and the end that both have.
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let same = |(one, other): &(&&str, &&str)| one == other;
        let from = old.iter().zip(&new).take_while(same).count();
        let until = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
        let lines = new.iter().take(new.len().saturating_sub(until)).skip(from);
        out.push_str(&lines.map(|line| line.trim()).collect::<Vec<_>>().join(" "));
    }
    out.chars().take(600).collect()
}

/// Prints what was counted, and every sort of difference with a few of it.
pub fn print(found: &Found) {
    let mut rows: BTreeMap<(&str, &str, Operator, Twin), BTreeMap<Verdict, usize>> = BTreeMap::new();
    for ((target, format, operator, twin, verdict), count) in &found.counts {
        let row = rows.entry((target, format, *operator, *twin)).or_default();
        *row.entry(*verdict).or_default() += count;
    }
    for ((_, format, operator, twin), verdicts) in &rows {
        let operator = format!("{operator:?}");
        println!("  {format:44} {operator:14} {twin:?} {verdicts:?}");
    }
    let (claims, broken) = (found.claims, found.broken.len());
    println!("{claims} claims, {broken} of them broken by some mutant");
    let (confirmed, undecided) = (found.confirmed, found.undecided);
    println!("{confirmed} witnesses confirmed, {undecided} answers undecided");
    for (name, count) in &found.left_out {
        println!("left out {count}: {name}");
    }
    let mut sorts: BTreeMap<(String, String), Vec<&Difference>> = BTreeMap::new();
    for difference in &found.differences {
        let what: String = difference.what.chars().take(24).collect();
        let word = difference.claim.split_whitespace().next().unwrap_or_default();
        let key = (
            format!("{} {}", difference.format, difference.argument),
            format!("{word}: {what}"),
        );
        sorts.entry(key).or_default().push(difference);
    }
    for ((place, sort), list) in &sorts {
        println!("DIFFERENCE {place}: {sort}: {}", list.len());
        for one in list.iter().take(3) {
            println!(
                "    {}: {}\n      {}\n      {}",
                one.name, one.change, one.claim, one.what
            );
        }
    }
}
