//! What stands around access as items: documents that only narrow, ways through the network, settings, things, chains.

use std::collections::{BTreeMap, BTreeSet};

use super::item::{reason_line, request_line};
use super::{Item, Section, names, section};
use crate::rest::{About, Beside};
use crate::told::chain::Chain;
use crate::told::{Narrowing, Plan};

pub(super) fn narrowing(one: &Narrowing) -> Item {
    let mut notes: Vec<String> = Vec::new();
    notes.extend(
        one.looser
            .iter()
            .map(|request| request_line("lets through", request)),
    );
    notes.extend(one.tighter.iter().map(|request| request_line("stops", request)));
    notes.extend(one.reasons.iter().map(reason_line));
    let word = match (one.looser.is_empty(), one.tighter.is_empty()) {
        (false, true) => "lets more through",
        (true, _) => "stops more",
        (false, false) => "lets other things through",
    };
    Item {
        head: format!("{}: {word}", one.of),
        notes,
        sort: "documents",
        count: 1,
        ..Item::default()
    }
}

pub(super) fn besides(all: &[Beside], is_brief: bool) -> Vec<Section> {
    let about = [
        (About::Network, "ways through the network", "ways"),
        (About::Setting, "settings", "settings"),
        (About::Device, "devices in the registry", "devices"),
        (About::Thing, "things", "things"),
    ];
    let sections = about.into_iter().map(|(about, title, sort)| {
        let own: Vec<&Beside> = all.iter().filter(|one| one.about == about).collect();
        let is_listed = about == About::Thing || (about == About::Device && is_brief);
        let items = if is_listed {
            listed(&own, sort)
        } else if is_brief && !own.is_empty() {
            let looser = own.iter().filter(|one| one.is_looser()).count();
            let looser = if looser > 0 {
                format!("; {looser} may let more through")
            } else {
                String::new()
            };
            // Ways are counted by their sort, settings told by what they are of.
            let mut sorts: BTreeMap<&str, usize> = BTreeMap::new();
            for one in &own {
                let sort = one.of.split(' ').next().unwrap_or("");
                *sorts.entry(sort).or_default() += 1;
            }
            let of = if about == About::Network {
                let sorts = sorts.iter().map(|(sort, count)| format!("{count} {sort}"));
                sorts.collect::<Vec<_>>().join(", ")
            } else {
                let of: BTreeSet<&str> = own.iter().map(|one| one.of.as_str()).collect();
                format!("of {}", names(&of))
            };
            vec![Item {
                head: format!("{of}{looser}; `--actions` shows them"),
                sort,
                count: own.len(),
                ..Item::default()
            }]
        } else {
            own.into_iter().map(|one| beside(one, sort)).collect()
        };
        section(title, items)
    });
    sections.filter(|section| !section.items.is_empty()).collect()
}

/// What was created, deleted and made otherwise, by name alone.
fn listed(own: &[&Beside], sort: &'static str) -> Vec<Item> {
    let lists = [
        ("created", true, false),
        ("deleted", false, true),
        ("made otherwise", true, true),
    ];
    let items = lists.into_iter().filter_map(|(word, more, less)| {
        let own = own
            .iter()
            .filter(|one| one.more.is_empty() != more && one.less.is_empty() != less);
        let of: BTreeSet<&str> = own.map(|one| one.of.as_str()).collect();
        (!of.is_empty()).then(|| Item {
            head: format!("{} {word}: {}", of.len(), names(&of)),
            sort,
            count: of.len(),
            ..Item::default()
        })
    });
    items.collect()
}

fn beside(one: &Beside, sort: &'static str) -> Item {
    let mut notes: Vec<String> = Vec::new();
    let said = |text: &str| {
        if text.is_empty() {
            "there".to_owned()
        } else {
            text.to_owned()
        }
    };
    notes.extend(one.less.iter().map(|line| format!("was: {}", said(line))));
    notes.extend(one.more.iter().map(|line| format!("is:  {}", said(line))));
    Item {
        head: one.of.clone(),
        notes,
        sort,
        count: 1,
        ..Item::default()
    }
}

pub(super) fn chains(plan: &Plan) -> Vec<Section> {
    let chains = &plan.chains;
    let mut sections = Vec::new();
    if let Some(why) = &chains.left_out {
        let item = Item {
            head: format!("{why}; `--chains` follows them"),
            sort: "chains",
            count: 0,
            ..Item::default()
        };
        sections.push(section("chains", vec![item]));
    }
    let lists = [
        ("chains that become possible", &chains.possible, "+ possible"),
        (
            "chains that become impossible",
            &chains.impossible,
            "- impossible",
        ),
    ];
    for (title, list, sign) in lists {
        if !list.is_empty() {
            sections.push(section(
                title,
                list.iter().map(|chain| of_chain(chain, sign)).collect(),
            ));
        }
    }
    sections
}

fn of_chain(chain: &Chain, sign: &str) -> Item {
    let mut head = chain.from.clone();
    for (at, step) in chain.steps.iter().enumerate() {
        let comma = if at > 0 { "; it" } else { "" };
        head.push_str(&format!("{comma} {} {}", step.how, step.to));
    }
    let lines: BTreeSet<&str> = chain
        .steps
        .iter()
        .flat_map(|step| step.lines.iter().map(String::as_str))
        .collect();
    let by = lines.into_iter().collect::<Vec<_>>().join(", ");
    Item {
        sign: sign.to_owned(),
        head,
        risks: if chain.controls {
            vec!["control"]
        } else {
            Vec::new()
        },
        notes: if by.is_empty() {
            Vec::new()
        } else {
            vec![format!("by {by}")]
        },
        sort: "chains",
        count: 1,
    }
}
