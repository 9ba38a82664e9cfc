//! Roles: who may become them, and what they may do.

use std::collections::BTreeMap;

use diagnostics::{Diagnostic, Report};
use graph::access::Principal;
use graph::address;
use graph::setting::{Object, Property, Value};
use model::actor::RunsOn;
use model::project::AccountId;
use model::thing::{Detail, Thing, ThingId};
use rayon::prelude::*;

use crate::context::Context;
use crate::deployment::Because;
use crate::deployment::document::Engine;
use crate::deployment::identity::{Federation, FederationSort, Role};
use crate::document::pack::{PLAIN, Style};
use crate::document::size::Sizes;
use crate::fault::{UNASSUMABLE_ROLE, UNSUPPORTED_NAME};
use crate::grant::{self, Grant, Place};
use crate::name::label;
use crate::quota;

/// The provider's default, where nothing says less.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
const SESSION_SECONDS: u64 = 3_600;

/// Every role, sorted by account and name.
pub(super) fn roles(
    cx: &Context<'_>,
    grants: &BTreeMap<Place, Vec<Grant>>,
    report: &mut Report,
) -> Vec<Role> {
    let sessions: BTreeMap<ThingId, u64> = cx
        .graph
        .settings
        .iter()
        .filter_map(
            |setting| match (setting.object, setting.property, setting.value) {
                (Object::Identity(thing), Property::SessionSeconds, Value::Number(seconds)) => {
                    Some((thing, seconds))
                }
                _ => None,
            },
        )
        .collect();
    let declared: Vec<_> = cx.graph.addresses.roles.iter().collect();
    let lowered: Vec<(Option<Role>, Report)> = declared
        .par_iter()
        .map(|((thing, account), role)| {
            let mut report = Report::default();
            let lowered = lower(cx, grants, &sessions, (*thing, *account), role, &mut report);
            (lowered, report)
        })
        .collect();
    let mut roles = Vec::with_capacity(lowered.len());
    for (role, found) in lowered {
        roles.extend(role);
        report.append(found);
    }
    roles.sort_by(|a, b| (&a.account, &a.name).cmp(&(&b.account, &b.name)));
    roles
}

fn lower(
    cx: &Context<'_>,
    grants: &BTreeMap<Place, Vec<Grant>>,
    sessions: &BTreeMap<ThingId, u64>,
    (id, account): (ThingId, AccountId),
    role: &address::Role,
    report: &mut Report,
) -> Option<Role> {
    let (thing, held) = (cx.thing(id)?, cx.account(account)?);
    // Of what acts, what exists is the thing; its role is ours.
    let is_existing = thing.existing_role().is_some();
    if is_existing && !grants.contains_key(&Place::Identity(id, account)) {
        // Its name stands in policies of ours, and nothing is added to it.
        return None;
    }
    let trusts = grants
        .get(&Place::Trust(id, account))
        .map_or(&[][..], Vec::as_slice);
    let accesses = grants
        .get(&Place::Identity(id, account))
        .map_or(&[][..], Vec::as_slice);
    let because = because(cx, thing.span, trusts);
    if trusts.is_empty() && !is_existing {
        report.push(
            Diagnostic::new(
                &UNASSUMABLE_ROLE,
                thing.span,
                format!("nothing can become `{}`", cx.text(thing.name)),
            )
            .note("the provider takes no role that nobody may assume")
            .help("say where it runs: `runs-on=lambda`, for example"),
        );
    }
    let trust = super::document(
        cx,
        trusts,
        Style {
            has_resources: false,
            ..PLAIN
        },
        report,
    );
    let identity = super::document(cx, accesses, PLAIN, report);
    let sizes = Sizes {
        engine: Engine::Iam,
        variables: &cx.variables,
    };
    let name = cx.text(thing.name);
    let most = quota::granted(cx, held, "iam.role.trust");
    quota::check_against(
        &format!("the trust policy of `{name}`"),
        thing.span,
        ("iam.role.trust", most),
        sizes.document(&trust),
        report,
    );
    if !identity.statements.is_empty() {
        let size = sizes.document(&identity);
        quota::check(
            &format!("the policy of `{name}`"),
            thing.span,
            "iam.role.inline",
            size,
            report,
        );
    }
    quota::characters([&trust, &identity], report);
    Some(Role {
        actor: name.to_owned(),
        account: cx.text(held.name).to_owned(),
        stack: cx.stacks.of_role(id, account)?,
        name: role.name.clone(),
        arn: role.arn.clone(),
        label: label(name),
        renamed_from: thing.renamed_from.map(|(name, _)| label(cx.text(name))),
        trust: (!is_existing).then_some(trust),
        identity: if identity.statements.is_empty() {
            Vec::new()
        } else {
            vec![identity]
        },
        session_seconds: sessions.get(&id).copied().unwrap_or(SESSION_SECONDS),
        has_profile: !is_existing && runs_on_instances(thing),
        because,
    })
}

