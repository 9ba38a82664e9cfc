//! Rules for a set of packets with one open side: ports × blocks, exactly, and none contained in the others.

use std::collections::{BTreeMap, BTreeSet};

use model::value::{Block, Ports};
use packet::cidr::Cidr;
use packet::{Family, Range, protocol};

/// Stretches of ports of one protocol and family, each with its blocks.
type Stretches = BTreeMap<(u16, u16), BTreeSet<Block>>;

/// Ports × block, near to how they are declared, so that another need moves few of them. Sorted.
///
/// Stretches of ports of the same block are joined, blocks of the same stretch are aggregated exactly, and what the
/// others contain is left out.
pub(super) fn cover(needs: impl IntoIterator<Item = (Ports, Block)>) -> Vec<(Ports, Block)> {
    let mut rules = Vec::new();
    for ((protocol, _), stretches) in by_protocol(needs) {
        let mut by_block: BTreeMap<Block, Vec<Ports>> = BTreeMap::new();
        for ((first, last), blocks) in stretches {
            for block in blocks {
                by_block.entry(block).or_default().push(Ports {
                    protocol,
                    first,
                    last,
                });
            }
        }
        let mut joined = Stretches::new();
        for (block, ports) in by_block {
            for ports in joined_ports(ports) {
                joined.entry((ports.first, ports.last)).or_default().insert(block);
            }
        }
        let kept = needed(&joined);
        rules.extend(kept.into_iter().map(|((first, last), block)| {
            (
                Ports {
                    protocol,
                    first,
                    last,
                },
                block,
            )
        }));
    }
    finished(rules)
}

/// Ports × block, each packet in exactly one. Sorted.
///
/// Ports are cut where the blocks change; in each stretch the blocks are aggregated exactly, and a block that goes on in
/// the next stretch goes on in the same rule. At times fewer than [`cover`] gives, but every need moves others.
pub(super) fn disjoint(needs: impl IntoIterator<Item = (Ports, Block)>) -> Vec<(Ports, Block)> {
    let mut rules = Vec::new();
    for ((protocol, _), stretches) in by_protocol(needs) {
        let mut open: BTreeMap<Block, Ports> = BTreeMap::new();
        for (first, last) in cuts(stretches.keys().copied()) {
            let over = stretches
                .iter()
                .filter(|((start, end), _)| *start <= first && last <= *end);
            let blocks: BTreeSet<Block> = over.flat_map(|(_, blocks)| blocks.iter().copied()).collect();
            let blocks = aggregated(&blocks);
            let gone: Vec<Block> = open
                .keys()
                .copied()
                .filter(|block| blocks.binary_search(block).is_err())
                .collect();
            rules.extend(
                gone.into_iter()
                    .filter_map(|block| Some((open.remove(&block)?, block))),
            );
            for block in blocks {
                match open.get_mut(&block) {
                    Some(ports) if ports.last.checked_add(1) == Some(first) => ports.last = last,
                    Some(ports) => {
                        rules.push((*ports, block));
                        *ports = Ports {
                            protocol,
                            first,
                            last,
                        };
                    }
                    None => drop(open.insert(
                        block,
                        Ports {
                            protocol,
                            first,
                            last,
                        },
                    )),
                }
            }
        }
        rules.extend(open.into_iter().map(|(block, ports)| (ports, block)));
    }
    finished(rules)
}

fn by_protocol(needs: impl IntoIterator<Item = (Ports, Block)>) -> BTreeMap<(u8, bool), Stretches> {
    let mut declared: BTreeMap<(u8, bool), Stretches> = BTreeMap::new();
    for (ports, block) in needs {
        let stretches = declared.entry((ports.protocol, block.six)).or_default();
        stretches
            .entry((ports.first, ports.last))
            .or_default()
            .insert(block);
    }
    declared
}

fn finished(rules: Vec<(Ports, Block)>) -> Vec<(Ports, Block)> {
    let mut rules: Vec<_> = rules
        .into_iter()
        .flat_map(|(ports, block)| expressible(ports).into_iter().map(move |ports| (ports, block)))
        .collect();
    rules.sort_unstable();
    rules
}

