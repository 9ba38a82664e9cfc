//! Things that exist already, by the name that they have in the cloud.

use std::collections::BTreeMap;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::actor::RunsOn;
use model::kind::KindId;
use model::place::{SegmentId, Within};
use model::project::AccountId;
use model::thing::{Detail, Existing, PolicyOf};

use crate::body::{self, Body};
use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::endpoints;
use crate::entries::Entries;
use crate::gather::Decl;
use crate::line::Line;
use crate::template::{self, Members};
use source::Span;

pub(crate) static EXISTING_ROLE: Code = Code {
    name: "existing-role",
    severity: Severity::Error,
    summary: "what exists is said of an actor or a provider in a way that cannot be honoured",
    docs: include_str!("pages/existing_role.md"),
};

/// A key is found by its id, its address or an alias: another name is none of them, and a policy about it would be about nothing.
///
/// Source: AWS KMS developer guide, "Key identifiers (KeyId)".
pub(crate) fn key_id(cx: &mut Cx<'_, '_>, kind: KindId, existing: Option<&Existing>) {
    let Some(existing) = existing.filter(|_| is_key(cx, kind)) else {
        return;
    };
    let text = cx.text_of(existing.name);
    let is_id = is_key_id(text);
    // The address of an alias may be one of another account, where it would be looked for in ours.
    let is_address = text.starts_with("arn:") && text.contains(":key/");
    if text.starts_with("alias/aws/") {
        let message = format!("`{text}` is a key of the provider's own");
        cx.push(
            Diagnostic::new(&WRONG_TYPE, existing.span, message)
                .note("its policy is the service's, and nobody can write it or ask for more")
                .help("name a key of yours; a store that is to be under its service's own key says no key"),
        );
    } else if !is_id && !is_address && !text.starts_with("alias/") {
        let message = format!("`{text}` is no id of a key");
        let help = "write the key's id, its ARN (`arn:…:key/ID`), or `alias/NAME` of its own account";
        cx.push(Diagnostic::new(&WRONG_TYPE, existing.span, message).help(help));
    }
}

fn is_key(cx: &Cx<'_, '_>, kind: KindId) -> bool {
    let words = cx.model.kinds.get(kind).map(|kind| &kind.words);
    words.is_some_and(|words| {
        words.arn.is_none() && words.service.is_some_and(|service| cx.text_of(service) == "kms")
    })
}

fn is_key_id(text: &str) -> bool {
    let is_hex = |text: &str| text.chars().all(|letter| letter.is_ascii_hexdigit());
    match text.strip_prefix("mrk-") {
        Some(digits) => digits.len() == 32 && is_hex(digits),
        None => text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.split('-').all(is_hex),
    }
}

/// Ids of keys, as the project's identifiers or declarations say them: each is an id, and of one declared key.
///
/// Two declarations of one key would have two policies, each proved as if it stood alone.
pub(crate) fn check_keys(cx: &mut Cx<'_, '_>) {
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut known: BTreeMap<(Option<AccountId>, &str), Span> = BTreeMap::new();
    for (_, thing) in cx.model.things.iter() {
        if !is_key(cx, thing.kind) {
            continue;
        }
        let name = cx.text_of(thing.name);
        let mut assigned = cx.model.project.identifiers.iter();
        let assigned = assigned.find(|one| one.object == thing.name && cx.text_of(one.attribute) == "id");
        let id = match (assigned, &thing.existing) {
            (Some(assigned), _) => {
                let id = cx.text_of(assigned.value);
                if !is_key_id(id) {
                    let message =
                        format!("the identifiers give `{id}` for `{name}`, which is no id of a key");
                    found.push(
                        Diagnostic::new(&WRONG_TYPE, thing.span, message)
                            .help("write its id alone: `\"1234abcd-12ab-34cd-56ef-1234567890ab\"`"),
                    );
                }
                id
            }
            (None, Some(existing)) => {
                let text = cx.text_of(existing.name);
                text.rsplit_once(":key/").map_or(text, |(_, id)| id)
            }
            (None, None) => continue,
        };
        let account = thing.account.or(cx.model.project.default_account);
        match known.get(&(account, id)) {
            Some(first) => {
                let message = format!("`{name}` is a key that is declared already: both are `{id}`");
                found.push(
                    Diagnostic::new(&crate::names::DUPLICATE_DECLARATION, thing.span, message)
                        .label(*first, "declared here")
                        .help("declare the key once, and name that everywhere"),
                );
            }
            None => drop(known.insert((account, id), thing.span)),
        }
    }
    for diagnostic in found {
        cx.push(diagnostic);
    }
}

