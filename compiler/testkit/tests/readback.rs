//! What Terraform does with files, lists and arguments is read as it does it: nothing that bears on what is made passes unread or
//! unheld.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says where")]

use crate::edited;
use std::collections::{BTreeMap, BTreeSet};

use catalogue::terraform::{Block as Schema, Need, TerraformSchema, ValueType};
use prove::witness::{Refusal, Sort};
use serde_json::{Value, json};
use testkit::label::Files;
use testkit::mutate::specimen::Specimen;

const TERRAFORM: &str = bundle::target::TERRAFORM;
const PROJECTS: [&str; 5] = [
    "terraform/stores",
    "terraform/network",
    "terraform/balancer",
    "terraform/devices",
    "terraform/ci",
];

/// The path of the one file that ends so.
fn path(specimen: &Specimen<'_>, end: &str) -> String {
    let found: Vec<&String> = specimen.files.keys().filter(|path| path.ends_with(end)).collect();
    let [one] = found.as_slice() else {
        panic!("{end} is the end of {found:?}");
    };
    (*one).clone()
}

/// Every file as a value.
fn values(files: &Files) -> BTreeMap<String, Value> {
    files
        .iter()
        .map(|(path, (_, bytes))| (path.clone(), serde_json::from_slice(bytes).unwrap()))
        .collect()
}

/// Files in which one says something else.
fn with(files: &Files, path: &str, value: &Value) -> Files {
    let mut files = files.clone();
    files.get_mut(path).unwrap().1 = serde_json::to_vec_pretty(value).unwrap();
    files
}

/// What is said to the files after a change of the first block of a type.
fn changed(specimen: &Specimen<'_>, sort: &str, change: impl Fn(&mut Value)) -> Vec<Refusal> {
    for (path, mut value) in values(&specimen.files) {
        let Some(block) = value
            .pointer_mut(&format!("/resource/{sort}"))
            .and_then(Value::as_object_mut)
            .and_then(|blocks| blocks.values_mut().next())
        else {
            continue;
        };
        change(block);
        let files = with(&specimen.files, &path, &value);
        return specimen.judge(&files).err().unwrap_or_default();
    }
    panic!("{} has no {sort}", specimen.name);
}

fn is_said(refusals: &[Refusal], sort: Sort, words: &str) -> bool {
    refusals
        .iter()
        .any(|refusal| refusal.sort == sort && refusal.message.contains(words))
}

#[test]
fn what_stands_in_a_file_that_terraform_ignores_is_not_made() {
    edited::with("terraform/stores", TERRAFORM, |specimen| {
        let policies = path(specimen, "/main/policies.tf.json");
        let (folder, name) = policies.rsplit_once('/').unwrap();
        for new in [format!(".{name}"), format!("{name}~"), format!("#{name}#")] {
            // Nothing is left of the policies.
            let mut files = specimen.files.clone();
            let bytes = files.remove(&policies).unwrap();
            files.insert(format!("{folder}/{new}"), bytes.clone());
            let refusals = specimen.judge(&files).unwrap_err();
            assert!(
                refusals
                    .iter()
                    .any(|refusal| matches!(refusal.sort, Sort::FallsShort | Sort::Exceeds))
                    && is_said(&refusals, Sort::Idle, "passes over"),
                "{new}: {}",
                edited::said(&refusals)
            );
            // A copy of them does nothing, and a broken one neither: it is told all the same.
            for bytes in [bytes.1, b"{".to_vec()] {
                let mut files = specimen.files.clone();
                files.insert(format!("{folder}/{new}"), (TERRAFORM, bytes));
                let refusals = specimen.judge(&files).unwrap_err();
                assert!(
                    refusals.iter().all(|refusal| refusal.sort == Sort::Idle),
                    "{new}: {}",
                    edited::said(&refusals)
                );
            }
        }
    });
}

