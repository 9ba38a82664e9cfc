//! `aws_iam_role`, its own policies, and lists that claim to hold all of them.
//!
//! Source: Terraform AWS provider 6.25, "Resource: aws_iam_role" and the ones named after it, read 2026-11-21.

use crate::documents::Kind;
use crate::facts::document::Guard;
use crate::facts::object::Setting;
use crate::sink::Class::{Enforcing, Name, Reference, Setting as Settings};
use crate::terraform::args::Args;
use crate::terraform::cx::{Cx, Exclusive, Measured, Parts, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, free_or, held, inert, nested, optional, or, required};
use crate::terraform::world::World;

const ROWS: &[Row] = &[
    required("name", Name),
    or("path", Name, "/"),
    required("assume_role_policy", Enforcing),
    or("max_session_duration", Settings, "3600"),
    optional("permissions_boundary", Reference),
    optional("managed_policy_arns", Reference),
    nested(
        "inline_policy",
        &[required("name", Name), required("policy", Enforcing)],
    ),
    inert("description"),
    free_or("force_detach_policies", "false"),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_iam_role",
    is_data: false,
    rows: ROWS,
    address,
    gives: &[
        ("arn", Gives::Address),
        ("name", Gives::Argument("name")),
        ("id", Gives::Argument("name")),
    ],
    read,
};

fn address(world: &World<'_>, block: usize) -> Option<String> {
    let path = world.text(block, "path").unwrap_or_else(|| "/".to_owned());
    Some(
        world
            .module(block)?
            .global_arn("iam", &format!("role{path}{}", world.text(block, "name")?)),
    )
}

fn read(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "role")?;
    let name = args.text(cx, "name")?;
    let place = args.place();
    cx.measure("iam.name.role", &address, name.chars().count(), place.clone());
    let path = args.text(cx, "path")?;
    if !path.starts_with('/') || !path.ends_with('/') {
        return args.fail(cx, "path", "a path starts and ends with `/`");
    }
    let seconds = args.number(cx, "max_session_duration")?;
    if !(3600..=43_200).contains(&seconds) {
        return args.fail(
            cx,
            "max_session_duration",
            "neither one hour nor twelve, nor between",
        );
    }
    cx.set(&address, Setting::SessionSeconds, seconds.to_string(), place);
    let trust = args.maybe_wide(cx, "assume_role_policy")?.unwrap_or_default();
    let place = args.place_of("assume_role_policy");
    cx.policy(
        Guard::Trust(address.clone()),
        Kind::Trust,
        trust,
        Measured::Dense("iam.role.trust"),
        place,
    );
    if let Some(policy) = args.maybe_text(cx, "permissions_boundary")? {
        let place = args.place_of("permissions_boundary");
        cx.out
            .attachments
            .push((policy, Guard::Boundary(address.clone()), place));
    }
    cx.in_line(args, &address, "managed_policy_arns", Parts::Attachments);
    cx.in_line(args, &address, "inline_policy", Parts::Policies);
    for policy in args.texts(cx, "managed_policy_arns")? {
        let place = args.place_of("managed_policy_arns");
        cx.out
            .attachments
            .push((policy, Guard::Identity(address.clone()), place));
    }
    args.each(cx, "inline_policy", &mut |cx, args| inline(cx, args, &address))
        .map(drop)
}

/// By which instances take a role: the one that it names, and no other.
pub(crate) const PROFILE: Type = Type {
    name: "aws_iam_instance_profile",
    is_data: false,
    rows: &[
        required("name", Name),
        held(or("path", Name, "/")),
        required("role", Reference),
    ],
    address: |world, block| {
        let (name, role) = (world.text(block, "name")?, world.text(block, "role")?);
        let account = &world.module(block)?.account;
        Some(format!(
            "instance-profile:{account}:{name} of {}",
            world.role(block, &role)?
        ))
    },
    gives: &[("name", Gives::Argument("name")), ("id", Gives::Argument("name"))],
    read: |cx, args| {
        object::declare(cx, args, "instance-profile")?;
        let account = &cx.module(args.block)?.account;
        let own = (account.clone(), args.text(cx, "name")?);
        if !cx.out.profiles.insert(own) {
            return args.fail(cx, "name", "a second profile of this name");
        }
        for name in ["path", "role"] {
            args.text(cx, name)?;
        }
        Ok(())
    },
};

