//! A document that is altered, and what is said of it: what never finds anything proves nothing.

use shelf::oracle;

use super::listed::Listed;
use crate::emitted;

const MINIMAL: &str = "examples/minimal";
const COMPANY: &str = "examples/company";
const IDENTITY: &str = "aws/main/iam/scribe.identity.json";
const TRUST: &str = "aws/main/iam/scribe.trust.json";
const KEY: &str = "aws/main/resources/notes-key.policy.json";
const BUCKET: &str = "aws/main/resources/notes.policy.json";
const MODULE: &str = "aws/main/terraform/eu-central-1/writers-roles/policies.tf.json";
const ENDPOINTS: &str = "aws/main/terraform/eu-west-2/cloud/endpoints.tf.json";

/// The project, the file, what is replaced by what, and words of a fault that has to follow.
const EDITS: [[&str; 5]; 12] = [
    [MINIMAL, IDENTITY, "s3:PutObject", "s3:*", "(another action) "],
    [
        MINIMAL,
        IDENTITY,
        "notes-111122223333/in/*",
        "*",
        "(a condition or a name) ",
    ],
    [MINIMAL, IDENTITY, "s3:PutObject", "s3:GetObject", "s3:PutObject"],
    [
        MINIMAL,
        IDENTITY,
        "Allow",
        "Deny",
        "is declared, and is ExplicitlyDenied",
    ],
    [
        MINIMAL,
        TRUST,
        "lambda.amazonaws.com",
        "ec2.amazonaws.com",
        "lambda.amazonaws.com sts:AssumeRole",
    ],
    [
        MINIMAL,
        TRUST,
        "\"Service\": \"lambda.amazonaws.com\"",
        "\"AWS\": \"*\"",
        "(somebody else) ",
    ],
    [MINIMAL, KEY, "kms:GenerateDataKey", "kms:*", "(another action) "],
    [
        MINIMAL,
        KEY,
        "\"s3.eu-central-1.amazonaws.com\"",
        "[\"s3.eu-central-1.amazonaws.com\", \"other\"]",
        "(a condition or a name) ",
    ],
    [MINIMAL, BUCKET, "\"false\"", "\"never\"", "(without TLS) "],
    [MINIMAL, MODULE, "s3:PutObject", "s3:*", "(another action) "],
    [
        COMPANY,
        ENDPOINTS,
        "sqs:SendMessage",
        "sqs:*",
        "(beside, through an endpoint) ",
    ],
    [
        COMPANY,
        ENDPOINTS,
        "sqs:SendMessage",
        "sqs:ListQueues",
        "sqs:SendMessage",
    ],
];

#[test]
fn a_wider_and_a_narrower_document_are_found_out() {
    if !oracle::is_asked("the evaluator of altered IAM documents") {
        return;
    }
    let projects = emitted::of_areas(&[("examples", true)]);
    let said = |[project, path, from, to, _]: [&str; 5]| {
        let emitted = projects.iter().find(|one| one.name == project).unwrap();
        let mut files = emitted.files.clone();
        let text = String::from_utf8(files.remove(path).unwrap()).unwrap();
        assert!(text.contains(from), "{path}: {text}");
        files.insert(path.to_owned(), text.replace(from, to).into_bytes());
        // Files of documents and modules say the same: each is altered by itself.
        files.retain(|other, _| other.contains("/terraform/") == path.contains("/terraform/"));
        let groups = super::groups("altered", &emitted.analysis.model, &files, &mut Listed::read());
        let (faults, _) = super::faults(&groups);
        faults.join("\n")
    };
    for path in [IDENTITY, MODULE] {
        assert_eq!(said([MINIMAL, path, "s3:PutObject", "s3:PutObject", ""]), "");
    }
    for edit in EDITS {
        let said = said(edit);
        assert!(said.contains(edit[4]), "{edit:?}: {said}");
    }
}
