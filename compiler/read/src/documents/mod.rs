//! Policy documents: their bytes to statements.
//!
//! Written from the IAM user guide, "Grammar of the IAM JSON policy language", and the AWS IoT Core developer guide, "AWS IoT Core
//! policies", both read 2026-11-21. What the fragment does not hold (`NotAction`, `NotResource`, `NotPrincipal`, set operators, old
//! versions) is not decided; nothing is skipped.

pub(crate) mod conditions;
pub(crate) mod contested;
pub(crate) mod honoured;
pub(crate) mod iot;
pub(crate) mod keys;
pub(crate) mod principals;
pub(crate) mod resources;
pub(crate) mod size;
pub(crate) mod sql;
pub(crate) mod text;
pub(crate) mod variables;

use std::collections::BTreeSet;

use pattern::pattern::Pattern;
use pattern::region::Region;

use crate::at::At;
use crate::facts::document::{Effect, Principals, Statement};
use crate::json::Json;
use crate::letters::{self, Letters};
use crate::sink::{Class, Sink};
use conditions::Reading;
use text::Refused;
use variables::Engine;

/// What may stand in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// An identity policy or a permissions boundary: names no principal.
    Identity,
    /// A trust policy: names no resource.
    Trust,
    /// The policy of a resource, a key or a private endpoint.
    Resource,
    /// A policy of AWS IoT Core.
    Iot,
}

impl Kind {
    fn engine(self) -> Engine {
        match self {
            Kind::Identity | Kind::Trust | Kind::Resource => Engine::Iam,
            Kind::Iot => Engine::Iot,
        }
    }

    fn has_principal(self) -> bool {
        match self {
            Kind::Trust | Kind::Resource => true,
            Kind::Identity | Kind::Iot => false,
        }
    }

    fn has_resource(self) -> bool {
        match self {
            Kind::Identity | Kind::Resource | Kind::Iot => true,
            Kind::Trust => false,
        }
    }
}

const VERSION: &str = "2012-10-17";

/// The statements of a document, in order. A statement with a part that is not read is left out and stands in `sink.unread`.
pub(crate) fn read(
    document: &Json<'_>,
    kind: Kind,
    letters: &Letters,
    at: &At<'_>,
    sink: &mut Sink,
) -> Vec<Statement> {
    let Json::Object(members) = document else {
        sink.unread(at, format!("a policy is an object, not {}", document.sort()));
        return Vec::new();
    };
    let mut statements = Vec::new();
    let (mut versioned, mut stated) = (false, false);
    for (name, value) in members {
        let at = at.key(name);
        match &**name {
            "Version" => {
                versioned = true;
                if value.text() == Some(VERSION) {
                    sink.count(Class::Enforcing, 1);
                } else {
                    sink.not_decided(&at, format!("a policy of another version than {VERSION}"));
                }
            }
            "Id" if kind.has_principal() && value.text().is_some() => sink.count(Class::Inert, 1),
            "Statement" => {
                stated = true;
                ids(value, &at, sink);
                match value {
                    Json::List(items) => {
                        // Most documents have one or two: the room for four that a list begins with is not theirs.
                        statements.reserve_exact(items.len());
                        for (index, item) in items.iter().enumerate() {
                            statements.extend(statement(item, kind, letters, &at.index(index), sink));
                        }
                    }
                    single => {
                        statements.reserve_exact(1);
                        statements.extend(statement(single, kind, letters, &at, sink));
                    }
                }
            }
            _ => sink.unread(&at, format!("unknown element `{name}`")),
        }
    }
    if !versioned {
        sink.not_decided(at, "a policy without a version is read as the old one");
    }
    if !stated {
        sink.unread(at, "a policy without `Statement`");
    }
    statements
}

/// Ids of statements mean nothing, and yet the provider refuses a document for them: each is of letters and digits, and stands once.
///
/// Source: IAM user guide, "IAM JSON policy elements: Sid", read 2026-11-29. A key's policy may have spaces in them, too; no
/// document needs that.
fn ids(statements: &Json<'_>, at: &At<'_>, sink: &mut Sink) {
    let items: &[Json<'_>] = match statements {
        Json::List(items) => items,
        single => std::slice::from_ref(single),
    };
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for item in items {
        let Json::Object(members) = item else { continue };
        let id = members.iter().find(|(name, _)| name == "Sid");
        let Some(id) = id.and_then(|(_, value)| value.text()) else {
            continue;
        };
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let what = format!("the statement id `{id}`, which is not of letters and digits only");
            sink.unread(at, what);
        } else if !seen.insert(id) {
            sink.unread(at, format!("the statement id `{id}` a second time"));
        }
    }
}

/// The elements of a statement, as they stand.
#[derive(Default)]
struct Elements<'j, 'a> {
    effect: Option<Effect>,
    principal: Option<&'j Json<'a>>,
    action: Option<&'j Json<'a>>,
    resource: Option<&'j Json<'a>>,
    condition: Option<&'j Json<'a>>,
    /// Whether something could not be read.
    broken: bool,
}

