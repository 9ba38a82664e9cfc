//! Topic rules: what one selects, and where it delivers.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Report};
use graph::access::{Principal, Resource};
use model::thing::{Thing, ThingId};
use model::value::Value;
use pattern::pattern::{Part, Pattern};

use crate::context::Context;
use crate::deployment::device::{RuleAction, TopicRule};
use crate::deployment::identity::Identity;
use crate::fault::{SEVERAL_FILTERS, UNSUPPORTED_DELIVERY};
use crate::grant::{Grant, Place};
use crate::name::label;
use crate::quota;

/// What the provider's rules act as.
const SERVICE: &str = "iot";

/// Every rule, sorted by account and name.
pub(super) fn rules(
    cx: &Context<'_>,
    grants: &BTreeMap<Place, Vec<Grant>>,
    identity: &Identity,
    report: &mut Report,
) -> Vec<TopicRule> {
    let roles: BTreeMap<(&str, &str), usize> = identity
        .roles
        .iter()
        .enumerate()
        .map(|(index, role)| ((role.account.as_str(), role.actor.as_str()), index))
        .collect();
    let mut targets: BTreeMap<ThingId, BTreeMap<ThingId, Vec<usize>>> = BTreeMap::new();
    for (index, access) in cx.graph.accesses.iter().enumerate() {
        if let (Principal::Acting(rule), Resource::Thing(target)) = (access.principal, access.resource) {
            targets
                .entry(rule)
                .or_default()
                .entry(target)
                .or_default()
                .push(index);
        }
    }
    let mut rules = Vec::new();
    for (id, thing) in cx.model.things.iter() {
        if thing.existing.is_some() || !is_rule(cx, thing) {
            continue;
        }
        let selected = grants.get(&Place::Rule(id)).map_or(&[][..], Vec::as_slice);
        let Some(filter) = filter(cx, thing, selected, report) else {
            continue;
        };
        let (actions, errors) = deliveries(cx, thing, targets.get(&id), report);
        let lowered = (|| {
            let account = cx.account_of(id)?;
            let name = cx.text(thing.name);
            let account_name = cx.text(account.name);
            let because = cx.because_all(selected.iter().flat_map(|grant| cx.reasons_of(grant.access)));
            Some(TopicRule {
                name: name.to_owned(),
                physical: cx.physical(thing).to_owned(),
                address: cx.graph.addresses.objects.get(&id)?.clone(),
                account: account_name.to_owned(),
                stack: cx.stacks.of_thing(id)?,
                label: label(name),
                filter,
                role: *roles.get(&(account_name, name))?,
                actions,
                errors,
                because,
            })
        })();
        match lowered {
            Some(rule) => rules.push(rule),
            None => report.compiler_bug("a rule without an address or a role"),
        }
    }
    rules.sort_by(|a, b| (&a.account, &a.name).cmp(&(&b.account, &b.name)));
    rules
}

fn is_rule(cx: &Context<'_>, thing: &Thing) -> bool {
    let kind = cx.model.kinds.get(thing.kind);
    kind.is_some_and(|kind| {
        kind.words.acts.is_some()
            && kind
                .words
                .service
                .is_some_and(|service| cx.text(service) == SERVICE)
    })
}

/// The one filter of a rule: what it may receive, as MQTT writes it.
fn filter(cx: &Context<'_>, thing: &Thing, grants: &[Grant], report: &mut Report) -> Option<String> {
    let name = cx.text(thing.name);
    let received: BTreeSet<&Pattern> = grants
        .iter()
        .filter(|grant| cx.word(grant.action) == "iot:Receive")
        .map(|grant| &grant.within)
        .collect();
    let widest: Vec<&Pattern> = received
        .iter()
        .filter(|pattern| {
            !received
                .iter()
                .any(|other| other != *pattern && other.covers(pattern))
        })
        .copied()
        .collect();
    let is_conditional = grants.iter().any(|grant| {
        cx.graph
            .regions
            .get(grant.when)
            .is_none_or(|region| !region.is_everything())
    });
    let refuse = |message: String, note: &str, help: &str, report: &mut Report| {
        report.push(
            Diagnostic::new(&SEVERAL_FILTERS, thing.span, message)
                .note(note)
                .help(help),
        );
        None
    };
    let [only] = widest.as_slice() else {
        let message = if widest.is_empty() {
            format!("`{name}` selects nothing")
        } else {
            format!(
                "`{name}` would select from {} filters, and a rule has one",
                widest.len()
            )
        };
        let help = "let it subscribe to exactly one topic, one that ends in `/#` if it is to take several";
        return refuse(
            message,
            "a rule of the IoT service selects from one topic filter",
            help,
            report,
        );
    };
    if is_conditional {
        let message = format!("what `{name}` selects has a condition");
        return refuse(
            message,
            "the statement of a rule has none",
            "take the condition out of the trust",
            report,
        );
    }
    let Some(filter) = mqtt(only) else {
        let message = format!("what `{name}` selects is no topic filter");
        let help =
            "let it subscribe to one topic without a family and without `+`, whole or one that ends in `/#`";
        return refuse(
            message,
            "a filter is a topic, or all topics below one",
            help,
            report,
        );
    };
    Some(filter)
}

