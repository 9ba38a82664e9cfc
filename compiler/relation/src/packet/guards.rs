//! The guards that packets meet: groups of one target, host firewalls of all.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use model::place::SegmentId;
use model::thing::{Detail, ThingId};
use model::trust::{Condition, End};
use read::facts::Facts;
use read::facts::host::{Accept, Guards as Of, Lease};
use read::facts::network::{Group, Peer};

use super::ports::Ports;
use crate::claims::Claims;
use crate::place::{Places, Seat, Span};
use crate::rows::Rows;
use crate::sets::Sets;

/// The guards of one target that has groups, with the host firewalls of all.
#[derive(Default)]
pub(super) struct Guards {
    pub(super) has_groups: bool,
    pub(super) has_hosts: bool,
    pub(super) groups: BTreeMap<String, Group>,
    /// By class: one table for all members, or one for each segment or member.
    pub(super) hosts: BTreeMap<ThingId, Vec<Table>>,
}

/// A host firewall, with whom it guards.
#[derive(Clone)]
pub(super) struct Table {
    /// Which members of its class.
    rows: Rows,
    /// Where these are; nothing, if it guards all.
    seats: Vec<Seat>,
    pub(super) accepts: Vec<Accept>,
    /// What it lets through on the own link, whoever is there.
    pub(super) leases: BTreeSet<Lease>,
}

impl Table {
    /// Whether it guards all members of its class.
    pub(super) fn is_of_all(&self) -> bool {
        self.rows == Rows::All
    }

    /// Whether it guards one member alone.
    pub(super) fn is_of_one(&self) -> bool {
        matches!(&self.rows, Rows::These(rows) if rows.len() == 1)
    }

    /// The part of a seat that those have whom it guards; `None` if none of them is there.
    pub(super) fn at<'s>(&self, seat: &'s Seat) -> Option<Cow<'s, Seat>> {
        if self.is_of_all() {
            return Some(Cow::Borrowed(seat));
        }
        if let (Rows::These(own), Rows::These(asked)) = (&self.rows, &seat.rows)
            && own.is_disjoint(asked)
        {
            return None;
        }
        let own = self.seats.iter().find(|own| own.segment == seat.segment)?;
        let spans = own.spans.iter();
        let spans = spans.flat_map(|own| seat.spans.iter().filter_map(|span| span.and(*own)));
        let spans: Vec<Span> = spans.collect();
        let rows = self.rows.clone();
        (!spans.is_empty()).then(|| {
            Cow::Owned(Seat {
                spans,
                rows,
                ..seat.clone()
            })
        })
    }

    /// What it lets pass to or from these addresses.
    pub(super) fn passes(&self, egress: bool, far: &[Span]) -> Vec<Ports> {
        let accepts = self.accepts.iter().filter(|accept| {
            accept.egress == egress && far.iter().any(|span| span.meets(Span::read(accept.peer)))
        });
        accepts.map(|accept| Ports::read(accept.ports)).collect()
    }
}

/// The guards to compose: each target that has groups, with the host firewalls; these alone if no target has groups.
pub(super) fn of(sets: &Sets<'_>, places: &Places<'_>, facts: &[Facts]) -> Vec<Guards> {
    let mut hosts: BTreeMap<ThingId, Vec<Table>> = BTreeMap::new();
    let mut has_hosts = false;
    for facts in facts.iter().filter(|facts| Claims::of(facts.target).hosts) {
        has_hosts = true;
        for host in &facts.hosts {
            let class = sets.model.names.find(&host.class).and_then(|name| {
                let mut things = sets.model.things.iter();
                things
                    .find(|(_, thing)| thing.name == name && matches!(thing.detail, Detail::Class(_)))
                    .map(|(id, _)| id)
            });
            let Some(class) = class else { continue };
            let rows = match &host.guards {
                Of::Class => Rows::All,
                Of::Segment(name) => {
                    let homes = places.of(class).iter().map(|seat| seat.segment);
                    let is_called = |id: &SegmentId| {
                        let home = sets.model.segments.get(*id);
                        home.is_some_and(|home| sets.model.names.text(home.name) == name)
                    };
                    Rows::In(homes.filter(is_called).collect())
                }
                Of::Member(name) => sets.fleets.named(class, &Rows::All, name),
            };
            let seats = match rows {
                Rows::All => Vec::new(),
                Rows::In(_) | Rows::These(_) => places.of_rows(class, &rows),
            };
            hosts.entry(class).or_default().push(Table {
                rows,
                seats,
                accepts: host.accepts.clone(),
                leases: host.leases.clone(),
            });
        }
    }
    let mut found: Vec<Guards> = facts
        .iter()
        .filter(|facts| Claims::of(facts.target).groups)
        .map(|facts| Guards {
            has_groups: true,
            has_hosts,
            groups: facts
                .network
                .groups
                .iter()
                .map(|group| (group.address.clone(), group.clone()))
                .collect(),
            hosts: hosts.clone(),
        })
        .collect();
    if found.is_empty() {
        found.push(Guards {
            has_hosts,
            hosts,
            ..Guards::default()
        });
    }
    found
}

/// The addresses that trusts of people name as their source.
pub(super) fn sources(model: &model::Model) -> BTreeMap<ThingId, Vec<Span>> {
    let mut sources: BTreeMap<ThingId, Vec<Span>> = BTreeMap::new();
    for (_, trust) in model.trusts.iter() {
        for subject in &trust.subjects {
            let End::Thing(thing) = subject.end else { continue };
            let is_people = model
                .things
                .get(thing)
                .is_some_and(|thing| matches!(thing.detail, Detail::People(_)));
            if !is_people {
                continue;
            }
            for condition in &trust.when {
                if let Condition::Source { blocks, .. } = condition {
                    let own = sources.entry(thing).or_default();
                    own.extend(blocks.iter().map(|block| Span::of(*block)));
                }
            }
        }
    }
    for own in sources.values_mut() {
        own.sort_unstable();
        own.dedup();
    }
    sources
}

/// What groups let pass, to or from a peer that is known by its groups or by its addresses.
pub(super) fn passes(groups: &[&Group], egress: bool, peers: &[&str], spans: &[Span]) -> Vec<Ports> {
    let rules = groups.iter().flat_map(|group| &group.rules);
    let admitted = rules.filter(|rule| {
        rule.egress == egress
            && match &rule.peer {
                Peer::Group(named) => peers.contains(&named.as_str()),
                Peer::Block(block) => spans.iter().any(|span| span.meets(Span::read(*block))),
                Peer::PrefixList(_) => false,
            }
    });
    let mut ports: Vec<Ports> = admitted.map(|rule| Ports::read(rule.ports)).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The service whose private endpoint bears a group.
pub(super) fn service_of(address: &str) -> Option<&str> {
    address.rsplit_once('/')?.1.strip_prefix("endpoint-")
}