fn statement(
    value: &Json<'_>,
    kind: Kind,
    letters: &Letters,
    at: &At<'_>,
    sink: &mut Sink,
) -> Option<Statement> {
    let Json::Object(members) = value else {
        sink.unread(at, format!("a statement is an object, not {}", value.sort()));
        return None;
    };
    let mut elements = Elements::default();
    for (name, value) in members {
        element(name, value, kind, &mut elements, &at.key(name), sink);
    }
    let Some(effect) = elements.effect else {
        if !elements.broken {
            sink.unread(at, "a statement without `Effect`");
        }
        return None;
    };
    let reading = Reading {
        engine: kind.engine(),
        letters,
        effect,
    };
    let actions = match elements.action {
        Some(value) => actions(value, kind, &at.key("Action"), sink),
        None => missing("Action", &mut elements.broken, at, sink),
    };
    let resources = match elements.resource {
        Some(value) => resources(value, &reading, &at.key("Resource"), sink),
        None if kind.has_resource() => missing("Resource", &mut elements.broken, at, sink),
        // A trust policy is about its own role.
        None => Some(vec![Pattern::everything()]),
    };
    let principals = match elements.principal {
        Some(value) => principals::read(value, &at.key("Principal"), sink).map(Some),
        None if kind.has_principal() => {
            missing("Principal", &mut elements.broken, at, sink).map(|_: Vec<Principals>| None)
        }
        None => Some(None),
    };
    let when = match elements.condition {
        Some(value) => conditions::read(value, &reading, &at.key("Condition"), sink),
        None => Some(Region::everything()),
    };
    if elements.broken {
        return None;
    }
    Some(Statement {
        effect,
        principals: principals?,
        actions: actions?,
        resources: resources?,
        when: when?,
        place: at.place(),
    })
}

/// Says once that an element is missing.
fn missing<T>(element: &str, broken: &mut bool, at: &At<'_>, sink: &mut Sink) -> Option<Vec<T>> {
    // What stands in its place has been reported.
    if !*broken {
        sink.unread(at, format!("a statement without `{element}`"));
    }
    *broken = true;
    None
}

fn element<'j, 'a>(
    name: &str,
    value: &'j Json<'a>,
    kind: Kind,
    elements: &mut Elements<'j, 'a>,
    at: &At<'_>,
    sink: &mut Sink,
) {
    match name {
        "Sid" if value.text().is_some() => sink.count(Class::Inert, 1),
        "Effect" => {
            elements.effect = match value.text() {
                Some("Allow") => Some(Effect::Allow),
                Some("Deny") => Some(Effect::Deny),
                Some(_) | None => None,
            };
            if elements.effect.is_some() {
                sink.count(Class::Enforcing, 1);
            } else {
                elements.broken = true;
                sink.unread(at, "an effect is `Allow` or `Deny`");
            }
        }
        "Action" => elements.action = Some(value),
        "Resource" if kind.has_resource() => elements.resource = Some(value),
        "Principal" if kind.has_principal() => elements.principal = Some(value),
        "Condition" => elements.condition = Some(value),
        "NotAction" | "NotResource" | "NotPrincipal" => {
            elements.broken = true;
            sink.not_decided(at, format!("`{name}`"));
        }
        "Resource" | "Principal" => {
            elements.broken = true;
            sink.unread(at, format!("`{name}` may not stand in this sort of policy"));
        }
        _ => {
            elements.broken = true;
            sink.unread(at, format!("unknown element `{name}`"));
        }
    }
}

/// Reads a text or a list of texts; `None` if one of them is not read.
fn each(
    value: &Json<'_>,
    at: &At<'_>,
    sink: &mut Sink,
    read: &mut dyn FnMut(&str) -> Result<Pattern, Refused>,
) -> Option<Vec<Pattern>> {
    let items: &[Json<'_>] = match value {
        Json::List(items) => items,
        single => std::slice::from_ref(single),
    };
    let mut out = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let result = match item.text() {
            Some(text) => read(text),
            None => Err(Refused::Unread(format!("text is expected, not {}", item.sort()))),
        };
        match result {
            Ok(pattern) => {
                sink.count(Class::Enforcing, 1);
                out.push(pattern);
            }
            Err(refused) if matches!(value, Json::List(_)) => {
                conditions::refuse(refused, &at.index(index), sink)
            }
            Err(refused) => conditions::refuse(refused, at, sink),
        }
    }
    if out.len() < items.len() {
        return None;
    }
    out.sort_unstable();
    out.dedup();
    Some(out)
}

fn actions(value: &Json<'_>, kind: Kind, at: &At<'_>, sink: &mut Sink) -> Option<Vec<Pattern>> {
    each(value, at, sink, &mut |text| {
        let action = text.to_ascii_lowercase();
        let is_known = match kind {
            Kind::Iot => iot::knows(&action),
            Kind::Identity | Kind::Trust | Kind::Resource => is_action(&action),
        };
        let pattern = if is_known { Pattern::glob(&action) } else { None };
        pattern.ok_or_else(|| Refused::Unread(format!("`{text}` is no action")))
    })
}

/// `*`, or a service's prefix without wildcards and a name in which they may stand.
fn is_action(action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else {
        return action == "*";
    };
    let is_word = |text: &str, extra: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || extra.contains(&byte))
    };
    is_word(service, b"-") && is_word(name, b"*?")
}

fn resources(value: &Json<'_>, reading: &Reading<'_>, at: &At<'_>, sink: &mut Sink) -> Option<Vec<Pattern>> {
    each(value, at, sink, &mut |text| {
        let read = resources::read(text, reading.engine, reading.letters)?;
        if read.has_variable && reading.effect == Effect::Deny {
            return Err(Refused::NotDecided(contested::VARIABLE_IN_DENY.says()));
        }
        Ok(read.pattern)
    })
}

/// Whether every text of a document is free of code points that stand for something else here; else says so.
pub(crate) fn is_clean(document: &Json<'_>, at: &At<'_>, sink: &mut Sink) -> bool {
    let mut clean = true;
    document.each_text(&mut |text| clean &= !letters::holds_reserved(text));
    if !clean {
        sink.unread(at, "a code point of planes 15 or 16");
    }
    clean
}
