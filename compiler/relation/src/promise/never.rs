//! `never S -> O`: no request, no packet, and with `through` no chain of them, from a member of S to a member of O.

use std::collections::BTreeMap;

use arena::Name;
use checks::Findings;
use diagnostics::Diagnostic;
use model::promise::{Promise, Rule};
use model::thing::ThingId;
use pattern::region::Region;

use super::chain::{Chain, Chains};
use super::say::labelled;
use super::{BROKEN_NEVER, Shared, UNDECIDED, waived};
use crate::reach::{Decided, Question, Reached, Relation};
use crate::request::Actor;
use crate::rows::Unlike;
use crate::sets::Subjects;

/// Asks one promise.
pub(super) fn ask<'r, 'a>(
    relation: &'r Relation<'a>,
    promise: &Promise,
    shared: &Shared<'r, 'a>,
    findings: &mut Findings,
) -> Decided {
    let Rule::Never {
        subjects,
        objects,
        allow,
        differ,
        except,
        besides,
        through,
    } = &promise.rule
    else {
        return Decided::default();
    };
    let allow: Vec<Name> = allow.iter().map(|(name, _)| *name).collect();
    let differ: Vec<Name> = differ.iter().map(|(name, _)| *name).collect();
    let subjects = shared.subjects(relation, subjects, except);
    let objects = relation.sets.objects(objects, &allow, besides);
    let everything = Region::everything();
    let attributes = BTreeMap::new();
    let question = Question {
        subjects: &subjects,
        objects: &objects,
        connects: allow.is_empty() || relation.index.allows_connecting(&allow),
        unlike: if differ.is_empty() {
            Unlike::Any
        } else {
            Unlike::Differ(&differ)
        },
        context: &everything,
        attributes: &attributes,
        source: None,
    };
    let waived = waived::names(relation, promise);
    let things = waived::things(relation, promise, &waived);
    // The smallest witness of those that no waiver is about, and of each thing that one is about.
    let mut best: BTreeMap<Option<Name>, (String, Reached)> = BTreeMap::new();
    let decided = relation.each(&question, &mut |_, reached| {
        let reached = waived::named(relation, &things, reached);
        let text = format!("{} {}", relation.subject(&reached), relation.reached(&reached));
        let on = ends(relation, &reached);
        let slots: Vec<Option<Name>> = if waived.is_empty() || !on.iter().any(|name| waived.contains(name)) {
            vec![None]
        } else {
            on.into_iter()
                .filter(|name| waived.contains(name))
                .map(Some)
                .collect()
        };
        for slot in slots {
            if best.get(&slot).is_none_or(|(known, _)| text < *known) {
                best.insert(slot, (text.clone(), reached.clone()));
            }
        }
    });
    let is_broken = !best.is_empty();
    for (_, (_, reached)) in best {
        let chain = Chain {
            subject: None,
            steps: Vec::new(),
            reached: Some(reached),
        };
        report(relation, promise, &chain, &subjects, findings);
    }
    if is_broken {
        return decided;
    }
    if let Some(through) = through {
        let chains = shared.chains.get_or_init(|| Chains::new(relation));
        let (chain, more) = chains.shortest(&question, *through);
        let decided = Decided {
            undecided: decided.undecided || more.undecided,
            declared: decided.declared | more.declared,
        };
        if let Some(chain) = chain {
            report(relation, promise, &chain, &subjects, findings);
        } else if decided.undecided {
            undecided(promise, findings);
        }
        return decided;
    }
    if decided.undecided {
        undecided(promise, findings);
    }
    decided
}

/// The declared names at both ends of what is reached.
fn ends(relation: &Relation<'_>, reached: &Reached) -> Vec<Name> {
    let (acting, object) = match reached {
        Reached::Request(hit) => match hit.actor {
            Actor::Thing(thing) => (Some(thing), hit.thing),
            Actor::Anyone | Actor::Steward | Actor::Other(_) => (None, hit.thing),
        },
        Reached::Packet(packet) => (packet.from.thing(), packet.to.thing()),
    };
    let things = acting.into_iter().chain(object);
    things
        .filter_map(|thing| relation.sets.model.things.get(thing))
        .map(|thing| thing.name)
        .collect()
}

