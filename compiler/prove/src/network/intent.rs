//! The share of each network guard in the intent: what groups, ACLs and routes must let through.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use checks::Checked;
use graph::access::Pairs;
use graph::address;
use graph::flow::{Endpoint, Flow, Reach};
use graph::reason::ReasonId;
use model::place::{Exposure, NetworkId, SegmentId, SiteId};
use model::thing::ThingId;
use model::value::Ports;
use packet::protocol;
use pattern::region::Region;

use super::stand::{Span, Stand, Stands};

/// One relation that a group needs.
#[derive(Clone, Debug)]
pub(super) struct Need<'a> {
    pub(super) egress: bool,
    pub(super) peer: Other,
    pub(super) ports: &'a [Ports],
    pub(super) because: ReasonId,
}

/// The other side of a group's rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Other {
    /// Members of a group, by address.
    Group(Arc<str>),
    /// Addresses.
    Span(Span),
}

/// Packets that cross the boundary of a segment's subnets, as an ACL sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Crossing {
    pub(super) egress: bool,
    pub(super) ports: Ports,
    /// The other side.
    pub(super) span: Span,
}

impl Crossing {
    /// What any router on the way says of a packet that it cannot pass on whole (RFC 1191, RFC 8201). Without it whoever sends waits for
    /// an answer that never comes. Where both sides have interfaces in the network itself, there is no such router.
    fn too_big(six: bool) -> Self {
        let (protocol, kind) = if six {
            (protocol::ICMPV6, 0x0200)
        } else {
            (protocol::ICMP, 0x0304)
        };
        Self {
            egress: false,
            ports: Ports {
                protocol,
                first: kind,
                last: kind,
            },
            span: Span::all(six),
        }
    }
}

/// By what packets leave a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Internet,
    Translation,
    Site(SiteId),
}

/// What flows need of one network.
#[derive(Default)]
pub(super) struct Share<'a> {
    /// Per group, by address.
    pub(super) groups: BTreeMap<Arc<str>, Vec<Need<'a>>>,
    /// Services with a private endpoint, each with a reason.
    pub(super) services: BTreeMap<&'a str, ReasonId>,
    /// Per segment.
    pub(super) crossings: BTreeMap<SegmentId, BTreeMap<Crossing, ReasonId>>,
    /// Per segment: destinations and the way there.
    pub(super) ways: BTreeMap<SegmentId, BTreeMap<(Way, Span), ReasonId>>,
    /// The public segment in which addresses are translated.
    pub(super) translating: Option<SegmentId>,
}

/// What the graph asks of all networks.
pub(super) struct Intent<'a> {
    pub(super) stands: Stands<'a>,
    pub(super) networks: BTreeMap<NetworkId, Share<'a>>,
    /// Flows that no guard of a network can say exactly.
    pub(super) undecided: Vec<(ReasonId, &'static str)>,
    /// Flows with an end in a network.
    pub(super) seen: u64,
    /// Things that the internet, or addresses on it, may open a connection to.
    pub(super) public: BTreeSet<ThingId>,
}

impl<'a> Intent<'a> {
    pub(super) fn new(checked: &Checked<'a>) -> Self {
        let (model, graph) = (checked.model(), checked.graph());
        let mut intent = Self {
            stands: Stands::new(checked),
            networks: model.networks.ids().map(|id| (id, Share::default())).collect(),
            undecided: Vec::new(),
            seen: 0,
            public: BTreeSet::new(),
        };
        // Every placed thing has its group, rules or not: it bears the thing's name.
        let placed: Vec<(NetworkId, Arc<str>)> = intent
            .stands
            .things()
            .flat_map(|(_, stands)| stands)
            .filter_map(|stand| match stand {
                // One that exists is its owner's: nothing is said of its rules.
                Stand::Interface { group, .. } if address::is_worn(group) => None,
                Stand::Interface { network, group, .. } => Some((*network, Arc::clone(group))),
                Stand::Host { .. } | Stand::Public(_) | Stand::Inside(_) => None,
            })
            .collect();
        for (network, group) in placed {
            intent
                .networks
                .entry(network)
                .or_default()
                .groups
                .entry(group)
                .or_default();
        }
        for flow in &graph.flows {
            intent.flow(checked, flow);
        }
        intent.translation(checked);
        intent
    }

