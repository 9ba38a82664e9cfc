//! Environments side by side: each is compiled and proved alone, so two must not make one object.
//!
//! Whoever analyses an environment asks here whether another one makes the same; also where only one was chosen.

use std::collections::BTreeMap;

use diagnostics::{Code, Diagnostic, Report, Severity};
use graph::made::{Clients, Made};
use model::fleet::Fleet;
use source::Span;

use crate::Analysis;

/// Every code of this crate.
pub static CODES: &[&Code] = &[&MADE_TWICE];

static MADE_TWICE: Code = Code {
    name: "made-twice",
    severity: Severity::Error,
    summary: "two environments make one object",
    docs: include_str!("made_twice.md"),
};

/// How many objects are shown for one environment.
const PROBLEMS_MAX: usize = 20;

/// What is kept of each environment.
#[derive(Debug, Default)]
pub struct Environments {
    known: Vec<Environment>,
}

#[derive(Debug)]
struct Environment {
    name: String,
    made: BTreeMap<String, Made>,
    /// Per account and region, the devices that are things there.
    registries: BTreeMap<(String, String), Vec<Devices>>,
    clients: BTreeMap<(String, String), Vec<Clients>>,
}

/// The members of one class, without their attributes.
#[derive(Debug)]
struct Devices {
    class: String,
    fleet: Fleet,
}

impl Environments {
    /// Takes an environment and says nothing of it.
    pub fn add(&mut self, name: &str, analysis: &Analysis) {
        if !self.known.iter().any(|known| known.name == name) {
            self.known.push(Environment::of(name, analysis));
        }
    }

    /// Takes an environment and reports what it has in common with those that were taken before.
    pub fn ask(&mut self, name: &str, analysis: &Analysis, report: &mut Report) {
        let this = Environment::of(name, analysis);
        let others: Vec<&Environment> = self.known.iter().filter(|other| other.name != name).collect();
        objects(&others, &this, report);
        for other in others {
            devices(other, &this, report);
            clients(other, &this, report);
            clients(&this, other, report);
        }
        if !self.known.iter().any(|known| known.name == name) {
            self.known.push(this);
        }
    }
}

impl Environment {
    fn of(name: &str, analysis: &Analysis) -> Self {
        let model = &analysis.model;
        let mut registries: BTreeMap<(String, String), Vec<Devices>> = BTreeMap::new();
        let fleets: BTreeMap<_, _> = model
            .fleets
            .iter()
            .map(|(_, fleet)| (fleet.class, fleet))
            .collect();
        for (registry, classes) in graph::made::registries(model) {
            for class in classes {
                let (Some(thing), Some(fleet)) = (model.things.get(class), fleets.get(&class)) else {
                    continue;
                };
                registries.entry(registry.clone()).or_default().push(Devices {
                    class: model.names.text(thing.name).to_owned(),
                    fleet: Fleet {
                        class,
                        span: fleet.span,
                        file: None,
                        text: fleet.text.clone(),
                        bounds: fleet.bounds.clone(),
                        columns: Vec::new(),
                    },
                });
            }
        }
        Self {
            name: name.to_owned(),
            made: graph::made::made(model, &analysis.graph),
            registries,
            clients: graph::made::clients(model, &analysis.graph),
        }
    }
}

/// Reports each object that another environment makes too.
fn objects(others: &[&Environment], this: &Environment, report: &mut Report) {
    let mut shown = 0usize;
    let mut more = 0usize;
    for (address, mine) in &this.made {
        let makers = others
            .iter()
            .filter_map(|other| Some((other.name.as_str(), other.made.get(address)?)));
        let makers: Vec<(&str, &Made)> = makers.collect();
        let Some((_, theirs)) = makers.first() else {
            continue;
        };
        if shown == PROBLEMS_MAX {
            more += 1;
            continue;
        }
        shown += 1;
        let mut names: Vec<&str> = makers
            .iter()
            .map(|(name, _)| *name)
            .chain([this.name.as_str()])
            .collect();
        names.sort_unstable();
        let place = match &mine.account {
            Some(account) => format!(" in account `{account}`"),
            None => String::new(),
        };
        let message = format!(
            "the environments {} make the {}{place}",
            listed(&names),
            mine.called
        );
        report.push(
            pointing(
                Diagnostic::new(&MADE_TWICE, mine.span, message),
                mine.span,
                theirs.span,
            )
            .note("each environment is proved alone: of two that write one object, the last one wins")
            .help(mine.way_out.as_str()),
        );
    }
    if more > 0 {
        let message = format!(
            "`{}` makes {more} more objects that another environment makes",
            this.name
        );
        report.push(Diagnostic::global(&MADE_TWICE, message));
    }
}

