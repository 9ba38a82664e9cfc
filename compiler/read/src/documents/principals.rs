//! Whom a statement names.

use crate::at::At;
use crate::documents::contested;
use crate::facts::document::{PrincipalName, Principals};
use crate::json::Json;
use crate::letters;
use crate::sink::{Class, Sink};

/// Reads the value of `Principal`.
pub(crate) fn read(value: &Json<'_>, at: &At<'_>, sink: &mut Sink) -> Option<Principals> {
    let members = match value {
        Json::Text(text) if text == "*" => {
            sink.count(Class::Enforcing, 1);
            return Some(Principals::Anyone);
        }
        Json::Object(members) if !members.is_empty() => members,
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) | Json::Object(_) => {
            sink.unread(
                at,
                format!("a principal is `\"*\"` or an object, not {}", value.sort()),
            );
            return None;
        }
    };
    let mut names = Vec::new();
    let mut anybody = false;
    let mut whole = true;
    for (sort, value) in members {
        let at = at.key(sort);
        let texts: &[Json<'_>] = match value {
            Json::List(items) => items,
            single => std::slice::from_ref(single),
        };
        for text in texts {
            let Some(text) = text.text() else {
                sink.unread(&at, format!("a principal is text, not {}", text.sort()));
                whole = false;
                continue;
            };
            match one(sort, text) {
                Ok(Some(name)) => names.push(name),
                Ok(None) => anybody = true,
                Err(what) => {
                    sink.unread(&at, what);
                    whole = false;
                    continue;
                }
            }
            sink.count(Class::Enforcing, 1);
        }
    }
    if !whole {
        return None;
    }
    if anybody && !names.is_empty() {
        sink.not_decided(at, contested::MIXED_ANYBODY.says());
        return None;
    }
    if anybody {
        return Some(Principals::Anyone);
    }
    names.sort_unstable();
    names.dedup();
    Some(Principals::These(names))
}

/// `None` for anybody.
fn one(sort: &str, text: &str) -> Result<Option<PrincipalName>, String> {
    if text.contains("${") || text.contains(letters::is_half) {
        return Err("a principal with a variable, or with a name that the provider assigns".to_owned());
    }
    match sort {
        "AWS" if text == "*" => Ok(None),
        "AWS" => account(text).map(Some),
        "Service" if is_service(text) => Ok(Some(PrincipalName::Service(text.to_owned()))),
        "Service" => Err(format!("`{text}` is no service principal")),
        "Federated" if is_provider(text) => Ok(Some(PrincipalName::Federated(text.to_owned()))),
        "Federated" => Err(format!("`{text}` is no identity provider")),
        _ => Err(format!("unknown sort of principal `{sort}`")),
    }
}

/// A role, or an account by its number or its root.
fn account(text: &str) -> Result<PrincipalName, String> {
    if is_number(text) {
        return Ok(PrincipalName::Account(text.to_owned()));
    }
    let mut fields = text.splitn(6, ':');
    let mut next = || fields.next().unwrap_or_default();
    let (arn, partition, service, region, number, name) = (next(), next(), next(), next(), next(), next());
    let is_iam = arn == "arn"
        && partition.starts_with("aws")
        && service == "iam"
        && region.is_empty()
        && is_number(number);
    if is_iam && name == "root" {
        return Ok(PrincipalName::Account(number.to_owned()));
    }
    let role = name
        .strip_prefix("role/")
        .is_some_and(|role| !role.is_empty() && !role.contains(['*', '?']));
    if is_iam && role {
        return Ok(PrincipalName::Role(text.to_owned()));
    }
    Err(format!("`{text}` is neither a role nor an account"))
}

fn is_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_service(text: &str) -> bool {
    text.contains('.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
}

/// The name of a provider that is declared in the account, or of one that needs no declaration.
fn is_provider(text: &str) -> bool {
    let mut fields = text.splitn(6, ':');
    let mut next = || fields.next().unwrap_or_default();
    let (arn, partition, service, region, number, name) = (next(), next(), next(), next(), next(), next());
    let declared = arn == "arn"
        && partition.starts_with("aws")
        && service == "iam"
        && region.is_empty()
        && is_number(number)
        && (name.starts_with("saml-provider/") || name.starts_with("oidc-provider/"))
        && !name.contains(['*', '?']);
    declared
        || matches!(
            text,
            "cognito-identity.amazonaws.com"
                | "accounts.google.com"
                | "www.amazon.com"
                | "graph.facebook.com"
        )
}