    fn flow(&mut self, checked: &Checked<'a>, flow: &Flow) {
        let graph = checked.graph();
        let meetings: Vec<(Stand, Stand)> = self
            .stands
            .meetings(flow)
            .into_iter()
            .filter(|(from, to)| {
                matches!(from, Stand::Interface { .. }) || matches!(to, Stand::Interface { .. })
            })
            .collect();
        if meetings.is_empty() {
            return;
        }
        self.seen += 1;
        // One group stands for a whole class: with `others`, what a member sends to itself never leaves it.
        let members = graph.pairs.get(flow.pairs);
        if !matches!(members, Some(Pairs::All | Pairs::Others)) {
            self.undecided.push((
                flow.because,
                "pairs members of two classes, which no group can tell apart",
            ));
        }
        if !graph.regions.get(flow.when).is_some_and(Region::is_everything) {
            self.undecided
                .push((flow.because, "has a condition that no packet carries"));
        }
        if let (Endpoint::Service(_), Reach::Public) = (flow.to, flow.reach) {
            self.undecided.push((
                flow.because,
                "reaches a service over the internet, which no group can tell from the rest of it",
            ));
        }
        if let (Endpoint::Thing(thing), Reach::Public) = (flow.to, flow.reach) {
            self.public.insert(thing);
        }
        let ports = graph.ports.get(flow.ports).map_or(&[][..], Vec::as_slice);
        for (from, to) in &meetings {
            if let (Endpoint::Service(service), Stand::Interface { network, group, .. }) = (flow.to, to)
                && !address::is_worn(group)
                && let Some(share) = self.networks.get_mut(network)
            {
                share
                    .services
                    .entry(graph.words.text(service))
                    .or_insert(flow.because);
            }
            self.side(checked, (from, to), true, ports, flow.because);
            self.side(checked, (to, from), false, ports, flow.because);
        }
    }

    /// What the guards around `own` need for a meeting with `other`, if `own` is in a network.
    fn side(
        &mut self,
        checked: &Checked<'a>,
        (own, other): (&Stand, &Stand),
        opens: bool,
        ports: &'a [Ports],
        because: ReasonId,
    ) {
        let Stand::Interface {
            network,
            group,
            segment,
            has_six,
            ..
        } = own
        else {
            return;
        };
        if address::is_worn(group) {
            return;
        }
        let mut peers: Vec<Other> = Vec::new();
        let mut beyond: Vec<Span> = Vec::new();
        let model = checked.model();
        let subnets = checked.graph().addresses.subnets.get(segment).map_or(0, Vec::len);
        let spans_of = |id: SegmentId| {
            let segment = model.segments.get(id);
            let blocks = segment.map(|segment| [Some(segment.cidr), segment.cidr6.filter(|_| *has_six)]);
            blocks.into_iter().flatten().flatten().map(Span::of)
        };
        match other {
            Stand::Interface {
                group, segment: far, ..
            } => {
                peers.push(Other::Group(Arc::clone(group)));
                if far != segment || subnets > 1 {
                    beyond.extend(spans_of(*far));
                }
            }
            Stand::Host { addresses, .. } => {
                beyond.extend(addresses.iter().filter(|span| *has_six || !span.six));
            }
            Stand::Public(spans) | Stand::Inside(spans) => {
                beyond.extend(spans.iter().filter(|span| *has_six || !span.six))
            }
        }
        if peers.is_empty() {
            peers.extend(beyond.iter().map(|span| Other::Span(*span)));
        }
        let Some(share) = self.networks.get_mut(network) else {
            return;
        };
        let needs = share.groups.entry(Arc::clone(group)).or_default();
        needs.extend(peers.into_iter().map(|peer| Need {
            egress: opens,
            peer,
            ports,
            because,
        }));
        let crossings = share.crossings.entry(*segment).or_default();
        for span in &beyond {
            for ports in ports.iter().filter(|ports| in_family(**ports, span.six)) {
                crossings
                    .entry(Crossing {
                        egress: opens,
                        ports: *ports,
                        span: *span,
                    })
                    .or_insert(because);
                crossings
                    .entry(Crossing {
                        egress: !opens,
                        ports: reply(*ports),
                        span: *span,
                    })
                    .or_insert(because);
                if !matches!(other, Stand::Interface { .. }) {
                    crossings.entry(Crossing::too_big(span.six)).or_insert(because);
                }
            }
        }
        self.ways(checked, (own, other), &beyond, opens, because);
    }

