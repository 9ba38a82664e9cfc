//! Gains: packets that all guards together admit between two declared actors, and that nothing declares between these two.
//!
//! A guard that knows addresses admits whoever has them. A gain is refused, unless a trust that it comes from accepts it:
//! `allow connect accept=segment`. It is none where the receiver authenticates each request, and none between actors on
//! one class's host, which share its addresses by declaration.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Diagnostic;
use graph::access::Pairs;
use graph::flow::{Endpoint, Flow};
use graph::reason::Residual;
use model::thing::{Detail, PartDetail, ThingId};
use model::trust::{End as Named, TrustId};

use super::say::port;
use super::{Answers, SHARED_ADDRESS};
use crate::packet::ports::{Ports, both, without};
use crate::packet::{Crossing, End, Origin};
use crate::place::{Span, minus};
use crate::reach::Relation;

/// As many names as a message shows.
const SHOWN: usize = 3;

/// What one trust brings about besides what it says.
#[derive(Default)]
struct Gained {
    /// (who, whom, port), by name.
    pairs: BTreeSet<(String, String, String)>,
    accepted: bool,
    /// Who has no addresses of its own, by name: those that share the whole of their segment.
    unplaced: BTreeSet<String>,
}

/// Looks for gains and for those that are accepted.
pub(super) fn ask(relation: &Relation<'_>, answers: &mut Answers) {
    let mut by_trust: BTreeMap<TrustId, Gained> = BTreeMap::new();
    let flows = Flows::new(relation);
    for crossing in &relation.packets.crossings {
        if crossing.origin == Origin::Read {
            one(relation, &flows, crossing, &mut by_trust);
        }
    }
    people(relation, &mut by_trust);
    let model = relation.sets.model;
    for (id, gained) in by_trust {
        let Some(trust) = model.trusts.get(id) else {
            continue;
        };
        let mut shown: Vec<String> = gained
            .pairs
            .iter()
            .take(SHOWN)
            .map(|(who, whom, port)| format!("`{who}` reaches `{whom}` on {port}"))
            .collect();
        if gained.pairs.len() > SHOWN {
            shown.push(format!("and {} more", gained.pairs.len() - SHOWN));
        }
        let shown = shown.join(", ");
        if gained.accepted {
            answers.residuals.push(Residual {
                span: trust.accept_segment.unwrap_or(trust.span),
                substitute: "segment".to_owned(),
                what: format!("who shares addresses is admitted as well: {shown}"),
            });
            continue;
        }
        let Some((who, whom, port)) = gained.pairs.first() else {
            continue;
        };
        let others = match gained.pairs.len() {
            1 => String::new(),
            count => format!(", and {} more such connections", count - 1),
        };
        let message = format!("by this trust `{who}` reaches `{whom}` on {port} as well{others}");
        let diagnostic = Diagnostic::new(&SHARED_ADDRESS, trust.span, message)
            .note(format!(
                "what enforces the trust knows addresses only, and these are shared: {shown}"
            ))
            .help(way_out(&gained));
        // No waiver takes it out: a trust accepts it, and the manifest then says who gains.
        answers.findings.push(diagnostic, []);
    }
}

/// What to do, with the name of who has no addresses of its own.
fn way_out(gained: &Gained) -> String {
    let who = match gained.unplaced.first() {
        Some(name) => format!("`{name}`"),
        None => "the one that is meant".to_owned(),
    };
    format!(
        "give {who} addresses of its own (`at \"…\"`) or a segment of its own, say `runs-on=CLASS` for what shares a host, or write `allow connect accept=segment`"
    )
}

/// The declared flows by their ends.
struct Flows<'a> {
    to: BTreeMap<ThingId, Vec<&'a Flow>>,
    from: BTreeMap<ThingId, Vec<&'a Flow>>,
    /// Ports that people are granted at a thing.
    people: BTreeMap<(ThingId, ThingId), Vec<Ports>>,
}

impl<'a> Flows<'a> {
    fn new(relation: &Relation<'a>) -> Self {
        let mut to: BTreeMap<ThingId, Vec<&Flow>> = BTreeMap::new();
        let mut from: BTreeMap<ThingId, Vec<&Flow>> = BTreeMap::new();
        for flow in &relation.sets.graph.flows {
            if let Endpoint::Thing(thing) = flow.to {
                to.entry(thing).or_default().push(flow);
            }
            if let Endpoint::Thing(thing) = flow.from {
                from.entry(thing).or_default().push(flow);
            }
        }
        let model = relation.sets.model;
        let mut people: BTreeMap<(ThingId, ThingId), Vec<Ports>> = BTreeMap::new();
        for (_, trust) in model.trusts.iter() {
            for subject in &trust.subjects {
                let Named::Thing(who) = subject.end else { continue };
                let detail = model.things.get(who).map(|thing| &thing.detail);
                if !matches!(detail, Some(Detail::People(_))) {
                    continue;
                }
                for object in &trust.objects {
                    let Named::Part(part) = object.end else { continue };
                    let Some(of) = model.parts.get(part).map(|part| part.of) else {
                        continue;
                    };
                    let ports = relation.sets.ports(part).iter().map(|ports| Ports::of(*ports));
                    people.entry((who, of)).or_default().extend(ports);
                }
            }
        }
        Self { to, from, people }
    }
}

