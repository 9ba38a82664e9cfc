//! `aws_iot_topic_rule`: which messages it takes, which role it acts as, and what it refers to.
//!
//! What the role may do is the role's. Source: Terraform AWS provider 6.25, "Resource: aws_iot_topic_rule", read 2026-11-21.

use crate::documents::sql;
use crate::documents::text::Refused;
use crate::facts::document::{Document, Guard};
use crate::sink::Class::{Enforcing, Name, Reference};
use crate::terraform::args::Args;
use crate::terraform::cx::{Cx, Read};
use crate::terraform::object;
use crate::terraform::row::{
    Gives, Row, Type, Values, among, free, free_or, held, inert, nested, only, required,
};

const ROLE: Row = required("role_arn", Reference);

const S3: &[Row] = &[
    ROLE,
    required("bucket_name", Reference),
    free("key"),
    only("canned_acl", &["private"]),
];
const KINESIS: &[Row] = &[
    ROLE,
    required("stream_name", Reference),
    among("partition_key", Values::Text(is_substitution)),
];
const SQS: &[Row] = &[
    ROLE,
    required("queue_url", Reference),
    free_or("use_base64", "false"),
];
const LOGS: &[Row] = &[
    ROLE,
    required("log_group_name", Reference),
    free_or("batch_mode", "false"),
];
const PUT_ITEM: &[Row] = &[required("table_name", Reference)];
const DYNAMODB: &[Row] = &[ROLE, nested("put_item", PUT_ITEM)];
const REPUBLISH: &[Row] = &[ROLE, required("topic", Reference), free_or("qos", "0")];
const LAMBDA: &[Row] = &[required("function_arn", Reference)];
const SNS: &[Row] = &[
    ROLE,
    required("target_arn", Reference),
    free_or("message_format", "RAW"),
];
const FIREHOSE: &[Row] = &[
    ROLE,
    required("delivery_stream_name", Reference),
    free("separator"),
    free_or("batch_mode", "false"),
];
const PAIR: &[Row] = &[free("name"), free("value")];
const STAMP: &[Row] = &[free("unit"), free("value")];
const TIMESTREAM: &[Row] = &[
    ROLE,
    required("database_name", Reference),
    required("table_name", Reference),
    nested("dimension", PAIR),
    nested("timestamp", STAMP),
];

const ACTIONS: [&str; 10] = [
    "s3",
    "kinesis",
    "sqs",
    "cloudwatch_logs",
    "dynamodbv2",
    "republish",
    "lambda",
    "sns",
    "firehose",
    "timestream",
];

const ERROR_ROWS: &[Row] = &[
    nested("s3", S3),
    nested("kinesis", KINESIS),
    nested("sqs", SQS),
    nested("cloudwatch_logs", LOGS),
    nested("dynamodbv2", DYNAMODB),
    nested("republish", REPUBLISH),
    nested("lambda", LAMBDA),
    nested("sns", SNS),
    nested("firehose", FIREHOSE),
    nested("timestream", TIMESTREAM),
];

const ROWS: &[Row] = &[
    required("name", Name),
    required("enabled", Enforcing),
    required("sql", Enforcing),
    held(required("sql_version", Enforcing)),
    inert("description"),
    nested("error_action", ERROR_ROWS),
    nested("s3", S3),
    nested("kinesis", KINESIS),
    nested("sqs", SQS),
    nested("cloudwatch_logs", LOGS),
    nested("dynamodbv2", DYNAMODB),
    nested("republish", REPUBLISH),
    nested("lambda", LAMBDA),
    nested("sns", SNS),
    nested("firehose", FIREHOSE),
    nested("timestream", TIMESTREAM),
];

/// Whether every `${` of a substitution template ends.
fn is_substitution(text: &str) -> bool {
    let mut parts = text.split("${");
    parts.next().is_some() && parts.all(|part| part.contains('}'))
}

/// The versions of the language in which `SELECT * FROM 'filter'` means the same.
const VERSIONS: [&str; 2] = ["2015-10-08", "2016-03-23"];

