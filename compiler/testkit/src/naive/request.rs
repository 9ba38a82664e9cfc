//! Requests: whether one identity may do one action on one word, in some context.

use std::collections::{BTreeMap, BTreeSet};

use super::actor::Actor;
use super::glob;
use crate::label::letter::{self, Engine, Letter};
use crate::label::policy::{Kind, Statement, Who};

/// What the object's own policy says, and whose account it is in.
#[derive(Clone, Debug, Default)]
pub struct Perimeter {
    /// The account, by name.
    pub account: String,
    /// Its number.
    pub number: String,
    /// The region in which it is asked, if its address says one.
    pub region: Option<String>,
    /// Its policy's statements.
    pub statements: Vec<Statement>,
    /// Its policy is another's, and grants what it is asked to.
    pub is_theirs: bool,
    /// Nothing but its own policy grants within its account: a key.
    pub decides_alone: bool,
}

/// A request with its context open, but for what is fixed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Lower case.
    pub action: &'a str,
    /// On what.
    pub word: &'a str,
    /// Keys of the context that the question fixes.
    pub fixed: &'a BTreeMap<String, Option<String>>,
}

/// Whether the documents of both sides allow a request, in some context.
#[must_use]
pub fn is_allowed(actor: &Actor, perimeter: &Perimeter, request: Request<'_>) -> bool {
    let action = glob::word(&request.action.to_lowercase());
    let word = glob::word(request.word);
    let engine = actor.kind.engine();
    let own: Vec<&Statement> = actor
        .statements
        .iter()
        .filter(|statement| {
            concerns(statement, &action)
                && statement
                    .resources
                    .iter()
                    .any(|name| letter::matches(name, &word))
        })
        .collect();
    let theirs: Vec<&Statement> = perimeter
        .statements
        .iter()
        .filter(|statement| concerns(statement, &action) && names(statement, actor.role.as_deref()))
        .filter(|statement| {
            statement
                .resources
                .iter()
                .any(|name| *name == [Letter::Any] || letter::matches(name, &word))
        })
        .collect();
    let denies: Vec<&Statement> = own
        .iter()
        .chain(&theirs)
        .copied()
        .filter(|statement| statement.deny)
        .collect();
    let allows = |side: &[&'_ Statement]| side.iter().filter(|statement| !statement.deny).count();
    let own_allow: Vec<&Statement> = own.iter().copied().filter(|statement| !statement.deny).collect();
    let their_allow: Vec<&Statement> = theirs
        .iter()
        .copied()
        .filter(|statement| !statement.deny)
        .collect();
    debug_assert!(allows(&own) == own_allow.len());
    let grants: Vec<Vec<&Statement>> = if actor.kind == Kind::Iot {
        // Of others' policies, only what everybody may.
        own_allow
            .iter()
            .chain(&their_allow)
            .map(|one| vec![*one])
            .collect()
    } else if perimeter.is_theirs {
        // Its owner is taken to grant what was asked for: the other half decides.
        own_allow.iter().map(|one| vec![*one]).collect()
    } else if perimeter.decides_alone && actor.number == perimeter.number {
        their_allow.iter().map(|one| vec![*one]).collect()
    } else if actor.number == perimeter.number {
        own_allow
            .iter()
            .chain(&their_allow)
            .map(|one| vec![*one])
            .collect()
    } else {
        let pairs = own_allow
            .iter()
            .flat_map(|one| their_allow.iter().map(move |other| vec![*one, *other]));
        pairs.collect()
    };
    let mut known = actor.context.clone();
    known.insert("aws:resourceaccount".to_owned(), Some(perimeter.number.clone()));
    if let Some(region) = &perimeter.region {
        known.insert("aws:requestedregion".to_owned(), Some(region.clone()));
    }
    known.extend(request.fixed.clone());
    grants
        .iter()
        .any(|grant| has_context(grant, &denies, &known, engine))
        || their_allow
            .iter()
            .any(|one| is_open(one, &theirs, perimeter, &request, engine))
}

/// Whether a statement lets in who shows no credentials: anybody may leave them out.
fn is_open(
    allow: &Statement,
    theirs: &[&Statement],
    perimeter: &Perimeter,
    request: &Request<'_>,
    engine: Engine,
) -> bool {
    let is_anyone = |statement: &Statement| statement.who.iter().any(|who| matches!(who, Who::Anyone));
    if perimeter.is_theirs || !is_anyone(allow) {
        return false;
    }
    let denies: Vec<&Statement> = theirs
        .iter()
        .copied()
        .filter(|statement| statement.deny && is_anyone(statement))
        .collect();
    let terms = denies.iter().flat_map(|deny| &deny.terms).chain(&allow.terms);
    // Who shows none has none of these.
    let absent = terms.filter(|term| term.key.starts_with("aws:principal") || term.key == "aws:userid");
    let mut known: BTreeMap<String, Option<String>> = absent.map(|term| (term.key.clone(), None)).collect();
    known.insert("aws:resourceaccount".to_owned(), Some(perimeter.number.clone()));
    if let Some(region) = &perimeter.region {
        known.insert("aws:requestedregion".to_owned(), Some(region.clone()));
    }
    known.extend(request.fixed.clone());
    has_context(&[allow], &denies, &known, engine)
}

fn concerns(statement: &Statement, action: &[Letter]) -> bool {
    statement.actions.iter().any(|name| letter::matches(name, action))
}

fn names(statement: &Statement, role: Option<&str>) -> bool {
    statement.who.iter().any(|who| match who {
        Who::Anyone => true,
        Who::Named(name) => Some(name.as_str()) == role,
        Who::Own => false,
    })
}

/// Whether some context passes all that is asked by what grants, and not all that is asked by any that denies.
pub(super) fn has_context(
    grant: &[&Statement],
    denies: &[&Statement],
    known: &BTreeMap<String, Option<String>>,
    engine: Engine,
) -> bool {
    let terms: Vec<_> = grant.iter().flat_map(|statement| &statement.terms).collect();
    let all: Vec<_> = terms
        .iter()
        .copied()
        .chain(denies.iter().flat_map(|statement| &statement.terms))
        .collect();
    let keys: BTreeSet<&String> = all.iter().map(|term| &term.key).collect();
    // Per key, the values that pass what grants.
    let mut choices: Vec<(&String, Vec<Option<String>>)> = Vec::new();
    for key in keys {
        let values: BTreeSet<Option<String>> = match known.get(key) {
            Some(value) => BTreeSet::from([value.clone()]),
            None => {
                let of_key = all.iter().filter(|term| term.key == *key);
                of_key
                    .flat_map(|term| term.boundaries(engine))
                    .map(Some)
                    .chain([None])
                    .collect()
            }
        };
        let passing: Vec<Option<String>> = values
            .into_iter()
            .filter(|value| {
                let mut of_key = terms.iter().filter(|term| term.key == *key);
                of_key.all(|term| term.passes(value.as_deref(), engine))
            })
            .collect();
        if passing.is_empty() {
            return false;
        }
        choices.push((key, passing));
    }
    let denied = |statement: &Statement, picked: &BTreeMap<&String, Option<String>>| {
        let value = |key: &String| picked.get(key).cloned().flatten();
        statement
            .terms
            .iter()
            .all(|term| term.passes(value(&term.key).as_deref(), engine))
    };
    if denies.is_empty() {
        return true;
    }
    choices.retain(|(key, _)| {
        denies
            .iter()
            .any(|statement| statement.terms.iter().any(|term| term.key == **key))
    });
    let mut picks: Vec<BTreeMap<&String, Option<String>>> = vec![BTreeMap::new()];
    for (key, values) in &choices {
        picks = picks
            .into_iter()
            .flat_map(|pick| {
                values.iter().map(move |value| {
                    let mut pick = pick.clone();
                    pick.insert(*key, value.clone());
                    pick
                })
            })
            .collect();
    }
    picks
        .iter()
        .any(|pick| !denies.iter().any(|statement| denied(statement, pick)))
}
