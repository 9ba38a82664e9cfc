//! Files to root modules: what stands at the top of each, by rule.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::facts;
use super::template;
use super::world::{Block, Module};
use crate::at::At;
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
struct Folder<'a> {
    provider: Option<Module>,
    /// Where the first of its files is.
    path: Option<Arc<str>>,
    blocks: Vec<Found<'a>>,
    /// What `moved` says its new names are, to be found among the blocks.
    moved: Vec<(Arc<str>, String, &'a str)>,
}

struct Found<'a> {
    sort: &'static super::row::Type,
    label: &'a str,
    members: &'a Members<'a>,
    path: Arc<str>,
    pointer: String,
}

impl<'a> Open<'a> {
    /// Takes a file.
    pub(crate) fn file(&mut self, path: Arc<str>, value: &'a Json<'a>, sink: &mut Sink) {
        let root = At::Root {
            path: &path,
            base: "",
        };
        let Some((name, _)) = path
            .rsplit_once('/')
            .filter(|(_, file)| file.ends_with(".tf.json"))
        else {
            sink.unread(&root, "a file that no rule reads");
            return;
        };
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
                "terraform" => terraform(value, &at, sink),
                "provider" => provider(value, folder, &at, sink),
                "resource" => blocks(value, false, folder, &path, &at, sink),
                "data" => blocks(value, true, folder, &path, &at, sink),
                "moved" => moved(value, folder, &path, &at, sink),
                _ => sink.unread(&at, format!("unknown block `{name}`")),
            }
        }
    }

    /// The modules and their blocks.
    pub(crate) fn close(self, sink: &mut Sink) -> (Vec<Module>, Vec<Block<'a>>) {
        let mut modules = Vec::new();
        let mut out = Vec::new();
        for (_, folder) in self.folders {
            for (path, pointer, name) in &folder.moved {
                let known = template::address(name).is_some_and(|(is_data, sort, label)| {
                    folder.blocks.iter().any(|block| {
                        block.sort.is_data == is_data && block.sort.name == sort && block.label == label
                    })
                });
                if !known {
                    sink.unread(&At::Root { path, base: pointer }, "moved to what is not declared");
                }
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
            out.extend(folder.blocks.into_iter().map(|found| Block {
                module: number,
                sort: found.sort,
                label: found.label,
                members: found.members,
                path: found.path,
                pointer: found.pointer,
            }));
        }
        (modules, out)
    }
}

/// `required_version` and the provider's version: they choose the program, and permit nothing.
fn terraform(value: &Json<'_>, at: &At<'_>, sink: &mut Sink) {
    let Json::Object(members) = value else {
        sink.unread(at, "an object is expected");
        return;
    };
    for (name, value) in members {
        let at = at.key(name);
        match (name.as_ref(), value) {
            ("required_version", Json::Text(_)) => sink.count(Class::Setting, 1),
            ("required_providers", Json::Object(providers)) => {
                for (name, value) in providers {
                    let at = at.key(name);
                    required(name, value, &at, sink);
                }
            }
            _ => sink.unread(&at, "unknown argument"),
        }
    }
}

fn required(name: &str, value: &Json<'_>, at: &At<'_>, sink: &mut Sink) {
    let Json::Object(members) = value else {
        sink.unread(at, "an object is expected");
        return;
    };
    for (argument, value) in members {
        match (argument.as_ref(), value.text()) {
            ("source", Some("hashicorp/aws")) if name == "aws" => sink.count(Class::Enforcing, 1),
            ("version", Some(_)) if name == "aws" => sink.count(Class::Setting, 1),
            _ => sink.unread(&at.key(argument), "another provider than `hashicorp/aws`"),
        }
    }
}

/// The one provider: its region, and the one account that it accepts.
fn provider(value: &Json<'_>, folder: &mut Folder<'_>, at: &At<'_>, sink: &mut Sink) {
    let aws = match value {
        Json::Object(members) => match members.as_slice() {
            [(name, value)] if name == "aws" => value,
            _ => return sink.unread(at, "another provider than `aws`"),
        },
        _ => return sink.unread(at, "an object is expected"),
    };
    let at = at.key("aws");
    let one = match aws {
        Json::List(items) => match items.as_slice() {
            [one] => one,
            _ => return sink.unread(&at, "a module has one provider"),
        },
        one => one,
    };
    let Json::Object(members) = one else {
        return sink.unread(&at, "an object is expected");
    };
    let (mut account, mut region) = (None, None);
    for (name, value) in members {
        let at = at.key(name);
        match (name.as_ref(), value) {
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
            ("default_tags", value) => sink.count(Class::Inert, value.leaves()),
            _ => sink.unread(&at, "unknown argument"),
        }
    }
    let (Some(account), Some(region)) = (account, region) else {
        return sink.unread(&at, "a provider without region or account");
    };
    if folder.provider.is_some() {
        return sink.unread(&at, "a module has one provider");
    }
    folder.provider = Some(Module { account, region });
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    text.contains('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn blocks<'a>(
    value: &'a Json<'a>,
    is_data: bool,
    folder: &mut Folder<'a>,
    path: &Arc<str>,
    at: &At<'_>,
    sink: &mut Sink,
) {
    let Json::Object(types) = value else {
        return sink.unread(at, "an object is expected");
    };
    for (name, labels) in types {
        let at = at.key(name);
        let Some(sort) = facts::find(name, is_data) else {
            sink.unread(&at, format!("unknown type `{name}`"));
            continue;
        };
        let Json::Object(labels) = labels else {
            sink.unread(&at, "an object is expected");
            continue;
        };
        for (label, body) in labels {
            let at = at.key(label);
            let Json::Object(members) = body else {
                sink.unread(&at, "an object is expected");
                continue;
            };
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

/// `moved` keeps an object under a new label: a rename in the state, and no change of what is permitted.
fn moved<'a>(value: &'a Json<'a>, folder: &mut Folder<'a>, path: &Arc<str>, at: &At<'_>, sink: &mut Sink) {
    let items: &[Json<'a>] = match value {
        Json::List(items) => items,
        single => std::slice::from_ref(single),
    };
    for (index, item) in items.iter().enumerate() {
        let at = at.index(index);
        let Json::Object(members) = item else {
            sink.unread(&at, "an object is expected");
            continue;
        };
        for (name, value) in members {
            let at = at.key(name);
            match (name.as_ref(), value.text()) {
                ("from", Some(text)) if template::address(text).is_some() => sink.count(Class::Inert, 1),
                ("to", Some(text)) if template::address(text).is_some() && !letters::holds_reserved(text) => {
                    sink.count(Class::Inert, 1);
                    folder.moved.push((Arc::clone(path), at.place().pointer, text));
                }
                _ => sink.unread(&at, "unknown argument"),
            }
        }
    }
}
