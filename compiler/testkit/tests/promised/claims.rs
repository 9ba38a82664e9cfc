//! Promises and tests of every pair of names of a spec.

use std::collections::BTreeSet;

use model::Model;
use model::kind::Kind;
use model::thing::{Detail, PartDetail, Thing, ThingId};
use testkit::mutate::seed::{self, Seed};

/// The file that they stand in, beside those of the spec.
pub const FILE: &str = "zz-generated.kdl";

/// More than this many of a spec are drawn from.
const MOST: usize = 400;

/// A name as an object: what is allowed of it, and the columns of its rows.
struct Object<'m> {
    name: String,
    capabilities: Vec<&'m str>,
    columns: BTreeSet<&'m str>,
}

/// A line each.
pub fn lines(model: &Model) -> Vec<String> {
    let objects = objects(model);
    let mut out = Vec::new();
    let mut classes = Vec::new();
    for (id, thing) in model.things.iter().filter(|(_, thing)| is_subject(model, thing)) {
        let subject = model.names.text(thing.name);
        if subject.contains(':') {
            continue;
        }
        if matches!(thing.detail, Detail::Class(_)) {
            classes.push(subject);
        }
        let columns = columns(model, id);
        for object in objects.iter().filter(|object| object.name != subject) {
            pair(subject, &columns, object, &mut out);
        }
        for role in roles(model, id) {
            out.push(format!("never {subject} -> {role} {{ because \"Generated\" }}"));
            out.push(format!(
                "never {subject} -> {role} {{ through control; because \"Generated\" }}"
            ));
        }
        out.extend((1..=6).map(|most| format!("limit {subject} {{ objects at-most={most} }}")));
    }
    if !classes.is_empty() {
        out.push(format!(
            "isolate {} {{ because \"Generated\" }}",
            classes.join(" ")
        ));
    }
    seed::sample(out, MOST, |line| kind(line), &mut Seed(3))
}

/// Other actors that have a role, and no place in the network: what they are reached by is their role.
fn roles(model: &Model, subject: ThingId) -> Vec<&str> {
    let has_role = |thing: &Thing| match &thing.detail {
        Detail::Workload(workload) => workload.segment.is_none() && thing.parts.is_empty(),
        Detail::People(_) => true,
        Detail::Class(_) | Detail::External(_) | Detail::Resource => false,
    };
    let others = model.things.iter().filter(|(id, _)| *id != subject);
    let with_role = others.filter(|(_, thing)| has_role(thing));
    let names = with_role.map(|(_, thing)| model.names.text(thing.name));
    names.filter(|name| !name.contains(':')).collect()
}

/// Which sort of line, and about what.
fn kind(line: &str) -> (String, String, bool) {
    let mut words = line.split_whitespace().map(str::to_owned);
    let (word, what) = (words.next().unwrap_or_default(), words.nth(2).unwrap_or_default());
    (word, what, line.contains("through"))
}

fn pair(subject: &str, columns: &BTreeSet<&str>, object: &Object<'_>, out: &mut Vec<String>) {
    let name = &object.name;
    out.push(format!("never {subject} -> {name} {{ because \"Generated\" }}"));
    for capability in &object.capabilities {
        if *capability != "connect" {
            out.push(format!(
                "never {subject} -> {name} {{ allow {capability}; because \"Generated\" }}"
            ));
        }
        out.push(format!(
            "test \"generated\" {{ as {subject} {{ cannot {capability} {name} }} }}"
        ));
    }
    for column in columns.intersection(&object.columns) {
        out.push(format!(
            "never {subject} -> {name} {{ differ {column}; because \"Generated\" }}"
        ));
    }
}

fn is_subject(model: &Model, thing: &Thing) -> bool {
    match thing.detail {
        Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => true,
        Detail::Resource => of(model, thing).is_some_and(|kind| kind.words.acts.is_some()),
    }
}

fn of<'m>(model: &'m Model, thing: &Thing) -> Option<&'m Kind> {
    model.kinds.get(thing.kind)
}

fn objects(model: &Model) -> Vec<Object<'_>> {
    let mut out = Vec::new();
    for (id, thing) in model.things.iter() {
        let name = model.names.text(thing.name);
        if name.contains(':') {
            continue;
        }
        if let (Detail::Resource, Some(kind)) = (&thing.detail, of(model, thing)) {
            let names = kind.words.capabilities.iter();
            let capabilities: Vec<&str> = names.map(|one| model.names.text(one.name)).collect();
            if !capabilities.is_empty() {
                out.push(Object {
                    name: name.to_owned(),
                    capabilities,
                    columns: thing
                        .family
                        .map(|class| columns(model, class))
                        .unwrap_or_default(),
                });
            }
        }
        let listeners = thing.parts.iter().filter_map(|part| model.parts.get(*part));
        for part in listeners.filter(|part| matches!(part.detail, PartDetail::Listener(_))) {
            out.push(Object {
                name: format!("{name}.{}", model.names.text(part.name)),
                capabilities: vec!["connect"],
                columns: columns(model, id),
            });
        }
    }
    out
}

/// The columns of a class.
fn columns(model: &Model, class: ThingId) -> BTreeSet<&str> {
    let fleet = match model.things.get(class).map(|thing| &thing.detail) {
        Some(Detail::Class(class)) => class.fleet.and_then(|fleet| model.fleets.get(fleet)),
        _ => None,
    };
    let columns = fleet.map_or(&[][..], |fleet| fleet.columns.as_slice());
    columns
        .iter()
        .map(|column| model.names.text(column.name))
        .filter(|name| *name != "name")
        .collect()
}

/// Of several limits of one subject only the tightest says something: those that are implied are left out.
pub fn tightest(lines: &[String]) -> Vec<String> {
    let mut limited = BTreeSet::new();
    let is_kept = |line: &&String| {
        let subject = line.split_whitespace().nth(1).unwrap_or_default();
        !line.starts_with("limit ") || limited.insert(subject.to_owned())
    };
    lines.iter().filter(is_kept).cloned().collect()
}
