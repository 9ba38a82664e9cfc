//! What `why` shows below its answer: accesses and connections, each with the line that grants it.

use arena::Name;
use driver::Analysis;
use graph::access::{Access, Principal, Resource};
use graph::flow::{Endpoint, Flow};
use graph::question::Index;
use graph::question::overlap::of_any_member;
use graph::reason::{Reason, ReasonId, Rule};
use model::thing::ThingId;
use model::trust::{End, Named};
use pattern::word::Letter;
use relation::reach::Relation;
use relation::reach::enforced::{Enforced, Enforcement};
use serde::Serialize;

use ide::question::{Question, thing};

/// One access or connection, with the line that grants it.
#[derive(Debug, Serialize)]
pub(super) struct Layer {
    /// `identity`, `device` or `network`.
    pub(super) layer: &'static str,
    pub(super) what: String,
    /// Where it comes from, and why.
    pub(super) reason: String,
    /// The emitted guards that let it through.
    pub(super) enforced: Vec<By>,
}

/// One emitted guard that lets something through.
#[derive(Debug, Serialize)]
pub(super) struct By {
    /// What sort of guard, and whose.
    pub(super) guard: String,
    target: &'static str,
    pub(super) path: String,
    /// Where in the file.
    pub(super) at: String,
}

/// What is shown, and why it is there; whether the capability itself means it.
struct Found<'g> {
    because: ReasonId,
    entry: Entry<'g>,
    layer: &'static str,
    what: String,
    is_own: bool,
}

/// An entry of the graph.
#[derive(Clone, Copy)]
enum Entry<'g> {
    Access(&'g Access),
    Flow(&'g Flow),
}

/// Every access and flow between the two: what the capability means first, then what it needs, then the ways.
pub(super) fn between(analysis: &Analysis, relation: &Relation<'_>, question: &Question) -> Vec<Layer> {
    let (index, guards) = (relation.index, Enforcement::new(relation));
    let mut found = gathered(analysis, index, question);
    found.sort_by_key(|one| !one.is_own);
    found
        .into_iter()
        .map(|one| Layer {
            layer: one.layer,
            reason: reason(analysis, index, one.because),
            what: one.what,
            enforced: enforced(&guards, one.entry),
        })
        .collect()
}

fn enforced(guards: &Enforcement<'_, '_>, entry: Entry<'_>) -> Vec<By> {
    let found = match entry {
        Entry::Access(access) => guards.guards_of(access),
        Entry::Flow(flow) => guards.guards_on(flow),
    };
    let by = |one: Enforced| By {
        guard: one.guard,
        target: one.target,
        path: one.place.path.to_string(),
        at: one.place.pointer,
    };
    found.into_iter().map(by).collect()
}

/// Whether a capability of a thing's kind means an action, whichever capability brings it about.
fn means(analysis: &Analysis, object: ThingId, capability: Name, action: &str) -> bool {
    let model = &analysis.model;
    let kind = model
        .things
        .get(object)
        .and_then(|thing| model.kinds.get(thing.kind));
    let capabilities = kind.into_iter().flat_map(|kind| &kind.words.capabilities);
    let own = capabilities.filter(|own| own.name == capability);
    let mut actions = own
        .flat_map(|own| own.actions.iter().filter(|line| !line.helper))
        .flat_map(|line| &line.actions);
    actions.any(|name| model.names.text(*name).eq_ignore_ascii_case(action))
}

fn gathered<'g>(analysis: &'g Analysis, index: &Index<'g>, question: &Question) -> Vec<Found<'g>> {
    let (model, graph) = (&analysis.model, &analysis.graph);
    let Some(object) = thing(model, question.object) else {
        return Vec::new();
    };
    let mut shown: Vec<Found<'_>> = Vec::new();
    let Some(subject) = thing(model, question.subject) else {
        admitted(analysis, index, (question.subject, object), &mut shown);
        return shown;
    };
    let principal = index.principal(subject);
    for access in principal
        .map(|principal| index.accesses_of(principal))
        .unwrap_or_default()
    {
        let related = match access.resource {
            Resource::Thing(thing) => {
                thing == object
                    || is_inside(analysis, access, object)
                    || is_entailed_by(analysis, access.because, subject, object)
            }
            Resource::Identity(thing) => thing == subject,
            Resource::Part(_) | Resource::Unscoped => {
                is_entailed_by(analysis, access.because, subject, object)
            }
        };
        let capable = index.capabilities(access);
        let is_of_thing = matches!(access.resource, Resource::Thing(thing) if thing == object)
            || is_inside(analysis, access, object);
        let is_meant = is_of_thing
            && means(
                analysis,
                object,
                question.capability,
                graph.words.text(access.action),
            );
        let is_other = is_of_thing
            && !is_meant
            && !capable.is_empty()
            && capable
                .iter()
                .all(|capable| capable.capability != question.capability);
        if !related || is_other {
            continue;
        }
        let layer = match access.principal {
            Principal::Class(_) => "device",
            _ => "identity",
        };
        let within = graph
            .patterns
            .get(access.within)
            .map(|pattern| show(analysis, pattern))
            .unwrap_or_default();
        let when = graph
            .regions
            .get(access.when)
            .filter(|when| !when.is_everything());
        let when = when.map_or_else(String::new, |when| format!(" when {when}"));
        shown.push(Found {
            because: access.because,
            entry: Entry::Access(access),
            layer,
            what: format!("{} on {within}{when}", graph.words.text(access.action)),
            is_own: is_meant
                || is_of_thing
                    && capable
                        .iter()
                        .any(|capable| capable.capability == question.capability),
        });
    }
    for flow in index.flows_from(Endpoint::Thing(subject)) {
        let to = match flow.to {
            Endpoint::Thing(thing) if thing == object => model
                .things
                .get(thing)
                .map(|thing| model.names.text(thing.name).to_owned()),
            Endpoint::Service(name) if is_entailed_by(analysis, flow.because, subject, object) => {
                Some(format!("service {}", graph.words.text(name)))
            }
            Endpoint::Thing(_) | Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet => None,
        };
        let Some(to) = to else { continue };
        shown.push(connection(analysis, flow, &to, ""));
    }
    admitted(analysis, index, (question.subject, object), &mut shown);
    shown
}

fn connection<'g>(analysis: &Analysis, flow: &'g Flow, to: &str, whose: &str) -> Found<'g> {
    Found {
        because: flow.because,
        entry: Entry::Flow(flow),
        layer: "network",
        what: format!("{}{whose}", network(analysis, flow, to)),
        is_own: false,
    }
}

