//! People who hold a trust and need no second factor.

use diagnostics::{Code, Diagnostic, Severity};
use model::thing::Detail;
use model::trust::End;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "people-without-mfa",
    severity: Severity::Error,
    summary: "people act without a second factor",
    docs: include_str!("people_without_mfa.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (id, thing) in cx.model.things.iter() {
        let Detail::People(people) = &thing.detail else {
            continue;
        };
        let Some(trust) = cx.index.trusts(End::Thing(id)).next() else {
            continue;
        };
        if people.mfa.is_some() {
            continue;
        }
        let name = cx.text(thing.name);
        let mut diagnostic = Diagnostic::new(
            &CODE,
            thing.span,
            format!("people `{name}` need no second factor"),
        )
        .note("a stolen password is then enough for everything that they may do")
        .help("say `mfa accept=idp-mfa` if their identity provider enforces it");
        if let Some(trust) = cx.model.trusts.get(trust) {
            diagnostic = diagnostic.label(trust.span, "they act here");
        }
        findings.push(diagnostic, [thing.name]);
    }
}
