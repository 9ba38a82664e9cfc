//! Arguments of a block, in order.

use aws::deployment::network::Peer;
use model::value::{Block, Ports};
use serde_json::{Map, Value};

use super::text::escaped;

/// Protocol numbers. Source: IANA, "Assigned Internet Protocol Numbers".
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP6: u8 = 58;

/// Arguments of a block, in order.
#[derive(Clone, Default)]
pub(super) struct Arguments(Map<String, Value>);

impl Arguments {
    /// A text of ours or of the user's, as it stands.
    pub(super) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.value(name, escaped(text).into())
    }

    /// A template that is finished already: a reference, a policy.
    pub(super) fn template(&mut self, name: &str, template: String) -> &mut Self {
        self.value(name, template.into())
    }

    pub(super) fn value(&mut self, name: &str, value: Value) -> &mut Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    pub(super) fn number(&mut self, name: &str, number: impl Into<Value>) -> &mut Self {
        self.value(name, number.into())
    }

    pub(super) fn flag(&mut self, name: &str, flag: bool) -> &mut Self {
        self.value(name, flag.into())
    }

    /// The name that people see.
    pub(super) fn named(&mut self, name: &str) -> &mut Self {
        let mut tags = Map::new();
        tags.insert("Name".to_owned(), escaped(name).into());
        self.value("tags", Value::Object(tags))
    }

    /// A block of addresses, by family.
    pub(super) fn block(&mut self, four: &str, six: &str, block: Block) -> &mut Self {
        self.text(if block.six { six } else { four }, &block.to_string())
    }

    /// Protocol and ports of a rule of a group. False if the provider has no such rule.
    pub(super) fn rule_ports(&mut self, ports: Ports) -> bool {
        self.text("ip_protocol", &protocol(ports.protocol));
        match span(ports) {
            Some(Span::Whole) => {}
            Some(Span::Ports(first, last) | Span::Icmp(first, last)) => {
                self.number("from_port", first).number("to_port", last);
            }
            None => return false,
        }
        true
    }

    /// The same of an entry of an ACL.
    pub(super) fn entry_ports(&mut self, ports: Ports) -> bool {
        self.text("protocol", &protocol(ports.protocol));
        match span(ports) {
            Some(Span::Whole) => {}
            Some(Span::Ports(first, last)) => {
                self.number("from_port", first).number("to_port", last);
            }
            Some(Span::Icmp(kind, code)) => {
                self.number("icmp_type", kind).number("icmp_code", code);
            }
            None => return false,
        }
        true
    }

    /// The other side of a rule.
    pub(super) fn peer(&mut self, peer: &Peer, groups: &[aws::deployment::network::Group]) -> bool {
        match peer {
            Peer::Block(block) => {
                self.block("cidr_ipv4", "cidr_ipv6", *block);
                true
            }
            Peer::Worn(id) => {
                self.text("referenced_security_group_id", id);
                true
            }
            Peer::Group(index) => match groups.get(*index) {
                Some(group) => {
                    let reference = format!("${{aws_security_group.{}.id}}", group.label);
                    self.template("referenced_security_group_id", reference);
                    true
                }
                None => false,
            },
        }
    }

    pub(super) fn finish(self) -> Map<String, Value> {
        self.0
    }
}

/// Ports as the provider's arguments have them.
enum Span {
    Whole,
    Ports(i64, i64),
    /// Type and code, -1 being every one.
    Icmp(i64, i64),
}

/// `None` if no arguments say these ports.
fn span(ports: Ports) -> Option<Span> {
    let whole = (ports.first, ports.last) == (0, u16::MAX);
    match ports.protocol {
        TCP | UDP => Some(Span::Ports(ports.first.into(), ports.last.into())),
        ICMP | ICMP6 if whole => Some(Span::Icmp(-1, -1)),
        ICMP | ICMP6 => {
            let [kind, first] = ports.first.to_be_bytes();
            let [other, last] = ports.last.to_be_bytes();
            match (kind == other, first, last) {
                (true, 0, u8::MAX) => Some(Span::Icmp(kind.into(), -1)),
                (true, first, last) if first == last => Some(Span::Icmp(kind.into(), first.into())),
                _ => None,
            }
        }
        _ => whole.then_some(Span::Whole),
    }
}

/// As the provider spells protocols, so that a plan after an apply is empty.
fn protocol(number: u8) -> String {
    match number {
        ICMP => "icmp".to_owned(),
        TCP => "tcp".to_owned(),
        UDP => "udp".to_owned(),
        ICMP6 => "icmpv6".to_owned(),
        other => other.to_string(),
    }
}
