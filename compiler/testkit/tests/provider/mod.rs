//! The real Terraform and the real provider read every module of the examples and goldens: their own validators, of names, values and
//! what goes together, say nothing.
//!
//! Applied to a local AWS they reach a state that a second plan leaves alone (`applied.rs`).
//!
//! `LEASTWISE_PROVIDER_MIRROR` names a folder with `hashicorp/aws` for a filesystem mirror, and `terraform` is on `PATH`. The provider there
//! may be an older major than the one that modules ask for: only that pin is changed. All modules are children of one root module, so that
//! the provider starts once.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails says where, and writes modules for a program"
)]

mod applied;
mod artefacts;
mod bench;
mod planted;
mod project;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};
use shelf::oracle;
use tempfile::TempDir;

use crate::emitted;

const SWITCH: &str = "LEASTWISE_PROVIDER_MIRROR";

/// Arguments that a provider of the mirror's major does not have, by type. They are held to the schema of ours.
const LATER: &[(&str, &str)] = &[];

/// The folder of the mirror; what is left out without one is said.
fn mirror() -> Option<PathBuf> {
    let found = std::env::var_os(SWITCH).filter(|value| !value.is_empty());
    if found.is_none() {
        oracle::skipped(
            "the real Terraform provider",
            &format!("set {SWITCH} to a folder that `terraform providers mirror` made"),
        );
    }
    found.map(PathBuf::from)
}

/// The files of each module, by its folder.
type Modules = BTreeMap<String, BTreeMap<String, Value>>;

fn modules() -> Modules {
    let mut modules = Modules::new();
    for project in emitted::all() {
        for (path, bytes) in &project.files {
            if let Some((folder, file)) = path.rsplit_once('/')
                && (file.ends_with(".tf.json") || file.ends_with(".things.json"))
            {
                let module = modules.entry(format!("{}: {folder}", project.name)).or_default();
                module.insert(file.to_owned(), serde_json::from_slice(bytes).unwrap());
            }
        }
    }
    modules
}

/// Drops the pin of the provider, and what a provider of another major does not know.
fn older(mut file: Value) -> Value {
    if let Some(version) = file.pointer_mut("/terraform/required_providers/aws/version") {
        *version = json!(">= 5.0");
    }
    for (sort, argument) in LATER {
        let blocks = file
            .pointer_mut(&format!("/resource/{sort}"))
            .and_then(Value::as_object_mut);
        for block in blocks.into_iter().flat_map(Map::values_mut) {
            drop(block.as_object_mut().unwrap().remove(*argument));
        }
    }
    file
}

fn terraform(root: &Path, arguments: &[&str]) -> (bool, Vec<u8>) {
    let output = Command::new("terraform")
        .args(arguments)
        .current_dir(root)
        .env("TF_CLI_CONFIG_FILE", root.join("terraformrc"))
        .env("TF_IN_AUTOMATION", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() || arguments[0] == "validate",
        "terraform {arguments:?}: {said}"
    );
    (output.status.success(), output.stdout)
}

/// What the provider says of modules: each line with the module's folder.
fn validated(mirror: &Path, modules: &Modules) -> Vec<String> {
    let root = TempDir::new().unwrap();
    let root = root.path();
    let path = mirror.to_str().unwrap();
    let config = format!("provider_installation {{\n  filesystem_mirror {{ path = {path:?} }}\n}}\n");
    std::fs::write(root.join("terraformrc"), config).unwrap();
    let mut calls = Map::new();
    for (number, files) in modules.values().enumerate() {
        let name = format!("m{number}");
        std::fs::create_dir(root.join(&name)).unwrap();
        for (file, value) in files {
            let text = serde_json::to_vec_pretty(&older(value.clone())).unwrap();
            std::fs::write(root.join(&name).join(file), text).unwrap();
        }
        calls.insert(name.clone(), json!({ "source": format!("./{name}") }));
    }
    let main = json!({ "module": calls });
    std::fs::write(root.join("main.tf.json"), serde_json::to_vec(&main).unwrap()).unwrap();
    terraform(root, &["init", "-no-color", "-input=false"]);
    let (is_valid, answer) = terraform(root, &["validate", "-json"]);
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let folders: Vec<&String> = modules.keys().collect();
    let said: Vec<String> = answer["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let file = one["range"]["filename"].as_str().unwrap_or_default();
            let number = file.split('/').next().and_then(|name| name.strip_prefix('m'));
            let folder = number.and_then(|number| folders.get(number.parse::<usize>().ok()?));
            format!(
                "{}: {} {} {}",
                folder.map_or("?", |folder| folder.as_str()),
                one["address"].as_str().unwrap_or_default(),
                one["summary"].as_str().unwrap_or_default(),
                one["detail"].as_str().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(is_valid, said.is_empty(), "{said:?}");
    said
}

#[test]
fn the_real_provider_has_nothing_to_say() {
    let Some(mirror) = mirror() else { return };
    let modules = modules();
    assert!(modules.len() > 60, "{}", modules.len());
    let said = validated(&mirror, &modules);
    assert!(said.is_empty(), "{}", said.join("\n"));
}

/// What it would say, it says: a wrong name, a wrong value, an argument that there is not, a block that goes round.
#[test]
fn the_real_provider_says_what_is_wrong() {
    let Some(mirror) = mirror() else { return };
    let module = |resource: Value| {
        let provider = json!({ "provider": { "aws": { "region": "eu-central-1", "allowed_account_ids": ["111122223333"] } } });
        BTreeMap::from([
            ("main.tf.json".to_owned(), json!({ "resource": resource })),
            ("versions.tf.json".to_owned(), provider),
        ])
    };
    let wrong = [
        (
            "name",
            json!({ "aws_db_instance": { "x": { "identifier": "1-db", "instance_class": "db.t4g.micro" } } }),
        ),
        (
            "retention_in_days",
            json!({ "aws_cloudwatch_log_group": { "x": { "name": "x", "retention_in_days": 45 } } }),
        ),
        (
            "colour",
            json!({ "aws_s3_bucket": { "x": { "bucket": "acme-x", "colour": "red" } } }),
        ),
        (
            "Cycle",
            json!({ "aws_s3_bucket": {
                "x": { "bucket": "${aws_s3_bucket.y.id}" },
                "y": { "bucket": "${aws_s3_bucket.x.id}" },
            } }),
        ),
    ];
    for (word, resource) in wrong {
        let said = validated(&mirror, &Modules::from([("wrong".to_owned(), module(resource))]));
        assert!(!said.is_empty(), "{word}");
    }
}
