//! Things of the registry: one resource for all rows of a file beside the module, or what bulk registration takes.
//!
//! | file | what is in it |
//! |---|---|
//! | `NAME.things.json` | an object: a thing's name, and its attributes; `for_each` of one `aws_iot_thing` |
//! | `NAME.template.json`, `NAME.things.jsonl` | the template of a bulk registration, and its parameters, a line for each thing |
//!
//! The rows are decoded as JSON, so that nothing in them is a template.
//!
//! Source: Terraform, "The for_each Meta-Argument", `jsondecode` and `file`; the provider's page of `aws_iot_thing`, 6.25; AWS IoT
//! developer guide, "Bulk registration" and "Provisioning templates", read 2026-12-01.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::template::{self, Piece};
use super::world::World;
use crate::at::At;
use crate::facts::registry::Registered;
use crate::json::{self, Fold, Json};
use crate::sink::{Class, Sink};

type Members<'a> = [(Cow<'a, str>, Json<'a>)];

/// The resource.
pub(super) const THING: &str = "aws_iot_thing";
const THING_TYPE: &str = "aws_iot_thing_type";

const ROWS: &str = ".things.json";
const LINES: &str = ".things.jsonl";
const TEMPLATE: &str = ".template.json";

/// The parameter that is the thing's name.
const NAME: &str = "ThingName";

/// What was found of a module.
#[derive(Default)]
pub(super) struct Open<'a> {
    blocks: Vec<Block<'a>>,
    files: BTreeMap<&'a str, File<'a>>,
}

struct Block<'a> {
    label: &'a str,
    members: &'a Members<'a>,
    path: Arc<str>,
    pointer: String,
}

struct File<'a> {
    path: Arc<str>,
    content: Content<'a>,
    /// In characters, as the provider measures a template.
    size: u64,
}

#[derive(Clone, Copy)]
enum Content<'a> {
    Json(&'a Json<'a>),
    Lines(&'a [u8]),
}

/// Whether a file has a value in each line.
pub(super) fn is_lines(path: &str) -> bool {
    path.ends_with(LINES)
}

/// Whether a file beside the blocks is one of these.
pub(super) fn is_beside(name: &str) -> bool {
    name.ends_with(ROWS) || name.ends_with(TEMPLATE)
}

impl<'a> Open<'a> {
    pub(super) fn block(&mut self, label: &'a str, members: &'a Members<'a>, path: &Arc<str>, at: &At<'_>) {
        self.blocks.push(Block {
            label,
            members,
            path: Arc::clone(path),
            pointer: at.place().pointer,
        });
    }

    pub(super) fn labels(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.blocks.iter().map(|block| block.label)
    }

    pub(super) fn json(&mut self, name: &'a str, path: Arc<str>, value: &'a Json<'a>, size: u64) {
        let content = Content::Json(value);
        self.files.insert(name, File { path, content, size });
    }

    pub(super) fn lines(&mut self, name: &'a str, path: Arc<str>, bytes: &'a [u8]) {
        let (content, size) = (Content::Lines(bytes), 0);
        self.files.insert(name, File { path, content, size });
    }
}

