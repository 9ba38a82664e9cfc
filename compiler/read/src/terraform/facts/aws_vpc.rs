//! `aws_vpc`: a network.
//!
//! Source: Terraform AWS provider 6.25, "Resource: aws_vpc"; Amazon VPC user guide, "VPC CIDR blocks"; read 2026-11-21.

use crate::facts::network::Vpc;
use crate::sink::Class::{Enforcing, Name};
use crate::terraform::addresses::maybe_block;
use crate::terraform::args::Args;
use crate::terraform::cx::{Cx, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, free_or, only, optional, or, required};
use crate::terraform::world::World;

const ROWS: &[Row] = &[
    required("cidr_block", Enforcing),
    optional("ipv6_cidr_block", Enforcing),
    only("assign_generated_ipv6_cidr_block", &["false"]),
    or("enable_dns_support", Enforcing, "true"),
    or("enable_dns_hostnames", Enforcing, "false"),
    only("instance_tenancy", &["default"]),
    free_or("enable_network_address_usage_metrics", "false"),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_vpc",
    is_data: false,
    rows: ROWS,
    address: |world, block| {
        Some(
            world
                .module(block)?
                .address("vpc", &world.text(block, "cidr_block")?),
        )
    },
    gives: &[
        ("id", Gives::Assigned("id")),
        ("cidr_block", Gives::Argument("cidr_block")),
    ],
    read,
};

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "network")?;
    let cidr = maybe_block(cx, args, "cidr_block", false)?;
    let cidr6 = maybe_block(cx, args, "ipv6_cidr_block", true)?;
    let dns = (
        args.flag(cx, "enable_dns_support")?,
        args.flag(cx, "enable_dns_hostnames")?,
    );
    let place = args.place();
    cx.out.network.networks.push(Vpc {
        address,
        cidr,
        cidr6,
        dns,
        existing: false,
        place,
    });
    Ok(())
}

/// Found by its id, or by its block, which is then the only one in account and region.
pub(crate) const DATA: Type = Type {
    name: "aws_vpc",
    is_data: true,
    rows: &[optional("id", Name), optional("cidr_block", Name)],
    address: data_address,
    gives: &[
        ("id", Gives::Assigned("id")),
        ("cidr_block", Gives::Argument("cidr_block")),
    ],
    read: read_data,
};

fn data_address(world: &World<'_>, block: usize) -> Option<String> {
    match world.text(block, "id") {
        Some(id) => Some(world.module(block)?.of_id(&id)),
        None => Some(
            world
                .module(block)?
                .address("vpc", &world.text(block, "cidr_block")?),
        ),
    }
}

fn read_data(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let id = args.maybe_text(cx, "id")?;
    let cidr = maybe_block(cx, args, "cidr_block", false)?;
    if id.is_some_and(|id| !id.starts_with("vpc-")) {
        return args.fail(cx, "id", "no id of a network");
    }
    super::rely_on_network(cx, args, cidr)
}
