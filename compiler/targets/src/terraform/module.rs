//! One root module: its blocks by file, and what every module states.

use std::collections::{BTreeMap, BTreeSet};

use aws::deployment::stack::{Lookup, Stack};
use aws::deployment::{Account, Because, Deployment};
use diagnostics::{Diagnostic, Report};
use serde_json::{Map, Value, json};
use source::Span;

use super::argument::Arguments;
use super::fault::{UNESCAPABLE_TEXT, UNSUPPORTED_BY_TARGET};
use super::text::{Templates, escaped, is_contested};
use crate::pretty;

/// The first version of Terraform that reads everything that is written here: `removed` is of 1.7.
/// Source: Terraform, "Remove a resource from state", and its changelog of 1.7, read 2026-11-30.
const TERRAFORM: &str = ">= 1.7";
/// Versions of the provider with the schema that the compiler knows.
const PROVIDER: &str = "~> 6.25.0";

/// A file before it has its place in the bundle.
pub(super) type Written = (String, Vec<u8>, Vec<Span>);

/// `resource` or `data` of one file: type → label → arguments.
type Blocks = BTreeMap<String, BTreeMap<String, Value>>;

#[derive(Default)]
struct File {
    resources: Blocks,
    because: Vec<Span>,
}

/// A root module while it is written.
pub(super) struct Module<'d> {
    pub(super) deployment: &'d Deployment,
    /// Index into the deployment's stacks.
    pub(super) number: usize,
    pub(super) stack: &'d Stack,
    pub(super) account: &'d Account,
    pub(super) templates: Templates<'d>,
    files: BTreeMap<&'static str, File>,
    data: Blocks,
    data_because: Vec<Span>,
    moved: BTreeMap<String, String>,
    moved_because: Vec<Span>,
    /// What a state may still hold and must let go without deleting it.
    removed: BTreeSet<String>,
    removed_because: Vec<Span>,
    /// Files that the blocks read, or that are beside them: name, bytes and reasons.
    beside: Vec<Written>,
    /// Policies that stand inside the block of their store, by index into the deployment's stores.
    pub(super) inner_policies: BTreeMap<usize, (String, Because)>,
    /// Blocks that two declarations make, with a declaration.
    repeated: Vec<(String, Option<Span>)>,
    /// What the provider's arguments cannot say.
    unsaid: Vec<String>,
}

impl<'d> Module<'d> {
    pub(super) fn new(deployment: &'d Deployment, number: usize) -> Option<Self> {
        let stack = deployment.stacks.get(number)?;
        Some(Self {
            deployment,
            number,
            stack,
            account: deployment.accounts.get(stack.account)?,
            templates: Templates::new(deployment, number),
            files: BTreeMap::new(),
            data: Blocks::new(),
            data_because: Vec::new(),
            moved: BTreeMap::new(),
            moved_because: Vec::new(),
            removed: BTreeSet::new(),
            removed_because: Vec::new(),
            beside: Vec::new(),
            inner_policies: BTreeMap::new(),
            repeated: Vec::new(),
            unsaid: Vec::new(),
        })
    }

    /// Adds a resource to a file.
    pub(super) fn resource(
        &mut self,
        file: &'static str,
        resource_type: &str,
        label: &str,
        arguments: Arguments,
        because: &Because,
    ) {
        let file = self.files.entry(file).or_default();
        file.because.extend(because.iter().map(|cause| cause.span));
        let of_type = file.resources.entry(resource_type.to_owned()).or_default();
        if of_type
            .insert(label.to_owned(), Value::Object(arguments.finish()))
            .is_some()
        {
            let from = because.first().map(|cause| cause.span);
            self.repeated.push((format!("{resource_type}.{label}"), from));
        }
    }

    /// Adds reasons to a file in which a resource stands.
    pub(super) fn because(&mut self, file: &'static str, because: &Because) {
        let file = self.files.entry(file).or_default();
        file.because.extend(because.iter().map(|cause| cause.span));
    }

    /// Adds a `data` source. The same one may be asked for more than once.
    pub(super) fn data(
        &mut self,
        data_type: &str,
        label: &str,
        arguments: Map<String, Value>,
        because: &Because,
    ) {
        self.data_because.extend(because.iter().map(|cause| cause.span));
        self.add_data(data_type, label, arguments);
    }

    fn add_data(&mut self, data_type: &str, label: &str, arguments: Map<String, Value>) {
        let value = Value::Object(arguments);
        let of_type = self.data.entry(data_type.to_owned()).or_default();
        match of_type.get(label) {
            Some(known) if *known != value => self.repeated.push((format!("data.{data_type}.{label}"), None)),
            Some(_) => {}
            None => drop(of_type.insert(label.to_owned(), value)),
        }
    }

    /// Says that a block had another label.
    pub(super) fn moved(&mut self, resource_type: &str, from: &str, to: &str, because: &Because) {
        self.moved_because.extend(because.iter().map(|cause| cause.span));
        self.moved
            .insert(format!("{resource_type}.{from}"), format!("{resource_type}.{to}"));
    }

