//! Modules with a fault that is to be seen, and by which words: what finds nothing here would find nothing anywhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::project::{Project, Step};

const ROLE: &str = "arn:aws:iam::111122223333:role/ops/deploy";

/// The fault that takes long to see: the provider tries the delete again for a minute and a half.
pub(super) const SLOW: &str = "a group that goes before the rule that names it";

/// A module as Terraform has it, in the folder of its name.
fn step(folder: &str, body: Value) -> Step {
    let versions = json!({
        "terraform": { "required_providers": { "aws": { "source": "hashicorp/aws", "version": "~> 6.25.0" } } },
        "provider": { "aws": { "region": "eu-central-1", "allowed_account_ids": ["111122223333"] } },
    });
    Step {
        folder: folder.to_owned(),
        files: BTreeMap::from([
            ("main.tf.json".to_owned(), body),
            ("versions.tf.json".to_owned(), versions),
        ]),
    }
}

/// The policy of a key: whoever applies may do all, and the service of logs what is said.
fn policy(logs: &[&str]) -> String {
    let mut statements =
        vec![json!({ "Effect": "Allow", "Principal": { "AWS": ROLE }, "Action": "kms:*", "Resource": "*" })];
    if !logs.is_empty() {
        statements.push(json!({
            "Effect": "Allow", "Principal": { "Service": "logs.eu-central-1.amazonaws.com" },
            "Action": logs, "Resource": "*",
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// Each fault with its steps, and a part of what must be said of the last one. The steps before it have none.
pub(super) fn all() -> Vec<(Project, &'static str)> {
    let log_group = json!({ "x": { "name": "x", "kms_key_id": "${aws_kms_key.k.arn}" } });
    let needed = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"];
    let group = |name: &str| json!({ "name": name, "description": name, "vpc_id": "vpc-01", "timeouts": { "delete": "5s" } });
    let rule = |from: &str| {
        json!({ "x": { "security_group_id": "${aws_security_group.to.id}", "referenced_security_group_id": from,
            "ip_protocol": "tcp", "from_port": 443, "to_port": 443 } })
    };
    let inline = json!({ "cidr_blocks": ["10.0.0.0/8"], "from_port": 22, "to_port": 22, "protocol": "tcp",
        "description": "", "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false });
    let planted = [
        // A policy beside the key and not in it comes when the group is made already.
        (
            "a key's policy that comes too late",
            vec![step(
                "late",
                json!({ "resource": {
                    "aws_kms_key": { "k": {} },
                    "aws_kms_key_policy": { "k": { "key_id": "${aws_kms_key.k.id}", "policy": policy(&needed) } },
                    "aws_cloudwatch_log_group": log_group,
                } }),
            )],
            "is not allowed to be used with LogGroup",
        ),
        (
            "a key's policy that lacks an action",
            vec![
                step(
                    "first",
                    json!({ "resource": { "aws_kms_key": { "k": { "policy": policy(&needed) } },
                        "aws_cloudwatch_log_group": log_group } }),
                ),
                step(
                    "second",
                    json!({ "resource": { "aws_kms_key": { "k": { "policy": policy(&needed[..2]) } },
                        "aws_cloudwatch_log_group": { "x": { "name": "y", "kms_key_id": "${aws_kms_key.k.arn}" } } } }),
                ),
            ],
            "is not allowed to be used with LogGroup",
        ),
        (
            SLOW,
            vec![
                step(
                    "groups",
                    json!({ "resource": {
                        "aws_security_group": { "from": group("from"), "to": group("to") },
                        "aws_vpc_security_group_ingress_rule": rule("${aws_security_group.from.id}"),
                    } }),
                ),
                step(
                    "groups",
                    json!({
                        "data": { "aws_security_group": { "from": { "name": "from", "vpc_id": "vpc-01" } } },
                        "resource": {
                            "aws_security_group": { "to": group("to") },
                            "aws_vpc_security_group_ingress_rule": rule("${data.aws_security_group.from.id}"),
                        },
                    }),
                ),
            ],
            "DependencyViolation",
        ),
        (
            "a balancer that is protected",
            vec![
                step(
                    "web",
                    json!({ "resource": {
                        "aws_security_group": { "web": { "name": "web", "description": "web", "vpc_id": "vpc-01" } },
                        "aws_lb": { "web": { "name": "web", "internal": true, "enable_deletion_protection": true,
                            "subnets": ["subnet-01", "subnet-02"], "security_groups": ["${aws_security_group.web.id}"] } },
                    } }),
                ),
                step(
                    "web",
                    json!({ "resource": {
                        "aws_security_group": { "web": { "name": "web", "description": "web", "vpc_id": "vpc-01" } },
                    } }),
                ),
            ],
            "OperationNotPermitted",
        ),
        // Rules in a group and beside it are taken from each other.
        (
            "a second plan that is not empty",
            vec![step(
                "twice",
                json!({ "resource": {
                    "aws_security_group": { "to": { "name": "to", "description": "to", "vpc_id": "vpc-01", "ingress": [inline] } },
                    "aws_vpc_security_group_ingress_rule": { "x": { "security_group_id": "${aws_security_group.to.id}",
                        "cidr_ipv4": "192.0.2.0/24", "ip_protocol": "tcp", "from_port": 443, "to_port": 443 } },
                } }),
            )],
            "aws_security_group.to: update of ingress",
        ),
    ];
    planted
        .into_iter()
        .map(|(name, steps, words)| {
            let project = Project {
                name: name.to_owned(),
                steps,
                requests: Vec::new(),
            };
            (project, words)
        })
        .collect()
}
