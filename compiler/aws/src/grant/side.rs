//! On which side an access is granted.

use std::collections::BTreeSet;

use graph::access::{Access, Principal, Resource};
use model::actor::ProviderId;
use model::project::AccountId;
use model::thing::{Detail, ThingId};
use pattern::word::{Letter, Word};

use super::{Place, Refused, Who};
use crate::context::Context;
use crate::deployment::document::PrincipalName;

/// The documents that have to grant an access, each with the principal as it is named there.
pub(super) fn sides(cx: &Context<'_>, index: usize, access: &Access) -> Result<Vec<(Place, Who)>, Refused> {
    match access.principal {
        Principal::Class(class) if is_of_device(cx.word(access.action)) => {
            Ok(vec![(Place::Device(class), Who::Own)])
        }
        Principal::Acting(rule) if matches!(cx.word(access.action), "iot:Subscribe" | "iot:Receive") => {
            Ok(vec![(Place::Rule(rule), Who::Own)])
        }
        Principal::Workload(actor)
        | Principal::Class(actor)
        | Principal::People(actor)
        | Principal::Acting(actor)
        | Principal::External(actor) => match access.resource {
            Resource::Identity(_) if cx.word(access.action) == "iot:Connect" => client(cx, access, actor),
            Resource::Identity(other) => trusts(cx, access, other, &foreign(cx, actor)?),
            Resource::Thing(thing) => by_role(cx, access, actor, thing),
            Resource::Unscoped => unscoped(cx, index, access, actor),
            Resource::Part(_) => Err(Refused::Contradiction(
                "a part of a thing has no policy of its own",
            )),
        },
        Principal::Service(service) => named(cx, access, PrincipalName::Service(cx.word(service).to_owned())),
        Principal::Federation(provider, account) => {
            let arn = federation(cx, provider, account)
                .ok_or(Refused::Contradiction("a federation without an address"))?;
            named(cx, access, PrincipalName::Federated(arn))
        }
        Principal::Steward(account) => {
            let arn = steward(cx, account)
                .ok_or(Refused::Contradiction("an account without a steward administers"))?;
            named(cx, access, PrincipalName::Aws(arn))
        }
        Principal::Anyone => on_object(cx, access, &Who::Anyone),
    }
}

/// What the engine of AWS IoT Core evaluates, by the device's own policies.
fn is_of_device(action: &str) -> bool {
    action.starts_with("iot:") || action.starts_with("greengrass:")
}

fn named(cx: &Context<'_>, access: &Access, name: PrincipalName) -> Result<Vec<(Place, Who)>, Refused> {
    on_object(cx, access, &Who::Named(name))
}

/// In the policy of the object itself.
fn on_object(cx: &Context<'_>, access: &Access, who: &Who) -> Result<Vec<(Place, Who)>, Refused> {
    match access.resource {
        Resource::Thing(thing) => Ok(vec![(own_policy(cx, thing), who.clone())]),
        Resource::Identity(actor) => trusts(cx, access, actor, who),
        Resource::Part(_) | Resource::Unscoped => Err(Refused::Contradiction(
            "an access to what has no policy of its own",
        )),
    }
}

/// The policy of a thing: ours to write, or a request to its owner.
fn own_policy(cx: &Context<'_>, thing: ThingId) -> Place {
    if is_ours(cx, thing) {
        Place::Resource(thing)
    } else {
        Place::Request(thing)
    }
}

fn is_ours(cx: &Context<'_>, thing: ThingId) -> bool {
    cx.thing(thing)
        .is_some_and(|thing| thing.existing.is_none_or(|existing| existing.is_ours()))
}

/// The trust policies of the roles that are meant: an external has one in each account that holds what it reaches.
fn trusts(
    cx: &Context<'_>,
    access: &Access,
    actor: ThingId,
    who: &Who,
) -> Result<Vec<(Place, Who)>, Refused> {
    let within = cx.graph.patterns.get(access.within);
    let is_meant = |arn: &str| {
        let arn = Word::text(arn);
        within.zip(arn).is_some_and(|(within, arn)| within.matches(&arn))
    };
    let roles = cx.graph.addresses.roles.range((actor, AccountId::new(0))..);
    let places: Vec<_> = roles
        .take_while(|((thing, _), _)| *thing == actor)
        .filter(|(_, role)| is_meant(&role.arn))
        .map(|((thing, account), _)| (Place::Trust(*thing, *account), who.clone()))
        .collect();
    if places.is_empty() {
        return Err(Refused::Contradiction(
            "an actor that is to be become has no role",
        ));
    }
    Ok(places)
}

/// Who comes from outside, or another role of ours.
fn foreign(cx: &Context<'_>, actor: ThingId) -> Result<Who, Refused> {
    let missing = Refused::Contradiction("an actor that becomes another has no name");
    let thing = cx.thing(actor).ok_or(missing.clone())?;
    if let Detail::External(external) = &thing.detail {
        let home = cx
            .graph
            .addresses
            .roles
            .range((actor, AccountId::new(0))..)
            .next();
        let home = home
            .and_then(|((_, account), _)| cx.account(*account))
            .ok_or(missing.clone())?;
        let partition = cx.text(home.partition);
        let role = external.role.map(|(role, _)| cx.text(role).to_owned());
        let account = external
            .account
            .map(|(number, _)| format!("arn:{partition}:iam::{}:root", cx.text(number)));
        return Ok(Who::Named(PrincipalName::Aws(role.or(account).ok_or(missing)?)));
    }
    let home = thing.account.ok_or(missing.clone())?;
    let role = cx.graph.addresses.roles.get(&(actor, home)).ok_or(missing)?;
    Ok(Who::Named(PrincipalName::Aws(role.arn.clone())))
}

