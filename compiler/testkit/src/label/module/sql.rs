//! Queries of topic rules: `SELECT * FROM 'filter'`, of which words may be in either case and white space is free.
//!
//! Source: AWS IoT developer guide, "AWS IoT SQL reference", "MQTT topics", read 2026-11-21.

use crate::label::{Concern, Difference, Label};

/// Labels a query that took another's place.
pub(super) fn compare(old: &str, new: &str) -> Label {
    match (filter(old), filter(new)) {
        (Some(old), Some(new)) if old == new => Label::Equal,
        (Some(_), Some(new)) if is_filter(&new) => Label::Changed(Difference::Value {
            what: format!("the query is of `{new}`"),
            concerns: [Concern::Access].into(),
            is_refused: false,
        }),
        _ => Label::Unreadable("no query".to_owned()),
    }
}

/// The filter of a query that takes whole messages.
fn filter(text: &str) -> Option<String> {
    let (head, rest) = text.split_once('\'')?;
    let (filter, tail) = rest.split_once('\'')?;
    let words: Vec<String> = head.split_whitespace().map(str::to_ascii_uppercase).collect();
    (words == ["SELECT", "*", "FROM"] && tail.trim().is_empty()).then(|| filter.to_owned())
}

/// `#` stands for the last levels, `+` for one, each alone in its level.
fn is_filter(filter: &str) -> bool {
    let levels: Vec<&str> = filter.split('/').collect();
    !filter.is_empty()
        && levels.len() <= 8
        && levels.iter().enumerate().all(|(at, level)| match *level {
            "#" => at + 1 == levels.len(),
            "+" => true,
            other => !other.contains(['#', '+']),
        })
}
