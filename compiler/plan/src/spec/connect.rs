//! Which declarations a piece of the network comes from: the flows of the spec whose ends it joins.

use std::collections::BTreeSet;

use graph::flow::{Endpoint, Flow};
use graph::reason::Reason as Origin;
use model::thing::{PartDetail, ThingId};
use model::trust::{End, Trust};
use read::facts::network::{Block, Ports};
use relation::place::{Span, is_wide};

use super::{Claim, Known, short};
use crate::flow::{Far, Piece};

impl Known<'_> {
    /// What a piece comes from, by the spec of its own side. Empty if the spec has no such flow.
    pub(crate) fn connections(&self, piece: &Piece) -> Vec<Claim> {
        let ends = self.ends(&piece.guard);
        let mut claims: Vec<Claim> = Vec::new();
        let mut grade = 0;
        for end in ends {
            let flows: Vec<(&Flow, Endpoint)> = if piece.egress {
                self.index.flows_from(end).map(|flow| (flow, flow.to)).collect()
            } else {
                self.index.flows_to(end).map(|flow| (flow, flow.from)).collect()
            };
            for (flow, far) in flows {
                let own = self.is_far(far, &piece.far);
                if own == 0 || own < grade || !self.has_ports(flow, piece.ports) {
                    continue;
                }
                if own > grade {
                    grade = own;
                    claims.clear();
                }
                for claim in self.of_flow(flow) {
                    let is_known = |known: &Claim| {
                        (known.because, &known.subject, &known.object)
                            == (claim.because, &claim.subject, &claim.object)
                    };
                    if !claims.iter().any(is_known) {
                        claims.push(claim);
                    }
                }
            }
        }
        claims
    }

    /// The ends of flows at which a guard stands.
    fn ends(&self, guard: &str) -> Vec<Endpoint> {
        if let Some(thing) = self.of_address(guard) {
            if guard.starts_with("host ") {
                return self.on_host(thing).into_iter().map(Endpoint::Thing).collect();
            }
            return vec![Endpoint::Thing(thing)];
        }
        let shared = self.spec.graph.addresses.shared.iter();
        let wearing = shared.filter(|(_, group)| group.as_str() == guard);
        let mut ends: Vec<Endpoint> = wearing.map(|(thing, _)| Endpoint::Thing(*thing)).collect();
        if let Some((_, service)) = guard.rsplit_once("/endpoint-") {
            ends.extend(self.spec.graph.words.find(service).map(Endpoint::Service));
        }
        ends
    }

    /// How surely the other end of a rule is the other end of a flow; 0 if it is not.
    fn is_far(&self, end: Endpoint, far: &Far) -> u8 {
        let graph = self.spec.graph;
        match (end, far) {
            (Endpoint::Thing(thing), Far::Named(name)) => {
                let addresses = &graph.addresses;
                let wears =
                    |groups: &std::collections::BTreeMap<ThingId, String>| groups.get(&thing) == Some(name);
                u8::from(wears(&addresses.groups) || wears(&addresses.shared)) * 3
            }
            (Endpoint::Service(service), Far::Named(name)) => {
                let service = graph.words.text(service);
                let is_group = name.ends_with(&format!("/endpoint-{service}"));
                u8::from(is_group || name.ends_with(&format!(".{service}"))) * 3
            }
            // Who uses the same endpoints wears one group.
            (Endpoint::Internet | Endpoint::Addresses(_), Far::Named(_)) => 0,
            (Endpoint::Thing(thing), Far::At(block)) => {
                let places = self.places();
                let own = places.externals.get(&thing).cloned();
                let host = places.host(thing).unwrap_or(thing);
                let spans = own.unwrap_or_else(|| places.spans(host, None));
                let met = |span: &Span| span.meets(Span::read(*block));
                if spans.iter().any(|span| is_same(*span, *block)) {
                    3
                } else if spans.iter().any(met) {
                    2
                } else {
                    // An external that is known by its name only is let out to every address.
                    u8::from(spans.is_empty() && is_wide(&[Span::read(*block)]))
                }
            }
            (Endpoint::Addresses(list), Far::At(block)) => {
                let blocks = graph.blocks.get(list).into_iter().flatten();
                let spans: Vec<Span> = blocks.map(|own| Span::of(*own)).collect();
                if spans.iter().any(|span| is_same(*span, *block)) {
                    3
                } else {
                    u8::from(spans.iter().any(|span| span.meets(Span::read(*block)))) * 2
                }
            }
            (Endpoint::Internet, Far::At(block)) => {
                if is_wide(&[Span::read(*block)]) {
                    3
                } else {
                    1
                }
            }
            // An endpoint lies in a segment, by whose addresses a host knows it.
            (Endpoint::Service(_), Far::At(_)) => 1,
        }
    }

    fn has_ports(&self, flow: &Flow, read: Ports) -> bool {
        if read.any_protocol {
            return true;
        }
        let own = self.spec.graph.ports.get(flow.ports).into_iter().flatten();
        let meets = |own: &model::value::Ports| {
            own.protocol == read.protocol && own.first <= read.last && read.first <= own.last
        };
        own.clone().any(meets)
    }

    /// A flow by its reason: of a trust the pairs that it joins.
    fn of_flow(&self, flow: &Flow) -> Vec<Claim> {
        let (model, graph) = (self.spec.model, self.spec.graph);
        let because = flow.because;
        let trust = self
            .index
            .trust_of(because)
            .and_then(|trust| model.trusts.get(trust));
        let thing = |end: Endpoint| match end {
            Endpoint::Thing(thing) => Some(thing),
            Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet => None,
        };
        let (from, to) = (thing(flow.from), thing(flow.to));
        let is_entailed = matches!(graph.reasons.get(because), Some(Origin::Entailed { .. }));
        let claim = |subject: String, object: String, words: BTreeSet<String>| Claim {
            subject,
            object,
            words,
            because: Some(because),
            position: None,
            target: to,
            is_entailed,
        };
        let Some(trust) = trust else {
            return vec![claim(
                self.endpoint(flow.from),
                self.endpoint(flow.to),
                BTreeSet::new(),
            )];
        };
        let subject = self
            .subject(trust, from, to)
            .unwrap_or_else(|| self.endpoint(flow.from));
        let words: BTreeSet<String> = trust
            .allow
            .iter()
            .map(|(name, _)| model.names.text(*name).to_owned())
            .collect();
        let listeners = self.listeners(trust, flow);
        if !listeners.is_empty() {
            let claims = listeners.into_iter();
            return claims
                .map(|object| claim(subject.clone(), object, words.clone()))
                .collect();
        }
        let object = self.object(trust, to).or_else(|| self.of_service(trust, flow.to));
        vec![claim(
            subject,
            object.unwrap_or_else(|| self.endpoint(flow.to)),
            BTreeSet::new(),
        )]
    }

    /// The listeners that a trust names and that a flow reaches.
    fn listeners(&self, trust: &Trust, flow: &Flow) -> Vec<String> {
        let Endpoint::Thing(to) = flow.to else {
            return Vec::new();
        };
        let model = self.spec.model;
        let ports = self.spec.graph.ports.get(flow.ports);
        let meets = |own: &model::value::Ports| {
            let ports = ports.into_iter().flatten();
            ports.clone().any(|other| {
                own.protocol == other.protocol && own.first <= other.last && other.first <= own.last
            })
        };
        let parts = trust.objects.iter().filter(|named| match named.end {
            End::Part(part) => model.parts.get(part).is_some_and(|part| {
                part.of == to
                    && match &part.detail {
                        PartDetail::Listener(listener) => listener.ports.iter().any(&meets),
                        PartDetail::LocalTopic(_) => true,
                    }
            }),
            End::Thing(_) | End::Account(_) | End::Internet => false,
        });
        parts.map(|named| self.end(named.end)).collect()
    }

    /// The object of a trust that is reached by a service.
    fn of_service(&self, trust: &Trust, end: Endpoint) -> Option<String> {
        let Endpoint::Service(service) = end else {
            return None;
        };
        let (model, graph) = (self.spec.model, self.spec.graph);
        let service = graph.words.text(service);
        let found = trust.objects.iter().find(|named| match named.end {
            End::Thing(thing) => graph::address::service(model, thing).as_deref() == Some(service),
            End::Part(_) | End::Account(_) | End::Internet => false,
        });
        found.map(|named| self.end(named.end))
    }

    fn endpoint(&self, end: Endpoint) -> String {
        let graph = self.spec.graph;
        match end {
            Endpoint::Thing(thing) => self.name(thing).to_owned(),
            Endpoint::Service(service) => format!("service {}", graph.words.text(service)),
            Endpoint::Addresses(list) => {
                let blocks = graph.blocks.get(list).into_iter().flatten();
                blocks.map(ToString::to_string).collect::<Vec<_>>().join(" ")
            }
            Endpoint::Internet => "internet".to_owned(),
        }
    }

    /// What the addresses of a piece tell, where no flow of the spec is like it.
    pub(crate) fn connection_by_address(&self, piece: &Piece) -> Claim {
        let name = |address: &str| match self.of_address(address) {
            Some(thing) => self.name(thing).to_owned(),
            None => address
                .rsplit_once("/endpoint-")
                .map_or_else(|| short(address), |(_, service)| format!("service {service}")),
        };
        let own = name(&piece.guard);
        let far = match &piece.far {
            Far::At(block) if is_wide(&[Span::read(*block)]) => "internet".to_owned(),
            Far::At(_) => piece.peer(),
            Far::Named(address) => name(address),
        };
        let (subject, mut object) = if piece.egress { (own, far) } else { (far, own) };
        // Where a trust names one part of the thing, it is that part on whatever port.
        if let Some(part) = self.only_part(&subject, &object) {
            object = part;
        }
        Claim {
            subject,
            object,
            ..Claim::default()
        }
    }
}

impl Known<'_> {
    /// The part of a thing that trusts of a subject name, if there is one alone.
    fn only_part(&self, subject: &str, object: &str) -> Option<String> {
        let (model, thing) = (self.spec.model, self.thing(object)?);
        let end = match self.labelled(subject) {
            Some(subject) => End::Thing(subject),
            None if subject == "internet" => End::Internet,
            None => return None,
        };
        let trusts = self.index.trusts(end).filter_map(|trust| model.trusts.get(trust));
        let parts = trusts
            .flat_map(|trust| &trust.objects)
            .filter(|named| match named.end {
                End::Part(part) => model.parts.get(part).is_some_and(|part| part.of == thing),
                End::Thing(_) | End::Account(_) | End::Internet => false,
            });
        let labels: BTreeSet<String> = parts.map(|named| self.end(named.end)).collect();
        let mut labels = labels.into_iter();
        match (labels.next(), labels.next()) {
            (Some(only), None) => Some(only),
            (_, _) => None,
        }
    }
}

fn is_same(span: Span, block: Block) -> bool {
    span == Span::read(block)
}
