//! `aws_dynamodb_table` and its policy.
//!
//! A table is always encrypted: by a key of the provider, unless it names another. Source: Terraform AWS provider 6.25, the pages of both, read 2026-11-21.

use std::collections::BTreeSet;

use crate::documents::Kind;
use crate::facts::object::Setting;
use crate::sink::Class::{Enforcing, Name, Reference, Setting as Settings};
use crate::terraform::args::Args;
use crate::terraform::cx::{Cx, Measured, Read};
use crate::terraform::row::{Gives, Row, Type, free, free_or, held, nested, only, optional, or, required};
use crate::terraform::world::World;
use crate::terraform::{keyed, object};

const GLOBAL: &[Row] = &[
    free("name"),
    held(optional("hash_key", Settings)),
    held(optional("range_key", Settings)),
    free("projection_type"),
    free("non_key_attributes"),
    free("read_capacity"),
    free("write_capacity"),
];
const LOCAL: &[Row] = &[
    free("name"),
    held(required("range_key", Settings)),
    free("projection_type"),
    free("non_key_attributes"),
];

const ROWS: &[Row] = &[
    required("name", Name),
    held(required("hash_key", Settings)),
    held(optional("range_key", Settings)),
    held(or("billing_mode", Settings, "PROVISIONED")),
    free("read_capacity"),
    free("write_capacity"),
    free_or("table_class", "STANDARD"),
    only("stream_enabled", &["false"]),
    or("deletion_protection_enabled", Settings, "false"),
    nested(
        "attribute",
        &[held(required("name", Settings)), held(required("type", Settings))],
    ),
    nested("global_secondary_index", GLOBAL),
    nested("local_secondary_index", LOCAL),
    nested("ttl", &[free("attribute_name"), free_or("enabled", "false")]),
    nested(
        "point_in_time_recovery",
        &[required("enabled", Settings), free("recovery_period_in_days")],
    ),
    nested(
        "server_side_encryption",
        &[
            held(required("enabled", Settings)),
            optional("kms_key_arn", Reference),
        ],
    ),
];

const GIVES: &[(&str, Gives)] = &[
    ("arn", Gives::Address),
    ("id", Gives::Argument("name")),
    ("name", Gives::Argument("name")),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_dynamodb_table",
    is_data: false,
    rows: ROWS,
    address,
    gives: GIVES,
    read: |cx, args| {
        let address = object::declare(cx, args, "table")?;
        args.text(cx, "name")?;
        match args.text(cx, "billing_mode")?.as_str() {
            "PAY_PER_REQUEST" => {}
            "PROVISIONED" if cx.world.argument(args.block, "read_capacity").is_some() => {}
            _ => return args.fail(cx, "billing_mode", "a mode without what it needs"),
        }
        keys(cx, args)?;
        args.each(cx, "ttl", &mut |_, _| Ok(()))?;
        let mut recovery = false;
        args.each(cx, "point_in_time_recovery", &mut |cx, args| {
            recovery = args.flag(cx, "enabled")?;
            Ok(())
        })?;
        let mut key = keyed::PROVIDER.to_owned();
        args.each(cx, "server_side_encryption", &mut |cx, args| {
            let named = keyed::maybe_key(cx, args, "kms_key_arn")?;
            key = match (args.flag(cx, "enabled")?, named) {
                (true, Some(named)) => named,
                (true | false, None) => keyed::PROVIDER.to_owned(),
                (false, Some(_)) => return args.fail(cx, "kms_key_arn", "a key that is not used"),
            };
            Ok(())
        })?;
        let protected = args.flag(cx, "deletion_protection_enabled")?;
        if protected {
            object::keep(cx, &address);
        }
        let place = args.place();
        cx.set(
            &address,
            Setting::DeletionProtected,
            protected.to_string(),
            place.clone(),
        );
        cx.set(
            &address,
            Setting::PointInTimeRecovery,
            recovery.to_string(),
            place.clone(),
        );
        cx.set(&address, Setting::EncryptionKey, key, place);
        Ok(())
    },
};

/// Attributes are those of the keys, and the other way round: the provider refuses every other table.
fn keys(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let hash = args.text(cx, "hash_key")?;
    let range = args.maybe_text(cx, "range_key")?;
    if range.as_ref() == Some(&hash) {
        return args.fail(cx, "range_key", "one key twice");
    }
    let mut keys: BTreeSet<String> = range.into_iter().chain([hash]).collect();
    args.each(cx, "global_secondary_index", &mut |cx, args| {
        keys.extend(args.maybe_text(cx, "hash_key")?);
        keys.extend(args.maybe_text(cx, "range_key")?);
        Ok(())
    })?;
    args.each(cx, "local_secondary_index", &mut |cx, args| {
        keys.insert(args.text(cx, "range_key")?);
        Ok(())
    })?;
    let mut named = BTreeSet::new();
    args.each(cx, "attribute", &mut |cx, args| {
        let sort = args.text(cx, "type")?;
        if !matches!(sort.as_str(), "S" | "N" | "B") {
            return args.fail(cx, "type", format!("the value `{sort}`"));
        }
        named.insert((args.text(cx, "name")?, sort));
        Ok(())
    })?;
    let is_name = |name: &String| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    };
    let attributes: BTreeSet<String> = named.iter().map(|(name, _)| name.clone()).collect();
    if attributes != keys || attributes.len() != named.len() || !attributes.iter().all(is_name) {
        return args.fail(cx, "attribute", "attributes that are not those of the keys");
    }
    Ok(())
}

/// Found by its name.
pub(crate) const DATA: Type = Type {
    name: "aws_dynamodb_table",
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
            .arn("dynamodb", &format!("table/{}", world.text(block, "name")?)),
    )
}

pub(crate) const POLICY: Type = Type {
    name: "aws_dynamodb_resource_policy",
    is_data: false,
    rows: &[
        required("resource_arn", Reference),
        required("policy", Enforcing),
        free_or("confirm_remove_self_resource_access", "false"),
    ],
    address: |world, block| world.text(block, "resource_arn"),
    gives: &[],
    read: |cx, args| super::resource_policy(cx, args, Kind::Resource, Measured::Service("dynamodb")),
};
