//! What each member of a class reaches. A right and a thing are compared once, whatever the number of members.

use std::collections::{BTreeMap, BTreeSet};

use model::place::SegmentId;
use model::thing::{Detail, ThingId};
use pattern::region::Region;

use super::{Counted, Everything, listeners};
use crate::reach::{Decided, Question, Reached, Relation};
use crate::rows::{Members, Rows, Unlike};
use crate::sets::{Objects, Subjects};

/// What members reach, by row; `None` if it would take too long to say.
pub(super) fn reached(
    relation: &Relation<'_>,
    everything: &Everything,
    class: ThingId,
    rows: &Rows,
    decided: &mut Decided,
) -> Option<BTreeMap<usize, BTreeSet<Counted>>> {
    let fleets = &relation.sets.fleets;
    let all = fleets.rows(&Members {
        class,
        rows: rows.clone(),
    });
    let mut found: BTreeMap<usize, BTreeSet<Counted>> =
        all.iter().map(|row| (*row, BTreeSet::new())).collect();
    let subjects = Subjects {
        things: BTreeMap::from([(class, rows.clone())]),
        ..Subjects::default()
    };
    let (context, attributes) = (Region::everything(), BTreeMap::new());
    let objects = everything.near(relation, &subjects);
    let mut is_decided = true;
    let question = Question {
        subjects: &subjects,
        objects: &objects,
        connects: true,
        unlike: Unlike::Any,
        context: &context,
        attributes: &attributes,
        source: None,
    };
    relation.each_act(&question, decided, &mut |right, ready, hit| {
        let Some(thing) = hit.thing.filter(|_| !relation.is_aside(class, &hit)) else {
            return;
        };
        // One row is known already; a right of everybody is every row's.
        let own = right.members.as_ref().map(|members| Members {
            class: members.class,
            rows: rows.clone(),
        });
        let mut left = right.side();
        left.members = own.as_ref();
        let met = match own {
            Some(_) => fleets.rows_meeting(left, ready.side()),
            None => Some(all.clone()),
        };
        match met {
            Some(met) => {
                for row in met {
                    found.entry(row).or_default().insert(Counted::Thing(thing));
                }
            }
            None => is_decided = false,
        }
    });
    if !is_decided {
        return None;
    }
    for rows in alike(relation, class, &all) {
        let Some(first) = rows.first() else { continue };
        let subjects = Subjects {
            things: BTreeMap::from([(class, Rows::These([*first].into()))]),
            ..Subjects::default()
        };
        let no_acts = Objects {
            wholes: everything.with_addresses(),
            ..Objects::default()
        };
        let mut met = BTreeSet::new();
        let question = Question {
            subjects: &subjects,
            objects: &no_acts,
            ..question
        };
        relation.each(&question, &mut |_, reached| {
            if let Reached::Packet(packet) = reached {
                met.extend(listeners(relation, &packet));
            }
        });
        for row in rows {
            found.entry(row).or_default().extend(met.iter().copied());
        }
    }
    Some(found)
}

/// A segment, and the values of each `at` there.
type Seat = (Option<SegmentId>, Vec<Option<u32>>);

/// Rows of one segment and the same addresses: packets do not tell them apart.
fn alike(relation: &Relation<'_>, class: ThingId, rows: &[usize]) -> Vec<Vec<usize>> {
    let thing = relation.sets.model.things.get(class);
    let at = match thing.map(|thing| &thing.detail) {
        Some(Detail::Class(detail)) => detail.at.as_slice(),
        Some(Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource) | None => &[],
    };
    let mut by_seat: BTreeMap<Seat, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let addresses = at.iter().map(|text| text.rows.get(*row).copied());
        let home = relation.sets.fleets.home(class, *row);
        by_seat.entry((home, addresses.collect())).or_default().push(*row);
    }
    by_seat.into_values().collect()
}
