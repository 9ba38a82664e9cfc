//! What is declared otherwise and no guard that is emitted knows: two hosts without a firewall of ours, a topic on a device's own broker.
//!
//! No byte differs, and questions are answered otherwise all the same: they take for granted what is declared. So the questions
//! are asked, of both sides, about the pairs whose trusts differ.

use std::collections::{BTreeMap, BTreeSet};

use graph::question::Index;
use model::promise::Selector;
use model::test::{Case, Fixed, Question};
use model::trust::Named;
use relation::promise::question::{self, Answer};
use relation::reach::Relation;
use source::{FileId, Span};

use super::{Change, Kind, Telling};
use crate::spec::Known;

/// Of more pairs than this all are told: to ask about each would take too long.
const ASKED_MAX: usize = 200;

type Ends = (String, String);

/// Changes that no byte tells.
pub(super) fn declared(telling: &Telling<'_>, changes: &[Change]) -> Vec<Change> {
    let Some(old) = telling.old else {
        return Vec::new();
    };
    let new = telling.new;
    let told: BTreeSet<Ends> = changes
        .iter()
        .flat_map(|change| {
            let own = (change.subject.clone(), change.object.clone());
            std::iter::once(own).chain(change.follows.iter().cloned())
        })
        .collect();
    let (was, is) = (said(old), said(new));
    let all: BTreeSet<&Ends> = was.keys().chain(is.keys()).collect();
    let open: Vec<&Ends> = all
        .into_iter()
        .filter(|ends| was.get(*ends) != is.get(*ends) && !told.contains(*ends))
        .collect();
    if open.is_empty() {
        return Vec::new();
    }
    let is_asked = open.len() <= ASKED_MAX;
    let (theirs, ours) = (
        Index::new(old.spec.model, old.spec.graph),
        Index::new(new.spec.model, new.spec.graph),
    );
    let sides = is_asked.then(|| {
        (
            Relation::new(&theirs, telling.before.facts),
            Relation::new(&ours, telling.after.facts),
        )
    });
    let mut found = Vec::new();
    for ends in open {
        let (then, now) = (was.get(ends), is.get(ends));
        let words: BTreeSet<&String> = then.into_iter().chain(now).flat_map(|(words, _)| words).collect();
        let (mut gains, mut loses) = (BTreeSet::new(), BTreeSet::new());
        for word in words {
            let (then, now) = match &sides {
                Some((before, after)) => (answer(old, before, ends, word), answer(new, after, ends, word)),
                None => {
                    let says =
                        |side: Option<&Said>| u8::from(side.is_some_and(|(words, _)| words.contains(word)));
                    (says(then), says(now))
                }
            };
            if now > then {
                gains.insert(word.as_str());
            }
            if now < then {
                loses.insert(word.as_str());
            }
        }
        let kind = match (gains.is_empty(), loses.is_empty()) {
            (true, true) => continue,
            (false, false) => Kind::Both,
            (false, true) if then.is_some() => Kind::Widened,
            (false, true) => Kind::Gained,
            (true, false) if now.is_some() => Kind::Narrowed,
            (true, false) => Kind::Lost,
        };
        let (subject, object) = ends.clone();
        let join = |words: BTreeSet<&str>| words.into_iter().collect::<Vec<_>>().join(" ");
        let mut change = super::moved::bare(kind, subject, object);
        let reasons = |known: &Known<'_>, was: bool| {
            let trusts = known.trusts(&change.subject, &change.object).into_iter();
            trusts
                .map(|trust| known.of_trust(trust, known.spec.sources.place(trust.span), was))
                .collect::<Vec<_>>()
        };
        let mut why = reasons(new, false);
        if why.is_empty() {
            why = reasons(old, true);
        }
        change.reasons = why;
        (change.gains, change.loses) = (join(gains), join(loses));
        change.is_declared = true;
        found.push(change);
    }
    found
}

/// Capabilities, and the whole text.
type Said = (BTreeSet<String>, String);

/// By subject and object what trusts say.
fn said(known: &Known<'_>) -> BTreeMap<Ends, Said> {
    let model = known.model();
    let mut all: BTreeMap<Ends, Said> = BTreeMap::new();
    for (_, trust) in model.trusts.iter() {
        for subject in &trust.subjects {
            for object in &trust.objects {
                let slot = all
                    .entry((known.end(subject.end), known.end(object.end)))
                    .or_default();
                let words = trust
                    .allow
                    .iter()
                    .map(|(name, _)| model.names.text(*name).to_owned());
                slot.0.extend(words);
            }
        }
    }
    for ((subject, object), said) in &mut all {
        said.1 = known.said(subject, object).unwrap_or_default();
    }
    all
}

/// 0 no, 1 in part, 2 yes: as `why` says it of one side. What is not there is reached by nobody.
fn answer(known: &Known<'_>, relation: &Relation<'_>, (subject, object): &Ends, word: &str) -> u8 {
    let (Some(subject), Some(object), Some(word)) = (
        known.end_named(subject),
        known.end_named(object),
        known.model().names.find(word),
    ) else {
        return 0;
    };
    let span = Span::new(FileId(0), 0, 0);
    let line = Question {
        can: true,
        capability: (word, span),
        object: (Selector::End(object), span),
        device: None,
        part: None,
        span,
    };
    let case = Case {
        subject: Named { end: subject, span },
        fixed: Fixed::default(),
        questions: Vec::new(),
        span,
    };
    let answered = question::answers(relation, &[(&case, &line)]).into_iter().next();
    match answered {
        Some((Answer::No, _)) | None => 0,
        Some((Answer::Partly { .. } | Answer::Undecided { .. }, _)) => 1,
        Some((Answer::Yes, _)) => 2,
    }
}
