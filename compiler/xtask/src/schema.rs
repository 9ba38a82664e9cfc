//! `cargo xtask schema`: a dump of a Terraform provider's schema to `stdlib/catalogue/terraform-aws-6.25.0.json`.
//!
//! A line a type. An argument is its type and its letters, `r` required, `o` optional, `c` computed; a nested
//! block its nesting, `min` and `max` where the dump has them, and what is in it.

use crate::{files, seal};
use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};
use std::io::Read as _;
use std::path::Path;

/// Where the extract goes, below the root of the workspace.
pub const PACKED: &str = "stdlib/catalogue/terraform-aws-6.25.0.json";

/// The resources that the compiler emits.
const RESOURCES: &[&str] = &[
    "aws_cloudwatch_log_group",
    "aws_cloudwatch_log_resource_policy",
    "aws_db_instance",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_default_security_group",
    "aws_dynamodb_resource_policy",
    "aws_dynamodb_table",
    "aws_eip",
    "aws_iam_instance_profile",
    "aws_iam_openid_connect_provider",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_role_policies_exclusive",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
    "aws_iam_saml_provider",
    "aws_internet_gateway",
    "aws_iot_policy",
    "aws_iot_policy_attachment",
    "aws_iot_role_alias",
    "aws_iot_thing",
    "aws_iot_thing_group",
    "aws_iot_thing_type",
    "aws_iot_topic_rule",
    "aws_kinesis_resource_policy",
    "aws_kinesis_stream",
    "aws_kms_alias",
    "aws_kms_key",
    "aws_kms_key_policy",
    "aws_lambda_function",
    "aws_lambda_permission",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_target_group",
    "aws_nat_gateway",
    "aws_network_acl",
    "aws_network_acl_association",
    "aws_network_acl_rule",
    "aws_route",
    "aws_route53_record",
    "aws_route53_zone",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_object_lock_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_policy",
    "aws_security_group",
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
    "aws_ssm_parameter",
    "aws_subnet",
    "aws_timestreamwrite_database",
    "aws_timestreamwrite_table",
    "aws_vpc",
    "aws_vpc_endpoint",
    "aws_vpc_endpoint_policy",
    "aws_vpc_endpoint_route_table_association",
    "aws_vpc_endpoint_security_group_association",
    "aws_vpc_endpoint_subnet_association",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpn_gateway_attachment",
    "aws_vpn_gateway_route_propagation",
];

/// The data sources that the compiler emits.
const DATA: &[&str] = &[
    "aws_acm_certificate",
    "aws_caller_identity",
    "aws_cloudwatch_log_group",
    "aws_dynamodb_table",
    "aws_iam_openid_connect_provider",
    "aws_iam_role",
    "aws_iam_saml_provider",
    "aws_iot_endpoint",
    "aws_kinesis_stream",
    "aws_kms_alias",
    "aws_kms_key",
    "aws_lb",
    "aws_prefix_list",
    "aws_route_table",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
    "aws_security_group",
    "aws_sqs_queue",
    "aws_subnet",
    "aws_subnets",
    "aws_vpc",
    "aws_vpc_endpoint",
    "aws_vpn_gateway",
];

/// Packs the types that the compiler emits.
///
/// # Errors
/// If the file cannot be read, is no schema, or lacks one of the types.
pub fn pack(file: &Path) -> Result<String, String> {
    let bytes = files::read(file)?;
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .map_err(|error| format!("{}: {error}", file.display()))?;
    let dump: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let field = |name: &str| {
        dump.get(name)
            .and_then(Value::as_str)
            .ok_or(format!("the dump has no `{name}`"))
    };
    let provider = dump
        .get("provider_schemas")
        .and_then(|schemas| schemas.get("registry.terraform.io/hashicorp/aws"))
        .ok_or("the dump has no schema of hashicorp/aws")?;

    let mut body = String::new();
    let about = [
        ("provider", "hashicorp/aws"),
        ("version", field("x-provider-version")?),
        ("source", field("x-extracted-from")?),
        ("licence", "MPL-2.0; facts about arguments only"),
    ];
    for (name, value) in about {
        body.push_str(&format!(" {}: {},\n", json!(name), json!(value)));
    }
    body.push_str(&format!(" \"source-sha256\": \"{}\",\n", files::sha256(&bytes)));
    body.push_str(&section(
        "resources",
        provider.get("resource_schemas"),
        RESOURCES,
    )?);
    body.push_str(",\n");
    body.push_str(&section("data", provider.get("data_source_schemas"), DATA)?);
    body.push_str("\n}\n");
    Ok(format!(
        "{{\n{}\n{body}",
        seal::digest_line(&files::sha256(body.as_bytes()))
    ))
}

fn section(name: &str, schemas: Option<&Value>, types: &[&str]) -> Result<String, String> {
    let mut lines = Vec::new();
    for wanted in types {
        let block = schemas
            .and_then(|schemas| schemas.get(*wanted))
            .and_then(|schema| schema.get("block"));
        let Some(block) = block else {
            return Err(format!("the dump has no `{wanted}` among its {name}"));
        };
        lines.push(format!("  {}: {}", json!(wanted), compact(block)?));
    }
    Ok(format!(" {}: {{\n{}\n }}", json!(name), lines.join(",\n")))
}

fn compact(block: &Value) -> Result<Value, String> {
    let mut arguments = Map::new();
    for (name, attribute) in entries(block, "attributes") {
        let kind = attribute.get("type").ok_or(format!("`{name}` has no type"))?;
        let mut letters = String::new();
        for (word, letter) in [("required", 'r'), ("optional", 'o'), ("computed", 'c')] {
            if attribute.get(word).and_then(Value::as_bool) == Some(true) {
                letters.push(letter);
            }
        }
        arguments.insert(name.clone(), json!([kind, letters]));
    }
    let mut packed = Map::new();
    packed.insert("a".to_owned(), Value::Object(arguments));
    let mut blocks = Map::new();
    for (name, nested) in entries(block, "block_types") {
        let mut own = Map::new();
        for (long, short) in [
            ("nesting_mode", "nesting"),
            ("min_items", "min"),
            ("max_items", "max"),
        ] {
            if let Some(value) = nested.get(long) {
                own.insert(short.to_owned(), value.clone());
            }
        }
        own.insert(
            "in".to_owned(),
            compact(nested.get("block").unwrap_or(&Value::Null))?,
        );
        blocks.insert(name.clone(), Value::Object(own));
    }
    if !blocks.is_empty() {
        packed.insert("b".to_owned(), Value::Object(blocks));
    }
    Ok(Value::Object(packed))
}

/// The members of an object in order of name.
fn entries<'v>(value: &'v Value, field: &str) -> Vec<(&'v String, &'v Value)> {
    let mut entries: Vec<_> = value
        .get(field)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .collect();
    entries.sort_by_key(|(name, _)| *name);
    entries
}
