//! Two actors on one class's host that listen on one port.

use std::collections::BTreeMap;

use diagnostics::{Code, Diagnostic, Severity};
use model::actor::RunsOn;
use model::thing::{Detail, Part, PartDetail, ThingId};
use model::value::Ports;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "shared-port",
    severity: Severity::Error,
    summary: "two actors on one host listen on one port",
    docs: include_str!("shared_port.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    let mut by_host: BTreeMap<ThingId, Vec<(Ports, &Part)>> = BTreeMap::new();
    for (_, part) in cx.model.parts.iter() {
        let PartDetail::Listener(listener) = &part.detail else {
            continue;
        };
        let Some(host) = host(cx, part.of) else { continue };
        let open = by_host.entry(host).or_default();
        open.extend(listener.ports.iter().map(|ports| (*ports, part)));
    }
    for (host, mut open) in by_host {
        open.sort_by_key(|(ports, part)| (ports.protocol, ports.first, part.of));
        for (index, (ports, part)) in open.iter().enumerate() {
            let meets =
                |other: &&(Ports, &Part)| other.0.protocol == ports.protocol && other.0.first <= ports.last;
            let later = open.iter().skip(index + 1).take_while(meets);
            // What one actor listens on several times is its own.
            if let Some((other, second)) = later.clone().find(|(_, second)| second.of != part.of) {
                let port = other.first;
                let name = |part: &Part| {
                    let whole = cx.model.things.get(part.of).map(|thing| thing.name);
                    whole.map_or("", |name| cx.text(name))
                };
                let class = cx.model.things.get(host).map_or("", |host| cx.text(host.name));
                let message = format!(
                    "`{}` and `{}` both listen on port {port} of `{class}`",
                    name(part),
                    name(second)
                );
                findings.push(
                    Diagnostic::new(&CODE, second.span, message)
                        .label(part.span, "the other one")
                        .note("they share the host's addresses, so that a port belongs to who listens on it")
                        .help("give one of them another port, or a host of its own"),
                    [part.of, second.of]
                        .iter()
                        .filter_map(|thing| Some(cx.model.things.get(*thing)?.name)),
                );
            }
        }
    }
}

/// The class on whose host an actor listens.
fn host(cx: &Context<'_>, thing: ThingId) -> Option<ThingId> {
    match &cx.model.things.get(thing)?.detail {
        Detail::Class(_) => Some(thing),
        Detail::Workload(workload) => match workload.runs_on {
            Some(RunsOn::Device(class)) => Some(class),
            Some(_) | None => None,
        },
        Detail::People(_) | Detail::External(_) | Detail::Resource => None,
    }
}