/// The ARNs that the project's identifiers say of its secrets: each is of the secret whose name is declared.
pub(crate) fn check_secrets(cx: &mut Cx<'_, '_>) {
    let mut found: Vec<Diagnostic> = Vec::new();
    for (_, thing) in cx.model.things.iter() {
        let service = cx.model.kinds.get(thing.kind).and_then(|kind| kind.words.service);
        if service.is_none_or(|service| cx.text_of(service) != "secretsmanager") {
            continue;
        }
        let called = cx.text_of(
            thing
                .existing
                .map_or(thing.physical.name, |existing| existing.name),
        );
        let account = thing.account.or(cx.model.project.default_account);
        let Some(account) = account.and_then(|account| cx.model.accounts.get(account)) else {
            continue;
        };
        let identifiers = cx.model.project.identifiers.iter();
        for line in
            identifiers.filter(|line| line.object == thing.name && cx.text_of(line.attribute) == "arn")
        {
            let (name, arn) = (cx.text_of(thing.name), cx.text_of(line.value));
            let [partition, region, number] =
                [account.partition, account.region, account.number].map(|text| cx.text_of(text));
            let own = format!("arn:{partition}:secretsmanager:{region}:{number}:secret:{called}-");
            let is_own = arn == called
                || arn.strip_prefix(&own).is_some_and(|suffix| {
                    suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric())
                });
            if !is_own {
                let message = format!("the identifiers give `{arn}` for `{name}`, which is another secret");
                found.push(
                    Diagnostic::new(&WRONG_TYPE, thing.span, message)
                        .note(format!(
                            "`{name}` is called `{called}`, in the account `{number}` and `{region}`"
                        ))
                        .help(format!(
                            "write its own ARN: `\"{own}XXXXXX\"`, with its last six letters"
                        )),
                );
            }
        }
    }
    for diagnostic in found {
        cx.push(diagnostic);
    }
}

/// `existing "…"` with one id.
pub(crate) fn existing_one<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, what: &str) -> Option<(Name, Span)> {
    let mut entries = Entries::of(cx, line);
    let id = entries.need(cx, what);
    entries.finish_leaf(cx);
    let id = id?;
    let text = cx.text(&id);
    Some((cx.intern(&text), id.span))
}

/// An id that the provider gave: a head, which says of what it is one, and what may follow it.
pub(crate) fn check_id(
    cx: &mut Cx<'_, '_>,
    (id, span): (Name, Span),
    (head, what): (&str, &str),
    fits: fn(&u8) -> bool,
) {
    let text = cx.text_of(id);
    let rest = text.strip_prefix(head).unwrap_or_default();
    if rest.is_empty() || !rest.bytes().all(|byte| fits(&byte)) {
        let message = format!("`{text}` is no id of {what}");
        let help = format!("write its id, as the provider gave it: `\"{head}0a1b2c3d4e5f60718\"`");
        cx.push(Diagnostic::new(&WRONG_TYPE, span, message).help(help));
    }
}

