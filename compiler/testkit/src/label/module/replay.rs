//! Whether original and mutant differ on one request, or one packet: for witnesses. Which of the values that the provider
//! assigns is meant, is not asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::block::Text;
use super::filter::{self, Filters};
use super::template::Piece;
use super::value::{Ref, Value};
use super::world::{self, Node};
use crate::label::cells::Request;
use crate::label::fault::Faults;
use crate::label::iam;
use crate::label::letter::{ASSIGNED, Letter};
use crate::label::packet::{self, Packet, Peer, Rule};
use crate::label::policy::Kind;

/// Whether documents of a kind of one owner answer a request differently.
#[must_use]
pub fn request(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
    kind: Kind,
    request: &Request,
) -> bool {
    let request = Request {
        resource: request.resource.iter().map(plain).collect(),
        ..request.clone()
    };
    let (old, new) = (documents(before, kind), documents(after, kind));
    let owners: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    owners
        .into_iter()
        .any(|owner| iam::replay_all(kind, &bytes(&old, owner), &bytes(&new, owner), &request))
}

fn bytes<'a>(documents: &'a BTreeMap<String, Vec<String>>, owner: &str) -> Vec<&'a [u8]> {
    let of_owner = documents.get(owner).map_or(&[][..], Vec::as_slice);
    of_owner.iter().map(String::as_bytes).collect()
}

fn plain(letter: &Letter) -> Letter {
    match letter {
        Letter::Value(name) if name.contains('#') => Letter::Plain(ASSIGNED),
        other => other.clone(),
    }
}

/// Documents by owner: a role's own policies together, every other one by itself.
fn documents(files: &BTreeMap<String, Vec<u8>>, kind: Kind) -> BTreeMap<String, Vec<String>> {
    let nodes = world::read(files, &mut Faults::default());
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for node in &nodes {
        for (text, pieces) in node.said.texts.values() {
            if *text != Text::Document(kind) {
                continue;
            }
            // A policy is its owner's, whatever the labels of the two are.
            let owner = ["role", "bucket"]
                .into_iter()
                .find_map(|argument| node.said.all.get(argument));
            let owner = match owner {
                Some(owner) => format!("{} {}", node.account, named(&nodes, owner)),
                None => node.shown(),
            };
            let text = pieces.iter().map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Ref(to) => referred(&nodes, to),
            });
            out.entry(owner).or_default().push(text.collect());
        }
    }
    out
}

/// A value as it can be known: an address that ends in letters of the service, or something assigned.
pub(super) fn referred(nodes: &[Node], to: &Ref) -> String {
    let node = &nodes[to.node];
    match (node.sort.as_str(), to.attribute.as_str()) {
        ("aws_secretsmanager_secret", "arn") => format!(
            "arn:aws:secretsmanager:{}:{}:secret:{}-{ASSIGNED}",
            node.region,
            node.account,
            node.text("name").unwrap_or_default()
        ),
        ("aws_kms_key", "arn") => format!("arn:aws:kms:{}:{}:key/{ASSIGNED}", node.region, node.account),
        _ => ASSIGNED.to_string(),
    }
}

/// What a value calls: the name of the block that it refers to, or itself.
pub(super) fn named(nodes: &[Node], value: &Value) -> String {
    match value {
        Value::One(pieces) => match pieces.as_slice() {
            [Piece::Ref(to)] => {
                let node = &nodes[to.node];
                let name = node.text("name").or_else(|| node.text("bucket"));
                name.unwrap_or_default().to_owned()
            }
            [Piece::Text(text)] => text.clone(),
            _ => String::new(),
        },
        Value::List(_) | Value::Set(_) | Value::Members(_) => String::new(),
    }
}

