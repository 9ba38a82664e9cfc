//! Arguments that do not go with each other, as the pages of their types say.

use super::value::Value;
use super::world::Node;
use crate::label::fault::Faults;

pub(super) fn check(nodes: &[Node], faults: &mut Faults) {
    for node in nodes.iter().filter(|node| node.is_data) {
        if nodes
            .iter()
            .any(|other| is_looked_up(node, other) && !bears(other, node))
        {
            faults.unreadable(&format!("{} finds nothing", node.shown()));
        }
    }
    for node in nodes.iter().filter(|node| !node.is_data) {
        let fits = match node.sort.as_str() {
            "aws_lb_listener" => listener(node),
            "aws_lb_target_group" => targets(node),
            "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => {
                let peers = ["cidr_ipv4", "referenced_security_group_id"];
                ports(node, "ip_protocol")
                    && peers
                        .iter()
                        .filter(|name| node.said.all.contains_key(**name))
                        .count()
                        == 1
            }
            "aws_network_acl_rule" => ports(node, "protocol"),
            "aws_route" => {
                ["gateway_id", "nat_gateway_id"]
                    .iter()
                    .filter(|name| node.said.all.contains_key(**name))
                    .count()
                    == 1
            }
            "aws_kinesis_stream" => {
                // Without a mode, a stream has shards, whose number must be said.
                node.said.all.contains_key("stream_mode_details")
                    && (node.text("encryption_type") == Some("KMS"))
                        == node.said.all.contains_key("kms_key_id")
                    && is_of_service(node, "kms_key_id", "alias/aws/kinesis")
            }
            "aws_sqs_queue" => {
                !(node.said.all.contains_key("kms_master_key_id")
                    && node.said.all.contains_key("sqs_managed_sse_enabled"))
            }
            "aws_db_instance" => database(node, nodes),
            "aws_dynamodb_table" => table(node),
            "aws_s3_bucket_lifecycle_configuration" => node.said.all.contains_key("rule"),
            "aws_s3_bucket_server_side_encryption_configuration" => encryption(node),
            // Another endpoint, of the gateway sort, would be needed beside it.
            "aws_vpc_endpoint" => {
                let is_s3 = node
                    .text("service_name")
                    .is_some_and(|name| name.ends_with(".s3"));
                let is_named = node.text("private_dns_enabled") == Some("true");
                !(is_s3 && is_named) || node.said.all.contains_key("dns_options")
            }
            _ => true,
        };
        if !fits {
            faults.unreadable(&format!("arguments of {} that do not go together", node.shown()));
        }
    }
}

/// Whether a data source names an object that is made here.
fn is_looked_up(source: &Node, other: &Node) -> bool {
    let is_named = |(name, value)| other.said.all.get(name) == Some(value);
    !other.is_data
        && (&source.sort, &source.account, &source.region) == (&other.sort, &other.account, &other.region)
        && source.sort == "aws_vpc"
        && source.said.all.iter().all(is_named)
}

/// A data source finds what bears all the tags that it asks for.
fn bears(other: &Node, source: &Node) -> bool {
    source
        .said
        .tags
        .iter()
        .all(|(name, value)| other.said.tags.get(name) == Some(value))
}

/// A check by connection asks for nothing. Of a network balancer, what is left out means a connection, and not HTTP as elsewhere:
/// HTTP of which nothing is said may be that, and is taken for neither.
fn targets(node: &Node) -> bool {
    let health = node.said.all.get("health_check");
    let said = |name: &str, default: &str| {
        let values = members(health, name);
        values.iter().any(|value| **value != Value::text(default))
    };
    let asks = said("path", "/") || said("matcher", "200");
    let by_connection = members(health, "protocol").contains(&&Value::text("TCP"));
    let is_stream = matches!(node.text("protocol"), Some("TCP" | "TLS"));
    if by_connection {
        is_stream && !asks
    } else {
        !is_stream || asks
    }
}

fn listener(node: &Node) -> bool {
    let is_tls = matches!(node.text("protocol"), Some("HTTPS" | "TLS"));
    let has = |name: &str| node.said.all.contains_key(name);
    has("default_action") && is_tls == has("certificate_arn") && (is_tls || !has("ssl_policy"))
}

