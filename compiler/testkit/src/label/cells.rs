//! Requests, one for each way in which statements can match: every principal, action, resource and context that some
//! statement tells from the others.
//!
//! Two requests that the same statements match are judged alike by any document made of these statements, so that one
//! of them is enough. Candidates are drawn from the texts of all statements, and "anything else" besides.

use std::collections::{BTreeMap, BTreeSet};

use super::letter::{self, ASSIGNED, Engine, FRESH, Letter};
use super::policy::{Statement, Who};

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub who: Who,
    /// Lower case.
    pub action: Vec<Letter>,
    /// On what.
    pub resource: Vec<Letter>,
    /// What is named here is present, everything else absent.
    pub context: Vec<(String, String)>,
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} {} {}",
            self.who,
            letter::spell(&self.action),
            letter::spell(&self.resource)
        )?;
        self.context
            .iter()
            .try_for_each(|(key, value)| write!(f, " {key}={value}"))
    }
}

/// What a guard says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Nothing matches.
    Silent,
    /// An allow matches, and no deny.
    Allow,
    /// A deny matches.
    Deny,
}

/// What `*` stands for where a resource is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// Nothing else than the document's own resource: these patterns, or, if there are none, one that no text names.
    Own(Vec<Vec<Letter>>),
    /// A document about its own role names none.
    None,
}

/// Which statements match, one place each.
pub type Mask = Vec<bool>;

/// Whether a statement matches a request.
#[must_use]
pub fn is_matched(statement: &Statement, request: &Request, scope: &Scope, engine: Engine) -> bool {
    has_who(statement, &request.who)
        && statement
            .actions
            .iter()
            .any(|action| letter::matches(action, &request.action))
        && has_resource(statement, &request.resource, scope)
        && statement.terms.iter().all(|term| {
            let value = request
                .context
                .iter()
                .find(|(key, _)| *key == term.key)
                .map(|(_, value)| value.as_str());
            term.passes(value, engine)
        })
}

fn has_who(statement: &Statement, who: &Who) -> bool {
    statement
        .who
        .iter()
        .any(|named| named == who || *named == Who::Anyone)
}

fn has_resource(statement: &Statement, resource: &[Letter], scope: &Scope) -> bool {
    match scope {
        Scope::None => true,
        Scope::All => statement
            .resources
            .iter()
            .any(|name| letter::matches(name, resource)),
        Scope::Own(own) => statement.resources.iter().any(|name| {
            if name.as_slice() == [Letter::Any] {
                is_own(own, resource)
            } else {
                letter::matches(name, resource)
            }
        }),
    }
}

/// Whether a word is a document's own resource. One that no text names is "anything else", or a key.
fn is_own(own: &[Vec<Letter>], resource: &[Letter]) -> bool {
    if own.is_empty() {
        let assigned = |letter: &Letter| match letter {
            Letter::Value(name) => name.contains('#'),
            Letter::Plain(c) => *c == ASSIGNED,
            Letter::Any | Letter::One => false,
        };
        // The project may say the id of a key.
        let is_key = letter::spell(resource).contains(":key/");
        return resource == [Letter::Plain(FRESH)] || resource.iter().any(assigned) || is_key;
    }
    own.iter().any(|own| letter::matches(own, resource))
}

/// The decision of those of the statements that `of` selects.
#[must_use]
pub fn decide(statements: &[Statement], mask: &[bool], of: &dyn Fn(usize) -> bool) -> Decision {
    let mut decision = Decision::Silent;
    for (index, statement) in statements.iter().enumerate() {
        if mask[index] && of(index) {
            decision = decision.max(if statement.deny {
                Decision::Deny
            } else {
                Decision::Allow
            });
        }
    }
    decision
}

