//! Trusts with conditions that overlap: decided without a diagram of them all, and given up on within a second.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and looks at the clock where that is the promise"
)]

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::spec::Spec;
use bundle::{Bundle, File};
use diagnostics::{Diagnostic, Report};
use prove::witness::Sort;

const IAM: &str = bundle::target::AWS_IAM;
/// What the trusts grant, as it is emitted.
const IDENTITY: &str = "aws/plant/iam/staff.identity.json";

/// People with so many attributes `a0 …` and `b0 …`, and trusts to one bucket with these conditions.
fn spec(attributes: usize, conditions: &[String]) -> Spec {
    let names: Vec<String> = (0..attributes).map(|at| format!("a{at} b{at}")).collect();
    let mut text = format!(
        r#"project case edition="2026" {{ account plant id="111122223333" region=eu-central-1 {{ steward "role/ops/deploy" }}; default account=plant }}
use "std/baseline/zero-trust"
team ot
owner ot
provider okta {{ saml metadata="secret://idp/okta" }}
people staff from=okta {{ group Staff; mfa accept=idp-mfa; session at-most="1h"; attributes {} }}
key k
bucket store {{ physical "acme-store"; encrypted key=k; retain "30d" }}
"#,
        names.join(" ")
    );
    for condition in conditions {
        writeln!(
            text,
            "trust staff -> store {{ allow read; when {{ {condition} }}; because \"x\" }}"
        )
        .unwrap();
    }
    Spec::text(&text)
}

fn judged(spec: &Spec, bundle: &Bundle) -> Vec<(Sort, Diagnostic)> {
    let judged = spec.with(|checked, report| {
        let sides = aws::lower(checked, report)?.sides;
        let facts = read::read(bundle, &mut Report::default());
        let limits = catalogue::limits::Limits::embedded();
        Some(prove::judge(
            checked,
            &facts,
            &prove::Judged {
                targets: &[],
                limits,
                sides: &sides,
            },
        ))
    });
    let refusals = judged.unwrap().err().unwrap_or_default();
    refusals
        .iter()
        .map(|refusal| (refusal.sort, refusal.diagnostic()))
        .collect()
}

fn pairs(count: usize) -> Vec<String> {
    (0..count)
        .map(|at| format!("attribute a{at} v; attribute b{at} v"))
        .collect()
}

