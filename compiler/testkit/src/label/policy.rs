//! Policy documents to statements, as the grammar of the user guide has them.

use super::condition::{self, Term};
use super::fault::Faults;
use super::letter::{self, Engine, Letter};
use crate::mutate::json::Json;

/// What may stand in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Of a role: what it may do.
    Identity,
    /// Of a role: who may become it.
    Trust,
    /// Of a resource or a key.
    Resource,
    /// Of an endpoint: what passes through it, whosever it is.
    Endpoint,
    /// Of AWS IoT Core.
    Iot,
}

impl Kind {
    /// Who substitutes its variables.
    #[must_use]
    pub fn engine(self) -> Engine {
        if self == Self::Iot {
            Engine::Iot
        } else {
            Engine::Iam
        }
    }
}

/// Whom a statement names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The document's own principal.
    Own,
    /// Everybody.
    Anyone,
    /// One: a name of a role, `account NUMBER`, a service or a provider.
    Named(String),
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// Whether it denies.
    pub deny: bool,
    /// Whom it names.
    pub who: Vec<Who>,
    /// Lower case.
    pub actions: Vec<Vec<Letter>>,
    /// Empty for a document about its own role.
    pub resources: Vec<Vec<Letter>>,
    /// What must hold.
    pub terms: Vec<Term>,
}

/// Reads a document.
pub fn read(document: &Json, kind: Kind, faults: &mut Faults) -> Vec<Statement> {
    let Json::Object(members) = document else {
        faults.unreadable("a document that is no object");
        return Vec::new();
    };
    let has_principal = matches!(kind, Kind::Trust | Kind::Resource | Kind::Endpoint);
    let mut out = Vec::new();
    for (name, value) in members {
        match name.as_str() {
            "Version" if value.as_text() == Some("2012-10-17") => {}
            "Version" => faults.undecided("another version"),
            "Id" if has_principal && value.as_text().is_some() => {}
            "Statement" => {
                ids(value, faults);
                out.extend(
                    value
                        .each()
                        .iter()
                        .filter_map(|value| statement(value, kind, faults)),
                );
            }
            _ => faults.unreadable("an unknown element of a document"),
        }
    }
    if document.get("Version").is_none() {
        faults.undecided("no version, hence the old one");
    }
    if document.get("Statement").is_none() {
        faults.unreadable("no statement");
    }
    out
}

/// Ids of statements are of letters and digits, and each stands once, or the document is refused where it is put.
///
/// Source: IAM JSON policy reference, "Sid" and "Grammar of the IAM JSON policy language", read 2026-11-29.
fn ids(statements: &Json, faults: &mut Faults) {
    let ids: Vec<&str> = statements
        .each()
        .iter()
        .filter_map(|statement| statement.get("Sid").and_then(Json::as_text))
        .collect();
    if ids
        .iter()
        .any(|id| id.contains(|c: char| !c.is_ascii_alphanumeric()))
    {
        faults.unreadable("an id of other characters than letters and digits");
    }
    let distinct: std::collections::BTreeSet<&&str> = ids.iter().collect();
    if distinct.len() < ids.len() {
        faults.unreadable("an id that stands twice");
    }
}

fn statement(value: &Json, kind: Kind, faults: &mut Faults) -> Option<Statement> {
    let Json::Object(members) = value else {
        faults.unreadable("a statement that is no object");
        return None;
    };
    let (principal, resource) = (
        matches!(kind, Kind::Trust | Kind::Resource | Kind::Endpoint),
        kind != Kind::Trust,
    );
    let mut broken = false;
    for (name, value) in members {
        match name.as_str() {
            "Sid" if value.as_text().is_some() => {}
            "Effect" | "Action" | "Condition" => {}
            "Resource" if resource => {}
            "Principal" if principal => {}
            "NotAction" | "NotResource" | "NotPrincipal" => {
                broken = true;
                faults.undecided("what is named by what it is not");
            }
            _ => {
                broken = true;
                faults.unreadable("an unknown element of a statement");
            }
        }
    }
    let deny = match value.get("Effect").and_then(Json::as_text) {
        Some("Allow") => false,
        Some("Deny") => true,
        _ => {
            faults.unreadable("no effect");
            return None;
        }
    };
    let wanted = [("Action", true), ("Resource", resource), ("Principal", principal)];
    for (name, is_wanted) in wanted {
        if is_wanted && value.get(name).is_none() && !broken {
            faults.unreadable(&format!("no {name}"));
        }
    }
    let engine = kind.engine();
    let actions = value
        .get("Action")
        .map_or(&[][..], Json::each)
        .iter()
        .filter_map(|one| action(one, engine, faults))
        .collect();
    let resources = value
        .get("Resource")
        .map_or(&[][..], Json::each)
        .iter()
        .filter_map(|one| name(one, engine, deny, faults))
        .collect();
    let who = if principal {
        value
            .get("Principal")
            .map(|who| principals(who, faults))
            .unwrap_or_default()
    } else {
        vec![Who::Own]
    };
    let terms = value
        .get("Condition")
        .map(|when| condition::read(when, engine, deny, faults))
        .unwrap_or_default();
    Some(Statement {
        deny,
        who,
        actions,
        resources,
        terms,
    })
}

