//! The embedded table, as a whole and by example.

use crate::Catalogue;
use crate::action::{Level, Scope};
use crate::service::{Reach, Value};
use sha2::{Digest, Sha256};

const TABLE: &str = include_str!("../../../stdlib/catalogue/aws-iam.txt");

pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn action(name: &str) -> crate::action::Action<'static> {
    Catalogue::embedded()
        .action(name)
        .unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn the_table_parses_and_its_digest_is_right() {
    let catalogue = Catalogue::parse(TABLE).unwrap();
    let (_, body) = TABLE
        .split_once(&format!("digest\t{}\n", catalogue.digest()))
        .unwrap();
    assert_eq!(catalogue.digest(), sha256(body));
    assert_eq!(catalogue.globals.len(), 59);
}

#[test]
fn the_table_was_packed_with_these_overrides() {
    let overrides = include_str!("../../../stdlib/catalogue/overrides.json");
    let line = format!("overrides-sha256\t{}\n", sha256(overrides));
    assert!(TABLE.contains(&line), "run `cargo xtask catalogue` again");
}

#[test]
fn every_list_is_in_the_order_that_is_searched() {
    let catalogue = Catalogue::embedded();
    assert!(
        catalogue
            .services
            .is_sorted_by(|a, b| crate::key::compare(a.prefix, b.prefix).is_lt())
    );
    assert!(
        catalogue
            .globals
            .is_sorted_by(|a, b| crate::key::compare(a.name, b.name).is_lt())
    );
    for service in catalogue.services() {
        assert!(
            service
                .keys
                .is_sorted_by(|a, b| crate::key::compare(a.name, b.name).is_lt()),
            "{}",
            service.prefix
        );
        assert!(
            service
                .actions
                .is_sorted_by(|a, b| crate::key::compare(a.name, b.name).is_lt()),
            "{}",
            service.prefix
        );
        for action in catalogue.actions(service) {
            for link in &action.row.links {
                assert!(
                    service.resource(link.resource).next().is_some(),
                    "{} {}",
                    action.name(),
                    link.resource
                );
            }
            for name in action.key_names() {
                assert!(action.resolve(name).is_some(), "{} {name}", action.name());
            }
        }
    }
}

#[test]
fn every_type_fits_its_own_template() {
    for service in Catalogue::embedded().services() {
        for resource in service.resources() {
            assert!(
                resource.matches(resource.arn),
                "{} {}",
                service.prefix,
                resource.arn
            );
        }
    }
}

#[test]
fn names_ignore_case_and_come_back_as_aws_spells_them() {
    assert_eq!(action("S3:getobject").name(), "s3:GetObject");
    assert!(Catalogue::embedded().action("s3:Get*").is_none());
    assert!(Catalogue::embedded().action("GetObject").is_none());
}

#[test]
fn levels_may_be_several() {
    assert!(action("kms:Decrypt").has_level(Level::Write));
    assert!(action("sqs:TagQueue").levels().eq([Level::Tagging, Level::Write]));
    assert!(action("iam:PutRolePolicy").has_level(Level::PermissionsManagement));
}

#[test]
fn a_bucket_is_no_object() {
    let get = action("s3:GetObject");
    assert!(get.matches_resource("arn:aws:s3:::orders/*"));
    assert!(get.matches_resource("arn:aws:s3:::orders/{prefix}/2026/*"));
    assert!(!get.matches_resource("arn:aws:s3:::orders"));
    let list = action("s3:ListBucket");
    assert!(list.matches_resource("arn:aws:s3:::orders"));
    assert!(!list.matches_resource("arn:aws:s3:::orders/*"));
}

#[test]
fn the_wrong_segment_is_found() {
    let modify = action("rds:ModifyDBProxy");
    assert!(modify.matches_resource("arn:aws:rds:eu-central-1:111122223333:db-proxy:prx-1"));
    assert!(!modify.matches_resource("arn:aws:rds:eu-central-1:111122223333:proxy:prx-1"));
}

