//! The statement of a topic rule: which messages it takes.
//!
//! Source: AWS IoT Core developer guide, "AWS IoT SQL reference" and "Topics", read 2026-11-21. The broker's `a/#` does not cover `a`.

use pattern::pattern::{Builder, Pattern};
use pattern::region::Region;

use super::contested;
use super::text::Refused;
use crate::at::At;
use crate::facts::document::{Effect, Statement};

/// Where topics lie: what stands before `topic/` and `topicfilter/`.
pub(crate) struct Broker<'a> {
    /// `arn:PARTITION:iot:REGION:NUMBER:`.
    pub(crate) names: &'a str,
}

/// Reads `SELECT * FROM 'filter'`: a subscription, and the topics that it delivers. Words may be in either case, white space is free.
pub(crate) fn read(sql: &str, broker: &Broker<'_>, at: &At<'_>) -> Result<Vec<Statement>, Refused> {
    let is_whole = |head: &str| {
        let words = head.split_ascii_whitespace().map(str::to_ascii_uppercase);
        words.eq(["SELECT", "*", "FROM"])
    };
    let filter = sql
        .split_once('\'')
        .filter(|(head, _)| is_whole(head))
        .and_then(|(_, rest)| rest.trim_ascii_end().strip_suffix('\''))
        .filter(|filter| !filter.contains('\''));
    let Some(filter) = filter else {
        return Err(Refused::Unread(
            "a statement of another form than `SELECT * FROM 'filter'`".to_owned(),
        ));
    };
    let topics = topics(filter)?;
    let named = |kind: &str, rest: &Pattern| {
        let mut builder = Builder::new();
        builder.text(broker.names).text(kind).pattern(rest);
        builder.finish()
    };
    let whole = Pattern::literal(filter)
        .and_then(|filter| named("topicfilter/", &filter))
        .zip(named("topic/", &topics));
    let actions = Pattern::literal("iot:subscribe").zip(Pattern::literal("iot:receive"));
    let (Some((subscribed, received)), Some((subscribe, receive))) = (whole, actions) else {
        return Err(Refused::Unread("a code point of planes 15 or 16".to_owned()));
    };
    let statement = |action: Pattern, resource: Pattern| Statement {
        effect: Effect::Allow,
        principals: None,
        actions: vec![action],
        resources: vec![resource],
        when: Region::everything(),
        place: at.place(),
    };
    Ok(vec![
        statement(subscribe, subscribed),
        statement(receive, received),
    ])
}

/// The topics that a filter covers.
fn topics(filter: &str) -> Result<Pattern, Refused> {
    if filter.is_empty() || filter.contains('\0') {
        return Err(Refused::Unread("an empty topic filter".to_owned()));
    }
    if filter == "#" {
        return Err(Refused::NotDecided(contested::EVERYTHING_IN_A_RULE.says()));
    }
    if filter.contains('+') {
        return Err(Refused::NotDecided("a `+` in a topic filter".to_owned()));
    }
    let (stem, below) = match filter.strip_suffix('#') {
        Some(stem) if stem.ends_with('/') => (stem, true),
        Some(_) => return Err(Refused::Unread("a `#` that is no level of its own".to_owned())),
        None => (filter, false),
    };
    if stem.contains('#') {
        return Err(Refused::Unread("a `#` before the last level".to_owned()));
    }
    if stem.contains("${") {
        return Err(Refused::Unread("a substitution in a topic filter".to_owned()));
    }
    let mut builder = Builder::new();
    builder.text(stem);
    if below {
        builder.any();
    }
    builder
        .finish()
        .ok_or_else(|| Refused::Unread("a code point of planes 15 or 16".to_owned()))
}
