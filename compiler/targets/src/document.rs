//! Policy documents as JSON, in IAM's order of elements. What a symbol or variable becomes is the target's.

use arena::Name;
use aws::deployment::Deployment;
use aws::deployment::document::{Condition, Document, Engine, PrincipalName, Principals, Statement};
use diagnostics::{Diagnostic, Report};
use pattern::pattern::{Part, Pattern};

use crate::json::Json;

use crate::fault::NEEDS_IDENTIFIER;

/// How a target writes what is not plain text.
pub(crate) trait Render: Sync {
    /// Plain text: a target with templates of its own escapes them.
    fn text(&self, text: &str, out: &mut String) {
        out.push_str(text);
    }

    /// Text that the provider substitutes: `${aws:PrincipalTag/line}`, `${*}`.
    fn variable(&self, text: &str, out: &mut String) {
        out.push_str(text);
    }

    /// The value of a symbol, by its key; false if the target cannot say it.
    fn symbol(&self, key: &str, out: &mut String) -> bool;

    /// Why it cannot, and what to do.
    fn remedy(&self) -> (&'static str, &'static str);
}

/// Texts as they stand; symbols from the project's identifiers.
pub(crate) struct Plain<'a> {
    deployment: &'a Deployment,
}

impl<'a> Plain<'a> {
    pub(crate) fn new(deployment: &'a Deployment) -> Self {
        Self { deployment }
    }
}

impl Render for Plain<'_> {
    fn symbol(&self, key: &str, out: &mut String) -> bool {
        given(self.deployment, key, out)
    }

    fn remedy(&self) -> (&'static str, &'static str) {
        (
            "a plain document cannot refer to it, and `*` in its place would permit more",
            "use the target `terraform`, or add a line to the project's `identifiers` file",
        )
    }
}

/// Appends the value that the project says of a symbol; false if it says none.
pub(crate) fn given(deployment: &Deployment, key: &str, out: &mut String) -> bool {
    let value = deployment.identifiers.get(key);
    out.push_str(value.map_or("", String::as_str));
    value.is_some()
}

/// For people: a symbol by its key.
pub(crate) struct Shown;

impl Render for Shown {
    fn symbol(&self, key: &str, out: &mut String) -> bool {
        out.push('<');
        out.push_str(key);
        out.push('>');
        true
    }

    fn remedy(&self) -> (&'static str, &'static str) {
        ("", "")
    }
}

/// A document; `None` if the target cannot say a symbol of it, which is reported.
pub(crate) fn value<'a>(
    deployment: &Deployment,
    document: &'a Document,
    engine: Engine,
    render: &dyn Render,
    report: &mut Report,
) -> Option<Json<'a>> {
    let mut statements = Vec::with_capacity(document.statements.len());
    let mut complete = true;
    for statement in &document.statements {
        let mut writer = Writer {
            deployment,
            engine,
            render,
            missing: None,
        };
        let written = writer.statement(statement);
        if let Some(key) = writer.missing {
            complete = false;
            needs_identifier(deployment, statement, &key, render.remedy(), report);
        }
        statements.push(written);
    }
    complete.then_some(Json::Object(vec![
        ("Version".into(), Json::Text("2012-10-17".into())),
        ("Statement".into(), Json::List(statements)),
    ]))
}

fn needs_identifier(
    deployment: &Deployment,
    statement: &Statement,
    key: &str,
    (why, help): (&str, &str),
    report: &mut Report,
) {
    let (object, attribute) = key.rsplit_once('#').unwrap_or((key, "value"));
    let origin = deployment.origins.iter().find(|origin| origin.key == key);
    let object = origin.map_or(object, |origin| &origin.name);
    let message = format!("this needs the {attribute} of `{object}`, which the provider assigns");
    let told = if attribute == "key-id" { "id" } else { "arn" };
    let help = format!("{help}: `{{ \"{object}\": {{ \"{told}\": \"…\" }} }}`");
    let diagnostic = match statement.because.first() {
        Some(cause) => Diagnostic::new(&NEEDS_IDENTIFIER, cause.span, message),
        None => Diagnostic::global(&NEEDS_IDENTIFIER, message),
    };
    report.push(diagnostic.note(why).help(help));
}

/// What `*` and `?` mean in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wild {
    /// Wildcards: what stands for itself is escaped.
    Glob,
    /// They stand for themselves.
    Literal,
}

struct Writer<'a> {
    deployment: &'a Deployment,
    engine: Engine,
    render: &'a dyn Render,
    missing: Option<String>,
}

