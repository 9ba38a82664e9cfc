//! `aws_subnet`: a subnet.
//!
//! Source: Terraform AWS provider 6.25, "Resource: aws_subnet", read 2026-11-21.

use crate::facts::network::Subnet;
use crate::sink::Class::{Enforcing, Name, Reference};
use crate::terraform::addresses::maybe_block;
use crate::terraform::args::{Args, VPC};
use crate::terraform::cx::{Cx, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, free, free_or, only, optional, or, required};
use crate::terraform::world::World;

const ROWS: &[Row] = &[
    required("vpc_id", Reference),
    required("cidr_block", Enforcing),
    optional("ipv6_cidr_block", Enforcing),
    required("availability_zone", Enforcing),
    or("map_public_ip_on_launch", Enforcing, "false"),
    free_or("assign_ipv6_address_on_creation", "false"),
    only("ipv6_native", &["false"]),
    only("enable_dns64", &["false"]),
    free("private_dns_hostname_type_on_launch"),
    free_or("enable_resource_name_dns_a_record_on_launch", "false"),
    free_or("enable_resource_name_dns_aaaa_record_on_launch", "false"),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_subnet",
    is_data: false,
    rows: ROWS,
    address: |world, block| {
        Some(
            world
                .module(block)?
                .address("subnet", &world.text(block, "cidr_block")?),
        )
    },
    gives: &[
        ("id", Gives::Assigned("id")),
        ("cidr_block", Gives::Argument("cidr_block")),
    ],
    read,
};

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "subnet")?;
    let subnet = Subnet {
        address,
        network: args.id(cx, "vpc_id", &VPC)?,
        cidr: maybe_block(cx, args, "cidr_block", false)?,
        cidr6: maybe_block(cx, args, "ipv6_cidr_block", true)?,
        zone: args.text(cx, "availability_zone")?,
        public_addresses: args.flag(cx, "map_public_ip_on_launch")?,
        existing: false,
        place: args.place(),
    };
    cx.out.network.subnets.push(subnet);
    Ok(())
}

/// Found by its id, or by network and block.
pub(crate) const DATA: Type = Type {
    name: "aws_subnet",
    is_data: true,
    rows: &[
        optional("id", Name),
        optional("vpc_id", Reference),
        optional("cidr_block", Name),
    ],
    address: data_address,
    gives: &[
        ("id", Gives::Assigned("id")),
        ("cidr_block", Gives::Argument("cidr_block")),
    ],
    read: read_data,
};

fn data_address(world: &World<'_>, block: usize) -> Option<String> {
    match world.text(block, "id") {
        Some(id) => Some(id),
        None => Some(
            world
                .module(block)?
                .address("subnet", &world.text(block, "cidr_block")?),
        ),
    }
}

fn read_data(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let id = args.maybe_text(cx, "id")?;
    let network = args.maybe_id(cx, "vpc_id", &VPC)?;
    let cidr = maybe_block(cx, args, "cidr_block", false)?;
    if id.as_ref().is_some_and(|id| !id.starts_with("subnet-")) {
        return args.fail(cx, "id", "no id of a subnet");
    }
    if id.is_none() && network.is_none() {
        return args.fail_whole(cx, "a subnet is found by its id, or by network and block");
    }
    let address = object::own(cx, args)?;
    if !cx.emits(&address) {
        let place = args.place();
        cx.existing_subnet(Subnet {
            address,
            network: network.unwrap_or_default(),
            cidr,
            cidr6: None,
            zone: String::new(),
            public_addresses: false,
            existing: true,
            place,
        });
    }
    Ok(())
}