fn action(value: &Json, engine: Engine, faults: &mut Faults) -> Option<Vec<Letter>> {
    let text = value.as_text().unwrap_or_default().to_ascii_lowercase();
    let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '*' || c == '?';
    let is_action = match text.split_once(':') {
        None => text == "*",
        Some((service, name)) => {
            !service.is_empty()
                && service
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && !name.is_empty()
                && name.chars().all(in_name)
        }
    };
    if !is_action
        || (engine == Engine::Iot
            && text != "*"
            && !text.starts_with("iot:")
            && !text.starts_with("greengrass:"))
    {
        faults.unreadable("no action");
        return None;
    }
    if engine == Engine::Iot && !is_known_to_the_broker(&text) {
        faults.unreadable("no action of the broker");
        return None;
    }
    letter::read(&text, true, engine).ok()
}

/// Whether the broker knows an action. The manual has a wildcard for all actions only.
/// Source: AWS IoT Core developer guide, "AWS IoT Core policy actions".
fn is_known_to_the_broker(text: &str) -> bool {
    const ACTIONS: [&str; 18] = [
        "iot:assumerolewithcertificate",
        "iot:connect",
        "iot:deletethingshadow",
        "iot:describejobexecution",
        "iot:getpendingjobexecutions",
        "iot:getretainedmessage",
        "iot:getthingshadow",
        "iot:listnamedshadowsforthing",
        "iot:listretainedmessages",
        "iot:publish",
        "iot:receive",
        "iot:retainpublish",
        "iot:startnextpendingjobexecution",
        "iot:subscribe",
        "iot:updatejobexecution",
        "iot:updatethingshadow",
        "greengrass:discover",
        "iot:*",
    ];
    text == "*" || ACTIONS.contains(&text)
}

fn name(value: &Json, engine: Engine, deny: bool, faults: &mut Faults) -> Option<Vec<Letter>> {
    let Some(text) = value.as_text() else {
        faults.unreadable("a resource that is no text");
        return None;
    };
    if text != "*" {
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        if fields.len() < 6 {
            if text.starts_with("arn:") || text.contains('*') {
                faults.undecided("a short name");
            } else {
                faults.unreadable("no name of a resource");
            }
            return None;
        }
        if fields.iter().take(5).any(|field| field.contains(['*', '?'])) {
            faults.undecided("wildcards in the first five fields");
        } else if fields[0] != "arn"
            || !fields[1].starts_with("aws")
            || fields[2].is_empty()
            || fields[5].is_empty()
        {
            faults.unreadable("no name of a resource");
        } else if fields.iter().take(5).any(|field| field.contains("${")) {
            faults.unreadable("a variable before the last field");
        }
    }
    match letter::read(text, true, engine) {
        Ok(letters) => {
            if deny && letters.iter().any(|letter| matches!(letter, Letter::Value(_))) {
                faults.undecided("a variable in a deny");
            }
            Some(letters)
        }
        Err(what) => {
            faults.unreadable(&what);
            None
        }
    }
}

fn principals(value: &Json, faults: &mut Faults) -> Vec<Who> {
    let members = match value {
        Json::Text(text) if text == "*" => return vec![Who::Anyone],
        Json::Object(members) if !members.is_empty() => members,
        _ => {
            faults.unreadable("no principal");
            return Vec::new();
        }
    };
    let mut who = Vec::new();
    for (sort, names) in members {
        for name in names.each() {
            match name.as_text().and_then(|text| principal(sort, text)) {
                Some(one) => who.push(one),
                None => faults.unreadable("no principal"),
            }
        }
    }
    if who.contains(&Who::Anyone) && who.iter().any(|one| *one != Who::Anyone) {
        faults.undecided("everybody beside others");
    }
    who
}

fn principal(sort: &str, text: &str) -> Option<Who> {
    let is_number = |text: &str| text.len() == 12 && text.chars().all(|c| c.is_ascii_digit());
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let iam = match fields.as_slice() {
        ["arn", partition, "iam", "", number, last] if partition.starts_with("aws") && is_number(number) => {
            Some((*number, *last))
        }
        _ => None,
    };
    let plain = !text.contains(['*', '?', '$', '{']);
    match (sort, iam) {
        ("AWS", None) if text == "*" => Some(Who::Anyone),
        ("AWS", None) if is_number(text) => Some(Who::Named(format!("account {text}"))),
        ("AWS", Some((number, "root"))) => Some(Who::Named(format!("account {number}"))),
        ("AWS", Some((_, last)))
            if plain && last.strip_prefix("role/").is_some_and(|name| !name.is_empty()) =>
        {
            Some(Who::Named(text.to_owned()))
        }
        ("Service", None) => {
            let fits = text.contains('.')
                && text
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-');
            fits.then(|| Who::Named(text.to_owned()))
        }
        ("Federated", Some((_, last)))
            if plain && (last.starts_with("saml-provider/") || last.starts_with("oidc-provider/")) =>
        {
            Some(Who::Named(text.to_owned()))
        }
        ("Federated", None) if text == "cognito-identity.amazonaws.com" => Some(Who::Named(text.to_owned())),
        _ => None,
    }
}
