//! `aws_sqs_queue` and its policy.
//!
//! Source: Terraform AWS provider 6.25, the pages of both; Amazon SQS developer guide, "Queue URL"; read 2026-11-21.

use crate::documents::Kind;
use crate::facts::object::Setting;
use crate::json::Json;
use crate::sink::Class::{Enforcing, Name, Reference, Setting as Settings};
use crate::terraform::cx::Measured;
use crate::terraform::row::{
    Gives, Row, Type, Values, among, among_or, free, free_or, only, optional, or, required,
};
use crate::terraform::world::World;
use crate::terraform::{keyed, object};

const ROWS: &[Row] = &[
    required("name", Name),
    optional("kms_master_key_id", Reference),
    only("sqs_managed_sse_enabled", &["true"]),
    among("kms_data_key_reuse_period_seconds", Values::Whole(60, 86_400)),
    or("message_retention_seconds", Settings, "345600"),
    optional("policy", Enforcing),
    among_or("visibility_timeout_seconds", Values::Whole(0, 43_200), "30"),
    among_or("delay_seconds", Values::Whole(0, 900), "0"),
    free("max_message_size"),
    among_or("receive_wait_time_seconds", Values::Whole(0, 20), "0"),
    free_or("fifo_queue", "false"),
    free_or("content_based_deduplication", "false"),
    free("deduplication_scope"),
    free("fifo_throughput_limit"),
    optional("redrive_policy", Reference),
];

const GIVES: &[(&str, Gives)] = &[
    ("arn", Gives::Address),
    ("id", Gives::Formed(url)),
    ("url", Gives::Formed(url)),
    ("name", Gives::Argument("name")),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_sqs_queue",
    is_data: false,
    rows: ROWS,
    address,
    gives: GIVES,
    read: |cx, args| {
        let address = object::declare(cx, args, "queue")?;
        args.text(cx, "name")?;
        keyed::set_key(cx, args, "kms_master_key_id", &address)?;
        let has = |name| {
            cx.world
                .argument(args.block, name)
                .is_some_and(|value| *value != Json::Null)
        };
        if has("kms_master_key_id") && has("sqs_managed_sse_enabled") {
            return args.fail(
                cx,
                "sqs_managed_sse_enabled",
                "the service's own encryption beside a key",
            );
        }
        let seconds = args.number(cx, "message_retention_seconds")?;
        let place = args.place();
        cx.set(&address, Setting::RetainSeconds, seconds.to_string(), place);
        if let Some(text) = args.maybe_text(cx, "redrive_policy")? {
            match redrive(&text) {
                Some(queue) => cx.refer(&address, format!("copies-to:{queue}")),
                None => return args.fail(cx, "redrive_policy", "no policy that we read"),
            }
        }
        if let Some(text) = args.maybe_wide(cx, "policy")? {
            let place = args.place_of("policy");
            cx.resource_policy(&address, Kind::Resource, text, Measured::Service("sqs"), place);
        }
        Ok(())
    },
};

/// The queue that takes what was not handled.
fn redrive(text: &str) -> Option<String> {
    let crate::json::Json::Object(members) =
        crate::json::parse(text.as_bytes(), crate::json::Fold::Exact).ok()?
    else {
        return None;
    };
    let mut queue = None;
    for (name, value) in &members {
        match name.as_ref() {
            "deadLetterTargetArn" => queue = Some(value.text()?.to_owned()),
            "maxReceiveCount" => {}
            _ => return None,
        }
    }
    queue
}

/// Found by its name.
pub(crate) const DATA: Type = Type {
    name: "aws_sqs_queue",
    is_data: true,
    rows: &[required("name", Name)],
    address,
    gives: GIVES,
    read: |cx, args| args.text(cx, "name").map(drop),
};

fn address(world: &World<'_>, block: usize) -> Option<String> {
    Some(world.module(block)?.arn("sqs", &world.text(block, "name")?))
}

fn url(world: &World<'_>, block: usize) -> Option<String> {
    let module = world.module(block)?;
    let domain = if module.partition() == "aws-cn" {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    Some(format!(
        "https://sqs.{}.{domain}/{}/{}",
        module.region,
        module.account,
        world.text(block, "name")?
    ))
}

/// The queue of a URL.
pub(super) fn of_url(world: &World<'_>, block: usize, url: &str) -> Option<String> {
    let module = world.module(block)?;
    let mut parts = url.strip_prefix("https://sqs.")?.split('/');
    let (host, account, name) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, domain) = host.split_once('.')?;
    let known = matches!(domain, "amazonaws.com" | "amazonaws.com.cn") && parts.next().is_none();
    known.then(|| format!("arn:{}:sqs:{region}:{account}:{name}", module.partition()))
}

pub(crate) const POLICY: Type = Type {
    name: "aws_sqs_queue_policy",
    is_data: false,
    rows: &[required("queue_url", Reference), required("policy", Enforcing)],
    address: |world, block| of_url(world, block, &world.text(block, "queue_url")?),
    gives: &[],
    read: |cx, args| {
        args.text(cx, "queue_url")?;
        let address = object::own(cx, args)?;
        let text = args.maybe_wide(cx, "policy")?.unwrap_or_default();
        let place = args.place_of("policy");
        cx.resource_policy(&address, Kind::Resource, text, Measured::Service("sqs"), place);
        Ok(())
    },
};
