//! Every way to a witness ends in one that was replayed: what the replay does not confirm is refused as not decided, and
//! no such refusal is among these.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use bundle::{Bundle, File};
use diagnostics::Report;
use prove::Judged;
use prove::witness::{Refusal, Sort, Witness};
use read::facts::Facts;
use testkit::golden;
use testkit::mutate::specimen;

use crate::edited::{self, Edit};

/// One change of emitted bytes, and whose witness it must bring.
struct Change {
    path: &'static str,
    from: &'static str,
    to: &'static str,
    sort: Sort,
    /// What the guard of the witness starts with.
    guard: &'static str,
    /// A part of the witness as people see it.
    shown: &'static str,
}

fn guard(witness: &Witness) -> &str {
    match witness {
        Witness::Request { guard, .. } | Witness::Packet { guard, .. } => guard,
    }
}

fn hold(project: &str, target: &'static str, changes: &[Change]) {
    edited::with(project, target, |specimen| {
        for change in changes {
            let edit = Edit {
                path: change.path,
                from: change.from,
                to: change.to,
            };
            let refusals = edited::judged(specimen, edit);
            let said = edited::said(&refusals);
            assert!(
                !refusals.iter().any(|refusal| refusal.sort == Sort::NotDecided),
                "{edit:?}: {said}"
            );
            let is_shown = refusals.iter().any(|refusal| {
                refusal.sort == change.sort
                    && refusal.witness.as_ref().is_some_and(|witness| {
                        guard(witness).starts_with(change.guard) && witness.to_string().contains(change.shown)
                    })
            });
            assert!(is_shown, "{edit:?}: {said}");
        }
    });
}

#[test]
fn requests_of_identity_and_resource_policies_are_replayed() {
    hold(
        "aws-iam/people",
        bundle::target::AWS_IAM,
        &[
            Change {
                path: "technicians.identity.json",
                from: "s3:GetObject",
                to: "s3:PutObject",
                sort: Sort::FallsShort,
                guard: "the identity policies of",
                shown: "asks s3:GetObject",
            },
            Change {
                path: "technicians.identity.json",
                from: "s3:GetObject",
                to: "s3:*Object",
                sort: Sort::Exceeds,
                guard: "the identity policies of",
                shown: "asks s3:",
            },
            Change {
                path: "technicians.trust.json",
                from: "sts:AssumeRoleWithSAML",
                to: "sts:AssumeRole",
                sort: Sort::FallsShort,
                guard: "the trust policy of",
                shown: "asks sts:AssumeRoleWithSAML",
            },
        ],
    );
    hold(
        "aws-iam/two-accounts",
        bundle::target::AWS_IAM,
        &[
            // What the policy itself denies is no witness: the bucket's name is a beginning of others.
            Change {
                path: "resources/ledger.policy.json",
                from: "\"arn:aws:s3:::p-ledger-444455556666\"",
                to: "\"arn:aws:s3:::p-ledger-444455556666*\"",
                sort: Sort::Exceeds,
                guard: "the resource policy of",
                shown: "p-ledger-444455556666",
            },
            Change {
                path: "resources/ledger.policy.json",
                from: "\"s3:*\"",
                to: "\"s3:Get*\"",
                sort: Sort::Exceeds,
                guard: "the resource policy of",
                shown: "aws:SecureTransport",
            },
            // What another document grants is lost here.
            Change {
                path: "resources/ledger.policy.json",
                from: "\"aws:SecureTransport\": \"false\"",
                to: "\"aws:SecureTransport\": [\"false\", \"true\"]",
                sort: Sort::FallsShort,
                guard: "the resource policy of",
                shown: "asks s3:",
            },
        ],
    );
}

#[test]
fn requests_of_endpoint_policies_are_replayed() {
    let path = "cloud/endpoints.tf.json";
    let exceeds = |from, to, shown| Change {
        path,
        from,
        to,
        sort: Sort::Exceeds,
        guard: "vpce:",
        shown,
    };
    hold(
        "terraform/network",
        bundle::target::TERRAFORM,
        &[
            exceeds("111122223333/in/*", "111122223333/i*", "asks s3:putobject"),
            // The stem is needed; what else the wildcard covers is not.
            exceeds(
                "\\\"Action\\\":\\\"s3:PutObject\\\"",
                "\\\"Action\\\":\\\"s3:PutObject*\\\"",
                "anybody asks s3:putobject",
            ),
            exceeds(
                "\\\"Action\\\":\\\"s3:PutObject\\\"",
                "\\\"Action\\\":\\\"s3:*\\\"",
                "anybody asks s3:",
            ),
        ],
    );
    hold(
        "terraform/network",
        bundle::target::TERRAFORM,
        &[Change {
            sort: Sort::FallsShort,
            ..exceeds("111122223333/in/*", "111122223333/in/a", "/in/")
        }],
    );
}

