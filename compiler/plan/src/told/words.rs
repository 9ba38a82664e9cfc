//! Pieces for people: requests and packets grouped, parts of things, conditions.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Catalogue;
use pattern::boxes::Rectangle;
use pattern::key::Key;
use pattern::region::Region;

use super::{Flow, Request};
use crate::access::Piece;
use crate::flow;
use crate::letters::Letters;

/// Conditions that stand with an action wherever it is granted: they narrow nothing that anybody said.
const STANDING: [&str; 6] = [
    "aws:ResourceAccount",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SecureTransport",
    "kms:ViaService",
    "s3:prefix",
];

/// An action in the provider's own spelling.
pub(super) fn action(action: &str) -> String {
    let named = Catalogue::embedded().action(action).map(|action| action.name());
    named
        .or_else(|| catalogue::iot::action(action).map(|action| action.name))
        .unwrap_or(action)
        .to_owned()
}

/// Few lines for many pieces: by principal and condition, of all actions on the same resources.
pub(super) fn requests<'p>(pieces: impl Iterator<Item = &'p Piece>, letters: &Letters<'_>) -> Vec<Request> {
    let mut by_resource: BTreeMap<(String, String, String), BTreeSet<String>> = BTreeMap::new();
    for piece in pieces {
        let key = (
            piece.who.clone(),
            letters.show(&piece.within),
            letters.when(&piece.when),
        );
        by_resource.entry(key).or_default().insert(action(&piece.action));
    }
    let mut by_actions: BTreeMap<(String, Vec<String>, String), Vec<String>> = BTreeMap::new();
    for ((principal, resource, when), actions) in by_resource {
        by_actions
            .entry((principal, actions.into_iter().collect(), when))
            .or_default()
            .push(resource);
    }
    let grouped = by_actions.into_iter();
    grouped
        .map(|((principal, actions, when), resources)| Request {
            principal,
            actions,
            resources,
            when,
        })
        .collect()
}

/// Packets for people.
pub(super) fn flows<'p>(pieces: impl Iterator<Item = &'p flow::Piece>) -> Vec<Flow> {
    let flows: BTreeSet<Flow> = pieces
        .map(|piece| Flow {
            guard: piece.guard.clone(),
            egress: piece.egress,
            peer: piece.peer(),
            ports: flow::show(piece.ports),
        })
        .collect();
    flows.into_iter().collect()
}

/// What of a thing some words are about, and when, as a trust would say it: `under "in/"`, `only "x" when aws:SourceIp: …`;
/// empty for all of it, always.
pub(super) fn part((within, when): &Rectangle, arn: Option<&str>, letters: &Letters<'_>) -> String {
    let shown = letters.show(within).replace("{attr:", "{").replace("{of:", "{");
    let part = match arn.and_then(|arn| shown.strip_prefix(arn)) {
        Some("" | "/*" | ":*" | "*") | None => String::new(),
        Some(rest) => {
            let rest = rest.trim_start_matches(['/', ':']);
            match rest.strip_suffix('*') {
                Some(below) if !below.contains('*') => format!("under {below:?}"),
                Some(_) => rest.to_owned(),
                None => format!("only {rest:?}"),
            }
        }
    };
    let when = letters.when(&said(when));
    match (part.is_empty(), when.is_empty()) {
        (_, true) => part,
        (true, false) => format!("when {when}"),
        (false, false) => format!("{part}, when {when}"),
    }
}

/// A condition without what stands with an action wherever it is granted.
fn said(when: &Region) -> Region {
    STANDING
        .iter()
        .fold(when.clone(), |when, key| when.forget(&Key::new(key)))
}

/// Words by the parts that they are about: `read (under "a/" "b/"), write`.
pub(super) fn by_part(parts: &BTreeMap<String, BTreeSet<String>>) -> String {
    let mut by_words: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    // What is so of all is not said of a part.
    let of_all = parts.get("").cloned().unwrap_or_default();
    for (part, words) in parts {
        let own = words
            .iter()
            .filter(|word| part.is_empty() || !of_all.contains(*word));
        let own: Vec<&str> = own.map(String::as_str).collect();
        if !own.is_empty() {
            by_words.entry(own.join(" ")).or_default().insert(part);
        }
    }
    let shown = by_words.into_iter().map(|(words, parts)| {
        if parts.contains("") {
            return words;
        }
        let mut said: Vec<String> = Vec::new();
        let mut rest: Vec<&str> = Vec::new();
        for word in ["under ", "only "] {
            let own = parts.iter().filter(|part| !part.contains(", when "));
            let own: Vec<&str> = own.filter_map(|part| part.strip_prefix(word)).collect();
            if !own.is_empty() {
                said.push(format!("{word}{}", own.join(" ")));
            }
        }
        for part in parts {
            let is_said = ["under ", "only "].iter().any(|word| part.starts_with(word));
            if !is_said || part.contains(", when ") {
                rest.push(part);
            }
        }
        let all: Vec<&str> = said.iter().map(String::as_str).chain(rest).collect();
        format!("{words} ({})", all.join(", "))
    });
    shown.collect::<Vec<_>>().join(", ")
}
