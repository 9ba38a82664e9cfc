//! A network's groups to `network.json`, `groups.json` and the script.

use aws::deployment::Deployment;
use aws::deployment::network::{Group, GroupRule, Network, Peer};
use diagnostics::Report;
use serde_json::{Map, Value, json};

use super::SCRIPT;
use crate::Files;

/// The format of `network.json`, with its version.
const FORMAT: &str = "leastwise-security-groups/1";

/// Writes a folder for each network that has groups.
pub(super) fn emit(deployment: &Deployment, files: &mut Files<'_>, report: &mut Report) {
    for network in deployment.networks.iter().filter(|network| !network.groups.is_empty()) {
        let Some(account) = deployment.accounts.iter().find(|account| account.name == network.account) else {
            report.compiler_bug("a network in an account that is not deployed to");
            continue;
        };
        let folder = format!("aws/{}/security-groups/{}", network.account, network.name);
        let spans: Vec<_> = network.groups.iter().flat_map(|group| group.because.iter()).map(|cause| cause.span).collect();
        let vpc = match &network.existing {
            Some(id) => json!({ "id": id }),
            None => json!({ "cidr": network.cidr.to_string(), "name": network.name }),
        };
        let place = json!({
            "format": FORMAT,
            "project": deployment.project,
            "account": account.number,
            "region": account.region,
            "vpc": vpc,
        });
        let groups: Vec<Value> = network.groups.iter().map(|group| document(network, group)).collect();
        files.add(&format!("{folder}/network.json"), crate::pretty(&place), spans.iter().copied());
        files.add(&format!("{folder}/groups.json"), crate::pretty(&json!({ "groups": groups })), spans.iter().copied());
        files.add_executable(&format!("{folder}/apply.sh"), SCRIPT.as_bytes().to_vec(), spans);
    }
}

fn document(network: &Network, group: &Group) -> Value {
    let rules = |egress| -> Vec<Value> {
        group.rules.iter().filter(|rule| rule.egress == egress).filter_map(|rule| permission(network, rule)).collect()
    };
    json!({
        "name": group.name,
        "description": group.description,
        "ingress": rules(false),
        "egress": rules(true),
    })
}

/// One rule in the shape of the provider's `IpPermission`, with one peer.
fn permission(network: &Network, rule: &GroupRule) -> Option<Value> {
    let mut permission = Map::new();
    ports(&mut permission, rule);
    let description = &rule.description;
    let (list, peer) = match rule.peer {
        Peer::Group(index) => {
            let name = &network.groups.get(index)?.name;
            ("UserIdGroupPairs", json!({ "GroupName": name, "Description": description }))
        }
        Peer::Block(block) if block.six => {
            ("Ipv6Ranges", json!({ "CidrIpv6": block.to_string(), "Description": description }))
        }
        Peer::Block(block) => ("IpRanges", json!({ "CidrIp": block.to_string(), "Description": description })),
    };
    permission.insert(list.to_owned(), json!([peer]));
    Some(Value::Object(permission))
}

/// Protocol and ports as the provider returns them, so that a second run finds no difference.
fn ports(permission: &mut Map<String, Value>, rule: &GroupRule) {
    let ports = rule.ports;
    let everything = (ports.first, ports.last) == (0, u16::MAX);
    let [kind, code] = ports.first.to_be_bytes();
    let (name, (from, to)) = match ports.protocol {
        6 => ("tcp".to_owned(), (i32::from(ports.first), i32::from(ports.last))),
        17 => ("udp".to_owned(), (i32::from(ports.first), i32::from(ports.last))),
        icmp @ (1 | 58) => {
            let name = if icmp == 1 { "icmp" } else { "icmpv6" };
            let one_code = ports.first == ports.last;
            let range = if everything {
                (-1, -1)
            } else {
                (i32::from(kind), if one_code { i32::from(code) } else { -1 })
            };
            (name.to_owned(), range)
        }
        // Its ports mean nothing to the provider.
        other => (other.to_string(), (-1, -1)),
    };
    permission.insert("IpProtocol".to_owned(), Value::from(name));
    permission.insert("FromPort".to_owned(), Value::from(from));
    permission.insert("ToPort".to_owned(), Value::from(to));
}