fn runs_on_instances(thing: &Thing) -> bool {
    matches!(&thing.detail, Detail::Workload(workload) if workload.runs_on == Some(RunsOn::Ec2))
}

/// Its declaration, or what lets somebody become it.
fn because(cx: &Context<'_>, span: source::Span, trusts: &[Grant]) -> Because {
    let because = cx.because_all(trusts.iter().flat_map(|grant| cx.reasons_of(grant.access)));
    if because.is_empty() {
        cx.declared(span, "An actor has its role")
    } else {
        because
    }
}

/// Identity providers as accounts know them, sorted by account and name.
pub(super) fn federations(cx: &Context<'_>, report: &mut Report) -> Vec<Federation> {
    let mut used: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, access) in cx.graph.accesses.iter().enumerate() {
        if let Principal::Federation(provider, account) = access.principal {
            used.entry((provider, account)).or_default().push(index);
        }
    }
    let mut federations = Vec::with_capacity(used.len());
    for ((provider, account), accesses) in used {
        let lowered = (|| {
            let (declared, held) = (cx.model.providers.get(provider)?, cx.account(account)?);
            let name = cx.text(declared.name).to_owned();
            let sort = match (declared.saml, declared.oidc) {
                (Some((metadata, _)), _) => FederationSort::Saml {
                    name: name.clone(),
                    metadata: cx.text(metadata).to_owned(),
                },
                (None, Some(_)) if graph::shared::is_known(cx.model, provider, account) => {
                    FederationSort::Found
                }
                (None, Some(oidc)) => FederationSort::Oidc {
                    issuer: cx.text(oidc.issuer).to_owned(),
                    audiences: vec![cx.text(oidc.audience).to_owned()],
                },
                (None, None) => return None,
            };
            Some(Federation {
                provider: name,
                account: cx.text(held.name).to_owned(),
                stack: cx.stacks.of_federations(account)?,
                arn: grant::federation(cx, provider, account)?,
                sort,
                because: cx.because_all(accesses.iter().flat_map(|access| cx.reasons_of(*access))),
            })
        })();
        match lowered {
            Some(federation) => federations.push(federation),
            None => report.compiler_bug("an identity provider that vouches for nobody is trusted"),
        }
    }
    federations.sort_by(|a, b| (&a.account, &a.provider).cmp(&(&b.account, &b.provider)));
    unused(cx, &federations, report);
    federations
}

/// Refuses a provider that exists in an account where nobody uses it: it would be made where somebody does.
fn unused(cx: &Context<'_>, federations: &[Federation], report: &mut Report) {
    for (_, provider) in cx.model.providers.iter() {
        for (existing, span) in &provider.existing {
            let arn = cx.text(*existing);
            if !arn.starts_with("arn:") || federations.iter().any(|used| used.arn == arn) {
                continue;
            }
            let message = format!("nobody of that account uses `{}`", cx.text(provider.name));
            report.push(
                Diagnostic::new(&UNSUPPORTED_NAME, *span, message)
                    .note("it would not be looked up there, and be made wherever somebody uses it")
                    .help("name the provider of the account whose roles it vouches for"),
            );
        }
    }
}
