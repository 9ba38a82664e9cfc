//! What each type's arguments mean: one file a type, with the types that hold a part of it.

mod aws_cloudwatch_log_group;
mod aws_db_instance;
mod aws_dynamodb_table;
mod aws_iam_provider;
mod aws_iam_role;
mod aws_internet_gateway;
mod aws_iot_policy;
mod aws_iot_thing_type;
mod aws_iot_topic_rule;
mod aws_kinesis_stream;
mod aws_kms_key;
mod aws_lb;
mod aws_nat_gateway;
mod aws_network_acl;
mod aws_route53_zone;
mod aws_route_table;
mod aws_s3_bucket;
mod aws_secretsmanager_secret;
mod aws_security_group;
mod aws_sqs_queue;
mod aws_ssm_parameter;
mod aws_subnet;
mod aws_timestreamwrite_database;
mod aws_vpc;
mod aws_vpc_endpoint;
mod data_sources;

use super::args::Args;
use super::cx::{Cx, Measured, Read};
use super::object;
use super::row::Type;
use crate::documents::Kind;
use crate::facts::network::{Block, Vpc};

/// Every type.
pub(crate) static ALL: &[&Type] = &[
    &aws_cloudwatch_log_group::TYPE,
    &aws_cloudwatch_log_group::DATA,
    &aws_cloudwatch_log_group::POLICY,
    &aws_db_instance::TYPE,
    &aws_db_instance::SUBNETS,
    &aws_db_instance::PARAMETERS,
    &aws_dynamodb_table::TYPE,
    &aws_dynamodb_table::DATA,
    &aws_dynamodb_table::POLICY,
    &aws_iam_provider::OIDC,
    &aws_iam_provider::OIDC_DATA,
    &aws_iam_provider::SAML,
    &aws_iam_provider::SAML_DATA,
    &aws_iam_role::TYPE,
    &aws_iam_role::DATA,
    &aws_iam_role::PROFILE,
    &aws_iam_role::POLICY,
    &aws_iam_role::ATTACHMENT,
    &aws_iam_role::POLICIES_EXCLUSIVE,
    &aws_iam_role::ATTACHMENTS_EXCLUSIVE,
    &aws_iam_role::MANAGED,
    &aws_internet_gateway::TYPE,
    &aws_internet_gateway::EGRESS_ONLY,
    &aws_iot_policy::TYPE,
    &aws_iot_policy::ATTACHMENT,
    &aws_iot_thing_type::TYPE,
    &aws_iot_thing_type::GROUP,
    &aws_iot_thing_type::ROLE_ALIAS,
    &aws_iot_topic_rule::TYPE,
    &aws_kinesis_stream::TYPE,
    &aws_kinesis_stream::DATA,
    &aws_kinesis_stream::POLICY,
    &aws_kms_key::TYPE,
    &aws_kms_key::DATA,
    &aws_kms_key::ALIAS,
    &aws_kms_key::ALIAS_DATA,
    &aws_kms_key::POLICY,
    &aws_lb::TYPE,
    &aws_lb::DATA,
    &aws_lb::LISTENER,
    &aws_lb::TARGET_GROUP,
    &aws_nat_gateway::TYPE,
    &aws_nat_gateway::ADDRESS,
    &aws_network_acl::TYPE,
    &aws_network_acl::ASSOCIATION,
    &aws_network_acl::RULE,
    &aws_route53_zone::TYPE,
    &aws_route53_zone::RECORD,
    &aws_route_table::TYPE,
    &aws_route_table::DATA,
    &aws_route_table::ASSOCIATION,
    &aws_route_table::ROUTE,
    &aws_route_table::PROPAGATION,
    &aws_route_table::SITE_DATA,
    &aws_route_table::ATTACHMENT,
    &aws_s3_bucket::TYPE,
    &aws_s3_bucket::DATA,
    &aws_s3_bucket::POLICY,
    &aws_s3_bucket::PUBLIC_ACCESS,
    &aws_s3_bucket::OWNERSHIP,
    &aws_s3_bucket::VERSIONING,
    &aws_s3_bucket::ENCRYPTION,
    &aws_s3_bucket::LIFECYCLE,
    &aws_s3_bucket::OBJECT_LOCK,
    &aws_s3_bucket::LOGGING,
    &aws_secretsmanager_secret::TYPE,
    &aws_secretsmanager_secret::DATA,
    &aws_secretsmanager_secret::POLICY,
    &aws_security_group::TYPE,
    &aws_security_group::DEFAULT,
    &aws_security_group::DATA,
    &aws_security_group::INGRESS,
    &aws_security_group::EGRESS,
    &aws_sqs_queue::TYPE,
    &aws_sqs_queue::DATA,
    &aws_sqs_queue::POLICY,
    &aws_ssm_parameter::TYPE,
    &aws_subnet::TYPE,
    &aws_subnet::DATA,
    &aws_timestreamwrite_database::TYPE,
    &aws_timestreamwrite_database::TABLE,
    &aws_vpc::TYPE,
    &aws_vpc::DATA,
    &aws_vpc_endpoint::TYPE,
    &aws_vpc_endpoint::DATA,
    &aws_vpc_endpoint::POLICY,
    &aws_vpc_endpoint::TABLE_ASSOCIATION,
    &aws_vpc_endpoint::SUBNET_ASSOCIATION,
    &aws_vpc_endpoint::GROUP_ASSOCIATION,
    &aws_vpc_endpoint::PREFIX_LIST,
    &data_sources::CALLER,
    &data_sources::CERTIFICATE,
    &data_sources::BROKER,
];

/// The type of a name.
pub(crate) fn find(name: &str, is_data: bool) -> Option<&'static Type> {
    ALL.iter()
        .find(|sort| sort.name == name && sort.is_data == is_data)
        .copied()
}

/// A policy of a resource that an argument names by its ARN.
fn resource_policy(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, kind: Kind, measure: Measured) -> Read<()> {
    let address = args.text(cx, "resource_arn")?;
    let text = args.maybe_wide(cx, "policy")?.unwrap_or_default();
    let place = args.place_of("policy");
    cx.resource_policy(&address, kind, text, measure, place);
    Ok(())
}

/// A network that is found and not created.
fn rely_on_network(cx: &mut Cx<'_, '_>, args: &Args<'_>, cidr: Option<Block>) -> Read<()> {
    let address = object::own(cx, args)?;
    if !cx.emits(&address) {
        let place = args.place();
        cx.existing_network(Vpc {
            address,
            cidr,
            cidr6: None,
            dns: (false, false),
            existing: true,
            place,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_one_table_and_an_argument_one_row() {
        for (at, sort) in ALL.iter().enumerate() {
            assert!(
                !ALL[..at]
                    .iter()
                    .any(|other| other.name == sort.name && other.is_data == sort.is_data)
            );
            for (at, row) in sort.rows.iter().enumerate() {
                assert!(
                    !sort.rows[..at].iter().any(|other| other.name == row.name),
                    "{} {}",
                    sort.name,
                    row.name
                );
            }
        }
    }
}