/// An external acts by a role in the account of each object; whoever else by the one of its own account.
fn unscoped(
    cx: &Context<'_>,
    index: usize,
    access: &Access,
    actor: ThingId,
) -> Result<Vec<(Place, Who)>, Refused> {
    let homes: BTreeSet<AccountId> = match access.principal {
        Principal::External(_) => {
            let position = u32::try_from(index).unwrap_or(u32::MAX);
            graph::unscoped::accounts(cx.model, cx.graph, position)
        }
        _ => cx
            .thing(actor)
            .and_then(|thing| thing.account)
            .into_iter()
            .collect(),
    };
    if homes.is_empty() {
        return Err(Refused::Contradiction("an actor without an account"));
    }
    let has_role = |home: &AccountId| cx.graph.addresses.roles.contains_key(&(actor, *home));
    if matches!(access.principal, Principal::External(_)) && !homes.iter().all(has_role) {
        return Err(Refused::Contradiction(
            "an external without a role in the account of what it reaches",
        ));
    }
    let places = homes
        .into_iter()
        .map(|home| (Place::Identity(actor, home), Who::Own));
    Ok(places.collect())
}

/// In the documents of the role by which an actor connects to the broker: the role in the account whose clients are meant.
fn client(cx: &Context<'_>, access: &Access, actor: ThingId) -> Result<Vec<(Place, Who)>, Refused> {
    let within = cx.graph.patterns.get(access.within);
    let is_meant = |account: AccountId| {
        let Some(account) = cx.account(account) else {
            return false;
        };
        let [partition, region, number] =
            [account.partition, account.region, account.number].map(|name| cx.text(name));
        let before = Word::text(&format!("arn:{partition}:iot:{region}:{number}:client/"));
        within
            .zip(before)
            .is_some_and(|(within, before)| within.strip_prefix(&before).is_some())
    };
    let roles = cx.graph.addresses.roles.range((actor, AccountId::new(0))..);
    let places: Vec<_> = roles
        .take_while(|((thing, _), _)| *thing == actor)
        .filter(|((_, home), _)| is_meant(*home))
        .map(|((thing, home), _)| (Place::Identity(*thing, *home), Who::Own))
        .collect();
    if places.is_empty() {
        return Err(Refused::Contradiction(
            "an actor without a role connects to the broker",
        ));
    }
    Ok(places)
}

/// Through the actor's role: on its side, on the object's, or on both.
fn by_role(
    cx: &Context<'_>,
    access: &Access,
    actor: ThingId,
    object: ThingId,
) -> Result<Vec<(Place, Who)>, Refused> {
    let own = cx.thing(actor).and_then(|thing| thing.account);
    let theirs = cx.thing(object).and_then(|thing| thing.account);
    let kept = |account: AccountId| model::project::home_of(&cx.model.accounts, account);
    // An external acts through a role of ours in the object's account.
    let home = if matches!(access.principal, Principal::External(_)) {
        theirs.map(kept)
    } else {
        own
    };
    let home = home.ok_or(Refused::Contradiction("an actor without an account"))?;
    let role = cx
        .graph
        .addresses
        .roles
        .get(&(actor, home))
        .ok_or(Refused::Contradiction("an actor without a role"))?;
    let identity = (Place::Identity(actor, home), Who::Own);
    let resource = (
        own_policy(cx, object),
        Who::Named(PrincipalName::Aws(role.arn.clone())),
    );
    // A role is become by whom its own trust policy names, whatever the caller's say; and that policy is of who the role is.
    if cx.word(access.action).starts_with("sts:Assume") {
        if is_ours(cx, object) {
            return Err(Refused::Inexpressible {
                what: "the trust policy of a role that exists".to_owned(),
                why: "it says who may be the role, and nothing else here writes it".to_owned(),
                help: "say `policy theirs`: the build then lists what its owner has to allow".to_owned(),
            });
        }
        return Ok(vec![identity, resource]);
    }
    if theirs.is_some_and(|account| kept(account) != kept(home)) {
        return Ok(vec![identity, resource]);
    }
    let pattern = cx.graph.patterns.get(access.within);
    let is_assigned = pattern.is_some_and(|pattern| {
        pattern
            .unknowns()
            .any(|letter| matches!(letter, Letter::Symbol(_)))
    });
    // A key answers nobody whom its own policy does not let in, in whatever way.
    let is_key = cx.word(access.action).starts_with("kms:");
    if (is_assigned || is_key) && is_ours(cx, object) {
        return Ok(vec![resource]);
    }
    if is_key {
        return Ok(vec![identity, resource]);
    }
    Ok(vec![identity])
}

/// The role that administers an account.
fn steward(cx: &Context<'_>, account: AccountId) -> Option<String> {
    let account = cx.account(account)?;
    let (role, _) = account.steward?;
    let [partition, number, role] = [account.partition, account.number, role].map(|name| cx.text(name));
    Some(format!("arn:{partition}:iam::{number}:{role}"))
}

/// The ARN of an identity provider in an account.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>
pub(crate) fn federation(cx: &Context<'_>, provider: ProviderId, account: AccountId) -> Option<String> {
    let (provider, account) = (cx.model.providers.get(provider)?, cx.account(account)?);
    let [partition, number] = [account.partition, account.number].map(|name| cx.text(name));
    if provider.saml.is_some() {
        return Some(format!(
            "arn:{partition}:iam::{number}:saml-provider/{}",
            cx.text(provider.name)
        ));
    }
    let issuer = cx.text(provider.oidc?.issuer);
    let host = issuer.strip_prefix("https://").unwrap_or(issuer);
    Some(format!("arn:{partition}:iam::{number}:oidc-provider/{host}"))
}
