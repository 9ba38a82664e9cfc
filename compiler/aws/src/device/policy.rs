//! The IoT policies of a class: one document for all members, their names and attributes being variables.
//!
//! Documents that are attached to one certificate are evaluated together, so that statements and their resources may be
//! split over several without a change of meaning.
//!
//! Source: <https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html>

use std::sync::Arc;

use diagnostics::{Diagnostic, Report};
use model::thing::Thing;
use pattern::pattern::{Part, Pattern};

use crate::context::Context;
use crate::deployment::document::{Document, Engine, Statement};
use crate::document::pack::{self, PLAIN};
use crate::document::size::Sizes;
use crate::fault::{POLICY_TOO_LONG, UNSUPPORTED_CHARACTER};
use crate::grant::Grant;
use crate::{identity, quota};

/// The documents, packed under the quota in canonical order.
pub(super) fn documents(
    cx: &Context<'_>,
    thing: &Thing,
    grants: &[Grant],
    report: &mut Report,
) -> Vec<Document> {
    if grants.is_empty() {
        return Vec::new();
    }
    let statements = match pack::document(cx, grants, PLAIN) {
        Ok(document) => document.statements,
        Err(refused) => {
            identity::refuse(cx, &refused, report);
            return Vec::new();
        }
    };
    refuse_wildcards(&statements, report);
    let sizes = Sizes {
        engine: Engine::Iot,
        variables: &cx.variables,
    };
    let chars_max = quota::limit("iot.policy.document");
    let mut documents: Vec<Document> = Vec::new();
    for statement in statements {
        for part in parts(statement, sizes, chars_max) {
            place(part, sizes, chars_max, &mut documents);
        }
    }
    for document in &mut documents {
        pack::finish(&mut document.statements);
    }
    quota::characters(&documents, report);
    let name = cx.text(thing.name);
    for document in &documents {
        let what = format!("a policy of `{name}`");
        quota::check(
            &what,
            thing.span,
            "iot.policy.document",
            sizes.document(document),
            report,
        );
    }
    let documents_max = quota::limit("iot.certificate.policies");
    if documents.len() > documents_max {
        let message = format!(
            "`{name}` needs {} IoT policies, and a certificate takes {documents_max}",
            documents.len()
        );
        report.push(
            Diagnostic::new(&POLICY_TOO_LONG, thing.span, message)
                .note(format!("each holds at most {chars_max} characters; members of another class are named one by one"))
                .help("put what the class reaches under one path, or let the path hold only what must be the `same`"),
        );
    }
    documents
}

/// A statement, or several with a part of its resources each, so that each fits a document.
fn parts(statement: Statement, sizes: Sizes<'_>, chars_max: usize) -> Vec<Statement> {
    let mut fitting = Vec::new();
    let mut waiting = vec![statement];
    while let Some(statement) = waiting.pop() {
        let alone = Document {
            statements: vec![statement],
        };
        let fits = sizes.document(&alone) <= chars_max;
        let Some(mut statement) = alone.statements.into_iter().next() else {
            continue;
        };
        let half = statement.resources.len() / 2;
        if fits || half == 0 {
            fitting.push(statement);
            continue;
        }
        let rest = statement.resources.split_off(half);
        let other = Statement {
            resources: rest,
            because: Arc::clone(&statement.because),
            ..statement.clone()
        };
        waiting.push(other);
        waiting.push(statement);
    }
    fitting
}

/// Into the first document that has room.
fn place(statement: Statement, sizes: Sizes<'_>, chars_max: usize, documents: &mut Vec<Document>) {
    /// The comma between two statements.
    const COMMA: usize = 1;
    let size = sizes.statement(&statement) + COMMA;
    match documents
        .iter_mut()
        .find(|document| sizes.document(document) + size <= chars_max)
    {
        Some(document) => document.statements.push(statement),
        None => documents.push(Document {
            statements: vec![statement],
        }),
    }
}

/// How a wildcard that stands for itself is written in these policies, the manual's pages disagree.
fn refuse_wildcards(statements: &[Statement], report: &mut Report) {
    for statement in statements {
        let values = statement
            .conditions
            .iter()
            .flat_map(|condition| &condition.values);
        let Some(text) = statement.resources.iter().chain(values).find_map(wildcard) else {
            continue;
        };
        let message = format!("`{text}` cannot stand in an IoT policy as itself");
        let diagnostic = match statement.because.first() {
            Some(cause) => Diagnostic::new(&UNSUPPORTED_CHARACTER, cause.span, message),
            None => Diagnostic::global(&UNSUPPORTED_CHARACTER, message),
        };
        report.push(
            diagnostic
                .note("there it is a wildcard or starts a variable")
                .help("use another name"),
        );
    }
}

fn wildcard(pattern: &Pattern) -> Option<&'static str> {
    pattern.parts().find_map(|part| match part {
        Part::Text("*") => Some("*"),
        Part::Text("?") => Some("?"),
        Part::Text(text) if text.contains("${") => Some("${"),
        Part::Text(_) | Part::Symbol(_) | Part::Variable(_) | Part::Any | Part::One => None,
    })
}
