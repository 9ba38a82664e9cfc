//! Addresses of a role or an account of others that no connection is of: nothing binds its requests to them.

use std::collections::BTreeSet;

use diagnostics::{Code, Diagnostic, Severity};
use model::thing::{Detail, PartDetail, ThingId};
use model::trust::End;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "unused-addresses",
    severity: Severity::Note,
    summary: "addresses are said, and bind nothing",
    docs: include_str!("unused_addresses.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    let listens = |end: End| match end {
        End::Part(part) => {
            let part = cx.model.parts.get(part);
            part.is_some_and(|part| matches!(part.detail, PartDetail::Listener(_)))
        }
        End::Thing(_) | End::Account(_) | End::Internet => false,
    };
    let mut connected: BTreeSet<ThingId> = BTreeSet::new();
    for (_, trust) in cx.model.trusts.iter() {
        if trust.objects.iter().any(|object| listens(object.end)) {
            connected.extend(trust.subjects.iter().filter_map(|subject| match subject.end {
                End::Thing(thing) => Some(thing),
                End::Part(_) | End::Account(_) | End::Internet => None,
            }));
        }
    }
    for (id, thing) in cx.model.things.iter() {
        let Detail::External(external) = &thing.detail else {
            continue;
        };
        // What listens is reached at its addresses.
        if let Some((_, span)) = external.at.first()
            && (external.role.is_some() || external.account.is_some())
            && thing.parts.is_empty()
            && !connected.contains(&id)
        {
            let name = cx.text(thing.name);
            let message =
                format!("nothing uses the addresses of `{name}`: its requests are known by its role");
            findings.push(
                Diagnostic::new(&CODE, *span, message)
                    .help("to bind requests to addresses, write `when { source \"…\" }` in the trust; else leave `at` out"),
                [thing.name],
            );
        }
    }
}
