//! Labels of IAM documents in files of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{self, Decision, Request, Scope};
use super::fault::Faults;
use super::letter::{self, Letter};
use super::policy::{self, Kind, Statement};
use super::{Difference, Label, worse};
use crate::mutate::json;

/// The statements of one guard, with the file of each.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    statements: Vec<Statement>,
    /// Files without a statement.
    empty: Vec<String>,
}

/// Guards by kind and name.
pub type Guards = BTreeMap<(Kind, String), Guard>;

/// What a path says: the kind, and the name of the guard.
fn named(path: &str) -> Option<(Kind, String)> {
    let parts: Vec<&str> = path.split('/').collect();
    let ["aws", account, folder, file] = parts.as_slice() else {
        return None;
    };
    let (name, sort) = file.strip_suffix(".json")?.rsplit_once('.')?;
    let further = |sort: &str| {
        sort.strip_prefix("identity-")
            .and_then(|n| n.parse::<u32>().ok())
            .is_some_and(|n| (2..10_000).contains(&n))
    };
    if name.is_empty() || account.is_empty() {
        return None;
    }
    match (*folder, sort) {
        ("iam", "trust") => Some((Kind::Trust, format!("{account}/{name}"))),
        ("iam", "identity") => Some((Kind::Identity, format!("{account}/{name}"))),
        ("iam", sort) if further(sort) => Some((Kind::Identity, format!("{account}/{name}"))),
        ("resources", "policy") => Some((Kind::Resource, format!("{account}/{name}"))),
        _ => None,
    }
}

/// Reads the files that differ from `other`, and all files of the guards that they belong to.
fn guards(
    files: &BTreeMap<String, Vec<u8>>,
    concerned: &BTreeSet<(Kind, String)>,
    faults: &mut Faults,
) -> Guards {
    let mut guards = Guards::new();
    for (path, bytes) in files {
        let Some(guard) = named(path) else {
            faults.unreadable("a file that is no document");
            continue;
        };
        if !concerned.contains(&guard) {
            continue;
        }
        let mut found = Faults::default();
        let document = match json::parse(bytes) {
            Ok(document) => document,
            Err(what) => {
                faults.unreadable(&what);
                continue;
            }
        };
        if document.repeated(true).is_some() {
            faults.unreadable("a name that stands twice");
            continue;
        }
        let statements = policy::read(&document, guard.0, &mut found);
        faults.absorb(found);
        let into = guards.entry(guard).or_default();
        if statements.is_empty() {
            into.empty.push(path.clone());
        }
        into.statements.extend(statements);
    }
    guards
}

/// What the resources of a resource's own policy can be: what the original names, and for a bucket it and its objects.
fn scope(kind: Kind, before: &[Statement]) -> Scope {
    match kind {
        Kind::Trust => Scope::None,
        Kind::Identity | Kind::Iot | Kind::Endpoint => Scope::All,
        Kind::Resource => {
            let mut own = BTreeSet::new();
            for name in before.iter().flat_map(|statement| &statement.resources) {
                let text = letter::spell(name);
                match text.strip_prefix("arn:aws:s3:::") {
                    Some(rest) => {
                        let bucket = rest.split('/').next().unwrap_or_default();
                        let named = |text: String| letter::read(&text, true, letter::Engine::Iam).ok();
                        own.extend(named(format!("arn:aws:s3:::{bucket}")));
                        own.extend(named(format!("arn:aws:s3:::{bucket}/*")));
                    }
                    None if name.as_slice() == [Letter::Any] => {}
                    None => drop(own.insert(name.clone())),
                }
            }
            Scope::Own(own.into_iter().collect())
        }
    }
}

/// Labels a mutant of documents.
#[must_use]
pub fn label(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Label {
    let concerned = concerned(before, after);
    let mut faults = Faults::default();
    let old = guards(before, &concerned, &mut faults);
    assert!(faults.is_empty(), "the original cannot be read: {faults:?}");
    let new = guards(after, &concerned, &mut faults);
    if let Some(what) = faults.unreadable.first() {
        return Label::Unreadable(what.clone());
    }
    if let Some(what) = faults.undecided.first() {
        return Label::Undecided(what.clone());
    }
    let known: BTreeSet<(Kind, String)> = before.keys().filter_map(|path| named(path)).collect();
    let roles: BTreeSet<&String> = known
        .iter()
        .filter(|(kind, _)| *kind != Kind::Resource)
        .map(|(_, name)| name)
        .collect();
    let mut worst = Label::Equal;
    for guard in concerned {
        let (old, new) = (
            old.get(&guard).cloned().unwrap_or_default(),
            new.get(&guard).cloned().unwrap_or_default(),
        );
        let is_known = if guard.0 == Kind::Resource {
            known.contains(&guard)
        } else {
            roles.contains(&guard.1)
        };
        let label = if is_known {
            compare(&guard, &old, &new)
        } else {
            Label::Idle(format!("{guard:?} is attached to nothing"))
        };
        worst = worse(worst, label);
    }
    worst
}

fn concerned(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
) -> BTreeSet<(Kind, String)> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path))
        .filter_map(|path| named(path))
        .collect()
}

