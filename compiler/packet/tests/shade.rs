//! The twelve lists on which others' search for shadowed rules goes wrong, and more of their kind.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use packet::cidr::Cidr;
use packet::{Action, BLOCKERS_MAX, Box, Dead, Family, Packets, Range, Rule, Set, protocol};

struct List {
    packets: Packets,
    rules: Vec<Rule>,
}

impl List {
    fn new(family: Family) -> List {
        List {
            packets: Packets::new(family),
            rules: Vec::new(),
        }
    }

    /// Adds a rule: protocols by name, ports as in a spec (`*` for all), source and destination blocks.
    fn rule(self, action: Action, protocols: &[&str], ports: &str, from: &str, to: &str) -> List {
        let ports = if ports == "*" {
            Range::PORTS
        } else {
            protocol::parse_ports(ports).unwrap()
        };
        self.rule_of(action, protocols, ports, from, to)
    }

    fn rule_of(mut self, action: Action, protocols: &[&str], ports: Range, from: &str, to: &str) -> List {
        let range = |text: &str| text.parse::<Cidr>().unwrap().range();
        let regions: Vec<Box> = protocols
            .iter()
            .map(|name| Box {
                protocols: protocol::named(name).unwrap(),
                ports,
                source: range(from),
                destination: range(to),
            })
            .collect();
        let packets = self.packets.boxed_all(&regions).unwrap();
        self.rules.push(Rule { action, packets });
        self
    }

    fn dead(mut self) -> Vec<(usize, Vec<usize>)> {
        let dead = self.packets.dead_rules(&self.rules).unwrap();
        assert!(dead.iter().all(|dead| dead.is_complete));
        dead.into_iter().map(|dead| (dead.index, dead.blockers)).collect()
    }
}

use Action::{Deny, Permit};

fn list() -> List {
    List::new(Family::Ipv4)
}

const ALL: &str = "0.0.0.0/0";
const TEN: &str = "10.0.0.0/8";

#[test]
fn an_equal_rule_is_dead() {
    let dead = list()
        .rule(Permit, &["tcp"], "443", ALL, TEN)
        .rule(Permit, &["tcp"], "443", ALL, TEN)
        .dead();
    assert_eq!(dead, [(1, vec![0])]);
}

#[test]
fn a_rule_within_a_wider_one_is_dead() {
    let dead = list()
        .rule(Permit, &["tcp"], "1-1024", ALL, TEN)
        .rule(Permit, &["tcp"], "443", ALL, "10.1.0.0/16")
        .dead();
    assert_eq!(dead, [(1, vec![0])]);
}

#[test]
fn a_wider_rule_after_a_narrower_one_lives() {
    let dead = list()
        .rule(Permit, &["tcp"], "443", ALL, TEN)
        .rule(Permit, &["tcp"], "1-1024", ALL, TEN)
        .dead();
    assert!(dead.is_empty());
}

#[test]
fn a_union_of_port_ranges_covers() {
    let dead = list()
        .rule(Permit, &["tcp"], "1-100", ALL, TEN)
        .rule(Permit, &["tcp"], "101-300", ALL, TEN)
        .rule(Permit, &["tcp"], "50-150", ALL, TEN)
        .dead();
    assert_eq!(dead, [(2, vec![0, 1])]);
}

#[test]
fn port_ranges_with_a_gap_do_not_cover() {
    let dead = list()
        .rule(Permit, &["tcp"], "1-99", ALL, TEN)
        .rule(Permit, &["tcp"], "101-300", ALL, TEN)
        .rule(Permit, &["tcp"], "50-150", ALL, TEN)
        .dead();
    assert!(dead.is_empty());
}

#[test]
fn a_union_of_half_blocks_covers() {
    let dead = list()
        .rule(Permit, &["tcp"], "443", "192.0.2.0/25", TEN)
        .rule(Permit, &["tcp"], "443", "192.0.2.128/25", TEN)
        .rule(Permit, &["tcp"], "443", "192.0.2.0/24", TEN)
        .dead();
    assert_eq!(dead, [(2, vec![0, 1])]);
}

#[test]
fn equal_icmp_rules_are_dead_and_other_types_live() {
    let echo = protocol::icmp(8, None);
    let dead = list()
        .rule_of(Permit, &["icmp"], echo, ALL, TEN)
        .rule_of(Permit, &["icmp"], echo, ALL, TEN)
        .rule_of(Permit, &["icmp"], protocol::icmp(8, Some(0)), ALL, TEN)
        .rule_of(Permit, &["icmp"], protocol::icmp(3, Some(4)), ALL, TEN)
        .dead();
    assert_eq!(dead, [(1, vec![0]), (2, vec![0])]);
}

