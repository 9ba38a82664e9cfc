//! Keys that nobody could ever change again.

use std::collections::BTreeSet;

use diagnostics::{Diagnostic, Report};
use graph::access::{Principal, Resource};
use model::thing::ThingId;

use super::fault::UNADMINISTERED_KEY;
use crate::context::Context;

/// What an administrator has to be able to do.
/// Source: AWS KMS API reference, `CreateKey`, `BypassPolicyLockoutSafetyCheck`.
const CHANGE_POLICY: &str = "kms:PutKeyPolicy";

/// Refuses each key of which we write the policy and that no steward administers: the provider would not make it.
pub(super) fn check(cx: &Context<'_>, report: &mut Report) {
    let administered: BTreeSet<ThingId> = cx
        .graph
        .accesses
        .iter()
        .filter_map(|access| match (access.principal, access.resource) {
            (Principal::Steward(_), Resource::Thing(thing)) if cx.word(access.action) == CHANGE_POLICY => {
                Some(thing)
            }
            _ => None,
        })
        .collect();
    for (id, thing) in cx.model.things.iter() {
        let is_key = cx
            .model
            .kinds
            .get(thing.kind)
            .and_then(|kind| kind.words.service)
            .is_some_and(|service| cx.text(service) == "kms");
        let is_ours = thing.existing.is_none_or(|existing| existing.is_ours());
        if !is_key || !is_ours || administered.contains(&id) {
            continue;
        }
        let message = format!("nobody may change the policy of `{}`", cx.text(thing.name));
        let has_steward = cx.account_of(id).is_some_and(|account| account.steward.is_some());
        let help = if has_steward {
            "`use \"std/baseline/zero-trust\"`, by which the account's steward administers keys"
        } else {
            "name the account's steward: `account … { steward \"role/NAME\" }`, and `use \"std/baseline/zero-trust\"`"
        };
        report.push(
            Diagnostic::new(&UNADMINISTERED_KEY, thing.span, message)
                .note("the provider refuses to make a key whose policy could never be changed")
                .help(help),
        );
    }
}
