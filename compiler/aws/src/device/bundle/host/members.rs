//! Which hosts of a class one firewall guards: all, or those of a segment, or one member.
//!
//! `same` between two classes lets a member meet only those that have its value. A firewall knows addresses, so that members
//! with other values need another one: by segment where members have the addresses of their segment, by member where
//! each has its own.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use arena::Name;
use diagnostics::{Diagnostic, Report};
use graph::access::{Pairs, PairsId};
use graph::flow::{Endpoint, Flow};
use model::actor::{self, RowAddresses};
use model::fleet::Fleet;
use model::place::{Segment, SegmentId};
use model::template::{Piece, Placeholder};
use model::thing::{Detail, ThingId};
use model::value::Block;

use super::place::Places;
use crate::context::Context;
use crate::deployment::device::Guards;
use crate::network::link::unenforceable;

/// The most members of a class with a firewall each: as many as a registry makes one by one.
const MEMBERS_MAX: usize = 1_000;

/// Values of attributes that have to be equal; none if one of them is empty, which equals nothing.
type Values<'a> = Option<Vec<&'a str>>;

/// A class, and the attributes that are compared.
type Asked = (ThingId, Vec<Name>);

/// Rows of a class by their values.
type Rows<'a> = BTreeMap<Vec<&'a str>, Vec<usize>>;

/// Attributes, and the values of them that a member of the other side has to have.
pub(super) type With<'g> = (&'g [Name], &'g [&'g str]);

/// The hosts that one firewall guards.
pub(super) struct Guarded<'a> {
    pub(super) guards: Guards,
    /// Where they live, and with which addresses there.
    pub(super) homes: Vec<(SegmentId, &'a Segment, Vec<Block>)>,
    /// One of them, if all of them meet the same members of other classes; none where no flow asks for values.
    pub(super) row: Option<usize>,
    /// It is one host only: of its own class it meets the others.
    pub(super) is_one: bool,
}

impl Guarded<'_> {
    /// Whether some of them has an address of a family.
    pub(super) fn has(&self, six: bool) -> bool {
        let own = self.homes.iter().flat_map(|(.., own)| own);
        own.into_iter().any(|own| own.six == six)
    }
}

/// Members of classes, by what they have in common.
pub(super) struct Members<'a> {
    cx: &'a Context<'a>,
    rows: RefCell<BTreeMap<Asked, Rc<Rows<'a>>>>,
}

impl<'a> Members<'a> {
    pub(super) fn new(cx: &'a Context<'a>) -> Self {
        Self {
            cx,
            rows: RefCell::new(BTreeMap::new()),
        }
    }

    /// The attributes that a flow compares; none if it lets all members meet, `None` if no firewall can tell who meets.
    pub(super) fn compared(&self, pairs: PairsId) -> Option<Vec<Name>> {
        match self.cx.graph.pairs.get(pairs) {
            // What a device sends to itself never leaves it, so that `others` is every pair that a host sees.
            Some(Pairs::All | Pairs::Others) => Some(Vec::new()),
            Some(Pairs::Equal(words)) => words
                .iter()
                .map(|word| self.cx.model.names.find(self.cx.word(*word)))
                .collect(),
            Some(Pairs::Own) | None => None,
        }
    }

    /// The hosts of a class, firewall by firewall; `None` if some cannot be told apart, which is reported.
    pub(super) fn guarded(
        &self,
        places: &Places<'a>,
        (class, declared): (ThingId, &'a actor::Class),
        flows: &[&Flow],
        report: &mut Report,
    ) -> Option<Vec<Guarded<'a>>> {
        let cx = self.cx;
        let asking: Vec<(&Flow, Vec<Name>)> = flows
            .iter()
            .filter(|flow| [flow.from, flow.to].contains(&Endpoint::Thing(class)))
            .filter_map(|flow| Some((*flow, self.compared(flow.pairs)?)))
            .filter(|(_, names)| !names.is_empty())
            .collect();
        let all = |id: SegmentId, home: &'a Segment| (id, home, cx.addresses.of(class, id, home));
        let Some((first, _)) = asking.first() else {
            let homes = places.homes(class).into_iter();
            return Some(vec![Guarded {
                guards: Guards::Class,
                homes: homes.map(|(id, home)| all(id, home)).collect(),
                row: None,
                is_one: false,
            }]);
        };
        let fleet = self.fleet(class)?;
        if declared.at.is_empty() {
            let mut found = Vec::new();
            for (id, home) in places.homes(class) {
                let mut rows: Vec<usize> = (0..fleet.len())
                    .filter(|row| self.home(declared, fleet, *row) == Some(id))
                    .collect();
                // In order of name: the order of an inventory means nothing.
                rows.sort_by_key(|row| fleet.member(*row));
                let Some(row) = rows.first().copied() else {
                    continue;
                };
                for (flow, names) in &asking {
                    let own = self.values(fleet, row, names);
                    let other = rows.iter().find(|row| self.values(fleet, **row, names) != own);
                    if let Some(other) = other {
                        let why = format!(
                            "`{}` and `{}` both have all addresses of the segment `{}`",
                            fleet.member(row),
                            fleet.member(*other),
                            cx.text(home.name)
                        );
                        report.push(self.unenforceable(flow, why).help(
                            "give each member its own address, `at \"{address}\"`, or each value a segment, `segment=\"cell-{line}\"`",
                        ));
                        return None;
                    }
                }
                found.push(Guarded {
                    guards: Guards::Segment(cx.text(home.name).to_owned()),
                    homes: vec![all(id, home)],
                    row: Some(row),
                    is_one: rows.len() == 1,
                });
            }
            return Some(found);
        }
        // Some file systems do not tell letters by their case.
        let mut folded = BTreeSet::new();
        let mut named: Vec<usize> = (0..fleet.len()).collect();
        named.sort_by_key(|row| fleet.member(*row));
        let unnamed = named.into_iter().find(|row| {
            let name = fleet.member(*row);
            !is_file_name(name) || !folded.insert(name.to_ascii_lowercase())
        });
        if let Some(why) = match unnamed {
            _ if fleet.len() > MEMBERS_MAX => Some(format!(
                "each of {} members would need a firewall of its own, and {MEMBERS_MAX} are the most",
                fleet.len()
            )),
            Some(row) => Some(format!(
                "the firewall of the member `{}` has no file name of its own, whatever the case of its letters",
                fleet.member(row)
            )),
            None => None,
        } {
            report.push(self.unenforceable(first, why).help(
                "leave `same` out, or give each value a class of its own, or a segment: `segment=\"cell-{line}\"`",
            ));
            return None;
        }
        let each = (0..fleet.len()).filter_map(|row| {
            let id = self.home(declared, fleet, row)?;
            let home = cx.model.segments.get(id)?;
            Some(Guarded {
                guards: Guards::Member(fleet.member(row).to_owned()),
                homes: vec![(id, home, addresses(declared, row).collect())],
                row: Some(row),
                is_one: true,
            })
        });
        Some(each.collect())
    }