fn one(
    relation: &Relation<'_>,
    flows: &Flows<'_>,
    crossing: &Crossing,
    by_trust: &mut BTreeMap<TrustId, Gained>,
) {
    let (End::Thing(from, from_at), End::Thing(to, to_at)) = (&crossing.from, &crossing.to) else {
        return;
    };
    let (from, to) = (*from, *to);
    let graph = relation.sets.graph;
    let is_equal = |flow: &Flow| matches!(graph.pairs.get(flow.pairs), Some(Pairs::Equal(_)));
    // Members of one class are told apart by no guard, and nothing keeps them apart; but those that `same` keeps apart.
    let within = || flows.to.get(&to).into_iter().flatten();
    if from == to && !within().any(|flow| flow.from == Endpoint::Thing(from) && is_equal(flow)) {
        return;
    }
    let ports_of = |flow: &Flow| -> Vec<Ports> {
        let ports = relation.sets.graph.ports.get(flow.ports).into_iter().flatten();
        ports.map(|ports| Ports::of(*ports)).collect()
    };
    let host = relation.packets.places.host(from);
    // Ports that are declared between members with equal values only, with these attributes.
    let mut unlike: Vec<(Vec<Ports>, String)> = Vec::new();
    let mut declared: Vec<Ports> = flows.people.get(&(from, to)).cloned().unwrap_or_default();
    for flow in flows.to.get(&to).into_iter().flatten() {
        let is_own = match flow.from {
            Endpoint::Thing(own) => {
                own == from || (host.is_some() && relation.packets.places.host(own) == host)
            }
            Endpoint::Internet => true,
            Endpoint::Addresses(_) | Endpoint::Service(_) => false,
        };
        if is_own && is_equal(flow) && flow.pairs != crossing.pairs {
            unlike.push((ports_of(flow), attributes(relation, flow)));
        } else if is_own {
            declared.extend(ports_of(flow));
        }
    }
    let mut open = without(&crossing.ports, &declared);
    open = without(&open, &with_login(relation, to));
    if open.is_empty() {
        return;
    }
    // Trusts whose guards know one of the two by addresses that they share with another.
    let near_to = flows.to.get(&to).into_iter().flatten().copied();
    let near_from = flows.from.get(&from).into_iter().flatten().copied();
    let packets = &relation.packets;
    let (own, other) = (
        packets.known_by(from, *from_at, None),
        packets.known_by(to, *to_at, None),
    );
    let by_from = |flow: &Flow| meets(&packets.spans_of(flow.from, flow.reach), &own);
    let by_to = |flow: &Flow| meets(&packets.spans_of(flow.to, flow.reach), &other);
    let mut causes: Vec<&Flow> = near_to
        .filter(|flow| is_by_address(relation, to, flow.from) && by_from(flow))
        .chain(near_from.filter(|flow| is_by_address(relation, from, flow.to) && by_to(flow)))
        .collect();
    if causes.is_empty() {
        let all = relation.sets.graph.flows.iter();
        causes = all.filter(|flow| by_from(flow) && by_to(flow)).collect();
    }
    let causes: Vec<Cause> = causes
        .into_iter()
        .filter_map(|flow| {
            Some(Cause {
                trust: relation.index.trust_of(flow.because)?,
                ports: both(&ports_of(flow), &open),
                from: packets.spans_of(flow.from, flow.reach),
                to: packets.spans_of(flow.to, flow.reach),
            })
        })
        .filter(|cause| !cause.ports.is_empty())
        .collect();
    let model = relation.sets.model;
    let accepts = |trust: &TrustId| {
        model
            .trusts
            .get(*trust)
            .is_some_and(|trust| trust.accept_segment.is_some())
    };
    let names = |ports: Ports| {
        let mut unlike = unlike.iter().filter(|(own, _)| !both(&[ports], own).is_empty());
        let between = unlike.next().map_or("", |(_, between)| between.as_str());
        (
            relation.name(from).to_owned(),
            relation.name(to).to_owned(),
            format!("{}{between}", port(ports)),
        )
    };
    let (accepted, others): (Vec<&Cause>, Vec<&Cause>) =
        causes.iter().partition(|cause| accepts(&cause.trust));
    for cause in &accepted {
        let slot = by_trust.entry(cause.trust).or_default();
        slot.accepted = true;
        slot.pairs.extend(cause.ports.iter().map(|ports| names(*ports)));
    }
    // One message for each trust that brings it about.
    let unplaced = [from, to]
        .into_iter()
        .filter(|thing| packets.places.is_anywhere_in_segment(*thing));
    let unplaced: Vec<String> = unplaced.map(|thing| relation.name(thing).to_owned()).collect();
    for cause in others {
        // What another trust accepts, it accepts of its own addresses.
        let own = accepted
            .iter()
            .filter(|accepted| accepted.holds(cause, (&own, &other)));
        let left = own.fold(cause.ports.clone(), |left, accepted| {
            without(&left, &accepted.ports)
        });
        if let Some(ports) = left.first() {
            let gained = by_trust.entry(cause.trust).or_default();
            gained.pairs.insert(names(*ports));
            gained.unplaced.extend(unplaced.iter().cloned());
        }
    }
}