#[test]
fn twenty_trusts_with_two_attributes_each_are_proved() {
    let spec = spec(20, &pairs(20));
    let start = Instant::now();
    let bundle = spec.emit(&[IAM]).unwrap();
    assert_eq!(
        judged(&spec, &bundle)
            .into_iter()
            .map(|(sort, _)| sort)
            .collect::<Vec<_>>(),
        Vec::new()
    );
    // A diagram of them all takes minutes.
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn one_of_twenty_conditions_that_is_wider_than_declared_is_found() {
    let spec = spec(20, &pairs(20));
    let bundle = spec.emit(&[IAM]).unwrap();
    let file = bundle.get(IDENTITY).unwrap();
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    let (from, to) = (
        "\"aws:PrincipalTag/a7\": \"v\"",
        "\"aws:PrincipalTag/a7\": [\"v\", \"w\"]",
    );
    assert!(text.contains(from), "{text}");
    let mut mutant = bundle.clone();
    let bytes = text.replace(from, to).into_bytes();
    mutant.set(
        IDENTITY,
        Some(File {
            bytes,
            ..file.clone()
        }),
    );
    let refusals = judged(&spec, &mutant);
    assert!(
        !refusals.is_empty() && refusals.iter().all(|(sort, _)| *sort == Sort::Exceeds),
        "{refusals:?}"
    );
    let witness = refusals
        .iter()
        .flat_map(|(_, diagnostic)| &diagnostic.notes)
        .find(|note| note.starts_with("witness"));
    assert!(
        witness.is_some_and(|note| note.contains("aws:PrincipalTag/a7 = `w`")),
        "{refusals:?}"
    );
}

/// The conditions under which two of so many attributes have one of one value less: whoever has them all is among them,
/// and no list of few cases shows it.
fn holes(attributes: usize) -> (String, Vec<String>) {
    let values: Vec<String> = (1..attributes).map(|at| format!("h{at}")).collect();
    let all: Vec<String> = (0..attributes)
        .map(|at| format!("attribute a{at} {}", values.join(" ")))
        .collect();
    let mut two = Vec::new();
    for value in &values {
        for one in 0..attributes {
            two.extend((0..one).map(|other| format!("attribute a{one} {value}; attribute a{other} {value}")));
        }
    }
    (all.join("; "), two)
}

/// The emitted statements of another spec's trusts, in the place of one's own.
fn with_statements(own: &Bundle, conditions: &[String]) -> Bundle {
    let file = own.get(IDENTITY).unwrap();
    let mut value: serde_json::Value = serde_json::from_slice(&file.bytes).unwrap();
    let conditions: Vec<serde_json::Value> = conditions
        .iter()
        .map(|condition| {
            let keys = condition.split("; ").map(|attribute| {
                let mut words = attribute.split(' ').skip(1);
                let key = format!("aws:PrincipalTag/{}", words.next().unwrap());
                (
                    key,
                    words.map(serde_json::Value::from).collect::<serde_json::Value>(),
                )
            });
            serde_json::json!({ "StringEquals": keys.collect::<serde_json::Map<_, _>>() })
        })
        .collect();
    let statements = value["Statement"].as_array().unwrap().clone();
    let spread = statements.iter().enumerate().flat_map(|(of, statement)| {
        conditions.iter().enumerate().map(move |(at, condition)| {
            let mut statement = statement.clone();
            let text = statement["Condition"]["StringEquals"].as_object_mut().unwrap();
            text.retain(|key, _| !key.starts_with("aws:PrincipalTag/"));
            for (key, values) in condition["StringEquals"].as_object().unwrap() {
                text.insert(key.clone(), values.clone());
            }
            statement["Sid"] = format!("S{of}x{at}").into();
            statement
        })
    });
    value["Statement"] = spread.collect();
    let mut mutant = own.clone();
    let bytes = serde_json::to_vec(&value).unwrap();
    mutant.set(
        IDENTITY,
        Some(File {
            bytes,
            ..file.clone()
        }),
    );
    mutant
}

#[test]
fn conditions_that_are_one_only_together_are_decided_while_they_are_few() {
    let (all, two) = holes(5);
    let spec = spec(5, &[all]);
    let bundle = spec.emit(&[IAM]).unwrap();
    assert_eq!(judged(&spec, &bundle).len(), 0);
    // Everything that is declared is permitted, and more; the last pair is needed for it.
    let sorts = |conditions: &[String]| -> Vec<Sort> {
        let judged = judged(&spec, &with_statements(&bundle, conditions));
        judged
            .into_iter()
            .map(|(sort, _)| sort)
            .filter(|sort| *sort != Sort::Quota)
            .collect()
    };
    let found = sorts(&two);
    assert!(
        found.contains(&Sort::Exceeds) && !found.contains(&Sort::FallsShort),
        "{found:?}"
    );
    let found = sorts(&two[1..]);
    assert!(found.contains(&Sort::FallsShort), "{found:?}");
}

#[test]
fn conditions_beyond_the_budget_are_not_decided_at_the_lines_of_the_trusts() {
    let (all, two) = holes(18);
    let until = "until \"2027-01-01\"".to_owned();
    let spec = spec(18, &[all, until]);
    let bundle = spec.emit(&[IAM]).unwrap();
    let mutant = with_statements(&bundle, &two);
    let start = Instant::now();
    let judged = judged(&spec, &mutant);
    let took = start.elapsed();
    let (_, told) = judged.iter().find(|(sort, _)| *sort == Sort::NotDecided).unwrap();
    let mut text = format!("{}: {}\n", spec.sources.place(told.span.unwrap()), told.message);
    for label in &told.labels {
        writeln!(text, "{}: {}", spec.sources.place(label.span), label.text).unwrap();
    }
    for note in told.notes.iter().filter(|note| !note.starts_with("target")) {
        writeln!(text, "note: {note}").unwrap();
    }
    writeln!(text, "help: {}", told.help.as_deref().unwrap()).unwrap();
    let expected = "\
main.kdl:9: the identity policies of `staff`: the conditions meet in too many ways to be compared
main.kdl:10: this has conditions too
note: 2 declarations have conditions here; at most 100000 cases of them are followed
help: give these trusts fewer alternatives in `when`, or split their subject or their object
";
    assert_eq!(text, expected);
    assert!(took < Duration::from_secs(10), "{took:?}");
}