/// `existing "NAME"`, and whose policy it has.
pub(crate) fn of<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    body: &mut Body<'a>,
    members: Members,
    is_placed: bool,
) -> Option<Existing> {
    let policy = body.one(cx, "policy").map(|line| {
        let mut entries = Entries::of(cx, &line);
        let word = entries.need(cx, "`ours`, `theirs` or `added`");
        let policy = word.and_then(|word| {
            cx.word(
                &word,
                "an owner of the policy (no policy is attached by its name: a `trust` says what it may)",
                &[
                    ("ours", PolicyOf::Ours),
                    ("theirs", PolicyOf::Theirs),
                    ("added", PolicyOf::Added),
                ],
            )
        });
        entries.finish_leaf(cx);
        (policy.unwrap_or(PolicyOf::Theirs), line.head())
    });
    // Actors say their own segments; what stands in one and exists wears a group that is not ours.
    let worn = is_placed.then(|| endpoints::wears(cx, body)).flatten();
    let Some(line) = body.one(cx, "existing") else {
        if let Some((_, span)) = worn {
            let message = format!(
                "`{}` says the group that it wears, and is not said to exist",
                decl.name.text
            );
            cx.push(
                Diagnostic::new(&body::MISSING_FACT, span, message)
                    .note("what we create wears a group of its own, with exactly the rules that trusts need")
                    .help("write `existing \"NAME\"`, or leave out `wears`"),
            );
        }
        if let Some((_, span)) = policy {
            let message = format!(
                "`{}` says whose policy it has, and is not said to exist",
                decl.name.text
            );
            cx.push(
                Diagnostic::new(&body::MISSING_FACT, span, message)
                    .note("what we create, we write the whole policy of")
                    .help("write `existing \"NAME\"`, or leave out `policy`"),
            );
        }
        return None;
    };
    let mut entries = Entries::of(cx, &line);
    let name = entries.need(cx, "its name in the cloud");
    entries.finish_leaf(cx);
    let name = name?;
    let text = cx.text(&name);
    let template = template::of_declaration(cx, &text, name.span, members);
    let is_of_members = template.pieces.iter().any(|piece| {
        use model::template::{Piece, Placeholder};
        matches!(
            piece,
            Piece::Placeholder(Placeholder::Name | Placeholder::Attribute(_))
        )
    });
    if is_of_members {
        let message =
            format!("`{text}` names one thing for each member, and what exists is named one by one");
        cx.push(
            Diagnostic::new(&template::UNKNOWN_PLACEHOLDER, name.span, message)
                .help("declare each thing that exists by its own name, without `of=`"),
        );
    }
    let expanded = template::flat(cx, &template);
    role_of(cx, decl, name.span, policy);
    Some(Existing {
        name: cx.intern(&expanded),
        span: name.span,
        policy: policy.map_or(PolicyOf::Theirs, |(policy, _)| policy),
        wears: worn,
    })
}

/// What exists of an actor is its role. A document of ours can stand beside those that a workload's role has; who may become it stands
/// in its trust policy, which we do not write.
fn role_of(cx: &mut Cx<'_, '_>, decl: &Decl<'_>, span: Span, policy: Option<(PolicyOf, Span)>) {
    let (name, word) = (&decl.name.text, &*decl.word);
    let is_added = policy.is_some_and(|(policy, _)| policy == PolicyOf::Added);
    let (message, note, help) = match word {
        "workload" if is_added => return,
        "workload" => (
            format!("`{name}` runs with a role that exists, and nothing says that we may add to it"),
            "its own policies stay as they are, and what they allow is an assumption",
            "write `policy added`: a policy of ours is attached beside what is there",
        ),
        "people" | "external" => (
            format!("the role of {word} `{name}` cannot be one that exists"),
            "who may become it, with which attributes and for how long, stands in the role itself, which is not ours",
            "leave `existing` out: a role of its own is made for it",
        ),
        "device" => (
            format!("a class is not one thing that exists: `{name}`"),
            "its devices are the rows of its fleet",
            "leave `existing` out",
        ),
        _ if is_added => (
            format!("`policy added` is about roles, and {word} `{name}` is none"),
            "a resource has one policy",
            "write `policy ours`: we write all of it; or `policy theirs`: its owner does",
        ),
        _ => return,
    };
    let span = policy.map_or(span, |(_, span)| span);
    cx.push(
        Diagnostic::new(&EXISTING_ROLE, span, message)
            .note(note)
            .help(help),
    );
}

