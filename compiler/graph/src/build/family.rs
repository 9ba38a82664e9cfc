//! Which families of addresses somebody has: who has none of the other side's never exchanges a packet with it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use diagnostics::Diagnostic;
use model::actor::Address;
use model::thing::{Detail, Thing};
use model::value::Ports;
use source::Span;

use super::Build;
use crate::fault::NO_PATH;

/// Families: IPv4, IPv6.
pub(crate) type Families = (bool, bool);

/// Who has which families: a member by name, or the thing itself.
pub(crate) type Known = BTreeSet<(Families, String)>;

impl<'m> Build<'m> {
    /// Refuses if some member of one side has no family in common with some of the other, or none in which a protocol exists. Whether
    /// it did.
    pub(crate) fn refuse_without_family(
        &mut self,
        (one, other): (&'m Thing, &'m Thing),
        ports: &[Ports],
        at: Span,
    ) -> bool {
        let (left, right) = (self.families(one), self.families(other));
        // Where all are alike, the floors that know the listener or the guard say so.
        let is_mixed = left.len() + right.len() > 2;
        let apart = ports.iter().find_map(|ports| {
            let of = match families_of_protocol(ports.protocol) {
                (true, true) => (true, true),
                of if is_mixed => of,
                _ => return None,
            };
            left.iter().find_map(|(own, name)| {
                let met = right.iter().find(|(theirs, _)| !have_common(*own, *theirs, of))?;
                Some((name.clone(), *own, met.1.clone(), met.0, of))
            })
        });
        let Some((name, own, other_name, theirs, of)) = apart else {
            return false;
        };
        let message = match of {
            (true, true) => format!(
                "`{name}` has {} address, and `{other_name}` {}",
                shown(own),
                shown(theirs)
            ),
            _ => format!(
                "`{name}` and `{other_name}` need {} address each, since ICMP is of one version of IP",
                shown(of)
            ),
        };
        self.report.push(
            Diagnostic::new(&NO_PATH, at, message)
                .note("no packet goes from one family of addresses to the other")
                .help("say an address of the other's family in `at`, or let those that have none be a class of their own"),
        );
        true
    }

    /// Refuses if some member has no IPv4 address, and so no way to a private endpoint, which has no other. Whether it did.
    pub(crate) fn refuse_without_four(&mut self, one: &'m Thing, object: &'m Thing, at: Span) -> bool {
        let known = self.families(one);
        let Some((_, name)) = known.iter().find(|((four, six), _)| !four && *six) else {
            return false;
        };
        let of = self.text(object.name);
        let message = format!(
            "`{name}` has no IPv4 address, and the service of `{of}` is reached by a private endpoint"
        );
        self.report.push(
            Diagnostic::new(&NO_PATH, at, message)
                .note("private endpoints have IPv4 addresses only")
                .help(
                    "say an IPv4 address in `at`, too, or let those that have none be a class of their own",
                ),
        );
        true
    }

    /// Whoever has addresses, by the families that they are of. Looked up once for each thing.
    pub(crate) fn families(&self, thing: &Thing) -> Rc<Known> {
        if let Some(known) = self.known_families.borrow().get(&thing.name) {
            return Rc::clone(known);
        }
        let known = Rc::new(self.families_of(thing));
        self.known_families
            .borrow_mut()
            .insert(thing.name, Rc::clone(&known));
        known
    }

    fn families_of(&self, thing: &Thing) -> Known {
        let name = || self.text(thing.name).to_owned();
        let of_place = || -> Families {
            let homes = self.home(thing);
            let six = homes.iter().any(|home| {
                self.model
                    .segments
                    .get(*home)
                    .is_some_and(|home| home.cidr6.is_some())
            });
            (true, six)
        };
        match &thing.detail {
            Detail::Class(class) if !class.at.is_empty() => {
                let count = class.at.iter().map(|at| at.rows.len()).max().unwrap_or(0);
                let fleet = class.fleet.and_then(|fleet| self.model.fleets.get(fleet));
                // Most inventories have one family only.
                let six: BTreeSet<bool> = class
                    .at
                    .iter()
                    .flat_map(|at| &at.values)
                    .map(|block| block.six)
                    .collect();
                if let [six] = six.iter().copied().collect::<Vec<_>>().as_slice() {
                    return [((!six, *six), name())].into();
                }
                // By name: the order of an inventory means nothing.
                let mut first: BTreeMap<Families, String> = BTreeMap::new();
                for row in 0..count {
                    let blocks = class
                        .at
                        .iter()
                        .filter_map(|at| at.values.get(*at.rows.get(row)? as usize));
                    let families = blocks.fold((false, false), |(four, six), block| {
                        (four || !block.six, six || block.six)
                    });
                    let member = || fleet.map_or_else(name, |fleet| fleet.member(row).to_owned());
                    match first.get_mut(&families) {
                        Some(known) if fleet.is_some_and(|fleet| fleet.member(row) < known.as_str()) => {
                            *known = member();
                        }
                        Some(_) => {}
                        None => drop(first.insert(families, member())),
                    }
                }
                first.into_iter().collect()
            }
            Detail::Workload(workload) if !workload.at.is_empty() => {
                let families = workload
                    .at
                    .iter()
                    .fold((false, false), |(four, six), (block, _)| {
                        (four || !block.six, six || block.six)
                    });
                [(families, name())].into()
            }
            Detail::External(external) => {
                let families = external
                    .at
                    .iter()
                    .fold((false, false), |(four, six), (address, _)| match address {
                        Address::Block(block) => (four || !block.six, six || block.six),
                        Address::Host(_) => (true, true),
                    });
                [(families, name())].into()
            }
            // What we make of a balancer or a database has IPv4 addresses only.
            Detail::Resource if thing.existing.is_none() => [((true, false), name())].into(),
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource => {
                [(of_place(), name())].into()
            }
        }
    }
}

/// The families in which a protocol exists.
const fn families_of_protocol(number: u8) -> Families {
    match number {
        1 => (true, false),
        58 => (false, true),
        _ => (true, true),
    }
}

fn have_common(one: Families, other: Families, of: Families) -> bool {
    // Who has no address at all was reported.
    let is_known = |families: Families| families != (false, false);
    !is_known(one) || !is_known(other) || one.0 && other.0 && of.0 || one.1 && other.1 && of.1
}

fn shown((four, six): Families) -> &'static str {
    match (four, six) {
        (true, true) => "an IPv4 and an IPv6",
        (false, true) => "an IPv6",
        (true, false) | (false, false) => "an IPv4",
    }
}
