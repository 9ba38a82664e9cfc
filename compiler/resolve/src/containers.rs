//! `containers`: addresses behind a bridge of a Linux host, whose packets are the host's own.

use diagnostics::Diagnostic;
use model::actor::{ClassSegment, Containers, Hardware};
use model::value::Block;
use source::Span;

use crate::actors::CONTRADICTORY_ACTOR;
use crate::address;
use crate::body::Body;
use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::geometry::OVERLAPPING_CIDR;
use crate::line::{Arg, Line};

/// The longest name of an interface, in bytes.
///
/// Source: Linux, `include/uapi/linux/if.h`, `IFNAMSIZ` (16, with the zero at its end), read 2026-11-30
const INTERFACE_BYTES_MAX: usize = 15;

/// The containers of a class.
pub(crate) fn of<'a>(
    cx: &mut Cx<'a, '_>,
    segments: &[ClassSegment],
    hardware: Option<(Hardware, Span)>,
    body: &mut Body<'a>,
) -> Vec<Containers> {
    let mut found: Vec<Containers> = Vec::new();
    for line in body.several(cx, "containers") {
        let Some(one) = containers(cx, &line) else {
            continue;
        };
        if !matches!(hardware, Some((Hardware::Linux, _))) {
            let message = "containers are said of a device that is no Linux host";
            let mut diagnostic = Diagnostic::new(&CONTRADICTORY_ACTOR, one.span, message);
            if let Some((_, span)) = hardware {
                diagnostic = diagnostic.label(span, "what it is made of");
            }
            cx.push(diagnostic.help("leave `containers` out, or write `hardware linux`"));
        }
        if let Some(six) = one.blocks.iter().find(|block| block.six)
            && !segments
                .iter()
                .filter_map(|home| cx.model.segments.get(home.segment))
                .any(|home| home.cidr6.is_some())
        {
            let message = format!("containers have {six}, and their host has no IPv6");
            cx.push(
                Diagnostic::new(&CONTRADICTORY_ACTOR, one.span, message)
                    .help("leave `cidr6` out, or give the host's segment a `cidr6`"),
            );
        }
        private(cx, &one);
        overlaps(cx, &found, &one);
        found.push(one);
    }
    // What is said in another order is the same.
    found.sort_by(|a, b| cx.text_of(a.interface).cmp(cx.text_of(b.interface)));
    found
}

fn containers<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<Containers> {
    let mut entries = Entries::of(cx, line);
    let interface = entries.need(cx, "the name of an interface: `docker0`");
    let cidr = entries.need_prop(cx, "cidr", "\"172.17.0.0/16\"");
    let cidr6 = entries.prop("cidr6");
    entries.finish_leaf(cx);
    cx.fact(line.head());
    let interface = named(cx, &interface?);
    let four = cidr.and_then(|cidr| cx.block(&cidr, false));
    let six = cidr6.map(|cidr| cx.block(&cidr, true));
    let mut blocks = vec![four?];
    if let Some(six) = six {
        blocks.push(six?);
    }
    Some(Containers {
        interface: interface?,
        blocks,
        span: line.head(),
    })
}

/// A name that the kernel takes, and that a rule can hold: there, `*` at the end stands for every name that goes on.
fn named<'a>(cx: &mut Cx<'a, '_>, arg: &Arg<'a>) -> Option<arena::Name> {
    let text = cx.text(arg);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_name = (1..=INTERFACE_BYTES_MAX).contains(&text.len())
        && text.bytes().all(is_plain)
        && text.bytes().any(|byte| byte != b'.');
    if !is_name || text == "lo" {
        let help = format!(
            "write the bridge that the containers hang on, `docker0`: at most {INTERFACE_BYTES_MAX} of letters, digits, `-`, `_` and `.`, and not `lo`"
        );
        if !arg.is_malformed() {
            let message = format!("`{}` is not the name of an interface", arg.text);
            cx.push(Diagnostic::new(&WRONG_TYPE, arg.span, message).help(help));
        }
        return None;
    }
    Some(cx.intern(&text))
}

/// Blocks that are for whoever uses them: nobody on the internet has an address of one.
/// Source: RFC 1918, RFC 6598, RFC 4193
const PRIVATE: [&str; 5] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
];

/// An address of somebody else behind a bridge would be let in as the host itself, and could not be reached.
fn private(cx: &mut Cx<'_, '_>, one: &Containers) {
    let is_private = |block: &Block| {
        PRIVATE
            .iter()
            .filter_map(|text| address::block(text).ok())
            .any(|wide| wide.holds(*block))
    };
    let Some(block) = one.blocks.iter().find(|block| !is_private(block)).copied() else {
        return;
    };
    let message = format!(
        "the containers behind `{}` have {block}, which holds addresses of the internet",
        cx.text_of(one.interface)
    );
    cx.push(
        Diagnostic::new(&OVERLAPPING_CIDR, one.span, message)
            .note("packets to the addresses of containers never leave their host")
            .help("give the bridge a private block: `172.17.0.0/16`"),
    );
}

/// Packets to these addresses never leave the host: no place, and no other containers of it, may have them.
fn overlaps(cx: &mut Cx<'_, '_>, others: &[Containers], one: &Containers) {
    let model = &cx.model;
    let networks = model.networks.iter();
    let networks = networks.map(|(_, place)| (place.name, place.span, Some(place.cidr), place.cidr6));
    let sites = model.sites.iter();
    let sites = sites.map(|(_, place)| (place.name, place.span, Some(place.cidr), place.cidr6));
    let places = networks.chain(sites).flat_map(|(name, span, four, six)| {
        let blocks: Vec<Block> = four.into_iter().chain(six).collect();
        blocks.into_iter().map(move |block| (name, span, block))
    });
    let others = others.iter().flat_map(|other| {
        other
            .blocks
            .iter()
            .map(|block| (other.interface, other.span, *block))
    });
    let met = places.chain(others).find(|(_, _, block)| {
        *block != crate::places::NOWHERE && one.blocks.iter().any(|own| own.overlaps(*block))
    });
    let Some((name, span, block)) = met else { return };
    let message = format!(
        "the containers behind `{}` share addresses with `{}`",
        cx.text_of(one.interface),
        cx.text_of(name)
    );
    cx.push(
        Diagnostic::new(&OVERLAPPING_CIDR, one.span, message)
            .label(span, format!("this has {block}"))
            .note("packets to the addresses of containers never leave their host")
            .help("give the bridge a block of its own"),
    );
}
