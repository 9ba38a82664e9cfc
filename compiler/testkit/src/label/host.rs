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
    if old.frame != new.frame {
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
    let (mut at, mut is_open) = (0, false);
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
        // Rules stand at the end of their chain, after what is asked of the sets.
        is_open = line != "    }" && (is_open || line.ends_with("6 accept") && line.contains('@'));
        match rule_of(class, chain == "output", line) {
            Some(Ok(rule)) if is_open => table.rules.push(rule),
            Some(_) => return Err("no rule, or none of this place".to_owned()),
            None => table.frame.push(line.to_owned()),
        }
    }
    Ok(table)
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
