//! Files to root modules: the blocks of each folder, and what stands beside them.
//!
//! Source: Terraform, "JSON Configuration Syntax" (a block is an object, or a list of objects; a label is a member, and one must
//! be there; `null` is as if nothing stood there), "Provider Requirements", "Refactoring" (of `moved`), read 2026-11-21;
//! "Remove a resource from state", read 2026-11-30.

use std::collections::{BTreeMap, BTreeSet};

use super::registry::{self, Beside};
use super::template;
use crate::label::fault::Faults;
use crate::mutate::json::{self, Json};

/// A resource or data source, as written.
#[derive(Clone)]
pub(super) struct Raw {
    pub(super) folder: String,
    pub(super) is_data: bool,
    pub(super) sort: String,
    pub(super) label: String,
    pub(super) members: Vec<(String, Json)>,
}

/// What files say.
#[derive(Default)]
pub(super) struct Source {
    pub(super) blocks: Vec<Raw>,
    /// Account and region of each folder.
    pub(super) places: BTreeMap<String, (String, String)>,
}

#[derive(Default)]
struct Folder {
    place: Option<(String, String)>,
    has_version: bool,
    moved: Vec<(String, String)>,
    removed: Vec<String>,
}

/// Whether Terraform passes over a file: hidden ones, and drafts that editors leave.
///
/// Source: Terraform, `internal/configs/parser_config_dir.go`, `IsIgnoredFile`, read 2026-11-29.
pub(super) fn is_ignored(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#')
}

pub(super) fn read(files: &BTreeMap<String, Vec<u8>>, faults: &mut Faults) -> Source {
    let mut source = Source::default();
    let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
    let mut beside = Beside::new();
    for (path, bytes) in files.iter().filter(|(path, _)| !is_ignored(path)) {
        if let Some((folder, name)) = path
            .rsplit_once('/')
            .filter(|(_, name)| registry::is_beside(name))
        {
            beside.insert((folder.to_owned(), name.to_owned()), bytes.clone());
            continue;
        }
        let Some((folder, _)) = path
            .rsplit_once('/')
            .filter(|(_, file)| file.ends_with(".tf.json"))
        else {
            faults.unreadable("a file that no rule reads");
            continue;
        };
        // Source: Terraform, "Override Files", read 2026-11-29.
        if path.ends_with("_override.tf.json") || path.ends_with("/override.tf.json") {
            faults.unreadable("a file that is merged into others");
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
            faults.unreadable("a file that is no object");
            continue;
        };
        let of = folders.entry(folder.to_owned()).or_default();
        for (section, value) in sections {
            match section.as_str() {
                "//" => {}
                "resource" => blocks(folder, false, value, &mut source, faults),
                "data" => blocks(folder, true, value, &mut source, faults),
                "provider" => provider(value, of, faults),
                "terraform" => terraform(value, of, faults),
                "moved" => moved(value, of, faults),
                "removed" => removed(value, of, faults),
                _ => faults.unreadable("an unknown section"),
            }
        }
    }
    for (folder, of) in folders {
        check_moved(&folder, &of.moved, &source, faults);
        check_removed(&folder, &of, &source, faults);
        match of.place {
            Some(place) => drop(source.places.insert(folder, place)),
            None => faults.unreadable("a module that is of no account and region"),
        }
        if !of.has_version {
            faults.unreadable("a module that states no version of its provider");
        }
    }
    source.blocks = registry::expand(source.blocks, &beside, faults);
    source
}

/// The objects of a block's value: one, several in a list, or none.
fn objects<'a>(value: &'a Json, faults: &mut Faults) -> Vec<&'a [(String, Json)]> {
    let mut out = Vec::new();
    for item in value.each() {
        let item = match item {
            Json::List(parts) if parts.len() == 1 => &parts[0],
            _ => item,
        };
        match item {
            Json::Object(members) => out.push(members.as_slice()),
            Json::Null => {}
            _ => faults.unreadable("a block that is no object"),
        }
    }
    out
}