#[test]
fn an_arn_never_fits_an_action_without_resources() {
    let list = action("sqs:ListQueues");
    assert!(!list.has_resource_level());
    assert!(list.matches_resource("*"));
    assert!(!list.matches_resource("arn:aws:sqs:eu-central-1:111122223333:*"));
    // The source links a dataset since 2026; scoping to it stops plain metrics.
    let put = action("cloudwatch:PutMetricData");
    assert_eq!(put.scope(), Scope::StarOnly);
    assert!(!put.matches_resource("arn:aws:cloudwatch:eu-central-1:111122223333:dataset/x"));
}

#[test]
fn names_with_slashes_and_colons_fit_where_they_may() {
    assert!(action("logs:PutLogEvents").matches_resource("arn:aws:logs:eu-central-1:1:log-group:/aws/x:*"));
    assert!(!action("logs:PutLogEvents").matches_resource("arn:aws:logs:eu-central-1:1:log-group:/aws/x"));
    assert!(
        action("secretsmanager:GetSecretValue")
            .matches_resource("arn:aws:secretsmanager:r:1:secret:a/b-??????")
    );
    assert!(action("ssm:GetParameter").matches_resource("arn:aws:ssm:r:1:parameter/plant/line/x"));
    assert!(action("iam:PassRole").matches_resource("arn:aws:iam::1:role/service/path/name"));
    assert!(action("lambda:InvokeFunction").matches_resource("arn:aws:lambda:r:1:function:resize:live"));
    assert!(!action("sqs:SendMessage").matches_resource("arn:aws:sqs:r:1:queue/x"));
    assert!(action("ecr:BatchGetImage").matches_resource("arn:aws:ecr:r:1:repository/team/app"));
}

#[test]
fn what_the_source_lacks_is_added() {
    let assume = action("iot:assumerolewithcertificate");
    assert!(assume.matches_resource("arn:aws:iot:r:1:rolealias/telemetry"));
    let web = action("sts:AssumeRoleWithWebIdentity");
    assert!(
        web.condition_key("token.actions.githubusercontent.com:sub")
            .is_some()
    );
    assert!(web.condition_key("idp.example.com/realm:aud").is_some());
    assert!(
        action("sts:AssumeRole")
            .condition_key("idp.example.com/realm:aud")
            .is_none()
    );
}

#[test]
fn condition_keys_are_those_that_a_request_fills_in() {
    let get = action("s3:GetObject");
    assert!(get.condition_key("s3:existingobjecttag/team").is_some());
    assert!(get.condition_key("s3:prefix").is_none());
    assert_eq!(
        get.condition_key("aws:SOURCEVPCE").unwrap().name,
        "aws:SourceVpce"
    );
    assert!(
        get.condition_key("aws:RequestTag/team").is_none(),
        "only where listed"
    );
    assert!(get.condition_key("aws:Nonsense").is_none());
    let put = action("cloudwatch:PutMetricData");
    assert!(put.condition_key("cloudwatch:namespace").is_some());
    assert!(
        put.condition_key("aws:ResourceTag/team").is_none(),
        "it has no resource"
    );
    assert!(get.condition_key("aws:PrincipalTag/team").is_some());
    assert!(
        action("sqs:CreateQueue")
            .condition_key("aws:RequestTag/team")
            .is_some()
    );
    let keys = action("sqs:CreateQueue").condition_key("aws:TagKeys").unwrap();
    assert!(keys.is_multi_valued);
    assert_eq!(get.condition_key("aws:PrincipalArn").unwrap().value, Value::Arn);
    assert_eq!(get.condition_key("aws:SourceIp").unwrap().value, Value::IpAddress);
    assert!(action("kms:Decrypt").condition_key("kms:ViaService").is_some());
    assert!(
        action("kms:Decrypt")
            .condition_key("kms:EncryptionContext:aws:s3:arn")
            .is_some()
    );
    assert!(
        get.condition_keys()
            .iter()
            .any(|key| key.name == "aws:SourceVpce")
    );
}

