//! TCP listeners that say nothing about TLS.

use diagnostics::{Code, Diagnostic, Severity};
use model::thing::PartDetail;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "plaintext-listener",
    severity: Severity::Error,
    summary: "a listener does not say that it needs TLS",
    docs: include_str!("plaintext_listener.md"),
};

/// IANA protocol number of TCP.
const TCP: u8 = 6;

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, part) in cx.model.parts.iter() {
        let PartDetail::Listener(listener) = &part.detail else {
            continue;
        };
        if listener.tls.is_some() || !listener.ports.iter().any(|ports| ports.protocol == TCP) {
            continue;
        }
        let Some(whole) = cx.model.things.get(part.of) else {
            continue;
        };
        let name = format!("{}.{}", cx.text(whole.name), cx.text(part.name));
        findings.push(
            Diagnostic::new(
                &CODE,
                part.span,
                format!("listener `{name}` says nothing about TLS"),
            )
            .note("whoever is on the path can read and change what passes")
            .help("say `tls=required`, or `tls=none` to say aloud that it is plaintext"),
            [whole.name],
        );
    }
}
