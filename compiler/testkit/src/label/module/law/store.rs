//! What holds data, and the keys that encrypt it.

use super::{
    Absent, BUCKET, GROUP, Law, MEANS, NAME, PROSE, SUBNET, Weight, document, free, law, must, needed, or,
};
use crate::label::Concern::{Access, Being, Reach, Setting};
use crate::label::module::shape::Shape::{Any, Flag, Head, Id, Key, OneOf, Within, Word};
use crate::label::policy::Kind;

/// By its text: whoever bears the name is meant.
const BY_NAME: crate::label::module::shape::Shape = Id(
    &[
        ("aws_db_subnet_group", "name"),
        ("aws_db_subnet_group", "id"),
        ("aws_db_parameter_group", "name"),
        ("aws_db_parameter_group", "id"),
    ],
    "",
);

/// The laws of each type.
pub(super) const LAWS: &[(&str, &[Law])] = &[
    (
        "aws_cloudwatch_log_group",
        &[
            must("name", Word(512, "_-/.#"), Being),
            law("kms_key_id", Key, Setting),
            or(
                "retention_in_days",
                OneOf(&[
                    "0", "1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400",
                    "545", "731", "1096", "1827", "2192", "2557", "2922", "3288", "3653",
                ]),
                "0",
                Setting,
            ),
        ],
    ),
    (
        "aws_db_instance",
        &[
            must("identifier", Word(63, "-"), Being),
            must("db_subnet_group_name", BY_NAME, Reach),
            Law {
                path: "vpc_security_group_ids",
                shape: GROUP,
                weight: Weight::Matters(Reach),
                absent: Absent::Unknown,
            },
            or("port", Within(1_150, 65_535), "5432", Reach),
            or("publicly_accessible", Flag, "false", Reach),
            or("storage_encrypted", Flag, "false", Setting),
            law("kms_key_id", Key, Setting),
            or("deletion_protection", Flag, "false", Setting),
            law("parameter_group_name", BY_NAME, Setting),
            must("manage_master_user_password", OneOf(&["true"]), Setting),
            must("engine", OneOf(&["postgres"]), Setting),
            law("engine_version", Word(16, "."), Setting),
            must("instance_class", Head("db.", 40, "."), Setting),
            must("allocated_storage", Within(20, 65_536), Setting),
            law("storage_type", OneOf(&["gp2", "gp3", "io1", "io2"]), Setting),
            must("username", Word(63, "_"), Setting),
            // Whoever has the action to connect logs in without a password.
            or("iam_database_authentication_enabled", Flag, "false", Setting),
            // 0 turns backups off; not said, it stays as it was.
            law("backup_retention_period", Within(0, 35), Setting),
            or("copy_tags_to_snapshot", Flag, "false", Setting),
            or("skip_final_snapshot", Flag, "false", Setting),
            law("final_snapshot_identifier", Word(255, "-"), Setting),
        ],
    ),
    (
        "aws_db_parameter_group",
        &[
            needed("name", Word(255, "-."), MEANS),
            must(
                "family",
                OneOf(&[
                    "postgres13",
                    "postgres14",
                    "postgres15",
                    "postgres16",
                    "postgres17",
                    "postgres18",
                ]),
                Setting,
            ),
            law("parameter.name", Word(255, "._-"), Being),
            law("parameter.value", Any, Being),
        ],
    ),
    (
        "aws_db_subnet_group",
        &[
            needed("name", Word(255, "_-. "), MEANS),
            law("subnet_ids", SUBNET, Reach),
        ],
    ),
    (
        "aws_dynamodb_table",
        &[
            must("name", NAME, Being),
            or("deletion_protection_enabled", Flag, "false", Setting),
            law("point_in_time_recovery.enabled", Flag, Setting),
            law("server_side_encryption.enabled", Flag, Setting),
            law("server_side_encryption.kms_key_arn", Key, Setting),
            must("billing_mode", OneOf(&["PAY_PER_REQUEST"]), Setting),
            must("hash_key", Word(255, "_-."), Setting),
            law("range_key", Word(255, "_-."), Setting),
            law("attribute.name", Word(255, "_-."), Setting),
            law("attribute.type", OneOf(&["S", "N", "B"]), Setting),
        ],
    ),
    (
        "aws_kinesis_stream",
        &[
            must("name", NAME, Being),
            or("encryption_type", OneOf(&["KMS", "NONE"]), "NONE", Setting),
            law("kms_key_id", Key, Setting),
            or("retention_period", Within(24, 8760), "24", Setting),
            law("stream_mode_details.stream_mode", OneOf(&["ON_DEMAND"]), Setting),
        ],
    ),
    (
        "aws_kms_alias",
        &[
            must("name", Head("alias/", 250, "/_-"), Being),
            law(
                "target_key_id",
                Id(
                    &[
                        ("aws_kms_key", "key_id"),
                        ("aws_kms_key", "arn"),
                        ("aws_kms_key", "id"),
                    ],
                    "",
                ),
                Being,
            ),
        ],
    ),
    (
        "aws_kms_key",
        &[
            or("enable_key_rotation", Flag, "false", Setting),
            // How long a deletion that somebody asks for can be taken back.
            or("deletion_window_in_days", Within(7, 30), "30", Setting),
            free("description", Any, PROSE),
            document("policy", Kind::Resource),
        ],
    ),
    (
        "aws_kms_key_policy",
        &[
            law(
                "key_id",
                Id(
                    &[
                        ("aws_kms_key", "key_id"),
                        ("aws_kms_key", "arn"),
                        ("aws_kms_key", "id"),
                        ("aws_kms_alias", "target_key_id"),
                    ],
                    "key",
                ),
                Access,
            ),
            document("policy", Kind::Resource),
        ],
    ),
    (
        "aws_s3_bucket",
        &[
            must("bucket", BUCKET, Being),
            or("object_lock_enabled", Flag, "false", Setting),
        ],
    ),
    (
        "aws_s3_bucket_lifecycle_configuration",
        &[
            law("bucket", BUCKET, Setting),
            needed("rule.id", Any, PROSE),
            law("rule.status", OneOf(&["Enabled", "Disabled"]), Setting),
            // A rule about a part of a bucket is none that the table reads.
            free(
                "rule.filter.prefix",
                OneOf(&[""]),
                "a rule without a filter is about the whole bucket, too",
            ),
            must("rule.expiration.days", Within(1, 2_147_483_647), Setting),
            law(
                "rule.noncurrent_version_expiration.noncurrent_days",
                Within(1, 2_147_483_647),
                Setting,
            ),
            must(
                "rule.abort_incomplete_multipart_upload.days_after_initiation",
                Within(1, 2_147_483_647),
                Setting,
            ),
        ],
    ),
    (
        "aws_s3_bucket_object_lock_configuration",
        &[
            law("bucket", BUCKET, Setting),
            must(
                "rule.default_retention.mode",
                OneOf(&["COMPLIANCE", "GOVERNANCE"]),
                Setting,
            ),
            must("rule.default_retention.days", Within(1, 36_500), Setting),
        ],
    ),
    (
        "aws_s3_bucket_ownership_controls",
        &[
            law("bucket", BUCKET, Setting),
            law(
                "rule.object_ownership",
                OneOf(&["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]),
                Setting,
            ),
        ],
    ),
    (
        "aws_s3_bucket_policy",
        &[law("bucket", BUCKET, Access), document("policy", Kind::Resource)],
    ),
    (
        "aws_s3_bucket_public_access_block",
        &[
            law("bucket", BUCKET, Setting),
            or("block_public_acls", Flag, "false", Setting),
            or("block_public_policy", Flag, "false", Setting),
            or("ignore_public_acls", Flag, "false", Setting),
            or("restrict_public_buckets", Flag, "false", Setting),
        ],
    ),
    (
        "aws_s3_bucket_server_side_encryption_configuration",
        &[
            law("bucket", BUCKET, Setting),
            law(
                "rule.apply_server_side_encryption_by_default.sse_algorithm",
                OneOf(&["AES256", "aws:kms"]),
                Setting,
            ),
            law(
                "rule.apply_server_side_encryption_by_default.kms_master_key_id",
                Key,
                Setting,
            ),
            // With it, one use of the key stands for many objects in the trail.
            or("rule.bucket_key_enabled", Flag, "false", Setting),
        ],
    ),
    (
        "aws_s3_bucket_versioning",
        &[
            law("bucket", BUCKET, Setting),
            law(
                "versioning_configuration.status",
                OneOf(&["Enabled", "Suspended", "Disabled"]),
                Setting,
            ),
        ],
    ),
    (
        "aws_secretsmanager_secret",
        &[
            must("name", Word(512, "/_+=.@-"), Being),
            law("kms_key_id", Key, Setting),
            or(
                "recovery_window_in_days",
                OneOf(&[
                    "0", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
                    "21", "22", "23", "24", "25", "26", "27", "28", "29", "30",
                ]),
                "30",
                Setting,
            ),
        ],
    ),
    (
        "aws_secretsmanager_secret_policy",
        &[
            law(
                "secret_arn",
                Id(
                    &[
                        ("aws_secretsmanager_secret", "arn"),
                        ("aws_secretsmanager_secret", "id"),
                    ],
                    "",
                ),
                Access,
            ),
            document("policy", Kind::Resource),
        ],
    ),
    (
        "aws_sqs_queue",
        &[
            must("name", Word(80, "_-"), Being),
            law("kms_master_key_id", Key, Setting),
            free(
                "sqs_managed_sse_enabled",
                OneOf(&["true"]),
                "a queue has it unless it is turned off, or another key is named",
            ),
            or(
                "message_retention_seconds",
                Within(60, 1_209_600),
                "345600",
                Setting,
            ),
            or("visibility_timeout_seconds", Within(0, 43_200), "30", Setting),
        ],
    ),
    (
        "aws_sqs_queue_policy",
        &[
            law(
                "queue_url",
                Id(&[("aws_sqs_queue", "url"), ("aws_sqs_queue", "id")], ""),
                Access,
            ),
            document("policy", Kind::Resource),
        ],
    ),
    (
        "aws_timestreamwrite_database",
        &[
            law("database_name", Word(256, "_.-"), Being),
            law("kms_key_id", Key, Setting),
        ],
    ),
    (
        "aws_timestreamwrite_table",
        &[
            law("database_name", Word(256, "_.-"), Being),
            law("table_name", Word(256, "_.-"), Being),
            law(
                "retention_properties.magnetic_store_retention_period_in_days",
                Within(1, 73_000),
                Setting,
            ),
            must(
                "retention_properties.memory_store_retention_period_in_hours",
                Within(1, 8_766),
                Setting,
            ),
        ],
    ),
];
