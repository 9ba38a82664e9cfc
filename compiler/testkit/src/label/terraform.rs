//! Labels of Terraform modules, by law: which arguments mean nothing, what an absent one means, and how values are spelt.
//! Policies inside texts are labelled like documents of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Faults;
use super::iam;
use super::policy::Kind;
use super::{Difference, Label, worse};
use crate::mutate::json::{self, Json};

/// Arguments that only people, or the state, see.
const INERT: [&str; 3] = ["tags", "description", "//"];

/// Types whose blocks nothing refers to: their local labels mean nothing.
const UNNAMED: [&str; 5] = [
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_public_access_block",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_network_acl_rule",
];

/// What an argument is if it is not there. From the provider's manual, as far as the goldens say these values.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("aws_subnet", "map_public_ip_on_launch", "false"),
    ("aws_vpc", "enable_dns_support", "true"),
    ("aws_vpc", "enable_dns_hostnames", "false"),
    ("aws_network_acl_rule", "egress", "false"),
    ("aws_iam_role", "max_session_duration", "3600"),
    ("aws_lb", "internal", "false"),
];

/// Which documents are inside which arguments.
const POLICIES: &[(&str, &str, Kind)] = &[
    ("aws_iam_role", "assume_role_policy", Kind::Trust),
    ("aws_iam_role_policy", "policy", Kind::Identity),
    ("aws_s3_bucket_policy", "policy", Kind::Resource),
    ("aws_kms_key_policy", "policy", Kind::Resource),
    ("aws_sqs_queue_policy", "policy", Kind::Resource),
    ("aws_secretsmanager_secret_policy", "policy", Kind::Resource),
    ("aws_iot_policy", "policy", Kind::Iot),
];

/// Arguments of which every other value is another meaning. What is neither here nor a policy has no law yet.
const ENFORCING: &[(&str, &[&str])] = &[
    (
        "aws_s3_bucket_public_access_block",
        &[
            "bucket",
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        ],
    ),
    ("aws_s3_bucket_ownership_controls", &["bucket", "rule"]),
    ("aws_kms_key", &["enable_key_rotation", "lifecycle"]),
    (
        "aws_vpc_security_group_ingress_rule",
        &[
            "security_group_id",
            "ip_protocol",
            "from_port",
            "to_port",
            "cidr_ipv4",
            "cidr_ipv6",
            "referenced_security_group_id",
        ],
    ),
    (
        "aws_vpc_security_group_egress_rule",
        &[
            "security_group_id",
            "ip_protocol",
            "from_port",
            "to_port",
            "cidr_ipv4",
            "cidr_ipv6",
            "referenced_security_group_id",
        ],
    ),
    (
        "aws_network_acl_rule",
        &[
            "network_acl_id",
            "rule_action",
            "egress",
            "protocol",
            "from_port",
            "to_port",
            "cidr_block",
        ],
    ),
];

/// Arguments of a module: folder, section, type, label → arguments; a block that has no type stands under its own name.
type Modules = BTreeMap<[String; 4], BTreeMap<String, Json>>;

/// Labels a mutant; `None` if something differs for which there is no law.
#[must_use]
pub fn label(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Option<Label> {
    let mut faults = Faults::default();
    let old = modules(before, &mut faults);
    assert!(faults.is_empty(), "the original cannot be read: {faults:?}");
    let new = modules(after, &mut faults);
    if let Some(what) = faults.unreadable.first() {
        return Some(Label::Unreadable(what.clone()));
    }
    let mut worst = Label::Equal;
    let blocks: BTreeSet<&[String; 4]> = old.keys().chain(new.keys()).collect();
    for block in blocks {
        let label = match (old.get(block), new.get(block)) {
            (Some(old), Some(new)) if old == new => continue,
            // The same rules under other labels.
            _ if UNNAMED.contains(&block[2].as_str()) && said(&old, &block[2]) == said(&new, &block[2]) => {
                return None;
            }
            (Some(old), Some(new)) => arguments(block, old, new)?,
            // Without one of these blocks, what it says does not hold.
            (Some(_), None) if ENFORCING.iter().any(|(sort, _)| *sort == block[2]) => {
                changed(block, "is gone")
            }
            (Some(_), None) | (None, _) => return None,
        };
        worst = worse(worst, label);
    }
    Some(worst)
}

/// What the blocks of a type say, whatever they are called.
fn said(modules: &Modules, sort: &str) -> Vec<(String, BTreeMap<String, Json>)> {
    let names = ENFORCING
        .iter()
        .find(|(of, _)| *of == sort)
        .map_or(&[][..], |(_, names)| names);
    let of_sort = modules.iter().filter(|(block, _)| block[2] == sort);
    let mut out: Vec<_> = of_sort
        .map(|(block, arguments)| {
            let kept = arguments
                .iter()
                .filter(|(name, _)| names.contains(&name.as_str()));
            (
                block[0].clone(),
                kept.map(|(name, value)| (name.clone(), value.clone())).collect(),
            )
        })
        .collect();
    out.sort();
    out
}

fn changed(block: &[String; 4], what: &str) -> Label {
    Label::Changed(Difference::Argument(format!("{} {what}", block.join("/"))))
}

fn arguments(
    block: &[String; 4],
    old: &BTreeMap<String, Json>,
    new: &BTreeMap<String, Json>,
) -> Option<Label> {
    let mut worst = Label::Equal;
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (old, new) = (old.get(name), new.get(name));
        if old == new {
            continue;
        }
        let kind = POLICIES
            .iter()
            .find(|(sort, argument, _)| *sort == block[2] && argument == name);
        let label = match (kind, old, new) {
            (Some((.., kind)), Some(Json::Text(old)), Some(Json::Text(new))) => {
                iam::compare_texts(*kind, &block[3], plain(old).as_bytes(), plain(new).as_bytes())
            }
            _ if ENFORCING
                .iter()
                .any(|(sort, names)| *sort == block[2] && names.contains(&name.as_str())) =>
            {
                changed(block, name)
            }
            _ => return None,
        };
        worst = worse(worst, label);
    }
    Some(worst)
}