/// The members of a value whose names are labels: at least one.
fn labels<'a>(value: &'a Json, faults: &mut Faults) -> Vec<&'a (String, Json)> {
    let labels: Vec<_> = objects(value, faults).into_iter().flatten().collect();
    if labels.is_empty() {
        faults.unreadable("a block without its label");
    }
    labels
}

fn blocks(folder: &str, is_data: bool, value: &Json, source: &mut Source, faults: &mut Faults) {
    for (sort, value) in labels(value, faults) {
        for (label, value) in labels(value, faults) {
            if !template::is_identifier(label) {
                faults.unreadable("a label that is no identifier");
            }
            for members in objects(value, faults) {
                let raw = Raw {
                    folder: folder.to_owned(),
                    is_data,
                    sort: sort.clone(),
                    label: label.clone(),
                    members: members.to_vec(),
                };
                source.blocks.push(raw);
            }
        }
    }
}

fn provider(value: &Json, folder: &mut Folder, faults: &mut Faults) {
    for (name, value) in labels(value, faults) {
        if name != "aws" {
            faults.unreadable("another provider");
            continue;
        }
        for members in objects(value, faults) {
            let (mut account, mut region) = (None, None);
            for (name, value) in members {
                match (name.as_str(), value) {
                    (_, Json::Null) => {}
                    ("region", Json::Text(text)) if is_region(text) => region = Some(text.clone()),
                    ("allowed_account_ids", Json::List(items)) => {
                        let numbers: BTreeSet<&str> = items.iter().filter_map(Json::as_text).collect();
                        account = match (numbers.len(), numbers.first()) {
                            (1, Some(number)) if is_account(number) && numbers.len() == items.len() => {
                                Some((*number).to_owned())
                            }
                            _ => {
                                faults.unreadable("not one account");
                                None
                            }
                        };
                    }
                    ("default_tags", value) => default_tags(value, faults),
                    _ => faults.unreadable("an argument of the provider"),
                }
            }
            if folder.place.is_some() {
                faults.unreadable("two providers");
            }
            folder.place = account.zip(region);
        }
    }
}

fn default_tags(value: &Json, faults: &mut Faults) {
    let blocks = objects(value, faults);
    if blocks.len() > 1 {
        faults.unreadable("tags by default twice");
    }
    for (name, value) in blocks.into_iter().flatten() {
        if name != "tags" || !is_map(value) {
            faults.unreadable("no tags");
        }
    }
}

/// Whether a value is texts by name; a name may be there for nothing.
pub(super) fn is_map(value: &Json) -> bool {
    match value {
        Json::Object(members) => members
            .iter()
            .all(|(_, value)| !matches!(value, Json::List(_) | Json::Object(_))),
        Json::Null => true,
        Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => false,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

/// `eu-central-1`: words of letters, and a number.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else {
        return false;
    };
    words.len() >= 2
        && words
            .iter()
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase()))
        && number.len() == 1
        && number.chars().all(|c| c.is_ascii_digit() && c != '0')
}

fn terraform(value: &Json, folder: &mut Folder, faults: &mut Faults) {
    for members in objects(value, faults) {
        for (name, value) in members {
            match (name.as_str(), value) {
                (_, Json::Null) => {}
                ("required_version", Json::Text(text)) if is_constraint(text) => {}
                ("required_providers", value) => {
                    for (name, value) in objects(value, faults).into_iter().flatten() {
                        requirement(name, value, folder, faults);
                    }
                }
                _ => faults.unreadable("an argument of terraform"),
            }
        }
    }
}

/// Our laws are of one version of one provider.
fn requirement(name: &str, value: &Json, folder: &mut Folder, faults: &mut Faults) {
    let Json::Object(members) = value else {
        return faults.unreadable("no requirement");
    };
    if name != "aws" || folder.has_version {
        faults.unreadable("another provider");
    }
    let said: BTreeMap<&str, Option<&str>> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_text()))
        .collect();
    folder.has_version = true;
    if said != BTreeMap::from([("source", Some("hashicorp/aws")), ("version", Some("~> 6.25.0"))]) {
        faults.unreadable("another provider, or another version of it");
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
        let fields: Vec<&str> = number.trim().split('.').collect();
        fields.len() <= 3
            && fields.iter().all(|field| {
                !field.is_empty() && field.len() < 6 && field.chars().all(|c| c.is_ascii_digit())
            })
    })
}