/// What the others do not contain, of stretches whose blocks are aggregated.
fn needed(stretches: &Stretches) -> Vec<((u16, u16), Block)> {
    let mut kept: Stretches = stretches
        .iter()
        .map(|(stretch, blocks)| (*stretch, aggregated(blocks).into_iter().collect()))
        .collect();
    // Blocks of one stretch are disjoint: only stretches that meet can contain each other's.
    let meets = |a: (u16, u16)| kept.keys().any(|b| *b != a && a.0 <= b.1 && b.0 <= a.1);
    let suspects = kept.iter().filter(|(stretch, _)| meets(**stretch));
    let mut suspects: Vec<((u16, u16), Block)> = suspects
        .flat_map(|(stretch, blocks)| blocks.iter().map(|block| (*stretch, *block)))
        .collect();
    let cuts = cuts(kept.keys().copied());
    // The smallest first: it is what another may contain.
    suspects.sort_by_key(|((first, last), block)| {
        (std::cmp::Reverse(block.prefix_bits), last - first, *block, *first)
    });
    for (stretch, block) in suspects {
        let covered = cuts
            .iter()
            .filter(|(start, end)| stretch.0 <= *start && *end <= stretch.1)
            .all(|cut| {
                let others = kept
                    .iter()
                    .filter(|(other, _)| **other != stretch && other.0 <= cut.0 && cut.1 <= other.1);
                let ranges = others.flat_map(|(_, blocks)| overlapping(blocks, block));
                let whole = Range::merge(ranges.collect());
                whole
                    .first()
                    .is_some_and(|whole| whole.first() == block.first && whole.last() == block.last())
            });
        if let (true, Some(blocks)) = (covered, kept.get_mut(&stretch)) {
            blocks.remove(&block);
        }
    }
    kept.into_iter()
        .flat_map(|(stretch, blocks)| blocks.into_iter().map(move |block| (stretch, block)))
        .collect()
}

/// What disjoint blocks of one family have of another block.
fn overlapping(blocks: &BTreeSet<Block>, block: Block) -> impl Iterator<Item = Range> + '_ {
    let end = Block {
        prefix_bits: u8::MAX,
        first: block.last(),
        ..block
    };
    // At most the last block that starts before this one reaches into it.
    let before = blocks
        .range(
            ..Block {
                prefix_bits: 0,
                ..block
            },
        )
        .next_back();
    let within = blocks.range(
        Block {
            prefix_bits: 0,
            ..block
        }..=end,
    );
    before
        .into_iter()
        .chain(within)
        .filter_map(move |other| Range::new(other.first.max(block.first), other.last().min(block.last())))
}

/// Stretches of one protocol, joined where they meet or touch.
fn joined_ports(mut ports: Vec<Ports>) -> Vec<Ports> {
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
    out
}