    /// What the values of these hosts are; they are looked up in the class whose hosts they are.
    pub(super) fn own_values(&self, class: ThingId, guarded: &Guarded<'a>, names: &[Name]) -> Values<'a> {
        self.values(self.fleet(class)?, guarded.row?, names)
    }

    /// The addresses of some members, in the segments for which `is_met` holds. What a host sends to itself never leaves it.
    pub(super) fn addresses_with(
        &self,
        class: ThingId,
        (names, values): With<'_>,
        itself: Option<usize>,
        is_met: &dyn Fn(&Segment) -> bool,
    ) -> Vec<Block> {
        let (Some(fleet), Some(Detail::Class(declared))) =
            (self.fleet(class), self.cx.thing(class).map(|thing| &thing.detail))
        else {
            return Vec::new();
        };
        let rows = self.by_values(class, fleet, names);
        let mut found = Vec::new();
        let with_values = rows.get(values).into_iter().flatten();
        for row in with_values.filter(|row| Some(**row) != itself) {
            let home = self.home(declared, fleet, *row);
            let Some(segment) = home.and_then(|home| self.cx.model.segments.get(home)) else {
                continue;
            };
            if !is_met(segment) {
                continue;
            }
            if declared.at.is_empty() {
                found.extend([Some(segment.cidr), segment.cidr6].into_iter().flatten());
            } else {
                found.extend(addresses(declared, *row));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn by_values(&self, class: ThingId, fleet: &'a Fleet, names: &[Name]) -> Rc<Rows<'a>> {
        let mut known = self.rows.borrow_mut();
        let rows = known.entry((class, names.to_vec())).or_insert_with(|| {
            let mut rows: Rows<'a> = BTreeMap::new();
            for row in 0..fleet.len() {
                if let Some(values) = self.values(fleet, row, names) {
                    rows.entry(values).or_default().push(row);
                }
            }
            Rc::new(rows)
        });
        Rc::clone(rows)
    }

    fn fleet(&self, class: ThingId) -> Option<&'a Fleet> {
        match &self.cx.thing(class)?.detail {
            Detail::Class(class) => self.cx.model.fleets.get(class.fleet?),
            Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
        }
    }

    fn values(&self, fleet: &'a Fleet, row: usize, names: &[Name]) -> Values<'a> {
        let value = |name: &Name| match self.cx.text(*name) {
            "name" => Some(fleet.member(row)),
            _ => Some(fleet.column(*name)?.value(row)).filter(|value| !value.is_empty()),
        };
        names.iter().map(value).collect()
    }

    /// The segment in which a row lives, by the text that the class says.
    fn home(&self, class: &actor::Class, fleet: &Fleet, row: usize) -> Option<SegmentId> {
        if let [only] = class.segments.as_slice() {
            return Some(only.segment);
        }
        let mut name = String::new();
        for piece in &class.segment.as_ref()?.pieces {
            match piece {
                Piece::Text(text) => name.push_str(self.cx.text(*text)),
                Piece::Placeholder(Placeholder::Name) => name.push_str(fleet.member(row)),
                Piece::Placeholder(Placeholder::Attribute(of) | Placeholder::Property(of)) => {
                    name.push_str(fleet.column(*of)?.value(row));
                }
                Piece::Placeholder(Placeholder::Environment) => {
                    name.push_str(self.cx.text(self.cx.model.project.environment?));
                }
                Piece::Placeholder(_) => return None,
            }
        }
        let mut homes = class.segments.iter().map(|placed| placed.segment);
        homes.find(|home| {
            let home = self.cx.model.segments.get(*home);
            home.is_some_and(|home| self.cx.text(home.name) == name)
        })
    }

    fn unenforceable(&self, flow: &Flow, why: String) -> Diagnostic {
        unenforceable(self.cx, flow).note(why)
    }
}

fn addresses(class: &actor::Class, row: usize) -> impl Iterator<Item = Block> + '_ {
    let of = move |at: &RowAddresses| at.values.get(*at.rows.get(row)? as usize).copied();
    class.at.iter().filter_map(of)
}

/// Whether a folder can be called so everywhere.
fn is_file_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    !name.is_empty() && name.len() <= 128 && !name.starts_with('.') && name.bytes().all(is_plain)
}
