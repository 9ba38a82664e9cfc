//! Requests beside a declared one: each differs from it in one point, and is asked with what the spec says of it.

use std::collections::BTreeMap;

use catalogue::{Catalogue, action::Level};
use testkit::enumerate::request::{Concrete, Request};

use super::asked::Asked;
use super::stage::{Caller, STRANGE, Stage, statement};

/// How many other actions are asked for.
const ACTIONS: usize = 3;

/// What is declared, by whose role or device it is and by action.
#[derive(Default)]
pub struct Declared<'c>(BTreeMap<(Caller, &'c str), Vec<&'c Concrete>>);

impl<'c> Declared<'c> {
    pub fn add(&mut self, caller: Caller, concrete: &'c Concrete) {
        self.0.entry((caller, &concrete.action)).or_default().push(concrete);
    }

    /// Whether some access of a caller grants a request: two actors may have one role.
    pub fn grants(&self, caller: &Caller, request: &Request) -> bool {
        let found = self.0.get(&(caller.clone(), request.action.as_str()));
        found.into_iter().flatten().any(|concrete| {
            let who = concrete.who.clone();
            concrete.grants(&Request { who, ..request.clone() })
        })
    }

    fn callers(&self) -> impl Iterator<Item = &Caller> {
        self.0.keys().map(|(caller, _)| caller)
    }
}

/// The neighbours of one declared request.
pub fn of(stage: &Stage<'_>, declared: &Declared<'_>, caller: &Caller, request: &Request) -> Vec<Asked> {
    let mut out = Vec::new();
    let mut ask = |what: &str, caller: &Caller, request: &Request| {
        let is_granted = declared.grants(caller, request);
        out.push(Asked::new(what, stage.question(caller, request), is_granted));
    };
    let is_free = |other: &Request| !declared.grants(caller, other);
    for action in actions(stage, request, &is_free) {
        ask("another action", caller, &Request { action, ..request.clone() });
    }
    if let Some(resource) = elsewhere(&request.resource) {
        ask("another account or bucket", caller, &Request { resource, ..request.clone() });
    }
    if let Some(other) = another(declared, caller, request) {
        ask("another actor", other, request);
    }
    out.extend(undeclared(stage, caller, request));
    if stage.is_tls_only(&request.resource) {
        let mut question = stage.question(caller, request);
        question.context.insert("aws:SecureTransport".to_owned(), "false".to_owned());
        out.push(Asked::new("without TLS", question, false));
    }
    out
}

/// Another action and another resource, whoever asks.
pub fn beside(stage: &Stage<'_>, request: &Request) -> Vec<Request> {
    let is_open = |_: &Request| true;
    let others = actions(stage, request, &is_open).into_iter();
    let mut out: Vec<Request> = others.map(|action| Request { action, ..request.clone() }).collect();
    out.extend(elsewhere(&request.resource).map(|resource| Request { resource, ..request.clone() }));
    out
}

/// Actions of the service at other levels, of those that know such a resource and are free to ask.
fn actions(stage: &Stage<'_>, request: &Request, is_free: &dyn Fn(&Request) -> bool) -> Vec<String> {
    let catalogue = Catalogue::embedded();
    let Some(own) = catalogue.action(&request.action) else {
        return Vec::new();
    };
    let resource = stage.placed(&request.resource);
    let mut levels: Vec<Level> = own.levels().collect();
    let mut out = Vec::new();
    for action in catalogue.actions(own.service()) {
        let is_of_other_level = !action.levels().any(|level| levels.contains(&level));
        let knows = action.matches_resource(&resource) && (resource == "*") != action.has_resource_level();
        let other = Request { action: action.name().to_owned(), ..request.clone() };
        if is_of_other_level && knows && is_free(&other) {
            levels.extend(action.levels());
            out.push(other.action);
        }
        if out.len() == ACTIONS {
            break;
        }
    }
    // A service with one level only.
    if out.is_empty() {
        let mut all = catalogue.actions(own.service()).map(|action| action.name().to_owned());
        let other = |action: &String| is_free(&Request { action: action.clone(), ..request.clone() });
        out.extend(all.find(other));
    }
    out
}

/// The same name in another account; for a bucket, whose name has none, another name.
fn elsewhere(resource: &str) -> Option<String> {
    let mut fields: Vec<&str> = resource.splitn(6, ':').collect();
    let name = fields.get(5).map(|name| format!("other-{name}"))?;
    if fields[4].is_empty() {
        fields[5] = &name;
    } else {
        fields[4] = STRANGE;
    }
    Some(fields.join(":"))
}

/// The next actor of the project, or the next device of the class, to whom nothing grants the request.
fn another<'d>(declared: &'d Declared<'_>, caller: &Caller, request: &Request) -> Option<&'d Caller> {
    let is_other = |other: &&Caller| {
        let same_sort = match (caller, other) {
            (Caller::Device(one), Caller::Device(other)) => one.thing == other.thing,
            (Caller::Role { .. }, Caller::Role { .. }) => true,
            (Caller::Device(_), Caller::Role { .. }) | (Caller::Role { .. }, Caller::Device(_)) => false,
        };
        same_sort && *other != caller && !declared.grants(other, request)
    };
    let after = declared.callers().skip_while(|other| *other != caller).find(is_other);
    after.or_else(|| declared.callers().find(is_other))
}

/// A role of the account that nobody declared, and somebody elsewhere who may do everything there.
fn undeclared(stage: &Stage<'_>, caller: &Caller, request: &Request) -> Vec<Asked> {
    let Caller::Role { number, account, .. } = caller else {
        return Vec::new();
    };
    let nobody = Caller::Role {
        arn: format!("arn:aws:iam::{number}:role/undeclared"),
        number: number.clone(),
        account: account.clone(),
    };
    let mut out = vec![Asked::new("a role that nobody declared", stage.question(&nobody, request), false)];
    // On nothing in particular, he asks his own account.
    if request.resource != "*" && stage.is_ours(&request.resource) {
        let stranger = Caller::Role {
            arn: format!("arn:aws:iam::{STRANGE}:role/stranger"),
            number: STRANGE.to_owned(),
            account: String::new(),
        };
        let mut question = stage.question(&stranger, request);
        question.identity = vec![statement(serde_json::json!({ "Action": "*", "Resource": "*" }))];
        out.push(Asked::new("a stranger", question, false));
    }
    out
}
