//! Everything that is emitted as Terraform, of examples and golden cases, is held to the provider's schema and to what core
//! refuses; so are the means of the standard library, said or unsaid.
#![expect(
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that fails says where"
)]

use crate::emitted;
use std::collections::{BTreeMap, BTreeSet};

use catalogue::terraform::{Block, Need, Nesting, TerraformSchema, ValueType};
use model::Model;
use model::kind::{Argument, ArgumentValue, Condition, Kind};
use serde_json::{Map, Value};
use shelf::terraform::instances;
use testkit::golden::{self, Tree};
use testkit::project::{self, Depth};

/// The blocks of one root module by address, those of `data` with `data.` before.
type Module = BTreeMap<String, Map<String, Value>>;

/// Arguments that own what separate resources own too: together they undo each other at each run.
const RIVALS: &[(&str, &[&str])] = &[
    ("aws_security_group", &["ingress", "egress"]),
    ("aws_network_acl", &["ingress", "egress", "subnet_ids"]),
    ("aws_route_table", &["route", "propagating_vgws"]),
    ("aws_iam_role", &["inline_policy", "managed_policy_arns"]),
    (
        "aws_s3_bucket",
        &[
            "policy",
            "acl",
            "versioning",
            "lifecycle_rule",
            "server_side_encryption_configuration",
        ],
    ),
    ("aws_sqs_queue", &["policy"]),
    ("aws_secretsmanager_secret", &["policy"]),
    ("aws_vpc_endpoint", &["route_table_ids"]),
];

/// Required, and said by where a thing stands instead of by its kind: the emitted files are held to it as a whole.
const PLACED: &[(&str, &str)] = &[("aws_db_subnet_group", "subnet_ids")];

#[test]
fn everything_emitted_is_what_the_provider_takes() {
    let mut problems = Vec::new();
    let mut types = BTreeSet::new();
    for project in emitted::all() {
        for (folder, module) in modules(&project.name, &project.files, &mut problems) {
            let place = format!("{} {folder}", project.name);
            types.extend(
                module
                    .keys()
                    .filter_map(|address| address.split_once('.').map(|(sort, _)| sort.to_owned())),
            );
            problems.extend(
                faults(&module)
                    .into_iter()
                    .map(|fault| format!("{place}: {fault}")),
            );
        }
    }
    assert!(types.len() > 30, "too little is looked at: {types:?}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The root modules of one output; what is wrong with a file as a whole goes to `problems`.
fn modules<'a>(name: &str, files: &'a Tree, problems: &mut Vec<String>) -> BTreeMap<&'a str, Module> {
    let mut modules: BTreeMap<&str, Module> = BTreeMap::new();
    let mut moves: Vec<(&str, String)> = Vec::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".tf.json")) {
        let (folder, file) = path.rsplit_once('/').unwrap();
        let value: Value = serde_json::from_slice(bytes).unwrap();
        // A repeated key is a second block to Terraform, and is lost to a reader: then the bytes differ.
        if [serde_json::to_vec_pretty(&value).unwrap(), b"\n".to_vec()].concat() != *bytes {
            problems.push(format!("{name} {path}: not pretty, or a key is repeated"));
        }
        let module = modules.entry(folder).or_default();
        for (section, body) in value.as_object().unwrap() {
            match (section.as_str(), file) {
                ("resource" | "data", _) => {
                    let before = if section == "data" { "data." } else { "" };
                    for (sort, labels) in body.as_object().unwrap() {
                        for (label, body) in labels.as_object().unwrap() {
                            let address = format!("{before}{sort}.{label}");
                            if !is_label(label) {
                                problems.push(format!("{name} {path}: `{label}` is no label"));
                            }
                            for (key, body) in instances(body.as_object().unwrap(), folder, files) {
                                if module.insert(format!("{address}{key}"), body).is_some() {
                                    problems.push(format!("{name} {path}: {address} is declared twice"));
                                }
                            }
                        }
                    }
                }
                ("moved", _) => {
                    for moved in body.as_array().unwrap() {
                        assert_ne!(moved["from"], moved["to"], "{name} {path}");
                        moves.push((folder, moved["from"].as_str().unwrap().to_owned()));
                    }
                }
                ("removed", _) => {
                    for removed in body.as_array().unwrap() {
                        let destroys = removed.pointer("/lifecycle/destroy");
                        assert_eq!(destroys, Some(&serde_json::json!(false)), "{name} {path}");
                        let from = removed.get("from").and_then(serde_json::Value::as_str);
                        moves.push((folder, from.unwrap().to_owned()));
                    }
                }
                ("terraform" | "provider", "versions.tf.json") => {}
                _ => problems.push(format!("{name} {path}: `{section}` does not belong here")),
            }
        }
    }
    for (folder, from) in moves {
        if modules
            .get(folder)
            .is_some_and(|module| module.contains_key(&from))
        {
            problems.push(format!(
                "{name} {folder}: {from} is moved or let go, and is still there"
            ));
        }
    }
    for folder in modules.keys() {
        if !files.contains_key(&format!("{folder}/versions.tf.json")) {
            problems.push(format!("{name} {folder}: no version of the provider is said"));
        }
    }
    modules
}