#[test]
fn a_file_that_is_merged_over_others_is_not_read() {
    edited::with("terraform/stores", TERRAFORM, |specimen| {
        let policies = path(specimen, "/main/policies.tf.json");
        let (folder, name) = policies.rsplit_once('/').unwrap();
        let stem = name.strip_suffix(".tf.json").unwrap();
        for new in [
            "override.tf.json".to_owned(),
            format!("{stem}_override.tf.json"),
            "_override.tf.json".to_owned(),
            "override.tf".to_owned(),
            format!("{stem}_override.tf"),
            "terraform.tfvars.json".to_owned(),
            "x.auto.tfvars.json".to_owned(),
        ] {
            let mut files = specimen.files.clone();
            let bytes = files.remove(&policies).unwrap();
            files.insert(format!("{folder}/{new}"), bytes);
            let refusals = specimen.judge(&files).unwrap_err();
            assert!(
                refusals.iter().any(|refusal| refusal.sort == Sort::Unread),
                "{new}: {}",
                edited::said(&refusals)
            );
        }
        // Only as a whole word.
        let mut files = specimen.files.clone();
        let bytes = files.remove(&policies).unwrap();
        files.insert(format!("{folder}/nooverride.tf.json"), bytes);
        assert!(specimen.judge(&files).is_ok());
    });
}

#[test]
fn a_list_in_line_is_not_read_beside_blocks_that_hold_its_parts() {
    let empty: [(&str, &str, &[&str]); 3] = [
        ("terraform/network", "aws_security_group", &["ingress", "egress"]),
        (
            "terraform/network",
            "aws_network_acl",
            &["subnet_ids", "ingress", "egress"],
        ),
        ("terraform/network", "aws_route_table", &["route"]),
    ];
    for (project, sort, arguments) in empty {
        edited::with(project, TERRAFORM, |specimen| {
            let said = |argument: &str| {
                let mut found = Vec::new();
                let labels: Vec<String> = values(&specimen.files)
                    .values()
                    .filter_map(|value| {
                        value
                            .pointer(&format!("/resource/{sort}"))
                            .and_then(Value::as_object)
                    })
                    .flat_map(|blocks| blocks.keys().cloned())
                    .collect();
                for label in labels {
                    for (path, mut value) in values(&specimen.files) {
                        let Some(block) = value.pointer_mut(&format!("/resource/{sort}/{label}")) else {
                            continue;
                        };
                        block[argument] = json!([]);
                        let files = with(&specimen.files, &path, &value);
                        found.extend(specimen.judge(&files).err().unwrap_or_default());
                    }
                }
                found
            };
            for argument in arguments {
                let refusals = said(argument);
                assert!(
                    refusals.iter().any(|refusal| refusal.sort == Sort::Unread),
                    "{sort} {argument}: {}",
                    edited::said(&refusals)
                );
            }
        });
    }
    edited::with("terraform/stores", TERRAFORM, |specimen| {
        // A role's own policies stand in blocks of their own.
        let inline = json!([{ "name": "more", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }]);
        let refusals = changed(specimen, "aws_iam_role", |block| {
            block["inline_policy"] = inline.clone()
        });
        assert!(
            is_said(&refusals, Sort::Unread, "a list in line"),
            "{}",
            edited::said(&refusals)
        );
    });
}

#[test]
fn ids_of_statements_are_held_to_the_grammar() {
    edited::with("terraform/stores", TERRAFORM, |specimen| {
        for (sort, argument) in [
            ("aws_iam_role", "assume_role_policy"),
            ("aws_iam_role_policy", "policy"),
            ("aws_s3_bucket_policy", "policy"),
            ("aws_kms_key", "policy"),
        ] {
            let set = |ids: &'static [&'static str]| {
                changed(specimen, sort, |block| {
                    let mut document: Value =
                        serde_json::from_str(block[argument].as_str().unwrap()).unwrap();
                    let statements = document["Statement"].as_array_mut().unwrap();
                    while statements.len() < ids.len() {
                        statements.push(statements[0].clone());
                    }
                    for (statement, id) in statements.iter_mut().zip(ids) {
                        statement["Sid"] = json!(id);
                    }
                    block[argument] = json!(document.to_string());
                })
            };
            for (ids, words) in [
                (&["Same", "Same"][..], "a second time"),
                (&["has-a-dash"], "letters and digits"),
                (&["has space"], "letters and digits"),
                (&["ünï"], "letters and digits"),
            ] {
                let refusals = set(ids);
                assert!(
                    is_said(&refusals, Sort::Unread, words),
                    "{sort} {ids:?}: {}",
                    edited::said(&refusals)
                );
            }
            let refusals = set(&["A1"]);
            assert!(refusals.is_empty(), "{sort}: {}", edited::said(&refusals));
        }
    });
}

