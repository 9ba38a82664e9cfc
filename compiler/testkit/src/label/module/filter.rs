//! Rules of groups, rules of network ACLs and routes: by what they do to each packet, asked at every boundary.
//!
//! Source: Amazon VPC user guide, "Security group rules" (they only allow), "Network ACL rules" (the lowest number that matches
//! decides), "Route priority" (the longest prefix decides), read 2026-11-21.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::template::Piece;
use super::value::Value;
use super::world::Node;
use crate::label::condition::step;
use crate::label::packet::{self, Packet, Peer, Rule};
use crate::label::{Concern, Difference, Label, worse};

const INGRESS: &str = "aws_vpc_security_group_ingress_rule";
const EGRESS: &str = "aws_vpc_security_group_egress_rule";

/// Whether blocks of a type are judged here: lists and tables have no name, and are what they do to the subnets that use them.
pub(super) fn is_filter(sort: &str) -> bool {
    matches!(
        sort,
        INGRESS
            | EGRESS
            | "aws_network_acl"
            | "aws_network_acl_association"
            | "aws_network_acl_rule"
            | "aws_route"
            | "aws_route_table"
            | "aws_route_table_association"
    )
}

/// Whose packets: the colour of an object, or its id.
type Owner = String;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    number: i64,
    allow: bool,
    rule: Rule,
}

/// Where a table sends what, and of which network it is.
#[derive(Clone, Default, PartialEq)]
struct Table {
    network: Owner,
    routes: BTreeMap<String, String>,
}

/// The entries of a list each way, and of which network it is.
#[derive(Clone, Default, PartialEq)]
struct List {
    network: Owner,
    entries: [Vec<Entry>; 2],
}

#[derive(Default, PartialEq)]
pub(super) struct Filters {
    groups: BTreeMap<Owner, Vec<Rule>>,
    /// By subnet.
    lists: BTreeMap<Owner, List>,
    tables: BTreeMap<Owner, Table>,
    /// Lists and tables that no subnet uses.
    unused: Vec<String>,
}

/// Labels a change of what passes.
pub(super) fn compare(old: (&[Node], &[u64]), new: (&[Node], &[u64])) -> Label {
    let by_color = |nodes: &[Node], colors: &[u64]| {
        read(nodes, &|node, argument| {
            called(node, argument, &|at| format!("{:016x}", colors[at]))
        })
    };
    let (before, after) = (by_color(old.0, old.1), by_color(new.0, new.1));
    let mut worst = match after.unused.first() {
        Some(what) => Label::Idle(format!("{what} serves no subnet")),
        None => Label::Equal,
    };
    let changed = |what: String| {
        Label::Changed(Difference::Value {
            what,
            concerns: [Concern::Reach].into(),
            is_refused: false,
        })
    };
    for (owner, old, new) in both(&before.groups, &after.groups) {
        if let Some(packet) = packet::difference(&old, &new) {
            worst = worse(worst, changed(format!("group {owner}: {packet:?}")));
        } else if let Some(at) = packet::idle(&new) {
            worst = worse(worst, Label::Idle(format!("rule {at} of group {owner}")));
        }
    }
    for (owner, old, new) in both(&before.lists, &after.lists) {
        if old.network != new.network {
            worst = worse(
                worst,
                changed(format!("the list of {owner} is of another network")),
            );
        }
        for (old, new) in old.entries.iter().zip(&new.entries) {
            if let Some(packet) = differing(old, new) {
                worst = worse(worst, changed(format!("the list of {owner}: {packet:?}")));
            } else if (0..new.len()).any(|at| {
                let mut without = new.clone();
                without.remove(at);
                differing(new, &without).is_none()
            }) {
                worst = worse(worst, Label::Idle(format!("an entry of the list of {owner}")));
            }
        }
    }
    for (owner, old, new) in both(&before.tables, &after.tables) {
        if old.network != new.network {
            worst = worse(
                worst,
                changed(format!("the table of {owner} is of another network")),
            );
        } else if let Some(address) = routed(&old.routes, &new.routes) {
            worst = worse(worst, changed(format!("the table of {owner}: {address}")));
        } else if new.routes.keys().any(|to| {
            let mut without = new.routes.clone();
            without.remove(to);
            routed(&new.routes, &without).is_none()
        }) {
            worst = worse(worst, Label::Idle(format!("a route of the table of {owner}")));
        }
    }
    worst
}

