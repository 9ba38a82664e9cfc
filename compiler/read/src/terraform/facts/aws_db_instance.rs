//! `aws_db_instance`, its subnets and parameters.
//!
//! Source: Terraform AWS provider 6.25, the pages of these; Amazon RDS user guide, "Using SSL/TLS", for the parameters that refuse connections
//! without TLS; read 2026-11-21.

use crate::facts::network::Interface;
use crate::facts::object::Setting;
use crate::json::Json;
use crate::sink::Class::{Enforcing, Name, Reference, Setting as Settings};
use crate::terraform::args::{Args, GROUP, SUBNET};
use crate::terraform::cx::{Cx, Read};
use crate::terraform::row::{
    Gives, Row, Type, Values, among, free, free_or, held, inert, needed, nested, only, optional, or, required,
};
use crate::terraform::world::World;
use crate::terraform::{keyed, object};

const ROWS: &[Row] = &[
    required("identifier", Name),
    required("db_subnet_group_name", Reference),
    optional("vpc_security_group_ids", Reference),
    or("publicly_accessible", Enforcing, "false"),
    or("storage_encrypted", Settings, "false"),
    optional("kms_key_id", Reference),
    or("deletion_protection", Settings, "false"),
    optional("parameter_group_name", Reference),
    or("port", Enforcing, "0"),
    held(required("engine", Enforcing)),
    held(optional("engine_version", Settings)),
    needed("instance_class", Values::Text(is_class)),
    needed("allocated_storage", Values::Whole(20, 65_536)),
    free_or("max_allocated_storage", "0"),
    among("storage_type", Values::Words(&["gp2", "gp3", "io1", "io2"])),
    free("iops"),
    free("multi_az"),
    free("db_name"),
    needed("username", Values::Text(is_user)),
    // A password is never emitted: the provider keeps it as a secret of its own.
    needed("manage_master_user_password", Values::Words(&["true"])),
    free("master_user_secret_kms_key_id"),
    free_or("iam_database_authentication_enabled", "false"),
    // Not said, it stays as it was: the provider computes it.
    among("backup_retention_period", Values::Whole(0, 35)),
    free("backup_window"),
    free("maintenance_window"),
    free_or("copy_tags_to_snapshot", "false"),
    free_or("auto_minor_version_upgrade", "true"),
    free_or("apply_immediately", "false"),
    free_or("skip_final_snapshot", "false"),
    among("final_snapshot_identifier", Values::Text(is_name)),
    free_or("delete_automated_backups", "true"),
    free("ca_cert_identifier"),
    free("enabled_cloudwatch_logs_exports"),
    free_or("performance_insights_enabled", "false"),
    only("network_type", &["IPV4"]),
];

