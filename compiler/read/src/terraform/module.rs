//! Files to root modules: what stands at the top of each, by rule.
//!
//! Source: Terraform, "JSON Configuration Syntax" (a block is an object or a list of objects, a label is a member and may not be
//! missing, `null` stands for nothing), "Version Constraints", "Refactoring", read 2026-11-21.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::facts;
use super::registry;
use super::removed;
use super::schema;
use super::template;
use super::world::{Block, Module};
use crate::at::At;
use crate::facts::Place;
use crate::json::Json;
use crate::letters;
use crate::sink::{Class, Sink};

type Members<'a> = [(Cow<'a, str>, Json<'a>)];

/// Root modules, as far as their files have been seen.
#[derive(Default)]
pub(crate) struct Open<'a> {
    /// By folder.
    folders: BTreeMap<String, Folder<'a>>,
}

#[derive(Default)]
pub(super) struct Folder<'a> {
    provider: Option<Module>,
    /// Where the first of its files is.
    pub(super) path: Option<Arc<str>>,
    pub(super) blocks: Vec<Found<'a>>,
    /// Whether the provider's version is the one that the tables are of.
    has_version: bool,
    pub(super) moved: Vec<Moved<'a>>,
    pub(super) removed: Vec<removed::Removed<'a>>,
    registry: registry::Open<'a>,
}

/// An object that keeps its state under a new label.
pub(super) struct Moved<'a> {
    path: Arc<str>,
    pointer: String,
    pub(super) from: &'a str,
    to: &'a str,
}

pub(super) struct Found<'a> {
    pub(super) sort: &'static super::row::Type,
    pub(super) label: &'a str,
    members: &'a Members<'a>,
    pub(super) path: Arc<str>,
    pub(super) pointer: String,
}