/// Whether rules of groups let a packet through in one of the two only. A group is `NETWORK/NAME`, a network its block or id.
#[must_use]
pub fn packet(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>, asked: &Packet) -> bool {
    let passes = |files| {
        let nodes = world::read(files, &mut Faults::default());
        let mut rules: Vec<Rule> = filter::rules(&nodes, &|node, argument| {
            let value = node.said.all.get(argument);
            value.map_or_else(String::new, |value| group(&nodes, value))
        });
        rules.extend(open_defaults(&nodes));
        rules.iter().any(|rule| rule.permits(asked))
    };
    passes(before) != passes(after)
}

/// Whether the lists of some subnet let a packet through in one of the two only. Whose it is, is not asked.
#[must_use]
pub fn listed(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>, asked: &Packet) -> bool {
    filters(before).passing(asked) != filters(after).passing(asked)
}

/// Whether the table of some subnet sends an address elsewhere.
#[must_use]
pub fn routed(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
    address: IpAddr,
) -> bool {
    filters(before).ways(address) != filters(after).ways(address)
}

fn filters(files: &BTreeMap<String, Vec<u8>>) -> Filters {
    let nodes = world::read(files, &mut Faults::default());
    filter::read(&nodes, &|node, argument| {
        filter::called(node, argument, &|at| placed(&nodes, at))
    })
}

/// A part of a network by its place in it, not by its label: by its block, or by what it stands in.
fn placed(nodes: &[Node], at: usize) -> String {
    let node = &nodes[at];
    if let Some(block) = node.text("cidr_block") {
        return block.to_owned();
    }
    let within = ["vpc_id", "subnet_id"]
        .into_iter()
        .find(|argument| node.said.all.contains_key(*argument));
    match within {
        Some(argument) => {
            let place = filter::called(node, argument, &|at| placed(nodes, at));
            format!("{} of {place}", node.sort)
        }
        None => node.shown(),
    }
}

/// The group that a value calls.
fn group(nodes: &[Node], value: &Value) -> String {
    match value {
        Value::One(pieces) => match pieces.as_slice() {
            [Piece::Ref(to)] => {
                let node = &nodes[to.node];
                let network = node.said.all.get("vpc_id");
                let network = network.map_or_else(String::new, |network| vpc(nodes, network));
                format!("{network}/{}", node.text("name").unwrap_or_default())
            }
            [Piece::Text(text)] => text.clone(),
            _ => String::new(),
        },
        Value::List(_) | Value::Set(_) | Value::Members(_) => String::new(),
    }
}

fn vpc(nodes: &[Node], value: &Value) -> String {
    match value {
        Value::One(pieces) => match pieces.as_slice() {
            [Piece::Ref(to)] => nodes[to.node].text("cidr_block").unwrap_or_default().to_owned(),
            [Piece::Text(text)] => text.clone(),
            _ => String::new(),
        },
        Value::List(_) | Value::Set(_) | Value::Members(_) => String::new(),
    }
}

/// What the default group of a network lets through until somebody takes it over: each other's, and everything out.
/// Source: Amazon VPC user guide, "Default security groups".
fn open_defaults(nodes: &[Node]) -> Vec<Rule> {
    let taken: BTreeSet<String> = nodes
        .iter()
        .filter(|node| node.sort == "aws_default_security_group")
        .filter_map(|node| Some(vpc(nodes, node.said.all.get("vpc_id")?)))
        .collect();
    let open = nodes
        .iter()
        .filter(|node| node.sort == "aws_vpc" && !node.is_data)
        .filter_map(|node| node.text("cidr_block"))
        .filter(|network| !taken.contains(*network));
    open.flat_map(|network| {
        let group = format!("{network}/default");
        let others = ["0.0.0.0/0", "::/0"].into_iter().filter_map(packet::peer);
        let out = others.map(|peer| (true, peer));
        let within = [(false, Peer::Group(group.clone()))];
        let rules: Vec<Rule> = within
            .into_iter()
            .chain(out)
            .map(|(egress, peer)| Rule {
                group: group.clone(),
                egress,
                protocol: "-1".to_owned(),
                ports: (0, 65_535),
                peer,
            })
            .collect();
        rules
    })
    .collect()
}
