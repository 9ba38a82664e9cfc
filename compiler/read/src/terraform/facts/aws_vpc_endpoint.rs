//! `aws_vpc_endpoint`, its policy, and what is joined to it elsewhere; `aws_prefix_list`.
//!
//! An endpoint without a policy lets everything through, for everybody; an interface without groups bears the network's default one. Source: Terraform AWS
//! provider 6.25, "Resource: aws_vpc_endpoint" and the ones named after it; AWS PrivateLink guide, "Endpoint policies"; read 2026-11-21.

use crate::documents::Kind;
use crate::facts::document::Guard;
use crate::facts::network::ServiceEndpoint;
use crate::sink::Class::{Enforcing, Name, Reference};
use crate::terraform::args::{Args, ENDPOINT, GROUP, SUBNET, TABLE, VPC};
use crate::terraform::cx::{Cx, EndpointPart, Measured, Parts, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, Values, free, needed, nested, only, optional, or, required};
use crate::terraform::world::World;

const ROWS: &[Row] = &[
    required("vpc_id", Reference),
    required("service_name", Enforcing),
    or("vpc_endpoint_type", Enforcing, "Gateway"),
    or("private_dns_enabled", Enforcing, "false"),
    optional("subnet_ids", Reference),
    optional("security_group_ids", Reference),
    optional("route_table_ids", Reference),
    optional("policy", Enforcing),
    only("auto_accept", &["false", "true"]),
    only("ip_address_type", &["ipv4", "ipv6", "dualstack"]),
    nested(
        "dns_options",
        &[
            free("dns_record_ip_type"),
            // One value is left, which is no choice.
            Row {
                held: false,
                ..needed(
                    "private_dns_only_for_inbound_resolver_endpoint",
                    Values::Words(&["false"]),
                )
            },
        ],
    ),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_vpc_endpoint",
    is_data: false,
    rows: ROWS,
    address,
    gives: &[
        ("id", Gives::Assigned("id")),
        ("prefix_list_id", Gives::AssignedOf(prefix_list, "id")),
        ("dns_entry[0].dns_name", Gives::Assigned("dns_name")),
        ("dns_entry[0].hosted_zone_id", Gives::Assigned("zone_id")),
    ],
    read,
};

fn address(world: &World<'_>, block: usize) -> Option<String> {
    let region = &world.module(block)?.region;
    let name = world.text(block, "service_name")?;
    Some(format!(
        "vpce:{}/{}",
        world.named(block, "vpc_id")?,
        service(region, &name)?
    ))
}

fn prefix_list(world: &World<'_>, block: usize) -> Option<String> {
    Some(format!("prefix-list:{}", world.text(block, "service_name")?))
}

/// `com.amazonaws.REGION.SERVICE`.
fn service<'n>(region: &str, name: &'n str) -> Option<&'n str> {
    let rest = name.strip_prefix("com.amazonaws.")?.strip_prefix(region)?;
    rest.strip_prefix('.').filter(|service| !service.is_empty())
}

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "endpoint")?;
    let network = args.id(cx, "vpc_id", &VPC)?;
    let name = args.text(cx, "service_name")?;
    let region = cx.module(args.block)?.region.clone();
    let Some(service) = service(&region, &name).map(str::to_owned) else {
        return args.fail(
            cx,
            "service_name",
            format!("`{name}` is no service of this region"),
        );
    };
    let interface = match args.text(cx, "vpc_endpoint_type")?.as_str() {
        "Gateway" => false,
        "Interface" => true,
        _ => return args.fail(cx, "vpc_endpoint_type", "neither `Gateway` nor `Interface`"),
    };
    let options = args.each(cx, "dns_options", &mut |_, _| Ok(()))?;
    let private_names = args.flag(cx, "private_dns_enabled")?;
    // By itself, S3 resolves in private for resolvers of other networks only, and needs an endpoint of the other sort for that.
    if interface && private_names && service == "s3" && options == 0 {
        return args.fail_whole(cx, "private names of S3 without saying for whom");
    }
    let place = args.place();
    for (name, parts) in [
        ("subnet_ids", Parts::EndpointSubnets),
        ("security_group_ids", Parts::EndpointGroups),
        ("route_table_ids", Parts::EndpointTables),
    ] {
        cx.in_line(args, &address, name, parts);
    }
    for table in args.ids(cx, "route_table_ids", &TABLE)?.unwrap_or_default() {
        cx.out
            .endpoint_parts
            .push((address.clone(), EndpointPart::Table(table), place.clone()));
    }
    let endpoint = ServiceEndpoint {
        address: address.clone(),
        network,
        service,
        interface,
        subnets: args.ids(cx, "subnet_ids", &SUBNET)?.unwrap_or_default(),
        groups: args.ids(cx, "security_group_ids", &GROUP)?.unwrap_or_default(),
        private_names,
        place: place.clone(),
    };
    cx.endpoint(endpoint);
    if let Some(text) = args.maybe_wide(cx, "policy")? {
        let place = args.place_of("policy");
        policy(cx, &address, text, place);
    }
    Ok(())
}

