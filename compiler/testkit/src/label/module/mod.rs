//! Labels of Terraform modules: a change of any argument is a change of meaning, unless a law says why it is none.
//!
//! Files become blocks (`source`), blocks their arguments in one spelling (`block`, held to the provider's schema and to
//! `law`), and references the blocks that they lead to (`world`). Blocks are compared up to their labels (`color`), rules and
//! routes by what they let pass (`filter`), and documents in texts like documents in files of their own.

mod block;
mod color;
mod consistent;
mod filter;
mod law;
mod registry;
pub mod replay;
mod shape;
mod source;
mod sql;
mod template;
mod value;
mod world;
pub mod written;

use std::collections::{BTreeMap, BTreeSet};

use block::Text;
use law::Weight;
use template::Piece;
use value::{Ref, Value};
use world::Node;

use super::fault::Faults;
use super::iam;
use super::policy::{self, Kind, Who};
use super::{Concern, Difference, Label, worse};
use crate::mutate::json;

/// Labels a mutant.
#[must_use]
pub fn label(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Label {
    let mut faults = Faults::default();
    let old = world::read(before, &mut faults);
    assert!(faults.is_empty(), "the original cannot be read: {faults:?}");
    let refused = old.iter().find(|node| node.said.is_refused);
    assert!(
        refused.is_none(),
        "the original holds a value that the provider refuses: {:?}",
        refused.map(Node::shown)
    );
    if after.is_empty() {
        return Label::Changed(Difference::Object("nothing is left".to_owned()));
    }
    let new = world::read(after, &mut faults);
    if let Some(what) = faults.unreadable.first() {
        return Label::Unreadable(what.clone());
    }
    let mut label = compare(&old, &new);
    if let Some(path) = after.keys().find(|path| source::is_ignored(path)) {
        label = worse(label, Label::Idle(format!("{path} is passed over")));
    }
    if !new.iter().any(|node| node.said.is_refused) {
        return label;
    }
    match label {
        Label::Changed(Difference::Value { what, concerns, .. }) => Label::Changed(Difference::Value {
            what,
            concerns,
            is_refused: true,
        }),
        Label::Equal | Label::Idle(_) => Label::Unreadable("a value that the provider refuses".to_owned()),
        other => other,
    }
}

/// Whether no change of an argument, as tables name it, is one of meaning: a law says so of it, or of all that stands in it, or
/// it is no argument but a place for some.
#[must_use]
pub fn is_excused(argument: &str) -> bool {
    let (sort, path) = match argument.split_once('.') {
        None => return true,
        Some(("resource" | "data" | "terraform" | "moved" | "removed", _)) => return true,
        Some(("provider", path)) => return path == "aws" || path.starts_with("aws.default_tags"),
        Some(split) => split,
    };
    let first = path.split('.').next().unwrap_or_default();
    if matches!(first, "tags" | "depends_on" | "//") {
        return true;
    }
    let laws = || {
        [false, true]
            .into_iter()
            .filter_map(|is_data| law::of(sort, is_data))
            .flatten()
    };
    if first == "lifecycle" {
        // What the provider keeps, too, is kept without it.
        return laws().any(|law| law.path.starts_with("deletion_protection"));
    }
    match laws().find(|law| law.path == path) {
        // What stands in a document is asked for itself.
        Some(law) => matches!(law.weight, Weight::Nothing(_) | Weight::Document(_)),
        // A place for others.
        None => laws().any(|law| {
            law.path
                .strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('.'))
        }),
    }
}

