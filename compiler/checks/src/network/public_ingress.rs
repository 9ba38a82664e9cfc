//! Flows that everybody may open.

use diagnostics::{Code, Diagnostic, Severity};
use graph::flow::Endpoint;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "public-ingress",
    severity: Severity::Error,
    summary: "a flow admits the whole internet",
    docs: include_str!("public_ingress.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for flow in cx.index.flows_from(Endpoint::Internet) {
        let Endpoint::Thing(to) = flow.to else { continue };
        let (Some(thing), Some(line)) = (cx.model.things.get(to), cx.index.line(flow.because)) else {
            continue;
        };
        let places = cx.index.home(thing);
        let segments: Vec<_> = places
            .iter()
            .filter_map(|segment| cx.model.segments.get(*segment))
            .collect();
        let name = cx.text(thing.name);
        let mut diagnostic = Diagnostic::new(&CODE, line, format!("`{name}` is open to every address"))
            .label(thing.span, "declared here")
            .help("name the sources, or let a team waive it for the segment until a date");
        for segment in &segments {
            diagnostic = diagnostic.note(format!("path: internet → {} → {name}", cx.text(segment.name)));
        }
        let on = segments.iter().map(|segment| segment.name).chain([thing.name]);
        findings.push(diagnostic, on);
    }
}
