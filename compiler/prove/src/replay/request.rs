//! One request: what the documents of a guard say of it, and what the accesses of the graph ask of that guard.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use graph::access::Resource;
use pattern::pattern::Pattern;
use pattern::region::Context;
use pattern::word::Word;
use read::facts::Facts;
use read::facts::document::{Document, Effect, PrincipalName, Principals, Statement};

use super::{Replay, glob, holds};
use crate::identity::{Expand, Split};
use crate::witness::Sort;
use relation::guard::{Guard, Names as GuardNames, Who, own_names};
use relation::letters::Letters;

/// One request to one guard, in the graph's letters.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    /// Who asks.
    pub(crate) who: &'a Who,
    /// The action, in lower case.
    pub(crate) action: &'a str,
    /// The resource.
    pub(crate) resource: &'a Word,
    /// What the request says besides.
    pub(crate) context: &'a Context,
}

/// What a guard says. The order is that of how much it permits: one that is silent leaves the word to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Decision {
    /// A deny matches.
    Denied,
    /// Nothing matches.
    Silent,
    /// An allow matches, and no deny.
    Allowed,
}

/// What the graph asks of a guard for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    decision: Decision,
    /// An access asks for it, whichever guard grants it.
    by_an_access: bool,
}

/// Evaluates requests to the guards of one target. Nothing is built before the first is asked.
pub(crate) struct Replayer<'a> {
    split: Split<'a>,
    facts: &'a Facts,
    names: &'a GuardNames,
    letters: &'a Letters<'a>,
    index: OnceLock<Index<'a>>,
}

/// An access, for one guard that it concerns.
struct Concerned {
    access: usize,
    who: Who,
    /// Whether this guard grants it; another does, which this one may only restrict.
    grants: bool,
}

#[derive(Default)]
struct Index<'a> {
    documents: BTreeMap<Guard, Vec<&'a Document>>,
    accesses: BTreeMap<(Guard, String), Vec<Concerned>>,
}

impl<'a> Replayer<'a> {
    pub(crate) fn new(
        split: Split<'a>,
        facts: &'a Facts,
        names: &'a GuardNames,
        letters: &'a Letters<'a>,
    ) -> Self {
        Self {
            split,
            facts,
            names,
            letters,
            index: OnceLock::new(),
        }
    }

    /// Whether a request is one on which the bytes permit more, or less, than the graph asks.
    pub(crate) fn replay(&self, guard: Guard, sort: Sort, request: Request<'_>) -> Replay {
        let (emitted, asked) = (self.emitted(guard, request), self.asked(guard, request));
        Replay::of(tells_apart(sort, emitted, asked))
    }

