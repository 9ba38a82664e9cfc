//! `aws_route_table`, its associations, routes and propagations.
//!
//! A table is known by the subnets that use it. Source: Terraform AWS provider 6.25, "Resource: aws_route_table" and the ones named after it;
//! Amazon VPC user guide, "Route tables"; read 2026-11-21.

use crate::facts::network::{Attachment, Gateway, GatewaySort, Route, RouteTable};
use crate::sink::Class::{Enforcing, Reference};
use crate::terraform::addresses::either_block;
use crate::terraform::args::{Args, SUBNET, TABLE, VPC, Wanted};
use crate::terraform::cx::{Cx, Parts, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, optional, required};
use crate::terraform::world::World;

/// A gateway of a route, by what its address or id starts with.
const INTERNET: Wanted = Wanted {
    head: "igw:",
    attribute: "id",
    id: "igw-",
};
const EGRESS_ONLY: Wanted = Wanted {
    head: "eigw:",
    attribute: "id",
    id: "eigw-",
};
const TRANSLATION: Wanted = Wanted {
    head: "nat:",
    attribute: "id",
    id: "nat-",
};
/// Never created, so that only its id names it.
const SITE: Wanted = Wanted {
    head: "vgw:",
    attribute: "id",
    id: "vgw-",
};
const TRANSIT: Wanted = Wanted {
    head: "tgw:",
    attribute: "id",
    id: "tgw-",
};