impl Writer<'_> {
    fn statement<'a>(&mut self, statement: &'a Statement) -> Json<'a> {
        let mut members = Vec::with_capacity(6);
        if self.engine.has_ids() {
            members.push(("Sid".into(), self.plain(&statement.id)));
        }
        let effect = if statement.deny { "Deny" } else { "Allow" };
        members.push(("Effect".into(), Json::Text(effect.into())));
        if let Some(principals) = &statement.principals {
            members.push(("Principal".into(), self.principals(principals)));
        }
        let actions = statement
            .actions
            .iter()
            .map(|action| self.plain(action))
            .collect();
        members.push(("Action".into(), one_or_list(actions)));
        if !statement.resources.is_empty() {
            let resources = statement
                .resources
                .iter()
                .map(|pattern| self.pattern(pattern, Wild::Glob))
                .collect();
            members.push(("Resource".into(), one_or_list(resources)));
        }
        if !statement.conditions.is_empty() {
            members.push(("Condition".into(), self.conditions(&statement.conditions)));
        }
        Json::Object(members)
    }

    fn principals<'a>(&self, principals: &'a Principals) -> Json<'a> {
        let Principals::These(names) = principals else {
            return Json::Text("*".into());
        };
        let mut sorts: [(&str, Vec<Json<'a>>); 3] =
            [("AWS", vec![]), ("Service", vec![]), ("Federated", vec![])];
        let [(_, aws), (_, service), (_, federated)] = &mut sorts;
        for name in names {
            match name {
                PrincipalName::Aws(text) => aws.push(self.plain(text)),
                PrincipalName::Service(text) => service.push(self.plain(text)),
                PrincipalName::Federated(text) => federated.push(self.plain(text)),
            }
        }
        let named = sorts.into_iter().filter(|(_, names)| !names.is_empty());
        Json::Object(
            named
                .map(|(sort, names)| (sort.into(), one_or_list(names)))
                .collect(),
        )
    }

    fn conditions<'a>(&mut self, conditions: &'a [Condition]) -> Json<'a> {
        let mut operators = Vec::new();
        for of_operator in conditions.chunk_by(|a, b| a.operator == b.operator) {
            let Some(first) = of_operator.first() else {
                continue;
            };
            let wild = if first.operator.contains("Like") || first.operator.starts_with("Arn") {
                Wild::Glob
            } else {
                Wild::Literal
            };
            let mut keys = Vec::with_capacity(of_operator.len());
            for condition in of_operator {
                let values = condition
                    .values
                    .iter()
                    .map(|value| self.pattern(value, wild))
                    .collect();
                keys.push((self.escaped(&condition.key).into(), one_or_list(values)));
            }
            operators.push((first.operator.as_str().into(), Json::Object(keys)));
        }
        Json::Object(operators)
    }

    fn escaped(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        self.render.text(text, &mut out);
        out
    }

    fn plain<'a>(&self, text: &str) -> Json<'a> {
        Json::Text(self.escaped(text).into())
    }

    fn pattern<'a>(&mut self, pattern: &Pattern, wild: Wild) -> Json<'a> {
        let mut out = String::new();
        for part in pattern.parts() {
            match part {
                Part::Text(text @ ("*" | "?")) if wild == Wild::Glob => {
                    self.render.variable(&format!("${{{text}}}"), &mut out);
                }
                Part::Text(text) => self.literal(text, &mut out),
                Part::Any => out.push('*'),
                Part::One => out.push('?'),
                Part::Variable(id) => {
                    let key = self.deployment.variables.text(Name::new(id));
                    match self.engine.variable(key) {
                        Some(text) => self.render.variable(&text, &mut out),
                        None => self.missing = Some(key.to_owned()),
                    }
                }
                Part::Symbol(id) => {
                    let key = self.deployment.symbols.text(Name::new(id));
                    if !self.render.symbol(key, &mut out) {
                        self.missing = Some(key.to_owned());
                    }
                }
            }
        }
        Json::Text(out.into())
    }

    /// Text in which a `${` would be taken for a variable.
    fn literal(&self, text: &str, out: &mut String) {
        let mut rest = text;
        // Most texts have no `$`, which is found sooner than two characters are.
        while rest.contains('$')
            && let Some((before, after)) = rest.split_once("${")
        {
            self.render.text(before, out);
            self.render.variable("${$}", out);
            out.push('{');
            rest = after;
        }
        self.render.text(rest, out);
    }
}

fn one_or_list(mut values: Vec<Json<'_>>) -> Json<'_> {
    match (values.len(), values.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            values.push(last);
            Json::List(values)
        }
        (_, None) => Json::List(Vec::new()),
    }
}
