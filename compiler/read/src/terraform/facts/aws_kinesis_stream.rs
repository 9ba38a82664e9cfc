//! `aws_kinesis_stream` and its policy.
//!
//! Source: Terraform AWS provider 6.25, the pages of both, read 2026-11-21.

use crate::documents::Kind;
use crate::facts::object::Setting;
use crate::json::Json;
use crate::sink::Class::{Enforcing, Name, Reference, Setting as Settings};
use crate::terraform::cx::Measured;
use crate::terraform::row::{Gives, Row, Type, free, free_or, held, nested, optional, or, required};
use crate::terraform::world::World;
use crate::terraform::{keyed, object};

/// The key that the service has in each account.
/// Source: Amazon Kinesis Data Streams developer guide, "What is server-side encryption for Kinesis Data Streams?", read 2026-11-30.
const OWN_KEY: &str = "alias/aws/kinesis";
const HOUR_SECONDS: i64 = 3600;

const ROWS: &[Row] = &[
    required("name", Name),
    or("encryption_type", Settings, "NONE"),
    optional("kms_key_id", Reference),
    or("retention_period", Settings, "24"),
    free("shard_count"),
    free("shard_level_metrics"),
    free_or("max_record_size_in_kib", "1024"),
    free_or("enforce_consumer_deletion", "false"),
    nested("stream_mode_details", &[held(required("stream_mode", Settings))]),
];

const GIVES: &[(&str, Gives)] = &[
    ("arn", Gives::Address),
    ("id", Gives::Address),
    ("name", Gives::Argument("name")),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_kinesis_stream",
    is_data: false,
    rows: ROWS,
    address,
    gives: GIVES,
    read: |cx, args| {
        let address = object::declare(cx, args, "stream")?;
        args.text(cx, "name")?;
        // Another service's own key is refused when it is applied.
        let named = cx.world.argument(args.block, "kms_key_id").and_then(Json::text);
        if named.is_some_and(|name| name.contains("alias/aws/") && name != OWN_KEY) {
            return args.fail(cx, "kms_key_id", "the key of another service");
        }
        let key = keyed::maybe_key(cx, args, "kms_key_id")?;
        let key = match (args.text(cx, "encryption_type")?.as_str(), key) {
            ("KMS", Some(key)) => key,
            ("NONE", None) => keyed::NONE.to_owned(),
            _ => return args.fail(cx, "encryption_type", "a type that does not go with the key"),
        };
        let hours = args.number(cx, "retention_period")?;
        let place = args.place();
        cx.set(&address, Setting::EncryptionKey, key, place.clone());
        cx.set(
            &address,
            Setting::RetainSeconds,
            hours.saturating_mul(HOUR_SECONDS).to_string(),
            place,
        );
        let mut by_shards = true;
        args.each(cx, "stream_mode_details", &mut |cx, args| {
            by_shards = match args.text(cx, "stream_mode")?.as_str() {
                "PROVISIONED" => true,
                "ON_DEMAND" => false,
                other => return args.fail(cx, "stream_mode", format!("the value `{other}`")),
            };
            Ok(())
        })?;
        // The provider refuses a stream of no mode as one of shards whose number is not said.
        if by_shards && cx.world.argument(args.block, "shard_count").is_none() {
            return args.fail_whole(cx, "a stream by shards without their number");
        }
        Ok(())
    },
};

/// Found by its name.
pub(crate) const DATA: Type = Type {
    name: "aws_kinesis_stream",
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
            .arn("kinesis", &format!("stream/{}", world.text(block, "name")?)),
    )
}

pub(crate) const POLICY: Type = Type {
    name: "aws_kinesis_resource_policy",
    is_data: false,
    rows: &[required("resource_arn", Reference), required("policy", Enforcing)],
    address: |world, block| world.text(block, "resource_arn"),
    gives: &[],
    read: |cx, args| super::resource_policy(cx, args, Kind::Resource, Measured::Service("kinesis")),
};
