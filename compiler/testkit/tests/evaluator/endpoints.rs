//! Requests through an endpoint of a network: what its workloads have passes, and nothing that nobody has, whoever asks.

use std::collections::BTreeMap;

use model::Model;
use model::place::Within;
use model::thing::Detail;
use serde_json::{Value, json};
use testkit::enumerate::request::{Concrete, Request, Who};

use super::asked::{Asked, Group};
use super::neighbours;
use super::stage::{Caller, Stage, statement};

/// An endpoint that has a policy.
struct Endpoint {
    /// The declared names of the account and the network.
    account: String,
    network: String,
    /// `s3`, `timestream.ingest-cell1`.
    service: String,
    policy: String,
}

/// By which endpoint requests of a service go; an action of its own comes first.
const BY: [(&str, &str); 11] = [
    ("timestream:Select", "timestream.query"),
    ("timestream:DescribeEndpoints", "timestream."),
    ("timestream:", "timestream.ingest"),
    ("s3:", "s3"),
    ("sqs:", "sqs"),
    ("kinesis:", "kinesis-streams"),
    ("dynamodb:", "dynamodb"),
    ("secretsmanager:", "secretsmanager"),
    ("logs:", "logs"),
    ("ssm:", "ssm"),
    ("lambda:", "lambda"),
];

fn endpoints(files: &BTreeMap<String, Vec<u8>>) -> Vec<Endpoint> {
    let mut out = Vec::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".tf.json")) {
        let value: Value = serde_json::from_slice(bytes).unwrap();
        let account = path.split('/').nth(1).unwrap_or_default();
        let found = value["resource"]["aws_vpc_endpoint"].as_object();
        for said in found.into_iter().flat_map(|found| found.values()) {
            let text = |name: &str| said[name].as_str().unwrap_or_default();
            let network = text("vpc_id").rsplit("aws_vpc.").next().unwrap_or_default();
            // `com.amazonaws.REGION.SERVICE`
            let service = text("service_name").splitn(4, '.').nth(3).unwrap_or_default();
            if let Some(policy) = said["policy"].as_str().filter(|policy| !policy.contains("${aws")) {
                out.push(Endpoint {
                    account: account.to_owned(),
                    network: network.trim_end_matches(".id}").to_owned(),
                    service: service.to_owned(),
                    policy: policy.replace("$${", "${"),
                });
            }
        }
    }
    out
}

/// The account and the network in which a workload stands.
fn place(model: &Model, who: &Who) -> Option<(String, String)> {
    let Who::Actor(member) = who else { return None };
    let Detail::Workload(workload) = &model.things.get(member.thing)?.detail else {
        return None;
    };
    let Within::Network(network) = model.segments.get(workload.segment?)?.within else {
        return None;
    };
    let network = model.networks.get(network)?;
    let account = model.accounts.get(network.account)?;
    Some((
        model.names.text(account.name).to_owned(),
        model.names.text(network.name).to_owned(),
    ))
}

/// What is asked through the endpoints of a project.
pub fn groups(
    stage: &Stage<'_>,
    project: &str,
    files: &BTreeMap<String, Vec<u8>>,
    declared: &[(Caller, &Concrete, Vec<Request>)],
) -> Vec<Group> {
    let endpoints = endpoints(files);
    let mut out = Vec::new();
    for (caller, concrete, requests) in declared {
        let Some((account, network)) = place(stage.model, &concrete.who) else {
            continue;
        };
        let Some((_, service)) = BY.iter().find(|(action, _)| concrete.action.starts_with(action)) else {
            continue;
        };
        let by = endpoints.iter().filter(|endpoint| {
            (&endpoint.account, &endpoint.network) == (&account, &network)
                && endpoint.service.starts_with(service)
        });
        for endpoint in by {
            let Some(request) = requests.iter().find(|request| concrete.grants(request)) else {
                continue;
            };
            let mut asked = vec![through(stage, endpoint, caller, request, true)];
            let is_free = |beside: &Request| {
                let granted = |other: &Concrete| {
                    let who = other.who.clone();
                    other.grants(&stage.full(
                        caller,
                        &Request {
                            who,
                            ..beside.clone()
                        },
                        &[],
                    ))
                };
                !declared.iter().any(|(_, other, _)| granted(other))
            };
            for beside in neighbours::beside(stage, request, &is_free) {
                if is_free(&beside) {
                    asked.push(through(stage, endpoint, &administrator(caller), &beside, false));
                }
            }
            out.push(Group {
                project: project.to_owned(),
                of: format!(
                    "{} {} through {}",
                    concrete.action, request.resource, endpoint.service
                ),
                asked,
            });
        }
    }
    out
}

/// Somebody of the account who may do everything there.
fn administrator(caller: &Caller) -> Caller {
    match caller {
        Caller::Role { number, account, .. } => Caller::Role {
            arn: format!("arn:aws:iam::{number}:role/administrator"),
            number: number.clone(),
            account: account.clone(),
        },
        Caller::Device(_) => caller.clone(),
    }
}

fn through(
    stage: &Stage<'_>,
    endpoint: &Endpoint,
    caller: &Caller,
    request: &Request,
    is_granted: bool,
) -> Asked {
    let mut question = stage.question(caller, &stage.full(caller, request, &[]));
    if !is_granted {
        question.identity = vec![statement(json!({ "Action": "*", "Resource": "*" }))];
        // What is not let in by its own policy would be denied without an endpoint too.
        question.policy = None;
        question.account.clone_from(
            &question
                .principal
                .split(':')
                .nth(4)
                .unwrap_or_default()
                .to_owned(),
        );
    }
    question.endpoint = Some(endpoint.policy.clone());
    Asked::new(
        if is_granted {
            "declared"
        } else {
            "beside, through an endpoint"
        },
        question,
        is_granted,
    )
}