/// The things of a module. Every file is of exactly one block or template.
pub(super) fn read(world: &World<'_>, module: usize, open: &Open<'_>, sink: &mut Sink) -> Vec<Registered> {
    let mut out = Vec::new();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut labels: BTreeSet<&str> = BTreeSet::new();
    for block in &open.blocks {
        let at = At::Root {
            path: &block.path,
            base: &block.pointer,
        };
        if !labels.insert(block.label) {
            sink.unread(&at, "a label that is declared twice");
        }
        let Some((thing_type, name)) = resource(world, module, block.members, &at, sink) else {
            continue;
        };
        let found = open
            .files
            .get_key_value(name)
            .filter(|(name, _)| name.ends_with(ROWS));
        let Some((
            name,
            File {
                path,
                content: Content::Json(value),
                ..
            },
        )) = found
        else {
            sink.unread(&at, format!("`{name}` is not there"));
            continue;
        };
        if !used.insert(name) {
            sink.unread(&at, "rows of which another block makes things");
        }
        out.extend(rows(thing_type, value, path, sink));
    }
    for (name, file) in &open.files {
        let (Some(stem), Content::Json(value)) = (name.strip_suffix(TEMPLATE), file.content) else {
            continue;
        };
        used.insert(name);
        let at = At::Root {
            path: &file.path,
            base: "",
        };
        let Some((thing_type, attributes)) = bulk(world, module, value, &at, sink) else {
            continue;
        };
        sink.measure(&at, "iot.provisioning-template.body", &thing_type, file.size);
        let lines = format!("{stem}{LINES}");
        match open.files.get_key_value(lines.as_str()) {
            Some((
                name,
                File {
                    path,
                    content: Content::Lines(bytes),
                    ..
                },
            )) => {
                used.insert(name);
                out.extend(parameters(thing_type, attributes, bytes, path, sink));
            }
            _ => sink.unread(&at, format!("`{lines}` is not there")),
        }
    }
    for (name, file) in &open.files {
        if !used.contains(name) {
            let at = At::Root {
                path: &file.path,
                base: "",
            };
            sink.unread(&at, "rows of which nothing is made");
        }
    }
    out
}

/// The address of the type, and the file of the rows.
fn resource<'a>(
    world: &World<'_>,
    module: usize,
    members: &'a Members<'a>,
    at: &At<'_>,
    sink: &mut Sink,
) -> Option<(String, &'a str)> {
    let (mut thing_type, mut file) = (None, None);
    let (mut has_name, mut has_attributes) = (false, false);
    for (name, value) in members {
        let text = value.text().unwrap_or("");
        match name.as_ref() {
            "for_each" => {
                file = text
                    .strip_prefix("${jsondecode(file(\"${path.module}/")
                    .and_then(|rest| rest.strip_suffix("\"))}"))
                    .filter(|name| !name.contains(['/', '\\', '"', '$', '%']));
            }
            "name" => has_name = text == "${each.key}",
            "attributes" => has_attributes = text == "${each.value}",
            "thing_type_name" => thing_type = type_of(world, module, text),
            "//" => {
                sink.count(Class::Inert, value.leaves());
                continue;
            }
            _ => sink.unread(&at.key(name), "unknown argument"),
        }
        sink.count(Class::Enforcing, 1);
    }
    let found = thing_type.zip(file).filter(|_| has_name && has_attributes);
    if found.is_none() {
        let what = "things are read as `for_each` of a file of rows: its key is the name, its value the attributes, and they have a type of this module";
        sink.unread(at, what);
    }
    found
}

fn type_of(world: &World<'_>, module: usize, text: &str) -> Option<String> {
    match template::parse(text).ok()?.as_slice() {
        [Piece::Reference(to)]
            if to.sort == THING_TYPE && !to.is_data && matches!(to.attribute.as_str(), "name" | "id") =>
        {
            let block = world.find(module, false, THING_TYPE, &to.label)?;
            world.address(block).map(|address| address.to_string())
        }
        _ => None,
    }
}

