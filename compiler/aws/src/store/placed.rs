//! What a kind cannot say of something with interfaces: its subnets, its group, whether the internet can address it.

use diagnostics::{Diagnostic, Report};
use graph::flow::{Endpoint, Reach};
use model::place::{Exposure, Network, NetworkId, Segment, SegmentId, Within};
use model::thing::{Listener, Part, PartDetail};
use packet::protocol;

use super::Made;
use super::block::text;
use super::fault::{MISSING_SEGMENT, SINGLE_ZONE, UNSUPPORTED_LISTENER};
use crate::deployment::store::{Found, Piece, Value};
use crate::name::label;

/// Fewest zones of a load balancer, and of a group of subnets for databases.
///
/// - Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html>
/// - Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html>
const ZONES_MIN: usize = 2;

/// The first port on which a server of the provider may listen.
///
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>, read 2026-11-30.
const SERVER_PORT_MIN: u16 = 1150;

/// The segment of a thing, and its network.
pub(super) struct Home<'a> {
    pub(super) segment_id: SegmentId,
    pub(super) segment: &'a Segment,
    pub(super) network_id: NetworkId,
    pub(super) network: &'a Network,
}

impl<'a> Made<'_, 'a> {
    /// Adds what the place decides to the arguments of a block.
    pub(super) fn place(
        &self,
        resource_type: &str,
        arguments: &mut Vec<(String, Value)>,
        report: &mut Report,
    ) {
        if !matches!(
            resource_type,
            "aws_lb" | "aws_db_subnet_group" | "aws_db_instance"
        ) {
            return;
        }
        let Some(home) = self.home(report) else { return };
        let mut add = |name: &str, value: Value| arguments.push((name.to_owned(), value));
        match resource_type {
            "aws_lb" => {
                add("internal", Value::Flag(!self.is_public(&home)));
                // A network load balancer stands in one zone as well.
                let zones_min = if self.is_stream() { 1 } else { ZONES_MIN };
                add("subnets", self.subnets(&home, zones_min, report));
                add("security_groups", Value::List(vec![self.group(&home)]));
            }
            "aws_db_subnet_group" => add("subnet_ids", self.subnets(&home, ZONES_MIN, report)),
            _ => {
                add("vpc_security_group_ids", Value::List(vec![self.group(&home)]));
                if let Some(port) = self.server_port(report) {
                    add("port", Value::Number(i64::from(port)));
                }
            }
        }
    }

    /// Whether somebody outside reaches it: in a public segment alone it needs no address there.
    fn is_public(&self, home: &Home<'_>) -> bool {
        let mut flows = self.cx.graph.flows.iter();
        home.segment.exposure == Exposure::Public
            && flows.any(|flow| flow.to == Endpoint::Thing(self.id) && flow.reach == Reach::Public)
    }

    /// The one port on which a server listens, if it says one.
    fn server_port(&self, report: &mut Report) -> Option<u16> {
        let parts = self.thing.parts.iter().filter_map(|id| {
            let part = self.cx.model.parts.get(*id)?;
            match &part.detail {
                PartDetail::Listener(listener) => Some((part, listener)),
                PartDetail::LocalTopic(_) => None,
            }
        });
        let parts: Vec<(&Part, &Listener)> = parts.collect();
        match parts.as_slice() {
            [] => None,
            [(part, listener)] => {
                let port = match listener.ports.as_slice() {
                    [ports] if ports.protocol == protocol::TCP && ports.first == ports.last => {
                        Some(ports.first)
                    }
                    _ => None,
                };
                let taken = port.filter(|port| *port >= SERVER_PORT_MIN);
                if taken.is_none() {
                    self.refuse_listener(
                        part,
                        &[],
                        "listens on one TCP port",
                        &format!("the provider takes ports from {SERVER_PORT_MIN} on"),
                        report,
                    );
                }
                taken
            }
            [(part, _), others @ ..] => {
                let others: Vec<&Part> = others.iter().map(|(part, _)| *part).collect();
                let help = "keep one listener: whoever may connect reaches the same server";
                self.refuse_listener(part, &others, "listens on one port only", help, report);
                None
            }
        }
    }

    fn refuse_listener(&self, part: &Part, others: &[&Part], what: &str, help: &str, report: &mut Report) {
        let message = format!("`{}` {what}", self.cx.text(self.thing.name));
        let diagnostic = Diagnostic::new(&UNSUPPORTED_LISTENER, part.span, message);
        let diagnostic = others.iter().fold(diagnostic, |diagnostic, other| {
            diagnostic.label(other.span, "another one")
        });
        report.push(diagnostic.help(help));
    }

    /// Where it lives.
    fn home(&self, report: &mut Report) -> Option<Home<'a>> {
        let found = self.segment();
        if found.is_none() {
            let name = self.cx.text(self.thing.name);
            report.push(
                Diagnostic::new(
                    &MISSING_SEGMENT,
                    self.thing.span,
                    format!("`{name}` has interfaces and lives in no segment of a network"),
                )
                .help("say where: `segment=…`"),
            );
        }
        found
    }

    /// Its segment, if that is one of a network.
    pub(super) fn segment(&self) -> Option<Home<'a>> {
        let segment_id = self.thing.segment?;
        let segment = self.cx.model.segments.get(segment_id)?;
        let Within::Network(network_id) = segment.within else {
            return None;
        };
        let network = self.cx.model.networks.get(network_id)?;
        Some(Home {
            segment_id,
            segment,
            network_id,
            network,
        })
    }

    /// The subnets of its segment, in order of zone.
    fn subnets(&self, home: &Home<'a>, zones_min: usize, report: &mut Report) -> Value {
        let addresses = self
            .cx
            .graph
            .addresses
            .subnets
            .get(&home.segment_id)
            .map_or(&[][..], Vec::as_slice);
        if addresses.len() < zones_min {
            let name = self.cx.text(self.thing.name);
            report.push(
                Diagnostic::new(
                    &SINGLE_ZONE,
                    self.thing.span,
                    format!(
                        "`{name}` needs subnets in {zones_min} zones, and its segment has {}",
                        addresses.len()
                    ),
                )
                .label(home.segment.span, "its segment")
                .label(home.network.span, "its network says the zones"),
            );
        }
        if !home.segment.existing.is_empty() {
            return Value::List(addresses.iter().map(|id| text(id)).collect());
        }
        let zones = home.network.zones.iter().map(|zone| self.cx.text(*zone));
        let subnets = addresses.iter().zip(zones).map(|(address, zone)| {
            let label = format!("{}_{zone}", label(self.cx.text(home.segment.name)));
            let piece = if self.shares_stack(home) {
                reference("aws_subnet", &label)
            } else {
                // The address ends in the block: `subnet:NUMBER:REGION:CIDR`.
                let cidr = address.splitn(4, ':').nth(3).unwrap_or_default();
                found(
                    "aws_subnet",
                    &label,
                    vec![
                        ("vpc_id".to_owned(), self.network(home)),
                        ("cidr_block".to_owned(), text(cidr)),
                    ],
                )
            };
            Value::Text(vec![piece])
        });
        Value::List(subnets.collect())
    }

    /// The network's id.
    pub(super) fn network(&self, home: &Home<'a>) -> Value {
        if let Some((id, _)) = home.network.existing {
            return text(self.cx.text(id));
        }
        let name = self.cx.text(home.network.name);
        let label = label(name);
        Value::Text(vec![if self.shares_stack(home) {
            reference("aws_vpc", &label)
        } else {
            found(
                "aws_vpc",
                &label,
                vec![
                    ("cidr_block".to_owned(), text(&home.network.cidr.to_string())),
                    (
                        "tags".to_owned(),
                        Value::Block(vec![("Name".to_owned(), text(name))]),
                    ),
                ],
            )
        }])
    }

    /// The id of its own group.
    fn group(&self, home: &Home<'a>) -> Value {
        Value::Text(vec![if self.shares_stack(home) {
            reference("aws_security_group", &self.label)
        } else {
            found(
                "aws_security_group",
                &self.label,
                vec![
                    ("name".to_owned(), text(self.cx.physical(self.thing))),
                    ("vpc_id".to_owned(), self.network(home)),
                ],
            )
        }])
    }

    fn shares_stack(&self, home: &Home<'a>) -> bool {
        self.cx.stacks.of_network(home.network_id) == Some(self.stack)
    }
}

fn reference(resource_type: &str, label: &str) -> Piece {
    Piece::Reference {
        resource_type: resource_type.to_owned(),
        label: label.to_owned(),
        attribute: "id".to_owned(),
    }
}

fn found(data_type: &str, label: &str, arguments: Vec<(String, Value)>) -> Piece {
    Piece::Found(Box::new(Found {
        data_type: data_type.to_owned(),
        label: label.to_owned(),
        arguments,
        attribute: "id".to_owned(),
    }))
}
