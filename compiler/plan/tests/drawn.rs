//! Changes of drawn specs: what a plan tells is what the answers to questions say, and a plan without a line changes nothing.
//!
//! For each drawn spec some changes are drawn. Each is planned there and back, with the old spec and with its output alone.
//! `LEASTWISE_ORACLES=full` draws many more; `LEASTWISE_DRAWN=N` says how many specs.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail where something is not there"
)]

use std::collections::{BTreeMap, BTreeSet};

use graph::question::Index;
use model::promise::Selector;
use model::test::{Case, Fixed, Question};
use model::thing::ThingId;
use model::trust::{End, Named};
use plan::show::{Part, Whole, human};
use plan::told::{Change, Kind, Plan, Request};
use read::dump::{self, Show};
use relation::promise::question::{self, Answer};
use relation::reach::Relation;
use shelf::oracle;
use source::{FileId, Span};
use testkit::mutate::seed::Seed;
use testkit::naive::draw::{self, Drawn};
use testkit::project::Outcome;

use crate::sides::{Old, between, compiled};

/// Changes of one spec.
const CHANGES: usize = 3;

#[expect(clippy::disallowed_methods, reason = "a test may be told how much to do")]
fn count() -> u64 {
    let asked = std::env::var("LEASTWISE_DRAWN").ok();
    let asked = asked.and_then(|number| number.parse().ok());
    asked.unwrap_or(if oracle::is_full() { 20_000 } else { 1_000 })
}

/// One change of some trust, or of a declaration; `None` where it does not fit.
fn changed(spec: &Drawn, seed: &mut Seed) -> Option<(Drawn, &'static str)> {
    let mut other = spec.clone();
    let trusts: Vec<usize> = spec
        .declarations
        .iter()
        .enumerate()
        .filter(|(_, line)| line.starts_with("trust "))
        .map(|(at, _)| at)
        .collect();
    let at = *trusts.get(seed.below(trusts.len().max(1)))?;
    let line = spec.declarations[at].clone();
    let replaced = |from: &str, to: &str| line.contains(from).then(|| line.replacen(from, to, 1));
    let sort = seed.below(9);
    let (line, name) = match sort {
        0 => {
            other.declarations.remove(at);
            return Some((other, "a trust is gone"));
        }
        1 => (
            replaced("allow read", "allow read write")
                .or_else(|| replaced("allow send", "allow send receive"))
                .or_else(|| replaced("allow publish", "allow publish subscribe"))?,
            "a capability more",
        ),
        2 => (
            replaced("allow read write", "allow write")
                .or_else(|| replaced("allow write", "allow read"))
                .or_else(|| replaced("allow publish", "allow subscribe"))?,
            "another capability",
        ),
        3 => (
            replaced("under \"a/\"", "under \"a/\" \"z/\"")
                .or_else(|| replaced("under \"b/\"", ""))
                .or_else(|| replaced("under \"a/b/\"", "under \"a/\""))?,
            "a wider part",
        ),
        4 => {
            let (head, rest) = line.split_once("when {")?;
            let (_, tail) = rest.split_once('}')?;
            (format!("{head}{tail}"), "no condition")
        }
        5 => {
            // The same access under another sentence.
            let (head, rest) = line.split_once("because \"")?;
            let (_, tail) = rest.split_once('"')?;
            (
                format!("{head}because \"Said otherwise\"{tail}"),
                "another sentence",
            )
        }
        6 => {
            let next = *trusts.get(seed.below(trusts.len()))?;
            let subject = spec.declarations[next]
                .strip_prefix("trust ")?
                .split(" -> ")
                .next()?;
            let (_, rest) = line.split_once(" -> ")?;
            (format!("trust {subject} -> {rest}"), "another subject")
        }
        7 => {
            // All trusts but one.
            let keep = at;
            let mut lines = Vec::new();
            for (at, line) in spec.declarations.iter().enumerate() {
                if at == keep || !line.starts_with("trust ") {
                    lines.push(line.clone());
                }
            }
            other.declarations = lines;
            return Some((other, "one trust is left"));
        }
        _ => {
            let declared = spec
                .declarations
                .iter()
                .position(|line| line.contains("retain \"30d\""))?;
            other.declarations[declared] =
                other.declarations[declared].replace("retain \"30d\"", "retain \"60d\"");
            return Some((other, "a setting"));
        }
    };
    other.declarations[at] = line;
    (other.declarations != spec.declarations).then_some((other, name))
}

