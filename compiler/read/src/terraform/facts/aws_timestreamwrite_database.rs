//! `aws_timestreamwrite_database` and its tables.
//!
//! Source: Terraform AWS provider 6.25, the pages of both, read 2026-11-21.

use crate::facts::object::Setting;
use crate::sink::Class::{Name, Reference, Setting as Settings};
use crate::terraform::row::{Gives, Row, Type, free, nested, only, optional, required};
use crate::terraform::world::World;
use crate::terraform::{keyed, object};

const DAY_SECONDS: i64 = 86_400;

pub(crate) const TYPE: Type = Type {
    name: "aws_timestreamwrite_database",
    is_data: false,
    rows: &[required("database_name", Name), optional("kms_key_id", Reference)],
    address: |world, block| database(world, block),
    gives: &[
        ("arn", Gives::Address),
        ("database_name", Gives::Argument("database_name")),
        ("id", Gives::Argument("database_name")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "time-series-database")?;
        args.text(cx, "database_name")?;
        keyed::set_key(cx, args, "kms_key_id", &address)
    },
};

fn database(world: &World<'_>, block: usize) -> Option<String> {
    Some(world.module(block)?.arn(
        "timestream",
        &format!("database/{}", world.text(block, "database_name")?),
    ))
}

const TABLE_ROWS: &[Row] = &[
    required("database_name", Reference),
    required("table_name", Name),
    nested(
        "retention_properties",
        &[
            required("magnetic_store_retention_period_in_days", Settings),
            free("memory_store_retention_period_in_hours"),
        ],
    ),
    nested(
        "magnetic_store_write_properties",
        &[only("enable_magnetic_store_writes", &["false", "true"])],
    ),
];

pub(crate) const TABLE: Type = Type {
    name: "aws_timestreamwrite_table",
    is_data: false,
    rows: TABLE_ROWS,
    address: |world, block| {
        Some(format!(
            "{}/table/{}",
            database(world, block)?,
            world.text(block, "table_name")?
        ))
    },
    gives: &[
        ("arn", Gives::Address),
        ("table_name", Gives::Argument("table_name")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "time-series-table")?;
        args.text(cx, "database_name")?;
        args.text(cx, "table_name")?;
        if let Some(database) = database(cx.world, args.block) {
            cx.refer(&address, database);
        }
        let mut days = None;
        args.each(cx, "retention_properties", &mut |cx, args| {
            days = Some(args.number(cx, "magnetic_store_retention_period_in_days")?);
            Ok(())
        })?;
        args.each(cx, "magnetic_store_write_properties", &mut |_, _| Ok(()))?;
        if let Some(days) = days {
            let place = args.place();
            cx.set(
                &address,
                Setting::RetainSeconds,
                days.saturating_mul(DAY_SECONDS).to_string(),
                place,
            );
        }
        Ok(())
    },
};
