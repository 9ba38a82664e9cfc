//! The policy of a private endpoint: what may pass, whoever asks and whenever.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Catalogue;
use graph::reason::ReasonId;
use pattern::boxes;
use pattern::pattern::Pattern;
use pattern::region::{Context as Given, Region};
use pattern::union::Budget;
use pattern::word::Word;
use read::facts::document::{Document, Effect, PrincipalName, Principals, Statement};
use read::facts::network::ServiceEndpoint;

use super::group::Context;
use super::passing::Needs;
use crate::because::span_of;
use crate::replay::request::{self, Decision, Request};
use crate::replay::{self, Replay};
use crate::verified::Coarse;
use crate::witness::{Refusal, Sort, Witness};
use relation::guard::Who;
use relation::letters::Letters;

/// Why an endpoint's policy is on the list of coarse guards.
const WHY: &str = "principals share the endpoint; identity policies decide who, when, and on which part";
/// Likewise, where resources are taken together.
const WHY_WIDE: &str = "its exact policy would be longer than the provider takes: services and accounts are named whole; identity policies are exact";

/// Every resource of the same service and account.
fn whole(pattern: &Pattern) -> Pattern {
    let text = pattern.display(&|_| "*".to_owned());
    let mut fields = text.splitn(6, ':');
    let head: Vec<&str> = fields.by_ref().take(5).collect();
    match fields.next() {
        Some(_) => Pattern::glob(&format!("{}:*", head.join(":"))).unwrap_or_else(Pattern::everything),
        None => pattern.clone(),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one guard with everything that judges it"
)]
pub(super) fn policy(
    cx: Context<'_>,
    letters: &Letters<'_>,
    address: &str,
    needs: &Needs,
    documents: &[&Document],
    endpoint: &ServiceEndpoint,
    coarse: &mut Vec<Coarse>,
    refusals: &mut Vec<Refusal>,
) {
    let statements: Vec<_> = documents
        .iter()
        .flat_map(|document| &document.statements)
        .collect();
    let place = documents
        .first()
        .map_or(&endpoint.place, |document| &document.place);
    // Outside what we write: nothing is inferred from it.
    let evaluated = Evaluated {
        letters,
        address,
        needs,
        statements: &statements,
    };
    let odd = statements.iter().find(|statement| {
        statement.effect == Effect::Deny
            || statement.principals != Some(Principals::Anyone)
            || !statement.when.is_everything()
            || statement.actions.iter().any(|action| !action.is_literal())
    });
    if let Some(odd) = odd {
        let message = format!(
            "a statement of the policy of `{address}` denies, has a condition, names whom it is for, or covers actions that are not spelt out"
        );
        let refusal = |sort| Refusal::new(sort, cx.target, message.clone()).at(&odd.place);
        refusals.push(
            evaluated
                .opened(odd, &refusal(Sort::Exceeds))
                .unwrap_or_else(|| refusal(Sort::NotDecided)),
        );
        return;
    }
    let mut grants: BTreeMap<String, Vec<(Pattern, usize)>> = BTreeMap::new();
    for (index, statement) in statements.iter().enumerate() {
        for action in &statement.actions {
            let action = action.display(&|letter| letters.name(letter));
            let own = grants.entry(action).or_default();
            own.extend(
                statement
                    .resources
                    .iter()
                    .map(|resource| (letters.pattern(resource), index)),
            );
        }
    }
    let wide: Needs = needs
        .iter()
        .map(|(action, resources)| {
            (
                action.clone(),
                resources
                    .iter()
                    .map(|(pattern, because)| (whole(pattern), *because))
                    .collect(),
            )
        })
        .collect();
    // Above a half of what the provider takes, somebody who counts otherwise may have taken resources together.
    let long = needs
        .values()
        .flat_map(BTreeMap::keys)
        .map(|pattern| pattern.char_len(&|_| 64) as u64)
        .sum::<u64>();
    let most = catalogue::limits::Limits::embedded()
        .get("ec2.vpc-endpoint.policy")
        .map_or(0, |limit| limit.value);
    let actions: BTreeSet<&String> = needs.keys().chain(grants.keys()).collect();
    let compared = |needs: &Needs| {
        let nothing = (BTreeMap::new(), Vec::new());
        let mut found = Vec::new();
        for action in &actions {
            let needs = needs.get(*action).unwrap_or(&nothing.0);
            let grants = grants.get(*action).unwrap_or(&nothing.1);
            found.extend(one_action(cx, &evaluated, action, needs, grants, place));
        }
        found
    };
    let exact = compared(needs);
    if exact.is_empty() {
        coarse.push(Coarse {
            guard: address.to_owned(),
            why: WHY,
        });
    } else if long > most / 2 && compared(&wide).is_empty() {
        coarse.push(Coarse {
            guard: address.to_owned(),
            why: WHY_WIDE,
        });
    } else {
        refusals.extend(exact);
    }
}

