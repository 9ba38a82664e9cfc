//! The share of each guard in the intent: `must` and `may`, which are the same for every guard of this layer.
//!
//! One sufficient grant: where the provider needs both sides (across accounts) both grant; where either side is enough
//! exactly one grants. A resource whose name holds a value that the provider assigns grants on its own side, so that no
//! other document needs that value; everything else is granted on the side of who acts.

use std::collections::BTreeMap;

use checks::Checked;
use graph::access::{Access, Principal, Resource};
use model::project::AccountId;
use model::thing::ThingId;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::Letter;
use rayon::prelude::*;
use read::facts::document::{Effect, PrincipalName};
use source::Span;

use relation::claims::Claims;
use relation::guard::{Guard, Who, own_universe};

use super::expand::Expand;
use super::not_decided;
use crate::because::span_of;
use crate::witness::Refusal;

/// One relation that a guard needs.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    pub(crate) effect: Effect,
    pub(crate) who: Who,
    /// Lower case; `s3:*` for a restriction of all actions.
    pub(crate) action: String,
    pub(crate) within: Pattern,
    pub(crate) when: Region,
    pub(crate) declared: Option<Span>,
}

/// Accesses that are shared out in one piece of work.
const ACCESSES_AT_ONCE: usize = 1024;

/// By guard, in order of the accesses.
pub(crate) fn shares(
    checked: &Checked<'_>,
    claims: Claims,
    target: &'static str,
    refusals: &mut Vec<Refusal>,
) -> BTreeMap<Guard, Vec<Need>> {
    let expand = Expand::new(checked);
    let pieces: Vec<_> = checked
        .graph()
        .accesses
        .par_chunks(ACCESSES_AT_ONCE)
        .map(|accesses| {
            let mut refusals = Vec::new();
            let shares = of_accesses(&expand, accesses, claims, target, &mut refusals);
            (shares, refusals)
        })
        .collect();
    let mut shares = super::joined(pieces, refusals);
    if claims.resources {
        restrictions(checked, &mut shares);
    }
    // A role that exists for its Name alone still has its guards: their documents then permit nothing.
    shares
}

fn of_accesses(
    expand: &Expand<'_>,
    accesses: &[Access],
    claims: Claims,
    target: &'static str,
    refusals: &mut Vec<Refusal>,
) -> BTreeMap<Guard, Vec<Need>> {
    let checked = expand.checked;
    let graph = checked.graph();
    let mut shares: BTreeMap<Guard, Vec<Need>> = BTreeMap::new();
    for access in accesses {
        let sides = match sides(checked, access) {
            Ok(sides) => sides,
            Err(why) => {
                refusals.push(not_decided(target, why).declared(span_of(checked, access.because)));
                continue;
            }
        };
        let wanted: Vec<(Guard, Who)> = sides.into_iter().filter(|(guard, _)| claims.has(guard)).collect();
        if wanted.is_empty() {
            continue;
        }
        let (Some(pattern), Some(when)) = (graph.patterns.get(access.within), graph.regions.get(access.when))
        else {
            refusals.push(not_decided(target, "an access without its pattern"));
            continue;
        };
        let patterns = match expand.patterns(access, pattern) {
            Ok(patterns) => patterns,
            Err(why) => {
                refusals.push(not_decided(target, why).declared(span_of(checked, access.because)));
                continue;
            }
        };
        let action = graph.words.text(access.action).to_ascii_lowercase();
        let declared = span_of(checked, access.because);
        for (guard, who) in wanted {
            let needs = shares.entry(guard).or_default();
            for within in &patterns {
                needs.push(Need {
                    effect: Effect::Allow,
                    who: who.clone(),
                    action: action.clone(),
                    within: within.clone(),
                    when: when.clone(),
                    declared,
                });
            }
        }
    }
    shares
}

/// What baselines deny: everything on the thing, by anybody, outside the restriction.
fn restrictions(checked: &Checked<'_>, shares: &mut BTreeMap<Guard, Vec<Need>>) {
    let (model, graph) = (checked.model(), checked.graph());
    for restriction in &graph.restrictions {
        let (Some(thing), Some(arn)) = (
            model.things.get(restriction.resource),
            graph.addresses.things.get(&restriction.resource),
        ) else {
            continue;
        };
        let service = model.kinds.get(thing.kind).and_then(|kind| kind.words.service);
        let (Some(service), Some(when)) = (service, graph.regions.get(restriction.when)) else {
            continue;
        };
        for within in own_universe(arn) {
            shares
                .entry(Guard::Resource(restriction.resource))
                .or_default()
                .push(Need {
                    effect: Effect::Deny,
                    who: Who::Anyone,
                    action: format!("{}:*", model.names.text(service)),
                    within,
                    when: when.not(),
                    declared: span_of(checked, restriction.because),
                });
        }
    }
}

