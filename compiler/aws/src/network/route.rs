//! Gateways and routes: only what some flow needs.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Report};
use model::place::{Exposure, Network, SegmentId, SiteId};
use model::value::Block;
use source::Span;

use super::cover::aggregated;
use super::fault::{ISOLATED_ENDPOINTS, NO_PUBLIC_SEGMENT, UNROUTABLE_ATTACHMENT};
use super::link::Link;
use super::place::{Carrier, Outside, Side};
use super::reasons::Reasons;
use super::subnet::Subnets;
use super::text;
use crate::context::Context;
use crate::deployment::network::{Attachment, Gateway, Route, RouteTable};

/// What the id of a virtual private gateway starts with: it exists, and is joined to the network that we create.
const GATEWAY: &str = "vgw-";
/// What the id of a transit gateway starts with: it is joined to subnets, of which no declaration says which.
const TRANSIT: &str = "tgw-";

/// By what a segment's packets leave the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Via {
    Internet,
    Translation,
    Site(SiteId),
}

/// What each segment needs to reach outside: (way, addresses) with reasons.
pub(super) type Needs = BTreeMap<SegmentId, BTreeMap<(Via, Block), Reasons>>;

/// The gateways of a network and its tables.
#[derive(Default)]
pub(super) struct Routes {
    pub(super) gateways: Vec<Gateway>,
    pub(super) tables: Vec<RouteTable>,
    pub(super) attachment: Option<Attachment>,
}

