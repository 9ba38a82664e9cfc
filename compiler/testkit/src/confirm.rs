//! Whether a witness of `prove` is one: the labelling evaluator must see original and mutant differ on it.

use std::collections::BTreeMap;

use prove::witness::Witness;

use crate::label::cells::Request;
use crate::label::packet::Packet;
use crate::label::policy::{Kind, Who};
use crate::label::{Files, device, group, host, iam, letter, module};

/// Files of one target, by path.
type Of = BTreeMap<String, Vec<u8>>;

/// Whether original and mutant differ on a witness.
#[must_use]
pub fn confirms(before: &Files, after: &Files, witness: &Witness) -> bool {
    match witness {
        Witness::Request {
            guard,
            principal,
            action,
            resource,
            context,
        } => {
            let Some(kind) = kind(guard) else { return false };
            let request = request(kind, principal, action, resource, context);
            if kind == Kind::Iot {
                let target = bundle::target::DEVICE_BUNDLES;
                let (before, after) = (of(target, before), of(target, after));
                if device::replay(&before, &after, &request) {
                    return true;
                }
            }
            let target = bundle::target::TERRAFORM;
            if module::replay::request(&of(target, before), &of(target, after), kind, &request) {
                return true;
            }
            let target = bundle::target::AWS_IAM;
            let said = iam::replay(&of(target, before), &of(target, after), kind, &request);
            said.iter().any(|(before, after)| before != after)
        }
        Witness::Packet { .. } => packet(before, after, witness),
    }
}

fn of(target: &str, files: &Files) -> Of {
    files
        .iter()
        .filter(|(_, (of, _))| *of == target)
        .map(|(path, (_, bytes))| (path.clone(), bytes.clone()))
        .collect()
}

fn kind(guard: &str) -> Option<Kind> {
    [
        ("the identity policies", Kind::Identity),
        ("the trust policy", Kind::Trust),
        ("the resource policy", Kind::Resource),
        ("the IoT policies", Kind::Iot),
        ("vpce:", Kind::Endpoint),
    ]
    .into_iter()
    .find(|(words, _)| guard.starts_with(words))
    .map(|(_, kind)| kind)
}

fn request(
    kind: Kind,
    principal: &str,
    action: &str,
    resource: &str,
    context: &[(String, String)],
) -> Request {
    let who = match (kind, principal) {
        (Kind::Identity | Kind::Iot, _) => Who::Own,
        (_, "anybody") => Who::Named(letter::FRESH.to_string()),
        (_, named) => Who::Named(named.to_owned()),
    };
    Request {
        who,
        action: letter::shown(&action.to_ascii_lowercase()),
        resource: letter::shown(resource),
        context: context
            .iter()
            .filter_map(|(key, value)| {
                Some((
                    key.to_ascii_lowercase(),
                    value.strip_prefix("= ")?.trim_matches('`').to_owned(),
                ))
            })
            .collect(),
    }
}

/// A packet, as each end of it sees it: a group that meets itself sees it twice.
fn packet(before: &Files, after: &Files, witness: &Witness) -> bool {
    let Witness::Packet {
        guard,
        from,
        to,
        protocol,
        port,
        ..
    } = witness
    else {
        return false;
    };
    let ways = [(from, true, to), (to, false, from)];
    let number = match protocol {
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        other => other.to_string(),
    };
    let in_modules = (
        of(bundle::target::TERRAFORM, before),
        of(bundle::target::TERRAFORM, after),
    );
    if guard.starts_with("routes of ") {
        return to
            .parse()
            .is_ok_and(|to| module::replay::routed(&in_modules.0, &in_modules.1, to));
    }
    if guard.starts_with("acl of ") || guard.starts_with("subnet:") {
        // Entries of a module call the two by name.
        let number = match protocol {
            1 => "icmp".to_owned(),
            58 => "icmpv6".to_owned(),
            _ => number,
        };
        // The end that is an address is the other one.
        return ways.into_iter().any(|(_, egress, other)| {
            let packet = other.parse().map(|other| Packet {
                group: String::new(),
                egress,
                protocol: number.clone(),
                port: i64::from(*port),
                other: Err(other),
            });
            packet.is_ok_and(|packet| module::replay::listed(&in_modules.0, &in_modules.1, &packet))
        });
    }
    if let Some(class) = guard.strip_prefix("host firewall of ") {
        let (before, after) = (
            of(bundle::target::DEVICE_BUNDLES, before),
            of(bundle::target::DEVICE_BUNDLES, after),
        );
        return ways.into_iter().any(|(own, egress, other)| {
            let packet = Packet {
                group: class.to_owned(),
                egress,
                protocol: protocol.to_string(),
                port: i64::from(*port),
                other: other.parse().map_err(|_| other.clone()).map_or_else(Ok, Err),
            };
            let table = |files| device::firewall(files, class);
            own == class && host::replay(class, table(&before), table(&after), &packet)
        });
    }
    let (before, after) = (
        of(bundle::target::SECURITY_GROUPS, before),
        of(bundle::target::SECURITY_GROUPS, after),
    );
    let name = |address: &str| address.rsplit('/').next().unwrap_or(address).to_owned();
    ways.into_iter().any(|(own, egress, other)| {
        let packet = Packet {
            group: name(guard),
            egress,
            protocol: number.clone(),
            port: i64::from(*port),
            other: other.parse().map_err(|_| name(other)).map_or_else(Ok, Err),
        };
        let modules = || {
            let group = |address: &str| address.rsplit(':').next().unwrap_or(address).to_owned();
            let packet = Packet {
                group: group(guard),
                other: other.parse().map_err(|_| group(other)).map_or_else(Ok, Err),
                ..packet.clone()
            };
            module::replay::packet(&in_modules.0, &in_modules.1, &packet)
        };
        own == guard && (group::replay(&before, &after, &packet) || modules())
    })
}
