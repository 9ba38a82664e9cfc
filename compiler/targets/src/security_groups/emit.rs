//! A network's groups to `network.json`, `groups.json` and the script.

use aws::deployment::Deployment;
use aws::deployment::network::{Group, GroupRule, Network, Peer};
use diagnostics::Report;
use serde::Serialize;

use super::SCRIPT;
use super::format;
use crate::Files;

/// The format of `network.json`, with its version.
const FORMAT: &str = "leastwise-security-groups/1";

/// Writes a folder for each network that has groups.
pub(super) fn emit(deployment: &Deployment, files: &mut Files<'_>, report: &mut Report) {
    for network in deployment
        .networks
        .iter()
        .filter(|network| !network.groups.is_empty())
    {
        let Some(account) = deployment
            .accounts
            .iter()
            .find(|account| account.name == network.account)
        else {
            report.compiler_bug("a network in an account that is not deployed to");
            continue;
        };
        let folder = format!("aws/{}/security-groups/{}", network.account, network.name);
        let spans: Vec<_> = network
            .groups
            .iter()
            .flat_map(|group| group.because.iter())
            .map(|cause| cause.span)
            .collect();
        let place = format::Place {
            format: FORMAT,
            project: &deployment.project,
            account: &account.number,
            region: &account.region,
            vpc: match &network.existing {
                Some(id) => format::Vpc::Id { id },
                None => format::Vpc::Named {
                    cidr: network.cidr.to_string(),
                    name: &network.name,
                },
            },
        };
        let groups = format::Groups {
            groups: network
                .groups
                .iter()
                .map(|group| document(network, group))
                .collect(),
        };
        files.add(
            &format!("{folder}/network.json"),
            json(&place, report),
            spans.iter().copied(),
        );
        files.add(
            &format!("{folder}/groups.json"),
            json(&groups, report),
            spans.iter().copied(),
        );
        files.add_executable(&format!("{folder}/apply.sh"), SCRIPT.as_bytes().to_vec(), spans);
    }
}

fn document<'a>(network: &'a Network, group: &'a Group) -> format::Group<'a> {
    let rules = |egress| {
        group
            .rules
            .iter()
            .filter(|rule| rule.egress == egress)
            .filter_map(|rule| permission(network, rule))
            .collect()
    };
    format::Group {
        name: &group.name,
        description: &group.description,
        ingress: rules(false),
        egress: rules(true),
    }
}

/// One rule in the shape of the provider's `IpPermission`, with one peer.
fn permission<'a>(network: &'a Network, rule: &'a GroupRule) -> Option<format::Permission<'a>> {
    let (ip_protocol, (from_port, to_port)) = ports(rule);
    let description = rule.description.as_str();
    let mut permission = format::Permission {
        ip_protocol,
        from_port,
        to_port,
        user_id_group_pairs: None,
        ip_ranges: None,
        ipv6_ranges: None,
    };
    match &rule.peer {
        Peer::Group(index) => {
            let group_name = Some(network.groups.get(*index)?.name.as_str());
            permission.user_id_group_pairs = Some([format::GroupPair {
                group_name,
                group_id: None,
                description,
            }]);
        }
        Peer::Worn(id) => {
            permission.user_id_group_pairs = Some([format::GroupPair {
                group_name: None,
                group_id: Some(id),
                description,
            }]);
        }
        Peer::Block(block) if block.six => {
            permission.ipv6_ranges = Some([format::Range6 {
                cidr_ipv6: block.to_string(),
                description,
            }]);
        }
        Peer::Block(block) => {
            permission.ip_ranges = Some([format::Range {
                cidr_ip: block.to_string(),
                description,
            }])
        }
    }
    Some(permission)
}

/// Protocol and ports as the provider returns them, so that a second run finds no difference.
fn ports(rule: &GroupRule) -> (format::Protocol, (i32, i32)) {
    let ports = rule.ports;
    let whole = (ports.first, ports.last) == (0, u16::MAX);
    let [kind, code] = ports.first.to_be_bytes();
    let range = (i32::from(ports.first), i32::from(ports.last));
    match ports.protocol {
        6 => (format::Protocol::Name("tcp"), range),
        17 => (format::Protocol::Name("udp"), range),
        icmp @ (1 | 58) => {
            let name = if icmp == 1 { "icmp" } else { "icmpv6" };
            let code = if ports.first == ports.last {
                i32::from(code)
            } else {
                -1
            };
            (
                format::Protocol::Name(name),
                if whole { (-1, -1) } else { (i32::from(kind), code) },
            )
        }
        // Its ports mean nothing to the provider.
        other => (format::Protocol::Number(other.to_string()), (-1, -1)),
    }
}

/// Pretty JSON: two spaces, and a newline at the end.
fn json(value: &impl Serialize, report: &mut Report) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_else(|error| {
        report.compiler_bug(format!("groups cannot be written: {error}"));
        Vec::new()
    });
    bytes.push(b'\n');
    bytes
}
