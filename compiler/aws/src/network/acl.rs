//! Network ACLs: one for each segment, a second fence around what its groups permit.
//!
//! An ACL sees packets that cross the boundary of a subnet, by the addresses of the other side, without state: replies
//! have entries of their own, to the ports from which callers open, and so has the word of a router on the way to somewhere outside
//! the network that a packet is too big, without which large answers never arrive. It lets through the flows of the segment as if every
//! address of it could be meant; the groups decide who is. Where that takes more entries than an ACL holds, addresses
//! are widened to the network or the site in which they lie, never ports; groups stay exact.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Report};
use model::place::{Exposure, Network, SegmentId};
use model::value::{Block, Ports};
use packet::protocol;

use super::cover::{cover, disjoint};
use super::fault::CROWDED_ACL;
use super::link::{Link, is_of_family};
use super::place::{Outside, Side};
use super::reasons::Reasons;
use super::subnet::Subnets;
use super::text;
use crate::context::Context;
use crate::deployment::network::{Acl, AclEntry};
use crate::quota;

/// Ports from which the clients of every system open connections, translation and load balancers included.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html>
const EPHEMERAL: (u16, u16) = (1024, 65_535);

/// Types of an echo and its reply, in both families.
///
/// Source: RFC 792, RFC 4443
const ECHO: u8 = 8;
const ECHO_REPLY: u8 = 0;
const ECHO_V6: u8 = 128;
const ECHO_REPLY_V6: u8 = 129;

/// The limit on entries of one direction and family.
const LIMIT: &str = "ec2.network-acl.rules";

/// Numbers are multiples of this, so that there is room between two.
const GAP: u32 = 10;

/// How many numbers there are to give.
const NUMBERS: u32 = 32_766 / GAP;

/// Per segment: what crosses its boundary, out of it or into it.
type Crossings = BTreeMap<(SegmentId, bool), BTreeMap<(Ports, Block), Reasons>>;