/// `a` and `b` both; `a`, `b` and `c` all.
fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [one])) => format!("{one} and {last} both"),
        Some((last, rest)) => format!("{} and {last} all", rest.join(", ")),
        None => String::new(),
    }
}

fn pointing(diagnostic: Diagnostic, mine: Span, theirs: Span) -> Diagnostic {
    if mine == theirs {
        diagnostic
    } else {
        diagnostic.label(theirs, "the other one")
    }
}

/// Reports devices that are things of one registry in both.
fn devices(other: &Environment, this: &Environment, report: &mut Report) {
    for ((account, region), mine) in &this.registries {
        let Some(theirs) = other.registries.get(&(account.clone(), region.clone())) else {
            continue;
        };
        let (mine_sorted, theirs_sorted) = (sorted(mine), sorted(theirs));
        let mut rest = theirs_sorted.iter().peekable();
        let mut shared: BTreeMap<(&str, &str), (&str, usize, Span, Span)> = BTreeMap::new();
        for (name, one) in &mine_sorted {
            while rest.next_if(|(other, _)| other < name).is_some() {}
            if let Some((_, two)) = rest.peek().filter(|(other, _)| other == name) {
                shared
                    .entry((&two.class, &one.class))
                    .and_modify(|(_, count, _, _)| *count += 1)
                    .or_insert((name, 0, one.fleet.span, two.fleet.span));
            }
        }
        for ((two, one), (name, more, mine, theirs)) in shared {
            let more = match more {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let message = format!(
                "`{name}` is a device of `{two}` in the environment `{}` and of `{one}` in `{}`, and both are in account \
                 `{account}`{more}",
                other.name, this.name
            );
            report.push(
                pointing(Diagnostic::new(&MADE_TWICE, mine, message), mine, theirs)
                    .note("an account has one thing of a name: it would have what each environment grants")
                    .help("give each environment devices of its own, or put the environments into different accounts"),
            );
        }
    }
}

/// Reports who of one environment connects to the broker under names that a device, or another actor, of the other one has.
fn clients(one: &Environment, other: &Environment, report: &mut Report) {
    for (registry, actors) in &one.clients {
        let devices = other.registries.get(registry);
        let names = devices.map(|classes| sorted(classes)).unwrap_or_default();
        let others = other.clients.get(registry).map_or(&[][..], Vec::as_slice);
        for actor in actors {
            let first = names.partition_point(|(name, _)| *name < actor.prefix.as_str());
            let device = names
                .get(first)
                .filter(|(name, _)| name.starts_with(&actor.prefix));
            // One whose ids begin with the whole of another's: which of the two is looked at first does not matter.
            let nested = others
                .iter()
                .find(|two| two.prefix.starts_with(&actor.prefix) && two.prefix != actor.prefix);
            let device = device.map(|(name, devices)| (*name, devices.fleet.span));
            let Some((called, span)) = device.or_else(|| nested.map(|two| (two.actor.as_str(), two.span)))
            else {
                continue;
            };
            let message = format!(
                "`{}` of the environment `{}` connects to the broker as `{}…`, as `{called}` of `{}` does, and both are in account `{}`",
                actor.actor, one.name, actor.prefix, other.name, registry.0
            );
            report.push(
                pointing(Diagnostic::new(&MADE_TWICE, actor.span, message), actor.span, span)
                    .note("a broker knows a client by its id alone: it drops the older of two connections with one id")
                    .help("give the actor another `physical`, or put the environments into different accounts"),
            );
        }
    }
}

fn sorted(classes: &[Devices]) -> Vec<(&str, &Devices)> {
    let mut names: Vec<(&str, &Devices)> = classes
        .iter()
        .flat_map(|devices| (0..devices.fleet.len()).map(move |row| (devices.fleet.member(row), devices)))
        .collect();
    names.sort_unstable_by_key(|(name, devices)| (*name, devices.class.as_str()));
    names
}
