//! `aws_iot_policy` and what it is attached to.
//!
//! Source: Terraform AWS provider 6.25, the pages of both, read 2026-11-21.

use crate::documents::Kind;
use crate::facts::document::Guard;
use crate::sink::Class::{Enforcing, Name, Reference};
use crate::terraform::cx::Measured;
use crate::terraform::object;
use crate::terraform::row::{Gives, Type, required};

pub(crate) const TYPE: Type = Type {
    name: "aws_iot_policy",
    is_data: false,
    rows: &[required("name", Name), required("policy", Enforcing)],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .arn("iot", &format!("policy/{}", world.text(block, "name")?)),
        )
    },
    gives: &[
        ("arn", Gives::Address),
        ("name", Gives::Argument("name")),
        ("id", Gives::Argument("name")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "device-policy")?;
        let name = args.text(cx, "name")?;
        let place = args.place();
        cx.measure("iot.name.policy", &address, name.chars().count(), place);
        let text = args.maybe_wide(cx, "policy")?.unwrap_or_default();
        let place = args.place_of("policy");
        cx.policy(
            Guard::Device(address),
            Kind::Iot,
            text,
            Measured::Dense("iot.policy.document"),
            place,
        );
        Ok(())
    },
};

/// To a group of things: certificates are not emitted.
pub(crate) const ATTACHMENT: Type = Type {
    name: "aws_iot_policy_attachment",
    is_data: false,
    rows: &[required("policy", Reference), required("target", Reference)],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .arn("iot", &format!("policy/{}", world.text(block, "policy")?)),
        )
    },
    gives: &[],
    read: |cx, args| {
        args.text(cx, "policy")?;
        let address = object::own(cx, args)?;
        let target = args.text(cx, "target")?;
        if !target.contains(":thinggroup/") {
            return args.fail(cx, "target", "no group of things");
        }
        cx.refer(&address, format!("attached-to:{target}"));
        Ok(())
    },
};
