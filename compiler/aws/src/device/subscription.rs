//! How many subscriptions a device needs: it has one connection, and a connection takes so many.
//!
//! Each filter that its policies let it subscribe to counts, but for those that another one of them covers. Who connects
//! by a role has as many connections as it likes.
//!
//! Source: <https://docs.aws.amazon.com/general/latest/gr/iot-core.html>, "Subscriptions per connection", read 2026-11-30.

use std::collections::BTreeMap;

use catalogue::limits::Limits;
use diagnostics::{Diagnostic, Report};
use model::thing::Thing;
use pattern::pattern::Pattern;
use source::Span;

use crate::context::Context;
use crate::fault::TOO_MANY_SUBSCRIPTIONS;
use crate::grant::Grant;
use crate::quota;

const LIMIT: &str = "iot.connection.subscriptions";

/// Refuses a class that may subscribe to more than one connection takes.
pub(super) fn check(cx: &Context<'_>, thing: &Thing, grants: &[Grant], report: &mut Report) {
    let Some(limit) = Limits::embedded().get(LIMIT) else {
        report.compiler_bug("the limit of subscriptions is missing");
        return;
    };
    // By filter, the first line that asks for it.
    let mut filters: BTreeMap<&Pattern, Option<Span>> = BTreeMap::new();
    for grant in grants
        .iter()
        .filter(|grant| cx.word(grant.action) == "iot:Subscribe")
    {
        let because = cx.because_all(cx.reasons_of(grant.access));
        let span = because.first().map(|cause| cause.span);
        filters.entry(&grant.within).or_insert(span);
    }
    let account = thing.account.or(cx.model.project.default_account);
    let takes = account
        .and_then(|account| cx.account(account))
        .map_or(limit.value, |account| quota::granted(cx, account, LIMIT));
    if filters.len() as u64 <= takes {
        return;
    }
    let wide: Vec<&Pattern> = filters
        .keys()
        .filter(|filter| !filter.is_literal())
        .copied()
        .collect();
    let is_alone = |filter: &Pattern| !wide.iter().any(|other| *other != filter && other.covers(filter));
    // By line, how many; in order of the first filter of each.
    let mut by_line: Vec<(Option<Span>, usize)> = Vec::new();
    for (filter, span) in &filters {
        if !is_alone(filter) {
            continue;
        }
        match by_line.iter_mut().find(|(line, _)| line == span) {
            Some((_, count)) => *count += 1,
            None => by_line.push((*span, 1)),
        }
    }
    let count: usize = by_line.iter().map(|(_, count)| count).sum();
    if count as u64 <= takes {
        return;
    }
    let Some((most, _)) = by_line.iter().rev().max_by_key(|(_, count)| *count) else {
        return;
    };
    let name = cx.text(thing.name);
    let message =
        format!("each device of `{name}` may subscribe to {count} filters, and a connection takes {takes}");
    let mut diagnostic = Diagnostic::new(&TOO_MANY_SUBSCRIPTIONS, most.unwrap_or(thing.span), message);
    for (span, count) in &by_line {
        if let Some(span) = span {
            diagnostic = diagnostic.label(*span, format!("{count} of them"));
        }
    }
    report.push(
        diagnostic
            .note(format!(
                "a device has one connection, since its client id is its name; {} ({})",
                limit.source, limit.date
            ))
            .help("let it subscribe to one path that ends in `/#` and holds them, or to what is the `same` only"),
    );
}