pub(crate) const TYPE: Type = Type {
    name: "aws_route_table",
    is_data: false,
    rows: &[
        required("vpc_id", Reference),
        optional("propagating_vgws", Reference),
    ],
    address: |world, block| {
        let subnets = subnets(world, block);
        Some(format!(
            "route-table:{}",
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

/// The subnets that are associated with a table, sorted.
fn subnets(world: &World<'_>, table: usize) -> Vec<String> {
    let mut subnets: Vec<String> = world
        .parts_of(table)
        .iter()
        .filter_map(|part| world.named(*part, "subnet_id"))
        .collect();
    subnets.sort_unstable();
    subnets.dedup();
    subnets
}

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "route-table")?;
    let network = args.id(cx, "vpc_id", &VPC)?;
    cx.in_line(args, &address, "propagating_vgws", Parts::Propagations);
    for site in args.ids(cx, "propagating_vgws", &SITE)?.unwrap_or_default() {
        cx.out.propagations.push((address.clone(), site));
    }
    let table = RouteTable {
        network,
        subnets: subnets(cx.world, args.block),
        routes: Vec::new(),
        propagating: Vec::new(),
        place: args.place(),
    };
    cx.out.tables.push((address, table));
    Ok(())
}

/// The table that a subnet uses.
pub(crate) const DATA: Type = Type {
    name: "aws_route_table",
    is_data: true,
    rows: &[required("subnet_id", Reference)],
    address: |world, block| Some(format!("route-table:{}", world.named(block, "subnet_id")?)),
    gives: &[
        ("id", Gives::Assigned("id")),
        ("route_table_id", Gives::Assigned("id")),
    ],
    read: |cx, args| args.id(cx, "subnet_id", &SUBNET).map(drop),
};

/// Read with its table.
pub(crate) const ASSOCIATION: Type = Type {
    name: "aws_route_table_association",
    is_data: false,
    rows: &[
        required("route_table_id", Reference),
        required("subnet_id", Reference),
    ],
    address: |world, block| world.named(block, "route_table_id"),
    gives: &[],
    read: |cx, args| {
        let table = args.id(cx, "route_table_id", &TABLE)?;
        let subnet = args.id(cx, "subnet_id", &SUBNET)?;
        let place = args.place();
        cx.out.associations.push((table, subnet, place));
        Ok(())
    },
};

const ROUTE_ROWS: &[Row] = &[
    required("route_table_id", Reference),
    optional("destination_cidr_block", Enforcing),
    optional("destination_ipv6_cidr_block", Enforcing),
    optional("gateway_id", Reference),
    optional("nat_gateway_id", Reference),
    optional("egress_only_gateway_id", Reference),
    optional("transit_gateway_id", Reference),
];

pub(crate) const ROUTE: Type = Type {
    name: "aws_route",
    is_data: false,
    rows: ROUTE_ROWS,
    address: |world, block| world.named(block, "route_table_id"),
    gives: &[],
    read: read_route,
};

fn read_route(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let table = args.id(cx, "route_table_id", &TABLE)?;
    let Some(to) = either_block(cx, args, "destination_cidr_block", "destination_ipv6_cidr_block")? else {
        return args.fail_whole(cx, "a route without a destination");
    };
    let mut via = Vec::new();
    let is_site = cx
        .world
        .text(args.block, "gateway_id")
        .is_some_and(|id| id.starts_with("vgw-"));
    let gateway = if is_site { SITE } else { INTERNET };
    for (name, wanted) in [
        ("gateway_id", gateway),
        ("nat_gateway_id", TRANSLATION),
        ("egress_only_gateway_id", EGRESS_ONLY),
        ("transit_gateway_id", TRANSIT),
    ] {
        via.extend(args.maybe_id(cx, name, &wanted)?);
    }
    let place = args.place();
    match via.as_slice() {
        [via] => {
            cx.site(via, &table, &place);
            cx.out.routes.push((
                table,
                Route {
                    to,
                    via: via.clone(),
                    place,
                },
            ));
            Ok(())
        }
        _ => args.fail_whole(cx, "a route has exactly one gateway"),
    }
}

pub(crate) const PROPAGATION: Type = Type {
    name: "aws_vpn_gateway_route_propagation",
    is_data: false,
    rows: &[
        required("vpn_gateway_id", Reference),
        required("route_table_id", Reference),
    ],
    address: |world, block| world.named(block, "route_table_id"),
    gives: &[],
    read: |cx, args| {
        let site = args.id(cx, "vpn_gateway_id", &SITE)?;
        let table = args.id(cx, "route_table_id", &TABLE)?;
        let place = args.place();
        cx.site(&site, &table, &place);
        cx.apart(&table, Parts::Propagations);
        cx.out.propagations.push((table, site));
        Ok(())
    },
};

/// A gateway to a site, by its id.
pub(crate) const SITE_DATA: Type = Type {
    name: "aws_vpn_gateway",
    is_data: true,
    rows: &[required("id", crate::sink::Class::Name)],
    address: |world, block| world.text(block, "id"),
    gives: &[("id", Gives::Assigned("id"))],
    read: |cx, args| {
        let id = args.text(cx, "id")?;
        if id.starts_with("vgw-") {
            Ok(())
        } else {
            args.fail(cx, "id", "no id of a gateway")
        }
    },
};

/// Joins a gateway to a network, which has at most one.
pub(crate) const ATTACHMENT: Type = Type {
    name: "aws_vpn_gateway_attachment",
    is_data: false,
    rows: &[
        required("vpc_id", Reference),
        required("vpn_gateway_id", Reference),
    ],
    address: |world, block| Some(format!("attachment:{}", world.named(block, "vpc_id")?)),
    gives: &[("vpn_gateway_id", Gives::Argument("vpn_gateway_id"))],
    read: |cx, args| {
        object::declare(cx, args, "attachment")?;
        let network = args.id(cx, "vpc_id", &VPC)?;
        let gateway = args.id(cx, "vpn_gateway_id", &SITE)?;
        let place = args.place();
        cx.out.network.attachments.push(Attachment {
            network,
            gateway,
            place,
        });
        Ok(())
    },
};

impl Cx<'_, '_> {
    /// A gateway that is never created: to a site, or another that an id names. Its network is that of the table.
    fn site(&mut self, via: &str, table: &str, place: &crate::facts::Place) {
        let sort = match via.split_once('-') {
            Some(("vgw" | "tgw", _)) => GatewaySort::Site,
            Some(("igw", _)) => GatewaySort::Internet,
            Some(("eigw", _)) => GatewaySort::EgressOnly,
            Some(("nat", _)) => GatewaySort::Translation,
            Some(_) | None => return,
        };
        if !via.contains(':') {
            let gateway = Gateway {
                address: via.to_owned(),
                network: String::new(),
                sort,
                place: place.clone(),
            };
            self.out.sites.push((table.to_owned(), gateway));
        }
    }
}
