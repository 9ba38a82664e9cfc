//! What lowering refuses, each with its words; and what it splits.
#![expect(clippy::disallowed_methods, reason = "a test reads and blesses its files")]

use crate::spec::{Files, Spec, golden, tree};

const HEAD: &str = "project p edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" } }\n";

/// `golden/aws/CASE/main.kdl` says `report.txt`, which is empty for what is accepted.
#[test]
fn golden_refusals() {
    let mut wrong = Vec::new();
    let mut cases: Vec<_> = std::fs::read_dir(golden("aws"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let mut inputs = tree(&case);
        let expected = inputs.remove("report.txt").unwrap_or_default();
        let spec = Spec::of(&inputs);
        let report = spec.with(aws::lower).err().unwrap_or_default();
        if std::env::var("BLESS").is_ok_and(|bless| bless == "1") {
            std::fs::write(case.join("report.txt"), &report).unwrap();
        } else if report.as_bytes() != expected {
            wrong.push(format!("{}\n{report}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sensors(topics: usize) -> Spec {
    let mut text = String::from(HEAD);
    text.push_str("site plant cidr=\"10.10.0.0/16\" { segment floor cidr=\"10.10.1.0/24\"; leaves-by \"203.0.113.0/24\" }\n");
    text.push_str("authority ca\ndevice sensor segment=floor { hardware embedded; identity x509 ca=ca key=file; fleet name=s-1; speaks mqtt 8883 }\n");
    for topic in 0..topics {
        text.push_str(&format!(
            "topic t{topic} of=sensor {{ path \"data/plant-one/{{name}}/measurement-{topic:04}\" }}\n"
        ));
        text.push_str(&format!(
            "trust sensor -> t{topic} {{ allow publish; because \"Measures\" }}\n"
        ));
    }
    Spec::text(&text)
}

#[test]
fn an_iot_policy_is_split_under_its_quota_and_loses_nothing() {
    let lowered = sensors(40).with(aws::lower).unwrap();
    let [class] = lowered.classes.as_slice() else {
        panic!("one class")
    };
    assert!(
        class.policies.len() > 1 && class.policies.len() <= 10,
        "{}",
        class.policies.len()
    );
    let published: usize = class
        .policies
        .iter()
        .flat_map(|document| &document.statements)
        .filter(|statement| statement.actions == ["iot:Publish"])
        .map(|statement| statement.resources.len())
        .sum();
    assert_eq!(published, 40);
}

#[test]
fn more_iot_policies_than_a_certificate_takes_are_refused() {
    let report = sensors(400).with(aws::lower).unwrap_err();
    assert!(report.contains("policy-too-long"), "{report}");
}

#[test]
fn lowering_does_not_depend_on_the_order_of_declarations() {
    let lines = [
        "use \"std/baseline/zero-trust\"",
        "key k",
        "bucket b { physical \"p-b-111122223333\"; encrypted key=k }",
        "workload v runs-on=lambda",
        "workload w runs-on=ecs",
        "trust v w -> b { allow read; because \"They read\" }",
        "trust w -> b { allow write; under \"w/\"; because \"It writes\" }",
    ];
    let emitted = |lines: &[&str]| {
        let bundle = Spec::text(&format!("{HEAD}{}\n", lines.join("\n")))
            .emit(&["aws-iam"])
            .unwrap();
        bundle
            .iter()
            .map(|(path, file)| (path.to_owned(), file.bytes.clone()))
            .collect::<Files>()
    };
    let mut reversed = lines;
    reversed.reverse();
    assert_eq!(emitted(&lines), emitted(&reversed));
}