    /// How packets to the other side leave the segment.
    fn ways(
        &mut self,
        checked: &Checked<'a>,
        (own, other): (&Stand, &Stand),
        beyond: &[Span],
        opens: bool,
        because: ReasonId,
    ) {
        let Stand::Interface { network, segment, .. } = own else {
            return;
        };
        let model = checked.model();
        let exposure = model
            .segments
            .get(*segment)
            .map_or(Exposure::Isolated, |segment| segment.exposure);
        let site_of = |span: &Span| {
            model.sites.iter().find(|(id, site)| {
                let holds = |block| {
                    let whole = Span::of(block);
                    whole.six == span.six && whole.range.covers(span.range)
                };
                self.stands.connects(*id, *network)
                    && [Some(site.cidr), site.cidr6].into_iter().flatten().any(holds)
            })
        };
        let mut found: Vec<(Way, Span)> = Vec::new();
        for span in beyond {
            match other {
                Stand::Interface { .. } => {}
                // A route to a site leads to all of it.
                Stand::Host { .. } | Stand::Inside(_) => {
                    if let Some((id, site)) = site_of(span) {
                        let whole = if span.six {
                            site.cidr6.unwrap_or(site.cidr)
                        } else {
                            site.cidr
                        };
                        found.push((Way::Site(id), Span::of(whole)));
                    }
                }
                Stand::Public(_) => match exposure {
                    Exposure::Public => found.push((Way::Internet, *span)),
                    Exposure::Private if opens => found.push((Way::Translation, *span)),
                    Exposure::Private | Exposure::Isolated => {}
                },
            }
        }
        if let Some(share) = self.networks.get_mut(network) {
            let ways = share.ways.entry(*segment).or_default();
            for way in found {
                ways.entry(way).or_insert(because);
            }
        }
    }

    /// What leaves private segments passes a public one as well.
    fn translation(&mut self, checked: &Checked<'a>) {
        let model = checked.model();
        for (id, share) in &mut self.networks {
            let Some(network) = model.networks.get(*id) else {
                continue;
            };
            let mut through: Vec<(SegmentId, Span, ReasonId)> = Vec::new();
            for (segment, ways) in &share.ways {
                let translated = ways.iter().filter(|((way, _), _)| *way == Way::Translation);
                through.extend(translated.map(|((_, span), because)| (*segment, *span, *because)));
            }
            if through.is_empty() {
                continue;
            }
            let public = network
                .segments
                .iter()
                .copied()
                .filter_map(|id| Some((id, model.segments.get(id)?)));
            let public = public.filter(|(_, segment)| segment.exposure == Exposure::Public);
            let public = public
                .min_by_key(|(_, segment)| model.names.text(segment.name))
                .map(|(id, _)| id);
            let Some(public) = public else {
                self.undecided.extend(through.first().map(|(_, _, because)| {
                    (
                        *because,
                        "leaves a private segment, and no public one translates its addresses",
                    )
                }));
                continue;
            };
            share.translating = Some(public);
            for (segment, span, because) in through {
                share
                    .ways
                    .entry(public)
                    .or_default()
                    .entry((Way::Internet, span))
                    .or_insert(because);
                let own = model.segments.get(segment).map(|segment| Span::of(segment.cidr));
                let crossings = share.crossings.get(&segment).cloned().unwrap_or_default();
                // What the private segment sends there comes in here and goes out again; replies likewise.
                for (crossing, because) in crossings
                    .into_iter()
                    .filter(|(crossing, _)| crossing.span == span || *crossing == Crossing::too_big(span.six))
                {
                    let passed = share.crossings.entry(public).or_default();
                    passed.entry(crossing).or_insert(because);
                    if let Some(own) = own.filter(|own| in_family(crossing.ports, own.six)) {
                        passed
                            .entry(Crossing {
                                egress: !crossing.egress,
                                span: own,
                                ..crossing
                            })
                            .or_insert(because);
                    }
                }
            }
        }
    }
}

/// Whether packets of a protocol exist in a family.
pub(super) fn in_family(ports: Ports, six: bool) -> bool {
    match ports.protocol {
        protocol::ICMP => !six,
        protocol::ICMPV6 => six,
        _ => true,
    }
}

/// To which ports a reply goes: tcp and udp to those from which callers open, of whatever system; an echo (RFC 792, RFC 4443)
/// to its reply's type, and so do a question for the time, for information and for the mask (RFC 792, RFC 950), and for a node
/// (RFC 4620); other protocols have none.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html>
fn reply(ports: Ports) -> Ports {
    match (
        ports.protocol,
        protocol::icmp_of(ports.first),
        protocol::icmp_of(ports.last),
    ) {
        (protocol::TCP | protocol::UDP, ..) => Ports {
            first: 1024,
            last: u16::MAX,
            ..ports
        },
        (protocol::ICMP, (8, _), (8, _)) => Ports {
            first: 0,
            last: 0x00ff,
            ..ports
        },
        (protocol::ICMP, (one @ (13 | 15 | 17), _), (other, _)) if one == other => Ports {
            first: u16::from_be_bytes([one + 1, 0]),
            last: u16::from_be_bytes([one + 1, u8::MAX]),
            ..ports
        },
        (protocol::ICMPV6, (139, _), (139, _)) => Ports {
            first: 0x8c00,
            last: 0x8cff,
            ..ports
        },
        (protocol::ICMPV6, (128, _), (128, _)) => Ports {
            first: 0x8100,
            last: 0x81ff,
            ..ports
        },
        _ => Ports {
            first: 0,
            last: u16::MAX,
            ..ports
        },
    }
}
