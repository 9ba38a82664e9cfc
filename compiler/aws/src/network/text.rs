//! Labels and descriptions, in the alphabets of the provider and of Terraform.

use model::value::{Block, Ports};
use packet::protocol;

use crate::deployment::Because;

/// The most characters of a description.
///
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>
const DESCRIPTION_CHARS_MAX: usize = 255;

/// What a description and a group's name may hold besides letters and digits.
///
/// Source: as above
const MARKS: &str = " ._-:/()#,@[]+=&;{}!$*";

/// Whether the provider takes this character in names and descriptions of groups.
pub(super) fn is_taken(c: char) -> bool {
    c.is_ascii_alphanumeric() || MARKS.contains(c)
}

/// A label: letters, digits, `_` and `-`, not starting with a digit.
pub(super) fn label(text: &str) -> String {
    let mut out: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    if out.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        out.insert(0, '_');
    }
    out
}

/// The protocol and ports in a label: `tcp_443`, `tcp_8000-8010`, `icmp_8`, `icmp_3-4`, `esp`.
pub(super) fn ports(ports: Ports) -> String {
    let name = protocol::name(ports.protocol).map_or_else(|| ports.protocol.to_string(), str::to_owned);
    if (ports.first, ports.last) == (0, u16::MAX) {
        return if protocol::has_ports(ports.protocol) {
            format!("{name}_all")
        } else {
            name
        };
    }
    if protocol::is_icmp(ports.protocol) {
        let (kind, code) = protocol::icmp_of(ports.first);
        return if ports.first == ports.last {
            format!("{name}_{kind}-{code}")
        } else {
            format!("{name}_{kind}")
        };
    }
    if ports.first == ports.last {
        format!("{name}_{}", ports.first)
    } else {
        format!("{name}_{}-{}", ports.first, ports.last)
    }
}

/// A block in a label: `10-0-8-0_24`.
pub(super) fn block(block: Block) -> String {
    let bits = block.prefix_bits;
    let text = block.to_string();
    let address = text.split_once('/').map_or(text.as_str(), |(address, _)| address);
    format!("{}_{bits}", address.replace(['.', ':'], "-"))
}

/// The sentences of a reason as a description; what the provider does not take becomes `-`.
pub(super) fn description(because: &Because) -> String {
    let mut sentences: Vec<&str> = because
        .iter()
        .map(|cause| &*cause.sentence)
        .filter(|sentence| !sentence.is_empty())
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    sentences.retain(|sentence| seen.insert(*sentence));
    let text = if sentences.is_empty() {
        "declared".to_owned()
    } else {
        sentences.join("; ")
    };
    clean(&text)
}

/// A text as a description.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if is_taken(c) { c } else { '-' })
        .take(DESCRIPTION_CHARS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_spelt_as_the_contract_has_them() {
        assert_eq!(label("front"), "front");
        assert_eq!(label("1st"), "_1st");
        assert_eq!(label("endpoint-iot.data"), "endpoint-iot-data");
        let tcp = |first, last| Ports {
            protocol: 6,
            first,
            last,
        };
        assert_eq!(ports(tcp(443, 443)), "tcp_443");
        assert_eq!(ports(tcp(8000, 8010)), "tcp_8000-8010");
        assert_eq!(ports(tcp(0, 65_535)), "tcp_all");
        assert_eq!(
            ports(Ports {
                protocol: 50,
                first: 0,
                last: 65_535
            }),
            "esp"
        );
        assert_eq!(
            ports(Ports {
                protocol: 1,
                first: 0x0800,
                last: 0x08ff
            }),
            "icmp_8"
        );
        assert_eq!(
            ports(Ports {
                protocol: 1,
                first: 0x0304,
                last: 0x0304
            }),
            "icmp_3-4"
        );
        assert_eq!(
            block(Block {
                six: false,
                first: 0x0a00_0800,
                prefix_bits: 24
            }),
            "10-0-8-0_24"
        );
        assert_eq!(
            block(Block {
                six: true,
                first: 0xfd00 << 112,
                prefix_bits: 64
            }),
            "fd00--_64"
        );
    }

    #[test]
    fn descriptions_keep_to_the_alphabet_and_the_length() {
        assert_eq!(clean("a -> b: \"ü\" {ok}"), "a -- b: --- {ok}");
        assert_eq!(clean(&"x".repeat(300)).len(), 255);
    }
}
