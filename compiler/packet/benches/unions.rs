//! Figures for sets of packets: `cargo bench -p leastwise-packet`, or `… -- segs svc:100000` for some.
//!
//! Five workloads of boxes, from a fixed seed: *segs* pairs of 256 /24 segments, *hosts* pairs of single
//! addresses, *svc* 4,000 clients of 500 servers, *nested* prefixes of 8 to 32 bits that overlap at will, *wide*
//! the same with port ranges that overlap too (the worst case). Each is built, built again from shuffled parts,
//! compared, and searched for dead rules.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench looks at the clock, prints its figures, and stops at the first surprise"
)]

use std::time::Instant;

use packet::cidr::Cidr;
use packet::{Action, Box, Family, Packets, Range, Rule, Set, protocol};

/// The ports that most flows go to.
const COMMON_PORTS: [u16; 15] = [
    22, 53, 80, 123, 389, 443, 636, 1433, 3306, 5432, 6379, 8080, 8443, 8883, 9092,
];

/// SplitMix64: the same boxes on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut state = self.0;
        state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (state ^ state >> 31) % below
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.roll(at as u64 + 1) as usize);
        }
    }

    /// Mostly a common port, else a short range; TCP three times as often as UDP.
    fn service(&mut self) -> (Range, Range) {
        let number = if self.roll(4) == 0 {
            protocol::UDP
        } else {
            protocol::TCP
        };
        let ports = if self.roll(10) == 0 {
            let first = 1024 + self.roll(60_000) as u16;
            protocol::ports(first, first + self.roll(100) as u16).unwrap()
        } else {
            protocol::port(COMMON_PORTS[self.roll(15) as usize])
        };
        (protocol::one(number), ports)
    }
}

/// A block whose address bits come from 32 bits, moved to the top of the family.
fn block(family: Family, bits: u8, address: u32) -> Range {
    let (address, bits) = match family {
        Family::Ipv4 => (u128::from(address), bits),
        Family::Ipv6 => (
            0xfd << 120 | u128::from(address) << 88,
            if bits == 32 { 128 } else { bits + 8 },
        ),
    };
    Cidr::holding(family, address, bits).unwrap().range()
}

fn workload(name: &str, family: Family, number: usize) -> Vec<Box> {
    let mut dice = Dice(7);
    (0..number)
        .map(|_| {
            let mut end = |from: bool| match name {
                "segs" => block(family, 24, 0x0a00_0000 | (dice.roll(256) as u32) << 8),
                "hosts" => block(family, 32, 0x0a00_0000 | dice.roll(1 << 24) as u32),
                "svc" if from => block(family, 32, 0x0a00_0000 | (dice.roll(4000) as u32 * 7)),
                "svc" => block(family, 32, 0x0a80_0000 | (dice.roll(500) as u32 * 11)),
                _ => {
                    let bits = 8 + dice.roll(25) as u8;
                    block(family, bits, 0x0a00_0000 | dice.roll(1 << 24) as u32)
                }
            };
            let (source, destination) = (end(true), end(false));
            let (protocols, mut ports) = dice.service();
            if name == "wide" {
                let (one, other) = (dice.roll(1 << 16) as u16, dice.roll(1 << 16) as u16);
                ports = protocol::ports(one.min(other), one.max(other)).unwrap();
            }
            Box {
                protocols,
                ports,
                source,
                destination,
            }
        })
        .collect()
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// The most memory that the process ever held, where the system tells.
fn peak_megabytes() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map_or("?".to_owned(), |kilobytes| (kilobytes / 1024).to_string())
}

fn measure(name: &str, family: Family, number: usize) {
    let boxes = workload(name, family, number);
    let mut built = Packets::new(family);
    let start = Instant::now();
    built.boxed_all(&boxes).unwrap();
    let build = milliseconds(start);
    let edges = built.edge_count();
    drop(built);

    // A manager that knows nothing yet, so that no outcome is remembered; ids in the order of the shuffle.
    let mut packets = Packets::new(family);
    let mut mixed = boxes.clone();
    Dice(8).shuffle(&mut mixed);
    let start = Instant::now();
    let sets: Vec<Set> = mixed
        .iter()
        .map(|region| packets.boxed(region).unwrap())
        .collect();
    let union = packets.union_all(&sets).unwrap();
    let shuffled = milliseconds(start);
    assert_eq!(
        packets.boxed_all(&boxes).unwrap(),
        union,
        "equal sets have equal ids"
    );

    let first = packets.boxed(boxes.first().unwrap()).unwrap();
    let less = packets.difference(union, first).unwrap();
    let start = Instant::now();
    assert!(!packets.is_subset(union, less).unwrap());
    let difference = packets.difference(union, less).unwrap();
    assert!(packets.witness(difference).unwrap().is_some());
    let subset = milliseconds(start);
    drop(packets);

    let mut fresh = Packets::new(family);
    let start = Instant::now();
    let fresh_rules: Vec<Rule> = workload(name, family, number)
        .iter()
        .map(|region| Rule {
            action: Action::Permit,
            packets: fresh.boxed(region).unwrap(),
        })
        .collect();
    let dead = fresh.dead_rules(&fresh_rules).unwrap();
    let dead_time = milliseconds(start);

    println!(
        "{name:>7} {family} {number:>7}: build {build:8.1} ms  shuffled {shuffled:8.1} ms  dead {dead_time:8.1} ms ({})  \
         subset + witness {subset:6.2} ms  edges {edges:>9}  peak {} MB",
        dead.len(),
        peak_megabytes(),
    );
}

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let all = [
        "segs:10000",
        "hosts:10000",
        "svc:10000",
        "nested:10000",
        "wide:2000",
    ]
    .map(str::to_owned);
    for each in if wanted.is_empty() {
        all.as_slice()
    } else {
        wanted.as_slice()
    } {
        let (name, number) = each.split_once(':').unwrap_or((each, "10000"));
        for family in Family::ALL {
            measure(name, family, number.parse().unwrap());
        }
    }
}