fn inline(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, role: &str) -> Read<()> {
    let name = args.text(cx, "name")?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if name.is_empty() || name.len() > 128 || !name.chars().all(is_name) {
        return args.fail(cx, "name", "no name of a policy");
    }
    let text = args.maybe_wide(cx, "policy")?.unwrap_or_default();
    let place = args.place_of("policy");
    if !cx.out.inline_names.insert((role.to_owned(), name)) {
        return args.fail(cx, "name", "two policies of one role with the same name");
    }
    cx.policy(
        Guard::Identity(role.to_owned()),
        Kind::Identity,
        text,
        Measured::Inline,
        place,
    );
    Ok(())
}

/// Found by name. A path is not part of what the data source is asked for.
pub(crate) const DATA: Type = Type {
    name: "aws_iam_role",
    is_data: true,
    rows: &[required("name", Name)],
    address: |world, block| world.role(block, &world.text(block, "name")?),
    gives: &[
        ("arn", Gives::Address),
        ("name", Gives::Argument("name")),
        ("id", Gives::Argument("name")),
    ],
    read: |cx, args| args.text(cx, "name").map(drop),
};

/// The role of an argument that holds its name.
fn role(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, argument: &str) -> Read<String> {
    let name = args.text(cx, argument)?;
    match cx.world.role(args.block, &name) {
        Some(role) => {
            if !cx.world.declares_role(args.block, &name) {
                let place = args.place_of(argument);
                cx.rely(&role, place);
            }
            Ok(role)
        }
        None => args.fail(cx, argument, "no role"),
    }
}

fn role_of(world: &World<'_>, block: usize, argument: &str) -> Option<String> {
    world.role(block, &world.text(block, argument)?)
}

pub(crate) const POLICY: Type = Type {
    name: "aws_iam_role_policy",
    is_data: false,
    rows: &[
        required("name", Name),
        required("role", Reference),
        required("policy", Enforcing),
    ],
    address: |world, block| role_of(world, block, "role"),
    gives: &[],
    read: |cx, args| {
        let role = role(cx, args, "role")?;
        cx.apart(&role, Parts::Policies);
        inline(cx, args, &role)
    },
};

pub(crate) const ATTACHMENT: Type = Type {
    name: "aws_iam_role_policy_attachment",
    is_data: false,
    rows: &[required("role", Reference), required("policy_arn", Reference)],
    address: |world, block| role_of(world, block, "role"),
    gives: &[],
    read: |cx, args| {
        let role = role(cx, args, "role")?;
        let policy = args.text(cx, "policy_arn")?;
        cx.apart(&role, Parts::Attachments);
        let place = args.place();
        cx.out.attachments.push((policy, Guard::Identity(role), place));
        Ok(())
    },
};

pub(crate) const POLICIES_EXCLUSIVE: Type = Type {
    name: "aws_iam_role_policies_exclusive",
    is_data: false,
    rows: &[
        required("role_name", Reference),
        required("policy_names", Enforcing),
    ],
    address: |world, block| role_of(world, block, "role_name"),
    gives: &[],
    read: |cx, args| exclusive(cx, args, "policy_names", true),
};

pub(crate) const ATTACHMENTS_EXCLUSIVE: Type = Type {
    name: "aws_iam_role_policy_attachments_exclusive",
    is_data: false,
    rows: &[
        required("role_name", Reference),
        required("policy_arns", Enforcing),
    ],
    address: |world, block| role_of(world, block, "role_name"),
    gives: &[],
    read: |cx, args| exclusive(cx, args, "policy_arns", false),
};

fn exclusive(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, list: &str, is_inline: bool) -> Read<()> {
    let role = role(cx, args, "role_name")?;
    let names = args.texts(cx, list)?;
    let place = args.place();
    cx.out.exclusive.push(Exclusive {
        role,
        names,
        is_inline,
        place,
    });
    Ok(())
}

/// A managed policy: what it permits is permitted to whom it is attached.
pub(crate) const MANAGED: Type = Type {
    name: "aws_iam_policy",
    is_data: false,
    rows: &[
        required("name", Name),
        or("path", Name, "/"),
        required("policy", Enforcing),
        inert("description"),
    ],
    address: |world, block| {
        let path = world.text(block, "path").unwrap_or_else(|| "/".to_owned());
        Some(
            world
                .module(block)?
                .global_arn("iam", &format!("policy{path}{}", world.text(block, "name")?)),
        )
    },
    gives: &[
        ("arn", Gives::Address),
        ("id", Gives::Address),
        ("name", Gives::Argument("name")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "policy")?;
        let name = args.text(cx, "name")?;
        args.text(cx, "path")?;
        let place = args.place();
        cx.measure("iam.name.policy", &address, name.chars().count(), place);
        let text = args.maybe_wide(cx, "policy")?.unwrap_or_default();
        let place = args.place_of("policy");
        cx.managed_policy(&address, text, place);
        Ok(())
    },
};