    /// Says that a block which the state may hold is managed no more, and stays as it is.
    pub(super) fn removed(&mut self, resource_type: &str, label: &str, because: &Because) {
        self.removed_because
            .extend(because.iter().map(|cause| cause.span));
        self.removed.insert(format!("{resource_type}.{label}"));
    }

    /// Adds a file that Terraform does not read as blocks.
    pub(super) fn beside(&mut self, name: String, bytes: Vec<u8>, because: &Because) {
        let because = because.iter().map(|cause| cause.span).collect();
        self.beside.push((name, bytes, because));
    }

    /// Notes something that the provider's arguments cannot say, which the floor above promised not to give.
    pub(super) fn unsaid(&mut self, what: String) {
        self.unsaid.push(what);
    }

    /// The files. Nothing is written of a module without a block.
    pub(super) fn finish(mut self, report: &mut Report) -> Vec<Written> {
        for lookup in self.templates.take_used() {
            let Lookup {
                data_type,
                label,
                arguments,
                ..
            } = lookup;
            let arguments = arguments
                .iter()
                .map(|(name, text)| (name.clone(), escaped(text).into()))
                .collect();
            self.add_data(data_type, label, arguments);
        }
        let mut told: BTreeSet<Option<Span>> = BTreeSet::new();
        for (address, from) in &self.repeated {
            if !told.insert(*from) {
                continue;
            }
            let message = format!("two declarations would make the block `{address}` of Terraform");
            let diagnostic = match from {
                Some(span) => Diagnostic::new(&UNSUPPORTED_BY_TARGET, *span, message),
                None => Diagnostic::global(&UNSUPPORTED_BY_TARGET, message),
            };
            report.push(
                diagnostic
                    .note("a block's name is made of a declared name, and of its zone or part behind a `_`")
                    .help("give one of the two another name"),
            );
        }
        for what in &self.unsaid {
            report.compiler_bug(format!("no argument of the provider says `{what}`"));
        }
        let folder = format!(
            "aws/{}/terraform/{}/{}",
            self.account.name, self.stack.region, self.stack.name
        );
        let mut written = Vec::new();
        let mut all = Vec::new();
        let mut add = |name: &str, value: Value, mut because: Vec<Span>| {
            refuse_contested(&value, &because, report);
            because.sort_unstable();
            because.dedup();
            written.push((format!("{folder}/{name}.tf.json"), pretty(&value), because));
        };
        for (name, file) in self.files {
            all.extend_from_slice(&file.because);
            add(name, json!({ "resource": file.resources }), file.because);
        }
        // A module that would only look things up changes nothing, and is not written.
        if !self.data.is_empty() && !all.is_empty() {
            add("data", json!({ "data": self.data }), self.data_because);
        }
        if !self.moved.is_empty() {
            let moved: Vec<Value> = self
                .moved
                .iter()
                .map(|(from, to)| json!({ "from": from, "to": to }))
                .collect();
            add("moved", json!({ "moved": moved }), self.moved_because);
        }
        if !self.removed.is_empty() {
            let removed: Vec<Value> = self
                .removed
                .iter()
                .map(|from| json!({ "from": from, "lifecycle": { "destroy": false } }))
                .collect();
            add("removed", json!({ "removed": removed }), self.removed_because);
        }
        for (name, bytes, because) in self.beside {
            written.push((format!("{folder}/{name}"), bytes, because));
        }
        if !written.is_empty() {
            let value = versions(self.deployment, self.account, self.stack);
            refuse_contested(&value, &all, report);
            all.sort_unstable();
            all.dedup();
            written.push((format!("{folder}/versions.tf.json"), pretty(&value), all));
        }
        written
    }
}

/// What every module states: programs, the provider, and the one account that it is for.
fn versions(deployment: &Deployment, account: &Account, stack: &Stack) -> Value {
    let mut tags = Map::new();
    tags.insert("leastwise".to_owned(), escaped(&deployment.project).into());
    if let Some(environment) = &deployment.environment {
        tags.insert("environment".to_owned(), escaped(environment).into());
    }
    for (key, value) in &deployment.tags {
        tags.insert(escaped(key), escaped(value).into());
    }
    json!({
        "terraform": {
            "required_version": TERRAFORM,
            "required_providers": { "aws": { "source": "hashicorp/aws", "version": PROVIDER } },
        },
        "provider": {
            "aws": {
                "region": stack.region,
                "allowed_account_ids": [account.number],
                "default_tags": { "tags": tags },
            },
        },
    })
}

fn refuse_contested(value: &Value, because: &[Span], report: &mut Report) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) if is_contested(text) => {
                let message = "a text has `$${` or `%%{` in it";
                report.push(match because.first() {
                    Some(span) => Diagnostic::new(&UNESCAPABLE_TEXT, *span, message),
                    None => Diagnostic::global(&UNESCAPABLE_TEXT, message),
                });
            }
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
