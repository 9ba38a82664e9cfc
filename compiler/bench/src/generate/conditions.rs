//! Trusts with several conditions each: the age of a login, addresses, attributes with several values, a date.

use std::fmt::Write as _;

use super::random::Random;
use super::workloads::{self, STORES_PER_TEAM, TRUSTS, Teams};
use super::{Files, Targets};

/// Attributes that the provider vouches for, with the letter that their values begin with.
const ATTRIBUTES: [(&str, char); 4] = [("shift", 's'), ("line", 'l'), ("site", 'p'), ("grade", 'g')];
/// Values that such an attribute has.
const VALUES: usize = 20;
/// Values that a condition names at most: ten groups of people share a key, whose policy repeats every condition.
const VALUES_MAX: usize = 3;

/// So many trusts of people, five for each group of people.
pub(super) fn files(trusts: usize, targets: Targets) -> Files {
    let mut random = Random::new();
    let count = trusts.div_ceil(TRUSTS);
    let mut files = Teams::new(count, targets);
    let names: Vec<&str> = ATTRIBUTES.iter().map(|(name, _)| *name).collect();
    files.add("provider okta { saml metadata=\"secret://idp/okta\" }\n");
    for team in 0..workloads::teams(count) {
        let account = workloads::account(team);
        let mut text = String::new();
        workloads::stores(&mut text, team);
        for member in 0..workloads::members(team, count) {
            let _ = writeln!(
                text,
                "people p{team}-{member} account=a{account} from=okta {{ group \"Group {team} {member}\"; mfa accept=idp-mfa; session at-most=\"1h\"; attributes {} }}",
                names.join(" ")
            );
            let first = random.below(STORES_PER_TEAM);
            for trust in 0..TRUSTS {
                let store = (first + trust) % STORES_PER_TEAM;
                let allow = match store % 4 {
                    0 => "write; under \"w/\"",
                    1 => "read",
                    2 => "send",
                    _ => "read",
                };
                let when = conditions(&mut random);
                let _ = writeln!(
                    text,
                    "trust p{team}-{member} -> b{team}-{store} {{ allow {allow}; {when}; because \"Bench {team} {member} {store}\"; expires \"2027-06-30\" }}"
                );
            }
        }
        files.add(&text);
    }
    files.finish()
}

/// Five facts, each of which narrows the trust.
fn conditions(random: &mut Random) -> String {
    let hours = 1 + random.below(8);
    let (one, other) = (random.below(256), random.below(128));
    let mut text = format!(
        "when {{ mfa-age \"{hours}h\" accept=idp-mfa; source \"203.0.{one}.0/24\" \"198.51.100.{}/31\"; until \"2027-{:02}-28\"",
        other * 2,
        1 + random.below(6)
    );
    let skipped = random.below(ATTRIBUTES.len());
    for (at, (name, letter)) in ATTRIBUTES.iter().enumerate() {
        if at == skipped || at == (skipped + 1) % ATTRIBUTES.len() {
            continue;
        }
        let _ = write!(text, "; attribute {name}");
        let first = random.below(VALUES);
        for value in 0..1 + random.below(VALUES_MAX) {
            let _ = write!(text, " {letter}{}", (first + value) % VALUES);
        }
    }
    text.push_str(" }");
    text
}
