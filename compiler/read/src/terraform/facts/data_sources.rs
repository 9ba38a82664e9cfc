//! Data sources that stand for no object of ours: the account, a certificate, the address of the broker.
//!
//! Source: Terraform AWS provider 6.25, the pages of these, read 2026-11-21.

use crate::sink::Class::Name;
use crate::terraform::row::{Gives, Type, free, nothing, only, optional, required};

/// The account is the module's: no other is allowed.
pub(crate) const CALLER: Type = Type {
    name: "aws_caller_identity",
    is_data: true,
    rows: &[],
    address: |world, block| Some(world.module(block)?.address("caller", "self")),
    gives: &[(
        "account_id",
        Gives::Formed(|world, block| Some(world.module(block)?.account.clone())),
    )],
    read: nothing,
};

/// Found by its domain.
pub(crate) const CERTIFICATE: Type = Type {
    name: "aws_acm_certificate",
    is_data: true,
    rows: &[
        required("domain", Name),
        only("statuses", &["ISSUED"]),
        free("most_recent"),
        free("types"),
        free("key_types"),
    ],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .address("certificate", &world.text(block, "domain")?),
        )
    },
    gives: &[("arn", Gives::Assigned("arn")), ("id", Gives::Assigned("arn"))],
    read: |cx, args| args.text(cx, "domain").map(drop),
};

/// The name under which devices reach the broker.
pub(crate) const BROKER: Type = Type {
    name: "aws_iot_endpoint",
    is_data: true,
    rows: &[optional("endpoint_type", Name)],
    address: |world, block| {
        let sort = world
            .text(block, "endpoint_type")
            .unwrap_or_else(|| "iot:Data".to_owned());
        Some(world.module(block)?.address("iot-endpoint", &sort))
    },
    gives: &[("endpoint_address", Gives::Assigned("address"))],
    read: |cx, args| args.maybe_text(cx, "endpoint_type").map(drop),
};
