//! Labels of host firewalls: a frame that is frozen, and in it elements of sets and rules, of which packets are asked.

use super::packet::{self, Packet, Peer, Rule};
use super::{Difference, Label};

/// A table: what is the same in every one, what it accepts, and which elements share a set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Table {
    frame: Vec<String>,
    rules: Vec<Rule>,
    sets: Vec<(String, Rule)>,
}

/// Labels a mutant of the firewall of a class; `None` where there is no file.
#[must_use]
pub fn label(class: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> Label {
    let (Some(before), Some(after)) = (before, after) else {
        return Label::Changed(Difference::Object(format!("the host firewall of {class}")));
    };
    let old = read(class, before).unwrap_or_default();
    let new = match read(class, after) {
        Ok(new) => new,
        Err(what) => return Label::Unreadable(what),
    };
    // Of the frame, what leads a port to containers may be missing; nothing may be another, or stand elsewhere.
    let mut lines = new.frame.iter().peekable();
    let mut is_short = false;
    for line in &old.frame {
        if lines.next_if_eq(&line).is_none() {
            if !line.contains(" ct original ") {
                return Label::Unreadable("the frame is frozen".to_owned());
            }
            is_short = true;
        }
    }
    if lines.next().is_some() {
        return Label::Unreadable("the frame is frozen".to_owned());
    }
    // The kernel takes no set of which two elements share a packet.
    for (at, (set, one)) in new.sets.iter().enumerate() {
        let mut others = new.sets.iter().skip(at + 1).filter(|(of, _)| of == set);
        if others.any(|(_, other)| meet(one, other)) {
            return Label::Unreadable("elements that overlap".to_owned());
        }
    }
    if let Some(packet) = packet::difference(&old.rules, &new.rules) {
        let passed = old.rules.iter().any(|rule| rule.permits(&packet));
        return Label::Changed(Difference::Packet { packet, passed });
    }
    if is_short {
        return Label::Changed(Difference::Object(format!("what leads to containers of {class}")));
    }
    match packet::idle(&new.rules) {
        Some(index) => Label::Idle(format!("element {index}")),
        None => Label::Equal,
    }
}

/// Whether original and mutant differ on a packet.
#[must_use]
pub fn replay(class: &str, before: Option<&[u8]>, after: Option<&[u8]>, packet: &Packet) -> bool {
    let passes = |bytes: Option<&[u8]>| {
        let table = bytes
            .and_then(|bytes| read(class, bytes).ok())
            .unwrap_or_default();
        table.rules.iter().any(|rule| rule.permits(packet))
    };
    passes(before) != passes(after)
}

fn meet(one: &Rule, other: &Rule) -> bool {
    let blocks = match (&one.peer, &other.peer) {
        (Peer::Block(a, b), Peer::Block(c, d)) => a.is_ipv4() == c.is_ipv4() && a <= d && c <= b,
        _ => false,
    };
    blocks && one.protocol == other.protocol && one.ports.0 <= other.ports.1 && other.ports.0 <= one.ports.1
}

fn read(class: &str, bytes: &[u8]) -> Result<Table, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "no text".to_owned())?;
    if !text.ends_with('\n') || text.contains('\r') {
        return Err("no lines".to_owned());
    }
    let mut table = Table::default();
    let lines: Vec<&str> = text.lines().collect();
    let (mut set, mut chain) = (String::new(), String::new());
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if let Some(name) = line
            .strip_prefix("    set ")
            .and_then(|rest| rest.strip_suffix(" {"))
        {
            name.clone_into(&mut set);
        }
        if let Some(name) = line
            .strip_prefix("    chain ")
            .and_then(|rest| rest.strip_suffix(" {"))
        {
            name.clone_into(&mut chain);
        }
        if line == "        elements = {" {
            let count = lines[at..]
                .iter()
                .position(|line| *line == "        }")
                .ok_or("elements without their end")?;
            if count == 0 {
                return Err("no element".to_owned());
            }
            for (index, element) in lines[at..at + count].iter().enumerate() {
                let element = match (element.strip_suffix(','), index + 1 == count) {
                    (Some(element), false) => element,
                    (None, true) => element,
                    _ => return Err("a comma".to_owned()),
                };
                let egress = set.starts_with("out");
                let rule =
                    element_of(class, egress, set.ends_with('6'), element).ok_or("no element of its set")?;
                table.sets.push((set.clone(), rule.clone()));
                table.rules.push(rule);
            }
            at += count + 1;
            continue;
        }
        // Rules stand at the end of the two chains of what is new.
        let mut rest = lines[at..].iter().take_while(|line| **line != "    }");
        let is_last = rest.all(|line| rule_of(class, false, line).is_some());
        let is_open = matches!(chain.as_str(), "opens" | "input") && is_last;
        match rule_of(class, chain == "opens", line) {
            Some(Ok(rule)) if is_open => table.rules.extend(seen(rule)),
            Some(_) => return Err("no rule, or none of this place".to_owned()),
            None => table.frame.push(line.to_owned()),
        }
    }
    Ok(table)
}