/// Every way in which the statements can match, with a request for it.
#[must_use]
pub fn ways(statements: &[Statement], scope: &Scope, engine: Engine) -> Vec<(Mask, Request)> {
    let people = classes(people(statements), &|who| {
        statements.iter().map(|s| has_who(s, who)).collect()
    });
    let actions = words(statements.iter().flat_map(|s| &s.actions));
    let actions = classes(actions, &|action| {
        statements
            .iter()
            .map(|s| s.actions.iter().any(|a| letter::matches(a, action)))
            .collect()
    });
    let mut resources = words(statements.iter().flat_map(|s| &s.resources));
    if let Scope::Own(own) = scope {
        resources.extend(words(own.iter()));
    }
    let resources = classes(resources, &|name| {
        statements.iter().map(|s| has_resource(s, name, scope)).collect()
    });
    let mut out: BTreeMap<Mask, Request> = BTreeMap::new();
    let keyed = keyed(statements, engine);
    for (by_who, who) in &people {
        for (by_action, action) in &actions {
            let both = and(by_who, by_action);
            if !both.contains(&true) {
                continue;
            }
            for (by_resource, resource) in &resources {
                let base = and(&both, by_resource);
                if !base.contains(&true) {
                    continue;
                }
                for (mask, context) in contexts(statements, &base, &keyed) {
                    out.entry(mask).or_insert_with(|| Request {
                        who: who.clone(),
                        action: action.clone(),
                        resource: resource.clone(),
                        context,
                    });
                }
            }
        }
    }
    out.into_iter().collect()
}

fn and(a: &[bool], b: &[bool]) -> Mask {
    a.iter().zip(b).map(|(a, b)| *a && *b).collect()
}

/// One candidate for each mask.
fn classes<T: Ord>(candidates: BTreeSet<T>, mask: &dyn Fn(&T) -> Mask) -> Vec<(Mask, T)> {
    let mut out: BTreeMap<Mask, T> = BTreeMap::new();
    for candidate in candidates {
        out.entry(mask(&candidate)).or_insert(candidate);
    }
    out.into_iter().collect()
}

fn people(statements: &[Statement]) -> BTreeSet<Who> {
    let mut out: BTreeSet<Who> = statements
        .iter()
        .flat_map(|statement| statement.who.iter().cloned())
        .collect();
    out.remove(&Who::Anyone);
    if !out.contains(&Who::Own) {
        out.insert(Who::Named(FRESH.to_string()));
    }
    out
}

fn words<'a>(patterns: impl Iterator<Item = &'a Vec<Letter>>) -> BTreeSet<Vec<Letter>> {
    let mut out: BTreeSet<Vec<Letter>> = patterns.flat_map(|pattern| letter::words(pattern)).collect();
    out.insert(vec![Letter::Plain(FRESH)]);
    out
}

/// Per key: each way in which terms on it can pass, with a value (`None` is absence).
type Keyed = BTreeMap<String, Vec<(Mask, Option<String>)>>;

fn keyed(statements: &[Statement], engine: Engine) -> Keyed {
    let mut values: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
    for term in statements.iter().flat_map(|statement| &statement.terms) {
        let of_key = values
            .entry(term.key.clone())
            .or_insert_with(|| BTreeSet::from([None]));
        of_key.extend(term.boundaries(engine).into_iter().map(Some));
    }
    values
        .into_iter()
        .map(|(key, values)| {
            let passes = |value: &Option<String>| {
                let value = value.as_deref();
                statements
                    .iter()
                    .map(|s| {
                        s.terms
                            .iter()
                            .filter(|term| term.key == key)
                            .all(|term| term.passes(value, engine))
                    })
                    .collect()
            };
            let ways = classes(values, &passes);
            (key, ways)
        })
        .collect()
}

fn contexts(statements: &[Statement], base: &[bool], keyed: &Keyed) -> Vec<(Mask, Vec<(String, String)>)> {
    let mut states: BTreeMap<Mask, Vec<(String, String)>> = BTreeMap::from([(base.to_vec(), Vec::new())]);
    for (key, ways) in keyed {
        let concerns = statements
            .iter()
            .zip(base)
            .any(|(s, on)| *on && s.terms.iter().any(|term| term.key == *key));
        if !concerns {
            continue;
        }
        let mut next = BTreeMap::new();
        for (mask, context) in &states {
            for (passes, value) in ways {
                next.entry(and(mask, passes)).or_insert_with(|| {
                    let mut context = context.clone();
                    context.extend(value.iter().map(|value| (key.clone(), value.clone())));
                    context
                });
            }
        }
        states = next;
    }
    states
        .into_iter()
        .filter(|(mask, _)| mask.contains(&true))
        .collect()
}