/// Whoever takes a role has its tags as attributes of the session.
#[test]
fn a_role_has_no_tag_that_a_policy_asks_for() {
    edited::with("aws-iam/people", TERRAFORM, |specimen| {
        let tagged = |name: &'static str| {
            changed(specimen, "aws_iam_role", |block| {
                block["tags"] = json!({ name: "l1" })
            })
        };
        for name in ["line", "LINE"] {
            let refusals = tagged(name);
            assert!(
                is_said(&refusals, Sort::Unread, "an attribute of the session"),
                "{name}: {}",
                edited::said(&refusals)
            );
        }
        assert!(tagged("team").is_empty());
        let (path, mut value) = values(&specimen.files)
            .into_iter()
            .find(|(path, _)| path.ends_with("-roles/versions.tf.json"))
            .unwrap();
        value["provider"]["aws"]["default_tags"] = json!({ "tags": { "line": "l1" } });
        let refusals = specimen
            .judge(&with(&specimen.files, &path, &value))
            .err()
            .unwrap_or_default();
        assert!(
            is_said(&refusals, Sort::Unread, "an attribute of the session"),
            "{}",
            edited::said(&refusals)
        );
    });
}

/// Arguments that nothing follows from, whatever they say: prose, labels, and what only says when a program waits.
const PROSE: [&str; 9] = [
    "tags",
    "tags_all",
    "description",
    "comment",
    "depends_on",
    "lifecycle",
    "rule.id",
    // The order of rules of which no two are about the same packets, which replays compare.
    "rule_number",
    "properties.description",
];

/// Names by which others refer, and which no declaration states; whoever bears them is told by what refers to it.
const NAMES: [(&str, &str); 4] = [
    ("aws_iam_role_policy", "name"),
    ("aws_lb_target_group", "name"),
    ("aws_db_subnet_group", "name"),
    ("aws_db_parameter_group", "name"),
];

/// Every leaf of a block but documents: the way to it, and its value.
fn leaves(within: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                leaves(&format!("{within}/{name}"), value, out);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (at, item) in items.iter().enumerate() {
                leaves(&format!("{within}/{at}"), item, out);
            }
        }
        Value::Array(_) => {}
        Value::String(text) if text.starts_with('{') => {}
        one => out.push((within.to_owned(), one.clone())),
    }
}

/// Another value of the same sort, as near as may be.
fn other(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) => {
            let number = number.as_i64().unwrap();
            vec![json!(number + 1), json!((number - 1).max(0))]
        }
        Value::String(text) => vec![json!(format!("{text}x")), json!("")],
        _ => Vec::new(),
    }
}

#[test]
fn no_argument_that_is_said_can_be_changed_or_left_out() {
    let (mut accepted, mut tried) = (BTreeSet::new(), 0);
    for project in PROJECTS {
        edited::with(project, TERRAFORM, |specimen| {
            for (path, document) in values(&specimen.files) {
                let Some(resources) = document["resource"].as_object() else {
                    continue;
                };
                for (sort, blocks) in resources {
                    for (label, block) in blocks.as_object().unwrap() {
                        let base = format!("/resource/{sort}/{label}");
                        let mut found = Vec::new();
                        leaves("", block, &mut found);
                        for (pointer, value) in found {
                            let names: Vec<&str> = pointer
                                .split('/')
                                .filter(|name| !name.is_empty() && name.parse::<usize>().is_err())
                                .collect();
                            let argument = names.join(".");
                            if PROSE.contains(&argument.as_str())
                                || PROSE.contains(&names[0])
                                || NAMES.contains(&(sort.as_str(), argument.as_str()))
                            {
                                continue;
                            }
                            let mut changes: Vec<Option<Value>> = other(&value)
                                .into_iter()
                                .filter(|one| *one != value)
                                .map(Some)
                                .collect();
                            changes.push(None);
                            for change in changes {
                                let mut document = document.clone();
                                let (parent, last) = pointer.rsplit_once('/').unwrap();
                                let of = document.pointer_mut(&format!("{base}{parent}")).unwrap();
                                match &change {
                                    Some(new) => of[last] = new.clone(),
                                    None => drop(of.as_object_mut().unwrap().remove(last)),
                                }
                                tried += 1;
                                if specimen.judge(&with(&specimen.files, &path, &document)).is_ok() {
                                    let to =
                                        change.map_or_else(|| "left out".to_owned(), |new| new.to_string());
                                    accepted.insert(format!("{sort}.{argument} {value} -> {to}"));
                                }
                            }
                        }
                    }
                }
            }
        });
    }
    assert!(tried > 500, "{tried}");
    let list: Vec<&str> = accepted.iter().map(String::as_str).collect();
    assert_eq!(list, ACCEPTED, "\n{}", list.join("\n"));
}