impl Filters {
    /// The subnets whose lists let a packet through.
    pub(super) fn passing(&self, packet: &Packet) -> Vec<&Owner> {
        let lets = |list: &&List| allows(&list.entries[usize::from(packet.egress)], packet);
        let of = self.lists.iter().filter(|(_, list)| lets(list));
        of.map(|(subnet, _)| subnet).collect()
    }

    /// By subnet, where its table sends an address.
    pub(super) fn ways(&self, address: IpAddr) -> Vec<(&Owner, Option<String>)> {
        let of = self.tables.iter();
        of.map(|(subnet, table)| (subnet, via(&blocks(&table.routes), address)))
            .collect()
    }
}

fn allows(entries: &[Entry], packet: &Packet) -> bool {
    entries
        .iter()
        .find(|entry| entry.rule.permits(packet))
        .is_some_and(|entry| entry.allow)
}

type Blocks = Vec<(IpAddr, IpAddr, String)>;

fn blocks(table: &BTreeMap<String, String>) -> Blocks {
    let block = |(to, via): (&String, &String)| match packet::peer(to) {
        Some(Peer::Block(first, last)) => Some((first, last, via.clone())),
        Some(Peer::Group(_)) | None => None,
    };
    table.iter().filter_map(block).collect()
}

fn via(table: &Blocks, address: IpAddr) -> Option<String> {
    table
        .iter()
        .filter(|(first, last, _)| *first <= address && address <= *last)
        // The longest prefix begins last, and ends first.
        .max_by_key(|(first, last, _)| (*first, std::cmp::Reverse(*last)))
        .map(|(.., via)| via.clone())
}

/// What both sides have under each name, where they differ. Who has nothing of his own has nothing.
fn both<V: PartialEq + Default + Clone>(
    old: &BTreeMap<Owner, V>,
    new: &BTreeMap<Owner, V>,
) -> Vec<(Owner, V, V)> {
    let names: std::collections::BTreeSet<&Owner> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| {
            let (a, b) = (
                old.get(name).cloned().unwrap_or_default(),
                new.get(name).cloned().unwrap_or_default(),
            );
            (a != b).then(|| (name.clone(), a, b))
        })
        .collect()
}

/// What an argument refers to, as `name` calls a block, or says as a text.
pub(super) fn called(node: &Node, argument: &str, name: &dyn Fn(usize) -> Owner) -> Owner {
    match node.said.all.get(argument) {
        Some(Value::One(pieces)) => match pieces.as_slice() {
            [Piece::Ref(to)] => name(to.node),
            [Piece::Text(text)] => text.clone(),
            _ => Owner::new(),
        },
        _ => Owner::new(),
    }
}

