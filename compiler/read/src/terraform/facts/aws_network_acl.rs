//! `aws_network_acl`, its rules and associations.
//!
//! A list is known by the subnets that use it. Source: Terraform AWS provider 6.25, "Resource: aws_network_acl" and the ones named after it;
//! Amazon VPC user guide, "Network ACL rules"; read 2026-11-21.

use crate::facts::network::{Acl, AclEntry};
use crate::json::Json;
use crate::sink::Class::{Enforcing, Reference};
use crate::terraform::addresses::{Written, either_block, ports};
use crate::terraform::args::{ACL, Args, SUBNET, VPC};
use crate::terraform::cx::{Cx, Parts, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, optional, or, required};
use crate::terraform::world::World;

pub(crate) const TYPE: Type = Type {
    name: "aws_network_acl",
    is_data: false,
    rows: &[required("vpc_id", Reference), optional("subnet_ids", Reference)],
    address: |world, block| {
        let subnets = subnets(world, block);
        Some(format!(
            "acl:{}",
            if subnets.is_empty() {
                world.unused(block)?
            } else {
                subnets.join("+")
            }
        ))
    },
    gives: &[("id", Gives::Assigned("id"))],
    read,
};

/// The subnets that use a list, sorted: its own say, and associations.
fn subnets(world: &World<'_>, list: usize) -> Vec<String> {
    let mut subnets: Vec<String> = world
        .parts_of(list)
        .iter()
        .filter_map(|part| world.named(*part, "subnet_id"))
        .collect();
    if let Some(Json::List(items)) = world.argument(list, "subnet_ids") {
        let module = world.blocks.get(list).map_or(0, |block| block.module);
        for item in items {
            let parts = item.text().and_then(|text| world.resolve(module, text).ok());
            subnets.extend(parts.and_then(|parts| match parts.as_slice() {
                [crate::terraform::world::Part::Assigned(address, _)] => Some(address.to_string()),
                [crate::terraform::world::Part::Text(id)] => Some(id.clone()),
                _ => None,
            }));
        }
    }
    subnets.sort_unstable();
    subnets.dedup();
    subnets
}

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "network-acl")?;
    let network = args.id(cx, "vpc_id", &VPC)?;
    args.ids(cx, "subnet_ids", &SUBNET)?;
    cx.in_line(args, &address, "subnet_ids", Parts::AclSubnets);
    let acl = Acl {
        network,
        subnets: subnets(cx.world, args.block),
        entries: Vec::new(),
        place: args.place(),
    };
    cx.out.acls.push((address, acl));
    Ok(())
}

/// Read with its list.
pub(crate) const ASSOCIATION: Type = Type {
    name: "aws_network_acl_association",
    is_data: false,
    rows: &[
        required("network_acl_id", Reference),
        required("subnet_id", Reference),
    ],
    address: |world, block| world.named(block, "network_acl_id"),
    gives: &[],
    read: |cx, args| {
        let list = args.id(cx, "network_acl_id", &ACL)?;
        cx.apart(&list, Parts::AclSubnets);
        let subnet = args.id(cx, "subnet_id", &SUBNET)?;
        if cx.out.listed.insert(subnet) {
            Ok(())
        } else {
            args.fail(cx, "subnet_id", "a second association of the same subnet")
        }
    },
};

const RULE_ROWS: &[Row] = &[
    required("network_acl_id", Reference),
    required("rule_number", Enforcing),
    required("rule_action", Enforcing),
    or("egress", Enforcing, "false"),
    required("protocol", Enforcing),
    optional("from_port", Enforcing),
    optional("to_port", Enforcing),
    optional("icmp_type", Enforcing),
    optional("icmp_code", Enforcing),
    optional("cidr_block", Enforcing),
    optional("ipv6_cidr_block", Enforcing),
];

pub(crate) const RULE: Type = Type {
    name: "aws_network_acl_rule",
    is_data: false,
    rows: RULE_ROWS,
    address: |world, block| world.named(block, "network_acl_id"),
    gives: &[],
    read: read_rule,
};

fn read_rule(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let list = args.id(cx, "network_acl_id", &ACL)?;
    let number = match u32::try_from(args.number(cx, "rule_number")?) {
        Ok(number @ 1..=32766) => number,
        Ok(_) | Err(_) => return args.fail(cx, "rule_number", "no number from 1 to 32766"),
    };
    let allow = match args.text(cx, "rule_action")?.as_str() {
        "allow" => true,
        "deny" => false,
        _ => return args.fail(cx, "rule_action", "neither `allow` nor `deny`"),
    };
    let written = Written {
        protocol: args.text(cx, "protocol")?,
        from: args.maybe_number(cx, "from_port")?,
        to: args.maybe_number(cx, "to_port")?,
        icmp: Some((
            args.maybe_number(cx, "icmp_type")?,
            args.maybe_number(cx, "icmp_code")?,
        )),
    };
    let has_types = matches!(
        written.protocol.to_ascii_lowercase().as_str(),
        "1" | "58" | "icmp" | "icmpv6" | "ipv6-icmp"
    );
    if !has_types && matches!(written.icmp, Some((Some(_), _) | (_, Some(_)))) {
        return args.fail(cx, "icmp_type", "a type of ICMP beside another protocol");
    }
    // The provider makes such an entry of the type alone; ports beside it have no meaning.
    let has_ports = written.from.is_some() || written.to.is_some();
    if has_types && (has_ports || matches!(written.icmp, Some((None, _)))) {
        return args.fail(
            cx,
            "icmp_type",
            "an entry for ICMP without its type, or with ports",
        );
    }
    let ports = match ports(&written) {
        Ok(ports) => ports,
        Err(what) => return args.fail(cx, "protocol", what),
    };
    let Some(block) = either_block(cx, args, "cidr_block", "ipv6_cidr_block")? else {
        return args.fail_whole(cx, "a rule without addresses");
    };
    let egress = args.flag(cx, "egress")?;
    let place = args.place();
    cx.out.entries.push((
        list,
        AclEntry {
            egress,
            number,
            allow,
            ports,
            block,
            place,
        },
    ));
    Ok(())
}
