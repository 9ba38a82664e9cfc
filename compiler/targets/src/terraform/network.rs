//! Networks: the VPC, its subnets, gateways, routes and ACLs.

use aws::deployment::Because;
use aws::deployment::network::{Acl, Gateway, Network, RouteTable, Subnet};

use serde_json::Value;

use super::argument::Arguments;
use super::module::Module;

/// What joins a gateway to a network.
const ATTACHMENT: &str = "aws_vpn_gateway_attachment";

/// Writes the networks of a module.
pub(super) fn write(module: &mut Module<'_>) {
    let number = module.number;
    for network in module
        .deployment
        .networks
        .iter()
        .filter(|network| network.stack == number)
    {
        vpc(module, network);
        for subnet in network.subnets.iter().filter(|subnet| subnet.existing.is_none()) {
            one_subnet(module, network, subnet);
        }
        gateways(module, network);
        for table in &network.tables {
            route_table(module, network, table);
        }
        for acl in &network.acls {
            one_acl(module, network, acl);
        }
    }
}

/// The network's id: written out if it exists.
pub(super) fn id(network: &Network) -> String {
    match &network.existing {
        Some(id) => id.clone(),
        None => format!("${{aws_vpc.{}.id}}", network.label),
    }
}

/// A subnet's id likewise.
pub(super) fn subnet(network: &Network, index: usize) -> Option<String> {
    let subnet = network.subnets.get(index)?;
    Some(match &subnet.existing {
        Some(id) => id.clone(),
        None => format!("${{aws_subnet.{}.id}}", subnet.label),
    })
}

fn vpc(module: &mut Module<'_>, network: &Network) {
    if network.existing.is_some() {
        return;
    }
    let mut arguments = Arguments::default();
    arguments.text("cidr_block", &network.cidr.to_string());
    if let Some(cidr6) = network.cidr6 {
        arguments.text("ipv6_cidr_block", &cidr6.to_string());
    }
    arguments
        .flag("enable_dns_support", true)
        .flag("enable_dns_hostnames", true)
        .named(&network.name);
    module.resource("network", "aws_vpc", &network.label, arguments, &network.because);
    if let Some(old) = &network.renamed_from {
        module.moved("aws_vpc", old, &network.label, &network.because);
    }
    default_group(module, network);
    if let Some(attachment) = &network.attachment {
        let mut arguments = Arguments::default();
        arguments
            .template("vpc_id", id(network))
            .text("vpn_gateway_id", &attachment.gateway);
        module.resource(
            "network",
            ATTACHMENT,
            &network.label,
            arguments,
            &attachment.because,
        );
        moved(module, network, ATTACHMENT, &network.label, &attachment.because);
    }
}

/// The provider makes a group for whatever is given none: it is taken over, and admits and sends nothing.
fn default_group(module: &mut Module<'_>, network: &Network) {
    const TYPE: &str = "aws_default_security_group";
    let mut arguments = Arguments::default();
    arguments.template("vpc_id", id(network));
    for way in ["ingress", "egress"] {
        arguments.value(way, Value::Array(Vec::new()));
    }
    arguments.named(&format!("{}-default", network.name));
    module.resource("groups", TYPE, &network.label, arguments, &network.because);
    if let Some(old) = &network.renamed_from {
        module.moved(TYPE, old, &network.label, &network.because);
    }
}

fn one_subnet(module: &mut Module<'_>, network: &Network, subnet: &Subnet) {
    let mut arguments = Arguments::default();
    arguments.template("vpc_id", id(network));
    for cidr in [subnet.cidr, subnet.cidr6].into_iter().flatten() {
        arguments.block("cidr_block", "ipv6_cidr_block", cidr);
    }
    arguments
        .text("availability_zone", &subnet.zone)
        .flag("map_public_ip_on_launch", false)
        .named(&subnet.label);
    module.resource("network", "aws_subnet", &subnet.label, arguments, &subnet.because);
}