/// The rows of a file that `for_each` decodes.
fn rows(thing_type: String, value: &Json<'_>, path: &Arc<str>, sink: &mut Sink) -> Option<Registered> {
    let at = At::Root { path, base: "" };
    let Json::Object(members) = value else {
        sink.unread(&at, "rows are an object");
        return None;
    };
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (thing, value) in members {
        let at = at.key(thing);
        let Json::Object(attributes) = value else {
            sink.unread(&at, "the attributes of a thing are an object");
            return None;
        };
        for (name, value) in attributes {
            if value.text().is_none_or(str::is_empty) {
                sink.unread(&at.key(name), "an attribute is a text, and not empty");
                return None;
            }
            names.insert(name);
        }
    }
    sink.count(Class::Enforcing, value.leaves());
    let attributes = names.iter().map(|name| (*name).to_owned()).collect();
    let mut out = Registered::new(thing_type, attributes, at.place());
    let mut fits = true;
    for (thing, value) in members {
        fits &= out.push(thing);
        let Json::Object(attributes) = value else { continue };
        for name in &names {
            let value = attributes.iter().find(|(known, _)| known == name);
            fits &= out.push(value.and_then(|(_, value)| value.text()).unwrap_or(""));
        }
    }
    measured(out, fits, &at, sink)
}

/// The type and the attributes that a template of bulk registration gives a thing.
fn bulk(
    world: &World<'_>,
    module: usize,
    value: &Json<'_>,
    at: &At<'_>,
    sink: &mut Sink,
) -> Option<(String, Vec<String>)> {
    let found = thing_of(value).and_then(|(name, attributes)| {
        let address = world
            .modules
            .get(module)?
            .arn("iot", &format!("thingtype/{name}"));
        let is_made = (0..world.blocks.len()).any(|block| {
            world.blocks.get(block).is_some_and(|found| {
                found.module == module && found.sort.name == THING_TYPE && !found.sort.is_data
            }) && world.address(block).as_deref() == Some(address.as_str())
        });
        is_made.then_some((address, attributes))
    });
    match found {
        Some(found) => {
            sink.count(Class::Enforcing, value.leaves());
            Some(found)
        }
        None => {
            let what = "a template of bulk registration makes one thing of a type of this module, by the parameters of its lines";
            sink.unread(at, what);
            None
        }
    }
}

/// What the template says, if it says this alone.
fn thing_of(value: &Json<'_>) -> Option<(String, Vec<String>)> {
    let [parameters, resources] = members(value, ["Parameters", "Resources"])?;
    let [thing] = members(resources, ["thing"])?;
    let [sort, properties, overrides] = members(thing, ["Type", "Properties", "OverrideSettings"])?;
    let [attributes_replaced, type_replaced] = members(overrides, ["AttributePayload", "ThingTypeName"])?;
    let is_thing = sort.text() == Some("AWS::IoT::Thing")
        && attributes_replaced.text() == Some("REPLACE")
        && type_replaced.text() == Some("REPLACE");
    let [name, thing_type, payload] =
        members(properties, ["ThingName", "ThingTypeName", "AttributePayload"])?;
    let (Json::Object(parameters), Json::Object(payload)) = (parameters, payload) else {
        return None;
    };
    let mut attributes: Vec<String> = Vec::new();
    for (attribute, value) in payload {
        if reference(value)? != attribute || attribute == NAME {
            return None;
        }
        attributes.push(attribute.to_string());
    }
    attributes.sort_unstable();
    let mut known: Vec<&str> = attributes.iter().map(String::as_str).collect();
    known.push(NAME);
    let is_each_text = parameters.iter().all(|(name, value)| {
        known.contains(&name.as_ref())
            && members(value, ["Type"]).is_some_and(|[sort]| sort.text() == Some("String"))
    });
    let is_whole = is_thing && is_each_text && parameters.len() == known.len() && reference(name)? == NAME;
    is_whole.then_some((thing_type.text()?.to_owned(), attributes))
}

/// The values of exactly these members.
fn members<'v, 'a, const N: usize>(value: &'v Json<'a>, names: [&str; N]) -> Option<[&'v Json<'a>; N]> {
    let Json::Object(found) = value else { return None };
    if found.len() != N {
        return None;
    }
    let mut out = [value; N];
    for (slot, name) in out.iter_mut().zip(names) {
        *slot = found
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)?;
    }
    Some(out)
}

/// The parameter that a value refers to.
fn reference<'v>(value: &'v Json<'_>) -> Option<&'v str> {
    let [to] = members(value, ["Ref"])?;
    to.text()
}

