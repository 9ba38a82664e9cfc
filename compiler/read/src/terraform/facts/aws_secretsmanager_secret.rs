//! `aws_secretsmanager_secret` and its policy.
//!
//! Source: Terraform AWS provider 6.25, the pages of both, read 2026-11-21.

use crate::documents::Kind;
use crate::sink::Class::{Enforcing, Name, Reference};
use crate::terraform::args::Wanted;
use crate::terraform::cx::Measured;
use crate::terraform::row::{Gives, Row, Type, Values, among_or, free_or, inert, optional, required};
use crate::terraform::world::World;
use crate::terraform::{keyed, object};

const ROWS: &[Row] = &[
    required("name", Name),
    optional("kms_key_id", Reference),
    optional("policy", Enforcing),
    among_or(
        "recovery_window_in_days",
        // At once, or after so many days.
        Values::Text(|days| matches!(days.parse(), Ok(0 | 7..=30))),
        "30",
    ),
    inert("description"),
];

/// Its ARN ends in characters that the provider chooses.
const GIVES: &[(&str, Gives)] = &[
    ("arn", Gives::Assigned("arn")),
    ("id", Gives::Assigned("arn")),
    ("name", Gives::Argument("name")),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_secretsmanager_secret",
    is_data: false,
    rows: ROWS,
    address,
    gives: GIVES,
    read: |cx, args| {
        let address = object::declare(cx, args, "secret")?;
        args.text(cx, "name")?;
        keyed::set_key(cx, args, "kms_key_id", &address)?;
        if let Some(text) = args.maybe_wide(cx, "policy")? {
            let place = args.place_of("policy");
            cx.resource_policy(
                &address,
                Kind::Resource,
                text,
                Measured::Service("secretsmanager"),
                place,
            );
        }
        Ok(())
    },
};

/// Found by its name.
pub(crate) const DATA: Type = Type {
    name: "aws_secretsmanager_secret",
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
            .address("secretsmanager", &world.text(block, "name")?),
    )
}

pub(crate) const POLICY: Type = Type {
    name: "aws_secretsmanager_secret_policy",
    is_data: false,
    rows: &[
        required("secret_arn", Reference),
        required("policy", Enforcing),
        free_or("block_public_policy", "false"),
    ],
    address: |world, block| world.named(block, "secret_arn"),
    gives: &[],
    read: |cx, args| {
        let address = args.id(
            cx,
            "secret_arn",
            &Wanted {
                head: "secretsmanager:",
                attribute: "arn",
                id: "",
            },
        )?;
        let text = args.maybe_wide(cx, "policy")?.unwrap_or_default();
        let place = args.place_of("policy");
        cx.resource_policy(
            &address,
            Kind::Resource,
            text,
            Measured::Service("secretsmanager"),
            place,
        );
        Ok(())
    },
};
