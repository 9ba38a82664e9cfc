//! Who vouches for others: authorities for devices, providers for people and jobs.

use std::borrow::Cow;

use arena::Name;

use diagnostics::Diagnostic;
use model::actor::{Authority, AuthorityId, Oidc, Provider, ProviderId};
use source::Span;

use crate::actors::{bare, is_host};
use crate::body::Body;
use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::existing::EXISTING_ROLE;
use crate::gather::{Decl, Gathered, Sort};
use crate::names::Target;
use crate::project;

/// Reads authorities and providers, and enters their names.
pub(crate) fn declare<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) {
    for (index, decl) in gathered.of(Sort::Authority).enumerate() {
        cx.declare(&decl.name, Target::Authority(AuthorityId::new(index as u32)));
        let authority = authority(cx, decl);
        cx.model.authorities.push(authority);
    }
    for (index, decl) in gathered.of(Sort::Provider).enumerate() {
        cx.declare(&decl.name, Target::Provider(ProviderId::new(index as u32)));
        let provider = provider(cx, decl);
        cx.model.providers.push(provider);
    }
}

fn authority<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>) -> Authority {
    if let Some(entries) = Entries::of_head(cx, &decl.lines) {
        entries.finish(cx);
    }
    let mut body = Body::of(Cow::Owned(format!("authority `{}`", decl.name.text)), &decl.lines);
    let held_by = body.one(cx, "held-by").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let holder = entries.need(cx, "who holds it");
        entries.finish_leaf(cx);
        let text = cx.text(&holder?);
        Some(cx.intern(&text))
    });
    let mut root_offline = false;
    if let Some(line) = body.one(cx, "root") {
        let mut entries = Entries::of(cx, &line);
        let word = entries.need(cx, "a word, `root offline`");
        root_offline = word
            .and_then(|word| cx.word(&word, "a way to keep a root", &[("offline", true)]))
            .is_some();
        entries.finish_leaf(cx);
    }
    let ssh = bare(cx, &mut body, "ssh");
    // Read, since every declaration may say it; an authority is nobody's to grant.
    project::owner(cx, &mut body, decl.file);
    body.finish(cx);
    Authority {
        name: cx.intern(&decl.name.text),
        span: decl.head(),
        held_by,
        root_offline,
        ssh,
    }
}

fn provider<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>) -> Provider {
    if let Some(entries) = Entries::of_head(cx, &decl.lines) {
        entries.finish(cx);
    }
    let mut body = Body::of(Cow::Owned(format!("provider `{}`", decl.name.text)), &decl.lines);
    let saml = body.one(cx, "saml").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let metadata = entries.need_prop(cx, "metadata", "\"secret://idp/NAME\"");
        entries.finish_leaf(cx);
        let metadata = metadata?;
        let text = cx.secret(&metadata);
        Some((cx.intern(&text), line.head()))
    });
    let oidc = body.one(cx, "oidc").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let issuer = entries.need_prop(cx, "issuer", "\"https://…\"");
        let audience = entries.prop("audience");
        entries.finish_leaf(cx);
        let issuer = issuer?;
        let text = cx.text(&issuer);
        if !is_issuer(&text) && issuer.is_text() {
            let message = format!("`{text}` is not the address of an issuer");
            cx.push(
                Diagnostic::new(&WRONG_TYPE, issuer.span, message)
                    .help("write it as the issuer does, with `https://` and without a slash at the end"),
            );
        }
        let audience = audience.map_or(Cow::Borrowed("sts.amazonaws.com"), |audience| cx.text(&audience));
        Some(Oidc {
            issuer: cx.intern(&text),
            audience: cx.intern(&audience),
            span: line.head(),
        })
    });
    let issuer = oidc.map(|oidc| cx.text_of(oidc.issuer).to_owned());
    let existing = existing(cx, &mut body, issuer.as_deref());
    project::owner(cx, &mut body, decl.file);
    body.finish(cx);
    if saml.is_none() && oidc.is_none() {
        let what = format!("provider `{}`", decl.name.text);
        crate::body::missing(
            cx,
            &what,
            "saml",
            decl.head(),
            "say how it vouches: `saml metadata=…` or `oidc issuer=…`",
        );
    }
    Provider {
        name: cx.intern(&decl.name.text),
        span: decl.head(),
        saml,
        oidc,
        existing,
    }
}

/// `existing "…"…`: an account knows an issuer once, so one that is there already is looked up and not made.
fn existing<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>, issuer: Option<&str>) -> Vec<(Name, Span)> {
    let Some(line) = body.one(cx, "existing") else {
        return Vec::new();
    };
    let mut entries = Entries::of(cx, &line);
    let named = entries.need_rest(cx, "the issuer's host, or the ARN of a provider in an account");
    entries.finish_leaf(cx);
    let Some(issuer) = issuer else {
        cx.push(
            Diagnostic::new(
                &EXISTING_ROLE,
                line.head(),
                "a provider by SAML exists already, wherever it is used",
            )
            .note("it is never made: what it is checked against is no part of a spec")
            .help("leave `existing` out; the provider is found by the name that is declared here"),
        );
        return Vec::new();
    };
    let host = issuer.strip_prefix("https://").unwrap_or(issuer);
    let mut found = Vec::new();
    for arg in &named {
        let text = cx.text(arg);
        let accounts: Vec<String> = cx
            .model
            .accounts
            .iter()
            .map(|(_, account)| {
                let [partition, number] =
                    [account.partition, account.number].map(|name| cx.model.names.text(name));
                format!("arn:{partition}:iam::{number}:oidc-provider/{host}")
            })
            .collect();
        if text != host && !accounts.iter().any(|arn| *arn == text) {
            let message = format!("`{text}` is no provider of `{issuer}` in an account of this project");
            cx.push(Diagnostic::new(&WRONG_TYPE, arg.span, message).help(format!(
                "write `{host}` for every account, or its ARN: `arn:aws:iam::ACCOUNT:oidc-provider/{host}`"
            )));
        }
        found.push((cx.intern(&text), arg.span));
    }
    found
}

fn is_issuer(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else {
        return false;
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
    is_host(rest.split(['/', ':']).next().unwrap_or_default())
        && rest.bytes().all(fits)
        && !rest.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_address_with_tls() {
        assert!(is_issuer("https://token.actions.githubusercontent.com") && !is_issuer("http://x.example"));
        assert!(!is_issuer("https://x.example/") && !is_issuer("https://"));
    }
}
