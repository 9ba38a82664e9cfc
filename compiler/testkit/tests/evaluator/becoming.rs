//! Who becomes a role, by what the language says of each sort of actor; and who is near to that.

use std::collections::BTreeMap;

use model::actor::{Provider, ProviderId, RunsOn};
use model::project::Account;
use model::thing::{Detail, Thing};
use serde_json::json;

use super::asked::{Asked, Group};
use super::process::Question;
use super::stage::{Caller, STRANGE, Stage, statement};

/// One way to become a role.
#[derive(Clone, Debug)]
struct Way {
    principal: String,
    actions: Vec<&'static str>,
    context: BTreeMap<String, String>,
}

/// How roles are assumed.
const ACTIONS: [&str; 3] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
];

/// Every role of a project.
pub fn groups(stage: &Stage<'_>, project: &str) -> Vec<Group> {
    let mut out = Vec::new();
    for (_, thing) in stage.model.things.iter() {
        for (_, account) in stage.model.accounts.iter() {
            let role = stage.role(thing, account);
            let policy = stage.trust(&role);
            // Without a document, people and externals have no role here; what runs in the cloud has one always.
            let is_always = matches!(thing.detail, Detail::Workload(_));
            let is_home = stage
                .account_of(thing)
                .is_some_and(|home| home.name == account.name);
            let is_ours = thing.existing.is_none();
            if !is_ours || (policy.is_none() && !(is_always && is_home)) {
                continue;
            }
            for way in ways(stage, thing, account) {
                out.push(Group {
                    project: project.to_owned(),
                    of: format!("{} becomes {role:?}", way.principal),
                    asked: asked(&role, policy.as_ref(), &way),
                });
            }
        }
    }
    out
}

fn said<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn ways(stage: &Stage<'_>, thing: &Thing, account: &Account) -> Vec<Way> {
    let text = |name| stage.model.names.text(name);
    let [partition, region, number] = [account.partition, account.region, account.number].map(text);
    let way = |principal: &str, actions: &[&'static str], context| Way {
        principal: principal.to_owned(),
        actions: actions.to_vec(),
        context,
    };
    // The service of this account and region, which says for what it asks.
    let of = |service: &str, what: &str| {
        said([
            ("aws:SourceAccount", number.to_owned()),
            (
                "aws:SourceArn",
                format!("arn:{partition}:{service}:{region}:{number}:{what}"),
            ),
        ])
    };
    let assume = &["sts:AssumeRole"];
    match &thing.detail {
        Detail::Workload(workload) => match workload.runs_on {
            Some(RunsOn::Lambda) => vec![way("lambda.amazonaws.com", assume, BTreeMap::new())],
            Some(RunsOn::Ec2) => vec![way("ec2.amazonaws.com", assume, BTreeMap::new())],
            Some(RunsOn::Ecs) => vec![way("ecs-tasks.amazonaws.com", assume, of("ecs", "task/one/two"))],
            Some(RunsOn::IotOta) => vec![way("iot.amazonaws.com", assume, of("iot", "otaupdate/one"))],
            Some(RunsOn::Eks) => {
                let mut context = said([("aws:SourceAccount", number.to_owned())]);
                for (claim, values, _) in &workload.claims {
                    let Some(value) = values.first().map(|value| text(*value)) else {
                        continue;
                    };
                    let cluster = format!("arn:{partition}:eks:{region}:{number}:cluster/{value}");
                    let (key, value) = match text(*claim) {
                        "cluster" => ("eks-cluster-arn", cluster),
                        "namespace" => ("kubernetes-namespace", value.to_owned()),
                        _ => ("kubernetes-service-account", value.to_owned()),
                    };
                    context.insert(format!("aws:RequestTag/{key}"), value);
                }
                vec![way(
                    "pods.eks.amazonaws.com",
                    &["sts:AssumeRole", "sts:TagSession"],
                    context,
                )]
            }
            Some(RunsOn::Ci) => {
                let provider = workload.from.and_then(|id| provider(stage, id));
                let Some((provider, oidc)) = provider.and_then(|one| Some((one, one.oidc?))) else {
                    return Vec::new();
                };
                let host = text(oidc.issuer)
                    .trim_start_matches("https://")
                    .trim_end_matches('/');
                let mut context = said([(&format!("{host}:aud"), text(oidc.audience).to_owned())]);
                for (claim, values, _) in &workload.claims {
                    let value = values.first().map_or("", |value| text(*value));
                    context.insert(format!("{host}:{}", text(*claim)), value.to_owned());
                }
                let principal = whose(stage, provider, account, &format!("oidc-provider/{host}"));
                vec![way(&principal, &["sts:AssumeRoleWithWebIdentity"], context)]
            }
            Some(RunsOn::Onprem | RunsOn::Device(_)) | None => Vec::new(),
        },
        Detail::Resource => {
            let kind = stage.model.kinds.get(thing.kind);
            let Some(service) = kind.and_then(|kind| kind.words.acts) else {
                return Vec::new();
            };
            let Some(source) = stage.address(thing) else {
                return Vec::new();
            };
            let context = said([
                ("aws:SourceAccount", number.to_owned()),
                ("aws:SourceArn", source),
            ]);
            vec![way(text(service), assume, context)]
        }
        Detail::People(people) => {
            let Some(provider) = people.from.and_then(|id| provider(stage, id)) else {
                return Vec::new();
            };
            let name = format!("saml-provider/{}", text(provider.name));
            let principal = whose(stage, provider, account, &name);
            let audience = "https://signin.aws.amazon.com/saml".to_owned();
            let mut actions = vec!["sts:AssumeRoleWithSAML"];
            if !people.attributes.is_empty() {
                actions.push("sts:TagSession");
            }
            vec![way(&principal, &actions, said([("SAML:aud", audience)]))]
        }
        Detail::External(external) => {
            let Some((id, _)) = external.external_id else {
                return Vec::new();
            };
            let principal = match (external.role, external.account) {
                (Some((role, _)), _) => text(role).to_owned(),
                (None, Some((number, _))) => format!("arn:{partition}:iam::{}:role/any", text(number)),
                (None, None) => return Vec::new(),
            };
            vec![way(
                &principal,
                assume,
                said([("sts:ExternalId", text(id).to_owned())]),
            )]
        }
        Detail::Class(_) => Vec::new(),
    }
}

