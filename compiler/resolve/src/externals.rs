//! Externals: addresses, roles and accounts of others.

use diagnostics::Diagnostic;
use model::actor::{Address, External};
use model::thing::Detail;

use crate::actors::{CONTRADICTORY_ACTOR, is_host};
use crate::address;
use crate::body::Body;
use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::Decl;
use crate::internet;

/// Reads what is particular to an external.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>, body: &mut Body<'a>) -> Detail {
    let mut at = Vec::new();
    if let Some(line) = body.one(cx, "at") {
        let mut entries = Entries::of(cx, &line);
        for address in entries.need_rest(cx, "an address: `\"198.51.100.0/24\"`") {
            let text = cx.text(&address);
            let found = if is_host(&text) {
                Some(Address::Host(cx.intern(&text)))
            } else if let Some(single) = address::single(&text) {
                Some(Address::Block(single))
            } else {
                cx.any_block(&address).map(Address::Block)
            };
            at.extend(found.map(|found| (found, address.span)));
        }
        entries.finish_leaf(cx);
        let blocks: Vec<_> = at
            .iter()
            .filter_map(|(address, span)| match address {
                Address::Block(block) => Some((*block, *span)),
                Address::Host(_) => None,
            })
            .collect();
        internet::check_fact(cx, &format!("the addresses of `{}`", decl.name.text), &blocks);
        for (block, span) in blocks.iter().filter(|(block, _)| block.is_private()) {
            let message =
                format!("`{block}` is no address on the internet, and an external is outside of every place");
            cx.push(
                Diagnostic::new(&WRONG_TYPE, *span, message).help(
                    "name its public addresses; who is inside, or behind a private way, lives in a `site`: `workload NAME segment=… runs-on=onprem { at … }`",
                ),
            );
        }
    }
    let role = body.one(cx, "role").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let role = entries.need(
            cx,
            "a role's address, `\"arn:aws:iam::999988887777:role/reader\"`",
        );
        entries.finish_leaf(cx);
        let role = role?;
        let text = cx.text(&role);
        if !is_role(&text) && role.is_text() {
            cx.push(
                Diagnostic::new(
                    &WRONG_TYPE,
                    role.span,
                    format!("`{text}` is not the address of a role"),
                )
                .help("write it whole: `\"arn:aws:iam::999988887777:role/reader\"`"),
            );
        }
        Some((cx.intern(&text), role.span))
    });
    let account = body
        .one(cx, "account")
        .and_then(|line| foreign_account(cx, &line));
    let external_id = body.one(cx, "external-id").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let id = entries.need(cx, "the id that the external gives");
        entries.finish_leaf(cx);
        let id = id?;
        let text = cx.text(&id);
        if id.is_text() && !is_external_id(&text) {
            let message = format!("`{text}` cannot be an external id");
            cx.push(
                Diagnostic::new(&WRONG_TYPE, id.span, message)
                    .note("the provider takes 2 to 1224 letters, digits and `_ + = , . @ : / -`")
                    .help("write the id that the external was given, or draw one: `external-id \"nordwind-7f3c\"`"),
            );
        }
        Some((cx.intern(&text), id.span))
    });
    check_external(cx, decl, role.is_some(), account.is_some(), external_id);
    Detail::External(External {
        at,
        role,
        account,
        external_id,
    })
}

/// `account "999988887777" whole=#true`
fn foreign_account<'a>(
    cx: &mut Cx<'a, '_>,
    line: &crate::line::Line<'a>,
) -> Option<(arena::Name, source::Span)> {
    let mut entries = Entries::of(cx, line);
    let account = entries.need(cx, "an account's id");
    let whole = entries.prop("whole");
    entries.finish_leaf(cx);
    let account = account?;
    let is_whole = whole.and_then(|whole| cx.flag(&whole)) == Some(true);
    if !is_whole {
        cx.push(
            Diagnostic::new(
                &crate::entries::MISSING_VALUE,
                line.head(),
                "a whole foreign account is named, and not said to be whole",
            )
            .note("whoever acts in that account, now or later, would have the access")
            .help("name a `role`, or say it aloud: `whole=#true`"),
        );
    }
    let text = cx.text(&account);
    if account.is_text() && !crate::literal::is_account_number(&text) {
        cx.push(Diagnostic::new(
            &WRONG_TYPE,
            account.span,
            format!("`{text}` is not an account's id"),
        ));
    }
    Some((cx.intern(&text), account.span))
}

/// Source: AWS STS API reference, `AssumeRole`, `ExternalId`, read 2026-12-01.
fn is_external_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte);
    (2..=1224).contains(&text.len()) && text.bytes().all(fits)
}

fn is_role(text: &str) -> bool {
    let mut fields = text.splitn(6, ':');
    let head = (fields.next(), fields.next(), fields.next(), fields.next());
    let (Some("arn"), Some("aws" | "aws-cn" | "aws-us-gov"), Some("iam"), Some("")) = head else {
        return false;
    };
    let account = fields.next().is_some_and(crate::literal::is_account_number);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@/-".contains(&byte);
    let name = fields.next().and_then(|rest| rest.strip_prefix("role/"));
    account && name.is_some_and(|name| !name.is_empty() && name.bytes().all(fits))
}

fn check_external<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    has_role: bool,
    has_account: bool,
    external_id: Option<(arena::Name, source::Span)>,
) {
    let name = &decl.name.text;
    if has_role && has_account {
        let message = format!("`{name}` is a role and a whole account");
        cx.push(Diagnostic::new(&CONTRADICTORY_ACTOR, decl.head(), message).help("keep the role"));
    }
    match external_id {
        Some((_, span)) if !has_role && !has_account => {
            let message = format!("`{name}` gives an id, and has no role to give it with");
            cx.push(Diagnostic::new(&CONTRADICTORY_ACTOR, span, message).help("say its `role`"));
        }
        None if has_role || has_account => crate::body::missing(
            cx,
            &format!("external `{name}`"),
            "external-id",
            decl.head(),
            "without one, whoever talks it into assuming our role gets in: write `external-id \"…\"`",
        ),
        Some(_) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_a_shape() {
        assert!(
            is_role("arn:aws:iam::999988887777:role/reader") && !is_role("arn:aws:iam::999988887777:user/x")
        );
        assert!(
            !is_role("arn:aws:iam::99998888777:role/reader") && !is_role("arn:aws:iam::999988887777:role/*")
        );
    }
}