#[test]
fn packets_of_groups_acls_and_routes_are_replayed() {
    hold(
        "terraform/network",
        bundle::target::TERRAFORM,
        &[
            Change {
                path: "cloud/rules.tf.json",
                from: "\"to_port\": 8090",
                to: "\"to_port\": 8091",
                sort: Sort::Exceeds,
                guard: "sg:",
                shown: "port 8091",
            },
            Change {
                path: "cloud/rules.tf.json",
                from: "198.51.100.16/28",
                to: "198.51.100.16/29",
                sort: Sort::FallsShort,
                guard: "sg:",
                shown: "198.51.100.24",
            },
            Change {
                path: "cloud/acls.tf.json",
                from: "\"from_port\": 1024",
                to: "\"from_port\": 1023",
                sort: Sort::Exceeds,
                guard: "acl of",
                shown: "port 1023",
            },
            Change {
                path: "cloud/acls.tf.json",
                from: "\"rule_action\": \"allow\"",
                to: "\"rule_action\": \"deny\"",
                sort: Sort::FallsShort,
                guard: "acl of",
                shown: "protocol 6",
            },
            Change {
                path: "cloud/acls.tf.json",
                from: "\"data_b\": {\n        \"network_acl_id\": \"${aws_network_acl.data.id}\",\n        \"subnet_id\": \"${aws_subnet.data_b.id}\"",
                to: "\"data_b\": {\n        \"network_acl_id\": \"${aws_network_acl.data.id}\",\n        \"subnet_id\": \"subnet-0a1b2c3d4e5f60718\"",
                sort: Sort::Exceeds,
                guard: "subnet:",
                shown: "from 0.0.0.0",
            },
            Change {
                path: "cloud/routes.tf.json",
                from: "198.51.100.16/28",
                to: "198.51.100.0/24",
                sort: Sort::Exceeds,
                guard: "routes of",
                shown: "to 198.51.100.0",
            },
            Change {
                path: "cloud/routes.tf.json",
                from: "\"10.10.0.0/16\"",
                to: "\"10.10.0.0/17\"",
                sort: Sort::FallsShort,
                guard: "routes of",
                shown: "to 10.10.128.0",
            },
        ],
    );
}

#[test]
fn packets_of_interfaces_are_replayed() {
    hold(
        "terraform/balancer",
        bundle::target::TERRAFORM,
        &[
            Change {
                path: "shop/balancers.tf.json",
                from: "\"internal\": false",
                to: "\"internal\": true",
                sort: Sort::FallsShort,
                guard: "lb:",
                shown: "from 0.0.0.0",
            },
            Change {
                path: "shop/balancers.tf.json",
                from: "${data.aws_security_group.front.id}",
                to: "${data.aws_security_group.orders.id}",
                sort: Sort::Exceeds,
                guard: "lb:",
                shown: "port 5432",
            },
            Change {
                path: "shop/balancers.tf.json",
                from: "${data.aws_security_group.front.id}",
                to: "${data.aws_security_group.orders.id}",
                sort: Sort::FallsShort,
                guard: "lb:",
                shown: "port 80",
            },
        ],
    );
    hold(
        "terraform/network",
        bundle::target::TERRAFORM,
        &[Change {
            path: "cloud/endpoints.tf.json",
            from: "${aws_security_group.endpoint-s3.id}",
            to: "${aws_security_group.front.id}",
            sort: Sort::Exceeds,
            guard: "vpce:",
            shown: "port 8080",
        }],
    );
}

/// The facts of a project's files, and what is said to them once they are changed.
fn changed_as_read(project: &str, target: &'static str, change: impl Fn(&mut Facts)) -> Vec<Refusal> {
    let folder = golden::root().join("golden/targets").join(project);
    specimen::with(project, &specimen::load(&folder), None, target, |specimen| {
        let mut bundle = Bundle::default();
        for (path, (target, bytes)) in &specimen.files {
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
        let mut facts = read::read(&bundle, &mut Report::default());
        facts.iter_mut().for_each(change);
        let judged = Judged {
            targets: &[target],
            limits: catalogue::limits::Limits::embedded(),
            sides: &specimen.sides,
        };
        prove::judge(specimen.checked, &facts, &judged).unwrap_err()
    })
    .unwrap()
}

#[test]
fn a_group_without_rules_is_still_somebody() {
    let refusals = changed_as_read("terraform/network", bundle::target::TERRAFORM, |facts| {
        let network = &mut facts.network;
        let web = network
            .groups
            .iter_mut()
            .find(|group| group.address.ends_with("/web"))
            .unwrap();
        web.rules.clear();
        network
            .endpoints
            .iter_mut()
            .next()
            .unwrap()
            .groups
            .push(web.address.clone());
    });
    let witness = refusals
        .iter()
        .filter(|refusal| refusal.message.contains("a group that is not its own"))
        .find_map(|refusal| refusal.witness.as_ref())
        .unwrap();
    let Witness::Packet { guard, from, .. } = witness else {
        panic!("{witness}");
    };
    assert!(guard.starts_with("sg:") && from.starts_with("vpce:"), "{witness}");
}

#[test]
fn packets_of_hosts_are_replayed() {
    // Digests hold the bytes of a bundle together: the firewall is changed as it was read.
    for (first, sort) in [(4841, Sort::FallsShort), (4839, Sort::Exceeds)] {
        let target = bundle::target::DEVICE_BUNDLES;
        let refusals = changed_as_read("device-bundles/gateway", target, |facts| {
            let mut accepts = facts.hosts.iter_mut().flat_map(|host| &mut host.accepts);
            let accept = accepts.find(|accept| accept.ports.first == 4840).unwrap();
            accept.ports.first = first;
            accept.ports.last = accept.ports.last.max(first);
        });
        let refusal = refusals.iter().find(|refusal| refusal.sort == sort).unwrap();
        let shown = refusal.witness.as_ref().unwrap();
        assert!(guard(shown).starts_with("host firewall of"), "{shown}");
    }
}