/// A topic, or everything below one, as MQTT writes it.
fn mqtt(pattern: &Pattern) -> Option<String> {
    let mut filter = String::new();
    let mut parts = pattern.parts().peekable();
    while let Some(part) = parts.next() {
        match part {
            Part::Text("*" | "?") | Part::Symbol(_) | Part::Variable(_) | Part::One => return None,
            Part::Text(text) => filter.push_str(text),
            Part::Any if parts.peek().is_none() && filter.ends_with('/') => filter.push('#'),
            Part::Any => return None,
        }
    }
    let (_, topic) = filter.split_once(":topic/")?;
    let stem = topic.strip_suffix('#').unwrap_or(topic);
    (!stem.is_empty() && !stem.contains(['#', '+', '\'', '\0']) && !stem.contains("${"))
        .then(|| topic.to_owned())
}

/// Where a rule delivers, and where what failed goes.
fn deliveries(
    cx: &Context<'_>,
    thing: &Thing,
    targets: Option<&BTreeMap<ThingId, Vec<usize>>>,
    report: &mut Report,
) -> (Vec<RuleAction>, Option<RuleAction>) {
    let errors: BTreeSet<ThingId> = thing
        .properties
        .iter()
        .filter(|property| cx.text(property.name) == "errors")
        .flat_map(|property| &property.values)
        .filter_map(|value| {
            if let Value::Thing(thing) = value {
                Some(*thing)
            } else {
                None
            }
        })
        .collect();
    let (mut actions, mut on_error) = (Vec::new(), None);
    for (target, accesses) in targets.into_iter().flatten() {
        let is_direct = |access: &&usize| {
            let access = cx.graph.accesses.get(**access);
            access.is_some_and(|access| {
                let reason = cx.graph.reasons.get(access.because);
                matches!(reason, Some(graph::reason::Reason::Trust(_)))
                    // What a rule receives is its filter.
                    && !["iot:Connect", "iot:Receive", "iot:Subscribe"].contains(&cx.word(access.action))
            })
        };
        let direct: Vec<usize> = accesses.iter().filter(is_direct).copied().collect();
        if direct.is_empty() {
            continue;
        }
        let Some(action) = delivery(cx, thing, *target, &direct, report) else {
            continue;
        };
        if errors.contains(target) {
            on_error = Some(action)
        } else {
            actions.push(action)
        }
    }
    let actions_max = quota::limit("iot.rule.actions");
    if actions.len() > actions_max {
        let message = format!(
            "`{}` delivers to {} places, and a rule has {actions_max}",
            cx.text(thing.name),
            actions.len()
        );
        report.push(
            Diagnostic::new(&UNSUPPORTED_DELIVERY, thing.span, message).help("split it into several rules"),
        );
    }
    (actions, on_error)
}

/// One delivery, by what the rule may do to a thing.
fn delivery(
    cx: &Context<'_>,
    thing: &Thing,
    id: ThingId,
    accesses: &[usize],
    report: &mut Report,
) -> Option<RuleAction> {
    let target = cx.thing(id)?;
    let may = |action: &str| {
        accesses.iter().find_map(|access| {
            let access = cx.graph.accesses.get(*access)?;
            (cx.word(access.action) == action).then_some(access)
        })
    };
    let service = cx
        .model
        .kinds
        .get(target.kind)
        .and_then(|kind| kind.words.service)
        .map_or("", |name| cx.text(name));
    let name = cx.physical(target).to_owned();
    let action = match service {
        "kinesis" => may("kinesis:PutRecord").map(|_| RuleAction::Stream {
            name,
            partition_key: "${topic()}".to_owned(),
        }),
        "logs" => may("logs:PutLogEvents").map(|_| RuleAction::LogGroup { name }),
        // A rule names no group of messages, without which such a queue takes none.
        // Source: <https://docs.aws.amazon.com/iot/latest/developerguide/sqs-rule-action.html>, read 2026-11-30.
        "sqs" if name.ends_with(".fifo") => None,
        "sqs" => may("sqs:SendMessage").map(|_| RuleAction::Queue { name }),
        "s3" => may("s3:PutObject").and_then(|access| {
            let within = cx.graph.patterns.get(access.within)?;
            Some(RuleAction::Bucket {
                name,
                key: format!("{}${{topic()}}/${{newuuid()}}", below(within)?),
            })
        }),
        _ => None,
    };
    if action.is_none() {
        let (from, to) = (cx.text(thing.name), cx.text(target.name));
        let accesses = accesses.first().and_then(|access| cx.graph.accesses.get(*access));
        let span = accesses
            .and_then(|access| cx.span_of(access.because))
            .unwrap_or(thing.span);
        report.push(
            Diagnostic::new(
                &UNSUPPORTED_DELIVERY,
                span,
                format!("`{from}` cannot deliver to `{to}` by what it may do there"),
            )
            .label(target.span, "declared here")
            .note("a rule writes to a stream, a log group, a queue that is no FIFO queue, or into one path of a bucket")
            .help("let it write to a stream, and a workload do the rest: publish again, too"),
        );
    }
    action
}

/// The path in a bucket under which a rule may write: `None` if it is not all that lies below one.
fn below(within: &Pattern) -> Option<String> {
    let prefix = within.prefix()?;
    let shown = prefix.display(&|_| String::from("*"));
    let (_, path) = shown
        .split_once(":::")
        .and_then(|(_, object)| object.split_once('/'))?;
    (!path.contains(['*', '$'])).then(|| path.to_owned())
}
