//! Who acts, and who vouches for them: workloads, people, externals, authorities, providers.

use std::borrow::Cow;

use diagnostics::{Code, Diagnostic, Severity};
use model::actor::{
    Address, Authority, AuthorityId, External, Mfa, Oidc, People, Provider, ProviderId, RunsOn, Workload,
};
use model::thing::Detail;

use crate::address;
use crate::body::Body;
use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::{Decl, Gathered, Sort};
use crate::line::Arg;
use crate::names::Target;
use crate::project;

pub(crate) static CONTRADICTORY_ACTOR: Code = Code {
    name: "contradictory-actor",
    severity: Severity::Error,
    summary: "facts of an actor exclude each other",
    docs: include_str!("pages/contradictory_actor.md"),
};

/// Reads authorities and providers, and enters their names.
pub(crate) fn declare_issuers<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) {
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

/// A fact that is one word alone.
pub(crate) fn bare<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>, word: &'static str) -> bool {
    let Some(line) = body.one(cx, word) else {
        return false;
    };
    Entries::of(cx, &line).finish_leaf(cx);
    true
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
    }
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

/// A DNS name: labels of letters, digits and `-`, at least two.
pub(crate) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = text
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    text.len() <= 253 && text.contains('.') && text.split('.').all(label) && !numeric
}

/// Where code runs; anything else is the name of a device class.
const RUNS_ON: &[(&str, RunsOn)] = &[
    ("lambda", RunsOn::Lambda),
    ("ecs", RunsOn::Ecs),
    ("ec2", RunsOn::Ec2),
    ("eks", RunsOn::Eks),
    ("onprem", RunsOn::Onprem),
    ("ci", RunsOn::Ci),
    ("iot-ota", RunsOn::IotOta),
];

/// Reads what is particular to a workload.
pub(crate) fn workload<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    entries: &mut Entries<'a>,
    body: &mut Body<'a>,
) -> Detail {
    let segment = entries.prop("segment");
    let resolved = segment.as_ref().and_then(|segment| cx.segment(segment));
    let runs_on = entries.prop("runs-on");
    let resolved_on = runs_on.as_ref().and_then(|word| runs_on_word(cx, word));
    let from = entries.prop("from");
    let from_id = from.as_ref().and_then(|provider| cx.provider(provider));
    let mut claims = Vec::new();
    for line in body.several(cx, "claim") {
        let mut entries = Entries::of(cx, &line);
        let claim = entries.need(cx, "the name of a claim");
        let values = entries.need_rest(cx, "the exact values of the claim");
        entries.finish_leaf(cx);
        let Some(claim) = claim else { continue };
        let claim = cx.text(&claim);
        let values = values.iter().map(|value| exact(cx, value)).collect();
        claims.push((cx.intern(&claim), values, line.head()));
    }
    check_workload(cx, decl, (&segment, resolved_on, &from), &claims);
    Detail::Workload(Workload {
        segment: resolved,
        runs_on: resolved_on,
        from: from_id,
        claims,
    })
}

fn runs_on_word<'a>(cx: &mut Cx<'a, '_>, word: &Arg<'a>) -> Option<RunsOn> {
    let text = cx.text(word);
    if let Some((_, runs_on)) = RUNS_ON.iter().find(|(name, _)| *name == text) {
        return Some(*runs_on);
    }
    if !cx.scope.names.contains_key(&text) {
        let known: Vec<String> = RUNS_ON.iter().map(|(word, _)| (*word).to_owned()).collect();
        cx.unknown_word(
            word,
            "something that code runs on",
            known.iter().map(String::as_str),
        );
        return None;
    }
    cx.thing(word, Some("device")).map(RunsOn::Device)
}

/// A value that is compared as it stands: a wildcard in it would only look like one.
fn exact<'a>(cx: &mut Cx<'a, '_>, value: &Arg<'a>) -> arena::Name {
    let text = cx.text(value);
    if text.contains(['*', '?']) {
        cx.push(
            Diagnostic::new(
                &WRONG_TYPE,
                value.span,
                format!("`{text}` has a wildcard, and a claim is exact"),
            )
            .help("name each value"),
        );
    }
    cx.intern(&text)
}

type Claims = [(arena::Name, Vec<arena::Name>, source::Span)];

