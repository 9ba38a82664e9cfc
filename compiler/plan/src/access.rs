//! Accesses that one side permits and the other does not.

use std::collections::BTreeMap;

use pattern::boxes::{self, Rectangle};
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::union::Budget;
use read::facts::Facts;
use read::facts::document::{Document, Effect, Guard, PrincipalName, Principals};

use crate::AccessChange;
use crate::file::Changed;
use crate::letters::Letters;

/// What each principal may do: rectangles by (principal, action).
type Grants = BTreeMap<(String, String), Vec<Rectangle>>;

/// What is gained and lost from one side to another.
pub(crate) fn both(
    old: Option<&Facts>,
    new: Option<&Facts>,
    changed: &Changed<'_>,
) -> (Vec<AccessChange>, Vec<AccessChange>) {
    let mut letters = Letters::default();
    // What a document says on both sides alike is gained by nobody. It counts for what another one says.
    let mut grants = |facts: Option<&Facts>, is_meant: &dyn Fn(&Document) -> bool, only: Option<&Grants>| {
        let found = facts.map(|facts| grants(facts, &mut letters, is_meant, only));
        found.unwrap_or_default()
    };
    let is_changed = |document: &Document| changed.has(&document.place.path);
    let (ours, theirs) = (grants(new, &is_changed, None), grants(old, &is_changed, None));
    let (all_theirs, all_ours) = (
        grants(old, &|_| true, Some(&ours)),
        grants(new, &|_| true, Some(&theirs)),
    );
    (
        beyond(ours, &all_theirs, &letters),
        beyond(theirs, &all_ours, &letters),
    )
}

/// What `left` permits beyond `right`.
fn beyond(left: Grants, right: &Grants, letters: &Letters) -> Vec<AccessChange> {
    let nothing = Vec::new();
    // (principal, resource, when) → actions, then (principal, actions, when) → resources: few lines for people.
    let mut by_resource: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    for ((principal, action), rectangles) in left {
        let against = right
            .get(&(principal.clone(), action.clone()))
            .unwrap_or(&nothing);
        let mut budget = Budget::of_guard();
        for rectangle in rectangles {
            if against.contains(&rectangle) {
                continue;
            }
            // What cannot be decided is shown: a plan errs to the side of saying so.
            if matches!(boxes::covers(against, &rectangle, &mut budget), Ok(None)) {
                continue;
            }
            let (pattern, when) = rectangle;
            let key = (principal.clone(), letters.show(&pattern), condition(&when));
            by_resource.entry(key).or_default().push(action.clone());
        }
    }
    let mut by_actions: BTreeMap<(String, Vec<String>, String), Vec<String>> = BTreeMap::new();
    for ((principal, resource, when), mut actions) in by_resource {
        actions.sort();
        actions.dedup();
        by_actions
            .entry((principal, actions, when))
            .or_default()
            .push(resource);
    }
    by_actions
        .into_iter()
        .map(|((principal, actions, when), resources)| AccessChange {
            principal,
            actions,
            resources,
            when,
        })
        .collect()
}

fn condition(when: &Region) -> String {
    if when.is_everything() {
        String::new()
    } else {
        when.to_string()
    }
}

/// What some documents grant; of the keys of another side, if they are given.
fn grants(
    facts: &Facts,
    letters: &mut Letters,
    is_meant: &dyn Fn(&Document) -> bool,
    only: Option<&Grants>,
) -> Grants {
    let mut grants = Grants::new();
    if only.is_some_and(BTreeMap::is_empty) {
        return grants;
    }
    for document in facts.documents.iter().filter(|document| is_meant(document)) {
        let (own, is_self) = match &document.guard {
            Guard::Identity(address) | Guard::Device(address) | Guard::Rule(address) => (address, true),
            Guard::Trust(address) | Guard::Resource(address) => (address, false),
            // Neither gives access to anybody: they only narrow.
            Guard::Boundary(_) | Guard::Endpoint(_) => continue,
        };
        for statement in document
            .statements
            .iter()
            .filter(|statement| statement.effect == Effect::Allow)
        {
            let principals = match &statement.principals {
                None => vec![own.clone()],
                Some(Principals::Anyone) => vec!["everybody".to_owned()],
                Some(Principals::These(names)) => names.iter().map(name).collect(),
            };
            let is_asked = |principal: &String| {
                only.is_none_or(|only| {
                    let mut own = only.range((principal.clone(), String::new())..);
                    own.next().is_some_and(|((other, _), _)| other == principal)
                })
            };
            let principals: Vec<String> = principals.into_iter().filter(is_asked).collect();
            if principals.is_empty() {
                continue;
            }
            let when = letters.region(facts, &statement.when);
            let resources: Vec<Pattern> = if is_self || !statement.resources.is_empty() {
                statement
                    .resources
                    .iter()
                    .map(|pattern| letters.pattern(facts, pattern))
                    .collect()
            } else {
                Pattern::literal(own).into_iter().collect()
            };
            // `*` in a thing's own policy is that thing.
            let everything = Pattern::everything();
            let resources = resources.into_iter().map(|pattern| {
                if !is_self && pattern == everything {
                    Pattern::literal(own).unwrap_or(pattern)
                } else {
                    pattern
                }
            });
            let resources: Vec<Pattern> = resources.collect();
            for principal in &principals {
                for action in &statement.actions {
                    let key = (principal.clone(), letters.show(action));
                    if only.is_some_and(|only| !only.contains_key(&key)) {
                        continue;
                    }
                    let into = grants.entry(key).or_default();
                    into.extend(resources.iter().map(|pattern| (pattern.clone(), when.clone())));
                }
            }
        }
    }
    grants
}

fn name(name: &PrincipalName) -> String {
    match name {
        PrincipalName::Role(arn) | PrincipalName::Federated(arn) => arn.clone(),
        PrincipalName::Account(number) => format!("account {number}"),
        PrincipalName::Service(service) => service.clone(),
    }
}
