//! Networks as lines.

use super::{Dump, Show, block, existing, optional, ports};
use crate::facts::network::{GatewaySort, Network, Peer};

impl Dump<'_> {
    pub(super) fn network(&mut self, network: &Network) {
        for vpc in &network.networks {
            let line = format!(
                "network {} {} {} dns={}/{}{}",
                vpc.address,
                optional(vpc.cidr),
                optional(vpc.cidr6),
                vpc.dns.0,
                vpc.dns.1,
                existing(vpc.existing)
            );
            self.line(&vpc.place, line);
        }
        for subnet in &network.subnets {
            let line = format!(
                "subnet {} of {} {} {} zone={} public={}{}",
                subnet.address,
                subnet.network,
                optional(subnet.cidr),
                optional(subnet.cidr6),
                subnet.zone,
                subnet.public_addresses,
                existing(subnet.existing)
            );
            self.line(&subnet.place, line);
        }
        for table in &network.tables {
            let name = format!("table of {} for {}", table.network, table.subnets.join(" "));
            self.line(
                &table.place,
                format!("{name} propagates {}", table.propagating.join(" ")),
            );
            for route in &table.routes {
                self.line(
                    &route.place,
                    format!("{name} | {} via {}", block(route.to), route.via),
                );
            }
        }
        for acl in &network.acls {
            let name = format!("acl of {} for {}", acl.network, acl.subnets.join(" "));
            self.line(&acl.place, name.clone());
            for entry in &acl.entries {
                let (way, verb) = (
                    if entry.egress { "out" } else { "in" },
                    if entry.allow { "allow" } else { "deny" },
                );
                let line = format!(
                    "{name} | {way} {:05} {verb} {} {}",
                    entry.number,
                    ports(entry.ports),
                    block(entry.block)
                );
                self.line(&entry.place, line);
            }
        }
        for group in &network.groups {
            self.line(
                &group.place,
                format!("group {} of {}", group.address, group.network),
            );
            if self.show == Show::Beside {
                continue;
            }
            for rule in &group.rules {
                let way = if rule.egress { "out" } else { "in" };
                let peer = match &rule.peer {
                    Peer::Group(address) => address.clone(),
                    Peer::Block(addresses) => block(*addresses),
                    Peer::PrefixList(name) => format!("prefix-list {name}"),
                };
                self.line(
                    &rule.place,
                    format!("group {} | {way} {} {peer}", group.address, ports(rule.ports)),
                );
            }
        }
        for gateway in &network.gateways {
            let sort = match gateway.sort {
                GatewaySort::Internet => "internet",
                GatewaySort::EgressOnly => "egress-only",
                GatewaySort::Translation => "translation",
                GatewaySort::Site => "site",
            };
            self.line(
                &gateway.place,
                format!("gateway {} of {} {sort}", gateway.address, gateway.network),
            );
        }
        for attachment in &network.attachments {
            let line = format!("attachment {} to {}", attachment.gateway, attachment.network);
            self.line(&attachment.place, line);
        }
        for endpoint in &network.endpoints {
            let line = format!(
                "endpoint {} of {} to {} interface={} subnets={} groups={} names={}",
                endpoint.address,
                endpoint.network,
                endpoint.service,
                endpoint.interface,
                endpoint.subnets.join(","),
                endpoint.groups.join(","),
                endpoint.private_names
            );
            self.line(&endpoint.place, line);
        }
        for zone in &network.zones {
            let line = format!(
                "zone {} of {} in {}",
                zone.address,
                zone.name,
                zone.networks.join(",")
            );
            self.line(&zone.place, line);
        }
        for name in &network.names {
            let line = format!(
                "name {} {} in {} leads to {}",
                name.name,
                name.sort,
                name.zone,
                name.targets.join(",")
            );
            self.line(&name.place, line);
        }
        for interface in &network.interfaces {
            let line = format!(
                "interface {} groups={} subnets={} public={}",
                interface.address,
                interface.groups.join(","),
                interface.subnets.join(","),
                interface.public
            );
            self.line(&interface.place, line);
        }
    }
}
