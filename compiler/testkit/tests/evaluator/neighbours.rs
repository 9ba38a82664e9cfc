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
        self.0
            .entry((caller, &concrete.action))
            .or_default()
            .push(concrete);
    }

    /// Whether some access of a caller grants a request: two actors may have one role.
    pub fn grants(&self, caller: &Caller, request: &Request) -> bool {
        let found = self.0.get(&(caller.clone(), request.action.as_str()));
        found.into_iter().flatten().any(|concrete| {
            let who = concrete.who.clone();
            concrete.grants(&Request {
                who,
                ..request.clone()
            })
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
        let request = &stage.full(caller, request, &[]);
        let is_granted = declared.grants(caller, request);
        out.push(Asked::new(what, stage.question(caller, request), is_granted));
    };
    let is_free = |other: &Request| !declared.grants(caller, &stage.full(caller, other, &[]));
    for action in actions(stage, request, &is_free) {
        ask(
            "another action",
            caller,
            &Request {
                action,
                ..request.clone()
            },
        );
    }
    if let Some(resource) = elsewhere(&request.resource) {
        ask(
            "another account or bucket",
            caller,
            &Request {
                resource,
                ..request.clone()
            },
        );
    }
    if let Some(other) = another(stage, declared, caller, request) {
        ask("another actor", other, request);
    }
    out.extend(undeclared(stage, caller, request));
    if stage.is_tls_only(&request.resource) {
        let mut plain = stage.full(caller, request, &[]);
        plain
            .context
            .insert("aws:SecureTransport".to_owned(), "false".to_owned());
        out.push(Asked::new("without TLS", stage.question(caller, &plain), false));
    }
    out
}

/// Other actions and another resource, of what is free to ask, whoever asks.
pub fn beside(stage: &Stage<'_>, request: &Request, is_free: &dyn Fn(&Request) -> bool) -> Vec<Request> {
    let others = actions(stage, request, is_free).into_iter();
    let mut out: Vec<Request> = others
        .map(|action| Request {
            action,
            ..request.clone()
        })
        .collect();
    out.extend(elsewhere(&request.resource).map(|resource| Request {
        resource,
        ..request.clone()
    }));
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
    let mut out: Vec<String> = Vec::new();
    for action in catalogue.actions(own.service()) {
        let is_of_other_level = !action.levels().any(|level| levels.contains(&level));
        let knows = action.matches_resource(&resource) && (resource == "*") != action.has_resource_level();
        let other = Request {
            action: action.name().to_owned(),
            ..request.clone()
        };
        if out.len() < ACTIONS && is_of_other_level && knows && is_free(&other) {
            levels.extend(action.levels());
            out.push(other.action);
        }
    }
    // A service with few levels.
    for action in catalogue.actions(own.service()) {
        let other = Request {
            action: action.name().to_owned(),
            ..request.clone()
        };
        let is_new = other.action != request.action && !out.contains(&other.action);
        if out.len() < ACTIONS && is_new && is_free(&other) {
            out.push(other.action);
        }
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
fn another<'d>(
    stage: &Stage<'_>,
    declared: &'d Declared<'_>,
    caller: &Caller,
    request: &Request,
) -> Option<&'d Caller> {
    let is_other = |other: &&Caller| {
        let same_sort = match (caller, other) {
            (Caller::Device(one), Caller::Device(other)) => one.thing == other.thing,
            (Caller::Role { .. }, Caller::Role { .. }) => true,
            (Caller::Device(_), Caller::Role { .. }) | (Caller::Role { .. }, Caller::Device(_)) => false,
        };
        same_sort && *other != caller && !declared.grants(other, &stage.full(other, request, &[]))
    };
    let after = declared
        .callers()
        .skip_while(|other| *other != caller)
        .find(is_other);
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
    let question = stage.question(&nobody, &stage.full(&nobody, request, &[]));
    let mut out = vec![Asked::new("a role that nobody declared", question, false)];
    // On nothing in particular, he asks his own account.
    if request.resource != "*" && stage.is_ours(&request.resource) {
        let stranger = Caller::Role {
            arn: format!("arn:aws:iam::{STRANGE}:role/stranger"),
            number: STRANGE.to_owned(),
            account: String::new(),
        };
        let mut question = stage.question(&stranger, &stage.full(&stranger, request, &[]));
        question.identity = vec![statement(serde_json::json!({ "Action": "*", "Resource": "*" }))];
        out.push(Asked::new("a stranger", question, false));
    }
    out
}
