//! `aws_s3_bucket` and the resources that each hold one of its settings.
//!
//! What no resource says is read as off, even where new buckets have it on: whether they do is up to the account. Encryption without a
//! key of ours is the provider's. Source: Terraform AWS provider 6.25, "Resource: aws_s3_bucket" and the ones named after it, read 2026-11-21.

use crate::documents::Kind;
use crate::facts::object::Setting;
use crate::sink::Class::{Enforcing, Name, Reference, Setting as Settings};
use crate::terraform::args::Args;
use crate::terraform::cx::{Cx, Measured, Read};
use crate::terraform::row::{
    Gives, Row, Type, Values, free, free_or, held, inert, needed, nested, only, optional, or, required,
};
use crate::terraform::world::World;
use crate::terraform::{keyed, object};

const DAY_SECONDS: i64 = 86_400;

const ROWS: &[Row] = &[
    required("bucket", Name),
    // Without a default retention, said elsewhere, it locks nothing.
    free_or("object_lock_enabled", "false"),
    // What destroys a bucket may destroy its objects: only to be seen where nothing is kept.
    only("force_destroy", &["false"]),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_s3_bucket",
    is_data: false,
    rows: ROWS,
    address,
    gives: &[
        ("arn", Gives::Address),
        ("id", Gives::Argument("bucket")),
        ("bucket", Gives::Argument("bucket")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "bucket")?;
        args.text(cx, "bucket")?;
        cx.out.defaults.extend([
            (address.clone(), Setting::EncryptionKey, keyed::PROVIDER),
            (address.clone(), Setting::Versioned, "false"),
            (address.clone(), Setting::PublicAccessBlocked, "false"),
            (address, Setting::OwnerEnforced, "false"),
        ]);
        Ok(())
    },
};

/// Found by its name.
pub(crate) const DATA: Type = Type {
    name: "aws_s3_bucket",
    is_data: true,
    rows: &[required("bucket", Name)],
    address,
    gives: &[
        ("arn", Gives::Address),
        ("id", Gives::Argument("bucket")),
        ("bucket", Gives::Argument("bucket")),
    ],
    read: |cx, args| args.text(cx, "bucket").map(drop),
};

fn address(world: &World<'_>, block: usize) -> Option<String> {
    let name = world.text(block, "bucket")?;
    let partition = world.module(block)?.partition();
    // The name, or the whole ARN.
    Some(if name.starts_with("arn:") {
        name
    } else {
        format!("arn:{partition}:s3:::{name}")
    })
}

