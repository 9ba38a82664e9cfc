//! Addresses that are the internet and do not say so, and externals that are no externals.

use std::collections::BTreeMap;
use std::ops::Bound;

use diagnostics::{Code, Diagnostic, Severity};
use model::actor::Address;
use model::thing::Detail;
use model::value::Block;
use packet::Family;
use packet::cidr::Cidr;
use source::Span;

use crate::cx::Cx;
use crate::geometry::OVERLAPPING_CIDR;

pub(crate) static UNNAMED_INTERNET: Code = Code {
    name: "unnamed-internet",
    severity: Severity::Error,
    summary: "addresses are so wide that they are the internet",
    docs: include_str!("pages/unnamed_internet.md"),
};

/// The widest block that is taken for somebody's own, in bits of its prefix: what a registry gives out in one piece.
///
/// Source: <https://www.iana.org/assignments/ipv4-address-space>, <https://www.iana.org/assignments/ipv6-unicast-address-assignments>
const WIDEST_BITS: u8 = 8;
const WIDEST_BITS_V6: u8 = 16;

/// Reports the addresses of one fact if they hold, put together, a block that is nobody's in particular.
pub(crate) fn check_fact(cx: &mut Cx<'_, '_>, whose: &str, blocks: &[(Block, Span)]) {
    let Some((_, first)) = blocks.first().copied() else {
        return;
    };
    let Some(wide) = widest(blocks.iter().map(|(block, _)| *block)) else {
        return;
    };
    let at = blocks
        .iter()
        .find(|(block, _)| wide.overlaps(*block))
        .map_or(first, |(_, span)| *span);
    let bits = if wide.six { WIDEST_BITS_V6 } else { WIDEST_BITS };
    let mut diagnostic = Diagnostic::new(
        &UNNAMED_INTERNET,
        at,
        format!("{whose} hold {wide}, which is `internet`"),
    )
    .note(format!(
        "a block wider than `/{bits}` is a part of the internet under another name, and promises about `internet` would mean less than they say"
    ))
    .help("name the blocks that are really meant; everybody, as the subject of a trust, is `internet`");
    if !blocks.iter().any(|(block, _)| block.holds(wide)) {
        diagnostic = diagnostic.note("blocks that touch or overlap count as one");
    }
    cx.push(diagnostic);
}

/// Reports addresses of which nobody on the internet is, where somebody shows there by them.
pub(crate) fn check_public(cx: &mut Cx<'_, '_>, word: &str, blocks: &[(Block, Span)]) {
    for (block, span) in blocks.iter().filter(|(block, _)| block.is_private()) {
        let message =
            format!("`{block}` is no address on the internet, and `{word}` says who comes from there");
        let help = "name the public addresses by which the site leaves, as others see it";
        cx.push(Diagnostic::new(&crate::convert::WRONG_TYPE, *span, message).help(help));
    }
}

/// The first block among the merged ones that is too wide.
fn widest(blocks: impl Iterator<Item = Block>) -> Option<Block> {
    let blocks: Vec<Cidr> = blocks.filter_map(cidr).collect();
    let merged = Cidr::aggregate(&blocks);
    let wide = merged.into_iter().find(|block| match block.family() {
        Family::Ipv4 => block.bits() < WIDEST_BITS,
        Family::Ipv6 => block.bits() < WIDEST_BITS_V6,
    })?;
    Some(Block {
        six: wide.family() == Family::Ipv6,
        first: wide.base(),
        prefix_bits: wide.bits(),
    })
}

fn cidr(block: Block) -> Option<Cidr> {
    let family = if block.six { Family::Ipv6 } else { Family::Ipv4 };
    Cidr::holding(family, block.first, block.prefix_bits).ok()
}

/// What is declared at a block.
#[derive(Clone, Copy)]
struct Declared<'m> {
    what: &'static str,
    name: &'m str,
    span: Span,
}

/// Two blocks share addresses only if one holds the other, so those that do are found in an ordered map.
type Places<'m> = BTreeMap<(bool, u128, u8), Declared<'m>>;

