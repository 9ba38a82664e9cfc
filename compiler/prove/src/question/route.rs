//! Packets of a question, against the groups and host firewalls that were read.

use std::collections::BTreeSet;

use graph::TrustGraph;
use graph::flow::Endpoint;
use model::Model;
use model::actor::RunsOn;
use model::place::SegmentId;
use model::thing::{Detail, ThingId};
use model::value::{Block, Ports};
use read::facts::Facts;
use read::facts::network::{Block as ReadBlock, Peer, Ports as ReadPorts};

use super::is_direct;
use super::member::Members;

/// Each guard that sees an end of a flow, and whether it lets the flow pass.
pub(crate) fn judge(
    facts: &Facts,
    model: &Model,
    graph: &TrustGraph,
    members: &Members,
) -> Vec<(String, Option<bool>)> {
    let mut verdicts = Vec::new();
    for flow in &graph.flows {
        if !is_direct(graph, flow.because) {
            continue;
        }
        let Some(ports) = graph.ports.get(flow.ports) else {
            continue;
        };
        for egress in [true, false] {
            let (own, other) = if egress {
                (flow.from, flow.to)
            } else {
                (flow.to, flow.from)
            };
            let row = if egress {
                members.object_row
            } else {
                members.subject_row
            };
            let Endpoint::Thing(thing) = own else { continue };
            let peers = peers(model, graph, other, row);
            let what = describe(model, thing, egress);
            if let Some(address) = graph.addresses.groups.get(&thing)
                && let Some(group) = facts
                    .network
                    .groups
                    .iter()
                    .find(|group| group.address == *address)
            {
                let passes = ports.iter().all(|port| {
                    group.rules.iter().any(|rule| {
                        rule.egress == egress && covers(rule.ports, *port) && peers.admitted(&rule.peer)
                    })
                });
                verdicts.push((what.clone(), Some(passes)));
            }
            let class = host_of(model, thing);
            let name = class
                .and_then(|class| model.things.get(class))
                .map(|class| model.names.text(class.name));
            if let Some(host) = facts.hosts.iter().find(|host| Some(host.class.as_str()) == name) {
                let passes = ports.iter().all(|port| {
                    host.accepts.iter().any(|accept| {
                        accept.egress == egress
                            && covers(accept.ports, *port)
                            && peers.admitted(&Peer::Block(accept.peer))
                    })
                });
                verdicts.push((what, Some(passes)));
            }
        }
    }
    verdicts
}

fn describe(model: &Model, thing: ThingId, egress: bool) -> String {
    let name = model
        .things
        .get(thing)
        .map_or("", |thing| model.names.text(thing.name));
    let direction = if egress { "egress" } else { "ingress" };
    format!("{direction} of {name}")
}

/// The class whose host carries a thing's interface.
fn host_of(model: &Model, thing: ThingId) -> Option<ThingId> {
    match &model.things.get(thing)?.detail {
        Detail::Class(_) => Some(thing),
        Detail::Workload(workload) => match workload.runs_on {
            Some(RunsOn::Device(class)) => Some(class),
            _ => None,
        },
        Detail::People(_) | Detail::External(_) | Detail::Resource => None,
    }
}

/// How the other side may appear in a rule.
struct Peers {
    group: Option<String>,
    blocks: Vec<Block>,
}

impl Peers {
    fn admitted(&self, peer: &Peer) -> bool {
        match peer {
            Peer::Group(address) => self.group.as_ref() == Some(address),
            Peer::Block(block) => {
                !self.blocks.is_empty() && self.blocks.iter().any(|own| meets(*own, *block))
            }
            Peer::PrefixList(_) => false,
        }
    }
}

fn peers(model: &Model, graph: &TrustGraph, end: Endpoint, row: Option<(ThingId, usize)>) -> Peers {
    match end {
        Endpoint::Thing(thing) => Peers {
            group: graph.addresses.groups.get(&thing).cloned(),
            blocks: segments(model, thing, row)
                .into_iter()
                .filter_map(|segment| model.segments.get(segment))
                .map(|segment| segment.cidr)
                .collect(),
        },
        Endpoint::Addresses(blocks) => Peers {
            group: None,
            blocks: graph.blocks.get(blocks).cloned().unwrap_or_default(),
        },
        Endpoint::Internet => Peers {
            group: None,
            blocks: vec![Block {
                six: false,
                first: 0,
                prefix_bits: 0,
            }],
        },
        Endpoint::Service(_) => Peers {
            group: None,
            blocks: Vec::new(),
        },
    }
}

/// The segments of a thing; of a named row, its own alone.
fn segments(model: &Model, thing: ThingId, row: Option<(ThingId, usize)>) -> BTreeSet<SegmentId> {
    let Some(declared) = model.things.get(thing) else {
        return BTreeSet::new();
    };
    match &declared.detail {
        Detail::Class(class) => {
            let all = class.segments.iter().map(|one| one.segment);
            let own = row
                .filter(|(of, _)| *of == thing)
                .and_then(|(_, row)| row_segment(model, thing, row));
            own.map_or_else(|| all.collect(), |segment| BTreeSet::from([segment]))
        }
        Detail::Workload(workload) => match workload.runs_on {
            Some(RunsOn::Device(class)) => segments(model, class, row),
            _ => workload.segment.into_iter().collect(),
        },
        Detail::People(_) | Detail::External(_) => BTreeSet::new(),
        Detail::Resource => declared.segment.into_iter().collect(),
    }
}

/// The segment of one row: its class's template with the row's values.
fn row_segment(model: &Model, class: ThingId, row: usize) -> Option<SegmentId> {
    use model::template::{Piece, Placeholder};
    let Detail::Class(detail) = &model.things.get(class)?.detail else {
        return None;
    };
    let fleet = model
        .fleets
        .iter()
        .map(|(_, fleet)| fleet)
        .find(|fleet| fleet.class == class)?;
    let mut name = String::new();
    for piece in &detail.segment.as_ref()?.pieces {
        match piece {
            Piece::Text(text) => name.push_str(model.names.text(*text)),
            Piece::Placeholder(Placeholder::Name) => name.push_str(fleet.member(row)),
            Piece::Placeholder(Placeholder::Attribute(attribute)) => {
                name.push_str(fleet.column(*attribute)?.value(row))
            }
            Piece::Placeholder(_) => return None,
        }
    }
    let name = model.names.find(&name)?;
    model
        .segments
        .iter()
        .find(|(_, segment)| segment.name == name)
        .map(|(id, _)| id)
}

fn covers(rule: ReadPorts, asked: Ports) -> bool {
    rule.any_protocol
        || rule.protocol == asked.protocol && rule.first <= asked.first && asked.last <= rule.last
}

fn meets(own: Block, block: ReadBlock) -> bool {
    own.six == block.six && own.first <= block.last && block.first <= own.last()
}