fn gateways(module: &mut Module<'_>, network: &Network) {
    let internet = network.gateways.iter().find_map(|gateway| match gateway {
        Gateway::Internet { label, .. } => Some(format!("aws_internet_gateway.{label}")),
        Gateway::Translation { .. } | Gateway::Site { .. } => None,
    });
    for gateway in &network.gateways {
        match gateway {
            Gateway::Internet { label, because } => {
                let mut arguments = Arguments::default();
                arguments.template("vpc_id", id(network)).named(label);
                module.resource("network", "aws_internet_gateway", label, arguments, because);
                moved(module, network, "aws_internet_gateway", label, because);
            }
            Gateway::Translation {
                subnet: index,
                label,
                because,
            } => {
                let mut address = Arguments::default();
                address.text("domain", "vpc").named(label);
                module.resource("network", "aws_eip", label, address, because);
                let mut arguments = Arguments::default();
                arguments
                    .template("subnet_id", subnet(network, *index).unwrap_or_default())
                    .template("allocation_id", format!("${{aws_eip.{label}.id}}"))
                    .named(label);
                if let Some(internet) = &internet {
                    arguments.value("depends_on", vec![internet.clone()].into());
                }
                module.resource("network", "aws_nat_gateway", label, arguments, because);
                moved(module, network, "aws_eip", label, because);
                moved(module, network, "aws_nat_gateway", label, because);
            }
            Gateway::Site { .. } => {}
        }
    }
}

/// A gateway's label starts with that of its network.
fn moved(module: &mut Module<'_>, network: &Network, resource_type: &str, label: &str, because: &Because) {
    if let (Some(old), Some(rest)) = (&network.renamed_from, label.strip_prefix(network.label.as_str())) {
        module.moved(resource_type, &format!("{old}{rest}"), label, because);
    }
}

fn route_table(module: &mut Module<'_>, network: &Network, table: &RouteTable) {
    let table_id = format!("${{aws_route_table.{}.id}}", table.label);
    let mut arguments = Arguments::default();
    arguments.template("vpc_id", id(network)).named(&table.label);
    module.resource(
        "routes",
        "aws_route_table",
        &table.label,
        arguments,
        &table.because,
    );
    for index in &table.subnets {
        let Some(own) = network.subnets.get(*index) else {
            continue;
        };
        let mut arguments = Arguments::default();
        arguments
            .template("route_table_id", table_id.clone())
            .template("subnet_id", subnet(network, *index).unwrap_or_default());
        module.resource(
            "routes",
            "aws_route_table_association",
            &own.label,
            arguments,
            &own.because,
        );
    }
    for route in &table.routes {
        let mut arguments = Arguments::default();
        arguments.template("route_table_id", table_id.clone()).block(
            "destination_cidr_block",
            "destination_ipv6_cidr_block",
            route.to,
        );
        match network.gateways.get(route.via) {
            Some(Gateway::Internet { label, .. }) => {
                arguments.template("gateway_id", format!("${{aws_internet_gateway.{label}.id}}"));
            }
            Some(Gateway::Translation { label, .. }) => {
                arguments.template("nat_gateway_id", format!("${{aws_nat_gateway.{label}.id}}"));
            }
            // By way of the attachment: the provider refuses a route to a gateway that is not joined yet.
            Some(Gateway::Site { .. }) => {
                arguments.template(
                    "gateway_id",
                    format!("${{{ATTACHMENT}.{}.vpn_gateway_id}}", network.label),
                );
            }
            None => continue,
        }
        module.resource("routes", "aws_route", &route.label, arguments, &route.because);
    }
}

fn one_acl(module: &mut Module<'_>, network: &Network, acl: &Acl) {
    let acl_id = format!("${{aws_network_acl.{}.id}}", acl.label);
    let mut arguments = Arguments::default();
    arguments.template("vpc_id", id(network)).named(&acl.label);
    module.resource("acls", "aws_network_acl", &acl.label, arguments, &acl.because);
    for index in &acl.subnets {
        let Some(own) = network.subnets.get(*index) else {
            continue;
        };
        let mut arguments = Arguments::default();
        arguments
            .template("network_acl_id", acl_id.clone())
            .template("subnet_id", subnet(network, *index).unwrap_or_default());
        module.resource(
            "acls",
            "aws_network_acl_association",
            &own.label,
            arguments,
            &acl.because,
        );
    }
    for entry in &acl.entries {
        let mut arguments = Arguments::default();
        arguments
            .template("network_acl_id", acl_id.clone())
            .number("rule_number", entry.number)
            .text("rule_action", "allow")
            .flag("egress", entry.egress);
        let is_said = arguments.entry_ports(entry.ports);
        arguments.block("cidr_block", "ipv6_cidr_block", entry.block);
        let way = if entry.egress { "out" } else { "in" };
        let label = format!("{}_{way}_{}", acl.label, entry.number);
        if is_said {
            module.resource("acls", "aws_network_acl_rule", &label, arguments, &entry.because);
        } else {
            module.unsaid(format!("aws_network_acl_rule.{label}"));
        }
    }
}
