//! What a graph permits, member by member, and where it differs from the enumeration.

use std::collections::{BTreeMap, BTreeSet};

use arena::Id;
use graph::TrustGraph;
use graph::access::{Access, Pairs, Principal, Resource};
use graph::flow::Endpoint;
use model::Model;
use model::thing::ThingId;
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::{Context, Region};
use pattern::values::{Type, Value};
use pattern::word::{Letter, Word};
use pattern::words::Words;

use super::packet::{self, Packet, Side};
use super::request::{self, Concrete, Request, Who};
use super::text::{Member, members};

/// Where enumeration and graph differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A request, and whether the enumeration grants it; the graph says otherwise.
    Request(Request, bool),
    /// A packet, and whether the enumeration admits it.
    Packet(Packet, bool),
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests asked.
    pub requests: usize,
    /// Of these, granted.
    pub granted: usize,
    /// Packets that open a connection.
    pub packets: usize,
}

/// Compares a graph with the enumeration of its model.
pub fn compare(model: &Model, graph: &TrustGraph) -> Result<Counts, Box<Difference>> {
    let concretes = request::accesses(model);
    let expanded = Expanded::new(model, graph);
    let mut requests: BTreeSet<Request> = concretes.iter().flat_map(Concrete::requests).collect();
    requests.extend(expanded.requests());
    let mut by_who: BTreeMap<(&Who, &str), Vec<&Concrete>> = BTreeMap::new();
    for concrete in &concretes {
        by_who
            .entry((&concrete.who, &concrete.action))
            .or_default()
            .push(concrete);
    }
    let mut counts = Counts {
        requests: requests.len(),
        ..Counts::default()
    };
    for request in &requests {
        let grants = by_who.get(&(&request.who, request.action.as_str()));
        let listed = grants.is_some_and(|grants| grants.iter().any(|concrete| concrete.grants(request)));
        if listed != expanded.grants(request) {
            return Err(Box::new(Difference::Request(request.clone(), listed)));
        }
        counts.granted += usize::from(listed);
    }
    let (listed, stated) = (packet::packets(model), packets(model, graph));
    if let Some(missing) = listed.difference(&stated).next() {
        return Err(Box::new(Difference::Packet(missing.clone(), true)));
    }
    if let Some(surplus) = stated.difference(&listed).next() {
        return Err(Box::new(Difference::Packet(surplus.clone(), false)));
    }
    counts.packets = listed.len();
    Ok(counts)
}

/// One access of one member, with the letters of fleets replaced.
struct One<'g> {
    who: Who,
    access: &'g Access,
    within: Pattern,
    when: Region,
    /// Attributes that must be equal to the person's, by name.
    equal: Vec<(String, String)>,
}

struct Expanded<'g> {
    graph: &'g TrustGraph,
    list: BTreeMap<(Who, String), Vec<One<'g>>>,
}

impl<'g> Expanded<'g> {
    fn new(model: &Model, graph: &'g TrustGraph) -> Self {
        let mut list: BTreeMap<(Who, String), Vec<One<'g>>> = BTreeMap::new();
        for access in &graph.accesses {
            // What becomes an identity is another test's subject; a device's session is a request like others.
            let is_session = graph.words.text(access.action) == "iot:Connect";
            if matches!(access.resource, Resource::Identity(_)) && !is_session {
                continue;
            }
            for one in expand(model, graph, access) {
                list.entry((one.who.clone(), graph.words.text(access.action).to_owned()))
                    .or_default()
                    .push(one);
            }
        }
        // What the runtime needs is not said by a trust; it has golden cases.
        list.retain(|(_, action), _| !action.starts_with("ec2:"));
        Self { graph, list }
    }

    fn grants(&self, request: &Request) -> bool {
        let Some(list) = self.list.get(&(request.who.clone(), request.action.clone())) else {
            return false;
        };
        let Some(resource) = Word::text(&request.resource) else {
            return false;
        };
        list.iter().any(|one| {
            let tags = tags(request);
            let within = letters(self.graph, &one.within, &|name| tags.get(name).cloned());
            let is_unscoped = one.access.resource == Resource::Unscoped;
            let fits = if request.resource == "*" || is_unscoped {
                is_unscoped && request.resource == "*"
            } else {
                within.matches(&resource)
            };
            let equal = one
                .equal
                .iter()
                .all(|(name, value)| !value.is_empty() && tags.get(&format!("attr:{name}")) == Some(value));
            fits && equal
                && region(self.graph, &one.when, &|name| tags.get(name).cloned())
                    .is_some_and(|region| region.contains(&context(request, &region)))
        })
    }

