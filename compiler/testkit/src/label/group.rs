//! Labels of security groups as data: `network.json`, `groups.json`, and the script that is the same for everybody.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Faults;
use super::packet::{self, Peer, Rule};
use super::{Difference, Label, worse};
use crate::mutate::json::{self, Json};

/// Labels a mutant.
#[must_use]
pub fn label(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Label {
    let mut worst = Label::Equal;
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for path in paths {
        let (old, new) = (before.get(path), after.get(path));
        if old == new {
            continue;
        }
        let file = path.rsplit('/').next().unwrap_or(path);
        worst = worse(
            worst,
            match (old, new) {
                (Some(_), None) if before.len() == 3 && after.is_empty() => {
                    Label::Changed(Difference::Object("nothing is left".to_owned()))
                }
                (_, None) => Label::Unreadable("a folder without one of its files".to_owned()),
                (None, Some(_)) => {
                    Label::Unreadable("a file that no rule reads, or a folder without its files".to_owned())
                }
                (Some(_), Some(_)) if file == "apply.sh" => Label::Unreadable("frozen text".to_owned()),
                (Some(old), Some(new)) if file == "groups.json" => groups(old, new),
                (Some(old), Some(new)) => network(old, new),
            },
        );
    }
    worst
}

fn document(bytes: &[u8], faults: &mut Faults) -> Json {
    let document = json::parse(bytes).unwrap_or_else(|what| {
        faults.unreadable(&what);
        Json::Null
    });
    if document.repeated(false).is_some() {
        faults.unreadable("a name that stands twice");
    }
    document
}

/// Members of an object, which may have these names only.
fn members<'a>(value: &'a Json, known: &[&str], faults: &mut Faults) -> &'a [(String, Json)] {
    let Json::Object(members) = value else {
        faults.unreadable("no object");
        return &[];
    };
    if members.iter().any(|(name, _)| !known.contains(&name.as_str())) {
        faults.unreadable("an unknown member");
    }
    members
}

fn text(value: Option<&Json>, faults: &mut Faults) -> String {
    match value.and_then(Json::as_text) {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => {
            faults.unreadable("no text");
            String::new()
        }
    }
}

fn network(old: &[u8], new: &[u8]) -> Label {
    let read = |bytes: &[u8], faults: &mut Faults| {
        let document = document(bytes, faults);
        members(
            &document,
            &["format", "project", "account", "region", "vpc"],
            faults,
        );
        let vpc = document.get("vpc").cloned().unwrap_or(Json::Null);
        members(&vpc, &["id", "cidr", "name"], faults);
        let (format, account) = (
            text(document.get("format"), faults),
            text(document.get("account"), faults),
        );
        // Whom the script writes into tags: needed, and without meaning.
        if document.get("project").and_then(Json::as_text).is_none() {
            faults.unreadable("no project");
        }
        let region = text(document.get("region"), faults);
        if format != "leastwise-security-groups/1"
            || account.len() != 12
            || !account.chars().all(|c| c.is_ascii_digit())
        {
            faults.unreadable("no format, or no account");
        }
        if !region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            faults.unreadable("no region");
        }
        let named = match (vpc.get("id"), vpc.get("cidr"), vpc.get("name")) {
            (Some(id), None, None) => vec![text(Some(id), faults)],
            (None, Some(cidr), Some(name)) => {
                let cidr = text(Some(cidr), faults);
                if packet::peer(&cidr).is_none_or(|_| cidr.contains(':')) {
                    faults.unreadable("no block");
                }
                vec![cidr, text(Some(name), faults)]
            }
            _ => {
                faults.unreadable("a network that is not named");
                Vec::new()
            }
        };
        if vpc.get("id").is_some() && !named.iter().all(|id| id.starts_with("vpc-")) {
            faults.unreadable("no id of a network");
        }
        (account, region, named)
    };
    let mut faults = Faults::default();
    let old = read(old, &mut faults);
    let new = read(new, &mut faults);
    match faults.unreadable.first() {
        Some(what) => Label::Unreadable(what.clone()),
        None if old != new => Label::Changed(Difference::Object(format!("{old:?} became {new:?}"))),
        None => Label::Equal,
    }
}

/// The rules of a file, and the names of its groups.
fn rules(bytes: &[u8], faults: &mut Faults) -> (Vec<Rule>, BTreeSet<String>) {
    let document = document(bytes, faults);
    members(&document, &["groups"], faults);
    let (mut rules, mut names) = (Vec::new(), BTreeSet::new());
    let Some(Json::List(groups)) = document.get("groups") else {
        faults.unreadable("no list of groups");
        return (rules, names);
    };
    for group in groups {
        members(group, &["name", "description", "ingress", "egress"], faults);
        let name = text(group.get("name"), faults);
        text(group.get("description"), faults);
        if !names.insert(name.clone()) {
            faults.unreadable("a group twice");
        }
        for (way, egress) in [("ingress", false), ("egress", true)] {
            match group.get(way) {
                Some(Json::List(permissions)) => rules.extend(
                    permissions
                        .iter()
                        .filter_map(|permission| rule(permission, &name, egress, faults)),
                ),
                Some(_) => faults.unreadable("no list"),
                None => {}
            }
        }
    }
    (rules, names)
}

