//! `aws_iam_openid_connect_provider` and `aws_iam_saml_provider`: who may vouch for people and pipelines.
//!
//! Source: Terraform AWS provider 6.25, the pages of both; IAM user guide, "Identity providers and federation"; read 2026-11-21.

use crate::sink::Class::{Enforcing, Name};
use crate::terraform::args::Args;
use crate::terraform::cx::{Cx, Read};
use crate::terraform::object;
use crate::terraform::row::{Gives, Row, Type, free, optional, required};
use crate::terraform::world::World;

const OIDC_ROWS: &[Row] = &[
    required("url", Name),
    required("client_id_list", Enforcing),
    free("thumbprint_list"),
];

pub(crate) const OIDC: Type = Type {
    name: "aws_iam_openid_connect_provider",
    is_data: false,
    rows: OIDC_ROWS,
    address: oidc_address,
    gives: &[
        ("arn", Gives::Address),
        ("id", Gives::Address),
        ("url", Gives::Formed(issuer)),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "identity-provider")?;
        args.text(cx, "url")?;
        // Audiences that the provider may vouch for: each is named in the object, so that a further one shows.
        for audience in args.texts(cx, "client_id_list")? {
            if audience.is_empty() || audience.len() > 255 || audience.contains(['*', '?']) {
                return args.fail(cx, "client_id_list", "no audience");
            }
            cx.out
                .refers
                .entry(address.clone())
                .or_default()
                .insert(format!("audience:{audience}"));
        }
        Ok(())
    },
};

fn issuer(world: &World<'_>, block: usize) -> Option<String> {
    let url = world.text(block, "url")?;
    Some(
        url.strip_prefix("https://")
            .unwrap_or(&url)
            .trim_end_matches('/')
            .to_owned(),
    )
}

fn oidc_address(world: &World<'_>, block: usize) -> Option<String> {
    Some(
        world
            .module(block)?
            .global_arn("iam", &format!("oidc-provider/{}", issuer(world, block)?)),
    )
}

/// Found by its address.
pub(crate) const OIDC_DATA: Type = Type {
    name: "aws_iam_openid_connect_provider",
    is_data: true,
    rows: &[optional("url", Name), optional("arn", Name)],
    address: |world, block| match world.text(block, "arn") {
        Some(arn) => Some(arn),
        None => oidc_address(world, block),
    },
    gives: &[("arn", Gives::Address)],
    read: |cx, args| {
        args.maybe_text(cx, "url")?;
        args.maybe_text(cx, "arn").map(drop)
    },
};

pub(crate) const SAML: Type = Type {
    name: "aws_iam_saml_provider",
    is_data: false,
    rows: &[
        required("name", Name),
        required("saml_metadata_document", Enforcing),
    ],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .global_arn("iam", &format!("saml-provider/{}", world.text(block, "name")?)),
        )
    },
    gives: &[("arn", Gives::Address), ("id", Gives::Address)],
    read: |cx: &mut Cx<'_, '_>, args: &mut Args<'_>| -> Read<()> {
        let address = object::declare(cx, args, "identity-provider")?;
        args.text(cx, "name")?;
        // Whom the provider's assertions are checked against.
        let metadata = args.text(cx, "saml_metadata_document")?;
        cx.refer(&address, format!("metadata:{metadata}"));
        Ok(())
    },
};

/// Found by its ARN.
pub(crate) const SAML_DATA: Type = Type {
    name: "aws_iam_saml_provider",
    is_data: true,
    rows: &[required("arn", Name)],
    address: |world, block| world.text(block, "arn"),
    gives: &[("arn", Gives::Address), ("id", Gives::Address)],
    read: |cx, args| args.text(cx, "arn").map(drop),
};