/// Subject, capability and object of every trust, in the words of both specs.
fn questions(outcomes: [&Outcome; 2]) -> BTreeSet<(String, String, String)> {
    let mut found = BTreeSet::new();
    for outcome in outcomes {
        let model = &outcome.analysis.model;
        for (_, trust) in model.trusts.iter() {
            for subject in &trust.subjects {
                for object in &trust.objects {
                    for (word, _) in &trust.allow {
                        found.insert((
                            end_name(outcome, subject.end),
                            model.names.text(*word).to_owned(),
                            end_name(outcome, object.end),
                        ));
                    }
                }
            }
        }
    }
    found
}

fn end_name(outcome: &Outcome, end: End) -> String {
    let model = &outcome.analysis.model;
    let thing = |thing: ThingId| model.names.text(model.things.get(thing).unwrap().name);
    match end {
        End::Thing(id) => thing(id).to_owned(),
        End::Part(part) => {
            let part = model.parts.get(part).unwrap();
            format!("{}.{}", thing(part.of), model.names.text(part.name))
        }
        End::Account(_) => "account".to_owned(),
        End::Internet => "internet".to_owned(),
    }
}

fn end_of(outcome: &Outcome, name: &str) -> Option<End> {
    let model = &outcome.analysis.model;
    if name == "internet" {
        return Some(End::Internet);
    }
    let things = model.things.ids().map(End::Thing);
    let parts = model.parts.ids().map(End::Part);
    things.chain(parts).find(|end| end_name(outcome, *end) == name)
}

/// What `why` and `test` say.
fn answer(
    outcome: &Outcome,
    relation: &Relation<'_>,
    (subject, capability, object): &(String, String, String),
) -> Option<u8> {
    let span = Span::new(FileId(0), 0, 0);
    let (subject, object) = (end_of(outcome, subject)?, end_of(outcome, object)?);
    let capability = outcome.analysis.model.names.find(capability)?;
    let case = Case {
        subject: Named { end: subject, span },
        fixed: Fixed::default(),
        questions: vec![Question {
            can: true,
            capability: (capability, span),
            object: (Selector::End(object), span),
            device: None,
            part: None,
            span,
        }],
        span,
    };
    let (answer, _) = question::answers(relation, &[(&case, &case.questions[0])]).remove(0);
    match answer {
        Answer::No => Some(0),
        Answer::Partly { .. } => Some(1),
        Answer::Yes => Some(2),
        Answer::Undecided { .. } => None,
    }
}

/// What the bytes of a side mean, whatever the order.
fn meaning(outcome: &Outcome) -> BTreeSet<String> {
    let facts = &outcome.built.as_ref().unwrap().facts;
    let lines = facts.iter().flat_map(|facts| {
        let text = dump::text(facts, Show::Meaning);
        text.lines()
            .map(|line| format!("{} {line}", facts.target))
            .collect::<Vec<_>>()
    });
    lines.collect()
}

/// Every request and packet of a plan, one by one.
fn pieces(plan: &Plan, is_more: bool) -> BTreeSet<(String, String, String, String)> {
    let one = |request: &Request| {
        let mut found = Vec::new();
        for action in &request.actions {
            for resource in &request.resources {
                found.push((
                    request.principal.clone(),
                    action.clone(),
                    resource.clone(),
                    request.when.clone(),
                ));
            }
        }
        found
    };
    let mut all = BTreeSet::new();
    for change in &plan.changes {
        let requests = if is_more { &change.more } else { &change.less };
        all.extend(requests.iter().flat_map(one));
        let flows = if is_more { &change.opened } else { &change.closed };
        all.extend(flows.iter().map(|flow| {
            (
                flow.guard.clone(),
                flow.egress.to_string(),
                flow.peer.clone(),
                flow.ports.clone(),
            )
        }));
    }
    all
}

/// What is wrong with how a plan is told.
fn told(plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for change in &plan.changes {
        let is_bare = matches!(change.kind, Kind::Moved | Kind::Renamed);
        if !is_bare && change.reasons.is_empty() {
            wrong.push(format!("no reason: {change:?}"));
        }
        if !is_bare && (change.subject.is_empty() || change.object.is_empty()) {
            wrong.push(format!("no name: {change:?}"));
        }
        if !seen.insert((change.kind, &change.subject, &change.object)) {
            wrong.push(format!("twice: {change:?}"));
        }
    }
    let parts = [Part {
        environment: None,
        plan,
    }];
    let whole = Whole {
        inputs: &[],
        is_same_spec: false,
        parts: &parts,
        actions: false,
    };
    let text = human::text(&whole, human::Layout { width: 80, lines: 0 });
    if plan.is_empty() != (text == "nothing changes\n") {
        wrong.push(format!("what is told is not what changes: {text}"));
    }
    if !plan.is_same_access() && text.contains("no access and no flow changes") {
        wrong.push(format!("no change is told: {text}"));
    }
    let brief = human::text(
        &whole,
        human::Layout {
            width: 80,
            lines: human::LINES,
        },
    );
    if brief.lines().count() > human::LINES {
        wrong.push(format!("more than {} lines: {brief}", human::LINES));
    }
    wrong
}

