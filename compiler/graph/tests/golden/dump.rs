//! A graph as text: one entry a line, with why and where.

use std::fmt::Write as _;

use graph::TrustGraph;
use graph::access::{Pairs, PairsId, Principal, RegionId, Resource};
use graph::flow::{Endpoint, Reach};
use graph::reason::{Reason, ReasonId, Rule};
use graph::setting::{Object, Value};
use model::Model;
use model::project::AccountId;
use model::thing::ThingId;
use source::Sources;

struct Dump<'a> {
    model: &'a Model,
    graph: &'a TrustGraph,
    sources: &'a Sources,
}

/// The whole graph.
pub fn dump(model: &Model, graph: &TrustGraph, sources: &Sources) -> String {
    let dump = Dump {
        model,
        graph,
        sources,
    };
    let mut out = String::new();
    let _ = writeln!(out, "# accesses");
    for (position, access) in graph.accesses.iter().enumerate() {
        let within = graph
            .patterns
            .get(access.within)
            .map_or(String::new(), |pattern| graph.shown(pattern));
        let _ = write!(
            out,
            "{} {} on {} {within}{}{} because {}",
            dump.principal(access.principal),
            graph.words.text(access.action),
            dump.resource(access.resource),
            dump.pairs(access.pairs),
            dump.when(access.when),
            dump.why(access.because)
        );
        for (_, reason) in graph.also.iter().filter(|(of, _)| *of as usize == position) {
            let _ = write!(out, " and {}", dump.why(*reason));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "# flows");
    for flow in &graph.flows {
        let ports: Vec<String> = graph
            .ports
            .get(flow.ports)
            .into_iter()
            .flatten()
            .map(ports)
            .collect();
        let reach = match flow.reach {
            Reach::Private => "privately",
            Reach::Public => "publicly",
        };
        let _ = writeln!(
            out,
            "{} to {} {} {reach}{}{} because {}",
            dump.end(flow.from),
            dump.end(flow.to),
            ports.join(" "),
            dump.pairs(flow.pairs),
            dump.when(flow.when),
            dump.why(flow.because)
        );
    }
    let _ = writeln!(out, "# settings");
    for setting in &graph.settings {
        let object = match setting.object {
            Object::Thing(thing) => dump.thing(thing).to_owned(),
            Object::Identity(thing) => format!("role of {}", dump.thing(thing)),
            Object::Network(network) => model
                .networks
                .get(network)
                .map_or("", |network| model.names.text(network.name))
                .to_owned(),
        };
        let value = match setting.value {
            Value::Flag(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Word(word) => graph.words.text(word).to_owned(),
            Value::Thing(thing) => dump.thing(thing).to_owned(),
        };
        let _ = writeln!(
            out,
            "{object} {:?} = {value} because {}",
            setting.property,
            dump.why(setting.because)
        );
    }
    let _ = writeln!(out, "# restrictions");
    for restriction in &graph.restrictions {
        let _ = writeln!(
            out,
            "{}{} because {}",
            dump.thing(restriction.resource),
            dump.when(restriction.when),
            dump.why(restriction.because)
        );
    }
    let _ = writeln!(out, "# residuals");
    for residual in &graph.residuals {
        let _ = writeln!(
            out,
            "{} {}: {}",
            residual.substitute,
            sources.place(residual.span),
            residual.what
        );
    }
    let _ = writeln!(out, "# addresses");
    for (thing, address) in &graph.addresses.objects {
        let _ = writeln!(out, "{} {address}", dump.thing(*thing));
    }
    for ((thing, account), role) in &graph.addresses.roles {
        let _ = writeln!(
            out,
            "role of {} in {} {}",
            dump.thing(*thing),
            dump.account(*account),
            role.arn
        );
    }
    for (thing, address) in graph
        .addresses
        .device_policies
        .iter()
        .chain(&graph.addresses.groups)
    {
        let _ = writeln!(out, "{} {address}", dump.thing(*thing));
    }
    for address in graph
        .addresses
        .networks
        .values()
        .chain(graph.addresses.subnets.values().flatten())
    {
        let _ = writeln!(out, "{address}");
    }
    out
}

fn ports(ports: &model::value::Ports) -> String {
    if ports.first == ports.last {
        format!("{}/{}", ports.protocol, ports.first)
    } else {
        format!("{}/{}-{}", ports.protocol, ports.first, ports.last)
    }
}

impl Dump<'_> {
    fn thing(&self, id: ThingId) -> &str {
        self.model
            .things
            .get(id)
            .map_or("", |thing| self.model.names.text(thing.name))
    }

    fn account(&self, id: AccountId) -> &str {
        self.model
            .accounts
            .get(id)
            .map_or("", |account| self.model.names.text(account.name))
    }

    fn principal(&self, principal: Principal) -> String {
        match principal {
            Principal::Workload(id) => format!("workload {}", self.thing(id)),
            Principal::Class(id) => format!("device {}", self.thing(id)),
            Principal::People(id) => format!("people {}", self.thing(id)),
            Principal::Acting(id) => format!("acting {}", self.thing(id)),
            Principal::External(id) => format!("external {}", self.thing(id)),
            Principal::Service(word) => format!("service {}", self.graph.words.text(word)),
            Principal::Federation(provider, account) => {
                let provider = self
                    .model
                    .providers
                    .get(provider)
                    .map_or("", |provider| self.model.names.text(provider.name));
                format!("federation {provider} in {}", self.account(account))
            }
            Principal::Steward(account) => format!("steward of {}", self.account(account)),
            Principal::Anyone => "anyone".to_owned(),
        }
    }

    fn resource(&self, resource: Resource) -> String {
        match resource {
            Resource::Thing(id) => self.thing(id).to_owned(),
            Resource::Part(id) => self
                .model
                .parts
                .get(id)
                .map_or("", |part| self.model.names.text(part.name))
                .to_owned(),
            Resource::Identity(id) => format!("identity of {}", self.thing(id)),
            Resource::Unscoped => "anything".to_owned(),
        }
    }

    fn end(&self, end: Endpoint) -> String {
        match end {
            Endpoint::Thing(id) => self.thing(id).to_owned(),
            Endpoint::Service(word) => format!("service {}", self.graph.words.text(word)),
            Endpoint::Addresses(blocks) => self
                .graph
                .blocks
                .get(blocks)
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" "),
            Endpoint::Internet => "internet".to_owned(),
        }
    }

    fn pairs(&self, pairs: PairsId) -> String {
        match self.graph.pairs.get(pairs) {
            None | Some(Pairs::All) => String::new(),
            Some(Pairs::Own) => " (own)".to_owned(),
            Some(Pairs::Others) => " (others)".to_owned(),
            Some(Pairs::Equal(names)) => {
                format!(
                    " (same {})",
                    names
                        .iter()
                        .map(|name| self.graph.words.text(*name))
                        .collect::<Vec<_>>()
                        .join(" ")
                )
            }
        }
    }

    fn when(&self, region: RegionId) -> String {
        let Some(region) = self
            .graph
            .regions
            .get(region)
            .filter(|region| !region.is_everything())
        else {
            return String::new();
        };
        let cubes = region.cubes().into_iter().map(|cube| {
            cube.into_iter()
                .map(|(key, values)| format!("{key} is {values}"))
                .collect::<Vec<_>>()
                .join(" and ")
        });
        let mut text = format!(" when {}", cubes.collect::<Vec<_>>().join(" or "));
        let mut id = 0;
        while text.contains("<variable ") || text.contains("<symbol ") {
            let names = &self.graph.addresses;
            text = text.replace(
                &format!("<variable {id}>"),
                &format!("{{{}}}", names.variables.text(arena::Id::new(id))),
            );
            text = text.replace(
                &format!("<symbol {id}>"),
                &format!("{{{}}}", names.symbols.text(arena::Id::new(id))),
            );
            id += 1;
        }
        text
    }

    fn why(&self, reason: ReasonId) -> String {
        let place = |span| self.sources.place(span);
        match self.graph.reasons.get(reason) {
            None => "nothing".to_owned(),
            Some(Reason::Trust(trust)) => self
                .model
                .trusts
                .get(*trust)
                .map_or(String::new(), |trust| place(trust.span)),
            Some(Reason::Declared(fact)) => self
                .model
                .facts
                .get(*fact)
                .map_or(String::new(), |fact| place(fact.span)),
            Some(Reason::Baseline(baseline)) => self
                .model
                .baselines
                .get(*baseline)
                .map_or(String::new(), |baseline| place(baseline.span)),
            Some(Reason::Entailed { of, rule }) => {
                let rule = match rule {
                    Rule::Via => "via",
                    Rule::Become => "become",
                    Rule::Session => "session",
                    Rule::Client => "client",
                    Rule::ServiceFlow => "service-flow",
                    Rule::ErrorDelivery => "error-delivery",
                    Rule::ServiceKey => "service-key",
                    Rule::Creation => "creation",
                    Rule::Interfaces => "interfaces",
                    Rule::Lease => "lease",
                };
                format!("{rule} of {}", self.why(*of))
            }
        }
    }
}
