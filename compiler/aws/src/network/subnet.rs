//! Subnets: each segment carved into equal parts, one for each zone.

use std::collections::BTreeMap;

use diagnostics::{Diagnostic, Report};
use model::place::{Network, SegmentId};
use model::value::Block;

use super::fault::{SUBNET_SIZE, UNASSIGNABLE_IPV6};
use super::text;
use crate::context::Context;
use crate::deployment::network::Subnet;

/// Prefix lengths of subnets and networks that the provider makes.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>
const PREFIX_BITS: std::ops::RangeInclusive<u8> = 16..=28;

/// Subnets sorted by segment and zone, and the indices of each segment's.
pub(super) struct Subnets {
    pub(super) list: Vec<Subnet>,
    pub(super) of: BTreeMap<SegmentId, Vec<usize>>,
}

/// The subnets of a network, created or named.
pub(super) fn subnets(cx: &Context<'_>, network: &Network, region: &str, report: &mut Report) -> Subnets {
    let created = network.existing.is_none();
    if let (true, Some(_)) = (created, network.cidr6) {
        let message = format!(
            "`{}` is created, and the provider would choose its IPv6 block",
            cx.text(network.name)
        );
        report.push(
            Diagnostic::new(&UNASSIGNABLE_IPV6, network.span, message)
                .note("a block of one's own needs a pool of addresses, which is not declared here")
                .help("leave `cidr6` out, or create the network elsewhere and say `existing`"),
        );
    }
    if created && !PREFIX_BITS.contains(&network.cidr.prefix_bits) {
        let help = "a network has a prefix of `/16` to `/28`: give it such a `cidr`".to_owned();
        size(report, network.span, cx.text(network.name), (network.cidr, help));
    }
    let mut segments = network.segments.clone();
    segments.sort_by_key(|id| {
        cx.model
            .segments
            .get(*id)
            .map_or("", |segment| cx.text(segment.name))
    });
    let mut subnets = Subnets {
        list: Vec::new(),
        of: BTreeMap::new(),
    };
    for id in segments {
        let Some(segment) = cx.model.segments.get(id) else {
            continue;
        };
        let name = cx.text(segment.name);
        if created && !segment.existing.is_empty() {
            report.compiler_bug("a created network with a subnet that exists");
        }
        let addresses = cx.graph.addresses.subnets.get(&id).map_or(&[][..], Vec::as_slice);
        let mut indices = Vec::with_capacity(addresses.len());
        for (part, address) in addresses.iter().enumerate() {
            let existing = segment.existing.get(part).map(|(id, _)| cx.text(*id).to_owned());
            let zone = network.zones.get(part).map_or("", |zone| cx.text(*zone));
            let (cidr, suffix) = if existing.is_some() {
                (None, (part + 1).to_string())
            } else {
                (carved(segment.cidr, network.carve, part), zone.to_owned())
            };
            // Its parts are of one size.
            if let Some(cidr) = cidr.filter(|cidr| part == 0 && !PREFIX_BITS.contains(&cidr.prefix_bits)) {
                let whole = segment.cidr.prefix_bits;
                let zones = cidr.prefix_bits.saturating_sub(whole);
                let fits = |bits: u8| bits.saturating_sub(zones);
                let help = format!(
                    "it is cut into {} equal parts, one for each zone: give it `/{}` to `/{}`",
                    1u32 << zones.min(31),
                    fits(*PREFIX_BITS.start()),
                    fits(*PREFIX_BITS.end())
                );
                size(report, segment.span, name, (cidr, help));
            }
            indices.push(subnets.list.len());
            subnets.list.push(Subnet {
                segment: name.to_owned(),
                address: address.clone(),
                zone: if existing.is_some() {
                    String::new()
                } else {
                    format!("{region}{zone}")
                },
                existing,
                cidr,
                cidr6: None,
                label: text::label(&format!("{name}_{suffix}")),
                because: cx.declared(segment.span, "declared"),
            });
        }
        subnets.of.insert(id, indices);
    }
    subnets
}

fn size(report: &mut Report, span: source::Span, name: &str, (cidr, help): (Block, String)) {
    report.push(
        Diagnostic::new(
            &SUBNET_SIZE,
            span,
            format!("`{name}` would get `{cidr}`, which the provider does not make"),
        )
        .note("networks and subnets have a prefix of 16 to 28 bits")
        .help(help),
    );
}

/// The part `index` of a block that is cut into `parts` equal ones.
fn carved(block: Block, parts: u32, index: usize) -> Option<Block> {
    let bits = u8::try_from(parts.max(1).next_power_of_two().trailing_zeros()).ok()?;
    let prefix_bits = block.prefix_bits.checked_add(bits)?;
    let free = 32_u32.checked_sub(u32::from(prefix_bits))?;
    let offset = u128::try_from(index).ok()?.checked_shl(free)?;
    Some(Block {
        six: false,
        first: block.first | offset,
        prefix_bits,
    })
}