fn policy(cx: &mut Cx<'_, '_>, address: &str, text: String, place: crate::facts::Place) {
    if !cx.out.endpoint_policies.insert(address.to_owned()) {
        cx.unread(place, "a second policy of the same endpoint");
        return;
    }
    let guard = Guard::Endpoint(address.to_owned());
    cx.policy(
        guard,
        Kind::Resource,
        text,
        Measured::Characters("ec2.vpc-endpoint.policy"),
        place,
    );
}

/// Found by network and service.
pub(crate) const DATA: Type = Type {
    name: "aws_vpc_endpoint",
    is_data: true,
    rows: &[required("vpc_id", Reference), required("service_name", Name)],
    address,
    gives: &[("id", Gives::Assigned("id"))],
    read: |cx, args| {
        args.id(cx, "vpc_id", &VPC)?;
        args.text(cx, "service_name").map(drop)
    },
};

pub(crate) const POLICY: Type = Type {
    name: "aws_vpc_endpoint_policy",
    is_data: false,
    rows: &[
        required("vpc_endpoint_id", Reference),
        required("policy", Enforcing),
    ],
    address: |world, block| world.named(block, "vpc_endpoint_id"),
    gives: &[],
    read: |cx, args| {
        let address = args.id(cx, "vpc_endpoint_id", &ENDPOINT)?;
        if let Some(text) = args.maybe_wide(cx, "policy")? {
            let place = args.place_of("policy");
            policy(cx, &address, text, place);
        }
        Ok(())
    },
};

pub(crate) const TABLE_ASSOCIATION: Type = Type {
    name: "aws_vpc_endpoint_route_table_association",
    is_data: false,
    rows: &[
        required("vpc_endpoint_id", Reference),
        required("route_table_id", Reference),
    ],
    address: |world, block| world.named(block, "vpc_endpoint_id"),
    gives: &[],
    read: |cx, args| {
        let table = args.id(cx, "route_table_id", &TABLE)?;
        join(cx, args, EndpointPart::Table(table))
    },
};

pub(crate) const SUBNET_ASSOCIATION: Type = Type {
    name: "aws_vpc_endpoint_subnet_association",
    is_data: false,
    rows: &[
        required("vpc_endpoint_id", Reference),
        required("subnet_id", Reference),
    ],
    address: |world, block| world.named(block, "vpc_endpoint_id"),
    gives: &[],
    read: |cx, args| {
        let subnet = args.id(cx, "subnet_id", &SUBNET)?;
        join(cx, args, EndpointPart::Subnet(subnet))
    },
};

pub(crate) const GROUP_ASSOCIATION: Type = Type {
    name: "aws_vpc_endpoint_security_group_association",
    is_data: false,
    rows: &[
        required("vpc_endpoint_id", Reference),
        required("security_group_id", Reference),
        only("replace_default_association", &["false"]),
    ],
    address: |world, block| world.named(block, "vpc_endpoint_id"),
    gives: &[],
    read: |cx, args| {
        let group = args.id(cx, "security_group_id", &GROUP)?;
        join(cx, args, EndpointPart::Group(group))
    },
};

fn join(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, part: EndpointPart) -> Read<()> {
    let endpoint = args.id(cx, "vpc_endpoint_id", &ENDPOINT)?;
    let parts = match &part {
        EndpointPart::Subnet(_) => Parts::EndpointSubnets,
        EndpointPart::Group(_) => Parts::EndpointGroups,
        EndpointPart::Table(_) => Parts::EndpointTables,
    };
    cx.apart(&endpoint, parts);
    let place = args.place();
    cx.out.endpoint_parts.push((endpoint, part, place));
    Ok(())
}

/// A list of a service's public addresses, which the provider keeps.
pub(crate) const PREFIX_LIST: Type = Type {
    name: "aws_prefix_list",
    is_data: true,
    rows: &[required("name", Name)],
    address: |world, block| Some(format!("prefix-list:{}", world.text(block, "name")?)),
    gives: &[("id", Gives::Assigned("id"))],
    read: |cx, args| args.text(cx, "name").map(drop),
};