/// `db.t4g.medium`.
fn is_class(text: &str) -> bool {
    text.strip_prefix("db.").is_some_and(|rest| {
        rest.contains('.')
            && rest.split('.').all(|part| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            })
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

fn is_user(text: &str) -> bool {
    let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    starts
        && text.len() <= 63
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// An engine, and the parameter that has it refuse connections without TLS.
struct Engine {
    name: &'static str,
    tls: Option<(&'static str, &'static [&'static str])>,
}

const ENGINES: &[Engine] = &[
    Engine {
        name: "postgres",
        tls: Some(("rds.force_ssl", &["1"])),
    },
    Engine {
        name: "mysql",
        tls: Some(("require_secure_transport", &["1", "ON"])),
    },
    Engine {
        name: "mariadb",
        tls: Some(("require_secure_transport", &["1", "ON"])),
    },
    Engine {
        name: "sqlserver-ee",
        tls: Some(("rds.force_ssl", &["1"])),
    },
    Engine {
        name: "sqlserver-se",
        tls: Some(("rds.force_ssl", &["1"])),
    },
    Engine {
        name: "sqlserver-ex",
        tls: Some(("rds.force_ssl", &["1"])),
    },
    Engine {
        name: "sqlserver-web",
        tls: Some(("rds.force_ssl", &["1"])),
    },
    // By a group of options, which no table reads.
    Engine {
        name: "oracle-ee",
        tls: None,
    },
    Engine {
        name: "oracle-se2",
        tls: None,
    },
];

/// The engine of a family of parameters, `postgres17`, and the version that it is for.
fn of_family(family: &str) -> Option<(&'static Engine, &str)> {
    ENGINES.iter().find_map(|engine| {
        let version = family.strip_prefix(engine.name)?;
        let version = version.strip_prefix('-').unwrap_or(version);
        version
            .starts_with(|c: char| c.is_ascii_digit())
            .then_some((engine, version))
    })
}

pub(crate) const TYPE: Type = Type {
    name: "aws_db_instance",
    is_data: false,
    rows: ROWS,
    address: |world, block| {
        Some(
            world
                .module(block)?
                .arn("rds", &format!("db:{}", world.text(block, "identifier")?)),
        )
    },
    gives: &[
        ("arn", Gives::Address),
        ("identifier", Gives::Argument("identifier")),
        ("resource_id", Gives::Assigned("resource_id")),
        ("address", Gives::Assigned("address")),
    ],
    read,
};

/// Where a server listens if nothing is said; 0 if that is not known.
///
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>, `Port`, read 2026-11-21.
fn default_port(engine: &str) -> i64 {
    match engine {
        "postgres" => 5432,
        "mysql" | "mariadb" => 3306,
        _ => 0,
    }
}

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "database")?;
    args.text(cx, "identifier")?;
    let engine = args.text(cx, "engine")?;
    let port = match args.number(cx, "port")? {
        0 => default_port(&engine),
        port => port,
    };
    if port != 0 {
        cx.refer(&address, format!("port:tcp/{port}"));
    }
    let key = keyed::maybe_key(cx, args, "kms_key_id")?;
    let key = match (args.flag(cx, "storage_encrypted")?, key) {
        (true, Some(key)) => key,
        (true, None) => keyed::PROVIDER.to_owned(),
        (false, None) => keyed::NONE.to_owned(),
        (false, Some(_)) => return args.fail(cx, "kms_key_id", "a key that is not used"),
    };
    let public = args.flag(cx, "publicly_accessible")?;
    let protected = args.flag(cx, "deletion_protection")?;
    if protected {
        object::keep(cx, &address);
    }
    let group = args.text(cx, "db_subnet_group_name")?;
    let Some(subnets) = cx
        .world
        .by_name(args.block, SUBNETS.name, &group)
        .and_then(|group| subnets(cx.world, group))
    else {
        return args.fail(
            cx,
            "db_subnet_group_name",
            "a group of subnets that is not declared",
        );
    };
    if !ENGINES.iter().any(|known| known.name == engine) {
        return args.fail(cx, "engine", format!("the value `{engine}`"));
    }
    let version = args.maybe_text(cx, "engine_version")?;
    let is_number = |version: &String| {
        let mut fields = version.split('.');
        fields.all(|field| field.parse::<u32>().is_ok() && !field.starts_with('+'))
    };
    if !version.iter().all(is_number) {
        return args.fail(cx, "engine_version", "no version");
    }
    let tls = match args.maybe_text(cx, "parameter_group_name")? {
        None => false,
        Some(name) => match cx.world.by_name(args.block, PARAMETERS.name, &name) {
            Some(group) => {
                let family = cx.world.text(group, "family").unwrap_or_default();
                let fits = of_family(&family).is_some_and(|(of, major)| {
                    let is_of = |version: &String| {
                        version == major
                            || version
                                .strip_prefix(major)
                                .is_some_and(|rest| rest.starts_with('.'))
                    };
                    of.name == engine && version.iter().all(is_of)
                });
                if !fits {
                    return args.fail(cx, "parameter_group_name", "parameters of another family");
                }
                refuses_plaintext(cx.world, group)
            }
            None => {
                return args.fail(
                    cx,
                    "parameter_group_name",
                    "a group of parameters that is not declared",
                );
            }
        },
    };
    let groups = args
        .ids(cx, "vpc_security_group_ids", &GROUP)?
        .unwrap_or_default();
    if groups.is_empty() {
        cx.out.bears_default.push(address.clone());
    }
    let interface = Interface {
        address: address.clone(),
        groups,
        subnets,
        public,
        place: args.place(),
    };
    cx.interface(interface);
    let place = args.place();
    cx.set(&address, Setting::EncryptionKey, key, place.clone());
    cx.set(
        &address,
        Setting::Unreachable,
        (!public).to_string(),
        place.clone(),
    );
    cx.set(
        &address,
        Setting::DeletionProtected,
        protected.to_string(),
        place.clone(),
    );
    cx.set(&address, Setting::TlsRequired, tls.to_string(), place);
    Ok(())
}

fn subnets(world: &World<'_>, group: usize) -> Option<Vec<String>> {
    let Some(Json::List(items)) = world.argument(group, "subnet_ids") else {
        return None;
    };
    let module = world.blocks.get(group)?.module;
    let one = |item: &Json<'_>| match world.resolve(module, item.text()?).ok()?.as_slice() {
        [crate::terraform::world::Part::Assigned(address, _)] => Some(address.to_string()),
        [crate::terraform::world::Part::Text(id)] => Some(id.clone()),
        _ => None,
    };
    let mut subnets = items.iter().map(one).collect::<Option<Vec<String>>>()?;
    subnets.sort_unstable();
    // A set: what stands twice stands once.
    subnets.dedup();
    Some(subnets)
}

fn refuses_plaintext(world: &World<'_>, group: usize) -> bool {
    let family = world.text(group, "family").unwrap_or_default();
    let tls = of_family(&family).and_then(|(engine, _)| engine.tls);
    let (Some(value), Some((parameter, on))) = (world.argument(group, "parameter"), tls) else {
        return false;
    };
    let items: &[Json<'_>] = match value {
        Json::List(items) => items,
        single => std::slice::from_ref(single),
    };
    items.iter().any(|item| {
        let Json::Object(members) = item else { return false };
        let text = |name: &str| {
            members
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| match value {
                    Json::Text(text) => text.to_string(),
                    Json::Number(number) => (*number).to_owned(),
                    Json::Null | Json::Bool(_) | Json::List(_) | Json::Object(_) => String::new(),
                })
        };
        text("name").is_some_and(|name| name == parameter)
            && text("value").is_some_and(|value| on.contains(&value.as_str()))
    })
}

pub(crate) const SUBNETS: Type = Type {
    name: "aws_db_subnet_group",
    is_data: false,
    rows: &[
        required("name", Name),
        required("subnet_ids", Reference),
        inert("description"),
    ],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .arn("rds", &format!("subgrp:{}", world.text(block, "name")?)),
        )
    },
    gives: &[
        ("name", Gives::Argument("name")),
        ("id", Gives::Argument("name")),
        ("arn", Gives::Address),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "subnet-group")?;
        if !is_name(&args.text(cx, "name")?) {
            return args.fail(cx, "name", "no name");
        }
        for subnet in args.ids(cx, "subnet_ids", &SUBNET)?.unwrap_or_default() {
            cx.refer(&address, subnet);
        }
        Ok(())
    },
};