/// What the links of a network need of its routes, and the public segment in which addresses are translated, if any are.
pub(super) fn needs(
    cx: &Context<'_>,
    network: &Network,
    links: &[Link<'_>],
    report: &mut Report,
) -> (Needs, Option<SegmentId>) {
    let mut needs = Needs::new();
    let mut isolated: BTreeSet<SegmentId> = BTreeSet::new();
    for link in links {
        for (own, other, outbound) in [(&link.from, &link.to, true), (&link.to, &link.from, false)] {
            let (Side::Group(carrier, segments), Side::Blocks(blocks)) = (own, other) else {
                continue;
            };
            for id in segments {
                let Some(segment) = cx.model.segments.get(*id) else {
                    continue;
                };
                for (block, outside) in blocks {
                    let (via, block) = match (outside, segment.exposure) {
                        (Outside::Here | Outside::Unconnected, _) => continue,
                        (Outside::Site(site), Exposure::Public | Exposure::Private) => {
                            let Some(declared) = cx.model.sites.get(*site) else {
                                continue;
                            };
                            let whole = if block.six {
                                declared.cidr6.unwrap_or(*block)
                            } else {
                                declared.cidr
                            };
                            (Via::Site(*site), whole)
                        }
                        (Outside::Internet, Exposure::Public) => (Via::Internet, *block),
                        (Outside::Internet, Exposure::Private) if outbound => (Via::Translation, *block),
                        (Outside::Site(_) | Outside::Internet, _) => {
                            if matches!(carrier, Carrier::Service(_)) && isolated.insert(*id) {
                                report.push(
                                    Diagnostic::new(
                                        &ISOLATED_ENDPOINTS,
                                        segment.span,
                                        format!("segment `{}` holds private endpoints that a site needs, and has no route out", cx.text(segment.name)),
                                    )
                                    .help("move `endpoints` into a private segment"),
                                );
                            } else if matches!(carrier, Carrier::Thing(_)) {
                                report.compiler_bug("a flow leaves a segment that has no route out");
                            }
                            continue;
                        }
                    };
                    needs
                        .entry(*id)
                        .or_default()
                        .entry((via, block))
                        .or_default()
                        .add(link.because);
                }
            }
        }
    }
    let translating = translation(cx, network, &mut needs, report);
    (needs, translating)
}

/// Private segments leave through a public one, which then needs the same routes.
fn translation(
    cx: &Context<'_>,
    network: &Network,
    needs: &mut Needs,
    report: &mut Report,
) -> Option<SegmentId> {
    let translated: BTreeMap<Block, Reasons> = needs
        .values()
        .flatten()
        .filter(|((via, _), _)| *via == Via::Translation)
        .fold(
            BTreeMap::new(),
            |mut all: BTreeMap<Block, Reasons>, ((_, block), reasons)| {
                all.entry(*block).or_default().absorb(reasons);
                all
            },
        );
    let reasons = translated.values().next()?;
    let public = network
        .segments
        .iter()
        .filter_map(|id| Some((*id, cx.model.segments.get(*id)?)));
    let public = public
        .filter(|(_, segment)| segment.exposure == Exposure::Public)
        .min_by_key(|(_, segment)| cx.text(segment.name));
    let Some((public, _)) = public else {
        let span = reasons
            .iter()
            .find_map(|reason| cx.span_of(reason))
            .unwrap_or(network.span);
        let message = format!(
            "a private segment of `{}` reaches the internet, and the network has no public segment",
            cx.text(network.name)
        );
        report.push(
            Diagnostic::new(&NO_PUBLIC_SEGMENT, span, message)
                .label(network.span, "the network")
                .note("addresses are translated in a public segment")
                .help("add a small segment with `exposure public`"),
        );
        return None;
    };
    let own = needs.entry(public).or_default();
    for (block, reasons) in translated {
        own.entry((Via::Internet, block)).or_default().absorb(&reasons);
    }
    Some(public)
}

/// The gateways and tables of a network that is created.
pub(super) fn routes(
    cx: &Context<'_>,
    network: &Network,
    subnets: &Subnets,
    needs: &Needs,
    translating: Option<SegmentId>,
    report: &mut Report,
) -> Routes {
    let mut routes = Routes::default();
    let name = cx.text(network.name);
    let reasons_of = |wanted: &dyn Fn(Via) -> bool| {
        let mut all = Reasons::default();
        needs
            .values()
            .flatten()
            .filter(|((via, _), _)| wanted(*via))
            .for_each(|(_, reasons)| all.absorb(reasons));
        all
    };
    let is_used = |wanted: Via| needs.values().flatten().any(|((via, _), _)| *via == wanted);
    let mut internet = None;
    if is_used(Via::Internet) {
        internet = Some(routes.gateways.len());
        let because = cx.because_all(reasons_of(&|via| via == Via::Internet).iter());
        routes.gateways.push(Gateway::Internet {
            label: text::label(name),
            because,
        });
    }
    // One in each zone: (place of the subnet in its segment) → gateway.
    let mut translations: Vec<usize> = Vec::new();
    if let Some(public) = translating.and_then(|public| subnets.of.get(&public)) {
        let because = cx.because_all(reasons_of(&|via| via == Via::Translation).iter());
        for (subnet, zone) in public.iter().zip(&network.zones) {
            translations.push(routes.gateways.len());
            let label = text::label(&format!("{name}_{}", cx.text(*zone)));
            routes.gateways.push(Gateway::Translation {
                subnet: *subnet,
                label,
                because: because.clone(),
            });
        }
    }
    let sites: BTreeSet<SiteId> = needs
        .values()
        .flat_map(BTreeMap::keys)
        .filter_map(|(via, _)| match via {
            Via::Site(site) => Some(*site),
            Via::Internet | Via::Translation => None,
        })
        .collect();
    let mut by_site: BTreeMap<SiteId, usize> = BTreeMap::new();
    for site in sites {
        let Some(declared) = cx.model.sites.get(site) else {
            continue;
        };
        let connects = declared.connects.iter().find(|connects| {
            cx.model
                .networks
                .get(connects.network)
                .is_some_and(|other| other.span == network.span)
        });
        let Some(connects) = connects else { continue };
        let id = cx.text(connects.existing);
        by_site.insert(site, routes.gateways.len());
        let because = cx.because_all(reasons_of(&|via| via == Via::Site(site)).iter());
        let other = routes
            .attachment
            .as_ref()
            .map(|attachment| attachment.gateway.as_str());
        if let Some(fault) = unroutable(connects.span, (name, id), other) {
            report.push(fault);
        } else {
            let any_site = |via| matches!(via, Via::Site(_));
            routes.attachment = Some(Attachment {
                gateway: id.to_owned(),
                because: cx.because_all(reasons_of(&any_site).iter()),
            });
        }
        routes.gateways.push(Gateway::Site {
            id: id.to_owned(),
            site: cx.text(declared.name).to_owned(),
            because,
        });
    }
    let mut segments: Vec<(&str, SegmentId)> = subnets
        .of
        .keys()
        .filter_map(|id| Some((cx.text(cx.model.segments.get(*id)?.name), *id)))
        .collect();
    segments.sort_unstable();
    let nothing = BTreeMap::new();
    for (name, id) in segments {
        let (Some(indices), Some(segment)) = (subnets.of.get(&id), cx.model.segments.get(id)) else {
            continue;
        };
        let needs = needs.get(&id).unwrap_or(&nothing);
        let by_zone = needs.keys().any(|(via, _)| *via == Via::Translation);
        let tables: Vec<(String, Vec<usize>, usize)> = if by_zone {
            let zones = indices.iter().zip(&network.zones).enumerate();
            zones
                .map(|(part, (index, zone))| (format!("{name}_{}", cx.text(*zone)), vec![*index], part))
                .collect()
        } else {
            vec![(name.to_owned(), indices.clone(), 0)]
        };
        for (label, subnets, part) in tables {
            let label = text::label(&label);
            let gateway = |via: Via| match via {
                Via::Internet => internet,
                Via::Translation => translations.get(part).copied(),
                Via::Site(site) => by_site.get(&site).copied(),
            };
            let list = table_routes(cx, &label, needs, &gateway);
            routes.tables.push(RouteTable {
                label,
                subnets,
                routes: list,
                because: cx.declared(segment.span, "declared"),
            });
        }
    }
    routes
}

/// Why routes of a created network cannot point at what connects a site, if they cannot.
fn unroutable(span: Span, (network, id): (&str, &str), other: Option<&str>) -> Option<Diagnostic> {
    let fault = |message: String| Diagnostic::new(&UNROUTABLE_ATTACHMENT, span, message);
    if id.starts_with(TRANSIT) {
        let message = format!("`{id}` is not attached to the network `{network}`, which does not exist yet");
        return Some(
            fault(message)
                .note("a transit gateway is attached to subnets of their own, and no declaration says which")
                .help("make the network first, attach it, and say `existing \"vpc-…\"`; or name a virtual private gateway, `existing \"vgw-…\"`"),
        );
    }
    if !id.starts_with(GATEWAY) {
        return Some(
            fault(format!("routes cannot point at `{id}`"))
                .note("a route of a network that is created points at a virtual private gateway")
                .help("name the gateway: `existing \"vgw-…\"`"),
        );
    }
    let other = other.filter(|other| *other != id)?;
    let message =
        format!("the network `{network}` would have two virtual private gateways, `{other}` and `{id}`");
    Some(
        fault(message)
            .note("a network has one")
            .help("connect all its sites to the same gateway"),
    )
}

fn table_routes(
    cx: &Context<'_>,
    label: &str,
    needs: &BTreeMap<(Via, Block), Reasons>,
    gateway: &dyn Fn(Via) -> Option<usize>,
) -> Vec<Route> {
    let mut by_way: BTreeMap<(Via, bool), BTreeSet<Block>> = BTreeMap::new();
    for (via, block) in needs.keys() {
        by_way.entry((*via, block.six)).or_default().insert(*block);
    }
    let mut list = Vec::new();
    for ((via, _), blocks) in by_way {
        for to in aggregated(&blocks) {
            let Some(gateway) = gateway(via) else { continue };
            let mut reasons = Reasons::default();
            let served = needs
                .iter()
                .filter(|((own, block), _)| *own == via && to.holds(*block));
            served.for_each(|(_, because)| reasons.absorb(because));
            list.push(Route {
                to,
                via: gateway,
                label: format!("{label}_to_{}", text::block(to)),
                because: cx.because_all(reasons.iter()),
            });
        }
    }
    list.sort_by_key(|route| (route.to, route.via));
    list
}
