//! Security groups: one identity for each placed thing and each private endpoint, and its rules.
//!
//! A rule names the other end by its group where that end is in the same network, and by its addresses otherwise. What
//! no rule says is closed, egress too.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Report};
use graph::address;
use model::place::NetworkId;
use model::value::{Block, Ports};

use super::cover::{cover, merged};
use super::fault::{BAD_GROUP_NAME, SAME_GROUP_NAME};
use super::link::{Link, is_of_family};
use super::place::{Carrier, Places, Side};
use super::reasons::Reasons;
use super::text;
use crate::context::Context;
use crate::deployment::network::{Group, GroupRule, Peer};

/// The most characters of a group's name.
///
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>
const NAME_CHARS_MAX: usize = 255;

/// The groups of a network, sorted by name, and whose they are.
pub(super) struct Groups {
    pub(super) list: Vec<Group>,
    pub(super) of: BTreeMap<Carrier, usize>,
    /// Groups that exist and are worn, by who wears them: rules name them, and theirs are their owner's.
    worn: BTreeMap<Carrier, String>,
}

impl Groups {
    /// By what a rule names a carrier.
    fn peer(&self, carrier: Carrier) -> Option<Peer> {
        match self.of.get(&carrier) {
            Some(own) => Some(Peer::Group(*own)),
            None => self.worn.get(&carrier).cloned().map(Peer::Worn),
        }
    }
}

/// Rules of one group in one direction, before they are packed.
#[derive(Default)]
struct Open {
    groups: BTreeMap<Peer, BTreeMap<Ports, Reasons>>,
    blocks: BTreeMap<(Ports, Block), Reasons>,
}

