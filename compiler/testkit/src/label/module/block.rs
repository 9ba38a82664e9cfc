//! A block's arguments in one spelling, held to the provider's schema and to the laws.

use std::collections::BTreeMap;

use catalogue::terraform::{Block as Schema, Need, Nesting, TerraformSchema, ValueType};

use super::law::{self, Absent, Law, Weight};
use super::shape::Place;
use super::source::{Raw, is_map};
use super::template::Piece;
use super::value::{Ref, Value};
use crate::label::fault::Faults;
use crate::label::policy::Kind;
use crate::mutate::json::Json;

/// A document or query in an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Document(Kind),
    Sql,
}

/// What a block says.
#[derive(Default)]
pub(super) struct Said {
    /// Everything that its laws do not excuse.
    pub(super) arguments: BTreeMap<String, Value>,
    /// Everything that holds, the excused too.
    pub(super) all: BTreeMap<String, Value>,
    pub(super) texts: BTreeMap<String, (Text, Vec<Piece<Ref>>)>,
    /// Blocks that must be there before it.
    pub(super) after: Vec<usize>,
    pub(super) is_kept: bool,
    pub(super) tags: BTreeMap<String, String>,
    /// An argument that matters has a value that the provider, or the service, refuses.
    pub(super) is_refused: bool,
}

/// A text in pieces; the reason if it has none.
type Pieces<'a> = &'a dyn Fn(&str) -> Result<Vec<Piece<Ref>>, String>;

/// What reading a block needs.
pub(super) struct Cx<'a> {
    pub(super) place: Place<'a>,
    /// The block of an address.
    pub(super) find: &'a dyn Fn(bool, &str, &str) -> Option<usize>,
    /// A text with its references resolved.
    pub(super) pieces: Pieces<'a>,
}

pub(super) fn read(raw: &Raw, cx: &Cx<'_>, faults: &mut Faults) -> Said {
    let embedded = TerraformSchema::embedded();
    let schema = if raw.is_data {
        embedded.data(&raw.sort)
    } else {
        embedded.resource(&raw.sort)
    };
    let (Some(schema), Some(laws)) = (schema, law::of(&raw.sort, raw.is_data)) else {
        faults.unreadable(&format!("the type {}", raw.sort));
        return Said::default();
    };
    let mut said = Said::default();
    let own: Vec<(String, Json)> = raw
        .members
        .iter()
        .filter(|(name, value)| !meta(raw, name, value, &mut said, cx, faults))
        .cloned()
        .collect();
    let mut reader = Reader {
        implied: super::law::implied(&raw.sort),
        laws,
        cx,
        said: &mut said,
        faults,
    };
    let (arguments, all) = reader.members(&own, schema, "");
    said.arguments = arguments;
    said.all = all;
    said
}

/// Takes an argument of every block. Whether it was one.
fn meta(raw: &Raw, name: &str, value: &Json, said: &mut Said, cx: &Cx<'_>, faults: &mut Faults) -> bool {
    match name {
        "//" => {}
        "tags" => {
            if !is_map(value) {
                faults.unreadable("no tags");
            }
            if let Json::Object(members) = value {
                for (name, value) in members {
                    said.tags
                        .insert(name.clone(), value.as_text().unwrap_or_default().to_owned());
                }
            }
        }
        "region" => {
            if !matches!(value, Json::Null) && value.as_text() != Some(cx.place.region) {
                faults.unreadable("another region than the module's");
            }
        }
        "depends_on" => match value {
            Json::Null => {}
            Json::List(items) => {
                for item in items {
                    let found = item
                        .as_text()
                        .and_then(super::template::address)
                        .and_then(|(is_data, sort, label)| (cx.find)(is_data, sort, label));
                    match found {
                        Some(node) => said.after.push(node),
                        None => faults.unreadable("a dependency on what is not declared"),
                    }
                }
            }
            _ => faults.unreadable("no list of dependencies"),
        },
        "lifecycle" if !raw.is_data => {
            if value.each().len() > 1 {
                faults.unreadable("two lifecycles");
            }
            for block in value.each() {
                let members = match part(block) {
                    Json::Object(members) => members.as_slice(),
                    Json::Null => &[],
                    _ => {
                        faults.unreadable("no lifecycle");
                        &[]
                    }
                };
                for (name, value) in members {
                    let flag = match value {
                        Json::Null => continue,
                        Json::Bool(flag) => Some(*flag),
                        Json::Text(text) => text.parse().ok(),
                        _ => None,
                    };
                    match (name.as_str(), flag) {
                        ("prevent_destroy", Some(flag)) => said.is_kept = flag,
                        ("create_before_destroy", Some(_)) => {}
                        _ => faults.unreadable("an argument of a lifecycle"),
                    }
                }
            }
        }
        _ => return false,
    }
    true
}