/// Reads filters; `owner` names the object that an argument refers to.
pub(super) fn read(nodes: &[Node], owner: &dyn Fn(&Node, &str) -> Owner) -> Filters {
    let mut out = Filters::default();
    let mut lists: BTreeMap<usize, List> = BTreeMap::new();
    let mut tables: BTreeMap<usize, Table> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        let network = owner(node, "vpc_id");
        match node.sort.as_str() {
            "aws_network_acl" => lists.entry(at).or_default().network = network,
            "aws_route_table" => tables.entry(at).or_default().network = network,
            _ => {}
        }
    }
    for node in nodes {
        match node.sort.as_str() {
            "aws_network_acl_rule" => {
                let egress = node.text("egress") == Some("true");
                let peer = node.text("cidr_block").and_then(packet::peer);
                let list = node.target("network_acl_id").and_then(|at| lists.get_mut(&at));
                if let (Some(peer), Some(list)) = (peer, list) {
                    list.entries[usize::from(egress)].push(Entry {
                        number: number(node, "rule_number"),
                        allow: node.text("rule_action") == Some("allow"),
                        rule: rule(node, "", egress, "protocol", peer),
                    });
                }
            }
            "aws_route" => {
                let via = ["gateway_id", "nat_gateway_id"]
                    .map(|name| owner(node, name))
                    .concat();
                let to = node.text("destination_cidr_block").unwrap_or_default().to_owned();
                if let Some(table) = node.target("route_table_id").and_then(|at| tables.get_mut(&at)) {
                    table.routes.insert(to, via);
                }
            }
            _ => {}
        }
    }
    for rule in rules(nodes, owner) {
        out.groups.entry(rule.group.clone()).or_default().push(rule);
    }
    out.groups.values_mut().for_each(|rules| rules.sort());
    for list in lists.values_mut() {
        list.entries.iter_mut().for_each(|entries| entries.sort());
    }
    let mut used = std::collections::BTreeSet::new();
    for node in nodes {
        let subnet = owner(node, "subnet_id");
        match node.sort.as_str() {
            "aws_network_acl_association" => {
                let list = node.target("network_acl_id");
                used.extend(list);
                if let Some(list) = list.and_then(|at| lists.get(&at)) {
                    out.lists.insert(subnet, list.clone());
                }
            }
            "aws_route_table_association" => {
                let table = node.target("route_table_id");
                used.extend(table);
                if let Some(table) = table.and_then(|at| tables.get(&at)) {
                    out.tables.insert(subnet, table.clone());
                }
            }
            _ => {}
        }
    }
    let all = lists.keys().chain(tables.keys());
    out.unused = all
        .filter(|at| !used.contains(*at))
        .map(|at| nodes[*at].shown())
        .collect();
    out
}

/// Rules of all groups; `owner` names the object that an argument refers to.
pub(super) fn rules(nodes: &[Node], owner: &dyn Fn(&Node, &str) -> Owner) -> Vec<Rule> {
    let of_groups = nodes
        .iter()
        .filter(|node| matches!(node.sort.as_str(), INGRESS | EGRESS));
    let read = of_groups.map(|node| {
        let group = owner(node, "security_group_id");
        let peer = match node.text("cidr_ipv4").and_then(packet::peer) {
            Some(peer) => peer,
            None => Peer::Group(owner(node, "referenced_security_group_id")),
        };
        rule(node, &group, node.sort == EGRESS, "ip_protocol", peer)
    });
    read.collect()
}

fn number(node: &Node, name: &str) -> i64 {
    node.text(name).and_then(|text| text.parse().ok()).unwrap_or(-1)
}

fn rule(node: &Node, group: &str, egress: bool, protocol: &str, peer: Peer) -> Rule {
    let protocol = match node.text(protocol).unwrap_or_default() {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    Rule {
        group: group.to_owned(),
        egress,
        protocol: protocol.to_owned(),
        ports: if protocol == "-1" {
            (0, 65_535)
        } else if matches!(protocol, "icmp" | "icmpv6") {
            // A type and its code take the place of a port; without a code, each of them.
            let (kind, code) = (number(node, "icmp_type"), number(node, "icmp_code"));
            let codes = if code < 0 { (0, 255) } else { (code, code) };
            (kind * 256 + codes.0, kind * 256 + codes.1)
        } else {
            (number(node, "from_port"), number(node, "to_port"))
        },
        peer,
    }
}

/// A packet on which two lists decide otherwise.
fn differing(old: &[Entry], new: &[Entry]) -> Option<Packet> {
    let all: Vec<Rule> = old.iter().chain(new).map(|entry| entry.rule.clone()).collect();
    packet::packets(&all)
        .into_iter()
        .find(|packet| allows(old, packet) != allows(new, packet))
}

/// An address that two tables send elsewhere.
fn routed(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Option<IpAddr> {
    let (old, new) = (blocks(old), blocks(new));
    let ends = old
        .iter()
        .chain(&new)
        .flat_map(|(first, last, _)| [Some(*first), Some(*last), step(*first, false), step(*last, true)]);
    ends.flatten()
        .find(|address| via(&old, *address) != via(&new, *address))
}
