//! What arguments mean, argument by argument: the laws by which a change of one is labelled.
//!
//! Drawn from the pages of the Terraform AWS provider 6.25 and of the services, read 2026-11-21 and 2026-11-29. A change of any
//! argument is a change of meaning, unless its law says why it is none: prose, and names that no declaration states. How fast, how
//! much and how long backups are kept is said by the standard library, so that it is no choice of whoever writes the bytes. An argument without a law in an original fails the test.

mod identity;
mod network;
mod store;

use super::shape::Shape::{self, Any, Arn, Block, Head, Id, OneOf, Within, Word};
use crate::label::Concern::{self, Being};
use crate::label::policy::Kind;

/// What a change of an argument does.
#[derive(Clone, Copy)]
pub(super) enum Weight {
    /// Nothing that is claimed, and why.
    Nothing(#[expect(dead_code, reason = "said to the reader of the table")] &'static str),
    /// Something else holds.
    Matters(Concern),
    /// What its document says.
    Document(Kind),
    /// What its query says.
    Sql,
}

/// What it means that an argument is not there.
#[derive(Clone, Copy)]
pub(super) enum Absent {
    /// There is none of it.
    None,
    /// As if this were said.
    Means(&'static str),
    /// The provider refuses the block, whatever its schema says.
    Refused,
    /// It depends on what the files do not say.
    Unknown,
}

/// One argument of a type, or of a block in it.
pub(super) struct Law {
    pub(super) path: &'static str,
    pub(super) shape: Shape,
    pub(super) weight: Weight,
    pub(super) absent: Absent,
}

const fn law(path: &'static str, shape: Shape, concern: Concern) -> Law {
    Law {
        path,
        shape,
        weight: Weight::Matters(concern),
        absent: Absent::None,
    }
}

const fn or(path: &'static str, shape: Shape, default: &'static str, concern: Concern) -> Law {
    Law {
        path,
        shape,
        weight: Weight::Matters(concern),
        absent: Absent::Means(default),
    }
}

const fn must(path: &'static str, shape: Shape, concern: Concern) -> Law {
    Law {
        path,
        shape,
        weight: Weight::Matters(concern),
        absent: Absent::Refused,
    }
}

const fn free(path: &'static str, shape: Shape, why: &'static str) -> Law {
    Law {
        path,
        shape,
        weight: Weight::Nothing(why),
        absent: Absent::None,
    }
}

const fn needed(path: &'static str, shape: Shape, why: &'static str) -> Law {
    Law {
        path,
        shape,
        weight: Weight::Nothing(why),
        absent: Absent::Refused,
    }
}

const fn document(path: &'static str, kind: Kind) -> Law {
    Law {
        path,
        shape: Any,
        weight: Weight::Document(kind),
        absent: Absent::None,
    }
}

const VPC: Shape = Id(&[("aws_vpc", "id")], "vpc-");
const SUBNET: Shape = Id(&[("aws_subnet", "id")], "subnet-");
const GROUP: Shape = Id(&[("aws_security_group", "id")], "sg-");
const THING_TYPE: Shape = Word(128, "_:-");
const BUCKET: Shape = Head("", 63, "-.");
const ROLE: Shape = Arn("iam", "role/");
const NAME: Shape = Word(128, "_-.");
const ROLE_NAME: Shape = Word(64, "_+=,.@-");
const PORT: Shape = Within(0, 65_535);
const PROSE: &str = "prose";
const MEANS: &str = "a name that no declaration states: others refer to it";

/// Every data source that the goldens hold. What it is asked for is its name.
pub(super) const SOURCES: &[(&str, &[Law])] = &[
    (
        "aws_iam_openid_connect_provider",
        &[must("arn", Arn("iam", "oidc-provider/"), Being)],
    ),
    ("aws_iam_role", &[must("name", ROLE_NAME, Being)]),
    (
        "aws_iot_endpoint",
        &[or(
            "endpoint_type",
            OneOf(&["iot:CredentialProvider", "iot:Data", "iot:Data-ATS", "iot:Jobs"]),
            "iot:Data",
            Being,
        )],
    ),
    ("aws_kms_alias", &[law("name", Head("alias/", 250, "/_-"), Being)]),
    ("aws_s3_bucket", &[law("bucket", BUCKET, Being)]),
    (
        "aws_secretsmanager_secret",
        &[must("name", Word(512, "/_+=.@-"), Being)],
    ),
    (
        "aws_security_group",
        &[
            must("name", Word(255, " ._-:/()#,@[]+=&;{}!$*"), Being),
            must("vpc_id", VPC, Being),
        ],
    ),
    (
        "aws_subnet",
        &[must("cidr_block", Block, Being), must("vpc_id", VPC, Being)],
    ),
    ("aws_vpc", &[must("cidr_block", Block, Being)]),
];

/// Objects of which there is one by these arguments: a second one is refused, by the provider or because nothing tells them apart.
pub(super) const KEYS: &[(&str, &[&str])] = &[
    ("aws_cloudwatch_log_group", &["name"]),
    ("aws_db_instance", &["identifier"]),
    ("aws_db_parameter_group", &["name"]),
    ("aws_db_subnet_group", &["name"]),
    ("aws_default_security_group", &["vpc_id"]),
    ("aws_dynamodb_table", &["name"]),
    ("aws_iam_instance_profile", &["name"]),
    ("aws_iam_openid_connect_provider", &["url"]),
    ("aws_iam_role", &["name"]),
    ("aws_iam_role_policy", &["role", "name"]),
    ("aws_internet_gateway", &["vpc_id"]),
    ("aws_iot_policy", &["name"]),
    ("aws_iot_thing", &["name"]),
    ("aws_iot_thing_type", &["name"]),
    ("aws_iot_topic_rule", &["name"]),
    ("aws_kinesis_stream", &["name"]),
    ("aws_kms_alias", &["name"]),
    ("aws_kms_key_policy", &["key_id"]),
    ("aws_lb", &["name"]),
    ("aws_lb_listener", &["load_balancer_arn", "port"]),
    ("aws_lb_target_group", &["name"]),
    ("aws_nat_gateway", &["subnet_id"]),
    ("aws_nat_gateway", &["allocation_id"]),
    ("aws_network_acl_association", &["subnet_id"]),
    (
        "aws_network_acl_rule",
        &["network_acl_id", "egress", "rule_number"],
    ),
    ("aws_route", &["route_table_id", "destination_cidr_block"]),
    ("aws_route53_zone", &["name", "vpc"]),
    ("aws_route_table_association", &["subnet_id"]),
    ("aws_route53_record", &["zone_id", "name", "type"]),
    ("aws_s3_bucket", &["bucket"]),
    ("aws_s3_bucket_lifecycle_configuration", &["bucket"]),
    ("aws_s3_bucket_object_lock_configuration", &["bucket"]),
    ("aws_s3_bucket_ownership_controls", &["bucket"]),
    ("aws_s3_bucket_policy", &["bucket"]),
    ("aws_s3_bucket_public_access_block", &["bucket"]),
    ("aws_s3_bucket_server_side_encryption_configuration", &["bucket"]),
    ("aws_s3_bucket_versioning", &["bucket"]),
    ("aws_secretsmanager_secret", &["name"]),
    ("aws_secretsmanager_secret_policy", &["secret_arn"]),
    ("aws_security_group", &["vpc_id", "name"]),
    ("aws_sqs_queue", &["name"]),
    ("aws_sqs_queue_policy", &["queue_url"]),
    ("aws_subnet", &["cidr_block"]),
    ("aws_timestreamwrite_database", &["database_name"]),
    ("aws_timestreamwrite_table", &["database_name", "table_name"]),
    ("aws_vpc", &["cidr_block"]),
    ("aws_vpc_endpoint", &["vpc_id", "service_name"]),
    ("aws_vpn_gateway_attachment", &["vpc_id"]),
    ("aws_vpn_gateway_attachment", &["vpn_gateway_id"]),
];

/// Blocks whose defaults hold where they do not stand.
///
/// Source: Elastic Load Balancing API reference, `CreateTargetGroup` (health checks are on by default), read 2026-11-30.
pub(super) fn implied(sort: &str) -> &'static [&'static str] {
    match sort {
        "aws_lb_target_group" => &["health_check"],
        _ => &[],
    }
}

/// Attributes that are an argument's text, by the pages: `id` where it is the name.
const NAMED: &[(&str, &str, &str)] = &[
    ("aws_s3_bucket", "id", "bucket"),
    ("aws_iam_role", "id", "name"),
    ("aws_iot_policy", "id", "name"),
    ("aws_timestreamwrite_database", "id", "database_name"),
];

/// The argument whose text an attribute is.
pub(super) fn text_of(sort: &str, attribute: &str) -> Option<&'static str> {
    if let Some((.., argument)) = NAMED
        .iter()
        .find(|(of, name, _)| *of == sort && *name == attribute)
    {
        return Some(argument);
    }
    let laws = of(sort, false).unwrap_or_default();
    laws.iter()
        .find(|law| {
            // Of a name that states nothing, the block that bears it is what counts.
            let states = matches!(law.weight, Weight::Matters(_));
            law.path == attribute && states && matches!(law.shape, Word(..) | Head(..) | Id(..))
        })
        .map(|law| law.path)
}

/// The laws of a type; `None` if none of the goldens holds it.
pub(super) fn of(sort: &str, is_data: bool) -> Option<&'static [Law]> {
    let tables: &[&[(&str, &'static [Law])]] = if is_data {
        &[SOURCES]
    } else {
        &[network::LAWS, identity::LAWS, store::LAWS]
    };
    let mut all = tables.iter().copied().flatten();
    all.find(|(of, _)| *of == sort).map(|(_, laws)| *laws)
}

/// Types that belong to an account and to none of its regions.
pub(super) fn is_global(sort: &str) -> bool {
    sort.starts_with("aws_iam_")
}
