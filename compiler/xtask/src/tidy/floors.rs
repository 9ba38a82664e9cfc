//! Data moves down: which crate may depend on which.

use super::metadata::Metadata;

/// The floor of each crate; `None` stands beside the house.
const FLOORS: &[(&str, Option<u8>)] = &[
    ("arena", Some(1)),
    ("catalogue", Some(1)),
    ("packet", Some(1)),
    ("pattern", Some(1)),
    ("source", Some(1)),
    ("diagnostics", Some(2)),
    ("model", Some(3)),
    ("syntax", Some(3)),
    ("resolve", Some(4)),
    ("graph", Some(5)),
    ("bundle", Some(6)),
    ("checks", Some(6)),
    ("aws", Some(7)),
    ("read", Some(7)),
    ("relation", Some(8)),
    ("targets", Some(8)),
    ("prove", Some(9)),
    ("driver", Some(10)),
    ("plan", Some(10)),
    ("ide", Some(11)),
    ("project", Some(11)),
    ("lsp", Some(12)),
    ("cli", Some(13)),
    ("bench", None),
    ("features", None),
    ("shelf", None),
    ("testkit", None),
    ("xtask", None),
];

/// Who alone may depend on a crate of an outside format.
const DOORS: &[(&str, &[&str])] = &[
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("indicatif", &["cli"]),
    ("kdl", &["syntax"]),
    ("gen-lsp-types", &["lsp"]),
    ("lsp-server", &["lsp"]),
    ("miette", &["cli"]),
];

/// Edges between crates that go up, or sideways past a rule.
#[must_use]
pub fn problems(metadata: &Metadata) -> Vec<String> {
    let mut problems = Vec::new();
    for package in metadata.ours() {
        let own = package.folder();
        if floor(own).is_none() {
            problems.push(format!("`{own}` is on no floor: add it to the table of floors"));
        }
        for dependency in package.needs() {
            let name = dependency.name.as_str();
            if let Some(other) = name.strip_prefix("leastwise-") {
                if let Some(why) = refusal(own, other) {
                    problems.push(format!("`{own}` depends on `{other}`: {why}"));
                }
            } else if let Some((_, doors)) = DOORS.iter().find(|(outside, _)| *outside == name)
                && !doors.contains(&own)
                // It names them for their features and calls none.
                && own != "features"
            {
                problems.push(format!(
                    "`{own}` depends on `{name}`, whose one door is `{}`",
                    doors.join("`, `")
                ));
            }
        }
    }
    problems
}

fn floor(name: &str) -> Option<Option<u8>> {
    FLOORS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, floor)| *floor)
}

/// Why `own` may not depend on `other`; nothing if it may.
fn refusal(own: &str, other: &str) -> Option<&'static str> {
    let (Some(from), Some(to)) = (floor(own), floor(other)) else {
        return Some("one of them is on no floor");
    };
    let from = from?;
    let Some(to) = to else {
        return Some("nothing depends on what stands beside the house, tests apart");
    };
    if to >= from {
        return Some("a crate depends only on lower floors");
    }
    let above = |limit: u8| to > limit;
    match own {
        "arena" | "catalogue" | "packet" | "pattern" | "source" => Some("floor 1 depends on nothing of ours"),
        "diagnostics" if other != "source" => Some("diagnostics know only where things stand"),
        "resolve" | "graph" if above(3) => Some("it takes its input from floor 3 and no higher"),
        "checks" | "bundle" if above(5) => Some("it depends on floors 1 to 5"),
        "aws" if above(6) => Some("it depends on floors 1 to 6"),
        "read" if to > 1 && !["bundle", "diagnostics"].contains(&other) => {
            Some("what reads the bytes knows no intent: bundle, diagnostics and floor 1")
        }
        "relation" | "prove" if ["aws", "targets"].contains(&other) => {
            Some("a second opinion shares no code with what emits")
        }
        "targets" if ["read", "relation"].contains(&other) => {
            Some("what emits shares no code with the second opinion")
        }
        _ if other == "syntax" && from != 4 && from < 10 => Some("past `resolve`, the spec is a model"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_up_or_sideways() {
        assert!(refusal("graph", "checks").is_some());
        assert!(refusal("syntax", "model").is_some());
        assert!(refusal("targets", "prove").is_some());
        assert!(refusal("aws", "read").is_some());
        assert!(refusal("source", "arena").is_some());
        assert!(refusal("diagnostics", "source").is_none());
        assert!(refusal("diagnostics", "arena").is_some());
    }

    #[test]
    fn the_second_opinion_shares_nothing() {
        assert!(refusal("read", "graph").is_some());
        assert!(refusal("read", "model").is_some());
        assert!(refusal("read", "catalogue").is_none());
        assert!(refusal("prove", "aws").is_some());
        assert!(refusal("prove", "targets").is_some());
        assert!(refusal("relation", "aws").is_some());
        assert!(refusal("relation", "read").is_none());
        assert!(refusal("prove", "read").is_none());
        assert!(refusal("targets", "read").is_some());
        assert!(refusal("targets", "aws").is_none());
    }

    #[test]
    fn only_resolve_and_the_top_see_syntax() {
        assert!(refusal("graph", "syntax").is_some());
        assert!(refusal("checks", "syntax").is_some());
        assert!(refusal("resolve", "syntax").is_none());
        assert!(refusal("driver", "syntax").is_none());
    }

    #[test]
    fn what_stands_beside_is_not_leant_on() {
        assert!(refusal("cli", "testkit").is_some());
        assert!(refusal("testkit", "driver").is_none());
        assert!(refusal("attic", "source").is_some());
    }
}