    fn index(&self) -> &Index<'a> {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for document in &self.facts.documents {
                if let Some(guard) = self.names.guard(&document.guard) {
                    index.documents.entry(guard).or_default().push(document);
                }
            }
            let graph = self.split.checked.graph();
            for (access, relation) in graph.accesses.iter().enumerate() {
                let Ok(sides) = self.split.guards(access, relation) else {
                    continue;
                };
                let action = graph.words.text(relation.action).to_ascii_lowercase();
                if let Resource::Thing(thing) = relation.resource {
                    let guard = Guard::Resource(thing);
                    let role = sides.iter().find_map(|(guard, _)| self.role(*guard));
                    if let Some(who) = role.filter(|_| sides.iter().all(|(own, _)| *own != guard)) {
                        let of = index.accesses.entry((guard, action.clone())).or_default();
                        of.push(Concerned {
                            access,
                            who,
                            grants: false,
                        });
                    }
                }
                for (guard, side) in sides {
                    let Ok(who) = self.split.who(relation, side) else {
                        continue;
                    };
                    let of = index.accesses.entry((guard, action.clone())).or_default();
                    of.push(Concerned {
                        access,
                        who,
                        grants: true,
                    });
                }
            }
            index
        })
    }

    /// The role whose policies these are, as other policies name it.
    fn role(&self, guard: Guard) -> Option<Who> {
        let Guard::Identity(thing, account) = guard else {
            return None;
        };
        let role = self
            .split
            .checked
            .graph()
            .addresses
            .roles
            .get(&(thing, account))?;
        Some(Who::Named(PrincipalName::Role(role.arn.clone())))
    }

    fn emitted(&self, guard: Guard, request: Request<'_>) -> Decision {
        let documents = self.index().documents.get(&guard).map_or(&[][..], Vec::as_slice);
        let own = own_names(&self.split.checked.graph().addresses, guard);
        let mut statements = documents.iter().flat_map(|document| &document.statements);
        decide(&mut statements, &|statement| {
            matches(statement, self.letters, &own, request)
        })
    }

    fn asked(&self, guard: Guard, request: Request<'_>) -> Asked {
        let graph = self.split.checked.graph();
        let key = (guard, request.action.to_owned());
        let concerned = self.index().accesses.get(&key).map_or(&[][..], Vec::as_slice);
        let expand = Expand::new(self.split.checked);
        let asks = |one: &Concerned| {
            let Some(access) = graph.accesses.get(one.access) else {
                return false;
            };
            let (Some(within), Some(when)) =
                (graph.patterns.get(access.within), graph.regions.get(access.when))
            else {
                return false;
            };
            (one.who == *request.who || one.who == Who::Anyone)
                && holds(when, request.context)
                && expand
                    .patterns(access, within)
                    .is_ok_and(|patterns| patterns.iter().any(|pattern| glob(pattern, request.resource)))
        };
        let (mut granted, mut elsewhere) = (false, false);
        for one in concerned {
            if (one.grants && granted) || (!one.grants && elsewhere) || !asks(one) {
                continue;
            }
            if one.grants {
                granted = true;
            } else {
                elsewhere = true;
            }
        }
        let decision = if self.is_restricted(guard, request) {
            Decision::Denied
        } else if granted {
            Decision::Allowed
        } else {
            Decision::Silent
        };
        Asked {
            decision,
            by_an_access: granted || elsewhere,
        }
    }

    /// Whether a baseline denies it.
    fn is_restricted(&self, guard: Guard, request: Request<'_>) -> bool {
        let Guard::Resource(thing) = guard else {
            return false;
        };
        let (model, graph) = (self.split.checked.model(), self.split.checked.graph());
        let service = model
            .things
            .get(thing)
            .and_then(|declared| model.kinds.get(declared.kind)?.words.service);
        let is_here = service.is_some_and(|service| {
            let rest = request.action.strip_prefix(model.names.text(service));
            rest.is_some_and(|rest| rest.starts_with(':'))
        }) && own_names(&self.split.checked.graph().addresses, guard)
            .iter()
            .any(|pattern| glob(pattern, request.resource));
        let mut own = graph
            .restrictions
            .iter()
            .filter(|restriction| restriction.resource == thing);
        is_here
            && own.any(|restriction| {
                let when = graph.regions.get(restriction.when);
                when.is_some_and(|when| !holds(when, request.context))
            })
    }
}

/// Whether a refusal of this sort is right about a request.
fn tells_apart(sort: Sort, emitted: Decision, asked: Asked) -> bool {
    match sort {
        Sort::Exceeds => emitted > asked.decision,
        // What no access asks for is no loss, and what another guard grants is lost only if this one denies it.
        Sort::FallsShort => {
            asked.by_an_access && asked.decision != Decision::Denied && {
                let lost = emitted < asked.decision;
                lost || emitted == Decision::Denied
            }
        }
        Sort::Setting | Sort::Idle | Sort::Unread | Sort::NotDecided | Sort::Quota | Sort::Promise => false,
    }
}

/// Deny over allow.
pub(crate) fn decide<'s>(
    statements: &mut dyn Iterator<Item = &'s Statement>,
    matches: &dyn Fn(&Statement) -> bool,
) -> Decision {
    let mut decision = Decision::Silent;
    for statement in statements.filter(|statement| matches(statement)) {
        match statement.effect {
            Effect::Deny => return Decision::Denied,
            Effect::Allow => decision = Decision::Allowed,
        }
    }
    decision
}

