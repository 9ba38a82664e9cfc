//! Workloads with five trusts each, spread over accounts so that quotas hold, fan-in bounded.

use std::fmt::Write as _;

use super::random::Random;
use super::{Files, Targets};

/// Trusts of one workload.
pub(crate) const TRUSTS: usize = 5;
/// Workloads in one account: the provider's default is 1,000 roles, some of which the account needs for itself.
pub(super) const WORKLOADS_PER_ACCOUNT: usize = 900;
/// Workloads that share a set of stores: bounds how many principals a key policy names.
pub(super) const WORKLOADS_PER_TEAM: usize = 10;
/// Stores that such a team has.
pub(super) const STORES_PER_TEAM: usize = 8;
/// Files of a size that people write.
const FILE_BYTES: usize = 200_000;

/// What the trusts say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trusts {
    /// What all kinds are made of.
    AsUsual,
    /// The first trust of every second workload allows something else, or a part of another name.
    Changed,
}

/// Workloads with five trusts each.
pub(super) fn files(count: usize, targets: Targets, trusts: Trusts) -> Files {
    let mut random = Random::new();
    let mut files = Teams::new(count, targets);
    for team in 0..teams(count) {
        let account = account(team);
        let mut text = String::new();
        stores(&mut text, team);
        for member in 0..members(team, count) {
            let _ = writeln!(
                text,
                "workload w{team}-{member} account=a{account} runs-on=lambda"
            );
            let first = random.below(STORES_PER_TEAM);
            for trust in 0..TRUSTS {
                let store = (first + trust) % STORES_PER_TEAM;
                let part = random_part(&mut random, store);
                let is_changed = trusts == Trusts::Changed && trust == 0 && member % 2 == 0;
                let said = said(member, store, part, is_changed);
                let _ = writeln!(
                    text,
                    "trust w{team}-{member} -> b{team}-{store} {{ {said}because \"Bench {team} {member} {store}\"; expires \"2027-06-30\" }}"
                );
            }
        }
        files.add(&text);
    }
    files.finish()
}

/// A number for those stores of which parts are read; nothing is drawn for the others.
fn random_part(random: &mut Random, store: usize) -> usize {
    if store % 4 == 1 { random.below(100) } else { 0 }
}

/// What a trust allows, by the sort of its store.
fn said(member: usize, store: usize, part: usize, is_changed: bool) -> String {
    match (store % 4, is_changed) {
        (0, false) => format!("allow write; under \"w{member}/\"; "),
        (0, true) => format!("allow write; under \"v{member}/\"; "),
        (1, false) => format!("allow read; under \"in{part}/\"; "),
        (1, true) => format!("allow read; under \"from{part}/\"; "),
        (2, false) => "allow send; ".to_owned(),
        (2, true) => "allow receive; ".to_owned(),
        (_, false) => "allow read; ".to_owned(),
        (_, true) => "allow write; ".to_owned(),
    }
}

/// How many teams so many workloads are.
pub(super) fn teams(count: usize) -> usize {
    count.div_ceil(WORKLOADS_PER_TEAM)
}

/// The account of a team.
pub(super) fn account(team: usize) -> usize {
    team * WORKLOADS_PER_TEAM / WORKLOADS_PER_ACCOUNT
}

/// How many workloads a team has: the last one takes what is left.
pub(super) fn members(team: usize, count: usize) -> usize {
    WORKLOADS_PER_TEAM.min(count - team * WORKLOADS_PER_TEAM)
}

/// The key and the stores of a team: buckets, queues and tables.
pub(super) fn stores(text: &mut String, team: usize) {
    let account = account(team);
    let _ = writeln!(text, "key k{team} account=a{account}");
    for store in 0..STORES_PER_TEAM {
        let _ = match store % 4 {
            0 | 1 => writeln!(
                text,
                "bucket b{team}-{store} account=a{account} {{ physical \"bench-b{team}-{store}\"; encrypted key=k{team}; retain \"30d\" }}"
            ),
            2 => writeln!(
                text,
                "queue b{team}-{store} account=a{account} {{ encrypted key=k{team} }}"
            ),
            _ => writeln!(
                text,
                "table b{team}-{store} account=a{account} {{ encrypted key=k{team} }}"
            ),
        };
    }
}

/// The files of a project that grow team by team.
#[derive(Debug)]
pub(super) struct Teams {
    files: Files,
    text: String,
}

impl Teams {
    /// The project, with an account for every 900 of `count` principals.
    pub(super) fn new(count: usize, targets: Targets) -> Self {
        let mut head = String::from("project bench edition=\"2026\" {\n");
        for account in 0..count.div_ceil(WORKLOADS_PER_ACCOUNT) {
            let _ = writeln!(
                head,
                "    account a{account} id=\"{:012}\" region=eu-central-1 {{ steward \"role/ops/deploy\" }}",
                100_000_000_000u64 + account as u64
            );
        }
        head.push_str("    default account=a0\n");
        head.push_str(&targets.line("aws-iam"));
        head.push_str("}\nuse \"std/baseline/zero-trust\"\nteam bench\nowner bench\n");
        Self {
            files: vec![("leastwise.kdl".to_owned(), head)],
            text: String::new(),
        }
    }

    /// What one team declares. A new file begins where one is full.
    pub(super) fn add(&mut self, text: &str) {
        self.text.push_str(text);
        if self.text.len() > FILE_BYTES {
            self.close();
        }
    }

    /// All files.
    pub(super) fn finish(mut self) -> Files {
        if !self.text.is_empty() {
            self.close();
        }
        self.files
    }

    fn close(&mut self) {
        let path = format!("teams-{:04}.kdl", self.files.len());
        self.files.push((path, format!("owner bench\n{}", self.text)));
        self.text.clear();
    }
}
