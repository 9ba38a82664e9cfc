//! Whatever bytes stand in files, reading ends without a panic, and the same bytes give the same facts.

#![expect(clippy::unwrap_used, reason = "a test")]

use bundle::{Bundle, File, target};
use diagnostics::Report;
use proptest::prelude::*;
use read::dump::{self, Show};

const PATHS: [(&str, &str); 4] = [
    (target::AWS_IAM, "aws/plant/iam/role.identity.json"),
    (target::AWS_IAM, "aws/plant/iam/role.trust.json"),
    (target::AWS_IAM, "aws/plant/resources/raw.policy.json"),
    (
        target::TERRAFORM,
        "aws/plant/terraform/eu-central-1/main/all.tf.json",
    ),
];

fn facts(contents: &[Vec<u8>]) -> String {
    let mut bundle = Bundle::default();
    for ((target, path), bytes) in PATHS.into_iter().zip(contents) {
        bundle
            .add(
                path,
                File {
                    bytes: bytes.clone(),
                    target,
                    executable: false,
                    because: Vec::new(),
                },
            )
            .unwrap();
    }
    let mut report = Report::default();
    let facts = read::read(&bundle, &mut report);
    assert!(!report.has_errors());
    facts.iter().map(|facts| dump::text(facts, Show::All)).collect()
}

/// Words that lead deep into the readers.
const WORDS: [&str; 40] = [
    "Version",
    "2012-10-17",
    "Statement",
    "Effect",
    "Allow",
    "Deny",
    "Action",
    "s3:GetObject",
    "Resource",
    "*",
    "arn:aws:s3:::b/*",
    "Principal",
    "AWS",
    "Condition",
    "StringEquals",
    "IpAddress",
    "aws:SourceIp",
    "10.0.0.0/8",
    "${aws:PrincipalTag/a}",
    "resource",
    "data",
    "provider",
    "aws",
    "region",
    "eu-central-1",
    "allowed_account_ids",
    "111122223333",
    "aws_vpc",
    "aws_security_group",
    "aws_kms_key",
    "a",
    "b",
    "cidr_block",
    "10.0.0.0/16",
    "vpc_id",
    "${aws_vpc.a.id}",
    "${aws_vpc.a.cidr_block}",
    "name",
    "lifecycle",
    "prevent_destroy",
];

fn json() -> impl Strategy<Value = serde_json::Value> {
    let word = || prop::sample::select(WORDS.to_vec());
    let leaf = prop_oneof![
        word().prop_map(|word| serde_json::Value::String(word.to_owned())),
        any::<bool>().prop_map(serde_json::Value::Bool),
        any::<i32>().prop_map(|number| serde_json::Value::Number(number.into())),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            prop::collection::vec((word(), inner), 0..6).prop_map(|members| {
                serde_json::Value::Object(
                    members
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_without_panic(contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 4)) {
        let text = facts(&contents);
        prop_assert!(text.contains("unread"));
    }

    #[test]
    fn arbitrary_values_are_read_without_panic(values in prop::collection::vec(json(), 4)) {
        let contents: Vec<Vec<u8>> = values.iter().map(|value| serde_json::to_vec(value).unwrap()).collect();
        prop_assert_eq!(facts(&contents), facts(&contents));
    }
}