/// Every protocol has every port; the others need a range.
fn ports(node: &Node, protocol: &str) -> bool {
    if node.text(protocol) == Some("-1") {
        return true;
    }
    let port = |name: &str| node.text(name).and_then(|text| text.parse::<i64>().ok());
    if matches!(node.text(protocol), Some("icmp" | "icmpv6" | "1" | "58")) {
        return port("icmp_type").is_some() && port("from_port").or(port("to_port")).is_none();
    }
    if port("icmp_type").or(port("icmp_code")).is_some() {
        return false;
    }
    matches!((port("from_port"), port("to_port")), (Some(first), Some(last)) if first <= last)
}

fn members<'a>(value: Option<&'a Value>, name: &str) -> Vec<&'a Value> {
    match value {
        Some(Value::List(items) | Value::Set(items)) => {
            items.iter().flat_map(|item| members(Some(item), name)).collect()
        }
        Some(Value::Members(of)) => of.get(name).into_iter().collect(),
        Some(Value::One(_)) | None => Vec::new(),
    }
}

/// A key is of an encrypted database, and a version is of the family of its parameters.
fn database(node: &Node, nodes: &[Node]) -> bool {
    let all = &node.said.all;
    let parameters = node.target("parameter_group_name").map(|at| &nodes[at]);
    let major = node
        .text("engine_version")
        .map(|version| version.split('.').next().unwrap_or_default());
    let family = |major: &str| format!("{}{major}", node.text("engine").unwrap_or_default());
    let of_family = match (all.get("parameter_group_name"), parameters, major) {
        (None, ..) => true,
        (Some(_), None, _) => false,
        (Some(_), Some(parameters), Some(major)) => parameters.text("family") == Some(&family(major)),
        (Some(_), Some(_), None) => true,
    };
    let is_encrypted = node.text("storage_encrypted") == Some("true");
    let fields_are_numbers = node.text("engine_version").is_none_or(|version| {
        version
            .split('.')
            .all(|field| !field.is_empty() && field.chars().all(|c| c.is_ascii_digit()))
    });
    let starts = node
        .text("username")
        .and_then(|name| name.chars().next())
        .is_some_and(|c| c.is_ascii_alphabetic());
    of_family && fields_are_numbers && starts && (is_encrypted || !all.contains_key("kms_key_id"))
}

/// Every attribute is of a key, and every key is an attribute.
fn table(node: &Node) -> bool {
    let keys: std::collections::BTreeSet<&str> = ["hash_key", "range_key"]
        .iter()
        .filter_map(|name| node.text(name))
        .collect();
    let attributes: Vec<&str> = members(node.said.all.get("attribute"), "name")
        .into_iter()
        .filter_map(Value::as_text)
        .collect();
    let named: std::collections::BTreeSet<&str> = attributes.iter().copied().collect();
    let both = node.said.all.contains_key("hash_key") && node.text("hash_key") == node.text("range_key");
    let encryption = node.said.all.get("server_side_encryption");
    let is_on = members(encryption, "enabled")
        .iter()
        .any(|value| value.as_text() == Some("true"));
    let has_key = !members(encryption, "kms_key_arn").is_empty();
    keys == named && attributes.len() == named.len() && !both && (is_on || !has_key)
}

fn encryption(node: &Node) -> bool {
    let defaults: Vec<&Value> = members(
        node.said.all.get("rule"),
        "apply_server_side_encryption_by_default",
    );
    let fits = |value: &&Value| {
        let algorithm = members(Some(value), "sse_algorithm");
        let has_key = !members(Some(value), "kms_master_key_id").is_empty();
        algorithm.first().and_then(|value| value.as_text()) == Some("aws:kms") || !has_key
    };
    defaults.len() == 1 && defaults.iter().all(fits)
}

/// Whether a key of the provider's own that an argument names is the one of the service.
fn is_of_service(node: &Node, argument: &str, own: &str) -> bool {
    let named = node.text(argument).unwrap_or_default();
    !named.contains("alias/aws/") || named == own
}
