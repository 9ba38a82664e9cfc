//! What a trust gives: the accesses and flows that exist because of it.

use std::collections::BTreeMap;

use catalogue::{Catalogue, iot};
use graph::question::Index;
use model::trust::TrustId;
use source::Span;

use crate::snapshot::View;

/// So many accesses are listed of one trust.
const LISTED_MAX: usize = 12;

/// How many accesses and flows each trust gives, by its head line. A trust of a profile counts for its `apply` line, too.
#[must_use]
pub fn counts(view: &View) -> BTreeMap<Span, (usize, usize)> {
    let (model, graph) = (&view.analysis.model, &view.analysis.graph);
    let index = Index::new(model, graph);
    let mut counts: BTreeMap<Span, (usize, usize)> = BTreeMap::new();
    let mut count = |trust: Option<TrustId>, is_flow: bool| {
        let Some(trust) = trust.and_then(|trust| model.trusts.get(trust)) else {
            return;
        };
        for span in [Some(trust.span), trust.applied].into_iter().flatten() {
            let (accesses, flows) = counts.entry(span).or_default();
            *(if is_flow { flows } else { accesses }) += 1;
        }
    };
    for position in 0..graph.accesses.len() {
        for reason in index.reasons(position as u32) {
            count(index.trust_of(reason), false);
        }
    }
    for flow in &graph.flows {
        count(index.trust_of(flow.because), true);
    }
    counts
}

/// What the trusts of a line give, a line each.
#[must_use]
pub fn listed(view: &View, head: Span) -> Vec<String> {
    let (model, graph) = (&view.analysis.model, &view.analysis.graph);
    let index = Index::new(model, graph);
    let is_meant = |trust: Option<TrustId>| {
        let trust = trust.and_then(|trust| model.trusts.get(trust));
        trust.is_some_and(|trust| trust.span == head || trust.applied == Some(head))
    };
    let mut lines = Vec::new();
    for (position, access) in graph.accesses.iter().enumerate() {
        if !index
            .reasons(position as u32)
            .any(|reason| is_meant(index.trust_of(reason)))
        {
            continue;
        }
        let actor = index.actor(access.principal).and_then(|id| model.things.get(id));
        let who = actor.map_or("the provider", |thing| model.names.text(thing.name));
        let action = graph.words.text(access.action);
        let on = graph
            .patterns
            .get(access.within)
            .map(|pattern| graph.shown(pattern));
        let on = on.unwrap_or_default();
        lines.push(format!(
            "`{who}`: `{action}`{} on `{on}`",
            level(action)
                .map(|level| format!(" ({level})"))
                .unwrap_or_default()
        ));
    }
    let flows = graph
        .flows
        .iter()
        .filter(|flow| is_meant(index.trust_of(flow.because)))
        .count();
    let more = lines.len().saturating_sub(LISTED_MAX);
    lines.truncate(LISTED_MAX);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    match flows {
        0 => {}
        1 => lines.push("1 flow of packets".to_owned()),
        many => lines.push(format!("{many} flows of packets")),
    }
    lines
}

/// What an action does, in the provider's words: `Read`, `Write`, `Permissions management`.
#[must_use]
pub fn level(action: &str) -> Option<String> {
    if let Some(known) = Catalogue::embedded().action(action) {
        let levels: Vec<String> = known
            .levels()
            .map(|level| worded(&format!("{level:?}")))
            .collect();
        return (!levels.is_empty()).then(|| levels.join(", "));
    }
    iot::action(action).map(|_| "of devices".to_owned())
}

/// `PermissionsManagement` as two words.
fn worded(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}
