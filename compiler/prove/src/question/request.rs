//! Requests of a question, against the documents that were read.

use checks::Checked;
use graph::TrustGraph;
use graph::access::{Access, Principal, Resource};
use model::Model;
use model::test::Case;
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::values::{Type, Value, Values};
use pattern::word::Word;
use read::facts::Facts;
use read::facts::document::Effect;

use super::is_direct;
use super::member::Members;
use crate::identity::{Claims, Guard, GuardNames, Statement, Who, granted};
use crate::letters::Letters;

/// Each request that the capability needs, and whether it is granted; `None` where the target claims no guard of it.
pub(crate) fn judge(
    checked: &Checked<'_>,
    facts: &Facts,
    model: &Model,
    graph: &TrustGraph,
    case: &Case,
    members: &Members,
) -> Vec<(String, Option<bool>)> {
    let claims = Claims::of(facts.target);
    if !claims.any() {
        return Vec::new();
    }
    let names = GuardNames::new(checked);
    let letters = Letters::new(facts, &graph.addresses);
    let mut ignored = Vec::new();
    let statements = granted(facts, &names, claims, &letters, &mut ignored);
    let fixed = fixed(case, model);
    let key = |id: u32| graph.addresses.variables.text(arena::Name::new(id)).to_owned();
    let mut verdicts = Vec::new();
    for access in &graph.accesses {
        // An action without a resource is shared by capabilities, and says nothing about this one.
        if !is_direct(graph, access.because) || access.resource == Resource::Unscoped {
            continue;
        }
        let (Some(within), Some(when)) = (graph.patterns.get(access.within), graph.regions.get(access.when))
        else {
            continue;
        };
        let asked = members.asked(within, &key);
        let action = graph.words.text(access.action);
        let what = format!("{action} on {}", asked.display(&|letter| letters.name(letter)));
        let guards = guards(model, graph, access);
        let concerned = guards.iter().filter(|(guard, _)| claims.has(guard));
        let mut verdict = None;
        for (guard, who) in concerned {
            let own = statements.get(guard).map_or(&[][..], Vec::as_slice);
            let is_granted = is_granted(own, who, action, &asked, &when.and(&fixed), members, &key);
            verdict = Some(verdict.unwrap_or(false) || is_granted);
        }
        verdicts.push((what, verdict));
    }
    verdicts
}

/// Guards of which one suffices: the actor's own, and the thing's where it names the actor.
fn guards(model: &Model, graph: &TrustGraph, access: &Access) -> Vec<(Guard, Who)> {
    let action = graph.words.text(access.action);
    let of_device = action.starts_with("iot:");
    match access.principal {
        Principal::Class(thing) if of_device => vec![(Guard::Device(thing), Who::Own)],
        Principal::Acting(_) if action == "iot:Subscribe" => Vec::new(),
        Principal::Acting(thing) if action == "iot:Receive" => vec![(Guard::Rule(thing), Who::Own)],
        Principal::Workload(thing)
        | Principal::Class(thing)
        | Principal::People(thing)
        | Principal::Acting(thing)
        | Principal::External(thing) => {
            let Some(account) = model.things.get(thing).and_then(|thing| thing.account) else {
                return Vec::new();
            };
            let Some(role) = graph.addresses.roles.get(&(thing, account)) else {
                return Vec::new();
            };
            let mut guards = vec![(Guard::Identity(thing, account), Who::Own)];
            if let Resource::Thing(object) = access.resource {
                let who = Who::Named(read::facts::document::PrincipalName::Role(role.arn.clone()));
                guards.push((Guard::Resource(object), who));
            }
            guards
        }
        Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => {
            Vec::new()
        }
    }
}

fn is_granted(
    statements: &[Statement],
    who: &Who,
    action: &str,
    asked: &Pattern,
    when: &Region,
    members: &Members,
    key: &dyn Fn(u32) -> String,
) -> bool {
    let action = Word::text(&action.to_ascii_lowercase()).unwrap_or_else(Word::empty);
    let concerns = |statement: &Statement| {
        statement
            .who
            .iter()
            .any(|named| named == who || *named == Who::Anyone)
            && statement.actions.iter().any(|pattern| pattern.matches(&action))
    };
    let mut allowed = Region::nothing();
    for statement in statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow && concerns(statement))
    {
        let everything = Pattern::everything();
        let meets = statement
            .resources
            .iter()
            .any(|pattern| *pattern == everything || members.granted(pattern, key).meets(asked).is_some());
        if meets {
            allowed = allowed.or(&statement.when);
        }
    }
    for statement in statements
        .iter()
        .filter(|statement| statement.effect == Effect::Deny && concerns(statement))
    {
        if statement.resources.iter().any(|pattern| pattern.covers(asked)) {
            allowed = allowed.minus(&statement.when);
        }
    }
    allowed.meets(when)
}

/// What the case fixes of the context.
fn fixed(case: &Case, model: &Model) -> Region {
    let mut fixed = Region::everything();
    let mut fix = |name: &str, values: Values| fixed = fixed.and(&Region::only(Key::new(name), values));
    if let Some(age) = case.fixed.mfa_age {
        let seconds = i64::try_from(age.seconds).unwrap_or(i64::MAX);
        fix("aws:MultiFactorAuthAge", Values::just(&Value::Number(seconds)));
    }
    if case.fixed.mfa == Some(false) {
        fix("aws:MultiFactorAuthAge", Values::absent(Type::Number));
    }
    for (name, value) in &case.fixed.attributes {
        if let Some(word) = Word::text(model.names.text(*value)) {
            fix(
                &format!("aws:PrincipalTag/{}", model.names.text(*name)),
                Values::just(&Value::Text(word)),
            );
        }
    }
    if let Some(block) = case.fixed.source
        && let Ok(block) = pattern::address::Block::parse(&block.to_string())
    {
        fix("aws:SourceIp", Values::addresses([block]));
    }
    fixed
}