/// The ACLs of a network that is created.
pub(super) fn acls(
    cx: &Context<'_>,
    network: &Network,
    subnets: &Subnets,
    links: &[Link<'_>],
    translating: Option<SegmentId>,
    report: &mut Report,
) -> Vec<Acl> {
    let crossings = crossings(cx, subnets, links, translating);
    let account = cx.account(network.account);
    let most = account.map_or(0, |account| quota::granted(cx, account, LIMIT));
    let mut segments: Vec<(&str, SegmentId)> = subnets
        .of
        .keys()
        .filter_map(|id| Some((cx.text(cx.model.segments.get(*id)?.name), *id)))
        .collect();
    segments.sort_unstable();
    let mut acls = Vec::with_capacity(segments.len());
    for (name, id) in segments {
        let (Some(indices), Some(segment)) = (subnets.of.get(&id), cx.model.segments.get(id)) else {
            continue;
        };
        let mut entries = Vec::new();
        for egress in [false, true] {
            let Some(needs) = crossings.get(&(id, egress)) else {
                continue;
            };
            match fitting(cx, network, needs, most) {
                Some(found) => entries.extend(numbered(cx, egress, found, needs)),
                None => report.push(
                    Diagnostic::new(&CROWDED_ACL, segment.span, format!("segment `{name}` needs more than {most} entries of a network ACL in one direction"))
                        .note("even with the addresses of whole networks and sites")
                        .help("split the segment, or let its flows share ports"),
                ),
            }
        }
        entries.sort_by_key(|entry: &AclEntry| (entry.egress, entry.number));
        acls.push(Acl {
            segment: name.to_owned(),
            label: text::label(name),
            subnets: indices.clone(),
            entries,
            because: cx.declared(segment.span, "declared"),
        });
    }
    acls
}

fn crossings(
    cx: &Context<'_>,
    subnets: &Subnets,
    links: &[Link<'_>],
    translating: Option<SegmentId>,
) -> Crossings {
    let mut crossings = Crossings::new();
    let mut add = |segment: SegmentId, egress: bool, ports: Ports, block: Block, link: &Link<'_>| {
        if is_of_family(ports, block) {
            crossings
                .entry((segment, egress))
                .or_default()
                .entry((ports, block))
                .or_default()
                .add(link.because);
        }
    };
    for link in links {
        for (own, other, opens) in [(&link.from, &link.to, true), (&link.to, &link.from, false)] {
            let Side::Group(_, segments) = own else { continue };
            for segment in segments {
                for (block, outside) in remote(cx, subnets, *segment, other) {
                    for ports in link.ports {
                        let reply = reply(*ports);
                        // Whoever opens sends to the ports; what listens sends the reply.
                        add(*segment, opens, *ports, block, link);
                        add(*segment, !opens, reply, block, link);
                        if outside.is_some() {
                            let (ports, anywhere) = too_big(block.six);
                            add(*segment, false, ports, anywhere, link);
                        }
                        let exposure = cx
                            .model
                            .segments
                            .get(*segment)
                            .map(|segment| (segment.exposure, segment.cidr));
                        let (Some(Outside::Internet), Some((Exposure::Private, cidr)), Some(public)) =
                            (outside, exposure, translating)
                        else {
                            continue;
                        };
                        // The gateway that translates stands in the public segment: in from here, out to there.
                        add(public, false, *ports, cidr, link);
                        add(public, true, reply, cidr, link);
                        add(public, true, *ports, block, link);
                        add(public, false, reply, block, link);
                        let (ports, anywhere) = too_big(block.six);
                        add(public, false, ports, anywhere, link);
                        add(public, true, ports, cidr, link);
                    }
                }
            }
        }
    }
    crossings
}

/// Addresses of the other side that are beyond the boundary of the segment's subnets.
fn remote(
    cx: &Context<'_>,
    subnets: &Subnets,
    segment: SegmentId,
    other: &Side,
) -> Vec<(Block, Option<Outside>)> {
    match other {
        Side::Blocks(blocks) => blocks
            .iter()
            .map(|(block, outside)| (*block, Some(*outside)))
            .collect(),
        Side::Group(_, segments) => segments
            .iter()
            .filter(|other| **other != segment || subnets.of.get(other).is_some_and(|own| own.len() > 1))
            .filter_map(|other| cx.model.segments.get(*other))
            .flat_map(|other| [Some(other.cidr), other.cidr6])
            .flatten()
            .map(|block| (block, None))
            .collect(),
    }
}

/// What a router says of a packet that it cannot pass on whole, and from where: any router on the way.
///
/// Source: RFC 1191, RFC 8201; <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html>, read 2026-11-30.
fn too_big(six: bool) -> (Ports, Block) {
    let (protocol, kind) = if six {
        (protocol::ICMPV6, u16::from_be_bytes([2, 0]))
    } else {
        (protocol::ICMP, u16::from_be_bytes([3, 4]))
    };
    let ports = Ports {
        protocol,
        first: kind,
        last: kind,
    };
    let anywhere = Block {
        six,
        first: 0,
        prefix_bits: 0,
    };
    (ports, anywhere)
}

/// Where replies go. A question of ICMP is answered by one type; of other protocols nothing is known, and all of it may come back.
fn reply(ports: Ports) -> Ports {
    let of_type = |kind: u8| (u16::from_be_bytes([kind, 0]), u16::from_be_bytes([kind, u8::MAX]));
    let [kind, _] = ports.first.to_be_bytes();
    let is_one_type = ports.last.to_be_bytes().first() == Some(&kind);
    let (first, last) = match (ports.protocol, kind) {
        (protocol::TCP | protocol::UDP, _) => EPHEMERAL,
        (protocol::ICMP, ECHO) if is_one_type => of_type(ECHO_REPLY),
        // Timestamp, information, address mask.
        (protocol::ICMP, 13 | 15 | 17) if is_one_type => of_type(kind + 1),
        (protocol::ICMPV6, ECHO_V6) if is_one_type => of_type(ECHO_REPLY_V6),
        // Node information (RFC 4620).
        (protocol::ICMPV6, 139) if is_one_type => of_type(kind + 1),
        _ => (0, u16::MAX),
    };
    Ports {
        protocol: ports.protocol,
        first,
        last,
    }
}

/// The entries for what crosses, exact if that fits, else with wider addresses; `None` if neither fits.
fn fitting(
    cx: &Context<'_>,
    network: &Network,
    needs: &BTreeMap<(Ports, Block), Reasons>,
    most: u64,
) -> Option<Vec<(Ports, Block)>> {
    let fits = |entries: &[(Ports, Block)]| {
        [false, true]
            .iter()
            .all(|six| entries.iter().filter(|(_, block)| block.six == *six).count() as u64 <= most)
    };
    let wide = || {
        needs
            .keys()
            .map(|(ports, block)| (*ports, widened(cx, network, *block)))
    };
    let found = Some(cover(needs.keys().copied())).filter(|entries| fits(entries));
    let found = found.or_else(|| Some(disjoint(needs.keys().copied())).filter(|entries| fits(entries)));
    let found = found.or_else(|| Some(cover(wide())).filter(|entries| fits(entries)));
    found.or_else(|| Some(disjoint(wide())).filter(|entries| fits(entries)))
}

/// The network or the site in which a block lies; itself if it lies in neither.
fn widened(cx: &Context<'_>, network: &Network, block: Block) -> Block {
    let sites = cx
        .model
        .sites
        .iter()
        .flat_map(|(_, site)| [Some(site.cidr), site.cidr6]);
    let places = [Some(network.cidr), network.cidr6].into_iter().chain(sites);
    places.flatten().find(|place| place.holds(block)).unwrap_or(block)
}

/// Numbers follow from what an entry says, so that another entry does not move it.
fn numbered(
    cx: &Context<'_>,
    egress: bool,
    entries: Vec<(Ports, Block)>,
    needs: &BTreeMap<(Ports, Block), Reasons>,
) -> Vec<AclEntry> {
    let mut taken: BTreeSet<u32> = BTreeSet::new();
    let mut out = Vec::with_capacity(entries.len());
    for (ports, block) in entries {
        let text = format!("{}:{}-{} {block}", ports.protocol, ports.first, ports.last);
        let mut slot = fnv(&text) % NUMBERS;
        while !taken.insert(slot) {
            slot = (slot + 1) % NUMBERS;
        }
        let mut reasons = Reasons::default();
        for ((own, of), because) in needs {
            let meets = own.protocol == ports.protocol && own.first <= ports.last && ports.first <= own.last;
            if meets && (block.holds(*of) || of.holds(block)) {
                reasons.absorb(because);
            }
        }
        out.push(AclEntry {
            egress,
            number: (slot + 1) * GAP,
            ports,
            block,
            because: cx.because_all(reasons.iter()),
        });
    }
    out
}

/// FNV-1a, 32 bits. Source: <http://www.isthe.com/chongo/tech/comp/fnv/>
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv(""), 0x811c_9dc5);
        assert_eq!(fnv("a"), 0xe40c_292c);
        assert_eq!(fnv("foobar"), 0xbf9c_f968);
    }
}