fn moved(value: &Json, folder: &mut Folder, faults: &mut Faults) {
    for members in objects(value, faults) {
        let mut said: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, value) in members {
            match (name.as_str(), value.as_text()) {
                (of @ ("from" | "to"), Some(text)) if template::address(text).is_some() => {
                    said.insert(of, text);
                }
                _ => faults.unreadable("no statement of a move"),
            }
        }
        match (said.get("from"), said.get("to")) {
            (Some(from), Some(to)) => folder.moved.push(((*from).to_owned(), (*to).to_owned())),
            _ => faults.unreadable("half a statement of a move"),
        }
    }
}

/// What a state lets go of: it stays as it is, or it would be deleted.
fn removed(value: &Json, folder: &mut Folder, faults: &mut Faults) {
    for members in objects(value, faults) {
        let (mut from, mut stays) = (None, false);
        for (name, value) in members {
            match (name.as_str(), value) {
                ("from", Json::Text(text)) => from = Some(text.clone()),
                ("lifecycle", value) => {
                    let said: Vec<&(String, Json)> = objects(value, faults).into_iter().flatten().collect();
                    stays = matches!(said.as_slice(), [(name, Json::Bool(false))] if name == "destroy");
                }
                _ => faults.unreadable("an argument of what is let go"),
            }
        }
        match from {
            Some(from) if stays => folder.removed.push(from),
            _ => faults.unreadable("half a statement of what is let go"),
        }
    }
}

/// Earlier output had the policy of a key in a block of its own. A state that has it deletes it, and a deleted policy is the default
/// one, for the whole account: so each is let go, under each name of its key, and nothing else is.
/// Source: the pages of `aws_kms_key_policy` and of `removed`, read 2026-11-30.
fn check_removed(folder: &str, of: &Folder, source: &Source, faults: &mut Faults) {
    let own = source
        .blocks
        .iter()
        .filter(|raw| raw.folder == folder && !raw.is_data);
    let key = |name: &str| name.strip_prefix("aws_kms_key.").map(str::to_owned);
    let mut wanted: Vec<String> = of.moved.iter().filter_map(|(from, _)| key(from)).collect();
    for raw in own {
        match raw.sort.as_str() {
            "aws_kms_key" => wanted.push(raw.label.clone()),
            "aws_kms_key_policy" if of.removed.contains(&format!("{}.{}", raw.sort, raw.label)) => {
                faults.unreadable("what is let go is there");
            }
            _ => {}
        }
    }
    let mut wanted: Vec<String> = wanted
        .iter()
        .map(|label| format!("aws_kms_key_policy.{label}"))
        .collect();
    let mut found = of.removed.clone();
    wanted.sort();
    found.sort();
    if wanted != found {
        faults.unreadable("other policies of keys are let go than those of the keys");
    }
}

/// What is moved is there no more, arrives at what is there, stays of its type, and goes one way.
fn check_moved(folder: &str, moved: &[(String, String)], source: &Source, faults: &mut Faults) {
    let is_there = |name: &str| {
        template::address(name).is_some_and(|(is_data, sort, label)| {
            source.blocks.iter().any(|raw| {
                raw.folder == folder && raw.is_data == is_data && raw.sort == sort && raw.label == label
            })
        })
    };
    let sort = |name: &str| name.rsplit_once('.').map(|(sort, _)| sort.to_owned());
    for (at, (from, to)) in moved.iter().enumerate() {
        if is_there(from) || !is_there(to) || sort(from) != sort(to) || from.starts_with("data.") {
            faults.unreadable("a move that cannot be made");
        }
        if moved[at + 1..]
            .iter()
            .any(|(other, goal)| (other == from) != (goal == to))
        {
            faults.unreadable("two moves of one object");
        }
    }
}
