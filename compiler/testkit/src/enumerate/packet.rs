//! Flows, packet by packet.

use std::collections::BTreeSet;

use model::Model;
use model::actor::RunsOn;
use model::place::{SegmentId, Within};
use model::thing::{Detail, PartDetail, Thing, ThingId};
use model::trust::{Condition, End, Trust};
use model::value::{Block, Ports};

use super::text::{Member, members};

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// A thing, or one device.
    Member(Member),
    /// A service of the provider.
    Service(String),
    /// Addresses, by their first and last.
    Addresses(Vec<(bool, u128, u128)>),
    /// Every address.
    Internet,
}

/// The right to open a connection to one port range.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packet {
    /// Who opens.
    pub from: Side,
    /// Who listens.
    pub to: Side,
    /// IANA number of the protocol.
    pub protocol: u8,
    /// The port.
    pub port: u16,
}

/// Every packet that opens a connection, by the first and last port of each range.
pub fn packets(model: &Model) -> BTreeSet<Packet> {
    let mut list = BTreeSet::new();
    for (_, trust) in model.trusts.iter() {
        for subject in &trust.subjects {
            for object in &trust.objects {
                match object.end {
                    End::Part(part) => {
                        let Some(part) = model.parts.get(part) else {
                            continue;
                        };
                        let PartDetail::Listener(listener) = &part.detail else {
                            continue;
                        };
                        for from in sides(model, trust, subject.end) {
                            for to in members(model, part.of) {
                                if meets(model, trust, &from, &to) {
                                    leases(model, &from, &to, &listener.ports, &mut list);
                                    ports(&from, &Side::Member(to), &listener.ports, &mut list);
                                }
                            }
                        }
                    }
                    End::Thing(object) => service(model, subject.end, object, &mut list),
                    End::Account(_) | End::Internet => {}
                }
            }
        }
    }
    list
}

fn sides(model: &Model, trust: &Trust, subject: End) -> Vec<Side> {
    let sources: Vec<&Vec<Block>> = trust
        .when
        .iter()
        .filter_map(|condition| match condition {
            Condition::Source { blocks, .. } => Some(blocks),
            Condition::MfaAge { .. } | Condition::Attribute { .. } | Condition::Until { .. } => None,
        })
        .collect();
    let named = || {
        let blocks = sources.first().into_iter().flat_map(|blocks| blocks.iter());
        blocks
            .map(|block| Side::Addresses(vec![(block.six, block.first, block.last())]))
            .collect()
    };
    match subject {
        End::Thing(thing) => match model.things.get(thing).map(|thing| &thing.detail) {
            Some(Detail::People(_)) => named(),
            Some(_) | None => members(model, thing).into_iter().map(Side::Member).collect(),
        },
        End::Internet if sources.is_empty() => vec![Side::Internet],
        End::Internet => named(),
        End::Part(_) | End::Account(_) => Vec::new(),
    }
}

fn meets(model: &Model, trust: &Trust, from: &Side, to: &Member) -> bool {
    let Side::Member(from) = from else { return true };
    if from.thing == to.thing && from.device == to.device {
        // What is on one host needs no packet.
        return false;
    }
    if from.thing == to.thing && trust.others.is_none() {
        return false;
    }
    trust.same.iter().all(|(attribute, _)| {
        let name = model.names.text(*attribute);
        match (from.columns.get(name), to.columns.get(name)) {
            (Some(one), Some(other)) => !one.is_empty() && one == other,
            (Some(_) | None, _) => false,
        }
    })
}

fn ports(from: &Side, to: &Side, ranges: &[Ports], list: &mut BTreeSet<Packet>) {
    for range in ranges {
        for port in [range.first, range.last] {
            list.insert(Packet {
                from: from.clone(),
                to: to.clone(),
                protocol: range.protocol,
                port,
            });
        }
    }
}

/// A DHCP server on premises answers on the client's port.
fn leases(model: &Model, from: &Side, to: &Member, ranges: &[Ports], list: &mut BTreeSet<Packet>) {
    let Side::Member(from) = from else { return };
    let on_premises = [from, to].iter().all(|member| {
        let homes = model
            .things
            .get(member.thing)
            .map_or(Vec::new(), |thing| homes(model, thing));
        let is_site = |id: &SegmentId| {
            let segment = model.segments.get(*id);
            segment.is_some_and(|segment| matches!(segment.within, Within::Site(_)))
        };
        !homes.is_empty() && homes.iter().all(is_site)
    });
    if on_premises
        && ranges
            .iter()
            .any(|range| (range.protocol, range.first, range.last) == (17, 67, 67))
    {
        list.insert(Packet {
            from: Side::Member(to.clone()),
            to: Side::Member(from.clone()),
            protocol: 17,
            port: 68,
        });
    }
}

/// What is in a segment opens a connection to the service of what it reaches.
fn service(model: &Model, subject: End, object: ThingId, list: &mut BTreeSet<Packet>) {
    let End::Thing(subject) = subject else { return };
    let (Some(acting), Some(object)) = (model.things.get(subject), model.things.get(object)) else {
        return;
    };
    let Some(reach) = model
        .kinds
        .get(object.kind)
        .and_then(|kind| kind.words.reach.as_ref())
    else {
        return;
    };
    if homes(model, acting).is_empty() {
        return;
    }
    // The cell of the object's account, where the service has cells.
    let mut to = model.names.text(reach.service).to_owned();
    let account = object.account.and_then(|account| model.accounts.get(account));
    for cell in account.into_iter().flat_map(|account| &account.cells) {
        to = to.replace("{cell}", model.names.text(cell.cell));
    }
    let to = Side::Service(to);
    let mut offered = reach.ports.clone();
    if let Detail::Class(class) = &acting.detail
        && !class.speaks.is_empty()
    {
        let spoken: Vec<u16> = class
            .speaks
            .iter()
            .filter(|speaks| model.names.text(speaks.protocol) == "mqtt")
            .flat_map(|speaks| speaks.ports.clone())
            .collect();
        let both = spoken.into_iter().filter(|port| {
            offered
                .iter()
                .any(|range| range.first <= *port && *port <= range.last)
        });
        offered = both
            .map(|port| Ports {
                protocol: 6,
                first: port,
                last: port,
            })
            .collect();
    }
    for from in members(model, subject) {
        ports(&Side::Member(from), &to, &offered, list);
    }
}

fn homes(model: &Model, thing: &Thing) -> Vec<SegmentId> {
    match &thing.detail {
        Detail::Workload(workload) => match (workload.segment, workload.runs_on) {
            (Some(segment), _) => vec![segment],
            (None, Some(RunsOn::Device(class))) => model
                .things
                .get(class)
                .map_or(Vec::new(), |class| homes(model, class)),
            (None, _) => Vec::new(),
        },
        Detail::Class(class) => class.segments.iter().map(|placed| placed.segment).collect(),
        Detail::Resource => thing.segment.into_iter().collect(),
        Detail::People(_) | Detail::External(_) => Vec::new(),
    }
}
