//! All blocks of all modules, references resolved, and what is wrong with them together.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{self, Cx, Said};
use super::consistent;
use super::law;
use super::shape::Place;
use super::source::{self, Source};
use super::template::{self, Piece};
use super::value::{Ref, Value};
use crate::label::fault::Faults;
use crate::mutate::json::Json;

/// A block.
pub(super) struct Node {
    pub(super) folder: String,
    pub(super) is_data: bool,
    pub(super) sort: String,
    pub(super) label: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) said: Said,
    /// Blocks that it refers to, by whatever attribute.
    pub(super) uses: BTreeSet<usize>,
}

impl Node {
    /// Its place, for people.
    pub(super) fn shown(&self) -> String {
        let data = if self.is_data { "data." } else { "" };
        format!("{} {data}{}.{}", self.folder, self.sort, self.label)
    }

    /// The text of an argument that holds nothing else.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.said.all.get(name).and_then(Value::as_text)
    }

    /// The block that an argument refers to, and nothing else.
    pub(super) fn target(&self, name: &str) -> Option<usize> {
        match self.said.all.get(name)? {
            Value::One(pieces) => match pieces.as_slice() {
                [Piece::Ref(to)] => Some(to.node),
                _ => None,
            },
            Value::List(_) | Value::Set(_) | Value::Members(_) => None,
        }
    }
}

/// How far a text is followed from block to block.
const FOLLOWED: u32 = 8;

pub(super) fn read(files: &BTreeMap<String, Vec<u8>>, faults: &mut Faults) -> Vec<Node> {
    let source = source::read(files, faults);
    let mut index: BTreeMap<(&str, bool, &str, &str), usize> = BTreeMap::new();
    for (at, raw) in source.blocks.iter().enumerate() {
        let name = (
            raw.folder.as_str(),
            raw.is_data,
            raw.sort.as_str(),
            raw.label.as_str(),
        );
        if index.insert(name, at).is_some() {
            faults.unreadable("a block twice");
        }
    }
    let mut nodes = Vec::new();
    for raw in &source.blocks {
        let Some((account, region)) = source.places.get(&raw.folder) else {
            continue;
        };
        let find = |is_data: bool, sort: &str, label: &str| {
            index.get(&(raw.folder.as_str(), is_data, sort, label)).copied()
        };
        let uses = std::cell::RefCell::new(BTreeSet::new());
        let pieces = |text: &str| {
            resolve(&source, &find, text, FOLLOWED, &mut |node| {
                uses.borrow_mut().insert(node);
            })
        };
        let cx = Cx {
            place: Place { region },
            find: &find,
            pieces: &pieces,
        };
        let said = block::read(raw, &cx, faults);
        nodes.push(Node {
            folder: raw.folder.clone(),
            is_data: raw.is_data,
            sort: raw.sort.clone(),
            label: raw.label.clone(),
            account: account.clone(),
            region: if law::is_global(&raw.sort) {
                String::new()
            } else {
                region.clone()
            },
            said,
            uses: uses.into_inner(),
        });
    }
    // Without faults, every block has its place.
    if faults.is_empty() {
        unneeded_names(&mut nodes);
        unneeded_locks(&mut nodes);
        by_name(&mut nodes, faults);
        circles(&nodes, faults);
        twice(&nodes, faults);
        consistent::check(&nodes, faults);
    }
    nodes
}

/// A text in pieces; an attribute that is an argument's text is that text.
fn resolve(
    source: &Source,
    find: &dyn Fn(bool, &str, &str) -> Option<usize>,
    text: &str,
    depth: u32,
    visit: &mut dyn FnMut(usize),
) -> Result<Vec<Piece<Ref>>, String> {
    let mut out: Vec<Piece<Ref>> = Vec::new();
    for piece in template::read(text)? {
        let found = match piece {
            Piece::Text(text) => vec![Piece::Text(text)],
            Piece::Ref(to) => {
                let node = find(to.is_data, &to.sort, &to.label)
                    .ok_or_else(|| format!("a reference to {}.{}, which is not there", to.sort, to.label))?;
                visit(node);
                let known = if to.is_data {
                    catalogue::terraform::TerraformSchema::embedded().data(&to.sort)
                } else {
                    catalogue::terraform::TerraformSchema::embedded().resource(&to.sort)
                };
                if known.is_none_or(|schema| {
                    schema
                        .argument(to.attribute.split('[').next().unwrap_or_default())
                        .is_none()
                }) {
                    return Err(format!("a reference to an attribute {}", to.attribute));
                }
                let argument = law::text_of(&to.sort, &to.attribute).and_then(|name| {
                    let members = &source.blocks[node].members;
                    members.iter().find(|(known, _)| known == name)
                });
                match argument {
                    Some((_, Json::Text(text))) if depth > 0 => {
                        resolve(source, find, text, depth - 1, &mut |_| {})?
                    }
                    _ => vec![Piece::Ref(Ref {
                        node,
                        sort: to.sort,
                        attribute: to.attribute,
                    })],
                }
            }
        };
        for piece in found {
            match (out.last_mut(), piece) {
                (Some(Piece::Text(open)), Piece::Text(more)) => open.push_str(&more),
                (_, piece) => out.push(piece),
            }
        }
    }
    Ok(out)
}