/// The lines of a bulk registration: each has exactly the parameters of its template.
fn parameters(
    thing_type: String,
    attributes: Vec<String>,
    bytes: &[u8],
    path: &Arc<str>,
    sink: &mut Sink,
) -> Option<Registered> {
    let at = At::Root { path, base: "" };
    let Ok(text) = std::str::from_utf8(bytes) else {
        sink.unread(&at, "not JSON: not UTF-8");
        return None;
    };
    let starts = starts(&attributes);
    let mut out = Registered::new(thing_type, attributes, at.place());
    let (mut fits, mut leaves) = (true, 0);
    let mut fields: Vec<&str> = Vec::new();
    let mut slow: Vec<Cow<'_, str>>;
    for (index, line) in text.lines().enumerate() {
        fields.clear();
        if plain(line, &starts, &mut fields) {
            fits &= fields.iter().all(|field| out.push(field));
        } else {
            slow = match spelt_out(line, &out.attributes) {
                Some(found) => found,
                None => {
                    let what = format!("line {} has not the parameters of the template", index + 1);
                    sink.unread(&at, what);
                    return None;
                }
            };
            fits &= slow.iter().all(|field| out.push(field));
        }
        leaves += starts.len() as u64;
    }
    sink.count(Class::Enforcing, leaves);
    measured(out, fits, &at, sink)
}

/// What stands before each value of a line as it is usually written.
fn starts(attributes: &[String]) -> Vec<String> {
    let name = format!("{{\"{NAME}\":\"");
    let others = attributes
        .iter()
        .map(|attribute| format!("\",\"{attribute}\":\""));
    std::iter::once(name).chain(others).collect()
}

/// The values of a line without an escape, in the usual order.
fn plain<'l>(line: &'l str, starts: &[String], fields: &mut Vec<&'l str>) -> bool {
    if line.contains('\\') {
        return false;
    }
    let mut rest = line;
    for start in starts {
        let Some(after) = rest.strip_prefix(start.as_str()) else {
            return false;
        };
        let Some(end) = after.find('"') else { return false };
        let (field, left) = after.split_at_checked(end).unwrap_or((after, ""));
        if field.is_empty() || field.contains(|c: char| c.is_control()) {
            return false;
        }
        fields.push(field);
        rest = left;
    }
    rest == "\"}"
}

/// The values of any other line.
fn spelt_out<'l>(line: &'l str, attributes: &[String]) -> Option<Vec<Cow<'l, str>>> {
    let Ok(Json::Object(members)) = json::parse(line.as_bytes(), Fold::Exact) else {
        return None;
    };
    if members.len() != attributes.len() + 1 {
        return None;
    }
    let names = std::iter::once(NAME).chain(attributes.iter().map(String::as_str));
    names
        .map(|name| {
            let (_, value) = members.iter().find(|(known, _)| known == name)?;
            let text = value.text().filter(|text| !text.is_empty())?;
            Some(Cow::Owned(text.to_owned()))
        })
        .collect()
}

/// The things, whose longest name is measured.
fn measured(out: Registered, fits: bool, at: &At<'_>, sink: &mut Sink) -> Option<Registered> {
    if !fits {
        sink.unread(at, "more than 4 GiB of names and values");
        return None;
    }
    let mut names: Vec<&str> = (0..out.len()).map(|row| out.name(row)).collect();
    if !names.is_sorted() {
        names.sort_unstable();
    }
    if let Some((name, _)) = names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b) {
        sink.unread(at, format!("the thing `{name}` is declared twice"));
        return None;
    }
    let longest = (0..out.len()).max_by_key(|row| out.name(*row).len());
    if let Some(row) = longest {
        let name = out.name(row);
        let of = format!("thing {name}");
        sink.measure(at, "iot.name.thing", &of, name.chars().count() as u64);
    }
    Some(out)
}
