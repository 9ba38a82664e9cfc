//! Promises are asked of accesses that were rebuilt from the emitted files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says where")]

mod edited;

use std::collections::BTreeSet;

use bundle::{Bundle, File};
use diagnostics::Report;
use edited::Edit;
use graph::TrustGraph;
use prove::rebuilt::{Rebuilt, rebuild};
use prove::verified::Clause;
use prove::witness::Sort;
use testkit::label::Files;
use testkit::mutate::specimen::{self, Specimen, Texts};

fn rebuilt(specimen: &Specimen<'_>, files: &Files) -> Rebuilt {
    let mut bundle = Bundle::default();
    for (path, (target, bytes)) in files {
        bundle.set(
            path,
            Some(File {
                bytes: bytes.clone(),
                target,
                executable: false,
                because: Vec::new(),
            }),
        );
    }
    rebuild(specimen.checked, &read::read(&bundle, &mut Report::default()))
}

/// Accesses without their reasons, spelt out.
fn accesses(graph: &TrustGraph) -> BTreeSet<String> {
    let spelt = graph.accesses.iter().map(|access| {
        let within = graph.shown(graph.patterns.get(access.within).unwrap());
        let when = graph.regions.get(access.when).unwrap();
        let (principal, resource) = (access.principal, access.resource);
        format!(
            "{principal:?} {} {resource:?} {within} {when}",
            graph.words.text(access.action)
        )
    });
    spelt.collect()
}

#[test]
fn what_is_rebuilt_from_proved_files_is_the_graph() {
    for project in ["balancer", "ci", "devices", "network", "stores", "two-owners"] {
        edited::with(
            &format!("terraform/{project}"),
            bundle::target::TERRAFORM,
            |specimen| {
                let rebuilt = rebuilt(specimen, &specimen.files);
                assert!(
                    rebuilt.refusals.is_empty(),
                    "{project}: {}",
                    edited::said(&rebuilt.refusals)
                );
                assert_eq!(
                    accesses(&rebuilt.graph),
                    accesses(specimen.checked.graph()),
                    "{project}"
                );
                assert!(
                    rebuilt.read > 0 || accesses(&rebuilt.graph).is_empty(),
                    "{project}"
                );
            },
        );
    }
}

#[test]
fn what_no_access_covers_has_no_name_and_what_is_lost_is_missed() {
    let path = "technicians.identity.json";
    edited::with("aws-iam/people", bundle::target::AWS_IAM, |specimen| {
        for (from, to, sort) in [
            ("s3:GetObject\"", "s3:DeleteObject\"", Sort::Exceeds),
            ("s3:GetObject\"", "s3:DeleteObject\"", Sort::NotDecided),
            ("/${aws:PrincipalTag/line}/*", "/*", Sort::Exceeds),
            ("203.0.113.0/24", "203.0.0.0/16", Sort::Exceeds),
        ] {
            let files = edited::files(specimen, Edit { path, from, to });
            let rebuilt = rebuilt(specimen, &files);
            assert!(
                rebuilt.refusals.iter().any(|refusal| refusal.sort == sort),
                "{from} -> {to}: {}",
                edited::said(&rebuilt.refusals)
            );
        }
    });
}

#[test]
fn flows_are_read_rule_by_rule() {
    edited::with("terraform/network", bundle::target::TERRAFORM, |specimen| {
        let own = rebuilt(specimen, &specimen.files);
        assert_eq!(own.flows, specimen.checked.graph().flows.len() as u64);
        let path = "cloud/rules.tf.json";
        for (from, to, sort) in [
            ("\"to_port\": 8090", "\"to_port\": 8091", Sort::Exceeds),
            ("\"from_port\": 8080", "\"from_port\": 8081", Sort::NotDecided),
            ("198.51.100.16/28", "198.51.100.0/24", Sort::Exceeds),
            ("198.51.100.16/28", "198.51.100.16/29", Sort::NotDecided),
            (
                "\"cidr_ipv4\": \"0.0.0.0/0\"",
                "\"cidr_ipv4\": \"0.0.0.0/1\"",
                Sort::NotDecided,
            ),
            (
                "\"ip_protocol\": \"tcp\"",
                "\"ip_protocol\": \"udp\"",
                Sort::Exceeds,
            ),
        ] {
            let files = edited::files(specimen, Edit { path, from, to });
            let rebuilt = rebuilt(specimen, &files);
            assert!(
                rebuilt.refusals.iter().any(|refusal| refusal.sort == sort),
                "{from} -> {to}: {}",
                edited::said(&rebuilt.refusals)
            );
        }
    });
}

const PROJECT: &str = "project p edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" } }
bucket a { physical \"p-a-111122223333\" }
bucket b { physical \"p-b-111122223333\" }
workload w runs-on=lambda
workload v runs-on=lambda
trust w -> a { allow read; because \"Its own\" }
trust v -> b { allow read; because \"Its own\" }
";

fn texts(more: &str) -> Texts {
    Texts::from([(
        "leastwise.kdl".to_owned(),
        format!("{PROJECT}{more}").into_bytes(),
    )])
}

fn clause(clauses: &[Clause]) -> &Clause {
    clauses.iter().find(|clause| clause.number == 7).unwrap()
}

#[test]
fn promises_are_asked_of_what_was_read() {
    let read = "accesses read, of which promises are asked";
    let target = bundle::target::AWS_IAM;
    let count = |more: &str| {
        specimen::with("promised", &texts(more), None, target, |specimen| {
            let statement = specimen.judge(&specimen.files).unwrap();
            clause(&statement.clauses).counts.get(read).copied()
        })
        .unwrap()
    };
    assert!(count("never w -> b { because \"Not its own\" }\n").unwrap() > 0);
    // Nothing is rebuilt where nothing is promised.
    assert_eq!(count(""), None);

    // A promise that the files break is broken, whatever the graph says.
    let wider = "trust w -> b { allow read; because \"More\" }\n";
    let files = specimen::with("wider", &texts(wider), None, target, |specimen| {
        specimen.files.clone()
    })
    .unwrap();
    specimen::with(
        "promised",
        &texts("never w -> b { because \"Not its own\" }\n"),
        None,
        target,
        |specimen| {
            let rebuilt = rebuilt(specimen, &files);
            let said = edited::said(&rebuilt.refusals);
            assert!(said.contains("p-b-111122223333"), "{said}");
        },
    )
    .unwrap();
}