fn check_workload<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    (segment, runs_on, from): (&Option<Arg<'a>>, Option<RunsOn>, &Option<Arg<'a>>),
    claims: &Claims,
) {
    let name = &decl.name.text;
    let is_ci = runs_on == Some(RunsOn::Ci);
    let contradiction = |cx: &mut Cx<'a, '_>, span, message: String, help: &str| {
        cx.push(Diagnostic::new(&CONTRADICTORY_ACTOR, span, message).help(help));
    };
    match (is_ci, from) {
        (true, None) => {
            contradiction(
                cx,
                decl.head(),
                format!("`{name}` runs on `ci`, and nobody vouches for it"),
                "write `from=PROVIDER`",
            );
        }
        (false, Some(from)) => {
            contradiction(
                cx,
                from.span,
                format!("`{name}` is vouched for by a provider, and does not run on `ci`"),
                "write `runs-on=ci`",
            );
        }
        (true, Some(_)) | (false, None) => {}
    }
    if is_ci && claims.is_empty() {
        crate::body::missing(
            cx,
            &format!("workload `{name}`"),
            "claim",
            decl.head(),
            "any job of the provider could take its role: write `claim sub \"repo:…\"`",
        );
    }
    if let Some((_, _, span)) = claims.first()
        && !is_ci
    {
        contradiction(
            cx,
            *span,
            format!("`{name}` has claims, and does not run on `ci`"),
            "write `runs-on=ci`",
        );
    }
    let placeless = match runs_on {
        Some(RunsOn::Device(_)) => Some("its device's segment is its own"),
        Some(RunsOn::Ci) => Some("a job of a provider has no place"),
        Some(RunsOn::IotOta) => Some("a service of the provider has no place"),
        Some(RunsOn::Lambda | RunsOn::Ecs | RunsOn::Ec2 | RunsOn::Eks | RunsOn::Onprem) | None => None,
    };
    match (placeless, segment, runs_on) {
        (Some(why), Some(segment), _) => {
            contradiction(
                cx,
                segment.span,
                format!("`{name}` has a segment: {why}"),
                "leave out `segment=`",
            );
        }
        (None, None, Some(RunsOn::Onprem)) => {
            contradiction(
                cx,
                decl.head(),
                format!("`{name}` runs on premises, and has no segment"),
                "write `segment=NAME`",
            );
        }
        (_, _, _) => {}
    }
}

/// Reads what is particular to people.
pub(crate) fn people<'a>(cx: &mut Cx<'a, '_>, entries: &mut Entries<'a>, body: &mut Body<'a>) -> Detail {
    let from = entries.prop("from").and_then(|provider| cx.provider(&provider));
    let group = body.one(cx, "group").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let group = entries.need(cx, "the group's name at the provider");
        entries.finish_leaf(cx);
        let group = group?;
        let text = cx.text(&group);
        Some((cx.intern(&text), group.span))
    });
    let mfa = body.one(cx, "mfa").map(|line| {
        let mut entries = Entries::of(cx, &line);
        let accept_idp = cx.accepts(&mut entries, "idp-mfa");
        entries.finish_leaf(cx);
        cx.fact(line.head());
        if !accept_idp && from.is_some() {
            unaccepted_mfa(cx, line.head());
        }
        Mfa {
            accept_idp,
            span: line.head(),
        }
    });
    let session = body.one(cx, "session").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let most = entries.need_prop(cx, "at-most", "\"1h\"");
        entries.finish_leaf(cx);
        cx.fact(line.head());
        Some((cx.duration(&most?)?, line.head()))
    });
    let mut attributes = Vec::new();
    if let Some(line) = body.one(cx, "attributes") {
        let mut entries = Entries::of(cx, &line);
        for attribute in entries.need_rest(cx, "names of attributes") {
            let text = cx.text(&attribute);
            crate::spelling::check_text(cx, &text, attribute.span);
            let name = cx.intern(&text);
            if attributes.iter().any(|(earlier, _)| *earlier == name) {
                crate::body::duplicate(cx, &text, attribute.span, line.head());
            } else {
                attributes.push((name, attribute.span));
            }
        }
        entries.finish_leaf(cx);
    }
    Detail::People(People {
        from,
        group,
        mfa,
        session,
        attributes,
    })
}

pub(crate) static UNACCEPTED_SUBSTITUTE: Code = Code {
    name: "unaccepted-substitute",
    severity: Severity::Error,
    summary: "no layer enforces a fact exactly, and its substitute is not accepted",
    docs: include_str!("pages/unaccepted_substitute.md"),
};

/// The provider sees a federated session, never the second factor.
pub(crate) fn unaccepted_mfa(cx: &mut Cx<'_, '_>, span: source::Span) {
    cx.push(
        Diagnostic::new(
            &UNACCEPTED_SUBSTITUTE,
            span,
            "the second factor of federated people is seen by nobody but their provider",
        )
        .note("the nearest substitute is `idp-mfa`: the identity provider vouches for it")
        .help("accept it on this very fact: `accept=idp-mfa`"),
    );
}

/// Reads what is particular to an external.
pub(crate) fn external<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>, body: &mut Body<'a>) -> Detail {
    let mut at = Vec::new();
    if let Some(line) = body.one(cx, "at") {
        let mut entries = Entries::of(cx, &line);
        for address in entries.need_rest(
            cx,
            "an address: `\"api.vendor.example\"` or `\"198.51.100.0/24\"`",
        ) {
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
    fn hosts_and_roles_have_a_shape() {
        assert!(is_host("api.vendor.example") && !is_host("10.0.0.1") && !is_host("a") && !is_host("a..b"));
        assert!(!is_host("*.example.com") && !is_host("a.b/c"));
        assert!(
            is_role("arn:aws:iam::999988887777:role/reader") && !is_role("arn:aws:iam::999988887777:user/x")
        );
        assert!(
            !is_role("arn:aws:iam::99998888777:role/reader") && !is_role("arn:aws:iam::999988887777:role/*")
        );
        assert!(is_issuer("https://token.actions.githubusercontent.com") && !is_issuer("http://x.example"));
    }
}