fn rule(value: &Json, group: &str, egress: bool, faults: &mut Faults) -> Option<Rule> {
    members(
        value,
        &[
            "IpProtocol",
            "FromPort",
            "ToPort",
            "UserIdGroupPairs",
            "IpRanges",
            "Ipv6Ranges",
        ],
        faults,
    );
    let protocol = text(value.get("IpProtocol"), faults);
    let port = |name: &str, faults: &mut Faults| match value.get(name) {
        None => None,
        Some(Json::Number(number)) if number.parse::<i32>().is_ok() => number.parse::<i64>().ok(),
        Some(_) => {
            faults.unreadable("no port");
            None
        }
    };
    let ports = match (
        protocol.as_str(),
        port("FromPort", faults),
        port("ToPort", faults),
    ) {
        ("-1", None, None) => (0, 65_535),
        ("tcp" | "udp", Some(first), Some(last)) if 0 <= first && first <= last && last <= 65_535 => {
            (first, last)
        }
        _ => {
            faults.unreadable("no ports, or no protocol");
            return None;
        }
    };
    let mut peers = Vec::new();
    for (list, name) in [
        ("UserIdGroupPairs", "GroupName"),
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
    ] {
        let entries = match value.get(list) {
            None => continue,
            Some(Json::List(entries)) => entries,
            Some(_) => {
                faults.unreadable("no list of peers");
                continue;
            }
        };
        for entry in entries {
            // Another's group is named by its id, one of the file by its name; no name begins as ids do.
            let by_id = list == "UserIdGroupPairs" && entry.get("GroupId").is_some();
            let name = if by_id { "GroupId" } else { name };
            members(entry, &[name, "Description"], faults);
            if let Some(described) = entry.get("Description") {
                text(Some(described), faults);
            }
            let named = text(entry.get(name), faults);
            let digits = named.strip_prefix("sg-").unwrap_or_default();
            if by_id && (digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
                faults.unreadable("no id of a group");
            }
            let peer = if list == "UserIdGroupPairs" {
                Some(Peer::Group(named.clone()))
            } else {
                packet::peer(&named)
            };
            let fits = named.contains(':') == (list == "Ipv6Ranges") || list == "UserIdGroupPairs";
            match peer {
                Some(peer) if fits => peers.push(peer),
                _ => faults.unreadable("no block"),
            }
        }
    }
    if peers.len() != 1 {
        faults.unreadable("not one peer");
    }
    Some(Rule {
        group: group.to_owned(),
        egress,
        protocol,
        ports,
        peer: peers.pop()?,
    })
}

fn groups(old: &[u8], new: &[u8]) -> Label {
    let mut faults = Faults::default();
    let (old, before) = rules(old, &mut faults);
    assert!(faults.is_empty(), "the original cannot be read: {faults:?}");
    let (new, after) = rules(new, &mut faults);
    if let Some(what) = faults.unreadable.first() {
        return Label::Unreadable(what.clone());
    }
    // A group without rules still is somebody's name; what is not made cannot be shown by a packet.
    if let Some(gone) = before.difference(&after).next() {
        return Label::Changed(Difference::Object(format!("group {gone} is gone")));
    }
    if let Some(packet) = packet::difference(&old, &new) {
        let passed = old.iter().any(|rule| rule.permits(&packet));
        return Label::Changed(Difference::Packet { packet, passed });
    }
    if let Some(more) = after.difference(&before).next() {
        return Label::Idle(format!("group {more}"));
    }
    match packet::idle(&new) {
        Some(index) => Label::Idle(format!("rule {index}")),
        None => Label::Equal,
    }
}

/// Whether original and mutant differ on a packet.
#[must_use]
pub fn replay(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
    packet: &packet::Packet,
) -> bool {
    let all = |files: &BTreeMap<String, Vec<u8>>| -> Vec<Rule> {
        let of = files.iter().filter(|(path, _)| path.ends_with("/groups.json"));
        of.flat_map(|(_, bytes)| rules(bytes, &mut Faults::default()).0)
            .collect()
    };
    let passes = |rules: Vec<Rule>| rules.iter().any(|rule| rule.permits(packet));
    passes(all(before)) != passes(all(after))
}

/// The rules of all groups of a file; `None` if it has no reading.
#[must_use]
pub fn all_rules(bytes: &[u8]) -> Option<Vec<Rule>> {
    let mut faults = Faults::default();
    let (rules, _) = rules(bytes, &mut faults);
    faults.is_empty().then_some(rules)
}
