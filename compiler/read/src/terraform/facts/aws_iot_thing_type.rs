//! `aws_iot_thing_type`, `aws_iot_thing_group`, `aws_iot_role_alias`.
//!
//! Source: Terraform AWS provider 6.25, the pages of these, read 2026-11-21.

use crate::facts::object::Setting;
use crate::sink::Class::{Name, Reference, Setting as Settings};
use crate::terraform::object;
use crate::terraform::row::{Gives, Type, free, inert, nested, only, optional, or, required};

pub(crate) const TYPE: Type = Type {
    name: "aws_iot_thing_type",
    is_data: false,
    rows: &[
        required("name", Name),
        only("deprecated", &["false"]),
        nested(
            "properties",
            &[inert("description"), free("searchable_attributes")],
        ),
    ],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .arn("iot", &format!("thingtype/{}", world.text(block, "name")?)),
        )
    },
    gives: &[
        ("arn", Gives::Address),
        ("name", Gives::Argument("name")),
        ("id", Gives::Argument("name")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "thing-type")?;
        let name = args.text(cx, "name")?;
        let place = args.place();
        cx.measure("iot.name.thing-type", &address, name.chars().count(), place);
        args.each(cx, "properties", &mut |_, _| Ok(())).map(drop)
    },
};

pub(crate) const GROUP: Type = Type {
    name: "aws_iot_thing_group",
    is_data: false,
    rows: &[
        required("name", Name),
        optional("parent_group_name", Reference),
        nested(
            "properties",
            &[
                inert("description"),
                nested("attribute_payload", &[free("attributes")]),
            ],
        ),
    ],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .arn("iot", &format!("thinggroup/{}", world.text(block, "name")?)),
        )
    },
    gives: &[
        ("arn", Gives::Address),
        ("name", Gives::Argument("name")),
        ("id", Gives::Argument("name")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "thing-group")?;
        let name = args.text(cx, "name")?;
        let place = args.place();
        cx.measure("iot.name.thing-group", &address, name.chars().count(), place);
        if let Some(parent) = args.maybe_text(cx, "parent_group_name")? {
            let parent = cx.module(args.block)?.arn("iot", &format!("thinggroup/{parent}"));
            cx.refer(&address, parent);
        }
        args.each(cx, "properties", &mut |cx, args| {
            args.each(cx, "attribute_payload", &mut |_, _| Ok(())).map(drop)
        })
        .map(drop)
    },
};

pub(crate) const ROLE_ALIAS: Type = Type {
    name: "aws_iot_role_alias",
    is_data: false,
    rows: &[
        required("alias", Name),
        required("role_arn", Reference),
        or("credential_duration", Settings, "3600"),
    ],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .arn("iot", &format!("rolealias/{}", world.text(block, "alias")?)),
        )
    },
    gives: &[
        ("arn", Gives::Address),
        ("alias", Gives::Argument("alias")),
        ("id", Gives::Argument("alias")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "role-alias")?;
        let name = args.text(cx, "alias")?;
        let role = args.text(cx, "role_arn")?;
        cx.refer(&address, role);
        let seconds = args.number(cx, "credential_duration")?;
        let place = args.place();
        cx.measure(
            "iot.name.role-alias",
            &address,
            name.chars().count(),
            place.clone(),
        );
        cx.set(&address, Setting::SessionSeconds, seconds.to_string(), place);
        Ok(())
    },
};
