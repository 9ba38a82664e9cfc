//! `aws_security_group`, the default one, and rules.
//!
//! Source: Terraform AWS provider 6.25, "Resource: aws_security_group": the provider removes the rule that lets a new group send anywhere,
//! so that absence means none; "Resource: aws_default_security_group": it removes what is not declared; read 2026-11-21.

use crate::facts::network::{Group, GroupRule, Peer};
use crate::sink::Class::{Enforcing, Name, Reference};
use crate::terraform::addresses::{Written, either_block, ports};
use crate::terraform::args::{Args, GROUP, VPC};
use crate::terraform::cx::{Cx, Parts, Read};
use crate::terraform::object;
use crate::terraform::row::{Absent, Gives, Row, Rule, Type, Values, free_or, optional, required};
use crate::terraform::world::Part;

/// Rules inside a group have nine attributes each and fight with rules outside: only an empty list is read.
const fn no_rules(name: &'static str) -> Row {
    Row {
        name,
        class: Enforcing,
        rule: Rule::Taken,
        absent: Absent::Nothing,
        held: false,
    }
}

pub(crate) const TYPE: Type = Type {
    name: "aws_security_group",
    is_data: false,
    rows: &[
        required("name", Name),
        required("vpc_id", Reference),
        Row {
            name: "description",
            class: crate::sink::Class::Inert,
            rule: Rule::Taken,
            absent: Absent::Nothing,
            held: false,
        },
        no_rules("ingress"),
        no_rules("egress"),
        free_or("revoke_rules_on_delete", "false"),
    ],
    address: |world, block| {
        Some(format!(
            "sg:{}/{}",
            world.named(block, "vpc_id")?,
            world.text(block, "name")?
        ))
    },
    gives: &[("id", Gives::Assigned("id")), ("name", Gives::Argument("name"))],
    read,
};

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "group")?;
    let network = args.id(cx, "vpc_id", &VPC)?;
    args.text(cx, "name")?;
    if let Some(text) = args.maybe_text(cx, "description")? {
        if !is_description(&text) {
            return args.fail(cx, "description", "characters that the provider refuses");
        }
        let place = args.place_of("description");
        cx.measure(
            "ec2.security-group.description",
            &address,
            text.chars().count(),
            place,
        );
    }
    has_no_rules(cx, args, &address)?;
    let place = args.place();
    cx.group(Group {
        address,
        network,
        rules: Vec::new(),
        place,
    });
    Ok(())
}

fn has_no_rules(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, address: &str) -> Read<()> {
    for (name, parts) in [("ingress", Parts::Ingress), ("egress", Parts::Egress)] {
        cx.in_line(args, address, name, parts);
        if !args.texts(cx, name)?.is_empty() {
            return args.fail(cx, name, "rules inside a group");
        }
    }
    Ok(())
}

pub(crate) const DEFAULT: Type = Type {
    name: "aws_default_security_group",
    is_data: false,
    rows: &[
        required("vpc_id", Reference),
        no_rules("ingress"),
        no_rules("egress"),
        free_or("revoke_rules_on_delete", "false"),
    ],
    address: |world, block| Some(format!("sg:{}/default", world.named(block, "vpc_id")?)),
    gives: &[("id", Gives::Assigned("id"))],
    read: |cx, args| {
        let address = object::declare(cx, args, "group")?;
        let network = args.id(cx, "vpc_id", &VPC)?;
        has_no_rules(cx, args, &address)?;
        let place = args.place();
        cx.group(Group {
            address,
            network,
            rules: Vec::new(),
            place,
        });
        Ok(())
    },
};

/// Found by its id, or by network and exact name.
pub(crate) const DATA: Type = Type {
    name: "aws_security_group",
    is_data: true,
    rows: &[
        optional("id", Name),
        optional("name", Name),
        optional("vpc_id", Reference),
    ],
    address: |world, block| match world.text(block, "id") {
        Some(id) => Some(id),
        None => Some(format!(
            "sg:{}/{}",
            world.named(block, "vpc_id")?,
            world.text(block, "name")?
        )),
    },
    gives: &[("id", Gives::Assigned("id"))],
    read: |cx, args| {
        let id = args.maybe_text(cx, "id")?;
        args.maybe_text(cx, "name")?;
        args.maybe_id(cx, "vpc_id", &VPC)?;
        if id.is_some_and(|id| !id.starts_with("sg-")) {
            return args.fail(cx, "id", "no id of a group");
        }
        Ok(())
    },
};

const RULE_ROWS: &[Row] = &[
    required("security_group_id", Reference),
    required("ip_protocol", Enforcing),
    optional("from_port", Enforcing),
    optional("to_port", Enforcing),
    optional("cidr_ipv4", Enforcing),
    optional("cidr_ipv6", Enforcing),
    optional("referenced_security_group_id", Reference),
    optional("prefix_list_id", Reference),
    Row {
        name: "description",
        class: crate::sink::Class::Inert,
        rule: Rule::Free(Values::Text(is_description)),
        absent: Absent::Nothing,
        held: false,
    },
];

/// Source: Amazon EC2 API reference, `IpRange`, read 2026-11-21.
fn is_description(text: &str) -> bool {
    text.len() <= 255
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c))
}

pub(crate) const INGRESS: Type = Type {
    name: "aws_vpc_security_group_ingress_rule",
    is_data: false,
    rows: RULE_ROWS,
    address: |world, block| world.named(block, "security_group_id"),
    gives: &[],
    read: |cx, args| read_rule(cx, args, false),
};

pub(crate) const EGRESS: Type = Type {
    name: "aws_vpc_security_group_egress_rule",
    is_data: false,
    rows: RULE_ROWS,
    address: |world, block| world.named(block, "security_group_id"),
    gives: &[],
    read: |cx, args| read_rule(cx, args, true),
};

fn read_rule(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, egress: bool) -> Read<()> {
    let group = args.id(cx, "security_group_id", &GROUP)?;
    let parts = if egress { Parts::Egress } else { Parts::Ingress };
    cx.apart(&group, parts);
    let written = Written {
        protocol: args.text(cx, "ip_protocol")?,
        from: args.maybe_number(cx, "from_port")?,
        to: args.maybe_number(cx, "to_port")?,
        icmp: None,
    };
    let ports = match ports(&written) {
        Ok(ports) => ports,
        Err(what) => return args.fail(cx, "ip_protocol", what),
    };
    let mut peers: Vec<Peer> = Vec::new();
    peers.extend(either_block(cx, args, "cidr_ipv4", "cidr_ipv6")?.map(Peer::Block));
    peers.extend(
        args.maybe_id(cx, "referenced_security_group_id", &GROUP)?
            .map(Peer::Group),
    );
    match args.maybe_parts(cx, "prefix_list_id")?.as_deref() {
        None => {}
        Some([Part::Assigned(address, "id")]) if address.starts_with("prefix-list:") => {
            let name = address.strip_prefix("prefix-list:").unwrap_or_default();
            peers.push(Peer::PrefixList(name.to_owned()));
        }
        Some(_) => {
            return args.fail(
                cx,
                "prefix_list_id",
                "a reference to something else than a prefix list",
            );
        }
    }
    let place = args.place();
    match <[Peer; 1]>::try_from(peers) {
        Ok([peer]) => {
            cx.out.rules.push((
                group,
                GroupRule {
                    egress,
                    ports,
                    peer,
                    place,
                },
            ));
            Ok(())
        }
        Err(_) => args.fail_whole(cx, "a rule has exactly one peer"),
    }
}