/// A configuration of its lock turns on the lock of a bucket. Source: Amazon S3 user guide, "Configuring S3 Object Lock".
fn unneeded_locks(nodes: &mut [Node]) {
    let locked: BTreeSet<String> = nodes
        .iter()
        .filter(|node| node.sort == "aws_s3_bucket_object_lock_configuration")
        .filter_map(|node| node.text("bucket").map(str::to_owned))
        .collect();
    for node in nodes.iter_mut().filter(|node| node.sort == "aws_s3_bucket") {
        if node.text("bucket").is_some_and(|name| locked.contains(name)) {
            node.said.arguments.remove("object_lock_enabled");
        }
    }
}

/// Arguments that name another block by its text.
const BY_NAME: [(&str, &str); 2] = [
    ("db_subnet_group_name", "aws_db_subnet_group"),
    ("parameter_group_name", "aws_db_parameter_group"),
];

/// Who is named by a text is whoever bears it.
fn by_name(nodes: &mut [Node], faults: &mut Faults) {
    for at in 0..nodes.len() {
        for (argument, sort) in BY_NAME {
            let Some(target) = nodes[at].target(argument) else {
                continue;
            };
            let (own, text) = (&nodes[at], nodes[target].text("name"));
            let bearer = nodes.iter().position(|other| {
                (other.sort.as_str(), &other.account, &other.region) == (sort, &own.account, &own.region)
                    && other.text("name") == text
            });
            let Some(node) = bearer else {
                faults.unreadable(&format!("{argument} names nothing"));
                continue;
            };
            let value = Value::One(vec![Piece::Ref(Ref {
                node,
                sort: sort.to_owned(),
                attribute: "name".to_owned(),
            })]);
            let said = &mut nodes[at].said;
            said.all.insert(argument.to_owned(), value.clone());
            said.arguments.insert(argument.to_owned(), value);
        }
    }
}

/// Names in a network matter where something has a private one: endpoints that bring theirs along, and zones.
fn unneeded_names(nodes: &mut [Node]) {
    let named: BTreeSet<usize> = nodes
        .iter()
        .filter(|node| {
            node.sort == "aws_route53_zone"
                || (node.sort == "aws_vpc_endpoint" && node.text("private_dns_enabled") == Some("true"))
        })
        .flat_map(|node| node.uses.iter().copied())
        .collect();
    for (at, node) in nodes.iter_mut().enumerate() {
        if node.sort == "aws_vpc" && !named.contains(&at) {
            node.said.arguments.remove("enable_dns_support");
            node.said.arguments.remove("enable_dns_hostnames");
        }
    }
}

/// Blocks that wait for each other.
fn circles(nodes: &[Node], faults: &mut Faults) {
    let mut waits: Vec<BTreeSet<usize>> = nodes
        .iter()
        .map(|node| node.uses.iter().chain(&node.said.after).copied().collect())
        .collect();
    loop {
        let free: BTreeSet<usize> = (0..nodes.len()).filter(|at| waits[*at].is_empty()).collect();
        let mut progress = false;
        for of in &mut waits {
            let before = of.len();
            of.retain(|on| !free.contains(on));
            progress |= of.len() != before;
        }
        if !progress {
            break;
        }
    }
    if waits.iter().any(|of| !of.is_empty()) {
        faults.unreadable("blocks that wait for each other");
    }
}

/// Objects of which there can be one only.
fn twice(nodes: &[Node], faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for node in nodes.iter().filter(|node| !node.is_data) {
        for (_, names) in law::KEYS.iter().filter(|(sort, _)| *sort == node.sort) {
            let values: Vec<&Value> = names.iter().filter_map(|name| node.said.all.get(*name)).collect();
            // Names of buckets are of all accounts.
            let (account, region) = if node.sort.starts_with("aws_s3_") {
                ("", "")
            } else {
                (node.account.as_str(), node.region.as_str())
            };
            let key = (account, region, &node.sort, names, format!("{values:?}"));
            if !seen.insert(key) {
                faults.unreadable(&format!("a second {}", node.sort));
            }
        }
    }
}