#[test]
fn near_names_are_suggested_and_far_ones_not() {
    let catalogue = Catalogue::embedded();
    assert_eq!(catalogue.near("s3:GetObjects"), Some("s3:GetObject"));
    assert_eq!(catalogue.near("sqs:SendMesage"), Some("sqs:SendMessage"));
    assert_eq!(catalogue.near("dynamobd:GetItem"), Some("dynamodb:GetItem"));
    assert_eq!(catalogue.near("s3:Frobnicate"), None);
    assert_eq!(catalogue.near("s3:getobject"), None);
}

#[test]
fn a_wildcard_stands_for_known_actions() {
    let names: Vec<&str> = Catalogue::embedded()
        .matching("sqs:*Message")
        .iter()
        .map(|a| a.name())
        .collect();
    assert_eq!(
        names,
        ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"]
    );
    assert_eq!(
        Catalogue::embedded().matching("*").len(),
        Catalogue::embedded()
            .services()
            .map(|s| s.actions.len())
            .sum::<usize>()
    );
}

#[test]
fn every_published_escalation_needs_an_action_of_control() {
    let paths = include_str!("../../../golden/catalogue/escalation.txt");
    let controls = |action: &str| {
        Catalogue::embedded()
            .effects(action)
            .is_some_and(|effects| effects.controls)
    };
    for path in paths.lines().filter(|line| !line.starts_with('#')) {
        assert!(path.split(' ').skip(1).any(controls), "{path}");
    }
}

#[test]
fn a_broken_table_is_refused_with_its_line() {
    assert_eq!(Catalogue::parse("leastwise-catalogue\t2\n").unwrap_err().line, 1);
    assert_eq!(
        Catalogue::parse("leastwise-catalogue\t1\ndigest\tx\na\ts3:X\tR\t0\n")
            .unwrap_err()
            .line,
        3
    );
    assert!(Catalogue::parse("leastwise-catalogue\t1\n").is_err());
}

/// What a reader of a newer catalogue wants to see change: every service in numbers, some actions in full.
fn summary() -> String {
    use std::fmt::Write as _;
    let catalogue = Catalogue::embedded();
    let mut text = String::new();
    for service in catalogue.services() {
        let count = |scope| {
            catalogue
                .actions(service)
                .filter(|action| action.scope() == scope)
                .count()
        };
        writeln!(
            text,
            "{}: star-only {}, exact {}, one-of {}, all-of {}, types {}, keys {}",
            service.prefix,
            count(Scope::StarOnly),
            count(Scope::Exact),
            count(Scope::OneOf),
            count(Scope::AllOf),
            service.resources().count(),
            service.condition_keys().count(),
        )
        .unwrap();
    }
    for name in IN_FULL {
        let action = action(name);
        let levels: Vec<String> = action.levels().map(|level| format!("{level:?}")).collect();
        writeln!(
            text,
            "\n{} {} {:?}",
            action.name(),
            levels.join(" "),
            action.scope()
        )
        .unwrap();
        for link in action.links() {
            let required = if link.is_required { " required" } else { "" };
            writeln!(
                text,
                "  on {} {}{required}",
                link.resource.name, link.resource.arn
            )
            .unwrap();
        }
        for key in action.condition_keys() {
            if key.reach == Reach::Listed {
                let many = if key.is_multi_valued { " many" } else { "" };
                writeln!(text, "  if {} {:?}{many}", key.name, key.value).unwrap();
            }
        }
    }
    text
}

const IN_FULL: &[&str] = &[
    "cloudwatch:PutMetricData",
    "dynamodb:GetItem",
    "iam:PassRole",
    "iot:AssumeRoleWithCertificate",
    "iot:Publish",
    "kms:Decrypt",
    "lambda:InvokeFunction",
    "logs:PutLogEvents",
    "rds-db:connect",
    "s3:GetObject",
    "s3:ListBucket",
    "secretsmanager:GetSecretValue",
    "sqs:SendMessage",
    "ssm:GetParameter",
    "sts:AssumeRole",
    "timestream:WriteRecords",
];

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a golden file is read, and written on demand"
)]
fn the_summary_is_as_it_was_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden/catalogue/summary.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, summary()).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(summary(), expected, "bless with BLESS=1, and read the difference");
}