/// Adds connections that are admitted from addresses: of a trust of the subject, or, where it has none, of others that share them.
fn admitted<'g>(
    analysis: &'g Analysis,
    index: &Index<'_>,
    (subject, object): (End, ThingId),
    shown: &mut Vec<Found<'g>>,
) {
    let (model, graph) = (&analysis.model, &analysis.graph);
    let to_object = graph
        .flows
        .iter()
        .filter(|flow| flow.to == Endpoint::Thing(object));
    let name = model
        .things
        .get(object)
        .map_or("", |thing| model.names.text(thing.name));
    let is_of_subject = |flow: &&Flow| {
        let trust = index
            .trust_of(flow.because)
            .and_then(|trust| model.trusts.get(trust));
        let mut subjects = trust.into_iter().flat_map(|trust| &trust.subjects);
        subjects.any(|named| named.end == subject || named.end == End::Internet)
    };
    let by_address = |flow: &&Flow| matches!(flow.from, Endpoint::Addresses(_) | Endpoint::Internet);
    let own: Vec<&Flow> = to_object
        .clone()
        .filter(by_address)
        .filter(is_of_subject)
        .collect();
    let is_known = !own.is_empty() || !shown.is_empty();
    shown.extend(own.into_iter().map(|flow| connection(analysis, flow, name, "")));
    if !is_known {
        shown.extend(to_object.map(|flow| connection(analysis, flow, name, ", for whoever has the address")));
    }
}

/// One line for a flow.
fn network(analysis: &Analysis, flow: &Flow, to: &str) -> String {
    let ports = analysis.graph.ports.get(flow.ports).into_iter().flatten();
    let ports: Vec<String> = ports
        .map(|ports| {
            let range = if ports.first == ports.last {
                ports.first.to_string()
            } else {
                format!("{}-{}", ports.first, ports.last)
            };
            match ports.protocol {
                6 => format!("tcp {range}"),
                17 => format!("udp {range}"),
                other => format!("protocol {other} {range}"),
            }
        })
        .collect();
    format!("{} to {to}", ports.join(", "))
}