/// Whether every other value of an argument that the goldens could take is refused: it is hit by that.
#[must_use]
pub fn is_fixed(argument: &str) -> bool {
    let (sort, path) = argument.split_once('.').unwrap_or((argument, ""));
    match sort {
        // Rules inside a group are not read.
        "aws_default_security_group" => matches!(path, "ingress" | "egress"),
        // Without encryption, the key that stands beside goes with nothing.
        "aws_db_instance" => matches!(path, "storage_encrypted" | "engine"),
        // Its version is that of the server.
        "aws_db_parameter_group" => path == "family",
        // Every lock has its configuration, which turns it on.
        "aws_s3_bucket" => path == "object_lock_enabled",
        // Attributes are those of the keys.
        "aws_dynamodb_table" => {
            matches!(
                path,
                "server_side_encryption.enabled" | "attribute.name" | "range_key" | "hash_key"
            )
        }
        "aws_kinesis_stream" => path == "encryption_type",
        "aws_s3_bucket_server_side_encryption_configuration" => path.ends_with("sse_algorithm"),
        // Policies of endpoints that do more than list are not decided.
        "aws_vpc_endpoint" => matches!(path, "policy.Statement.Effect" | "policy.Statement.Principal"),
        // Rows and their block, a template and its lines are read in one form alone.
        "aws_iot_thing" => matches!(path, "for_each" | "name" | "attributes"),
        "Parameters" | "Resources" => true,
        // Everybody, and everything: no text changed by a character names somebody, or something.
        "aws_kms_key"
        | "aws_kms_key_policy"
        | "aws_secretsmanager_secret_policy"
        | "aws_sqs_queue_policy"
        | "aws_s3_bucket_policy" => {
            matches!(path, "policy.Statement.Principal" | "policy.Statement.Resource")
        }
        _ => false,
    }
}

fn compare(old: &[Node], new: &[Node]) -> Label {
    let (kept, idle) = sources(new);
    let (was, _) = sources(old);
    let (before, after) = (color::of(old, &was), color::of(new, &kept));
    let counted = |nodes: &[Node], colors: &[u64], used: &[bool]| {
        color::count(
            (0..nodes.len())
                .filter(|at| used[*at] && !filter::is_filter(&nodes[*at].sort))
                .map(|at| colors[at]),
        )
    };
    if counted(old, &before, &was) != counted(new, &after, &kept) {
        return Label::Changed(difference(old, new));
    }
    let mut worst = filter::compare((old, &before), (new, &after));
    let texts = |nodes: &[Node], colors: &[u64]| {
        let mut out: BTreeMap<(u64, String), (String, Text, String)> = BTreeMap::new();
        for (node, color) in nodes.iter().zip(colors) {
            for (path, (text, pieces)) in &node.said.texts {
                let name = |to: &Ref| format!("<{}.{:016x}.{}>", to.sort, colors[to.node], to.attribute);
                out.insert(
                    (*color, path.clone()),
                    (node.shown(), text.clone(), plain(pieces, &name)),
                );
            }
        }
        out
    };
    let (old, new) = (texts(old, &before), texts(new, &after));
    for (at, (shown, text, old)) in &old {
        let Some((.., new)) = new.get(at) else { continue };
        if old == new {
            continue;
        }
        let label = match text {
            Text::Document(Kind::Endpoint) if !is_plain(new) => {
                Label::Undecided("an endpoint's policy that is more than a list".to_owned())
            }
            Text::Document(kind) => iam::compare_texts(*kind, shown, old.as_bytes(), new.as_bytes()),
            Text::Sql => sql::compare(old, new),
        };
        worst = worse(worst, label);
    }
    match idle {
        Some(what) => worse(worst, Label::Idle(what)),
        None => worst,
    }
}

/// Whether a policy of an endpoint only lists what it lets through, for everybody and always. It is evaluated beside others, so
/// that more than that is not compared with a declaration.
fn is_plain(text: &str) -> bool {
    let mut faults = Faults::default();
    let document = json::parse(text.as_bytes()).unwrap_or(json::Json::Null);
    let statements = policy::read(&document, Kind::Endpoint, &mut faults);
    // What cannot be read is no question of being plain.
    !faults.is_empty()
        || statements
            .iter()
            .all(|statement| !statement.deny && statement.who == [Who::Anyone] && statement.terms.is_empty())
}

/// Which blocks are there for something: a data source that nothing refers to is not. The first that is not.
fn sources(nodes: &[Node]) -> (Vec<bool>, Option<String>) {
    let used: BTreeSet<usize> = nodes
        .iter()
        .flat_map(|node| node.uses.iter().chain(&node.said.after).copied())
        .collect();
    let is_there: Vec<bool> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| !node.is_data || used.contains(&at))
        .collect();
    let idle = is_there
        .iter()
        .position(|there| !there)
        .map(|at| format!("{} is looked up for nothing", nodes[at].shown()));
    (is_there, idle)
}

fn plain(pieces: &[Piece<Ref>], name: &dyn Fn(&Ref) -> String) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Ref(to) => name(to),
        })
        .collect()
}

