//! What modules write, by owner: documents with their references replaced, and rules of groups. For who looks at them as at
//! files of their own.

use std::collections::BTreeMap;

use super::block::Text;
use super::filter;
use super::replay::{named, referred};
use super::template::Piece;
use super::world::{self, Node};
use crate::label::fault::Faults;
use crate::label::letter::ASSIGNED;
use crate::label::packet::Rule;
use crate::label::policy::Kind;

/// One document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The number of the account that it is in.
    pub account: String,
    /// What sort.
    pub kind: Kind,
    /// What the provider calls its owner.
    pub owner: String,
    /// As it is put there.
    pub text: String,
}

/// What modules write.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Documents.
    pub documents: Vec<Document>,
    /// Rules of all security groups, by the groups' names.
    pub groups: Vec<Rule>,
}

/// Reads modules.
///
/// # Errors
/// What has no reading, or no owner.
pub fn read(files: &BTreeMap<String, Vec<u8>>) -> Result<Written, String> {
    let mut faults = Faults::default();
    let nodes = world::read(files, &mut faults);
    if let Some(what) = faults.unreadable.first() {
        return Err(what.clone());
    }
    let mut out = Written::default();
    for (at, node) in nodes.iter().enumerate() {
        for (text, pieces) in node.said.texts.values() {
            let Text::Document(kind) = text else { continue };
            // What passes through an endpoint is no grant.
            if *kind == Kind::Endpoint {
                continue;
            }
            let spelt = pieces.iter().map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Ref(to) => assigned(&referred(&nodes, to)),
            });
            out.documents.push(Document {
                account: node.account.clone(),
                kind: *kind,
                owner: owner(&nodes, at, *kind).ok_or_else(|| format!("{} is nobody's", node.shown()))?,
                text: spelt.collect(),
            });
        }
    }
    out.groups = filter::rules(&nodes, &|node, argument| {
        let value = node.said.all.get(argument);
        value.map_or_else(String::new, |value| named(&nodes, value))
    });
    Ok(out)
}

/// Which value was assigned is not known: any of its shape.
fn assigned(text: &str) -> String {
    let shape = if text.contains(":secret:") { "??????" } else { "*" };
    text.replace(ASSIGNED, shape)
}

/// The name of whose document it is.
fn owner(nodes: &[Node], at: usize, kind: Kind) -> Option<String> {
    let node = &nodes[at];
    let by_argument = |argument: &str| node.said.all.get(argument).map(|value| named(nodes, value));
    let name = match kind {
        Kind::Identity => by_argument("role"),
        Kind::Trust | Kind::Iot => node.text("name").map(str::to_owned),
        Kind::Resource if node.sort == "aws_kms_key" => alias(nodes, at),
        Kind::Resource | Kind::Endpoint => match node.target("key_id") {
            Some(key) => alias(nodes, key),
            None => ["bucket", "queue_url", "secret_arn", "arn", "resource_arn"]
                .into_iter()
                .find_map(by_argument),
        },
    };
    name.filter(|name| !name.is_empty())
}

/// A key is called by its alias.
fn alias(nodes: &[Node], key: usize) -> Option<String> {
    let mut aliases = nodes.iter().filter(|node| node.sort == "aws_kms_alias");
    let own = aliases.find(|node| node.target("target_key_id") == Some(key))?;
    own.text("name")?.strip_prefix("alias/").map(str::to_owned)
}