/// Left out, these mean what was said; a lock's configuration turns it on; and names inside a network decide nothing where no private
/// endpoint answers to them.
const ACCEPTED: [&str; 24] = [
    "aws_db_instance.iam_database_authentication_enabled false -> left out",
    "aws_db_instance.port 5432 -> left out",
    "aws_db_instance.publicly_accessible false -> left out",
    "aws_db_instance.skip_final_snapshot false -> left out",
    r#"aws_eip.domain "vpc" -> left out"#,
    "aws_iam_role.max_session_duration 3600 -> left out",
    "aws_kinesis_stream.retention_period 24 -> left out",
    "aws_kms_key.deletion_window_in_days 30 -> left out",
    "aws_lb.internal false -> left out",
    r#"aws_lb.load_balancer_type "application" -> left out"#,
    r#"aws_lb_listener.protocol "HTTP" -> left out"#,
    r#"aws_lb_target_group.health_check.protocol "HTTP" -> left out"#,
    "aws_network_acl_rule.egress false -> left out",
    "aws_s3_bucket.object_lock_enabled true -> false",
    "aws_s3_bucket.object_lock_enabled true -> left out",
    r#"aws_s3_bucket_lifecycle_configuration.rule.filter.prefix "" -> left out"#,
    "aws_secretsmanager_secret.recovery_window_in_days 30 -> left out",
    "aws_sqs_queue.message_retention_seconds 345600 -> left out",
    "aws_subnet.map_public_ip_on_launch false -> left out",
    "aws_vpc.enable_dns_hostnames true -> false",
    "aws_vpc.enable_dns_hostnames true -> left out",
    "aws_vpc.enable_dns_support true -> false",
    "aws_vpc.enable_dns_support true -> left out",
    "aws_vpc_endpoint.private_dns_enabled false -> left out",
];

/// Some values of a type.
fn values_of(sort: &ValueType) -> Vec<Value> {
    match sort {
        ValueType::Bool => vec![json!(true), json!(false)],
        ValueType::Number => [0, 1, 7, 30, 60, 100, 300].map(|n| json!(n)).to_vec(),
        ValueType::String => ["x", "true", "1", "DISABLED"].map(|text| json!(text)).to_vec(),
        ValueType::Map(_) => vec![json!({ "x": "y" })],
        ValueType::List(_) | ValueType::Set(_) | ValueType::Object(_) => vec![json!(["x"])],
    }
}

#[test]
fn no_argument_that_nothing_says_can_be_added() {
    let schema = TerraformSchema::embedded();
    let mut accepted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for project in PROJECTS {
        edited::with(project, TERRAFORM, |specimen| {
            for (path, document) in values(&specimen.files) {
                let Some(resources) = document["resource"].as_object() else {
                    continue;
                };
                for (sort, blocks) in resources {
                    if !seen.insert(sort.clone()) {
                        continue;
                    }
                    let (label, block) = blocks.as_object().unwrap().iter().next().unwrap();
                    let of = schema.resource(sort).unwrap();
                    for (name, argument) in of.arguments() {
                        if argument.need == Need::Computed
                            || !block[name].is_null()
                            || PROSE.contains(&name)
                            || name == "id"
                        {
                            continue;
                        }
                        let values = values_of(&argument.value);
                        for value in values {
                            let mut document = document.clone();
                            document["resource"][sort][label][name] = value.clone();
                            if specimen.judge(&with(&specimen.files, &path, &document)).is_ok() {
                                accepted
                                    .entry(format!("{sort}.{name}"))
                                    .or_default()
                                    .insert(value.to_string());
                            }
                        }
                    }
                    for (name, nested) in of.blocks() {
                        let required = |block: &Schema| {
                            let needed = block.arguments().filter(|(_, one)| one.need == Need::Required);
                            needed
                                .map(|(name, one)| (name.to_owned(), values_of(&one.value)[0].clone()))
                                .collect::<serde_json::Map<String, Value>>()
                        };
                        for (inner, argument) in nested.block.arguments() {
                            let is_said = !block[name].is_null() && !block[name][inner].is_null();
                            if argument.need == Need::Computed
                                || is_said
                                || name == "timeouts"
                                || inner == "description"
                            {
                                continue;
                            }
                            for value in values_of(&argument.value) {
                                let mut document = document.clone();
                                let place = &mut document["resource"][sort][label][name];
                                if !place.is_object() {
                                    *place = Value::Object(required(&nested.block));
                                }
                                place[inner] = value.clone();
                                if specimen.judge(&with(&specimen.files, &path, &document)).is_ok() {
                                    accepted
                                        .entry(format!("{sort}.{name}.{inner}"))
                                        .or_default()
                                        .insert(value.to_string());
                                }
                            }
                        }
                    }
                }
            }
        });
    }
    assert!(seen.len() > 30, "{seen:?}");
    // One value is the provider's default; two are a choice that nobody holds.
    let chosen: Vec<_> = accepted.iter().filter(|(_, values)| values.len() > 1).collect();
    assert!(chosen.is_empty(), "{chosen:?}");
}