struct Reader<'a, 'c> {
    /// Blocks that are as if they stood there with nothing in them.
    implied: &'static [&'static str],
    laws: &'static [Law],
    cx: &'a Cx<'c>,
    said: &'a mut Said,
    faults: &'a mut Faults,
}

type Members = BTreeMap<String, Value>;

impl Reader<'_, '_> {
    fn law(&self, path: &str) -> Option<&'static Law> {
        self.laws.iter().find(|law| law.path == path)
    }

    /// Members of a block: those that matter, and all of them.
    fn members(&mut self, members: &[(String, Json)], schema: &Schema, prefix: &str) -> (Members, Members) {
        let (mut out, mut all) = (Members::new(), Members::new());
        for (name, value) in members {
            if matches!(value, Json::Null) {
                continue;
            }
            let path = format!("{prefix}{name}");
            if let Some(nested) = schema.block(name) {
                let mut blocks: Vec<(Members, Members)> = Vec::new();
                for item in value.each() {
                    match part(item) {
                        Json::Object(members) => {
                            blocks.push(self.members(members, &nested.block, &format!("{path}.")));
                        }
                        Json::Null => {}
                        _ => self.faults.unreadable("a block that is no object"),
                    }
                }
                if blocks.len() > 1 && nested.is_at_most_one {
                    self.faults.unreadable("one block too many");
                }
                if blocks.is_empty() && nested.is_required {
                    self.faults.unreadable(&format!("no {path}"));
                }
                let (matter, every): (Vec<Members>, Vec<Members>) = blocks.into_iter().unzip();
                // A block of which nothing matters is not missed.
                let matter = matter.into_iter().filter(|members| !members.is_empty()).collect();
                for (into, blocks) in [(&mut out, matter), (&mut all, every)] {
                    let blocks: Vec<Members> = blocks;
                    if !blocks.is_empty() {
                        into.insert(name.clone(), several(nested.nesting, blocks));
                    }
                }
                continue;
            }
            let Some(argument) = schema.argument(name).filter(|argument| argument.is_settable()) else {
                self.faults.unreadable(&format!("an unknown argument {path}"));
                continue;
            };
            let Some(law) = self.law(&path) else {
                self.faults.unreadable(&format!("no law for {path}"));
                continue;
            };
            let Some(value) = self.value(value, &argument.value, law) else {
                continue;
            };
            // Of a group, no rules are none, said or not.
            let is_none = value == Value::Set(Vec::new());
            if is_none
                && (matches!(law.absent, Absent::Unknown) || matches!(name.as_str(), "ingress" | "egress"))
            {
                continue;
            }
            all.insert(name.clone(), value.clone());
            match law.weight {
                Weight::Nothing(_) => {}
                Weight::Matters(_) => drop(out.insert(name.clone(), value)),
                Weight::Document(_) | Weight::Sql => {
                    let text = match law.weight {
                        Weight::Document(kind) => Text::Document(kind),
                        _ => Text::Sql,
                    };
                    if let Value::One(pieces) = value {
                        self.said.texts.insert(path, (text, pieces));
                    }
                    out.insert(name.clone(), Value::text("a document"));
                }
            }
        }
        for (name, argument) in schema.arguments() {
            if argument.need == Need::Required && !all.contains_key(name) {
                self.faults.unreadable(&format!("no {prefix}{name}"));
            }
        }
        for (name, nested) in schema.blocks() {
            if self.implied.contains(&format!("{prefix}{name}").as_str()) && !all.contains_key(name) {
                let (matter, every) = self.members(&[], &nested.block, &format!("{prefix}{name}."));
                out.insert(name.to_owned(), several(nested.nesting, vec![matter]));
                all.insert(name.to_owned(), several(nested.nesting, vec![every]));
            }
            if nested.is_required && !all.contains_key(name) {
                self.faults.unreadable(&format!("no {prefix}{name}"));
            }
        }
        self.absent(prefix, &mut out, &mut all);
        (out, all)
    }

    /// Laws about what is not there.
    fn absent(&mut self, prefix: &str, out: &mut Members, all: &mut Members) {
        for law in self.laws {
            let Some(name) = law
                .path
                .strip_prefix(prefix)
                .filter(|name| !name.contains('.') && !all.contains_key(*name))
            else {
                continue;
            };
            match law.absent {
                Absent::None => {}
                Absent::Unknown => self.said.is_refused = true,
                Absent::Means(default) => {
                    for into in [&mut *out, &mut *all] {
                        into.insert(name.to_owned(), Value::text(default));
                    }
                }
                Absent::Refused => self.faults.unreadable(&format!("no {}", law.path)),
            }
        }
    }

    fn value(&mut self, value: &Json, of: &ValueType, law: &Law) -> Option<Value> {
        match (of, value) {
            (ValueType::List(inner) | ValueType::Set(inner), Json::List(items)) => {
                let mut items: Vec<Value> = items
                    .iter()
                    .filter_map(|item| self.value(item, inner, law))
                    .collect();
                Some(if matches!(of, ValueType::List(_)) {
                    Value::List(items)
                } else {
                    items.sort();
                    items.dedup();
                    Value::Set(items)
                })
            }
            (ValueType::Map(inner), Json::Object(members)) => Some(Value::Members(
                members
                    .iter()
                    .filter_map(|(name, value)| Some((name.clone(), self.value(value, inner, law)?)))
                    .collect(),
            )),
            (ValueType::String, Json::Text(_) | Json::Number(_) | Json::Bool(_))
            | (ValueType::Bool, Json::Text(_) | Json::Bool(_))
            | (ValueType::Number, Json::Text(_) | Json::Number(_)) => {
                let text = match value {
                    Json::Text(text) => text.clone(),
                    Json::Number(number) => number.clone(),
                    Json::Bool(flag) => flag.to_string(),
                    Json::Null | Json::List(_) | Json::Object(_) => return None,
                };
                let pieces = match (self.cx.pieces)(&text) {
                    Ok(pieces) => pieces,
                    Err(what) => {
                        self.faults.unreadable(&what);
                        return None;
                    }
                };
                if !law.shape.fits(&pieces, &self.cx.place) {
                    if matches!(law.weight, Weight::Matters(_)) {
                        self.said.is_refused = true;
                    } else {
                        self.faults
                            .unreadable(&format!("the value `{text}` of {}", law.path));
                    }
                }
                Some(Value::One(pieces))
            }
            _ => {
                self.faults.unreadable(&format!("a wrong type of {}", law.path));
                None
            }
        }
    }
}

/// A list inside a list of blocks holds the parts of one.
fn part(item: &Json) -> &Json {
    match item {
        Json::List(parts) if parts.len() == 1 => &parts[0],
        _ => item,
    }
}

fn several(nesting: Nesting, blocks: Vec<Members>) -> Value {
    let mut blocks: Vec<Value> = blocks.into_iter().map(Value::Members).collect();
    match nesting {
        Nesting::Single | Nesting::List => Value::List(blocks),
        Nesting::Set => {
            blocks.sort();
            blocks.dedup();
            Value::Set(blocks)
        }
    }
}
