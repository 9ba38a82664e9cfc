//! Host firewalls of Linux classes: each accepts exactly the connections that its class opens and admits.
//!
//! A host firewall knows addresses only: the other side is those that it says, or the segment in which it lives; a service
//! is the segment that holds the private endpoints, or, over the internet, every address that nothing declares.

mod compare;

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use checks::Checked;
use graph::flow::{Endpoint, Flow};
use graph::reason::ReasonId;
use model::Model;
use model::actor::{Class, Hardware, RunsOn};
use model::thing::{Detail, ThingId};
use model::value::Ports;
use pattern::region::Region;
use rayon::prelude::*;
use read::facts::host::{Guards, HostFirewall};

use self::compare::compare;
use super::frame::{Frame, said_on_link};
use super::group::Context;
use super::intent::in_family;
use super::members::{self, Members};
use super::stand::{Span, Stand, Stands};
use crate::because::span_of;
use crate::verified::Coarse;
use crate::witness::{Refusal, Sort};

/// Why a host firewall is on the list of coarse guards.
const WHY: &str = "it knows addresses only: the other side is whoever has its addresses";

/// One set of packets that a host needs to exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Need {
    egress: bool,
    span: Span,
    ports: Ports,
}

/// The Linux classes, with what runs on each.
pub(super) fn linux_hosts(checked: &Checked<'_>) -> BTreeMap<ThingId, BTreeSet<ThingId>> {
    let model = checked.model();
    let mut hosts: BTreeMap<ThingId, BTreeSet<ThingId>> = BTreeMap::new();
    for (id, thing) in model.things.iter() {
        if let Detail::Class(class) = &thing.detail
            && class
                .hardware
                .is_some_and(|(hardware, _)| hardware == Hardware::Linux)
        {
            hosts.entry(id).or_default().insert(id);
        }
    }
    for (id, thing) in model.things.iter() {
        if let Detail::Workload(workload) = &thing.detail
            && let Some(RunsOn::Device(class)) = workload.runs_on
            && let Some(on) = hosts.get_mut(&class)
        {
            on.insert(id);
        }
    }
    hosts
}

/// A flow as a host has an end of it.
struct Side<'f> {
    flow: &'f Flow,
    ports: &'f [Ports],
    other: Endpoint,
    egress: bool,
    /// The attributes in which members that meet are equal; none if all meet.
    names: Vec<Name>,
    /// Every pair of stands that meet: own, other.
    meetings: Vec<(Stand, Stand)>,
}

/// What some hosts need.
struct Needs {
    connections: BTreeMap<Need, ReasonId>,
    frame: Frame,
}