/// No external has an address of a declared place.
pub(crate) fn check_externals(cx: &mut Cx<'_, '_>) {
    let mut problems = Vec::new();
    let places = places(cx);
    for (_, thing) in cx.model.things.iter() {
        let Detail::External(external) = &thing.detail else {
            continue;
        };
        let name = cx.text_of(thing.name);
        for (address, at) in &external.at {
            let Address::Block(block) = address else { continue };
            // That it is no external was reported.
            if widest([*block].into_iter()).is_some() {
                continue;
            }
            for (place, found) in sharing(&places, *block) {
                let Declared {
                    what,
                    name: other,
                    span,
                } = *found;
                let place = Block {
                    six: place.0,
                    first: place.1,
                    prefix_bits: place.2,
                };
                problems.push(
                    Diagnostic::new(
                        &OVERLAPPING_CIDR,
                        *at,
                        format!("external `{name}` is at {block}, and {what} `{other}` has {place}"),
                    )
                    .label(span, "declared here")
                    .note("what stands in a declared place is no external, or a rule for one would open the other")
                    .help("declare who is there, `workload … runs-on=onprem`, or name other addresses"),
                );
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

fn places<'m>(cx: &'m Cx<'_, '_>) -> Places<'m> {
    let model = &cx.model;
    let mut places = Places::new();
    let mut add = |block: Block, declared: Declared<'m>| {
        if block != crate::places::NOWHERE {
            places
                .entry((block.six, block.first, block.prefix_bits))
                .or_insert(declared);
        }
    };
    for (_, network) in model.networks.iter() {
        for block in [Some(network.cidr), network.cidr6].into_iter().flatten() {
            let (name, span) = (cx.text_of(network.name), network.span);
            add(
                block,
                Declared {
                    what: "network",
                    name,
                    span,
                },
            );
        }
    }
    for (_, site) in model.sites.iter() {
        let name = cx.text_of(site.name);
        for block in [Some(site.cidr), site.cidr6].into_iter().flatten() {
            let span = site.span;
            add(
                block,
                Declared {
                    what: "site",
                    name,
                    span,
                },
            );
        }
        for (block, span) in &site.leaves_by {
            let (what, span) = ("`leaves-by` of site", *span);
            add(*block, Declared { what, name, span });
        }
    }
    places
}

/// The places that hold a block, and those that it holds.
fn sharing<'p, 'm>(
    places: &'p Places<'m>,
    block: Block,
) -> impl Iterator<Item = (&'p (bool, u128, u8), &'p Declared<'m>)> {
    let width: u8 = if block.six { 128 } else { 32 };
    let holding = (0..block.prefix_bits).filter_map(move |bits| {
        let free = u32::from(width - bits);
        let first = if free >= 128 {
            0
        } else {
            block.first >> free << free
        };
        places.get_key_value(&(block.six, first, bits))
    });
    let last = block.last();
    let within = places
        .range((
            Bound::Included((block.six, block.first, block.prefix_bits)),
            Bound::Included((block.six, last, u8::MAX)),
        ))
        .filter(move |((_, first, bits), _)| *first > block.first || *bits >= block.prefix_bits);
    holding.chain(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        crate::address::block(text).unwrap()
    }

    fn found(texts: &[&str]) -> Option<String> {
        widest(texts.iter().map(|text| block(text))).map(|block| block.to_string())
    }

    #[test]
    fn blocks_that_touch_count_as_one() {
        assert_eq!(found(&["10.0.0.0/8", "2001::/16"]), None);
        assert_eq!(found(&["0.0.0.0/0"]).unwrap(), "0.0.0.0/0");
        assert_eq!(found(&["128.0.0.0/1", "0.0.0.0/1"]).unwrap(), "0.0.0.0/0");
        assert_eq!(
            found(&["6.0.0.0/9", "7.0.0.0/8", "6.128.0.0/9"]).unwrap(),
            "6.0.0.0/7"
        );
        assert_eq!(found(&["1.0.0.0/8", "3.0.0.0/8", "1.0.0.0/9"]), None);
        assert_eq!(found(&["fc00::/7"]).unwrap(), "fc00::/7");
        assert_eq!(found(&["2002::/16", "2003::/16"]).unwrap(), "2002::/15");
    }

    #[test]
    fn a_block_shares_addresses_with_what_holds_it_and_what_it_holds() {
        let span = Span::new(source::FileId(0), 0, 0);
        let mut places = Places::new();
        for text in [
            "10.0.0.0/8",
            "10.10.0.0/16",
            "10.10.1.0/24",
            "10.11.0.0/16",
            "2001:db8::/32",
        ] {
            let block = block(text);
            let declared = Declared {
                what: "site",
                name: "",
                span,
            };
            places.insert((block.six, block.first, block.prefix_bits), declared);
        }
        let of = |text: &str| {
            let shared = sharing(&places, block(text));
            shared.map(|((_, _, bits), _)| *bits).collect::<Vec<_>>()
        };
        assert_eq!(of("10.10.0.0/16"), [8, 16, 24]);
        assert_eq!(of("10.10.1.7/32"), [8, 16, 24]);
        assert_eq!(of("10.0.0.0/7"), [8, 16, 24, 16]);
        assert_eq!(of("0.0.0.0/0"), [8, 16, 24, 16]);
        assert_eq!(of("9.0.0.0/8"), [] as [u8; 0]);
        assert_eq!(of("::/0"), [32]);
    }
}