/// Takes the argument that names the bucket.
fn bucket(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<String> {
    args.text(cx, "bucket")?;
    object::own(cx, args)
}

pub(crate) const POLICY: Type = Type {
    name: "aws_s3_bucket_policy",
    is_data: false,
    rows: &[required("bucket", Reference), required("policy", Enforcing)],
    address,
    gives: &[],
    read: |cx, args| {
        let address = bucket(cx, args)?;
        let text = args.maybe_wide(cx, "policy")?.unwrap_or_default();
        let place = args.place_of("policy");
        cx.resource_policy(&address, Kind::Resource, text, Measured::Service("s3"), place);
        Ok(())
    },
};

const SWITCHES: [&str; 4] = [
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
];

pub(crate) const PUBLIC_ACCESS: Type = Type {
    name: "aws_s3_bucket_public_access_block",
    is_data: false,
    rows: &[
        required("bucket", Reference),
        or("block_public_acls", Enforcing, "false"),
        or("block_public_policy", Enforcing, "false"),
        or("ignore_public_acls", Enforcing, "false"),
        or("restrict_public_buckets", Enforcing, "false"),
        free_or("skip_destroy", "false"),
    ],
    address,
    gives: &[],
    read: |cx, args| {
        let address = bucket(cx, args)?;
        let mut all = true;
        for name in SWITCHES {
            all &= args.flag(cx, name)?;
        }
        let place = args.place();
        cx.set(&address, Setting::PublicAccessBlocked, all.to_string(), place);
        Ok(())
    },
};

pub(crate) const OWNERSHIP: Type = Type {
    name: "aws_s3_bucket_ownership_controls",
    is_data: false,
    rows: &[
        required("bucket", Reference),
        nested("rule", &[required("object_ownership", Enforcing)]),
    ],
    address,
    gives: &[],
    read: |cx, args| {
        let address = bucket(cx, args)?;
        let mut enforced = false;
        let rules = args.each(cx, "rule", &mut |cx, args| {
            enforced = args.text(cx, "object_ownership")? == "BucketOwnerEnforced";
            Ok(())
        })?;
        one(cx, args, "rule", rules)?;
        let place = args.place();
        cx.set(&address, Setting::OwnerEnforced, enforced.to_string(), place);
        Ok(())
    },
};

fn one(cx: &mut Cx<'_, '_>, args: &Args<'_>, name: &str, count: usize) -> Read<()> {
    if count == 1 {
        Ok(())
    } else {
        args.fail(cx, name, "exactly one is expected")
    }
}

pub(crate) const VERSIONING: Type = Type {
    name: "aws_s3_bucket_versioning",
    is_data: false,
    rows: &[
        required("bucket", Reference),
        nested(
            "versioning_configuration",
            &[
                held(required("status", Settings)),
                only("mfa_delete", &["Disabled"]),
            ],
        ),
    ],
    address,
    gives: &[],
    read: |cx, args| {
        let address = bucket(cx, args)?;
        let mut versioned = false;
        let count = args.each(cx, "versioning_configuration", &mut |cx, args| {
            versioned = match args.text(cx, "status")?.as_str() {
                "Enabled" => true,
                "Suspended" | "Disabled" => false,
                other => return args.fail(cx, "status", format!("the value `{other}`")),
            };
            Ok(())
        })?;
        one(cx, args, "versioning_configuration", count)?;
        let place = args.place();
        cx.set(&address, Setting::Versioned, versioned.to_string(), place);
        Ok(())
    },
};

pub(crate) const ENCRYPTION: Type = Type {
    name: "aws_s3_bucket_server_side_encryption_configuration",
    is_data: false,
    rows: &[
        required("bucket", Reference),
        nested(
            "rule",
            &[
                free_or("bucket_key_enabled", "false"),
                nested(
                    "apply_server_side_encryption_by_default",
                    &[
                        held(required("sse_algorithm", Settings)),
                        optional("kms_master_key_id", Reference),
                    ],
                ),
            ],
        ),
    ],
    address,
    gives: &[],
    read: |cx, args| {
        let address = bucket(cx, args)?;
        let mut keys = Vec::new();
        args.each(cx, "rule", &mut |cx, args| {
            args.each(cx, "apply_server_side_encryption_by_default", &mut |cx, args| {
                let key = keyed::maybe_key(cx, args, "kms_master_key_id")?;
                match (args.text(cx, "sse_algorithm")?.as_str(), key) {
                    ("aws:kms", Some(key)) => keys.push(key),
                    ("aws:kms" | "AES256", None) => keys.push(keyed::PROVIDER.to_owned()),
                    _ => return args.fail(cx, "sse_algorithm", "an algorithm that does not go with the key"),
                }
                Ok(())
            })
            .map(drop)
        })?;
        match <[String; 1]>::try_from(keys) {
            Ok([key]) => {
                let place = args.place();
                cx.set(&address, Setting::EncryptionKey, key, place);
                Ok(())
            }
            Err(_) => args.fail(cx, "rule", "exactly one is expected"),
        }
    },
};

const FILTER: &[Row] = &[only("prefix", &[""])];
const EXPIRATION: &[Row] = &[required("days", Settings)];

pub(crate) const LIFECYCLE: Type = Type {
    name: "aws_s3_bucket_lifecycle_configuration",
    is_data: false,
    rows: &[
        required("bucket", Reference),
        nested(
            "rule",
            &[
                inert("id"),
                required("status", Settings),
                nested("filter", FILTER),
                nested("expiration", EXPIRATION),
                nested(
                    "noncurrent_version_expiration",
                    &[required("noncurrent_days", Settings)],
                ),
                nested(
                    "abort_incomplete_multipart_upload",
                    &[needed("days_after_initiation", Values::Whole(1, 2_147_483_647))],
                ),
            ],
        ),
    ],
    address,
    gives: &[],
    read: |cx, args| {
        let address = bucket(cx, args)?;
        let mut days: Vec<i64> = Vec::new();
        let mut superseded: Vec<i64> = Vec::new();
        let mut off = 0;
        let rules = args.each(cx, "rule", &mut |cx, args| {
            let on = match args.text(cx, "status")?.as_str() {
                "Enabled" => true,
                "Disabled" => false,
                other => return args.fail(cx, "status", format!("the value `{other}`")),
            };
            off += usize::from(!on);
            args.each(cx, "filter", &mut |_, _| Ok(()))?;
            args.each(cx, "expiration", &mut |cx, args| {
                let number = whole_days(cx, args, "days")?;
                days.extend(on.then_some(number));
                Ok(())
            })?;
            args.each(cx, "noncurrent_version_expiration", &mut |cx, args| {
                let number = whole_days(cx, args, "noncurrent_days")?;
                superseded.extend(on.then_some(number));
                Ok(())
            })?;
            args.each(cx, "abort_incomplete_multipart_upload", &mut |_, _| Ok(()))?;
            Ok(())
        })?;
        if rules == 0 || (0 < off && off < rules) {
            return args.fail(cx, "rule", "no rule, or one beside others that does nothing");
        }
        // Every rule covers the whole bucket: the shortest decides. A block replaces any other, also one that sets nothing.
        let kept = days.into_iter().min();
        let superseded = superseded.into_iter().min();
        let kept = match (kept, superseded) {
            (Some(days), _) => days.saturating_mul(DAY_SECONDS).to_string(),
            (None, Some(_)) => "no end, but for superseded versions".to_owned(),
            (None, None) => "no end".to_owned(),
        };
        if let Some(days) = superseded {
            cx.out
                .superseded
                .insert(address.clone(), days.saturating_mul(DAY_SECONDS));
        }
        let place = args.place();
        cx.set(&address, Setting::RetainSeconds, kept, place);
        Ok(())
    },
};

fn whole_days(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, name: &str) -> Read<i64> {
    match args.number(cx, name)? {
        days if days > 0 => Ok(days),
        _ => args.fail(cx, name, "no number of days"),
    }
}

/// Source: Amazon S3 user guide, "Locking objects with Object Lock", "Retention modes", read 2026-11-21.
pub(crate) const OBJECT_LOCK: Type = Type {
    name: "aws_s3_bucket_object_lock_configuration",
    is_data: false,
    rows: &[
        required("bucket", Reference),
        only("object_lock_enabled", &["Enabled"]),
        nested(
            "rule",
            &[nested(
                "default_retention",
                &[required("mode", Settings), required("days", Settings)],
            )],
        ),
    ],
    address,
    gives: &[],
    read: lock,
};

fn lock(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = bucket(cx, args)?;
    let mut kept = None;
    args.each(cx, "rule", &mut |cx, args| {
        let count = args.each(cx, "default_retention", &mut |cx, args| {
            let seconds = whole_days(cx, args, "days")?.saturating_mul(DAY_SECONDS);
            kept = Some(match args.text(cx, "mode")?.as_str() {
                "COMPLIANCE" => seconds.to_string(),
                "GOVERNANCE" => format!("{seconds}, unless somebody may bypass it"),
                _ => return args.fail(cx, "mode", "no mode of retention"),
            });
            Ok(())
        })?;
        one(cx, args, "default_retention", count)
    })?;
    // The configuration turns it on, whether the bucket says so or not.
    cx.out
        .implied
        .push((address.clone(), "aws_s3_bucket.object_lock_enabled", "true"));
    if let Some(kept) = kept {
        let place = args.place();
        cx.set(&address, Setting::LockSeconds, kept, place);
    }
    Ok(())
}

pub(crate) const LOGGING: Type = Type {
    name: "aws_s3_bucket_logging",
    is_data: false,
    rows: &[
        required("bucket", Reference),
        required("target_bucket", Reference),
        free("target_prefix"),
    ],
    address,
    gives: &[],
    read: |cx, args| {
        let address = bucket(cx, args)?;
        let target = args.text(cx, "target_bucket")?;
        let partition = cx.module(args.block)?.partition();
        cx.refer(&address, format!("copies-to:arn:{partition}:s3:::{target}"));
        Ok(())
    },
};