pub(crate) fn sides(checked: &Checked<'_>, access: &Access) -> Result<Vec<(Guard, Who)>, String> {
    let (model, graph) = (checked.model(), checked.graph());
    let action = graph.words.text(access.action);
    let of_device = action.starts_with("iot:") || action.starts_with("greengrass:");
    let on_thing = |who| match access.resource {
        Resource::Thing(thing) => Ok(vec![(Guard::Resource(thing), who)]),
        Resource::Identity(actor) => trust_guards(checked, actor, &who),
        Resource::Part(_) | Resource::Unscoped => {
            Err(format!("`{action}` on nothing that has a policy of its own"))
        }
    };
    match access.principal {
        Principal::Class(thing) if of_device => Ok(vec![(Guard::Device(thing), Who::Own)]),
        // A rule's statement selects what the rule receives; it has no subscription apart from that.
        Principal::Acting(_) if action == "iot:Subscribe" => Ok(Vec::new()),
        Principal::Acting(thing) if action == "iot:Receive" => Ok(vec![(Guard::Rule(thing), Who::Own)]),
        Principal::Workload(thing)
        | Principal::Class(thing)
        | Principal::People(thing)
        | Principal::Acting(thing)
        | Principal::External(thing) => {
            if let Resource::Identity(actor) = access.resource {
                let who = foreign(checked, thing).map_or(Who::Own, Who::Named);
                return trust_guards(checked, actor, &who);
            }
            by_role(checked, access, thing)
        }
        Principal::Service(service) => on_thing(Who::Named(PrincipalName::Service(
            graph.words.text(service).to_owned(),
        ))),
        Principal::Federation(provider, account) => {
            let arn = federation(checked, provider, account).ok_or("a federation without an address")?;
            on_thing(Who::Named(PrincipalName::Federated(arn)))
        }
        Principal::Steward(account) => {
            let declared = model
                .accounts
                .get(account)
                .ok_or("an account that is not declared")?;
            let (role, _) = declared.steward.ok_or("an account without a steward")?;
            let arn = format!(
                "arn:{}:iam::{}:{}",
                model.names.text(declared.partition),
                model.names.text(declared.number),
                model.names.text(role)
            );
            on_thing(Who::Named(PrincipalName::Role(arn)))
        }
        Principal::Anyone => on_thing(Who::Anyone),
    }
}

/// The foreign principal that an external is.
fn foreign(checked: &Checked<'_>, thing: ThingId) -> Option<PrincipalName> {
    let model = checked.model();
    let model::thing::Detail::External(external) = &model.things.get(thing)?.detail else {
        return None;
    };
    let role = external
        .role
        .map(|(role, _)| PrincipalName::Role(model.names.text(role).to_owned()));
    let account = external
        .account
        .map(|(number, _)| PrincipalName::Account(model.names.text(number).to_owned()));
    role.or(account)
}

fn trust_guards(checked: &Checked<'_>, actor: ThingId, who: &Who) -> Result<Vec<(Guard, Who)>, String> {
    let roles = &checked.graph().addresses.roles;
    let first = (actor, AccountId::new(0));
    let guards: Vec<_> = roles
        .range(first..)
        .take_while(|((thing, _), _)| *thing == actor)
        .map(|((thing, account), _)| (Guard::Trust(*thing, *account), who.clone()))
        .collect();
    if guards.is_empty() {
        Err("an actor that is to be become, without a role".to_owned())
    } else {
        Ok(guards)
    }
}

fn by_role(checked: &Checked<'_>, access: &Access, actor: ThingId) -> Result<Vec<(Guard, Who)>, String> {
    let (model, graph) = (checked.model(), checked.graph());
    let object = match access.resource {
        Resource::Thing(thing) => model.things.get(thing).map(|declared| (thing, declared)),
        Resource::Unscoped | Resource::Identity(_) => None,
        Resource::Part(_) => return Err("a part of a thing has no policy of its own".to_owned()),
    };
    let own = model.things.get(actor).and_then(|thing| thing.account);
    let theirs = object.and_then(|(_, thing)| thing.account);
    // An external acts through a role of ours in the object's account.
    let home = if matches!(access.principal, Principal::External(_)) {
        theirs
    } else {
        own
    };
    let home = home.ok_or("an actor without an account")?;
    let role = graph
        .addresses
        .roles
        .get(&(actor, home))
        .ok_or("an actor without a role")?;
    let identity = (Guard::Identity(actor, home), Who::Own);
    let Some((thing, declared)) = object else {
        return Ok(vec![identity]);
    };
    let resource = (
        Guard::Resource(thing),
        Who::Named(PrincipalName::Role(role.arn.clone())),
    );
    let ours = declared.existing.is_none_or(|existing| existing.policy_ours);
    if theirs.is_some_and(|account| account != home) {
        // The half that only the owner of an existing thing can write is a request, and an assumption.
        return Ok(if ours {
            vec![identity, resource]
        } else {
            vec![identity]
        });
    }
    let assigned = graph.patterns.get(access.within).is_some_and(|pattern| {
        pattern
            .unknowns()
            .any(|letter| matches!(letter, Letter::Symbol(_)))
    });
    Ok(if assigned && ours {
        vec![resource]
    } else {
        vec![identity]
    })
}

/// The ARN of an identity provider in an account. Source: the IAM reference, `saml-provider/NAME`, `oidc-provider/HOST/PATH`.
pub(crate) fn federation(
    checked: &Checked<'_>,
    provider: model::actor::ProviderId,
    account: AccountId,
) -> Option<String> {
    let model = checked.model();
    let (provider, account) = (model.providers.get(provider)?, model.accounts.get(account)?);
    let (partition, number) = (
        model.names.text(account.partition),
        model.names.text(account.number),
    );
    if provider.saml.is_some() {
        return Some(format!(
            "arn:{partition}:iam::{number}:saml-provider/{}",
            model.names.text(provider.name)
        ));
    }
    let issuer = model.names.text(provider.oidc?.issuer);
    let host = issuer.strip_prefix("https://").unwrap_or(issuer);
    Some(format!("arn:{partition}:iam::{number}:oidc-provider/{host}"))
}