    /// A request that each access of the graph grants, and one that its region leaves out.
    fn requests(&self) -> Vec<Request> {
        let mut requests = Vec::new();
        for ((who, action), list) in &self.list {
            for one in list {
                let sample =
                    |pattern: &Pattern| pattern.sample().display(&|letter| shown(self.graph, letter));
                let tagged = |name: &str| name.strip_prefix("attr:").map(|_| "l1".to_owned());
                let within = letters(self.graph, &one.within, &tagged);
                let resource = if one.access.resource == Resource::Unscoped {
                    "*".to_owned()
                } else {
                    sample(&within)
                };
                let Some(when) = region(self.graph, &one.when, &tagged) else {
                    continue;
                };
                for context in [when.sample(), when.not().sample()].into_iter().flatten() {
                    let mut context: BTreeMap<String, String> = context
                        .0
                        .iter()
                        .filter_map(|(key, value)| {
                            Some((key.as_str().to_owned(), text(self.graph, value.as_ref()?)))
                        })
                        .collect();
                    if matches!(one.access.principal, Principal::People(_)) {
                        for name in one
                            .within
                            .unknowns()
                            .filter_map(|letter| variable(self.graph, letter))
                        {
                            if let Some(name) = name.strip_prefix("attr:") {
                                context.insert(format!("aws:PrincipalTag/{name}"), "l1".to_owned());
                            }
                        }
                    }
                    requests.push(Request {
                        who: who.clone(),
                        action: action.clone(),
                        resource: resource.clone(),
                        context,
                    });
                }
            }
        }
        requests
    }
}

/// The attributes of a person in a request, as variables.
fn tags(request: &Request) -> BTreeMap<String, String> {
    let tags = request.context.iter().filter_map(|(key, value)| {
        Some((
            format!("attr:{}", key.strip_prefix("aws:PrincipalTag/")?),
            value.clone(),
        ))
    });
    tags.collect()
}

fn expand<'g>(model: &Model, graph: &'g TrustGraph, access: &'g Access) -> Vec<One<'g>> {
    let actors: Vec<Who> = match access.principal {
        Principal::Workload(id)
        | Principal::Class(id)
        | Principal::People(id)
        | Principal::Acting(id)
        | Principal::External(id) => members(model, id).into_iter().map(Who::Actor).collect(),
        Principal::Steward(account) => {
            let number = model
                .accounts
                .get(account)
                .map(|account| model.names.text(account.number).to_owned());
            number.into_iter().map(Who::Steward).collect()
        }
        Principal::Service(_) | Principal::Federation(..) | Principal::Anyone => Vec::new(),
    };
    let family = match access.resource {
        Resource::Thing(thing) => model.things.get(thing).and_then(|thing| thing.family),
        Resource::Part(_) | Resource::Identity(_) | Resource::Unscoped => None,
    };
    let (Some(within), Some(when), Some(pairs)) = (
        graph.patterns.get(access.within),
        graph.regions.get(access.when),
        graph.pairs.get(access.pairs),
    ) else {
        return Vec::new();
    };
    let mut list = Vec::new();
    for who in actors {
        let acting = match &who {
            Who::Actor(member) => Some(member),
            Who::Steward(_) => None,
        };
        let reached = match (family, pairs) {
            (Some(class), Pairs::All | Pairs::Others | Pairs::Equal(_)) => {
                members(model, class).into_iter().map(Some).collect()
            }
            (Some(_), Pairs::Own) | (None, _) => vec![None],
        };
        for member in reached {
            let mut equal = Vec::new();
            if !joins(model, graph, pairs, acting, member.as_ref(), &mut equal) {
                continue;
            }
            let value = |name: &str| match name.strip_prefix("of:") {
                Some(name) => of(member.as_ref()?, name),
                None => of(acting?, name),
            };
            let within = letters(graph, within, &value);
            let Some(when) = region(graph, when, &value) else {
                continue;
            };
            list.push(One {
                who: who.clone(),
                access,
                within,
                when,
                equal,
            });
        }
    }
    list
}

/// The value of a letter for a member; `None` leaves the letter (a person's attribute).
fn of(member: &Member, name: &str) -> Option<String> {
    match name.strip_prefix("attr:") {
        Some(attribute) => member.columns.get(attribute).cloned(),
        None => member.device.clone(),
    }
}

fn joins(
    model: &Model,
    graph: &TrustGraph,
    pairs: &Pairs,
    acting: Option<&Member>,
    reached: Option<&Member>,
    equal: &mut Vec<(String, String)>,
) -> bool {
    match pairs {
        Pairs::All | Pairs::Own => true,
        Pairs::Others => {
            acting.map(|acting| (acting.thing, &acting.device))
                != reached.map(|reached| (reached.thing, &reached.device))
        }
        Pairs::Equal(names) => names.iter().all(|name| {
            let name = graph.words.text(*name);
            let Some(value) = reached.and_then(|reached| reached.columns.get(name)) else {
                return false;
            };
            let is_device = acting.is_some_and(|acting| is_class(model, acting.thing));
            if is_device {
                return !value.is_empty()
                    && acting.and_then(|acting| acting.columns.get(name)) == Some(value);
            }
            equal.push((name.to_owned(), value.clone()));
            true
        }),
    }
}

