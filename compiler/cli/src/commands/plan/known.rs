//! What the spec knows about addresses: what people call a thing, and why an access or a flow exists.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use catalogue::Catalogue;
use driver::Analysis;
use graph::access::{Access, Principal};
use graph::flow::{Endpoint, Flow};
use graph::question::Index;
use graph::reason::ReasonId;
use model::thing::ThingId;
use pattern::pattern::Pattern;
use pattern::word::Letter;
use plan::json::v1::{Reasons, Why};
use plan::{AccessChange, FlowChange};

/// The graph by address.
pub(super) struct Known<'a> {
    analysis: &'a Analysis,
    index: Index<'a>,
    /// Declared names by every address that the thing goes by.
    names: BTreeMap<String, &'a str>,
    /// Accesses by every address that their principal goes by.
    accesses: BTreeMap<String, Vec<&'a Access>>,
    /// Things by the address of their group.
    groups: BTreeMap<&'a str, ThingId>,
}

impl<'a> Known<'a> {
    pub(super) fn new(analysis: &'a Analysis) -> Self {
        let (model, graph) = (&analysis.model, &analysis.graph);
        let addresses = &graph.addresses;
        let called = |thing: ThingId| {
            model
                .things
                .get(thing)
                .map_or("", |thing| model.names.text(thing.name))
        };
        let mut names = BTreeMap::new();
        let mut principals: BTreeMap<ThingId, Vec<String>> = BTreeMap::new();
        for ((thing, account), role) in &addresses.roles {
            let account = model
                .accounts
                .get(*account)
                .map_or("", |account| model.names.text(account.name));
            let own = principals.entry(*thing).or_default();
            own.extend([role.arn.clone(), format!("@{account}/role/{}", role.name)]);
        }
        for (thing, policy) in &addresses.device_policies {
            principals
                .entry(*thing)
                .or_default()
                .extend([policy.clone(), format!("@devices/{}", called(*thing))]);
        }
        for (thing, own) in &principals {
            names.extend(own.iter().map(|address| (address.clone(), called(*thing))));
        }
        names.extend(
            addresses
                .objects
                .iter()
                .map(|(thing, address)| (address.clone(), called(*thing))),
        );
        names.extend(
            addresses
                .groups
                .iter()
                .map(|(thing, address)| (address.clone(), called(*thing))),
        );
        names.extend(
            addresses
                .things
                .iter()
                .map(|(thing, arn)| (shown(analysis, arn), called(*thing))),
        );
        let mut accesses: BTreeMap<String, Vec<&Access>> = BTreeMap::new();
        for access in &graph.accesses {
            match access.principal {
                Principal::Workload(thing)
                | Principal::Class(thing)
                | Principal::People(thing)
                | Principal::Acting(thing)
                | Principal::External(thing) => {
                    for address in principals.get(&thing).into_iter().flatten() {
                        accesses.entry(address.clone()).or_default().push(access);
                    }
                }
                Principal::Service(name) => accesses
                    .entry(graph.words.text(name).to_owned())
                    .or_default()
                    .push(access),
                Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => {}
            }
        }
        let groups = addresses
            .groups
            .iter()
            .map(|(thing, address)| (address.as_str(), *thing))
            .collect();
        Self {
            analysis,
            index: Index::new(model, graph),
            names,
            accesses,
            groups,
        }
    }

