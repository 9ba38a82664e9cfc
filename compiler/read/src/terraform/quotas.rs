//! Sizes that are counted over what was put together. The numbers that they are compared with stand in the limits data.

use std::collections::BTreeMap;

use super::world::World;
use crate::facts::Place;
use crate::facts::network::{Network, Peer};
use crate::facts::object::Measure;
use crate::sink::Sink;

/// Weights of the provider's lists. Source: Amazon VPC user guide, "AWS-managed prefix lists", read 2026-11-21.
const WEIGHTS: &[(&str, u64)] = &[
    (".s3", 1),
    (".dynamodb", 1),
    (".vpc-lattice", 10),
    (".groundstation", 5),
];
/// The heaviest of them, for one that is not listed.
const HEAVIEST: u64 = 55;

/// Measures networks, and what an account or region holds.
pub(crate) fn measure(world: &World<'_>, network: &Network, sink: &mut Sink) {
    let mut tally = Tally::default();
    for group in &network.groups {
        for egress in [false, true] {
            for six in [false, true] {
                let rules = group.rules.iter().filter(|rule| rule.egress == egress);
                let value: u64 = rules.map(|rule| cost(&rule.peer, six)).sum();
                let way = if egress { "out" } else { "in" };
                let family = if six { "IPv6" } else { "IPv4" };
                let of = format!("{} {way} {family}", group.address);
                sink.measures.push(Measure {
                    limit: "ec2.security-group.rules",
                    of,
                    value,
                    place: group.place.clone(),
                });
            }
        }
    }
    for acl in &network.acls {
        for egress in [false, true] {
            for six in [false, true] {
                let (way, family) = (
                    if egress { "out" } else { "in" },
                    if six { "IPv6" } else { "IPv4" },
                );
                let of = format!("{} {way} {family}", acl.subnets.join("+"));
                let entries = acl
                    .entries
                    .iter()
                    .filter(|entry| entry.egress == egress && entry.block.six == six);
                let value = count(entries.count());
                sink.measures.push(Measure {
                    limit: "ec2.network-acl.rules",
                    of,
                    value,
                    place: acl.place.clone(),
                });
            }
        }
        tally.add("ec2.vpc.network-acls", &acl.network, &acl.place);
    }
    for table in &network.tables {
        for six in [false, true] {
            let family = if six { "IPv6" } else { "IPv4" };
            let of = format!("{} {family}", table.subnets.join("+"));
            let value = count(table.routes.iter().filter(|route| route.to.six == six).count());
            sink.measures.push(Measure {
                limit: "ec2.route-table.routes",
                of,
                value,
                place: table.place.clone(),
            });
        }
        tally.add("ec2.vpc.route-tables", &table.network, &table.place);
    }
    for (groups, of, place) in network
        .interfaces
        .iter()
        .map(|it| (&it.groups, &it.address, &it.place))
        .chain(
            network
                .endpoints
                .iter()
                .map(|it| (&it.groups, &it.address, &it.place)),
        )
    {
        let (limit, value) = ("ec2.interface.security-groups", count(groups.len()));
        sink.measures.push(Measure {
            limit,
            of: of.clone(),
            value,
            place: place.clone(),
        });
    }
    for subnet in network.subnets.iter().filter(|subnet| !subnet.existing) {
        tally.add("ec2.vpc.subnets", &subnet.network, &subnet.place);
    }
    for endpoint in network.endpoints.iter().filter(|endpoint| endpoint.interface) {
        tally.add("ec2.vpc.interface-endpoints", &endpoint.network, &endpoint.place);
    }
    regional(world, &mut tally);
    for ((limit, of), (value, place)) in tally.counts {
        sink.measures.push(Measure {
            limit,
            of,
            value,
            place,
        });
    }
}

/// What an account or one of its regions holds, by the sort of the object.
fn regional(world: &World<'_>, tally: &mut Tally) {
    for (id, block) in world.blocks.iter().enumerate() {
        let Some(module) = world.module(id).filter(|_| !block.sort.is_data) else {
            continue;
        };
        let place = Place {
            path: block.path.clone(),
            pointer: block.pointer.clone(),
        };
        let region = format!("{}/{}", module.account, module.region);
        match block.sort.name {
            "aws_iam_role" => tally.add("iam.account.roles", &module.account, &place),
            "aws_iam_policy" => tally.add("iam.account.managed-policies", &module.account, &place),
            "aws_vpc" => tally.add("ec2.region.vpcs", &region, &place),
            "aws_security_group" => tally.add("ec2.region.security-groups", &region, &place),
            "aws_eip" => tally.add("ec2.region.elastic-ips", &region, &place),
            "aws_iot_topic_rule" => tally.add("iot.rules", &region, &place),
            "aws_iot_role_alias" => tally.add("iot.role-aliases", &region, &place),
            "aws_cloudwatch_log_resource_policy" => tally.add("logs.resource-policies", &region, &place),
            "aws_vpc_endpoint"
                if world
                    .text(id, "vpc_endpoint_type")
                    .is_none_or(|sort| sort == "Gateway") =>
            {
                tally.add("ec2.region.gateway-endpoints", &region, &place);
            }
            _ => {}
        }
    }
}

#[derive(Default)]
struct Tally {
    counts: BTreeMap<(&'static str, String), (u64, Place)>,
}

impl Tally {
    fn add(&mut self, limit: &'static str, of: &str, place: &Place) {
        self.counts
            .entry((limit, of.to_owned()))
            .or_insert_with(|| (0, place.clone()))
            .0 += 1;
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// What a rule costs in one family. A reference to a group counts in both.
fn cost(peer: &Peer, six: bool) -> u64 {
    match peer {
        Peer::Block(block) => u64::from(block.six == six),
        Peer::Group(_) => 1,
        Peer::PrefixList(name) => WEIGHTS
            .iter()
            .find(|(suffix, _)| name.ends_with(suffix))
            .map_or(HEAVIEST, |(_, weight)| *weight),
    }
}
