//! Terraform: byte for byte what is expected, held to the provider's schema, without dangling references.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails where its files are not as it says"
)]

use std::collections::{BTreeMap, BTreeSet};

use catalogue::terraform::{Block, Need, Nesting, TerraformSchema, ValueType};
use diagnostics::Report;
use serde_json::{Map, Value};
use shelf::oracle;
use shelf::terraform::instances;

use crate::spec::{Files, Spec, compare, golden, tree};

const TARGET: &str = bundle::target::TERRAFORM;

/// Each case is a project; `expect/` holds the files, `report.txt` why it was refused.
#[test]
fn golden_cases() {
    let mut wrong = Vec::new();
    for case in cases() {
        let mut inputs = tree(&case);
        inputs.retain(|path, _| !path.starts_with("expect/") && path != "report.txt");
        let spec = Spec::of(&inputs);
        let (files, report) = match spec.emit(&[TARGET]) {
            Ok(bundle) => {
                for facts in read::read(&bundle, &mut Report::default()) {
                    wrong.extend(
                        facts
                            .unread
                            .iter()
                            .map(|unread| format!("{}: {:?}", case.display(), unread)),
                    );
                }
                (
                    bundle
                        .iter()
                        .map(|(path, file)| (path.to_owned(), file.bytes.clone()))
                        .collect(),
                    String::new(),
                )
            }
            Err(report) => (Files::new(), report),
        };
        for problem in problems(&files) {
            wrong.push(format!("{}: {problem}", case.display()));
        }
        wrong.extend(
            compare(&case.join("expect"), &files)
                .iter()
                .map(|text| format!("{}/{text}", case.display())),
        );
        let said = Files::from([("report.txt".to_owned(), report.into_bytes())]);
        let only = tree(&case)
            .into_iter()
            .filter(|(path, _)| path == "report.txt")
            .collect::<Files>();
        if only != said {
            if std::env::var("BLESS").is_ok_and(|bless| bless == "1") {
                write(&case.join("report.txt"), &said["report.txt"]);
            } else {
                wrong.push(format!(
                    "{}: report\n{}",
                    case.display(),
                    String::from_utf8_lossy(&said["report.txt"])
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The flagship is well formed too, and all of it is read back.
#[test]
fn the_flagship_is_well_formed() {
    let spec = Spec::of(&tree(&golden("../examples/factory")));
    let bundle = match spec.emit(&[TARGET]) {
        Ok(bundle) => bundle,
        Err(report) => panic!("{report}"),
    };
    for facts in read::read(&bundle, &mut Report::default()) {
        assert!(facts.unread.is_empty(), "{:#?}", facts.unread);
    }
    let files = bundle
        .iter()
        .map(|(path, file)| (path.to_owned(), file.bytes.clone()))
        .collect();
    assert_eq!(problems(&files), Vec::<String>::new());
}

/// Terraform itself, where it is installed and asked for: it reads the modules without any provider.
#[test]
fn terraform_reads_the_modules() {
    if !oracle::is_asked("terraform of the modules") {
        return;
    }
    let mut asked = 0;
    for case in cases() {
        let files = tree(&case.join("expect"));
        let modules: BTreeSet<&str> = files
            .keys()
            .filter_map(|path| Some(path.rsplit_once('/')?.0))
            .collect();
        for module in modules {
            let folder = case.join("expect").join(module);
            match std::process::Command::new("terraform")
                .args(["providers"])
                .current_dir(&folder)
                .output()
            {
                Ok(output) => {
                    let said = String::from_utf8_lossy(&output.stdout);
                    let is_read = output.status.success()
                        && said.contains("provider[registry.terraform.io/hashicorp/aws] ~> 6.25");
                    assert!(
                        is_read,
                        "{}: {said}{}",
                        folder.display(),
                        String::from_utf8_lossy(&output.stderr)
                    );
                    asked += 1;
                }
                Err(error) => {
                    // No registry of packages has it, so that `.ci/tools` does not install it.
                    oracle::skipped("terraform of the modules", &format!("there is none: {error}"));
                    return;
                }
            }
        }
    }
    assert!(asked > 0);
}

fn cases() -> Vec<std::path::PathBuf> {
    let mut cases: Vec<_> = std::fs::read_dir(golden("targets/terraform"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn write(path: &std::path::Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

/// One root module: blocks by `TYPE.LABEL`, those of `data` with `data.` before.
type Module = BTreeMap<String, Map<String, Value>>;

/// What core or provider would refuse, as far as a schema says it.
fn problems(files: &Files) -> Vec<String> {
    let mut problems = Vec::new();
    let mut modules: BTreeMap<&str, Module> = BTreeMap::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".tf.json")) {
        let (folder, _) = path.rsplit_once('/').unwrap();
        let module = modules.entry(folder).or_default();
        let value: Value = serde_json::from_slice(bytes).unwrap();
        for (section, before) in [("resource", ""), ("data", "data.")] {
            for (sort, labels) in value
                .get(section)
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                for (label, body) in labels.as_object().unwrap() {
                    let address = format!("{before}{sort}.{label}");
                    for (key, body) in instances(body.as_object().unwrap(), folder, files) {
                        if module.insert(format!("{address}{key}"), body).is_some() {
                            problems.push(format!("{path}: {address} is declared twice"));
                        }
                    }
                }
            }
        }
    }
    let schema = TerraformSchema::embedded();
    for (folder, module) in &modules {
        for (address, body) in module {
            let (is_data, rest) = match address.strip_prefix("data.") {
                Some(rest) => (true, rest),
                None => (false, address.as_str()),
            };
            let (sort, _) = rest.split_once('.').unwrap();
            let found = if is_data {
                schema.data(sort)
            } else {
                schema.resource(sort)
            };
            let place = format!("{folder}: {address}");
            match found {
                Some(block) => check(body, block, &place, true, &mut problems),
                None => problems.push(format!("{place}: an unknown type")),
            }
            let mut found = BTreeSet::new();
            body.values().for_each(|value| references(value, &mut found));
            for reference in found {
                let (of, last) = reference.rsplit_once('.').unwrap();
                // `LIST[0].NAME` is the name of the first in a list.
                let (target, attribute, inner) = match of.strip_suffix("[0]") {
                    Some(list) => {
                        let (target, list) = list.rsplit_once('.').unwrap();
                        (target, list, Some(last))
                    }
                    None => (of, last, None),
                };
                let sort = target
                    .strip_prefix("data.")
                    .unwrap_or(target)
                    .split_once('.')
                    .unwrap()
                    .0;
                let block = if target.starts_with("data.") {
                    schema.data(sort)
                } else {
                    schema.resource(sort)
                };
                let leads = |block: &Block| match inner {
                    None => block.has_reference(attribute),
                    Some(inner) => matches!(
                        block.argument(attribute).map(|argument| &argument.value),
                        Some(ValueType::List(item))
                            if matches!(&**item, ValueType::Object(members) if members.contains_key(inner))
                    ),
                };
                if !module.contains_key(target) || !block.is_some_and(leads) {
                    problems.push(format!("{place}: `{reference}` leads nowhere"));
                }
            }
        }
    }
    problems
}

/// Every argument is known, of the right type, and none is missing.
fn check(body: &Map<String, Value>, block: &Block, place: &str, is_whole: bool, problems: &mut Vec<String>) {
    for (name, value) in body {
        if is_whole && matches!(name.as_str(), "lifecycle" | "depends_on") {
            continue;
        }
        let place = format!("{place}.{name}");
        if let Some(argument) = block.argument(name) {
            if !argument.is_settable() {
                problems.push(format!("{place}: only the provider sets it"));
            }
            if !fits(value, &argument.value) {
                problems.push(format!("{place}: {value} is not of its type"));
            }
        } else if let Some(nested) = block.block(name) {
            let items: Vec<&Value> = match value {
                Value::Array(items) => items.iter().collect(),
                one => vec![one],
            };
            if items.len() > 1 && (nested.is_at_most_one || nested.nesting == Nesting::Single) {
                problems.push(format!("{place}: at most one"));
            }
            for item in items {
                check(item.as_object().unwrap(), &nested.block, &place, false, problems);
            }
        } else {
            problems.push(format!("{place}: no such argument"));
        }
    }
    for (name, argument) in block.arguments() {
        if argument.need == Need::Required && !body.contains_key(name) {
            problems.push(format!("{place}: `{name}` is missing"));
        }
    }
    for (name, nested) in block.blocks() {
        if nested.is_required && !body.contains_key(name) {
            problems.push(format!("{place}: `{name}` is missing"));
        }
    }
}

fn fits(value: &Value, wanted: &ValueType) -> bool {
    match (value, wanted) {
        (Value::String(_), ValueType::String)
        | (Value::Bool(_), ValueType::Bool)
        | (Value::Number(_), ValueType::Number) => true,
        (Value::Array(items), ValueType::List(element) | ValueType::Set(element)) => {
            items.iter().all(|item| fits(item, element))
        }
        (Value::Object(members), ValueType::Map(element)) => {
            members.values().all(|value| fits(value, element))
        }
        _ => false,
    }
}

/// What the references of a value lead to. Written from Terraform's manual, "Strings and Templates".
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let bytes = text.as_bytes();
            let mut at = 0;
            while at + 1 < bytes.len() {
                if bytes[at..].starts_with(b"$${") || bytes[at..].starts_with(b"%%{") {
                    at += 3;
                } else if bytes[at..].starts_with(b"${") {
                    let end = at + text[at..].find('}').unwrap();
                    found.insert(text[at + 2..end].to_owned());
                    at = end;
                } else {
                    assert!(!bytes[at..].starts_with(b"%{"), "a directive in {text}");
                    at += 1;
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(members) => members.values().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
