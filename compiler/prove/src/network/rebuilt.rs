//! Flows as the emitted groups let them through: what promises about connections are asked of.
//!
//! Group by group, rule by rule, with arithmetic of intervals and nothing of the algebra of packets: every rule must stand
//! for flows of the graph, and a flow is there if the groups at its ends let all of it pass. ACLs and routes only take away,
//! and host firewalls guard their own hosts; the clauses before compare them.

use std::collections::{BTreeMap, BTreeSet};

use checks::Checked;
use graph::flow::Flow;
use graph::reason::ReasonId;
use model::value::Ports as Declared;
use read::facts::Facts;
use read::facts::network::{Group, GroupRule, Peer};

use super::Claims;
use super::group::Context;
use super::intent::{Intent, Need, Other, in_family};
use super::stand::Span;
use crate::because::span_of;
use crate::witness::{Refusal, Sort};

/// What the groups of all targets say.
#[derive(Default)]
pub(crate) struct Flows {
    /// Reasons of flows of which a group was read.
    read: BTreeSet<ReasonId>,
    /// How many flows of the graph these are.
    pub(crate) count: u64,
    /// Rules, or parts of rules, that stand for no flow, and flows that some group does not let through as a whole.
    pub(crate) refusals: Vec<Refusal>,
}

/// A box of addresses and ports: inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Area {
    protocol: u8,
    ports: (u16, u16),
    addresses: (u128, u128),
}

/// Which rules and needs can meet: direction, and a group or addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject<'a> {
    Group(bool, &'a str),
    Addresses(bool, bool),
}

/// Reads the groups of every target that has them.
pub(crate) fn flows(checked: &Checked<'_>, facts: &[Facts]) -> Flows {
    let mut flows = Flows::default();
    let with_groups: Vec<&Facts> = facts
        .iter()
        .filter(|facts| Claims::of(facts.target).groups)
        .collect();
    if with_groups.is_empty() {
        return flows;
    }
    let intent = Intent::new(checked);
    for facts in with_groups {
        let cx = Context {
            checked,
            target: facts.target,
        };
        let groups: BTreeMap<&str, &Group> = facts
            .network
            .groups
            .iter()
            .map(|group| (group.address.as_str(), group))
            .collect();
        for (address, needs) in intent.networks.values().flat_map(|share| &share.groups) {
            let rules = groups
                .get(&**address)
                .map_or(&[][..], |group| group.rules.as_slice());
            one(cx, address, needs, rules, &mut flows);
        }
    }
    let is_read = |flow: &&Flow| flows.read.contains(&flow.because);
    flows.count = checked.graph().flows.iter().filter(is_read).count() as u64;
    flows
}

fn one(cx: Context<'_>, address: &str, needs: &[Need<'_>], rules: &[GroupRule], flows: &mut Flows) {
    let mut needed: BTreeMap<Subject<'_>, Vec<Area>> = BTreeMap::new();
    for need in needs {
        let (subject, areas) = areas_of(need);
        needed.entry(subject).or_default().extend(areas);
    }
    let mut let_through: BTreeMap<Subject<'_>, Vec<Area>> = BTreeMap::new();
    for rule in rules {
        let named = area_of(rule);
        let is_meant = named.is_some_and(|(subject, area)| {
            let_through.entry(subject).or_default().push(area);
            let needed = needed.get(&subject).map_or(&[][..], Vec::as_slice);
            is_covered(area, needed)
        });
        if !is_meant {
            let what = format!("a rule of group `{address}` is no connection that the spec has a name for");
            flows
                .refusals
                .push(Refusal::new(Sort::Exceeds, cx.target, what).at(&rule.place));
        }
    }
    for need in needs {
        flows.read.insert(need.because);
        let (subject, areas) = areas_of(need);
        let open = let_through.get(&subject).map_or(&[][..], Vec::as_slice);
        if !areas.into_iter().all(|area| is_covered(area, open)) {
            let what = format!(
                "a connection of group `{address}` was not found in the emitted files when promises were asked"
            );
            let declared = span_of(cx.checked, need.because);
            flows
                .refusals
                .push(Refusal::new(Sort::NotDecided, cx.target, what).declared(declared));
        }
    }
}