/// Compares the host firewalls of a target.
pub(super) fn hosts(
    cx: Context<'_>,
    stands: &Stands<'_>,
    firewalls: &[HostFirewall],
    coarse: &mut Vec<Coarse>,
) -> (u64, Vec<Refusal>) {
    let (model, graph) = (cx.checked.model(), cx.checked.graph());
    let members = Members::new(model, graph);
    let hosts = linux_hosts(cx.checked);
    let mut refusals = Vec::new();
    let mut sides = sides(cx, stands, &members, &hosts, &mut refusals);
    let by_class = members::by_class(firewalls);
    let mut tasks: Vec<(&HostFirewall, Needs)> = Vec::new();
    let mut count = 0;
    for class in hosts.keys() {
        let Some(thing) = model.things.get(*class) else {
            continue;
        };
        let Detail::Class(declared) = &thing.detail else {
            continue;
        };
        let name = model.names.text(thing.name);
        let found = by_class.get(name).map_or(&[][..], Vec::as_slice);
        let of = sides.remove(class).unwrap_or_default();
        let host = Host {
            model,
            members: &members,
            class: (*class, declared),
            stands: stands.of_thing(*class),
            sides: &of,
        };
        if of.iter().all(|side| side.names.is_empty()) {
            match found {
                [firewall] if firewall.guards == Guards::Class => tasks.push((firewall, host.needs(None))),
                found => {
                    let sort = if found.is_empty() {
                        Sort::FallsShort
                    } else {
                        Sort::Idle
                    };
                    let message = format!(
                        "class `{name}` has {} host firewalls, and needs one for all of its members",
                        found.len()
                    );
                    refusals.push(Refusal::new(sort, cx.target, message));
                }
            }
            count += 1;
        } else {
            let (own, refused) = host.by_member(cx, name, found);
            count += found.len() as u64;
            tasks.extend(own);
            refusals.extend(refused);
        }
        coarse.push(Coarse {
            guard: format!("host firewall of {name}"),
            why: WHY,
        });
    }
    let compared: Vec<Refusal> = tasks
        .par_iter()
        .flat_map_iter(|(firewall, needs)| {
            let found = compare(cx, &needs.connections, firewall).unwrap_or_else(|why| {
                let message = format!("the host firewall of `{}`: {why}", firewall.name());
                vec![Refusal::new(Sort::NotDecided, cx.target, message).at(&firewall.place)]
            });
            found
                .into_iter()
                .chain(needs.frame.compare(cx, firewall))
                .collect::<Vec<_>>()
        })
        .collect();
    refusals.extend(compared);
    let is_linux = |name: &str| {
        let mut classes = hosts.keys().filter_map(|class| model.things.get(*class));
        classes.any(|class| model.names.text(class.name) == name)
    };
    for firewall in firewalls.iter().filter(|firewall| !is_linux(&firewall.class)) {
        let message = format!(
            "a host firewall of `{}`, which is no declared Linux class",
            firewall.class
        );
        refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&firewall.place));
    }
    (count, refusals)
}

/// The flows of each Linux class, from its side.
fn sides<'f>(
    cx: Context<'f>,
    stands: &Stands<'_>,
    members: &Members<'_>,
    hosts: &BTreeMap<ThingId, BTreeSet<ThingId>>,
    refused: &mut Vec<Refusal>,
) -> BTreeMap<ThingId, Vec<Side<'f>>> {
    let graph = cx.checked.graph();
    let mut class_of: BTreeMap<ThingId, ThingId> = BTreeMap::new();
    for (class, on) in hosts {
        class_of.extend(on.iter().map(|thing| (*thing, *class)));
    }
    let class = |end| match end {
        Endpoint::Thing(thing) => class_of.get(&thing).copied(),
        Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet => None,
    };
    let mut sides: BTreeMap<ThingId, Vec<Side<'_>>> = BTreeMap::new();
    for flow in &graph.flows {
        let (from, to) = (class(flow.from), class(flow.to));
        if from.is_none() && to.is_none() {
            continue;
        }
        let is_always = graph.regions.get(flow.when).is_some_and(Region::is_everything);
        let Some(names) = members.compared(flow).filter(|_| is_always) else {
            let message = "a flow lets a member meet itself, or has a condition, which no host firewall sees";
            let because = span_of(cx.checked, flow.because);
            refused.push(Refusal::new(Sort::NotDecided, cx.target, message).declared(because));
            continue;
        };
        let ports = graph.ports.get(flow.ports).map_or(&[][..], Vec::as_slice);
        let meetings = stands.meetings(flow);
        let is_on_link = meetings.iter().any(|(a, b)| {
            !said_on_link(ports, [a, b], b, true).is_empty()
                || !said_on_link(ports, [a, b], a, false).is_empty()
        });
        if is_on_link && !names.is_empty() {
            let message = "members that get their addresses of each other cannot be kept apart: who asks has none, and asks everybody";
            let because = span_of(cx.checked, flow.because);
            refused.push(Refusal::new(Sort::NotDecided, cx.target, message).declared(because));
        }
        for (class, other, egress) in [(from, flow.to, true), (to, flow.from, false)] {
            let Some(class) = class else { continue };
            let own = meetings.iter().cloned();
            sides.entry(class).or_default().push(Side {
                flow,
                ports,
                other,
                egress,
                names: names.clone(),
                meetings: own.map(|(a, b)| if egress { (a, b) } else { (b, a) }).collect(),
            });
        }
    }
    sides
}

