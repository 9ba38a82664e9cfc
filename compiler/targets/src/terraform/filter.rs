//! What lets packets through: groups, their rules, private endpoints.

use aws::deployment::document::Engine;
use aws::deployment::network::{Endpoint, Group, Network, Peer, ServiceName};
use diagnostics::Report;
use serde_json::{Map, json};

use super::argument::Arguments;
use super::module::Module;
use super::network;

/// The service whose interface endpoint would, by default, ask for a gateway endpoint beside it.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html>
const S3: &str = "s3";

/// Writes groups and endpoints of a module.
pub(super) fn write(module: &mut Module<'_>, report: &mut Report) {
    let number = module.number;
    for network in module
        .deployment
        .networks
        .iter()
        .filter(|network| network.stack == number)
    {
        for group in &network.groups {
            one_group(module, network, group);
        }
        for endpoint in &network.endpoints {
            one_endpoint(module, network, endpoint, report);
            name_of(module, network, endpoint);
        }
    }
}

fn one_group(module: &mut Module<'_>, network: &Network, group: &Group) {
    let mut arguments = Arguments::default();
    arguments
        .text("name", &group.name)
        .text("description", &group.description)
        .template("vpc_id", network::id(network))
        .named(&group.name);
    module.resource(
        "groups",
        "aws_security_group",
        &group.label,
        arguments,
        &group.because,
    );
    if let Some(old) = &group.renamed_from {
        module.moved("aws_security_group", old, &group.label, &group.because);
    }
    for rule in &group.rules {
        let mut arguments = Arguments::default();
        arguments.template(
            "security_group_id",
            format!("${{aws_security_group.{}.id}}", group.label),
        );
        let is_said = arguments.rule_ports(rule.ports) & arguments.peer(&rule.peer, &network.groups);
        arguments.text("description", &rule.description);
        let resource_type = if rule.egress {
            "aws_vpc_security_group_egress_rule"
        } else {
            "aws_vpc_security_group_ingress_rule"
        };
        if is_said {
            module.resource("rules", resource_type, &rule.label, arguments, &rule.because);
            let old = old_label(&rule.label, group, &rule.peer, &network.groups);
            if old != rule.label {
                module.moved(resource_type, &old, &rule.label, &rule.because);
            }
        } else {
            module.unsaid(format!("{resource_type}.{}", rule.label));
        }
    }
}

/// The label of a rule before its group or its peer was renamed: the one is its beginning, the other its end.
fn old_label(label: &str, group: &Group, peer: &Peer, groups: &[Group]) -> String {
    let mut old = label.to_owned();
    if let (Some(from), Some(rest)) = (&group.renamed_from, label.strip_prefix(group.label.as_str())) {
        old = format!("{from}{rest}");
    }
    let peer = match peer {
        Peer::Group(index) => groups.get(*index),
        Peer::Worn(_) | Peer::Block(_) => None,
    };
    if let Some(peer) = peer
        && let (Some(from), Some(start)) = (&peer.renamed_from, old.strip_suffix(peer.label.as_str()))
    {
        old = format!("{start}{from}");
    }
    old
}

fn one_endpoint(module: &mut Module<'_>, network: &Network, endpoint: &Endpoint, report: &mut Report) {
    let mut subnets: Vec<String> = endpoint
        .subnets
        .iter()
        .filter_map(|index| network::subnet(network, *index))
        .collect();
    subnets.sort_unstable();
    let groups: Vec<String> = network
        .groups
        .get(endpoint.group)
        .map(|group| format!("${{aws_security_group.{}.id}}", group.label))
        .into_iter()
        .collect();
    let mut arguments = Arguments::default();
    arguments
        .template("vpc_id", network::id(network))
        .text(
            "service_name",
            &format!("com.amazonaws.{}.{}", module.stack.region, endpoint.service),
        )
        .text("vpc_endpoint_type", "Interface")
        .value("subnet_ids", subnets.into())
        .value("security_group_ids", groups.into())
        .flag("private_dns_enabled", endpoint.name == ServiceName::Offered);
    if endpoint.service == S3 {
        arguments.value(
            "dns_options",
            json!({ "private_dns_only_for_inbound_resolver_endpoint": false }),
        );
    }
    if let Some(policy) = &endpoint.policy {
        let Some(text) = module.policy(policy, Engine::Iam, report) else {
            return;
        };
        arguments.template("policy", text);
    }
    arguments.named(&endpoint.label);
    module.resource(
        "endpoints",
        "aws_vpc_endpoint",
        &endpoint.label,
        arguments,
        &endpoint.because,
    );
}

/// The service's ordinary name, where the endpoint does not bring it along: a zone of this network alone, whose top leads to
/// the endpoint. The first name of an endpoint is that of all its zones together.
fn name_of(module: &mut Module<'_>, network: &Network, endpoint: &Endpoint) {
    let label = endpoint.label.as_str();
    let mut name = Arguments::default();
    match &endpoint.name {
        ServiceName::Offered => return,
        ServiceName::Hosted(host) => name.text("name", host),
        ServiceName::HostedBroker(sort) => {
            let mut arguments = Map::new();
            arguments.insert("endpoint_type".to_owned(), (*sort).into());
            module.data("aws_iot_endpoint", label, arguments, &endpoint.because);
            name.template(
                "name",
                format!("${{data.aws_iot_endpoint.{label}.endpoint_address}}"),
            )
        }
    };
    let mut zone = name.clone();
    zone.value("vpc", json!({ "vpc_id": network::id(network) }));
    zone.named(label);
    module.resource("endpoints", "aws_route53_zone", label, zone, &endpoint.because);
    let target = |value: &str| format!("${{aws_vpc_endpoint.{label}.dns_entry[0].{value}}}");
    let mut record = name;
    record
        .template("zone_id", format!("${{aws_route53_zone.{label}.zone_id}}"))
        .text("type", "A")
        .value(
            "alias",
            json!({
                "name": target("dns_name"),
                "zone_id": target("hosted_zone_id"),
                "evaluate_target_health": false,
            }),
        );
    module.resource(
        "endpoints",
        "aws_route53_record",
        label,
        record,
        &endpoint.because,
    );
}
