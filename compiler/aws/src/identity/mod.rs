//! Roles, federations, and the policies of resources.

mod policy;
mod role;

use std::collections::BTreeMap;

use diagnostics::{Diagnostic, Report};

use crate::context::Context;
use crate::deployment::Request;
use crate::deployment::document::Document;
use crate::deployment::identity::Identity;
use crate::deployment::store::Store;
use crate::document::pack;
use crate::fault::INEXPRESSIBLE_CONDITION;
use crate::grant::{Grant, Place};

/// The identity layer, and what only the owners of existing things can write.
pub(crate) fn lower(
    cx: &Context<'_>,
    grants: &BTreeMap<Place, Vec<Grant>>,
    stores: &[Store],
    report: &mut Report,
) -> (Identity, Vec<Request>) {
    let roles = role::roles(cx, grants, report);
    let federations = role::federations(cx, report);
    let (resources, requests) = policy::policies(cx, grants, stores, report);
    (
        Identity {
            roles,
            federations,
            resources,
        },
        requests,
    )
}

/// The document of one place, or a report of why there is none.
pub(crate) fn document(
    cx: &Context<'_>,
    grants: &[Grant],
    style: pack::Style<'_>,
    report: &mut Report,
) -> Document {
    match pack::document(cx, grants, style) {
        Ok(document) => document,
        Err(refused) => {
            refuse(cx, &refused, report);
            Document {
                statements: Vec::new(),
            }
        }
    }
}

/// Says why a condition has no document.
pub(crate) fn refuse(cx: &Context<'_>, refused: &pack::Refused, report: &mut Report) {
    let message = format!(
        "the condition on `{}` cannot be said exactly by any operator",
        refused.fault.key
    );
    let diagnostic = match cx.span_of(refused.because) {
        Some(span) => Diagnostic::new(&INEXPRESSIBLE_CONDITION, span, message),
        None => Diagnostic::global(&INEXPRESSIBLE_CONDITION, message),
    };
    report.push(
        diagnostic
            .note(refused.fault.why)
            .help("say it with other values, or take the condition out"),
    );
}
