//! `aws_route53_zone` and its records.
//!
//! Source: Terraform AWS provider 6.25, the pages of both, read 2026-11-21.

use crate::sink::Class::{Enforcing, Name, Reference};
use crate::terraform::args::{VPC, Wanted};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, free, inert, nested, only, optional, required};
use crate::terraform::world::Part;

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
    address: |world, block| Some(world.module(block)?.address("zone", &world.text(block, "name")?)),
    gives: &[
        ("zone_id", Gives::Assigned("id")),
        ("id", Gives::Assigned("id")),
        ("name", Gives::Argument("name")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "zone")?;
        args.text(cx, "name")?;
        args.each(cx, "vpc", &mut |cx, args| {
            let network = args.id(cx, "vpc_id", &VPC)?;
            cx.refer(&address, network);
            Ok(())
        })
        .map(drop)
    },
};

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
        free("ttl"),
        optional("records", Enforcing),
        only("allow_overwrite", &["false"]),
        nested("alias", ALIAS),
    ],
    address: |world, block| {
        let (name, sort) = (world.text(block, "name")?, world.text(block, "type")?);
        Some(format!("record:{}/{name}/{sort}", world.named(block, "zone_id")?))
    },
    gives: &[("fqdn", Gives::Argument("name"))],
    read: |cx, args| {
        let address = object::declare(cx, args, "record")?;
        let zone = args.maybe_parts(cx, "zone_id")?;
        match zone.as_deref() {
            Some([Part::Assigned(zone, "id")]) if zone.starts_with(ZONE.head) => {}
            Some([Part::Text(id)]) if id.starts_with('Z') => {
                let place = args.place_of("zone_id");
                cx.rely(id, place);
            }
            _ => return args.fail(cx, "zone_id", "no zone"),
        }
        args.text(cx, "name")?;
        args.text(cx, "type")?;
        for record in args.texts(cx, "records")? {
            cx.refer(&address, format!("points-to:{record}"));
        }
        args.each(cx, "alias", &mut |cx, args| {
            for name in ["name", "zone_id"] {
                match args.maybe_parts(cx, name)?.as_deref() {
                    Some([Part::Text(text)]) => cx.refer(&address, format!("points-to:{text}")),
                    Some([Part::Assigned(target, _)]) => cx.refer(&address, target.to_string()),
                    _ => return args.fail(cx, name, "no target"),
                }
            }
            Ok(())
        })
        .map(drop)
    },
};