pub(crate) const TYPE: Type = Type {
    name: "aws_iot_topic_rule",
    is_data: false,
    rows: ROWS,
    address: |world, block| {
        Some(
            world
                .module(block)?
                .arn("iot", &format!("rule/{}", world.text(block, "name")?)),
        )
    },
    gives: &[
        ("arn", Gives::Address),
        ("name", Gives::Argument("name")),
        ("id", Gives::Argument("name")),
    ],
    read,
};

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "rule")?;
    args.text(cx, "name")?;
    let enabled = args.flag(cx, "enabled")?;
    if !VERSIONS.contains(&args.text(cx, "sql_version")?.as_str()) {
        return args.fail(cx, "sql_version", "an unknown version");
    }
    let sql = args.text(cx, "sql")?;
    let names = cx.module(args.block)?.arn("iot", "");
    let place = args.place_of("sql");
    let at = crate::at::At::Root {
        path: &place.path,
        base: &place.pointer,
    };
    let statements = match sql::read(&sql, &sql::Broker { names: &names }, &at) {
        Ok(statements) => statements,
        Err(Refused::Unread(what)) => return args.fail(cx, "sql", what),
        Err(Refused::NotDecided(what)) => return args.fail(cx, "sql", format!("not decided: {what}")),
    };
    // A rule that is off takes nothing.
    let statements = if enabled { statements } else { Vec::new() };
    cx.out.documents.push(Document {
        guard: Guard::Rule(address.clone()),
        statements,
        place: place.clone(),
    });
    let mut count = 0;
    for name in ACTIONS {
        count += args.each(cx, name, &mut |cx, args| action(cx, args, &address, name))?;
    }
    args.each(cx, "error_action", &mut |cx, args| {
        for name in ACTIONS {
            args.each(cx, name, &mut |cx, args| action(cx, args, &address, name))?;
        }
        Ok(())
    })?;
    let place = args.place();
    cx.measure("iot.rule.actions", &address, count, place);
    Ok(())
}

/// What an action acts as, and on.
fn action(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, rule: &str, name: &str) -> Read<()> {
    if name != "lambda" {
        let role = args.text(cx, "role_arn")?;
        if !role.contains(":role/") {
            return args.fail(cx, "role_arn", "no role");
        }
        cx.refer(rule, role);
    }
    let module = cx.module(args.block)?;
    let target = match name {
        "s3" => format!(
            "arn:{}:s3:::{}",
            module.partition(),
            args.text(cx, "bucket_name")?
        ),
        "kinesis" => module.arn("kinesis", &format!("stream/{}", args.text(cx, "stream_name")?)),
        "cloudwatch_logs" => module.arn("logs", &format!("log-group:{}", args.text(cx, "log_group_name")?)),
        "republish" => module.arn("iot", &format!("topic/{}", args.text(cx, "topic")?)),
        "lambda" => args.text(cx, "function_arn")?,
        "sns" => args.text(cx, "target_arn")?,
        "firehose" => module.arn(
            "firehose",
            &format!("deliverystream/{}", args.text(cx, "delivery_stream_name")?),
        ),
        "sqs" => {
            let url = args.text(cx, "queue_url")?;
            match super::aws_sqs_queue::of_url(cx.world, args.block, &url) {
                Some(queue) => queue,
                None => return args.fail(cx, "queue_url", "no URL of a queue"),
            }
        }
        "dynamodbv2" => {
            let mut table = String::new();
            args.each(cx, "put_item", &mut |cx, args| {
                table = args.text(cx, "table_name")?;
                Ok(())
            })?;
            module.arn("dynamodb", &format!("table/{table}"))
        }
        _ => {
            args.each(cx, "dimension", &mut |_, _| Ok(()))?;
            args.each(cx, "timestamp", &mut |_, _| Ok(()))?;
            let database = args.text(cx, "database_name")?;
            module.arn(
                "timestream",
                &format!("database/{database}/table/{}", args.text(cx, "table_name")?),
            )
        }
    };
    cx.refer(rule, target);
    Ok(())
}
