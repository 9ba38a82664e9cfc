//! IAM documents: byte for byte what is expected, proved from their bytes, and refused if a byte that means something moves.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test reads its files and fails where they are not as it says"
)]

use crate::spec::{Files, Spec, compare, golden, tree};
use bundle::{Bundle, File};

const TARGET: &str = bundle::target::AWS_IAM;

/// Each case is a project; `expect/` holds the files, `report.txt` why it was refused.
#[test]
fn golden_cases() {
    let mut wrong = Vec::new();
    let mut cases: Vec<_> = std::fs::read_dir(golden("targets/aws-iam"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let mut inputs = tree(&case);
        inputs.retain(|path, _| !path.starts_with("expect/") && path != "report.txt");
        let spec = Spec::of(&inputs);
        let (files, report) = match spec.emit(&[TARGET]) {
            Ok(bundle) => {
                let refused = spec.judge(&bundle);
                if !refused.is_empty() {
                    wrong.push(format!("{}: not proved\n{}", case.display(), refused.join("\n")));
                }
                (
                    bundle
                        .iter()
                        .map(|(path, file)| (path.to_owned(), file.bytes.clone()))
                        .collect(),
                    String::new(),
                )
            }
            Err(report) => (Files::new(), report),
        };
        wrong.extend(
            compare(&case.join("expect"), &files)
                .iter()
                .map(|text| format!("{}/{text}", case.display())),
        );
        let said = Files::from([("report.txt".to_owned(), report.into_bytes())]);
        let only = tree(&case)
            .into_iter()
            .filter(|(path, _)| path == "report.txt")
            .collect::<Files>();
        if only != said {
            if std::env::var("BLESS").is_ok_and(|bless| bless == "1") {
                std::fs::write(case.join("report.txt"), &said["report.txt"]).unwrap();
            } else {
                wrong.push(format!(
                    "{}: report\n{}",
                    case.display(),
                    String::from_utf8_lossy(&said["report.txt"])
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn replaced(bundle: &Bundle, from: &str, to: &str) -> Bundle {
    let mut mutant = bundle.clone();
    let mut hits = 0;
    for (path, file) in bundle.iter() {
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        if text.contains(from) {
            hits += 1;
            mutant.set(
                path,
                Some(File {
                    bytes: text.replace(from, to).into_bytes(),
                    ..file.clone()
                }),
            );
        }
    }
    assert!(hits > 0, "`{from}` stands nowhere");
    mutant
}

#[test]
fn what_means_something_else_is_refused_and_what_means_the_same_is_not() {
    let example = tree(&golden("targets/aws-iam/notes"));
    let spec = Spec::of(
        &example
            .into_iter()
            .filter(|(path, _)| path.ends_with(".kdl"))
            .collect(),
    );
    let bundle = spec.emit(&[TARGET]).unwrap();
    assert_eq!(spec.judge(&bundle), Vec::<String>::new());
    for (from, to) in [
        ("notes-111122223333/in/*", "notes-111122223333/*"),
        ("notes-111122223333/in/*", "notes-111122223333/in/a*"),
        ("s3:PutObject", "s3:GetObject"),
        ("\"Deny\"", "\"Allow\""),
        ("lambda.amazonaws.com", "ec2.amazonaws.com"),
        ("role/ops/deploy", "role/ops/other"),
        ("s3.eu-central-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"),
        ("kms:GenerateDataKey", "kms:Decrypt"),
        ("\"false\"", "\"true\""),
        ("role/scribe", "role/stranger"),
        ("kms:ScheduleKeyDeletion", "kms:ReEncryptTo"),
    ] {
        assert_ne!(
            spec.judge(&replaced(&bundle, from, to)),
            Vec::<String>::new(),
            "{from} → {to}"
        );
    }
    for (path, _) in bundle.iter() {
        let mut mutant = bundle.clone();
        mutant.set(path, None);
        assert_ne!(spec.judge(&mutant), Vec::<String>::new(), "without {path}");
    }
    for (from, to) in [
        ("\"S3PutObject\"", "\"Other\""),
        ("  ", "    "),
        ("s3:PutObject", "S3:putobject"),
    ] {
        assert_eq!(
            spec.judge(&replaced(&bundle, from, to)),
            Vec::<String>::new(),
            "{from} → {to}"
        );
    }
}

#[test]
fn a_spec_with_another_trust_does_not_prove_these_files() {
    let text = |under: &str, allow: &str| {
        format!(
            "project p edition=\"2026\" {{ account main id=\"111122223333\" region=eu-central-1 {{ steward \"role/ops/deploy\" }} }}\n\
             use \"std/baseline/zero-trust\"\n\
             bucket b {{ physical \"p-b-111122223333\" }}\n\
             workload w runs-on=lambda\n\
             trust w -> b {{ allow {allow}; under \"{under}\"; because \"It does\" }}\n"
        )
    };
    let specs: Vec<Spec> = [
        ("a/", "write"),
        ("b/", "write"),
        ("a/", "read"),
        ("a/", "write delete"),
    ]
    .iter()
    .map(|(under, allow)| Spec::text(&text(under, allow)))
    .collect();
    for (i, spec) in specs.iter().enumerate() {
        for (j, other) in specs.iter().enumerate() {
            let proved = spec.judge(&other.emit(&[TARGET]).unwrap()).is_empty();
            assert_eq!(proved, i == j, "spec {i} with the files of {j}");
        }
    }
}