fn is_label(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}

/// What core or provider would refuse, as far as a schema says it.
fn faults(module: &Module) -> Vec<String> {
    let schema = TerraformSchema::embedded();
    let mut faults = Vec::new();
    let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (address, body) in module {
        let Some(block) = block_of(schema, address) else {
            faults.push(format!("{address}: an unknown type"));
            continue;
        };
        hold(body, block, address, true, &mut faults);
        let sort = address.split('.').next().unwrap_or_default();
        for rival in RIVALS
            .iter()
            .filter(|(of, _)| *of == sort)
            .flat_map(|(_, rivals)| *rivals)
        {
            if body.contains_key(*rival) {
                faults.push(format!(
                    "{address}.{rival}: what it says belongs into a resource of its own"
                ));
            }
        }
        let mut found = BTreeSet::new();
        if let Err(fault) = body.values().try_for_each(|value| references(value, &mut found)) {
            faults.push(format!("{address}: {fault}"));
        }
        let leads = edges.entry(address).or_default();
        for reference in found {
            let Some((target, attribute)) = split(&reference) else {
                faults.push(format!("{address}: `{reference}` is no reference"));
                continue;
            };
            let known = block_of(schema, target).is_some_and(|block| block.has_reference(attribute));
            if !known || !module.contains_key(target) {
                faults.push(format!("{address}: `{reference}` leads nowhere"));
            }
            leads.insert(target.to_owned());
        }
        for target in body
            .get("depends_on")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let target = target.as_str().unwrap_or_default();
            if !module.contains_key(target) {
                faults.push(format!("{address}: depends on `{target}`, which is not there"));
            }
            leads.insert(target.to_owned());
        }
    }
    faults.extend(circle(&edges));
    faults
}

fn block_of<'a>(schema: &'a TerraformSchema, address: &str) -> Option<&'a Block> {
    match address.strip_prefix("data.") {
        Some(rest) => schema.data(rest.split_once('.')?.0),
        None => schema.resource(address.split_once('.')?.0),
    }
}

/// `data.aws_vpc.cloud.id` as its address and attribute; what follows the attribute is not looked at.
fn split(reference: &str) -> Option<(&str, &str)> {
    let parts = if reference.starts_with("data.") { 3 } else { 2 };
    let at = reference.match_indices('.').nth(parts - 1)?.0;
    let (address, rest) = (&reference[..at], &reference[at + 1..]);
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    Some((address, &rest[..end]))
}

/// Blocks that wait for each other: taken away one by one, as long as one waits for nothing.
fn circle(edges: &BTreeMap<&str, BTreeSet<String>>) -> Option<String> {
    let mut left = edges.clone();
    loop {
        let free: Vec<&str> = left
            .iter()
            .filter(|(_, to)| !to.iter().any(|to| left.contains_key(to.as_str())))
            .map(|(name, _)| *name)
            .collect();
        if free.is_empty() {
            break;
        }
        left.retain(|name, _| !free.contains(name));
    }
    (!left.is_empty()).then(|| format!("a circle among {:?}", left.keys().collect::<Vec<_>>()))
}

/// Every argument is known, of the right type, and none is missing.
fn hold(body: &Map<String, Value>, block: &Block, place: &str, is_whole: bool, faults: &mut Vec<String>) {
    for (name, value) in body {
        if is_whole && matches!(name.as_str(), "lifecycle" | "depends_on") {
            continue;
        }
        let place = format!("{place}.{name}");
        if let Some(argument) = block.argument(name) {
            if !argument.is_settable() {
                faults.push(format!("{place}: only the provider sets it"));
            }
            if !fits(value, &argument.value) {
                faults.push(format!("{place}: {value} is not of its type"));
            }
        } else if let Some(nested) = block.block(name) {
            let items: Vec<&Value> = value
                .as_array()
                .map_or_else(|| vec![value], |items| items.iter().collect());
            if items.is_empty()
                || items.len() > 1 && (nested.is_at_most_one || nested.nesting == Nesting::Single)
            {
                faults.push(format!("{place}: {} of it", items.len()));
            }
            for item in items {
                match item.as_object() {
                    Some(item) => hold(item, &nested.block, &place, false, faults),
                    None => faults.push(format!("{place}: {item} is no block")),
                }
            }
        } else {
            faults.push(format!("{place}: no such argument"));
        }
    }
    for name in required(block).filter(|name| !body.contains_key(*name)) {
        faults.push(format!("{place}: `{name}` is missing"));
    }
}

