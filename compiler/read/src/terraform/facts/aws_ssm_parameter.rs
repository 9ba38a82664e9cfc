//! `aws_ssm_parameter`: a parameter.
//!
//! Source: Terraform AWS provider 6.25, "Resource: aws_ssm_parameter", read 2026-11-21.

use crate::facts::object::Setting;
use crate::sink::Class::{Name, Reference, Setting as Settings};
use crate::terraform::row::{Gives, Type, free, inert, optional, required};
use crate::terraform::{keyed, object};

pub(crate) const TYPE: Type = Type {
    name: "aws_ssm_parameter",
    is_data: false,
    rows: &[
        required("name", Name),
        required("type", Settings),
        optional("key_id", Reference),
        free("value"),
        free("value_wo"),
        free("value_wo_version"),
        free("tier"),
        free("data_type"),
        free("allowed_pattern"),
        inert("description"),
    ],
    address: |world, block| {
        let name = world.text(block, "name")?;
        Some(world.module(block)?.arn(
            "ssm",
            &format!("parameter/{}", name.strip_prefix('/').unwrap_or(&name)),
        ))
    },
    gives: &[
        ("arn", Gives::Address),
        ("name", Gives::Argument("name")),
        ("id", Gives::Argument("name")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "parameter")?;
        args.text(cx, "name")?;
        let key = keyed::maybe_key(cx, args, "key_id")?;
        let key = match (args.text(cx, "type")?.as_str(), key) {
            ("SecureString", Some(key)) => key,
            ("SecureString", None) => keyed::PROVIDER.to_owned(),
            ("String" | "StringList", None) => keyed::NONE.to_owned(),
            _ => return args.fail(cx, "type", "a type that does not go with the key"),
        };
        let place = args.place();
        cx.set(&address, Setting::EncryptionKey, key, place);
        Ok(())
    },
};