    /// What people call an address: the declared name with what lies below it, else its last part.
    pub(super) fn short(&self, address: &str) -> String {
        if let Some(name) = self.names.get(address) {
            return (*name).to_owned();
        }
        // A part of a thing: its address, then `/` or `:`.
        for (at, _) in address
            .match_indices(['/', ':'])
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            let (Some(whole), Some(part)) = (address.get(..at), address.get(at..)) else {
                continue;
            };
            if let Some(name) = self.names.get(whole) {
                return format!("{name}{part}");
            }
        }
        let is_place = address.contains("://")
            || address
                .split('/')
                .next()
                .is_some_and(|start| start.parse::<std::net::IpAddr>().is_ok());
        let last = address.rsplit(['/', ':']).next().unwrap_or(address);
        match address.strip_prefix("arn:") {
            // arn:PARTITION:SERVICE:REGION:ACCOUNT:REST
            Some(arn) if !address.contains(":iam::") => {
                arn.splitn(5, ':').last().unwrap_or(address).to_owned()
            }
            Some(_) => last.to_owned(),
            None if is_place || last.is_empty() || last == "*" => address.to_owned(),
            None => last.to_owned(),
        }
    }

    /// An action in the provider's own spelling.
    pub(super) fn action(action: &str) -> String {
        let named = Catalogue::embedded().action(action).map(|action| action.name());
        named
            .or_else(|| catalogue::iot::action(action).map(|action| action.name))
            .unwrap_or(action)
            .to_owned()
    }

    fn why(&self, because: ReasonId) -> Why {
        let trust = self
            .index
            .line(because)
            .map(|span| self.analysis.sources.place(span));
        let sentence = self
            .index
            .trust_of(because)
            .and_then(|trust| self.analysis.model.trusts.get(trust))
            .and_then(|trust| trust.because)
            .map(|(text, _)| self.analysis.model.names.text(text).to_owned());
        Why {
            trust,
            because: sentence,
        }
    }

    /// The reason, if all have the same line: a guess would be worse than none.
    fn only(&self, reasons: impl Iterator<Item = ReasonId>) -> Option<Why> {
        let found: BTreeSet<(Option<String>, Option<String>)> = reasons
            .map(|because| self.why(because))
            .map(|why| (why.trust, why.because))
            .collect();
        match found.len() {
            1 => found
                .into_iter()
                .next()
                .map(|(trust, because)| Why { trust, because }),
            _ => None,
        }
    }

    fn is_at(&self, end: Endpoint, address: &str) -> bool {
        match end {
            Endpoint::Thing(thing) => self
                .analysis
                .graph
                .addresses
                .groups
                .get(&thing)
                .is_some_and(|group| group == address),
            Endpoint::Service(service) => {
                address.ends_with(&format!("/endpoint-{}", self.analysis.graph.words.text(service)))
            }
            Endpoint::Addresses(_) => false,
            Endpoint::Internet => address == "0.0.0.0/0" || address == "::/0",
        }
    }
}

/// A pattern with its letters by their keys, as a plan shows resources.
fn shown(analysis: &Analysis, pattern: &Pattern) -> String {
    let addresses = &analysis.graph.addresses;
    pattern.display(&|letter| match letter {
        Letter::Scalar(scalar) => scalar.to_string(),
        Letter::Symbol(id) => format!("<{}>", addresses.symbols.text(Name::new(id))),
        Letter::Variable(id) => format!("{{{}}}", addresses.variables.text(Name::new(id))),
    })
}

impl Reasons for Known<'_> {
    fn access(&self, change: &AccessChange) -> Why {
        let graph = &self.analysis.graph;
        let of_action: Vec<&&Access> = self
            .accesses
            .get(&change.principal)
            .into_iter()
            .flatten()
            .filter(|access| {
                change
                    .actions
                    .iter()
                    .any(|action| action.eq_ignore_ascii_case(graph.words.text(access.action)))
            })
            .collect();
        let is_exact = |access: &&&&Access| {
            let within = graph.patterns.get(access.within);
            within.is_some_and(|within| change.resources.contains(&shown(self.analysis, within)))
        };
        self.only(of_action.iter().filter(is_exact).map(|access| access.because))
            .or_else(|| self.only(of_action.iter().map(|access| access.because)))
            .unwrap_or_default()
    }

    fn flow(&self, change: &FlowChange) -> Why {
        let Some(thing) = self.groups.get(change.guard.as_str()) else {
            return Why::default();
        };
        let end = Endpoint::Thing(*thing);
        let flows: Vec<(&Flow, Endpoint)> = if change.egress {
            self.index.flows_from(end).map(|flow| (flow, flow.to)).collect()
        } else {
            self.index.flows_to(end).map(|flow| (flow, flow.from)).collect()
        };
        let exact = flows
            .iter()
            .filter(|(_, peer)| self.is_at(*peer, &change.peer))
            .map(|(flow, _)| flow.because);
        self.only(exact)
            .or_else(|| self.only(flows.iter().map(|(flow, _)| flow.because)))
            .unwrap_or_default()
    }
}
