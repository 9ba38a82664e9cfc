//! Workloads with promises or tests about them, all of which hold.

use std::fmt::Write as _;

use super::random::Random;
use super::workloads::{self, STORES_PER_TEAM, Trusts};
use super::{Files, Targets, written};

/// Rounds of promises, four in each.
const ROUNDS: usize = 50;
/// Tests, whatever the size.
const TESTS: usize = 1_000;

/// Two hundred promises: fifty chains, fifty limits, a hundred others.
pub(super) fn promises(count: usize, targets: Targets) -> Files {
    let mut files = workloads::files(count, targets, Trusts::AsUsual);
    let mut random = Random::new();
    let mut text = String::from("owner bench\n");
    let because = "because \"Bench\"";
    for _ in 0..ROUNDS {
        let (one, other) = two_teams(&mut random, workloads::teams(count));
        let _ = writeln!(
            text,
            "never w{one}-0 -> b{other}-0 {{ through control data; {because} }}\n\
             limit w{one}-1 {{ objects at-most={STORES_PER_TEAM}; {because} }}\n\
             never w{one}-2 -> b{other}-1 {{ {because} }}\n\
             never * -> b{other}-0 {{ allow delete; {because} }}"
        );
    }
    files.push(("promises.kdl".to_owned(), text));
    files
}

/// A thousand tests of three lines: what a trust gives, another team's store, and every queue there is.
pub(super) fn tests(count: usize, targets: Targets) -> Files {
    let mut files = workloads::files(count, targets, Trusts::AsUsual);
    let mut text = String::from("owner bench\n");
    let all: Vec<_> = written(&files).collect();
    for test in 0..TESTS {
        // Far apart, so that the tests are about all the accounts.
        let Some(trust) = all.get(test * all.len() / TESTS) else {
            break;
        };
        let own = trust.subject.trim_start_matches('w').split('-').next();
        let own: usize = own.and_then(|team| team.parse().ok()).unwrap_or_default();
        let other = (own + 1) % workloads::teams(count);
        let _ = writeln!(
            text,
            "test \"{test}\" {{ as {} {{ can {} {}; cannot write b{other}-0; cannot receive kind:queue }} }}",
            trust.subject, trust.capability, trust.object
        );
    }
    files.push(("tests.kdl".to_owned(), text));
    files
}

/// Two different teams.
fn two_teams(random: &mut Random, teams: usize) -> (usize, usize) {
    let one = random.below(teams);
    (one, (one + 1 + random.below(teams - 1)) % teams)
}
