//! Roles, their documents, and what devices are to the broker.

use super::{Absent, Law, NAME, ROLE, ROLE_NAME, THING_TYPE, Weight, document, law, must, needed, or};
use crate::label::Concern::{Access, Being, Setting};
use crate::label::module::shape::Shape::{Any, Flag, Head, OneOf, Substitution, Within, Word};
use crate::label::policy::Kind;

/// The laws of each type.
pub(super) const LAWS: &[(&str, &[Law])] = &[
    (
        "aws_iam_instance_profile",
        &[
            must("name", Word(128, "_+=,.@-"), Being),
            must("role", Word(64, "_+=,.@-"), Being),
        ],
    ),
    (
        "aws_iam_openid_connect_provider",
        &[
            must("url", Head("https://", 247, ".-/_"), Being),
            law("client_id_list", Word(255, "._-:/"), Access),
        ],
    ),
    (
        "aws_iam_role",
        &[
            must("name", ROLE_NAME, Being),
            document("assume_role_policy", Kind::Trust),
            or("max_session_duration", Within(3600, 43_200), "3600", Setting),
        ],
    ),
    (
        "aws_iam_role_policy",
        &[
            needed(
                "name",
                Word(128, "_+=,.@-"),
                "a role's documents are judged together",
            ),
            law("role", ROLE_NAME, Access),
            document("policy", Kind::Identity),
        ],
    ),
    (
        "aws_iot_policy",
        &[
            must("name", Word(128, "_+=,.@-"), Being),
            document("policy", Kind::Iot),
        ],
    ),
    (
        "aws_iot_thing",
        &[
            must("name", Word(128, "_:-"), Being),
            law("thing_type_name", THING_TYPE, Access),
            law("attributes", Any, Access),
        ],
    ),
    ("aws_iot_thing_type", &[must("name", Word(128, "_:-"), Being)]),
    (
        "aws_iot_topic_rule",
        &[
            law("name", Word(128, "_"), Being),
            law("enabled", Flag, Access),
            Law {
                path: "sql",
                shape: Any,
                weight: Weight::Sql,
                absent: Absent::None,
            },
            law("sql_version", OneOf(&["2015-10-08", "2016-03-23"]), Setting),
            law("kinesis.role_arn", ROLE, Access),
            law("kinesis.stream_name", NAME, Access),
            law("kinesis.partition_key", Substitution, Setting),
            law("error_action.cloudwatch_logs.role_arn", ROLE, Access),
            law(
                "error_action.cloudwatch_logs.log_group_name",
                Word(512, "_-/.#"),
                Access,
            ),
        ],
    ),
];