/// A promise of which too many words would have to be looked at.
pub(super) fn undecided(promise: &Promise, findings: &mut Findings) {
    findings.push_promise(
        Diagnostic::new(
            &UNDECIDED,
            promise.span,
            "whether this promise holds cannot be decided",
        )
        .note("names of two fleets would have to be compared one by one, and there are too many of them")
        .help("let names and attributes be whole levels of a path: `a/{name}/b`, and no `a-{name}{line}`"),
        [],
        promise.name,
    );
}

/// The witness: the shortest chain, with the line that grants each step.
fn report(
    relation: &Relation<'_>,
    promise: &Promise,
    chain: &Chain,
    subjects: &Subjects,
    findings: &mut Findings,
) {
    let shared = first(chain).and_then(|acting| Some((acting, *subjects.shared.get(&acting)?)));
    let subject = match (&chain.reached, chain.steps.is_empty(), chain.subject) {
        (Some(reached), true, _) => relation.subject(reached),
        (_, _, Some(first)) => relation.name(first).to_owned(),
        (_, _, None) => "everybody".to_owned(),
    };
    let subject = shared.map_or(subject, |(_, meant)| relation.name(meant).to_owned());
    let last = chain.steps.last();
    let reached = match (&chain.reached, last) {
        (Some(reached), _) => relation.reached(reached),
        (None, Some(step)) => format!("{} {}", step.how, relation.name(step.to)),
        (None, None) => String::new(),
    };
    let mut path = subject.clone();
    let shown = if chain.reached.is_some() {
        chain.steps.as_slice()
    } else {
        chain.steps.split_last().map_or(&[][..], |(_, before)| before)
    };
    for step in shown {
        path.push_str(&format!(" → {} {}", step.how, relation.name(step.to)));
    }
    let lines: Vec<_> = chain
        .steps
        .iter()
        .flat_map(|step| step.lines.iter().copied())
        .chain(chain.reached.iter().flat_map(|reached| relation.lines(reached)))
        .collect();
    let message = format!("`{subject}` can do what the promise forbids: {reached}");
    let diagnostic = Diagnostic::new(&BROKEN_NEVER, promise.span, message)
        .note(format!("witness: {path} → {reached}"))
        .help("remove or narrow a trust that grants a step, or take the subject out with `except`");
    let diagnostic = match shared {
        Some((acting, meant)) => diagnostic.note(format!(
            "some of `{}` are `{}` as well, and what the one may, they may",
            relation.name(meant),
            relation.name(acting)
        )),
        None => diagnostic,
    };
    let diagnostic = labelled(diagnostic, &lines, "grants a step");
    let acting = first(chain);
    let object = match &chain.reached {
        Some(Reached::Request(hit)) => hit.thing,
        Some(Reached::Packet(packet)) => packet.to.thing(),
        None => last.map(|step| step.to),
    };
    let on: Vec<Name> = acting
        .into_iter()
        .chain(object)
        .filter_map(|thing| relation.sets.model.things.get(thing))
        .map(|thing| thing.name)
        .collect();
    findings.push_promise(diagnostic, on, promise.name);
}

/// The declared actor with whom a chain begins.
fn first(chain: &Chain) -> Option<ThingId> {
    match (&chain.reached, chain.steps.is_empty()) {
        (Some(Reached::Request(hit)), true) => match hit.actor {
            Actor::Thing(thing) => Some(thing),
            Actor::Anyone | Actor::Steward | Actor::Other(_) => None,
        },
        (Some(Reached::Packet(packet)), true) => packet.from.thing(),
        (_, _) => chain.subject,
    }
}