/// Whether a statement matches a request. `own` is what `*` stands for.
pub(crate) fn matches(
    statement: &Statement,
    letters: &Letters<'_>,
    own: &[Pattern],
    request: Request<'_>,
) -> bool {
    let everything = Pattern::everything();
    let names = match &statement.principals {
        None => *request.who == Who::Own,
        Some(Principals::Anyone) => true,
        Some(Principals::These(named)) => named
            .iter()
            .any(|named| matches!(request.who, Who::Named(who) if who == named)),
    };
    let has_action = || {
        let action = Word::text(request.action);
        action.is_some_and(|action| statement.actions.iter().any(|pattern| glob(pattern, &action)))
    };
    let has_resource = || {
        statement.resources.iter().any(|pattern| {
            if *pattern == everything {
                own.iter().any(|own| glob(own, request.resource))
            } else {
                glob(&letters.pattern(pattern), request.resource)
            }
        })
    };
    let is_now = || {
        let when = letters.region(&statement.when);
        when.is_some_and(|when| holds(&when, request.context))
    };
    names && has_action() && has_resource() && is_now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::address::Addresses;
    use pattern::key::Key;
    use pattern::region::Region;
    use pattern::values::{Value, Values};
    use read::facts::Place;

    fn statement(effect: Effect, actions: &str, resource: &str, when: Region) -> Statement {
        Statement {
            effect,
            principals: Some(Principals::Anyone),
            actions: vec![Pattern::glob(actions).unwrap()],
            resources: vec![Pattern::glob(resource).unwrap()],
            when,
            place: Place {
                path: "x".into(),
                pointer: String::new(),
            },
        }
    }

    /// A bucket's policy that lets everybody read, over TLS only.
    fn said(action: &str, resource: &str, tls: Option<bool>) -> Decision {
        let key = Key::new("aws:SecureTransport");
        let open = Region::only(key.clone(), Values::flag(true)).not();
        let statements = [
            statement(Effect::Allow, "s3:get*", "arn:b/*", Region::everything()),
            statement(Effect::Deny, "s3:*", "*", open),
        ];
        let (facts, addresses) = (Facts::nothing("x"), Addresses::default());
        let letters = Letters::new(&facts, &addresses);
        let own = [Pattern::glob("arn:b").unwrap(), Pattern::glob("arn:b/*").unwrap()];
        let request = Request {
            who: &Who::Anyone,
            action,
            resource: &Word::text(resource).unwrap(),
            context: &Context([(key, tls.map(Value::Flag))].into()),
        };
        decide(&mut statements.iter(), &|statement| {
            matches(statement, &letters, &own, request)
        })
    }

    #[test]
    fn deny_wins_over_allow() {
        assert_eq!(said("s3:getobject", "arn:b/x", Some(true)), Decision::Allowed);
        assert_eq!(said("s3:getobject", "arn:b/x", Some(false)), Decision::Denied);
        assert_eq!(said("s3:getobject", "arn:b/x", None), Decision::Denied);
        assert_eq!(said("s3:putobject", "arn:b/x", Some(true)), Decision::Silent);
        // `*` is the bucket and what is in it.
        assert_eq!(said("s3:getobject", "arn:c/x", None), Decision::Silent);
    }

    #[test]
    fn a_request_on_which_both_agree_is_no_witness() {
        let asked = |decision, by_an_access| Asked {
            decision,
            by_an_access,
        };
        let all = [Decision::Denied, Decision::Silent, Decision::Allowed];
        for decision in all {
            for sort in [Sort::Exceeds, Sort::FallsShort] {
                let own = decision == Decision::Allowed;
                assert!(
                    !tells_apart(sort, decision, asked(decision, own)),
                    "{sort:?} {decision:?}"
                );
            }
        }
        let (wanted, nothing) = (asked(Decision::Allowed, true), asked(Decision::Silent, false));
        assert!(tells_apart(Sort::Exceeds, Decision::Allowed, nothing));
        assert!(!tells_apart(Sort::Exceeds, Decision::Denied, wanted));
        assert!(tells_apart(Sort::FallsShort, Decision::Silent, wanted));
        assert!(!tells_apart(Sort::FallsShort, Decision::Denied, nothing));
        // What another guard grants is lost where this one denies it, and not where it is silent.
        let elsewhere = asked(Decision::Silent, true);
        assert!(tells_apart(Sort::FallsShort, Decision::Denied, elsewhere));
        assert!(!tells_apart(Sort::FallsShort, Decision::Silent, elsewhere));
        assert!(!tells_apart(Sort::Idle, Decision::Allowed, nothing));
    }
}
