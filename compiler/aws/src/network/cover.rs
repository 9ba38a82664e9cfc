//! The fewest disjoint rules for a set of packets with one open side: ports × blocks.

use std::collections::{BTreeMap, BTreeSet};

use model::value::{Block, Ports};
use packet::cidr::Cidr;
use packet::{Family, protocol};

/// Declared stretches of ports of one protocol and family, each with its blocks.
type Stretches = BTreeMap<(u16, u16), BTreeSet<Block>>;

/// Ports × block, each packet in exactly one: no rule of the outcome is contained in the others. Sorted.
///
/// Ports are cut where the blocks change; in each stretch the blocks are aggregated exactly, and a block that goes on in
/// the next stretch goes on in the same rule.
pub(super) fn cover(needs: impl IntoIterator<Item = (Ports, Block)>) -> Vec<(Ports, Block)> {
    let mut declared: BTreeMap<(u8, bool), Stretches> = BTreeMap::new();
    for (ports, block) in needs {
        let stretches = declared.entry((ports.protocol, block.six)).or_default();
        stretches.entry((ports.first, ports.last)).or_default().insert(block);
    }
    let mut rules = Vec::new();
    for ((protocol, _), stretches) in &declared {
        let mut open: BTreeMap<Block, Ports> = BTreeMap::new();
        for (first, last) in cuts(stretches.keys().copied()) {
            let over = stretches.iter().filter(|((start, end), _)| *start <= first && last <= *end);
            let blocks: BTreeSet<Block> = over.flat_map(|(_, blocks)| blocks.iter().copied()).collect();
            let blocks = aggregated(&blocks);
            let gone: Vec<Block> = open.keys().copied().filter(|block| blocks.binary_search(block).is_err()).collect();
            rules.extend(gone.into_iter().filter_map(|block| Some((open.remove(&block)?, block))));
            for block in blocks {
                match open.get_mut(&block) {
                    Some(ports) if ports.last.checked_add(1) == Some(first) => ports.last = last,
                    Some(ports) => {
                        rules.push((*ports, block));
                        *ports = Ports { protocol: *protocol, first, last };
                    }
                    None => drop(open.insert(block, Ports { protocol: *protocol, first, last })),
                }
            }
        }
        rules.extend(open.into_iter().map(|(block, ports)| (ports, block)));
    }
    let mut rules: Vec<_> =
        rules.into_iter().flat_map(|(ports, block)| expressible(ports).into_iter().map(move |ports| (ports, block))).collect();
    rules.sort_unstable();
    rules
}

/// Ports of one peer as few, disjoint stretches that a rule can say.
pub(super) fn merged(ports: impl IntoIterator<Item = Ports>) -> Vec<Ports> {
    let mut ports: Vec<Ports> = ports.into_iter().collect();
    ports.sort_unstable();
    let mut out: Vec<Ports> = Vec::with_capacity(ports.len());
    for next in ports {
        match out.last_mut() {
            Some(open)
                if open.protocol == next.protocol && u32::from(next.first) <= u32::from(open.last) + 1 =>
            {
                open.last = open.last.max(next.last);
            }
            Some(_) | None => out.push(next),
        }
    }
    out.into_iter().flat_map(expressible).collect()
}

/// The stretches between all bounds that some input covers, ascending.
fn cuts(stretches: impl Iterator<Item = (u16, u16)>) -> Vec<(u16, u16)> {
    let mut starts: BTreeSet<u32> = BTreeSet::new();
    let mut depth: BTreeMap<u32, i64> = BTreeMap::new();
    for (first, last) in stretches {
        let (start, end) = (u32::from(first), u32::from(last) + 1);
        starts.extend([start, end]);
        *depth.entry(start).or_default() += 1;
        *depth.entry(end).or_default() -= 1;
    }
    let starts: Vec<u32> = starts.into_iter().collect();
    let mut covered = 0;
    let mut out = Vec::new();
    for pair in starts.windows(2) {
        let [start, end] = *pair else { continue };
        covered += depth.get(&start).copied().unwrap_or_default();
        if let (true, Ok(first), Ok(last)) = (covered > 0, u16::try_from(start), u16::try_from(end - 1)) {
            out.push((first, last));
        }
    }
    out
}

/// The fewest blocks with the same addresses; all are of one family. Sorted.
pub(super) fn aggregated(blocks: &BTreeSet<Block>) -> Vec<Block> {
    let cidrs: Vec<Cidr> = blocks.iter().filter_map(|block| {
        let family = if block.six { Family::Ipv6 } else { Family::Ipv4 };
        Cidr::holding(family, block.first, block.prefix_bits).ok()
    }).collect();
    let mut out: Vec<Block> = Cidr::aggregate(&cidrs)
        .into_iter()
        .map(|cidr| Block { six: cidr.family() == Family::Ipv6, first: cidr.base(), prefix_bits: cidr.bits() })
        .collect();
    out.sort_unstable();
    out
}