fn provider<'s>(stage: &'s Stage<'_>, id: ProviderId) -> Option<&'s Provider> {
    stage.model.providers.get(id)
}

/// The address of a provider in an account: where it exists, the one that is named.
fn whose(stage: &Stage<'_>, provider: &Provider, account: &Account, name: &str) -> String {
    let text = |name| stage.model.names.text(name);
    let [partition, number] = [account.partition, account.number].map(text);
    let existing = provider.existing.iter().map(|(name, _)| text(*name));
    let mut existing = existing.filter(|name| name.contains(&format!("::{number}:")));
    let made = || format!("arn:{partition}:iam::{number}:{name}");
    existing.next().map_or_else(made, str::to_owned)
}

fn asked(role: &Caller, policy: Option<&String>, way: &Way) -> Vec<Asked> {
    let Caller::Role { arn, number, .. } = role else {
        return Vec::new();
    };
    let question = |principal: &str, action: &str, context: &BTreeMap<String, String>| {
        // Whoever has an account is allowed to ask by it: what counts is the role's own word.
        let all = statement(json!({ "Action": "*", "Resource": "*" }));
        Question {
            principal: principal.to_owned(),
            action: action.to_owned(),
            resource: arn.clone(),
            account: number.clone(),
            context: context.clone(),
            identity: if principal.contains(":role/") {
                vec![all]
            } else {
                Vec::new()
            },
            policy: policy.cloned(),
            endpoint: None,
            is_checked: false,
        }
    };
    let mut out = Vec::new();
    for action in &way.actions {
        out.push(Asked::new(
            "declared",
            question(&way.principal, action, &way.context),
            true,
        ));
    }
    let first = way.actions[0];
    for action in ACTIONS.iter().filter(|action| !way.actions.contains(action)) {
        out.push(Asked::new(
            "another action",
            question(&way.principal, action, &way.context),
            false,
        ));
    }
    for key in way.context.keys() {
        let mut context = way.context.clone();
        context.insert(
            key.clone(),
            if key == "aws:SourceAccount" {
                STRANGE
            } else {
                "other"
            }
            .to_owned(),
        );
        out.push(Asked::new(
            "another value",
            question(&way.principal, first, &context),
            false,
        ));
        context.remove(key);
        out.push(Asked::new(
            "no value",
            question(&way.principal, first, &context),
            false,
        ));
    }
    let others = [
        "glue.amazonaws.com".to_owned(),
        format!("arn:aws:iam::{number}:role/undeclared"),
        format!("arn:aws:iam::{STRANGE}:role/stranger"),
        format!("arn:aws:iam::{number}:saml-provider/other"),
        format!("arn:aws:iam::{number}:oidc-provider/other.example"),
    ];
    for other in others {
        out.push(Asked::new(
            "somebody else",
            question(&other, first, &way.context),
            false,
        ));
    }
    out
}
