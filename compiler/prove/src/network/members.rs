//! Which hosts of a class a firewall guards, and whom of the other side they meet.
//!
//! Written from the language: `same` lets those members meet that have equal values, and an empty value equals nothing.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use graph::TrustGraph;
use graph::access::Pairs;
use graph::flow::{Endpoint, Flow};
use model::Model;
use model::place::SegmentId;
use model::thing::{Detail, ThingId};
use read::facts::host::{Guards, HostFirewall};
use relation::rows::Fleets;

use super::at;
use super::stand::{Span, Stand};

/// Rows by the values that they have.
type Rows<'a> = BTreeMap<Vec<&'a str>, Vec<usize>>;

/// The members of classes.
pub(super) struct Members<'a> {
    model: &'a Model,
    fleets: Fleets<'a>,
    /// By class and the attributes that are compared.
    known: RefCell<BTreeMap<(ThingId, Vec<Name>), Rows<'a>>>,
}

impl<'a> Members<'a> {
    pub(super) fn new(model: &'a Model, graph: &'a TrustGraph) -> Self {
        Self {
            model,
            fleets: Fleets { model, graph },
            known: RefCell::new(BTreeMap::new()),
        }
    }

    /// How many members a class has.
    pub(super) fn count(&self, class: ThingId) -> usize {
        self.fleets.of(class).map_or(0, model::fleet::Fleet::len)
    }

    /// The name of a member.
    pub(super) fn name(&self, class: ThingId, row: usize) -> &'a str {
        self.fleets.of(class).map_or("", |fleet| fleet.member(row))
    }

    /// The attributes in which members that meet in a flow are equal; none if all meet, `None` if a host cannot tell.
    pub(super) fn compared(&self, flow: &Flow) -> Option<Vec<Name>> {
        let graph = self.fleets.graph;
        match graph.pairs.get(flow.pairs)? {
            // What a member sends to itself never leaves it, so that `others` is every pair that a host sees.
            Pairs::All | Pairs::Others => Some(Vec::new()),
            Pairs::Equal(words) => words
                .iter()
                .map(|word| self.model.names.find(graph.words.text(*word)))
                .collect(),
            Pairs::Own => None,
        }
    }

    /// Which members a firewall guards; none if it names nobody who is declared.
    pub(super) fn guarded(&self, class: ThingId, firewall: &HostFirewall) -> Vec<usize> {
        match &firewall.guards {
            Guards::Class => (0..self.count(class)).collect(),
            Guards::Member(name) => self.fleets.row(class, name).into_iter().collect(),
            Guards::Segment(name) => {
                let lives_there = |row: &usize| {
                    let home = self.fleets.home(class, *row);
                    let home = home.and_then(|home| self.model.segments.get(home));
                    home.is_some_and(|home| self.model.names.text(home.name) == name)
                };
                (0..self.count(class)).filter(lives_there).collect()
            }
        }
    }

    /// A member of each sort that flows of a class tell apart, of some rows: by home, addresses and values.
    pub(super) fn sorts(&self, class: ThingId, rows: &[usize], names: &BTreeSet<Name>) -> Vec<usize> {
        let has_own = self.has_own_addresses(class);
        let mut seen = BTreeSet::new();
        let is_new = |row: &usize| {
            let values: Vec<Option<&str>> = names
                .iter()
                .map(|name| self.fleets.value(class, *row, *name))
                .collect();
            let one = has_own.then_some(*row);
            seen.insert((self.fleets.home(class, *row), one, values))
        };
        rows.iter().copied().filter(is_new).collect()
    }

    /// Where one member stands: one of the stands of its class, with its own addresses.
    pub(super) fn stand(&self, class: ThingId, row: usize, stand: &Stand) -> Option<Stand> {
        let (Stand::Interface { segment, .. } | Stand::Host { segment, .. }) = stand else {
            return None;
        };
        self.at(class, &[row], *segment)
            .map(|addresses| stand.with(addresses))
    }

    /// Where those members of the other side stand that have one member's values; `None` if nobody of them is there.
    pub(super) fn met(
        &self,
        own: (ThingId, usize),
        names: &[Name],
        other: Endpoint,
        stand: &Stand,
    ) -> Option<Stand> {
        if names.is_empty() {
            return Some(stand.clone());
        }
        let (Endpoint::Thing(class), Stand::Interface { segment, .. } | Stand::Host { segment, .. }) =
            (other, stand)
        else {
            return None;
        };
        let wanted = self.values(own, names)?;
        let mut known = self.known.borrow_mut();
        let rows = known.entry((class, names.to_vec())).or_insert_with(|| {
            let mut rows: Rows<'a> = BTreeMap::new();
            for row in 0..self.count(class) {
                if let Some(values) = self.values((class, row), names) {
                    rows.entry(values).or_default().push(row);
                }
            }
            rows
        });
        // What a member sends to itself never leaves it.
        let is_other = |row: &&usize| (class, **row) != own;
        let rows: Vec<usize> = rows.get(&wanted)?.iter().filter(is_other).copied().collect();
        self.at(class, &rows, *segment)
            .map(|addresses| stand.with(addresses))
    }

    /// The values of a member; `None` if it has none of some, which equals nothing.
    fn values(&self, (class, row): (ThingId, usize), names: &[Name]) -> Option<Vec<&'a str>> {
        let values = names.iter().map(|name| self.fleets.value(class, row, *name));
        values.collect()
    }

    /// The addresses of some rows in a segment; `None` if none of them lives there.
    fn at(&self, class: ThingId, rows: &[usize], segment: SegmentId) -> Option<Vec<Span>> {
        let mut lives = rows
            .iter()
            .filter(|row| self.fleets.home(class, **row) == Some(segment))
            .peekable();
        lives.peek()?;
        let Detail::Class(declared) = &self.model.things.get(class)?.detail else {
            return None;
        };
        if declared.at.is_empty() {
            return at::of(self.model, class, &[segment])
                .first()
                .map(|spans| spans.to_vec());
        }
        let mut found = Vec::new();
        for row in lives {
            for text in &declared.at {
                let value = text
                    .rows
                    .get(*row)
                    .and_then(|value| text.values.get(*value as usize));
                found.extend(value.map(|block| Span::of(*block)));
            }
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    fn has_own_addresses(&self, class: ThingId) -> bool {
        match self.model.things.get(class).map(|thing| &thing.detail) {
            Some(Detail::Class(class)) => !class.at.is_empty(),
            Some(Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource) | None => {
                false
            }
        }
    }
}

/// Firewalls by class.
pub(super) fn by_class(firewalls: &[HostFirewall]) -> BTreeMap<&str, Vec<&HostFirewall>> {
    let mut found: BTreeMap<&str, Vec<&HostFirewall>> = BTreeMap::new();
    for firewall in firewalls {
        found.entry(&firewall.class).or_default().push(firewall);
    }
    found
}