fn is_class(model: &Model, thing: ThingId) -> bool {
    model
        .things
        .get(thing)
        .is_some_and(|thing| matches!(thing.detail, model::thing::Detail::Class(_)))
}

fn variable(graph: &TrustGraph, letter: Letter) -> Option<&str> {
    match letter {
        Letter::Variable(id) => Some(graph.addresses.variables.text(Id::new(id))),
        Letter::Scalar(_) | Letter::Symbol(_) => None,
    }
}

/// Letters by their values; a symbol by its key in braces.
fn letters(graph: &TrustGraph, pattern: &Pattern, value: &dyn Fn(&str) -> Option<String>) -> Pattern {
    pattern.map_letters(&mut |letter| match letter {
        Letter::Variable(_) => Pattern::literal(&value(variable(graph, letter)?)?),
        Letter::Symbol(_) => Pattern::literal(&shown(graph, letter)),
        Letter::Scalar(_) => None,
    })
}

fn shown(graph: &TrustGraph, letter: Letter) -> String {
    match letter {
        Letter::Scalar(scalar) => scalar.to_string(),
        Letter::Symbol(id) => format!("{{{}}}", graph.addresses.symbols.text(Id::new(id))),
        Letter::Variable(id) => format!("{{{}}}", graph.addresses.variables.text(Id::new(id))),
    }
}

fn region(graph: &TrustGraph, region: &Region, value: &dyn Fn(&str) -> Option<String>) -> Option<Region> {
    region.map_words(&mut |words: &Words| {
        words.map_letters(&mut |letter| match letter {
            Letter::Variable(_) => Word::text(&value(variable(graph, letter)?)?),
            Letter::Symbol(_) => Word::text(&shown(graph, letter)),
            Letter::Scalar(_) => None,
        })
    })
}

/// The request's context, with the types that the region gives to its keys.
fn context(request: &Request, region: &Region) -> Context {
    let types: BTreeMap<Key, Type> = region.keys().into_iter().collect();
    let mut context = Context::default();
    for (name, written) in &request.context {
        let key = Key::new(name);
        let value = match types.get(&key).copied().unwrap_or(Type::Text) {
            Type::Text => Word::text(written).map(Value::Text),
            Type::Number => written.parse().ok().map(Value::Number),
            Type::Date => written.parse().ok().map(Value::Date),
            Type::Address => written.parse().ok().map(Value::Address),
            Type::Flag => written.parse().ok().map(Value::Flag),
        };
        context.0.insert(key, value);
    }
    context
}

fn text(graph: &TrustGraph, value: &Value) -> String {
    match value {
        Value::Text(word) => word.display(&|letter| shown(graph, letter)),
        Value::Number(number) => number.to_string(),
        Value::Date(second) => second.to_string(),
        Value::Address(address) => address.to_string(),
        Value::Flag(flag) => flag.to_string(),
    }
}

/// Every packet that a graph's flows admit, by the first and last port of each range.
fn packets(model: &Model, graph: &TrustGraph) -> BTreeSet<Packet> {
    let mut list = BTreeSet::new();
    for flow in &graph.flows {
        let (Some(ports), Some(pairs)) = (graph.ports.get(flow.ports), graph.pairs.get(flow.pairs)) else {
            continue;
        };
        for from in sides(model, graph, flow.from) {
            for to in sides(model, graph, flow.to) {
                let member = |side: &Side| match side {
                    Side::Member(member) => Some(member.clone()),
                    Side::Service(_) | Side::Addresses(_) | Side::Internet => None,
                };
                let (one, other) = (member(&from), member(&to));
                // What is on one host needs no packet.
                if one.is_some() && one == other {
                    continue;
                }
                if !joins(model, graph, pairs, one.as_ref(), other.as_ref(), &mut Vec::new()) {
                    continue;
                }
                for range in ports {
                    for port in [range.first, range.last] {
                        list.insert(Packet {
                            from: from.clone(),
                            to: to.clone(),
                            protocol: range.protocol,
                            port,
                        });
                    }
                }
            }
        }
    }
    list
}

fn sides(model: &Model, graph: &TrustGraph, end: Endpoint) -> Vec<Side> {
    match end {
        Endpoint::Thing(thing) => members(model, thing).into_iter().map(Side::Member).collect(),
        Endpoint::Service(name) => vec![Side::Service(graph.words.text(name).to_owned())],
        Endpoint::Internet => vec![Side::Internet],
        Endpoint::Addresses(blocks) => {
            let blocks = graph.blocks.get(blocks).cloned().unwrap_or_default();
            blocks
                .iter()
                .map(|block| Side::Addresses(vec![(block.six, block.first, block.last())]))
                .collect()
        }
    }
}
