//! `aws_route53_zone` and its records.
//!
//! A zone with networks answers in these alone, and there hides every public name under its own. Source: Terraform AWS provider
//! 6.25, the pages of both; Amazon Route 53 developer guide, "Working with private hosted zones"; read 2026-11-21.

use crate::facts::network::{HostName, Zone};
use crate::json::Json;
use crate::sink::Class::{Enforcing, Name, Reference};
use crate::terraform::args::{Args, VPC, Wanted};
use crate::terraform::cx::{Cx, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, free, inert, nested, only, optional, required};
use crate::terraform::world::{Part, World, text_or_key};

const ZONE: Wanted = Wanted {
    head: "zone:",
    attribute: "id",
    id: "",
};

pub(crate) const TYPE: Type = Type {
    name: "aws_route53_zone",
    is_data: false,
    rows: &[
        required("name", Name),
        only("force_destroy", &["false"]),
        inert("comment"),
        nested("vpc", &[required("vpc_id", Reference), free("vpc_region")]),
    ],
    address,
    gives: &[
        ("zone_id", Gives::Assigned("id")),
        ("id", Gives::Assigned("id")),
        ("name", Gives::Argument("name")),
    ],
    read,
};

/// Zones of one name live beside each other in different networks.
fn address(world: &World<'_>, block: usize) -> Option<String> {
    let name = world.text_or_key(block, "name")?;
    let at = match world.argument(block, "vpc") {
        None => "everybody".to_owned(),
        Some(Json::List(networks)) => network(world, block, networks.first()?)?,
        Some(one) => network(world, block, one)?,
    };
    Some(world.module(block)?.address("zone", &format!("{at}/{name}")))
}

fn network(world: &World<'_>, block: usize, nested: &Json<'_>) -> Option<String> {
    let Json::Object(members) = nested else {
        return None;
    };
    let (_, id) = members.iter().find(|(name, _)| name == "vpc_id")?;
    let module = world.blocks.get(block)?.module;
    match world.resolve(module, id.text()?).ok()?.as_slice() {
        [Part::Assigned(address, _)] => Some(address.to_string()),
        [Part::Text(id)] => Some(id.clone()),
        _ => None,
    }
}

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "zone")?;
    let name = name(cx, args)?;
    let mut networks = Vec::new();
    args.each(cx, "vpc", &mut |cx, args| {
        networks.push(args.id(cx, "vpc_id", &VPC)?);
        Ok(())
    })?;
    networks.sort_unstable();
    let place = args.place();
    cx.out.network.zones.push(Zone {
        address,
        name,
        networks,
        place,
    });
    Ok(())
}

fn name(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<String> {
    let parts = args.maybe_parts(cx, "name")?.unwrap_or_default();
    match text_or_key(&parts) {
        Some(name) => Ok(name),
        None => args.fail(cx, "name", "neither a text nor one assigned value"),
    }
}

const ALIAS: &[Row] = &[
    required("name", Reference),
    required("zone_id", Reference),
    free("evaluate_target_health"),
];

pub(crate) const RECORD: Type = Type {
    name: "aws_route53_record",
    is_data: false,
    rows: &[
        required("zone_id", Reference),
        required("name", Name),
        required("type", Enforcing),
        // How long an answer is remembered.
        Row {
            held: false,
            ..free("ttl")
        },
        optional("records", Enforcing),
        only("allow_overwrite", &["false"]),
        nested("alias", ALIAS),
    ],
    address: |world, block| {
        let (name, sort) = (world.text_or_key(block, "name")?, world.text(block, "type")?);
        Some(format!("record:{}/{name}/{sort}", world.named(block, "zone_id")?))
    },
    gives: &[("fqdn", Gives::Argument("name"))],
    read: record,
};

fn record(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "record")?;
    let zone = match args.maybe_parts(cx, "zone_id")?.as_deref() {
        Some([Part::Assigned(zone, "id")]) if zone.starts_with(ZONE.head) => zone.to_string(),
        Some([Part::Text(id)]) if id.starts_with('Z') => {
            let place = args.place_of("zone_id");
            cx.rely(id, place);
            id.clone()
        }
        _ => return args.fail(cx, "zone_id", "no zone"),
    };
    let name = name(cx, args)?;
    let sort = args.text(cx, "type")?;
    let mut targets: Vec<String> = args
        .texts(cx, "records")?
        .into_iter()
        .map(|record| format!("points-to:{record}"))
        .collect();
    let aliases = args.each(cx, "alias", &mut |cx, args| {
        let name = args.maybe_parts(cx, "name")?;
        let zone = args.maybe_parts(cx, "zone_id")?;
        match (name.as_deref(), zone.as_deref()) {
            (Some([Part::Text(name)]), Some([Part::Text(_)])) => targets.push(format!("points-to:{name}")),
            (Some([Part::Assigned(target, "dns_name")]), Some([Part::Assigned(zone, "zone_id")]))
                if target == zone =>
            {
                targets.push(target.to_string());
            }
            _ => return args.fail_whole(cx, "name and zone of an alias are not those of one target"),
        }
        Ok(())
    })?;
    if aliases > 0 && (args.is_said("ttl") || args.is_said("records")) {
        return args.fail(
            cx,
            "alias",
            "an alias beside what the provider does not take with it",
        );
    }
    targets.sort_unstable();
    let place = args.place();
    cx.out.network.names.push(HostName {
        address,
        zone,
        name,
        sort,
        targets,
        place,
    });
    Ok(())
}
