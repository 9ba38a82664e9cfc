//! `aws_cloudwatch_log_group`, and policies of an account's log groups.
//!
//! Source: Terraform AWS provider 6.25, the pages of both: without `retention_in_days`, or with 0, logs never expire; read 2026-11-21.

use crate::documents::Kind;
use crate::facts::object::Setting;
use crate::sink::Class::{Enforcing, Name, Reference, Setting as Settings};
use crate::terraform::cx::Measured;
use crate::terraform::row::{Gives, Row, Type, free_or, held, only, optional, or, required};
use crate::terraform::world::World;
use crate::terraform::{keyed, object};

const DAY_SECONDS: i64 = 86_400;

const ROWS: &[Row] = &[
    required("name", Name),
    optional("kms_key_id", Reference),
    or("retention_in_days", Settings, "0"),
    held(or("deletion_protection_enabled", Settings, "false")),
    only("log_group_class", &["STANDARD"]),
    free_or("skip_destroy", "false"),
];

const GIVES: &[(&str, Gives)] = &[
    ("arn", Gives::Address),
    ("id", Gives::Argument("name")),
    ("name", Gives::Argument("name")),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_cloudwatch_log_group",
    is_data: false,
    rows: ROWS,
    address,
    gives: GIVES,
    read: |cx, args| {
        let address = object::declare(cx, args, "log-group")?;
        args.text(cx, "name")?;
        keyed::set_key(cx, args, "kms_key_id", &address)?;
        let days = args.number(cx, "retention_in_days")?;
        let place = args.place();
        if days != 0 {
            cx.set(
                &address,
                Setting::RetainSeconds,
                days.saturating_mul(DAY_SECONDS).to_string(),
                place.clone(),
            );
        }
        let protected = args.flag(cx, "deletion_protection_enabled")?;
        if protected {
            object::keep(cx, &address);
        }
        cx.set(&address, Setting::DeletionProtected, protected.to_string(), place);
        Ok(())
    },
};

/// Found by its name.
pub(crate) const DATA: Type = Type {
    name: "aws_cloudwatch_log_group",
    is_data: true,
    rows: &[required("name", Name)],
    address,
    gives: GIVES,
    read: |cx, args| args.text(cx, "name").map(drop),
};

fn address(world: &World<'_>, block: usize) -> Option<String> {
    Some(
        world
            .module(block)?
            .arn("logs", &format!("log-group:{}", world.text(block, "name")?)),
    )
}

/// Of the whole account: it names the log groups itself.
pub(crate) const POLICY: Type = Type {
    name: "aws_cloudwatch_log_resource_policy",
    is_data: false,
    rows: &[
        required("policy_name", Name),
        required("policy_document", Enforcing),
    ],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .address("logs-policy", &world.text(block, "policy_name")?),
        )
    },
    gives: &[],
    read: |cx, args| {
        let address = object::declare(cx, args, "log-policy")?;
        args.text(cx, "policy_name")?;
        let text = args.maybe_wide(cx, "policy_document")?.unwrap_or_default();
        let place = args.place_of("policy_document");
        cx.resource_policy(&address, Kind::Resource, text, Measured::Service("logs"), place);
        Ok(())
    },
};