/// A flow by whose addresses something is gained.
struct Cause {
    trust: TrustId,
    /// Of those that are gained.
    ports: Vec<Ports>,
    from: Vec<Span>,
    to: Vec<Span>,
}

impl Cause {
    /// Whether this flow is open between all addresses of a crossing between which another one is.
    fn holds(&self, other: &Self, (from, to): (&[Span], &[Span])) -> bool {
        let shared = |spans: &[Span], of: &[Span]| -> Vec<Span> {
            let of_one = |span: &Span| of.iter().filter_map(|one| one.and(*span)).collect::<Vec<_>>();
            spans.iter().flat_map(of_one).collect()
        };
        minus(&shared(&other.from, from), &self.from).is_empty()
            && minus(&shared(&other.to, to), &self.to).is_empty()
    }
}

/// Between whom packets are that a flow with `same` does not declare.
fn attributes(relation: &Relation<'_>, flow: &Flow) -> String {
    let graph = relation.sets.graph;
    let Some(Pairs::Equal(words)) = graph.pairs.get(flow.pairs) else {
        return String::new();
    };
    let names: Vec<String> = words
        .iter()
        .map(|word| format!("`{}`", graph.words.text(*word)))
        .collect();
    format!(" between members that differ in {}", names.join(" or "))
}

/// People hold every source that a trust of theirs names, and so does whoever else is there.
fn people(relation: &Relation<'_>, by_trust: &mut BTreeMap<TrustId, Gained>) {
    let model = relation.sets.model;
    for (id, trust) in model.trusts.iter() {
        for subject in &trust.subjects {
            let Named::Thing(who) = subject.end else { continue };
            let is_people = model
                .things
                .get(who)
                .is_some_and(|thing| matches!(thing.detail, Detail::People(_)));
            if !is_people {
                continue;
            }
            for object in &trust.objects {
                let Named::Part(part) = object.end else { continue };
                let Some(declared) = model.parts.get(part) else {
                    continue;
                };
                let PartDetail::Listener(listener) = &declared.detail else {
                    continue;
                };
                if listener.login.is_some() {
                    continue;
                }
                let gained = by_trust.entry(id).or_default();
                gained.accepted = trust.accept_segment.is_some();
                gained.pairs.extend(listener.ports.first().map(|ports| {
                    (
                        format!("whoever speaks from where `{}` do", relation.name(who)),
                        relation.name(declared.of).to_owned(),
                        port(Ports::of(*ports)),
                    )
                }));
            }
        }
    }
}

/// Ports behind which each request is authenticated.
fn with_login(relation: &Relation<'_>, thing: ThingId) -> Vec<Ports> {
    let model = relation.sets.model;
    let parts = model
        .things
        .get(thing)
        .map_or(&[][..], |thing| thing.parts.as_slice());
    let mut ports = Vec::new();
    for part in parts.iter().filter_map(|part| model.parts.get(*part)) {
        if let PartDetail::Listener(listener) = &part.detail
            && listener.login.is_some()
        {
            ports.extend(listener.ports.iter().map(|ports| Ports::of(*ports)));
        }
    }
    ports
}

/// Whether the guard at an actor knows a peer by its addresses, and not by its group.
fn is_by_address(relation: &Relation<'_>, guarded: ThingId, peer: Endpoint) -> bool {
    match peer {
        Endpoint::Thing(peer) => {
            let packets = &relation.packets;
            packets.places.guarded_by(guarded).is_some() || packets.group_names(peer).is_empty()
        }
        Endpoint::Addresses(_) | Endpoint::Service(_) | Endpoint::Internet => true,
    }
}

fn meets(left: &[Span], right: &[Span]) -> bool {
    left.iter()
        .any(|left| right.iter().any(|right| left.meets(*right)))
}
