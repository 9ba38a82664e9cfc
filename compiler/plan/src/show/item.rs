//! Changes as items.

use std::collections::{BTreeMap, BTreeSet};

use super::{Item, names};
use crate::spec::Reason;
use crate::told::{Change, Flow, Kind, Request};

/// Changes as items: several subjects of which the same is said are one.
pub(super) fn accesses(changes: &[&Change], actions: bool) -> Vec<Item> {
    let mut items: Vec<(Item, BTreeSet<&str>, &Change)> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for change in changes {
        let item = access(change, actions);
        let said = format!(
            "{}\n{}\n{:?}\n{:?}",
            item.sign,
            change.object,
            item.notes,
            tail(change)
        );
        // What a subject does under its own name (a role of its own) is told of each.
        match known.get(&said).and_then(|at| items.get_mut(*at)) {
            Some((item, subjects, _)) if change.kind != Kind::Moved && change.kind != Kind::Renamed => {
                item.count += 1;
                subjects.insert(&change.subject);
            }
            Some(_) | None => {
                known.insert(said, items.len());
                items.push((item, BTreeSet::from([change.subject.as_str()]), change));
            }
        }
    }
    // Several objects of which the same is said to the same subjects are one as well.
    let mut together: Vec<(Item, BTreeSet<&str>, BTreeSet<&str>, &Change)> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (item, subjects, change) in items {
        let said = format!(
            "{}\n{subjects:?}\n{:?}\n{:?}\n{:?}",
            item.sign,
            item.notes,
            item.risks,
            tail(change)
        );
        match known.get(&said).and_then(|at| together.get_mut(*at)) {
            Some((whole, _, objects, _)) if change.kind != Kind::Moved && change.kind != Kind::Renamed => {
                whole.count += item.count;
                objects.insert(&change.object);
            }
            Some(_) | None => {
                known.insert(said, together.len());
                together.push((item, subjects, BTreeSet::from([change.object.as_str()]), change));
            }
        }
    }
    let together = together.into_iter();
    together
        .map(|(item, subjects, objects, change)| Item {
            head: head(change, &subjects, &objects),
            ..item
        })
        .collect()
}

/// What is gained and lost, in words.
fn tail(change: &Change) -> String {
    match (change.gains.is_empty(), change.loses.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!(": {}", change.gains),
        (true, false) => format!(": {}", change.loses),
        (false, false) => format!(": gains {}, loses {}", change.gains, change.loses),
    }
}

fn head(change: &Change, subjects: &BTreeSet<&str>, objects: &BTreeSet<&str>) -> String {
    match change.kind {
        Kind::Renamed => format!("{} -> {}", change.subject, change.object),
        Kind::Moved => {
            let was = change.was.as_deref().unwrap_or("");
            let is = change.is.as_deref().unwrap_or("");
            format!("{}: {was} -> {is}", change.subject)
        }
        Kind::Gained | Kind::Widened | Kind::Both | Kind::Narrowed | Kind::Lost => {
            let listed = |all: &BTreeSet<&str>, word: &str| match all.len() {
                0 | 1 => names(all),
                count => format!("{count} {word} ({})", names(all)),
            };
            let (who, what) = (listed(subjects, "subjects"), listed(objects, "objects"));
            format!("{who} -> {what}{}", tail(change))
        }
    }
}

fn access(change: &Change, actions: bool) -> Item {
    let mut notes = Vec::new();
    match change.kind {
        Kind::Moved => {
            if !change.follows.is_empty() {
                let count = change.follows.len();
                let ends: Vec<String> = change
                    .follows
                    .iter()
                    .map(|(subject, object)| format!("{subject} -> {object}"))
                    .collect();
                let ends: BTreeSet<&str> = ends.iter().map(String::as_str).collect();
                let word = if count == 1 { "access goes" } else { "accesses go" };
                notes.push(format!("{count} {word} with it: {}", names(&ends)));
            }
        }
        Kind::Widened | Kind::Both | Kind::Narrowed => {
            if let Some(was) = &change.was {
                notes.push(format!("was: {was}"));
            }
            if let Some(is) = &change.is {
                notes.push(format!("is:  {is}"));
            }
        }
        Kind::Gained | Kind::Lost | Kind::Renamed => {}
    }
    if change.is_declared {
        notes.push("as declared: no guard that is emitted stands on the way".to_owned());
    }
    // Of a thing that is moved the reasons are those of what was there before.
    if change.kind != Kind::Moved {
        notes.extend(change.reasons.iter().map(reason_line));
    }
    if actions {
        notes.extend(change.more.iter().map(|request| request_line("+", request)));
        notes.extend(change.less.iter().map(|request| request_line("-", request)));
        notes.extend(change.opened.iter().map(|flow| flow_line("+", flow)));
        notes.extend(change.closed.iter().map(|flow| flow_line("-", flow)));
    }
    Item {
        sign: format!("{} {}", change.kind.sign(), change.kind.word()),
        head: String::new(),
        risks: change.risks.iter().map(|risk| risk.word()).collect(),
        notes,
        sort: change.kind.word(),
        count: 1,
    }
}

/// `trust app.kdl:21, because "Avatars", owner core, ends 2027-06-30`.
pub(super) fn reason_line(reason: &Reason) -> String {
    let word = match (reason.sort, reason.was) {
        ("file", false) => "for",
        ("file", true) => "was for",
        (sort, false) => sort,
        ("trust", true) => "was trust",
        ("baseline", true) => "was baseline",
        (_, true) => "was declared",
    };
    let mut line = format!("{word} {}", reason.line);
    if let Some(because) = &reason.because {
        line.push_str(&format!(", because \"{because}\""));
    }
    if let Some(owner) = &reason.owner {
        line.push_str(&format!(", owner {owner}"));
    }
    if let Some(ends) = &reason.ends {
        line.push_str(&format!(", ends {ends}"));
    }
    line
}

pub(super) fn request_line(sign: &str, request: &Request) -> String {
    let when = if request.when.is_empty() {
        String::new()
    } else {
        format!(" when {}", request.when)
    };
    format!(
        "{sign} {} on {}{when}",
        request.actions.join(" "),
        request.resources.join(" ")
    )
}

fn flow_line(sign: &str, flow: &Flow) -> String {
    if flow.egress {
        format!("{sign} {} out of {} to {}", flow.ports, flow.guard, flow.peer)
    } else {
        format!("{sign} {} into {} from {}", flow.ports, flow.guard, flow.peer)
    }
}