/// Those that bear on security, by name: none was held once.
#[test]
fn what_bears_on_security_is_held() {
    let stores: [(&str, &str, &str, Value); 23] = [
        (
            "terraform/balancer",
            "aws_db_instance",
            "iam_database_authentication_enabled",
            json!(true),
        ),
        (
            "terraform/balancer",
            "aws_db_instance",
            "backup_retention_period",
            json!(0),
        ),
        (
            "terraform/balancer",
            "aws_db_instance",
            "backup_retention_period",
            json!(35),
        ),
        (
            "terraform/balancer",
            "aws_db_instance",
            "master_user_secret_kms_key_id",
            json!("alias/aws/secretsmanager"),
        ),
        (
            "terraform/balancer",
            "aws_db_instance",
            "enabled_cloudwatch_logs_exports",
            json!(["postgresql"]),
        ),
        (
            "terraform/balancer",
            "aws_db_instance",
            "ca_cert_identifier",
            json!("rds-ca-2019"),
        ),
        (
            "terraform/balancer",
            "aws_db_instance",
            "delete_automated_backups",
            json!(false),
        ),
        (
            "terraform/balancer",
            "aws_db_instance",
            "skip_final_snapshot",
            json!(true),
        ),
        (
            "terraform/balancer",
            "aws_db_instance",
            "auto_minor_version_upgrade",
            json!(false),
        ),
        (
            "terraform/balancer",
            "aws_db_instance",
            "performance_insights_enabled",
            json!(true),
        ),
        (
            "terraform/balancer",
            "aws_lb",
            "drop_invalid_header_fields",
            json!(false),
        ),
        (
            "terraform/balancer",
            "aws_lb",
            "desync_mitigation_mode",
            json!("monitor"),
        ),
        (
            "terraform/balancer",
            "aws_lb",
            "preserve_host_header",
            json!(true),
        ),
        (
            "terraform/balancer",
            "aws_lb",
            "xff_header_processing_mode",
            json!("remove"),
        ),
        (
            "terraform/stores",
            "aws_secretsmanager_secret",
            "recovery_window_in_days",
            json!(0),
        ),
        (
            "terraform/stores",
            "aws_kms_key",
            "deletion_window_in_days",
            json!(7),
        ),
        (
            "terraform/stores",
            "aws_kms_key",
            "rotation_period_in_days",
            json!(2560),
        ),
        (
            "terraform/stores",
            "aws_sqs_queue",
            "kms_data_key_reuse_period_seconds",
            json!(86_400),
        ),
        (
            "terraform/stores",
            "aws_dynamodb_table",
            "ttl",
            json!({ "enabled": true, "attribute_name": "x" }),
        ),
        (
            "terraform/stores",
            "aws_kms_key",
            "bypass_policy_lockout_safety_check",
            json!(true),
        ),
        (
            "terraform/stores",
            "aws_s3_bucket_public_access_block",
            "skip_destroy",
            json!(true),
        ),
        (
            "terraform/ci",
            "aws_iam_openid_connect_provider",
            "thumbprint_list",
            json!(["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]),
        ),
        (
            "terraform/devices",
            "aws_iot_topic_rule",
            "sql_version",
            json!("2015-10-08"),
        ),
    ];
    for (project, sort, argument, value) in stores {
        edited::with(project, TERRAFORM, |specimen| {
            let refusals = changed(specimen, sort, |block| block[argument] = value.clone());
            let is_only = refusals.iter().all(|refusal| refusal.sort == Sort::Setting);
            assert!(
                is_only && is_said(&refusals, Sort::Setting, &format!("{sort}.{argument}")),
                "{sort} {argument}: {}",
                edited::said(&refusals)
            );
        });
    }
}