/// What differs, and which part of the claim it concerns.
fn difference(old: &[Node], new: &[Node]) -> Difference {
    let mut concerns = BTreeSet::new();
    let mut what = Vec::new();
    let by_name = |nodes: &[Node]| -> BTreeMap<String, usize> {
        nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (node.shown(), at))
            .collect()
    };
    let (before, after) = (by_name(old), by_name(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let places = |nodes: &[Node]| -> BTreeSet<(String, String, String)> {
        let place = |node: &Node| (node.folder.clone(), node.account.clone(), node.region.clone());
        nodes.iter().map(place).collect()
    };
    if places(old) != places(new) {
        concerns.insert(Concern::Being);
        what.push("account or region".to_owned());
    }
    for name in names {
        match (before.get(name), after.get(name)) {
            (Some(a), Some(b)) => {
                let (a, b) = (&old[*a], &new[*b]);
                let mut paths = Vec::new();
                let show = |nodes: &'_ [Node], value: &Value| {
                    let mut out = String::new();
                    value.show(
                        &|to| format!("{}.{}", nodes[to.node].shown(), to.attribute),
                        &mut out,
                    );
                    out
                };
                let shown =
                    |nodes: &'_ [Node], members: &BTreeMap<String, Value>| -> BTreeMap<String, String> {
                        let mut out = BTreeMap::new();
                        leaves("", members, &mut |path, value| {
                            out.entry(path)
                                .or_insert_with(String::new)
                                .push_str(&show(nodes, value));
                        });
                        out
                    };
                let (one, other) = (shown(old, &a.said.arguments), shown(new, &b.said.arguments));
                let all: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                paths.extend(
                    all.into_iter()
                        .filter(|path| one.get(*path) != other.get(*path))
                        .cloned(),
                );
                for path in &paths {
                    concerns.extend(concern(&a.sort, a.is_data, path));
                }
                if color::is_kept(a) != color::is_kept(b) {
                    concerns.insert(Concern::Setting);
                    paths.push("lifecycle".to_owned());
                }
                if !paths.is_empty() {
                    what.push(format!("{name} {}", paths.join(" ")));
                }
            }
            (Some(at), None) => gone(&old[*at], "is gone", &mut concerns, &mut what),
            (None, Some(at)) => gone(&new[*at], "is there", &mut concerns, &mut what),
            (None, None) => {}
        }
    }
    Difference::Value {
        what: what.join("; ").chars().take(300).collect(),
        concerns,
        is_refused: false,
    }
}

fn gone(node: &Node, how: &str, concerns: &mut BTreeSet<Concern>, what: &mut Vec<String>) {
    concerns.insert(Concern::Being);
    for law in law::of(&node.sort, node.is_data).unwrap_or_default() {
        concerns.extend(concern(&node.sort, node.is_data, law.path));
    }
    what.push(format!("{} {how}", node.shown()));
}

fn concern(sort: &str, is_data: bool, path: &str) -> Option<Concern> {
    let laws = law::of(sort, is_data).unwrap_or_default();
    // A value by name is of the argument that holds it.
    let holds = |law: &&law::Law| {
        path.strip_prefix(law.path)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    laws.iter()
        .find(|law| law.path == path)
        .or_else(|| laws.iter().find(holds))
        .and_then(|law| match law.weight {
            Weight::Nothing(_) => None,
            Weight::Matters(concern) => Some(concern),
            Weight::Document(_) | Weight::Sql => Some(Concern::Access),
        })
}

/// Every argument with the names on the way to it.
fn leaves(prefix: &str, members: &BTreeMap<String, Value>, visit: &mut dyn FnMut(String, &Value)) {
    for (name, value) in members {
        let path = format!("{prefix}{name}");
        match value {
            Value::Members(inner) => leaves(&format!("{path}."), inner, visit),
            Value::List(items) | Value::Set(items)
                if items.iter().any(|item| matches!(item, Value::Members(_))) =>
            {
                for item in items {
                    if let Value::Members(inner) = item {
                        leaves(&format!("{path}."), inner, visit);
                    }
                }
            }
            Value::One(_) | Value::List(_) | Value::Set(_) => visit(path, value),
        }
    }
}