fn is_of(change: &Change, subject: &str, object: &str) -> bool {
    change.subject == subject && change.object == object
        || change
            .follows
            .iter()
            .any(|(one, other)| one == subject && other == object)
}

#[derive(Default)]
struct Seen {
    plans: usize,
    empty: usize,
    answers: usize,
    named: usize,
    sorts: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

fn compare(old: &Outcome, new: &Outcome, seen: &mut Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    let (there, back) = (between(old, new, Old::Spec), between(new, old, Old::Spec));
    let bytes = between(old, new, Old::Output);
    seen.plans += 3;
    for plan in [&there, &back, &bytes] {
        wrong.extend(told(plan));
    }
    let is_same = meaning(old) == meaning(new);
    let is_declared = there.changes.iter().any(|change| change.is_declared);
    if is_same != there.is_same_access() && !is_declared {
        wrong.push(format!(
            "the bytes mean the same: {is_same}; the plan: {:?}",
            there
        ));
    }
    seen.empty += usize::from(is_same);
    if pieces(&there, true) != pieces(&back, false) || pieces(&there, false) != pieces(&back, true) {
        wrong.push("there and back are not the same".to_owned());
    }
    // What is gone has another name where nobody knows its spec, and is no less.
    let is_some = |plan: &Plan| [true, false].map(|is_more| pieces(plan, is_more).is_empty());
    if is_some(&there) != is_some(&bytes) || pieces(&there, true) != pieces(&bytes, true) {
        wrong.push("with the spec and without it other access changes".to_owned());
    }
    let indexes = [old, new].map(|one| Index::new(&one.analysis.model, &one.analysis.graph));
    let [before, after] = [0, 1].map(|at| {
        let outcome = [old, new][at];
        Relation::new(&indexes[at], &outcome.built.as_ref().unwrap().facts)
    });
    let gains = there.broadens();
    let loses = back.broadens();
    for question in questions([old, new]) {
        // Who is not declared reaches nothing, and is no question.
        let (was, is) = (answer(old, &before, &question), answer(new, &after, &question));
        let (Some(was), Some(is)) = (was, is) else {
            continue;
        };
        if was == is {
            continue;
        }
        seen.answers += 1;
        let (subject, _, object) = &question;
        let is_told = if is > was { gains } else { loses };
        if !is_told {
            wrong.push(format!(
                "{question:?} was {was} and is {is}; the plan does not say so"
            ));
        }
        let broadens = |change: &Change| {
            if is > was {
                change.broadens()
            } else {
                change.narrows()
            }
        };
        let own = there.changes.iter();
        seen.named += usize::from(
            own.clone()
                .any(|change| is_of(change, subject, object) && broadens(change)),
        );
    }
    wrong
}

#[test]
fn a_plan_says_what_questions_are_answered() {
    let mut seen = Seen::default();
    for number in 0..count() {
        let mut spec = draw::spec(number);
        // A promise that fails refuses a spec, and most of the drawn ones do.
        spec.claims.clear();
        let old = compiled(&spec.project());
        if old.built.is_none() {
            continue;
        }
        let mut seed = Seed(number ^ 0x91a7);
        for _ in 0..CHANGES {
            let Some((other, sort)) = changed(&spec, &mut seed) else {
                continue;
            };
            let new = compiled(&other.project());
            if new.built.is_none() {
                continue;
            }
            *seen.sorts.entry(sort).or_default() += 1;
            let wrong = compare(&old, &new, &mut seen);
            seen.wrong.extend(
                wrong
                    .into_iter()
                    .map(|text| format!("seed {number}, {sort}: {text}")),
            );
        }
    }
    println!(
        "{} plans, {} of changes that change nothing; {} answers changed, {} of them told of the two that were asked about",
        seen.plans, seen.empty, seen.answers, seen.named
    );
    println!("{:?}", seen.sorts);
    assert!(
        seen.wrong.is_empty(),
        "{} wrong\n{}",
        seen.wrong.len(),
        seen.wrong.iter().take(10).cloned().collect::<Vec<_>>().join("\n")
    );
    // What nobody changes is no test.
    assert!(seen.plans as u64 > count(), "few specs are built");
    assert!(
        seen.named * 10 >= seen.answers * 9,
        "what changes is told of others"
    );
}
