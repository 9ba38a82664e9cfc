//! One name is one thing of the broker: in an account and its region, no two classes have a device of one name.
//!
//! Classes whose names lie apart in the order of text, as most do, are told apart by their first and last name. Of the
//! others, the rows of the largest class stay where they are and are looked up by their own table; those of the rest go
//! into one more. So each row is looked at a few times, however many classes there are.

use std::collections::BTreeMap;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::actor::IdentityWord;
use model::fleet::{Fleet, FleetId};
use model::thing::Detail;

use super::BAD_INVENTORY;
use super::distinct::{Slot, Slots, hash};
use crate::cx::Cx;

pub(crate) static SHARED_MEMBER: Code = Code {
    name: "shared-member",
    severity: Severity::Error,
    summary: "two classes of one account have a device of one name",
    docs: include_str!("../pages/shared_member.md"),
};

/// The classes whose devices are things of one registry, with what each class is called.
type Registry<'m> = Vec<(Name, FleetId, &'m Fleet)>;

/// What two classes share: the rows of the first name, and how many more.
struct Shared {
    rows: (usize, usize),
    more: usize,
}

/// Reports classes that share a device.
pub(crate) fn check_names(cx: &mut Cx<'_, '_>) {
    let mut registries: BTreeMap<(Name, Name), Registry<'_>> = BTreeMap::new();
    let model = &cx.model;
    for (id, thing) in model.things.iter() {
        let Detail::Class(class) = &thing.detail else {
            continue;
        };
        let is_thing = class
            .identities
            .iter()
            .any(|identity| identity.word == IdentityWord::X509);
        let account = thing.account.or(model.project.default_account);
        let account = account.and_then(|account| model.accounts.get(account));
        let fleet = cx
            .fleets
            .get(&id)
            .and_then(|fleet| Some((*fleet, model.fleets.get(*fleet)?)));
        if let (true, Some(account), Some((id, fleet))) = (is_thing, account, fleet) {
            registries
                .entry((account.number, account.region))
                .or_default()
                .push((thing.name, id, fleet));
        }
    }
    let mut problems = Vec::new();
    for classes in registries.into_values().filter(|classes| classes.len() > 1) {
        for near in neighbours(classes) {
            one_registry(cx, near, &mut problems);
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

/// The classes in groups of two and more, of which none has a name between the first and the last name of another group.
fn neighbours(classes: Registry<'_>) -> Vec<Registry<'_>> {
    let mut spans = Vec::with_capacity(classes.len());
    for class in classes {
        let fleet = class.2;
        let names = || (0..fleet.len()).map(|row| fleet.member(row));
        if let (Some(first), Some(last)) = (names().min(), names().max()) {
            spans.push((first, last, class));
        }
    }
    spans.sort_unstable_by_key(|(first, last, _)| (*first, *last));
    let mut groups: Vec<Registry<'_>> = Vec::new();
    let mut end: Option<&str> = None;
    for (first, last, class) in spans {
        match (groups.last_mut(), end) {
            (Some(group), Some(reached)) if first <= reached => group.push(class),
            (Some(_) | None, _) => groups.push(vec![class]),
        }
        end = end.max(Some(last));
    }
    groups.retain(|group| group.len() > 1);
    groups
}

fn one_registry(cx: &Cx<'_, '_>, mut classes: Registry<'_>, problems: &mut Vec<Diagnostic>) {
    // By what they are called, so that the order of declarations moves no message.
    classes.sort_by_key(|(name, id, fleet)| (std::cmp::Reverse(fleet.len()), cx.text_of(*name), *id));
    let mut starts = Vec::with_capacity(classes.len());
    let mut rows = 0;
    for (_, _, fleet) in &classes {
        starts.push(rows);
        rows += fleet.len();
    }
    let at = |index: u32| {
        let index = index as usize;
        let class = starts.partition_point(|start| *start <= index).saturating_sub(1);
        let row = index - starts.get(class).copied().unwrap_or(0);
        (class, row)
    };
    let name = |index: u32| {
        let (class, row) = at(index);
        classes.get(class).map_or("", |(_, _, fleet)| fleet.member(row))
    };
    let largest = classes
        .first()
        .and_then(|(_, id, fleet)| Some((cx.rows.get(id)?, *fleet)));
    let mut slots = Slots::default();
    let mut shared: BTreeMap<(usize, usize), Shared> = BTreeMap::new();
    for (class, (_, _, fleet)) in classes.iter().enumerate().skip(1) {
        for row in 0..fleet.len() {
            let member = fleet.member(row);
            let in_largest = largest.and_then(|(rows, fleet)| rows.find(fleet, member));
            let earlier = match in_largest {
                Some(row) => Some((0, row)),
                None => {
                    let next = (starts.get(class).copied().unwrap_or(0) + row) as u32;
                    match slots.find(
                        hash(member),
                        next,
                        |index| name(index) == member,
                        |index| hash(name(index)),
                    ) {
                        Slot::Found(index) => Some(at(index)),
                        Slot::Taken => None,
                        Slot::Crowded => {
                            let message = "too many names of devices that are made to collide";
                            problems.push(Diagnostic::new(&BAD_INVENTORY, fleet.span, message));
                            return;
                        }
                    }
                }
            };
            if let Some((other, place)) = earlier {
                shared
                    .entry((other, class))
                    .and_modify(|shared| {
                        shared.more += 1;
                        if member < fleet.member(shared.rows.1) {
                            shared.rows = (place, row);
                        }
                    })
                    .or_insert(Shared {
                        rows: (place, row),
                        more: 0,
                    });
            }
        }
    }
    for ((one, two), shared) in shared {
        if let (Some(one), Some(two)) = (classes.get(one), classes.get(two)) {
            problems.push(diagnostic(cx, one, two, &shared));
        }
    }
}

fn diagnostic(
    cx: &Cx<'_, '_>,
    (one, _, first): &(Name, FleetId, &Fleet),
    (two, _, second): &(Name, FleetId, &Fleet),
    shared: &Shared,
) -> Diagnostic {
    let place = |fleet: &Fleet, row: usize| match &fleet.file {
        Some((file, _)) => format!("row {} of `{}`", row + 1, cx.text_of(*file)),
        None => format!("device {} of this fleet", row + 1),
    };
    let more = match shared.more {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let message = format!(
        "`{}` is a device of `{}` and of `{}`{more}",
        first.member(shared.rows.0),
        cx.text_of(*one),
        cx.text_of(*two)
    );
    Diagnostic::new(&SHARED_MEMBER, second.span, message)
        .label(second.span, place(second, shared.rows.1))
        .label(first.span, place(first, shared.rows.0))
        .note("an account has one thing of a name: what one class may, this device would have from both")
        .help("give the devices different names, or put the classes into different accounts")
}
