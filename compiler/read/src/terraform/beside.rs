//! What must not stand beside each other: lists in line and blocks that hold the same parts; tags of roles and policies that ask for
//! attributes.

use std::collections::BTreeSet;

use super::assemble::unread;
use super::cx::{Out, Parts};
use super::world::World;
use crate::at::At;
use crate::facts::Place;
use crate::json::Json;
use crate::sink::Sink;

/// A list of parts in an object's own block, an empty one too, has the provider remove the parts that blocks of their own hold: which
/// of them are there depends on what was applied last.
///
/// Source: Terraform AWS provider 6.25, the notes of `aws_security_group`, `aws_network_acl`, `aws_route_table`, `aws_vpc_endpoint` and
/// `aws_iam_role` about in-line parts; Terraform, "Attributes as Blocks" (an empty list is said, `null` is not); read 2026-11-29.
pub(super) fn in_line(out: &Out, sink: &mut Sink) {
    for (address, parts, place) in &out.in_line {
        let is_apart = |address: &str| out.apart.contains(&(address.to_owned(), *parts));
        // The table of another stack is named by one of its subnets.
        let mut tables = out.tables.iter().filter(|_| *parts == Parts::Propagations);
        let table = tables.find(|(table, _)| table == address);
        let subnets = table.iter().flat_map(|(_, table)| &table.subnets);
        let mut names = subnets.map(|subnet| format!("route-table:{subnet}"));
        if is_apart(address) || names.any(|name| is_apart(&name)) {
            unread(
                sink,
                place,
                "a list in line, which removes what blocks beside it hold",
            );
        }
    }
}

/// Tags mean nothing, but those of a role: whoever takes it has them as attributes of the session, as if an identity provider had said
/// so. None may bear the name of an attribute that some document asks for.
///
/// Source: IAM user guide, "Pass session tags in AWS STS" (tags of the role are principal tags, unless the session has its own; their
/// names are compared without case), read 2026-11-29.
pub(super) fn session_tags(world: &World<'_>, out: &Out, sink: &mut Sink) {
    const HEAD: &str = "aws:principaltag/";
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for job in &out.jobs {
        let text = job.text.to_ascii_lowercase();
        for (at, _) in text.match_indices(HEAD) {
            let name = text.get(at + HEAD.len()..).unwrap_or_default();
            let name = name.split(['"', '}', ',', '\\']).next().unwrap_or_default();
            asked.insert(name.to_owned());
        }
    }
    if asked.is_empty() {
        return;
    }
    let mut borne: Vec<(String, Place)> = Vec::new();
    for (id, block) in world.blocks.iter().enumerate() {
        if block.sort.name != "aws_iam_role" || block.sort.is_data {
            continue;
        }
        borne.extend(
            world
                .module(id)
                .into_iter()
                .flat_map(|module| module.default_tags.clone()),
        );
        if let Some(Json::Object(tags)) = world.argument(id, "tags") {
            let place = |name: &str| {
                let at = At::Root {
                    path: &block.path,
                    base: &block.pointer,
                };
                at.key("tags").key(name).place()
            };
            borne.extend(tags.iter().map(|(name, _)| (name.to_string(), place(name))));
        }
    }
    borne.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    borne.dedup();
    for (name, place) in borne {
        if asked.contains(&name.to_ascii_lowercase()) {
            let what =
                format!("the tag `{name}` of a role, which a policy takes for an attribute of the session");
            unread(sink, &place, what);
        }
    }
}