/// Whether an access on another thing is one on some of the names of this one (two topics that overlap).
fn is_inside(analysis: &Analysis, access: &Access, object: ThingId) -> bool {
    let graph = &analysis.graph;
    let (Some(names), Some(within)) = (
        graph.addresses.things.get(&object),
        graph.patterns.get(access.within),
    ) else {
        return false;
    };
    let is_of_thing = matches!(access.resource, Resource::Thing(_));
    is_of_thing && of_any_member(names).meets(&of_any_member(within)).is_some()
}

/// Whether an entry is entailed by a trust between the two.
fn is_entailed_by(analysis: &Analysis, because: ReasonId, subject: ThingId, object: ThingId) -> bool {
    let (model, graph) = (&analysis.model, &analysis.graph);
    let mut reason = graph.reasons.get(because);
    for _ in 0..graph.reasons.len() {
        match reason {
            Some(Reason::Entailed { of, .. }) => reason = graph.reasons.get(*of),
            Some(Reason::Trust(trust)) => {
                let names =
                    |list: &[Named], wanted| list.iter().any(|named| thing(model, named.end) == Some(wanted));
                return model
                    .trusts
                    .get(*trust)
                    .is_some_and(|trust| names(&trust.subjects, subject) && names(&trust.objects, object));
            }
            Some(Reason::Declared(_) | Reason::Baseline(_)) | None => return false,
        }
    }
    false
}

fn reason(analysis: &Analysis, index: &Index<'_>, because: ReasonId) -> String {
    let place = index
        .line(because)
        .map_or_else(|| "?".to_owned(), |span| analysis.sources.place(span));
    let rule = match analysis.graph.reasons.get(because) {
        Some(Reason::Entailed { rule, .. }) => format!(", {}", entails(*rule)),
        Some(Reason::Baseline(_)) => ", a baseline".to_owned(),
        Some(Reason::Declared(_)) => ", declared".to_owned(),
        Some(Reason::Trust(_)) | None => String::new(),
    };
    let sentence = index
        .trust_of(because)
        .and_then(|trust| analysis.model.trusts.get(trust))
        .and_then(|trust| trust.because)
        .map_or_else(String::new, |(text, _)| {
            format!(": {}", analysis.model.names.text(text))
        });
    format!("{place}{rule}{sentence}")
}

/// Why an entry is needed that nobody wrote down.
fn entails(rule: Rule) -> &'static str {
    match rule {
        Rule::Via => "through a reference (`via`)",
        Rule::Become => "the actor runs with its role",
        Rule::Session => "a device connects as itself first",
        Rule::Client => "who speaks MQTT connects under a name of its own first",
        Rule::ServiceFlow => "the way to the service",
        Rule::ErrorDelivery => "what failed is delivered",
        Rule::ServiceKey => "the service writes under the key",
        Rule::Creation => "who applies creates it under the key",
        Rule::Interfaces => "the function is attached to its segment",
        Rule::Lease => "a DHCP server answers on the client's port",
    }
}

fn show(analysis: &Analysis, pattern: &pattern::pattern::Pattern) -> String {
    let addresses = &analysis.graph.addresses;
    pattern.display(&|letter| match letter {
        Letter::Scalar(scalar) => scalar.to_string(),
        Letter::Symbol(id) => assigned(analysis, addresses.symbols.text(Name::new(id))),
        Letter::Variable(id) => format!("{{{}}}", addresses.variables.text(Name::new(id))),
    })
}

/// A value that the provider assigns, in words of the spec: `<key-id of notes-key>`.
fn assigned(analysis: &Analysis, symbol: &str) -> String {
    let (model, addresses) = (&analysis.model, &analysis.graph.addresses);
    let found = symbol.rsplit_once('#').and_then(|(address, attribute)| {
        let of = addresses.objects.iter().find(|(_, known)| *known == address)?;
        let thing = model.things.get(*of.0)?;
        Some((attribute, model.names.text(thing.name)))
    });
    match found {
        Some((attribute, name)) => format!("<{attribute} of {name}>"),
        None => format!("<{symbol}>"),
    }
}