/// Whether Terraform passes over a file, whatever stands in it: a draft of an editor, or a hidden file.
///
/// Source: Terraform, "Files and Configuration Structure", and `IsIgnoredFile` of its `configs` package, read 2026-11-29.
pub(crate) fn is_ignored(path: &str) -> bool {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

/// Whether Terraform merges what stands in a file into the blocks of others, argument by argument.
///
/// Source: Terraform, "Override Files", read 2026-11-29.
fn is_override(name: &str) -> bool {
    let stem = name.strip_suffix(".tf.json").unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

impl<'a> Open<'a> {
    /// Takes a file with a value in each line.
    pub(crate) fn lines(&mut self, path: &'a str, bytes: &'a [u8], sink: &mut Sink) {
        let shared: Arc<str> = path.into();
        match path.rsplit_once('/') {
            Some((folder, name)) => {
                let folder = self.folders.entry(folder.to_owned()).or_default();
                folder.registry.lines(name, shared, bytes);
            }
            None => {
                let at = At::Root {
                    path: &shared,
                    base: "",
                };
                sink.unread(&at, "a file that no rule reads");
            }
        }
    }

    /// Takes a file.
    pub(crate) fn file(&mut self, path: &'a str, value: &'a Json<'a>, bytes: &[u8], sink: &mut Sink) {
        let name = path;
        let path: Arc<str> = path.into();
        let root = At::Root {
            path: &path,
            base: "",
        };
        if let Some((folder, name)) = name.rsplit_once('/')
            && registry::is_beside(name)
        {
            let folder = self.folders.entry(folder.to_owned()).or_default();
            let size = String::from_utf8_lossy(bytes).chars().count() as u64;
            return folder.registry.json(name, path, value, size);
        }
        let Some((name, file)) = path
            .rsplit_once('/')
            .filter(|(_, file)| file.ends_with(".tf.json"))
        else {
            sink.unread(&root, "a file that no rule reads");
            return;
        };
        if is_override(file) {
            sink.unread(
                &root,
                "a file that terraform merges into the blocks of other files",
            );
            return;
        }
        let folder = self.folders.entry(name.to_owned()).or_default();
        folder.path.get_or_insert_with(|| Arc::clone(&path));
        let Json::Object(members) = value else {
            sink.unread(&root, format!("a file is an object, not {}", value.sort()));
            return;
        };
        for (name, value) in members {
            let at = root.key(name);
            match name.as_ref() {
                "//" => sink.count(Class::Inert, value.leaves()),
                "terraform" => terraform(value, folder, &at, sink),
                "provider" => provider(value, folder, &at, sink),
                "resource" => blocks(value, false, folder, &path, &at, sink),
                "data" => blocks(value, true, folder, &path, &at, sink),
                "moved" => moved(value, folder, &path, &at, sink),
                "removed" => {
                    let found = removed::read(value, &path, &at, sink);
                    folder.removed.extend(found);
                }
                _ => sink.unread(&at, format!("unknown block `{name}`")),
            }
        }
    }

    /// The modules, their blocks, and what each has of the registry.
    pub(crate) fn close(self, sink: &mut Sink) -> (Vec<Module>, Vec<Block<'a>>, Vec<registry::Open<'a>>) {
        let mut modules = Vec::new();
        let mut out = Vec::new();
        let mut registries = Vec::new();
        for (_, folder) in self.folders {
            check_moved(&folder, sink);
            removed::check(&folder, sink);
            if let (false, Some(path)) = (folder.has_version, &folder.path) {
                let at = At::Root { path, base: "" };
                sink.unread(&at, "a module that does not state the version of its provider");
            }
            let Some(module) = folder.provider else {
                if let Some(path) = &folder.path {
                    sink.unread(
                        &At::Root { path, base: "" },
                        "a module whose provider names no account and region",
                    );
                }
                continue;
            };
            let number = modules.len();
            modules.push(module);
            registries.push(folder.registry);
            out.extend(folder.blocks.into_iter().map(|found| Block {
                module: number,
                sort: found.sort,
                label: found.label,
                members: found.members,
                path: found.path,
                pointer: found.pointer,
            }));
        }
        (modules, out, registries)
    }
}

/// The objects of a block's value: one, several in a list, or none.
pub(super) fn objects<'v, 'a>(value: &'v Json<'a>, at: &At<'_>, sink: &mut Sink) -> Vec<&'v Members<'a>> {
    let items: &[Json<'_>] = match value {
        Json::List(items) => items,
        single => std::slice::from_ref(single),
    };
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        // A list inside the list holds the parts of one block.
        let item = match item {
            Json::List(parts) => match parts.as_slice() {
                [one] => one,
                _ => item,
            },
            _ => item,
        };
        match item {
            Json::Object(members) => out.push(members.as_slice()),
            Json::Null => {}
            Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => {
                sink.unread(at, "an object is expected");
            }
        }
    }
    out
}

/// `required_version` and the provider's version: they choose the program, and permit nothing.
fn terraform(value: &Json<'_>, folder: &mut Folder<'_>, at: &At<'_>, sink: &mut Sink) {
    for (name, value) in objects(value, at, sink).into_iter().flatten() {
        let at = at.key(name);
        match (name.as_ref(), value) {
            (_, Json::Null) => {}
            ("required_version", Json::Text(text)) if is_constraint(text) => sink.count(Class::Setting, 1),
            ("required_providers", value) => {
                for (name, value) in objects(value, &at, sink).into_iter().flatten() {
                    let at = at.key(name);
                    required(name, value, folder, &at, sink);
                }
            }
            _ => sink.unread(&at, "unknown argument"),
        }
    }
}

/// The version of the provider that the tables are drawn from: any correction of it, and no other minor version.
const PROVIDER_VERSION: &str = "~> 6.25.0";

fn required(name: &str, value: &Json<'_>, folder: &mut Folder<'_>, at: &At<'_>, sink: &mut Sink) {
    let Json::Object(members) = value else {
        sink.unread(at, "an object is expected");
        return;
    };
    let mut known = 0;
    for (argument, value) in members {
        match (argument.as_ref(), value.text()) {
            ("source", Some("hashicorp/aws")) if name == "aws" => {
                sink.count(Class::Enforcing, 1);
                known += 1;
            }
            ("version", Some(PROVIDER_VERSION)) if name == "aws" => {
                sink.count(Class::Enforcing, 1);
                known += 1;
            }
            ("version", _) => sink.unread(
                &at.key(argument),
                "another version of the provider than the tables are of",
            ),
            _ => sink.unread(&at.key(argument), "another provider than `hashicorp/aws`"),
        }
    }
    if known == 2 && !folder.has_version {
        folder.has_version = true;
    } else if known == 2 {
        sink.unread(at, "the provider is required twice");
    }
}

/// `>= 1.5, < 2`: operators, and numbers with dots.
fn is_constraint(text: &str) -> bool {
    text.split(',').all(|part| {
        let part = part.trim();
        let number = ["~>", ">=", "<=", "!=", "=", ">", "<"]
            .iter()
            .find_map(|operator| part.strip_prefix(operator))
            .unwrap_or(part);
        let mut fields = 0;
        number.trim().split('.').all(|field| {
            fields += 1;
            fields <= 3 && field.parse::<u16>().is_ok() && !field.starts_with('+')
        })
    })
}

/// The one provider: its region, and the one account that it accepts.
fn provider(value: &Json<'_>, folder: &mut Folder<'_>, at: &At<'_>, sink: &mut Sink) {
    for (name, value) in objects(value, at, sink).into_iter().flatten() {
        let at = at.key(name);
        if name != "aws" {
            sink.unread(&at, "another provider than `aws`");
            continue;
        }
        for members in objects(value, &at, sink) {
            aws(members, folder, &at, sink);
        }
    }
}

fn aws(members: &Members<'_>, folder: &mut Folder<'_>, at: &At<'_>, sink: &mut Sink) {
    let (mut account, mut region) = (None, None);
    let mut tags = Vec::new();
    for (name, value) in members {
        let at = at.key(name);
        match (name.as_ref(), value) {
            (_, Json::Null) => {}
            ("region", Json::Text(text)) if is_region(text) => {
                sink.count(Class::Enforcing, 1);
                region = Some(text.to_string());
            }
            ("allowed_account_ids", Json::List(items)) => match items.as_slice() {
                [Json::Text(number)] if is_account(number) => {
                    sink.count(Class::Enforcing, 1);
                    account = Some(number.to_string());
                }
                _ => sink.unread(&at, "a module is of exactly one account"),
            },
            ("default_tags", value) => default_tags(value, &mut tags, &at, sink),
            _ => sink.unread(&at, "unknown argument"),
        }
    }
    let (Some(account), Some(region)) = (account, region) else {
        return sink.unread(at, "a provider without region or account");
    };
    if folder.provider.is_some() {
        return sink.unread(at, "a module has one provider");
    }
    folder.provider = Some(Module {
        account,
        region,
        default_tags: tags,
    });
}

fn default_tags(value: &Json<'_>, tags: &mut Vec<(String, Place)>, at: &At<'_>, sink: &mut Sink) {
    let blocks = objects(value, at, sink);
    if blocks.len() > 1 {
        sink.unread(at, "one block is expected");
    }
    for (name, value) in blocks.into_iter().flatten() {
        let at = at.key(name);
        if name == "tags" && schema::is_map(value) {
            if let Json::Object(members) = value {
                tags.extend(
                    members
                        .iter()
                        .map(|(name, _)| (name.to_string(), at.key(name).place())),
                );
            }
            sink.count(Class::Inert, value.leaves());
        } else {
            sink.unread(&at, "no tags");
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `eu-central-1`: words of letters, and a number.
fn is_region(text: &str) -> bool {
    let Some((words, number)) = text.rsplit_once('-') else {
        return false;
    };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.contains('-') && words.split('-').all(is_word) && matches!(number.as_bytes(), [b'1'..=b'9'])
}

/// The labels of a block's value. One must be there.
fn labels<'a>(value: &'a Json<'a>, at: &At<'_>, sink: &mut Sink) -> Vec<&'a (Cow<'a, str>, Json<'a>)> {
    let labels: Vec<_> = objects(value, at, sink).into_iter().flatten().collect();
    if labels.is_empty() {
        sink.unread(at, "a block without its label");
    }
    labels
}

fn blocks<'a>(
    value: &'a Json<'a>,
    is_data: bool,
    folder: &mut Folder<'a>,
    path: &Arc<str>,
    at: &At<'_>,
    sink: &mut Sink,
) {
    for (name, value) in labels(value, at, sink) {
        let at = at.key(name);
        if name == registry::THING && !is_data {
            for (label, body) in labels(value, &at, sink) {
                let at = at.key(label);
                for members in objects(body, &at, sink) {
                    folder.registry.block(label, members, path, &at);
                }
            }
            continue;
        }
        let Some(sort) = facts::find(name, is_data) else {
            sink.unread(&at, format!("unknown type `{name}`"));
            continue;
        };
        for (label, body) in labels(value, &at, sink) {
            let at = at.key(label);
            if !template::is_identifier(label) {
                sink.unread(&at, "a label that is no identifier");
                continue;
            }
            for members in objects(body, &at, sink) {
                let place = at.place();
                folder.blocks.push(Found {
                    sort,
                    label,
                    members,
                    path: Arc::clone(path),
                    pointer: place.pointer,
                });
            }
        }
    }
}

/// `moved` keeps an object under a new label: a rename in the state, and no change of what is permitted.
fn moved<'a>(value: &'a Json<'a>, folder: &mut Folder<'a>, path: &Arc<str>, at: &At<'_>, sink: &mut Sink) {
    for (index, members) in objects(value, at, sink).into_iter().enumerate() {
        let at = at.index(index);
        let (mut from, mut to) = (None, None);
        for (name, value) in members {
            let at = at.key(name);
            let text = value
                .text()
                .filter(|text| template::address(text).is_some() && !letters::holds_reserved(text));
            match (name.as_ref(), text) {
                ("from", Some(text)) => from = Some(text),
                ("to", Some(text)) => to = Some(text),
                _ => sink.unread(&at, "unknown argument"),
            }
        }
        let (Some(from), Some(to)) = (from, to) else {
            sink.unread(&at, "half of a move");
            continue;
        };
        sink.count(Class::Inert, 2);
        folder.moved.push(Moved {
            path: Arc::clone(path),
            pointer: at.place().pointer,
            from,
            to,
        });
    }
}

