//! What documents may be: how long, and of which characters.

use catalogue::limits::Limits;
use diagnostics::{Diagnostic, Report};
use model::project::Account;
use pattern::word::Letter;
use source::Span;

use crate::context::Context;
use crate::deployment::document::{Document, Statement};
use crate::fault::{POLICY_TOO_LONG, UNSUPPORTED_CHARACTER};

/// A quota of the embedded limits.
pub(crate) fn limit(id: &str) -> usize {
    Limits::embedded()
        .get(id)
        .map_or(0, |limit| usize::try_from(limit.value).unwrap_or(usize::MAX))
}

/// What an account was granted of a quota, or what everybody has.
pub(crate) fn granted(cx: &Context<'_>, account: &Account, id: &str) -> u64 {
    let mut own = account.quotas.iter();
    match own.find(|quota| cx.text(quota.limit) == id) {
        Some(quota) => quota.value,
        None => Limits::embedded().get(id).map_or(0, |limit| limit.value),
    }
}

/// Refuses what is longer than a quota.
pub(crate) fn check(what: &str, span: Span, id: &str, size: usize, report: &mut Report) {
    let value = Limits::embedded().get(id).map_or(0, |limit| limit.value);
    check_against(what, span, (id, value), size, report);
}

/// Refuses what is longer than what was granted of a quota.
pub(crate) fn check_against(
    what: &str,
    span: Span,
    (id, value): (&str, u64),
    size: usize,
    report: &mut Report,
) {
    let Some(limit) = Limits::embedded().get(id) else {
        report.compiler_bug(format!("there is no quota `{id}`"));
        return;
    };
    if size as u64 <= value {
        return;
    }
    let over = size as u64 - value;
    report.push(
        Diagnostic::new(
            &POLICY_TOO_LONG,
            span,
            format!("{what} would be {size} long, and the provider takes {value}"),
        )
        .note(format!(
            "{over} {} too many; {} ({})",
            limit.counting.unit(),
            limit.source,
            limit.date
        ))
        .help("let trusts share a path (`under`), or give part of the work to another actor"),
    );
}

/// The last character of Latin-1.
const LATIN_1_LAST: char = '\u{FF}';

/// Refuses characters that documents do not take: one diagnostic for a statement.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>
pub(crate) fn characters<'d>(documents: impl IntoIterator<Item = &'d Document>, report: &mut Report) {
    for statement in documents.into_iter().flat_map(|document| &document.statements) {
        let Some(c) = unsupported(statement) else { continue };
        let message = format!("`{c}` cannot stand in a policy document");
        let diagnostic = match statement.because.first() {
            Some(cause) => Diagnostic::new(&UNSUPPORTED_CHARACTER, cause.span, message),
            None => Diagnostic::global(&UNSUPPORTED_CHARACTER, message),
        };
        report.push(
            diagnostic
                .note("documents hold characters of Latin-1 only")
                .help("use another name"),
        );
    }
}

fn unsupported(statement: &Statement) -> Option<char> {
    let values = statement
        .conditions
        .iter()
        .flat_map(|condition| &condition.values);
    statement.resources.iter().chain(values).find_map(|pattern| {
        pattern
            .display(&|_: Letter| String::new())
            .chars()
            .find(|c| *c > LATIN_1_LAST || (c.is_control() && !matches!(c, '\t' | '\n' | '\r')))
    })
}
