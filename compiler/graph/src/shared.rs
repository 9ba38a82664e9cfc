//! Whether two names may stand for the same somebody: what the provider of an identity knows them by.
//!
//! People in one group of one provider may be the same people, and a job may give claims that two workloads ask for.
//! Two that are *equal* to the provider are refused where the graph is built; here is what is only shared.

use std::collections::{BTreeMap, BTreeSet};

use model::Model;
use model::actor::{External, People, ProviderId, RunsOn, Workload};
use model::project::AccountId;
use model::thing::{Detail, Thing, ThingId};

/// Per claim, in small letters, the values of which any holds.
pub(crate) type Claims<'m> = BTreeMap<String, BTreeSet<&'m str>>;

/// Whether somebody may be a member of both: then what the one may, a member of the other may.
///
/// - People of one provider with one group share its members; people without a group are everybody of their provider.
/// - Workloads of one provider share a job if each claim that both name can hold for both; a claim that only one names
///   does not keep them apart. Pods likewise, in one account and region.
/// - Externals share the role that one names and the account that the other is.
/// - A thing shares its members with itself.
#[must_use]
pub fn shares_members(model: &Model, a: ThingId, b: ThingId) -> bool {
    if a == b {
        return true;
    }
    let (Some(one), Some(two)) = (model.things.get(a), model.things.get(b)) else {
        return false;
    };
    match (&one.detail, &two.detail) {
        (Detail::People(left), Detail::People(right)) => share_people(model, left, right),
        (Detail::Workload(left), Detail::Workload(right)) => share_jobs(model, (one, left), (two, right)),
        (Detail::External(left), Detail::External(right)) => {
            share_roles(model, left, right) || share_roles(model, right, left)
        }
        (
            Detail::Workload(_)
            | Detail::Class(_)
            | Detail::People(_)
            | Detail::External(_)
            | Detail::Resource,
            _,
        ) => false,
    }
}

/// Groups are told apart by their names as they stand: providers differ in whether case matters, so it does not here.
fn share_people(model: &Model, left: &People, right: &People) -> bool {
    let (Some(one), Some(two)) = (left.from, right.from) else {
        return false;
    };
    if one != two && !is_one_issuer(model, one, two) {
        return false;
    }
    match (left.group, right.group) {
        (Some((one, _)), Some((two, _))) => {
            model.names.text(one).to_lowercase() == model.names.text(two).to_lowercase()
        }
        (None, _) | (_, None) => true,
    }
}

fn is_one_issuer(model: &Model, one: ProviderId, two: ProviderId) -> bool {
    if let (Some(one), Some(two)) = (issuer(model, one), issuer(model, two)) {
        return one == two;
    }
    let metadata = |id: ProviderId| {
        let (reference, _) = model.providers.get(id)?.saml?;
        Some(model.names.text(reference))
    };
    metadata(one).is_some() && metadata(one) == metadata(two)
}

fn share_jobs(model: &Model, (one, left): (&Thing, &Workload), (two, right): (&Thing, &Workload)) -> bool {
    let is_pod = |workload: &Workload| workload.runs_on == Some(RunsOn::Eks);
    let is_one_issuer = match (left.from, right.from) {
        (Some(one), Some(two)) => one == two || is_one_issuer(model, one, two),
        (None, None) if is_pod(left) && is_pod(right) => {
            let place = |thing: &Thing| {
                let account = thing.account.or(model.project.default_account)?;
                let account = model.accounts.get(account)?;
                Some((account.number, account.region))
            };
            // Without claims nothing says which pods they are: two such roles have nothing in common.
            !left.claims.is_empty() && !right.claims.is_empty() && place(one) == place(two)
        }
        (None, _) | (_, None) => false,
    };
    is_one_issuer && can_hold_together(&claims(model, left), &claims(model, right))
}

fn can_hold_together(left: &Claims<'_>, right: &Claims<'_>) -> bool {
    left.iter()
        .all(|(claim, values)| right.get(claim).is_none_or(|others| !values.is_disjoint(others)))
}

/// Whether the role of the one lies in the account that the other is.
fn share_roles(model: &Model, left: &External, right: &External) -> bool {
    let text = |named: Option<(arena::Name, source::Span)>| named.map(|(name, _)| model.names.text(name));
    match (text(left.role), text(left.account)) {
        (Some(role), _) => {
            let same = text(right.role).is_some_and(|other| other.eq_ignore_ascii_case(role));
            let number = role.split(':').nth(4);
            same || text(right.account).is_some_and(|account| Some(account) == number)
        }
        (None, Some(account)) => text(right.account) == Some(account),
        (None, None) => false,
    }
}

/// What a workload's jobs are known by at their provider, whatever the provider is called here.
pub(crate) fn issuer(model: &Model, id: ProviderId) -> Option<String> {
    let oidc = model.providers.get(id)?.oidc?;
    Some(format!(
        "{} {}",
        issuer_url(model, id)?,
        model.names.text(oidc.audience)
    ))
}

/// The URL of a provider's tokens, as the cloud compares it.
pub(crate) fn issuer_url(model: &Model, id: ProviderId) -> Option<String> {
    let oidc = model.providers.get(id)?.oidc?;
    let url = model.names.text(oidc.issuer);
    Some(url.trim_end_matches('/').to_ascii_lowercase())
}

/// Whether an account knows a provider already: then nothing is made.
#[must_use]
pub fn is_known(model: &Model, id: ProviderId, account: AccountId) -> bool {
    let (Some(provider), Some(account)) = (model.providers.get(id), model.accounts.get(account)) else {
        return false;
    };
    let head = format!(
        "arn:{}:iam::{}:",
        model.names.text(account.partition),
        model.names.text(account.number)
    );
    let mut named = provider.existing.iter().map(|(name, _)| model.names.text(*name));
    provider.saml.is_some() || named.any(|name| !name.starts_with("arn:") || name.starts_with(&head))
}

/// The claims of a workload. A claim that stands twice must hold both times.
pub(crate) fn claims<'m>(model: &'m Model, workload: &Workload) -> Claims<'m> {
    let mut found = Claims::new();
    for (claim, values, _) in &workload.claims {
        let values: BTreeSet<&str> = values.iter().map(|value| model.names.text(*value)).collect();
        let name = model.names.text(*claim).to_ascii_lowercase();
        match found.get_mut(&name) {
            Some(earlier) => earlier.retain(|value| values.contains(value)),
            None => drop(found.insert(name, values)),
        }
    }
    found
}