/// What is moved is there no more, and arrives at an object of its own type; of two moves, neither end is the same.
fn check_moved(folder: &Folder<'_>, sink: &mut Sink) {
    let declared: BTreeSet<(bool, &str, &str)> = folder
        .blocks
        .iter()
        .map(|block| (block.sort.is_data, block.sort.name, block.label))
        .chain(
            folder
                .registry
                .labels()
                .map(|label| (false, registry::THING, label)),
        )
        .collect();
    let mut ways: BTreeMap<&str, &str> = BTreeMap::new();
    let mut goals: BTreeMap<&str, &str> = BTreeMap::new();
    for moved in &folder.moved {
        let at = At::Root {
            path: &moved.path,
            base: &moved.pointer,
        };
        let (Some(from), Some(to)) = (template::address(moved.from), template::address(moved.to)) else {
            continue;
        };
        if !declared.contains(&to) {
            sink.unread(&at, "moved to what is not declared");
        }
        if declared.contains(&from) {
            sink.unread(&at, "moved from what is declared still");
        }
        if (from.0, from.1) != (to.0, to.1) || from.0 {
            sink.unread(&at, "moved from another type");
        }
        let goes_elsewhere = ways.insert(moved.from, moved.to).is_some_and(|to| to != moved.to);
        let comes_from_elsewhere = goals
            .insert(moved.to, moved.from)
            .is_some_and(|from| from != moved.from);
        if goes_elsewhere || comes_from_elsewhere {
            sink.unread(&at, "a second move of the same object");
        }
    }
}
