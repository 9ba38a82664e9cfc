//! Addresses lie where they should: a segment in its place, and no address in two places.

use diagnostics::{Code, Diagnostic, Severity};
use model::place::Within;
use model::value::Block;

use crate::address;
use crate::cx::Cx;
use crate::places::{NOWHERE, UNCARVABLE_SEGMENT};

pub(crate) static ESCAPING_CIDR: Code = Code {
    name: "escaping-cidr",
    severity: Severity::Error,
    summary: "addresses lie outside those of their place",
    docs: include_str!("pages/escaping_cidr.md"),
};

pub(crate) static OVERLAPPING_CIDR: Code = Code {
    name: "overlapping-cidr",
    severity: Severity::Error,
    summary: "two places, or a place and an external, share addresses",
    docs: include_str!("pages/overlapping_cidr.md"),
};

/// Segments lie in their place, and no two places share an address.
pub(crate) fn check(cx: &mut Cx<'_, '_>) {
    let mut problems: Vec<Diagnostic> = Vec::new();
    for segment in cx.model.segments.as_slice() {
        let (outer, outer6, at, carve) = match segment.within {
            Within::Network(network) => match cx.model.networks.get(network) {
                Some(network) => (network.cidr, network.cidr6, network.span, network.carve),
                None => continue,
            },
            Within::Site(site) => match cx.model.sites.get(site) {
                Some(site) => (site.cidr, site.cidr6, site.span, 1),
                None => continue,
            },
        };
        let name = cx.model.names.text(segment.name);
        if segment.cidr == NOWHERE || outer == NOWHERE {
            continue;
        }
        if !outer.holds(segment.cidr) {
            let message = format!(
                "segment `{name}` has {}, which lies outside {outer}",
                segment.cidr
            );
            problems.push(
                Diagnostic::new(&ESCAPING_CIDR, segment.span, message).label(at, format!("this has {outer}")),
            );
        }
        match (segment.cidr6, outer6) {
            (Some(own), Some(outer)) if !outer.holds(own) => {
                let message = format!("segment `{name}` has {own}, which lies outside {outer}");
                problems.push(
                    Diagnostic::new(&ESCAPING_CIDR, segment.span, message)
                        .label(at, format!("this has {outer}")),
                );
            }
            (Some(own), None) => {
                let message = format!("segment `{name}` has {own}, and its place has no IPv6");
                problems.push(
                    Diagnostic::new(&ESCAPING_CIDR, segment.span, message).label(at, "IPv6 is closed here"),
                );
            }
            (Some(_), Some(_)) | (None, _) => {}
        }
        if u32::from(segment.cidr.prefix_bits) + carve.trailing_zeros() > 32 {
            let message = format!("segment `{name}` is too small for {carve} equal subnets");
            problems.push(
                Diagnostic::new(&UNCARVABLE_SEGMENT, segment.span, message)
                    .label(at, "carved for these zones"),
            );
        }
    }
    let model = &cx.model;
    let places = model
        .networks
        .iter()
        .map(|(_, network)| (network.name, network.span, network.cidr, network.cidr6));
    let sites = model
        .sites
        .iter()
        .map(|(_, site)| (site.name, site.span, site.cidr, site.cidr6));
    let places: Vec<_> = places.chain(sites).collect();
    let segments = model.segments.iter();
    let segments: Vec<_> = segments
        .map(|(_, one)| (one.name, one.span, one.cidr, one.cidr6))
        .collect();
    for group in [&places, &segments] {
        let four = group.iter().enumerate().map(|(index, place)| (index, place.2));
        let six = group
            .iter()
            .enumerate()
            .filter_map(|(index, place)| Some((index, place.3?)));
        let blocks: Vec<(usize, Block)> = four.chain(six).filter(|(_, block)| *block != NOWHERE).collect();
        for (first, second) in address::overlapping(&blocks) {
            let (Some(a), Some(b)) = (group.get(first), group.get(second)) else {
                continue;
            };
            let message = format!(
                "`{}` and `{}` share addresses",
                model.names.text(a.0),
                model.names.text(b.0)
            );
            problems.push(
                Diagnostic::new(&OVERLAPPING_CIDR, b.1, message)
                    .label(a.1, format!("this has {}", a.2))
                    .note("an address belongs to one place, or a rule for one would open the other"),
            );
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}