/// Ports of one peer as few, disjoint stretches that a rule can say.
pub(super) fn merged(ports: impl IntoIterator<Item = Ports>) -> Vec<Ports> {
    joined_ports(ports.into_iter().collect())
        .into_iter()
        .flat_map(expressible)
        .collect()
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
    let cidrs: Vec<Cidr> = blocks
        .iter()
        .filter_map(|block| {
            let family = if block.six { Family::Ipv6 } else { Family::Ipv4 };
            Cidr::holding(family, block.first, block.prefix_bits).ok()
        })
        .collect();
    let mut out: Vec<Block> = Cidr::aggregate(&cidrs)
        .into_iter()
        .map(|cidr| Block {
            six: cidr.family() == Family::Ipv6,
            first: cidr.base(),
            prefix_bits: cidr.bits(),
        })
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
        let last = if first & 0xff == 0 && whole <= u32::from(ports.last) {
            whole
        } else {
            first
        };
        if let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last)) {
            out.push(Ports {
                protocol: ports.protocol,
                first,
                last,
            });
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
        Block {
            six: cidr.family() == Family::Ipv6,
            first: cidr.base(),
            prefix_bits: cidr.bits(),
        }
    }

    fn tcp(first: u16, last: u16) -> Ports {
        Ports {
            protocol: 6,
            first,
            last,
        }
    }

    fn shown(rules: &[(Ports, Block)]) -> Vec<String> {
        rules
            .iter()
            .map(|(ports, block)| format!("{}:{}-{} {block}", ports.protocol, ports.first, ports.last))
            .collect()
    }

    #[test]
    fn a_block_within_another_on_the_same_port_needs_no_rule() {
        let needs = [
            (tcp(443, 443), block("0.0.0.0/0")),
            (tcp(400, 500), block("10.1.0.0/16")),
        ];
        assert_eq!(
            shown(&cover(needs)),
            ["6:400-500 10.1.0.0/16", "6:443-443 0.0.0.0/0"]
        );
        assert_eq!(
            shown(&cover([needs[0], (tcp(443, 443), block("10.1.0.0/16"))])),
            ["6:443-443 0.0.0.0/0"]
        );
        let rules = disjoint(needs);
        assert_eq!(
            shown(&rules),
            [
                "6:400-442 10.1.0.0/16",
                "6:443-443 0.0.0.0/0",
                "6:444-500 10.1.0.0/16"
            ]
        );
    }

    #[test]
    fn neighbours_are_joined_and_families_are_apart() {
        let halves = [
            "10.0.0.0/25",
            "10.0.0.128/25",
            "fd00::/65",
            "fd00:0:0:0:8000::/65",
        ]
        .map(|text| (tcp(0, 65_535), block(text)));
        assert_eq!(
            shown(&cover(halves)),
            ["6:0-65535 10.0.0.0/24", "6:0-65535 fd00::/64"]
        );
        assert_eq!(
            shown(&cover([
                (tcp(1, 2), block("10.0.0.0/8")),
                (tcp(3, 4), block("10.0.0.0/8"))
            ])),
            ["6:1-4 10.0.0.0/8"]
        );
    }

    #[test]
    fn ports_that_return_are_a_rule_of_their_own() {
        let rules = cover([(tcp(1, 1), block("10.0.0.0/8")), (tcp(5, 5), block("10.0.0.0/8"))]);
        assert_eq!(shown(&rules), ["6:1-1 10.0.0.0/8", "6:5-5 10.0.0.0/8"]);
    }

    #[test]
    fn icmp_is_cut_into_types_and_codes() {
        let icmp = |first, last| Ports {
            protocol: 1,
            first,
            last,
        };
        assert_eq!(merged([icmp(0x0800, 0x08ff)]), [icmp(0x0800, 0x08ff)]);
        assert_eq!(
            merged([icmp(0x0304, 0x0304), icmp(0x0800, 0x08ff)]),
            [icmp(0x0304, 0x0304), icmp(0x0800, 0x08ff)]
        );
        assert_eq!(
            merged([icmp(0x02ff, 0x0401)]),
            [
                icmp(0x02ff, 0x02ff),
                icmp(0x0300, 0x03ff),
                icmp(0x0400, 0x0400),
                icmp(0x0401, 0x0401)
            ]
        );
        assert_eq!(merged([icmp(0, u16::MAX)]), [icmp(0, u16::MAX)]);
    }

    /// Against a table of a few addresses and ports, for pseudo-random needs: the same packets, each in one rule.
    #[test]
    fn both_covers_are_exact_and_nothing_in_them_is_idle() {
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
                    (
                        tcp(first, first + next(4) as u16),
                        Block {
                            six: false,
                            first: base,
                            prefix_bits: bits,
                        },
                    )
                })
                .collect();
            let hits = |rules: &[(Ports, Block)], port: u16, address: u128| {
                let hit = |(ports, block): &&(Ports, Block)| {
                    (ports.first..=ports.last).contains(&port)
                        && (block.first..=block.last()).contains(&address)
                };
                rules.iter().filter(hit).count()
            };
            let (kept, apart) = (cover(needs.clone()), disjoint(needs.clone()));
            let cells = || (0..12_u16).flat_map(|port| (0..16_u128).map(move |address| (port, address)));
            for (port, address) in cells() {
                let wanted = hits(&needs, port, address) > 0;
                assert_eq!(
                    hits(&kept, port, address) > 0,
                    wanted,
                    "{needs:?} {kept:?} {port} {address}"
                );
                assert_eq!(
                    hits(&apart, port, address),
                    usize::from(wanted),
                    "{needs:?} {apart:?} {port} {address}"
                );
            }
            for rule in &kept {
                let own = std::slice::from_ref(rule);
                let alone = cells()
                    .any(|(port, address)| hits(own, port, address) == 1 && hits(&kept, port, address) == 1);
                assert!(alone, "{needs:?} {kept:?}: {rule:?} is contained in the others");
            }
        }
    }
}