fn required(block: &Block) -> impl Iterator<Item = &str> {
    let arguments = block
        .arguments()
        .filter(|(_, argument)| argument.need == Need::Required)
        .map(|(name, _)| name);
    arguments.chain(
        block
            .blocks()
            .filter(|(_, nested)| nested.is_required)
            .map(|(name, _)| name),
    )
}

/// Text where a number is wanted would be converted, and shown as a change for ever by some types: the right type is asked.
fn fits(value: &Value, wanted: &ValueType) -> bool {
    match wanted {
        ValueType::String => value.is_string(),
        ValueType::Bool => value.is_boolean(),
        ValueType::Number => value.is_number(),
        ValueType::List(element) => value
            .as_array()
            .is_some_and(|items| items.iter().all(|item| fits(item, element))),
        ValueType::Set(element) => value.as_array().is_some_and(|items| {
            let texts: BTreeSet<String> = items.iter().map(Value::to_string).collect();
            texts.len() == items.len() && items.iter().all(|item| fits(item, element))
        }),
        ValueType::Map(element) => value
            .as_object()
            .is_some_and(|members| members.values().all(|item| fits(item, element))),
        ValueType::Object(members) => value.as_object().is_some_and(|found| {
            found.len() == members.len()
                && members
                    .iter()
                    .all(|(name, wanted)| found.get(name).is_some_and(|value| fits(value, wanted)))
        }),
    }
}