/// A rule for every protocol, or to a list of the provider's, is none of ours.
fn area_of(rule: &GroupRule) -> Option<(Subject<'_>, Area)> {
    if rule.ports.any_protocol {
        return None;
    }
    let (subject, addresses) = match &rule.peer {
        Peer::Group(group) => (Subject::Group(rule.egress, group), (0, 0)),
        Peer::Block(block) => (
            Subject::Addresses(rule.egress, block.six),
            (block.first, block.last),
        ),
        Peer::PrefixList(_) => return None,
    };
    let area = Area {
        protocol: rule.ports.protocol,
        ports: (rule.ports.first, rule.ports.last),
        addresses,
    };
    Some((subject, area))
}

fn areas_of<'n>(need: &'n Need<'_>) -> (Subject<'n>, Vec<Area>) {
    let area = |ports: &Declared, addresses| Area {
        protocol: ports.protocol,
        ports: (ports.first, ports.last),
        addresses,
    };
    match &need.peer {
        Other::Group(group) => (
            Subject::Group(need.egress, group),
            need.ports.iter().map(|ports| area(ports, (0, 0))).collect(),
        ),
        Other::Span(Span { six, range }) => {
            let ports = need.ports.iter().filter(|ports| in_family(**ports, *six));
            let areas = ports.map(|ports| area(ports, (range.first(), range.last())));
            (Subject::Addresses(need.egress, *six), areas.collect())
        }
    }
}

/// Whether some boxes together hold a box: what one of them leaves is cut off around it, and asked of the rest.
fn is_covered(area: Area, by: &[Area]) -> bool {
    let meets = |other: &Area| {
        other.protocol == area.protocol
            && other.ports.0 <= area.ports.1
            && area.ports.0 <= other.ports.1
            && other.addresses.0 <= area.addresses.1
            && area.addresses.0 <= other.addresses.1
    };
    let mut others = by.iter();
    let Some(first) = others.find(|other| meets(other)) else {
        return false;
    };
    let rest = others.as_slice();
    let mut left = Vec::new();
    let (low, high) = (area.ports.0.max(first.ports.0), area.ports.1.min(first.ports.1));
    if area.ports.0 < low {
        left.push(Area {
            ports: (area.ports.0, low - 1),
            ..area
        });
    }
    if high < area.ports.1 {
        left.push(Area {
            ports: (high + 1, area.ports.1),
            ..area
        });
    }
    let ports = (low, high);
    if area.addresses.0 < first.addresses.0 {
        left.push(Area {
            ports,
            addresses: (area.addresses.0, first.addresses.0 - 1),
            ..area
        });
    }
    if first.addresses.1 < area.addresses.1 {
        left.push(Area {
            ports,
            addresses: (first.addresses.1 + 1, area.addresses.1),
            ..area
        });
    }
    left.into_iter().all(|area| is_covered(area, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(ports: (u16, u16), addresses: (u128, u128)) -> Area {
        Area {
            protocol: 6,
            ports,
            addresses,
        }
    }

    #[test]
    fn boxes_hold_what_they_hold_together() {
        let whole = area((10, 20), (0, 100));
        let halves = [area((10, 15), (0, 100)), area((16, 20), (0, 100))];
        assert!(is_covered(whole, &halves));
        assert!(is_covered(whole, &[whole]));
        assert!(!is_covered(whole, &halves[..1]));
        assert!(!is_covered(whole, &[]));
        let quarters = [
            area((0, 12), (0, 50)),
            area((0, 12), (51, 200)),
            area((13, 30), (0, 49)),
            area((13, 30), (50, 100)),
        ];
        assert!(is_covered(whole, &quarters));
        assert!(!is_covered(whole, &quarters[1..]));
        let udp = Area {
            protocol: 17,
            ..whole
        };
        assert!(!is_covered(udp, &[whole]));
        assert!(is_covered(
            area((0, u16::MAX), (0, u128::MAX)),
            &[area((0, u16::MAX), (0, u128::MAX))]
        ));
    }
}