fn compare(guard: &(Kind, String), old: &Guard, new: &Guard) -> Label {
    let engine = guard.0.engine();
    let scope = scope(guard.0, &old.statements);
    let split = old.statements.len();
    let all: Vec<Statement> = old.statements.iter().chain(&new.statements).cloned().collect();
    let ways = cells::ways(&all, &scope, engine);
    for (mask, request) in &ways {
        let before = cells::decide(&all, mask, &|index| index < split);
        let after = cells::decide(&all, mask, &|index| index >= split);
        if before != after {
            let guard = format!("{:?} {}", guard.0, guard.1);
            return Label::Changed(Difference::Request {
                guard,
                request: request.clone(),
                before,
                after,
            });
        }
    }
    for removed in split..all.len() {
        let needed = ways.iter().any(|(mask, _)| {
            let whole = cells::decide(&all, mask, &|index| index >= split);
            whole != cells::decide(&all, mask, &|index| index >= split && index != removed)
        });
        if !needed {
            return Label::Idle(format!("statement {} of {guard:?}", removed - split));
        }
    }
    match new.empty.first() {
        Some(path) => Label::Idle(format!("{path} says nothing")),
        None => Label::Equal,
    }
}

/// Labels a document that is the whole of its guard.
#[must_use]
pub fn compare_texts(kind: Kind, name: &str, before: &[u8], after: &[u8]) -> Label {
    compare_all(kind, name, &[before], &[after])
}

/// Reads the documents of one guard.
fn read_all(kind: Kind, name: &str, documents: &[&[u8]], faults: &mut Faults) -> Guard {
    let mut guard = Guard::default();
    for bytes in documents {
        let document = json::parse(bytes).unwrap_or_else(|what| {
            faults.unreadable(&what);
            json::Json::Null
        });
        if document.repeated(true).is_some() {
            faults.unreadable("a name that stands twice");
        }
        let statements = policy::read(&document, kind, faults);
        if statements.is_empty() {
            guard.empty.push(name.to_owned());
        }
        guard.statements.extend(statements);
    }
    guard
}

/// Labels the documents of one guard.
#[must_use]
pub fn compare_all(kind: Kind, name: &str, before: &[&[u8]], after: &[&[u8]]) -> Label {
    let mut faults = Faults::default();
    let mut read = |documents: &[&[u8]]| read_all(kind, name, documents, &mut faults);
    let (old, new) = (read(before), read(after));
    if let Some(what) = faults.unreadable.first() {
        return Label::Unreadable(what.clone());
    }
    match faults.undecided.first() {
        Some(what) => Label::Undecided(what.clone()),
        None => compare(&(kind, name.to_owned()), &old, &new),
    }
}

/// What the guards of one kind that differ say to a request: the original and the mutant, a pair each.
#[must_use]
pub fn replay(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
    kind: Kind,
    request: &Request,
) -> Vec<(Decision, Decision)> {
    let concerned = concerned(before, after);
    let mut faults = Faults::default();
    let (old, new) = (
        guards(before, &concerned, &mut faults),
        guards(after, &concerned, &mut faults),
    );
    let mut out = Vec::new();
    for guard in concerned.iter().filter(|(of, _)| *of == kind) {
        let statements = |of: &Guards| {
            of.get(guard)
                .map(|guard| guard.statements.clone())
                .unwrap_or_default()
        };
        let (old, new) = (statements(&old), statements(&new));
        let scope = scope(kind, &old);
        let say = |statements: &[Statement]| answer(kind, &scope, statements, request);
        out.push((say(&old), say(&new)));
    }
    out
}

fn answer(kind: Kind, scope: &Scope, statements: &[Statement], request: &Request) -> Decision {
    let mask: Vec<bool> = statements
        .iter()
        .map(|statement| cells::is_matched(statement, request, scope, kind.engine()))
        .collect();
    cells::decide(statements, &mask, &|_| true)
}

/// Whether two sets of documents of one guard answer a request differently.
#[must_use]
pub fn replay_all(kind: Kind, before: &[&[u8]], after: &[&[u8]], request: &Request) -> bool {
    let read = |documents| read_all(kind, "", documents, &mut Faults::default()).statements;
    let (old, new) = (read(before), read(after));
    let scope = scope(kind, &old);
    answer(kind, &scope, &old, request) != answer(kind, &scope, &new, request)
}