/// Cuts a stretch of ICMP types and codes into what one rule can say: every type, one type with every code, or one of both.
fn expressible(ports: Ports) -> Vec<Ports> {
    let everything = (ports.first, ports.last) == (0, u16::MAX);
    if !protocol::is_icmp(ports.protocol) || everything {
        return vec![ports];
    }
    let mut out = Vec::new();
    let mut first = u32::from(ports.first);
    while first <= u32::from(ports.last) {
        let whole = first | 0xff;
        let last = if first & 0xff == 0 && whole <= u32::from(ports.last) { whole } else { first };
        if let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last)) {
            out.push(Ports { protocol: ports.protocol, first, last });
        }
        first = last + 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        let cidr: Cidr = text.parse().unwrap();
        Block { six: cidr.family() == Family::Ipv6, first: cidr.base(), prefix_bits: cidr.bits() }
    }

    fn tcp(first: u16, last: u16) -> Ports {
        Ports { protocol: 6, first, last }
    }

    fn shown(rules: &[(Ports, Block)]) -> Vec<String> {
        rules.iter().map(|(ports, block)| format!("{}:{}-{} {block}", ports.protocol, ports.first, ports.last)).collect()
    }

    #[test]
    fn a_block_within_another_on_the_same_port_needs_no_rule() {
        let rules = cover([(tcp(443, 443), block("0.0.0.0/0")), (tcp(400, 500), block("10.1.0.0/16"))]);
        assert_eq!(shown(&rules), ["6:400-442 10.1.0.0/16", "6:443-443 0.0.0.0/0", "6:444-500 10.1.0.0/16"]);
    }

    #[test]
    fn neighbours_are_joined_and_families_are_apart() {
        let halves = ["10.0.0.0/25", "10.0.0.128/25", "fd00::/65", "fd00:0:0:0:8000::/65"].map(|text| (tcp(0, 65_535), block(text)));
        assert_eq!(shown(&cover(halves)), ["6:0-65535 10.0.0.0/24", "6:0-65535 fd00::/64"]);
        assert_eq!(shown(&cover([(tcp(1, 2), block("10.0.0.0/8")), (tcp(3, 4), block("10.0.0.0/8"))])), ["6:1-4 10.0.0.0/8"]);
    }

    #[test]
    fn ports_that_return_are_a_rule_of_their_own() {
        let rules = cover([(tcp(1, 1), block("10.0.0.0/8")), (tcp(5, 5), block("10.0.0.0/8"))]);
        assert_eq!(shown(&rules), ["6:1-1 10.0.0.0/8", "6:5-5 10.0.0.0/8"]);
    }

    #[test]
    fn icmp_is_cut_into_types_and_codes() {
        let icmp = |first, last| Ports { protocol: 1, first, last };
        assert_eq!(merged([icmp(0x0800, 0x08ff)]), [icmp(0x0800, 0x08ff)]);
        assert_eq!(merged([icmp(0x0304, 0x0304), icmp(0x0800, 0x08ff)]), [icmp(0x0304, 0x0304), icmp(0x0800, 0x08ff)]);
        assert_eq!(merged([icmp(0x02ff, 0x0401)]), [icmp(0x02ff, 0x02ff), icmp(0x0300, 0x03ff), icmp(0x0400, 0x0400), icmp(0x0401, 0x0401)]);
        assert_eq!(merged([icmp(0, u16::MAX)]), [icmp(0, u16::MAX)]);
    }

    /// Against a table of a few addresses and ports, for pseudo-random needs: the same packets, each in one rule.
    #[test]
    fn the_cover_is_exact_and_disjoint() {
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |below: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % below
        };
        for _ in 0..2_000 {
            let needs: Vec<(Ports, Block)> = (0..=next(5))
                .map(|_| {
                    let first = next(8) as u16;
                    let bits = 28 + next(5) as u8;
                    let base = u128::from(next(16)) & (0xf << (32 - bits));
                    (tcp(first, first + next(4) as u16), Block { six: false, first: base, prefix_bits: bits })
                })
                .collect();
            let rules = cover(needs.clone());
            for port in 0..12_u16 {
                for address in 0..16_u128 {
                    let hits = |rules: &[(Ports, Block)]| {
                        let hit = |(ports, block): &&(Ports, Block)| {
                            (ports.first..=ports.last).contains(&port) && (block.first..=block.last()).contains(&address)
                        };
                        rules.iter().filter(hit).count()
                    };
                    assert_eq!(hits(&rules), usize::from(hits(&needs) > 0), "{needs:?} {rules:?} {port} {address}");
                }
            }
        }
    }
}
