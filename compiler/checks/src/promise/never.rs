//! `never S -> O`: no access, no flow, and with `through` no chain, from a member of S to a member of O.

use diagnostics::{Code, Diagnostic, Severity};
use graph::access::{Pairs, PairsId};
use graph::flow::Endpoint;
use graph::question::chain::{Chain, Chains, How, Reached, Wanted};
use graph::question::select::Selected;
use model::promise::{Promise, Rule, Selector};
use model::thing::ThingId;
use source::Span;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "broken-never",
    severity: Severity::Error,
    summary: "what a promise forbids is possible",
    docs: include_str!("never.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    let mut chains = None;
    for (_, promise) in cx.model.promises.iter() {
        let Rule::Never {
            subjects,
            objects,
            allow,
            differ,
            except,
            besides: _,
            through,
        } = &promise.rule
        else {
            continue;
        };
        let (subjects, objects, except) = (select(cx, subjects), select(cx, objects), select(cx, except));
        let allow: Vec<_> = allow.iter().map(|(name, _)| *name).collect();
        if differ.is_empty() || through.is_some() {
            let chains = chains.get_or_insert_with(|| Chains::new(&cx.index));
            let wanted = Wanted {
                subjects: &subjects,
                objects: &objects,
                allow: &allow,
                except: &except,
                through: *through,
            };
            if let Some(chain) = chains.shortest(&wanted) {
                report_chain(cx, promise, &chain, findings);
            }
            continue;
        }
        // Only between unequal values: what `same` keeps equal, and what is a device's own, is not meant.
        let differing: Vec<graph::Word> = differ
            .iter()
            .filter_map(|(attribute, _)| cx.graph.words.find(cx.model.names.text(*attribute)))
            .collect();
        let unequal = |pairs: PairsId| match cx.graph.pairs.get(pairs) {
            Some(Pairs::Equal(equal)) => !differing.iter().any(|attribute| equal.contains(attribute)),
            Some(Pairs::Own) => false,
            Some(Pairs::All | Pairs::Others) | None => true,
        };
        let excepted = |thing: Option<ThingId>| thing.is_some_and(|thing| except.things.contains_key(&thing));
        let access = cx.graph.accesses.iter().find(|access| {
            unequal(access.pairs)
                && !excepted(cx.index.actor(access.principal))
                && cx.index.access_between(access, &subjects, &objects)
                && cx.index.is_allowed(access, &allow)
        });
        let flow = cx.graph.flows.iter().find(|flow| {
            let from = match flow.from {
                Endpoint::Thing(thing) => Some(thing),
                Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet => None,
            };
            unequal(flow.pairs)
                && !excepted(from)
                && cx.index.flow_between(flow, &subjects, &objects)
                && cx.index.allows_connecting(&allow)
        });
        let because = access
            .map(|access| access.because)
            .or(flow.map(|flow| flow.because));
        if let Some(because) = because {
            let line = cx.index.line(because);
            let mut diagnostic = Diagnostic::new(&CODE, promise.span, "what the promise forbids is granted")
                .help("add `same` to the trust, or change the promise");
            if let Some(line) = line {
                diagnostic = diagnostic.label(line, "granted here, without `same`");
            }
            findings.push_promise(diagnostic, [], promise.name);
        }
    }
}

fn select(cx: &Context<'_>, selectors: &[(Selector, Span)]) -> Selected {
    let mut selected = Selected::default();
    for (selector, _) in selectors {
        selected.add(cx.index.select(*selector));
    }
    selected
}

fn thing_name<'a>(cx: &Context<'a>, thing: Option<ThingId>) -> &'a str {
    thing
        .and_then(|thing| cx.model.things.get(thing))
        .map_or("everybody", |thing| cx.text(thing.name))
}

/// The witness: the shortest chain, with the line that grants each step.
fn report_chain(cx: &Context<'_>, promise: &Promise, chain: &Chain, findings: &mut Findings) {
    let subject = thing_name(cx, chain.subject);
    let mut path = subject.to_owned();
    for step in &chain.steps {
        let how = match step.how {
            How::Control => "commands".to_owned(),
            How::Data => format!("writes {}, which is read by", thing_name(cx, step.by)),
            How::Connection => "connects with".to_owned(),
        };
        path.push_str(&format!(" → {how} {}", thing_name(cx, Some(step.to))));
    }
    let (reached, line, object) = match chain.reached {
        Reached::Access(position) => match cx.graph.accesses.get(position as usize) {
            Some(access) => {
                let action = cx.graph.words.text(access.action);
                let object = match access.resource {
                    graph::access::Resource::Thing(thing) | graph::access::Resource::Identity(thing) => {
                        Some(thing)
                    }
                    graph::access::Resource::Part(_) | graph::access::Resource::Unscoped => None,
                };
                let name = object.map_or_else(
                    || "the provider".to_owned(),
                    |thing| thing_name(cx, Some(thing)).to_owned(),
                );
                (
                    format!("{action} on {name}"),
                    cx.index.line(access.because),
                    object,
                )
            }
            None => return,
        },
        Reached::Flow(flow) => {
            let to = match flow.to {
                Endpoint::Thing(thing) => (thing_name(cx, Some(thing)).to_owned(), Some(thing)),
                Endpoint::Service(service) => (format!("service {}", cx.graph.words.text(service)), None),
                Endpoint::Addresses(_) => ("these addresses".to_owned(), None),
                Endpoint::Internet => ("the internet".to_owned(), None),
            };
            (format!("connects to {}", to.0), cx.index.line(flow.because), to.1)
        }
    };
    let mut diagnostic = Diagnostic::new(
        &CODE,
        promise.span,
        format!("`{subject}` can do what the promise forbids: {reached}"),
    )
    .note(format!("witness: {path} → {reached}"));
    for line in chain.steps.iter().flat_map(|step| &step.lines).chain(&line) {
        diagnostic = diagnostic.label(*line, "grants a step");
    }
    diagnostic =
        diagnostic.help("remove or narrow one of these trusts, or take the subject out with `except`");
    let on = chain
        .subject
        .into_iter()
        .chain(object)
        .filter_map(|thing| cx.model.things.get(thing))
        .map(|thing| thing.name);
    findings.push_promise(diagnostic, on, promise.name);
}
