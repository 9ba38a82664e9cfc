//! Policies of resources: who may do what from this side, and what baselines deny.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalogue::honoured::{self, Sort};
use catalogue::limits;
use diagnostics::{Diagnostic, Report};
use graph::access::Restriction;
use model::thing::{Detail, Thing, ThingId};
use pattern::pattern::Pattern;
use pattern::word::Letter;
use rayon::prelude::*;
use source::Span;

use crate::context::Context;
use crate::deployment::document::{Document, Engine, PrincipalName, Principals, Statement};
use crate::deployment::identity::ResourcePolicy;
use crate::deployment::store::Store;
use crate::deployment::{Cause, Request};
use crate::document::condition;
use crate::document::pack::{self, PLAIN, Style};
use crate::document::size::Sizes;
use crate::fault::UNHONOURED_POLICY;
use crate::grant::{Grant, Place, Who};
use crate::name::label;
use crate::quota;

/// Every policy, sorted by account and declared name; and the requests to owners of existing things.
pub(super) fn policies(
    cx: &Context<'_>,
    grants: &BTreeMap<Place, Vec<Grant>>,
    stores: &[Store],
    report: &mut Report,
) -> (Vec<ResourcePolicy>, Vec<Request>) {
    let mut restrictions: BTreeMap<ThingId, Vec<&Restriction>> = BTreeMap::new();
    for restriction in &cx.graph.restrictions {
        restrictions
            .entry(restriction.resource)
            .or_default()
            .push(restriction);
    }
    let mut things: BTreeSet<(ThingId, bool)> = restrictions.keys().map(|thing| (*thing, true)).collect();
    for place in grants.keys() {
        match place {
            Place::Resource(thing) => drop(things.insert((*thing, true))),
            Place::Request(thing) => drop(things.insert((*thing, false))),
            Place::Identity(..) | Place::Trust(..) | Place::Device(_) | Place::Rule(_) => {}
        }
    }
    // What was refused is not there to be written.
    if !report.has_errors() {
        refuse_empty(cx, &things, report);
    }
    let by_store: BTreeMap<&str, usize> = stores
        .iter()
        .enumerate()
        .map(|(index, store)| (store.thing.as_str(), index))
        .collect();
    let things: Vec<(ThingId, bool)> = things.into_iter().collect();
    let lowered: Vec<(Option<ResourcePolicy>, Option<Request>, Report)> = things
        .par_iter()
        .map(|(thing, ours)| {
            let mut report = Report::default();
            if *ours {
                let restrictions = restrictions.get(thing).map_or(&[][..], Vec::as_slice);
                let grants = grants
                    .get(&Place::Resource(*thing))
                    .map_or(&[][..], Vec::as_slice);
                let policy = policy(cx, *thing, grants, restrictions, &by_store, &mut report);
                return (policy, None, report);
            }
            let grants = grants.get(&Place::Request(*thing)).map_or(&[][..], Vec::as_slice);
            let request = request(cx, *thing, grants, &mut report);
            (None, request, report)
        })
        .collect();
    let (mut policies, mut requests) = (Vec::new(), Vec::new());
    for (policy, request, found) in lowered {
        policies.extend(policy);
        requests.extend(request);
        report.append(found);
    }
    policies.sort_by(|a, b| (&a.account, &a.thing).cmp(&(&b.account, &b.thing)));
    requests.sort_by(|a, b| a.thing.cmp(&b.thing));
    (policies, requests)
}

fn policy(
    cx: &Context<'_>,
    id: ThingId,
    grants: &[Grant],
    restrictions: &[&Restriction],
    stores: &BTreeMap<&str, usize>,
    report: &mut Report,
) -> Option<ResourcePolicy> {
    let (thing, account) = (cx.thing(id)?, cx.account_of(id)?);
    let kind = cx.model.kinds.get(thing.kind)?;
    let service = kind.words.service.map_or("", |service| cx.text(service));
    let arn = cx.graph.addresses.things.get(&id)?;
    refuse_passed_over(cx, thing, service, grants, report);
    refuse_several(cx, thing, arn, grants, report);
    let mut document = super::document(cx, grants, style(service, arn), report);
    for restriction in restrictions {
        deny(cx, service, arn, restriction, &mut document, report);
    }
    pack::finish(&mut document.statements);
    let name = cx.text(thing.name);
    if let Some(limit) = limits::resource_policy(service) {
        let size = Sizes {
            engine: Engine::Iam,
            variables: &cx.variables,
        }
        .document(&document);
        quota::check(
            &format!("the policy of `{name}`"),
            thing.span,
            limit,
            size,
            report,
        );
    }
    quota::characters([&document], report);
    let mut because: Vec<Cause> = document
        .statements
        .iter()
        .flat_map(|statement| statement.because.iter().cloned())
        .collect();
    because.sort();
    because.dedup();
    Some(ResourcePolicy {
        thing: name.to_owned(),
        account: cx.text(account.name).to_owned(),
        stack: cx.stacks.of_thing(id)?,
        service: service.to_owned(),
        address: cx.graph.addresses.objects.get(&id)?.clone(),
        store: stores.get(name).copied().filter(|_| thing.existing.is_none()),
        physical: cx.physical(thing).to_owned(),
        label: label(name),
        document,
        because: because.into(),
    })
}

/// A policy that would have no effect, at the line that asks for it.
fn unhonoured(thing: &Thing, span: Option<Span>, message: String) -> Diagnostic {
    let diagnostic = match span {
        Some(span) => Diagnostic::new(&UNHONOURED_POLICY, span, message),
        None => Diagnostic::global(&UNHONOURED_POLICY, message),
    };
    diagnostic.label(thing.span, "declared here")
}