/// A template's text: references become words of their own, and what was escaped is not.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (head, tail) = rest.split_at(at);
        if let Some(head) = head.strip_suffix('$') {
            out.push_str(head);
            out.push_str("${");
            rest = tail.strip_prefix("${").unwrap_or_default();
            continue;
        }
        out.push_str(head);
        let (reference, after) = tail
            .strip_prefix("${")
            .and_then(|tail| tail.split_once('}'))
            .unwrap_or(("", ""));
        out.push_str(&format!("<{reference}>"));
        rest = after;
    }
    out.push_str(rest);
    out.replace("%%{", "%{")
}

fn modules(files: &BTreeMap<String, Vec<u8>>, faults: &mut Faults) -> Modules {
    let mut out = Modules::new();
    for (path, bytes) in files {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        if !path.ends_with(".tf.json") {
            faults.unreadable("a file that no rule reads");
            continue;
        }
        let document = match json::parse(bytes) {
            Ok(document) => document,
            Err(what) => {
                faults.unreadable(&what);
                continue;
            }
        };
        if document.repeated(false).is_some() {
            faults.unreadable("a name that stands twice");
        }
        let Json::Object(sections) = &document else {
            faults.unreadable("no object");
            continue;
        };
        for (section, value) in sections {
            match (section.as_str(), value) {
                ("resource" | "data", Json::Object(types)) => {
                    for (sort, labels) in types {
                        let Json::Object(labels) = labels else {
                            faults.unreadable("no object");
                            continue;
                        };
                        for (label, arguments) in labels {
                            let block = [folder.clone(), section.clone(), sort.clone(), label.clone()];
                            if out.insert(block, canonical_arguments(sort, arguments)).is_some() {
                                faults.unreadable("a block twice");
                            }
                        }
                    }
                }
                _ => {
                    let block = [folder.clone(), section.clone(), String::new(), path.clone()];
                    let mut value = value.clone();
                    sorted(&mut value);
                    out.insert(block, BTreeMap::from([(section.clone(), value)]));
                }
            }
        }
    }
    out
}

fn canonical_arguments(sort: &str, value: &Json) -> BTreeMap<String, Json> {
    let mut out: BTreeMap<String, Json> = DEFAULTS
        .iter()
        .filter(|(of, ..)| *of == sort)
        .map(|(_, name, value)| ((*name).to_owned(), Json::text(value)))
        .collect();
    match value {
        Json::Object(_) => match canonical(value) {
            // `null` is as if the argument were not there.
            Json::Object(members) => out.extend(
                members
                    .into_iter()
                    .filter(|(_, value)| !matches!(value, Json::Null)),
            ),
            other => drop(out.insert(String::new(), other)),
        },
        other => drop(out.insert(String::new(), other.clone())),
    }
    out
}

/// Members in order, flags and numbers as text, a block that stands alone in a list as itself; what means nothing left out.
fn canonical(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            let kept = members
                .iter()
                .filter(|(name, value)| !(INERT.contains(&name.as_str()) && is_prose(name, value)));
            let mut members: Vec<_> = kept
                .map(|(name, value)| (name.clone(), canonical(value)))
                .collect();
            members.sort();
            Json::Object(members)
        }
        Json::List(items) => match items.as_slice() {
            [only @ Json::Object(_)] => canonical(only),
            _ => {
                // No list of the goldens has an order that counts.
                let mut items: Vec<Json> = items.iter().map(canonical).collect();
                items.sort();
                items.dedup();
                Json::List(items)
            }
        },
        Json::Bool(flag) => Json::text(if *flag { "true" } else { "false" }),
        Json::Number(number) => Json::text(number),
        Json::Null | Json::Text(_) => value.clone(),
    }
}

/// Members in order, nothing else.
fn sorted(value: &mut Json) {
    match value {
        Json::Object(members) => {
            members.sort();
            members.iter_mut().for_each(|(_, value)| sorted(value));
        }
        Json::List(items) => items.iter_mut().for_each(sorted),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => {}
    }
}

/// Whether the value is of the type that the argument has.
fn is_prose(name: &str, value: &Json) -> bool {
    match name {
        "tags" => {
            matches!(value, Json::Object(members) if members.iter().all(|(_, value)| matches!(value, Json::Text(_))))
        }
        _ => matches!(value, Json::Text(_)),
    }
}