/// The groups of a network with their rules.
pub(super) fn groups(
    cx: &Context<'_>,
    places: &Places<'_>,
    network: NetworkId,
    at: &str,
    links: &[Link<'_>],
    report: &mut Report,
) -> Groups {
    let mut groups = identities(cx, places, network, at, links);
    check_names(cx, &groups, report);
    let mut open: BTreeMap<(usize, bool), Open> = BTreeMap::new();
    for link in links {
        for (own, other, egress) in [(&link.from, &link.to, true), (&link.to, &link.from, false)] {
            let Side::Group(carrier, _) = own else { continue };
            let Some(own) = groups.of.get(&speaking(cx, places, network, link, *carrier)) else {
                continue;
            };
            let rules = open.entry((*own, egress)).or_default();
            for ports in link.ports {
                match other {
                    Side::Group(carrier, _) => {
                        let carrier = speaking(cx, places, network, link, *carrier);
                        let Some(peer) = groups.peer(carrier) else {
                            continue;
                        };
                        rules
                            .groups
                            .entry(peer)
                            .or_default()
                            .entry(*ports)
                            .or_default()
                            .add(link.because);
                    }
                    Side::Blocks(blocks) => {
                        for (block, _) in blocks.iter().filter(|(block, _)| is_of_family(*ports, *block)) {
                            rules
                                .blocks
                                .entry((*ports, *block))
                                .or_default()
                                .add(link.because);
                        }
                    }
                }
            }
        }
    }
    let labels: Vec<String> = groups.list.iter().map(|group| group.label.clone()).collect();
    for ((group, egress), open) in open {
        let Some(group) = groups.list.get_mut(group) else {
            continue;
        };
        let packed = pack(&open);
        let rules = packed.into_iter().map(|(ports, peer, reasons)| {
            let because = cx.because_all(reasons.iter());
            let peer_label = match &peer {
                Peer::Group(index) => labels.get(*index).cloned().unwrap_or_default(),
                Peer::Worn(id) => text::label(id),
                Peer::Block(block) => text::block(*block),
            };
            let way = if egress { "out" } else { "in" };
            let side = if egress { "to" } else { "from" };
            GroupRule {
                egress,
                ports,
                peer,
                label: format!("{}_{way}_{}_{side}_{peer_label}", group.label, text::ports(ports)),
                description: text::description(&because),
                because,
            }
        });
        group.rules.extend(rules);
    }
    groups
}

/// By which of its groups an end speaks: to an endpoint of ours by the one that it shares, if it shares one.
fn speaking(
    cx: &Context<'_>,
    places: &Places<'_>,
    network: NetworkId,
    link: &Link<'_>,
    carrier: Carrier,
) -> Carrier {
    let (Carrier::Thing(thing), Side::Group(Carrier::Service(service), _)) = (carrier, &link.to) else {
        return carrier;
    };
    let shared = &cx.graph.addresses.shared;
    let Some(own) = shared
        .get(&thing)
        .filter(|_| places.worn(network, *service).is_none())
    else {
        return carrier;
    };
    let first = shared.iter().find(|(_, group)| *group == own);
    first.map_or(carrier, |(first, _)| Carrier::Shared(*first))
}

/// Everything that carries a group, without rules.
fn identities(
    cx: &Context<'_>,
    places: &Places<'_>,
    network: NetworkId,
    at: &str,
    links: &[Link<'_>],
) -> Groups {
    let mut found: Vec<(Carrier, Group)> = Vec::new();
    let mut worn: BTreeMap<Carrier, String> = BTreeMap::new();
    for (id, _) in places.placed(network) {
        let Some(thing) = cx.thing(id) else { continue };
        if let Some((group, _)) = thing.existing.and_then(|existing| existing.wears) {
            worn.insert(Carrier::Thing(id), cx.text(group).to_owned());
            continue;
        }
        let name = cx.physical(thing);
        let declared = cx.text(thing.name);
        // The name in the cloud survives a renaming, and the description can no more be changed than it can.
        found.push((
            Carrier::Thing(id),
            Group {
                name: name.to_owned(),
                address: format!("sg:{at}/{name}"),
                label: text::label(declared),
                renamed_from: thing.renamed_from.map(|(old, _)| text::label(cx.text(old))),
                description: text::clean(&format!("Identity of {name}")),
                rules: Vec::new(),
                because: cx.declared(thing.span, "declared"),
            },
        ));
    }
    let mut services: BTreeMap<Carrier, Reasons> = BTreeMap::new();
    let mut shared: BTreeMap<Carrier, Reasons> = BTreeMap::new();
    for link in links {
        if let Side::Group(from @ Carrier::Thing(_), _) = &link.from {
            let speaking = speaking(cx, places, network, link, *from);
            if speaking != *from {
                shared.entry(speaking).or_default().add(link.because);
            }
        }
        if let Side::Group(carrier @ Carrier::Service(_), _) = &link.to {
            services.entry(*carrier).or_default().add(link.because);
        }
    }
    for (carrier, reasons) in services {
        let Carrier::Service(service) = carrier else {
            continue;
        };
        if let Some(group) = places.worn(network, service) {
            worn.insert(carrier, group.to_owned());
            continue;
        }
        let service = cx.word(service);
        let address = address::endpoint_group(at, service);
        let name = address
            .strip_prefix(&format!("sg:{at}/"))
            .unwrap_or(service)
            .to_owned();
        found.push((
            carrier,
            Group {
                label: text::label(&name),
                name,
                address,
                renamed_from: None,
                description: text::clean(&format!("Private endpoint to {service}")),
                rules: Vec::new(),
                because: cx.because_all(reasons.iter()),
            },
        ));
    }
    for (carrier, reasons) in shared {
        let Carrier::Shared(first) = carrier else { continue };
        let Some(address) = cx.graph.addresses.shared.get(&first) else {
            continue;
        };
        let name = address.strip_prefix(&format!("sg:{at}/")).unwrap_or(address);
        found.push((
            carrier,
            Group {
                name: name.to_owned(),
                address: address.clone(),
                label: text::label(name),
                renamed_from: None,
                description: text::clean("Worn besides their own by all who use the same private endpoints"),
                rules: Vec::new(),
                because: cx.because_all(reasons.iter()),
            },
        ));
    }
    found.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    let of = found
        .iter()
        .enumerate()
        .map(|(index, (carrier, _))| (*carrier, index))
        .collect();
    Groups {
        list: found.into_iter().map(|(_, group)| group).collect(),
        of,
        worn,
    }
}

fn check_names(cx: &Context<'_>, groups: &Groups, report: &mut Report) {
    let mut names: BTreeMap<String, Carrier> = BTreeMap::new();
    let mut labels: BTreeSet<&str> = BTreeSet::new();
    let span_of = |carrier: Carrier| match carrier {
        Carrier::Thing(thing) => cx.thing(thing).map(|thing| thing.physical.span),
        Carrier::Service(_) | Carrier::Shared(_) => None,
    };
    for (carrier, index) in &groups.of {
        let Some(group) = groups.list.get(*index) else {
            continue;
        };
        let raise = |code, message: String| match (span_of(*carrier), group.because.first()) {
            (Some(span), _) => Diagnostic::new(code, span, message),
            (None, Some(cause)) => Diagnostic::new(code, cause.span, message),
            (None, None) => Diagnostic::global(code, message),
        };
        let name = &group.name;
        let is_taken = !name.is_empty()
            && name.chars().count() <= NAME_CHARS_MAX
            && name.chars().all(text::is_taken)
            && !name.to_ascii_lowercase().starts_with("sg-")
            && !name.eq_ignore_ascii_case("default");
        if !is_taken {
            report.push(
                raise(&BAD_GROUP_NAME, format!("the provider does not take `{name}` as the name of a group"))
                    .note("a name has at most 255 plain characters, does not start with `sg-`, and is not `default`")
                    .help("give it another `physical`"),
            );
        }
        let known = names.insert(name.to_ascii_lowercase(), *carrier);
        if known.is_some() || !labels.insert(&group.label) {
            report.push(
                raise(
                    &SAME_GROUP_NAME,
                    format!("two groups of this network would be called `{name}`"),
                )
                .note("private endpoints have groups as well: `endpoint-SERVICE`")
                .help("give one of them another name"),
            );
        }
    }
}

/// Rules in order: groups before blocks, then by ports.
fn pack(open: &Open) -> Vec<(Ports, Peer, Reasons)> {
    let mut rules = Vec::new();
    for (peer, ports) in &open.groups {
        for merged in merged(ports.keys().copied()) {
            let mut reasons = Reasons::default();
            for (own, because) in ports {
                if overlap(*own, merged) {
                    reasons.absorb(because);
                }
            }
            rules.push((merged, peer.clone(), reasons));
        }
    }
    // Inputs by first address: those within an aggregated block stand together.
    let mut inputs: Vec<(Block, Ports, &Reasons)> = open
        .blocks
        .iter()
        .map(|((ports, block), reasons)| (*block, *ports, reasons))
        .collect();
    inputs.sort_by_key(|(block, ports, _)| (block.six, block.first, block.prefix_bits, *ports));
    for (ports, block) in cover(open.blocks.keys().copied()) {
        let start = inputs.partition_point(|(input, ..)| (input.six, input.first) < (block.six, block.first));
        let mut reasons = Reasons::default();
        let within = inputs
            .iter()
            .skip(start)
            .take_while(|(input, ..)| input.six == block.six && input.first <= block.last());
        for (_, own, because) in within {
            if overlap(*own, ports) {
                reasons.absorb(because);
            }
        }
        rules.push((ports, Peer::Block(block), reasons));
    }
    rules.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    rules
}

fn overlap(a: Ports, b: Ports) -> bool {
    a.protocol == b.protocol && a.first <= b.last && b.first <= a.last
}