/// What the kernel leaves of a rule about ICMP: an answer without its question, and an error about nothing that is known, are
/// dropped before, and an error about something that is known was accepted before.
///
/// Source: Linux, `net/netfilter/nf_conntrack_proto_icmp.c` and `…_icmpv6.c`, read 2026-11-30; each type was sent through nft 1.0.6
fn seen(rule: Rule) -> Vec<Rule> {
    let kinds: Vec<i64> = match rule.protocol.as_str() {
        "1" => vec![4, 5, 8, 13, 15, 17],
        "58" => [0]
            .into_iter()
            .chain(5..=128)
            .chain(130..=136)
            .chain([139, 143])
            .collect(),
        _ => return vec![rule],
    };
    let of = |kind: i64| {
        let ports = (rule.ports.0.max(kind * 256), rule.ports.1.min(kind * 256 + 255));
        (ports.0 <= ports.1).then(|| Rule {
            ports,
            ..rule.clone()
        })
    };
    let found: Vec<Rule> = kinds.into_iter().filter_map(of).collect();
    if found.is_empty() {
        // Nothing passes by it: it stays as a rule that is idle.
        return vec![Rule {
            ports: (1, 0),
            ..rule
        }];
    }
    found
}

/// `BLOCK . tcp . 1-2`, after twelve spaces.
fn element_of(class: &str, egress: bool, six: bool, text: &str) -> Option<Rule> {
    let fields: Vec<&str> = text.strip_prefix("            ")?.split(" . ").collect();
    let [block, protocol, ports] = fields.as_slice() else {
        return None;
    };
    let number = match *protocol {
        "tcp" => "6",
        "udp" => "17",
        _ => return None,
    };
    Some(Rule {
        group: class.to_owned(),
        egress,
        protocol: number.to_owned(),
        ports: range(ports, 65_535)?,
        peer: of_family(block, six)?,
    })
}

/// A rule with a block of its own: `None` if the line is none, `Some(Err(()))` if it is a broken one.
fn rule_of(class: &str, egress: bool, line: &str) -> Option<Result<Rule, ()>> {
    let words: Vec<&str> = line.strip_prefix("        ip")?.split(' ').collect();
    let [family, side, block, rest @ ..] = words.as_slice() else {
        return None;
    };
    if *block == "." || !matches!(*side, "saddr" | "daddr") {
        return None;
    }
    let six = *family == "6";
    let read = || {
        let (icmp, own) = if six { ("icmpv6", "58") } else { ("icmp", "1") };
        let (protocol, ports) = match rest {
            ["meta", "l4proto", number, "accept"] => {
                let number = range(number, 255)?.0;
                // ICMP keeps to its family.
                (!(number == 1 && six || number == 58 && !six))
                    .then_some((number.to_string(), (0, 65_535)))?
            }
            ["meta", "l4proto", number, "th", "dport", ports, "accept"] => {
                let number = range(number, 255)?.0;
                (!matches!(number, 1 | 58)).then_some((number.to_string(), range(ports, 65_535)?))?
            }
            [of, "type", kind, "accept"] if *of == icmp => {
                let kind = single(kind)?;
                (own.to_owned(), (kind * 256, kind * 256 + 255))
            }
            [of, "type", kind, again, "code", codes, "accept"] if *of == icmp && *again == icmp => {
                let (kind, (first, last)) = (single(kind)?, range(codes, 255)?);
                (own.to_owned(), (kind * 256 + first, kind * 256 + last))
            }
            _ => return None,
        };
        let is_own = matches!(*family, "" | "6") && (*side == "daddr") == egress;
        is_own.then_some(Rule {
            group: class.to_owned(),
            egress,
            protocol,
            ports,
            peer: of_family(block, six)?,
        })
    };
    Some(read().ok_or(()))
}

fn of_family(block: &str, six: bool) -> Option<Peer> {
    packet::peer(block).filter(|_| block.contains(':') == six)
}

fn single(text: &str) -> Option<i64> {
    range(text, 255)
        .filter(|_| !text.contains('-'))
        .map(|(first, _)| first)
}

/// `7` or `7-9`, spelt without signs or leading zeros.
fn range(text: &str, most: i64) -> Option<(i64, i64)> {
    let number = |text: &str| {
        let number: i64 = text.parse().ok()?;
        (number.to_string() == text && (0..=most).contains(&number)).then_some(number)
    };
    match text.split_once('-') {
        Some((first, last)) => Some((number(first)?, number(last)?)).filter(|(first, last)| first <= last),
        None => number(text).map(|number| (number, number)),
    }
}

/// The rules of a host firewall.
///
/// # Errors
/// What has no reading.
pub fn all_rules(class: &str, bytes: &[u8]) -> Result<Vec<Rule>, String> {
    read(class, bytes).map(|table| table.rules)
}
