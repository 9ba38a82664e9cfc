//! `aws_nat_gateway` and the `aws_eip` that it translates to.
//!
//! Source: Terraform AWS provider 6.25, "Resource: aws_nat_gateway", "Resource: aws_eip", read 2026-11-21.

use crate::facts::network::{Gateway, GatewaySort};
use crate::sink::Class::{Enforcing, Reference};
use crate::terraform::args::{Args, SUBNET, Wanted};
use crate::terraform::cx::{Cx, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, only, or, required};
use crate::terraform::world::World;

const ROWS: &[Row] = &[
    required("subnet_id", Reference),
    required("allocation_id", Reference),
    only("connectivity_type", &["public"]),
];

const EIP: Wanted = Wanted {
    head: "eip:",
    attribute: "id",
    id: "eipalloc-",
};

pub(crate) const TYPE: Type = Type {
    name: "aws_nat_gateway",
    is_data: false,
    rows: ROWS,
    address: |world, block| Some(format!("nat:{}", world.named(block, "subnet_id")?)),
    gives: &[("id", Gives::Assigned("id"))],
    read,
};

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "gateway")?;
    let subnet = args.id(cx, "subnet_id", &SUBNET)?;
    args.id(cx, "allocation_id", &EIP)?;
    let place = args.place();
    // The network is the subnet's, which may be declared in a later file.
    cx.out.translations.push((
        subnet,
        Gateway {
            address,
            network: String::new(),
            sort: GatewaySort::Translation,
            place,
        },
    ));
    Ok(())
}

/// Named after the gateway that uses it: it has no name of its own.
pub(crate) const ADDRESS: Type = Type {
    name: "aws_eip",
    is_data: false,
    rows: &[or("domain", Enforcing, "vpc")],
    address: eip_address,
    gives: &[
        ("id", Gives::Assigned("id")),
        ("allocation_id", Gives::Assigned("id")),
    ],
    read: |cx, args| {
        object::declare(cx, args, "public-address")?;
        match args.text(cx, "domain")?.as_str() {
            "vpc" => Ok(()),
            other => args.fail(cx, "domain", format!("the value `{other}`")),
        }
    },
};

fn eip_address(world: &World<'_>, block: usize) -> Option<String> {
    match world.parts_of(block) {
        [gateway] => Some(format!("eip:nat:{}", world.named(*gateway, "subnet_id")?)),
        [] => Some(format!("eip:{}", world.unused(block)?)),
        _ => None,
    }
}
