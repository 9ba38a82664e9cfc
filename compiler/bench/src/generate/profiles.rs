//! Workloads whose trusts come from profiles that apply profiles, thirty deep, with parameters of several types.

use std::fmt::Write as _;

use super::workloads::{self, Teams};
use super::{Files, Targets};

/// Profiles, each of which applies the one below it.
const DEPTH: usize = 30;
/// At every so many of them stands a trust, to a store of its own: at the others, parameters are only handed on.
const EVERY: usize = 10;
/// The stores, from the bottom: the parameter, its kind, and what the trust says.
const STORES: [(&str, &str, &str); 3] = [
    ("inbox", "bucket", "allow write; under $part"),
    ("jobs", "queue", "allow send"),
    ("rows", "table", "allow read"),
];

/// So many workloads, each of which applies the topmost profile.
pub(super) fn files(count: usize, targets: Targets) -> Files {
    let mut files = Teams::new(count, targets);
    files.add(&profiles());
    for team in 0..workloads::teams(count) {
        let account = workloads::account(team);
        let mut text = String::new();
        workloads::stores(&mut text, team);
        for member in 0..workloads::members(team, count) {
            // Every store of the team is somebody's.
            let half = member / 2 % 2 * 4;
            let _ = writeln!(
                text,
                "workload w{team}-{member} account=a{account} runs-on=lambda\n\
                 apply p{} who=w{team}-{member} inbox=b{team}-{} jobs=b{team}-{} rows=b{team}-{} part=\"w{member}/\"",
                DEPTH - 1,
                half + member % 2,
                half + 2,
                half + 3
            );
        }
        files.add(&text);
    }
    files.finish()
}

/// Each takes and hands on only what those below it use.
fn profiles() -> String {
    let mut text = String::new();
    for depth in 0..DEPTH {
        let own = depth / EVERY;
        let _ = write!(
            text,
            "profile p{depth} {{ param who kind=workload; param part type=text; "
        );
        for (name, kind, _) in STORES.iter().take(own + 1) {
            let _ = write!(text, "param {name} kind={kind}; ");
        }
        if depth > 0 {
            let _ = write!(text, "apply p{} who=$who part=$part", depth - 1);
            for (name, ..) in STORES.iter().take((depth - 1) / EVERY + 1) {
                let _ = write!(text, " {name}=${name}");
            }
            text.push_str("; ");
        }
        if let Some((name, _, says)) = STORES.get(own).filter(|_| depth % EVERY == 0) {
            let _ = write!(
                text,
                "trust $who -> ${name} {{ {says}; because \"The usual {name}\"; expires \"2027-06-30\" }}; "
            );
        }
        text.push_str("}\n");
    }
    text
}
