//! Listeners with a range of ports that is too wide to mean anything.

use diagnostics::{Code, Diagnostic, Severity};
use model::thing::PartDetail;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "over-broad-ports",
    severity: Severity::Error,
    summary: "a listener opens more ports than anybody listens on",
    docs: include_str!("over_broad_ports.md"),
};

/// More ports than any single service of ours listens on; passive FTP and RTP ranges stay below it.
const PORTS_MAX: u32 = 1024;

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, part) in cx.model.parts.iter() {
        let PartDetail::Listener(listener) = &part.detail else {
            continue;
        };
        // A protocol without ports has the whole range.
        let wide = listener
            .ports
            .iter()
            .filter(|ports| matches!(ports.protocol, 6 | 17));
        let count: u32 = wide
            .map(|ports| u32::from(ports.last) - u32::from(ports.first) + 1)
            .sum();
        if count <= PORTS_MAX {
            continue;
        }
        let Some(whole) = cx.model.things.get(part.of) else {
            continue;
        };
        let name = format!("{}.{}", cx.text(whole.name), cx.text(part.name));
        findings.push(
            Diagnostic::new(&CODE, part.span, format!("listener `{name}` opens {count} ports"))
                .note(format!(
                    "more than {PORTS_MAX} ports cannot be told from all of them in a review"
                ))
                .help("name the ports that the service really listens on"),
            [whole.name],
        );
    }
}
