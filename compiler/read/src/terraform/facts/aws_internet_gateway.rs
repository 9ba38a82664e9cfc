//! `aws_internet_gateway` and `aws_egress_only_internet_gateway`: ways out of a network.
//!
//! Source: Terraform AWS provider 6.25, "Resource: aws_internet_gateway", read 2026-11-21.

use crate::facts::network::{Gateway, GatewaySort};
use crate::sink::Class::Reference;
use crate::terraform::args::{Args, VPC};
use crate::terraform::cx::{Cx, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, required};

const ROWS: &[Row] = &[required("vpc_id", Reference)];

pub(crate) const TYPE: Type = Type {
    name: "aws_internet_gateway",
    is_data: false,
    rows: ROWS,
    address: |world, block| Some(format!("igw:{}", world.named(block, "vpc_id")?)),
    gives: &[("id", Gives::Assigned("id"))],
    read: |cx, args| read(cx, args, GatewaySort::Internet),
};

pub(crate) const EGRESS_ONLY: Type = Type {
    name: "aws_egress_only_internet_gateway",
    is_data: false,
    rows: ROWS,
    address: |world, block| Some(format!("eigw:{}", world.named(block, "vpc_id")?)),
    gives: &[("id", Gives::Assigned("id"))],
    read: |cx, args| read(cx, args, GatewaySort::EgressOnly),
};

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, sort: GatewaySort) -> Read<()> {
    let address = object::declare(cx, args, "gateway")?;
    let network = args.id(cx, "vpc_id", &VPC)?;
    let place = args.place();
    cx.gateway(Gateway {
        address,
        network,
        sort,
        place,
    });
    Ok(())
}
