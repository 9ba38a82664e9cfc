//! `aws_kms_key`, its alias, which is its name here, and its policy.
//!
//! A key without a policy lets every identity of its account use it that IAM lets. Source: Terraform AWS provider 6.25, "Resource: aws_kms_key" and
//! the ones named after it; AWS KMS developer guide, "Default key policy"; read 2026-11-21.

use crate::documents::Kind;
use crate::facts::Place;
use crate::facts::document::Guard;
use crate::facts::object::Setting;
use crate::sink::Class::{Enforcing, Name, Reference, Setting as Settings};
use crate::terraform::args::{Args, Wanted};
use crate::terraform::cx::{Cx, Measured, Read};
use crate::terraform::object;
use crate::terraform::row::{
    Gives, Row, Type, Values, among, among_or, free_or, inert, only, optional, or, required,
};
use crate::terraform::world::World;

const ROWS: &[Row] = &[
    optional("policy", Enforcing),
    or("enable_key_rotation", Settings, "false"),
    among("rotation_period_in_days", Values::Whole(90, 2560)),
    among_or("deletion_window_in_days", Values::Whole(7, 30), "30"),
    only("is_enabled", &["true"]),
    only("key_usage", &["ENCRYPT_DECRYPT"]),
    only("customer_master_key_spec", &["SYMMETRIC_DEFAULT"]),
    only("multi_region", &["false"]),
    free_or("bypass_policy_lockout_safety_check", "false"),
    inert("description"),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_kms_key",
    is_data: false,
    rows: ROWS,
    address,
    gives: &[
        ("arn", Gives::Assigned("arn")),
        ("key_id", Gives::Assigned("key-id")),
        ("id", Gives::Assigned("key-id")),
    ],
    read,
};

/// By the first of its aliases.
fn address(world: &World<'_>, block: usize) -> Option<String> {
    let names = world
        .parts_of(block)
        .iter()
        .filter_map(|alias| world.text(*alias, "name"));
    match names.min() {
        Some(name) => Some(world.module(block)?.address("kms", &name)),
        None => Some(format!("kms:{}", world.unused(block)?)),
    }
}

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "key")?;
    let rotates = args.flag(cx, "enable_key_rotation")?;
    let place = args.place();
    cx.set(&address, Setting::KeyRotation, rotates.to_string(), place.clone());
    let account = cx.module(args.block)?.account.clone();
    cx.out.keys.push((address.clone(), account, place));
    if let Some(text) = args.maybe_wide(cx, "policy")? {
        let place = args.place_of("policy");
        policy(cx, &address, text, place);
    }
    Ok(())
}

fn policy(cx: &mut Cx<'_, '_>, address: &str, text: String, place: Place) {
    if !cx.out.key_policies.insert(address.to_owned()) {
        cx.unread(place, "a second policy of the same key");
        return;
    }
    cx.policy(
        Guard::Resource(address.to_owned()),
        Kind::Resource,
        text,
        Measured::Service("kms"),
        place,
    );
}

/// The id of a key that exists, where no reference stands.
fn literal<'a>(world: &World<'a>, block: usize) -> Option<&'a str> {
    let id = world.argument(block, "key_id")?.text()?;
    (!id.contains('$')).then_some(id)
}

/// The address of a key by its id. Source: AWS KMS developer guide, "Key identifiers (KeyId)", read 2026-11-30.
fn address_of_id(world: &World<'_>, block: usize, id: &str) -> Option<String> {
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_id = match id.strip_prefix("mrk-") {
        Some(digits) => digits.len() == 32 && is_hex(digits),
        None => id.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && id.split('-').all(is_hex),
    };
    Some(world.module(block)?.arn("kms", &format!("key/{id}"))).filter(|_| is_id)
}

const KEY: Wanted = Wanted {
    head: "kms:",
    attribute: "key-id",
    id: "",
};

pub(crate) const ALIAS: Type = Type {
    name: "aws_kms_alias",
    is_data: false,
    rows: &[required("name", Name), required("target_key_id", Reference)],
    address: |world, block| world.named(block, "target_key_id"),
    gives: &[
        ("target_key_arn", Gives::Assigned("arn")),
        ("target_key_id", Gives::Assigned("key-id")),
        ("name", Gives::Argument("name")),
        (
            "arn",
            Gives::Formed(|world, block| Some(world.module(block)?.arn("kms", &world.text(block, "name")?))),
        ),
    ],
    read: |cx, args| {
        let name = args.text(cx, "name")?;
        if !name.starts_with("alias/") || name.starts_with("alias/aws/") {
            return args.fail(cx, "name", "no name for a key of ours");
        }
        let alias = cx.module(args.block)?.address("kms", &name);
        if !cx.out.aliases.insert(alias) {
            return args.fail(cx, "name", "a name that another key has");
        }
        args.id(cx, "target_key_id", &KEY).map(drop)
    },
};

pub(crate) const POLICY: Type = Type {
    name: "aws_kms_key_policy",
    is_data: false,
    rows: &[
        required("key_id", Reference),
        required("policy", Enforcing),
        free_or("bypass_policy_lockout_safety_check", "false"),
    ],
    address: |world, block| match literal(world, block) {
        Some(id) => address_of_id(world, block, id),
        None => world.named(block, "key_id"),
    },
    gives: &[],
    read: |cx, args| {
        let key = match literal(cx.world, args.block) {
            None => args.id(cx, "key_id", &KEY)?,
            Some(id) => {
                args.text(cx, "key_id")?;
                let Some(address) = address_of_id(cx.world, args.block, id) else {
                    return args.fail(cx, "key_id", "no id of a key");
                };
                let place = args.place_of("key_id");
                cx.rely(&address, place);
                address
            }
        };
        let text = args.maybe_wide(cx, "policy")?.unwrap_or_default();
        let place = args.place_of("policy");
        policy(cx, &key, text, place);
        Ok(())
    },
};

/// Found by its name.
pub(crate) const ALIAS_DATA: Type = Type {
    name: "aws_kms_alias",
    is_data: true,
    rows: &[required("name", Name)],
    address: |world, block| Some(world.module(block)?.address("kms", &world.text(block, "name")?)),
    gives: &[
        ("target_key_arn", Gives::Assigned("arn")),
        ("target_key_id", Gives::Assigned("key-id")),
        ("name", Gives::Argument("name")),
    ],
    read: |cx, args| args.text(cx, "name").map(drop),
};

/// Found by its alias.
pub(crate) const DATA: Type = Type {
    name: "aws_kms_key",
    is_data: true,
    rows: &[required("key_id", Name)],
    address: |world, block| {
        let alias = world
            .text(block, "key_id")
            .filter(|name| name.starts_with("alias/"))?;
        Some(world.module(block)?.address("kms", &alias))
    },
    gives: &[
        ("arn", Gives::Assigned("arn")),
        ("key_id", Gives::Assigned("key-id")),
        ("id", Gives::Assigned("key-id")),
    ],
    read: |cx, args| args.text(cx, "key_id").map(drop),
};