/// What the references of a value lead to. Written from Terraform's manual, "Strings and Templates".
fn references(value: &Value, found: &mut BTreeSet<String>) -> Result<(), String> {
    match value {
        Value::String(text) => {
            let mut rest = text.as_str();
            while let Some(at) = rest.find(['$', '%']) {
                rest = &rest[at..];
                if rest.starts_with("$${") || rest.starts_with("%%{") {
                    rest = &rest[3..];
                } else if let Some(inner) = rest.strip_prefix("${") {
                    let (reference, after) = inner.split_once('}').ok_or(format!("`{text}` does not end"))?;
                    found.insert(reference.to_owned());
                    rest = after;
                } else if rest.starts_with("%{") {
                    return Err(format!("`{text}` holds a directive"));
                } else {
                    rest = &rest[1..];
                }
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| references(item, found)),
        Value::Object(members) => members.values().try_for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

#[test]
fn what_is_wrong_is_seen() {
    let body = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
    let vpc = ("aws_vpc.v".to_owned(), body(r#"{"cidr_block": "10.0.0.0/16"}"#));
    let case = |address: &str, text: &str| {
        faults(&Module::from([vpc.clone(), (address.to_owned(), body(text))])).join("; ")
    };
    assert_eq!(
        case(
            "aws_subnet.s",
            r#"{"vpc_id": "${aws_vpc.v.id}", "cidr_block": "10.0.1.0/24"}"#
        ),
        ""
    );
    for (address, text, said) in [
        (
            "aws_subnet.s",
            r#"{"cidr_block": "10.0.1.0/24"}"#,
            "`vpc_id` is missing",
        ),
        (
            "aws_subnet.s",
            r#"{"vpc_id": "${aws_vpc.w.id}"}"#,
            "leads nowhere",
        ),
        (
            "aws_subnet.s",
            r#"{"vpc_id": "${aws_vpc.v.ident}"}"#,
            "leads nowhere",
        ),
        ("aws_subnet.s", r#"{"vpc_id": "%{if x}"}"#, "directive"),
        (
            "aws_subnet.s",
            r#"{"vpc_id": "x", "map_public_ip_on_launch": "true"}"#,
            "not of its type",
        ),
        (
            "aws_subnet.s",
            r#"{"vpc_id": "x", "arn": "y"}"#,
            "only the provider",
        ),
        (
            "aws_subnet.s",
            r#"{"vpc_id": "x", "colour": "y"}"#,
            "no such argument",
        ),
        (
            "aws_subnet.s",
            r#"{"vpc_id": "x", "depends_on": ["aws_vpc.w"]}"#,
            "not there",
        ),
        ("aws_subnet.s", r#"{"vpc_id": "${aws_subnet.s.id}"}"#, "circle"),
        (
            "aws_security_group.g",
            r#"{"ingress": []}"#,
            "a resource of its own",
        ),
        ("aws_nothing.n", "{}", "unknown type"),
    ] {
        assert!(
            case(address, text).contains(said),
            "{text}: {}",
            case(address, text)
        );
    }
}

/// A kind's means stand whatever is said of a thing: what the schema requires is said unconditionally, or by what is always there.
#[test]
fn means_of_the_library_stand_with_and_without_their_options() {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for case in golden::cases(&golden::root().join("golden/stdlib/aws")) {
        let outcome = project::compile(&golden::tree(&case), Depth::Check("none")).remove(0);
        hold_kinds(&outcome.analysis.model, &mut seen, &mut problems);
    }
    let written: BTreeSet<String> = golden::tree(&golden::root().join("stdlib/aws"))
        .values()
        .flat_map(|bytes| {
            String::from_utf8_lossy(bytes)
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter_map(|line| Some(line.strip_prefix("    terraform ")?.split(' ').next()?.to_owned()))
        .collect();
    assert_eq!(
        written, seen,
        "each block of the library belongs to a kind of some golden case"
    );
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn hold_kinds(model: &Model, seen: &mut BTreeSet<String>, problems: &mut Vec<String>) {
    let schema = TerraformSchema::embedded();
    for (_, kind) in model.kinds.iter() {
        for means in &kind.means {
            let sort = model.names.text(means.resource_type);
            seen.insert(sort.to_owned());
            let place = format!("{} {sort}", model.names.text(kind.name));
            let Some(block) = schema.resource(sort) else {
                problems.push(format!("{place}: an unknown type"));
                continue;
            };
            stands(
                model,
                kind,
                &means.body,
                block,
                said_by(means.condition).into_iter().collect(),
                &place,
                problems,
            );
            let rivals = RIVALS
                .iter()
                .filter(|(of, _)| *of == sort)
                .flat_map(|(_, rivals)| *rivals);
            for rival in rivals {
                if means
                    .body
                    .iter()
                    .any(|argument| model.names.text(argument.name) == *rival)
                {
                    problems.push(format!("{place}: `{rival}` belongs into a resource of its own"));
                }
            }
        }
    }
}

/// The property that is said wherever a condition is met.
fn said_by(condition: Option<Condition>) -> Option<arena::Name> {
    condition
        .filter(|condition| condition.said)
        .map(|condition| condition.property)
}

/// `said` are the properties that are said wherever this block stands.
fn stands(
    model: &Model,
    kind: &Kind,
    body: &[Argument],
    block: &Block,
    said: BTreeSet<arena::Name>,
    place: &str,
    problems: &mut Vec<String>,
) {
    let name = |name: arena::Name| model.names.text(name);
    let is_there = |condition: Option<Condition>| {
        condition.is_none_or(|condition| {
            let property = kind
                .words
                .properties
                .iter()
                .find(|property| property.name == condition.property);
            let is_said = said.contains(&condition.property)
                || property.is_some_and(|property| property.required || property.default.is_some());
            condition.said && is_said
        })
    };
    let is_placed = |wanted: &str| {
        PLACED
            .iter()
            .any(|(sort, argument)| place.ends_with(sort) && *argument == wanted)
    };
    for wanted in required(block).filter(|wanted| !is_placed(wanted)) {
        if !body
            .iter()
            .any(|argument| name(argument.name) == wanted && is_there(argument.condition))
        {
            problems.push(format!("{place}: `{wanted}` may be missing"));
        }
    }
    for argument in body {
        let written = name(argument.name);
        let place = format!("{place}.{written}");
        // Of two under opposite conditions, one stands.
        let is_other_way = |other: &Argument| {
            let opposite = argument.condition.map(|own| Condition {
                said: !own.said,
                ..own
            });
            opposite.is_some() && other.condition == opposite
        };
        let named = body.iter().filter(|other| other.name == argument.name);
        let same = named.filter(|other| !is_other_way(other)).count();
        if let Some(found) = block.argument(written) {
            if !found.is_settable() {
                problems.push(format!("{place}: only the provider sets it"));
            }
            if same > 1 {
                problems.push(format!("{place}: is said {same} times"));
            }
        } else if let (Some(nested), ArgumentValue::Block(inner)) = (block.block(written), &argument.value) {
            if same > 1 && (nested.is_at_most_one || nested.nesting == Nesting::Single) {
                problems.push(format!("{place}: at most one"));
            }
            let said = said.iter().copied().chain(said_by(argument.condition)).collect();
            stands(model, kind, inner, &nested.block, said, &place, problems);
        } else {
            problems.push(format!("{place}: no such argument"));
        }
    }
}