/// What a workload says beside the name of its role is about who becomes the role: that stands in its trust policy.
pub(crate) fn used(cx: &mut Cx<'_, '_>, name: &str, detail: &Detail, existing: Option<&Existing>) {
    let (Some(existing), Detail::Workload(workload)) = (existing, detail) else {
        return;
    };
    let has_no_role = matches!(workload.runs_on, Some(RunsOn::Onprem | RunsOn::Device(_)));
    let called = cx.text_of(existing.name);
    // Source: IAM User Guide, "Service-linked roles", and IAM Identity Center, "Permission sets", read 2026-12-01.
    let is_reserved = called.contains(":role/aws-service-role/") || called.contains(":role/aws-reserved/");
    let (message, note, help) = if is_reserved && existing.policy == PolicyOf::Added {
        (
            format!("the role of `{name}` is the provider's own, and takes no policy of ours"),
            "a service-linked role and a permission set's role are changed by their service alone",
            "name another role, or leave `existing` out: a role of its own is made for it",
        )
    } else if has_no_role {
        (
            format!("`{name}` runs where it has no role, and names one that exists"),
            "what runs on premises or on a device has the identity of its host",
            "leave `existing` out",
        )
    } else if workload.from.is_some() || !workload.claims.is_empty() {
        (
            format!("`{name}` says who becomes a role that exists"),
            "that stands in the role's trust policy, which its owner writes: what is said here would be held by nothing",
            "leave `from` and `claim` out, or leave `existing` out: a role of its own is made for it",
        )
    } else {
        return;
    };
    cx.push(
        Diagnostic::new(&EXISTING_ROLE, existing.span, message)
            .note(note)
            .help(help),
    );
}

/// What exists in a network is known there by the group that it wears: one of ours would hang on nothing.
pub(crate) fn in_a_network(cx: &mut Cx<'_, '_>, decl: &Decl<'_>, existing: &Existing, segment: SegmentId) {
    let Some(found) = cx.model.segments.get(segment) else {
        return;
    };
    let Within::Network(network) = found.within else {
        return;
    };
    let Some(network) = cx.model.networks.get(network) else {
        return;
    };
    let (created, name) = (network.existing.is_none(), network.name);
    let declared = network.span;
    if created {
        let message = format!(
            "`{}` exists, and `{}`, where it stands, does not",
            decl.name.text,
            cx.text_of(name)
        );
        cx.push(
            Diagnostic::new(&body::MISSING_FACT, existing.span, message)
                .label(declared, "this network is created")
                .help("say `existing` for the network as well"),
        );
    }
    let Some((group, span)) = existing.wears else {
        let what = format!("`{}`", decl.name.text);
        let help = "rules name it by the group that it wears, which is never changed: write `wears \"sg-…\"`";
        body::missing(cx, &what, "wears", existing.span, help);
        return;
    };
    let other = cx.model.things.iter().find_map(|(_, thing)| {
        let (worn, span) = thing.existing?.wears?;
        (worn == group).then_some((thing.name, span))
    });
    let endpoint = cx.model.networks.iter().find_map(|(_, network)| {
        let mut endpoints = network.endpoints.iter();
        let endpoint = endpoints.find(|endpoint| endpoint.wears.0 == group)?;
        Some((endpoint.service, endpoint.wears.1))
    });
    let other = other.or(endpoint);
    if let Some((other, at)) = other {
        let message = format!(
            "`{}` and `{}` wear one group: whoever reaches the one reaches the other",
            cx.text_of(other),
            decl.name.text
        );
        cx.push(
            Diagnostic::new(&body::DUPLICATE_FACT, span, message)
                .label(at, "the other one")
                .help("give each a group of its own, and name that"),
        );
    }
}