fn one_action(
    cx: Context<'_>,
    evaluated: &Evaluated<'_>,
    action: &str,
    needs: &BTreeMap<Pattern, ReasonId>,
    grants: &[(Pattern, usize)],
    place: &read::facts::Place,
) -> Vec<Refusal> {
    let (letters, address) = (evaluated.letters, evaluated.address);
    let rectangle = |pattern: &Pattern| (pattern.clone(), Region::everything());
    let needed: Vec<_> = needs.keys().map(rectangle).collect();
    let granted: Vec<_> = grants.iter().map(|(pattern, _)| rectangle(pattern)).collect();
    let place_of = |index: usize| {
        grants
            .get(index)
            .and_then(|(_, statement)| evaluated.statements.get(*statement))
            .map_or(place, |statement| &statement.place)
    };
    let witnessed = |refusal, word: &Word| {
        let request = Request {
            who: &Who::Anyone,
            action,
            resource: word,
            context: &Given::default(),
        };
        evaluated.witnessed(refusal, request)
    };
    let mut budget = Budget::of_guard();
    let judged = (|| {
        if let Some(missing) = boxes::difference(&needed, &granted, &mut budget)? {
            let because = needs.values().nth(missing.of);
            let message = format!(
                "the policy of `{address}` does not let `{action}` pass on `{}`, which is declared",
                letters.word(&missing.word)
            );
            let refusal = witnessed(Refusal::new(Sort::FallsShort, cx.target, message), &missing.word);
            return Ok(vec![
                refusal
                    .at(place)
                    .declared(because.and_then(|because| span_of(cx.checked, *because))),
            ]);
        }
        if let Some(surplus) = boxes::difference(&granted, &needed, &mut budget)? {
            let message = format!(
                "the policy of `{address}` lets `{action}` pass on `{}`, which no trust declares",
                letters.word(&surplus.word)
            );
            return Ok(vec![
                witnessed(Refusal::new(Sort::Exceeds, cx.target, message), &surplus.word)
                    .at(place_of(surplus.of)),
            ]);
        }
        let idle = boxes::redundant(&granted, &mut budget)?;
        let message = format!("a part of the policy of `{address}` is contained in the rest");
        Ok::<_, boxes::NotDecided>(
            idle.into_iter()
                .map(|index| Refusal::new(Sort::Idle, cx.target, message.clone()).at(place_of(index)))
                .collect(),
        )
    })();
    judged.unwrap_or_else(|why| {
        vec![
            Refusal::new(
                Sort::NotDecided,
                cx.target,
                format!("the policy of `{address}`: {why}"),
            )
            .at(place),
        ]
    })
}

/// The policy as the provider evaluates it, and what is needed of it, for one request.
struct Evaluated<'a> {
    letters: &'a Letters<'a>,
    address: &'a str,
    needs: &'a Needs,
    statements: &'a [&'a Statement],
}

impl Evaluated<'_> {
    fn replay(&self, sort: Sort, request: Request<'_>) -> Replay {
        let everything = [Pattern::everything()];
        let decision = request::decide(&mut self.statements.iter().copied(), &|statement| {
            request::matches(statement, self.letters, &everything, request)
        });
        let needs = self.needs.get(request.action);
        let is_needed = needs.is_some_and(|needs| {
            needs
                .keys()
                .any(|pattern| replay::glob(pattern, request.resource))
        });
        Replay::of_passing(sort, decision == Decision::Allowed, is_needed)
    }

    fn witnessed(&self, refusal: Refusal, request: Request<'_>) -> Refusal {
        let principal = match request.who {
            Who::Named(PrincipalName::Role(name) | PrincipalName::Federated(name)) => name.clone(),
            Who::Named(PrincipalName::Account(number)) => format!("account {number}"),
            Who::Named(PrincipalName::Service(name)) => name.clone(),
            Who::Own | Who::Anyone => "anybody".to_owned(),
        };
        let witness = Witness::Request {
            guard: self.address.to_owned(),
            principal,
            action: request.action.to_owned(),
            resource: self.letters.word(request.resource),
            context: self.letters.context(request.context),
        };
        let replay = self.replay(refusal.sort, request);
        refusal.witness(witness, replay)
    }

    /// Actions that a pattern covers: those that are known, and one to come.
    fn actions_under(&self, pattern: &Pattern) -> Vec<String> {
        let text = pattern.display(&|letter| self.letters.name(letter));
        if pattern.is_literal() {
            return vec![text];
        }
        let known = Catalogue::embedded().matching(&text).into_iter();
        let to_come = text.replace('*', "unknown").replace('?', "x");
        known
            .map(|action| action.name().to_ascii_lowercase())
            .chain([to_come])
            .collect()
    }

    /// A refusal with a request that a statement beside our form lets pass, and nothing needs; `None` if there is none at hand.
    fn opened(&self, odd: &Statement, refusal: &Refusal) -> Option<Refusal> {
        if odd.effect == Effect::Deny {
            return None;
        }
        let who = match &odd.principals {
            Some(Principals::These(named)) => Who::Named(named.first()?.clone()),
            Some(Principals::Anyone) | None => Who::Anyone,
        };
        let context = self.letters.region(&odd.when)?.sample()?;
        let mut actions = odd.actions.iter().flat_map(|action| self.actions_under(action));
        actions.find_map(|action| {
            odd.resources.iter().find_map(|resource| {
                let word = self.letters.pattern(resource).sample();
                let request = Request {
                    who: &who,
                    action: &action,
                    resource: &word,
                    context: &context,
                };
                let is_open = self.replay(refusal.sort, request) == Replay::Confirmed;
                is_open.then(|| self.witnessed(refusal.clone(), request))
            })
        })
    }
}