#[test]
fn one_protocol_after_both_is_dead() {
    let dead = list()
        .rule(Permit, &["tcp", "udp"], "53", ALL, TEN)
        .rule(Permit, &["tcp"], "53", ALL, TEN)
        .dead();
    assert_eq!(dead, [(1, vec![0])]);
}

#[test]
fn both_protocols_after_one_live() {
    let dead = list()
        .rule(Permit, &["tcp"], "53", ALL, TEN)
        .rule(Permit, &["tcp", "udp"], "53", ALL, TEN)
        .dead();
    assert!(dead.is_empty());
}

#[test]
fn both_protocols_after_each_are_dead() {
    let dead = list()
        .rule(Permit, &["udp"], "53", ALL, TEN)
        .rule(Permit, &["tcp"], "53", ALL, TEN)
        .rule(Permit, &["tcp", "udp"], "53", ALL, TEN)
        .dead();
    assert_eq!(dead, [(2, vec![0, 1])]);
}

#[test]
fn a_permit_behind_a_deny_is_dead_and_names_it() {
    let dead = list()
        .rule(Permit, &["tcp"], "443", "10.9.0.0/16", TEN)
        .rule(Deny, &["any"], "*", TEN, TEN)
        .rule(Permit, &["tcp"], "443", TEN, TEN)
        .dead();
    assert_eq!(dead, [(2, vec![1, 0])]);
}

#[test]
fn the_same_ports_of_another_protocol_or_peer_live() {
    let dead = list()
        .rule(Permit, &["tcp"], "443", "10.1.0.0/16", TEN)
        .rule(Permit, &["udp"], "443", "10.1.0.0/16", TEN)
        .rule(Permit, &["tcp"], "443", "10.2.0.0/16", TEN)
        .rule(Permit, &["tcp"], "443", "10.1.0.0/16", "192.0.2.0/24")
        .dead();
    assert!(dead.is_empty());
}

#[test]
fn of_many_blockers_one_of_the_other_action_is_named() {
    for (common, odd) in [(Permit, Deny), (Deny, Permit)] {
        // Hidden from the dead rule by an equal one before it: decides nothing, so it is no blocker.
        let mut list = list().rule(common, &["tcp"], "443", "10.0.0.3/32", TEN);
        list = list.rule(odd, &["tcp"], "443", "10.0.0.3/32", TEN);
        for host in 0..256 {
            let action = if host == 200 { odd } else { common };
            list = list.rule(action, &["tcp"], "443", &format!("10.0.0.{host}/32"), TEN);
        }
        list = list.rule(common, &["tcp"], "443", "10.0.0.0/24", TEN);
        list = list.rule(odd, &["tcp"], "443", "10.0.0.0/24", TEN);
        let dead = list.packets.dead_rules(&list.rules).unwrap();
        let (last, rest) = dead.split_last().unwrap();
        let (same, rest) = rest.split_last().unwrap();
        assert_eq!((same.index, same.is_complete), (258, false));
        assert_eq!(same.blockers.len(), BLOCKERS_MAX + 1);
        assert!(
            same.blockers.contains(&202),
            "the only decider of the other action"
        );
        assert_eq!((last.index, last.is_complete), (259, false));
        assert_eq!(last.blockers.len(), BLOCKERS_MAX);
        assert_eq!(rest.iter().map(|dead| dead.index).collect::<Vec<_>>(), [1, 5]);
    }
}

#[test]
fn a_rule_that_matches_nothing_is_dead_without_a_blocker() {
    let mut packets = Packets::new(Family::Ipv4);
    let rules = [Rule {
        action: Permit,
        packets: Set::EMPTY,
    }];
    assert_eq!(
        packets.dead_rules(&rules).unwrap(),
        [Dead {
            index: 0,
            blockers: Vec::new(),
            is_complete: true
        }]
    );
    assert_eq!(packets.first_match(&[]).unwrap(), Set::EMPTY);
}

#[test]
fn ipv6_halves_cover_up_to_the_top() {
    let dead = List::new(Family::Ipv6)
        .rule(Permit, &["tcp"], "65535", "::/1", "::/0")
        .rule(Permit, &["tcp"], "65535", "8000::/1", "::/0")
        .rule(Permit, &["tcp"], "65535", "::/0", "::/0")
        .dead();
    assert_eq!(dead, [(2, vec![0, 1])]);
}
