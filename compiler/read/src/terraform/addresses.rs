//! Blocks of addresses and ports, as several types write them.

use packet::Family;
use packet::cidr::Cidr;
use packet::protocol;

use super::args::Args;
use super::cx::{Cx, Read};
use crate::facts::network::{Block, Ports};

/// A block of addresses; `None` unless the text is a CIDR block without host bits.
pub(crate) fn block(text: &str) -> Option<Block> {
    let cidr: Cidr = text.parse().ok()?;
    let range = cidr.range();
    Some(Block {
        six: cidr.family() == Family::Ipv6,
        first: range.first(),
        last: range.last(),
    })
}

/// A block of addresses in an argument, of the family that the argument is for.
pub(crate) fn maybe_block(
    cx: &mut Cx<'_, '_>,
    args: &mut Args<'_>,
    name: &str,
    six: bool,
) -> Read<Option<Block>> {
    let Some(text) = args.maybe_text(cx, name)? else {
        return Ok(None);
    };
    match block(&text).filter(|block| block.six == six) {
        Some(block) => Ok(Some(block)),
        None => args.fail(
            cx,
            name,
            format!("`{text}` is no CIDR block of this family, or has host bits"),
        ),
    }
}

/// One of two arguments, one for each family.
pub(crate) fn either_block(
    cx: &mut Cx<'_, '_>,
    args: &mut Args<'_>,
    four: &str,
    six: &str,
) -> Read<Option<Block>> {
    let (v4, v6) = (
        maybe_block(cx, args, four, false)?,
        maybe_block(cx, args, six, true)?,
    );
    match (v4, v6) {
        (Some(_), Some(_)) => args.fail_whole(cx, format!("both `{four}` and `{six}`")),
        (one, None) | (None, one) => Ok(one),
    }
}

/// Every protocol.
pub(crate) const ANY: Ports = Ports {
    any_protocol: true,
    protocol: 0,
    first: 0,
    last: u16::MAX,
};

/// What stands in the arguments for ports.
pub(crate) struct Written {
    pub(crate) protocol: String,
    pub(crate) from: Option<i64>,
    pub(crate) to: Option<i64>,
    /// ICMP type and code, where they have arguments of their own.
    pub(crate) icmp: Option<(Option<i64>, Option<i64>)>,
}

/// Protocol and ports; the reason if they are none.
///
/// Source: Amazon VPC user guide, "Security group rules" and "Network ACL rules", read 2026-11-21. For every protocol, ports do not count;
/// for ICMP, the ports are type and code, -1 being every one; other protocols have no ports.
pub(crate) fn ports(written: &Written) -> Result<Ports, String> {
    let name = written.protocol.as_str();
    if matches!(name, "-1" | "all") {
        return Ok(ANY);
    }
    let number = name
        .parse::<u8>()
        .ok()
        .filter(|number| number.to_string() == name);
    let Some(protocol) = number.or_else(|| protocol::number(name)) else {
        return Err(format!("unknown protocol `{name}`"));
    };
    let whole = Ports {
        any_protocol: false,
        protocol,
        first: 0,
        last: u16::MAX,
    };
    if protocol::is_icmp(protocol) {
        let (kind, code) = written.icmp.unwrap_or((written.from, written.to));
        return match (kind.map(u8::try_from), code) {
            (None, _) | (Some(Err(_)), Some(-1) | None) if kind.is_none_or(|kind| kind == -1) => Ok(whole),
            (Some(Ok(kind)), Some(-1) | None) => {
                let range = protocol::icmp(kind, None);
                Ok(Ports {
                    first: low(range.first()),
                    last: low(range.last()),
                    ..whole
                })
            }
            (Some(Ok(kind)), Some(code)) => match u8::try_from(code) {
                Ok(code) => {
                    let at = low(protocol::icmp(kind, Some(code)).first());
                    Ok(Ports {
                        first: at,
                        last: at,
                        ..whole
                    })
                }
                Err(_) => Err(format!("`{code}` is no ICMP code")),
            },
            _ => Err("no ICMP type".to_owned()),
        };
    }
    if !matches!(protocol, protocol::TCP | protocol::UDP) {
        return Ok(whole);
    }
    let port = |number: Option<i64>| number.and_then(|number| u16::try_from(number).ok());
    match (port(written.from), port(written.to)) {
        (Some(first), Some(last)) if first <= last => Ok(Ports { first, last, ..whole }),
        _ => Err("no range of ports".to_owned()),
    }
}

fn low(value: u128) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(protocol: &str, from: Option<i64>, to: Option<i64>) -> Written {
        Written {
            protocol: protocol.to_owned(),
            from,
            to,
            icmp: None,
        }
    }

    #[test]
    fn ports_are_read_as_the_manual_says() {
        let read = |protocol, from, to| {
            ports(&written(protocol, from, to)).map(|ports| (ports.protocol, ports.first, ports.last))
        };
        assert_eq!(read("tcp", Some(443), Some(443)), Ok((6, 443, 443)));
        assert_eq!(read("17", Some(1), Some(2)), Ok((17, 1, 2)));
        assert_eq!(read("icmp", Some(-1), Some(-1)), Ok((1, 0, u16::MAX)));
        assert_eq!(read("icmp", Some(3), Some(4)), Ok((1, 772, 772)));
        assert_eq!(read("icmp", Some(3), Some(-1)), Ok((1, 768, 1023)));
        assert_eq!(read("50", None, None), Ok((50, 0, u16::MAX)));
        assert_eq!(ports(&written("-1", Some(1), Some(2))), Ok(ANY));
        for (protocol, from, to) in [
            ("tcp", None, None),
            ("tcp", Some(2), Some(1)),
            ("tcp", Some(-1), Some(-1)),
            ("06", Some(1), Some(1)),
            ("icmp", Some(300), None),
            ("x", None, None),
        ] {
            assert!(read(protocol, from, to).is_err(), "{protocol} {from:?} {to:?}");
        }
    }
}
