//! Projects as they are applied: modules in the order of the manifest, each pointed at the local AWS.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::older;
use crate::emitted::Emitted;

/// Services that modules speak with, by the provider's names of their endpoints.
const SERVICES: &[&str] = &[
    "acm",
    "dynamodb",
    "ec2",
    "elbv2",
    "iam",
    "iot",
    "kinesis",
    "kms",
    "logs",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
    "timestreamwrite",
];

/// How long the provider waits for what it made, by type, in seconds of 5.100. Two of one type wait side by side.
const WAITS: &[(&str, u32)] = &[
    ("aws_db_instance", 94),
    ("aws_s3_bucket_lifecycle_configuration", 57),
    ("aws_nat_gateway", 12),
    ("aws_vpn_gateway_attachment", 12),
    ("aws_kinesis_stream", 31),
    ("aws_route53_zone", 41),
    ("aws_kms_key", 13),
    ("aws_sqs_queue", 26),
    ("aws_vpc", 12),
];

/// What every module waits for besides, in seconds: three commands.
const COMMANDS: u32 = 4;

/// A root module at one time: a folder that comes again is the same module, changed.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) folder: String,
    pub(super) files: BTreeMap<String, Value>,
}

/// What is applied one after another to an AWS that holds nothing else.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) steps: Vec<Step>,
    /// What owners of existing things are asked to add to their policies.
    pub(super) requests: Vec<Value>,
}

impl Step {
    /// The blocks of a sort, `resource` or `data`, by type and label.
    pub(super) fn blocks(&self, sort: &str) -> BTreeMap<String, Map<String, Value>> {
        let mut all: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for file in self.files.values() {
            for (name, blocks) in file[sort].as_object().into_iter().flatten() {
                all.entry(name.clone())
                    .or_default()
                    .extend(blocks.as_object().unwrap().clone());
            }
        }
        all
    }

    fn provider(&self) -> &Value {
        let mut found = self
            .files
            .values()
            .filter_map(|file| file.pointer("/provider/aws"));
        found.next().unwrap()
    }

    /// What is made from it before anything is applied: see `cloud/existing.py`.
    fn existing(&self) -> Value {
        let provider = self.provider();
        json!({
            "folder": self.folder,
            "account": provider["allowed_account_ids"][0],
            "region": provider["region"],
            "resource": self.blocks("resource"),
            "data": self.blocks("data"),
        })
    }

    /// Its files, for the provider of the mirror and the AWS at this address.
    pub(super) fn local(&self, address: &str) -> Vec<(String, Value)> {
        let pointed = |(name, file): (&String, &Value)| {
            let mut file = older(file.clone());
            if let Some(provider) = file.pointer_mut("/provider/aws").and_then(Value::as_object_mut) {
                let account = provider["allowed_account_ids"][0].as_str().unwrap().to_owned();
                let endpoints: Map<String, Value> = SERVICES
                    .iter()
                    .map(|service| ((*service).to_owned(), json!(format!("http://{address}"))))
                    .collect();
                drop(provider.remove("profile"));
                // Whose account it is, the local AWS takes from the key.
                provider.insert("access_key".to_owned(), json!(format!("AKIALOCA{account}")));
                provider.insert("secret_key".to_owned(), json!("local"));
                provider.insert("endpoints".to_owned(), endpoints.into());
                provider.insert("max_retries".to_owned(), json!(2));
                for said in [
                    "s3_use_path_style",
                    "skip_metadata_api_check",
                    "skip_region_validation",
                ] {
                    provider.insert(said.to_owned(), json!(true));
                }
            }
            (name.clone(), file)
        };
        self.files.iter().map(pointed).collect()
    }
}

impl Project {
    /// The modules of a project as the manifest orders them; nothing if there is none.
    pub(super) fn of(emitted: &Emitted) -> Option<Self> {
        let mut folders: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for (path, bytes) in &emitted.files {
            if let Some((folder, file)) = path.rsplit_once('/')
                && (file.ends_with(".tf.json") || file.ends_with(".things.json"))
            {
                let value = serde_json::from_slice(bytes).unwrap();
                folders
                    .entry(folder.to_owned())
                    .or_default()
                    .insert(file.to_owned(), value);
            }
        }
        let mut steps = Vec::new();
        for folder in &emitted.modules {
            if let Some(files) = folders.remove(folder) {
                steps.push(Step {
                    folder: folder.clone(),
                    files,
                });
            }
        }
        assert!(
            folders.is_empty(),
            "{}: not in the order: {folders:?}",
            emitted.name
        );
        (!steps.is_empty()).then(|| Self {
            name: emitted.name.clone(),
            steps,
            requests: emitted.requests.clone(),
        })
    }

    /// What exists before, as the local AWS reads it.
    pub(super) fn existing(&self) -> Value {
        let modules: Vec<Value> = self.steps.iter().map(Step::existing).collect();
        json!({ "modules": modules, "requests": self.requests })
    }

    /// Types of blocks that its modules use, of resources and of look-ups.
    pub(super) fn types(&self) -> Vec<String> {
        let mut all = Vec::new();
        for step in &self.steps {
            all.extend(step.blocks("resource").into_keys());
            all.extend(step.blocks("data").into_keys());
            for file in step.files.values() {
                let forgotten = file["removed"].as_array().into_iter().flatten();
                all.extend(
                    forgotten.filter_map(|one| Some(one["from"].as_str()?.split_once('.')?.0.to_owned())),
                );
            }
        }
        all
    }

    /// About how long it takes, in seconds.
    pub(super) fn seconds(&self) -> u32 {
        let of = |step: &Step| {
            let blocks = step.blocks("resource");
            let longest = WAITS.iter().filter(|(sort, _)| blocks.contains_key(*sort));
            COMMANDS + longest.map(|(_, seconds)| *seconds).max().unwrap_or(0)
        };
        self.steps.iter().map(of).sum()
    }
}