/// The hosts of a class.
struct Host<'h, 'm> {
    model: &'h Model,
    members: &'h Members<'m>,
    class: (ThingId, &'h Class),
    stands: &'h [Stand],
    sides: &'h [Side<'h>],
}

impl Host<'_, '_> {
    /// What all hosts need, or what one of them does.
    fn needs(&self, row: Option<usize>) -> Needs {
        let (class, declared) = self.class;
        let mut connections = BTreeMap::new();
        let mut leases = BTreeSet::new();
        for side in self.sides {
            for (own, other) in &side.meetings {
                let (own, other) = match row {
                    None => (own.clone(), other.clone()),
                    Some(row) => {
                        let own = self.members.stand(class, row, own);
                        let other = self.members.met((class, row), &side.names, side.other, other);
                        let (Some(own), Some(other)) = (own, other) else {
                            continue;
                        };
                        (own, other)
                    }
                };
                leases.extend(said_on_link(side.ports, [&own, &other], &own, !side.egress));
                for span in spans(&own, &other) {
                    for ports in side.ports.iter().filter(|ports| in_family(**ports, span.six)) {
                        let need = Need {
                            egress: side.egress,
                            span,
                            ports: *ports,
                        };
                        connections.entry(need).or_insert(side.flow.because);
                    }
                }
            }
        }
        let stands: Vec<Stand> = match row {
            None => self.stands.to_vec(),
            Some(row) => {
                let own = self.stands.iter();
                own.filter_map(|stand| self.members.stand(class, row, stand))
                    .collect()
            }
        };
        Needs {
            connections,
            frame: Frame::of(self.model, &stands, declared, leases),
        }
    }

    /// Each firewall with what each of the members that it guards needs; and the members that not exactly one guards.
    fn by_member<'f>(
        &self,
        cx: Context<'_>,
        name: &str,
        firewalls: &[&'f HostFirewall],
    ) -> (Vec<(&'f HostFirewall, Needs)>, Vec<Refusal>) {
        let (class, _) = self.class;
        let compared: BTreeSet<Name> = self
            .sides
            .iter()
            .flat_map(|side| side.names.iter().copied())
            .collect();
        let mut guarded = vec![0_u8; self.members.count(class)];
        let (mut tasks, mut refusals) = (Vec::new(), Vec::new());
        for firewall in firewalls {
            let rows = self.members.guarded(class, firewall);
            if rows.is_empty() {
                let message = format!(
                    "the host firewall of `{}` guards nobody who is declared",
                    firewall.name()
                );
                refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&firewall.place));
            }
            for row in &rows {
                if let Some(count) = guarded.get_mut(*row) {
                    *count = count.saturating_add(1);
                }
            }
            let sorts = self.members.sorts(class, &rows, &compared);
            tasks.extend(sorts.into_iter().map(|row| (*firewall, self.needs(Some(row)))));
        }
        let wrong = guarded.iter().enumerate().filter(|(_, count)| **count != 1);
        let wrong = wrong.min_by_key(|(row, _)| self.members.name(class, *row));
        if let Some((row, count)) = wrong {
            let sort = if *count == 0 { Sort::FallsShort } else { Sort::Idle };
            let member = self.members.name(class, row);
            let message =
                format!("the member `{member}` of `{name}` has {count} host firewalls, and needs one");
            refusals.push(Refusal::new(sort, cx.target, message));
        }
        (tasks, refusals)
    }
}

/// The addresses of the other side, in the families that both have.
fn spans<'s>(own: &'s Stand, other: &'s Stand) -> impl Iterator<Item = Span> {
    let of = |stand: &'s Stand| -> &'s [Span] {
        match stand {
            Stand::Interface { addresses, .. } | Stand::Host { addresses, .. } => addresses,
            Stand::Public(spans) | Stand::Inside(spans) => spans,
        }
    };
    let own = of(own);
    let is_own = move |span: &Span| own.iter().any(|own| own.six == span.six);
    of(other).iter().copied().filter(is_own)
}