pub(crate) const PARAMETERS: Type = Type {
    name: "aws_db_parameter_group",
    is_data: false,
    rows: &[
        required("name", Name),
        held(required("family", Enforcing)),
        inert("description"),
        nested(
            "parameter",
            &[
                required("name", Name),
                required("value", Settings),
                free_or("apply_method", "immediate"),
            ],
        ),
    ],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .arn("rds", &format!("pg:{}", world.text(block, "name")?)),
        )
    },
    gives: &[
        ("name", Gives::Argument("name")),
        ("id", Gives::Argument("name")),
        ("arn", Gives::Address),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "parameter-group")?;
        if !is_name(&args.text(cx, "name")?) {
            return args.fail(cx, "name", "no name");
        }
        if of_family(&args.text(cx, "family")?).is_none() {
            return args.fail(cx, "family", "an unknown family");
        }
        args.each(cx, "parameter", &mut |cx, args| {
            let (name, value) = (args.text(cx, "name")?, args.text(cx, "value")?);
            cx.refer(&address, format!("parameter:{name}={value}"));
            Ok(())
        })?;
        let tls = refuses_plaintext(cx.world, args.block);
        let place = args.place();
        cx.set(&address, Setting::TlsRequired, tls.to_string(), place);
        Ok(())
    },
};