/// A policy is one thing's. An address with a `*` is that of several, and no policy is attached to them all.
fn refuse_several(cx: &Context<'_>, thing: &Thing, arn: &Pattern, grants: &[Grant], report: &mut Report) {
    let is_several = !arn.is_literal();
    let Some(grant) = grants.first().filter(|_| is_several) else {
        return;
    };
    let name = cx.text(thing.name);
    let span = cx.span_of(cx.because_of(Some(grant.access)));
    let message = format!("`{name}` is several things by its address, and a policy is one thing's");
    report.push(
        unhonoured(thing, span, message)
            .help("let its kind's `arn` end in `{physical}`, and declare each thing by itself"),
    );
}

/// Whole policies that would say nothing: what stands there already would stay, though the spec says that it is ours.
fn refuse_empty(cx: &Context<'_>, written: &BTreeSet<(ThingId, bool)>, report: &mut Report) {
    for (id, thing) in cx.model.things.iter() {
        let is_ours = thing.existing.is_some_and(|existing| existing.is_ours());
        let is_role = matches!(thing.detail, Detail::Workload(_) | Detail::People(_));
        if !is_ours || is_role || written.contains(&(id, true)) {
            continue;
        }
        let name = cx.text(thing.name);
        let message =
            format!("nothing needs a policy of `{name}`, so none is written, and what is there stays");
        let span = thing.existing.map_or(thing.span, |existing| existing.span);
        report.push(
            Diagnostic::new(&UNHONOURED_POLICY, span, message)
                .note("`policy ours` says that the whole policy is ours")
                .help(format!("say `policy theirs` in `{name}`")),
        );
    }
}

/// Refuses to write what the service would store and never look at.
fn refuse_passed_over(cx: &Context<'_>, thing: &Thing, service: &str, grants: &[Grant], report: &mut Report) {
    let mut seen: BTreeSet<Option<Span>> = BTreeSet::new();
    for grant in grants {
        let sort = match &grant.who {
            Who::Own => continue,
            Who::Anyone => Sort::Anyone,
            Who::Named(PrincipalName::Aws(_)) => Sort::Account,
            Who::Named(PrincipalName::Service(_)) => Sort::Service,
            Who::Named(PrincipalName::Federated(_)) => Sort::Federated,
        };
        let action = cx.word(grant.action);
        let Some(why) = honoured::passes_over(service, sort, action) else {
            continue;
        };
        let span = cx.span_of(cx.because_of(Some(grant.access)));
        if !seen.insert(span) {
            continue;
        }
        let name = cx.text(thing.name);
        let message = format!("the policy of `{name}` cannot let this in: `{action}`");
        report.push(
            unhonoured(thing, span, message)
                .note(format!("`{service}` would not look at it: {why}"))
                .help(format!(
                    "let somebody of the account of `{name}` do it, and pass on what is needed"
                )),
        );
    }
}

/// What only the owner of an existing thing can write.
fn request(cx: &Context<'_>, id: ThingId, grants: &[Grant], report: &mut Report) -> Option<Request> {
    let thing = cx.thing(id)?;
    let service = cx.model.kinds.get(thing.kind)?.words.service;
    let service = service.map_or("", |service| cx.text(service));
    refuse_passed_over(cx, thing, service, grants, report);
    let document = super::document(cx, grants, PLAIN, report);
    Some(Request {
        thing: cx.text(thing.name).to_owned(),
        existing: cx.physical(thing).to_owned(),
        document,
        because: cx.because_all(grants.iter().flat_map(|grant| cx.reasons_of(grant.access))),
    })
}

/// A key's own policy, and that of what has an assigned name, say `*`: the service stores no other name there.
fn style<'a>(service: &str, arn: &'a Pattern) -> Style<'a> {
    /// Source: Amazon SQS developer guide, quotas related to policies.
    const SQS_ACTIONS: &str = "sqs.queue.policy.actions-per-statement";
    let is_assigned = arn.unknowns().any(|letter| matches!(letter, Letter::Symbol(_)));
    Style {
        own: (service == "kms" || is_assigned).then_some(arn),
        actions_max: if service == "sqs" {
            quota::limit(SQS_ACTIONS).max(1)
        } else {
            usize::MAX
        },
        ..PLAIN
    }
}

/// Denies everything on a thing, and in it, outside a restriction.
fn deny(
    cx: &Context<'_>,
    service: &str,
    arn: &Pattern,
    restriction: &Restriction,
    document: &mut Document,
    report: &mut Report,
) {
    let Some(region) = cx.graph.regions.get(restriction.when) else {
        report.compiler_bug("a restriction without its region");
        return;
    };
    match condition::blocks(&region.not()) {
        Ok(blocks) => document
            .statements
            .extend(blocks.into_iter().map(|conditions| Statement {
                id: String::new(),
                deny: true,
                principals: Some(Principals::Anyone),
                actions: vec![format!("{service}:*")],
                resources: universe(service, arn),
                conditions,
                because: Arc::clone(&cx.because(restriction.because)),
            })),
        Err(fault) => super::refuse(
            cx,
            &pack::Refused {
                fault,
                because: restriction.because,
            },
            report,
        ),
    }
}

/// A thing, and for a bucket everything in it.
fn universe(service: &str, arn: &Pattern) -> Vec<Pattern> {
    if service == "kms" || arn.unknowns().any(|letter| matches!(letter, Letter::Symbol(_))) {
        return vec![Pattern::everything()];
    }
    let mut universe = vec![arn.clone()];
    if service == "s3"
        && let Some(below) = Pattern::glob("/*")
    {
        universe.push(arn.concat(&below));
    }
    if service == "dynamodb"
        && let Some(indexes) = Pattern::glob("/index/*")
    {
        universe.push(arn.concat(&indexes));
    }
    universe
}
