//! What was found, for people: names of the spec, the witness, and the lines that grant it.

use diagnostics::Diagnostic;
use graph::access::{Access, Principal, Resource};
use graph::flow::Endpoint;
use graph::question::overlap::of_any_member;
use graph::reason::{Reason, ReasonId};
use model::thing::ThingId;
use model::trust::{End, Named, TrustId};
use pattern::region::Region;
use pattern::word::Word;
use source::Span as Place;

use crate::packet::End as Far;
use crate::packet::ports::{Ports, both};
use crate::reach::{Packet, Reached, Relation};
use crate::request::{Actor, Hit, Right, Source, canonical};
use read::facts::document::PrincipalName;

impl Relation<'_> {
    /// The name of a declared thing.
    pub(crate) fn name(&self, thing: ThingId) -> &str {
        let model = self.sets.model;
        model
            .things
            .get(thing)
            .map_or("", |thing| model.names.text(thing.name))
    }

    /// Who acts, with the member where one is known.
    pub(crate) fn actor(&self, actor: &Actor, row: Option<usize>) -> String {
        match actor {
            Actor::Thing(thing) => {
                let member = row.and_then(|row| Some(self.sets.fleets.of(*thing)?.member(row)));
                match member {
                    Some(member) => format!("{} ({member})", self.name(*thing)),
                    None => self.name(*thing).to_owned(),
                }
            }
            Actor::Anyone => "everybody".to_owned(),
            Actor::Steward => "the steward".to_owned(),
            Actor::Other(PrincipalName::Account(number)) => format!("account {number}"),
            Actor::Other(
                PrincipalName::Role(name) | PrincipalName::Service(name) | PrincipalName::Federated(name),
            ) => name.clone(),
        }
    }

    pub(crate) fn end(&self, end: &Far) -> String {
        match end {
            Far::Thing(thing, _) => self.name(*thing).to_owned(),
            Far::Everybody => "everybody".to_owned(),
            Far::Public(_) => "internet".to_owned(),
            Far::Service(service) => format!("service {service}"),
        }
    }

    /// One line for what is reached.
    pub(crate) fn reached(&self, reached: &Reached) -> String {
        match reached {
            Reached::Request(hit) => match hit.thing {
                Some(thing) => format!("{} on {} ({})", hit.action, hit.resource, self.name(thing)),
                None => format!("{} on {}", hit.action, hit.resource),
            },
            Reached::Packet(packet) => format!("{} to {}", port(packet.ports), self.end(&packet.to)),
        }
    }

    /// Who reaches it.
    pub(crate) fn subject(&self, reached: &Reached) -> String {
        match reached {
            Reached::Request(hit) => self.actor(&hit.actor, hit.row),
            Reached::Packet(packet) => self.end(&packet.from),
        }
    }

    /// The lines of the spec that grant it: of all reasons the one with the smallest sentence.
    pub(crate) fn lines(&self, reached: &Reached) -> Vec<Place> {
        let reasons = match reached {
            Reached::Request(hit) => self.reasons_of_request(hit),
            Reached::Packet(packet) => self.reasons_of_packet(packet),
        };
        let lines = reasons
            .into_iter()
            .filter_map(|reason| Some((self.sentence(reason), reason, self.index.line(reason)?)));
        let best = lines.min_by(|one, two| (&one.0, one.1).cmp(&(&two.0, two.1)));
        best.map(|(_, _, line)| line).into_iter().collect()
    }

    /// What a trust says, by which one is chosen wherever it stands.
    fn sentence(&self, reason: ReasonId) -> String {
        let model = self.sets.model;
        let Some(trust) = self
            .index
            .trust_of(reason)
            .and_then(|trust| model.trusts.get(trust))
        else {
            return String::new();
        };
        let end = |named: &Named| match named.end {
            End::Thing(thing) => self.name(thing).to_owned(),
            End::Part(part) => model.parts.get(part).map_or_else(String::new, |part| {
                format!("{}.{}", self.name(part.of), model.names.text(part.name))
            }),
            End::Account(_) => "account".to_owned(),
            End::Internet => "internet".to_owned(),
        };
        let mut said: Vec<String> = trust
            .because
            .iter()
            .map(|(text, _)| model.names.text(*text).to_owned())
            .collect();
        said.extend(trust.subjects.iter().chain(&trust.objects).map(end));
        said.extend(
            trust
                .allow
                .iter()
                .map(|(name, _)| model.names.text(*name).to_owned()),
        );
        said.join(" ")
    }

    /// Whether a request is granted only because something else needs it, or as a helper.
    pub(crate) fn is_aside(&self, actor: ThingId, hit: &Hit) -> bool {
        let Some(right) = self.requests().rights.get(hit.right as usize) else {
            return false;
        };
        // One action that is meant is enough.
        right.actions.iter().all(|action| {
            let word = action.word();
            let text = word.as_ref().and_then(Word::as_text);
            text.is_some_and(|text| {
                self.is_action_aside(
                    actor,
                    &Hit {
                        action: canonical(&text),
                        ..hit.clone()
                    },
                )
            })
        })
    }

    /// Every declared access that allows the request is a helper's, or entailed; and it is declared in every context in which
    /// the bytes grant it.
    fn is_action_aside(&self, actor: ThingId, hit: &Hit) -> bool {
        let is_aside = |reason: &ReasonId| match self.sets.graph.reasons.get(*reason) {
            Some(Reason::Entailed { .. }) => true,
            Some(Reason::Trust(trust)) => self.only_helps(*trust, hit),
            Some(Reason::Declared(_) | Reason::Baseline(_)) | None => false,
        };
        let Some(right) = self.requests().rights.get(hit.right as usize) else {
            return false;
        };
        let whens = match (right.source, hit.thing) {
            (Source::Declared(position), _) => {
                return self.index.reasons(position).all(|reason| is_aside(&reason));
            }
            (_, Some(thing)) => self
                .requests()
                .contexts(right, thing, &hit.action.to_ascii_lowercase()),
            (_, None) => vec![right.when.clone()],
        };
        whens.iter().all(|when| {
            let reasons = self.reasons_of_grant(actor, hit, right, when);
            !reasons.is_empty() && reasons.iter().all(is_aside)
        })
    }

    /// The reasons of declared accesses to the thing that hold what a right grants in a context.
    fn reasons_of_grant(&self, actor: ThingId, hit: &Hit, right: &Right, when: &Region) -> Vec<ReasonId> {
        let graph = self.sets.graph;
        let Some(principal) = self.index.principal(actor) else {
            return Vec::new();
        };
        let wide = of_any_member(&right.within);
        let start = graph
            .accesses
            .partition_point(|access| access.principal < principal);
        let accesses = self.index.accesses_of(principal).iter().enumerate();
        let holds = |access: &Access| {
            let within = graph.patterns.get(access.within);
            let declared = graph.regions.get(access.when);
            let is_meant = hit
                .thing
                .is_none_or(|thing| access.resource == Resource::Thing(thing));
            is_meant
                && graph.words.text(access.action) == hit.action
                && within.is_some_and(|within| of_any_member(within).meets(&wide).is_some())
                && declared.is_some_and(|declared| when.is_subset(declared))
        };
        accesses
            .filter(|(_, access)| holds(access))
            .flat_map(|(offset, _)| self.index.reasons((start + offset) as u32))
            .collect()
    }

    /// Whether an action is a helper of all that a trust allows.
    fn only_helps(&self, trust: TrustId, hit: &Hit) -> bool {
        let model = self.sets.model;
        let Some(trust) = model.trusts.get(trust) else {
            return false;
        };
        let kinds = trust.objects.iter().filter_map(|object| match object.end {
            End::Thing(thing) => model.kinds.get(model.things.get(thing)?.kind),
            End::Part(_) | End::Account(_) | End::Internet => None,
        });
        let lines = kinds
            .flat_map(|kind| &kind.words.capabilities)
            .filter(|capability| trust.allow.iter().any(|(name, _)| *name == capability.name))
            .flat_map(|capability| &capability.actions);
        let mut with_action = lines
            .filter(|line| {
                let mut names = line.actions.iter();
                names.any(|name| model.names.text(*name).eq_ignore_ascii_case(&hit.action))
            })
            .peekable();
        with_action.peek().is_some() && with_action.all(|line| line.helper)
    }

    fn reasons_of_request(&self, hit: &Hit) -> Vec<ReasonId> {
        let graph = self.sets.graph;
        let Some(right) = self.requests().rights.get(hit.right as usize) else {
            return Vec::new();
        };
        if let Source::Declared(position) = right.source {
            return self.index.reasons(position).collect();
        }
        let wide = of_any_member(&right.within);
        let principals: Vec<Principal> = match &right.actor {
            Actor::Thing(thing) => self.index.principal(*thing).into_iter().collect(),
            Actor::Anyone => vec![Principal::Anyone],
            Actor::Other(PrincipalName::Service(service)) => {
                let word = graph.words.find(service);
                word.map(Principal::Service).into_iter().collect()
            }
            Actor::Steward | Actor::Other(_) => Vec::new(),
        };
        // What says just this comes first, then what holds it, then what meets it.
        let mut by_rank: [Vec<ReasonId>; 3] = Default::default();
        for principal in principals {
            let start = graph
                .accesses
                .partition_point(|access| access.principal < principal);
            for (offset, access) in self.index.accesses_of(principal).iter().enumerate() {
                if graph.words.text(access.action) != hit.action {
                    continue;
                }
                let Some(pattern) = graph.patterns.get(access.within) else {
                    continue;
                };
                let rank = if *pattern == right.within {
                    0
                } else if pattern.covers(&right.within) {
                    1
                } else if of_any_member(pattern).meets(&wide).is_some() {
                    2
                } else {
                    continue;
                };
                if let Some(slot) = by_rank.get_mut(rank) {
                    slot.extend(self.index.reasons((start + offset) as u32));
                }
            }
        }
        by_rank
            .into_iter()
            .find(|reasons| !reasons.is_empty())
            .unwrap_or_default()
    }

    fn reasons_of_packet(&self, packet: &Packet) -> Vec<ReasonId> {
        let end = |far: &Far| match far {
            Far::Thing(thing, _) => Some(Endpoint::Thing(*thing)),
            Far::Everybody => Some(Endpoint::Internet),
            Far::Public(_) | Far::Service(_) => None,
        };
        let (from, to) = (end(&packet.from), end(&packet.to));
        let known = match &packet.from {
            Far::Thing(thing, segment) => self.packets.known_by(*thing, *segment, None),
            Far::Public(spans) => spans.clone(),
            Far::Everybody | Far::Service(_) => Vec::new(),
        };
        // What says just this comes first; then a trust by which another is admitted on this port, at the same addresses.
        let mut by_rank: [Vec<ReasonId>; 4] = Default::default();
        for flow in &self.sets.graph.flows {
            let ports = self.sets.graph.ports.get(flow.ports).into_iter().flatten();
            let ports: Vec<Ports> = ports.map(|ports| Ports::of(*ports)).collect();
            let is_port = !both(&ports, &[packet.ports]).is_empty();
            let (is_from, is_to) = (Some(flow.from) == from, Some(flow.to) == to);
            let spans = self.packets.spans_of(flow.from, flow.reach);
            let shares = spans.iter().any(|span| known.iter().any(|own| own.meets(*span)));
            let rank = match (is_from, is_to, is_port) {
                (true, true, true) => 0,
                (false, true, true) if shares || flow.from == Endpoint::Internet => 1,
                (_, true, true) | (true, _, true) => 2,
                (_, true, false) | (true, _, false) => 3,
                (false, false, _) => continue,
            };
            if let Some(slot) = by_rank.get_mut(rank) {
                slot.push(flow.because);
            }
        }
        by_rank
            .into_iter()
            .find(|reasons| !reasons.is_empty())
            .unwrap_or_default()
    }
}

/// Adds the lines that grant something.
pub(crate) fn labelled(mut diagnostic: Diagnostic, lines: &[Place], what: &str) -> Diagnostic {
    for line in lines {
        diagnostic = diagnostic.label(*line, what);
    }
    diagnostic
}

/// A port for people.
pub(crate) fn port(ports: Ports) -> String {
    let protocol = match ports.protocol {
        Some(protocol) => {
            packet::protocol::name(protocol).map_or_else(|| format!("protocol {protocol}"), str::to_owned)
        }
        None => return "any port".to_owned(),
    };
    if (ports.first, ports.last) == (0, u16::MAX) {
        return protocol;
    }
    format!("{protocol} {}", ports.first)
}
