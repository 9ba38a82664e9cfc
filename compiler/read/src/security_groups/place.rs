//! `network.json`: which network of which account.

use packet::Family;
use packet::cidr::Cidr;

use super::{members, text};
use crate::at::At;
use crate::facts::network::{Block, Vpc};
use crate::json::Json;
use crate::sink::{Class, Sink};

/// The one format that is read.
const FORMAT: &str = "leastwise-security-groups/1";

/// A network that is relied on.
pub(super) struct Placed {
    pub(super) vpc: Vpc,
    /// Account and region, for quotas.
    pub(super) region: String,
    /// How it is looked up, if not by id.
    pub(super) relied_on: Option<String>,
}

pub(super) fn read(value: &Json<'_>, at: &At<'_>, sink: &mut Sink) -> Option<Placed> {
    let unread = sink.unread.len();
    let (mut format, mut project, mut account, mut region, mut vpc) = (None, None, None, None, None);
    for (name, value) in members(value, at, sink)? {
        let at = at.key(name);
        match &**name {
            "format" => format = text(value, &at, sink),
            "project" => project = text(value, &at, sink),
            "account" => account = text(value, &at, sink),
            "region" => region = text(value, &at, sink),
            "vpc" => vpc = Some(value),
            _ => sink.unread(&at, format!("unknown member `{name}`")),
        }
    }
    let (Some(format), Some(_), Some(account), Some(region), Some(vpc)) =
        (format, project, account, region, vpc)
    else {
        sink.unread(
            at,
            "`format`, `project`, `account`, `region` and `vpc` are all needed",
        );
        return None;
    };
    if format != FORMAT {
        sink.unread(&at.key("format"), format!("`{format}` is no format that is read"));
    }
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        sink.unread(&at.key("account"), "an account has twelve digits");
    }
    if region.is_empty()
        || !region
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        sink.unread(&at.key("region"), "no region is called so");
    }
    let placed = looked_up(vpc, (account, region), at, sink)?;
    if sink.unread.len() > unread {
        return None;
    }
    sink.count(Class::Inert, 2);
    sink.count(Class::Name, 2 + vpc.leaves());
    Some(placed)
}

/// By id, or by block and tag.
fn looked_up(
    value: &Json<'_>,
    (account, region): (&str, &str),
    root: &At<'_>,
    sink: &mut Sink,
) -> Option<Placed> {
    let at = root.key("vpc");
    let (mut id, mut cidr, mut name) = (None, None, None);
    for (member, value) in members(value, &at, sink)? {
        let at = at.key(member);
        match &**member {
            "id" => id = text(value, &at, sink),
            "cidr" => cidr = text(value, &at, sink),
            "name" => name = text(value, &at, sink),
            _ => sink.unread(&at, format!("unknown member `{member}`")),
        }
    }
    let (address, block, relied_on) = match (id, cidr, name) {
        (Some(id), None, None) if id.starts_with("vpc-") => {
            (format!("vpc:{account}:{region}:{id}"), None, None)
        }
        (None, Some(cidr), Some(name)) => {
            let block: Cidr = match cidr.parse() {
                Ok(block) => block,
                Err(error) => {
                    sink.unread(&at.key("cidr"), error.to_string());
                    return None;
                }
            };
            if block.family() != Family::Ipv4 || block.to_string() != cidr {
                sink.unread(&at.key("cidr"), "not an IPv4 block as the provider spells it");
                return None;
            }
            let address = format!("vpc:{account}:{region}:{block}");
            let range = block.range();
            let block = Block {
                six: false,
                first: range.first(),
                last: range.last(),
            };
            let relied_on = format!("{address} named {name}");
            (address, Some(block), Some(relied_on))
        }
        _ => {
            sink.unread(&at, "a network is named by `id`, or by `cidr` and `name`");
            return None;
        }
    };
    let vpc = Vpc {
        address,
        cidr: block,
        cidr6: None,
        dns: (true, true),
        existing: true,
        place: root.place(),
    };
    Some(Placed {
        vpc,
        region: format!("{account} {region}"),
        relied_on,
    })
}
