//! What stewards may do: by the making of a thing that a key encrypts, and by the baselines.

use std::collections::BTreeSet;

use model::Model;
use model::kind::BaselineRule;
use model::template::{Piece, Placeholder, Template};

use super::{Bit, Concrete, Test, TestOf, Who};
use crate::enumerate::text::{Filling, family, plain};

/// What the making of a thing asks of its key: the word of the kind, its service, the actions, and what the request says besides.
struct Making {
    kind: &'static str,
    service: &'static str,
    actions: &'static [&'static str],
    said: Option<(&'static str, &'static str)>,
}

const fn making(kind: &'static str, service: &'static str, actions: &'static [&'static str]) -> Making {
    Making {
        kind,
        service,
        actions,
        said: None,
    }
}

/// By the provider's manuals.
const MAKING: [Making; 10] = [
    making(
        "table",
        "dynamodb",
        &["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"],
    ),
    making(
        "table",
        "dynamodb",
        &[
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "DescribeKey",
        ],
    ),
    making("stream", "kinesis", &["DescribeKey"]),
    making("log-group", "logs", &["DescribeKey"]),
    making("database", "rds", &["DescribeKey"]),
    making("timeseries", "timestream", &["DescribeKey"]),
    Making {
        said: Some((
            "kms:EncryptionContext:SecretVersionId",
            "RequestToValidateKeyAccess",
        )),
        ..making("secret", "secretsmanager", &["GenerateDataKey", "Decrypt"])
    },
    Making {
        said: Some(("kms:GrantIsForAWSResource", "true")),
        ..making("table", "dynamodb", &["CreateGrant"])
    },
    Making {
        said: Some(("kms:GrantIsForAWSResource", "true")),
        ..making("database", "rds", &["CreateGrant"])
    },
    Making {
        said: Some(("kms:GrantIsForAWSResource", "true")),
        ..making("timeseries", "timestream", &["CreateGrant"])
    },
];

/// What the making of things lets stewards do with keys.
pub(super) fn makers(model: &Model, list: &mut BTreeSet<Concrete>) {
    for (_, thing) in model.things.iter().filter(|(_, thing)| thing.existing.is_none()) {
        let kind = model
            .kinds
            .get(thing.kind)
            .map_or("", |kind| model.names.text(kind.name));
        let values = thing.properties.iter().flat_map(|property| &property.values);
        let mut referred = values.filter_map(|value| match value {
            model::value::Value::Thing(other) => model.things.get(*other).map(|thing| (*other, thing)),
            _ => None,
        });
        let is_key = |other: &model::thing::Thing| {
            model
                .kinds
                .get(other.kind)
                .is_some_and(|kind| model.names.text(kind.name) == "key")
        };
        let Some((id, key)) = referred.find(|(_, other)| is_key(other)) else {
            continue;
        };
        let account = thing.account.or(model.project.default_account);
        let account = account.and_then(|account| model.accounts.get(account));
        let Some(account) = account.filter(|account| account.steward.is_some() && key.existing.is_none())
        else {
            continue;
        };
        let arn = Template {
            pieces: vec![Piece::Placeholder(Placeholder::Arn)],
            span: key.span,
        };
        for member in family(model, key, id) {
            let filling = Filling {
                model,
                thing: key,
                member: &member,
                part: &vec![None],
            };
            let resource = vec![Bit::Fixed(filling.words(&arn))];
            for need in MAKING.iter().filter(|need| need.kind == kind) {
                let region = model.names.text(account.region);
                let host = format!("{}.{region}.amazonaws.com", need.service);
                let exactly = |text: &str| TestOf::Fixed(Test::Like(vec![plain(text)]));
                let mut tests = vec![("kms:ViaService".to_owned(), exactly(&host))];
                tests.extend(need.said.map(|(key, value)| (key.to_owned(), exactly(value))));
                tests.sort();
                for action in need.actions {
                    list.insert(Concrete {
                        who: Who::Steward(model.names.text(account.number).to_owned()),
                        action: format!("kms:{action}"),
                        resource: resource.clone(),
                        tests: tests.clone(),
                    });
                }
            }
        }
    }
}

/// What baselines let stewards do.
pub(super) fn stewards(model: &Model, list: &mut BTreeSet<Concrete>) {
    for (_, baseline) in model.baselines.iter() {
        let BaselineRule::Administer { kind, actions } = &baseline.rule else {
            continue;
        };
        for (id, thing) in model
            .things
            .iter()
            .filter(|(_, thing)| thing.kind == *kind && thing.existing.is_none())
        {
            let account = thing
                .account
                .or(model.project.default_account)
                .and_then(|account| model.accounts.get(account));
            let Some(account) = account.filter(|account| account.steward.is_some()) else {
                continue;
            };
            let arn = Template {
                pieces: vec![Piece::Placeholder(Placeholder::Arn)],
                span: thing.span,
            };
            for member in family(model, thing, id) {
                let filling = Filling {
                    model,
                    thing,
                    member: &member,
                    part: &vec![None],
                };
                let resource = vec![Bit::Fixed(filling.words(&arn))];
                for used in actions {
                    let tests = used.conditions.iter().map(|condition| {
                        let value = vec![Bit::Fixed(filling.words(&condition.value))];
                        let key = model.names.text(condition.key).to_owned();
                        (key, TestOf::Bits(vec![value]))
                    });
                    let mut tests: Vec<(String, TestOf)> = tests.collect();
                    tests.sort();
                    for action in &used.actions {
                        list.insert(Concrete {
                            who: Who::Steward(model.names.text(account.number).to_owned()),
                            action: model.names.text(*action).to_owned(),
                            resource: resource.clone(),
                            tests: tests.clone(),
                        });
                    }
                }
            }
        }
    }
}
